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
                let (run, ones) = (rng.chance(80), rng.chance(20));
                u.lane.next = (first as u64).into();
                u.run.next = run;
                u.ones.next = ones;
                if run {
                    for (i, d) in due.iter_mut().enumerate() {
                        *d = if ones { 1 } else { word[first + i] };
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

/// Issues passes as the sequencer does and lists the requests that must follow, by cycle.
#[test]
fn sum_address_follows_the_issues() {
    const R: usize = 4;
    const C: usize = 8;
    let mut issues: VecDeque<(bool, bool, bool)> = VecDeque::new();
    let mut due: VecDeque<(usize, u64, bool)> = VecDeque::new();
    let mut requests = 0;
    Parity::new("sum_address")
        .cycles(4000)
        .check(
            &mut SumAddress::<R, C>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                u.restart.next = false;
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
                let issue = issues.pop_front().unwrap_or_default();
                (u.issue.next, u.first.next, u.last.next) = issue;
                if issues.is_empty() && due.is_empty() {
                    let (keep, add) = (rng.chance(50), rng.chance(50));
                    let (groups, taps) = (1 + rng.below(2), 1 + rng.below(3));
                    let base = rng.below(1 << 15);
                    u.restart.next = true;
                    u.keep.next = keep;
                    u.accumulate.next = add;
                    u.groups.next = groups.into();
                    u.acc_base.next = base.into();
                    issues.push_back((false, false, false));
                    let pixels = 1 + rng.below(12) as usize;
                    for pass in 0..groups * taps {
                        for p in 0..pixels.max(2 * R) {
                            // The next issue is that of the next cycle.
                            let now = cycle + issues.len();
                            let (real, last) = (p < pixels, p + 1 == pixels);
                            issues.push_back((real, p == 0, last));
                            if real && !keep {
                                let address = base + p as u64;
                                due.push_back((now + R + 4, address, !add && pass == 0));
                            }
                            for row in (0..R).filter(|_| keep && last) {
                                let tile = pass / groups * C as u64 + pass % groups * R as u64;
                                let address = base + tile + row as u64;
                                due.push_back((now + 6 + 2 * row, address, !add));
                            }
                        }
                    }
                    if let Some(first) = issues.pop_front() {
                        (u.issue.next, u.first.next, u.last.next) = first;
                    }
                }
            },
        )
        .unwrap();
    assert!(requests > 500, "{requests}");
}

/// Cycles from start to done of one command on 8×16 cells, and parity on the way.
fn cycles_8x16(name: &str, command: cmd::Compute) -> usize {
    let bytes = command.encode();
    let word = bytes.iter().rev().fold(Bits::<512>::default(), |w, b| {
        (w << 8) | Bits::from(u64::from(*b))
    });
    let mut done = None;
    Parity::new(name)
        .cycles(9300)
        .check(
            &mut Sequencer::<8, 16>::default(),
            |u| &mut u.clock,
            |u, _, cycle| {
                u.reset.next = cycle < 2;
                u.command.next = word;
                u.start.next = cycle == 2;
                if u.done.val() && done.is_none() {
                    done = Some(cycle - 2);
                }
            },
        )
        .unwrap();
    done.unwrap()
}

/// 36 passes of 256 pixels: 9216 cycles of work, at most 2 % more in all.
#[test]
fn passes_follow_each_other_without_a_gap() {
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
    for (name, flags) in [
        ("sequencer_stationary", 0),
        ("sequencer_kept", cmd::Compute::OUTPUT_STATIONARY),
    ] {
        command.flags = flags;
        let cycles = cycles_8x16(name, command);
        println!("{name}: {cycles} cycles for 9216 cycles of work");
        assert_eq!(cycles, 9216 + 2 * 8 + 16 + 5);
        assert!(cycles * 100 <= 9216 * 102);
    }
}
