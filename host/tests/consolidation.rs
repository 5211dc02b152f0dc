//! Elastic weight consolidation: importance against plain loops, and what the pull leaves.

mod support;

use support::trainer::Trainer;
use tandem::consolidation::Consolidation;
use tandem::fold::InputFormat;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::numerics::BIAS_F;
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::random::Rng;

const FX: i32 = 14;
const SEED: u32 = 5;

fn network() -> Network {
    let layers = [
        Layer::conv(4, 3, 1, 1),
        Layer::Relu,
        Layer::MaxPool2,
        Layer::FullyConnected { out: 10 },
    ];
    Network::new(Shape { c: 1, h: 8, w: 8 }, &layers).unwrap()
}

fn images() -> Vec<Vec<i16>> {
    let mut r = Rng(SEED.into());
    let positive = |w: Vec<i16>| w.into_iter().map(i16::abs).collect();
    (0..24).map(|_| positive(r.words(64, 16_000))).collect()
}

fn samples(from: usize, to: usize) -> Vec<Sample> {
    let label = |slot: usize| (slot % 10) as u16;
    (from..to)
        .map(|slot| Sample {
            slot,
            label: label(slot),
        })
        .collect()
}

fn session(config: &'static Config) -> (Session<Model>, NetId) {
    let network = network();
    let engine = Engine::open(Model::new(config, 16 << 20)).unwrap();
    let format = InputFormat::shared(&[&network], config.lanes, FX).unwrap();
    let mut s = Session::new(engine, format, 24).unwrap();
    let id = s.install(&network, Context::Student, 8, true).unwrap();
    let parameters = Parameters::random(&network, SEED);
    s.set_parameters(id, &parameters).unwrap();
    s.seed_updates(id, 77);
    for (slot, image) in images().iter().enumerate() {
        s.write_sample(slot, image).unwrap();
    }
    (s, id)
}

/// Steps of a task.
fn learn(s: &mut Session<Model>, id: NetId, from: usize) {
    let descent = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: 6,
        cosine: true,
    };
    for i in 0..6 {
        s.step(id, &samples(from, from + 8), &descent, i).unwrap();
    }
}

/// Of one batch: squares of the gradients as the reference has them, by their mean.
#[test]
fn importance_is_that_of_the_reference() {
    let (mut s, id) = session(&TINY);
    let words = s.words(id).unwrap();
    let mut t = Trainer::new(
        &network(),
        &words,
        &Parameters::random(&network(), SEED),
        (FX, 77),
    );
    t.folded = s.format().fold.is_some();
    let batch = samples(0, 8);
    let found = s.consolidate(id, &batch, 8).unwrap();
    let labels: Vec<u16> = batch.iter().map(|s| s.label).collect();
    t.step(&images()[..8].concat(), &labels, 0.25, 0.0, 0.0);
    let mut squares: Vec<Vec<f64>> = Vec::new();
    for l in &t.layers {
        for (v, f) in [(&l.v, l.f_w), (&l.vb, BIAS_F)] {
            let real = |&v: &i16| f64::from(v) * 2f64.powi(-f);
            squares.push(v.iter().map(|v| real(v).powi(2)).collect());
        }
    }
    let all: Vec<f64> = squares.concat();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    assert!(mean > 0.0);
    assert_eq!(found.old, words);
    for (found, squares) in found.importance.iter().zip(&squares) {
        assert_eq!(found.len(), squares.len());
        for (&found, square) in found.iter().zip(squares) {
            let expected = (256.0 * square / mean).round().min(65_535.0);
            assert!(
                (f64::from(found) - expected).abs() <= 1.0,
                "seed {SEED}: {found} {expected}"
            );
        }
    }
}

/// A network is as it was, and lanes make no difference.
#[test]
fn looking_changes_nothing_and_is_the_same_everywhere() {
    let of = |config| {
        let (mut s, id) = session(config);
        learn(&mut s, id, 0);
        let before = s.state(id).unwrap();
        let found = s.consolidate(id, &samples(0, 16), 4).unwrap();
        assert_eq!(s.state(id).unwrap(), before, "{}", config.name);
        learn(&mut s, id, 8);
        s.pull(id, &found, 20_000, 3).unwrap();
        (found, s.words(id).unwrap())
    };
    let (a, b) = (of(&TINY), of(&E8X16));
    assert_eq!(a.0, b.0);
    assert_eq!(a.1, b.1);
}

#[test]
fn what_matters_goes_back_and_what_does_not_stays() {
    let (mut s, id) = session(&TINY);
    learn(&mut s, id, 0);
    let held = s.consolidate(id, &samples(0, 16), 4).unwrap();
    learn(&mut s, id, 8);
    let (before, momenta) = (s.words(id).unwrap(), s.state(id).unwrap().words);
    s.pull(id, &held, u16::MAX, 9).unwrap();
    let after = s.words(id).unwrap();
    let (mut back, mut stayed, mut between) = (0, 0, 0);
    for ((after, before), (old, importance)) in after
        .iter()
        .zip(&before)
        .zip(held.old.iter().zip(&held.importance))
    {
        for (((&after, &before), &old), &importance) in
            after.iter().zip(before).zip(old).zip(importance)
        {
            match importance {
                0 => stayed += i32::from(after == before),
                257.. => back += i32::from(after == old),
                _ => between += i32::from((before.min(old)..=before.max(old)).contains(&after)),
            }
        }
    }
    let count = |of: fn(u16) -> bool| {
        let all = held.importance.iter().flatten();
        all.filter(|&&i| of(i)).count() as i32
    };
    let expected = [
        count(|i| i == 0),
        count(|i| i > 256),
        count(|i| (1..=256).contains(&i)),
    ];
    assert_eq!([stayed, back, between], expected, "seed {SEED}");
    assert!(
        expected[1] > 5 && expected[2] > 5 && after != before,
        "{expected:?}"
    );
    // Of every stage: weights, momenta, biases, momenta.
    let left = s.state(id).unwrap().words;
    for (i, (left, momenta)) in left.iter().zip(&momenta).enumerate() {
        if i % 2 == 1 {
            assert_eq!(left, momenta, "momenta of block {i}");
        }
    }
}

#[test]
fn another_networks_or_no_samples_are_refused() {
    let (mut s, id) = session(&TINY);
    assert!(s.consolidate(id, &[], 4).is_err());
    assert!(s.consolidate(id, &samples(0, 8), 0).is_err());
    let held = Consolidation {
        old: vec![vec![0; 3]],
        importance: vec![vec![0; 3]],
    };
    let e = s.pull(id, &held, 1, 1).unwrap_err().to_string();
    assert!(e.contains("tensors of [3]"), "{e}");
}
