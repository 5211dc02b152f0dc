//! Whole streams, in the Rust simulation and in the emitted Verilog at once.
use super::bench::{Bench, Stream};
use crate::parity::{Parity, Rng};
use crate::select::Selector;
use rust_hdl::prelude::*;
use std::sync::Once;
use tandem_isa::selection::{KeyMode, EVENT};

static BUILT: Once = Once::new();

/// 8 classes, 128 entries, 256 slots.
type Small = Selector<3, 6, 8>;

/// The tests share one compiled module, which is made here.
fn small(cycles: usize, mut step: impl FnMut(&mut Small, usize)) {
    let run = |cycles, step: &mut dyn FnMut(&mut Small, usize)| {
        Parity::new("selector_small")
            .cycles(cycles)
            .check(
                &mut Small::default(),
                |u| &mut u.clock,
                |u, _, at| step(u, at),
            )
            .unwrap();
    };
    BUILT.call_once(|| run(1, &mut |_, _| ()));
    run(cycles, &mut step);
}

/// Runs the streams and compares with the Verilog; `cycles` must suffice.
fn run(streams: Vec<Stream>, classes: u16, seed: u64, cycles: usize) {
    let mut bench = Bench::new(streams, classes, seed);
    small(cycles, |u, _| bench.step(u));
    assert!(bench.done(), "{cycles} cycles are too few");
}

fn twenty(mode: KeyMode) {
    let mut rng = Rng::new(20 + mode as u64);
    let streams = (0..20)
        .map(|_| Stream::random(&mut rng, mode, 8, 4, 240))
        .collect();
    run(streams, 8, mode as u64, 60_000);
}

#[test]
fn confidence_equals_the_sort() {
    twenty(KeyMode::Confidence);
}

#[test]
fn arrival_equals_the_sort() {
    twenty(KeyMode::Arrival);
}

#[test]
fn hash_equals_the_sort() {
    twenty(KeyMode::Hash);
}

#[test]
fn hash_above_threshold_equals_the_sort() {
    twenty(KeyMode::HashAbove);
}

fn some(seed: u64, count: usize, change: impl Fn(&mut Stream, &mut Rng)) -> Vec<Stream> {
    let mut rng = Rng::new(seed);
    let one = |_| {
        let mode = KeyMode::from_bits(rng.below(4) as u8);
        let mut stream = Stream::random(&mut rng, mode, 8, 4, 160);
        change(&mut stream, &mut rng);
        stream
    };
    (0..count).map(one).collect()
}

#[test]
fn spacing_and_mask_equal_the_model() {
    let streams = some(5, 12, |s, rng| {
        s.rules.spacing = rng.below(12) as u32;
        s.disabled = (0..9).filter(|_| rng.chance(25)).collect();
    });
    run(streams, 8, 5, 16_000);
}

/// Makes some samples events: alone, which the bench offers by their own port, or among scores of a teacher.
fn with_events(s: &mut Stream, rng: &mut Rng) {
    for scores in &mut s.samples {
        if rng.chance(10) {
            scores.truncate(1);
        }
        if rng.chance(15) {
            scores[0].1 = EVENT;
        }
    }
}

#[test]
fn epochs_and_events_equal_the_model_and_the_sort() {
    let streams = some(11, 12, |s, rng| {
        s.rules.refresh = [0, 1, 3, 10, 40, 1000][rng.below(6) as usize];
        with_events(s, rng);
    });
    run(streams, 8, 11, 30_000);
}

#[test]
fn events_do_not_wait_for_the_spacing() {
    let streams = some(12, 8, |s, rng| {
        s.rules.spacing = 2 + rng.below(12) as u32;
        s.rules.refresh = rng.below(20) as u32;
        with_events(s, rng);
    });
    run(streams, 8, 12, 30_000);
}

#[test]
fn limits_equal_the_model() {
    // Classes that are not there, shares that do not fit, K of 0, of the whole share and beyond it.
    let streams = some(6, 12, |s, rng| {
        for score in s.samples.iter_mut().flatten() {
            if rng.chance(10) {
                score.0 = [8, 15, 16, 0x108, 0xffff][rng.below(5) as usize];
            }
        }
        s.heap_shift = [0, 1, 2, 4, 5, 6, 7, 8, 15][rng.below(9) as usize];
        let share = 1 << s.heap_shift.min(7);
        s.rules.k = [0, 1, share, share + 1, 65535][rng.below(5) as usize];
    });
    run(streams, 8, 6, 16_000);
}

#[test]
fn a_sample_listed_twice_in_a_class_is_counted_once_a_place() {
    let streams = some(7, 8, |s, rng| {
        for scores in &mut s.samples {
            let again = scores[0];
            scores.push((again.0, rng.below(40) as u16));
        }
    });
    run(streams, 8, 7, 16_000);
}

#[test]
fn clear_in_the_middle_leaves_nothing() {
    let streams = some(8, 14, |s, rng| {
        if rng.chance(60) {
            s.cut_at = rng.below(50) as usize;
        }
    });
    run(streams, 8, 8, 16_000);
}

#[test]
fn a_thousand_classes_of_sixty_four() {
    // Only some classes are used: the address arithmetic is what differs from the small one.
    let used = [0, 1, 2, 511, 512, 998, 999];
    let mut rng = Rng::new(9);
    let mut stream = Stream::random(&mut rng, KeyMode::Hash, 7, 6, 900);
    for score in stream.samples.iter_mut().flatten() {
        score.0 = used[score.0 as usize];
    }
    stream.rules.k = 64;
    let mut bench = Bench::new(vec![stream], 1000, 9);
    let large = &mut Selector::<10, 15, 16>::default();
    let parity = Parity::new("selector_large").cycles(75_000);
    parity
        .check(large, |u| &mut u.clock, |u, _, _| bench.step(u))
        .unwrap();
    assert!(bench.done());
}

#[test]
#[ignore = "645,000 cycles in both simulations take a minute and 1 GB; the test above covers the addresses"]
fn a_thousand_full_classes() {
    let mut rng = Rng::new(10);
    let mut stream = Stream::random(&mut rng, KeyMode::Hash, 1000, 6, 4);
    stream.rules.k = 64;
    stream.samples = (0..80_000)
        .map(|_| vec![(rng.below(1000) as u16, rng.below(100) as u16)])
        .collect();
    stream.offer_percent = 100;
    stream.free_percent = 100;
    stream.rules.min_confidence = 0;
    let mut bench = Bench::new(vec![stream], 1000, 10);
    let large = &mut Selector::<10, 15, 16>::default();
    Parity::new("selector_large")
        .cycles(800_000)
        .check(large, |u| &mut u.clock, |u, _, _| bench.step(u))
        .unwrap();
    assert!(bench.done());
}

/// Cycles from the first of `scores` given to the last decided, offered without a pause once `before` are through.
fn cycles_of(mode: KeyMode, before: &[(u16, u16)], scores: &[(u16, u16)]) -> usize {
    let all: Vec<_> = before.iter().chain(scores).collect();
    let (mut next, mut begin, mut end) = (0, None, None);
    small(4000, |u, cycle| {
        u.reset.next = cycle < 2;
        u.freed_ready.next = true;
        u.k.next = 16.into();
        u.heap_shift.next = 4.into();
        u.key_mode.next = (mode as u8).to_bits();
        let seen = u.seen.val().to_u64() as usize;
        let pause = next == before.len() && (seen < next || u.busy.val());
        let go = cycle > 300 && next < all.len() && !pause;
        u.score_valid.next = go;
        u.score_first.next = true;
        u.score_last.next = true;
        if seen == all.len() && end.is_none() {
            end = Some(cycle);
        }
        if go {
            u.score_class.next = all[next].0.to_bits();
            u.score_confidence.next = all[next].1.to_bits();
            u.score_slot.next = (next & 255).to_bits();
            if u.score_ready.val() {
                next += 1;
            }
            if next > before.len() && begin.is_none() {
                begin = Some(cycle);
            }
        }
    });
    end.expect("the scores take longer") - begin.unwrap_or(0)
}

#[test]
fn a_rejected_score_takes_one_cycle() {
    let full: Vec<_> = (0..32).map(|i| (i % 2, 1000 + i)).collect();
    for n in [1, 10, 100, 1000] {
        let rejected: Vec<_> = (0..n).map(|i| (i % 3 % 2, 999)).collect();
        let cycles = cycles_of(KeyMode::Confidence, &full, &rejected);
        assert_eq!(cycles, usize::from(n) + 4, "{n} rejected scores");
    }
}

#[test]
fn an_accepted_score_takes_four_cycles_a_level_and_a_few() {
    let full: Vec<_> = (0..16).map(|_| (0, 1)).collect();
    let cycles = cycles_of(KeyMode::Arrival, &full, &[(0, 1); 100]);
    assert!(
        cycles <= 100 * (9 + 4 * 4) + 4,
        "{cycles} cycles for 100 accepted"
    );
    assert!(cycles > 100 * 9, "{cycles} cycles for 100 accepted");
}
