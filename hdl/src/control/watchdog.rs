//! Watchdog: tells when nothing has moved for a given number of cycles while something should.
//!
//! Ports: `run` watch; `progress` something moved; `limit` cycles without progress that are too many, 0 = off;
//! `expired` level, high from the cycle in which the count reaches `limit` until something moves or `run` goes low.
//! Latency: `limit` idle cycles give `expired` in the cycle after them. Reset state: count 0.
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Watchdog.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct Watchdog {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub run: Signal<In, Bit>,
    pub progress: Signal<In, Bit>,
    pub limit: Signal<In, Bits<32>>,
    pub expired: Signal<Out, Bit>,
    count: Reg<Bits<32>>,
    over: Signal<Local, Bit>,
}

impl Logic for Watchdog {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, count);
        self.count.reset.next = self.reset.val();
        self.over.next =
            self.limit.val().any() & !(self.count.q.val() < self.limit.val()) & self.run.val();
        if !self.over.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.progress.val() | !self.run.val() {
            self.count.d.next = 0.into();
        }
        self.expired.next = self.over.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn expires_after_limit_idle_cycles() {
        let mut idle = 0;
        let mut expired = 0;
        Parity::new("watchdog")
            .cycles(4000)
            .check(
                &mut Watchdog::default(),
                |u| &mut u.clock,
                |w, rng, cycle| {
                    idle = if w.progress.next || !w.run.next || w.reset.next {
                        0
                    } else {
                        idle + 1
                    };
                    let limit = w.limit.next.to_u64();
                    let late = limit > 0 && idle >= limit && w.run.next;
                    if cycle > 0 {
                        assert_eq!(w.expired.val(), late, "cycle {cycle}");
                        expired += u32::from(late);
                    }
                    w.reset.next = cycle == 0;
                    w.run.next = rng.chance(99);
                    w.progress.next = late || rng.chance(8);
                    if cycle % 500 == 0 {
                        w.limit.next = [5u64, 0, 12][(cycle / 500) % 3].into();
                        idle = 0;
                        w.progress.next = true;
                    }
                },
            )
            .unwrap();
        assert!(expired > 50, "{expired}");
    }
}
