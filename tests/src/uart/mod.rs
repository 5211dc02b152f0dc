//! The UART link, verilated, on a line that can be made bad.

pub mod board;
pub mod noisy;
pub mod simulated;

pub use noisy::{Damage, Noisy};
pub use simulated::{Access, Design, Simulated, Top};
