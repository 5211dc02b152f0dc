//! Elastic weight consolidation: importance and held steps against plain loops.

mod support;

use support::trainer::Trainer;
use tandem::consolidation::Consolidation;
use tandem::fold::InputFormat;
use tandem::lower::{Job, Options, SiteSet};
use tandem::network::frozen::Frozen;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::command::{Command, Update};
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::numerics::BIAS_F;
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::configs::{TINY_HOST_LOSS, TINY_HOST_PULL};
use tandem_tests::random::Rng;

const FX: i32 = 14;
const SEED: u32 = 5;
const DESCENT: Descent = Descent {
    lr: 0.1,
    momentum: 0.9,
    weight_decay: 0.0,
    steps: 6,
    cosine: true,
};

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
    for i in 0..6 {
        s.step(id, &samples(from, from + 8), &DESCENT, i).unwrap();
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

/// A network is as it was, held or not, and lanes make no difference.
#[test]
fn looking_changes_nothing_and_is_the_same_everywhere() {
    let of = |config| {
        let (mut s, id) = session(config);
        learn(&mut s, id, 0);
        let before = s.state(id).unwrap();
        let found = s.consolidate(id, &samples(0, 16), 4).unwrap();
        assert_eq!(s.state(id).unwrap(), before, "{}", config.name);
        s.hold(id, &found, u16::MAX).unwrap();
        assert!(s.is_held(id));
        assert_eq!(s.consolidate(id, &samples(0, 16), 4).unwrap(), found);
        assert_eq!(s.state(id).unwrap(), before, "{}", config.name);
        assert!(s.is_held(id));
        found
    };
    assert_eq!(of(&TINY), of(&E8X16));
    assert_eq!(of(&TINY), of(&TINY_HOST_PULL));
}

/// Steps of a second task against the whole step in plain loops, with the pull of `isa` in its update: on engines that pull themselves, and
/// where the host does it, with and without a loss unit.
#[test]
fn held_steps_are_those_of_the_reference() {
    for config in [&TINY, &E8X16, &TINY_HOST_PULL, &TINY_HOST_LOSS] {
        for strength in [0, 20_000, u16::MAX] {
            let (mut s, id) = session(config);
            let parameters = Parameters::random(&network(), SEED);
            let words = s.words(id).unwrap();
            let mut t = Trainer::new(&network(), &words, &parameters, (FX, 77));
            t.folded = s.format().fold.is_some();
            let descent = DESCENT;
            let both = |s: &mut Session<Model>, t: &mut Trainer, from: usize, n: usize, i| {
                let batch = samples(from, from + n);
                s.step(id, &batch, &descent, i).unwrap();
                let labels: Vec<u16> = batch.iter().map(|s| s.label).collect();
                let images = images()[from..from + n].concat();
                t.step(&images, &labels, descent.rate(i), 0.9, 0.0);
                let expected = t.layers.iter().flat_map(|l| [&l.w, &l.b]);
                for (k, (found, expected)) in s.words(id).unwrap().iter().zip(expected).enumerate()
                {
                    assert!(
                        found == expected,
                        "{} {strength}: tensor {k}, step {i} from {from}",
                        config.name
                    );
                }
            };
            for i in 0..3 {
                both(&mut s, &mut t, 0, 8, i);
            }
            let held = s.consolidate(id, &samples(0, 16), 4).unwrap();
            // Looking draws no random words that a step would.
            let before = s.words(id).unwrap();
            s.hold(id, &held, strength).unwrap();
            for (i, n) in [8, 5, 8].into_iter().enumerate() {
                let now = f64::from(strength) * descent.rate(i) / descent.lr;
                t.held = Some((held.clone(), now.round() as u16));
                both(&mut s, &mut t, 8, n, i);
            }
            assert!(s.words(id).unwrap() != before, "{}", config.name);
            s.release(id);
            t.held = None;
            both(&mut s, &mut t, 8, 8, 1);
        }
    }
}

/// Frozen stages stay as they are, wherever the pull is made.
#[test]
fn what_is_frozen_is_not_pulled() {
    let of = |config| {
        let (mut s, id) = session(config);
        learn(&mut s, id, 0);
        let held = s.consolidate(id, &samples(0, 16), 4).unwrap();
        learn(&mut s, id, 8);
        s.hold(id, &held, u16::MAX).unwrap();
        let before = s.words(id).unwrap();
        let options = Options {
            frozen: Frozen::all_but_last(&network()),
            ..Options::default()
        };
        s.set_options(id, options);
        learn(&mut s, id, 8);
        let after = s.words(id).unwrap();
        assert_eq!(before[..2], after[..2], "{}", config.name);
        after
    };
    assert_eq!(of(&TINY), of(&TINY_HOST_PULL));
}

/// What matters is held where it stood, what does not goes on.
#[test]
fn what_matters_stays_near_where_it_stood() {
    let away = |strength| {
        let (mut s, id) = session(&E8X16);
        learn(&mut s, id, 0);
        let held = s.consolidate(id, &samples(0, 16), 4).unwrap();
        s.hold(id, &held, strength).unwrap();
        learn(&mut s, id, 8);
        let words = s.words(id).unwrap();
        // Distances of what has more than the mean importance, and of what has a quarter of it or less.
        let mut sums = [(0.0, 0), (0.0, 0)];
        let importance = held.importance.iter().flatten();
        let distance = words.iter().flatten().zip(held.old.iter().flatten());
        for (&importance, (&w, &old)) in importance.zip(distance) {
            let sum = match importance {
                257.. => &mut sums[0],
                0..=64 => &mut sums[1],
                _ => continue,
            };
            *sum = (sum.0 + (f64::from(w) - f64::from(old)).abs(), sum.1 + 1);
        }
        sums.map(|(sum, n)| sum / f64::from(n))
    };
    let (free, held) = (away(0), away(u16::MAX));
    assert!(
        held[0] < 0.7 * free[0] && held[1] > 0.9 * free[1],
        "seed {SEED}: {held:?} {free:?}"
    );
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
    let e = s.hold(id, &held, 1).unwrap_err().to_string();
    assert!(e.contains("tensors of [3]"), "{e}");
    assert!(!s.is_held(id));
    let held = s.consolidate(id, &samples(0, 8), 4).unwrap();
    let mut short = held.clone();
    short.importance[1].pop();
    let e = s.hold(id, &short, 1).unwrap_err().to_string();
    assert!(e.contains("tensors of [36, 3,"), "{e}");
    let inference = s.install(&network(), Context::Teacher, 8, false).unwrap();
    let e = s.hold(inference, &held, 1).unwrap_err().to_string();
    assert!(e.contains("for inference"), "{e}");
}

/// A program with elastic updates is not for an engine without, nor without places for what they read.
#[test]
fn a_compiler_says_what_elastic_updates_lack() {
    let job = Job::Train {
        first: SiteSet::default(),
    };
    let options = Options {
        elastic: true,
        ..Options::default()
    };
    for (config, remedy) in [
        (&TINY, "NetworkPlan::hold"),
        (&TINY_HOST_PULL, "let a session hold the weights"),
    ] {
        let (mut s, id) = session(config);
        s.set_options(id, options);
        let e = s.program(id, job, 8).unwrap_err().to_string();
        assert!(e.contains(remedy), "{e}");
    }
}

#[test]
fn a_held_step_is_one_program_whose_updates_are_elastic() {
    let (mut s, id) = session(&TINY);
    let job = Job::Train {
        first: SiteSet::default(),
    };
    let flags = |s: &mut Session<Model>| -> Vec<u8> {
        let commands = &s.program(id, job, 8).unwrap().commands;
        let update = |c: &Command| match c {
            Command::Update(c) => Some(c.flags),
            _ => None,
        };
        commands.iter().filter_map(update).collect()
    };
    assert!(flags(&mut s).iter().all(|&f| f == 0));
    let held = s.consolidate(id, &samples(0, 8), 4).unwrap();
    s.hold(id, &held, 1).unwrap();
    let all = flags(&mut s);
    assert!(all.len() > 4 && all.iter().all(|&f| f == Update::ELASTIC));
    let used = s.memory_used();
    s.hold(id, &held, 2).unwrap();
    assert_eq!(s.memory_used(), used, "places are taken once");
    s.release(id);
    assert!(flags(&mut s).iter().all(|&f| f == 0));
}
