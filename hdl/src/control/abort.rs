//! Stops everything that runs: kills new bursts, waits until the bus is quiet, then resets the units. Why, and what becomes of
//! the context, is the scheduler's business.
//!
//! | port | meaning |
//! |---|---|
//! | `go` | pulse: begin (ignored while at it) |
//! | `quiet` | of the AXI master: nothing outstanding |
//! | `limit` | cycles to wait for that; 0 = for ever |
//! | `kill` | level: issue no burst |
//! | `soft_reset` | pulse, the last cycle of `kill`: reset units, queues, tokens, fetch and the master's requests |
//! | `epoch` | ID of the next transactions: one more after a `soft_reset` that did not wait for `quiet` any longer, so that late answers are known by theirs |
//!
//! `quiet` is looked at from the third cycle of `kill` on, when what was under way has reached the counters behind it.
//! Latency from `go` to `soft_reset` 4 cycles on a quiet bus. Reset state: nothing to do, epoch 0.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Abort sequence.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Abort {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub go: Signal<In, Bit>,
    pub quiet: Signal<In, Bit>,
    pub limit: Signal<In, Bits<32>>,
    pub kill: Signal<Out, Bit>,
    pub soft_reset: Signal<Out, Bit>,
    pub epoch: Signal<Out, Bits<4>>,
    at_it: Reg<Bit>,
    settle: Reg<Bits<2>>,
    waited: Reg<Bits<32>>,
    id: Reg<Bits<4>>,
    settled: Signal<Local, Bit>,
    late: Signal<Local, Bit>,
    finish: Signal<Local, Bit>,
}

impl Logic for Abort {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at_it, settle, waited, id);
        self.at_it.reset.next = self.reset.val();
        self.settle.reset.next = self.reset.val();
        self.waited.reset.next = self.reset.val();
        self.id.reset.next = self.reset.val();

        self.settled.next = self.at_it.q.val() & self.settle.q.val().all();
        self.late.next = self.limit.val().any() & !(self.waited.q.val() < self.limit.val());
        self.finish.next = self.settled.val() & (self.quiet.val() | self.late.val());
        if self.at_it.q.val() & !self.settled.val() {
            self.settle.d.next = self.settle.q.val() + 1;
        }
        if self.settled.val() {
            self.waited.d.next = self.waited.q.val() + 1;
        }
        if self.go.val() & !self.at_it.q.val() {
            self.at_it.d.next = true;
            self.settle.d.next = 0.into();
            self.waited.d.next = 0.into();
        }
        if self.finish.val() {
            self.at_it.d.next = false;
            if !self.quiet.val() {
                self.id.d.next = self.id.q.val() + 1;
            }
        }
        self.kill.next = self.at_it.q.val();
        self.soft_reset.next = self.finish.val();
        self.epoch.next = self.id.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn resets_when_quiet_or_late() {
        let (mut killed, mut epoch) = (None, 0u64);
        let (mut calm, mut late, mut patient) = (0, 0, 0);
        let (mut quiet_from, mut waited) = (0u64, 0u64);
        Parity::new("abort")
            .cycles(8000)
            .check(
                &mut Abort::default(),
                |u| &mut u.clock,
                |a, rng, cycle| {
                    // The edge has taken the inputs of the last cycle, in which `killed` cycles of kill had passed.
                    let limit = a.limit.next.to_u64();
                    killed = match killed {
                        _ if a.reset.next => None,
                        None => a.go.next.then_some(0u64),
                        Some(n) if n >= 3 && (a.quiet.next || (limit > 0 && n - 3 >= limit)) => {
                            epoch = (epoch + u64::from(!a.quiet.next)) % 16;
                            late += u32::from(!a.quiet.next);
                            calm += u32::from(a.quiet.next);
                            patient += u32::from(limit == 0 && n > 30);
                            None
                        }
                        Some(n) => Some(n + 1),
                    };
                    if cycle > 0 {
                        assert_eq!(a.kill.val(), killed.is_some(), "cycle {cycle}");
                        let due = killed.is_some_and(|n| {
                            n >= 3 && (a.quiet.next || (limit > 0 && n - 3 >= limit))
                        });
                        assert_eq!(a.soft_reset.val(), due, "cycle {cycle}");
                        assert_eq!(a.epoch.val().to_u64(), epoch, "cycle {cycle}");
                    }
                    a.reset.next = cycle == 0;
                    a.go.next = rng.chance(5);
                    if killed.is_none() {
                        quiet_from = rng.below(50);
                        waited = 0;
                        a.limit.next = [0u64, 8, 20][rng.below(3) as usize].into();
                    }
                    waited += 1;
                    a.quiet.next = waited > quiet_from;
                },
            )
            .unwrap();
        assert!(
            calm > 20 && late > 20 && patient > 5,
            "{calm} {late} {patient}"
        );
    }
}
