//! Trains of commands through the load and store units, each started as soon as the one before it is taken: order and
//! values, and that requests really go out before the command before them is done.
use super::super::golden::{padded, Area};
use super::super::load::Load;
use super::super::store::Store;
use super::cells::settle;
use crate::control::word::pack;
use crate::parity::{Parity, Rng};
use std::collections::VecDeque;
use tandem_isa::command as isa;

const L: u32 = 8;

fn area(rng: &mut Rng) -> Area {
    let mut count = |most| 1 + rng.below(most) as u32;
    let (n, m, rows, width) = (count(2), count(2), count(3), count(5));
    let row = width * L * 2;
    let gap = if rng.chance(50) { 0 } else { 64 };
    Area {
        address: rng.below(1 << 20) as u32 * 8,
        n,
        m,
        rows,
        width,
        row_stride: row + gap,
        m_stride: (row + gap) * rows,
        n_stride: (row + gap) * rows * m + 4096,
    }
}

/// What memory holds at an address: a beat that tells where it is from.
fn beat(address: u32) -> u64 {
    (u64::from(address) | 5 << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A word of L lanes as one number a lane.
fn lanes(beats: impl Iterator<Item = u64>) -> Vec<u64> {
    beats
        .flat_map(|b| (0..4).map(move |i| b >> (16 * i) & 0xffff))
        .collect()
}

#[test]
fn loads_ask_ahead_and_write_in_order() {
    let mut words: VecDeque<(u64, u64, Option<u32>)> = VecDeque::new();
    // Of each command in flight, the words that are left of it.
    let mut left: VecDeque<usize> = VecDeque::new();
    let mut requests: VecDeque<(u32, u32, u64)> = VecDeque::new();
    let mut beats: VecDeque<u64> = VecDeque::new();
    let (mut number, mut done, mut ahead, mut held) = (0u64, 0u64, 0, false);
    Parity::new("load_overlap")
        .cycles(6000)
        .check(
            &mut Load::<{ L as usize }>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                // The edge has taken the inputs and outputs of the last cycle; they are looked at before new ones are set.
                u.reset.next = cycle < 2;
                if u.start.next && cycle > 2 {
                    held = true;
                }
                // Outputs of this cycle: all but `data_ready` come from registers.
                if cycle > 2 {
                    assert!(u.busy.val() || left.is_empty(), "cycle {cycle}");
                }
                u.start.next = false;
                if cycle > 2 && u.taken.val() {
                    held = false;
                } else if cycle > 2 && !held && left.len() < 4 && rng.chance(80) {
                    let area = area(rng);
                    let mut side = || rng.below(3) as u32;
                    let border = (side(), side(), side(), side());
                    let (pad, base) = (number % 4, 100 * (number % 64));
                    let load = isa::Load {
                        pad: pad as u8,
                        base: base as u16,
                        top: border.0 as u8,
                        bottom: border.1 as u8,
                        left: border.2 as u8,
                        right: border.3 as u8,
                        address: area.address,
                        n: area.n as u16,
                        m: area.m as u16,
                        rows: area.rows as u16,
                        width: area.width as u16,
                        n_stride: area.n_stride,
                        m_stride: area.m_stride,
                        row_stride: area.row_stride,
                        ..Default::default()
                    };
                    u.command.next = pack(&load.encode());
                    u.start.next = true;
                    let all = padded(&area, border, L);
                    left.push_back(all.len());
                    words.extend(
                        all.iter()
                            .enumerate()
                            .map(|(i, w)| (pad, base + i as u64, *w)),
                    );
                    let turn = number % 4;
                    requests.extend(area.requests(L).iter().map(|&(at, n)| (at, n, turn)));
                    number += 1;
                }
                u.request_ready.next = rng.chance(70);
                if cycle > 2 && u.request_valid.val() && u.request_ready.next {
                    let found = (
                        u.request_address.val().to_u64() as u32,
                        u.request_beats.val().to_u64() as u32,
                        u.request_turn.val().to_u64(),
                    );
                    assert_eq!(Some(found), requests.pop_front(), "cycle {cycle}");
                    ahead += usize::from(found.2 != done % 4);
                    beats.extend((0..found.1).map(|i| beat(found.0 + 8 * i)));
                }
                u.data_valid.next = !beats.is_empty() && rng.chance(80);
                u.data.next = beats.front().copied().unwrap_or(0).into();
                settle(u);
                if cycle <= 2 {
                    return;
                }
                if u.data_valid.next && u.data_ready.val() {
                    beats.pop_front();
                }
                if u.we.val() {
                    let (pad, at, from) = words.pop_front().unwrap();
                    assert_eq!((u.pad.val().to_u64(), u.waddr.val().to_u64()), (pad, at));
                    let expected = match from {
                        None => vec![0; L as usize],
                        Some(a) => lanes((0..L / 4).map(|i| beat(a + 8 * i))),
                    };
                    let found: Vec<u64> = u.wdata.iter().map(|w| w.val().to_u64()).collect();
                    assert_eq!(found, expected, "cycle {cycle}");
                    *left.front_mut().unwrap() -= 1;
                }
                if u.done.val() {
                    assert_eq!(left.pop_front(), Some(0), "cycle {cycle}: done too early");
                    done += 1;
                }
            },
        )
        .unwrap();
    assert!(
        done > 60 && ahead > 20,
        "{done} done, {ahead} requests ahead"
    );
}

#[test]
fn stores_send_on_while_answers_are_missing() {
    let word = |pad: bool, at: u64| -> Vec<u64> {
        let seed = beat(at as u32 ^ if pad { 0x8000_0000 } else { 0 });
        (0..u64::from(L))
            .map(|l| seed.rotate_left(5 * l as u32) & 0xffff)
            .collect()
    };
    let mut beats: VecDeque<u64> = VecDeque::new();
    let mut requests: VecDeque<(u32, u32, u64)> = VecDeque::new();
    // Requests of each command that are not answered, and whether all of them are asked for.
    let mut open: VecDeque<(u32, u32)> = VecDeque::new();
    let mut answers: VecDeque<usize> = VecDeque::new();
    let (mut owed, mut read) = (0u32, (false, 0u64));
    let (mut number, mut done, mut ahead, mut held) = (0u64, 0u64, 0, false);
    Parity::new("store_overlap")
        .cycles(6000)
        .check(
            &mut Store::<{ L as usize }>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                for (lane, value) in u.rdata.iter_mut().zip(word(read.0, read.1)) {
                    lane.next = value.into();
                }
                if u.start.next && cycle > 2 {
                    held = true;
                }
                u.start.next = false;
                if cycle > 2 && u.taken.val() {
                    held = false;
                } else if cycle > 2 && !held && open.len() < 4 && rng.chance(80) {
                    let area = area(rng);
                    let (pad, base) = (rng.chance(50), rng.below(1000));
                    let store = isa::Store {
                        pad: u8::from(pad),
                        base: base as u16,
                        address: area.address,
                        n: area.n as u16,
                        m: area.m as u16,
                        rows: area.rows as u16,
                        width: area.width as u16,
                        n_stride: area.n_stride,
                        m_stride: area.m_stride,
                        row_stride: area.row_stride,
                        ..Default::default()
                    };
                    u.command.next = pack(&store.encode());
                    u.start.next = true;
                    let count = area.words(L).len() as u64;
                    for at in base..base + count {
                        let w = word(pad, at);
                        beats.extend(
                            w.chunks(4)
                                .map(|b| b.iter().rev().fold(0u64, |v, &l| v << 16 | l)),
                        );
                    }
                    let asked = area.requests(L);
                    let turn = number % 4;
                    open.push_back((asked.len() as u32, asked.len() as u32));
                    requests.extend(asked.iter().map(|&(at, n)| (at, n, turn)));
                    number += 1;
                }
                u.request_ready.next = rng.chance(70);
                if cycle > 2 && u.request_valid.val() && u.request_ready.next {
                    let found = (
                        u.request_address.val().to_u64() as u32,
                        u.request_beats.val().to_u64() as u32,
                        u.request_turn.val().to_u64(),
                    );
                    assert_eq!(Some(found), requests.pop_front(), "cycle {cycle}");
                    let other = found.2 != done % 4;
                    ahead += usize::from(other);
                    owed += found.1;
                    answers.push_back(0);
                    open[((found.2 + 4 - done % 4) % 4) as usize].1 -= 1;
                }
                u.data_ready.next = owed > 0 && rng.chance(80);
                // An answer comes for a request whose beats have gone: here at random, but never before them.
                let may = !answers.is_empty() && owed < 8 && answers.len() > usize::from(owed > 0);
                u.finished.next = may && rng.chance(15);
                settle(u);
                read = (u.pad.val(), u.raddr.val().to_u64());
                if cycle <= 2 {
                    return;
                }
                if u.data_ready.next && u.data_valid.val() {
                    assert_eq!(
                        Some(u.data.val().to_u64()),
                        beats.pop_front(),
                        "cycle {cycle}"
                    );
                    owed -= 1;
                }
                if u.done.val() {
                    assert_eq!(open.pop_front().map(|o| o.0), Some(0), "cycle {cycle}");
                    done += 1;
                }
                if u.finished.next {
                    answers.pop_front();
                    open.iter_mut().find(|o| o.0 > 0).unwrap().0 -= 1;
                }
            },
        )
        .unwrap();
    assert!(
        done > 60 && ahead > 20,
        "{done} done, {ahead} requests ahead"
    );
}
