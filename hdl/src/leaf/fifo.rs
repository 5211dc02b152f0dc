//! Stream buffer of `2^AW` entries. For cutting a ready path alone [`Skid`](super::Skid) is smaller.
//!
//! Valid/ready on both sides: a word moves in a cycle where both are high; valid never waits for ready and, once
//! high, stays with its data until taken. No path from input to output within a cycle.
//!
//! Latency 1, one word a cycle in and out at once (also when full or empty: a full buffer takes a word in the cycle
//! after one left). Reset state: empty. `AW` from 1 to 6: the store is a [`LutRam`].
use super::{LutRam, Reg};
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

impl<T: Synth, const AW: usize> Logic for Fifo<T, AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, head, tail, full, filled);
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
        self.store.read_address.next = self.head.q.val();

        self.in_ready.next = !self.full.q.val();
        self.out_valid.next = self.filled.q.val();
        self.out_data.next = self.store.read_data.val();
    }
}
