//! Pads against an array of words: random writes and reads, blocks by row and by column, parity with the Verilog.
use super::super::LanePad;
use super::*;
use crate::parity::{Parity, Rng};

fn load<const L: usize>(port: &mut [Signal<In, Bits<16>>; L], word: &[u16; L]) {
    for (p, w) in port.iter_mut().zip(word) {
        p.next = u64::from(*w).into();
    }
}

fn seen<const L: usize>(port: &[Signal<Out, Bits<16>>; L]) -> [u16; L] {
    from_fn(|i| port[i].val().to_u64() as u16)
}

fn word<const L: usize>(rng: &mut Rng) -> [u16; L] {
    from_fn(|_| rng.word() as u16)
}

#[test]
fn lane_pad_gives_the_word_a_cycle_later() {
    const L: usize = 4;
    let mut golden = vec![[0u16; L]; 32];
    let mut due = [0u16; L];
    let mut pad = LanePad::<5, L>::default();
    Parity::new("lane_pad")
        .cycles(600)
        .check(
            &mut pad,
            |p| &mut p.clock,
            |p, rng, cycle| {
                if cycle > 1 {
                    assert_eq!(seen(&p.rdata), due, "cycle {cycle}");
                }
                let read = rng.below(32) as usize;
                due = golden[read];
                p.raddr.next = (read as u64).into();
                let at = if rng.chance(20) {
                    read
                } else {
                    rng.below(32) as usize
                };
                let new = word(rng);
                let write = rng.chance(60);
                p.we.next = write;
                p.waddr.next = (at as u64).into();
                load(&mut p.wdata, &new);
                if write {
                    golden[at] = new;
                }
            },
        )
        .unwrap();
}

fn rotate<const LB: usize, const L: usize>(name: &str, right: bool) {
    let mut block = match right {
        true => Rotate::<LB, L>::right(),
        false => Rotate::left(),
    };
    let mut due = None;
    Parity::new(name)
        .cycles(300)
        .all_move_but(&[])
        .check_combinational(&mut block, |u, rng, cycle| {
            if let Some(expected) = due {
                assert_eq!(seen(&u.y), expected, "cycle {cycle}");
            }
            let x: [u16; L] = word(rng);
            let amount = rng.below(L as u64) as usize;
            load(&mut u.x, &x);
            u.amount.next = (amount as u64).into();
            let back = if right { L - amount } else { amount };
            due = Some(from_fn(|i| x[(i + back) % L]));
        })
        .unwrap();
}

#[test]
fn rotate_moves_every_lane_to_either_side() {
    rotate::<2, 4>("rotate_left4", false);
    rotate::<2, 4>("rotate_right4", true);
    rotate::<4, 16>("rotate_left16", false);
    rotate::<4, 16>("rotate_right16", true);
}

/// Writes and reads of one kind of word, as units do: a block is read the way it was written.
fn skew_pad<const AW: usize, const LB: usize, const L: usize>(name: &str) {
    let depth = 1usize << AW;
    let mut golden = vec![[0u16; L]; depth];
    let mut skewed = vec![false; depth / L];
    let mut due = [None, None];
    let mut pad = SkewPad::<AW, LB, L>::default();
    Parity::new(name)
        .cycles(800)
        .check(
            &mut pad,
            |p| &mut p.clock,
            |p, rng, cycle| {
                if let Some(expected) = due[1] {
                    assert_eq!(seen(&p.rdata), expected, "cycle {cycle}");
                }
                let block = rng.below((depth / L) as u64) as usize;
                let index = rng.below(L as u64) as usize;
                let (mode, at) = match (skewed[block], rng.chance(50)) {
                    (false, _) => (0, block * L + index),
                    (true, true) => (1, block * L),
                    (true, false) => (2, block * L),
                };
                let blank = rng.chance(20);
                p.blank.next = blank;
                if blank && due[0].is_some() {
                    due[0] = Some([0; L]);
                }
                p.mode.next = mode.into();
                p.raddr.next = (at as u64).into();
                p.index.next = (index as u64).into();
                due[1] = due[0];
                due[0] = Some(match mode {
                    0 => golden[at],
                    1 => golden[at + index],
                    _ => from_fn(|c| golden[at + c][index]),
                });
                // Block after block is filled, one in three plain; the one under way is not read, as its kind is changing.
                let at = cycle % depth;
                let skew = (cycle / L) % 3 != 0;
                skewed[at / L] = skew;
                if at / L == block {
                    due[0] = None;
                }
                let new = word(rng);
                p.we.next = true;
                p.wskew.next = skew;
                p.waddr.next = (at as u64).into();
                load(&mut p.wdata, &new);
                golden[at] = new;
            },
        )
        .unwrap();
}

#[test]
fn skew_pad_4() {
    skew_pad::<6, 2, 4>("skew_pad4");
}

#[test]
fn skew_pad_16() {
    skew_pad::<7, 4, 16>("skew_pad16");
}
