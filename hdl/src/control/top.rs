//! Control joined: from doorbells and the program in DDR to unit starts. The register file is above it, the units and the AXI
//! master below; it has no registers a host sees, only what stands behind them.
//!
//! ```text
//! read client ─► Fetch ─► Issue ─► Dispatch ─► start, command ─► units ─► done
//!                  ▲        ▲ │         │
//!  2 contexts ─► Scheduler ─┘ └► Faults ┴◄ errors, Watchdog
//!                  └─► Abort ─► kill, soft_reset
//! ```
//!
//! | port | to | meaning |
//! |---|---|---|
//! | `base`, `length`, `doorbell` | register file | per context: PROGRAM, LENGTH (steady while it runs), DOORBELL pulse |
//! | `clear` | register file | RESET pulse |
//! | `schedule`, `watchdog`, `counters_clear` | register file | SCHEDULE bit 0, WATCHDOG, COUNTERS_CLEAR pulse |
//! | `state`, `issued`, `error_*`, `latency` | register file | per context: STATE, ISSUED, ERROR_CODE/COMMAND/VALUE, LATENCY |
//! | `finish`, `fail` | register file | per context: pulses for its done and fault bits of IRQ_STATUS |
//! | `active`, `busy`, `switches`, `switch_cycles` | register file | context at work (or last at work), whether one is (an abort counts); counters. IDLE_CYCLES counts cycles without `busy` |
//! | `owns` | register file | per context: CYCLES counts this cycle |
//! | `start`, `command`, `taken`, `done`, `unit_error`, `unit_code`, `unit_value` | units, by number | unit protocol |
//! | `has_command`, `waiting` | register file | per unit: a command is queued or at work; the first has not started. Stalled = `has_command` and not (busy and not stalled), idle = not `has_command` |
//! | `progress` | all | something moved (a beat, a busy unit that is not stalled): feeds the watchdog, with starts, dones and issues, which are added here |
//! | `request_*`, `data_*` | AXI master | fetch client |
//! | `master_error`, `master_code`, `master_value`, `master_turn`, `quiet` | AXI master | as there |
//! | `kill`, `epoch` | AXI master | as there; the windows must be those of `active` |
//! | `soft_reset` | master's `reset`, every unit | pulse: drop everything; sites, registers, selector entries stay |
//!
//! Latency from a doorbell to the first start 10 cycles and 8 beats plus the memory's. Reset state: both contexts idle, no tokens, epoch 0.
use super::abort::Abort;
use super::context::ContextCell;
use super::dispatch::Dispatch;
use super::faults::Faults;
use super::fetch::Fetch;
use super::issue::Issue;
use super::scheduler::Scheduler;
use super::watchdog::Watchdog;
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Control of the engine.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Control {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub base: [Signal<In, Bits<32>>; 2],
    pub length: [Signal<In, Bits<32>>; 2],
    pub doorbell: [Signal<In, Bit>; 2],
    pub clear: Signal<In, Bit>,
    pub schedule: Signal<In, Bit>,
    pub watchdog: Signal<In, Bits<32>>,
    pub counters_clear: Signal<In, Bit>,
    pub state: [Signal<Out, Bits<2>>; 2],
    pub issued: [Signal<Out, Bits<32>>; 2],
    pub error_code: [Signal<Out, Bits<8>>; 2],
    pub error_command: [Signal<Out, Bits<32>>; 2],
    pub error_value: [Signal<Out, Bits<32>>; 2],
    pub latency: [Signal<Out, Bits<32>>; 2],
    pub finish: [Signal<Out, Bit>; 2],
    pub fail: [Signal<Out, Bit>; 2],
    pub active: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    pub owns: [Signal<Out, Bit>; 2],
    pub switches: Signal<Out, Bits<32>>,
    pub switch_cycles: Signal<Out, Bits<32>>,
    pub start: [Signal<Out, Bit>; 6],
    pub command: [Signal<Out, Bits<512>>; 6],
    pub taken: [Signal<In, Bit>; 6],
    pub done: [Signal<In, Bit>; 6],
    pub unit_error: [Signal<In, Bit>; 6],
    pub unit_code: [Signal<In, Bits<8>>; 6],
    pub unit_value: [Signal<In, Bits<32>>; 6],
    pub has_command: [Signal<Out, Bit>; 6],
    pub waiting: [Signal<Out, Bit>; 6],
    pub progress: Signal<In, Bit>,
    pub request_valid: Signal<Out, Bit>,
    pub request_ready: Signal<In, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_beats: Signal<Out, Bits<24>>,
    pub data_valid: Signal<In, Bit>,
    pub data_ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<64>>,
    pub data_error: Signal<In, Bit>,
    pub master_error: Signal<In, Bit>,
    pub master_code: Signal<In, Bits<8>>,
    pub master_value: Signal<In, Bits<32>>,
    pub master_turn: Signal<In, Bits<2>>,
    pub quiet: Signal<In, Bit>,
    pub kill: Signal<Out, Bit>,
    pub epoch: Signal<Out, Bits<4>>,
    pub soft_reset: Signal<Out, Bit>,
    cell: [ContextCell; 2],
    scheduler: Scheduler,
    fetch: Fetch,
    issue: Issue,
    dispatch: Dispatch,
    faults: Faults,
    dog: Watchdog,
    stopper: Abort,
    // Both as they were a cycle ago: what follows from them is long enough.
    ended: Dff<Bit>,
    rested: Dff<Bit>,
    wipe: Signal<Local, Bit>,
    step: Signal<Local, Bit>,
    next_address: Signal<Local, Bits<32>>,
    left: Signal<Local, Bits<32>>,
}

impl Control {
    /// Of an engine with elastic updates, or without.
    pub fn new(elastic: bool) -> Self {
        Self {
            issue: Issue::new(elastic),
            ..Default::default()
        }
    }
}

impl Logic for Control {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, ended, rested);
        clock!(self, clock, scheduler, fetch, issue, dispatch, faults, dog, stopper);
        self.wipe.next = self.reset.val() | self.stopper.soft_reset.val();
        self.scheduler.reset.next = self.reset.val();
        self.stopper.reset.next = self.reset.val();
        self.dog.reset.next = self.reset.val();
        self.fetch.reset.next = self.wipe.val();
        self.issue.reset.next = self.wipe.val();
        self.faults.reset.next = self.wipe.val();

        // Contexts, and the one at work.
        for c in 0..2 {
            self.cell[c].clock.next = self.clock.val();
            self.cell[c].reset.next = self.reset.val();
            self.cell[c].base.next = self.base[c].val();
            self.cell[c].length.next = self.length[c].val();
            self.cell[c].doorbell.next = self.doorbell[c].val();
            self.cell[c].clear.next = self.clear.val();
            self.cell[c].finish.next = self.scheduler.finish[c].val();
            self.cell[c].fail.next = self.scheduler.fail[c].val();
            self.cell[c].fail_code.next = self.faults.code.val();
            self.cell[c].fail_command.next = self.faults.command.val();
            self.cell[c].fail_value.next = self.faults.value.val();
            self.scheduler.running[c].next = self.cell[c].is_running.val();
            self.state[c].next = self.cell[c].state.val();
            self.issued[c].next = self.cell[c].issued.val();
            self.error_code[c].next = self.cell[c].code.val();
            self.error_command[c].next = self.cell[c].command.val();
            self.error_value[c].next = self.cell[c].value.val();
            self.latency[c].next = self.cell[c].latency.val();
            self.finish[c].next = self.scheduler.finish[c].val();
            self.fail[c].next = self.scheduler.fail[c].val();
        }
        // A refused command counts as issued, as it does in a command-by-command run.
        self.step.next = self.issue.issued.val() | self.scheduler.refuse.val();
        self.cell[0].step.next = self.step.val() & !self.scheduler.active.val();
        self.cell[1].step.next = self.step.val() & self.scheduler.active.val();
        self.next_address.next = self.cell[0].next_address.val();
        self.left.next = self.cell[0].left.val();
        if self.scheduler.active.val() {
            self.next_address.next = self.cell[1].next_address.val();
            self.left.next = self.cell[1].left.val();
        }

        self.fetch.start.next = self.scheduler.start_fetch.val();
        self.fetch.first.next = self.next_address.val();
        self.fetch.commands.next = self.left.val();
        self.fetch.flush.next = self.scheduler.flush.val();
        self.request_valid.next = self.fetch.request_valid.val();
        self.fetch.request_ready.next = self.request_ready.val();
        self.request_address.next = self.fetch.request_address.val();
        self.request_beats.next = self.fetch.request_beats.val();
        self.fetch.data_valid.next = self.data_valid.val();
        self.data_ready.next = self.fetch.data_ready.val();
        self.fetch.data.next = self.data.val();
        self.fetch.data_error.next = self.data_error.val();

        self.issue.in_valid.next = self.fetch.out_valid.val();
        self.fetch.out_ready.next = self.issue.in_ready.val();
        self.issue.in_command.next = self.fetch.out_command.val();
        self.issue.in_address.next = self.fetch.out_address.val();
        self.issue.hold.next = self.scheduler.hold.val();
        self.issue.yield_ack.next = self.scheduler.yield_ack.val();

        // Queues, tokens, units.
        self.dispatch.reset.next = self.wipe.val();
        self.dispatch.hold.next = self.scheduler.hold.val();
        self.dispatch.in_command.next = self.issue.command.val();
        self.dispatch.in_address.next = self.issue.address.val();
        for u in 0..6 {
            self.dispatch.push[u].next = self.issue.push[u].val();
            self.issue.queue_ready[u].next = self.dispatch.ready[u].val();
            self.dispatch.taken[u].next = self.taken[u].val();
            self.dispatch.done[u].next = self.done[u].val();
            self.start[u].next = self.dispatch.start[u].val();
            self.command[u].next = self.dispatch.command[u].val();
            self.has_command[u].next = self.dispatch.has_command[u].val();
            self.waiting[u].next = self.dispatch.waiting[u].val();
            self.faults.unit_error[u].next = self.unit_error[u].val();
            self.faults.unit_code[u].next = self.unit_code[u].val();
            self.faults.unit_value[u].next = self.unit_value[u].val();
            self.faults.unit_address[u].next = self.dispatch.address[u].val();
            self.faults.has_command[u].next = self.dispatch.has_command[u].val();
        }

        // Errors.
        self.faults.run.next = self.scheduler.run.val();
        self.faults.master_error.next = self.master_error.val();
        self.faults.master_code.next = self.master_code.val();
        self.faults.master_value.next = self.master_value.val();
        self.dispatch.turn.next = self.master_turn.val();
        self.faults.load_place.next = self.dispatch.load_place.val();
        self.faults.store_place.next = self.dispatch.store_place.val();
        self.faults.fetch_failed.next = self.fetch.failed.val();
        self.faults.refused.next = self.scheduler.refuse.val();
        self.faults.refused_code.next = self.issue.code.val();
        self.faults.refused_value.next = self.issue.value.val();
        self.faults.refused_address.next = self.issue.address.val();
        self.faults.expired.next = self.dog.expired.val();
        self.faults.next_address.next = self.next_address.val();
        self.dog.run.next = self.scheduler.run.val();
        self.dog.progress.next = self.progress.val()
            | self.issue.issued.val()
            | self.data_valid.val()
            | self.dispatch.moved.val();
        self.dog.limit.next = self.watchdog.val();
        self.stopper.go.next = self.scheduler.abort_now.val();
        self.stopper.quiet.next = self.quiet.val();
        self.stopper.limit.next = self.watchdog.val();
        self.kill.next = self.stopper.kill.val();
        self.epoch.next = self.stopper.epoch.val();
        self.soft_reset.next = self.stopper.soft_reset.val();

        self.ended.d.next = !self.left.val().any();
        self.rested.d.next = self.dispatch.idle.val();
        self.scheduler.at_end.next = self.ended.q.val();
        self.scheduler.schedule.next = self.schedule.val();
        self.scheduler.units_idle.next = self.rested.q.val();
        self.scheduler.fetch_idle.next = self.fetch.idle.val();
        self.scheduler.quiet.next = self.quiet.val();
        self.scheduler.at_yield.next = self.issue.at_yield.val();
        self.scheduler.bad.next = self.issue.bad.val();
        self.scheduler.step.next = self.step.val();
        self.scheduler.fault.next = self.faults.fault.val();
        self.scheduler.clear.next = self.clear.val();
        self.scheduler.soft_reset.next = self.stopper.soft_reset.val();
        self.scheduler.counters_clear.next = self.counters_clear.val();
        self.active.next = self.scheduler.active.val();
        self.busy.next = self.scheduler.busy.val();
        self.owns[0].next = self.scheduler.owns[0].val();
        self.owns[1].next = self.scheduler.owns[1].val();
        self.switches.next = self.scheduler.switches.val();
        self.switch_cycles.next = self.scheduler.switch_cycles.val();
    }
}

#[cfg(test)]
#[path = "top_plan.rs"]
mod plan;
#[cfg(test)]
#[path = "top_tests.rs"]
mod tests;
