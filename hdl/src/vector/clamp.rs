//! Second half of requantise: rounds the bit below the point to nearest, ties up, and limits to ±32767. Takes what
//! [`RoundShift`](super::RoundShift) gives.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `cut` | s17 | value with one bit below the point |
//! | `over` | 3 | not 0: the value needs more bits than `cut` has |
//! | `negative` | 1 | its sign, also where `cut` has lost it |
//! | `nonzero` | 1 | the value before the shift was not 0 |
//! | `q` | s16 | word of the cycle before, held while `enable` is low |
//! | `clipped` | 1 | it was limited |
//! | `underflow` | 1 | it is 0 and `nonzero` was high |
//!
//! Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered saturating round.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Clamp {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Value with one bit below the point, s17.
    pub cut: Signal<In, Bits<17>>,
    /// The value does not fit.
    pub over: Signal<In, Bits<3>>,
    /// Sign of the value.
    pub negative: Signal<In, Bit>,
    /// The value before the shift was not 0.
    pub nonzero: Signal<In, Bit>,
    /// Word, s16.
    pub q: Signal<Out, Bits<16>>,
    /// The word was limited.
    pub clipped: Signal<Out, Bit>,
    /// A nonzero value became 0.
    pub underflow: Signal<Out, Bit>,
}

impl Clamp {
    /// What `q`, `clipped` and `underflow` become.
    pub fn golden(cut: i64, nonzero: bool) -> (i16, bool, bool) {
        let y = (cut >> 1) + (cut & 1);
        let q = numerics::clamp_q(y);
        (q, y != i64::from(q), nonzero && q == 0)
    }
}

impl Logic for Clamp {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let cut = match (self.over.val().any(), self.negative.val()) {
                (false, _) => signed(self.cut.val()),
                (true, false) => i64::from(i32::MAX),
                (true, true) => i64::from(i32::MIN),
            };
            let (q, clipped, underflow) = Self::golden(cut, self.nonzero.val());
            self.q.next = raw(q.into());
            self.clipped.next = clipped;
            self.underflow.next = underflow;
        }
    }
    fn connect(&mut self) {
        self.q.connect();
        self.clipped.connect();
        self.underflow.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell clamp\n\
             reg [16:0] y;\n\
             reg high;\n\
             reg low;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 y = {cut[16], cut[16:1]} + {16'd0, cut[0]};\n\
             \x20 high = !negative && ((over != 3'd0) || (y[16:15] == 2'd1));\n\
             \x20 low = negative && ((over != 3'd0) || (y[15:0] == 16'h8000));\n\
             \x20 q <= high ? 16'h7fff : low ? 16'h8001 : y[15:0];\n\
             \x20 clipped <= high || low;\n\
             \x20 underflow <= nonzero && (over == 3'd0) && (y[15:0] == 16'd0);\n\
             end\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::RoundShift;
    use super::*;
    use crate::parity::{Parity, Rng};

    #[test]
    fn verilog_agrees_around_every_corner() {
        Parity::new("clamp")
            .cycles(4000)
            .check(
                &mut Clamp::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    let near = [0, 65530, -65530];
                    let at = near[rng.below(3) as usize] + rng.below(9) as i64 - 4;
                    u.cut.next = if rng.chance(30) {
                        rng.corner()
                    } else {
                        raw(at)
                    };
                    u.negative.next = signed(u.cut.next) < 0;
                    u.over.next = 0.into();
                    if rng.chance(20) {
                        u.over.next = (1 + rng.below(7)).into();
                        u.negative.next = rng.chance(50);
                    }
                    u.nonzero.next = rng.chance(80);
                },
            )
            .unwrap();
    }

    #[test]
    fn shift_and_clamp_together_are_requantise() {
        let mut rng = Rng::new(3);
        for _ in 0..20_000 {
            let x = numerics::wrap48(signed(rng.corner::<48>()) >> rng.below(48));
            let s = rng.below(48) as u32;
            assert_eq!(
                Clamp::golden(RoundShift::golden(x, s), x != 0),
                numerics::requant_counted(x, s),
                "x {x} s {s}"
            );
        }
    }
}
