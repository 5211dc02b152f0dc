//! ONNX files: written and read again, exported by PyTorch, on a device.

mod support;

use std::path::{Path, PathBuf};
use support::networks::random_network;
use tandem::data::{Digits, PIXEL_F};
use tandem::fold::InputFormat;
use tandem::network::{zoo::Named, Network};
use tandem::onnx::{export, import, Imported, Metadata, Note};
use tandem::parameters::Parameters;
use tandem::reference::{best, forward};
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::config::E8X16;
use tandem_sim::model::Model;
use tandem_tests::networks::networks;
use tandem_tests::random::Rng;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn fixture(name: &str) -> Imported {
    let bytes = std::fs::read(folder("tests/onnx").join(format!("{name}.onnx"))).unwrap();
    import(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Biases and weights that are not 0.
fn filled(network: &Network, r: &mut Rng) -> Parameters {
    let mut parameters = Parameters::random(network, r.below(1 << 30) as u32);
    for t in &mut parameters.0 {
        let values = t.bias.iter_mut();
        values.for_each(|b| *b = r.below(2001) as f32 / 1000.0 - 1.0);
    }
    parameters
}

fn there_and_back(network: &Network, seed: u64) {
    let mut r = Rng(seed);
    let parameters = filled(network, &mut r);
    let metadata = Metadata {
        classes: (0..network.output().c)
            .map(|i| format!("class {i}"))
            .collect(),
        mean: vec![0.125; network.input().c],
        deviation: vec![0.3; network.input().c],
    };
    let file = export(network, &parameters, &metadata).unwrap();
    let read = import(&file).unwrap_or_else(|e| panic!("seed {seed}\n{network}\n{e}"));
    assert_eq!(read.network, *network, "seed {seed}");
    assert!(read.parameters == parameters, "seed {seed}\n{network}");
    assert_eq!((read.metadata, read.notes), (metadata, Vec::new()));
}

#[test]
fn what_was_exported_is_imported_as_it_was() {
    for (i, network) in networks().iter().enumerate() {
        there_and_back(network, i as u64);
    }
    for named in Named::ALL {
        there_and_back(&named.network().unwrap(), 1);
    }
    for seed in 0..400 {
        there_and_back(&random_network(&mut Rng(seed)), seed);
    }
}

/// How many of the held-out digits each fixture gets right in PyTorch.
fn pytorch(name: &str) -> usize {
    let text = std::fs::read_to_string(folder("tests/onnx/accuracy.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json[name]["images"], 2000);
    json[name]["pytorch"].as_u64().unwrap() as usize
}

/// Images a device is calibrated with, and trained on.
const KNOWN: usize = 256;

fn on_device(
    imported: &Imported,
    train: &Digits,
    test: &Digits,
) -> (Session<Model>, NetId, Vec<Sample>) {
    let network = &imported.network;
    let engine = Engine::open(Model::new(&E8X16, 64 << 20)).unwrap();
    let format = InputFormat::shared(&[network], E8X16.lanes, PIXEL_F).unwrap();
    let mut s = Session::new(engine, format, KNOWN + test.len()).unwrap();
    let id = s.install(network, Context::Student, 32, true).unwrap();
    let limited = s.set_parameters(id, &imported.parameters).unwrap();
    assert_eq!(limited, 0, "values out of range");
    for i in 0..KNOWN {
        s.write_sample(i, &train.words(i)).unwrap();
    }
    let held = (0..test.len()).map(|i| {
        s.write_sample(KNOWN + i, &test.words(i)).unwrap();
        Sample {
            slot: KNOWN + i,
            label: test.labels[i],
        }
    });
    let held = held.collect();
    (s, id, held)
}

#[test]
fn networks_of_pytorch_infer_train_and_are_written_again() {
    let train = Digits::read(&folder("data"), "train").unwrap();
    let test = Digits::read(&folder("data"), "test").unwrap();
    for (name, norms) in [("lenet", 0), ("vgg", 5), ("resnet", 0)] {
        let imported = fixture(name);
        let folded = |n: &&Note| matches!(n, Note::BatchNorm { .. });
        assert_eq!(
            imported.notes.iter().filter(folded).count(),
            norms,
            "{name}"
        );
        // The reference in floats is right where PyTorch is.
        let right = (0..test.len())
            .filter(|&i| {
                let scores = forward(&imported.network, &imported.parameters, test.image(i));
                best(&scores.unwrap()) == usize::from(test.labels[i])
            })
            .count();
        assert_eq!(right, pytorch(name), "{name} in floats");

        let (mut s, id, held) = on_device(&imported, &train, &test);
        let known: Vec<Sample> = (0..KNOWN)
            .map(|slot| Sample {
                slot,
                label: train.labels[slot],
            })
            .collect();
        s.calibrate(id, &known).unwrap();
        let device = s.correct(id, &held).unwrap();
        println!(
            "{name}: {right} of {} in floats, {device} on the device",
            held.len()
        );
        assert!(
            device.abs_diff(right) * 200 <= held.len(),
            "{name}: {device} on the device, {right} in floats"
        );

        let descent = Descent {
            lr: 0.01,
            momentum: 0.9,
            weight_decay: 0.0,
            steps: 8,
            cosine: true,
        };
        s.seed_updates(id, 1);
        for (i, batch) in known.chunks(32).enumerate() {
            s.step(id, batch, &descent, i).unwrap();
        }
        let trained = s.parameters(id).unwrap();
        assert_ne!(trained, imported.parameters, "{name}");
        let after = s.correct(id, &held).unwrap();
        assert!(
            after + 40 >= device,
            "{name}: {after} after training, {device} before"
        );
        let file = export(&imported.network, &trained, &Metadata::default()).unwrap();
        let again = import(&file).unwrap();
        assert_eq!(again.network, imported.network, "{name}");
        assert!(again.parameters == trained, "{name}");
    }
}
