//! What pulls a weight back to where it stood, ready to be added to its step: `random − share·(w − old)` with
//! `share = min((importance·strength) >> 8, 65535)`, in 65 536ths of a weight's unit (`tandem_isa::numerics::Pull`).
//!
//! ```text
//!  1 importance·strength; w − old   2 limited to a share   3 share·distance   4 taken from the random word
//! ```
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `enable` | 1 | all stages move |
//! | `w`, `old` | s16 | weight, and where it stood |
//! | `importance`, `strength` | u16 | of the weight; of the command, 0 for no pull |
//! | `random` | u16 | random word, a cycle after the weight |
//! | `lift` | s34 | result, four enabled cycles after the weight |
//!
//! Latency 4, one value a cycle. Two multipliers. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics::Pull as Golden;

/// Pull of one weight a cycle.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Pull {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move at this edge.
    pub enable: Signal<In, Bit>,
    /// Weight, s16.
    pub w: Signal<In, Bits<16>>,
    /// Where it stood, s16.
    pub old: Signal<In, Bits<16>>,
    /// Its importance.
    pub importance: Signal<In, Bits<16>>,
    /// Strength of the command.
    pub strength: Signal<In, Bits<16>>,
    /// Random word of its rounding, a cycle later.
    pub random: Signal<In, Bits<16>>,
    /// Random word less the pull, s34.
    pub lift: Signal<Out, Bits<34>>,
    // By stage: factors and distance, share and distance, product; random words beside them.
    _factors: (u16, u16, i64),
    _shared: (u16, i64, u16),
    _pulled: (i64, u16),
}

impl Logic for Pull {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let u16_of = |bits: Bits<16>| bits.to_u64() as u16;
            let (pulled, random) = self._pulled;
            self.lift.next = raw(i64::from(random) - pulled);
            let (share, distance, random) = self._shared;
            self._pulled = (i64::from(share) * distance, random);
            let (importance, strength, distance) = self._factors;
            let share = Golden::new(0, importance, strength).share;
            self._shared = (share, distance, u16_of(self.random.val()));
            let distance = signed(self.w.val()) - signed(self.old.val());
            self._factors = (
                u16_of(self.importance.val()),
                u16_of(self.strength.val()),
                distance,
            );
        }
    }
    fn connect(&mut self) {
        self.lift.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell pull\n\
             reg [31:0] product;\n\
             reg signed [16:0] distance;\n\
             reg signed [16:0] kept;\n\
             reg [15:0] share;\n\
             reg [15:0] random_2;\n\
             reg [15:0] random_3;\n\
             reg signed [33:0] pulled;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 product <= {16'd0, importance} * {16'd0, strength};\n\
             \x20 distance <= $signed({w[15], w}) - $signed({old[15], old});\n\
             \x20 share <= (product[31:24] != 8'd0) ? 16'hffff : product[23:8];\n\
             \x20 kept <= distance;\n\
             \x20 random_2 <= random;\n\
             \x20 pulled <= $signed({{17{kept[16]}}, kept}) * $signed({18'd0, share});\n\
             \x20 random_3 <= random_2;\n\
             \x20 lift <= {18'd0, random_3} - pulled;\n\
             end\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::{Parity, Rng};
    use std::collections::VecDeque;

    /// Shares of every size, all of it among them.
    fn factors(rng: &mut Rng) -> (u16, u16) {
        match rng.below(4) {
            0 => (rng.word() as u16, rng.word() as u16),
            1 => (256, rng.word() as u16),
            2 => (rng.below(600) as u16, rng.below(65_536) as u16),
            _ => (0xffff, [0, 1, 0xffff][rng.below(3) as usize]),
        }
    }

    #[test]
    fn it_is_that_of_the_numbers() {
        let mut due: VecDeque<i64> = VecDeque::new();
        let (mut random, mut enabled, mut checked) = (0, 0, 0);
        Parity::new("pull")
            .cycles(4000)
            .check(
                &mut Pull::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    if u.enable.val() {
                        enabled += 1;
                        // The word that comes a cycle later.
                        random = rng.word() as u16;
                        u.random.next = Bits::from(u64::from(random));
                        if let Some(newest) = due.back_mut() {
                            *newest += i64::from(random);
                        }
                        if enabled >= 4 {
                            assert_eq!(signed(u.lift.val()), due.pop_front().unwrap());
                            checked += 1;
                        }
                    }
                    u.enable.next = rng.chance(80);
                    let [w, old]: [Bits<16>; 2] = std::array::from_fn(|_| rng.corner());
                    let (importance, strength) = factors(rng);
                    u.w.next = w;
                    u.old.next = old;
                    u.importance.next = Bits::from(u64::from(importance));
                    u.strength.next = Bits::from(u64::from(strength));
                    if u.enable.next {
                        let share = (u64::from(importance) * u64::from(strength) / 256).min(65_535);
                        due.push_back(-(share as i64) * (signed(w) - signed(old)));
                    }
                },
            )
            .unwrap();
        assert!(checked > 2000, "{checked}");
    }
}
