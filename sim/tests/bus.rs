//! The simulated bus and memory, driven by a small copier in the engine's place.
use tandem_sim::rtl::{
    Fault, Misfortune, Response, RtlCore, RtlError, Stalls, Timing, Waves, Window,
};

const SIZE: usize = 1 << 20;
const SOURCE: usize = 0x1_0000;
const TARGET: usize = 0x8_0038;

fn random_bytes(seed: u64, n: usize) -> Vec<u8> {
    let mut x = seed | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 32) as u8
    };
    (0..n).map(|_| next()).collect()
}

fn open() -> RtlCore {
    let mut core = RtlCore::open("fixture", SIZE, None).unwrap();
    core.memory_mut().copy_from_slice(&random_bytes(99, SIZE));
    core
}

fn start(core: &mut RtlCore, beats: u32, control: u32) {
    for (offset, value) in [
        (0x00, SOURCE as u32),
        (0x04, TARGET as u32),
        (0x08, beats),
        (0x10, 0),
        (0x0c, control),
    ] {
        core.reg_write(offset, value).unwrap();
    }
}

fn status(core: &mut RtlCore) -> u32 {
    core.reg_read(0x10).unwrap()
}

#[test]
fn copies_exactly_under_every_kind_of_stall() {
    let mut expected = random_bytes(99, SIZE);
    expected.copy_within(SOURCE..SOURCE + 8 * 1000, TARGET);
    for (seed, percent, longest) in [(1, 0, 1), (2, 10, 1), (3, 50, 4), (4, 90, 1), (5, 20, 30)] {
        let mut core = open();
        core.set_stalls(Stalls::uniform(seed, percent, longest));
        start(&mut core, 1000, 1);
        assert!(core.run_until_irq(1_000_000), "seed {seed}: no end");
        assert_eq!(status(&mut core), 1, "seed {seed}");
        assert!(
            core.memory() == &expected[..],
            "seed {seed}: memory differs"
        );
        let counts = core.counts();
        assert_eq!((counts.read_beats, counts.write_beats), (1000, 1000));
        assert_eq!(counts.outstanding, 0);
        assert_eq!(core.axi_violation(), None, "seed {seed}");
    }
}

#[test]
fn a_starved_channel_only_slows() {
    let mut slowest = 0;
    for channel in 0..5 {
        let mut stalls = Stalls::NONE;
        *[
            &mut stalls.write_address,
            &mut stalls.write_data,
            &mut stalls.write_response,
            &mut stalls.read_address,
            &mut stalls.read_data,
        ][channel] = 95;
        let mut core = open();
        core.set_stalls(stalls);
        start(&mut core, 64, 1);
        assert!(core.run_until_irq(100_000), "channel {channel}");
        assert_eq!(status(&mut core), 1, "channel {channel}");
        slowest = slowest.max(core.cycles());
    }
    let mut core = open();
    start(&mut core, 64, 1);
    assert!(core.run_until_irq(100_000));
    assert!(
        core.cycles() * 2 < slowest,
        "{} against {slowest}",
        core.cycles()
    );
}

#[test]
fn streaming_reads_use_the_whole_bus() {
    let beats = 20_000;
    let cycles = |timing| {
        let mut core = open();
        core.set_timing(timing);
        start(&mut core, beats, 2);
        let before = core.cycles();
        assert!(core.run_until_irq(100_000));
        let data = &core.memory()[SOURCE..SOURCE + 8 * beats as usize];
        let words = data
            .chunks(4)
            .map(|w| w.try_into().map(u32::from_le_bytes).unwrap());
        let sum = words.fold(0u32, |s, w| s.wrapping_add(w));
        let cycles = core.cycles() - before;
        assert_eq!(core.reg_read(0x14).unwrap(), sum);
        cycles
    };
    let ideal = cycles(Timing::IDEAL);
    assert!((20_000..20_060).contains(&ideal), "{ideal} cycles");
    let real = cycles(Timing::default());
    assert!((20_500..22_000).contains(&real), "{real} cycles");
}

#[test]
fn planned_errors_arrive_with_their_code() {
    for (what, expected) in [
        (
            Misfortune::ReadError {
                beat: 3,
                response: Response::SlaveError,
            },
            2,
        ),
        (
            Misfortune::ReadError {
                beat: 300,
                response: Response::DecodeError,
            },
            3,
        ),
        (
            Misfortune::WriteError {
                response: Response::SlaveError,
            },
            2,
        ),
        (
            Misfortune::WriteError {
                response: Response::DecodeError,
            },
            3,
        ),
    ] {
        let mut core = open();
        core.plan(Fault {
            skip: 2,
            ..Fault::once(what)
        });
        start(&mut core, 100, 1);
        assert!(core.run_until_irq(100_000));
        assert_eq!(status(&mut core), 1 | 2 | expected << 2, "{what:?}");
        // Once only: the next job is clean.
        start(&mut core, 100, 1);
        assert!(core.run_until_irq(100_000));
        assert_eq!(status(&mut core) & 3, 1, "{what:?}");
    }
}

#[test]
fn faults_of_an_address_range_leave_others_alone() {
    let mut core = open();
    core.plan(Fault {
        what: Misfortune::ReadError {
            beat: 0,
            response: Response::SlaveError,
        },
        addresses: 0..SOURCE as u64,
        skip: 0,
        times: u64::MAX,
    });
    start(&mut core, 100, 1);
    assert!(core.run_until_irq(100_000));
    assert_eq!(status(&mut core), 1);
}

#[test]
fn lost_and_late_answers() {
    for (what, ends) in [
        (Misfortune::ReadLost, false),
        (Misfortune::WriteLost, false),
        (Misfortune::ReadLate(5000), true),
        (Misfortune::WriteLate(5000), true),
    ] {
        let mut core = open();
        core.plan(Fault::once(what));
        start(&mut core, 50, 1);
        assert_eq!(core.run_until_irq(20_000), ends, "{what:?}");
        assert!(core.cycles() > 5000, "{what:?}");
        if !ends {
            core.reset(4);
            start(&mut core, 50, 1);
            assert!(core.run_until_irq(20_000), "{what:?}: dead after reset");
        }
    }
}

#[test]
fn addresses_past_the_memory_do_not_decode() {
    let mut core = RtlCore::open("fixture", SOURCE + 64, None).unwrap();
    start(&mut core, 16, 1);
    assert!(core.run_until_irq(10_000));
    assert_eq!(status(&mut core), 1 | 2 | 3 << 2);
}

#[test]
fn broken_rules_are_named() {
    for (rule, text) in [
        (1, "W last is"),
        (2, "crosses a 4 KiB boundary"),
        (3, "AR valid fell"),
        (4, "AW payload changed"),
        (5, "burst type 2"),
    ] {
        let mut core = open();
        core.set_stalls(Stalls::uniform(7, 60, 3));
        core.reg_write(0x18, rule).unwrap();
        start(&mut core, 1000, 5);
        core.run_until_irq(20_000);
        let found = core.axi_violation().unwrap_or_default();
        assert!(found.contains(text), "rule {rule}: `{found}`");
        assert!(core.counts().violations > 0);
    }
}

#[test]
fn the_register_port_reports_errors() {
    let mut core = open();
    let refused = core.reg_write(0x40, 0).unwrap_err();
    assert!(
        matches!(refused, RtlError::Refused { response: 3, .. }),
        "{refused}"
    );
    assert!(core.reg_read(0x44).is_err());
    assert_eq!(core.reg_read(0x08), Ok(core.reg_read(0x08).unwrap()));
}

#[test]
fn unknown_designs_are_named() {
    let error = RtlCore::open("13x13", 64, None).err().unwrap().to_string();
    assert!(
        error.contains("13x13") && error.contains("fixture"),
        "{error}"
    );
}

#[cfg(feature = "trace")]
#[test]
fn waves_are_written() {
    let file = std::env::temp_dir().join(format!("tandem-{}.fst", std::process::id()));
    let waves = |file: &std::path::Path| Waves {
        file: file.into(),
        window: Window::All,
    };
    let mut core = RtlCore::open("fixture", SIZE, Some(&waves(&file))).unwrap();
    start(&mut core, 100, 1);
    assert!(core.run_until_irq(10_000));
    drop(core);
    assert!(std::fs::metadata(&file).unwrap().len() > 1000);
    std::fs::remove_file(&file).unwrap();
    let nowhere = waves("/nonexistent/x.fst".as_ref());
    assert!(RtlCore::open("fixture", SIZE, Some(&nowhere)).is_err());
}

#[cfg(not(feature = "trace"))]
#[test]
fn waves_need_their_feature() {
    let file = std::env::temp_dir().join(format!("tandem-none-{}.fst", std::process::id()));
    let waves = Waves {
        file: file.clone(),
        window: Window::All,
    };
    let error = RtlCore::open("fixture", SIZE, Some(&waves)).err();
    assert!(matches!(error, Some(RtlError::Waves { .. })));
    assert!(!file.exists());
}
