//! Sequencer of the array: walks a compute command's passes and pixels, prefetches each pass's weights while the pass before
//! it works, and says when the last sum is in memory. Addresses of sums are [`SumAddress`](super::SumAddress)'s.
//!
//! Ports: `start` takes the command (stable until `done`); `busy` from the next cycle to the one of `done`. `a_addr`, `b_addr`,
//! `b_mode`, `b_index` follow an issue by one cycle, `lane` (row group of the A word) by two, `first`, `last`, `shift` by three: a pad's
//! latency and a register. `issue`, `issue_first`, `issue_last` are those of the present cycle.
//!
//! A pass takes as many cycles as it has pixels, and 2R at least: in cycles R..2R of it the next pass's R weight words are
//! read, bottom row first. Weight-stationary commands spend R cycles on the first block. `done` comes R+C+5 cycles
//! (output-stationary: 2R+C+5) after the last cycle of the last pass, when the last sum can be read in the next one.
//! Reset: idle at once.
use super::{Line, PassLoop, PixelLoop};
use crate::control::decode::ComputeFields;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// What the sequencer is at.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum SequencerState {
    /// No command.
    Idle,
    /// First weights.
    Fill,
    /// Pixels.
    Pass,
    /// Sums under way.
    Drain,
}

/// Sequencer of an R×C array.
#[derive(Clone, Debug, LogicBlock)]
pub struct Sequencer<const R: usize, const C: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Take the command.
    pub start: Signal<In, Bit>,
    /// A compute command.
    pub command: Signal<In, Bits<512>>,
    /// A command is at work.
    pub busy: Signal<Out, Bit>,
    /// It is done.
    pub done: Signal<Out, Bit>,
    /// A word to read.
    pub a_addr: Signal<Out, Bits<16>>,
    /// B word or block to read.
    pub b_addr: Signal<Out, Bits<16>>,
    /// How to read it (see [`SkewPad`](crate::scratchpad::SkewPad)).
    pub b_mode: Signal<Out, Bits<2>>,
    /// Row or column of the block.
    pub b_index: Signal<Out, Bits<8>>,
    /// First lane of the row group.
    pub lane: Signal<Out, Bits<8>>,
    /// First operands of a pass.
    pub first: Signal<Out, Bit>,
    /// Last operands of a pass.
    pub last: Signal<Out, Bit>,
    /// B moves down a row.
    pub shift: Signal<Out, Bit>,
    /// A pixel is issued.
    pub issue: Signal<Out, Bit>,
    /// It is the first of its pass.
    pub issue_first: Signal<Out, Bit>,
    /// It is the last of its pass.
    pub issue_last: Signal<Out, Bit>,
    field: ComputeFields,
    state: Reg<SequencerState>,
    pixels: PixelLoop,
    passes: PassLoop<R>,
    blocks: PassLoop<R>,
    since: Dff<Bits<8>>,
    row: Dff<Bits<8>>,
    fed: Dff<Bit>,
    more: Dff<Bit>,
    flush_left: Dff<Bits<8>>,
    b_word: Dff<Bits<16>>,
    a_at: Dff<Bits<16>>,
    b_at: Dff<Bits<16>>,
    how: Dff<Bits<2>>,
    which: Dff<Bits<8>>,
    lane_read: Dff<Bits<8>>,
    lane_fed: Dff<Bits<8>>,
    first_line: Line,
    last_line: Line,
    shift_line: Line,
    rows: Constant<Bits<8>>,
    top_row: Constant<Bits<8>>,
    pass_end: Constant<Bits<8>>,
    flush: Constant<Bits<8>>,
    flush_kept: Constant<Bits<8>>,
    keep: Signal<Local, Bit>,
    streaming: Signal<Local, Bit>,
    filling: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    feeding: Signal<Local, Bit>,
    feeding_last: Signal<Local, Bit>,
    shifting: Signal<Local, Bit>,
    pass_over: Signal<Local, Bit>,
}

impl<const R: usize, const C: usize> Default for Sequencer<R, C> {
    fn default() -> Self {
        let count = |n: usize| Constant::new((n as u64).into());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            a_addr: Default::default(),
            b_addr: Default::default(),
            b_mode: Default::default(),
            b_index: Default::default(),
            lane: Default::default(),
            first: Default::default(),
            last: Default::default(),
            shift: Default::default(),
            issue: Default::default(),
            issue_first: Default::default(),
            issue_last: Default::default(),
            field: Default::default(),
            state: Reg::new(SequencerState::Idle),
            pixels: Default::default(),
            passes: Default::default(),
            blocks: Default::default(),
            since: Default::default(),
            row: Default::default(),
            fed: Default::default(),
            more: Default::default(),
            flush_left: Default::default(),
            b_word: Default::default(),
            a_at: Default::default(),
            b_at: Default::default(),
            how: Default::default(),
            which: Default::default(),
            lane_read: Default::default(),
            lane_fed: Default::default(),
            first_line: Line::new(3),
            last_line: Line::new(3),
            shift_line: Line::new(3),
            rows: count(R),
            top_row: count(R - 1),
            pass_end: count(2 * R - 1),
            flush: count(R + C + 4),
            flush_kept: count(2 * R + C + 4),
            keep: Default::default(),
            streaming: Default::default(),
            filling: Default::default(),
            whole: Default::default(),
            feeding: Default::default(),
            feeding_last: Default::default(),
            shifting: Default::default(),
            pass_over: Default::default(),
        }
    }
}

impl<const R: usize, const C: usize> Logic for Sequencer<R, C> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, since, row, fed, more, flush_left, b_word, a_at, b_at, how, which,
            lane_read, lane_fed
        );
        clock!(self, clock, pixels, passes, blocks, first_line, last_line, shift_line);
        self.state.reset.next = self.reset.val();
        self.first_line.reset.next = self.reset.val();
        self.last_line.reset.next = self.reset.val();
        self.shift_line.reset.next = self.reset.val();
        self.field.command.next = self.command.val();
        self.keep.next = self.field.output_stationary.val();
        self.pixels.n.next = self.field.n.val();
        self.pixels.y.next = self.field.y.val();
        self.pixels.x.next = self.field.x.val();
        self.pixels.a_n.next = self.field.a_n.val();
        self.pixels.a_y.next = self.field.a_y.val();
        self.pixels.a_x.next = self.field.a_x.val();
        self.passes.groups.next = self.field.groups.val();
        self.passes.k2.next = self.field.k2.val();
        self.passes.k1.next = self.field.k1.val();
        self.passes.k0.next = self.field.k0.val();
        self.passes.base.next = self.field.a_base.val();
        self.passes.s_k2.next = self.field.a_k2.val();
        self.passes.s_k1.next = self.field.a_k1.val();
        self.passes.s_k0.next = self.field.a_k0.val();
        self.blocks.groups.next = self.field.groups.val();
        self.blocks.k2.next = self.field.k2.val();
        self.blocks.k1.next = self.field.k1.val();
        self.blocks.k0.next = self.field.k0.val();
        self.blocks.base.next = self.field.b_base.val();
        self.blocks.s_k2.next = self.field.b_k2.val();
        self.blocks.s_k1.next = self.field.b_k1.val();
        self.blocks.s_k0.next = self.field.b_k0.val();

        // What this cycle does. Weights are read from cycle R of a pass on; `fed`: its pixels are out.
        self.streaming.next = self.state.q.val() == SequencerState::Pass;
        self.filling.next = self.state.q.val() == SequencerState::Fill;
        self.whole.next = self.since.q.val() >= self.pass_end.val();
        self.feeding.next = self.streaming.val() & !self.fed.q.val();
        self.feeding_last.next = self.feeding.val() & self.pixels.last.val();
        self.shifting.next = (self.streaming.val() | self.filling.val())
            & self.more.q.val()
            & (self.since.q.val() >= self.rows.val())
            & (self.since.q.val() <= self.pass_end.val());
        self.pass_over.next =
            self.streaming.val() & self.whole.val() & (self.fed.q.val() | self.feeding_last.val());

        self.pixels.step.next = self.feeding.val();
        self.pixels.restart.next = self.start.val();
        self.passes.step.next = self.pass_over.val();
        self.passes.restart.next = self.start.val();
        self.blocks.step.next = self.shifting.val() & (self.row.q.val() == 0);
        self.blocks.restart.next = self.start.val();
        if self.shifting.val() {
            self.row.d.next = self.row.q.val() - 1;
            if self.row.q.val() == 0 {
                self.row.d.next = self.top_row.val();
                self.more.d.next = !self.blocks.last.val();
            }
        }
        if self.feeding_last.val() {
            self.fed.d.next = true;
        }
        if self.since.q.val() <= self.pass_end.val() {
            self.since.d.next = self.since.q.val() + 1;
        }
        if self.feeding.val() {
            self.b_word.d.next = self.b_word.q.val() + 1;
        }

        self.done.next = false;
        if self.filling.val() & self.whole.val() {
            self.state.d.next = SequencerState::Pass;
            self.since.d.next = 0.into();
        }
        if self.pass_over.val() {
            self.since.d.next = 0.into();
            self.fed.d.next = false;
            self.b_word.d.next = self.field.b_base.val();
            if self.passes.last.val() {
                self.state.d.next = SequencerState::Drain;
                self.flush_left.d.next = self.flush.val();
                if self.keep.val() {
                    self.flush_left.d.next = self.flush_kept.val();
                }
            }
        }
        if self.state.q.val() == SequencerState::Drain {
            self.flush_left.d.next = self.flush_left.q.val() - 1;
            if self.flush_left.q.val() == 0 {
                self.done.next = true;
                self.state.d.next = SequencerState::Idle;
            }
        }
        if self.start.val() {
            self.state.d.next = SequencerState::Fill;
            self.since.d.next = self.rows.val();
            self.more.d.next = true;
            if self.keep.val() {
                self.state.d.next = SequencerState::Pass;
                self.since.d.next = 0.into();
                self.more.d.next = false;
            }
            self.row.d.next = self.top_row.val();
            self.fed.d.next = false;
            self.b_word.d.next = self.field.b_base.val();
        }
        self.busy.next = self.state.q.val() != SequencerState::Idle;

        // Addresses, one cycle later.
        self.a_at.d.next = self.passes.address.val() + self.pixels.offset.val();
        self.b_at.d.next = self.blocks.address.val();
        self.how.d.next = 1.into();
        if self.field.transpose.val() {
            self.how.d.next = 2.into();
        }
        if self.keep.val() {
            self.b_at.d.next = self.b_word.q.val();
            self.how.d.next = 0.into();
        }
        self.which.d.next = self.blocks.lane.val() + self.row.q.val();
        self.a_addr.next = self.a_at.q.val();
        self.b_addr.next = self.b_at.q.val();
        self.b_mode.next = self.how.q.val();
        self.b_index.next = self.which.q.val();
        self.lane_read.d.next = self.passes.lane.val();
        self.lane_fed.d.next = self.lane_read.q.val();
        self.lane.next = self.lane_fed.q.val();

        self.issue.next = self.feeding.val();
        self.issue_first.next = self.feeding.val() & (self.since.q.val() == 0);
        self.issue_last.next = self.feeding_last.val();
        self.first_line.d.next = self.feeding.val() & (self.since.q.val() == 0);
        self.last_line.d.next = self.feeding_last.val();
        // Operands go down to the last row, past the end of the last pass.
        self.shift_line.d.next =
            self.shifting.val() | (self.keep.val() & (self.state.q.val() != SequencerState::Idle));
        self.first.next = self.first_line.q.val();
        self.last.next = self.last_line.q.val();
        self.shift.next = self.shift_line.q.val();
    }
}
