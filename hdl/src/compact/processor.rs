//! The control processor of the compact engine: 16-bit accumulator machine, two cycles an instruction (RET three), program and data
//! in block RAM. Not for arithmetic on tensors: that is what the units at its ports are for.
//!
//! Instructions have 16 bits ([`super::assembler`] names them all):
//!
//! | 15:11 | instruction | operand 10:0 |
//! |---|---|---|
//! | 00fff | A := A op M; op: 0 M itself, 1 AND, 2 OR, 3 XOR, 4 ADD, 5 ADD with carry, 6 SUB, 7 SUB with carry | mode, address |
//! | 01000 | M := A | mode, address |
//! | 01001 | X := M | mode, address |
//! | 01010 | A shifted: 0 right, 1 right arithmetic, 2 right through carry, 3 bytes swapped | 1:0 |
//! | 01011 | A := port | 4:0 |
//! | 01100 | port := A | 4:0 |
//! | 01101 | X := A | |
//! | 1cccc | jump: 0 always, 1 A = 0, 2 A ≠ 0, 3 A < 0, 4 A ≥ 0, 5 carry, 6 no carry, 8 call; 9 return | target |
//!
//! Mode (bits 10:9): 0 data RAM at bits 7:0, 1 data RAM at bits 7:0 OR X, 2 the number in bits 8:0. Carry is that of additions, the
//! inverted borrow of subtractions, and the bit shifted out. The stack of calls is the top 16 words of data RAM.
//!
//! Ports: an IN or OUT holds `port` for its two cycles, the second of which lasts as long as `hold` is high; `port_read` or
//! `port_write` is high at its end, when `port_in` is taken. Reset state: at address 0, stack empty; A, X and carry keep what they had.
use super::{Code, PresetRam};
use crate::leaf::{DffEn, Reg};
use rust_hdl::prelude::*;

/// The processor with its program and data memories.
#[derive(LogicBlock, Default)]
pub struct Processor<const PW: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Port of an IN or OUT.
    pub port: Signal<Out, Bits<5>>,
    /// Port is read in this cycle.
    pub port_read: Signal<Out, Bit>,
    /// Port is written in this cycle.
    pub port_write: Signal<Out, Bit>,
    /// Value written: A.
    pub port_out: Signal<Out, Bits<16>>,
    /// Value of the port.
    pub port_in: Signal<In, Bits<16>>,
    /// The port of this cycle is not ready: IN and OUT wait.
    pub hold: Signal<In, Bit>,
    code: Code,
    data: PresetRam<8>,
    decode: Reg<Bit>,
    execute: Reg<Bit>,
    counter: Reg<Bits<PW>>,
    stack: Reg<Bits<4>>,
    a: DffEn<Bits<16>>,
    x: DffEn<Bits<8>>,
    carry: DffEn<Bit>,
    instruction: Signal<Local, Bits<16>>,
    operation: Signal<Local, Bits<3>>,
    other: Signal<Local, Bit>,
    jump: Signal<Local, Bit>,
    condition: Signal<Local, Bits<4>>,
    target: Signal<Local, Bits<PW>>,
    truth: Signal<Local, Bit>,
    taken: Signal<Local, Bit>,
    call: Signal<Local, Bit>,
    back: Signal<Local, Bit>,
    indexed: Signal<Local, Bit>,
    immediate: Signal<Local, Bit>,
    address: Signal<Local, Bits<8>>,
    operand: Signal<Local, Bits<16>>,
    subtract: Signal<Local, Bit>,
    inverted: Signal<Local, Bits<16>>,
    carry_in: Signal<Local, Bits<18>>,
    left: Signal<Local, Bits<18>>,
    right: Signal<Local, Bits<18>>,
    sum: Signal<Local, Bits<18>>,
    bitwise: Signal<Local, Bits<16>>,
    shifted: Signal<Local, Bits<16>>,
    top: Signal<Local, Bit>,
    is_input: Signal<Local, Bit>,
    is_shift: Signal<Local, Bit>,
    is_store: Signal<Local, Bit>,
    is_index: Signal<Local, Bit>,
    above: Signal<Local, Bits<4>>,
    fetch: Signal<Local, Bit>,
    waits: Signal<Local, Bit>,
    step: Signal<Local, Bit>,
    zero: Signal<Local, Bit>,
}

impl<const PW: usize> Processor<PW> {
    /// A processor that runs `program` on a data memory that starts with `data`.
    pub fn new(program: &[u16], data: &[u16]) -> Self {
        Self {
            code: Code::new(program),
            data: PresetRam::new(data),
            ..Default::default()
        }
    }
}

impl<const PW: usize> Logic for Processor<PW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, decode, execute, counter, stack);
        self.decode.reset.next = self.reset.val();
        self.execute.reset.next = self.reset.val();
        self.counter.reset.next = self.reset.val();
        self.stack.reset.next = self.reset.val();
        self.code.clock.next = self.clock.val();
        self.data.clock.next = self.clock.val();
        self.a.clock.next = self.clock.val();
        self.x.clock.next = self.clock.val();
        self.carry.clock.next = self.clock.val();

        // The instruction, held by the program memory while it runs.
        self.instruction.next = self.code.read_data.val();
        self.operation.next = self.instruction.val().get_bits::<3>(11);
        self.other.next = self.instruction.val().get_bit(14) & !self.instruction.val().get_bit(15);
        self.condition.next = self.instruction.val().get_bits::<4>(11);
        self.target.next = self.instruction.val().get_bits::<PW>(0);
        self.jump.next = self.instruction.val().get_bit(15);
        self.indexed.next = self.instruction.val().get_bit(9);
        self.immediate.next = self.instruction.val().get_bit(10);
        self.call.next = self.jump.val() & (self.condition.val() == 8);
        self.back.next = self.jump.val() & (self.condition.val() == 9);
        self.is_store.next = self.other.val() & (self.operation.val() == 0);
        self.is_index.next = self.other.val() & (self.operation.val() == 1);
        self.is_shift.next = self.other.val() & (self.operation.val() == 2);
        self.is_input.next = self.other.val() & (self.operation.val() == 3);

        // Fetch, decode, execute; the next instruction is fetched while this one executes, unless it returns.
        self.waits.next = self.hold.val()
            & self.other.val()
            & ((self.operation.val() == 3) | (self.operation.val() == 4));
        self.step.next = self.execute.q.val() & !self.waits.val();
        self.fetch.next =
            !self.decode.q.val() & (!self.execute.q.val() | (self.step.val() & !self.back.val()));
        self.decode.d.next = self.fetch.val();
        self.execute.d.next = self.decode.q.val() | (self.execute.q.val() & self.waits.val());
        self.code.read_address.next = bit_cast::<11, PW>(self.counter.q.val());
        self.code.read_enable.next = self.fetch.val();

        self.zero.next = self.a.q.val() == 0;
        self.truth.next = true;
        if self.condition.val().get_bits::<3>(0) == 1 {
            self.truth.next = self.zero.val();
        }
        if self.condition.val().get_bits::<3>(0) == 2 {
            self.truth.next = !self.zero.val();
        }
        if self.condition.val().get_bits::<3>(0) == 3 {
            self.truth.next = self.a.q.val().get_bit(15);
        }
        if self.condition.val().get_bits::<3>(0) == 4 {
            self.truth.next = !self.a.q.val().get_bit(15);
        }
        if self.condition.val().get_bits::<3>(0) == 5 {
            self.truth.next = self.carry.q.val();
        }
        if self.condition.val().get_bits::<3>(0) == 6 {
            self.truth.next = !self.carry.q.val();
        }
        self.taken.next = self.call.val() | (self.truth.val() & !self.condition.val().get_bit(3));
        if self.fetch.val() {
            self.counter.d.next = self.counter.q.val() + 1;
        }
        if self.decode.q.val() & self.jump.val() & self.taken.val() {
            self.counter.d.next = self.target.val();
        }
        if self.step.val() & self.back.val() {
            self.counter.d.next = self.data.read_data.val().get_bits::<PW>(0);
        }

        // Data memory: an operand, or the top of the stack. A call pushes in decode, as the counter changes after it.
        self.above.next = self.stack.q.val() - 1;
        self.address.next = self.instruction.val().get_bits::<8>(0);
        if self.indexed.val() {
            self.address.next = self.instruction.val().get_bits::<8>(0) | self.x.q.val();
        }
        self.data.read_address.next = self.address.val();
        if self.jump.val() {
            self.data.read_address.next = bit_cast::<8, 4>(self.above.val()) | 240;
        }
        self.data.read_enable.next = self.decode.q.val();
        self.data.write_address.next = self.address.val();
        self.data.write_enable.next = self.step.val() & self.is_store.val();
        self.data.write_data.next = self.a.q.val();
        if self.decode.q.val() {
            self.data.write_address.next = bit_cast::<8, 4>(self.stack.q.val()) | 240;
            self.data.write_enable.next = self.call.val();
            self.data.write_data.next = bit_cast::<16, PW>(self.counter.q.val());
        }
        if self.decode.q.val() & self.call.val() {
            self.stack.d.next = self.stack.q.val() + 1;
        }
        if self.step.val() & self.back.val() {
            self.stack.d.next = self.above.val();
        }

        // Arithmetic: A + M, or A + not M.
        self.operand.next = self.data.read_data.val();
        if self.immediate.val() {
            self.operand.next = bit_cast::<16, 9>(self.instruction.val().get_bits::<9>(0));
        }
        self.subtract.next = (self.operation.val() == 6) | (self.operation.val() == 7);
        self.inverted.next = self.operand.val();
        if self.subtract.val() {
            self.inverted.next = !self.operand.val();
        }
        self.carry_in.next = 0.into();
        if (self.operation.val() == 6) | (self.operation.val().get_bit(0) & self.carry.q.val()) {
            self.carry_in.next = 1.into();
        }
        self.left.next = bit_cast::<18, 16>(self.a.q.val());
        self.right.next = bit_cast::<18, 16>(self.inverted.val());
        self.sum.next = self.left.val() + self.right.val() + self.carry_in.val();
        self.bitwise.next = self.operand.val();
        if self.operation.val().get_bits::<2>(0) == 1 {
            self.bitwise.next = self.a.q.val() & self.operand.val();
        }
        if self.operation.val().get_bits::<2>(0) == 2 {
            self.bitwise.next = self.a.q.val() | self.operand.val();
        }
        if self.operation.val().get_bits::<2>(0) == 3 {
            self.bitwise.next = self.a.q.val() ^ self.operand.val();
        }
        self.top.next = (self.instruction.val().get_bit(0) & self.a.q.val().get_bit(15))
            | (self.instruction.val().get_bit(1) & self.carry.q.val());
        self.shifted.next =
            bit_cast::<16, 15>(self.a.q.val().get_bits::<15>(1)).replace_bit(15, self.top.val());
        if self.instruction.val().get_bit(0) & self.instruction.val().get_bit(1) {
            self.shifted.next = (bit_cast::<16, 8>(self.a.q.val().get_bits::<8>(0)) << 8)
                | bit_cast::<16, 8>(self.a.q.val().get_bits::<8>(8));
        }

        self.a.enable.next = self.step.val()
            & ((!self.jump.val() & !self.other.val()) | self.is_shift.val() | self.is_input.val());
        self.a.d.next = self.bitwise.val();
        if self.operation.val().get_bit(2) {
            self.a.d.next = self.sum.val().get_bits::<16>(0);
        }
        if self.is_shift.val() {
            self.a.d.next = self.shifted.val();
        }
        if self.is_input.val() {
            self.a.d.next = self.port_in.val();
        }
        self.carry.enable.next = self.step.val()
            & ((!self.jump.val() & !self.other.val() & self.operation.val().get_bit(2))
                | self.is_shift.val());
        self.carry.d.next = self.sum.val().get_bit(16);
        if self.is_shift.val() {
            self.carry.d.next = self.a.q.val().get_bit(0);
        }
        self.x.enable.next = self.step.val()
            & (self.is_index.val() | (self.other.val() & (self.operation.val() == 5)));
        self.x.d.next = self.operand.val().get_bits::<8>(0);
        if self.operation.val().get_bit(2) {
            self.x.d.next = self.a.q.val().get_bits::<8>(0);
        }

        self.port.next = self.instruction.val().get_bits::<5>(0);
        self.port_read.next = self.step.val() & self.is_input.val();
        self.port_write.next = self.step.val() & self.other.val() & (self.operation.val() == 4);
        self.port_out.next = self.a.q.val();
    }
}

#[cfg(test)]
#[path = "processor_tests.rs"]
mod tests;
