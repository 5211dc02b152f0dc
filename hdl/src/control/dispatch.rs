//! Dispatch: the queues of the six units and the tokens between them. What goes into which queue is the issue stage's choice.
//!
//! | port | meaning |
//! |---|---|
//! | `in_command`, `in_address`, `push[u]`, `ready[u]` | from the issue stage: push with ready puts the command into unit u's queue |
//! | `hold` | start nothing |
//! | `start[u]`, `command[u]`, `taken[u]`, `done[u]` | unit protocol |
//! | `address[u]`, `has_command[u]`, `waiting[u]` | as in [`Queue`] |
//! | `turn`, `load_place`, `store_place` | the places of those units |
//! | `idle` | no queue has a command |
//! | `moved` | something starts or is done |
//!
//! Commands of a unit start in their order, each when the unit can take it, its tokens are there and those it will give have room.
//! Latency from push to start 1 cycle. Reset state: empty, no tokens.
use super::queue::Queue;
use super::tokens::Tokens;
use rust_hdl::prelude::*;
use tandem_isa::Unit;

// The kernel writes these numbers: array indices must be literals.
const _: () = assert!(Unit::Load as usize == 0 && Unit::Store as usize == 4);

/// Queues and tokens.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Dispatch {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub hold: Signal<In, Bit>,
    pub in_command: Signal<In, Bits<512>>,
    pub in_address: Signal<In, Bits<32>>,
    pub push: [Signal<In, Bit>; 6],
    pub ready: [Signal<Out, Bit>; 6],
    pub start: [Signal<Out, Bit>; 6],
    pub command: [Signal<Out, Bits<512>>; 6],
    pub taken: [Signal<In, Bit>; 6],
    pub done: [Signal<In, Bit>; 6],
    pub address: [Signal<Out, Bits<32>>; 6],
    pub turn: Signal<In, Bits<2>>,
    pub load_place: Signal<Out, Bits<32>>,
    pub store_place: Signal<Out, Bits<32>>,
    pub has_command: [Signal<Out, Bit>; 6],
    pub waiting: [Signal<Out, Bit>; 6],
    pub idle: Signal<Out, Bit>,
    pub moved: Signal<Out, Bit>,
    queue: [Queue; 6],
    tokens: Tokens,
}

impl Logic for Dispatch {
    #[hdl_gen]
    fn update(&mut self) {
        self.tokens.clock.next = self.clock.val();
        self.tokens.reset.next = self.reset.val();
        self.idle.next = true;
        self.moved.next = false;
        for u in 0..6 {
            self.queue[u].clock.next = self.clock.val();
            self.queue[u].reset.next = self.reset.val();
            self.queue[u].in_command.next = self.in_command.val();
            self.queue[u].in_address.next = self.in_address.val();
            self.queue[u].in_valid.next = self.push[u].val();
            self.queue[u].turn.next = self.turn.val();
            self.ready[u].next = self.queue[u].in_ready.val();
            self.queue[u].may_start.next = self.tokens.ready[u].val() & !self.hold.val();
            self.queue[u].taken.next = self.taken[u].val();
            self.queue[u].done.next = self.done[u].val();
            self.tokens.wait_mask[u].next = self.queue[u].wait_mask.val();
            self.tokens.signal_mask[u].next = self.queue[u].signal_mask.val();
            self.tokens.give_mask[u].next = self.queue[u].give_mask.val();
            self.tokens.start[u].next = self.queue[u].start.val();
            self.tokens.done[u].next = self.done[u].val();
            self.start[u].next = self.queue[u].start.val();
            self.command[u].next = self.queue[u].command.val();
            self.address[u].next = self.queue[u].address.val();
            self.has_command[u].next = self.queue[u].has_command.val();
            self.waiting[u].next = self.queue[u].waiting.val();
            self.idle.next = self.idle.val() & !self.queue[u].has_command.val();
            self.moved.next = self.moved.val() | self.queue[u].start.val() | self.done[u].val();
        }
        self.load_place.next = self.queue[0].place.val();
        self.store_place.next = self.queue[4].place.val();
    }
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
