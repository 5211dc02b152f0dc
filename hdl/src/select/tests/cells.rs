//! Each cell against its own Verilog, and against what its page says where that is a formula.
use crate::parity::Parity;
use crate::select::*;
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use tandem_isa::selection::{key, KeyMode, Rules, EVENT, LAST_EPOCH};

/// Random inputs for the ports named.
macro_rules! random {
    ($u:ident, $rng:ident, $($port:ident),+) => { $($u.$port.next = $rng.bits();)+ };
}

#[test]
fn score_key_is_the_key_and_the_older_first() {
    let mut expected: Option<(Option<u32>, u32)> = None;
    Parity::new("score_key")
        .cycles(2000)
        .check_combinational(&mut ScoreKey::default(), |u, rng, _| {
            if let Some((key, arrival)) = expected {
                let rank = u.rank.val().to_u64();
                assert_eq!(u.eligible.val(), key.is_some());
                assert_eq!(rank as u32, !arrival);
                assert!(key.is_none_or(|key| (rank >> 32) as u32 == key));
            }
            random!(u, rng, key_mode, hash_key);
            u.arrival.next = rng.corner();
            u.confidence.next = rng.below(5).to_bits();
            if rng.chance(20) {
                u.confidence.next = [0x7fff, 0x8000, EVENT][rng.below(3) as usize].to_bits();
            }
            // Epochs of a power of two: the number of one is a part of the arrival's.
            let refresh = 1u32 << rng.below(32);
            u.aged.next = rng.chance(50);
            let epoch = (u.arrival.next.to_u32() / refresh).min(LAST_EPOCH);
            u.epoch.next = epoch.to_bits();
            u.threshold.next = rng.below(5).to_bits();
            u.min_confidence.next = rng.below(5).to_bits();
            let rules = Rules {
                mode: KeyMode::from_bits(u.key_mode.next.to_u8()),
                threshold: u.threshold.next.to_u16(),
                min_confidence: u.min_confidence.next.to_u16(),
                hash_key: u.hash_key.next.to_u32(),
                refresh: if u.aged.next { refresh } else { 0 },
                ..Rules::default()
            };
            let arrival = u.arrival.next.to_u32();
            expected = Some((key(&rules, u.confidence.next.to_u16(), arrival), arrival));
        })
        .unwrap();
}

#[test]
fn admit_follows_its_page() {
    let mut expected = None;
    Parity::new("admit")
        .cycles(3000)
        .check_combinational(&mut Admit::default(), |u, rng, _| {
            if let Some(expected) = expected {
                assert_eq!((u.append.val(), u.replace.val()), expected);
            }
            let few = |rng: &mut crate::parity::Rng| rng.below(4);
            let (rank, worst, count, room) = (few(rng), few(rng), few(rng), few(rng));
            let (arrival, last, spacing) = (few(rng) as u32, few(rng) as u32, few(rng) as u32);
            // Ranks that differ in the upper half only, or in the lower.
            let lift = 32 * rng.below(2);
            u.eligible.next = rng.chance(90);
            // An event's highest bit; it comes at any distance.
            let event = u64::from(rng.chance(30)) << 63;
            let rank = rank << lift | event;
            let worst = worst << lift | if rng.chance(20) { 1 << 63 } else { 0 };
            u.rank.next = rank.to_bits();
            u.worst.next = worst.to_bits();
            u.count.next = count.to_bits();
            u.room.next = room.to_bits();
            u.arrival.next = arrival.to_bits();
            u.last_arrival.next = last.to_bits();
            u.spacing.next = spacing.to_bits();
            let far = count == 0 || arrival.wrapping_sub(last) >= spacing || event != 0;
            let open = u.eligible.next && far && room > 0;
            let full = count >= room;
            expected = Some((open && !full, open && full && worst < rank));
        })
        .unwrap();
}

#[test]
fn share_bounds_classes_and_counts() {
    const R: usize = 6;
    let mut expected = None;
    Parity::new("share")
        .cycles(3000)
        .check_combinational(&mut Share::<R>::default(), |u, rng, _| {
            if let Some((shift, room, fits)) = expected {
                let found = (u.shift.val().to_u8(), u.room.val().to_u32());
                assert_eq!((found, u.fits.val()), ((shift, room), fits));
            }
            random!(u, rng, heap_shift);
            u.k.next = (rng.word() as u16 >> rng.below(16)).to_bits();
            u.class_id.next = (rng.word() as u16 >> rng.below(16)).to_bits();
            let shift = u.heap_shift.next.to_u8().min(R as u8 + 1);
            let room = u.k.next.to_u32().min(1 << shift);
            let fits = (u.class_id.next.to_u64() << shift) < 2 << R;
            expected = Some((shift, room, fits));
        })
        .unwrap();
}

#[test]
fn free_list_is_a_queue_of_every_slot() {
    const S: usize = 3;
    let mut queue = VecDeque::new();
    let mut drops = 0;
    Parity::new("free_list")
        .cycles(4000)
        .check(
            &mut FreeList::<S>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2 || rng.chance(1);
                u.push.next = rng.chance(if cycle / 200 % 2 == 0 { 30 } else { 80 });
                u.ready.next = rng.chance(if cycle / 300 % 2 == 0 { 90 } else { 20 });
                random!(u, rng, push_slot);
                if u.reset.next {
                    queue.clear();
                    return;
                }
                assert_eq!(u.count.val().to_u64(), queue.len() as u64);
                assert!(!queue.is_empty() || !u.valid.val());
                let stored = queue.len() - usize::from(u.valid.val());
                if u.valid.val() && u.ready.next {
                    assert_eq!(queue.pop_front(), Some(u.slot.val()));
                }
                if u.push.next && stored < 1 << S {
                    queue.push_back(u.push_slot.next);
                } else if u.push.next {
                    drops += 1;
                }
            },
        )
        .unwrap();
    assert!(drops > 10, "the full list was hardly tried");
}

#[test]
fn tally_counts() {
    let mut counts = [0; 4];
    Parity::new("tally")
        .check(
            &mut Tally::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                let found = [
                    u.seen.val(),
                    u.kept.val(),
                    u.replaced.val(),
                    u.rejected.val(),
                ];
                assert_eq!(found.map(|c| c.to_u32()), counts);
                u.reset.next = cycle < 2 || rng.chance(1);
                u.score.next = rng.chance(70);
                u.append.next = rng.chance(30);
                u.replace.next = !u.append.next && rng.chance(50);
                if u.reset.next {
                    counts = [0; 4];
                } else if u.score.next {
                    counts[0] += 1;
                    let (append, replace) = (u.append.next, u.replace.next);
                    counts[if append {
                        1
                    } else if replace {
                        2
                    } else {
                        3
                    }] += 1;
                }
            },
        )
        .unwrap();
}

#[test]
fn class_table_agrees_with_its_verilog() {
    Parity::new("class_table")
        .cycles(2000)
        .check(
            &mut ClassTable::<3>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 1 || rng.chance(1);
                u.read_class.next = rng.below(10).to_bits();
                u.write_class.next = rng.below(8).to_bits();
                u.mask_class.next = rng.below(10).to_bits();
                u.write.next = rng.chance(30);
                u.mask_write.next = rng.chance(30);
                u.mask_enable.next = rng.chance(50);
                random!(
                    u,
                    rng,
                    write_count,
                    write_arrival,
                    write_worst,
                    write_worst_slot
                );
            },
        )
        .unwrap();
}

#[test]
fn heap_banks_agree_with_their_verilog() {
    Parity::new("heap_banks")
        .cycles(2000)
        .check(
            &mut HeapBanks::<5>::default(),
            |u| &mut u.clock,
            |u, rng, _| {
                u.shift.next = rng.below(7).to_bits();
                u.class_id.next = rng.below(8).to_bits();
                u.read_row.next = rng.below(40).to_bits();
                u.write.next = rng.chance(60);
                u.write_node.next = rng.below(80).to_bits();
                random!(u, rng, write_rank, write_slot);
            },
        )
        .unwrap();
}

#[test]
fn heap_walk_agrees_with_its_verilog() {
    Parity::new("heap_walk")
        .cycles(4000)
        .check(
            &mut HeapWalk::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 1 || rng.chance(1);
                u.start.next = rng.chance(30);
                u.rise.next = rng.chance(50);
                u.size.next = (1 + (rng.below(32768) >> rng.below(16))).to_bits();
                // Close ranks, so that every comparison goes every way.
                u.rank.next = rng.below(8).to_bits();
                u.old_root_rank.next = rng.below(8).to_bits();
                u.even_rank.next = rng.below(8).to_bits();
                u.odd_rank.next = rng.below(8).to_bits();
                random!(u, rng, slot, old_root_slot, even_slot, odd_slot);
            },
        )
        .unwrap();
}

#[test]
fn heap_agrees_with_its_verilog() {
    Parity::new("heap")
        .cycles(3000)
        .check(
            &mut Heap::<4>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 1 || rng.chance(1);
                u.start.next = rng.chance(30);
                u.rise.next = rng.chance(50);
                u.shift.next = 4.into();
                u.class_id.next = rng.below(2).to_bits();
                u.size.next = (1 + rng.below(16)).to_bits();
                u.rank.next = rng.below(100).to_bits();
                u.worst.next = rng.below(100).to_bits();
                u.reading.next = rng.chance(10);
                u.read_index.next = rng.below(16).to_bits();
                random!(u, rng, slot, worst_slot, read_worst, read_worst_slot);
            },
        )
        .unwrap();
}

#[test]
fn read_port_agrees_with_its_verilog() {
    Parity::new("read_port")
        .check_combinational(&mut ReadPort::default(), |u, rng, _| {
            u.index.next = (rng.word() as u16 >> rng.below(17).min(15)).to_bits();
            random!(u, rng, root_rank, root_slot, even_rank, even_slot, odd_rank, odd_slot);
        })
        .unwrap();
}

#[test]
fn score_queue_agrees_with_its_verilog() {
    Parity::new("score_queue")
        .cycles(3000)
        .check(
            &mut ScoreQueue::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 1 || rng.chance(1);
                u.score_valid.next = rng.chance(70);
                u.score_first.next = rng.chance(50);
                u.score_last.next = rng.chance(50);
                u.hold.next = rng.chance(5);
                u.advance.next = rng.chance(60);
                random!(u, rng, score_class, score_confidence, score_slot, key_mode);
                random!(u, rng, threshold, min_confidence, hash_key);
                if cycle % 100 == 0 {
                    u.refresh.next = rng.below(6).to_bits();
                }
            },
        )
        .unwrap();
}

#[test]
fn epochs_end_with_their_last_sample_and_the_last_one_never() {
    let rules = Rules {
        refresh: 1,
        ..Rules::default()
    };
    let mut arrival = 0;
    Parity::new("score_queue_epochs")
        .cycles(LAST_EPOCH as usize + 2000)
        .check(
            &mut ScoreQueue::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                if u.valid.val() && u.advance.val() {
                    let found = (u.rank.val().to_u64() >> 32) as u32;
                    assert_eq!(Some(found), key(&rules, 7, arrival), "sample {arrival}");
                    arrival += 1;
                }
                u.reset.next = cycle < 1;
                u.refresh.next = rules.refresh.to_bits();
                u.score_confidence.next = 7.into();
                u.score_valid.next = cycle > 1;
                u.score_first.next = true;
                u.score_last.next = true;
                u.advance.next = rng.chance(99);
            },
        )
        .unwrap();
    assert!(arrival > LAST_EPOCH + 1, "{arrival}");
}

#[test]
fn slots_agree_with_their_verilog() {
    Parity::new("slots")
        .cycles(4000)
        .check(
            &mut Slots::<4>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 1 || rng.below(300) == 0;
                u.score.next = rng.chance(50);
                u.first.next = rng.chance(50);
                u.last.next = rng.chance(50);
                u.accepted.next = rng.chance(50);
                u.evict.next = rng.chance(40);
                u.freed_ready.next = rng.chance(70);
                u.slot.next = rng.below(16).to_bits();
                u.evict_slot.next = rng.below(16).to_bits();
            },
        )
        .unwrap();
}
