//! Networks with residuals and average pools: random ones against plain loops, and one that learns.

mod support;

use support::networks::random_network;
use support::trainer::Trainer;
use tandem::fold::InputFormat;
use tandem::network::{zoo, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::random::Rng;

fn session(
    config: &'static Config,
    network: &Network,
    slots: usize,
    batch: usize,
) -> (Session<Model>, NetId) {
    let engine = Engine::open(Model::new(config, 16 << 20)).unwrap();
    let format = InputFormat::shared(&[network], config.lanes, 14).unwrap();
    let mut s = Session::new(engine, format, slots).unwrap();
    let id = s.install(network, Context::Student, batch, true).unwrap();
    (s, id)
}

/// Returns whether inference was compared too.
fn check(config: &'static Config, seed: u64) -> bool {
    let mut r = Rng(seed);
    let network = random_network(&mut r);
    let what = format!("{} seed {seed}\n{network}", config.name);
    let (mut s, id) = session(config, &network, 16, 5);
    let parameters = Parameters::random(&network, seed as u32);
    let file = parameters.to_safetensors(&network).unwrap();
    assert_eq!(
        Parameters::from_safetensors(&network, &file).unwrap(),
        parameters
    );
    s.set_parameters(id, &parameters).unwrap();
    s.seed_updates(id, 7);
    let mut t = Trainer::new(&network, &s.words(id).unwrap(), &parameters, (14, 7));
    t.folded = s.format().fold.is_some();
    t.width = config.width();
    let classes = network.output().c;
    let images: Vec<Vec<i16>> = (0..16)
        .map(|_| r.words(network.input().len(), 16000))
        .collect();
    for (i, image) in images.iter().enumerate() {
        s.write_sample(i, image).unwrap();
    }
    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 4,
        cosine: true,
    };
    for i in 0..4 {
        let slots: Vec<usize> = (0..[5, 4, 1, 3][i]).map(|_| r.below(16)).collect();
        let label = |slot: usize| (slot % classes) as u16;
        let samples: Vec<Sample> = slots
            .iter()
            .map(|&slot| Sample {
                slot,
                label: label(slot),
            })
            .collect();
        let labels: Vec<u16> = slots.iter().map(|&slot| label(slot)).collect();
        let x: Vec<i16> = slots.iter().flat_map(|&k| images[k].clone()).collect();
        s.step(id, &samples, &descent, i).unwrap();
        t.step(&x, &labels, descent.rate(i), 0.9, 1e-3);
        let found = s.words(id).unwrap();
        for (stage, l) in t.layers.iter().enumerate() {
            assert!(found[2 * stage] == l.w, "step {i}, weights {stage}, {what}");
            assert!(
                found[2 * stage + 1] == l.b,
                "step {i}, biases {stage}, {what}"
            );
        }
    }
    if t.layers.iter().any(|l| !l.sites[0].valid) {
        // A stage that only ever gave zeros: inference is refused.
        return false;
    }
    let samples: Vec<Sample> = (0..6).map(|slot| Sample { slot, label: 0 }).collect();
    let x: Vec<i16> = images[..6].concat();
    let ranks = s.rank(id, &samples, 1).unwrap();
    for (rank, (class, p)) in ranks.iter().zip(t.rank(&x, 6)) {
        assert_eq!(
            (rank.class[0] as usize, rank.p[0]),
            (class, p),
            "rank, {what}"
        );
    }
    true
}

#[test]
fn random_residual_networks_equal_plain_loops() {
    let ranked = (0..24)
        .flat_map(|seed| [check(&TINY, seed), check(&E8X16, 500 + seed)])
        .filter(|&r| r)
        .count();
    assert!(ranked > 36, "{ranked}");
}

/// Images of four classes, bars of two widths and two directions at random places on noise.
fn bars(r: &mut Rng, class: usize) -> Vec<i16> {
    let mut image = r.words(144, 3000);
    let width = 1 + 2 * (class / 2);
    let at = r.below(12 - width);
    for (i, v) in image.iter_mut().enumerate() {
        let across = if class % 2 == 0 { i / 12 } else { i % 12 };
        if (at..at + width).contains(&across) {
            *v += 9000;
        }
    }
    image
}

#[test]
fn a_residual_network_learns() {
    let layers = zoo::residual(&[8, 16], 2, 4);
    let network = Network::new(Shape { c: 1, h: 12, w: 12 }, &layers).unwrap();
    let (mut s, id) = session(&E8X16, &network, 320, 16);
    s.set_parameters(id, &Parameters::random(&network, 3))
        .unwrap();
    let mut r = Rng(11);
    let samples: Vec<Sample> = (0..320)
        .map(|slot| {
            let label = (slot % 4) as u16;
            s.write_sample(slot, &bars(&mut r, slot % 4)).unwrap();
            Sample { slot, label }
        })
        .collect();
    let (train, held) = samples.split_at(240);
    let descent = Descent {
        lr: 0.01,
        momentum: 0.9,
        weight_decay: 1e-4,
        steps: 120,
        cosine: true,
    };
    s.calibrate(id, train).unwrap();
    let before = s.correct(id, held).unwrap();
    for i in 0..descent.steps {
        let batch: Vec<Sample> = (0..16).map(|_| train[r.below(240)]).collect();
        s.step(id, &batch, &descent, i).unwrap();
    }
    let after = s.correct(id, held).unwrap();
    println!("of 80 held out: {before} before, {after} after");
    assert!(before < 45 && after >= 72, "{before} to {after} of 80");
}
