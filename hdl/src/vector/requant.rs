//! Requantise: `L` lanes with their pools, the OR mask and the counters, moved by [`RequantSequence`]. The exponents stand
//! outside, in [`SiteTable`](super::SiteTable).
//!
//! Unit protocol; reads accumulators (data one cycle after a granted read) and pad V (data in the next cycle), writes pad O.
//! One pixel a cycle; one cycle more for each word of pad V past the first that a pixel needs (source, mask, skip), and for
//! every refused read.
//! `done` comes 18 cycles after `start` and the pixels, 22 with a bias. Reset state: idle.
use super::{FlagCount, OrMask, PoolLane, RequantLane, RequantSequence};
use crate::control::decode::RequantFields;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Requantise of `L` lanes.
#[derive(LogicBlock)]
pub struct RequantUnit<const L: usize> {
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
    /// Its lanes, s48, one cycle later.
    pub acc_data: [Signal<In, Bits<48>>; L],
    /// Word of pad V to read.
    pub v_addr: Signal<Out, Bits<16>>,
    /// Its lanes, s16, one cycle later.
    pub v_data: [Signal<In, Bits<16>>; L],
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    /// Its lanes.
    pub o_data: [Signal<Out, Bits<16>>; L],
    /// From the sites.
    pub looked_up: Signal<In, Bit>,
    /// From the sites.
    pub bias_far: Signal<In, Bit>,
    /// From the sites.
    pub skip_far: Signal<In, Bit>,
    /// From the sites.
    pub bias_shift: Signal<In, Bits<6>>,
    /// From the sites.
    pub skip_shift: Signal<In, Bits<6>>,
    /// From the sites.
    pub s: Signal<In, Bits<6>>,
    /// To the sites: the formats hold.
    pub name_f: Signal<Out, Bit>,
    /// To the sites: read for the commit.
    pub settle: Signal<Out, Bit>,
    /// To the sites: merge.
    pub commit: Signal<Out, Bit>,
    /// From the sites.
    pub committed: Signal<In, Bit>,
    /// OR mask of the command.
    pub mask: Signal<Out, Bits<48>>,
    /// Clipped values of the command.
    pub clipped: Signal<Out, Bits<32>>,
    /// Underflows of the command.
    pub underflow: Signal<Out, Bits<32>>,
    fields: RequantFields,
    leader: RequantSequence,
    lanes: [RequantLane; L],
    pools: [PoolLane; L],
    gather: OrMask<L>,
    clips: FlagCount<L>,
    lows: FlagCount<L>,
    operand_there: Signal<Local, Bit>,
    align_now: Signal<Local, Bit>,
    align_shift: Signal<Local, Bits<6>>,
    align_zero: Signal<Local, Bit>,
    moved: Signal<Local, Bits<8>>,
    bias_at: Signal<Local, Bits<4>>,
    mask_first: Signal<Local, Bit>,
}

impl<const L: usize> Default for RequantUnit<L> {
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
            acc_data: from_fn(|_| Default::default()),
            v_addr: Default::default(),
            v_data: from_fn(|_| Default::default()),
            o_we: Default::default(),
            o_addr: Default::default(),
            o_data: from_fn(|_| Default::default()),
            looked_up: Default::default(),
            bias_far: Default::default(),
            skip_far: Default::default(),
            bias_shift: Default::default(),
            skip_shift: Default::default(),
            s: Default::default(),
            name_f: Default::default(),
            settle: Default::default(),
            commit: Default::default(),
            committed: Default::default(),
            mask: Default::default(),
            clipped: Default::default(),
            underflow: Default::default(),
            fields: Default::default(),
            leader: Default::default(),
            lanes: from_fn(|_| Default::default()),
            pools: from_fn(|_| Default::default()),
            gather: Default::default(),
            clips: Default::default(),
            lows: Default::default(),
            operand_there: Default::default(),
            align_now: Default::default(),
            align_shift: Default::default(),
            align_zero: Default::default(),
            moved: Default::default(),
            bias_at: Default::default(),
            mask_first: Default::default(),
        }
    }
}

impl<const L: usize> Logic for RequantUnit<L> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, leader, gather, clips, lows);
        self.fields.command.next = self.command.val();
        self.leader.reset.next = self.reset.val();
        self.leader.start.next = self.start.val();
        self.leader.command.next = self.command.val();
        self.leader.acc_grant.next = self.acc_grant.val();
        self.leader.looked_up.next = self.looked_up.val();
        self.leader.bias_far.next = self.bias_far.val();
        self.leader.skip_far.next = self.skip_far.val();
        self.leader.committed.next = self.committed.val();
        self.busy.next = self.leader.busy.val();
        self.done.next = self.leader.done.val();
        self.stalled.next = self.leader.stalled.val();
        self.error.next = self.leader.error.val();
        self.acc_read.next = self.leader.acc_read.val();
        self.acc_addr.next = self.leader.acc_addr.val();
        self.v_addr.next = self.leader.v_addr.val();
        self.name_f.next = self.leader.name_f.val();
        self.settle.next = self.leader.settle.val();
        self.commit.next = self.leader.commit.val();

        self.moved.next = self.leader.moved.val();
        self.bias_at.next = self.leader.bias_at.val();
        self.operand_there.next = self.moved.val().get_bit(0)
            | self.bias_at.val().get_bit(1)
            | self.leader.mask_there.val();
        self.mask_first.next = self.fields.mask.val() & self.fields.skip.val();
        self.align_now.next = self.moved.val().get_bit(1) | self.bias_at.val().get_bit(2);
        self.align_shift.next = self.skip_shift.val();
        self.align_zero.next = !self.fields.skip.val();
        if self.bias_at.val().get_bit(2) {
            self.align_shift.next = self.bias_shift.val();
            self.align_zero.next = false;
        }
        for i in 0..L {
            self.lanes[i].clock.next = self.clock.val();
            self.lanes[i].acc.next = self.acc_data[i].val();
            self.lanes[i].word.next = self.v_data[i].val();
            self.lanes[i].from_word.next = self.fields.from_v.val();
            self.lanes[i].source_enable.next = self.leader.source_there.val();
            self.lanes[i].operand_enable.next = self.operand_there.val();
            self.lanes[i].align_enable.next = self.align_now.val();
            self.lanes[i].align_shift.next = self.align_shift.val();
            self.lanes[i].align_zero.next = self.align_zero.val();
            self.lanes[i].mask.next = self.fields.mask.val();
            self.lanes[i].mask_first.next = self.mask_first.val();
            self.lanes[i].mask_enable.next = self.leader.mask_kept.val();
            self.lanes[i].bias_load.next = self.bias_at.val().get_bit(3);
            self.lanes[i].bias_clear.next = self.leader.clear.val();
            self.lanes[i].sum_enable.next = self.moved.val().get_bit(1);
            self.lanes[i].gate_enable.next = self.moved.val().get_bit(2);
            self.lanes[i].relu.next = self.fields.relu.val();
            self.lanes[i].shift_enable.next = self.moved.val().get_bit(3);
            self.lanes[i].s.next = self.s.val();
            self.lanes[i].clamp_enable.next = self.moved.val().get_bit(4);
            self.gather.x[i].next = self.lanes[i].t.val();
            self.clips.flag[i].next = self.lanes[i].clipped.val();
            self.lows.flag[i].next = self.lanes[i].underflow.val();
            self.pools[i].clock.next = self.clock.val();
            self.pools[i].take.next = self.moved.val().get_bit(5) & self.fields.pool.val();
            self.pools[i].slot.next = self.leader.slot.val();
            self.pools[i].word.next = self.lanes[i].q.val();
            self.pools[i].hold.next = self.moved.val().get_bit(6);
        }
        self.gather.clear.next = self.leader.clear.val();
        self.gather.enable.next = self.moved.val().get_bit(3);
        self.clips.clear.next = self.leader.clear.val();
        self.clips.enable.next = self.moved.val().get_bit(5);
        self.lows.clear.next = self.leader.clear.val();
        self.lows.enable.next = self.moved.val().get_bit(5);
        self.mask.next = self.gather.mask.val();
        self.clipped.next = self.clips.count.val();
        self.underflow.next = self.lows.count.val();

        self.o_we.next = self.leader.o_we.val();
        self.o_addr.next = self.leader.o_addr.val();
        for i in 0..L {
            self.o_data[i].next = self.lanes[i].q.val();
            if self.fields.pool.val() {
                self.o_data[i].next = self.pools[i].best.val();
            }
        }
        if self.leader.o_index.val() {
            for i in 0..L {
                self.o_data[i].next = self.pools[i].index.val();
            }
        }
    }
}
