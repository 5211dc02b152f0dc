//! The main job by the library, without a run folder: a teacher labels, the best are kept, a student learns from them and is
//! fine-tuned. On folders of images, which it makes of the demo's digits, and on the model:
//! `cargo run --release -p tandem --example adapt`.

use std::path::Path;
use tandem::adapt::record::Event;
use tandem::adapt::{AdaptPlan, Job, Material, Task};
use tandem::data::{clean, stream, Digits};
use tandem::images::{ImageInput, ImageSet};
use tandem::model::{named, Model};
use tandem::Engine;
use tandem_isa::Config;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let (train, test) = (Digits::read(&data, "train")?, Digits::read(&data, "test")?);
    let folder = std::env::temp_dir().join(format!("tandem-adapt-{}", std::process::id()));
    let at = |name: &str| folder.join(name);
    let moved = |d: Digits, seed| d.shifted(20.0, 0.2, seed);
    train
        .pick(&clean(&data, 1, 20)?.concat())
        .save(&at("labelled"), true)?;
    let images = stream(&data, 1, train.len())?;
    moved(train.pick(&images[..500]), 2).save(&at("unlabelled"), false)?;
    moved(test.pick(&(0..200).collect::<Vec<_>>()), 3).save(&at("holdout"), true)?;

    let labelled = ImageSet::labelled(&at("labelled"), None)?;
    let classes = labelled.classes().to_vec();
    let network = named("digits-teacher", None, Some(classes.len()))?;
    let weights = std::fs::read(data.join("teacher-shifted-1.safetensors"))?;
    let material = Material {
        input: ImageInput::new(network.input(), &[0.0], &[1.0])?,
        unlabelled: Some(ImageSet::unlabelled(&at("unlabelled"))?),
        holdout: Some(ImageSet::labelled(&at("holdout"), Some(&classes))?),
        labelled: Some(labelled),
        student: Some(Model::untrained(named(
            "digits-student",
            None,
            Some(classes.len()),
        )?)),
        teacher: Some(Model::from_safetensors(&weights, Some(network))?),
        classes,
    };
    let plan = AdaptPlan {
        images: 1600,
        tune_images: 160,
        k: 30,
        evaluate_every: 0,
        ..AdaptPlan::new(Task::Adapt, 1)
    };
    let config = Config::named("8x16").ok_or("no such configuration")?;
    let memory = material.memory_bytes(&plan, config)? as usize;
    let engine = Engine::open(tandem_sim::model::Model::new(config, memory))?;
    let mut job = Job::new(engine, &plan, &material)?;
    // Between two steps nothing runs on the device: here a program may stop, save, or do something else.
    while job.advance(&mut |line| match &line.event {
        Event::Phase { phase, .. } => println!("{}", phase.name()),
        Event::HeldOut { accuracy, loss, .. } => {
            println!("  hold-out {accuracy:.1} %, loss {loss:.2}")
        }
        _ => {}
    })? {}
    println!("{:?}", job.outcome());
    if let Some(student) = job.result()? {
        std::fs::write(at("student.safetensors"), student.to_safetensors()?)?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
