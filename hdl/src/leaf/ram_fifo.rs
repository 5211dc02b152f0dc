//! Stream buffer of `2^AW` entries in block RAM, for wide or deep ones; behaves as [`Fifo`](super::Fifo) does, cycle by cycle.
//!
//! The RAM reads the head of the next cycle; a word that becomes the head in the cycle it is put in passes it by in a register.
//!
//! Latency 1, one word a cycle in and out at once. Reset state: empty.
use super::{Dff, Ram, Reg};
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
    head: Reg<Bits<AW>>,
    tail: Reg<Bits<AW>>,
    full: Reg<Bit>,
    filled: Reg<Bit>,
    push: Signal<Local, Bit>,
    pop: Signal<Local, Bit>,
    head_next: Signal<Local, Bits<AW>>,
    tail_next: Signal<Local, Bits<AW>>,
    meet: Signal<Local, Bit>,
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
            head: Default::default(),
            tail: Default::default(),
            full: Default::default(),
            filled: Default::default(),
            push: Default::default(),
            pop: Default::default(),
            head_next: Default::default(),
            tail_next: Default::default(),
            meet: Default::default(),
        }
    }
}

impl<T: Synth, const AW: usize> Logic for RamFifo<T, AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, head, tail, full, filled, passing, passes);
        self.head.reset.next = self.reset.val();
        self.tail.reset.next = self.reset.val();
        self.full.reset.next = self.reset.val();
        self.filled.reset.next = self.reset.val();

        self.push.next = self.in_valid.val() & !self.full.q.val();
        self.pop.next = self.filled.q.val() & self.out_ready.val();

        self.head_next.next = self.head.q.val();
        if self.pop.val() {
            self.head_next.next = self.head.q.val() + 1;
        }
        self.tail_next.next = self.tail.q.val();
        if self.push.val() {
            self.tail_next.next = self.tail.q.val() + 1;
        }
        self.head.d.next = self.head_next.val();
        self.tail.d.next = self.tail_next.val();

        // The pointers meet when full and when empty: which one is known from what moved last.
        self.meet.next = self.head_next.val() == self.tail_next.val();
        if self.push.val() & !self.pop.val() {
            self.full.d.next = self.meet.val();
            self.filled.d.next = true;
        }
        if self.pop.val() & !self.push.val() {
            self.full.d.next = false;
            self.filled.d.next = !self.meet.val();
        }

        self.store.clock.next = self.clock.val();
        self.store.write_address.next = self.tail.q.val();
        self.store.write_data.next = self.in_data.val();
        self.store.write_enable.next = self.push.val();
        self.store.read_enable.next = true;
        self.store.read_address.next = self.head_next.val();
        self.passing.d.next = self.in_data.val();
        self.passes.d.next = self.push.val() & (self.tail.q.val() == self.head_next.val());

        self.in_ready.next = !self.full.q.val();
        self.out_valid.next = self.filled.q.val();
        self.out_data.next = self.store.read_data.val();
        if self.passes.q.val() {
            self.out_data.next = self.passing.q.val();
        }
    }
}
