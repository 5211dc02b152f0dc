//! Boards: what stands between the engine and a part's pins and memories.
//!
//! | folder | is |
//! |---|---|
//! | [`cu`] | the Alchitry Cu |
//! | [`ddr`] | set-up of DDR3 behind LiteDRAM's controller |
//! | [`ecp5`] | what the ECP5 adds to the emitted Verilog |
//! | [`ecpix5`] | the ECPIX-5 |
//! | [`port_switch`] | two masters on one port of a memory controller |
//! | [`sdram`] | SDR SDRAM behind AXI4 |
//! | [`ulx3s`] | the ULX3S |
//! | [`wide`] | AXI4 of 64 bits to one of 128 |
pub mod cu;
pub mod ddr;
pub mod ecp5;
pub mod ecpix5;
pub mod port_switch;
pub mod sdram;
pub mod ulx3s;
pub mod wide;
