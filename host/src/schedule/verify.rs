//! Proof that a program is right under any timing: every command decodes, the token machine neither blocks nor keeps a
//! token, no token crosses a yield point, and every pair of commands of different units that touch the same place is ordered by tokens.
//!
//! It reads only the commands, not what the emitter knew. Quadratic in the worst case; run in debug builds and tests.

use super::cost::QUEUE;
use super::footprint::{footprint, Space, Use};
use super::Clock;
use crate::error::CompileError;
use std::collections::VecDeque;
use tandem_isa::command::{Command, TOKEN_MAX};
use tandem_isa::{Config, Unit};

const UNITS: usize = Unit::COUNT;

/// Checks a program; the first defect is described.
pub fn verify(config: &Config, commands: &[Command]) -> Result<(), CompileError> {
    for (i, c) in commands.iter().enumerate() {
        if let Err(e) = Command::decode_for(config, &c.encode()) {
            return Err(CompileError::Internal(format!("command {i}: {e}")));
        }
    }
    replay(commands)?;
    ordered(config, commands)
}

/// Runs the token machine with queues of limited depth. Every channel has one producer and one consumer, so one order of
/// running them stands for all.
fn replay(commands: &[Command]) -> Result<(), CompileError> {
    let mut queues: [VecDeque<usize>; UNITS] = Default::default();
    let mut tokens = [[0u32; UNITS]; UNITS];
    let mut fetch = 0;
    loop {
        let mut moved = false;
        while let Some(c) = commands.get(fetch) {
            match c.format().unit {
                Some(u) if queues[u as usize].len() >= QUEUE => break,
                Some(u) => queues[u as usize].push_back(fetch),
                None => {}
            }
            fetch += 1;
            moved = true;
        }
        for u in 0..UNITS {
            let Some(&i) = queues[u].front() else {
                continue;
            };
            let (wait, signal) = (commands[i].wait(), commands[i].signal());
            let each = |mask: u8| (0..UNITS).filter(move |p| mask >> p & 1 == 1);
            if each(wait).any(|p| tokens[p][u] == 0)
                || each(signal).any(|q| tokens[u][q] >= TOKEN_MAX)
            {
                continue;
            }
            each(wait).for_each(|p| tokens[p][u] -= 1);
            each(signal).for_each(|q| tokens[u][q] += 1);
            queues[u].pop_front();
            moved = true;
        }
        if !moved {
            break;
        }
    }
    if fetch < commands.len() || queues.iter().any(|q| !q.is_empty()) {
        let heads: Vec<_> = queues.iter().map(|q| q.front()).collect();
        return Err(CompileError::Internal(format!(
            "blocks after {fetch} of {} commands; heads of the queues {heads:?}",
            commands.len()
        )));
    }
    for (p, row) in tokens.iter().enumerate() {
        for (u, &left) in row.iter().enumerate() {
            if left > 0 {
                return Err(CompileError::Internal(format!(
                    "{left} tokens left from unit {p} to unit {u}"
                )));
            }
        }
    }
    Ok(())
}

/// Rebuilds what every command knows to be complete from the tokens alone, then looks for pairs that nothing orders.
fn ordered(config: &Config, commands: &[Command]) -> Result<(), CompileError> {
    let mut given: Vec<VecDeque<usize>> = vec![VecDeque::new(); UNITS * UNITS];
    let mut clocks: Vec<Clock> = Vec::with_capacity(commands.len());
    let mut last: [Option<usize>; UNITS] = [None; UNITS];
    let mut seen: Vec<Vec<(usize, usize, Use)>> = vec![Vec::new(); Space::COUNT];
    for (i, c) in commands.iter().enumerate() {
        let Some(unit) = c.format().unit else {
            clocks.push([0; UNITS]);
            if let Some(pair) = given.iter().position(|g| !g.is_empty()) {
                return Err(CompileError::Internal(format!(
                    "a token from unit {} to unit {} is on its way over the yield point {i}",
                    pair / UNITS,
                    pair % UNITS
                )));
            }
            continue;
        };
        let u = unit as usize;
        let complete = |clocks: &[Clock], d: usize, p: usize| {
            let mut clock = clocks[d];
            clock[p] = d as u32 + 1;
            clock
        };
        let mut clock = last[u].map_or([0; UNITS], |d| complete(&clocks, d, u));
        for p in (0..UNITS).filter(|p| c.wait() >> p & 1 == 1) {
            let Some(d) = given[p * UNITS + u].pop_front() else {
                return Err(CompileError::Internal(format!(
                    "command {i} waits for a token of unit {p} given only after it"
                )));
            };
            for (a, b) in clock.iter_mut().zip(complete(&clocks, d, p)) {
                *a = b.max(*a);
            }
        }
        for range in footprint(config, c) {
            let list = &mut seen[range.space as usize];
            for (d, p, other) in list.iter() {
                if *p != u && range.conflicts(other) && clock[*p] <= *d as u32 {
                    return Err(CompileError::Internal(format!(
                        "command {i} ({}) and {d} ({}) both touch {:?} {:#x}..{:#x} without an order",
                        c.format().name,
                        commands[*d].format().name,
                        range.space,
                        range.lo.max(other.lo),
                        range.hi.min(other.hi)
                    )));
                }
            }
            // A later command ordered after this one is ordered after everything this one covers.
            if range.write {
                list.retain(|(_, _, o)| !(range.lo <= o.lo && o.hi <= range.hi));
            } else {
                list.retain(|(_, p, o)| {
                    !(*p == u && !o.write && range.lo <= o.lo && o.hi <= range.hi)
                });
            }
            list.push((i, u, range));
        }
        for q in (0..UNITS).filter(|q| c.signal() >> q & 1 == 1) {
            given[u * UNITS + q].push_back(i);
        }
        last[u] = Some(i);
        clocks.push(clock);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Emitter;
    use tandem_isa::command::{Compute, Load, Requant, Store};
    use tandem_isa::config::TINY;

    fn program() -> Vec<Command> {
        let mut e = Emitter::new(&TINY, false, 0);
        let one = Load {
            n: 1,
            m: 1,
            rows: 1,
            width: 4,
            ..Default::default()
        };
        for i in 0..6u16 {
            e.push(Load {
                base: i % 2 * 8,
                ..one
            });
            e.push(Load {
                pad: 1,
                flags: Load::SKEW,
                ..one
            });
            let acc = i % 2 * 128;
            e.push(Compute {
                groups: 1,
                n: 1,
                y: 1,
                x: 4,
                k2: 1,
                k1: 1,
                k0: 1,
                a_x: 1,
                a_base: i % 2 * 8,
                acc_base: acc,
                terms: 4,
                ..Default::default()
            });
            e.push(Requant {
                n: 1,
                y: 1,
                x: 4,
                src_x: 1,
                out_x: 1,
                src_base: acc,
                site_a: 255,
                site_b: 255,
                ..Default::default()
            });
            e.push(Store {
                n: 1,
                m: 1,
                rows: 1,
                width: 4,
                address: 4096 + 64 * u32::from(i),
                ..Default::default()
            });
        }
        e.finish().unwrap().commands
    }

    #[test]
    fn an_emitted_program_passes_and_every_lost_token_is_found() {
        let good = program();
        verify(&TINY, &good).unwrap();
        let mut broken = 0;
        for i in 0..good.len() {
            for u in 0..UNITS {
                for p in 0..UNITS {
                    // Take the token of one (producer, consumer) pair away on both sides: no hang, only a missing order.
                    let mut bad = good.clone();
                    if bad[i].wait() >> p & 1 == 0
                        || bad[i].format().unit.map(|x| x as usize) != Some(u)
                    {
                        continue;
                    }
                    let matching = (0..i)
                        .filter(|&d| {
                            bad[d].format().unit.map(|x| x as usize) == Some(p)
                                && bad[d].signal() >> u & 1 == 1
                        })
                        .nth(
                            (0..i)
                                .filter(|&k| {
                                    bad[k].format().unit.map(|x| x as usize) == Some(u)
                                        && bad[k].wait() >> p & 1 == 1
                                })
                                .count(),
                        );
                    *bad[i].wait_mut() &= !(1 << p);
                    *bad[matching.unwrap()].signal_mut() &= !(1 << u);
                    assert!(
                        verify(&TINY, &bad).is_err(),
                        "command {i} without unit {p}'s token"
                    );
                    broken += 1;
                }
            }
        }
        assert!(broken > 20, "{broken}");
    }

    #[test]
    fn a_blocked_program_and_a_left_token_are_found() {
        let mut p = program();
        *p[0].wait_mut() |= Unit::Store.bit();
        assert!(verify(&TINY, &p)
            .unwrap_err()
            .to_string()
            .contains("blocks"));
        let mut p = program();
        let end = p.len() - 1;
        *p[end].signal_mut() |= Unit::Load.bit();
        assert!(verify(&TINY, &p).unwrap_err().to_string().contains("left"));
    }
}
