//! Builds the simulated RTL: emitted Verilog through Verilator and the C++ compiler, kept in `target/verilated` by its hash.
fn main() {
    #[cfg(feature = "rtl")]
    rtl::build();
}

#[cfg(feature = "rtl")]
#[path = "build/rtl.rs"]
mod rtl;
