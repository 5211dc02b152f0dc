//! The inner loops of the compact engine: copies rows of words, streams pixels through the array in both dataflows, finishes lanes.
//! Loops around them, and all that is decided, are firmware.
//!
//! Three walks: source (`first`), destination (`second`) and operand (`third`, only in scratchpads). `go` with a mode in `value` starts
//! `x + 1` by `y + 1` steps (counts are set less one; `y` is used up); `busy` is high until the last word is written.
//!
//! | mode bits | |
//! |---|---|
//! | 1:0 | 0 copy first → second; 1 weight-stationary: weights at third, A at first, sums to second; 2 output-stationary: A at first, B at third; 3 finish lane: accumulators (with 12: pad) at first, mask at third, results to second |
//! | 2, 3 | first, second is in a scratchpad |
//! | 4 | copy: zeros |
//! | 5 | array: add to what the accumulators hold |
//! | 6 | weight-stationary: transposed weights |
//! | 7 | output-stationary: a step of ones after each four (sums of columns) |
//! | 8, 9, 10 | finish: ReLU, mask, results of 16 bits |
//! | 11 | third is in pad V, otherwise B |
//! | 12 | finish: source is a scratchpad |
//!
//! Cycles: copy x + 2; weight-stationary 4 + 2 a pixel + 7; output-stationary 17 (19 with ones) for four pixels; finish 6 a pixel.
//! In output-stationary mode second must walk 1 and, at the end of a row, back to the first (−3, with ones −4). Reset state: idle.
use super::Walk;
use crate::leaf::{Dff, DffEn, Reg};
use rust_hdl::prelude::*;

/// Sequencer of the inner loops over a memory of `2^AW` words.
#[derive(LogicBlock, Default)]
pub struct Stream<const AW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// An address, step, count or mode.
    pub value: Signal<In, Bits<16>>,
    /// Strobes of first: address, step, row step.
    pub set_first: Signal<In, Bits<3>>,
    /// Strobes of second: address, step, row step.
    pub set_second: Signal<In, Bits<3>>,
    /// Address of third.
    pub set_third: Signal<In, Bit>,
    /// Steps of a row less one.
    pub set_x: Signal<In, Bit>,
    /// Rows less one.
    pub set_y: Signal<In, Bit>,
    /// Start with the mode in `value`.
    pub go: Signal<In, Bit>,
    /// At work.
    pub busy: Signal<Out, Bit>,
    /// Memory is read.
    pub read: Signal<Out, Bit>,
    /// Word read.
    pub read_address: Signal<Out, Bits<AW>>,
    /// Words are copied: all lanes are written.
    pub write_word: Signal<Out, Bit>,
    /// A lane is written.
    pub write_lane: Signal<Out, Bit>,
    /// Word written.
    pub write_address: Signal<Out, Bits<AW>>,
    /// What is copied is zero.
    pub zero: Signal<Out, Bit>,
    /// Array: take weights.
    pub weights: Signal<Out, Bit>,
    /// Array: round them.
    pub round_weights: Signal<Out, Bit>,
    /// Array: transposed.
    pub transpose: Signal<Out, Bit>,
    /// Array: row.
    pub row: Signal<Out, Bits<2>>,
    /// Array: take operands.
    pub operands: Signal<Out, Bit>,
    /// Array: take operands of a row.
    pub pile: Signal<Out, Bit>,
    /// Array: next step.
    pub shift: Signal<Out, Bit>,
    /// Array: operands 0.
    pub clear: Signal<Out, Bit>,
    /// Accumulators are read.
    pub sum_read: Signal<Out, Bit>,
    /// Accumulator read.
    pub sum_read_address: Signal<Out, Bits<8>>,
    /// Add to it.
    pub sum_add: Signal<Out, Bit>,
    /// High halves are added.
    pub sum_high: Signal<Out, Bit>,
    /// Accumulators are written.
    pub sum_write: Signal<Out, Bit>,
    /// Accumulator written.
    pub sum_write_address: Signal<Out, Bits<8>>,
    /// Finish: the low half is there.
    pub finish_low: Signal<Out, Bit>,
    /// Finish: its four steps.
    pub finish: Signal<Out, Bits<4>>,
    /// Finish: source, ReLU, mask, width.
    pub from_pad: Signal<Out, Bit>,
    /// Finish: ReLU.
    pub relu: Signal<Out, Bit>,
    /// Finish: mask.
    pub mask: Signal<Out, Bit>,
    /// Finish: results of 16 bits.
    pub wide: Signal<Out, Bit>,
    first: Walk<AW>,
    second: Walk<AW>,
    third: Dff<Bits<6>>,
    mode: DffEn<Bits<13>>,
    x: DffEn<Bits<12>>,
    x_left: Dff<Bits<12>>,
    y_left: Dff<Bits<12>>,
    state: Reg<Bits<3>>,
    sub: Reg<Bits<4>>,
    ended: Dff<Bit>,
    once: Dff<Bit>,
    again: Dff<Bit>,
    v1: Reg<Bit>,
    v1_weights: Dff<Bit>,
    v1_row: Dff<Bits<2>>,
    v2: Reg<Bit>,
    v3: Reg<Bit>,
    v3_end: Dff<Bit>,
    v4: Reg<Bit>,
    v4_address: Dff<Bits<7>>,
    v5: Reg<Bit>,
    v5_address: Dff<Bits<7>>,
    v6: Reg<Bit>,
    v6_address: Dff<Bits<7>>,
    read_word: Signal<Local, Bits<7>>,
    read_high: Signal<Local, Bit>,
    kind: Signal<Local, Bits<2>>,
    is_copy: Signal<Local, Bit>,
    is_weight: Signal<Local, Bit>,
    is_output: Signal<Local, Bit>,
    is_finish: Signal<Local, Bit>,
    step: Signal<Local, Bit>,
    row_end: Signal<Local, Bit>,
    last: Signal<Local, Bit>,
    steps_end: Signal<Local, Bit>,
    third_step: Signal<Local, Bit>,
    third_added: Signal<Local, Bits<6>>,
    third_word: Signal<Local, Bits<AW>>,
    read_third: Signal<Local, Bit>,
    stage: Signal<Local, Bits<4>>,
    phase: Signal<Local, Bit>,
    last_step: Signal<Local, Bit>,
    none: Signal<Local, Bits<AW>>,
    all: Signal<Local, Bits<AW>>,
    pad_b: Signal<Local, Bits<AW>>,
    pad_v: Signal<Local, Bits<AW>>,
}

impl<const AW: usize> Logic for Stream<AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, third, x_left, y_left, state, sub, ended, once, again);
        dff_setup!(self, clock, v1, v1_weights, v1_row, v2, v3, v3_end);
        dff_setup!(self, clock, v4, v4_address, v5, v5_address, v6, v6_address);
        self.state.reset.next = self.reset.val();
        self.sub.reset.next = self.reset.val();
        self.v1.reset.next = self.reset.val();
        self.v2.reset.next = self.reset.val();
        self.v3.reset.next = self.reset.val();
        self.v4.reset.next = self.reset.val();
        self.v5.reset.next = self.reset.val();
        self.v6.reset.next = self.reset.val();
        self.mode.clock.next = self.clock.val();
        self.x.clock.next = self.clock.val();
        self.first.clock.next = self.clock.val();
        self.second.clock.next = self.clock.val();

        self.mode.enable.next = self.go.val();
        self.mode.d.next = self.value.val().get_bits::<13>(0);
        self.x.enable.next = self.set_x.val();
        self.x.d.next = self.value.val().get_bits::<12>(0);
        self.kind.next = self.mode.q.val().get_bits::<2>(0);
        self.is_copy.next = self.kind.val() == 0;
        self.is_weight.next = self.kind.val() == 1;
        self.is_output.next = self.kind.val() == 2;
        self.is_finish.next = self.kind.val() == 3;
        self.stage.next = self.sub.q.val();
        self.phase.next = self.sub.q.val().get_bit(0);

        // States: 0 idle, 1 copy, 2 weights (B), 3 pixels, 4 operands (A), 5 gap, 6 steps, 7 finish.
        self.row_end.next = !self.x_left.q.val().any();
        self.last.next = self.row_end.val() & !self.y_left.q.val().any();
        self.step.next = (self.state.q.val() == 1)
            | ((self.state.q.val() == 3) & self.phase.val())
            | (self.state.q.val() == 4)
            | ((self.state.q.val() == 7) & (self.stage.val() == 5));
        // Four steps of two cycles, or five.
        self.steps_end.next =
            (self.stage.val() == 9) | ((self.stage.val() == 7) & !self.mode.q.val().get_bit(7));
        self.last_step.next =
            (self.stage.val() == 8) | ((self.stage.val() == 6) & !self.mode.q.val().get_bit(7));
        if self.state.q.val().any() {
            self.sub.d.next = self.sub.q.val() + 1;
        }
        if ((self.state.q.val() == 1) | ((self.state.q.val() == 3) & self.phase.val()))
            & self.last.val()
        {
            self.state.d.next = 0.into();
        }
        if (self.state.q.val() == 2) & (self.stage.val() == 3) {
            self.sub.d.next = 0.into();
            self.state.d.next = 5.into();
            if self.is_weight.val() {
                self.state.d.next = 3.into();
            }
        }
        if self.state.q.val() == 4 {
            if self.last.val() {
                self.ended.d.next = true;
            }
            if self.last.val() | (self.stage.val() == 3) {
                self.sub.d.next = 0.into();
                self.state.d.next = 2.into();
            }
        }
        if self.state.q.val() == 5 {
            self.again.d.next = self.once.q.val();
            self.sub.d.next = 0.into();
            self.state.d.next = 6.into();
        }
        if (self.state.q.val() == 6) & self.steps_end.val() {
            self.once.d.next = true;
            self.sub.d.next = 0.into();
            self.state.d.next = 4.into();
            if self.ended.q.val() {
                self.state.d.next = 0.into();
            }
        }
        if (self.state.q.val() == 7) & (self.stage.val() == 5) {
            self.sub.d.next = 0.into();
            if self.last.val() {
                self.state.d.next = 0.into();
            }
        }
        if self.step.val() {
            self.x_left.d.next = self.x_left.q.val() - 1;
            if self.row_end.val() {
                self.x_left.d.next = self.x.q.val();
                self.y_left.d.next = self.y_left.q.val() - 1;
            }
        }
        if self.set_y.val() {
            self.y_left.d.next = self.value.val().get_bits::<12>(0);
        }
        if self.go.val() {
            self.x_left.d.next = self.x.q.val();
            self.ended.d.next = false;
            self.once.d.next = false;
            self.again.d.next = false;
            self.sub.d.next = 0.into();
            self.state.d.next = 1.into();
            if self.value.val().get_bits::<2>(0) == 1 {
                self.state.d.next = 2.into();
            }
            if self.value.val().get_bits::<2>(0) == 2 {
                self.state.d.next = 4.into();
            }
            if self.value.val().get_bits::<2>(0) == 3 {
                self.state.d.next = 7.into();
            }
        }

        // Pipeline of the array: word read, operands taken, halves, sums, accumulators' low halves, their high halves, written.
        self.v1.d.next = (self.state.q.val() == 1)
            | (self.state.q.val() == 2)
            | ((self.state.q.val() == 3) & !self.phase.val())
            | (self.state.q.val() == 4);
        self.v1_weights.d.next = self.state.q.val() == 2;
        self.v1_row.d.next = self.stage.val().get_bits::<2>(0);
        self.weights.next = self.v1.q.val() & self.v1_weights.q.val();
        self.operands.next = self.v1.q.val() & !self.v1_weights.q.val() & self.is_weight.val();
        self.pile.next = self.v1.q.val() & !self.v1_weights.q.val() & self.is_output.val();
        self.row.next = self.v1_row.q.val();
        self.clear.next = (self.state.q.val() == 4) & (self.stage.val() == 0);
        self.shift.next = (self.state.q.val() == 6) & self.phase.val();
        self.round_weights.next = self.is_weight.val();
        self.transpose.next = self.mode.q.val().get_bit(6) & self.is_weight.val();
        self.v2.d.next = self.operands.val();
        self.v3.d.next = self.v2.q.val() | ((self.state.q.val() == 6) & !self.phase.val());
        self.v3_end.d.next = (self.state.q.val() == 6) & self.last_step.val();
        self.v4.d.next = self.v3.q.val();
        self.v4_address.d.next = self.second.address.val().get_bits::<7>(0);
        self.v5.d.next = self.v4.q.val();
        self.v5_address.d.next = self.v4_address.q.val();
        self.v6.d.next = self.v5.q.val();
        self.v6_address.d.next = self.v5_address.q.val();
        self.sum_read.next = self.v3.q.val()
            | self.v4.q.val()
            | ((self.state.q.val() == 7) & (self.stage.val().get_bits::<3>(1) == 0));
        // Low halves in one cycle, high ones in the next.
        self.read_word.next = self.second.address.val().get_bits::<7>(0);
        self.read_high.next = self.v4.q.val();
        if self.v4.q.val() {
            self.read_word.next = self.v4_address.q.val();
        }
        if self.is_finish.val() {
            self.read_word.next = self.first.address.val().get_bits::<7>(0);
            self.read_high.next = self.phase.val();
        }
        self.sum_read_address.next = bit_cast::<8, 7>(self.read_word.val()) << 1;
        if self.read_high.val() {
            self.sum_read_address.next = (bit_cast::<8, 7>(self.read_word.val()) << 1) | 1;
        }
        self.sum_high.next = self.v5.q.val();
        self.sum_add.next = self.mode.q.val().get_bit(5) | self.again.q.val();
        self.sum_write.next = self.v5.q.val() | self.v6.q.val();
        self.sum_write_address.next = bit_cast::<8, 7>(self.v5_address.q.val()) << 1;
        if self.v6.q.val() {
            self.sum_write_address.next = (bit_cast::<8, 7>(self.v6_address.q.val()) << 1) | 1;
        }

        self.first.value.next = self.value.val();
        self.first.set_address.next = self.set_first.val().get_bit(0);
        self.first.set_step.next = self.set_first.val().get_bit(1);
        self.first.set_row_step.next = self.set_first.val().get_bit(2);
        self.first.advance.next = self.step.val();
        self.first.row_end.next = self.row_end.val();
        self.first.pad.next = self.mode.q.val().get_bit(2);
        self.second.value.next = self.value.val();
        self.second.set_address.next = self.set_second.val().get_bit(0);
        self.second.set_step.next = self.set_second.val().get_bit(1);
        self.second.set_row_step.next = self.set_second.val().get_bit(2);
        self.second.pad.next = self.mode.q.val().get_bit(3);
        self.second.advance.next = self.v3.q.val();
        self.second.row_end.next = self.v3_end.q.val();
        if self.is_copy.val() {
            self.second.advance.next = self.v1.q.val();
        }
        if self.is_finish.val() {
            self.second.advance.next = self.step.val();
            self.second.row_end.next = self.row_end.val();
        }
        self.third_step.next = (self.state.q.val() == 2) | (self.is_finish.val() & self.step.val());
        self.third_added.next = 1.into();
        if self.is_finish.val() {
            self.third_added.next = self.second.next_step.val().get_bits::<6>(0);
        }
        if self.third_step.val() {
            self.third.d.next = self.third.q.val() + self.third_added.val();
        }
        if self.set_third.val() {
            self.third.d.next = self.value.val().get_bits::<6>(0);
        }

        self.none.next = 0.into();
        self.all.next = !self.none.val();
        self.pad_b.next = (self.all.val() << 8) | 64;
        self.pad_v.next = (self.all.val() << 8) | 128;
        self.read_third.next =
            (self.state.q.val() == 2) | ((self.state.q.val() == 7) & (self.stage.val() == 1));
        self.read.next = ((self.state.q.val() == 1) & !self.mode.q.val().get_bit(4))
            | ((self.state.q.val() == 3) & !self.phase.val())
            | (self.state.q.val() == 4)
            | ((self.state.q.val() == 7) & (self.stage.val() == 0))
            | self.read_third.val();
        self.third_word.next = bit_cast::<AW, 6>(self.third.q.val()) | self.pad_b.val();
        if self.mode.q.val().get_bit(11) {
            self.third_word.next = bit_cast::<AW, 6>(self.third.q.val()) | self.pad_v.val();
        }
        self.read_address.next = self.first.address.val();
        if self.read_third.val() {
            self.read_address.next = self.third_word.val();
        }
        self.write_address.next = self.second.address.val();
        self.write_word.next = self.v1.q.val() & self.is_copy.val();
        self.write_lane.next = (self.state.q.val() == 7) & (self.stage.val() == 5);
        self.zero.next = self.mode.q.val().get_bit(4);
        self.finish_low.next = (self.state.q.val() == 7) & (self.stage.val() == 1);
        self.finish.next = 0.into();
        if self.state.q.val() == 7 {
            if self.stage.val() == 2 {
                self.finish.next = 1.into();
            }
            if self.stage.val() == 3 {
                self.finish.next = 2.into();
            }
            if self.stage.val() == 4 {
                self.finish.next = 4.into();
            }
            if self.stage.val() == 5 {
                self.finish.next = 8.into();
            }
        }
        self.relu.next = self.mode.q.val().get_bit(8);
        self.mask.next = self.mode.q.val().get_bit(9);
        self.wide.next = self.mode.q.val().get_bit(10);
        self.from_pad.next = self.mode.q.val().get_bit(12);
        self.busy.next = self.state.q.val().any()
            | self.v1.q.val()
            | self.v2.q.val()
            | self.v3.q.val()
            | self.v4.q.val()
            | self.v5.q.val()
            | self.v6.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity() {
        let mut wait = 0;
        Parity::new("compact_stream")
            .cycles(20_000)
            .all_move_but(&[])
            .check(
                &mut Stream::<10>::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle < 2 || rng.chance(1) && rng.chance(20);
                    u.value.next = rng.corner();
                    u.set_first.next = 0.into();
                    u.set_second.next = 0.into();
                    (u.set_third.next, u.set_x.next) = (false, false);
                    (u.set_y.next, u.go.next) = (false, false);
                    if u.busy.val() {
                        wait += 1;
                        return;
                    }
                    let small = u64::from(rng.below(8) == 0) + rng.below(6);
                    match rng.below(8) {
                        0 => u.set_first.next = (1u64 << rng.below(3)).into(),
                        1 => u.set_second.next = (1u64 << rng.below(3)).into(),
                        2 => u.set_third.next = true,
                        3 => (u.set_x.next, u.value.next) = (true, small.into()),
                        4 => (u.set_y.next, u.value.next) = (true, small.into()),
                        _ => u.go.next = cycle > 60,
                    }
                },
            )
            .unwrap();
        assert!(wait > 1000);
    }
}
