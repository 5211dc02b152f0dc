//! Entry memory of all classes, in two banks, so that both children of a heap node are read at once.
//!
//! The nodes of a class are numbered from 1 (the root, which lives in [`ClassTable`](super::ClassTable)); node `n` lies in
//! bank `n mod 2`, row `n / 2` of its class's share of 2^(`shift` − 1) rows. Children 2n and 2n+1 are thus row `n` of
//! the two banks. Node 2^`shift` wraps to row 0 of the even bank, which no other node uses.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `shift` | 4 | log2 of a class's share in entries, 1 ..= R+1 (0 if none has more than the root); static while in use |
//! | `class_id` | 16 | class read and written |
//! | `read_row` | 16 | row to read |
//! | `even_rank`, `even_slot`, `odd_rank`, `odd_slot` | 64, 16 | the row's two entries, one cycle later |
//! | `write`, `write_node`, `write_rank`, `write_slot` | 1, 16, 64, 16 | one entry to write |
//!
//! Latency 1, one row read and one entry written a cycle; a read of the row being written gives the old entry.
//! No reset state: counts say which nodes mean anything.
use crate::leaf::Ram;
use rust_hdl::prelude::*;

/// Entry memory of `2^R` rows of two entries.
#[derive(LogicBlock, Default)]
pub struct HeapBanks<const R: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// log2 of a class's share in entries.
    pub shift: Signal<In, Bits<4>>,
    /// Class read and written.
    pub class_id: Signal<In, Bits<16>>,
    /// Row to read.
    pub read_row: Signal<In, Bits<16>>,
    /// Rank of the row's even node.
    pub even_rank: Signal<Out, Bits<64>>,
    /// Slot of the row's even node.
    pub even_slot: Signal<Out, Bits<16>>,
    /// Rank of the row's odd node.
    pub odd_rank: Signal<Out, Bits<64>>,
    /// Slot of the row's odd node.
    pub odd_slot: Signal<Out, Bits<16>>,
    /// Write an entry.
    pub write: Signal<In, Bit>,
    /// Its node.
    pub write_node: Signal<In, Bits<16>>,
    /// Its rank.
    pub write_rank: Signal<In, Bits<64>>,
    /// Its slot.
    pub write_slot: Signal<In, Bits<16>>,
    even_ranks: Ram<Bits<64>, R>,
    even_slots: Ram<Bits<16>, R>,
    odd_ranks: Ram<Bits<64>, R>,
    odd_slots: Ram<Bits<16>, R>,
    row_shift: Signal<Local, Bits<4>>,
    unit: Signal<Local, Bits<16>>,
    mask: Signal<Local, Bits<16>>,
    class_row: Signal<Local, Bits<R>>,
    base: Signal<Local, Bits<R>>,
    read_within: Signal<Local, Bits<16>>,
    read_offset: Signal<Local, Bits<R>>,
    read_address: Signal<Local, Bits<R>>,
    write_row: Signal<Local, Bits<16>>,
    write_within: Signal<Local, Bits<16>>,
    write_offset: Signal<Local, Bits<R>>,
    write_address: Signal<Local, Bits<R>>,
    write_odd: Signal<Local, Bit>,
    one: Signal<Local, Bits<16>>,
}

impl<const R: usize> Logic for HeapBanks<R> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, even_ranks, even_slots, odd_ranks, odd_slots);
        self.row_shift.next = self.shift.val() - 1;
        self.one.next = 1.into();
        self.unit.next = self.one.val() << self.row_shift.val();
        self.mask.next = self.unit.val() - 1;
        self.class_row.next = bit_cast::<R, 16>(self.class_id.val());
        self.base.next = self.class_row.val() << self.row_shift.val();

        self.read_within.next = self.read_row.val() & self.mask.val();
        self.read_offset.next = bit_cast::<R, 16>(self.read_within.val());
        self.read_address.next = self.base.val() | self.read_offset.val();
        self.even_ranks.read_address.next = self.read_address.val();
        self.even_slots.read_address.next = self.read_address.val();
        self.odd_ranks.read_address.next = self.read_address.val();
        self.odd_slots.read_address.next = self.read_address.val();
        self.even_ranks.read_enable.next = true;
        self.even_slots.read_enable.next = true;
        self.odd_ranks.read_enable.next = true;
        self.odd_slots.read_enable.next = true;
        self.even_rank.next = self.even_ranks.read_data.val();
        self.even_slot.next = self.even_slots.read_data.val();
        self.odd_rank.next = self.odd_ranks.read_data.val();
        self.odd_slot.next = self.odd_slots.read_data.val();

        self.write_row.next = self.write_node.val() >> 1;
        self.write_within.next = self.write_row.val() & self.mask.val();
        self.write_offset.next = bit_cast::<R, 16>(self.write_within.val());
        self.write_address.next = self.base.val() | self.write_offset.val();
        self.write_odd.next = self.write_node.val().get_bit(0);
        self.even_ranks.write_address.next = self.write_address.val();
        self.even_slots.write_address.next = self.write_address.val();
        self.odd_ranks.write_address.next = self.write_address.val();
        self.odd_slots.write_address.next = self.write_address.val();
        self.even_ranks.write_data.next = self.write_rank.val();
        self.even_slots.write_data.next = self.write_slot.val();
        self.odd_ranks.write_data.next = self.write_rank.val();
        self.odd_slots.write_data.next = self.write_slot.val();
        self.even_ranks.write_enable.next = self.write.val() & !self.write_odd.val();
        self.even_slots.write_enable.next = self.write.val() & !self.write_odd.val();
        self.odd_ranks.write_enable.next = self.write.val() & self.write_odd.val();
        self.odd_slots.write_enable.next = self.write.val() & self.write_odd.val();
    }
}
