//! Scheduler: which of the two contexts has the engine, and the turns between them. Context 0 is the teacher, 1 the student.
//! Program counters and registers are in [`ContextCell`](super::context::ContextCell), the reset of the units in [`Abort`](super::abort::Abort).
//!
//! ```text
//!        running            yield, teacher waits
//! PICK ──────────► RUN ──────────────────────────► DRAIN
//!  ▲ ▲  all issued, │ ◄──────────── all quiet ───────┘ │
//!  │ └── all done ──┤        fault or `clear`          │
//!  └── soft_reset ─ ABORT ◄─────────────────────────────┘
//! ```
//!
//! | port | meaning |
//! |---|---|
//! | `running[c]`, `at_end` | state of both contexts; the one at work has issued its last command |
//! | `schedule` | the teacher may interrupt the student at a yield |
//! | `units_idle`, `fetch_idle`, `quiet` | as `at_end` these may be of the cycle before: no queue has a command; fetch and the bus have nothing outstanding |
//! | `at_yield`, `bad` | of the issue stage |
//! | `step` | a command of the context at work was issued or refused |
//! | `fault`, `clear`, `soft_reset` | an error is kept; RESET pulse; the abort sequence ends |
//! | `active`, `run`, `busy` | the context at work (or last at work), it may issue, the engine is taken |
//! | `start_fetch`, `flush`, `hold` | start fetch at the active context's next command; throw prefetched ones away; give nothing to units |
//! | `yield_ack`, `refuse` | go past the yield; the refused command is due (everything before it is done) |
//! | `finish[c]`, `fail[c]` | pulses: context c is done, or stopped by the error kept |
//! | `abort_now` | pulse: begin the abort sequence |
//! | `owns[c]` | context c has this cycle; of `owns[0]`, `owns[1]`, a switch and not `busy`, one holds in every cycle |
//! | `switches`, `switch_cycles` | counters; `counters_clear` zeroes them. A switch takes from the end of the one context's last command to the first of the other: the bus comes to rest, and fetch starts anew |
//!
//! Latency: from `running` to `start_fetch` 1 cycle; a yield that does not switch costs 1. Reset state: PICK, student last at work.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Scheduler.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Scheduler {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub running: [Signal<In, Bit>; 2],
    pub at_end: Signal<In, Bit>,
    pub schedule: Signal<In, Bit>,
    pub units_idle: Signal<In, Bit>,
    pub fetch_idle: Signal<In, Bit>,
    pub quiet: Signal<In, Bit>,
    pub at_yield: Signal<In, Bit>,
    pub bad: Signal<In, Bit>,
    pub step: Signal<In, Bit>,
    pub fault: Signal<In, Bit>,
    pub clear: Signal<In, Bit>,
    pub soft_reset: Signal<In, Bit>,
    pub counters_clear: Signal<In, Bit>,
    pub active: Signal<Out, Bit>,
    pub run: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    pub start_fetch: Signal<Out, Bit>,
    pub flush: Signal<Out, Bit>,
    pub hold: Signal<Out, Bit>,
    pub yield_ack: Signal<Out, Bit>,
    pub refuse: Signal<Out, Bit>,
    pub finish: [Signal<Out, Bit>; 2],
    pub fail: [Signal<Out, Bit>; 2],
    pub abort_now: Signal<Out, Bit>,
    pub owns: [Signal<Out, Bit>; 2],
    pub switches: Signal<Out, Bits<32>>,
    pub switch_cycles: Signal<Out, Bits<32>>,
    going: Reg<Bit>,
    draining: Reg<Bit>,
    stopping: Reg<Bit>,
    turning: Reg<Bit>,
    teacher: Reg<Bit>,
    begun: Reg<Bit>,
    wiped: Reg<Bit>,
    switched: Reg<Bits<32>>,
    spent: Reg<Bits<32>>,
    calm: Signal<Local, Bit>,
    turn: Signal<Local, Bit>,
    taken: Signal<Local, Bit>,
    switching: Signal<Local, Bit>,
    finished: Signal<Local, Bit>,
    failed: Signal<Local, Bit>,
    zero: Signal<Local, Bit>,
}

impl Logic for Scheduler {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, going, draining, stopping, turning, teacher, begun, wiped, switched, spent
        );
        self.zero.next = self.reset.val() | self.counters_clear.val();
        self.going.reset.next = self.reset.val();
        self.draining.reset.next = self.reset.val();
        self.stopping.reset.next = self.reset.val();
        self.turning.reset.next = self.reset.val();
        self.teacher.reset.next = self.reset.val();
        self.begun.reset.next = self.reset.val();
        self.wiped.reset.next = self.reset.val();
        self.switched.reset.next = self.zero.val();
        self.spent.reset.next = self.zero.val();

        // One of `going` (RUN), `draining` and `stopping` (ABORT) is high, or none (PICK).
        self.calm.next = self.units_idle.val() & self.fetch_idle.val() & self.quiet.val();
        self.begun.d.next = false;
        self.turn.next = false;
        self.finished.next = false;
        self.failed.next = false;
        self.abort_now.next = false;
        self.yield_ack.next = false;
        self.refuse.next = false;
        self.flush.next = self.stopping.q.val();
        if self.stopping.q.val() {
            if self.clear.val() {
                self.wiped.d.next = true;
            }
            if self.soft_reset.val() {
                // RESET has cleared the contexts already: none is left to blame.
                self.failed.next = !self.wiped.q.val() & !self.clear.val();
                self.wiped.d.next = false;
                self.stopping.d.next = false;
            }
        } else if self.clear.val()
            | (self.fault.val() & (self.going.q.val() | self.draining.q.val()))
        {
            self.going.d.next = false;
            self.draining.d.next = false;
            self.stopping.d.next = true;
            self.wiped.d.next = self.clear.val();
            self.abort_now.next = true;
        } else if self.draining.q.val() {
            self.flush.next = true;
            if self.calm.val() {
                self.yield_ack.next = true;
                self.turn.next = true;
                self.begun.d.next = true;
                self.draining.d.next = false;
                self.going.d.next = true;
            }
        } else if self.going.q.val() {
            if self.at_yield.val() {
                if self.schedule.val() & !self.teacher.q.val() & self.running[0].val() {
                    self.going.d.next = false;
                    self.draining.d.next = true;
                } else {
                    self.yield_ack.next = true;
                }
            } else if self.bad.val() {
                self.refuse.next = self.units_idle.val();
            } else if self.at_end.val() & self.calm.val() & !self.begun.q.val() {
                self.finished.next = true;
                self.going.d.next = false;
            }
        } else if self.running[0].val() | self.running[1].val() {
            self.turn.next = self.running[0].val() != self.teacher.q.val();
            self.begun.d.next = true;
            self.going.d.next = true;
        }

        // While a drain still works off commands, they are their context's. A switch lasts until the context that took over has
        // issued a command, or has stopped without one.
        self.switching.next = (self.draining.q.val() & self.units_idle.val())
            | (self.turning.q.val() & self.going.q.val());
        if self.switching.val() {
            self.spent.d.next = self.spent.q.val() + 1;
        }
        if self.step.val() | !self.going.q.val() {
            self.turning.d.next = false;
        }
        if self.turn.val() {
            self.turning.d.next = true;
            self.teacher.d.next = !self.teacher.q.val();
            self.switched.d.next = self.switched.q.val() + 1;
        }

        self.finish[0].next = self.finished.val() & self.teacher.q.val();
        self.finish[1].next = self.finished.val() & !self.teacher.q.val();
        self.fail[0].next = self.failed.val() & self.teacher.q.val();
        self.fail[1].next = self.failed.val() & !self.teacher.q.val();
        self.run.next = self.going.q.val() | self.draining.q.val();
        self.taken.next = self.going.q.val() | self.draining.q.val() | self.stopping.q.val();
        self.busy.next = self.taken.val();
        self.owns[0].next = self.taken.val() & !self.switching.val() & self.teacher.q.val();
        self.owns[1].next = self.taken.val() & !self.switching.val() & !self.teacher.q.val();
        self.start_fetch.next = self.begun.q.val();
        self.hold.next = self.fault.val() | self.stopping.q.val();
        self.active.next = !self.teacher.q.val();
        self.switches.next = self.switched.q.val();
        self.switch_cycles.next = self.spent.q.val();
    }
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
