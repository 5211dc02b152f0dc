//! One context: its state, how far its program has come, its error registers and its latency. Which context is at work
//! is the scheduler's business.
//!
//! | port | meaning |
//! |---|---|
//! | `base`, `length` | registers PROGRAM and LENGTH, steady while `is_running` |
//! | `doorbell` | pulse: start; ignored while running |
//! | `clear` | pulse: back to idle, everything 0 |
//! | `step` | pulse: one of its commands was issued |
//! | `finish` | pulse: the program is done |
//! | `fail`, `fail_*` | pulse: stopped by an error, with code, command and value |
//! | `state`, `issued`, `code`, `command`, `value`, `latency` | registers |
//! | `next_address`, `left` | DDR address of the next command, and how many there are from it on |
//!
//! `latency` is the greatest number of cycles from a doorbell to the first `step` after it. Reset state: idle, all 0.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;
use tandem_isa::register::state;

/// One context.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct ContextCell {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub base: Signal<In, Bits<32>>,
    pub length: Signal<In, Bits<32>>,
    pub doorbell: Signal<In, Bit>,
    pub clear: Signal<In, Bit>,
    pub step: Signal<In, Bit>,
    pub finish: Signal<In, Bit>,
    pub fail: Signal<In, Bit>,
    pub fail_code: Signal<In, Bits<8>>,
    pub fail_command: Signal<In, Bits<32>>,
    pub fail_value: Signal<In, Bits<32>>,
    pub is_running: Signal<Out, Bit>,
    pub state: Signal<Out, Bits<2>>,
    pub issued: Signal<Out, Bits<32>>,
    pub code: Signal<Out, Bits<8>>,
    pub command: Signal<Out, Bits<32>>,
    pub value: Signal<Out, Bits<32>>,
    pub latency: Signal<Out, Bits<32>>,
    pub next_address: Signal<Out, Bits<32>>,
    pub left: Signal<Out, Bits<32>>,
    at: Reg<Bits<2>>,
    count: Reg<Bits<32>>,
    error_code: Reg<Bits<8>>,
    error_command: Reg<Bits<32>>,
    error_value: Reg<Bits<32>>,
    unanswered: Reg<Bit>,
    timer: Dff<Bits<32>>,
    worst: Reg<Bits<32>>,
    runs: Signal<Local, Bit>,
    wipe: Signal<Local, Bit>,
    zero: Signal<Local, Bit>,
    offset: Signal<Local, Bits<32>>,
    idle: Constant<Bits<2>>,
    running: Constant<Bits<2>>,
    faulted: Constant<Bits<2>>,
}

impl Default for ContextCell {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            base: Default::default(),
            length: Default::default(),
            doorbell: Default::default(),
            clear: Default::default(),
            step: Default::default(),
            finish: Default::default(),
            fail: Default::default(),
            fail_code: Default::default(),
            fail_command: Default::default(),
            fail_value: Default::default(),
            is_running: Default::default(),
            state: Default::default(),
            issued: Default::default(),
            code: Default::default(),
            command: Default::default(),
            value: Default::default(),
            latency: Default::default(),
            next_address: Default::default(),
            left: Default::default(),
            at: Default::default(),
            count: Default::default(),
            error_code: Default::default(),
            error_command: Default::default(),
            error_value: Default::default(),
            unanswered: Default::default(),
            timer: Default::default(),
            worst: Default::default(),
            runs: Default::default(),
            wipe: Default::default(),
            zero: Default::default(),
            offset: Default::default(),
            idle: Constant::new(u64::from(state::IDLE).into()),
            running: Constant::new(u64::from(state::RUNNING).into()),
            faulted: Constant::new(u64::from(state::FAULTED).into()),
        }
    }
}

impl Logic for ContextCell {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            at,
            count,
            error_code,
            error_command,
            error_value,
            unanswered,
            timer,
            worst
        );
        // A doorbell wipes what the last run left; RESET everything.
        self.runs.next = self.at.q.val() == self.running.val();
        self.wipe.next = self.reset.val() | self.clear.val();
        self.zero.next = self.wipe.val() | (self.doorbell.val() & !self.runs.val());
        self.at.reset.next = self.wipe.val();
        self.worst.reset.next = self.wipe.val();
        self.unanswered.reset.next = self.wipe.val();
        self.count.reset.next = self.zero.val();
        self.error_code.reset.next = self.zero.val();
        self.error_command.reset.next = self.zero.val();
        self.error_value.reset.next = self.zero.val();

        self.timer.d.next = self.timer.q.val() + 1;
        if self.step.val() {
            self.count.d.next = self.count.q.val() + 1;
            self.unanswered.d.next = false;
            if self.unanswered.q.val() & (self.timer.q.val() > self.worst.q.val()) {
                self.worst.d.next = self.timer.q.val();
            }
        }
        if self.finish.val() {
            self.at.d.next = self.idle.val();
            self.unanswered.d.next = false;
        }
        if self.fail.val() {
            self.at.d.next = self.faulted.val();
            self.unanswered.d.next = false;
            self.error_code.d.next = self.fail_code.val();
            self.error_command.d.next = self.fail_command.val();
            self.error_value.d.next = self.fail_value.val();
        }
        if self.doorbell.val() & !self.runs.val() {
            self.at.d.next = self.running.val();
            self.unanswered.d.next = true;
            self.timer.d.next = 1.into();
        }

        self.offset.next = self.count.q.val() << 6;
        self.next_address.next = self.base.val() + self.offset.val();
        self.left.next = self.length.val() - self.count.q.val();
        self.is_running.next = self.runs.val();
        self.state.next = self.at.q.val();
        self.issued.next = self.count.q.val();
        self.code.next = self.error_code.q.val();
        self.command.next = self.error_command.q.val();
        self.value.next = self.error_value.q.val();
        self.latency.next = self.worst.q.val();
    }
}

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
