//! Each cell alone: Rust against its golden function, and against its Verilog.
use crate::memory::assemble::Assemble;
use crate::memory::burst::{bursts, Burst};
use crate::memory::golden::{padded, Area};
use crate::memory::lanes::{beats, BeatToWord, WordToBeat};
use crate::memory::pad_writer::PadWriter;
use crate::memory::rows::Rows;
use crate::memory::window::{allowed, Granted, Window};
use crate::parity::{Parity, Rng};
use rust_hdl::core::prelude::*;
use std::collections::VecDeque;

/// Lets combinational paths come to rest, so that a bench can see what the coming clock edge does.
pub fn settle(block: &mut impl Block) {
    assert!(simulate(block, 1000), "the block does not come to rest");
}

fn num<const N: usize>(signal: &Signal<Out, Bits<N>>) -> u64 {
    signal.val().to_u64()
}

#[test]
fn bursts_are_those_of_the_golden_function() {
    let mut cell = Burst::default();
    let (mut expected, mut held, mut seen) = (VecDeque::new(), None, 0);
    let drive = |u: &mut Burst, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2;
        if held.is_none() && cycle >= 2 && rng.chance(60) {
            let near_top = rng.chance(20);
            let address = if near_top { 0xffff_f000 } else { 0 } + (rng.below(1 << 12) & !7) as u32;
            let most = if rng.chance(50) { 200 } else { 9 };
            held = Some((address, 1 + rng.below(most) as u32));
        }
        let (address, beats) = held.unwrap_or_default();
        u.request_valid.next = held.is_some();
        u.request_address.next = u64::from(address).into();
        u.request_beats.next = u64::from(beats).into();
        u.burst_ready.next = rng.chance(70);
        settle(u);
        if u.burst_valid.val() && u.burst_ready.val() {
            let found = (
                num(&u.burst_address),
                num(&u.burst_beats),
                u.burst_last.val(),
            );
            assert_eq!(Some(found), expected.pop_front(), "cycle {cycle}");
            seen += 1;
        }
        if u.request_valid.val() && u.request_ready.val() && cycle >= 2 {
            let all = bursts(address, beats);
            for (i, &(address, size)) in all.iter().enumerate() {
                assert!(size <= 64 && address % 4096 + size * 8 <= 4096);
                expected.push_back((u64::from(address), u64::from(size), i + 1 == all.len()));
            }
            held = None;
        }
    };
    Parity::new("burst")
        .cycles(3000)
        .check(&mut cell, |u| &mut u.clock, drive)
        .unwrap();
    assert!(seen > 1000, "only {seen} bursts");
}

#[test]
fn a_burst_at_a_time_leaves_when_nothing_is_in_the_way() {
    let mut cell = Burst::default();
    cell.connect_all();
    let mut taken = 0;
    for cycle in 0..40 {
        cell.reset.next = cycle < 2;
        cell.request_valid.next = true;
        cell.request_beats.next = 1.into();
        cell.burst_ready.next = true;
        settle(&mut cell);
        taken += u32::from(cycle >= 10 && cell.burst_valid.val());
        for level in [true, false] {
            cell.clock.next = level.into();
            settle(&mut cell);
        }
    }
    assert_eq!(taken, 30);
}

/// An address near one of the corners that windows have.
fn near(rng: &mut Rng, corners: &[u32]) -> u32 {
    let corner = corners[rng.below(corners.len() as u64) as usize];
    let steps = rng.below(6) as u32 * 8;
    if rng.chance(50) {
        corner.wrapping_add(steps)
    } else {
        corner.wrapping_sub(steps)
    }
}

#[test]
fn windows_allow_what_the_golden_function_allows() {
    let mut cell = Window::default();
    let mut passed = 0;
    let drive = |u: &mut Window, rng: &mut Rng, cycle: usize| {
        let corners = [0, 0x1000, 0x1200, 0x8000_0000, 0xffff_fff8, 0xffff_fe00];
        let windows: [Granted; 4] =
            std::array::from_fn(|_| (near(rng, &corners), near(rng, &corners), rng.below(4) as u8));
        let pick = windows[rng.below(4) as usize];
        let address = near(rng, &[pick.0, pick.1, 0xffff_fff8]);
        let most = if rng.chance(50) { 64 } else { 6 };
        let beats = 1 + rng.below(most) as u32;
        let write = rng.chance(50);
        for (w, &(base, end, permissions)) in windows.iter().enumerate() {
            u.window_base[w].next = u64::from(base).into();
            u.window_end[w].next = u64::from(end).into();
            u.window_permissions[w].next = u64::from(permissions).into();
        }
        u.address.next = u64::from(address).into();
        u.beats.next = u64::from(beats).into();
        u.write.next = write;
        settle(u);
        let golden = allowed(&windows, address, beats, write);
        passed += u32::from(golden);
        assert_eq!(
            u.allowed.val(),
            golden,
            "cycle {cycle}: {windows:x?} {address:x} {beats} {write}"
        );
    };
    Parity::new("window")
        .cycles(4000)
        .check_combinational(&mut cell, drive)
        .unwrap();
    assert!(passed > 300, "only {passed} allowed");
}

#[test]
fn an_adjacent_or_wrapping_window_does_not_help() {
    let whole = (0, 0xffff_ffff, 3);
    let none = (0, 0, 0);
    assert!(!allowed(&[whole, none, none, none], 0xffff_fff8, 1, false));
    assert!(!allowed(
        &[(0, 64, 1), (64, 128, 1), none, none],
        56,
        2,
        false
    ));
    assert!(!allowed(&[(0, 128, 2), none, none, none], 0, 2, false));
    assert!(allowed(&[(0, 128, 2), none, none, none], 0, 16, true));
}

#[test]
fn lanes_and_beats_are_each_others_inverse() {
    let mut take = BeatToWord::<16>::default();
    Parity::new("beat_to_word")
        .cycles(300)
        .check(
            &mut take,
            |u| &mut u.clock,
            |u, rng, _| {
                u.enable.next = rng.chance(80);
                u.index.next = rng.bits();
                u.beat.next = rng.bits();
            },
        )
        .unwrap();
    let mut give = WordToBeat::<16>::default();
    let drive = |u: &mut WordToBeat<16>, rng: &mut Rng, cycle: usize| {
        let word: Vec<u16> = u.word.iter().map(|_| rng.word() as u16).collect();
        for (lane, &value) in u.word.iter_mut().zip(&word) {
            lane.next = u64::from(value).into();
        }
        let index = cycle as u64 % 8;
        u.index.next = index.into();
        settle(u);
        let golden = beats(&word).get(index as usize).copied().unwrap_or(0);
        assert_eq!(num(&u.beat), golden);
    };
    Parity::new("word_to_beat")
        .cycles(300)
        .check_combinational(&mut give, drive)
        .unwrap();
}

fn assembler<const L: usize>(name: &str) {
    let mut cell = Assemble::<L>::default();
    let (mut sent, mut held, mut words) = (VecDeque::new(), None, 0);
    let drive = |u: &mut Assemble<L>, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2;
        if held.is_none() && cycle >= 2 && rng.chance(85) {
            held = Some(rng.word());
        }
        u.data_valid.next = held.is_some();
        u.data.next = held.unwrap_or_default().into();
        u.word_ready.next = rng.chance(60);
        settle(u);
        if u.word_valid.val() && u.word_ready.val() {
            let word: Vec<u16> = u.word.iter().map(|lane| num(lane) as u16).collect();
            assert_eq!(
                beats(&word),
                sent.drain(..L / 4).collect::<Vec<u64>>(),
                "cycle {cycle}"
            );
            words += 1;
        }
        if let (true, Some(beat)) = (u.data_ready.val(), held) {
            sent.push_back(beat);
            held = None;
        }
    };
    Parity::new(name)
        .cycles(2000)
        .check(&mut cell, |u| &mut u.clock, drive)
        .unwrap();
    assert!(words > 300, "only {words} words");
}

#[test]
fn words_are_assembled_in_order() {
    assembler::<4>("assemble4");
    assembler::<16>("assemble16");
}

/// A random box whose words stay low in memory.
pub fn random_area(rng: &mut Rng, lanes: u32) -> Area {
    let word = lanes * 2;
    let (n, m) = (1 + rng.below(3) as u32, 1 + rng.below(3) as u32);
    let (rows, width) = (1 + rng.below(5) as u32, 1 + rng.below(6) as u32);
    let gap = |rng: &mut Rng, packed: u32| match rng.below(4) {
        0 => packed + 8 * rng.below(40) as u32,
        1 => 8 * rng.below(64) as u32,
        _ => packed,
    };
    let row_stride = gap(rng, width * word);
    let m_stride = gap(rng, rows * row_stride);
    let n_stride = gap(rng, m * m_stride);
    Area {
        address: 8 * rng.below(256) as u32,
        n,
        m,
        rows,
        width,
        n_stride,
        m_stride,
        row_stride,
    }
}

fn row_walker<const L: usize>(name: &str) {
    let mut cell = Rows::<L>::default();
    let (mut expected, mut boxes, mut active) = (VecDeque::new(), 0, true);
    let drive = |u: &mut Rows<L>, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2;
        u.start.next = cycle >= 2 && !active && rng.chance(50);
        if cycle >= 2 && !active {
            let mut area = random_area(rng, L as u32);
            if rng.chance(5) {
                area.rows = 0;
            }
            if rng.chance(10) {
                area.address = 0u32.wrapping_sub(64);
            }
            u.address.next = u64::from(area.address).into();
            u.n.next = u64::from(area.n).into();
            u.m.next = u64::from(area.m).into();
            u.rows.next = u64::from(area.rows).into();
            u.width.next = u64::from(area.width).into();
            u.n_stride.next = u64::from(area.n_stride).into();
            u.m_stride.next = u64::from(area.m_stride).into();
            u.row_stride.next = u64::from(area.row_stride).into();
            settle(u);
            if u.start.val() {
                assert!(expected.is_empty(), "requests missing: {expected:?}");
                expected.extend(area.requests(L as u32));
                boxes += 1;
            }
        }
        u.request_ready.next = rng.chance(60);
        settle(u);
        if u.request_valid.val() && u.request_ready.val() && cycle >= 2 {
            let found = (num(&u.request_address) as u32, num(&u.request_beats) as u32);
            assert_eq!(Some(found), expected.pop_front(), "cycle {cycle}");
        }
        active = u.active.val() || u.start.val() || cycle < 2;
    };
    Parity::new(name)
        .cycles(4000)
        .check(&mut cell, |u| &mut u.clock, drive)
        .unwrap();
    assert!(boxes > 100, "only {boxes} boxes");
}

#[test]
fn rows_become_the_requests_of_the_golden_function() {
    row_walker::<4>("rows4");
    row_walker::<16>("rows16");
}

#[test]
fn padded_boxes_have_the_order_of_the_golden_function() {
    let mut cell = PadWriter::default();
    let (mut expected, mut boxes, mut busy, mut base) = (VecDeque::new(), 0, true, 0u64);
    let drive = |u: &mut PadWriter, rng: &mut Rng, cycle: usize| {
        u.reset.next = cycle < 2;
        u.start.next = cycle >= 2 && !busy;
        if cycle >= 2 && !busy {
            let mut area = random_area(rng, 4);
            let mut side = || rng.below(3) * rng.below(2);
            let (top, bottom, left, right) = (side(), side(), side(), side());
            if rng.chance(20) {
                area.rows = 0;
            }
            base = rng.below(1 << 16);
            u.base.next = base.into();
            u.top.next = top.into();
            u.bottom.next = bottom.into();
            u.left.next = left.into();
            u.right.next = right.into();
            u.n.next = u64::from(area.n).into();
            u.m.next = u64::from(area.m).into();
            u.rows.next = u64::from(area.rows).into();
            u.width.next = u64::from(area.width).into();
            let border = (top as u32, bottom as u32, left as u32, right as u32);
            expected.extend(padded(&area, border, 4));
            boxes += 1;
        }
        u.word_valid.next = rng.chance(60);
        settle(u);
        if u.we.val() && cycle >= 2 {
            let from_memory = expected.pop_front().expect("a word too many").is_some();
            assert_eq!(u.zero.val(), !from_memory, "cycle {cycle}");
            assert_eq!(u.word_ready.val(), from_memory);
            assert!(u.word_valid.val() || !from_memory);
            assert_eq!(num(&u.waddr), base & 0xffff);
            base += 1;
        }
        if u.done.val() && cycle >= 2 {
            assert!(expected.is_empty(), "words missing: {}", expected.len());
        }
        busy = cycle < 2 || u.start.val() || (u.busy.val() && !u.done.val());
    };
    Parity::new("pad_writer")
        .cycles(6000)
        .check(&mut cell, |u| &mut u.clock, drive)
        .unwrap();
    assert!(boxes > 50, "only {boxes} boxes");
}

#[test]
fn the_most_padded_row_needs_all_seventeen_bits() {
    let area = Area {
        address: 0,
        n: 1,
        m: 1,
        rows: 1,
        width: 65535,
        n_stride: 0,
        m_stride: 0,
        row_stride: 0,
    };
    let mut cell = PadWriter::default();
    cell.connect_all();
    let expected = padded(&area, (0, 0, 255, 255), 4);
    let mut written = 0;
    for cycle in 0..expected.len() + 20 {
        cell.reset.next = cycle < 2;
        cell.start.next = cycle == 3;
        cell.left.next = 255.into();
        cell.right.next = 255.into();
        cell.n.next = 1.into();
        cell.m.next = 1.into();
        cell.rows.next = 1.into();
        cell.width.next = 65535.into();
        cell.word_valid.next = true;
        settle(&mut cell);
        if cell.we.val() && cycle >= 2 {
            assert_eq!(cell.zero.val(), expected[written].is_none());
            written += 1;
        }
        for level in [true, false] {
            cell.clock.next = level.into();
            settle(&mut cell);
        }
    }
    assert_eq!(written, expected.len());
}
