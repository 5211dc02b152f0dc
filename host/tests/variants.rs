//! Variants of a step on the model: frozen layers, soft targets.

use tandem::batches::Random;
use tandem::distil::Distillation;
use tandem::fold::InputFormat;
use tandem::lower::Options;
use tandem::network::frozen::Frozen;
use tandem::network::Network;
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Device, DeviceError, Engine};
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::register::{SOFT_TARGETS_MINOR, VERSION, VERSION_VALUE};
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::configs::{BITS_8, CU_SITES, E8X16_HOST_PULL, TINY_HOST_LOSS, TINY_HOST_PULL};
use tandem_tests::networks::networks;
use tandem_tests::training::{distilling, holding};

const BATCH: usize = 4;
const SLOTS: usize = 16;

fn descent() -> Descent {
    Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 8,
        cosine: true,
    }
}

/// A session with a network and samples in all slots.
fn session(config: &'static Config, network: &Network) -> (Session<Model>, NetId, Vec<Sample>) {
    let engine = Engine::open(Model::new(config, 16 << 20)).unwrap();
    let format = InputFormat::shared(&[network], config.lanes, 14).unwrap();
    let mut s = Session::new(engine, format, SLOTS).unwrap();
    let net = s.install(network, Context::Student, BATCH, true).unwrap();
    s.set_parameters(net, &Parameters::random(network, 7))
        .unwrap();
    let mut random = Random::new(9);
    let samples = (0..SLOTS)
        .map(|slot| {
            let image: Vec<i16> = (0..network.input().len())
                .map(|_| random.below(1 << 14) as i16)
                .collect();
            s.write_sample(slot, &image).unwrap();
            Sample {
                slot,
                label: random.below(network.output().c) as u16,
            }
        })
        .collect();
    (s, net, samples)
}

#[test]
fn frozen_layers_keep_their_weights_and_the_rest_learns_as_ever() {
    for config in [&TINY, &E8X16] {
        for (which, network) in networks().iter().enumerate() {
            let trained: Vec<usize> = (0..network.stages().len())
                .filter(|&i| network.stages()[i].is_trained())
                .collect();
            if trained.len() < 2 {
                continue;
            }
            let last = trained[trained.len() - 1];
            let words = |frozen: Frozen, steps: usize| {
                let (mut s, net, samples) = session(config, network);
                let options = Options {
                    frozen,
                    ..Options::default()
                };
                s.set_options(net, options);
                for i in 0..steps {
                    s.step(net, &samples[..BATCH], &descent(), i).unwrap();
                }
                (s.words(net).unwrap(), s.predicted()[1])
            };
            let (start, _) = words(Frozen::default(), 0);
            let (full, cycles) = words(Frozen::default(), 1);
            let (part, fewer) = words(Frozen::all_but_last(network), 1);
            for i in 0..network.stages().len() {
                let from = if i == last { &full } else { &start };
                assert_eq!(part[2 * i], from[2 * i], "{which} stage {i}");
                assert_eq!(part[2 * i + 1], from[2 * i + 1], "{which} stage {i}");
            }
            assert_ne!(full[0], start[0], "{which}: the full step moved nothing");
            assert!(fewer < cycles, "{which}: {fewer} of {cycles} cycles");
            // More steps go on in the same way, and an inference follows.
            let (later, _) = words(Frozen::all_but_last(network), 3);
            assert_ne!(later[2 * last], part[2 * last], "{which}");
            assert_eq!(later[0], start[0], "{which}");
        }
    }
}

#[test]
fn without_a_soft_share_a_step_is_the_plain_one() {
    let network = &networks()[0];
    for config in [&TINY, &E8X16] {
        let (mut a, net, samples) = session(config, network);
        let (mut b, other, _) = session(config, network);
        let how = Distillation {
            temperature: 2.0,
            share: 0.0,
        };
        let target = vec![0i16; network.output().c];
        for i in 0..3 {
            let batch = &samples[i..i + BATCH];
            a.step(net, batch, &descent(), i).unwrap();
            b.distil(other, batch, &[&target[..]; BATCH], &how, &descent(), i)
                .unwrap();
        }
        assert_eq!(a.words(net).unwrap(), b.words(other).unwrap());
        let e = b.distil(other, &samples[..2], &[], &how, &descent(), 0);
        assert!(e.unwrap_err().to_string().contains("soft targets"));
        let short = &target[1..];
        let e = b.distil(other, &samples[..1], &[short], &how, &descent(), 0);
        assert!(e.unwrap_err().to_string().contains("one for each class"));
        let label = network.output().c as u16;
        let wrong = [Sample {
            label,
            ..samples[0]
        }];
        let e = b.distil(other, &wrong, &[&target], &how, &descent(), 0);
        assert!(e.unwrap_err().to_string().contains("label"));
    }
}

/// The model as an engine whose loss unit knows labels alone.
struct Older(Model);

impl Device for Older {
    fn config(&self) -> &Config {
        self.0.config()
    }
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        let older = VERSION_VALUE & 0xffff_0000 | (SOFT_TARGETS_MINOR - 1);
        match offset {
            VERSION => Ok(older),
            _ => self.0.read_register(offset),
        }
    }
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.0.write_register(offset, value)
    }
    fn memory_size(&self) -> u64 {
        self.0.memory_size()
    }
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        self.0.read_memory(address, into)
    }
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        self.0.write_memory(address, from)
    }
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.0.wait(irq_mask, limit_cycles)
    }
}

#[test]
fn engine_and_host_make_the_same_of_soft_targets() {
    for config in [&TINY, &E8X16] {
        for (which, network) in networks().iter().enumerate().take(2) {
            for share in [0.3, 1.0] {
                let model = || Model::new(config, 16 << 20);
                let by_engine = distilling(Engine::open(model()).unwrap(), network, 3, share);
                let by_host = distilling(Engine::open(Older(model())).unwrap(), network, 3, share);
                let (by_engine, by_host) = (by_engine.unwrap(), by_host.unwrap());
                assert!(by_engine == by_host, "{} {which} {share}", config.name);
            }
        }
    }
}

#[test]
fn engine_and_host_hold_weights_alike() {
    for (which, network) in networks().iter().enumerate().take(2) {
        let of = |config, strength| {
            let engine = Engine::open(Model::new(config, 16 << 20)).unwrap();
            holding(engine, network, 3, strength).unwrap()
        };
        for (engine, host) in [
            (&TINY, &TINY_HOST_PULL),
            (&TINY_HOST_LOSS, &TINY_HOST_PULL),
            (&E8X16, &E8X16_HOST_PULL),
        ] {
            let by_engine = of(engine, 16_384);
            assert!(by_engine == of(host, 16_384), "{} {which}", engine.name);
        }
        assert!(of(&TINY, 16_384) != of(&TINY, 0), "{which}: nothing held");
    }
    // Where neither loss nor pull are the engine's.
    let of = |config, strength| {
        let engine = Engine::open(Model::new(config, 16 << 20)).unwrap();
        holding(engine, &networks()[0], 3, strength).unwrap()
    };
    let by_host = of(&CU_SITES, 16_384);
    assert!(of(&BITS_8, 16_384) == by_host);
    assert!(of(&CU_SITES, 0) != by_host);
}

/// A student that is shown only what a teacher thinks comes to think the same.
#[test]
fn soft_targets_alone_bring_a_student_to_its_teacher() {
    let network = &networks()[0];
    let (mut s, net, samples) = session(&E8X16, network);
    let teacher = Parameters::random(network, 3);
    s.set_parameters(net, &teacher).unwrap();
    s.calibrate(net, &samples).unwrap();
    let soft = s.soft_targets(net, &samples, 2.0).unwrap();
    let best = s.rank(net, &samples, 1).unwrap();
    s.set_parameters(net, &Parameters::random(network, 4))
        .unwrap();
    let how = Distillation {
        temperature: 2.0,
        share: 1.0,
    };
    let descent = Descent {
        steps: 200,
        lr: 0.02,
        ..descent()
    };
    for i in 0..descent.steps {
        let at = i * BATCH % SLOTS;
        let targets: Vec<&[i16]> = soft[at..at + BATCH].iter().map(Vec::as_slice).collect();
        // The labels play no part.
        s.distil(net, &samples[at..at + BATCH], &targets, &how, &descent, i)
            .unwrap();
    }
    let far = |a: &[Vec<i16>]| -> i64 {
        let pairs = a.iter().flatten().zip(soft.iter().flatten());
        pairs
            .map(|(a, b)| (i64::from(*a) - i64::from(*b)).abs())
            .sum()
    };
    let now = s.soft_targets(net, &samples, 2.0).unwrap();
    let uniform = vec![vec![(32_768 / soft[0].len()) as i16; soft[0].len()]; SLOTS];
    assert!(
        far(&now) * 3 < far(&uniform),
        "{} {}",
        far(&now),
        far(&uniform)
    );
    let again = s.rank(net, &samples, 1).unwrap();
    let same = best
        .iter()
        .zip(&again)
        .filter(|(a, b)| a.class[0] == b.class[0]);
    assert!(same.count() * 4 >= SLOTS * 3);
}
