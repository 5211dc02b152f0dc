//! Leaf: p = min((e·R + 2^15) >> 16, 32767) of one class a cycle, R the reciprocal of the sum of all e.
//!
//! Ports: `e` (u16, up to 32768), `reciprocal` (u17); `p` (Q0.15) two cycles later. One a cycle, no stall, no reset.
use rust_hdl::prelude::*;

/// Cycles from `e` to `p`.
pub const PROBABILITY_LATENCY: usize = 2;

/// Probability of a class, pipelined.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Probability {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Exponential of the class.
    pub e: Signal<In, Bits<16>>,
    /// floor(2^31 / sum).
    pub reciprocal: Signal<In, Bits<17>>,
    /// Probability.
    pub p: Signal<Out, Bits<16>>,
    _product: u64,
}

impl Logic for Probability {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.p.next = (((self._product + (1 << 15)) >> 16).min(32767)).into();
            self._product = self.e.val().to_u64() * self.reciprocal.val().to_u64();
        }
    }
    fn connect(&mut self) {
        self.p.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell probability\n\
             reg [32:0] product;\n\
             wire [33:0] rounded = {1'b0, product} + 34'd32768;\n\
             wire [17:0] q = rounded[33:16];\n\
             always @(posedge clock) begin\n\
               product <= e * reciprocal;\n\
               p <= q > 18'd32767 ? 16'd32767 : q[15:0];\n\
             end\n"
                .into(),
        )
    }
}
