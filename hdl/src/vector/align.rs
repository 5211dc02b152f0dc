//! Brings a word to another format: shifted left, or right with rounding to nearest. For 48-bit values use
//! [`RoundShift`](super::RoundShift).
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `word` | s16 | value |
//! | `shift` | s6, −16 ..= 30 | left if positive; −16 stands for everything beyond, where only 0 is left |
//! | `zero` | 1 | the result is 0 |
//! | `left`, `right` | 48 | parts of the aligned value of the cycle before, held while `enable` is low |
//! | `carry` | 1 | so much is to be added for the rounding |
//!
//! The value is (`left` | `right`) + `carry`: what moves up by 16 and what moves down have registers of their own that clear themselves, and whoever
//! adds the value ([`GatedSum`](super::GatedSum)) joins and rounds it for nothing.
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
    /// Part of the aligned value: all of shifts 0 ..= 15, from bit 16 on of those below.
    pub left: Signal<Out, Bits<48>>,
    /// The other: all of shifts from 16 on, up to bit 15 of those below 0.
    pub right: Signal<Out, Bits<48>>,
    /// Rounding.
    pub carry: Signal<Out, Bit>,
}

impl Align {
    /// The aligned value; shifts that align refuses are done all the same, the sequencer never asks for them.
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
            let fine = i64::from(word) << (shift & 15);
            let (left, right, carry) = match shift {
                _ if self.zero.val() => (0, 0, false),
                ..0 => (
                    fine >> 16 & !0xffff,
                    fine >> 16 & 0xffff,
                    fine >> 15 & 1 == 1,
                ),
                0..16 => (fine, 0, false),
                _ => (0, fine << 16, false),
            };
            self.left.next = raw(left);
            self.right.next = raw(right);
            self.carry.next = carry;
        }
    }
    fn connect(&mut self) {
        self.left.connect();
        self.right.connect();
        self.carry.connect();
    }
    fn hdl(&self) -> Verilog {
        // All shifts are left from 16 bits below the point: 0 ..= 15 first, then 0, 16 or 32, of which 0 rounds.
        Verilog::Custom(
            "// cell align\n\
             reg [16:0] by1;\n\
             reg [18:0] by2;\n\
             reg [22:0] by4;\n\
             reg [30:0] fine;\n\
             wire down;\n\
             wire up;\n\
             assign down = shift[5];\n\
             assign up = shift[5:4] == 2'd1;\n\
             always @(*) begin\n\
             \x20 by1 = shift[0] ? {word, 1'b0} : {word[15], word};\n\
             \x20 by2 = shift[1] ? {by1, 2'd0} : {{2{word[15]}}, by1};\n\
             \x20 by4 = shift[2] ? {by2, 4'd0} : {{4{word[15]}}, by2};\n\
             \x20 fine = shift[3] ? {by4, 8'd0} : {{8{word[15]}}, by4};\n\
             end\n\
             always @(posedge clock) begin\n\
             \x20 if (enable && (zero || down || up)) left[15:0] <= 16'd0;\n\
             \x20 else if (enable) left[15:0] <= fine[15:0];\n\
             \x20 if (enable && (zero || up)) left[47:16] <= 32'd0;\n\
             \x20 else if (enable) left[47:16] <= {{17{word[15]}}, down ? {15{word[15]}} : fine[30:16]};\n\
             \x20 if (enable && (zero || !down)) {carry, right[15:0]} <= 17'd0;\n\
             \x20 else if (enable) {carry, right[15:0]} <= {fine[15], fine[30], fine[30:16]};\n\
             \x20 if (enable && (zero || !up)) right[47:16] <= 32'd0;\n\
             \x20 else if (enable) right[47:16] <= {fine[30], fine};\n\
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
        let mut due = None;
        Parity::new("align")
            .cycles(4000)
            .check(
                &mut Align::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    let parts = u.left.val() | u.right.val();
                    let found = numerics::wrap48(signed(parts) + i64::from(u.carry.val()));
                    assert_eq!(found, due.unwrap_or(found), "cycle {cycle}");
                    let (word, shift) = (rng.corner(), (cycle % 47) as i64 - 16);
                    u.enable.next = rng.chance(90);
                    u.zero.next = rng.chance(5);
                    u.word.next = word;
                    u.shift.next = raw(shift);
                    if u.enable.next {
                        let word = signed(word) as i16;
                        due = Some(Align::golden(word, shift as i32, u.zero.next));
                    }
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
