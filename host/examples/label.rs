//! A teacher labels 300 digits that nobody labelled, and the best five of every class are kept, on the model:
//! `cargo run --release -p tandem --example label`.

use std::path::Path;
use tandem::data::{stream, Digits, CLASSES, PIXEL_F};
use tandem::fold::InputFormat;
use tandem::label::Selection;
use tandem::network::Shape;
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::study::teacher;
use tandem::{Context, Engine};
use tandem_isa::selection::Rules;
use tandem_isa::Config;
use tandem_sim::model::Model;

const BATCH: usize = 50;
const K: u16 = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let train = Digits::read(&data, "train")?;
    let digits = train
        .pick(&stream(&data, 1, train.len())?[..300])
        .shifted(20.0, 0.2, 2);
    let network = teacher(Shape {
        c: 1,
        h: digits.h,
        w: digits.w,
    })?;
    let weights = std::fs::read(data.join("teacher-shifted-1.safetensors"))?;

    let config = Config::named("8x16").ok_or("no such configuration")?;
    let engine = Engine::open(Model::new(config, 16 << 20))?;
    let format = InputFormat::shared(&[&network], config.lanes, PIXEL_F).ok_or("one shape")?;
    // Slots for all that may be kept and a batch: what is not kept is free for the next.
    let slots = usize::from(K) * CLASSES + BATCH;
    let mut session = Session::new(engine, format, slots)?;
    let net = session.install(&network, Context::Teacher, BATCH, false)?;
    session.set_parameters(net, &Parameters::from_safetensors(&network, &weights)?)?;

    // The exponents of its tensors are learnt from a batch, and stay.
    let words: Vec<Vec<i16>> = (0..digits.len()).map(|i| digits.words(i)).collect();
    let mut samples = Vec::new();
    for (slot, image) in words.iter().take(BATCH).enumerate() {
        session.write_sample(slot, image)?;
        samples.push(Sample { slot, label: 0 });
    }
    session.calibrate(net, &samples)?;

    let selection = Selection {
        classes: CLASSES,
        rules: Rules {
            k: K,
            ..Rules::default()
        },
        top: 1,
        disabled: Vec::new(),
    };
    let mut labeller = session.select(&selection, slots)?;
    let rankings = session.label(net, &mut labeller, words.iter().map(Vec::as_slice))?;
    for (class, kept) in session.kept(&labeller)?.iter().enumerate() {
        let right = kept
            .iter()
            .filter(|k| usize::from(digits.labels[k.arrival as usize]) == class);
        println!(
            "class {class}: kept {}, of them {} right",
            kept.len(),
            right.count()
        );
    }
    println!(
        "{} labelled; {:?}",
        rankings.len(),
        session.selection_counts()?
    );
    Ok(())
}
