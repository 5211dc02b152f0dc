//! Finishes one accumulator: bias, ReLU, ReLU mask, rounding shift, limits, and what a site counts. A lane at a time; the large
//! engine's `vector/requant_lane.rs` does one a cycle and more.
//!
//! Each strobe is one step, in this order, each in a cycle of its own: `low` (low half of the accumulator), `take` (source + bias), `zero` (negative if `relu`, or where
//! `operand` ≤ 0 if `mask`), `round` (OR mask, `r_shift`), then `result` is there, and `count` counts a clipped value or an underflow.
//! `value` gives bias halves and shift (0 to 31) by their strobes; `clear` empties OR mask and counters. Source: `word[lane]`, or
//! `operand` sign-extended if `from_operand`. `result` is in ±127, or ±32767 if `wide`. Reset state: undefined.
use crate::leaf::{Dff, DffEn};
use rust_hdl::prelude::*;

/// Requantises one lane.
#[derive(LogicBlock, Default)]
pub struct Finish {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// A half of the bias, or the shift.
    pub value: Signal<In, Bits<16>>,
    /// `value` is the low half of the bias.
    pub set_bias_low: Signal<In, Bit>,
    /// `value` is the high half of the bias.
    pub set_bias_high: Signal<In, Bit>,
    /// `value` is the shift.
    pub set_shift: Signal<In, Bit>,
    /// OR mask and counters to 0.
    pub clear: Signal<In, Bit>,
    /// Halves of accumulators.
    pub word: [Signal<In, Bits<16>>; 4],
    /// These are low halves.
    pub low: Signal<In, Bit>,
    /// Which of them.
    pub lane: Signal<In, Bits<2>>,
    /// Lane of a word of pad V, s16.
    pub operand: Signal<In, Bits<16>>,
    /// Source is `operand`.
    pub from_operand: Signal<In, Bit>,
    /// Negative becomes 0.
    pub relu: Signal<In, Bit>,
    /// Zero where `operand` is not positive.
    pub mask: Signal<In, Bit>,
    /// Results of 16 bits.
    pub wide: Signal<In, Bit>,
    /// First step.
    pub take: Signal<In, Bit>,
    /// Second step.
    pub zero: Signal<In, Bit>,
    /// Third step.
    pub round: Signal<In, Bit>,
    /// Last step.
    pub count: Signal<In, Bit>,
    /// The finished value.
    pub result: Signal<Out, Bits<16>>,
    /// OR of the magnitudes.
    pub magnitude: Signal<Out, Bits<32>>,
    /// Values clipped.
    pub clipped: Signal<Out, Bits<16>>,
    /// Values that underflowed to 0.
    pub underflow: Signal<Out, Bits<16>>,
    bias_low: DffEn<Bits<16>>,
    bias_high: DffEn<Bits<16>>,
    shift: DffEn<Bits<5>>,
    t: Dff<Bits<32>>,
    rounded: DffEn<Bits<33>>,
    gathered: Dff<Bits<32>>,
    clips: Dff<Bits<16>>,
    underflows: Dff<Bits<16>>,
    low_half: DffEn<Bits<16>>,
    half: Signal<Local, Bits<16>>,
    source: Signal<Local, Bits<32>>,
    bias: Signal<Local, Bits<32>>,
    nonpositive: Signal<Local, Bit>,
    sign: Signal<Local, Bits<32>>,
    b0: Signal<Local, Bits<33>>,
    b1: Signal<Local, Bits<33>>,
    b2: Signal<Local, Bits<33>>,
    b3: Signal<Local, Bits<33>>,
    b4: Signal<Local, Bits<33>>,
    b5: Signal<Local, Bits<33>>,
    kept: Signal<Local, Bits<33>>,
    sign33: Signal<Local, Bits<33>>,
    negative: Signal<Local, Bit>,
    above: Signal<Local, Bit>,
    below: Signal<Local, Bit>,
    high_wide: Signal<Local, Bits<18>>,
    high_narrow: Signal<Local, Bits<26>>,
    clip: Signal<Local, Bit>,
    none: Signal<Local, Bits<33>>,
    ones32: Signal<Local, Bits<32>>,
    ones33: Signal<Local, Bits<33>>,
    ones18: Signal<Local, Bits<18>>,
    ones26: Signal<Local, Bits<26>>,
}

impl Logic for Finish {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, t, gathered, clips, underflows);
        self.bias_low.clock.next = self.clock.val();
        self.bias_high.clock.next = self.clock.val();
        self.shift.clock.next = self.clock.val();
        self.rounded.clock.next = self.clock.val();
        self.bias_low.enable.next = self.set_bias_low.val();
        self.bias_low.d.next = self.value.val();
        self.bias_high.enable.next = self.set_bias_high.val();
        self.bias_high.d.next = self.value.val();
        self.shift.enable.next = self.set_shift.val();
        self.shift.d.next = self.value.val().get_bits::<5>(0);

        self.none.next = 0.into();
        self.ones33.next = !self.none.val();
        self.ones32.next = self.ones33.val().get_bits::<32>(0);
        self.ones18.next = self.ones33.val().get_bits::<18>(0);
        self.ones26.next = self.ones33.val().get_bits::<26>(0);
        self.half.next = self.word[0].val();
        if self.lane.val() == 1 {
            self.half.next = self.word[1].val();
        }
        if self.lane.val() == 2 {
            self.half.next = self.word[2].val();
        }
        if self.lane.val() == 3 {
            self.half.next = self.word[3].val();
        }
        self.low_half.clock.next = self.clock.val();
        self.low_half.enable.next = self.low.val();
        self.low_half.d.next = self.half.val();
        self.source.next =
            (bit_cast::<32, 16>(self.half.val()) << 16) | bit_cast::<32, 16>(self.low_half.q.val());
        if self.from_operand.val() {
            self.source.next = bit_cast::<32, 16>(self.operand.val());
            if self.operand.val().get_bit(15) {
                self.source.next =
                    bit_cast::<32, 16>(self.operand.val()) | (self.ones32.val() << 16);
            }
        }
        self.bias.next = (bit_cast::<32, 16>(self.bias_high.q.val()) << 16)
            | bit_cast::<32, 16>(self.bias_low.q.val());
        self.nonpositive.next = self.operand.val().get_bit(15) | !self.operand.val().any();
        if self.take.val() {
            self.t.d.next = self.source.val() + self.bias.val();
        }
        if self.zero.val()
            & ((self.relu.val() & self.t.q.val().get_bit(31))
                | (self.mask.val() & self.nonpositive.val()))
        {
            self.t.d.next = 0.into();
        }

        // The last bit lost stands below the result: half a unit is added as that bit.
        self.sign.next = 0.into();
        self.sign33.next = 0.into();
        if self.t.q.val().get_bit(31) {
            self.sign.next = self.ones32.val();
            self.sign33.next = self.ones33.val();
        }
        self.b0.next = bit_cast::<33, 32>(self.t.q.val()) << 1;
        self.b1.next = self.b0.val();
        if self.shift.q.val().get_bit(4) {
            self.b1.next = (self.b0.val() >> 16) | (self.sign33.val() << 17);
        }
        self.b2.next = self.b1.val();
        if self.shift.q.val().get_bit(3) {
            self.b2.next = (self.b1.val() >> 8) | (self.sign33.val() << 25);
        }
        self.b3.next = self.b2.val();
        if self.shift.q.val().get_bit(2) {
            self.b3.next = (self.b2.val() >> 4) | (self.sign33.val() << 29);
        }
        self.b4.next = self.b3.val();
        if self.shift.q.val().get_bit(1) {
            self.b4.next = (self.b3.val() >> 2) | (self.sign33.val() << 31);
        }
        self.b5.next = self.b4.val();
        if self.shift.q.val().get_bit(0) {
            self.b5.next = (self.b4.val() >> 1) | (self.sign33.val() << 32);
        }
        self.kept.next =
            (self.b5.val() >> 1) | bit_cast::<33, 1>(self.t.q.val().get_bits::<1>(31)) << 32;
        self.rounded.enable.next = self.round.val();
        self.rounded.d.next = self.kept.val() + bit_cast::<33, 1>(self.b5.val().get_bits::<1>(0));
        if self.round.val() {
            self.gathered.d.next = self.gathered.q.val() | (self.t.q.val() ^ self.sign.val());
        }

        self.negative.next = self.rounded.q.val().get_bit(32);
        self.high_wide.next = self.rounded.q.val().get_bits::<18>(15);
        self.high_narrow.next = self.rounded.q.val().get_bits::<26>(7);
        self.above.next = !self.negative.val() & self.high_narrow.val().any();
        // Below -127: also -128 itself.
        self.below.next = self.negative.val()
            & ((self.high_narrow.val() != self.ones26.val())
                | !self.rounded.q.val().get_bits::<7>(0).any());
        if self.wide.val() {
            self.above.next = !self.negative.val() & self.high_wide.val().any();
            self.below.next = self.negative.val()
                & ((self.high_wide.val() != self.ones18.val())
                    | !self.rounded.q.val().get_bits::<15>(0).any());
        }
        self.clip.next = self.above.val() | self.below.val();
        self.result.next = self.rounded.q.val().get_bits::<16>(0);
        if self.above.val() {
            self.result.next = 127.into();
            if self.wide.val() {
                self.result.next = 32767.into();
            }
        }
        if self.below.val() {
            self.result.next = 65409.into();
            if self.wide.val() {
                self.result.next = 32769.into();
            }
        }
        if self.count.val() & self.clip.val() {
            self.clips.d.next = self.clips.q.val() + 1;
        }
        if self.count.val() & !self.rounded.q.val().any() & self.t.q.val().any() {
            self.underflows.d.next = self.underflows.q.val() + 1;
        }
        if self.clear.val() {
            self.gathered.d.next = 0.into();
            self.clips.d.next = 0.into();
            self.underflows.d.next = 0.into();
        }
        self.magnitude.next = self.gathered.q.val();
        self.clipped.next = self.clips.q.val();
        self.underflow.next = self.underflows.q.val();
    }
}

#[cfg(test)]
#[path = "finish_tests.rs"]
mod tests;
