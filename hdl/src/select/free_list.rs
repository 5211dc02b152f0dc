//! Queue of free slots, with a place for every slot there is, so that who frees one never waits.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `push`, `push_slot` | 1, 16 | puts a slot in |
//! | `valid`, `ready`, `slot` | 1, 1, 16 | the oldest one; taken in a cycle where both are high |
//! | `count` | 16 | slots waiting, 65535 if more |
//!
//! A slot appears 2 cycles after it was put in; one in and one out a cycle. Reset state: empty. It holds 2^S slots; a
//! push beyond that, which only a slot freed twice can cause, is dropped.
use crate::leaf::{Ram, Reg};
use rust_hdl::prelude::*;

/// Queue of at least `2^S` slots, S ≤ 16.
#[derive(LogicBlock, Default)]
pub struct FreeList<const S: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Put a slot in.
    pub push: Signal<In, Bit>,
    /// Which.
    pub push_slot: Signal<In, Bits<16>>,
    /// A slot is there.
    pub valid: Signal<Out, Bit>,
    /// It is taken at this edge.
    pub ready: Signal<In, Bit>,
    /// The oldest slot.
    pub slot: Signal<Out, Bits<16>>,
    /// Slots waiting.
    pub count: Signal<Out, Bits<16>>,
    store: Ram<Bits<16>, S>,
    head: Reg<Bits<S>>,
    tail: Reg<Bits<S>>,
    // Slots in the store; one more may wait in its read register.
    stored: Reg<Bits<17>>,
    shown: Reg<Bit>,
    full: Signal<Local, Bit>,
    add: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
    waiting: Signal<Local, Bits<17>>,
}

impl<const S: usize> Logic for FreeList<S> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, head, tail, stored, shown);
        clock!(self, clock, store);
        self.head.reset.next = self.reset.val();
        self.tail.reset.next = self.reset.val();
        self.stored.reset.next = self.reset.val();
        self.shown.reset.next = self.reset.val();

        // The pointers meet with slots in the store only when it is full.
        self.full.next = (self.head.q.val() == self.tail.q.val()) & (self.stored.q.val() != 0);
        self.add.next = self.push.val() & !self.full.val();
        self.fetch.next = (self.stored.q.val() != 0) & (self.ready.val() | !self.shown.q.val());
        if self.add.val() {
            self.tail.d.next = self.tail.q.val() + 1;
        }
        if self.fetch.val() {
            self.head.d.next = self.head.q.val() + 1;
        }
        if self.add.val() & !self.fetch.val() {
            self.stored.d.next = self.stored.q.val() + 1;
        }
        if self.fetch.val() & !self.add.val() {
            self.stored.d.next = self.stored.q.val() - 1;
        }
        self.shown.d.next = self.fetch.val() | (self.shown.q.val() & !self.ready.val());

        self.store.write_address.next = self.tail.q.val();
        self.store.write_data.next = self.push_slot.val();
        self.store.write_enable.next = self.add.val();
        self.store.read_address.next = self.head.q.val();
        self.store.read_enable.next = self.fetch.val();
        self.valid.next = self.shown.q.val();
        self.slot.next = self.store.read_data.val();

        self.waiting.next = self.stored.q.val();
        if self.shown.q.val() {
            self.waiting.next = self.stored.q.val() + 1;
        }
        self.count.next = bit_cast::<16, 17>(self.waiting.val());
        if self.waiting.val().get_bit(16) {
            self.count.next = 0xffff.into();
        }
    }
}
