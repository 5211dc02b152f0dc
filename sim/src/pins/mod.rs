//! Simulated hardware that has pins: the UART link alone, or a whole board behind its link, verilated when it is started and run as a
//! process. A [`Transport`](tandem::uart::Transport) to it counts simulated time.
//!
//! Not for the engine with its registers as a bus: [`crate::rtl`] is faster.

pub mod board;
pub mod process;
mod simulated;

pub use simulated::{Access, Design, Simulated, Top};
