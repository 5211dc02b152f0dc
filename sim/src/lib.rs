//! Devices that need no board: `model` (bit-exact, pure Rust) and `rtl` (the emitted Verilog, verilated), and what serves them to other programs.

pub mod model;
#[cfg(feature = "pins")]
pub mod pins;
#[cfg(feature = "rtl")]
pub mod rtl;
#[cfg(target_os = "linux")]
pub mod serve;
