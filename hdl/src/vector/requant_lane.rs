//! One lane of requantise: source + bias + aligned skip, ReLU and mask, rounding shift, clamp.
//!
//! ```text
//!  bias ─► bias_word ─► align ───┐
//!  acc ─┐                        │
//!  word ┴─► source ────────(sum)─► + ─► partial ─(gate)─► + ─► relu, mask ─► t ─(shift)─► >>> s ─(clamp)─► q
//!  word ──► operand ─(align)─► align ─────────────────────┘
//! ```
//!
//! Words in brackets are the enables; each stage is a register that holds while its enable is low, so the sequencer moves
//! a pixel by raising them one after the other: `source_enable` and `operand_enable`, `sum_enable` with `align_enable`,
//! `gate_enable`, `shift_enable`, `clamp_enable`. `t` is valid after the gate, `q` and the flags after the clamp.
//! A mask besides a skip word comes first, with `operand_enable`, and in the cycle after it `mask_enable`.
//! The bias word is there in the cycle before the source, and is aligned with every pixel: a lane serves several columns.
//!
//! Aligned words stay in the two parts and the carry that [`Align`] gives. The multiples of 16 of the shift `s` are chosen behind the gate already, so
//! `s` holds from `gate_enable` on.
//!
//! Latency 5 from source to `q`, one pixel a cycle. No reset: valid bits of the sequencer guard it.
//! Formats: source, bias, t s48 (sums wrap), words s16, shift s6 as in [`Align`], s 0 ..= 47.
use super::{Align, Clamp, GatedSum, RoundShift, SourceReg};
use crate::leaf::{Dff, RegEn};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// One lane of requantise.
#[derive(LogicBlock, Default)]
pub struct RequantLane {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Accumulator, s48.
    pub acc: Signal<In, Bits<48>>,
    /// Word of pad V, s16: source, bias, mask or skip.
    pub word: Signal<In, Bits<16>>,
    /// The source is the word.
    pub from_word: Signal<In, Bit>,
    /// Take the source.
    pub source_enable: Signal<In, Bit>,
    /// Take the word as operand.
    pub operand_enable: Signal<In, Bit>,
    /// Align the operand.
    pub align_enable: Signal<In, Bit>,
    /// Its shift, s6.
    pub align_shift: Signal<In, Bits<6>>,
    /// Nothing is to be added: the aligned operand is 0.
    pub align_zero: Signal<In, Bit>,
    /// The operand masks: the value becomes 0 where it is not positive.
    pub mask: Signal<In, Bit>,
    /// What masks is not the operand but the one before it.
    pub mask_first: Signal<In, Bit>,
    /// Keep what the operand masks.
    pub mask_enable: Signal<In, Bit>,
    /// Bias, s16.
    pub bias: Signal<In, Bits<16>>,
    /// Align the bias taken in the cycle before.
    pub bias_enable: Signal<In, Bit>,
    /// Its shift, s6.
    pub bias_shift: Signal<In, Bits<6>>,
    /// There is none.
    pub bias_zero: Signal<In, Bit>,
    /// Add source and bias.
    pub sum_enable: Signal<In, Bit>,
    /// Add the aligned operand, gate.
    pub gate_enable: Signal<In, Bit>,
    /// Negative values become 0.
    pub relu: Signal<In, Bit>,
    /// Shift.
    pub shift_enable: Signal<In, Bit>,
    /// The site's shift.
    pub s: Signal<In, Bits<6>>,
    /// Round and clamp.
    pub clamp_enable: Signal<In, Bit>,
    /// The value before the shift, s48.
    pub t: Signal<Out, Bits<48>>,
    /// The word, s16.
    pub q: Signal<Out, Bits<16>>,
    /// It was limited to ±32767.
    pub clipped: Signal<Out, Bit>,
    /// A nonzero value became 0.
    pub underflow: Signal<Out, Bit>,
    source: SourceReg,
    operand: RegEn<Bits<16>>,
    align: Align,
    bias_word: Dff<Bits<16>>,
    bias_align: Align,
    partial: GatedSum,
    kept: Dff<Bit>,
    masked: Dff<Bit>,
    gate: GatedSum,
    shift: RoundShift,
    clamp: Clamp,
    none: Signal<Local, Bit>,
}

impl RequantLane {
    /// `(t, q, clipped, underflow)` of a source with its bias and skip already aligned, and the mask word if there is one.
    pub fn golden(
        source: i64,
        bias: i64,
        skip: i64,
        relu: bool,
        mask: Option<i16>,
        s: u32,
    ) -> (i64, i16, bool, bool) {
        let mut t = numerics::wrap48(source + bias + skip);
        if relu {
            t = numerics::relu(t);
        }
        if mask.is_some_and(|m| m <= 0) {
            t = 0;
        }
        let (q, clipped, underflow) = numerics::requant_counted(t, s);
        (t, q, clipped, underflow)
    }
}

impl Logic for RequantLane {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, source, operand, align, bias_align, partial, gate, shift, clamp);
        dff_setup!(self, clock, kept, masked, bias_word);

        self.source.enable.next = self.source_enable.val();
        self.source.from_word.next = self.from_word.val();
        self.source.acc.next = self.acc.val();
        self.source.word.next = self.word.val();
        self.operand.reset.next = false;
        self.operand.enable.next = self.operand_enable.val();
        self.operand.d.next = self.word.val();

        self.align.enable.next = self.align_enable.val();
        self.align.zero.next = self.align_zero.val();
        self.align.word.next = self.operand.q.val();
        self.align.shift.next = self.align_shift.val();
        self.bias_word.d.next = self.bias.val();
        self.bias_align.enable.next = self.bias_enable.val();
        self.bias_align.zero.next = self.bias_zero.val();
        self.bias_align.word.next = self.bias_word.q.val();
        self.bias_align.shift.next = self.bias_shift.val();

        self.partial.enable.next = self.sum_enable.val();
        self.partial.a.next = self.source.sum.val();
        self.partial.a_more.next = self.source.wide.val();
        self.partial.b.next = self.bias_align.left.val();
        self.partial.b_more.next = self.bias_align.right.val();
        self.partial.carry.next = self.bias_align.carry.val();
        self.partial.coarse.next = 0.into();
        self.partial.relu.next = false;
        self.partial.zero.next = false;
        self.none.next = self.operand.q.val().get_bit(15) | !self.operand.q.val().any();
        if self.mask_enable.val() {
            self.kept.d.next = self.none.val();
        }
        if self.sum_enable.val() {
            self.masked.d.next = self.mask.val() & self.none.val();
            if self.mask_first.val() {
                self.masked.d.next = self.mask.val() & self.kept.q.val();
            }
        }

        self.gate.enable.next = self.gate_enable.val();
        self.gate.a.next = self.partial.sum.val();
        self.gate.a_more.next = 0.into();
        self.gate.b.next = self.align.left.val();
        self.gate.b_more.next = self.align.right.val();
        self.gate.carry.next = self.align.carry.val();
        self.gate.coarse.next = self.s.val().get_bits::<2>(4);
        self.gate.relu.next = self.relu.val();
        self.gate.zero.next = self.masked.q.val();
        self.t.next = self.gate.sum.val();

        self.shift.enable.next = self.shift_enable.val();
        self.shift.x.next = self.gate.sum.val();
        self.shift.by0.next = self.gate.by0.val();
        self.shift.by16.next = self.gate.by16.val();
        self.shift.by32.next = self.gate.by32.val();
        self.shift.s.next = self.s.val().get_bits::<4>(0);
        self.clamp.enable.next = self.clamp_enable.val();
        self.clamp.cut.next = self.shift.cut.val();
        self.clamp.over.next = self.shift.over.val();
        self.clamp.negative.next = self.shift.negative.val();
        self.clamp.nonzero.next = self.shift.nonzero.val();
        self.q.next = self.clamp.q.val();
        self.clipped.next = self.clamp.clipped.val();
        self.underflow.next = self.clamp.underflow.val();
    }
}

#[cfg(test)]
mod tests {
    use super::super::word::{raw, signed};
    use super::*;
    use crate::parity::Parity;
    use std::collections::VecDeque;

    /// A pixel every cycle with its own settings would need them piped; they are those of a command, so they stay put for
    /// a run of pixels and change when the lane is empty.
    #[test]
    fn pixels_follow_the_golden_function() {
        let mut due: VecDeque<(usize, (i64, i16, bool, bool))> = VecDeque::new();
        let (mut shift, mut skip, mut mask) = (0, false, false);
        let mut pipe = [false; 5];
        // A mask before the skip word: every other cycle is a pixel, the one before it has its mask.
        let (mut first, mut mask_word, mut mask_came) = (false, 0, false);
        let mut checked = [0; 2];
        Parity::new("requant_lane")
            .cycles(3000)
            .check(
                &mut RequantLane::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if let Some((_, (t, q, c, f))) = due.front().filter(|d| d.0 == cycle) {
                        let found = (u.q.val(), u.clipped.val(), u.underflow.val());
                        assert_eq!(found, (raw((*q).into()), *c, *f), "t {t}");
                        due.pop_front();
                        checked[usize::from(u.mask_first.next)] += 1;
                    }
                    let at = cycle % 60;
                    u.word.next = rng.corner();
                    u.acc.next = raw(signed(rng.corner::<48>()) >> (2 + rng.below(40)));
                    // The bias comes in the cycle before its pixel.
                    let bias_before = signed(u.bias.next) as i16;
                    u.bias.next = rng.corner();
                    pipe.rotate_right(1);
                    let mask_comes = first && (5..50).contains(&at) && !mask_came;
                    pipe[0] = (5..50).contains(&at) && !mask_comes && (first || rng.chance(80));
                    u.source_enable.next = pipe[0];
                    u.operand_enable.next = pipe[0] || mask_comes;
                    u.mask_enable.next = mask_came;
                    mask_came = mask_comes;
                    if mask_comes {
                        mask_word = signed(u.word.next) as i16;
                    }
                    u.align_enable.next = pipe[1];
                    u.bias_enable.next = pipe[0];
                    u.sum_enable.next = pipe[1];
                    u.gate_enable.next = pipe[2];
                    u.shift_enable.next = pipe[3];
                    u.clamp_enable.next = pipe[4];
                    if at == 0 {
                        shift = rng.below(47) as i64 - 16;
                        u.bias_shift.next = Bits::from(rng.below(47)) + raw::<6>(-16);
                        u.bias_zero.next = rng.chance(30);
                        (skip, mask) = (rng.chance(60), rng.chance(50));
                        first = skip && mask;
                        u.mask_first.next = first;
                        u.s.next = Bits::from(rng.below(48));
                        u.from_word.next = rng.chance(30);
                        u.relu.next = rng.chance(50);
                        u.align_shift.next = raw(shift);
                    }
                    u.mask.next = mask;
                    u.align_zero.next = !skip;
                    if pipe[0] {
                        let word = signed(u.word.next) as i16;
                        let source = if u.from_word.next {
                            word.into()
                        } else {
                            signed(u.acc.next)
                        };
                        let added = Align::golden(word, shift as i32, !skip);
                        let bias = Align::golden(
                            bias_before,
                            signed(u.bias_shift.next) as i32,
                            u.bias_zero.next,
                        );
                        let s = u.s.next.to_u64() as u32;
                        let masked = mask.then_some(if first { mask_word } else { word });
                        due.push_back((
                            cycle + 5,
                            RequantLane::golden(source, bias, added, u.relu.next, masked, s),
                        ));
                    }
                },
            )
            .unwrap();
        assert!(checked[0] > 800 && checked[1] > 200, "{checked:?}");
    }
}
