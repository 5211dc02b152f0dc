//! Busy, stalled and idle cycles of one unit; every cycle counts in exactly one of them.
//!
//! Ports: `has_command` (queued or at work), `moving` (at work and not stalled). Read: `offset` is the byte offset within the
//! unit's counters, `latch` its read strobe. Reset state 0.
use super::Counter64;
use rust_hdl::prelude::*;

/// Counters of one unit.
#[derive(LogicBlock, Default)]
pub struct UnitCounters {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Zero all.
    pub clear: Signal<In, Bit>,
    /// The unit has a command, queued or at work.
    pub has_command: Signal<In, Bit>,
    /// It is at work and moves.
    pub moving: Signal<In, Bit>,
    /// Word to read: busy, busy high, stalled, stalled high, idle, idle high.
    pub index: Signal<In, Bits<3>>,
    /// That word is being read.
    pub latch: Signal<In, Bit>,
    /// Its value.
    pub data: Signal<Out, Bits<32>>,
    busy: Counter64,
    stalled: Counter64,
    idle: Counter64,
}

impl Logic for UnitCounters {
    #[hdl_gen]
    fn update(&mut self) {
        self.busy.clock.next = self.clock.val();
        self.stalled.clock.next = self.clock.val();
        self.idle.clock.next = self.clock.val();
        self.busy.reset.next = self.reset.val();
        self.stalled.reset.next = self.reset.val();
        self.idle.reset.next = self.reset.val();
        self.busy.clear.next = self.clear.val();
        self.stalled.clear.next = self.clear.val();
        self.idle.clear.next = self.clear.val();
        self.busy.enable.next = self.moving.val();
        self.stalled.enable.next = self.has_command.val() & !self.moving.val();
        self.idle.enable.next = !self.has_command.val() & !self.moving.val();
        self.busy.latch.next = self.latch.val() & (self.index.val() == 0);
        self.stalled.latch.next = self.latch.val() & (self.index.val() == 2);
        self.idle.latch.next = self.latch.val() & (self.index.val() == 4);
        self.data.next = 0.into();
        if self.index.val() == 0 {
            self.data.next = self.busy.low.val();
        }
        if self.index.val() == 1 {
            self.data.next = self.busy.high.val();
        }
        if self.index.val() == 2 {
            self.data.next = self.stalled.low.val();
        }
        if self.index.val() == 3 {
            self.data.next = self.stalled.high.val();
        }
        if self.index.val() == 4 {
            self.data.next = self.idle.low.val();
        }
        if self.index.val() == 5 {
            self.data.next = self.idle.high.val();
        }
    }
}
