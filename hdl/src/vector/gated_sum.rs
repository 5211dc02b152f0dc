//! Sum of two 48-bit values that a gate or a ReLU can make 0. For sums that are never gated a kernel's `+` will do.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `a`, `b` | s48 | operands; the sum wraps |
//! | `relu` | 1 | a negative sum becomes 0 |
//! | `zero` | 1 | any sum becomes 0 |
//! | `sum` | s48 | result of the cycle before, held while `enable` is low |
//!
//! Latency 1, one sum a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered 48-bit adder with gate.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct GatedSum {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// First operand, s48.
    pub a: Signal<In, Bits<48>>,
    /// Second operand, s48.
    pub b: Signal<In, Bits<48>>,
    /// Negative sums become 0.
    pub relu: Signal<In, Bit>,
    /// The result is 0.
    pub zero: Signal<In, Bit>,
    /// Result, s48.
    pub sum: Signal<Out, Bits<48>>,
}

impl GatedSum {
    /// What `sum` becomes.
    pub fn golden(a: i64, b: i64, relu: bool, zero: bool) -> i64 {
        let sum = numerics::wrap48(a.wrapping_add(b));
        match (zero, relu) {
            (true, _) => 0,
            (_, true) => numerics::relu(sum),
            _ => sum,
        }
    }
}

impl Logic for GatedSum {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let (a, b) = (signed(self.a.val()), signed(self.b.val()));
            self.sum.next = raw(Self::golden(a, b, self.relu.val(), self.zero.val()));
        }
    }
    fn connect(&mut self) {
        self.sum.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell gated_sum\n\
             wire [47:0] full;\n\
             assign full = a + b;\n\
             always @(posedge clock)\n\
             \x20 if (enable && (zero || (relu && full[47]))) sum <= 48'd0;\n\
             \x20 else if (enable) sum <= full;\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees() {
        Parity::new("gated_sum")
            .cycles(2000)
            .check(
                &mut GatedSum::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    u.a.next = rng.corner();
                    u.b.next = rng.corner();
                    u.relu.next = rng.chance(50);
                    u.zero.next = rng.chance(10);
                },
            )
            .unwrap();
    }
}
