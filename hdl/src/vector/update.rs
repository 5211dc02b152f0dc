//! SGD update of dense words: weight, momentum and gradient from pad V, new weight and momentum to pad O. [`UpdateLane`]
//! does the arithmetic, `U` elements a cycle; [`UpdateSequence`] leads.
//!
//! ```text
//! V ─► held w, held v ─┐            ┌► lane 0 ─┐
//! V ───────────── d ───┴► unpack ───┤   …      ├─► pack ─► O
//! V ─► ElasticWords ────────────────┤          │
//!                        (U a step) └► lane U−1┘
//! ```
//!
//! Unit protocol; reads pad V (data in the next cycle), writes pad O. A word of `L` lanes takes max(3, L/U) cycles, with ELASTIC max(5, L/U);
//! `done` comes 17 + min(3, L/U) cycles after `start` and the words, with ELASTIC 17 + min(5, L/U). Reset state: idle. `U` is a power of two up to 8
//! that divides `L`; `E` is 1 with elastic updates, else 0.
use super::{ElasticWords, LaneShift, UpdateLane, UpdateSequence};
use crate::control::decode::UpdateFields;
use crate::leaf::{Dff, RegEn};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// SGD update, `U` elements a cycle.
#[derive(LogicBlock)]
pub struct UpdateUnit<const L: usize, const U: usize, const E: usize> {
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
    /// From the sites.
    pub looked_up: Signal<In, Bit>,
    /// From the sites: the gradient's format, s12.
    pub f_d: Signal<In, Bits<12>>,
    /// Word of pad V to read.
    pub v_addr: Signal<Out, Bits<16>>,
    /// Its lanes, s16, one cycle later.
    pub v_data: [Signal<In, Bits<16>>; L],
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    /// Its lanes, if it holds weights.
    pub o_data: [Signal<Out, Bits<16>>; L],
    /// It holds momenta.
    pub o_momentum: Signal<Out, Bit>,
    /// Their lanes.
    pub o_momenta: [Signal<Out, Bits<16>>; L],
    fields: UpdateFields,
    leader: UpdateSequence<L, U, E>,
    held_w: [RegEn<Bits<16>>; L],
    held_v: [RegEn<Bits<16>>; L],
    unpack_w: LaneShift<L, U>,
    unpack_v: LaneShift<L, U>,
    unpack_d: LaneShift<L, U>,
    pack_w: LaneShift<L, U>,
    pack_v: LaneShift<L, U>,
    lanes: [UpdateLane<E>; U],
    elastic: [ElasticWords<L, U>; E],
    late: [RegEn<Bits<16>>; U],
    offsets: [Dff<Bits<32>>; U],
    indices: [Dff<Bits<32>>; U],
    log_u: Constant<Bits<6>>,
    group_step: Signal<Local, Bits<32>>,
    strength: Signal<Local, Bits<16>>,
}

impl<const L: usize, const U: usize, const E: usize> Default for UpdateUnit<L, U, E> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            looked_up: Default::default(),
            f_d: Default::default(),
            v_addr: Default::default(),
            v_data: from_fn(|_| Default::default()),
            o_we: Default::default(),
            o_addr: Default::default(),
            o_data: from_fn(|_| Default::default()),
            o_momentum: Default::default(),
            o_momenta: from_fn(|_| Default::default()),
            fields: Default::default(),
            leader: Default::default(),
            held_w: from_fn(|_| Default::default()),
            held_v: from_fn(|_| Default::default()),
            unpack_w: Default::default(),
            unpack_v: Default::default(),
            unpack_d: Default::default(),
            pack_w: Default::default(),
            pack_v: Default::default(),
            lanes: from_fn(|_| Default::default()),
            elastic: from_fn(|_| Default::default()),
            late: from_fn(|_| Default::default()),
            offsets: from_fn(|_| Default::default()),
            indices: from_fn(|_| Default::default()),
            log_u: Constant::new(Bits::from(u64::from(U.trailing_zeros()))),
            group_step: Default::default(),
            strength: Default::default(),
        }
    }
}

impl<const L: usize, const U: usize, const E: usize> Logic for UpdateUnit<L, U, E> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, leader, unpack_w, unpack_v, unpack_d, pack_w, pack_v);
        self.fields.command.next = self.command.val();
        self.leader.reset.next = self.reset.val();
        self.leader.start.next = self.start.val();
        self.leader.command.next = self.command.val();
        self.leader.looked_up.next = self.looked_up.val();
        self.leader.f_d.next = self.f_d.val();
        self.busy.next = self.leader.busy.val();
        self.done.next = self.leader.done.val();
        self.v_addr.next = self.leader.v_addr.val();

        self.o_momentum.next = self.leader.o_momentum.val();
        for i in 0..L {
            self.held_w[i].clock.next = self.clock.val();
            self.held_w[i].reset.next = false;
            self.held_w[i].enable.next = self.leader.there.val().get_bit(0);
            self.held_w[i].d.next = self.v_data[i].val();
            self.held_v[i].clock.next = self.clock.val();
            self.held_v[i].reset.next = false;
            self.held_v[i].enable.next = self.leader.there.val().get_bit(1);
            self.held_v[i].d.next = self.v_data[i].val();
            self.unpack_w.word[i].next = self.held_w[i].q.val();
            self.unpack_v.word[i].next = self.held_v[i].q.val();
            self.unpack_d.word[i].next = self.v_data[i].val();
            self.pack_w.word[i].next = 0.into();
            self.pack_v.word[i].next = 0.into();
            self.o_data[i].next = self.pack_w.lane[i].val();
            self.o_momenta[i].next = self.pack_v.lane[i].val();
        }
        self.unpack_w.load.next = self.leader.there.val().get_bit(2);
        self.unpack_v.load.next = self.leader.there.val().get_bit(2);
        self.unpack_d.load.next = self.leader.there.val().get_bit(2);
        self.unpack_w.shift.next = self.leader.group.val();
        self.unpack_v.shift.next = self.leader.group.val();
        self.unpack_d.shift.next = self.leader.group.val();
        self.pack_w.load.next = false;
        self.pack_v.load.next = false;
        self.pack_w.shift.next = self.leader.weight_out.val();
        self.pack_v.shift.next = self.leader.momentum_out.val();
        self.o_we.next = self.leader.o_we.val();
        self.o_addr.next = self.leader.o_addr.val();

        self.strength.next = 0.into();
        if self.leader.elastic.val() {
            self.strength.next = self.fields.strength.val();
        }
        for e in 0..E {
            self.elastic[e].clock.next = self.clock.val();
            self.elastic[e].take_old.next = self.leader.there.val().get_bit(3);
            self.elastic[e].take_importance.next = self.leader.there.val().get_bit(4);
            self.elastic[e].load.next = self.leader.there.val().get_bit(2);
            self.elastic[e].shift.next = self.leader.group.val();
            for i in 0..L {
                self.elastic[e].word[i].next = self.v_data[i].val();
            }
        }

        // Lane j of a group has index j·i_lane beyond its first, each group U·i_lane beyond the one before.
        self.group_step.next = self.fields.i_lane.val() << self.log_u.val();
        self.offsets[0].d.next = 0.into();
        for j in 1..U {
            self.offsets[j].d.next = self.offsets[j - 1].q.val() + self.fields.i_lane.val();
        }
        for j in 0..U {
            self.offsets[j].clock.next = self.clock.val();
            self.indices[j].clock.next = self.clock.val();
            self.indices[j].d.next = self.indices[j].q.val();
            if self.leader.group.val() {
                self.indices[j].d.next = self.indices[j].q.val() + self.group_step.val();
            }
            if self.leader.there.val().get_bit(2) {
                self.indices[j].d.next = self.leader.index.val() + self.offsets[j].q.val();
            }
            self.unpack_w.group[j].next = 0.into();
            self.unpack_v.group[j].next = 0.into();
            self.unpack_d.group[j].next = 0.into();
            self.lanes[j].clock.next = self.clock.val();
            self.lanes[j].enable.next = self.leader.moving.val();
            self.lanes[j].w.next = self.unpack_w.lane[j].val();
            self.lanes[j].v.next = self.unpack_v.lane[j].val();
            self.lanes[j].d.next = self.unpack_d.lane[j].val();
            self.lanes[j].index.next = self.indices[j].q.val();
            self.lanes[j].mu.next = self.fields.mu.val();
            self.lanes[j].rate.next = self.fields.lr_mantissa.val();
            self.lanes[j].decay.next = self.fields.decay.val();
            self.lanes[j].strength.next = self.strength.val();
            self.lanes[j].old.next = 0.into();
            self.lanes[j].importance.next = 0.into();
            for e in 0..E {
                self.lanes[j].old.next = self.elastic[e].old[j].val();
                self.lanes[j].importance.next = self.elastic[e].importance[j].val();
            }
            self.lanes[j].shift.next = self.leader.shift.val();
            self.lanes[j].key_v.next = self.fields.key_v.val();
            self.lanes[j].key_w.next = self.fields.key_w.val();
            self.pack_w.group[j].next = self.lanes[j].weight.val();
            self.late[j].clock.next = self.clock.val();
            self.late[j].reset.next = false;
            self.late[j].enable.next = self.leader.moving.val();
            self.late[j].d.next = self.lanes[j].momentum.val();
            self.pack_v.group[j].next = self.late[j].q.val();
        }
    }
}
