//! The parts of the sequencer against nested loops, each with parity; the cells and the whole unit have tests of their own.
use super::*;
use crate::parity::{Parity, Rng};
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use tandem_isa::command as cmd;

fn strides(rng: &mut Rng) -> [u16; 3] {
    [0; 3].map(|_| rng.word() as u16)
}

fn counts(rng: &mut Rng) -> [u16; 3] {
    [0; 3].map(|_| 1 + rng.below(4) as u16)
}

fn at(base: u16, index: [u16; 3], stride: [u16; 3]) -> u16 {
    let terms = index.iter().zip(stride).map(|(i, s)| i.wrapping_mul(s));
    terms.fold(base, u16::wrapping_add)
}

/// Every (outer, middle, inner) of the counts, inner fastest.
fn nest(count: [u16; 3]) -> Vec<[u16; 3]> {
    let mut all = vec![];
    for i in 0..count[0] {
        for j in 0..count[1] {
            all.extend((0..count[2]).map(|k| [i, j, k]));
        }
    }
    all
}

#[test]
fn pixel_loop_walks_and_starts_over() {
    let mut due: VecDeque<(u16, bool)> = VecDeque::new();
    let (mut laps, mut count, mut stride) = (0, [1; 3], [0; 3]);
    let mut loops = 0;
    Parity::new("pixel_loop")
        .cycles(2000)
        .check(
            &mut PixelLoop::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                let fresh = laps == 0 && due.is_empty();
                if let Some((offset, last)) = due.front() {
                    let found = (u.offset.val().to_u64(), u.last.val());
                    assert_eq!(found, (u64::from(*offset), *last), "cycle {cycle}");
                }
                if fresh {
                    (count, stride, laps) = (counts(rng), strides(rng), 3);
                    loops += 1;
                }
                [u.n.next, u.y.next, u.x.next] = count.map(|v| u64::from(v).into());
                [u.a_n.next, u.a_y.next, u.a_x.next] = stride.map(|v| u64::from(v).into());
                let step = !fresh && rng.chance(80);
                u.restart.next = fresh;
                u.step.next = step;
                if step {
                    due.pop_front();
                }
                if due.is_empty() && laps > 0 {
                    laps -= 1;
                    let all = nest(count);
                    let end = all.len() - 1;
                    let lap = all.iter().enumerate();
                    due = lap.map(|(i, p)| (at(0, *p, stride), i == end)).collect();
                }
            },
        )
        .unwrap();
    assert!(loops > 5, "{loops}");
}

#[test]
fn pass_loop_walks_groups_inside_taps() {
    let mut due: VecDeque<(u16, u64, bool)> = VecDeque::new();
    let (mut count, mut stride, mut base, mut groups) = ([1; 3], [0; 3], 0u16, 1u64);
    let mut loops = 0;
    Parity::new("pass_loop")
        .cycles(2000)
        .check(
            &mut PassLoop::<8>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                let fresh = due.is_empty();
                if let Some((address, lane, last)) = due.front() {
                    let found = (u.address.val().to_u64(), u.lane.val().to_u64());
                    assert_eq!(found, (u64::from(*address), *lane), "cycle {cycle}");
                    assert_eq!(u.last.val(), *last, "cycle {cycle}");
                }
                if fresh {
                    (count, stride) = (counts(rng), strides(rng));
                    (base, groups) = (rng.word() as u16, 1 + rng.below(3));
                    loops += 1;
                }
                u.groups.next = groups.into();
                u.base.next = u64::from(base).into();
                [u.k2.next, u.k1.next, u.k0.next] = count.map(|v| u64::from(v).into());
                [u.s_k2.next, u.s_k1.next, u.s_k0.next] = stride.map(|v| u64::from(v).into());
                let step = !fresh && rng.chance(80);
                u.restart.next = fresh;
                u.step.next = step;
                if fresh {
                    let taps = nest(count);
                    for (i, tap) in taps.iter().enumerate() {
                        for g in 0..groups {
                            let last = g + 1 == groups && i + 1 == taps.len();
                            due.push_back((at(base, *tap, stride), 8 * g, last));
                        }
                    }
                } else if step {
                    due.pop_front();
                }
            },
        )
        .unwrap();
    assert!(loops > 5, "{loops}");
}

fn row_feed<const R: usize, const L: usize>(name: &str) {
    let mut due = [0u64; R];
    Parity::new(name)
        .cycles(500)
        .check(
            &mut RowFeed::<R, L>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                for (port, expected) in u.y.iter().zip(due) {
                    assert_eq!(port.val().to_u64(), expected, "cycle {cycle}");
                }
                let word = [0; L].map(|_| rng.below(1 << 16));
                for (port, lane) in u.x.iter_mut().zip(word) {
                    port.next = lane.into();
                }
                let first = rng.below((L / R) as u64) as usize * R;
                let run = rng.chance(80);
                u.lane.next = (first as u64).into();
                u.run.next = run;
                if run {
                    for (i, d) in due.iter_mut().enumerate() {
                        *d = word[first + i];
                    }
                }
            },
        )
        .unwrap();
}

#[test]
fn row_feed_selects_a_group() {
    row_feed::<4, 4>("row_feed4");
    row_feed::<2, 8>("row_feed2");
}

/// What `SumAddress` is given in a cycle.
#[derive(Clone, Copy, Default)]
struct Step {
    take: bool,
    issue: bool,
    first: bool,
    last: bool,
    sums: bool,
    /// Fields from this cycle on: accumulate, groups, base.
    fields: Option<(bool, u64, u64)>,
}

/// Issues commands as the sequencer does, closely one after another, and lists the requests that must follow, by cycle.
#[test]
fn sum_address_follows_the_issues() {
    const R: usize = 4;
    const C: usize = 8;
    let mut steps: VecDeque<Step> = VecDeque::new();
    let mut due: VecDeque<(usize, u64, bool)> = VecDeque::new();
    let (mut requests, mut close) = (0, 0);
    let mut quiet_from = 0;
    Parity::new("sum_address")
        .cycles(6000)
        .check(
            &mut SumAddress::<R, C>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                if cycle < 2 {
                    return;
                }
                let expected = due.front().filter(|d| d.0 == cycle).copied();
                assert_eq!(u.valid.val(), expected.is_some(), "cycle {cycle}");
                if let Some((_, address, overwrite)) = expected {
                    let found = (u.address.val().to_u64(), u.overwrite.val());
                    assert_eq!(found, (address, overwrite), "cycle {cycle}");
                    due.pop_front();
                    requests += 1;
                }
                if steps.is_empty() && due.is_empty() && cycle > quiet_from {
                    let keep = rng.chance(50);
                    u.keep.next = keep;
                    for n in 0..1 + rng.below(4) {
                        close += i32::from(n > 0);
                        commands(rng, keep, cycle, &mut steps, &mut due);
                    }
                    quiet_from = cycle + steps.len() + R + C;
                }
                let step = steps.pop_front().unwrap_or_default();
                u.take.next = step.take;
                u.issue.next = step.issue;
                u.first.next = step.first;
                u.last.next = step.last;
                u.sums.next = step.sums;
                if let Some((add, groups, base)) = step.fields {
                    u.accumulate.next = add;
                    u.groups.next = groups.into();
                    u.acc_base.next = base.into();
                }
            },
        )
        .unwrap();
    assert!(requests > 500 && close > 20, "{requests} {close}");

    /// Appends a command: its steps, `steps[0]` being `cycle`'s, and its requests.
    fn commands(
        rng: &mut Rng,
        keep: bool,
        cycle: usize,
        steps: &mut VecDeque<Step>,
        due: &mut VecDeque<(usize, u64, bool)>,
    ) {
        let (groups, taps) = (1 + rng.below(2), 1 + rng.below(3));
        let (add, sums, base) = (rng.chance(50), rng.chance(50), rng.below(1 << 15));
        let pixels = 1 + rng.below(12) as usize;
        // The take falls into the last cycle of the command before.
        match steps.back_mut() {
            Some(step) => step.take = true,
            None => steps.push_back(Step {
                take: true,
                ..Default::default()
            }),
        }
        let from = steps.len();
        for pass in 0..groups * taps {
            for p in 0..pixels {
                let (first, last) = (p == 0, p + 1 == pixels);
                let now = |steps: &VecDeque<Step>| cycle + steps.len();
                let end = pass + 1 == groups * taps;
                if keep && last {
                    // Held until the drain before is over: one row a cycle.
                    let free = due.back().map_or(0, |d| d.0 + 1);
                    while now(steps) + 7 < free {
                        steps.push_back(Step::default());
                    }
                }
                if keep && last {
                    let rows = R + usize::from(end && sums);
                    for row in 0..rows {
                        let tile = pass / groups * C as u64 + pass % groups * R as u64;
                        due.push_back((now(steps) + 7 + row, base + tile + row as u64, !add));
                    }
                }
                if !keep {
                    let address = base + p as u64;
                    due.push_back((now(steps) + R + 4, address, !add && pass == 0));
                }
                steps.push_back(Step {
                    issue: true,
                    first,
                    last,
                    sums: keep && last && end && sums,
                    ..Default::default()
                });
            }
            let length = if keep { 0 } else { 2 * R };
            (pixels..length).for_each(|_| steps.push_back(Step::default()));
        }
        while steps.len() < from + 2 * R {
            steps.push_back(Step::default());
        }
        steps[from].fields = Some((add, groups, base));
    }
}

/// Cycles from the first start to the last done of `count` times the same command on 8×16 cells, and parity on the way.
fn cycles_8x16(name: &str, command: cmd::Compute, count: usize) -> usize {
    let bytes = command.encode();
    let word = bytes.iter().rev().fold(Bits::<512>::default(), |w, b| {
        (w << 8) | Bits::from(u64::from(*b))
    });
    let (mut started, mut done, mut end, mut free) = (0, 0, 0, true);
    Parity::new(name)
        .cycles(count * 9300)
        .check(
            &mut Sequencer::<8, 16>::default(),
            |u| &mut u.clock,
            |u, _, cycle| {
                u.reset.next = cycle < 2;
                u.command.next = word;
                u.start.next = cycle >= 2 && free && started < count;
                started += usize::from(u.start.next);
                free = (free && !u.start.next) || u.taken.val();
                if u.done.val() {
                    done += 1;
                    end = cycle - 2;
                }
            },
        )
        .unwrap();
    assert_eq!((started, done), (count, count));
    end
}

/// 36 passes of 256 pixels a command: 9216 cycles of work.
#[test]
fn passes_and_commands_follow_each_other_without_a_gap() {
    let mut command = cmd::Compute {
        groups: 2,
        n: 1,
        y: 16,
        x: 16,
        k2: 2,
        k1: 3,
        k0: 3,
        a_y: 18,
        a_x: 1,
        a_k2: 324,
        a_k1: 18,
        a_k0: 1,
        b_k2: 144,
        b_k1: 48,
        b_k0: 16,
        terms: 288,
        ..Default::default()
    };
    for (name, flags, alone, between) in [
        ("sequencer_stationary", 0, 2 * 8 + 16 + 5, 2),
        (
            "sequencer_kept",
            cmd::Compute::OUTPUT_STATIONARY,
            2 * 8 + 16 + 8,
            0,
        ),
    ] {
        command.flags = flags;
        for count in [1, 3] {
            let cycles = cycles_8x16(name, command, count);
            let work = count * 9216;
            println!("{name}: {cycles} cycles for {work} cycles of work in {count} commands");
            assert_eq!(cycles, work + alone + (count - 1) * between);
        }
    }
}
