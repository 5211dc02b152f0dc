//! The compact engine: processor, memory, array, accumulators and finisher joined, behind the port of the host's link.
//!
//! One memory of `2^AW` words of four lanes holds everything: DDR from address 0, its last 32 words the sites ([`super::firmware`]),
//! then pads A, B, V and O of 64 words each. One read and one write a cycle; while the stream is at work they are its own, otherwise
//! the processor's, and the host's when neither wants them.
//!
//! Link port: `request_valid` is held until `request_ready`, which is high in the cycle the access is done, with `response_data` and
//! `response_error` (no such memory). Memory accesses are 32 bits and take one or two cycles when the stream rests; registers are
//! served by firmware between commands. Reset state: the processor starts its firmware; memory keeps its contents.
use super::{Array, Finish, Multiplier, Processor, Scrambler, Stream, Sums};
use crate::leaf::{Dff, Ram, Reg};
use rust_hdl::prelude::*;

/// The engine with `2^AW` words of memory.
#[derive(LogicBlock, Default)]
pub struct CompactEngine<const AW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// The host asks for an access.
    pub request_valid: Signal<In, Bit>,
    /// To memory; otherwise to a register.
    pub request_memory: Signal<In, Bit>,
    /// It writes.
    pub request_write: Signal<In, Bit>,
    /// Byte address, a multiple of 4.
    pub request_address: Signal<In, Bits<32>>,
    /// What it writes.
    pub request_data: Signal<In, Bits<32>>,
    /// The access is done.
    pub request_ready: Signal<Out, Bit>,
    /// What was read.
    pub response_data: Signal<Out, Bits<32>>,
    /// There is no such memory.
    pub response_error: Signal<Out, Bit>,
    processor: Processor<11>,
    memory: [Ram<Bits<16>, AW>; 4],
    stream: Stream<AW>,
    array: Array,
    sums: Sums,
    finish: Finish,
    multiplier: Multiplier,
    scrambler: Scrambler,
    place: Dff<Bits<16>>,
    pending: Reg<Bit>,
    loaded: Reg<Bit>,
    lane: Dff<Bits<16>>,
    answer_low: Dff<Bits<16>>,
    answered: Reg<Bit>,
    port: Signal<Local, Bits<5>>,
    write: Signal<Local, Bit>,
    value: Signal<Local, Bits<16>>,
    store: Signal<Local, Bit>,
    touches: Signal<Local, Bit>,
    selected: Signal<Local, Bits<16>>,
    host: Signal<Local, Bit>,
    host_word: Signal<Local, Bits<AW>>,
    host_outside: Signal<Local, Bit>,
    above: Signal<Local, Bits<29>>,
    answer: Signal<Local, Bit>,
    own_word: Signal<Local, Bits<AW>>,
    own_lane: Signal<Local, Bits<2>>,
    low: Signal<Local, Bits<16>>,
    high: Signal<Local, Bits<16>>,
    is_host: Signal<Local, Bit>,
    enables: Signal<Local, Bits<4>>,
    one: Signal<Local, Bits<4>>,
    copies: Signal<Local, Bit>,
    ddr_words: Signal<Local, Bits<29>>,
    offset: Signal<Local, Bits<16>>,
    data0: Signal<Local, Bits<16>>,
    data1: Signal<Local, Bits<16>>,
    data2: Signal<Local, Bits<16>>,
    data3: Signal<Local, Bits<16>>,
    status: Signal<Local, Bits<16>>,
    all: Signal<Local, Bits<AW>>,
    none: Signal<Local, Bits<AW>>,
    set_first: Signal<Local, Bits<3>>,
    set_second: Signal<Local, Bits<3>>,
}

impl<const AW: usize> CompactEngine<AW> {
    /// An engine that runs `program` on `data`.
    pub fn new(program: &[u16], data: &[u16]) -> Self {
        Self {
            processor: Processor::new(program, data),
            ..Default::default()
        }
    }
}

impl<const AW: usize> Logic for CompactEngine<AW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, place, pending, loaded, lane, answer_low, answered);
        self.pending.reset.next = self.reset.val();
        self.loaded.reset.next = self.reset.val();
        self.answered.reset.next = self.reset.val();
        self.processor.clock.next = self.clock.val();
        self.processor.reset.next = self.reset.val();
        self.stream.clock.next = self.clock.val();
        self.stream.reset.next = self.reset.val();
        self.array.clock.next = self.clock.val();
        self.sums.clock.next = self.clock.val();
        self.finish.clock.next = self.clock.val();
        self.multiplier.clock.next = self.clock.val();
        self.multiplier.reset.next = self.reset.val();
        self.scrambler.clock.next = self.clock.val();
        self.scrambler.reset.next = self.reset.val();

        // Ports the processor writes.
        self.port.next = self.processor.port.val();
        self.write.next = self.processor.port_write.val();
        self.value.next = self.processor.port_out.val();
        self.processor.hold.next =
            (self.stream.busy.val() | self.multiplier.busy.val()) & (self.port.val() != 31);
        self.store.next = self.write.val() & (self.port.val() == 1);
        self.stream.value.next = self.value.val();
        self.set_first.next = 0.into();
        self.set_second.next = 0.into();
        if self.write.val() {
            if self.port.val() == 2 {
                self.set_first.next = 1.into();
            }
            if self.port.val() == 3 {
                self.set_first.next = 2.into();
            }
            if self.port.val() == 4 {
                self.set_first.next = 4.into();
            }
            if self.port.val() == 5 {
                self.set_second.next = 1.into();
            }
            if self.port.val() == 6 {
                self.set_second.next = 2.into();
            }
            if self.port.val() == 7 {
                self.set_second.next = 4.into();
            }
        }
        self.stream.set_first.next = self.set_first.val();
        self.stream.set_second.next = self.set_second.val();
        self.stream.set_third.next = self.write.val() & (self.port.val() == 8);
        self.stream.set_x.next = self.write.val() & (self.port.val() == 9);
        self.stream.set_y.next = self.write.val() & (self.port.val() == 10);
        self.stream.go.next = self.write.val() & (self.port.val() == 11);
        self.finish.value.next = self.value.val();
        self.finish.set_bias_low.next = self.write.val() & (self.port.val() == 12);
        self.finish.set_bias_high.next = self.write.val() & (self.port.val() == 13);
        self.finish.set_shift.next = self.write.val() & (self.port.val() == 14);
        self.finish.clear.next = self.write.val() & (self.port.val() == 15);
        self.multiplier.value.next = self.value.val();
        self.multiplier.load.next = self.write.val() & (self.port.val() == 16);
        self.multiplier.start.next = self.write.val() & (self.port.val() == 17);
        self.scrambler.value.next = self.value.val();
        self.scrambler.set_low.next = self.write.val() & (self.port.val() == 18);
        self.scrambler.set_high.next = self.write.val() & (self.port.val() == 19);
        if self.write.val() & (self.port.val() == 20) {
            self.answer_low.d.next = self.value.val();
        }
        self.answer.next = self.write.val() & (self.port.val() == 21);

        // The processor's place in memory: read a cycle after it changed, its lane kept a cycle later.
        self.touches.next = self.store.val()
            | (self.write.val() & (self.port.val() == 0))
            | (self.processor.port_read.val() & (self.port.val() == 0));
        self.pending.d.next = self.touches.val();
        if self.touches.val() {
            self.place.d.next = self.place.q.val() + 1;
        }
        if self.write.val() & (self.port.val() == 0) {
            self.place.d.next = self.value.val();
        }
        self.own_word.next = self.place.q.val().get_bits::<AW>(2);
        self.own_lane.next = self.place.q.val().get_bits::<2>(0);
        self.loaded.d.next = self.pending.q.val() | self.stream.read.val();
        self.data0.next = self.memory[0].read_data.val();
        self.data1.next = self.memory[1].read_data.val();
        self.data2.next = self.memory[2].read_data.val();
        self.data3.next = self.memory[3].read_data.val();
        self.selected.next = self.data0.val();
        if self.own_lane.val() == 1 {
            self.selected.next = self.data1.val();
        }
        if self.own_lane.val() == 2 {
            self.selected.next = self.data2.val();
        }
        if self.own_lane.val() == 3 {
            self.selected.next = self.data3.val();
        }
        if self.loaded.q.val() {
            self.lane.d.next = self.selected.val();
        }

        // The host, when nobody else wants the memory.
        self.none.next = 0.into();
        self.all.next = !self.none.val();
        self.ddr_words.next = bit_cast::<29, AW>(self.all.val()) - 287;
        self.above.next = self.request_address.val().get_bits::<29>(3);
        self.host_word.next = self.request_address.val().get_bits::<AW>(3);
        self.host_outside.next = self.above.val() >= self.ddr_words.val();
        self.is_host.next = self.request_valid.val() & self.request_memory.val();
        self.host.next = self.is_host.val()
            & !self.answered.q.val()
            & !self.stream.busy.val()
            & !self.pending.q.val()
            & !self.touches.val();
        self.answered.d.next = self.host.val();
        self.request_ready.next = (self.is_host.val() & self.answered.q.val())
            | (self.answer.val() & self.request_valid.val() & !self.request_memory.val());
        self.response_error.next = self.is_host.val() & self.host_outside.val();
        self.response_data.next = (bit_cast::<32, 16>(self.value.val()) << 16)
            | bit_cast::<32, 16>(self.answer_low.q.val());
        if self.request_memory.val() {
            self.response_data.next =
                (bit_cast::<32, 16>(self.data1.val()) << 16) | bit_cast::<32, 16>(self.data0.val());
            if self.request_address.val().get_bit(2) {
                self.response_data.next = (bit_cast::<32, 16>(self.data3.val()) << 16)
                    | bit_cast::<32, 16>(self.data2.val());
            }
        }

        // The memory.
        self.copies.next = self.stream.write_word.val() & !self.stream.zero.val();
        self.one.next = 1.into();
        self.enables.next = 0.into();
        if self.stream.write_lane.val() | self.store.val() {
            self.enables.next = self.one.val() << self.own_lane.val();
        }
        if self.stream.write_word.val() {
            self.enables.next = 15.into();
        }
        if self.host.val() & self.request_write.val() & !self.host_outside.val() {
            self.enables.next = 3.into();
            if self.request_address.val().get_bit(2) {
                self.enables.next = 12.into();
            }
        }
        self.low.next = self.value.val();
        if self.stream.write_lane.val() {
            self.low.next = self.finish.result.val();
        }
        self.high.next = self.low.val();
        if !self.stream.busy.val() & !self.store.val() {
            self.low.next = self.request_data.val().get_bits::<16>(0);
            self.high.next = self.request_data.val().get_bits::<16>(16);
        }
        if self.stream.write_word.val() {
            self.low.next = 0.into();
            self.high.next = 0.into();
        }
        for i in 0..4 {
            self.memory[i].clock.next = self.clock.val();
            self.memory[i].read_enable.next =
                self.stream.read.val() | self.pending.q.val() | self.host.val();
            self.memory[i].read_address.next = self.host_word.val();
            if self.pending.q.val() {
                self.memory[i].read_address.next = self.own_word.val();
            }
            if self.stream.busy.val() {
                self.memory[i].read_address.next = self.stream.read_address.val();
            }
            self.memory[i].write_enable.next = self.enables.val().get_bit(i);
            self.memory[i].write_address.next = self.host_word.val();
            if self.store.val() {
                self.memory[i].write_address.next = self.own_word.val();
            }
            if self.stream.busy.val() {
                self.memory[i].write_address.next = self.stream.write_address.val();
            }
            self.array.word[i].next = self.memory[i].read_data.val();
        }
        self.memory[0].write_data.next = self.low.val();
        self.memory[1].write_data.next = self.high.val();
        self.memory[2].write_data.next = self.low.val();
        self.memory[3].write_data.next = self.high.val();
        if self.copies.val() {
            self.memory[0].write_data.next = self.data0.val();
            self.memory[1].write_data.next = self.data1.val();
            self.memory[2].write_data.next = self.data2.val();
            self.memory[3].write_data.next = self.data3.val();
        }

        // Array, accumulators, finisher.
        self.array.weights.next = self.stream.weights.val();
        self.array.round.next = self.stream.round_weights.val();
        self.array.transpose.next = self.stream.transpose.val();
        self.array.row.next = self.stream.row.val();
        self.array.operands.next = self.stream.operands.val();
        self.array.pile.next = self.stream.pile.val();
        self.array.shift.next = self.stream.shift.val();
        self.array.clear.next = self.stream.clear.val();
        self.sums.read.next = self.stream.sum_read.val();
        self.sums.read_address.next = self.stream.sum_read_address.val();
        self.sums.add.next = self.stream.sum_add.val();
        self.sums.high.next = self.stream.sum_high.val();
        self.sums.write.next = self.stream.sum_write.val();
        self.sums.write_address.next = self.stream.sum_write_address.val();
        for i in 0..4 {
            self.sums.partial[i].next = self.array.sum[i].val();
            self.finish.word[i].next = self.sums.word[i].val();
        }
        self.finish.lane.next = self.own_lane.val();
        self.finish.operand.next = self.lane.q.val();
        self.finish.from_operand.next = self.stream.from_pad.val();
        self.finish.relu.next = self.stream.relu.val();
        self.finish.mask.next = self.stream.mask.val();
        self.finish.wide.next = self.stream.wide.val();
        self.finish.low.next = self.stream.finish_low.val();
        self.finish.take.next = self.stream.finish.val().get_bit(0);
        self.finish.zero.next = self.stream.finish.val().get_bit(1);
        self.finish.round.next = self.stream.finish.val().get_bit(2);
        self.finish.count.next = self.stream.finish.val().get_bit(3);

        // Ports the processor reads.
        self.status.next = 0.into();
        if self.request_valid.val() & !self.request_memory.val() {
            self.status.next = 32768.into();
        }
        self.offset.next = self.request_address.val().get_bits::<16>(0) & 32767;
        self.processor.port_in.next = self.lane.q.val();
        if self.port.val() == 31 {
            self.processor.port_in.next = self.status.val();
        }
        if self.port.val() == 2 {
            self.processor.port_in.next = self.finish.magnitude.val().get_bits::<16>(0);
        }
        if self.port.val() == 3 {
            self.processor.port_in.next = self.finish.magnitude.val().get_bits::<16>(16);
        }
        if self.port.val() == 4 {
            self.processor.port_in.next = self.finish.clipped.val();
        }
        if self.port.val() == 5 {
            self.processor.port_in.next = self.finish.underflow.val();
        }
        if self.port.val() == 6 {
            self.processor.port_in.next = self.multiplier.product.val().get_bits::<16>(0);
        }
        if self.port.val() == 7 {
            self.processor.port_in.next = self.multiplier.product.val().get_bits::<16>(16);
        }
        if self.port.val() == 8 {
            self.processor.port_in.next = self.scrambler.random.val();
        }
        if self.port.val() == 9 {
            self.processor.port_in.next = self.offset.val();
            if self.request_write.val() {
                self.processor.port_in.next = self.offset.val() | 32768;
            }
        }
        if self.port.val() == 10 {
            self.processor.port_in.next = self.request_data.val().get_bits::<16>(0);
        }
        if self.port.val() == 11 {
            self.processor.port_in.next = self.request_data.val().get_bits::<16>(16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compact::firmware;
    use crate::parity::Parity;
    use tandem_isa::config::CU;
    use tandem_isa::register;

    /// A program of one yield, rung by the host, with register and memory accesses in between.
    #[test]
    fn parity_and_a_program_of_one_command() {
        let program = firmware::program().unwrap();
        let mut engine = CompactEngine::<10>::new(&program, &firmware::data(&CU));
        // {memory, write, address, data, expected}.
        let mut script = vec![
            (false, false, register::ID, 0, register::ID_VALUE),
            (true, true, 0, 9, 0),
            (true, false, 0, 0, 9),
            (false, true, register::S_WINDOW_BASE + 4, 64, 0),
            (false, true, register::S_WINDOW_BASE + 8, 1, 0),
            (false, true, register::S_LENGTH, 1, 0),
            (false, true, register::S_DOORBELL, 1, 0),
            (false, false, register::S_ISSUED, 0, 1),
            (
                false,
                false,
                register::IRQ_STATUS,
                0,
                register::irq::DONE << 1,
            ),
        ]
        .into_iter();
        let mut now: Option<(bool, bool, u32, u32, u32)> = None;
        let mut done = 0;
        Parity::new("compact_engine")
            .cycles(4500)
            .check(
                &mut engine,
                |u| &mut u.clock,
                |u, _, cycle| {
                    u.reset.next = cycle < 2;
                    if u.request_valid.val() && u.request_ready.val() {
                        let (_, write, address, _, expected) = now.take().unwrap();
                        let found = u.response_data.val().to_u64() as u32;
                        assert!(write || found == expected, "{address:#x}: {found:#x}");
                        done += 1;
                        u.request_valid.next = false;
                    } else if now.is_none() && cycle % 64 == 5 {
                        now = script.next();
                        if let Some((memory, write, address, data, _)) = now {
                            u.request_valid.next = true;
                            u.request_memory.next = memory;
                            u.request_write.next = write;
                            u.request_address.next = u64::from(address).into();
                            u.request_data.next = u64::from(data).into();
                        }
                    }
                },
            )
            .unwrap();
        assert_eq!(done, 9);
    }
}
