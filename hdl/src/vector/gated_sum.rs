//! Sum of two 48-bit values that a gate or a ReLU can make 0, the first step of a right shift besides. For sums that are never gated a kernel's `+` will do.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `a`, `a_more`, `b`, `b_more` | s48 | operands: (`a` \| `a_more`) + (`b` \| `b_more`) + `carry`; the sum wraps |
//! | `carry` | 1 | to be added |
//! | `relu` | 1 | a negative sum becomes 0 |
//! | `zero` | 1 | any sum becomes 0 |
//! | `coarse` | 2 | 0, 1: for a shift by so many times 16; 2 and 3: by 32 |
//! | `sum` | s48 | result of the cycle before, held while `enable` is low |
//! | `by0`, `by16`, `by32` | s48 | the result where `coarse` says so, otherwise 0 |
//!
//! On an ECP5 the operands are joined by the tables of the carry chain, and the gates are resets of the registers: 55 LUTs.
//! Latency 1, one sum a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use crate::leaf::ecp5;
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
    /// Rest of it.
    pub a_more: Signal<In, Bits<48>>,
    /// Second operand, s48.
    pub b: Signal<In, Bits<48>>,
    /// Rest of it.
    pub b_more: Signal<In, Bits<48>>,
    /// To be added.
    pub carry: Signal<In, Bit>,
    /// Negative sums become 0.
    pub relu: Signal<In, Bit>,
    /// The result is 0.
    pub zero: Signal<In, Bit>,
    /// Shift of the result, in units of 16.
    pub coarse: Signal<In, Bits<2>>,
    /// Result, s48.
    pub sum: Signal<Out, Bits<48>>,
    /// The result if it is shifted by less than 16.
    pub by0: Signal<Out, Bits<48>>,
    /// The result if it is shifted by 16 and less than 32.
    pub by16: Signal<Out, Bits<48>>,
    /// The result if it is shifted by 32 or more.
    pub by32: Signal<Out, Bits<48>>,
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
            let a = signed(self.a.val() | self.a_more.val()) + i64::from(self.carry.val());
            let b = signed(self.b.val() | self.b_more.val());
            let sum: Bits<48> = raw(Self::golden(a, b, self.relu.val(), self.zero.val()));
            self.sum.next = sum;
            let coarse = self.coarse.val().to_u64().min(2);
            let parts = [&mut self.by0, &mut self.by16, &mut self.by32];
            for (at, part) in parts.into_iter().enumerate() {
                part.next = if at as u64 == coarse {
                    sum
                } else {
                    Bits::default()
                };
            }
        }
    }
    fn connect(&mut self) {
        self.sum.connect();
        self.by0.connect();
        self.by16.connect();
        self.by32.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell gated_sum\n\
             wire [47:0] full;\n\
             wire gone;\n\
             `ifdef TANDEM_ECP5\n\
             {}\
             `else\n\
             assign full = (a | a_more) + (b | b_more) + {{47'd0, carry}};\n\
             `endif\n\
             assign gone = enable && (zero || (relu && full[47]));\n\
             always @(posedge clock) begin\n\
             \x20 if (gone) sum <= 48'd0; else if (enable) sum <= full;\n\
             \x20 if (gone || (enable && (coarse != 2'd0))) by0 <= 48'd0; else if (enable) by0 <= full;\n\
             \x20 if (gone || (enable && (coarse != 2'd1))) by16 <= 48'd0; else if (enable) by16 <= full;\n\
             \x20 if (gone || (enable && !coarse[1])) by32 <= 48'd0; else if (enable) by32 <= full;\n\
             end\n",
            ecp5::join_and_add("full", ["a", "a_more", "b", "b_more"], "carry")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees() {
        agrees(Parity::new("gated_sum"));
    }

    #[test]
    fn in_carry_cells_of_the_ecp5_too() {
        let models = crate::board::ecp5::DEFINED_WITH_MODELS;
        agrees(Parity::new("gated_sum_ecp5").after(models));
    }

    fn agrees(parity: Parity) {
        parity
            .cycles(2000)
            .check(
                &mut GatedSum::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    u.a.next = rng.corner();
                    u.b.next = rng.corner();
                    u.a_more.next = if rng.chance(50) {
                        rng.corner()
                    } else {
                        Bits::default()
                    };
                    u.b_more.next = if rng.chance(50) {
                        rng.corner()
                    } else {
                        Bits::default()
                    };
                    u.carry.next = rng.chance(50);
                    u.coarse.next = Bits::from(rng.below(4));
                    u.relu.next = rng.chance(50);
                    u.zero.next = rng.chance(10);
                },
            )
            .unwrap();
    }
}
