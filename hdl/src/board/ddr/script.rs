//! Goes through one script of the set-up's program, as master of the controller's Wishbone port. Which script comes next is
//! [`Search`](super::Search)'s matter.
//!
//! | port | meaning |
//! |---|---|
//! | `start`, `entry` | pulse while idle: begin at that place |
//! | `lane`, `invert` | byte lane of the script's lane steps; pattern turned over; steady until `done` |
//! | `done` | pulse: the script has ended; `bad` and `fault` count in this cycle |
//! | `bad` | a check failed |
//! | `fault` | an access was answered by `err`, or not within 32768 cycles; the script went no further |
//! | `adr` … `err` | Wishbone, classic cycles, `sel` all ones; `adr` counts words |
//!
//! A script begins in the second cycle after `start`. A step takes a cycle to fetch, then one (end), as many as it says and one
//! (wait), or as long as the bus. Reset state: idle.
use super::program::{self, Program, PLACE, WORD};
use super::rom::Rom;
use crate::leaf::{Dff, DffEn, Reg};
use rust_hdl::prelude::*;

/// Runs scripts.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Script {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub entry: Signal<In, Bits<PLACE>>,
    pub lane: Signal<In, Bit>,
    pub invert: Signal<In, Bit>,
    pub done: Signal<Out, Bit>,
    pub bad: Signal<Out, Bit>,
    pub fault: Signal<Out, Bit>,
    pub adr: Signal<Out, Bits<30>>,
    pub dat_w: Signal<Out, Bits<32>>,
    pub we: Signal<Out, Bit>,
    pub stb: Signal<Out, Bit>,
    pub dat_r: Signal<In, Bits<32>>,
    pub ack: Signal<In, Bit>,
    pub err: Signal<In, Bit>,
    rom: Rom,
    begun: Reg<Bit>,
    running: Reg<Bit>,
    executing: Reg<Bit>,
    failed: Reg<Bit>,
    place: Reg<Bits<PLACE>>,
    timer: Reg<Bits<16>>,
    next_step: Dff<Bits<WORD>>,
    step: DffEn<Bits<WORD>>,
    fetch: Signal<Local, Bit>,
    operation: Signal<Local, Bits<3>>,
    data: Signal<Local, Bits<16>>,
    lower: Signal<Local, Bits<16>>,
    upper: Signal<Local, Bits<16>>,
    lower_wide: Signal<Local, Bits<32>>,
    upper_wide: Signal<Local, Bits<32>>,
    pattern: Signal<Local, Bits<32>>,
    difference: Signal<Local, Bits<32>>,
    of_lane: Signal<Local, Bits<32>>,
    seen: Signal<Local, Bit>,
    mismatch: Signal<Local, Bit>,
    bus: Signal<Local, Bit>,
    bank: Signal<Local, Bits<2>>,
    word: Signal<Local, Bits<5>>,
    bank_wide: Signal<Local, Bits<30>>,
    word_wide: Signal<Local, Bits<30>>,
    op_end: Constant<Bits<3>>,
    op_wait: Constant<Bits<3>>,
    op_check_burst: Constant<Bits<3>>,
    op_write_lane: Constant<Bits<3>>,
    op_write_pattern: Constant<Bits<3>>,
    lane_0: Constant<Bits<32>>,
    lane_1: Constant<Bits<32>>,
}

impl Script {
    /// An interpreter of that program.
    pub fn new(program: &Program) -> Self {
        let operation = |number: u64| Constant::new(number.into());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            entry: Default::default(),
            lane: Default::default(),
            invert: Default::default(),
            done: Default::default(),
            bad: Default::default(),
            fault: Default::default(),
            adr: Default::default(),
            dat_w: Default::default(),
            we: Default::default(),
            stb: Default::default(),
            dat_r: Default::default(),
            ack: Default::default(),
            err: Default::default(),
            rom: Rom::new(program),
            begun: Default::default(),
            running: Default::default(),
            executing: Default::default(),
            failed: Default::default(),
            place: Default::default(),
            timer: Default::default(),
            next_step: Default::default(),
            step: Default::default(),
            fetch: Default::default(),
            operation: Default::default(),
            data: Default::default(),
            lower: Default::default(),
            upper: Default::default(),
            lower_wide: Default::default(),
            upper_wide: Default::default(),
            pattern: Default::default(),
            difference: Default::default(),
            of_lane: Default::default(),
            seen: Default::default(),
            mismatch: Default::default(),
            bus: Default::default(),
            bank: Default::default(),
            word: Default::default(),
            bank_wide: Default::default(),
            word_wide: Default::default(),
            op_end: operation(program::END),
            op_wait: operation(program::WAIT),
            op_check_burst: operation(program::CHECK_BURST),
            op_write_lane: operation(program::WRITE_LANE),
            op_write_pattern: operation(program::WRITE_PATTERN),
            lane_0: Constant::new(0x00ff_00ffu64.into()),
            lane_1: Constant::new(0xff00_ff00u64.into()),
        }
    }
}

impl Logic for Script {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, begun, running, executing, failed, place, timer, next_step);
        self.begun.reset.next = self.reset.val();
        self.running.reset.next = self.reset.val();
        self.executing.reset.next = self.reset.val();
        self.failed.reset.next = self.reset.val();
        self.place.reset.next = self.reset.val();
        self.timer.reset.next = self.reset.val();

        self.fetch.next = self.running.q.val() & !self.executing.q.val();
        self.rom.place.next = self.place.q.val();
        self.step.clock.next = self.clock.val();
        self.step.enable.next = self.fetch.val();
        // Twice registered: the first register is that of a block RAM, which answers late.
        self.next_step.d.next = self.rom.word.val();
        self.step.d.next = self.next_step.q.val();
        self.operation.next = self.step.q.val().get_bits::<3>(23);
        self.bank.next = self.step.q.val().get_bits::<2>(21);
        self.word.next = self.step.q.val().get_bits::<5>(16);
        self.data.next = self.step.q.val().get_bits::<16>(0);

        self.lower.next = self.data.val();
        if self.invert.val() {
            self.lower.next = !self.data.val();
        }
        self.upper.next = !self.lower.val();
        self.lower_wide.next = bit_cast::<32, 16>(self.lower.val());
        self.upper_wide.next = bit_cast::<32, 16>(self.upper.val());
        self.pattern.next = self.lower_wide.val() | (self.upper_wide.val() << 16);
        self.dat_w.next = bit_cast::<32, 16>(self.data.val());
        if self.operation.val() == self.op_write_lane.val() {
            self.dat_w.next = 1.into();
            if self.lane.val() {
                self.dat_w.next = 2.into();
            }
        }
        if self.operation.val() == self.op_write_pattern.val() {
            self.dat_w.next = self.pattern.val();
        }
        self.bank_wide.next = bit_cast::<30, 2>(self.bank.val());
        self.word_wide.next = bit_cast::<30, 5>(self.word.val());
        self.adr.next = (self.bank_wide.val() << 9) | self.word_wide.val();
        self.we.next = self.operation.val().get_bit(2);
        self.bus.next = self.executing.q.val()
            & (self.operation.val().get_bit(2) | self.operation.val().get_bit(1));
        self.stb.next = self.bus.val();

        self.difference.next = self.dat_r.val() ^ self.pattern.val();
        self.of_lane.next = self.difference.val() & self.lane_0.val();
        self.seen.next = self.dat_r.val().get_bit(0);
        if self.lane.val() {
            self.of_lane.next = self.difference.val() & self.lane_1.val();
            self.seen.next = self.dat_r.val().get_bit(1);
        }
        self.mismatch.next = self.of_lane.val().any();
        if self.operation.val() == self.op_check_burst.val() {
            self.mismatch.next = !self.seen.val();
        }

        self.done.next = false;
        self.fault.next = false;
        self.bad.next = self.failed.q.val();
        self.timer.d.next = self.timer.q.val() + 1;
        if self.fetch.val() {
            self.timer.d.next = 0.into();
            self.executing.d.next = true;
            self.place.d.next = self.place.q.val() + 1;
        }
        if self.executing.q.val() {
            if self.operation.val() == self.op_end.val() {
                self.done.next = true;
                self.running.d.next = false;
                self.executing.d.next = false;
            }
            if (self.operation.val() == self.op_wait.val())
                & (self.timer.q.val() == self.data.val())
            {
                self.executing.d.next = false;
            }
        }
        if self.bus.val() {
            if self.ack.val() {
                self.executing.d.next = false;
                if self.mismatch.val() & !self.operation.val().get_bit(2) {
                    self.failed.d.next = true;
                }
            }
            if self.err.val() | self.timer.q.val().get_bit(15) {
                self.done.next = true;
                self.fault.next = true;
                self.running.d.next = false;
                self.executing.d.next = false;
            }
        }
        self.begun.d.next = self.start.val();
        if self.start.val() {
            self.place.d.next = self.entry.val();
        }
        if self.begun.q.val() {
            self.running.d.next = true;
            self.executing.d.next = false;
            self.failed.d.next = false;
        }
    }
}
