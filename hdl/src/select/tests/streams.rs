//! Whole streams, in the Rust simulation and in the emitted Verilog at once.
use super::bench::{Bench, Stream};
use crate::parity::{Parity, Rng};
use crate::select::Selector;
use std::sync::Once;
use tandem_isa::selection::KeyMode;

static BUILT: Once = Once::new();

/// 8 classes, 128 entries, 256 slots.
type Small = Selector<3, 6, 8>;

/// Runs the streams and compares with the Verilog; `cycles` must suffice.
fn run(streams: Vec<Stream>, classes: u16, seed: u64, cycles: usize) {
    let parity = |cycles, bench: &mut Bench| {
        let small = &mut Small::default();
        let parity = Parity::new("selector_small").cycles(cycles);
        parity
            .check(small, |u| &mut u.clock, |u, _, _| bench.step(u))
            .unwrap();
    };
    // The tests share one compiled module, made here once.
    BUILT.call_once(|| parity(1, &mut Bench::new(vec![], 0, 0)));
    let mut bench = Bench::new(streams, classes, seed);
    parity(cycles, &mut bench);
    assert!(bench.done(), "{cycles} cycles are too few");
}

fn twenty(mode: KeyMode) {
    let mut rng = Rng::new(20 + mode as u64);
    let streams = (0..20)
        .map(|_| Stream::random(&mut rng, mode, 8, 4, 240))
        .collect();
    run(streams, 8, mode as u64, 30_000);
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
