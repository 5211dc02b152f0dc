//! One suite on every device: registers, memory, a layer, training steps, labelling with selection, a fault, an abort. What comes of
//! it must be the model's, bit for bit.
//!
//! `cargo test --release -p tandem-tests --test devices`; with `--features rtl` also on the simulated RTL.
#![cfg(target_os = "linux")]

use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use tandem::{Context, Device, DeviceError, DriverError, Engine, Window};
use tandem_isa::command::{Load, Store};
use tandem_isa::config::TINY;
use tandem_isa::register::{self, Access};
use tandem_isa::{Command, ErrorCode};
use tandem_sim::model::Model;
use tandem_tests::layers::layers;
use tandem_tests::networks::networks;
use tandem_tests::random::Rng;
use tandem_tests::served::Served;
use tandem_tests::training::training;

type Any<'a> = Box<dyn Device + 'a>;
type Parts = Vec<(&'static str, Vec<i64>)>;

const MEMORY: usize = 1 << 20;
const PROGRAM: u32 = 0x1000;
/// Commands of a program that is stopped before its end.
const MANY: u32 = 5000;
const SEED: u64 = 5;

fn open(device: Any<'_>) -> Engine<Any<'_>> {
    Engine::open(device).unwrap_or_else(|e| panic!("{e}"))
}

/// Every register that keeps what is written keeps it, in as many bits as the engine has for it.
fn registers<'a>(device: Any<'a>, all: &mut Parts) -> Any<'a> {
    let mut engine = open(device);
    let mut found = Vec::new();
    for r in register::ALL {
        // Counters run on, and the selector shows entries that nobody has put there.
        let runs_on = (0x300..0x400).contains(&r.offset);
        let shows = r.offset >= register::SEL_CLEAR && r.access == Access::ReadOnly;
        if runs_on || shows || r.access == Access::WriteOnly {
            continue;
        }
        let before = engine.register(r.offset).unwrap();
        // Who owns an idle array says nothing.
        let idle = if r.offset == register::STATUS {
            before & !2
        } else {
            before
        };
        found.push(idle);
        if r.access == Access::ReadWrite {
            engine.set_register(r.offset, 0xa5a5_5a58).unwrap();
            found.push(engine.register(r.offset).unwrap());
            engine.set_register(r.offset, before).unwrap();
        }
    }
    for outside in [2, register::SPACE] {
        assert!(engine.register(outside).is_err());
    }
    all.push(("registers", found.into_iter().map(i64::from).collect()));
    engine.into_device()
}

/// Blocks of every alignment, written over one another.
fn memory<'a>(mut device: Any<'a>, all: &mut Parts) -> Any<'a> {
    assert_eq!(device.memory_size(), MEMORY as u64);
    let mut r = Rng(SEED);
    let mut expected = vec![0; 1 << 16];
    let at = MEMORY - expected.len();
    device.write_memory(at as u64, &expected).unwrap();
    for i in 0..100 {
        let longest = [8, 300, 5000][i % 3];
        let from = r.below(expected.len() - longest);
        let data: Vec<u8> = (0..1 + r.below(longest)).map(|_| r.word() as u8).collect();
        device.write_memory((at + from) as u64, &data).unwrap();
        expected[from..from + data.len()].copy_from_slice(&data);
        let from = r.below(expected.len() - longest);
        let mut found = vec![0; 1 + r.below(longest)];
        device.read_memory((at + from) as u64, &mut found).unwrap();
        assert!(found == expected[from..from + found.len()], "block {i}");
    }
    let mut found = vec![0; expected.len()];
    device.read_memory(at as u64, &mut found).unwrap();
    assert!(found == expected);
    for (address, bytes) in [(MEMORY as u64, 1), (MEMORY as u64 - 3, 4), (u64::MAX, 1)] {
        let mut found = vec![0; bytes];
        let read = device.read_memory(address, &mut found);
        assert!(matches!(read, Err(DeviceError::Memory { .. })), "{read:?}");
        assert!(device.write_memory(address, &found).is_err());
    }
    all.push(("memory", found.into_iter().map(i64::from).collect()));
    device
}

fn one() -> Load {
    Load {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        address: 0x40000,
        ..Default::default()
    }
}

fn good(engine: &mut Engine<Any<'_>>) {
    let store = Store {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        address: 0x50000,
        ..Default::default()
    };
    let all = Window {
        base: 0,
        end: MEMORY as u32,
        read: true,
        write: true,
    };
    for context in [Context::Teacher, Context::Student] {
        engine.set_window(context, 0, all).unwrap();
        engine
            .write_program(PROGRAM.into(), &[one().into(), store.into()])
            .unwrap();
        engine.run(context, PROGRAM.into(), 2, 100_000).unwrap();
    }
}

/// A bad command stops its context with code, command and value; the next program runs.
fn fault<'a>(device: Any<'a>, all: &mut Parts) -> Any<'a> {
    let mut engine = open(device);
    good(&mut engine);
    let cases: [(Command, ErrorCode); 3] = [
        (
            Load {
                address: MEMORY as u32,
                ..one()
            }
            .into(),
            ErrorCode::ReadWindow,
        ),
        (Load { pad: 9, ..one() }.into(), ErrorCode::BadField),
        (
            Load {
                flags: 0x80,
                ..one()
            }
            .into(),
            ErrorCode::BadFlags,
        ),
    ];
    let mut found = Vec::new();
    for (bad, code) in cases {
        engine
            .write_program(PROGRAM.into(), &[one().into(), bad])
            .unwrap();
        match engine.run(Context::Student, PROGRAM.into(), 2, 100_000) {
            Err(DriverError::Fault(f)) => {
                assert_eq!(f.kind(), Some(code));
                found.extend([f.code, f.command, f.index, f.value].map(i64::from));
            }
            other => panic!("{bad:?}: {other:?}"),
        }
        good(&mut engine);
    }
    all.push(("fault", found));
    engine.into_device()
}

/// A program that is stopped in its middle leaves the engine idle: by hand, by a flag, by dropping the engine.
fn abort<'a>(device: Any<'a>, all: &mut Parts) -> Any<'a> {
    let mut engine = open(device);
    good(&mut engine);
    let program: Vec<Command> = (0..MANY).map(|_| one().into()).collect();
    let place = 0x60000;
    engine.write_program(place, &program).unwrap();
    let idle = |engine: &mut Engine<Any<'_>>| {
        assert_eq!(engine.register(register::STATUS).unwrap() & 5, 0);
        assert_eq!(engine.register(register::S_STATE).unwrap(), 0);
        assert_eq!(engine.register(register::IRQ_STATUS).unwrap(), 0);
        good(engine);
    };
    engine.start(Context::Student, place, MANY).unwrap();
    engine.abort().unwrap();
    idle(&mut engine);

    engine.stop_when(Arc::new(AtomicBool::new(true)));
    engine.start(Context::Student, place, MANY).unwrap();
    let stopped = engine.finish(Context::Student, 1 << 30);
    assert!(matches!(stopped, Err(DriverError::Stopped)), "{stopped:?}");
    engine.stop_when(Arc::new(AtomicBool::new(false)));
    idle(&mut engine);

    let mut device = engine.into_device();
    let mut again = Engine::open(&mut device).unwrap();
    again.start(Context::Student, place, MANY).unwrap();
    drop(again);
    let mut engine = open(device);
    idle(&mut engine);
    // Nothing runs, so nothing ends: the limit does.
    let late = engine.finish(Context::Teacher, 200);
    assert!(
        matches!(late, Err(DriverError::Device(DeviceError::TimedOut { .. }))),
        "{late:?}"
    );
    all.push(("abort", vec![]));
    engine.into_device()
}

/// All of it, on a device that was opened for it.
fn suite(device: Any<'_>) -> Parts {
    let mut all = Vec::new();
    let device = registers(device, &mut all);
    let device = memory(device, &mut all);
    let device = fault(device, &mut all);
    let device = abort(device, &mut all);
    let mut engine = open(device);
    for seed in SEED..SEED + 3 {
        all.extend(layers(&mut engine, seed));
    }
    all.push(("training", training(engine, &networks()[2], SEED).unwrap()));
    all
}

fn same(name: &str, found: &Parts) {
    let expected = suite(Box::new(Model::new(&TINY, MEMORY)));
    assert_eq!(found.len(), expected.len());
    for ((part, found), (_, expected)) in found.iter().zip(&expected) {
        assert_eq!(found.len(), expected.len(), "{part} on {name}, seed {SEED}");
        let pairs = found.iter().zip(expected).enumerate();
        let differ: Vec<_> = pairs.filter(|(_, (a, b))| a != b).take(8).collect();
        assert_eq!(
            differ,
            [],
            "{part} on {name}, seed {SEED}: (place, (found, the model's))"
        );
    }
}

fn model() -> Model {
    Model::new(&TINY, MEMORY)
}

#[test]
fn on_the_model() {
    let parts = suite(Box::new(model()));
    assert!(parts
        .iter()
        .any(|(name, values)| *name == "training" && !values.is_empty()));
}

#[test]
fn on_a_uart_through_a_pty() {
    let served = Served::pty(&TINY, MEMORY as u64, model);
    same("uart", &suite(Box::new(served.uart().unwrap())));
    served.end().unwrap();
}

#[test]
fn on_a_mapping_through_shared_memory() {
    let served = Served::shared(&TINY, MEMORY as u64, model);
    same("mmap", &suite(Box::new(served.mmap().unwrap())));
    served.end().unwrap();
}

/// The board by its own UART pins: the host's serial port, a pseudo-terminal, and the hardware's link, engine and memory in simulation.
#[cfg(feature = "link")]
#[test]
fn on_a_board_through_a_pty_and_its_pins() {
    use tandem::network::{Layer, Network, Shape};
    use tandem_isa::config::CU;
    use tandem_tests::small::Training;
    let layers = [Layer::FullyConnected { out: 4 }];
    let network = Network::new(Shape { c: 8, h: 1, w: 1 }, &layers).unwrap();
    let served = Served::pins();
    let uart = served.uart().unwrap();
    let bytes = uart.memory_size() as usize;
    let mut board = Training::new(uart, &network).unwrap();
    let mut model = Training::new(Model::new(&CU, bytes), &network).unwrap();
    board.step().unwrap();
    model.step().unwrap();
    let (found, expected) = (board.held().unwrap(), model.held().unwrap());
    assert_eq!(found.differing(&expected), [0; 3], "of {:?}", found.bits());
    drop(board);
    served.end().unwrap();
}

#[cfg(feature = "rtl")]
mod rtl {
    use super::*;
    use tandem_sim::rtl::RtlDevice;

    fn device() -> RtlDevice {
        RtlDevice::open(&TINY, MEMORY, None).unwrap()
    }

    #[test]
    fn on_the_rtl() {
        let mut device = device();
        let found = suite(Box::new(&mut device));
        same("rtl", &found);
        tandem_tests::rtl::settled(&mut Engine::open(device).unwrap());
    }

    #[test]
    fn on_the_rtl_through_a_pty_and_shared_memory() {
        let served = Served::pty(&TINY, MEMORY as u64, device);
        same("rtl behind uart", &suite(Box::new(served.uart().unwrap())));
        served.end().unwrap();
        let served = Served::shared(&TINY, MEMORY as u64, device);
        same("rtl behind mmap", &suite(Box::new(served.mmap().unwrap())));
        served.end().unwrap();
    }
}

#[test]
fn a_served_device_goes_from_one_program_to_the_next_but_not_to_two() {
    let served = Served::shared(&TINY, MEMORY as u64, model);
    let first = served.mmap().unwrap();
    let refused = served
        .mmap()
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default();
    assert!(refused.contains("another program"), "{refused}");
    drop(first);
    let mut second = served.mmap().unwrap();
    assert_eq!(second.read_register(register::ID), Ok(register::ID_VALUE));
    let path = served.path().to_path_buf();
    served.end().unwrap();
    let gone = second.read_register(register::ID).unwrap_err().to_string();
    assert!(gone.contains("server has ended"), "{gone}");
    assert!(!path.exists());
}
