//! The counter block: cycles in total, idle, by phase, and by what the array waits for; switches, beats, and busy, stalled, idle of every unit.
//!
//! Ports: events of this cycle in; `read`/`read_address` with the byte offset in the register space, `read_data` the value (0 outside the block).
//! Reset state 0.
use super::select::{CounterLatch, CounterRead};
use super::{Counter64, UnitCounters};
use crate::leaf::Reg;
use rust_hdl::prelude::*;
use tandem_isa::{register, Unit};

// The kernel writes these numbers: array indices must be literals.
const _: () = assert!(
    Unit::Load as usize == 0
        && Unit::Compute as usize == 1
        && Unit::Vector as usize == 2
        && Unit::Loss as usize == 3
        && Unit::Store as usize == 4
);

const UNITS: usize = Unit::COUNT;

/// The counter block.
#[derive(LogicBlock)]
pub struct Counters {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Zero all.
    pub clear: Signal<In, Bit>,
    /// A context runs.
    pub running: Signal<In, Bit>,
    /// Phase of the compute command at work, or of the last one.
    pub phase: Signal<In, Bits<2>>,
    /// Switches so far.
    pub switches: Signal<In, Bits<32>>,
    /// Cycles spent on switches so far.
    pub switch_cycles: Signal<In, Bits<32>>,
    /// A beat was read.
    pub read_beat: Signal<In, Bit>,
    /// A beat was written.
    pub write_beat: Signal<In, Bit>,
    /// Units with a command, by number.
    pub has_command: [Signal<In, Bit>; UNITS],
    /// Units that move, by number.
    pub moving: [Signal<In, Bit>; UNITS],
    /// A register is being read.
    pub read: Signal<In, Bit>,
    /// Its byte offset.
    pub read_address: Signal<In, Bits<16>>,
    /// Its value.
    pub read_data: Signal<Out, Bits<32>>,
    values: CounterRead,
    latches: CounterLatch,
    total: Counter64,
    idle: Counter64,
    forward: Counter64,
    dx: Counter64,
    dw: Counter64,
    wait_memory: Counter64,
    wait_vector: Counter64,
    array_waits: Signal<Local, Bit>,
    of_memory: Signal<Local, Bit>,
    of_vector: Signal<Local, Bit>,
    reads: Reg<Bits<32>>,
    writes: Reg<Bits<32>>,
    units: [UnitCounters; UNITS],
    unit_base: [Constant<Bits<16>>; UNITS],
    unit_size: Constant<Bits<16>>,
    at: [Signal<Local, Bits<16>>; UNITS],
    inside: [Signal<Local, Bit>; UNITS],
    value: Signal<Local, Bits<32>>,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            clear: Default::default(),
            running: Default::default(),
            phase: Default::default(),
            switches: Default::default(),
            switch_cycles: Default::default(),
            read_beat: Default::default(),
            write_beat: Default::default(),
            has_command: Default::default(),
            moving: Default::default(),
            read: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            values: Default::default(),
            latches: Default::default(),
            total: Default::default(),
            idle: Default::default(),
            forward: Default::default(),
            dx: Default::default(),
            dw: Default::default(),
            wait_memory: Default::default(),
            wait_vector: Default::default(),
            array_waits: Default::default(),
            of_memory: Default::default(),
            of_vector: Default::default(),
            reads: Default::default(),
            writes: Default::default(),
            units: std::array::from_fn(|_| UnitCounters::default()),
            unit_base: std::array::from_fn(|u| {
                let at = register::UNIT_COUNTERS + u as u32 * register::UNIT_COUNTER_SIZE;
                Constant::new(Bits::from(at as u64))
            }),
            unit_size: Constant::new(Bits::from(register::UNIT_COUNTER_SIZE as u64)),
            at: Default::default(),
            inside: Default::default(),
            value: Default::default(),
        }
    }
}

impl Logic for Counters {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            total,
            idle,
            forward,
            dx,
            dw,
            wait_memory,
            wait_vector
        );
        dff_setup!(self, clock, reads, writes);
        self.total.reset.next = self.reset.val();
        self.idle.reset.next = self.reset.val();
        self.forward.reset.next = self.reset.val();
        self.dx.reset.next = self.reset.val();
        self.dw.reset.next = self.reset.val();
        self.wait_memory.reset.next = self.reset.val();
        self.wait_vector.reset.next = self.reset.val();
        self.reads.reset.next = self.reset.val() | self.clear.val();
        self.writes.reset.next = self.reset.val() | self.clear.val();
        self.total.clear.next = self.clear.val();
        self.idle.clear.next = self.clear.val();
        self.forward.clear.next = self.clear.val();
        self.dx.clear.next = self.clear.val();
        self.dw.clear.next = self.clear.val();
        self.wait_memory.clear.next = self.clear.val();
        self.wait_vector.clear.next = self.clear.val();

        self.total.enable.next = true;
        self.idle.enable.next = !self.running.val();
        self.forward.enable.next = self.running.val() & (self.phase.val() == 0);
        self.dx.enable.next = self.running.val() & (self.phase.val() == 1);
        self.dw.enable.next = self.running.val() & (self.phase.val() == 2);
        // Why the array waits; units by number: 0 load, 1 compute, 2 vector, 3 loss, 4 store.
        self.array_waits.next = self.running.val() & !self.moving[1].val();
        self.of_memory.next = self.has_command[0].val() | self.has_command[4].val();
        self.of_vector.next = self.has_command[2].val() | self.has_command[3].val();
        self.wait_memory.enable.next = self.array_waits.val() & self.of_memory.val();
        self.wait_vector.enable.next =
            self.array_waits.val() & !self.of_memory.val() & self.of_vector.val();
        if self.read_beat.val() {
            self.reads.d.next = self.reads.q.val() + 1;
        }
        if self.write_beat.val() {
            self.writes.d.next = self.writes.q.val() + 1;
        }

        self.latches.address.next = self.read_address.val();
        self.latches.strobe.next = self.read.val();
        self.total.latch.next = self.latches.total.val();
        self.idle.latch.next = self.latches.idle.val();
        self.forward.latch.next = self.latches.forward.val();
        self.dx.latch.next = self.latches.dx.val();
        self.dw.latch.next = self.latches.dw.val();
        self.wait_memory.latch.next = self.latches.wait_memory.val();
        self.wait_vector.latch.next = self.latches.wait_vector.val();

        self.values.address.next = self.read_address.val();
        self.values.total.next = self.total.low.val();
        self.values.total_hi.next = self.total.high.val();
        self.values.switches.next = self.switches.val();
        self.values.switch_cycles.next = self.switch_cycles.val();
        self.values.idle.next = self.idle.low.val();
        self.values.idle_hi.next = self.idle.high.val();
        self.values.forward.next = self.forward.low.val();
        self.values.forward_hi.next = self.forward.high.val();
        self.values.dx.next = self.dx.low.val();
        self.values.dx_hi.next = self.dx.high.val();
        self.values.dw.next = self.dw.low.val();
        self.values.dw_hi.next = self.dw.high.val();
        self.values.read_beats.next = self.reads.q.val();
        self.values.write_beats.next = self.writes.q.val();
        self.values.wait_memory.next = self.wait_memory.low.val();
        self.values.wait_memory_hi.next = self.wait_memory.high.val();
        self.values.wait_vector.next = self.wait_vector.low.val();
        self.values.wait_vector_hi.next = self.wait_vector.high.val();

        self.value.next = self.values.data.val();
        for i in 0..6 {
            self.units[i].clock.next = self.clock.val();
            self.units[i].reset.next = self.reset.val();
            self.units[i].clear.next = self.clear.val();
            self.units[i].has_command.next = self.has_command[i].val();
            self.units[i].moving.next = self.moving[i].val();
            self.at[i].next = self.read_address.val() - self.unit_base[i].val();
            self.inside[i].next = (self.read_address.val() >= self.unit_base[i].val())
                & (self.at[i].val() < self.unit_size.val());
            self.units[i].index.next = self.at[i].val().get_bits::<3>(2);
            self.units[i].latch.next = self.read.val() & self.inside[i].val();
            if self.inside[i].val() {
                self.value.next = self.units[i].data.val();
            }
        }
        self.read_data.next = self.value.val();
    }
}
