//! Command fetch: reads the commands of one stretch of a program through the read client, up to eight ahead of their use,
//! and hands them out in order with their addresses. It does not know contexts: the scheduler starts and flushes it.
//!
//! ```text
//! start ─► requests (8 beats each, ≤ 8 commands held) ─► read client ─► 64 beats ─► eight-beat shift ─► out
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `start` | pulse while `idle`: read `commands` commands from `first` on |
//! | `flush` | level: ask for nothing more, throw away what was fetched and what still comes; hold until `idle` |
//! | `idle` | no request waiting, no beat outstanding |
//! | `request_*`, `data_*` | the read client (data are always taken; `data_error`: the beat is thrown away, `failed` is set until reset) |
//! | `out_*` | commands, valid/ready, with the DDR address of each |
//!
//! Requests are made in groups: none while more than four commands are held, then until eight are. Bursts of a group follow one
//! another, so that the memory turns round for them once and not for every command.
//!
//! Latency from `start` to the request 2 cycles, from the last beat to `out_valid` 2. A command takes nine cycles at best.
//! One request a command, so that a window that ends within the program refuses exactly the commands outside it.
//! Reset state: idle, nothing to fetch. Reset with beats outstanding only if they cannot come any more.
use super::command_shift::CommandShift;
use crate::leaf::{Dff, RamFifo, Reg};
use rust_hdl::prelude::*;

/// Command fetch.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Fetch {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub first: Signal<In, Bits<32>>,
    pub commands: Signal<In, Bits<32>>,
    pub flush: Signal<In, Bit>,
    pub idle: Signal<Out, Bit>,
    pub failed: Signal<Out, Bit>,
    pub request_valid: Signal<Out, Bit>,
    pub request_ready: Signal<In, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_beats: Signal<Out, Bits<24>>,
    pub data_valid: Signal<In, Bit>,
    pub data_ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<64>>,
    pub data_error: Signal<In, Bit>,
    pub out_valid: Signal<Out, Bit>,
    pub out_ready: Signal<In, Bit>,
    pub out_command: Signal<Out, Bits<512>>,
    pub out_address: Signal<Out, Bits<32>>,
    beats: RamFifo<Bits<64>, 6>,
    shift: CommandShift,
    shifted: Reg<Bits<4>>,
    ask: Reg<Bit>,
    ask_address: Dff<Bits<32>>,
    left: Reg<Bits<32>>,
    taken_address: Dff<Bits<32>>,
    held: Reg<Bits<4>>,
    filling: Reg<Bit>,
    flying: Reg<Bits<4>>,
    beat: Reg<Bits<3>>,
    error: Reg<Bit>,
    clear: Signal<Local, Bit>,
    accepted: Signal<Local, Bit>,
    arrived: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    pull: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
}

impl Logic for Fetch {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            shifted,
            ask,
            ask_address,
            left,
            taken_address,
            held,
            filling,
            flying,
            beat,
            error
        );
        clock!(self, clock, beats, shift);
        self.ask.reset.next = self.reset.val();
        self.left.reset.next = self.reset.val();
        self.flying.reset.next = self.reset.val();
        self.beat.reset.next = self.reset.val();
        self.error.reset.next = self.reset.val();
        self.clear.next = self.reset.val() | self.flush.val();
        self.shifted.reset.next = self.clear.val();
        self.held.reset.next = self.clear.val();
        self.filling.reset.next = self.clear.val();
        self.beats.reset.next = self.clear.val();

        self.whole.next = self.shifted.q.val() == 8;
        // Requests: once raised, one stands until it is accepted.
        self.accepted.next = self.ask.q.val() & self.request_ready.val();
        self.take.next = self.whole.val() & self.out_ready.val();
        if self.accepted.val() {
            self.ask.d.next = false;
            self.ask_address.d.next = self.ask_address.q.val() + 64;
        }
        if (!self.ask.q.val() | self.accepted.val())
            & self.left.q.val().any()
            & self.filling.q.val()
            & (self.held.q.val() != 8)
        {
            self.ask.d.next = true;
            self.left.d.next = self.left.q.val() - 1;
            if !self.take.val() {
                self.held.d.next = self.held.q.val() + 1;
            }
        } else if self.take.val() {
            self.held.d.next = self.held.q.val() - 1;
        }
        if self.held.q.val() <= 4 {
            self.filling.d.next = true;
        }
        if self.held.q.val() == 8 {
            self.filling.d.next = false;
        }
        if self.start.val() {
            self.left.d.next = self.commands.val();
            self.ask_address.d.next = self.first.val();
            self.taken_address.d.next = self.first.val();
        }
        if self.flush.val() {
            self.left.d.next = 0.into();
            self.ask.d.next = self.ask.q.val() & !self.accepted.val();
        }

        // Beats on their way, counted by commands.
        self.arrived.next = self.data_valid.val() & self.beat.q.val().all();
        if self.data_valid.val() {
            self.beat.d.next = self.beat.q.val() + 1;
            self.error.d.next = self.error.q.val() | self.data_error.val();
        }
        if self.accepted.val() & !self.arrived.val() {
            self.flying.d.next = self.flying.q.val() + 1;
        }
        if self.arrived.val() & !self.accepted.val() {
            self.flying.d.next = self.flying.q.val() - 1;
        }
        self.beats.in_valid.next = self.data_valid.val() & !self.data_error.val();
        self.beats.in_data.next = self.data.val();

        // Eight beats make a command.
        self.pull.next = self.beats.out_valid.val() & !self.whole.val();
        self.beats.out_ready.next = !self.whole.val();
        self.shift.enable.next = self.pull.val();
        self.shift.beat.next = self.beats.out_data.val();
        if self.pull.val() {
            self.shifted.d.next = self.shifted.q.val() + 1;
        }
        if self.take.val() {
            self.shifted.d.next = 0.into();
            self.taken_address.d.next = self.taken_address.q.val() + 64;
        }

        self.idle.next = !self.ask.q.val() & !self.flying.q.val().any();
        self.failed.next = self.error.q.val();
        self.request_valid.next = self.ask.q.val();
        self.request_address.next = self.ask_address.q.val();
        self.request_beats.next = 8.into();
        self.data_ready.next = true;
        self.out_valid.next = self.whole.val();
        self.out_command.next = self.shift.command.val();
        self.out_address.next = self.taken_address.q.val();
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
