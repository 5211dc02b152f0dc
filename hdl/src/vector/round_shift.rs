//! First half of requantise: the arithmetic right shift, with one bit kept below the point for the rounding that
//! [`Clamp`](super::Clamp) does. For 16-bit words use [`Align`](super::Align).
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `x` | s48 | value |
//! | `by0`, `by16`, `by32` | s48 | the same where the shift is below 16, below 32, or beyond, otherwise 0 (see [`GatedSum`](super::GatedSum)) |
//! | `s` | u4 | right shift, without its multiples of 16 |
//! | `cut` | s17 | low bits of `floor(x·2 / 2^s)` of the cycle before, held while `enable` is low |
//! | `over` | 3 | not 0: more bits than `cut` has are needed; which bit is high does not matter |
//! | `negative` | 1 | sign of `x` |
//! | `nonzero` | 1 | that `x` was not 0 |
//!
//! Only a window of 17 bits leaves: a shifter of 48 would be three times as large. What the stages drop on their way down
//! is compared with the sign. Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
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
    /// Value if the shift is below 16.
    pub by0: Signal<In, Bits<48>>,
    /// Value if the shift is 16 ..= 31.
    pub by16: Signal<In, Bits<48>>,
    /// Value if the shift is 32 ..= 47.
    pub by32: Signal<In, Bits<48>>,
    /// Right shift modulo 16.
    pub s: Signal<In, Bits<4>>,
    /// Low bits of the shifted value with one bit below the point, s17.
    pub cut: Signal<Out, Bits<17>>,
    /// They are not all: 0 if they are.
    pub over: Signal<Out, Bits<3>>,
    /// Sign of `x`.
    pub negative: Signal<Out, Bit>,
    /// `x` was not 0.
    pub nonzero: Signal<Out, Bit>,
}

impl RoundShift {
    /// The shifted value, of which `cut` has the low bits.
    pub fn golden(x: i64, s: u32) -> i64 {
        (x << 1) >> s
    }

    /// What `over` becomes: bits dropped by the steps of 32 and 16, of 8, and of fewer.
    fn dropped(x: i64, s: u32) -> u64 {
        let sign = x >> 63;
        let differ =
            |value: i64, low: u32, count: u32| ((value ^ sign) >> low) & ((1 << count) - 1) != 0;
        let near = (x << 1) >> (s & 48);
        let by8 = near >> (s & 8);
        let by4 = by8 >> (s & 4);
        let by2 = by4 >> (s & 2);
        let far = s < 16 && differ(near, 32, 16);
        let eight = s & 8 == 0 && differ(near, 24, 8);
        let few = (s & 4 == 0 && differ(by8, 20, 4))
            || (s & 2 == 0 && differ(by4, 18, 2))
            || (s & 1 == 0 && differ(by2, 17, 1))
            || differ(by2 >> (s & 1), 16, 1);
        u64::from(far) | u64::from(eight) << 1 | u64::from(few) << 2
    }
}

impl Logic for RoundShift {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let x = signed(self.x.val());
            let fine = self.s.val().to_u64() as u32;
            let parts = [&self.by0, &self.by16, &self.by32].map(|part| signed(part.val()));
            let shifted = |at: usize| (parts[at], fine + 16 * at as u32);
            // Bits of the parts that are 0 do not count.
            let cut = (0..3).map(shifted).map(|(x, s)| Self::golden(x, s));
            self.cut.next = raw(cut.fold(0, |cut, part| cut | part));
            let over = (0..3).map(shifted).map(|(x, s)| Self::dropped(x, s));
            self.over.next = over.fold(0, |over, part| over | part).into();
            self.negative.next = x < 0;
            self.nonzero.next = x != 0;
        }
    }
    fn connect(&mut self) {
        self.cut.connect();
        self.over.connect();
        self.negative.connect();
        self.nonzero.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell round_shift\n\
             reg [31:0] near;\n\
             reg [23:0] by8;\n\
             reg [19:0] by4;\n\
             reg [17:0] by2;\n\
             reg [16:0] last;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 near = {by0[30:0], 1'b0} | by16[46:15] | {{15{by32[47]}}, by32[47:31]};\n\
             \x20 by8 = s[3] ? near[31:8] : near[23:0];\n\
             \x20 by4 = s[2] ? by8[23:4] : by8[19:0];\n\
             \x20 by2 = s[1] ? by4[19:2] : by4[17:0];\n\
             \x20 last = s[0] ? by2[17:1] : by2[16:0];\n\
             \x20 cut <= last;\n\
             \x20 over[0] <= by0[46:31] != {16{by0[47]}};\n\
             \x20 over[1] <= !s[3] && (near[31:24] != {8{x[47]}});\n\
             \x20 over[2] <= (!s[2] && (by8[23:20] != {4{x[47]}})) || (!s[1] && (by4[19:18] != {2{x[47]}}))\n\
             \x20   || (!s[0] && (by2[17] != x[47])) || (last[16] != x[47]);\n\
             \x20 negative <= x[47];\n\
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
    use tandem_isa::numerics;

    #[test]
    fn verilog_agrees_at_every_shift() {
        Parity::new("round_shift")
            .cycles(4000)
            .check(
                &mut RoundShift::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.enable.next = rng.chance(90);
                    let (x, s) = (rng.corner(), cycle as u64 % 48);
                    u.x.next = x;
                    u.s.next = Bits::from(s % 16);
                    for (at, part) in [&mut u.by0, &mut u.by16, &mut u.by32]
                        .into_iter()
                        .enumerate()
                    {
                        part.next = if s / 16 == at as u64 {
                            x
                        } else {
                            Bits::default()
                        };
                    }
                },
            )
            .unwrap();
    }
    #[test]
    fn over_says_that_the_window_is_too_narrow() {
        let mut rng = crate::parity::Rng::new(5);
        for _ in 0..50_000 {
            let x = numerics::wrap48(signed(rng.corner::<48>()) >> rng.below(48));
            let s = rng.below(48) as u32;
            let shifted = RoundShift::golden(x, s);
            let fits = shifted == (shifted << 47) >> 47;
            assert_eq!(RoundShift::dropped(x, s) == 0, fits, "x {x} s {s}");
        }
    }
}
