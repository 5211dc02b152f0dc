//! Passes of random length back to back in both dataflows against plain sums of products, and parity with the Verilog.
use super::*;
use crate::parity::{Parity, Rng};
use std::collections::{BTreeMap, VecDeque};

/// One cycle's inputs.
#[derive(Clone, Debug, Default)]
struct Step {
    a: Vec<i16>,
    b: Vec<i16>,
    first: bool,
    last: bool,
    shift: bool,
}

fn operand(rng: &mut Rng) -> i16 {
    match rng.below(6) {
        0 => i16::MIN,
        1 => i16::MAX,
        _ => rng.word() as i16,
    }
}

fn operands(rng: &mut Rng, n: usize) -> Vec<i16> {
    (0..n).map(|_| operand(rng)).collect()
}

/// Schedules passes from `cycle` on: inputs of each cycle, and what `sum[j]` must be in which cycle.
struct Plan {
    steps: VecDeque<Step>,
    due: BTreeMap<(usize, usize), i64>,
    keep: bool,
}

fn stationary(rng: &mut Rng, r: usize, c: usize, start: usize) -> Plan {
    let passes = 4;
    let mut steps: Vec<Step> = vec![];
    let mut due = BTreeMap::new();
    let noise = |rng: &mut Rng| Step {
        a: operands(rng, r),
        b: operands(rng, c),
        ..Default::default()
    };
    // The first block has no pass in front of it.
    let mut block: Vec<Vec<i16>> = (0..r).map(|_| operands(rng, c)).collect();
    for row in block.iter().rev() {
        let mut step = noise(rng);
        step.b = row.clone();
        step.shift = true;
        steps.push(step);
    }
    for _ in 0..passes {
        let length = 2 * r + rng.below(4) as usize;
        let next: Vec<Vec<i16>> = (0..r).map(|_| operands(rng, c)).collect();
        // From R-1 to the last cycle that leaves room for R words.
        let gap = r - 1 + rng.below((length - 2 * r + 2) as u64) as usize;
        for p in 0..length {
            let mut step = noise(rng);
            step.first = p == 0;
            if (gap..gap + r).contains(&p) {
                step.b = next[r - 1 - (p - gap)].clone();
                step.shift = true;
            }
            for j in 0..c {
                let rows = step.a.iter().zip(&block);
                let sum = rows.map(|(a, w)| i64::from(*a) * i64::from(w[j])).sum();
                due.insert((start + steps.len() + r + 2 + j, j), sum);
            }
            steps.push(step);
        }
        block = next;
    }
    Plan {
        steps: steps.into(),
        due,
        keep: false,
    }
}

fn kept(rng: &mut Rng, r: usize, c: usize, start: usize) -> Plan {
    let mut steps: Vec<Step> = vec![];
    let mut due = BTreeMap::new();
    let pixels = 1 + rng.below(3 * r as u64) as usize;
    // An `a` comes one cycle after its `b`.
    let mut late = operands(rng, r);
    for _ in 0..4 {
        // Room for the drain of all rows and of the row of ones.
        let length = pixels.max(r + 1);
        let mut sums = vec![vec![0i64; c]; r + 1];
        for p in 0..length {
            let next = operands(rng, r);
            let step = Step {
                a: std::mem::replace(&mut late, next),
                b: operands(rng, c),
                first: p == 0,
                last: p == pixels - 1,
                shift: true,
            };
            for (row, a) in sums.iter_mut().zip(late.iter().chain(&[1])) {
                for (sum, b) in row.iter_mut().zip(&step.b) {
                    *sum += if p < pixels {
                        i64::from(*a) * i64::from(*b)
                    } else {
                        0
                    };
                }
            }
            if p == pixels - 1 {
                for (i, row) in sums.iter().enumerate() {
                    for (j, sum) in row.iter().enumerate() {
                        let key = (start + steps.len() + 5 + j + i, j);
                        assert!(due.insert(key, *sum).is_none());
                    }
                }
            }
            steps.push(step);
        }
    }
    // So do the marks of its pass.
    let marks: Vec<(bool, bool)> = steps.iter().map(|s| (s.first, s.last)).collect();
    steps.push(Step {
        a: late,
        b: operands(rng, c),
        shift: true,
        ..Default::default()
    });
    (steps[0].first, steps[0].last) = (false, false);
    for (step, (first, last)) in steps.iter_mut().skip(1).zip(marks) {
        (step.first, step.last) = (first, last);
    }
    Plan {
        steps: steps.into(),
        due,
        keep: true,
    }
}

fn grid<const R: usize, const C: usize>(name: &str, cycles: usize) {
    let mut block = Grid::<R, C>::default();
    let mut plan = Plan {
        steps: VecDeque::new(),
        due: BTreeMap::new(),
        keep: false,
    };
    // Cycles that `run` was high, and how many sums were compared in each dataflow.
    let mut time = 0;
    let mut compared = [0, 0];
    Parity::new(name)
        .cycles(cycles)
        .check(
            &mut block,
            |u| &mut u.clock,
            |u, rng, _| {
                for j in 0..C {
                    if let Some(sum) = plan.due.get(&(time, j)) {
                        let port = if plan.keep { &u.drained } else { &u.sum };
                        let found = (port[j].val().to_u64() << 16) as i64 >> 16;
                        assert_eq!(found, *sum, "cycle {time} column {j}");
                        compared[plan.keep as usize] += 1;
                    }
                }
                let over = plan
                    .due
                    .last_key_value()
                    .is_none_or(|((t, _), _)| *t < time);
                // The array stops only when nothing is under way.
                let run = !over || rng.chance(30);
                if over && run {
                    plan = if rng.chance(50) {
                        kept(rng, R, C, time)
                    } else {
                        stationary(rng, R, C, time)
                    };
                }
                let step = plan.steps.front().cloned().unwrap_or(Step {
                    a: operands(rng, R),
                    b: operands(rng, C),
                    ..Default::default()
                });
                u.run.next = run;
                u.keep.next = plan.keep;
                u.first.next = step.first;
                u.last.next = step.last;
                u.shift.next = step.shift || plan.keep;
                for (port, value) in u.a.iter_mut().zip(&step.a) {
                    port.next = u64::from(*value as u16).into();
                }
                for (port, value) in u.b.iter_mut().zip(&step.b) {
                    port.next = u64::from(*value as u16).into();
                }
                if run {
                    plan.steps.pop_front();
                    time += 1;
                }
            },
        )
        .unwrap();
    assert!(compared.iter().all(|c| *c > 100), "{compared:?}");
}

#[test]
fn grid_2x4() {
    grid::<2, 4>("grid2x4", 3000);
}

#[test]
fn grid_4x4() {
    grid::<4, 4>("grid4x4", 2000);
}
