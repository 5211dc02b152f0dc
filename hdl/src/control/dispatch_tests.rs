//! Random programs through queues and tokens with units of random length: order, tokens, and no command lost.
use super::*;
use crate::control::tokens::TokenModel;
use crate::control::word::pack;
use crate::parity::{Parity, Rng};
use std::collections::VecDeque;

/// A command of a unit that cannot lock up: it waits only for tokens that earlier commands give.
struct Program {
    given: [[u32; 6]; 6],
    number: u64,
}

impl Program {
    fn next(&mut self, rng: &mut Rng) -> (usize, Bits<512>, u64) {
        let u = rng.below(6) as usize;
        let mut bytes = [0u8; 64];
        bytes.fill_with(|| rng.word() as u8);
        let (mut wait, mut signal) = (0, 0);
        for o in 0..6 {
            if self.given[o][u] > 0 && rng.chance(60) {
                self.given[o][u] -= 1;
                wait |= 1 << o;
            }
        }
        for o in 0..6 {
            if self.given[u][o] < 9 && rng.chance(25) {
                self.given[u][o] += 1;
                signal |= 1 << o;
            }
        }
        (bytes[2], bytes[3]) = (wait, signal);
        self.number += 1;
        (u, pack(&bytes), 64 * self.number)
    }
}

/// A command in flight: its signal mask, cycles until the unit has taken it, and until it is done.
struct InFlight {
    signal: u8,
    address: u64,
    taken_in: Option<u64>,
    done_in: u64,
}

fn at_work(flight: &VecDeque<InFlight>) -> bool {
    flight.iter().any(|f| f.taken_in.is_some())
}

#[test]
fn random_programs_finish_in_order() {
    let mut program = Program {
        given: Default::default(),
        number: 0,
    };
    let mut queued: [VecDeque<(Bits<512>, u64)>; 6] = Default::default();
    let mut tokens = TokenModel::default();
    let mut flight: [VecDeque<InFlight>; 6] = Default::default();
    let mut next: Option<(usize, Bits<512>, u64)> = None;
    let (mut finished, mut held_back, mut deepest) = (0, 0, 0);
    let masks = |c: &Bits<512>| {
        (
            c.get_bits::<8>(16).to_u64() as u8,
            c.get_bits::<8>(24).to_u64() as u8,
        )
    };
    Parity::new("dispatch")
        .cycles(5000)
        .check(
            &mut Dispatch::default(),
            |u| &mut u.clock,
            |d, rng, cycle| {
                // The edge has taken the inputs of the last cycle.
                let before = tokens.clone();
                for u in 0..6 {
                    let head = queued[u].front().map(|q| masks(&q.0));
                    let free = !at_work(&flight[u]) && flight[u].len() < 4;
                    let start =
                        head.is_some_and(|(w, s)| free && !d.hold.next && before.ready(u, w, s));
                    if d.push[u].next && queued[u].len() < 8 {
                        queued[u].extend(next.take().map(|n| (n.1, n.2)));
                    }
                    if d.done[u].next {
                        let oldest = flight[u].pop_front().unwrap();
                        tokens.done(u, oldest.signal);
                        finished += 1;
                    }
                    let place = queued[u].front().map(|q| q.1);
                    if d.taken[u].next {
                        queued[u].pop_front();
                        flight[u].iter_mut().for_each(|f| f.taken_in = None);
                    }
                    let (Some((wait, signal)), Some(address)) = (head, place) else {
                        continue;
                    };
                    if start {
                        tokens.start(u, wait);
                        let taken_in = rng.below(8);
                        flight[u].push_back(InFlight {
                            signal,
                            address,
                            taken_in: Some(taken_in),
                            done_in: taken_in + if u < 3 { rng.below(20) } else { 0 },
                        });
                        deepest = deepest.max(flight[u].len());
                    } else if free {
                        held_back += 1;
                    }
                }
                if cycle > 0 {
                    for (u, flight) in flight.iter().enumerate() {
                        let head = queued[u].front();
                        let start = head.is_some_and(|q| {
                            let (w, s) = masks(&q.0);
                            !at_work(flight)
                                && flight.len() < 4
                                && !d.hold.next
                                && tokens.ready(u, w, s)
                        });
                        assert_eq!(d.start[u].val(), start, "cycle {cycle}, unit {u}");
                        assert_eq!(
                            d.has_command[u].val(),
                            head.is_some() || !flight.is_empty(),
                            "cycle {cycle}, unit {u}"
                        );
                        assert_eq!(d.ready[u].val(), queued[u].len() < 8);
                        if let Some((command, address)) = head {
                            assert!(d.command[u].val() == *command, "cycle {cycle}, unit {u}");
                            let address = flight.front().map_or(*address, |f| f.address);
                            assert_eq!(d.address[u].val().to_u64(), address);
                        }
                    }
                    let none = queued.iter().all(VecDeque::is_empty)
                        && flight.iter().all(VecDeque::is_empty);
                    assert_eq!(d.idle.val(), none);
                }
                d.reset.next = cycle == 0;
                d.turn.next = rng.bits();
                d.hold.next = rng.chance(3);
                // The last 600 cycles bring nothing new: everything must end.
                if next.is_none() && cycle > 0 && cycle < 4400 {
                    next = Some(program.next(rng));
                }
                for (u, flight) in flight.iter_mut().enumerate() {
                    d.push[u].next = cycle > 0 && next.as_ref().is_some_and(|n| n.0 == u);
                    d.taken[u].next = flight.iter().any(|f| f.taken_in == Some(0));
                    d.done[u].next = flight
                        .front()
                        .is_some_and(|f| f.done_in == 0 && f.taken_in.is_none_or(|t| t == 0));
                    for f in flight {
                        f.taken_in = f.taken_in.map(|n| n.saturating_sub(1));
                        f.done_in = f.done_in.saturating_sub(1);
                    }
                }
                if let Some((_, command, address)) = &next {
                    d.in_command.next = *command;
                    d.in_address.next = (*address).into();
                }
            },
        )
        .unwrap();
    assert!(
        next.is_none() && queued.iter().all(VecDeque::is_empty),
        "not all finished"
    );
    assert_eq!(finished, program.number);
    assert!(
        finished > 1000 && held_back > 1000 && deepest == 4,
        "{finished} {held_back} {deepest}"
    );
}
