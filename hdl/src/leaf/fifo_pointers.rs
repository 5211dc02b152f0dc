//! Where a stream buffer of `2^AW` entries reads and writes, for [`Fifo`](super::Fifo) and [`RamFifo`](super::RamFifo), which differ in their store alone.
//!
//! A word goes in where `push` is high, at `tail`; the oldest is at `head`, and at `head_next` in the next cycle. `full` and `filled` (not empty) are
//! registers. Latency 1. Reset state: empty.
use super::Reg;
use rust_hdl::prelude::*;

/// Pointers of a stream buffer of `2^AW` entries.
#[derive(LogicBlock, Default)]
pub struct FifoPointers<const AW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A word is there to put in.
    pub in_valid: Signal<In, Bit>,
    /// The oldest word is taken at this edge, if there is one.
    pub out_ready: Signal<In, Bit>,
    /// The word goes in at this edge.
    pub push: Signal<Out, Bit>,
    /// Place of the oldest word.
    pub head: Signal<Out, Bits<AW>>,
    /// The same in the next cycle.
    pub head_next: Signal<Out, Bits<AW>>,
    /// Place of the next word to come.
    pub tail: Signal<Out, Bits<AW>>,
    /// There is no room.
    pub full: Signal<Out, Bit>,
    /// There is a word.
    pub filled: Signal<Out, Bit>,
    oldest: Reg<Bits<AW>>,
    coming: Reg<Bits<AW>>,
    no_room: Reg<Bit>,
    some: Reg<Bit>,
    pushed: Signal<Local, Bit>,
    popped: Signal<Local, Bit>,
    oldest_next: Signal<Local, Bits<AW>>,
    coming_next: Signal<Local, Bits<AW>>,
    meet: Signal<Local, Bit>,
}

impl<const AW: usize> Logic for FifoPointers<AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, oldest, coming, no_room, some);
        self.oldest.reset.next = self.reset.val();
        self.coming.reset.next = self.reset.val();
        self.no_room.reset.next = self.reset.val();
        self.some.reset.next = self.reset.val();

        self.pushed.next = self.in_valid.val() & !self.no_room.q.val();
        self.popped.next = self.some.q.val() & self.out_ready.val();

        self.oldest_next.next = self.oldest.q.val();
        if self.popped.val() {
            self.oldest_next.next = self.oldest.q.val() + 1;
        }
        self.coming_next.next = self.coming.q.val();
        if self.pushed.val() {
            self.coming_next.next = self.coming.q.val() + 1;
        }
        self.oldest.d.next = self.oldest_next.val();
        self.coming.d.next = self.coming_next.val();

        // The pointers meet when full and when empty: which one is known from what moved last.
        self.meet.next = self.oldest_next.val() == self.coming_next.val();
        if self.pushed.val() & !self.popped.val() {
            self.no_room.d.next = self.meet.val();
            self.some.d.next = true;
        }
        if self.popped.val() & !self.pushed.val() {
            self.no_room.d.next = false;
            self.some.d.next = !self.meet.val();
        }

        self.push.next = self.pushed.val();
        self.head.next = self.oldest.q.val();
        self.head_next.next = self.oldest_next.val();
        self.tail.next = self.coming.q.val();
        self.full.next = self.no_room.q.val();
        self.filled.next = self.some.q.val();
    }
}
