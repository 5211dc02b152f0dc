//! Training on `cu` in 6 KiB for data and programs: pieces of programs take turns, and the bits are those of plain loops.

mod support;

use support::trainer::Trainer;
use tandem::fold::InputFormat;
use tandem::network::{Layer as L, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::config::CU;
use tandem_sim::model::Model;
use tandem_tests::random::Rng;

const MEMORY: usize = 6 << 10;
const SLOTS: usize = 2;
const BATCH: usize = 2;

fn networks() -> [Network; 2] {
    let of = |c, h, w, layers: &[L]| Network::new(Shape { c, h, w }, layers).unwrap();
    [
        of(
            16,
            1,
            1,
            &[
                L::FullyConnected { out: 8 },
                L::Relu,
                L::FullyConnected { out: 4 },
            ],
        ),
        of(
            4,
            6,
            6,
            &[L::conv(4, 3, 1, 0), L::Relu, L::FullyConnected { out: 4 }],
        ),
    ]
}

fn session(network: &Network, memory: usize) -> (Session<Model>, NetId) {
    let engine = Engine::open(Model::new(&CU, memory)).unwrap();
    let format = InputFormat::shared(&[network], CU.lanes, 14).unwrap();
    let mut s = Session::new(engine, format, SLOTS).unwrap();
    let id = s.install(network, Context::Student, BATCH, true).unwrap();
    (s, id)
}

/// Trains some steps in `memory` bytes; every step's weights.
fn steps(network: &Network, memory: usize, reference: bool) -> Vec<Vec<Vec<i16>>> {
    let (mut s, id) = session(network, memory);
    let parameters = Parameters::random(network, 5);
    s.set_parameters(id, &parameters).unwrap();
    s.seed_updates(id, 3);
    let mut t = Trainer::new(network, &s.words(id).unwrap(), &parameters, (14, 3));
    t.width = CU.width();
    t.folded = s.format().fold.is_some();
    let descent = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 6,
        cosine: true,
    };
    let mut r = Rng(8);
    let mut all = Vec::new();
    for i in 0..6 {
        let images: Vec<Vec<i16>> = (0..SLOTS)
            .map(|_| r.words(network.input().len(), 16000))
            .collect();
        let samples: Vec<Sample> = (0..SLOTS)
            .map(|slot| Sample {
                slot,
                label: r.below(4) as u16,
            })
            .collect();
        for (slot, image) in images.iter().enumerate() {
            s.write_sample(slot, image).unwrap();
        }
        s.step(id, &samples, &descent, i).unwrap();
        let words = s.words(id).unwrap();
        if reference {
            let labels: Vec<u16> = samples.iter().map(|s| s.label).collect();
            t.step(&images.concat(), &labels, descent.rate(i), 0.9, 1e-3);
            for (stage, l) in t.layers.iter().enumerate() {
                assert_eq!(words[2 * stage], l.w, "step {i}, weights of {stage}");
                assert_eq!(words[2 * stage + 1], l.b, "step {i}, biases of {stage}");
            }
            let ranks = s.rank(id, &samples, 2).unwrap();
            for (rank, (class, p)) in ranks.iter().zip(t.rank(&images.concat(), SLOTS)) {
                assert_eq!((rank.class[0] as usize, rank.p[0]), (class, p), "step {i}");
            }
        }
        all.push(words);
    }
    all
}

#[test]
fn steps_in_6_kib_are_exact() {
    for network in networks() {
        let (s, _) = session(&network, MEMORY);
        println!("{} bytes of data\n{network}", s.memory_used());
        let found = steps(&network, MEMORY, true);
        assert_eq!(found, steps(&network, 1 << 20, false), "{network}");
    }
}

#[test]
fn any_room_for_programs_gives_the_same_bits() {
    let [network, _] = networks();
    let (s, _) = session(&network, MEMORY);
    let expected = steps(&network, MEMORY, false);
    for commands in [1, 2, 3, 7, 20] {
        let memory = s.memory_used() as usize + 64 * commands;
        assert_eq!(
            steps(&network, memory, false),
            expected,
            "{commands} commands"
        );
    }
}

#[test]
fn no_room_is_refused_in_words() {
    let [network, _] = networks();
    let (s, _) = session(&network, MEMORY);
    let (mut s, id) = session(&network, s.memory_used() as usize);
    s.set_parameters(id, &Parameters::random(&network, 1))
        .unwrap();
    let error = s
        .calibrate(id, &[Sample::default()])
        .unwrap_err()
        .to_string();
    assert!(error.contains("a piece of a program"), "{error}");
}
