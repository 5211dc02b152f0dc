//! Runs an Update command: reads weight, momentum and gradient of word after word, counts the groups of lanes through the
//! pipeline and writes the results. The lanes stand in [`UpdateUnit`](super::UpdateUnit).
//!
//! ```text
//! slot of a word   0 read w   1 read v   2 read d                                   … up to max(3, L/U) − 1
//! with ELASTIC     0 read w   1 read v   2 read old   3 read importance   4 read d   … up to max(5, L/U) − 1
//! then             load, L/U groups, five stages, write w', write v'
//! ```
//!
//! `done` comes 17 + min(3, L/U) cycles after `start` and the words, with ELASTIC 17 + min(5, L/U). Reset state: idle. `U` is a power of two up to 8.
//! With `E` = 0 there is no ELASTIC.
use super::{IndexWalk, PixelLoop, UpdateGroups};
use crate::control::decode::UpdateFields;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Where the command stands.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum UpdateState {
    /// Nothing to do.
    Idle,
    /// The gradient's format is looked up.
    Lookup,
    /// The shift is worked out.
    Shift,
    /// Words are read.
    Run,
    /// The last ones are under way.
    Drain,
}

/// Sequencer of Update.
#[derive(LogicBlock)]
pub struct UpdateSequence<const L: usize, const U: usize, const E: usize> {
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
    /// The word read is there: weight (bit 0), momentum, gradient, where the weights stood, their importance.
    pub there: Signal<Out, Bits<5>>,
    /// Weights are pulled back.
    pub elastic: Signal<Out, Bit>,
    /// Element index of lane 0 of the word whose gradient is there.
    pub index: Signal<Out, Bits<32>>,
    /// A group enters the lanes.
    pub group: Signal<Out, Bit>,
    /// The lanes move.
    pub moving: Signal<Out, Bit>,
    /// A group of weights is finished.
    pub weight_out: Signal<Out, Bit>,
    /// A group of momenta is finished, a cycle after its weights.
    pub momentum_out: Signal<Out, Bit>,
    /// Left shift of the gradient's term, s6.
    pub shift: Signal<Out, Bits<6>>,
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// It is the momentum.
    pub o_momentum: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    fields: UpdateFields,
    state: Reg<UpdateState>,
    slot: Reg<Bits<6>>,
    arrived: Reg<Bits<5>>,
    word: Dff<Bits<16>>,
    indices: IndexWalk,
    groups: UpdateGroups<L, U>,
    index_held: Dff<Bits<32>>,
    wanted: Dff<Bits<12>>,
    limited: Dff<Bits<6>>,
    count: PixelLoop,
    plain_end: Constant<Bits<6>>,
    elastic_end: Constant<Bits<6>>,
    gradient_slot: Signal<Local, Bits<6>>,
    last_slot: Signal<Local, Bits<6>>,
    launch: Signal<Local, Bit>,
    advance: Signal<Local, Bit>,
    f_w: Signal<Local, Bits<12>>,
    lr_shift: Signal<Local, Bits<12>>,
}

impl<const L: usize, const U: usize, const E: usize> Default for UpdateSequence<L, U, E> {
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
            there: Default::default(),
            elastic: Default::default(),
            index: Default::default(),
            group: Default::default(),
            moving: Default::default(),
            weight_out: Default::default(),
            momentum_out: Default::default(),
            shift: Default::default(),
            o_we: Default::default(),
            o_momentum: Default::default(),
            o_addr: Default::default(),
            fields: Default::default(),
            state: Default::default(),
            slot: Default::default(),
            arrived: Default::default(),
            word: Default::default(),
            indices: Default::default(),
            groups: Default::default(),
            index_held: Default::default(),
            wanted: Default::default(),
            limited: Default::default(),
            count: Default::default(),
            plain_end: Constant::new(Bits::from((L / U).max(3) as u64 - 1)),
            elastic_end: Constant::new(Bits::from((L / U).max(5) as u64 - 1)),
            gradient_slot: Default::default(),
            last_slot: Default::default(),
            launch: Default::default(),
            advance: Default::default(),
            f_w: Default::default(),
            lr_shift: Default::default(),
        }
    }
}

impl<const L: usize, const U: usize, const E: usize> Logic for UpdateSequence<L, U, E> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, slot, arrived, word, index_held, wanted, limited);
        self.state.reset.next = self.reset.val();
        self.slot.reset.next = self.reset.val();
        self.arrived.reset.next = self.reset.val();
        self.fields.command.next = self.command.val();

        // Shift of the gradient's term: f_w + 20 − f_d − lr_shift, limited to −32 ..= 15.
        self.f_w.next = bit_cast::<12, 8>(self.fields.f_w.val());
        if self.fields.f_w.val().get_bit(7) {
            self.f_w.next = bit_cast::<12, 8>(self.fields.f_w.val()) | 0xf00;
        }
        self.lr_shift.next = bit_cast::<12, 8>(self.fields.lr_shift.val());
        if self.fields.lr_shift.val().get_bit(7) {
            self.lr_shift.next = bit_cast::<12, 8>(self.fields.lr_shift.val()) | 0xf00;
        }
        self.shift.next = self.limited.q.val();

        // What a word takes.
        self.elastic.next = false;
        self.gradient_slot.next = 2.into();
        self.last_slot.next = self.plain_end.val();
        for _e in 0..E {
            self.elastic.next = self.fields.elastic.val();
            if self.fields.elastic.val() {
                self.gradient_slot.next = 4.into();
                self.last_slot.next = self.elastic_end.val();
            }
        }

        // State.
        self.launch.next = false;
        self.advance.next = false;
        self.done.next = false;
        self.busy.next = true;
        self.arrived.d.next = 0.into();
        match self.state.q.val() {
            UpdateState::Idle => {
                self.busy.next = false;
                if self.start.val() {
                    self.state.d.next = UpdateState::Lookup;
                }
            }
            UpdateState::Lookup => {
                self.wanted.d.next = self.f_w.val() + 20 - self.f_d.val() - self.lr_shift.val();
                if self.looked_up.val() {
                    self.state.d.next = UpdateState::Shift;
                }
            }
            UpdateState::Shift => {
                self.launch.next = true;
                self.limited.d.next = bit_cast::<6, 12>(self.wanted.q.val());
                if self.wanted.q.val().get_bit(11) {
                    if self.wanted.q.val() < 0xfe0 {
                        self.limited.d.next = 0x20.into();
                    }
                } else if self.wanted.q.val() > 15 {
                    self.limited.d.next = 15.into();
                }
                self.state.d.next = UpdateState::Run;
            }
            UpdateState::Run => {
                self.slot.d.next = self.slot.q.val() + 1;
                if self.slot.q.val() == 0 {
                    self.arrived.d.next = 1.into();
                }
                if self.slot.q.val() == 1 {
                    self.arrived.d.next = 2.into();
                }
                for _e in 0..E {
                    if self.fields.elastic.val() & (self.slot.q.val() == 2) {
                        self.arrived.d.next = 8.into();
                    }
                    if self.fields.elastic.val() & (self.slot.q.val() == 3) {
                        self.arrived.d.next = 16.into();
                    }
                }
                if self.slot.q.val() == self.gradient_slot.val() {
                    self.arrived.d.next = 4.into();
                    self.index_held.d.next = self.indices.index.val();
                }
                if self.slot.q.val() == self.last_slot.val() {
                    self.slot.d.next = 0.into();
                    self.advance.next = true;
                    self.word.d.next = self.word.q.val() + 1;
                    if self.count.last.val() {
                        self.state.d.next = UpdateState::Drain;
                    }
                }
            }
            _ => {
                if self.groups.empty.val() & !self.arrived.q.val().any() {
                    self.done.next = true;
                    self.state.d.next = UpdateState::Idle;
                }
            }
        }

        // Addresses and indices.
        self.count.clock.next = self.clock.val();
        self.count.start.next = self.launch.val();
        self.count.advance.next = self.advance.val();
        self.count.windows.next = false;
        self.count.n.next = self.fields.z.val();
        self.count.y.next = self.fields.y.val();
        self.count.x.next = self.fields.x.val();
        self.v_addr.next = self.fields.d_base.val() + self.word.q.val();
        if self.slot.q.val() == 0 {
            self.v_addr.next = self.fields.w_base.val() + self.word.q.val();
        }
        if self.slot.q.val() == 1 {
            self.v_addr.next = self.fields.v_base.val() + self.word.q.val();
        }
        for _e in 0..E {
            if self.fields.elastic.val() & (self.slot.q.val() == 2) {
                self.v_addr.next = self.fields.old_base.val() + self.word.q.val();
            }
            if self.fields.elastic.val() & (self.slot.q.val() == 3) {
                self.v_addr.next = self.fields.importance_base.val() + self.word.q.val();
            }
        }
        if self.launch.val() {
            self.word.d.next = 0.into();
        }
        self.indices.clock.next = self.clock.val();
        self.indices.start.next = self.launch.val();
        self.indices.advance.next = self.advance.val();
        self.indices.steps.next = self.count.steps.val();
        self.indices.first.next = self.fields.index.val();
        self.indices.i_z.next = self.fields.i_z.val();
        self.indices.i_y.next = self.fields.i_y.val();
        self.indices.i_x.next = self.fields.i_x.val();
        self.index.next = self.index_held.q.val();

        // Groups under way and results.
        self.there.next = self.arrived.q.val();
        self.groups.clock.next = self.clock.val();
        self.groups.reset.next = self.reset.val();
        self.groups.clear.next = self.launch.val();
        self.groups.load.next = self.arrived.q.val().get_bit(2);
        self.group.next = self.groups.group.val();
        self.moving.next = self.groups.moving.val();
        self.weight_out.next = self.groups.weight_out.val();
        self.momentum_out.next = self.groups.momentum_out.val();
        self.o_we.next = self.groups.o_we.val();
        self.o_momentum.next = self.groups.o_momentum.val();
        self.o_addr.next = self.fields.w_out.val() + self.groups.word.val();
        if self.groups.o_momentum.val() {
            self.o_addr.next = self.fields.v_out.val() + self.groups.word.val();
        }
    }
}

#[cfg(test)]
#[path = "update_sequence_tests.rs"]
mod tests;
