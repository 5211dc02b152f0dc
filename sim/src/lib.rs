//! Devices that need no board: `model` (bit-exact, pure Rust) and `rtl` (the emitted Verilog, verilated).

pub mod model;
#[cfg(feature = "rtl")]
pub mod rtl;
