//! Parity of the set-up's blocks, and of the whole over a set-up that succeeds and one that cannot.
use super::*;
use crate::parity::{Parity, Rng};

fn program() -> Program {
    Program::new(1_000_000).unwrap()
}

#[test]
fn script_parity() {
    let program = program();
    let entry = program.entry(program::Part::Test);
    let drive = |u: &mut Script, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2 || rng.chance(1);
        // Both where the program begins and where nobody would.
        u.start.next = u.done.val() || rng.chance(2);
        u.entry.next = if rng.chance(70) {
            entry.into()
        } else {
            rng.bits()
        };
        u.lane.next = rng.chance(50);
        u.invert.next = rng.chance(50);
        u.ack.next = rng.chance(60);
        u.err.next = rng.chance(1);
        // Often what is wanted, or almost.
        let pattern = u64::from(program::PATTERN[rng.below(4) as usize]);
        let word = (!pattern & 0xffff) << 16 | pattern;
        let noise = if rng.chance(50) {
            0
        } else {
            1 << rng.below(32)
        };
        u.dat_r.next = (word ^ noise).into();
    };
    let mut block = Script::new(&program);
    Parity::new("ddr_script")
        .cycles(6000)
        .all_move_but(&[])
        .check(&mut block, |u| &mut u.clock, drive)
        .unwrap();
}

#[test]
fn search_parity() {
    for (percent, seed) in [(20, 1), (90, 2)] {
        let drive = |u: &mut Search, rng: &mut Rng, cycle: usize| {
            u.reset.next = cycle < 2 || cycle == 4000 || cycle == 8000;
            u.done.next = rng.chance(50);
            u.bad.next = rng.chance(percent) && cycle < 6000;
            u.fault.next = cycle > 11000 && rng.chance(30);
        };
        let mut block = Search::new(&program());
        Parity::new("ddr_search")
            .cycles(12000)
            .seed(seed)
            .all_move_but(&["silent", "ready", "failed", "failed_lane"])
            .check(&mut block, |u| &mut u.clock, drive)
            .unwrap();
    }
}

/// Answers every read with what the test pattern wants, as if every setting worked.
#[test]
fn set_up_parity() {
    let mut stored = [0u64; 0x500];
    let drive = move |u: &mut SetUp, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2;
        let at = u.adr.val().to_u64() as usize;
        u.ack.next = u.stb.val() && rng.chance(60);
        if u.stb.val() && u.we.val() && at < stored.len() {
            stored[at] = u.dat_w.val().to_u64();
        }
        // Read data lie two words after write data; what is read of the rest is a burst seen.
        u.dat_r.next = match at & 0x1f {
            7 | 8 | 15 | 16 if at >= 0x400 => stored[at - 2].into(),
            _ => 3.into(),
        };
    };
    let mut block = SetUp::new(1_000_000).unwrap();
    Parity::new("ddr_set_up")
        .cycles(40_000)
        .all_move_but(&["failed", "failed_lane", "silent"])
        .check(&mut block, |u| &mut u.clock, drive)
        .unwrap();
    assert!(block.ready.val(), "not ready after 40000 cycles");
}
