//! Reading of kept entries: where entry `index` of a class lies, and its fields out of what was found there.
//! Entry 0 is the root, in the class table; entry `i` is node `i` + 1 of [`HeapBanks`](super::HeapBanks).
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `index` | 16 | entry wanted; held for the cycle after too |
//! | `row` | 16 | row of the banks to read |
//! | `root_*`, `even_*`, `odd_*` | 64, 16 | what the table and the banks show one cycle later |
//! | `key`, `arrival`, `slot` | 32, 32, 16 | the entry |
//!
//! Latency 0, no state.
use rust_hdl::prelude::*;

/// Address and fields of a kept entry.
#[derive(LogicBlock, Default)]
pub struct ReadPort {
    /// Entry wanted.
    pub index: Signal<In, Bits<16>>,
    /// Row of the banks to read.
    pub row: Signal<Out, Bits<16>>,
    /// Rank of the root.
    pub root_rank: Signal<In, Bits<64>>,
    /// Slot of the root.
    pub root_slot: Signal<In, Bits<16>>,
    /// Rank of the row's even node.
    pub even_rank: Signal<In, Bits<64>>,
    /// Slot of the row's even node.
    pub even_slot: Signal<In, Bits<16>>,
    /// Rank of the row's odd node.
    pub odd_rank: Signal<In, Bits<64>>,
    /// Slot of the row's odd node.
    pub odd_slot: Signal<In, Bits<16>>,
    /// Key of the entry.
    pub key: Signal<Out, Bits<32>>,
    /// Arrival of the entry.
    pub arrival: Signal<Out, Bits<32>>,
    /// Slot of the entry.
    pub slot: Signal<Out, Bits<16>>,
    node: Signal<Local, Bits<16>>,
    rank: Signal<Local, Bits<64>>,
    older: Signal<Local, Bits<32>>,
}

impl Logic for ReadPort {
    #[hdl_gen]
    fn update(&mut self) {
        self.node.next = self.index.val() + 1;
        self.row.next = self.node.val() >> 1;
        self.rank.next = self.even_rank.val();
        self.slot.next = self.even_slot.val();
        if self.node.val().get_bit(0) {
            self.rank.next = self.odd_rank.val();
            self.slot.next = self.odd_slot.val();
        }
        if self.index.val() == 0 {
            self.rank.next = self.root_rank.val();
            self.slot.next = self.root_slot.val();
        }
        self.key.next = self.rank.val().get_bits::<32>(32);
        self.older.next = bit_cast::<32, 64>(self.rank.val());
        self.arrival.next = !self.older.val();
    }
}
