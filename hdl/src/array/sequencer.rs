//! Sequencer of the array: walks the passes and pixels of compute commands, prefetches each pass's weights while the pass before
//! it works, and says when a command's last sum is in memory. Addresses of sums are [`SumAddress`](super::SumAddress)'s.
//!
//! ```text
//! start ─► weights of the first pass ─► passes ─► sums under way ─► done
//!                                      taken: the next start may come
//! ```
//!
//! A command is `taken` when its last pass has begun and all its weights are read; the next one's first weights are then read behind that pass, so
//! commands follow one another without a gap. Between different dataflows all is drained first.
//!
//! Ports: `start` begins `command`, which stays until `taken` (pulse; the next start in the cycle after it at the earliest); `busy` from the cycle after a start until
//! the last command's `done` (pulse, in order). `at_work` is the command in its passes, or the last one, from the cycle after `take` on. `a_addr`, `b_addr`, `b_mode`,
//! `b_index` follow an issue by one cycle, `lane` (row group of the A word) by two, `blank` too, `first`, `last`, `shift` by three: a pad's
//! latency and a register. Output-stationary, `a_addr`, `lane`, `first` and `last` come one cycle later than that: cells hold their B operands for a cycle more. `issue`, `issue_first`, `issue_last`, `issue_sums` are those of the present cycle.
//!
//! Weight-stationary: a pass takes as many cycles as it has pixels, and 2R at least: from cycle R of it on the next pass's R weight words are
//! read, bottom row first. The first pixel of a command comes 3 cycles or more after the last one before (both may go into one word).
//! Output-stationary: as many cycles as pixels, but the last pixel comes 2R cycles or more after the last of the pass before, 2R+1 if that
//! ended a command, 2R+3 if with its column sums: until then `blank` words, to be taken as 0, are issued, so that drains never meet.
//!
//! From start to the first issue R+1 cycles (output-stationary: 2) if nothing is at work. `done` comes R+C+5 cycles (output-stationary: 2R+C+7)
//! after the last pixel of the last pass, when the last sum can be read in the next one. At most 15 commands under way. R 4 or more. Reset: idle at once.
use super::{Line, PassLoop, PixelLoop};
use crate::control::decode::ComputeFields;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Sequencer of an R×C array.
#[derive(Clone, Debug, LogicBlock)]
pub struct Sequencer<const R: usize, const C: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Begin the command.
    pub start: Signal<In, Bit>,
    /// A compute command.
    pub command: Signal<In, Bits<512>>,
    /// It is not needed any more.
    pub taken: Signal<Out, Bit>,
    /// A command is at work.
    pub busy: Signal<Out, Bit>,
    /// The oldest is done.
    pub done: Signal<Out, Bit>,
    /// Output-stationary.
    pub keep: Signal<Out, Bit>,
    /// What the cycle is counted as.
    pub phase: Signal<Out, Bits<2>>,
    /// The passes of `command` begin with the next cycle.
    pub take: Signal<Out, Bit>,
    /// The command in its passes.
    pub at_work: Signal<Out, Bits<512>>,
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
    /// The B word asked for in the cycle before counts as 0.
    pub blank: Signal<Out, Bit>,
    /// A pixel is issued.
    pub issue: Signal<Out, Bit>,
    /// It is the first of its pass.
    pub issue_first: Signal<Out, Bit>,
    /// It is the last of its pass.
    pub issue_last: Signal<Out, Bit>,
    /// And the last of a command that wants its column sums.
    pub issue_sums: Signal<Out, Bit>,
    later: ComputeFields,
    current: ComputeFields,
    running: Dff<Bits<512>>,
    pending: Reg<Bit>,
    owing: Reg<Bit>,
    dataflow: Reg<Bit>,
    more: Reg<Bit>,
    loaded: Reg<Bit>,
    working: Reg<Bit>,
    open: Reg<Bits<4>>,
    since: Reg<Bits<8>>,
    drain_left: Reg<Bits<8>>,
    fed: Dff<Bit>,
    just_fed: Dff<Bit>,
    fresh: Dff<Bit>,
    row: Dff<Bits<8>>,
    b_word: Dff<Bits<16>>,
    pixels: PixelLoop,
    passes: PassLoop<R>,
    blocks: PassLoop<R>,
    a_at: Dff<Bits<16>>,
    a_late: Dff<Bits<16>>,
    b_at: Dff<Bits<16>>,
    how: Dff<Bits<2>>,
    which: Dff<Bits<8>>,
    lane_read: Dff<Bits<8>>,
    lane_fed: Dff<Bits<8>>,
    lane_late: Dff<Bits<8>>,
    first_late: Dff<Bit>,
    last_late: Dff<Bit>,
    first_line: Line,
    last_line: Line,
    shift_line: Line,
    blank_line: Line,
    flush: Line,
    flush_kept: Line,
    rows: Constant<Bits<8>>,
    top_row: Constant<Bits<8>>,
    pass_end: Constant<Bits<8>>,
    drain: Constant<Bits<8>>,
    drain_end: Constant<Bits<8>>,
    drain_sums: Constant<Bits<8>>,
    kept: Signal<Local, Bit>,
    idle: Signal<Local, Bit>,
    alone: Signal<Local, Bit>,
    fits: Signal<Local, Bit>,
    pass_on: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    held: Signal<Local, Bit>,
    feeding: Signal<Local, Bit>,
    feeding_last: Signal<Local, Bit>,
    feeding_end: Signal<Local, Bit>,
    shifting: Signal<Local, Bit>,
    filled: Signal<Local, Bit>,
    pass_over: Signal<Local, Bit>,
    free: Signal<Local, Bit>,
    taking: Signal<Local, Bit>,
}

impl<const R: usize, const C: usize> Default for Sequencer<R, C> {
    fn default() -> Self {
        let count = |n: usize| Constant::new((n as u64).into());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            taken: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            keep: Default::default(),
            phase: Default::default(),
            take: Default::default(),
            at_work: Default::default(),
            a_addr: Default::default(),
            b_addr: Default::default(),
            b_mode: Default::default(),
            b_index: Default::default(),
            lane: Default::default(),
            first: Default::default(),
            last: Default::default(),
            shift: Default::default(),
            blank: Default::default(),
            issue: Default::default(),
            issue_first: Default::default(),
            issue_last: Default::default(),
            issue_sums: Default::default(),
            later: Default::default(),
            current: Default::default(),
            running: Default::default(),
            pending: Default::default(),
            owing: Default::default(),
            dataflow: Default::default(),
            more: Default::default(),
            loaded: Default::default(),
            working: Default::default(),
            open: Default::default(),
            since: Reg::new((2 * R as u64).into()),
            drain_left: Default::default(),
            fed: Default::default(),
            just_fed: Default::default(),
            fresh: Default::default(),
            row: Default::default(),
            b_word: Default::default(),
            pixels: Default::default(),
            passes: Default::default(),
            blocks: Default::default(),
            a_at: Default::default(),
            a_late: Default::default(),
            b_at: Default::default(),
            how: Default::default(),
            which: Default::default(),
            lane_read: Default::default(),
            lane_fed: Default::default(),
            lane_late: Default::default(),
            first_late: Default::default(),
            last_late: Default::default(),
            first_line: Line::new(3),
            last_line: Line::new(3),
            shift_line: Line::new(3),
            blank_line: Line::new(2),
            flush: Line::new(R + C + 5),
            flush_kept: Line::new(2 * R + C + 7),
            rows: count(R),
            top_row: count(R - 1),
            pass_end: count(2 * R - 1),
            drain: count(2 * R - 1),
            drain_end: count(2 * R),
            drain_sums: count(2 * R + 2),
            kept: Default::default(),
            idle: Default::default(),
            alone: Default::default(),
            fits: Default::default(),
            pass_on: Default::default(),
            whole: Default::default(),
            held: Default::default(),
            feeding: Default::default(),
            feeding_last: Default::default(),
            feeding_end: Default::default(),
            shifting: Default::default(),
            filled: Default::default(),
            pass_over: Default::default(),
            free: Default::default(),
            taking: Default::default(),
        }
    }
}

impl<const R: usize, const C: usize> Logic for Sequencer<R, C> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, running, pending, owing, dataflow, more, loaded, working, open, since,
            drain_left, fed, just_fed, fresh, row, b_word, a_at, a_late, b_at, how, which,
            lane_read, lane_fed, lane_late, first_late, last_late
        );
        clock!(self, clock, pixels, passes, blocks, first_line, last_line, shift_line);
        clock!(self, clock, blank_line, flush, flush_kept);
        self.pending.reset.next = self.reset.val();
        self.owing.reset.next = self.reset.val();
        self.dataflow.reset.next = self.reset.val();
        self.more.reset.next = self.reset.val();
        self.loaded.reset.next = self.reset.val();
        self.working.reset.next = self.reset.val();
        self.open.reset.next = self.reset.val();
        self.since.reset.next = self.reset.val();
        self.drain_left.reset.next = self.reset.val();
        self.first_line.reset.next = self.reset.val();
        self.last_line.reset.next = self.reset.val();
        self.shift_line.reset.next = self.reset.val();
        self.blank_line.reset.next = self.reset.val();
        self.flush.reset.next = self.reset.val();
        self.flush_kept.reset.next = self.reset.val();
        self.later.command.next = self.command.val();
        self.current.command.next = self.running.q.val();
        self.kept.next = self.dataflow.q.val();

        // The dataflow changes when the command that wants it is the only one.
        self.idle.next = !self.open.q.val().any();
        self.alone.next = self.pending.q.val() & (self.open.q.val() == 1);
        if self.alone.val() | (self.start.val() & self.idle.val()) {
            self.dataflow.d.next = self.later.output_stationary.val();
        }
        self.fits.next = self.kept.val() == self.later.output_stationary.val();
        self.pass_on.next = self.owing.q.val() & !self.pending.q.val() & !self.more.q.val();
        self.taken.next = self.pass_on.val();
        if self.pass_on.val() {
            self.owing.d.next = false;
        }
        if self.start.val() {
            self.owing.d.next = true;
        }
        self.done.next = self.flush.q.val() | self.flush_kept.q.val();
        if self.start.val() & !self.done.val() {
            self.open.d.next = self.open.q.val() + 1;
        }
        if self.done.val() & !self.start.val() {
            self.open.d.next = self.open.q.val() - 1;
        }

        // Pixels of the command at work. Nothing is fed past `fed`; a last pixel that would drain too early is held.
        self.whole.next = self.since.q.val() >= self.pass_end.val();
        self.held.next = self.working.q.val()
            & self.kept.val()
            & self.pixels.last.val()
            & self.drain_left.q.val().any();
        self.feeding.next = self.working.q.val() & !self.fed.q.val() & !self.held.val();
        self.feeding_last.next = self.feeding.val() & self.pixels.last.val();
        self.feeding_end.next = self.feeding_last.val() & self.passes.last.val();
        self.pass_over.next = self.feeding_last.val();
        if !self.kept.val() {
            self.pass_over.next = self.working.q.val()
                & self.whole.val()
                & (self.fed.q.val() | self.feeding_last.val());
        }

        // Weights, from cycle R of a pass on.
        self.shifting.next = self.more.q.val()
            & self.fits.val()
            & !self.loaded.q.val()
            & (!self.working.q.val() | (self.since.q.val() >= self.rows.val()));
        self.filled.next = self.loaded.q.val() | (self.shifting.val() & (self.row.q.val() == 0));
        self.loaded.d.next = self.filled.val();
        if self.shifting.val() {
            self.row.d.next = self.row.q.val() - 1;
            if self.row.q.val() == 0 {
                self.row.d.next = self.top_row.val();
                self.more.d.next = !self.blocks.last.val();
            }
        }
        if self.start.val() {
            self.row.d.next = self.top_row.val();
            self.more.d.next = !self.later.output_stationary.val();
        }

        // The next command's passes.
        self.free.next = !self.working.q.val() | (self.pass_over.val() & self.passes.last.val());
        self.taking.next = self.pending.q.val() & self.fits.val() & self.free.val();
        if self.kept.val() {
            self.taking.next = self.taking.val() & self.whole.val();
        } else {
            self.taking.next = self.taking.val()
                & self.filled.val()
                & !self.feeding_last.val()
                & !self.just_fed.q.val();
        }
        self.take.next = self.taking.val();

        if self.since.q.val() <= self.pass_end.val() {
            self.since.d.next = self.since.q.val() + 1;
        }
        if self.drain_left.q.val().any() {
            self.drain_left.d.next = self.drain_left.q.val() - 1;
        }
        self.just_fed.d.next = self.feeding_last.val();
        if self.feeding.val() {
            self.fresh.d.next = false;
            self.b_word.d.next = self.b_word.q.val() + 1;
        }
        if self.feeding_last.val() {
            self.fed.d.next = true;
            self.drain_left.d.next = self.drain.val();
            if self.passes.last.val() {
                self.drain_left.d.next = self.drain_end.val();
                if self.current.column_sums.val() {
                    self.drain_left.d.next = self.drain_sums.val();
                }
            }
        }
        if self.pass_over.val() {
            self.fed.d.next = false;
            self.fresh.d.next = true;
            self.b_word.d.next = self.current.b_base.val();
            if self.passes.last.val() {
                self.working.d.next = false;
            } else if !self.kept.val() {
                self.since.d.next = 0.into();
                self.loaded.d.next = false;
            }
        }
        if self.taking.val() {
            self.running.d.next = self.command.val();
            self.working.d.next = true;
            self.pending.d.next = false;
            self.loaded.d.next = false;
            self.since.d.next = 0.into();
            self.fed.d.next = false;
            self.fresh.d.next = true;
            self.b_word.d.next = self.later.b_base.val();
        }
        if self.start.val() {
            self.pending.d.next = true;
        }

        // Counts and bases are read at a restart, strides at a step.
        self.pixels.step.next = self.feeding.val();
        self.pixels.restart.next = self.taking.val();
        self.pixels.n.next = self.current.n.val();
        self.pixels.y.next = self.current.y.val();
        self.pixels.x.next = self.current.x.val();
        self.passes.step.next = self.pass_over.val();
        self.passes.restart.next = self.taking.val();
        self.passes.groups.next = self.current.groups.val();
        self.passes.k2.next = self.current.k2.val();
        self.passes.k1.next = self.current.k1.val();
        self.passes.k0.next = self.current.k0.val();
        if self.taking.val() {
            self.pixels.n.next = self.later.n.val();
            self.pixels.y.next = self.later.y.val();
            self.pixels.x.next = self.later.x.val();
            self.passes.groups.next = self.later.groups.val();
            self.passes.k2.next = self.later.k2.val();
            self.passes.k1.next = self.later.k1.val();
            self.passes.k0.next = self.later.k0.val();
        }
        self.pixels.a_n.next = self.current.a_n.val();
        self.pixels.a_y.next = self.current.a_y.val();
        self.pixels.a_x.next = self.current.a_x.val();
        self.passes.base.next = self.later.a_base.val();
        self.passes.s_k2.next = self.current.a_k2.val();
        self.passes.s_k1.next = self.current.a_k1.val();
        self.passes.s_k0.next = self.current.a_k0.val();
        self.blocks.step.next = self.shifting.val() & (self.row.q.val() == 0);
        self.blocks.restart.next = self.start.val();
        self.blocks.groups.next = self.later.groups.val();
        self.blocks.k2.next = self.later.k2.val();
        self.blocks.k1.next = self.later.k1.val();
        self.blocks.k0.next = self.later.k0.val();
        self.blocks.base.next = self.later.b_base.val();
        self.blocks.s_k2.next = self.later.b_k2.val();
        self.blocks.s_k1.next = self.later.b_k1.val();
        self.blocks.s_k0.next = self.later.b_k0.val();

        // Addresses, one cycle later.
        self.a_at.d.next = self.passes.address.val() + self.pixels.offset.val();
        self.b_at.d.next = self.blocks.address.val();
        self.how.d.next = 1.into();
        if self.later.transpose.val() {
            self.how.d.next = 2.into();
        }
        if self.kept.val() {
            self.b_at.d.next = self.b_word.q.val();
            self.how.d.next = 0.into();
        }
        self.which.d.next = self.blocks.lane.val() + self.row.q.val();
        self.a_late.d.next = self.a_at.q.val();
        self.a_addr.next = self.a_at.q.val();
        self.b_addr.next = self.b_at.q.val();
        self.b_mode.next = self.how.q.val();
        self.b_index.next = self.which.q.val();
        self.lane_read.d.next = self.passes.lane.val();
        self.lane_fed.d.next = self.lane_read.q.val();
        self.lane_late.d.next = self.lane_fed.q.val();
        self.lane.next = self.lane_fed.q.val();

        self.issue.next = self.feeding.val();
        self.issue_first.next = self.feeding.val() & self.fresh.q.val();
        self.issue_last.next = self.feeding_last.val();
        self.issue_sums.next = self.feeding_end.val() & self.current.column_sums.val();
        self.first_line.d.next = self.feeding.val() & self.fresh.q.val();
        self.last_line.d.next = self.feeding_last.val();
        self.blank_line.d.next = self.held.val();
        // Operands go down to the last row, past the end of the last pass.
        self.shift_line.d.next = self.shifting.val() | (self.kept.val() & !self.idle.val());
        self.flush.d.next = self.feeding_end.val() & !self.kept.val();
        self.flush_kept.d.next = self.feeding_end.val() & self.kept.val();
        self.first_late.d.next = self.first_line.q.val();
        self.last_late.d.next = self.last_line.q.val();
        self.first.next = self.first_line.q.val();
        self.last.next = self.last_line.q.val();
        if self.kept.val() {
            self.a_addr.next = self.a_late.q.val();
            self.lane.next = self.lane_late.q.val();
            self.first.next = self.first_late.q.val();
            self.last.next = self.last_late.q.val();
        }
        self.shift.next = self.shift_line.q.val();
        self.blank.next = self.blank_line.q.val();
        self.busy.next = !self.idle.val();
        self.keep.next = self.kept.val();
        self.at_work.next = self.running.q.val();
        self.phase.next = self.current.phase.val().get_bits::<2>(0);
        if self.pending.q.val() & !self.working.q.val() {
            self.phase.next = self.later.phase.val().get_bits::<2>(0);
        }
    }
}
