//! The first error of the running context: which it was, of which command, with what value. It keeps one until reset; stopping
//! the context is the scheduler's business.
//!
//! | port | meaning |
//! |---|---|
//! | `run` | errors count |
//! | `master_*` | error pulse of the AXI master, `fetch_failed`: a beat in error came to fetch, so a read response is its |
//! | `load_place`, `store_place` | address of the load or store that started as that number |
//! | `unit_*` | of each unit: error pulse, code, value; address of its command; whether it has one |
//! | `refused`, `refused_*` | level: a command the check refused is due, its code, value and address |
//! | `expired` | level: the watchdog |
//! | `next_address` | of the next command to issue: named when time runs out and no unit has a command |
//! | `fault`, `code`, `command`, `value` | level from the cycle after the first error until reset |
//!
//! In one cycle the master comes first, then units by number, then the check, then the watchdog. A time-out names the command of
//! the first unit that has one; its value has bit u set for every unit u that has. Reset state: no error.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;
use tandem_isa::ErrorCode;

/// First error of a context.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Faults {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub run: Signal<In, Bit>,
    pub master_error: Signal<In, Bit>,
    pub master_code: Signal<In, Bits<8>>,
    pub master_value: Signal<In, Bits<32>>,
    pub load_place: Signal<In, Bits<32>>,
    pub store_place: Signal<In, Bits<32>>,
    pub fetch_failed: Signal<In, Bit>,
    pub unit_error: [Signal<In, Bit>; 6],
    pub unit_code: [Signal<In, Bits<8>>; 6],
    pub unit_value: [Signal<In, Bits<32>>; 6],
    pub unit_address: [Signal<In, Bits<32>>; 6],
    pub has_command: [Signal<In, Bit>; 6],
    pub refused: Signal<In, Bit>,
    pub refused_code: Signal<In, Bits<8>>,
    pub refused_value: Signal<In, Bits<32>>,
    pub refused_address: Signal<In, Bits<32>>,
    pub expired: Signal<In, Bit>,
    pub next_address: Signal<In, Bits<32>>,
    pub fault: Signal<Out, Bit>,
    pub code: Signal<Out, Bits<8>>,
    pub command: Signal<Out, Bits<32>>,
    pub value: Signal<Out, Bits<32>>,
    have: Reg<Bit>,
    kept_code: Dff<Bits<8>>,
    kept_command: Dff<Bits<32>>,
    kept_value: Dff<Bits<32>>,
    open: Signal<Local, Bit>,
    any: Signal<Local, Bit>,
    free: Signal<Local, Bit>,
    by_unit: [Signal<Local, Bit>; 6],
    by_check: Signal<Local, Bit>,
    by_time: Signal<Local, Bit>,
    named: [Signal<Local, Bit>; 6],
    unnamed: Signal<Local, Bit>,
    units: Signal<Local, Bits<32>>,
    next_code: Signal<Local, Bits<8>>,
    next_command: Signal<Local, Bits<32>>,
    next_value: Signal<Local, Bits<32>>,
    masked_code: [Signal<Local, Bits<8>>; 6],
    masked_command: [Signal<Local, Bits<32>>; 6],
    masked_value: [Signal<Local, Bits<32>>; 6],
    rest_code: Signal<Local, Bits<8>>,
    rest_command: Signal<Local, Bits<32>>,
    rest_value: Signal<Local, Bits<32>>,
    of_fetch: Signal<Local, Bit>,
    of_store: Signal<Local, Bit>,
    timeout: Constant<Bits<8>>,
    fetch_window: Constant<Bits<8>>,
    read_response: Constant<Bits<8>>,
    write_window: Constant<Bits<8>>,
    write_response: Constant<Bits<8>>,
}

impl Default for Faults {
    fn default() -> Self {
        let code = |c: ErrorCode| Constant::new((c as u64).into());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            run: Default::default(),
            master_error: Default::default(),
            master_code: Default::default(),
            master_value: Default::default(),
            load_place: Default::default(),
            store_place: Default::default(),
            fetch_failed: Default::default(),
            unit_error: Default::default(),
            unit_code: Default::default(),
            unit_value: Default::default(),
            unit_address: Default::default(),
            has_command: Default::default(),
            refused: Default::default(),
            refused_code: Default::default(),
            refused_value: Default::default(),
            refused_address: Default::default(),
            expired: Default::default(),
            next_address: Default::default(),
            fault: Default::default(),
            code: Default::default(),
            command: Default::default(),
            value: Default::default(),
            have: Default::default(),
            kept_code: Default::default(),
            kept_command: Default::default(),
            kept_value: Default::default(),
            open: Default::default(),
            any: Default::default(),
            free: Default::default(),
            by_unit: Default::default(),
            by_check: Default::default(),
            by_time: Default::default(),
            named: Default::default(),
            unnamed: Default::default(),
            units: Default::default(),
            next_code: Default::default(),
            next_command: Default::default(),
            next_value: Default::default(),
            masked_code: Default::default(),
            masked_command: Default::default(),
            masked_value: Default::default(),
            rest_code: Default::default(),
            rest_command: Default::default(),
            rest_value: Default::default(),
            of_fetch: Default::default(),
            of_store: Default::default(),
            timeout: code(ErrorCode::Timeout),
            fetch_window: code(ErrorCode::FetchWindow),
            read_response: code(ErrorCode::ReadResponse),
            write_window: code(ErrorCode::WriteWindow),
            write_response: code(ErrorCode::WriteResponse),
        }
    }
}

impl Logic for Faults {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, have, kept_code, kept_command, kept_value);
        self.have.reset.next = self.reset.val();

        // Which of them it is; at most one of `master_error`, `by_unit`, `by_check` and `by_time`.
        self.open.next = self.run.val() & !self.have.q.val();
        self.free.next = !self.master_error.val();
        for u in 0..6 {
            self.by_unit[u].next = self.unit_error[u].val() & self.free.val();
            self.free.next = self.free.val() & !self.unit_error[u].val();
        }
        self.by_check.next = self.refused.val() & self.free.val();
        self.by_time.next = self.expired.val() & self.free.val() & !self.refused.val();
        self.any.next = !self.free.val() | self.refused.val() | self.expired.val();
        self.units.next = 0.into();
        self.unnamed.next = self.by_time.val();
        for u in 0..6 {
            self.units.next = self.units.val().replace_bit(u, self.has_command[u].val());
            self.named[u].next = self.has_command[u].val() & self.unnamed.val();
            self.unnamed.next = self.unnamed.val() & !self.has_command[u].val();
        }
        self.of_fetch.next = (self.master_code.val() == self.fetch_window.val())
            | ((self.master_code.val() == self.read_response.val()) & self.fetch_failed.val());
        self.of_store.next = (self.master_code.val() == self.write_window.val())
            | (self.master_code.val() == self.write_response.val());

        // Nothing is chosen in turns: what is not meant is 0, and all are joined.
        self.rest_code.next = 0.into();
        self.rest_command.next = 0.into();
        self.rest_value.next = 0.into();
        if self.master_error.val() {
            self.rest_code.next = self.master_code.val();
            self.rest_command.next = self.load_place.val();
            if self.of_store.val() {
                self.rest_command.next = self.store_place.val();
            }
            if self.of_fetch.val() {
                self.rest_command.next = self.master_value.val();
            }
            self.rest_value.next = self.master_value.val();
        }
        if self.by_check.val() {
            self.rest_code.next = self.refused_code.val();
            self.rest_command.next = self.refused_address.val();
            self.rest_value.next = self.refused_value.val();
        }
        if self.by_time.val() {
            self.rest_code.next = self.timeout.val();
            self.rest_value.next = self.units.val();
        }
        if self.unnamed.val() {
            self.rest_command.next = self.next_address.val();
        }
        self.next_code.next = self.rest_code.val();
        self.next_command.next = self.rest_command.val();
        self.next_value.next = self.rest_value.val();
        for u in 0..6 {
            self.masked_code[u].next = 0.into();
            self.masked_command[u].next = 0.into();
            self.masked_value[u].next = 0.into();
            if self.by_unit[u].val() {
                self.masked_code[u].next = self.unit_code[u].val();
                self.masked_value[u].next = self.unit_value[u].val();
            }
            if self.by_unit[u].val() | self.named[u].val() {
                self.masked_command[u].next = self.unit_address[u].val();
            }
            self.next_code.next = self.next_code.val() | self.masked_code[u].val();
            self.next_command.next = self.next_command.val() | self.masked_command[u].val();
            self.next_value.next = self.next_value.val() | self.masked_value[u].val();
        }
        if self.open.val() & self.any.val() {
            self.kept_code.d.next = self.next_code.val();
            self.kept_command.d.next = self.next_command.val();
            self.kept_value.d.next = self.next_value.val();
            self.have.d.next = true;
        }
        self.fault.next = self.have.q.val();
        self.code.next = self.kept_code.q.val();
        self.command.next = self.kept_command.q.val();
        self.value.next = self.kept_value.q.val();
    }
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
