//! Issue stage: keeps the command that fetch offers while it is checked, and gives it to the queue of its unit. A yield
//! waits for the scheduler; a bad command waits until everything before it is done, so that what a context has written
//! when it stops is what a command-by-command run would have written.
//!
//! | port | meaning |
//! |---|---|
//! | `in_*` | commands from fetch, valid/ready |
//! | `hold` | give nothing away (a context is being stopped) |
//! | `command`, `address` | to every queue; `push[u]` with `queue_ready[u]`: unit u's queue takes it |
//! | `at_yield`, `yield_ack` | level: a yield is at hand; pulse: go past it |
//! | `bad`, `code`, `value` | level: a refused command is at hand |
//! | `issued` | pulse: a command or yield has gone |
//!
//! Latency 3, a command in three cycles: fetch takes eight beats for one. Reset state: empty.
use super::check::Check;
use crate::leaf::{DffEn, Reg};
use rust_hdl::prelude::*;

/// Issue stage.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Issue {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub hold: Signal<In, Bit>,
    pub in_valid: Signal<In, Bit>,
    pub in_ready: Signal<Out, Bit>,
    pub in_command: Signal<In, Bits<512>>,
    pub in_address: Signal<In, Bits<32>>,
    pub command: Signal<Out, Bits<512>>,
    pub address: Signal<Out, Bits<32>>,
    pub push: [Signal<Out, Bit>; 6],
    pub queue_ready: [Signal<In, Bit>; 6],
    pub at_yield: Signal<Out, Bit>,
    pub yield_ack: Signal<In, Bit>,
    pub bad: Signal<Out, Bit>,
    pub code: Signal<Out, Bits<8>>,
    pub value: Signal<Out, Bits<32>>,
    pub issued: Signal<Out, Bit>,
    check: Check,
    full: Reg<Bit>,
    kept_address: DffEn<Bits<32>>,
    due: Signal<Local, Bit>,
    gone: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
}

impl Issue {
    /// Of an engine with elastic updates, or without.
    pub fn new(elastic: bool) -> Self {
        Self {
            check: Check::new(elastic),
            ..Default::default()
        }
    }
}

impl Logic for Issue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, full);
        clock!(self, clock, check, kept_address);
        self.full.reset.next = self.reset.val();

        self.due.next = self.full.q.val() & self.check.judged.val();
        self.gone.next = self.yield_ack.val();
        for u in 0..6 {
            self.push[u].next =
                self.due.val() & self.check.to_unit.val().get_bit(u) & !self.hold.val();
            self.gone.next = self.gone.val() | (self.push[u].val() & self.queue_ready[u].val());
        }
        self.take.next = self.in_valid.val() & (!self.full.q.val() | self.gone.val());
        if self.gone.val() {
            self.full.d.next = false;
        }
        if self.take.val() {
            self.full.d.next = true;
        }
        self.check.take.next = self.take.val();
        self.check.in_command.next = self.in_command.val();
        self.kept_address.enable.next = self.take.val();
        self.kept_address.d.next = self.in_address.val();
        self.in_ready.next = !self.full.q.val() | self.gone.val();
        self.command.next = self.check.command.val();
        self.address.next = self.kept_address.q.val();
        self.at_yield.next = self.due.val() & self.check.is_yield.val();
        self.bad.next = self.due.val() & self.check.bad.val();
        self.code.next = self.check.code.val();
        self.value.next = self.check.value.val();
        self.issued.next = self.gone.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::check::{tests::nearly_right, verdict, Verdict};
    use crate::control::word::{pack, unpack};
    use crate::parity::Parity;

    /// What is known of the command kept.
    fn judged(kept: &Option<(Bits<512>, u64)>, age: u32) -> Verdict {
        kept.filter(|_| age >= 3)
            .map(|(c, _)| verdict(&unpack(c), true))
            .unwrap_or_default()
    }

    #[test]
    fn each_command_goes_where_the_check_says() {
        let mut kept: Option<(Bits<512>, u64)> = None;
        // Cycles since it was taken; it is judged in the third.
        let mut age = 0;
        let (mut issued, mut yields, mut bads) = (0, 0, 0);
        Parity::new("issue")
            .cycles(12_000)
            .check(
                &mut Issue::default(),
                |u| &mut u.clock,
                |i, rng, cycle| {
                    // The edge has taken the inputs of the last cycle.
                    let mut taken = true;
                    if i.reset.next {
                        kept = None;
                    } else if cycle > 0 {
                        let v = judged(&kept, age);
                        let pushed = (0..6).any(|u| {
                            v.to_unit >> u & 1 == 1 && i.queue_ready[u].next && !i.hold.next
                        });
                        let gone = kept.is_some() && (pushed || i.yield_ack.next);
                        issued += u32::from(gone);
                        if gone {
                            kept = None;
                        }
                        age += 1;
                        taken = i.in_valid.next && kept.is_none();
                        if taken {
                            age = 1;
                            kept = Some((i.in_command.next, i.in_address.next.to_u64()));
                        }
                    }
                    if cycle > 0 {
                        let v = judged(&kept, age);
                        for u in 0..6 {
                            let push = v.to_unit >> u & 1 == 1 && !i.hold.next;
                            assert_eq!(i.push[u].val(), push, "cycle {cycle}, unit {u}");
                        }
                        assert_eq!(i.at_yield.val(), v.is_yield, "cycle {cycle}");
                        assert_eq!(i.bad.val(), v.code != 0, "cycle {cycle}");
                        if let Some((command, address)) = kept {
                            assert!(i.command.val() == command, "cycle {cycle}");
                            assert_eq!(i.address.val().to_u64(), address);
                            if age >= 3 {
                                assert_eq!(i.code.val().to_u64(), u64::from(v.code));
                                assert_eq!(i.value.val().to_u64(), u64::from(v.value));
                            }
                        }
                        yields += u32::from(v.is_yield);
                        bads += u32::from(v.code != 0);
                    }
                    let at_yield = judged(&kept, age).is_yield;
                    let bad = judged(&kept, age).code != 0;
                    // Only a reset gets a refused command out of the way.
                    i.reset.next = cycle == 0 || (bad && rng.chance(30));
                    i.hold.next = rng.chance(10);
                    i.yield_ack.next = at_yield && rng.chance(30);
                    for ready in &mut i.queue_ready {
                        ready.next = rng.chance(70);
                    }
                    if taken || !i.in_valid.next {
                        i.in_valid.next = rng.chance(70);
                        i.in_command.next = pack(&nearly_right(rng));
                        i.in_address.next = rng.bits();
                    }
                },
            )
            .unwrap();
        assert!(
            issued > 1000 && yields > 100 && bads > 100,
            "{issued} {yields} {bads}"
        );
    }
}
