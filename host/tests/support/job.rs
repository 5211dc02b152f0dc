//! A job of a second: everything a real one has, on small networks and a few of the demo's digits.
#![allow(dead_code)]

use tandem::adapt::record::Settings;
use tandem::adapt::{AdaptPlan, Key, Material, Task};
use tandem::data::{clean, stream, Digits};
use tandem::images::{ImageInput, ImageSet};
use tandem::model::Model;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Parameters;
use tandem::Engine;
use tandem_isa::Config;
use tandem_sim::model::Model as Device;

const SHAPE: Shape = Shape { c: 1, h: 14, w: 14 };

pub fn network(channels: usize) -> Network {
    let layers = [
        Layer::conv(channels, 3, 1, 1),
        Layer::Relu,
        Layer::MaxPool2,
        Layer::FullyConnected { out: 10 },
    ];
    Network::new(SHAPE, &layers).unwrap()
}

/// Folders of PNG files and two small networks.
pub fn material(folder: &std::path::Path) -> Material {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let train = Digits::read(&data, "train").unwrap();
    let save = |indices: &[usize], name: &str, classes| {
        train
            .pick(indices)
            .save(&folder.join(name), classes)
            .unwrap();
        folder.join(name)
    };
    let images = stream(&data, 1, train.len()).unwrap();
    let labelled = save(&clean(&data, 1, 2).unwrap().concat(), "labelled", true);
    let unlabelled = save(&images[..70], "unlabelled", false);
    let holdout = save(&images[100..130], "holdout", true);
    let labelled = ImageSet::labelled(&labelled, None).unwrap();
    let classes = labelled.classes().to_vec();
    let teacher = network(6);
    Material {
        input: ImageInput::new(SHAPE, &[0.13], &[0.31]).unwrap(),
        holdout: Some(ImageSet::labelled(&holdout, Some(&classes)).unwrap()),
        unlabelled: Some(ImageSet::unlabelled(&unlabelled).unwrap()),
        labelled: Some(labelled),
        teacher: Some(Model {
            parameters: Some(Parameters::random(&teacher, 4)),
            ..Model::untrained(teacher)
        }),
        student: Some(Model::untrained(network(4))),
        classes,
    }
}

pub fn plan(task: Task) -> AdaptPlan {
    AdaptPlan {
        batch: 4,
        infer_batch: 12,
        images: 24,
        tune_images: 12,
        k: 4,
        top: 2,
        key: Key::RandomAbove,
        threshold: 0.05,
        spacing: 2,
        evaluate_every: 4,
        ..AdaptPlan::new(task, 7)
    }
}

pub fn engine(config: &'static Config, plan: &AdaptPlan, material: &Material) -> Engine<Device> {
    let memory = material.memory_bytes(plan, config).unwrap();
    Engine::open(Device::new(config, memory as usize)).unwrap()
}

/// What a run writes down of it; names are such as would be markup.
pub fn settings(plan: &AdaptPlan, material: &Material) -> Settings {
    Settings {
        version: "0.0.0".into(),
        command: ["adapt", "--out", "it's <here>"].map(String::from).to_vec(),
        device: "model".into(),
        config: "tiny".into(),
        out: Some("student.safetensors".into()),
        ..Settings::of(plan, material, ["<teacher>", "student"])
    }
}
