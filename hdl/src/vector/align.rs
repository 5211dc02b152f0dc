//! Brings a word to another format: shifted left, or right with rounding to nearest. For 48-bit values use
//! [`RoundShift`](super::RoundShift).
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `word` | s16 | value |
//! | `shift` | s6, −16 ..= 30 | left if positive; −16 stands for everything beyond, where only 0 is left |
//! | `zero` | 1 | the result is 0 |
//! | `value` | s48 | aligned value of the cycle before, held while `enable` is low |
//!
//! Latency 1, one word a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered alignment of one lane.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Align {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// The result is 0.
    pub zero: Signal<In, Bit>,
    /// Value, s16.
    pub word: Signal<In, Bits<16>>,
    /// Left shift, s6.
    pub shift: Signal<In, Bits<6>>,
    /// Aligned value, s48.
    pub value: Signal<Out, Bits<48>>,
}

impl Align {
    /// What `value` becomes; shifts that align refuses are done all the same, the sequencer never asks for them.
    pub fn golden(word: i16, shift: i32, zero: bool) -> i64 {
        if zero {
            return 0;
        }
        numerics::align(word.into(), 0, shift).unwrap_or_else(|_| i64::from(word) << (shift & 63))
    }
}

impl Logic for Align {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let word = signed(self.word.val()) as i16;
            // The cell does not look at bit 4 of a negative shift.
            let shift = match signed(self.shift.val()) as i32 {
                beyond if beyond < -16 => beyond + 16,
                shift => shift,
            };
            self.value.next = raw(Self::golden(word, shift, self.zero.val()));
        }
    }
    fn connect(&mut self) {
        self.value.connect();
    }
    fn hdl(&self) -> Verilog {
        // All shifts are left from 16 bits below the point: 0 ..= 15 first, then 0, 16 or 32, of which 0 rounds.
        Verilog::Custom(
            "// cell align\n\
             reg [16:0] by1;\n\
             reg [18:0] by2;\n\
             reg [22:0] by4;\n\
             reg [30:0] fine;\n\
             reg [15:0] near;\n\
             reg sign;\n\
             reg [47:0] moved;\n\
             always @(*) begin\n\
             \x20 by1 = shift[0] ? {word, 1'b0} : {word[15], word};\n\
             \x20 by2 = shift[1] ? {by1, 2'd0} : {{2{word[15]}}, by1};\n\
             \x20 by4 = shift[2] ? {by2, 4'd0} : {{4{word[15]}}, by2};\n\
             \x20 fine = shift[3] ? {by4, 8'd0} : {{8{word[15]}}, by4};\n\
             \x20 near = {fine[30], fine[30:16]} + {15'd0, fine[15]};\n\
             \x20 sign = shift[5] ? near[15] : word[15];\n\
             \x20 moved[15:0] = shift[5] ? near : shift[4] ? 16'd0 : fine[15:0];\n\
             \x20 moved[30:16] = (shift[5:4] == 2'd1) ? fine[14:0] : shift[5] ? {15{near[15]}} : fine[30:16];\n\
             \x20 moved[47:31] = (shift[5:4] == 2'd1) ? {fine[30], fine[30:15]} : {17{sign}};\n\
             end\n\
             always @(posedge clock) if (enable && zero) value <= 48'd0; else if (enable) value <= moved;\n"
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
        Parity::new("align")
            .cycles(4000)
            .check(
                &mut Align::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.enable.next = rng.chance(90);
                    u.zero.next = rng.chance(5);
                    u.word.next = rng.corner();
                    u.shift.next = raw((cycle % 47) as i64 - 16);
                },
            )
            .unwrap();
    }

    #[test]
    fn sixteen_down_is_zero_like_everything_beyond() {
        for word in [i16::MIN, -32767, -1, 0, 1, 32767] {
            for shift in [-16, -17, -31, -60] {
                assert_eq!(Align::golden(word, shift, false), 0);
            }
        }
    }
}
