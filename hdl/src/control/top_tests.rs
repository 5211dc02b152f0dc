//! Whole programs of both contexts through control, with fake units and a fake bus of random latency: order, tokens, turns, every
//! kind of fault, and resets at any time.
use super::plan::{Plan, Trouble, TROUBLES};
use super::*;
use crate::control::tokens::TokenModel;
use crate::control::word::unpack;
use crate::parity::{Parity, Rng};
use std::collections::VecDeque;
use tandem_isa::command::Unit;
use tandem_isa::register::state;
use tandem_isa::ErrorCode;

/// Bus, units and both programs.
struct World {
    plans: [Plan; 2],
    age: u64,
    clear_at: Option<u64>,
    cleared: bool,
    tokens: TokenModel,
    work: [Option<u64>; 6],
    /// Number of the next command each unit starts.
    turn: [u64; 6],
    /// Beats to come: command address, beat.
    flying: VecDeque<(u32, usize)>,
    /// Nothing is accepted until the abort is over.
    halted: bool,
    dead: bool,
    /// An error pulse for the next cycle.
    master_error: Option<(ErrorCode, u32, u64)>,
    was_killed: bool,
    seen: [u32; TROUBLES.len()],
    resets: u32,
    most_epoch: u64,
}

impl World {
    fn plans(rng: &mut Rng) -> [Plan; 2] {
        let mut plan = |base| {
            let trouble = TROUBLES[if rng.chance(40) {
                0
            } else {
                rng.below(9) as usize
            }];
            Plan::new(rng, base, trouble)
        };
        [plan(0x1000), plan(0x8_0000)]
    }

    fn new() -> Self {
        Self {
            plans: Self::plans(&mut Rng::new(99)),
            age: 0,
            clear_at: None,
            cleared: false,
            tokens: TokenModel::default(),
            work: [None; 6],
            turn: [0; 6],
            flying: VecDeque::new(),
            halted: false,
            dead: false,
            master_error: None,
            was_killed: false,
            seen: [0; TROUBLES.len()],
            resets: 0,
            most_epoch: 0,
        }
    }

    /// The program and the index that an address belongs to.
    fn find(&self, address: u32) -> (usize, usize) {
        let c = usize::from(address >= self.plans[1].base);
        (c, ((address - self.plans[c].base) / 64) as usize)
    }

    fn step(&mut self, d: &mut Control, rng: &mut Rng, cycle: usize) {
        let note = format!("cycle {cycle}");
        let kill = d.kill.val();
        if self.was_killed && !kill {
            // The soft reset has passed.
            self.tokens = TokenModel::default();
            self.work = [None; 6];
            self.turn = [0; 6];
            self.flying.clear();
            (self.halted, self.dead, self.master_error) = (false, false, None);
        }
        self.was_killed = kill;
        self.most_epoch = self.most_epoch.max(d.epoch.val().to_u64());
        self.finish_round(d, rng, &note);
        for (c, plan) in self.plans.iter().enumerate() {
            d.base[c].next = u64::from(plan.base).into();
            d.length[c].next = (plan.commands.len() as u64).into();
            d.doorbell[c].next = plan.ring_at == Some(self.age);
        }
        d.clear.next = self.clear_at == Some(self.age);
        self.cleared |= d.clear.next;
        self.age += 1;
        assert!(
            self.age < 20_000,
            "{note}: stuck, {:?}",
            self.plans.each_ref().map(|p| p.trouble)
        );
        self.bus(d, rng, &note);
        self.units(d, rng, &note);
        d.progress.next = false;
    }

    /// When nothing runs any more: verifies, and plans the next round.
    fn finish_round(&mut self, d: &Control, rng: &mut Rng, note: &str) {
        let runs = (0..2).any(|c| d.state[c].val().to_u64() == u64::from(state::RUNNING));
        let last = self
            .plans
            .iter()
            .filter_map(|p| p.ring_at)
            .chain(self.clear_at)
            .max();
        if runs || d.busy.val() || last.is_some_and(|last| self.age <= last + 1) || self.age < 3 {
            return;
        }
        if self.cleared {
            for c in 0..2 {
                assert_eq!(
                    d.state[c].val().to_u64(),
                    u64::from(state::IDLE),
                    "{note}: reset"
                );
                assert!(
                    !d.issued[c].val().any() && !d.error_code[c].val().any(),
                    "{note}: reset"
                );
            }
            self.resets += 1;
        } else {
            for (c, plan) in self.plans.iter().enumerate() {
                plan.verify(
                    c,
                    d,
                    &format!("{note}, context {c}, {:?} at {}", plan.trouble, plan.at),
                );
                if plan.ring_at.is_some() {
                    self.seen[plan.trouble as usize] += 1;
                }
            }
        }
        assert!(
            self.work.iter().all(Option::is_none) && self.flying.is_empty(),
            "{note}"
        );
        assert!((0..6).all(|u| !d.has_command[u].val()), "{note}");
        self.plans = Self::plans(rng);
        self.age = 0;
        self.cleared = false;
        self.clear_at = rng.chance(20).then(|| rng.below(400));
        if let Some(at) = self.clear_at {
            // What is rung in a round with a reset is rung before it.
            for plan in &mut self.plans {
                plan.ring_at = plan.ring_at.filter(|&r| r < at);
            }
        }
    }

    fn bus(&mut self, d: &mut Control, rng: &mut Rng, note: &str) {
        let kill = d.kill.val();
        let error = self.master_error.take();
        d.master_error.next = error.is_some() && !kill;
        if let Some((code, value, turn)) = error {
            d.master_turn.next = (turn % 4).into();
            d.master_code.next = (code as u64).into();
            d.master_value.next = u64::from(value).into();
        }
        let fast = self.age % 600 < 300;
        d.request_ready.next = !kill && !self.halted && rng.chance(if fast { 90 } else { 30 });
        if d.request_valid.val() && d.request_ready.next {
            let address = d.request_address.val().to_u64() as u32;
            let (c, index) = self.find(address);
            assert_eq!(
                c,
                usize::from(d.active.val()),
                "{note}: fetch of the other context"
            );
            assert!(
                index < self.plans[c].commands.len(),
                "{note}: fetch past the end"
            );
            if (self.plans[c].trouble, self.plans[c].at) == (Trouble::FetchWindow, index) {
                self.master_error = Some((ErrorCode::FetchWindow, address, rng.below(4)));
                self.halted = true;
            } else {
                self.flying.extend((0..8).map(|b| (address, b)));
            }
        }
        d.data_valid.next = false;
        d.data_error.next = false;
        if kill || self.halted {
            // Drains unseen, unless the bus is dead.
            if !self.dead && rng.chance(50) {
                self.flying.pop_front();
            }
        } else if let Some(&(address, beat)) = self.flying.front() {
            let (c, index) = self.find(address);
            let here = self.plans[c].at == index;
            self.dead |= here && self.plans[c].trouble == Trouble::DeadBus;
            if !self.dead && rng.chance(if fast { 95 } else { 40 }) {
                self.flying.pop_front();
                let bytes = &self.plans[c].commands[index][8 * beat..8 * beat + 8];
                d.data.next = bytes
                    .iter()
                    .rev()
                    .fold(0u64, |v, &b| v << 8 | u64::from(b))
                    .into();
                d.data_valid.next = true;
                if here && self.plans[c].trouble == Trouble::FetchResponse && beat == 5 {
                    d.data_error.next = true;
                    self.master_error = Some((ErrorCode::ReadResponse, address, rng.below(4)));
                    self.halted = true;
                }
            }
        }
        // Falls in the cycle after a request is taken, as requests count from then on.
        d.quiet.next = self.flying.is_empty();
    }

    fn units(&mut self, d: &mut Control, rng: &mut Rng, note: &str) {
        let c = usize::from(d.active.val());
        // A head that waits no longer was started in the cycle before.
        for u in 0..6 {
            if self.work[u].is_some() || !d.has_command[u].val() || d.waiting[u].val() {
                continue;
            }
            let plan = &mut self.plans[c];
            let index = plan.order[u][plan.started[u]];
            let bytes = unpack(d.command[u].val());
            assert!(
                bytes == plan.commands[index],
                "{note}, unit {u}: not the next command"
            );
            assert!(
                self.tokens.ready(u, bytes[2], bytes[3]),
                "{note}, unit {u}: no token"
            );
            plan.started[u] += 1;
            self.tokens.start(u, bytes[2]);
            self.turn[u] += 1;
            let odd = plan.at == index && plan.trouble != Trouble::Nothing;
            self.work[u] = Some(if odd { 6 } else { rng.below(14) });
        }
        for u in 0..6 {
            d.done[u].next = self.work[u] == Some(0);
            d.taken[u].next = d.done[u].next;
            d.unit_error[u].next = false;
            let plan = &mut self.plans[c];
            if let Some(left) = &mut self.work[u] {
                let index = plan.order[u][plan.finished[u]];
                let here = plan.at == index;
                let bytes = unpack(d.command[u].val());
                assert!(
                    bytes == plan.commands[index],
                    "{note}, unit {u}: the command changed"
                );
                if *left == 0 {
                    self.work[u] = None;
                    plan.finished[u] += 1;
                    self.tokens.done(u, bytes[3]);
                    continue;
                }
                match plan.trouble {
                    Trouble::Hang if here => {}
                    Trouble::Align if here => {
                        if *left == 2 {
                            d.unit_error[u].next = true;
                            d.unit_code[u].next = (ErrorCode::BadAlign as u64).into();
                            d.unit_value[u].next = 77u64.into();
                        }
                        *left = (*left - 1).max(1);
                    }
                    Trouble::ReadWindow | Trouble::WriteResponse if here => {
                        if *left == 2 && !d.kill.val() {
                            let read = plan.trouble == Trouble::ReadWindow;
                            let code = if read {
                                ErrorCode::ReadWindow
                            } else {
                                ErrorCode::WriteResponse
                            };
                            self.master_error = Some((code, 0x1238, self.turn[u] - 1));
                            self.halted = true;
                        }
                        *left = (*left - 1).max(1);
                    }
                    _ => *left -= 1,
                }
            }
        }
    }
}

fn run(name: &str, cycles: usize, seed: u64) -> (World, u64, u64) {
    let mut world = World::new();
    let (mut switches, mut latency) = (0, 0);
    Parity::new(name)
        .cycles(cycles)
        .seed(seed)
        .check(
            &mut Control::default(),
            |u| &mut u.clock,
            |d, rng, cycle| {
                d.reset.next = cycle == 0;
                d.watchdog.next = 150u64.into();
                d.schedule.next = true;
                if cycle > 0 {
                    world.step(d, rng, cycle);
                    switches = switches.max(d.switches.val().to_u64());
                    latency = latency.max(d.latency[0].val().to_u64());
                }
            },
        )
        .unwrap();
    (world, switches, latency)
}

#[test]
fn programs_of_two_contexts_with_faults_and_resets() {
    let (world, switches, latency) = run("control", 50_000, 5);
    assert!(world.seen.iter().all(|&n| n > 2), "{:?}", world.seen);
    assert!(
        world.resets > 5 && switches > 20 && latency > 10,
        "{} {switches} {latency}",
        world.resets
    );
    assert!(world.most_epoch > 0, "no time-out of the bus");
}

#[test]
fn first_command_starts_18_cycles_after_the_doorbell() {
    let bytes = tandem_isa::command::Select {
        n: 1,
        ..Default::default()
    }
    .encode();
    let mut beats = None;
    let mut started = None;
    Parity::new("control")
        .cycles(60)
        .check(
            &mut Control::default(),
            |u| &mut u.clock,
            |d, _, cycle| {
                let select = Unit::Select as usize;
                d.reset.next = cycle == 0;
                d.schedule.next = true;
                d.quiet.next = true;
                d.length[0].next = 1u64.into();
                d.doorbell[0].next = cycle == 10;
                d.request_ready.next = true;
                // Outputs shown here are those of the coming cycle: all of them come from registers.
                if cycle > 0 && started.is_none() && d.start[select].val() {
                    started = Some(cycle);
                }
                d.done[select].next = started.is_some_and(|s| cycle == s + 3);
                d.taken[select].next = d.done[select].next;
                d.data_valid.next = matches!(beats, Some(0..=7));
                if let Some(beat) = &mut beats {
                    if let Some(b) = bytes.chunks_exact(8).nth(*beat) {
                        d.data.next = b
                            .iter()
                            .rev()
                            .fold(0u64, |v, &b| v << 8 | u64::from(b))
                            .into();
                    }
                    *beat += 1;
                } else if cycle > 0 && d.request_valid.val() {
                    beats = Some(0);
                }
                if cycle == 59 {
                    assert_eq!(d.state[0].val().to_u64(), u64::from(state::IDLE));
                    assert_eq!(
                        d.latency[0].val().to_u64(),
                        17,
                        "one less: issued, not started"
                    );
                }
            },
        )
        .unwrap();
    assert_eq!(started, Some(28));
}
