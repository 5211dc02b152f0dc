//! The new weight of an elastic update: `clamp(w + ((v << 12) + lift >>> 16), ±32767)`, step and [pull](super::Pull) rounded
//! once. Without pull it is what [`WeightStep`](super::WeightStep) gives.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `w`, `v` | s16 | weight and new momentum |
//! | `lift` | s34, \|lift\| < 2^32 + 2^16 | random word less the pull |
//! | `weight` | s16 | new weight, of the cycle before, held while `enable` is low |
//!
//! Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered step with a pull.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct ElasticStep {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Weight, s16.
    pub w: Signal<In, Bits<16>>,
    /// New momentum, s16.
    pub v: Signal<In, Bits<16>>,
    /// Random word less the pull, s34.
    pub lift: Signal<In, Bits<34>>,
    /// New weight, s16.
    pub weight: Signal<Out, Bits<16>>,
}

impl Logic for ElasticStep {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let left = 16 - numerics::MOMENTUM_EXTRA_F;
            let step = ((signed(self.v.val()) << left) + signed(self.lift.val())) >> 16;
            self.weight.next = raw(numerics::clamp_q(signed(self.w.val()) + step).into());
        }
    }
    fn connect(&mut self) {
        self.weight.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell elastic_step\n\
             reg signed [33:0] lifted;\n\
             reg [18:0] y;\n\
             reg high;\n\
             reg low;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 lifted = $signed({{6{v[15]}}, v, 12'd0}) + $signed(lift);\n\
             \x20 y = {{3{w[15]}}, w} + {lifted[33], lifted[33:16]};\n\
             \x20 high = !y[18] && (y[17:15] != 3'd0);\n\
             \x20 low = y[18] && ((y[17:15] != 3'd7) || (y[14:0] == 15'd0));\n\
             \x20 weight <= high ? 16'h7fff : low ? 16'h8001 : y[15:0];\n\
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
    fn a_step_is_that_of_the_numbers() {
        let mut due = None;
        Parity::new("elastic_step")
            .cycles(4000)
            .check(
                &mut ElasticStep::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    if let Some(weight) = due {
                        assert_eq!(signed(u.weight.val()), i64::from(weight));
                    }
                    u.enable.next = rng.chance(90);
                    let [w, v, old]: [i16; 3] =
                        std::array::from_fn(|_| (signed(rng.corner::<16>()) as i16).max(-32_767));
                    let share = [0, 0xffff, rng.word() as u16][rng.below(3) as usize];
                    let random = rng.word() as u16;
                    u.w.next = raw(w.into());
                    u.v.next = raw(v.into());
                    let pull = i64::from(share) * (i64::from(w) - i64::from(old));
                    u.lift.next = raw(i64::from(random) - pull);
                    if u.enable.next {
                        due = Some(numerics::stepped(
                            w,
                            v,
                            numerics::Pull { old, share },
                            random,
                        ));
                    }
                },
            )
            .unwrap();
    }
}
