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

#[test]
fn random_programs_finish_in_order() {
    let mut program = Program {
        given: Default::default(),
        number: 0,
    };
    let mut queued: [VecDeque<(Bits<512>, u64)>; 6] = Default::default();
    let mut tokens = TokenModel::default();
    let mut left: [Option<u64>; 6] = [None; 6];
    let mut next: Option<(usize, Bits<512>, u64)> = None;
    let (mut finished, mut held_back) = (0, 0);
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
                    let start = head.is_some_and(|(w, s)| {
                        left[u].is_none() && !d.hold.next && before.ready(u, w, s)
                    });
                    if d.push[u].next && queued[u].len() < 4 {
                        queued[u].extend(next.take().map(|n| (n.1, n.2)));
                    }
                    let Some((wait, signal)) = head else { continue };
                    if start {
                        tokens.start(u, wait);
                        left[u] = Some(rng.below(12));
                    } else if left[u].is_none() {
                        held_back += 1;
                    }
                    if d.done[u].next {
                        tokens.done(u, signal);
                        queued[u].pop_front();
                        left[u] = None;
                        finished += 1;
                    }
                }
                if cycle > 0 {
                    for (u, left) in left.iter().enumerate() {
                        let head = queued[u].front();
                        let start = head.is_some_and(|q| {
                            let (w, s) = masks(&q.0);
                            left.is_none()
                                && !d.unit_busy[u].next
                                && !d.hold.next
                                && tokens.ready(u, w, s)
                        });
                        assert_eq!(d.start[u].val(), start, "cycle {cycle}, unit {u}");
                        assert_eq!(
                            d.has_command[u].val(),
                            head.is_some(),
                            "cycle {cycle}, unit {u}"
                        );
                        assert_eq!(d.ready[u].val(), queued[u].len() < 4);
                        if let Some((command, address)) = head {
                            assert!(d.command[u].val() == *command, "cycle {cycle}, unit {u}");
                            assert_eq!(d.address[u].val().to_u64(), *address);
                        }
                    }
                    assert_eq!(d.idle.val(), queued.iter().all(VecDeque::is_empty));
                }
                d.reset.next = cycle == 0;
                d.hold.next = rng.chance(3);
                // The last 600 cycles bring nothing new: everything must end.
                if next.is_none() && cycle > 0 && cycle < 4400 {
                    next = Some(program.next(rng));
                }
                for (u, left) in left.iter_mut().enumerate() {
                    d.push[u].next = cycle > 0 && next.as_ref().is_some_and(|n| n.0 == u);
                    d.unit_busy[u].next = left.is_some();
                    d.done[u].next = *left == Some(0);
                    *left = left.map(|n| n.saturating_sub(1));
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
        finished > 1000 && held_back > 1000,
        "{finished} {held_back}"
    );
}
