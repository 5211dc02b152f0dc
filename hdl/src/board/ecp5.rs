//! What synthesis and simulation for the ECP5 add to the emitted Verilog.

/// The define that makes blocks name the part's primitives.
pub const DEFINE: &str = "TANDEM_ECP5";

/// Models of the primitives Yosys has none of.
pub const MODELS: &str = include_str!("ecp5_models.v");

/// The define and models of every primitive that the emitted Verilog names: put before it, it simulates as it is synthesised.
pub const DEFINED_WITH_MODELS: &str = concat!(
    "`define TANDEM_ECP5\n",
    include_str!("ecp5_models.v"),
    include_str!("ecp5_carry.v"),
    include_str!("ecp5_lut.v")
);

/// Models of the primitives that boards' tops name: PLL and output register.
pub const CLOCK_MODELS: &str = include_str!("ecp5_clocks.v");
