//! Commands come out in order, once, with their addresses, whatever the memory and the taker do; a flush throws all away.
use super::*;
use crate::parity::Parity;
use std::collections::VecDeque;

/// The beat that stands at an address.
fn beat(address: u32) -> u64 {
    u64::from(address).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(address) << 40
}

#[test]
fn commands_in_order_and_flushed() {
    // Beats asked for and not yet delivered: the address of each.
    let mut flying: VecDeque<u32> = VecDeque::new();
    let (mut next_ask, mut next_out, mut end) = (0u32, 0u32, 0u32);
    let (mut got, mut flushes, mut ahead, mut whole) = (0, 0, 0, 0);
    let (mut started, mut flushing) = (false, false);
    Parity::new("fetch")
        .cycles(12_000)
        .check(
            &mut Fetch::default(),
            |u| &mut u.clock,
            |f, rng, cycle| {
                // Handshakes of the cycle to come, for which only the *_ready and *_valid set below still count.
                f.reset.next = cycle == 0;
                f.start.next = false;
                if cycle == 0 {
                    return;
                }
                let fast = cycle % 2000 < 1000;
                f.flush.next = flushing;
                if flushing && f.idle.val() {
                    assert!(
                        flying.is_empty(),
                        "idle with beats outstanding, cycle {cycle}"
                    );
                    (flushing, started) = (false, false);
                    flushes += 1;
                    f.flush.next = false;
                } else if started && !flushing && rng.chance(1) {
                    flushing = true;
                    f.flush.next = true;
                }
                if started && !flushing && next_out == end && f.idle.val() {
                    started = false;
                    whole += 1;
                    assert!(!f.out_valid.val(), "a command too many, cycle {cycle}");
                }
                if !started && !flushing && rng.chance(30) {
                    let first = (rng.word() as u32) & !63;
                    let count = rng.below(40) as u32;
                    f.start.next = true;
                    f.first.next = u64::from(first).into();
                    f.commands.next = u64::from(count).into();
                    (next_ask, next_out, end) = (first, first, first.wrapping_add(64 * count));
                    started = true;
                }
                f.request_ready.next = rng.chance(if fast { 90 } else { 30 });
                if f.request_valid.val() && f.request_ready.next {
                    assert_eq!(
                        f.request_address.val().to_u64(),
                        u64::from(next_ask),
                        "cycle {cycle}"
                    );
                    assert_eq!(f.request_beats.val().to_u64(), 8);
                    assert!(next_ask != end, "asked past the end, cycle {cycle}");
                    flying.extend((0..8).map(|i| next_ask.wrapping_add(8 * i)));
                    next_ask = next_ask.wrapping_add(64);
                    if !flushing {
                        ahead = ahead.max(next_ask.wrapping_sub(next_out) / 64);
                    }
                }
                f.data_valid.next = false;
                // A beat asked for in this cycle comes in a later one.
                let ready = flying.len() > 8 || !(f.request_valid.val() && f.request_ready.next);
                if ready && !flying.is_empty() && rng.chance(if fast { 95 } else { 40 }) {
                    f.data_valid.next = true;
                    f.data.next = beat(flying.pop_front().unwrap_or_default()).into();
                }
                f.out_ready.next = rng.chance(if cycle % 700 < 350 { 90 } else { 3 });
                if f.out_valid.val() && f.out_ready.next && !flushing {
                    assert_eq!(
                        f.out_address.val().to_u64(),
                        u64::from(next_out),
                        "cycle {cycle}"
                    );
                    for i in 0..8 {
                        let found = f.out_command.val().get_bits::<64>(64 * i).to_u64();
                        assert_eq!(
                            found,
                            beat(next_out.wrapping_add(8 * i as u32)),
                            "cycle {cycle}"
                        );
                    }
                    next_out = next_out.wrapping_add(64);
                    got += 1;
                }
                assert!(f.data_ready.val() && !f.failed.val());
            },
        )
        .unwrap();
    assert_eq!(ahead, 8, "commands asked for ahead of their use");
    assert!(
        got > 300 && flushes > 15 && whole > 5,
        "{got} {flushes} {whole}"
    );
}

#[test]
fn a_beat_in_error_never_becomes_a_command() {
    let mut sent = 0;
    let mut failed = 0;
    Parity::new("fetch")
        .cycles(120)
        .check(
            &mut Fetch::default(),
            |u| &mut u.clock,
            |f, _, cycle| {
                f.reset.next = cycle == 0 || cycle == 60;
                f.start.next = cycle == 1;
                f.commands.next = 1.into();
                f.request_ready.next = true;
                f.out_ready.next = true;
                f.data_valid.next = cycle > 10 && sent < 8;
                sent += u32::from(f.data_valid.next);
                f.data_error.next = sent == 8;
                assert!(!f.out_valid.val(), "cycle {cycle}");
                if cycle > 20 && cycle <= 60 {
                    assert!(f.failed.val(), "cycle {cycle}");
                    failed += 1;
                }
                if cycle > 60 {
                    assert!(!f.failed.val(), "cycle {cycle}");
                }
            },
        )
        .unwrap();
    assert_eq!((sent, failed), (8, 40));
}
