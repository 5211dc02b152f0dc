//! Stream buffer of `2^AW` entries. For cutting a ready path alone [`Skid`](super::Skid) is smaller.
//!
//! Valid/ready on both sides: a word moves in a cycle where both are high; valid never waits for ready and, once
//! high, stays with its data until taken. No path from input to output within a cycle.
//!
//! Latency 1, one word a cycle in and out at once (also when full or empty: a full buffer takes a word in the cycle
//! after one left). Reset state: empty. `AW` from 1 to 6: the store is a [`LutRam`].
use super::{FifoPointers, LutRam};
use rust_hdl::prelude::*;

/// Stream buffer of `2^AW` entries.
#[derive(LogicBlock, Default)]
pub struct Fifo<T: Synth, const AW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Word to put in.
    pub in_data: Signal<In, T>,
    /// `in_data` is there.
    pub in_valid: Signal<In, Bit>,
    /// There is room.
    pub in_ready: Signal<Out, Bit>,
    /// Oldest word.
    pub out_data: Signal<Out, T>,
    /// `out_data` is there.
    pub out_valid: Signal<Out, Bit>,
    /// The oldest word is taken at this edge.
    pub out_ready: Signal<In, Bit>,
    store: LutRam<T, AW>,
    at: FifoPointers<AW>,
}

impl<T: Synth, const AW: usize> Logic for Fifo<T, AW> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, at, store);
        self.at.reset.next = self.reset.val();
        self.at.in_valid.next = self.in_valid.val();
        self.at.out_ready.next = self.out_ready.val();

        self.store.write_address.next = self.at.tail.val();
        self.store.write_data.next = self.in_data.val();
        self.store.write_enable.next = self.at.push.val();
        self.store.read_address.next = self.at.head.val();

        self.in_ready.next = !self.at.full.val();
        self.out_valid.next = self.at.filled.val();
        self.out_data.next = self.store.read_data.val();
    }
}
