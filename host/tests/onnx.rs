//! ONNX files: written and read again, exported by PyTorch, on a device.

mod support;

use std::path::{Path, PathBuf};
use support::networks::random_network;
use tandem::data::{Digits, PIXEL_F};
use tandem::float::Float;
use tandem::fold::InputFormat;
use tandem::network::{zoo::Named, Network};
use tandem::onnx::{export, import, Imported, Metadata, Note};
use tandem::parameters::Parameters;
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
    // By their stages: an average pool over all of its input comes back as a global one.
    assert_eq!(read.network.input(), network.input(), "seed {seed}");
    assert_eq!(read.network.stages(), network.stages(), "seed {seed}");
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
/// Held-out images it is asked about: half of them.
const HELD: usize = 1000;
/// Of them those whose classes onnxruntime must give too.
const COMPARED: usize = 400;

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

/// Where `cargo xtask onnx-check` finds what onnxruntime must agree with: the file, and beside it the device's classes of the
/// first held-out images.
fn keep(name: &str, file: &[u8], classes: &[i16]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("onnx");
    std::fs::create_dir_all(&folder).unwrap();
    let classes = serde_json::to_vec(classes).unwrap();
    std::fs::write(folder.join(format!("{name}.json")), classes).unwrap();
    std::fs::write(folder.join(format!("{name}.onnx")), file).unwrap();
}

fn infers_trains_and_is_written_again(name: &str, norms: usize) {
    let train = Digits::read(&folder("data"), "train").unwrap();
    let test = Digits::read(&folder("data"), "test").unwrap();
    let held: Vec<usize> = (0..HELD).collect();
    let imported = fixture(name);
    let network = &imported.network;
    let folded = |n: &&Note| matches!(n, Note::BatchNorm { .. });
    assert_eq!(imported.notes.iter().filter(folded).count(), norms);
    // In floats it is right where it was in PyTorch.
    let float = Float::new(network, &imported.parameters).unwrap();
    let right: Vec<bool> = (0..test.len())
        .map(|i| float.class(test.image(i)).unwrap() == usize::from(test.labels[i]))
        .collect();
    let count = |right: &[bool]| right.iter().filter(|&&r| r).count();
    assert_eq!(count(&right), pytorch(name), "in floats");

    let (mut s, id, samples) = on_device(&imported, &train, &test.pick(&held));
    let known: Vec<Sample> = (0..KNOWN)
        .map(|slot| Sample {
            slot,
            label: train.labels[slot],
        })
        .collect();
    s.calibrate(id, &known).unwrap();
    let float = count(&right[..HELD]);
    let device = s.correct(id, &samples).unwrap();
    println!("{name}: {float} of {HELD} in floats, {device} on the device");
    let half_a_point = HELD / 200;
    assert!(
        device.abs_diff(float) <= half_a_point,
        "{device}, {float} in floats"
    );

    let descent = Descent {
        lr: 0.002,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: KNOWN / 32,
        cosine: true,
    };
    s.seed_updates(id, 1);
    for (i, batch) in known.chunks(32).enumerate() {
        s.step(id, batch, &descent, i).unwrap();
    }
    let trained = s.parameters(id).unwrap();
    assert_ne!(trained, imported.parameters);
    let asked = &samples[..COMPARED];
    let ranks = s.rank(id, asked, 1).unwrap();
    let classes: Vec<i16> = ranks.iter().map(|r| r.class[0]).collect();
    let after = classes
        .iter()
        .zip(asked)
        .filter(|(&c, s)| c == s.label as i16);
    let (before, after) = (count(&right[..COMPARED]), after.count());
    println!("{name}: of {COMPARED} {before} before training, {after} after");
    assert!(after + COMPARED / 50 >= before, "{after}, {before} before");
    let file = export(network, &trained, &Metadata::default()).unwrap();
    let again = import(&file).unwrap();
    assert_eq!(again.network, *network);
    assert!(again.parameters == trained);
    keep(name, &file, &classes);
}

#[test]
fn a_lenet_of_pytorch_infers_trains_and_is_written_again() {
    infers_trains_and_is_written_again("lenet", 0);
}

#[test]
fn a_vgg_with_batch_norm_infers_trains_and_is_written_again() {
    infers_trains_and_is_written_again("vgg", 5);
}

#[test]
fn a_residual_network_infers_trains_and_is_written_again() {
    infers_trains_and_is_written_again("resnet", 0);
}
