//! Requantise: `R` lanes that serve words of `L`, the pools, the OR mask and the counters, moved by [`RequantSequence`]. The exponents
//! stand outside, in [`SiteTable`](super::SiteTable).
//!
//! ```text
//! acc, V ─► group of R ─► R lanes ─► R pools ─► word of L ─► O
//! bias, L words ─► group of R ─┘        └─ what the group has so far, at the word's other end
//! ```
//!
//! Unit protocol; reads accumulators (data one cycle after a granted read) and pad V (data in the next cycle), writes pad O.
//! A pixel takes `L/R` cycles, as many again for each word of pad V past the first that it needs (source, mask, skip), and one for
//! every refused read.
//! `done` comes 19 cycles after `start` and the pixels, 21 with a bias. Reset state: idle. `R` divides `L`, `L/R` is a power of two up
//! to 16, given as `G`.
use super::{FlagCount, GroupPick, LaneShift, OrMask, PoolLane, RequantLane, RequantSequence};
use crate::control::decode::RequantFields;
use crate::leaf::DffEn;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Requantise of words of `L` lanes.
#[derive(LogicBlock)]
pub struct RequantUnit<const L: usize, const R: usize, const G: usize> {
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
    /// Its lanes, unless it is a word of indices.
    pub o_data: [Signal<Out, Bits<16>>; L],
    /// It is a word of indices.
    pub o_index: Signal<Out, Bit>,
    /// Their lanes.
    pub o_indices: [Signal<Out, Bits<16>>; L],
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
    leader: RequantSequence<G>,
    accs: GroupPick<48, L, R>,
    words: GroupPick<16, L, R>,
    held_bias: [DffEn<Bits<16>>; L],
    biases: GroupPick<16, L, R>,
    lanes: [RequantLane; R],
    pools: [PoolLane; R],
    pack: LaneShift<L, R>,
    places: LaneShift<L, R>,
    held: [DffEn<Bits<16>>; L],
    gather: OrMask<R>,
    clips: FlagCount<R>,
    lows: FlagCount<R>,
    operand_there: Signal<Local, Bit>,
    moved: Signal<Local, Bits<8>>,
    mask_first: Signal<Local, Bit>,
}

impl<const L: usize, const R: usize, const G: usize> Default for RequantUnit<L, R, G> {
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
            o_index: Default::default(),
            o_indices: from_fn(|_| Default::default()),
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
            accs: GroupPick::behind_multiplexers(),
            words: Default::default(),
            held_bias: from_fn(|_| Default::default()),
            biases: Default::default(),
            lanes: from_fn(|_| Default::default()),
            pools: from_fn(|_| Default::default()),
            pack: Default::default(),
            places: Default::default(),
            held: from_fn(|_| Default::default()),
            gather: Default::default(),
            clips: Default::default(),
            lows: Default::default(),
            operand_there: Default::default(),
            moved: Default::default(),
            mask_first: Default::default(),
        }
    }
}

impl<const L: usize, const R: usize, const G: usize> Logic for RequantUnit<L, R, G> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, leader, pack, places, gather, clips, lows);
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
        self.operand_there.next = self.moved.val().get_bit(0) | self.leader.mask_there.val();
        self.mask_first.next = self.fields.mask.val() & self.fields.skip.val();
        self.accs.group.next = self.leader.group_there.val();
        self.words.group.next = self.leader.group_there.val();
        self.biases.group.next = self.leader.group.val();
        for i in 0..L {
            self.accs.word[i].next = self.acc_data[i].val();
            self.words.word[i].next = self.v_data[i].val();
            self.held_bias[i].clock.next = self.clock.val();
            self.held_bias[i].enable.next = self.leader.bias_there.val();
            self.held_bias[i].d.next = self.v_data[i].val();
            self.biases.word[i].next = self.held_bias[i].q.val();
        }
        for i in 0..R {
            self.lanes[i].clock.next = self.clock.val();
            self.lanes[i].acc.next = self.accs.lane[i].val();
            self.lanes[i].word.next = self.words.lane[i].val();
            self.lanes[i].from_word.next = self.fields.from_v.val();
            self.lanes[i].source_enable.next = self.leader.source_there.val();
            self.lanes[i].operand_enable.next = self.operand_there.val();
            self.lanes[i].align_enable.next = self.moved.val().get_bit(1);
            self.lanes[i].align_shift.next = self.skip_shift.val();
            self.lanes[i].align_zero.next = !self.fields.skip.val();
            self.lanes[i].mask.next = self.fields.mask.val();
            self.lanes[i].mask_first.next = self.mask_first.val();
            self.lanes[i].mask_enable.next = self.leader.mask_kept.val();
            self.lanes[i].bias.next = self.biases.lane[i].val();
            self.lanes[i].bias_enable.next = self.moved.val().get_bit(0);
            self.lanes[i].bias_shift.next = self.bias_shift.val();
            self.lanes[i].bias_zero.next = !self.fields.bias.val();
            self.lanes[i].sum_enable.next = self.moved.val().get_bit(1);
            self.lanes[i].gate_enable.next = self.moved.val().get_bit(2);
            self.lanes[i].relu.next = self.fields.relu.val();
            self.lanes[i].shift_enable.next = self.moved.val().get_bit(3);
            self.lanes[i].s.next = self.s.val();
            self.lanes[i].clamp_enable.next = self.moved.val().get_bit(4);
            self.gather.x[i].next = self.lanes[i].t.val();
            self.clips.flag[i].next = self.lanes[i].clipped.val();
            self.lows.flag[i].next = self.lanes[i].underflow.val();
            // A pixel turns the word once round: what the group has so far is at its lowest lanes.
            self.pools[i].pool.next = self.fields.pool.val();
            self.pools[i].slot.next = self.leader.slot.val();
            self.pools[i].word.next = self.lanes[i].q.val();
            self.pools[i].greatest.next = self.pack.lane[i].val();
            self.pools[i].place.next = self.places.lane[i].val();
            self.pack.group[i].next = self.pools[i].best.val();
            self.places.group[i].next = self.pools[i].index.val();
        }
        self.pack.load.next = false;
        self.pack.shift.next = self.moved.val().get_bit(5);
        self.places.load.next = false;
        self.places.shift.next = self.moved.val().get_bit(5);
        for i in 0..L {
            self.pack.word[i].next = 0.into();
            self.places.word[i].next = 0.into();
            // The next pixel may move the places on before they are written.
            self.held[i].clock.next = self.clock.val();
            self.held[i].enable.next = self.moved.val().get_bit(6);
            self.held[i].d.next = self.places.lane[i].val();
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
        self.o_index.next = self.leader.o_index.val();
        for i in 0..L {
            self.o_data[i].next = self.pack.lane[i].val();
            self.o_indices[i].next = self.held[i].q.val();
        }
    }
}
