//! The shifted-domain (or, with `same`, same-domain) study on the model, in full (RATE is that of the fine-tuning): `cargo run --release -p tandem --example digits [SEED [RATE [same]]]`.

use std::path::Path;
use tandem::data::{clean, stream, Digits};
use tandem::network::Shape;
use tandem::parameters::Parameters;
use tandem::study::{memory_bytes, run, teacher, Material, Plan};
use tandem::Engine;
use tandem_isa::config::E8X16;
use tandem_sim::model::Model;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed: u32 = std::env::args().nth(1).map_or(Ok(1), |s| s.parse())?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let train = Digits::read(&folder, "train")?;
    let test = Digits::read(&folder, "test")?;
    let same = std::env::args().nth(3).is_some_and(|s| s == "same");
    let row = if same { "same" } else { "shifted" };
    let labels = if same { 10 } else { 20 };
    let weights = std::fs::read(folder.join(format!("teacher-{row}-{seed}.safetensors")))?;
    let shape = Shape { c: 1, h: 14, w: 14 };
    let moved = |d: Digits, part: u64| {
        if same {
            d
        } else {
            d.shifted(20.0, 0.2, 2 * u64::from(seed) + part)
        }
    };
    let material = Material {
        clean: train.pick(&clean(&folder, seed, labels)?.concat()),
        stream: moved(train.pick(&stream(&folder, seed, train.len())?), 0),
        held_out: moved(test, 1),
        teacher: Parameters::from_safetensors(&teacher(shape)?, &weights)?,
        augmented: None,
    };
    let mut plan = if same {
        Plan::same(seed)
    } else {
        Plan::shifted(seed)
    };
    if let Some(rate) = std::env::args().nth(2) {
        plan.tune_lr = rate.parse()?;
    }
    let engine = Engine::open(Model::new(&E8X16, memory_bytes(&E8X16, &plan, &material)))?;
    let start = std::time::Instant::now();
    let mut last = String::new();
    let out = run(engine, &plan, &material, &mut |what, done, all| {
        if what != last || done == all {
            eprintln!(
                "{:6.1} s  {what}: {done} of {all}",
                start.elapsed().as_secs_f64()
            );
            last = what.to_string();
        }
    })?;
    println!(
        "supervised {:.2}  teacher {:.2}  student {:.2}  fine-tuned {:.2}  labels right {:.1}  {:?}  digest {}",
        out.supervised, out.teacher, out.pretrained, out.finetuned, out.labels_right, out.selector, out.digest
    );
    Ok(())
}
