//! Runs a Requant command: loops over its pixels, reads accumulators or pad V, moves the lanes' pipeline and places the
//! results. The lanes stand in [`RequantUnit`](super::RequantUnit), the exponents in [`SiteTable`](super::SiteTable).
//!
//! ```text
//! Idle ─start─► Lookup ─► Bias (if any) ─► Run ─► Drain ─► Commit ─► Idle
//!                  └► error: a shift is too far, nothing was written
//! ```
//!
//! A pixel is read again for each of its `G` groups of lanes; what is read, and in how many cycles, is the business of [`RequantReads`];
//! `moved` are the stages of [`RequantResults`].
//! `done` comes 19 cycles after `start` and the reads, 21 with a bias. Reset state: idle. `G` from 1 to 16.
use super::{AddressWalk, PixelLoop, RequantReads, RequantResults};
use crate::control::decode::RequantFields;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Where the command stands.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum RequantState {
    /// Nothing to do.
    Idle,
    /// The sites are read.
    Lookup,
    /// The bias is read and aligned.
    Bias,
    /// Pixels are issued.
    Run,
    /// The last ones are under way.
    Drain,
    /// The site is written.
    Commit,
}

/// Sequencer of Requant.
#[derive(LogicBlock)]
pub struct RequantSequence<const G: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Pulse: run `command`.
    pub start: Signal<In, Bit>,
    /// The command, stable until done.
    pub command: Signal<In, Bits<512>>,
    /// Running.
    pub busy: Signal<Out, Bit>,
    /// Pulse: finished.
    pub done: Signal<Out, Bit>,
    /// An accumulator read was refused.
    pub stalled: Signal<Out, Bit>,
    /// Pulse: a shift is too far.
    pub error: Signal<Out, Bit>,
    /// Read an accumulator word.
    pub acc_read: Signal<Out, Bit>,
    /// Its address.
    pub acc_addr: Signal<Out, Bits<16>>,
    /// It is being read.
    pub acc_grant: Signal<In, Bit>,
    /// Word of pad V to read.
    pub v_addr: Signal<Out, Bits<16>>,
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    /// What is written is an index.
    pub o_index: Signal<Out, Bit>,
    /// From the sites.
    pub looked_up: Signal<In, Bit>,
    /// From the sites.
    pub bias_far: Signal<In, Bit>,
    /// From the sites.
    pub skip_far: Signal<In, Bit>,
    /// To the sites: the formats hold.
    pub name_f: Signal<Out, Bit>,
    /// To the sites: read for the commit.
    pub settle: Signal<Out, Bit>,
    /// To the sites: merge.
    pub commit: Signal<Out, Bit>,
    /// From the sites.
    pub committed: Signal<In, Bit>,
    /// A new command: no counts.
    pub clear: Signal<Out, Bit>,
    /// The source word is there.
    pub source_there: Signal<Out, Bit>,
    /// The mask word is there, the skip word follows.
    pub mask_there: Signal<Out, Bit>,
    /// The cycle after.
    pub mask_kept: Signal<Out, Bit>,
    /// Group that is read.
    pub group: Signal<Out, Bits<4>>,
    /// Group that was read in the cycle before: its data are there.
    pub group_there: Signal<Out, Bits<4>>,
    /// Stages of the groups under way.
    pub moved: Signal<Out, Bits<8>>,
    /// The bias is there.
    pub bias_there: Signal<Out, Bit>,
    /// Place of the finished lanes in their window.
    pub slot: Signal<Out, Bits<2>>,
    fields: RequantFields,
    state: Reg<RequantState>,
    bias_stage: Reg<Bits<2>>,
    at_group: Reg<Bits<4>>,
    of_data: Dff<Bits<4>>,
    last_group: Constant<Bits<4>>,
    count: PixelLoop,
    source: AddressWalk,
    operand: AddressWalk,
    result: AddressWalk,
    reads: RequantReads,
    results: RequantResults,
    issue: Signal<Local, Bit>,
    next_pixel: Signal<Local, Bit>,
    launch: Signal<Local, Bit>,
    far: Signal<Local, Bit>,
}
impl<const G: usize> Default for RequantSequence<G> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            stalled: Default::default(),
            error: Default::default(),
            acc_read: Default::default(),
            acc_addr: Default::default(),
            acc_grant: Default::default(),
            v_addr: Default::default(),
            o_we: Default::default(),
            o_addr: Default::default(),
            o_index: Default::default(),
            looked_up: Default::default(),
            bias_far: Default::default(),
            skip_far: Default::default(),
            name_f: Default::default(),
            settle: Default::default(),
            commit: Default::default(),
            committed: Default::default(),
            clear: Default::default(),
            source_there: Default::default(),
            mask_there: Default::default(),
            mask_kept: Default::default(),
            group: Default::default(),
            group_there: Default::default(),
            moved: Default::default(),
            bias_there: Default::default(),
            slot: Default::default(),
            fields: Default::default(),
            state: Default::default(),
            bias_stage: Default::default(),
            at_group: Default::default(),
            of_data: Default::default(),
            last_group: Constant::new(Bits::from(G as u64 - 1)),
            count: Default::default(),
            source: Default::default(),
            operand: Default::default(),
            result: Default::default(),
            reads: Default::default(),
            results: Default::default(),
            issue: Default::default(),
            next_pixel: Default::default(),
            launch: Default::default(),
            far: Default::default(),
        }
    }
}

impl<const G: usize> Logic for RequantSequence<G> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, bias_stage, at_group, of_data);
        clock!(self, clock, count, source, operand, result, reads, results);
        self.state.reset.next = self.reset.val();
        self.bias_stage.reset.next = self.reset.val();
        self.at_group.reset.next = self.reset.val();
        self.fields.command.next = self.command.val();

        // Issue: what is asked for in this cycle.
        self.reads.reset.next = self.reset.val();
        self.reads.run.next = self.state.q.val() == RequantState::Run;
        self.reads.from_v.next = self.fields.from_v.val();
        self.reads.mask.next = self.fields.mask.val();
        self.reads.skip.next = self.fields.skip.val();
        self.reads.source.next = self.source.address.val();
        self.reads.operand.next = self.operand.address.val();
        self.reads.to_skip.next = self.fields.skip_base.val() - self.fields.v_base.val();
        self.reads.acc_grant.next = self.acc_grant.val();
        self.issue.next = self.reads.issue.val();
        self.next_pixel.next = self.issue.val() & (self.at_group.q.val() == self.last_group.val());
        if self.issue.val() {
            self.at_group.d.next = self.at_group.q.val() + 1;
        }
        if self.next_pixel.val() {
            self.at_group.d.next = 0.into();
        }
        self.group.next = self.at_group.q.val();
        self.of_data.d.next = self.at_group.q.val();
        self.group_there.next = self.of_data.q.val();
        self.acc_read.next = self.reads.acc_read.val();
        self.acc_addr.next = self.source.address.val();
        self.stalled.next = self.reads.stalled.val();
        self.source_there.next = self.reads.source_there.val();
        self.mask_there.next = self.reads.mask_there.val();
        self.mask_kept.next = self.reads.mask_kept.val();
        self.v_addr.next = self.reads.v_addr.val();
        if self.state.q.val() == RequantState::Bias {
            self.v_addr.next = self.fields.bias_base.val();
        }

        // Results.
        self.results.reset.next = self.reset.val();
        self.results.issue.next = self.issue.val();
        self.results.last.next = self.next_pixel.val();
        self.results.place.next = self.count.steps.val().get_bits::<2>(0);
        self.results.full.next = self.count.full.val();
        self.results.address.next = self.result.address.val();
        self.results.pool.next = self.fields.pool.val();
        self.results.to_index.next = self.fields.index_base.val() - self.fields.out_base.val();
        self.moved.next = self.results.moved.val();
        self.slot.next = self.results.slot.val();
        self.o_we.next = self.results.o_we.val();
        self.o_addr.next = self.results.o_addr.val();
        self.o_index.next = self.results.o_index.val();

        self.bias_there.next = self.bias_stage.q.val().get_bit(1);
        self.bias_stage.d.next = self.bias_stage.q.val() << 1;
        if self.launch.val() & self.fields.bias.val() {
            self.bias_stage.d.next = 1.into();
        }

        // The state.
        self.far.next = (self.fields.bias.val() & self.bias_far.val())
            | (self.fields.skip.val() & self.skip_far.val());
        self.launch.next = false;
        self.error.next = false;
        self.done.next = false;
        self.commit.next = false;
        self.settle.next = false;
        self.busy.next = true;
        match self.state.q.val() {
            RequantState::Idle => {
                self.busy.next = false;
                if self.start.val() {
                    self.state.d.next = RequantState::Lookup;
                }
            }
            RequantState::Lookup => {
                if self.looked_up.val() {
                    if self.far.val() {
                        self.error.next = true;
                        self.state.d.next = RequantState::Idle;
                    } else {
                        self.launch.next = true;
                        self.state.d.next = RequantState::Run;
                        if self.fields.bias.val() {
                            self.state.d.next = RequantState::Bias;
                        }
                    }
                }
            }
            RequantState::Bias => {
                if self.bias_stage.q.val().get_bit(1) {
                    self.state.d.next = RequantState::Run;
                }
            }
            RequantState::Run => {
                if self.next_pixel.val() & self.count.last.val() {
                    self.state.d.next = RequantState::Drain;
                }
            }
            RequantState::Drain => {
                self.settle.next = true;
                if !self.results.moved.val().any() {
                    self.commit.next = true;
                    self.state.d.next = RequantState::Commit;
                }
            }
            _ => {
                self.settle.next = true;
                if self.committed.val() {
                    self.done.next = true;
                    self.state.d.next = RequantState::Idle;
                }
            }
        }
        self.name_f.next = self.launch.val();
        self.clear.next = self.launch.val();

        // Loop and addresses.
        self.count.start.next = self.launch.val();
        self.count.advance.next = self.next_pixel.val();
        self.count.windows.next = self.fields.pool.val();
        self.count.n.next = self.fields.n.val();
        self.count.y.next = self.fields.y.val();
        self.count.x.next = self.fields.x.val();
        self.source.base.next = self.fields.src_base.val();
        self.source.s_n.next = self.fields.src_n.val();
        self.source.s_y.next = self.fields.src_y.val();
        self.source.s_x.next = self.fields.src_x.val();
        self.source.pixels.next = self.fields.pool.val();
        self.operand.base.next = self.fields.v_base.val();
        if self.fields.skip.val() & !self.fields.mask.val() {
            self.operand.base.next = self.fields.skip_base.val();
        }
        self.operand.s_n.next = self.fields.out_n.val();
        self.operand.s_y.next = self.fields.out_y.val();
        self.operand.s_x.next = self.fields.out_x.val();
        self.operand.pixels.next = self.fields.pool.val();
        self.result.base.next = self.fields.out_base.val();
        self.result.s_n.next = self.fields.out_n.val();
        self.result.s_y.next = self.fields.out_y.val();
        self.result.s_x.next = self.fields.out_x.val();
        self.result.pixels.next = false;
        self.source.start.next = self.launch.val();
        self.source.advance.next = self.next_pixel.val();
        self.source.dense.next = false;
        self.source.steps.next = self.count.steps.val();
        self.operand.start.next = self.launch.val();
        self.operand.advance.next = self.next_pixel.val();
        self.operand.dense.next = false;
        self.operand.steps.next = self.count.steps.val();
        self.result.start.next = self.launch.val();
        self.result.advance.next = self.next_pixel.val();
        self.result.dense.next = false;
        self.result.steps.next = self.count.steps.val();
    }
}

#[cfg(test)]
#[path = "requant_sequence_tests.rs"]
mod tests;
