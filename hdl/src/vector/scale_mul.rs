//! Product of a word and an unsigned 16-bit factor, as the update needs it. For two signed words use
//! [`MulSigned`](crate::leaf::MulSigned).
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `word` | s16 | value |
//! | `factor` | u16 | factor |
//! | `product` | s48, below 2^31 in magnitude | exact product of the cycle before, held while `enable` is low |
//!
//! Latency 1, one product a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;

/// Registered 16s×16u multiplier.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct ScaleMul {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Value, s16.
    pub word: Signal<In, Bits<16>>,
    /// Factor, u16.
    pub factor: Signal<In, Bits<16>>,
    /// Product, s48.
    pub product: Signal<Out, Bits<48>>,
}

impl Logic for ScaleMul {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            self.product.next = raw(signed(self.word.val()) * self.factor.val().to_u64() as i64);
        }
    }
    fn connect(&mut self) {
        self.product.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell scale_mul\n\
             reg signed [33:0] full;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 full = $signed({{18{word[15]}}, word}) * $signed({18'd0, factor});\n\
             \x20 product <= {{14{full[33]}}, full};\n\
             end\n"
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
        Parity::new("scale_mul")
            .cycles(2000)
            .check(
                &mut ScaleMul::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    u.word.next = rng.corner();
                    u.factor.next = rng.corner();
                },
            )
            .unwrap();
    }
}
