//! The UART link, verilated, on a line that can be made bad.

pub mod noisy;

pub use noisy::{Damage, Noisy};
pub use tandem_sim::pins::{board, Access, Design, Simulated, Top};
