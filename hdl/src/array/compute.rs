//! The compute unit: runs compute commands of `tandem_isa::command::Compute`. It moves no data to or from DDR and does
//! not round: that is load's and vector's.
//!
//! Unit protocol: `start` (one cycle) with `command`, which stays until `taken`; the next start from the cycle after that on. `busy` from the
//! cycle after a start until the last command is done; `done` once a command, in order; all its sums can be read in the cycle after. Never `stalled`, no
//! errors of its own. `phase`: what the cycle is counted as.
//! A: `a_addr` → `a_data` one cycle later. B: {`b_addr`, `b_mode`, `b_index`}, `b_blank` → `b_data` two cycles later
//! ([`SkewPad`](crate::scratchpad::SkewPad)). Vector unit: {`acc_read`, `acc_addr`} → `acc_grant` in the same cycle, `acc_data` (s48)
//! in the next one only; a bank (top address bit) that the array is adding into is refused.
//!
//! A command alone is `done` (passes − 1) × max(pixels, 2R) + pixels + 2R+C+5 cycles after `start` (output-stationary: 2R+C+8, and the first pass
//! takes its pixels only). One that starts in time begins right behind the command before, which then costs passes × max(pixels, 2R) cycles; see [`Sequencer`] for the
//! few cycles that short passes add. Operands s16, sums s48, wrapping.
//! R divides C and is 4 or more, C = 2^LB lanes, two accumulator banks of 2^BW words; 2R + C + 7 ≤ 128. Reset: idle; accumulators keep their words.
use super::{Accumulator, Grid, RowFeed, Sequencer, SumAddress};
use crate::control::decode::ComputeFields;
use crate::leaf::Reg;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Compute unit of R×C cells.
#[derive(Clone, Debug, LogicBlock)]
pub struct Compute<const R: usize, const C: usize, const LB: usize, const BW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Begin the command.
    pub start: Signal<In, Bit>,
    /// The command's 64 bytes.
    pub command: Signal<In, Bits<512>>,
    /// The command is not needed any more.
    pub taken: Signal<Out, Bit>,
    /// A command is at work.
    pub busy: Signal<Out, Bit>,
    /// The oldest is done.
    pub done: Signal<Out, Bit>,
    /// Always low: nothing here waits.
    pub stalled: Signal<Out, Bit>,
    /// Always low: commands are checked before they come.
    pub error: Signal<Out, Bit>,
    /// Always 0.
    pub error_code: Signal<Out, Bits<8>>,
    /// Always 0.
    pub error_value: Signal<Out, Bits<32>>,
    /// Phase of the command in its passes, or of the last one.
    pub phase: Signal<Out, Bits<2>>,
    /// A word to read.
    pub a_addr: Signal<Out, Bits<16>>,
    /// Its lanes.
    pub a_data: [Signal<In, Bits<16>>; C],
    /// B word or block to read.
    pub b_addr: Signal<Out, Bits<16>>,
    /// How to read it.
    pub b_mode: Signal<Out, Bits<2>>,
    /// Row or column of the block.
    pub b_index: Signal<Out, Bits<LB>>,
    /// The lanes asked for in the cycle before are to be 0.
    pub b_blank: Signal<Out, Bit>,
    /// Lanes read.
    pub b_data: [Signal<In, Bits<16>>; C],
    /// Read an accumulator word.
    pub acc_read: Signal<In, Bit>,
    /// Which.
    pub acc_addr: Signal<In, Bits<16>>,
    /// The read is done.
    pub acc_grant: Signal<Out, Bit>,
    /// The word, one cycle later.
    pub acc_data: [Signal<Out, Bits<48>>; C],
    field: ComputeFields,
    sequencer: Sequencer<R, C>,
    feed: RowFeed<R, C>,
    grid: Grid<R, C>,
    sums: SumAddress<R, C>,
    lane: [Accumulator<BW>; C],
    hold0: Reg<Bits<8>>,
    hold1: Reg<Bits<8>>,
    bank_bit: Constant<Bits<16>>,
    other_lanes: Constant<Bits<8>>,
    sum_bank: Signal<Local, Bit>,
    sum_word: Signal<Local, Bits<BW>>,
    read_bank: Signal<Local, Bit>,
    read_word: Signal<Local, Bits<BW>>,
    used: Signal<Local, Bit>,
    granted: Signal<Local, Bit>,
}

impl<const R: usize, const C: usize, const LB: usize, const BW: usize> Default
    for Compute<R, C, LB, BW>
{
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            taken: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            stalled: Default::default(),
            error: Default::default(),
            error_code: Default::default(),
            error_value: Default::default(),
            phase: Default::default(),
            a_addr: Default::default(),
            a_data: from_fn(|_| Default::default()),
            b_addr: Default::default(),
            b_mode: Default::default(),
            b_index: Default::default(),
            b_blank: Default::default(),
            b_data: from_fn(|_| Default::default()),
            acc_read: Default::default(),
            acc_addr: Default::default(),
            acc_grant: Default::default(),
            acc_data: from_fn(|_| Default::default()),
            field: Default::default(),
            sequencer: Default::default(),
            feed: Default::default(),
            grid: Default::default(),
            sums: Default::default(),
            lane: from_fn(|_| Default::default()),
            hold0: Default::default(),
            hold1: Default::default(),
            bank_bit: Constant::new((1u64 << BW).into()),
            other_lanes: Constant::new((C as u64 - 1).into()),
            sum_bank: Default::default(),
            sum_word: Default::default(),
            read_bank: Default::default(),
            read_word: Default::default(),
            used: Default::default(),
            granted: Default::default(),
        }
    }
}

impl<const R: usize, const C: usize, const LB: usize, const BW: usize> Logic
    for Compute<R, C, LB, BW>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, hold0, hold1);
        clock!(self, clock, sequencer, feed, grid, sums);
        self.hold0.reset.next = self.reset.val();
        self.hold1.reset.next = self.reset.val();
        self.field.command.next = self.sequencer.at_work.val();

        self.sequencer.reset.next = self.reset.val();
        self.sequencer.start.next = self.start.val();
        self.sequencer.command.next = self.command.val();
        self.taken.next = self.sequencer.taken.val();
        self.busy.next = self.sequencer.busy.val();
        self.done.next = self.sequencer.done.val();
        self.stalled.next = false;
        self.error.next = false;
        self.error_code.next = 0.into();
        self.error_value.next = 0.into();
        self.phase.next = self.sequencer.phase.val();
        self.a_addr.next = self.sequencer.a_addr.val();
        self.b_addr.next = self.sequencer.b_addr.val();
        self.b_mode.next = self.sequencer.b_mode.val();
        self.b_index.next = self.sequencer.b_index.val().get_bits::<LB>(0);
        self.b_blank.next = self.sequencer.blank.val();

        self.feed.run.next = self.sequencer.busy.val();
        self.feed.lane.next = self.sequencer.lane.val();
        self.grid.run.next = self.sequencer.busy.val();
        self.grid.keep.next = self.sequencer.keep.val();
        self.grid.first.next = self.sequencer.first.val();
        self.grid.last.next = self.sequencer.last.val();
        self.grid.shift.next = self.sequencer.shift.val();
        for i in 0..R {
            self.grid.a[i].next = self.feed.y[i].val();
        }
        for j in 0..C {
            self.feed.x[j].next = self.a_data[j].val();
            self.grid.b[j].next = self.b_data[j].val();
        }

        self.sums.reset.next = self.reset.val();
        self.sums.take.next = self.sequencer.take.val();
        self.sums.keep.next = self.sequencer.keep.val();
        self.sums.accumulate.next = self.field.accumulate.val();
        self.sums.groups.next = self.field.groups.val();
        self.sums.acc_base.next = self.field.acc_base.val();
        self.sums.issue.next = self.sequencer.issue.val();
        self.sums.first.next = self.sequencer.issue_first.val();
        self.sums.last.next = self.sequencer.issue_last.val();
        self.sums.sums.next = self.sequencer.issue_sums.val();
        self.sum_bank.next = (self.sums.address.val() & self.bank_bit.val()).any();
        self.sum_word.next = self.sums.address.val().get_bits::<BW>(0);

        // A bank is in use from a request's entry into lane 0 until it has passed the last lane.
        self.read_bank.next = (self.acc_addr.val() & self.bank_bit.val()).any();
        self.read_word.next = self.acc_addr.val().get_bits::<BW>(0);
        if self.hold0.q.val() != 0 {
            self.hold0.d.next = self.hold0.q.val() - 1;
        }
        if self.hold1.q.val() != 0 {
            self.hold1.d.next = self.hold1.q.val() - 1;
        }
        if self.sums.valid.val() {
            if self.sum_bank.val() {
                self.hold1.d.next = self.other_lanes.val();
            } else {
                self.hold0.d.next = self.other_lanes.val();
            }
        }
        self.used.next = (self.hold0.q.val() != 0) | (self.sums.valid.val() & !self.sum_bank.val());
        if self.read_bank.val() {
            self.used.next =
                (self.hold1.q.val() != 0) | (self.sums.valid.val() & self.sum_bank.val());
        }
        self.granted.next = self.acc_read.val() & !self.used.val();
        self.acc_grant.next = self.granted.val();

        for j in 0..C {
            self.lane[j].clock.next = self.clock.val();
            self.lane[j].reset.next = self.reset.val();
            self.lane[j].keep.next = self.sequencer.keep.val();
            self.lane[j].data.next = self.grid.sum[j].val();
            self.lane[j].drained.next = self.grid.drained[j].val();
            self.lane[j].read.next = self.granted.val();
            self.lane[j].read_bank.next = self.read_bank.val();
            self.lane[j].read_address.next = self.read_word.val();
            self.acc_data[j].next = self.lane[j].read_data.val();
        }
        self.lane[0].valid.next = self.sums.valid.val();
        self.lane[0].overwrite.next = self.sums.overwrite.val();
        self.lane[0].bank.next = self.sum_bank.val();
        self.lane[0].address.next = self.sum_word.val();
        for j in 1..C {
            self.lane[j].valid.next = self.lane[j - 1].next_valid.val();
            self.lane[j].overwrite.next = self.lane[j - 1].next_overwrite.val();
            self.lane[j].bank.next = self.lane[j - 1].next_bank.val();
            self.lane[j].address.next = self.lane[j - 1].next_address.val();
        }
    }
}

#[cfg(test)]
#[path = "compute_tests.rs"]
mod tests;
