//! The new weight: `clamp(w + r_shift(v, 4, random), ±32767)`. Of the random word its four highest bits decide.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `w`, `v` | s16 | weight and new momentum |
//! | `random` | u4 | bits 15:12 of the random word |
//! | `weight` | s16 | new weight, of the cycle before, held while `enable` is low |
//!
//! Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered stochastic step.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct WeightStep {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Weight, s16.
    pub w: Signal<In, Bits<16>>,
    /// New momentum, s16.
    pub v: Signal<In, Bits<16>>,
    /// High bits of the random word.
    pub random: Signal<In, Bits<4>>,
    /// New weight, s16.
    pub weight: Signal<Out, Bits<16>>,
}

impl Logic for WeightStep {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let random = (self.random.val().to_u64() as u16) << 12;
            let v = numerics::r_shift(
                signed(self.v.val()),
                numerics::MOMENTUM_EXTRA_F as u32,
                random,
            );
            self.weight.next = raw(numerics::clamp_q(signed(self.w.val()) + v).into());
        }
    }
    fn connect(&mut self) {
        self.weight.connect();
    }
    fn hdl(&self) -> Verilog {
        // Bits below the four highest of the random word cannot change the carry: the lost fraction has four bits.
        Verilog::Custom(
            "// cell weight_step\n\
             reg signed [16:0] lifted;\n\
             reg [16:0] y;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 lifted = $signed({v[15], v}) + $signed({13'd0, random});\n\
             \x20 y = {w[15], w} + {{4{lifted[16]}}, lifted[16:4]};\n\
             \x20 if (!y[16] && y[15]) weight <= 16'h7fff;\n\
             \x20 else if (y[16] && (!y[15] || y[14:0] == 15'd0)) weight <= 16'h8001;\n\
             \x20 else weight <= y[15:0];\n\
             end\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::{Parity, Rng};

    #[test]
    fn verilog_agrees_around_the_limits() {
        Parity::new("weight_step")
            .cycles(3000)
            .check(
                &mut WeightStep::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    u.w.next = rng.corner();
                    u.v.next = rng.corner();
                    u.random.next = rng.bits();
                },
            )
            .unwrap();
    }

    #[test]
    fn low_bits_of_the_random_word_do_not_matter() {
        let mut rng = Rng::new(1);
        for _ in 0..10_000 {
            let (v, r) = (rng.word() as i16, rng.word() as u16);
            assert_eq!(
                numerics::r_shift(v.into(), 4, r),
                numerics::r_shift(v.into(), 4, r & 0xf000)
            );
        }
    }
}
