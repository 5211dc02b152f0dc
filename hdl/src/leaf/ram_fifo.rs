//! Stream buffer of `2^AW` entries in block RAM, for wide or deep ones; behaves as [`Fifo`](super::Fifo) does, cycle by cycle.
//!
//! The RAM reads the head of the next cycle; a word that becomes the head in the cycle it is put in passes it by in a register.
//!
//! Latency 1, one word a cycle in and out at once. Reset state: empty.
use super::{Dff, FifoPointers, Ram};
use rust_hdl::prelude::*;

/// Stream buffer of `2^AW` entries in block RAM.
#[derive(LogicBlock)]
pub struct RamFifo<T: Synth, const AW: usize> {
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
    store: Ram<T, AW>,
    passing: Dff<T>,
    passes: Dff<Bit>,
    at: FifoPointers<AW>,
}

impl<T: Synth, const AW: usize> Default for RamFifo<T, AW> {
    fn default() -> Self {
        // What a read in the cycle of a write to the same word gives is not looked at.
        Self {
            clock: Default::default(),
            reset: Default::default(),
            in_data: Default::default(),
            in_valid: Default::default(),
            in_ready: Default::default(),
            out_data: Default::default(),
            out_valid: Default::default(),
            out_ready: Default::default(),
            store: Ram::apart(1 << AW),
            passing: Default::default(),
            passes: Default::default(),
            at: Default::default(),
        }
    }
}

impl<T: Synth, const AW: usize> Logic for RamFifo<T, AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, passing, passes);
        clock!(self, clock, at, store);
        self.at.reset.next = self.reset.val();
        self.at.in_valid.next = self.in_valid.val();
        self.at.out_ready.next = self.out_ready.val();

        self.store.write_address.next = self.at.tail.val();
        self.store.write_data.next = self.in_data.val();
        self.store.write_enable.next = self.at.push.val();
        self.store.read_enable.next = true;
        self.store.read_address.next = self.at.head_next.val();
        self.passing.d.next = self.in_data.val();
        self.passes.d.next = self.at.push.val() & (self.at.tail.val() == self.at.head_next.val());

        self.in_ready.next = !self.at.full.val();
        self.out_valid.next = self.at.filled.val();
        self.out_data.next = self.store.read_data.val();
        if self.passes.q.val() {
            self.out_data.next = self.passing.q.val();
        }
    }
}
