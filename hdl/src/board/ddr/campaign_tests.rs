//! The set-up against a PHY with every bit slip and every run of delays, on both lanes, and none; on the emitted Verilog, with the
//! stub of `stub.cpp` around it.
use super::SetUp;
use crate::emit::whole;
use crate::parity::Rng;
use crate::verilate::Harness;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const STUB: &str = include_str!("stub.cpp");

/// Delays that work, a bit each, by bit slip.
type Mask = [u8; 4];

/// What a lane is like: data right, burst seen.
#[derive(Clone, Copy, Debug)]
struct Lane {
    good: Mask,
    burst: Mask,
}

impl Lane {
    fn new(good: Mask) -> Self {
        Self {
            good,
            burst: [0xff; 4],
        }
    }

    /// Both at once.
    fn works(&self) -> Mask {
        std::array::from_fn(|slip| self.good[slip] & self.burst[slip])
    }

    /// The middle of the first of the longest runs: bit slip and delay. Written without regard to how the search does it.
    fn expected(&self) -> Option<(u8, u8)> {
        let works = self.works();
        for length in (1..=8).rev() {
            let run = ((1u32 << length) - 1) as u8;
            for slip in 0..4u8 {
                for first in 0..=8 - length {
                    if works[slip as usize] & (run << first) == run << first {
                        return Some((slip, first + (length - 1) / 2));
                    }
                }
            }
        }
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    Always,
    Never,
    WithAnError,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    seed: u64,
    answers: Answers,
    lanes: [Lane; 2],
}

/// The set-up for a clock of `clock` Hz with the stub around it, compiled once for each text.
fn build(clock: u64) -> PathBuf {
    let harness = Harness {
        folder: "ddr_campaign",
        verilog: &whole(&mut SetUp::new(clock).unwrap(), "set_up").unwrap(),
        top: "set_up",
        prefix: "Vdut",
        program: STUB,
        options: &["-O3", "-Wno-fatal"],
        flags: &[],
    };
    harness.build().unwrap()
}

/// Runs the cases and judges each.
fn judge(program: &Path, clock: u64, cases: &[Case]) {
    let mut child = Command::new(program)
        .arg(clock.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = String::new();
    for case in cases {
        input += &format!("{} {}", case.seed, case.answers as u8);
        for lane in case.lanes {
            for mask in lane.good.into_iter().chain(lane.burst) {
                input += &format!(" {mask:x}");
            }
        }
        input.push('\n');
    }
    let mut pipe = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), cases.len());
    for (case, line) in cases.iter().zip(text.lines()) {
        let note = format!("{case:x?}: {line}");
        let fields: Vec<&str> = line.splitn(13, ' ').collect();
        let n: Vec<i64> = fields[..12].iter().map(|f| f.parse().unwrap()).collect();
        assert_eq!(fields[12], "-", "{note}");
        let found = |lane: usize| (n[4 + 2 * lane] as u8, n[5 + 2 * lane] as u8);
        let expected = case.lanes.map(|lane| lane.expected());
        if case.answers != Answers::Always {
            assert_eq!(n[..2], [0, 1], "failed: {note}");
            assert_eq!((n[3], n[9]), (1, 0), "silent, ports shut: {note}");
            continue;
        }
        assert_eq!(n[3], 0, "not silent: {note}");
        let lanes = (0..2)
            .filter(|l| expected[*l].is_none())
            .map(|l| 1 << l)
            .sum::<i64>();
        assert_eq!(n[2], lanes, "failed lanes: {note}");
        if lanes == 0 {
            assert_eq!(n[..2], [1, 0], "ready: {note}");
            assert_eq!(n[8..11], [1, 1, 0], "handed over, ports open: {note}");
            for (lane, expected) in expected.into_iter().enumerate() {
                let (slip, delay) = found(lane);
                assert_eq!(Some((slip, delay)), expected, "lane {lane}: {note}");
                assert_eq!(
                    case.lanes[lane].works()[slip as usize] >> delay & 1,
                    1,
                    "{note}"
                );
            }
        } else {
            assert_eq!(n[..2], [0, 1], "failed: {note}");
            assert_eq!(n[8] & 1, 0, "not handed over: {note}");
            assert_eq!(n[10], 1, "ports shut: {note}");
        }
    }
}

/// Every run of delays of every bit slip, and none.
fn windows() -> Vec<Mask> {
    let mut all = vec![[0; 4]];
    for slip in 0..4 {
        for first in 0..8 {
            for length in 1..=8 - first {
                let mut mask = [0; 4];
                mask[slip] = (((1u32 << length) - 1) << first) as u8;
                all.push(mask);
            }
        }
    }
    all
}

fn seed() -> u64 {
    std::env::var("TANDEM_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(1)
}

/// Waits are counted in cycles of this clock: short, so that a run is short.
const SLOW: u64 = 1_000_000;

#[test]
fn every_setting_of_the_phy_is_found_or_reported() {
    let mut rng = Rng::new(seed());
    let all = windows();
    assert_eq!(all.len(), 1 + 4 * 36);
    let mut cases = vec![];
    // Each window on each lane, with every twentieth window on the other.
    for (i, mask) in all.iter().enumerate() {
        for other in all.iter().skip(i % 20).step_by(20) {
            for lanes in [[*mask, *other], [*other, *mask]] {
                cases.push(Case {
                    seed: rng.word(),
                    answers: Answers::Always,
                    lanes: lanes.map(Lane::new),
                });
            }
        }
    }
    judge(&build(SLOW), SLOW, &cases);
}

#[test]
fn any_pattern_of_delays_and_bursts_is_judged_right() {
    let mut rng = Rng::new(seed());
    let mut lane = || {
        let any = rng.word().to_le_bytes();
        let more = rng.word().to_le_bytes();
        // Few, half or most delays work; the burst is seen at most of them, and at some that read wrong.
        let mask = |i: usize| match more[0] % 3 {
            0 => any[i] & more[i + 1] & any[i + 4],
            1 => any[i],
            _ => any[i] | more[i + 1],
        };
        let good = std::array::from_fn(mask);
        let burst = std::array::from_fn(|i| any[i + 4] | more[3 + i]);
        Lane { good, burst }
    };
    let lanes: Vec<[Lane; 2]> = (0..2000).map(|_| [lane(), lane()]).collect();
    let cases: Vec<Case> = lanes
        .into_iter()
        .enumerate()
        .map(|(i, lanes)| Case {
            seed: i as u64,
            answers: Answers::Always,
            lanes,
        })
        .collect();
    judge(&build(SLOW), SLOW, &cases);
}

#[test]
fn a_controller_that_does_not_answer_is_reported() {
    let lanes = [Lane::new([0, 0x3c, 0, 0]); 2];
    let cases: Vec<Case> = (0..40)
        .map(|seed| Case {
            seed,
            answers: [Answers::Never, Answers::WithAnError][usize::from(seed > 3)],
            lanes,
        })
        .collect();
    judge(&build(SLOW), SLOW, &cases);
}

#[test]
fn the_memory_gets_its_times_at_the_fastest_clock() {
    let clock = super::program::MAXIMUM;
    let case = |seed, good: Mask| Case {
        seed,
        answers: Answers::Always,
        lanes: [Lane::new(good); 2],
    };
    judge(
        &build(clock),
        clock,
        &[
            case(1, [0, 0, 0x78, 3]),
            case(2, [1, 0, 0, 0]),
            case(3, [0; 4]),
        ],
    );
}
