//! Stream register of two entries that cuts both the valid and the ready path, at one word a cycle. To absorb more
//! than one word of back-pressure use [`Fifo`](super::Fifo).
//!
//! Valid/ready on both sides: a word moves in a cycle where both are high; valid never waits for ready and, once
//! high, stays with its data until taken.
//!
//! ```text
//! in  ──┬────────────►┐
//!       └► spare ────►┴► main ──► out        in_ready = spare is free
//! ```
//!
//! Latency 1, one word a cycle. Reset state: empty.
use super::{Dff, Reg};
use rust_hdl::prelude::*;

/// Stream register of two entries.
#[derive(LogicBlock, Default)]
pub struct Skid<T: Synth> {
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
    main: Dff<T>,
    main_valid: Reg<Bit>,
    spare: Dff<T>,
    spare_valid: Reg<Bit>,
    push: Signal<Local, Bit>,
    main_free: Signal<Local, Bit>,
}

impl<T: Synth> Logic for Skid<T> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, main, main_valid, spare, spare_valid);
        self.main_valid.reset.next = self.reset.val();
        self.spare_valid.reset.next = self.reset.val();

        self.push.next = self.in_valid.val() & !self.spare_valid.q.val();
        self.main_free.next = !self.main_valid.q.val() | self.out_ready.val();

        if self.main_free.val() {
            if self.spare_valid.q.val() {
                self.main.d.next = self.spare.q.val();
                self.main_valid.d.next = true;
                self.spare_valid.d.next = false;
            } else {
                self.main.d.next = self.in_data.val();
                self.main_valid.d.next = self.push.val();
            }
        } else if self.push.val() {
            self.spare.d.next = self.in_data.val();
            self.spare_valid.d.next = true;
        }

        self.in_ready.next = !self.spare_valid.q.val();
        self.out_valid.next = self.main_valid.q.val();
        self.out_data.next = self.main.q.val();
    }
}
