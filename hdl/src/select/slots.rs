//! How many lists hold each sample slot. A slot that none holds any more is given out as free, exactly once.
//!
//! The sample in progress is counted in a register and put in the table with its last score; the eviction of another
//! sample reads, decrements and writes back its count in the two cycles from `score` on.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `score` | 1 | pulse: one decided score; not while `busy`, nor in the cycle after one with `evict` |
//! | `slot`, `first`, `last` | 16, 1, 1 | its sample's slot; first and last score of the sample |
//! | `accepted` | 1 | it entered a list |
//! | `evict`, `evict_slot` | 1, 16 | and pushed an entry of this slot out |
//! | `freed_valid`, `freed_ready`, `freed_slot` | 1, 1, 16 | stream of free slots |
//! | `freed_count` | 16 | how many wait |
//! | `busy` | 1 | the table is being emptied |
//!
//! Slots are below 2^S, S ≤ 16; a sample may be in at most 255 lists. One score a cycle; a freed slot appears 2 cycles
//! later, 3 if evicted. Reset (a pulse will do): `busy` for 2^S cycles, then every count is 0 and no free slot waits.
use super::FreeList;
use crate::leaf::{Dff, Ram, Reg};
use rust_hdl::prelude::*;

/// Use count of every slot, `2^S` of them.
#[derive(LogicBlock, Default)]
pub struct Slots<const S: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// One decided score.
    pub score: Signal<In, Bit>,
    /// Slot of its sample.
    pub slot: Signal<In, Bits<16>>,
    /// First score of the sample.
    pub first: Signal<In, Bit>,
    /// Last score of the sample.
    pub last: Signal<In, Bit>,
    /// It entered a list.
    pub accepted: Signal<In, Bit>,
    /// It pushed an entry out.
    pub evict: Signal<In, Bit>,
    /// Slot of that entry.
    pub evict_slot: Signal<In, Bits<16>>,
    /// A free slot is there.
    pub freed_valid: Signal<Out, Bit>,
    /// It is taken at this edge.
    pub freed_ready: Signal<In, Bit>,
    /// The free slot.
    pub freed_slot: Signal<Out, Bits<16>>,
    /// Free slots waiting.
    pub freed_count: Signal<Out, Bits<16>>,
    /// The table is being emptied.
    pub busy: Signal<Out, Bit>,
    uses: Ram<Bits<8>, S>,
    freed: FreeList<S>,
    current: Reg<Bits<8>>,
    evicting: Reg<Bit>,
    evicted: Dff<Bits<16>>,
    swept: Reg<Bit>,
    sweep: Reg<Bits<S>>,
    held: Signal<Local, Bits<8>>,
    gained: Signal<Local, Bits<8>>,
    own: Signal<Local, Bit>,
    left: Signal<Local, Bits<8>>,
}

impl<const S: usize> Logic for Slots<S> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, current, evicting, evicted, swept, sweep);
        clock!(self, clock, uses, freed);
        self.current.reset.next = self.reset.val();
        self.evicting.reset.next = self.reset.val();
        self.swept.reset.next = self.reset.val();
        self.sweep.reset.next = self.reset.val();
        self.freed.reset.next = self.reset.val();

        // Count of the sample in progress. It may push itself out, if it is listed twice in a class.
        self.own.next = self.evict_slot.val() == self.slot.val();
        self.held.next = self.current.q.val();
        if self.first.val() {
            self.held.next = 0.into();
        }
        self.gained.next = self.held.val();
        if self.accepted.val() & !(self.evict.val() & self.own.val()) {
            self.gained.next = self.held.val() + 1;
        }
        self.evicting.d.next = self.score.val() & self.evict.val() & !self.own.val();
        self.evicted.d.next = self.evict_slot.val();
        self.left.next = self.uses.read_data.val() - 1;

        self.uses.read_enable.next = true;
        self.uses.read_address.next = bit_cast::<S, 16>(self.evict_slot.val());
        self.uses.write_enable.next = false;
        self.uses.write_address.next = bit_cast::<S, 16>(self.slot.val());
        self.uses.write_data.next = self.gained.val();
        self.freed.push.next = false;
        self.freed.push_slot.next = self.slot.val();
        if self.score.val() {
            self.current.d.next = self.gained.val();
            if self.last.val() {
                self.uses.write_enable.next = true;
                self.freed.push.next = self.gained.val() == 0;
            }
        }
        if self.evicting.q.val() {
            self.uses.write_enable.next = true;
            self.uses.write_address.next = bit_cast::<S, 16>(self.evicted.q.val());
            self.uses.write_data.next = self.left.val();
            self.freed.push.next = self.left.val() == 0;
            self.freed.push_slot.next = self.evicted.q.val();
        }
        if !self.swept.q.val() {
            self.sweep.d.next = self.sweep.q.val() + 1;
            self.swept.d.next = self.sweep.q.val().all();
            self.uses.write_enable.next = true;
            self.uses.write_address.next = self.sweep.q.val();
            self.uses.write_data.next = 0.into();
        }
        self.busy.next = !self.swept.q.val();

        self.freed.ready.next = self.freed_ready.val();
        self.freed_valid.next = self.freed.valid.val();
        self.freed_slot.next = self.freed.slot.val();
        self.freed_count.next = self.freed.count.val();
    }
}
