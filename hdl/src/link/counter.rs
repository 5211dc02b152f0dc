//! 64-bit event counter read in two halves. Not for events of several a cycle.
//!
//! Ports: `enable` counts this cycle; `clear` (wins) zeroes; `latch` (the low half is being read) keeps the high half for the
//! next read. Reset state 0. Wraps at 2^64.
use crate::leaf::{Reg, RegEn};
use rust_hdl::prelude::*;

/// 64-bit event counter.
#[derive(LogicBlock, Default)]
pub struct Counter64 {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Zero it.
    pub clear: Signal<In, Bit>,
    /// Count this cycle.
    pub enable: Signal<In, Bit>,
    /// Keep the high half for reading.
    pub latch: Signal<In, Bit>,
    /// Low half, live.
    pub low: Signal<Out, Bits<32>>,
    /// High half as kept.
    pub high: Signal<Out, Bits<32>>,
    count: Reg<Bits<64>>,
    kept: RegEn<Bits<32>>,
}

impl Logic for Counter64 {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, count);
        self.count.reset.next = self.reset.val();
        self.kept.clock.next = self.clock.val();
        self.kept.reset.next = self.reset.val();
        if self.enable.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.clear.val() {
            self.count.d.next = 0.into();
        }
        self.kept.enable.next = self.latch.val();
        self.kept.d.next = self.count.q.val().get_bits::<32>(32);
        self.low.next = self.count.q.val().get_bits::<32>(0);
        self.high.next = self.kept.q.val();
    }
}
