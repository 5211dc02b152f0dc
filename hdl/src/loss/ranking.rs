//! The four best classes of a sample: greater p first, ties to the class that came first. Not for longer lists.
//!
//! Ports: `clear` (pulse: empty), `valid` with `number` and `p` (one a cycle); `best_class`, `best_p`, `filled` by place.
//! Latency 1. Reset state: empty.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Places of the ranking.
pub const PLACES: usize = tandem_isa::command::MAX_TOP as usize;

/// The best classes of a sample.
#[derive(LogicBlock, Default)]
pub struct Ranking {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Empty it.
    pub clear: Signal<In, Bit>,
    /// A class comes.
    pub valid: Signal<In, Bit>,
    /// Its number.
    pub number: Signal<In, Bits<16>>,
    /// Its probability, not negative.
    pub p: Signal<In, Bits<16>>,
    /// Class at each place.
    pub best_class: [Signal<Out, Bits<16>>; PLACES],
    /// Probability at each place.
    pub best_p: [Signal<Out, Bits<16>>; PLACES],
    /// The place is taken.
    pub filled: [Signal<Out, Bit>; PLACES],
    classes: [Dff<Bits<16>>; PLACES],
    values: [Dff<Bits<16>>; PLACES],
    taken: [Reg<Bit>; PLACES],
    above: [Signal<Local, Bit>; PLACES],
}

impl Logic for Ranking {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..4 {
            self.classes[i].clock.next = self.clock.val();
            self.values[i].clock.next = self.clock.val();
            self.taken[i].clock.next = self.clock.val();
            self.taken[i].reset.next = self.reset.val() | self.clear.val();
            self.classes[i].d.next = self.classes[i].q.val();
            self.values[i].d.next = self.values[i].q.val();
            self.taken[i].d.next = self.taken[i].q.val();
            // The newcomer stands above this place.
            self.above[i].next = self.valid.val()
                & (!self.taken[i].q.val() | (self.p.val() > self.values[i].q.val()));
            self.best_class[i].next = self.classes[i].q.val();
            self.best_p[i].next = self.values[i].q.val();
            self.filled[i].next = self.taken[i].q.val();
        }
        if self.above[0].val() {
            self.classes[0].d.next = self.number.val();
            self.values[0].d.next = self.p.val();
            self.taken[0].d.next = true;
        }
        for i in 1..4 {
            if self.above[i].val() {
                self.classes[i].d.next = self.number.val();
                self.values[i].d.next = self.p.val();
                self.taken[i].d.next = true;
            }
            if self.above[i].val() & self.above[i - 1].val() {
                self.classes[i].d.next = self.classes[i - 1].q.val();
                self.values[i].d.next = self.values[i - 1].q.val();
                self.taken[i].d.next = self.taken[i - 1].q.val();
            }
        }
    }
}
