//! Random bursts against a memory of bytes, with stalls on every channel; and parity of both blocks.
use super::*;
use crate::parity::{Parity, Rng};
use rust_hdl::core::prelude::*;
use std::collections::VecDeque;

/// What the memory holds, 8 bytes at a time.
fn content(word: u64) -> u64 {
    (word + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A burst of the engine's kind: word address and beats, inside 512 bytes.
fn burst(rng: &mut Rng) -> (u64, u64) {
    let word = rng.below(1 << 20);
    let room = 64 - word % 64;
    let most = if rng.chance(50) { 4 } else { 64 };
    (word, 1 + rng.below(room.min(most)))
}

fn wide(low: u64, high: u64) -> Bits<128> {
    (Bits::<128>::from(high) << 64) | Bits::<128>::from(low)
}

#[test]
fn reads_bring_every_word_in_order() {
    let mut rng = Rng::new(1);
    let mut u = WideRead::default();
    u.connect_all();
    let (mut asked, mut owed, mut under_way) = (None, VecDeque::new(), VecDeque::new());
    let mut done = 0;
    for cycle in 0..20_000 {
        u.reset.next = cycle < 2;
        if asked.is_none() && cycle > 2 && rng.chance(60) {
            asked = Some(burst(&mut rng));
        }
        let (word, beats) = asked.unwrap_or((rng.below(1 << 20), 1));
        u.araddr.next = (word * 8).into();
        u.arlen.next = (beats - 1).into();
        u.arvalid.next = asked.is_some();
        u.wide_arready.next = rng.chance(70);
        u.rready.next = rng.chance(80);
        // The slave's beats, each of which stands until it is taken.
        let next: Option<&u64> = under_way.front();
        u.wide_rvalid.next = next.is_some();
        u.wide_rdata.next = next.map_or(rng.bits(), |w| wide(content(*w), content(w + 1)));
        assert!(simulate(&mut u, 100));
        if u.rvalid.val() && u.rready.val() {
            let (word, last) = owed.pop_front().expect("a beat that nobody asked for");
            assert_eq!(u.rdata.val(), content(word), "cycle {cycle}, word {word:x}");
            assert_eq!(u.rlast.val(), last, "cycle {cycle}");
            done += u64::from(last);
        }
        if u.wide_rvalid.val() && u.wide_rready.val() {
            under_way.pop_front();
        }
        if u.wide_arvalid.val() && u.wide_arready.val() {
            let first = u.wide_araddr.val().to_u64() / 8;
            assert_eq!(first % 2, 0);
            let pairs = u.wide_arlen.val().to_u64() + 1;
            assert_eq!(pairs, (word + beats - 1) / 2 - word / 2 + 1);
            under_way.extend((0..pairs).map(|pair| first + 2 * pair));
        }
        if u.arvalid.val() && u.arready.val() {
            owed.extend((0..beats).map(|beat| (word + beat, beat + 1 == beats)));
            asked = None;
        }
        assert!(under_way.len() <= 16 * 33);
        edge(&mut u, |u| &mut u.clock);
    }
    assert!(done > 400, "{done}");
}

#[test]
fn writes_change_the_bytes_they_name_and_no_others() {
    let mut rng = Rng::new(2);
    let mut u = WideWrite::default();
    u.connect_all();
    let (mut asked, mut to_send, mut under_way) = (None, VecDeque::new(), VecDeque::new());
    // Words and strobes that the slave is to see, whatever else it sees with strobes of 0.
    let mut owed = VecDeque::new();
    let (mut at, mut done) = (0, 0);
    for cycle in 0..20_000 {
        u.reset.next = cycle < 2;
        if asked.is_none() && cycle > 2 && rng.chance(60) {
            asked = Some(burst(&mut rng));
        }
        let (word, beats) = asked.unwrap_or((0, 1));
        u.awaddr.next = (word * 8).into();
        u.awlen.next = (beats - 1).into();
        u.awvalid.next = asked.is_some();
        u.wide_awready.next = rng.chance(70);
        u.wide_wready.next = rng.chance(70);
        let beat: Option<&(u64, u8, bool)> = to_send.front();
        let (data, strobes, last) = beat.copied().unwrap_or((rng.word(), 0, false));
        u.wvalid.next = beat.is_some();
        u.wdata.next = data.into();
        u.wstrb.next = u64::from(strobes).into();
        u.wlast.next = last;
        assert!(simulate(&mut u, 100));
        if u.wide_wvalid.val() && u.wide_wready.val() {
            let (first, pairs): &(u64, u64) = under_way.front().expect("data before their address");
            let (first, pairs) = (*first, *pairs);
            let strobes = u.wide_wstrb.val().to_u64();
            for half in 0..2 {
                let strobes = (strobes >> (8 * half)) as u8;
                let shown = if half == 0 {
                    u.wide_wdata.val().get_bits::<64>(0)
                } else {
                    u.wide_wdata.val().get_bits::<64>(64)
                };
                if strobes != 0 {
                    let found = (first + 2 * at + half, shown.to_u64(), strobes);
                    assert_eq!(Some(found), owed.pop_front(), "cycle {cycle}");
                }
            }
            at += 1;
            assert_eq!(u.wide_wlast.val(), at == pairs, "cycle {cycle}");
            if at == pairs {
                under_way.pop_front();
                at = 0;
                done += 1;
            }
        }
        if u.wvalid.val() && u.wready.val() {
            to_send.pop_front();
        }
        if u.wide_awvalid.val() && u.wide_awready.val() {
            let first = u.wide_awaddr.val().to_u64() / 8;
            under_way.push_back((first, u.wide_awlen.val().to_u64() + 1));
        }
        if u.awvalid.val() && u.awready.val() {
            for beat in 0..beats {
                let data = (rng.word(), 1 + rng.below(255) as u8, beat + 1 == beats);
                to_send.push_back(data);
                owed.push_back((word + beat, data.0, data.1));
            }
            asked = None;
        }
        edge(&mut u, |u| &mut u.clock);
    }
    assert!(done > 400, "{done}");
}

fn edge<B: Block>(block: &mut B, clock: impl Fn(&mut B) -> &mut Signal<In, Clock>) {
    for level in [true, false] {
        clock(block).next = level.into();
        assert!(simulate(block, 100));
    }
}

#[test]
fn read_parity() {
    let drive = |u: &mut WideRead, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2 || rng.chance(1);
        u.araddr.next = rng.bits();
        u.arlen.next = rng.below(9).into();
        u.arvalid.next = rng.chance(60);
        u.wide_arready.next = rng.chance(70);
        u.rready.next = rng.chance(70);
        u.wide_rvalid.next = rng.chance(70);
        u.wide_rdata.next = rng.bits();
    };
    let parity = Parity::new("wide_read").cycles(3000).all_move_but(&[]);
    parity
        .check(&mut WideRead::default(), |u| &mut u.clock, drive)
        .unwrap();
}

#[test]
fn write_parity() {
    let drive = |u: &mut WideWrite, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2 || rng.chance(1);
        u.awaddr.next = rng.bits();
        u.awlen.next = rng.below(9).into();
        u.awvalid.next = rng.chance(60);
        u.wide_awready.next = rng.chance(70);
        u.wdata.next = rng.bits();
        u.wstrb.next = rng.bits();
        u.wlast.next = rng.chance(20);
        u.wvalid.next = rng.chance(70);
        u.wide_wready.next = rng.chance(70);
    };
    let parity = Parity::new("wide_write").cycles(3000).all_move_but(&[]);
    parity
        .check(&mut WideWrite::default(), |u| &mut u.clock, drive)
        .unwrap();
}
