//! First half of requantise: the arithmetic right shift, with one bit kept below the point for the rounding that
//! [`Clamp`](super::Clamp) does. For 16-bit words use [`Align`](super::Align).
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `x` | s48 | value |
//! | `s` | u6, 0 ..= 47 | right shift |
//! | `cut` | s49 | `floor(x·2 / 2^s)` of the cycle before, held while `enable` is low |
//! | `nonzero` | 1 | that `x` was not 0 |
//!
//! Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;

/// Registered 48-bit arithmetic shift.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct RoundShift {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Value, s48.
    pub x: Signal<In, Bits<48>>,
    /// Right shift.
    pub s: Signal<In, Bits<6>>,
    /// Shifted value with one bit below the point, s49.
    pub cut: Signal<Out, Bits<49>>,
    /// `x` was not 0.
    pub nonzero: Signal<Out, Bit>,
}

impl RoundShift {
    /// What `cut` becomes.
    pub fn golden(x: i64, s: u32) -> i64 {
        (x << 1) >> s
    }
}

impl Logic for RoundShift {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let x = signed(self.x.val());
            self.cut.next = raw(Self::golden(x, self.s.val().to_u64() as u32));
            self.nonzero.next = x != 0;
        }
    }
    fn connect(&mut self) {
        self.cut.connect();
        self.nonzero.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell round_shift\n\
             reg signed [48:0] twice;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 twice = {x, 1'b0};\n\
             \x20 cut <= twice >>> s;\n\
             \x20 nonzero <= x != 48'd0;\n\
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
    fn verilog_agrees_at_every_shift() {
        Parity::new("round_shift")
            .cycles(4000)
            .check(
                &mut RoundShift::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.enable.next = rng.chance(90);
                    u.x.next = rng.corner();
                    u.s.next = Bits::from(cycle as u64 % 48);
                },
            )
            .unwrap();
    }
}
