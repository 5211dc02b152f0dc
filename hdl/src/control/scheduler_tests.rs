//! The scheduler against a plain state machine.
use super::*;
use crate::parity::Parity;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum State {
    #[default]
    Pick,
    Run,
    Drain,
    Stop,
}

/// State, and the outputs of a cycle: [run, busy, flush, yield_ack, refuse, abort], finish and fail as context numbers.
struct Model {
    state: State,
    active: usize,
    begun: bool,
    wiped: bool,
    turning: bool,
    switches: u64,
    spent: u64,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            state: State::Pick,
            active: 1,
            begun: false,
            wiped: false,
            turning: false,
            switches: 0,
            spent: 0,
        }
    }
}

#[derive(Default, Debug, PartialEq, Eq)]
struct Outputs {
    yield_ack: bool,
    refuse: bool,
    abort: bool,
    finish: Option<usize>,
    fail: Option<usize>,
}

impl Model {
    fn take(&mut self, context: usize) {
        self.turning |= context != self.active;
        self.switches += u64::from(context != self.active);
        (self.active, self.begun, self.state) = (context, true, State::Run);
    }

    fn switching(&self, s: &Scheduler) -> bool {
        (self.state == State::Drain && s.units_idle.next)
            || (self.turning && self.state == State::Run)
    }

    /// One cycle with the inputs of `s`.
    fn step(&mut self, s: &Scheduler) -> Outputs {
        let mut out = Outputs::default();
        let calm = s.units_idle.next && s.fetch_idle.next && s.quiet.next;
        let begun = std::mem::take(&mut self.begun);
        self.spent += u64::from(self.switching(s));
        self.turning &= self.state == State::Run && !s.step.next;
        match self.state {
            State::Pick if s.clear.next => {
                (out.abort, self.wiped, self.state) = (true, true, State::Stop);
            }
            State::Pick => {
                if let Some(c) = (0..2).find(|&c| s.running[c].next) {
                    self.take(c);
                }
            }
            State::Run | State::Drain if s.fault.next || s.clear.next => {
                (out.abort, self.wiped, self.state) = (true, s.clear.next, State::Stop);
            }
            State::Drain => {
                if calm {
                    out.yield_ack = true;
                    self.take(0);
                }
            }
            State::Run if s.at_yield.next => {
                if s.schedule.next && self.active == 1 && s.running[0].next {
                    self.state = State::Drain;
                } else {
                    out.yield_ack = true;
                }
            }
            State::Run if s.bad.next => out.refuse = s.units_idle.next,
            State::Run => {
                if s.at_end.next && calm && !begun {
                    (out.finish, self.state) = (Some(self.active), State::Pick);
                }
            }
            State::Stop => {
                self.wiped |= s.clear.next;
                if s.soft_reset.next {
                    out.fail = (!self.wiped).then_some(self.active);
                    (self.wiped, self.state) = (false, State::Pick);
                }
            }
        }
        if s.counters_clear.next {
            (self.switches, self.spent) = (0, 0);
        }
        out
    }
}

#[test]
fn turns_like_the_state_machine() {
    let mut m = Model::default();
    let mut seen = [0u32; 6];
    Parity::new("scheduler")
        .cycles(12_000)
        .check(
            &mut Scheduler::default(),
            |u| &mut u.clock,
            |s, rng, cycle| {
                // The edge has taken the inputs of the last cycle; outputs are of the new state with those inputs.
                if s.reset.next {
                    m = Model::default();
                } else {
                    let was = m.state;
                    let out = m.step(s);
                    seen[0] += u32::from(out.finish.is_some());
                    seen[1] += u32::from(out.fail.is_some());
                    seen[2] += u32::from(was == State::Drain && m.state == State::Run);
                    seen[3] += u32::from(
                        was == State::Stop && m.state == State::Pick && out.fail.is_none(),
                    );
                    seen[4] += u32::from(out.refuse);
                    seen[5] += u32::from(was == State::Run && out.yield_ack);
                }
                if cycle > 0 {
                    let mut twin = Model { ..m };
                    let now = twin.step(s);
                    let found = Outputs {
                        yield_ack: s.yield_ack.val(),
                        refuse: s.refuse.val(),
                        abort: s.abort_now.val(),
                        finish: (0..2).find(|&c| s.finish[c].val()),
                        fail: (0..2).find(|&c| s.fail[c].val()),
                    };
                    assert_eq!(found, now, "cycle {cycle}, {:?}", m.state);
                    let pulses = [&s.finish[0], &s.finish[1], &s.fail[0], &s.fail[1]];
                    assert!(
                        pulses.iter().filter(|p| p.val()).count() <= 1,
                        "cycle {cycle}"
                    );
                    assert_eq!(s.active.val(), m.active == 1, "cycle {cycle}");
                    assert_eq!(s.run.val(), matches!(m.state, State::Run | State::Drain));
                    assert_eq!(s.busy.val(), m.state != State::Pick);
                    assert_eq!(
                        s.flush.val(),
                        m.state == State::Stop || now_flushes(&m, s),
                        "cycle {cycle}"
                    );
                    assert_eq!(s.hold.val(), m.state == State::Stop || s.fault.next);
                    assert_eq!(s.start_fetch.val(), m.begun, "cycle {cycle}");
                    assert_eq!(s.switches.val().to_u64(), m.switches, "cycle {cycle}");
                    assert_eq!(s.switch_cycles.val().to_u64(), m.spent, "cycle {cycle}");
                    for c in 0..2 {
                        let owns = m.state != State::Pick && !m.switching(s) && m.active == c;
                        assert_eq!(s.owns[c].val(), owns, "cycle {cycle}, context {c}");
                    }
                }
                s.reset.next = cycle == 0;
                for running in &mut s.running {
                    running.next = rng.chance(40);
                }
                s.at_end.next = rng.chance(20);
                s.schedule.next = rng.chance(70);
                s.units_idle.next = rng.chance(50);
                s.fetch_idle.next = rng.chance(70);
                s.quiet.next = rng.chance(70);
                s.at_yield.next = rng.chance(10);
                s.bad.next = rng.chance(5);
                s.step.next = rng.chance(30);
                s.fault.next = rng.chance(4);
                s.clear.next = rng.chance(1);
                s.soft_reset.next = rng.chance(15);
                s.counters_clear.next = rng.chance(1);
            },
        )
        .unwrap();
    assert!(
        seen.iter().all(|&n| n > 20),
        "an event was hardly seen: {seen:?}"
    );
}

/// A drain flushes unless it is broken off in this very cycle.
fn now_flushes(m: &Model, s: &Scheduler) -> bool {
    m.state == State::Drain && !s.fault.next && !s.clear.next
}
