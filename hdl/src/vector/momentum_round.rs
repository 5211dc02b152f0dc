//! The new momentum: `clamp((x + random) >>> 16, ±32767)`, which is `r_shift(x, 16, random)` limited.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `x` | s48, \|x\| < 2^46 + 2^33 | sum of the update's terms |
//! | `random` | u16 | random word |
//! | `v` | s16 | momentum, of the cycle before, held while `enable` is low |
//!
//! Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered stochastic rounding by 16 bits.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct MomentumRound {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Sum, s48.
    pub x: Signal<In, Bits<48>>,
    /// Random word.
    pub random: Signal<In, Bits<16>>,
    /// Momentum, s16.
    pub v: Signal<Out, Bits<16>>,
}

impl Logic for MomentumRound {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let random = self.random.val().to_u64() as u16;
            let y = numerics::r_shift(signed(self.x.val()), 16, random);
            self.v.next = raw(numerics::clamp_q(y).into());
        }
    }
    fn connect(&mut self) {
        self.v.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell momentum_round\n\
             reg [47:0] y;\n\
             reg high;\n\
             reg low;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 y = x + {32'd0, random};\n\
             \x20 high = !y[47] && (y[46:31] != 16'd0);\n\
             \x20 low = y[47] && ((y[46:31] != 16'hffff) || (y[30:16] == 15'd0));\n\
             \x20 v <= high ? 16'h7fff : low ? 16'h8001 : y[31:16];\n\
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
    fn verilog_agrees_around_the_limits() {
        Parity::new("momentum_round")
            .cycles(3000)
            .check(
                &mut MomentumRound::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    let at = [0, 32767 << 16, -(32767 << 16)][rng.below(3) as usize];
                    let near = at + rng.below(1 << 18) as i64 - (1 << 17);
                    let far = signed(rng.bits::<48>()) >> (1 + rng.below(40));
                    u.x.next = raw(if rng.chance(50) { near } else { far });
                    u.random.next = rng.corner();
                },
            )
            .unwrap();
    }
}
