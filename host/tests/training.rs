//! Whole training steps, inference and selection on the model against plain loops.

mod support;

use support::trainer::Trainer;
use tandem::fold::InputFormat;
use tandem::label::Selection;
use tandem::network::graph::error_owner;
use tandem::network::Network;
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::command::NO_SITE;
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::selection::{offer, ClassState, Entry, KeyMode, Rules};
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::configs::{BITS_8, CU_SITES, TINY_HOST_LOSS};
use tandem_tests::networks::networks;
use tandem_tests::random::Rng;

const FX: i32 = 14;

fn session(config: &'static Config, network: &Network, batch: usize) -> (Session<Model>, NetId) {
    let engine = Engine::open(Model::new(config, 16 << 20)).unwrap();
    let format = InputFormat::shared(&[network], config.lanes, FX).unwrap();
    let mut s = Session::new(engine, format, 64).unwrap();
    let id = s.install(network, Context::Student, batch, true).unwrap();
    (s, id)
}

fn compare(s: &mut Session<Model>, id: NetId, t: &Trainer, what: &str) {
    let words = s.words(id).unwrap();
    for (i, l) in t.layers.iter().enumerate() {
        for (found, expected, part) in [
            (&words[2 * i], &l.w, "weights"),
            (&words[2 * i + 1], &l.b, "biases"),
        ] {
            let bad = (0..expected.len())
                .filter(|&k| found[k] != expected[k])
                .count();
            assert_eq!(
                bad,
                0,
                "{what}: {part} of stage {i}: {bad} of {} differ",
                expected.len()
            );
        }
        let sites = s.plan(id).stages[i].sites;
        // The error of a projection is that of the sum it is added to.
        let g = match error_owner(t.network.stages(), i) {
            own if own == i => sites.g,
            _ => NO_SITE,
        };
        let sites = [sites.y, g, sites.d, sites.db, sites.part].into_iter();
        for (site, e) in sites.zip(&l.sites).filter(|(s, _)| *s != NO_SITE) {
            let found = s.engine().site(site).unwrap();
            assert_eq!(
                (found.e, found.count, found.valid),
                (e.e, e.count, e.valid),
                "{what}: site {site} of stage {i}"
            );
        }
    }
}

fn run(config: &'static Config, which: usize, seed: u64) {
    let network = &networks()[which];
    let mut r = Rng(seed);
    let (mut s, id) = session(config, network, 6);
    s.set_parameters(id, &Parameters::random(network, seed as u32))
        .unwrap();
    s.seed_updates(id, 77);
    let words = s.words(id).unwrap();
    let parameters = Parameters::random(network, seed as u32);
    let mut t = Trainer::new(network, &words, &parameters, (FX, 77));
    t.folded = s.format().fold.is_some();
    t.width = config.width();
    let classes = network.output().c;
    let images: Vec<Vec<i16>> = (0..64)
        .map(|i| {
            let image: Vec<i16> = r
                .words(network.input().len(), 16000)
                .iter()
                .map(|v| v.abs())
                .collect();
            s.write_sample(i, &image).unwrap();
            image
        })
        .collect();
    let descent = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 1e-3,
        steps: 30,
        cosine: true,
    };
    let batch =
        |slots: &[usize]| -> Vec<i16> { slots.iter().flat_map(|&k| images[k].clone()).collect() };
    for i in 0..24 {
        let n = [6, 5, 1, 4][i % 4];
        let slots: Vec<usize> = (0..n).map(|_| r.below(64)).collect();
        let samples: Vec<Sample> = slots
            .iter()
            .map(|&slot| Sample {
                slot,
                label: (slot % classes) as u16,
            })
            .collect();
        let labels: Vec<u16> = samples.iter().map(|s| s.label).collect();
        s.step(id, &samples, &descent, i).unwrap();
        t.step(&batch(&slots), &labels, descent.rate(i), 0.9, 1e-3);
        compare(
            &mut s,
            id,
            &t,
            &format!("{} network {which} seed {seed} step {i}", config.name),
        );
    }
    let samples: Vec<Sample> = (0..9).map(|slot| Sample { slot, label: 0 }).collect();
    let ranks = s.rank(id, &samples, 2).unwrap();
    let slots: Vec<usize> = (0..9).collect();
    let want = t.rank(&batch(&slots), 9);
    for (r, (class, p)) in ranks.iter().zip(want) {
        assert_eq!((r.class[0] as usize, r.p[0]), (class, p));
        assert!(r.p[1] <= r.p[0] && r.class[2] == -1);
    }
}

#[test]
fn steps_are_exact_on_tiny() {
    for which in 0..networks().len() {
        run(&TINY, which, 3 + which as u64);
    }
}

#[test]
fn steps_are_exact_on_8x16() {
    for which in 0..networks().len() {
        run(&E8X16, which, 13 + which as u64);
    }
}

#[test]
fn steps_are_exact_with_8_bits() {
    for which in 0..networks().len() {
        // Small pads take many commands: the networks with no more than pools will do.
        if which == 0 || which == 3 {
            run(&CU_SITES, which, 23 + which as u64);
        }
        run(&BITS_8, which, 33 + which as u64);
    }
}

#[test]
fn steps_are_exact_with_the_loss_on_the_host() {
    for which in [0, 3, 6] {
        run(&TINY_HOST_LOSS, which, 43 + which as u64);
    }
}

#[test]
fn labelling_keeps_what_the_offline_rule_keeps() {
    labelling(&E8X16);
}

#[test]
fn labelling_on_the_host_keeps_what_the_offline_rule_keeps() {
    labelling(&BITS_8);
    labelling(&TINY_HOST_LOSS);
}

fn labelling(config: &'static Config) {
    for (k, top, mode) in [
        (3u16, 1u8, KeyMode::Confidence),
        (4, 2, KeyMode::Arrival),
        (2, 3, KeyMode::Hash),
    ] {
        let network = &networks()[2];
        let (mut s, id) = session(config, network, 5);
        s.set_parameters(id, &Parameters::random(network, 9))
            .unwrap();
        let mut r = Rng(5);
        let images: Vec<Vec<i16>> = (0..60)
            .map(|_| r.words(network.input().len(), 16000))
            .collect();
        for (i, image) in images.iter().take(10).enumerate() {
            s.write_sample(50 + i, image).unwrap();
        }
        let some: Vec<Sample> = (50..60).map(|slot| Sample { slot, label: 0 }).collect();
        s.calibrate(id, &some).unwrap();
        let selection = Selection {
            classes: 3,
            rules: Rules {
                k,
                mode,
                hash_key: 4,
                ..Rules::default()
            },
            top,
            disabled: Vec::new(),
        };
        let slots = 3 * usize::from(k) + 5;
        let mut labeller = s.select(&selection, slots).unwrap();
        let ranks = s
            .label(id, &mut labeller, images.iter().map(Vec::as_slice))
            .unwrap();
        assert_eq!(ranks.len(), 60);
        let kept = s.kept(&labeller).unwrap();
        let mut heaps = vec![vec![Entry::default(); k.into()]; 3];
        let mut states = [ClassState::default(); 3];
        for (arrival, rank) in ranks.iter().enumerate() {
            for p in 0..usize::from(top) {
                let c = rank.class[p] as usize;
                offer(
                    &selection.rules,
                    &mut states[c],
                    &mut heaps[c],
                    rank.p[p] as u16,
                    arrival as u32,
                    arrival as u16,
                );
            }
        }
        for c in 0..3 {
            let found: Vec<(u32, u32)> = kept[c].iter().map(|e| (e.key, e.arrival)).collect();
            let want: Vec<(u32, u32)> = heaps[c][..states[c].count.into()]
                .iter()
                .map(|e| (e.key, e.arrival))
                .collect();
            assert_eq!(found, want, "class {c}");
            for e in &kept[c] {
                // The slot still holds the sample that was scored.
                let sample = Sample {
                    slot: e.slot,
                    label: 0,
                };
                assert_eq!(
                    s.rank(id, &[sample], top).unwrap()[0],
                    ranks[e.arrival as usize]
                );
            }
        }
        let counts = s.selection_counts().unwrap();
        assert_eq!(counts.seen, 60 * u32::from(top));
        assert_eq!(counts.seen, counts.kept + counts.replaced + counts.rejected);
    }
}

#[test]
fn wrong_use_is_refused_in_words() {
    let network = &networks()[0];
    let (mut s, id) = session(&E8X16, network, 4);
    let d = Descent {
        lr: 0.1,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: 1,
        cosine: false,
    };
    let sample = Sample { slot: 0, label: 10 };
    for (error, word) in [
        (s.step(id, &[sample], &d, 0), "label"),
        (s.step(id, &[Sample { slot: 64, label: 0 }], &d, 0), "slot"),
        (s.step(id, &[Sample::default(); 5], &d, 0), "batch"),
        (s.rank(id, &[Sample::default()], 1).map(|_| ()), "calibrate"),
        (s.write_sample(0, &[0; 3]), "values"),
    ] {
        let text = error.unwrap_err().to_string();
        assert!(text.contains(word), "{text}");
    }
    let mut p = Parameters::random(network, 1);
    let file = p.to_safetensors(network).unwrap();
    assert_eq!(Parameters::from_safetensors(network, &file).unwrap(), p);
    for cut in [0, 7, 8, 100, file.len() - 1] {
        assert!(Parameters::from_safetensors(network, &file[..cut]).is_err());
    }
    p.0[1].weight[5] = f32::NAN;
    let file = p.to_safetensors(network).unwrap();
    let text = Parameters::from_safetensors(network, &file)
        .unwrap_err()
        .to_string();
    assert!(text.contains("conv2.weight[5]"), "{text}");
}
