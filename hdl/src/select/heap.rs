//! The heaps of all classes: the insert machine, its entry memory, and the way to read entries when it rests.
//! The wiring of [`HeapWalk`], [`HeapBanks`] and [`ReadPort`]; their pages say how they work.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `shift` | 4 | log2 of a class's share of the entries; static while in use |
//! | `class_id` | 16 | class worked on, or read; from `start` to `done` unchanged |
//! | `start`, `rise`, `size`, `rank`, `slot` | 1, 1, 16, 64, 16 | insert a score, see [`HeapWalk`] |
//! | `worst`, `worst_slot` | 64, 16 | the class's root, at `start` |
//! | `done`, `root_rank`, `root_slot` | 1, 64, 16 | end of the insertion and the root it leaves |
//! | `reading`, `read_index` | 1, 16 | instead, read an entry; hold both for two cycles |
//! | `read_worst`, `read_worst_slot` | 64, 16 | the root of the class that is read |
//! | `read_key`, `read_arrival`, `read_slot` | 32, 32, 16 | the entry, in the second of them |
//!
//! Latency as [`HeapWalk`]; reading 1. Reset state: idle.
use super::{HeapBanks, HeapWalk, ReadPort};
use rust_hdl::prelude::*;

/// The heaps of all classes, `2^R` rows of two entries.
#[derive(LogicBlock, Default)]
pub struct Heap<const R: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// log2 of a class's share of the entries.
    pub shift: Signal<In, Bits<4>>,
    /// Class worked on, or read.
    pub class_id: Signal<In, Bits<16>>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// Append; otherwise replace the root.
    pub rise: Signal<In, Bit>,
    /// Entries after the operation.
    pub size: Signal<In, Bits<16>>,
    /// Rank of the score.
    pub rank: Signal<In, Bits<64>>,
    /// Slot of the score.
    pub slot: Signal<In, Bits<16>>,
    /// Rank of the root before.
    pub worst: Signal<In, Bits<64>>,
    /// Slot of the root before.
    pub worst_slot: Signal<In, Bits<16>>,
    /// The last cycle of the operation.
    pub done: Signal<Out, Bit>,
    /// Rank of the root afterwards.
    pub root_rank: Signal<Out, Bits<64>>,
    /// Slot of the root afterwards.
    pub root_slot: Signal<Out, Bits<16>>,
    /// Read an entry.
    pub reading: Signal<In, Bit>,
    /// Which.
    pub read_index: Signal<In, Bits<16>>,
    /// Rank of the root of the class that is read.
    pub read_worst: Signal<In, Bits<64>>,
    /// Slot of that root.
    pub read_worst_slot: Signal<In, Bits<16>>,
    /// Its key.
    pub read_key: Signal<Out, Bits<32>>,
    /// Its arrival.
    pub read_arrival: Signal<Out, Bits<32>>,
    /// Its slot.
    pub read_slot: Signal<Out, Bits<16>>,
    walk: HeapWalk,
    banks: HeapBanks<R>,
    reader: ReadPort,
}

impl<const R: usize> Logic for Heap<R> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, walk, banks);
        self.walk.reset.next = self.reset.val();
        self.walk.start.next = self.start.val();
        self.walk.rise.next = self.rise.val();
        self.walk.size.next = self.size.val();
        self.walk.rank.next = self.rank.val();
        self.walk.slot.next = self.slot.val();
        self.walk.old_root_rank.next = self.worst.val();
        self.walk.old_root_slot.next = self.worst_slot.val();
        self.walk.even_rank.next = self.banks.even_rank.val();
        self.walk.even_slot.next = self.banks.even_slot.val();
        self.walk.odd_rank.next = self.banks.odd_rank.val();
        self.walk.odd_slot.next = self.banks.odd_slot.val();
        self.done.next = self.walk.done.val();
        self.root_rank.next = self.walk.root_rank.val();
        self.root_slot.next = self.walk.root_slot.val();

        self.banks.shift.next = self.shift.val();
        self.banks.class_id.next = self.class_id.val();
        self.banks.write.next = self.walk.write.val();
        self.banks.write_node.next = self.walk.write_node.val();
        self.banks.write_rank.next = self.walk.write_rank.val();
        self.banks.write_slot.next = self.walk.write_slot.val();
        self.banks.read_row.next = self.walk.read_row.val();
        if self.reading.val() {
            self.banks.read_row.next = self.reader.row.val();
        }

        self.reader.index.next = self.read_index.val();
        self.reader.root_rank.next = self.read_worst.val();
        self.reader.root_slot.next = self.read_worst_slot.val();
        self.reader.even_rank.next = self.banks.even_rank.val();
        self.reader.even_slot.next = self.banks.even_slot.val();
        self.reader.odd_rank.next = self.banks.odd_rank.val();
        self.reader.odd_slot.next = self.banks.odd_slot.val();
        self.read_key.next = self.reader.key.val();
        self.read_arrival.next = self.reader.arrival.val();
        self.read_slot.next = self.reader.slot.val();
    }
}
