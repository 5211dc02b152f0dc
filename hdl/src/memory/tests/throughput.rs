//! Beats a cycle of whole loads and stores with a memory that is always ready but answers late.
use super::axi::{Memory, Profile};
use super::bench::Bench;
use super::cells::settle;
use crate::parity::Rng;
use rust_hdl::prelude::*;
use tandem_isa::command::{Command, Load, Store};

/// A command as the unit port takes it.
pub fn bits_of(command: Command) -> Bits<512> {
    let bytes = command.encode();
    bytes
        .iter()
        .rev()
        .fold(Bits::default(), |all: Bits<512>, &byte| {
            (all << 8) | Bits::<512>::from(u64::from(byte))
        })
}

/// A memory that never stalls and answers after `latency` cycles.
pub fn steady(latency: u64) -> Profile {
    Profile {
        ready: [100; 5],
        latency: (latency, latency),
        bad_read: None,
        bad_write: None,
        silent: false,
    }
}

/// Cycles from start to done, and beats moved.
fn run<const L: usize>(command: Command, latency: u64) -> (u64, u64) {
    let mut rng = Rng::new(1);
    let mut memory = Memory::new(1 << 18, steady(latency), &mut rng);
    memory.windows[1] = (0, 1 << 18, 3);
    let mut bench = Bench::<L>::default();
    bench.connect_all();
    bench.window_end[1].next = (1u64 << 18).into();
    bench.window_permissions[1].next = 3.into();
    let is_load = matches!(command, Command::Load(_));
    bench.load_command.next = bits_of(command);
    bench.store_command.next = bits_of(command);
    for cycle in 0..20_000u64 {
        bench.hard_reset.next = cycle < 2;
        bench.load_start.next = is_load && cycle == 3;
        bench.store_start.next = !is_load && cycle == 3;
        bench.drive(&memory.show(&mut rng));
        settle(&mut bench);
        memory.take(&bench.shown(), &mut rng);
        if cycle > 2 && (bench.load_done.val() || bench.store_done.val()) {
            return (cycle - 3, memory.beats_read + memory.beats_written);
        }
        for level in [true, false] {
            bench.clock.next = level.into();
            settle(&mut bench);
        }
    }
    panic!("not done after 20000 cycles");
}

/// Asserts a rate, not counting the latency of the first answer or the last response and the fixed start and end.
fn expect<const L: usize>(what: &str, command: impl Into<Command>, beats: u64, percent: u64) {
    let latency = 20;
    let (cycles, moved) = run::<L>(command.into(), latency);
    assert_eq!(moved, beats, "{what}");
    let rate = 100 * beats / (cycles - latency - 10);
    println!("{what}, {L} lanes: {beats} beats in {cycles} cycles, {rate} %");
    assert!(
        rate >= percent,
        "{what}: {beats} beats in {cycles} cycles are {rate} %, expected {percent} %"
    );
}

fn load(n: u16, m: u16, rows: u16, width: u16, row_stride: u32) -> Load {
    let m_stride = u32::from(rows) * row_stride + 64;
    Load {
        n,
        m,
        rows,
        width,
        row_stride,
        m_stride,
        n_stride: u32::from(m) * m_stride,
        ..Default::default()
    }
}

#[test]
fn long_boxes_load_a_beat_a_cycle() {
    expect::<16>("one long row", load(1, 1, 1, 300, 0), 1200, 97);
    expect::<4>("one long row", load(1, 1, 1, 1000, 0), 1000, 97);
    expect::<16>(
        "long rows with gaps",
        load(1, 2, 8, 20, 20 * 32 + 64),
        1280,
        97,
    );
}

#[test]
fn boxes_of_short_rows_load_at_85_percent() {
    expect::<16>(
        "contiguous rows of 2 words",
        load(2, 4, 16, 2, 64),
        1024,
        85,
    );
    expect::<16>(
        "rows of 2 words with gaps",
        load(2, 4, 16, 2, 128),
        1024,
        85,
    );
    expect::<16>("rows of 1 word with gaps", load(2, 4, 16, 1, 128), 512, 85);
    expect::<4>("contiguous rows of 3 words", load(2, 4, 16, 3, 24), 384, 85);
}

#[test]
fn borders_cost_little_beside_wide_words() {
    let mut command = load(1, 4, 8, 8, 8 * 32);
    (command.top, command.bottom, command.left, command.right) = (1, 1, 1, 1);
    expect::<16>("8 x 8 planes with a border", command, 1024, 85);
}

#[test]
fn stores_move_a_beat_a_cycle() {
    let store = |n, m, rows, width, row_stride| {
        let Load {
            m_stride, n_stride, ..
        } = load(n, m, rows, width, row_stride);
        Store {
            n,
            m,
            rows,
            width,
            row_stride,
            m_stride,
            n_stride,
            ..Default::default()
        }
    };
    expect::<16>("store of one long row", store(1, 1, 1, 300, 0), 1200, 97);
    expect::<4>("store of one long row", store(1, 1, 1, 1000, 0), 1000, 97);
    expect::<16>(
        "store of contiguous rows of 2 words",
        store(2, 4, 16, 2, 64),
        1024,
        90,
    );
    expect::<16>(
        "store of rows of 2 words with gaps",
        store(2, 4, 16, 2, 128),
        1024,
        90,
    );
}
