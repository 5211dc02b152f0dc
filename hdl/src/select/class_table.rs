//! One word for every class: entry count, arrival of the last accepted score, worst entry (the heap's root) and whether
//! the class is enabled. It is what lets a score that does not make it cost one cycle.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `read_class` | 16 | class to read |
//! | `count`, `last_arrival`, `worst`, `worst_slot`, `enabled` | 16, 32, 64, 16, 1 | its word, one cycle later |
//! | `write_*` | | the same word but for `enabled`; not while `busy` |
//! | `mask_*` | 1, 16, 1 | enables or disables a class; not while `busy` |
//! | `busy` | 1 | the table is being emptied |
//!
//! Classes from 2^C on read as disabled, and their mask cannot be written; write no word of theirs.
//! Latency 1, one read and one write a cycle; a read in the cycle of a write to its class gives the old word.
//! Reset (a pulse will do): `busy` for 2^C cycles, then every count is 0 and every class enabled.
use crate::leaf::{Dff, Ram, Reg};
use rust_hdl::prelude::*;

/// State of every class, `2^C` of them.
#[derive(LogicBlock, Default)]
pub struct ClassTable<const C: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Class to read.
    pub read_class: Signal<In, Bits<16>>,
    /// Entries of the class read.
    pub count: Signal<Out, Bits<16>>,
    /// Arrival of the score it accepted last.
    pub last_arrival: Signal<Out, Bits<32>>,
    /// Rank of its worst entry.
    pub worst: Signal<Out, Bits<64>>,
    /// Slot of its worst entry.
    pub worst_slot: Signal<Out, Bits<16>>,
    /// The class may accept scores.
    pub enabled: Signal<Out, Bit>,
    /// Write the word below.
    pub write: Signal<In, Bit>,
    /// Class to write.
    pub write_class: Signal<In, Bits<16>>,
    /// Its entries.
    pub write_count: Signal<In, Bits<16>>,
    /// Arrival of the score just accepted.
    pub write_arrival: Signal<In, Bits<32>>,
    /// Rank of its worst entry.
    pub write_worst: Signal<In, Bits<64>>,
    /// Slot of its worst entry.
    pub write_worst_slot: Signal<In, Bits<16>>,
    /// Write the mask.
    pub mask_write: Signal<In, Bit>,
    /// Class to enable or disable.
    pub mask_class: Signal<In, Bits<16>>,
    /// Enable it.
    pub mask_enable: Signal<In, Bit>,
    /// The table is being emptied.
    pub busy: Signal<Out, Bit>,
    counts: Ram<Bits<16>, C>,
    arrivals: Ram<Bits<32>, C>,
    ranks: Ram<Bits<64>, C>,
    slots: Ram<Bits<16>, C>,
    disabled: Ram<Bit, C>,
    swept: Reg<Bit>,
    sweep: Reg<Bits<C>>,
    known: Dff<Bit>,
    read_at: Signal<Local, Bits<C>>,
    write_at: Signal<Local, Bits<C>>,
    mask_at: Signal<Local, Bits<C>>,
    mask_known: Signal<Local, Bit>,
}

impl<const C: usize> Logic for ClassTable<C> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, swept, sweep, known);
        clock!(self, clock, counts, arrivals, ranks, slots, disabled);
        self.swept.reset.next = self.reset.val();
        self.sweep.reset.next = self.reset.val();

        if !self.swept.q.val() {
            self.sweep.d.next = self.sweep.q.val() + 1;
            self.swept.d.next = self.sweep.q.val().all();
        }
        self.busy.next = !self.swept.q.val();

        self.read_at.next = bit_cast::<C, 16>(self.read_class.val());
        self.write_at.next = bit_cast::<C, 16>(self.write_class.val());
        self.mask_at.next = bit_cast::<C, 16>(self.mask_class.val());
        self.known.d.next = bit_cast::<16, C>(self.read_at.val()) == self.read_class.val();
        self.mask_known.next = bit_cast::<16, C>(self.mask_at.val()) == self.mask_class.val();
        self.counts.read_address.next = self.read_at.val();
        self.arrivals.read_address.next = self.read_at.val();
        self.ranks.read_address.next = self.read_at.val();
        self.slots.read_address.next = self.read_at.val();
        self.disabled.read_address.next = self.read_at.val();
        self.counts.read_enable.next = true;
        self.arrivals.read_enable.next = true;
        self.ranks.read_enable.next = true;
        self.slots.read_enable.next = true;
        self.disabled.read_enable.next = true;
        self.count.next = self.counts.read_data.val();
        self.last_arrival.next = self.arrivals.read_data.val();
        self.worst.next = self.ranks.read_data.val();
        self.worst_slot.next = self.slots.read_data.val();
        self.enabled.next = self.known.q.val() & !self.disabled.read_data.val();

        self.counts.write_address.next = self.write_at.val();
        self.counts.write_data.next = self.write_count.val();
        self.counts.write_enable.next = self.write.val() | !self.swept.q.val();
        self.disabled.write_address.next = self.mask_at.val();
        self.disabled.write_data.next = !self.mask_enable.val();
        self.disabled.write_enable.next =
            (self.mask_write.val() & self.mask_known.val()) | !self.swept.q.val();
        if !self.swept.q.val() {
            self.counts.write_address.next = self.sweep.q.val();
            self.counts.write_data.next = 0.into();
            self.disabled.write_address.next = self.sweep.q.val();
            self.disabled.write_data.next = false;
        }
        self.arrivals.write_address.next = self.write_at.val();
        self.arrivals.write_data.next = self.write_arrival.val();
        self.arrivals.write_enable.next = self.write.val();
        self.ranks.write_address.next = self.write_at.val();
        self.ranks.write_data.next = self.write_worst.val();
        self.ranks.write_enable.next = self.write.val();
        self.slots.write_address.next = self.write_at.val();
        self.slots.write_data.next = self.write_worst_slot.val();
        self.slots.write_enable.next = self.write.val();
    }
}
