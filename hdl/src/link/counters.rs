//! The counter block: cycles in total, idle, by phase, and by what the array waits for; switches, beats, and busy, stalled, idle of every unit.
//!
//! Ports: events of this cycle in; `read`/`read_address` with the byte offset in the register space, `read_data` the value (0 outside the block).
//! Of what one access reads the next one sees the same counts or later ones; `read` is never high in two cycles running.
//! Reset state 0.
use super::select::CounterRead;
use super::CounterBank;
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

/// Number in the bank of the counter whose low word stands at `offset`: words are numbered from the first of their part.
const fn number(offset: u32) -> usize {
    if offset < register::UNIT_COUNTERS {
        ((offset - register::TOTAL_CYCLES) / 8) as usize
    } else {
        ((offset - register::COUNTERS_CLEAR) / 8) as usize
    }
}

// So do these.
const _: () = assert!(
    register::COUNTERS_CLEAR & 0xff == 0
        && register::TOTAL_CYCLES == register::COUNTERS_CLEAR + 4
        && register::UNIT_COUNTERS == register::COUNTERS_CLEAR + 0x40
        && register::UNIT_COUNTER_SIZE == 3 * 8
        && number(register::TOTAL_CYCLES) == 0
        && number(register::IDLE_CYCLES) == 2
        && number(register::FORWARD_CYCLES) == 3
        && number(register::DX_CYCLES) == 4
        && number(register::DW_CYCLES) == 5
        && number(register::UNIT_COUNTERS) == 8
        && number(register::WAIT_MEMORY) == 26
        && number(register::WAIT_VECTOR) == 27
);

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
    bank: CounterBank,
    reads: Reg<Bits<32>>,
    writes: Reg<Bits<32>>,
    first: Constant<Bits<16>>,
    unit_base: Constant<Bits<16>>,
    shifted: Signal<Local, Bits<16>>,
    in_page: Signal<Local, Bit>,
    upper: Signal<Local, Bit>,
    events: Signal<Local, Bits<32>>,
    array_waits: Signal<Local, Bit>,
    of_memory: Signal<Local, Bit>,
    of_vector: Signal<Local, Bit>,
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
            bank: CounterBank::new(0x0fff_ff3d),
            reads: Default::default(),
            writes: Default::default(),
            first: Constant::new(u64::from(register::COUNTERS_CLEAR).into()),
            unit_base: Constant::new(u64::from(register::UNIT_COUNTERS).into()),
            shifted: Default::default(),
            in_page: Default::default(),
            upper: Default::default(),
            events: Default::default(),
            array_waits: Default::default(),
            of_memory: Default::default(),
            of_vector: Default::default(),
            value: Default::default(),
        }
    }
}

impl Logic for Counters {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, bank, values);
        dff_setup!(self, clock, reads, writes);
        self.bank.reset.next = self.reset.val();
        self.bank.clear.next = self.clear.val();
        self.reads.reset.next = self.reset.val() | self.clear.val();
        self.writes.reset.next = self.reset.val() | self.clear.val();
        if self.read_beat.val() {
            self.reads.d.next = self.reads.q.val() + 1;
        }
        if self.write_beat.val() {
            self.writes.d.next = self.writes.q.val() + 1;
        }

        self.events.next = 1.into();
        self.events.next = self.events.val().replace_bit(2, !self.running.val());
        self.events.next = self
            .events
            .val()
            .replace_bit(3, self.running.val() & (self.phase.val() == 0));
        self.events.next = self
            .events
            .val()
            .replace_bit(4, self.running.val() & (self.phase.val() == 1));
        self.events.next = self
            .events
            .val()
            .replace_bit(5, self.running.val() & (self.phase.val() == 2));
        for u in 0..6 {
            self.events.next = self
                .events
                .val()
                .replace_bit(3 * u + 8, self.moving[u].val());
            self.events.next = self
                .events
                .val()
                .replace_bit(3 * u + 9, self.has_command[u].val() & !self.moving[u].val());
            self.events.next = self.events.val().replace_bit(
                3 * u + 10,
                !self.has_command[u].val() & !self.moving[u].val(),
            );
        }
        // Why the array waits; units by number: 0 load, 1 compute, 2 vector, 3 loss, 4 store.
        self.array_waits.next = self.running.val() & !self.moving[1].val();
        self.of_memory.next = self.has_command[0].val() | self.has_command[4].val();
        self.of_vector.next = self.has_command[2].val() | self.has_command[3].val();
        self.events.next = self
            .events
            .val()
            .replace_bit(26, self.array_waits.val() & self.of_memory.val());
        self.events.next = self.events.val().replace_bit(
            27,
            self.array_waits.val() & !self.of_memory.val() & self.of_vector.val(),
        );
        self.bank.events.next = self.events.val();

        // The counters before those of the units begin at an odd word.
        self.shifted.next = self.read_address.val();
        if self.read_address.val() < self.unit_base.val() {
            self.shifted.next = self.read_address.val() - 4;
        }
        self.in_page.next = (self.read_address.val().get_bits::<8>(8)
            == self.first.val().get_bits::<8>(8))
            & (self.read_address.val().get_bits::<2>(0) == 0);
        self.upper.next = self.shifted.val().get_bit(2);
        self.bank.index.next = self.shifted.val().get_bits::<5>(3);
        self.bank.read.next = self.read.val() & self.in_page.val();
        self.bank.latch.next = !self.upper.val();

        self.values.address.next = self.read_address.val();
        self.values.switches.next = self.switches.val();
        self.values.switch_cycles.next = self.switch_cycles.val();
        self.values.read_beats.next = self.reads.q.val();
        self.values.write_beats.next = self.writes.q.val();
        self.value.next = self.bank.low.val();
        if self.upper.val() {
            self.value.next = self.bank.high.val();
        }
        if !self.in_page.val() {
            self.value.next = 0.into();
        }
        self.read_data.next = self.value.val() | self.values.data.val();
    }
}
