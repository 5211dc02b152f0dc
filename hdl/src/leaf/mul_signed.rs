//! Signed 16×16→32 multiplier with registered operands and registered product, the shape that FPGA multiplier blocks
//! have. The array's cell has its own: use this one for scaling and updates.
//!
//! On an ECP5 it is a MULT18X18D with its own registers. Latency 2, one product a cycle; stops while `enable` is low. No reset: guard the product with a valid bit.
//! Every pair of operands is exact, −32768 × −32768 included.
use rust_hdl::prelude::*;

/// Signed 16×16→32 multiplier, two cycles.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct MulSigned {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move the pipeline at this edge.
    pub enable: Signal<In, Bit>,
    /// First operand, s16.
    pub a: Signal<In, Bits<16>>,
    /// Second operand, s16.
    pub b: Signal<In, Bits<16>>,
    /// Product of the operands two enabled cycles ago, s32.
    pub p: Signal<Out, Bits<32>>,
    _a: i16,
    _b: i16,
}

impl Logic for MulSigned {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let product = i32::from(self._a) * i32::from(self._b);
            self.p.next = Bits::from(u64::from(product as u32));
            self._a = self.a.val().to_u64() as i16;
            self._b = self.b.val().to_u64() as i16;
        }
    }
    fn connect(&mut self) {
        self.p.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell mul_signed\n\
             `ifdef TANDEM_ECP5\n\
             wire [31:0] product;\n\
             always @(*) p = product;\n\
             {}\
             `else\n\
             reg signed [15:0] a_r;\n\
             reg signed [15:0] b_r;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 a_r <= a;\n\
             \x20 b_r <= b;\n\
             \x20 p <= a_r * b_r;\n\
             end\n\
             `endif\n",
            super::ecp5::multiplier("a", "enable", "b", "enable", "enable")
        ))
    }
}
