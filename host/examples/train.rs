//! Trains a small network on 200 digits of `data/`, one step at a time, on the model: `cargo run --release -p tandem --example train`.

use std::path::Path;
use tandem::batches::Batches;
use tandem::data::{clean, Digits, PIXEL_F};
use tandem::fold::InputFormat;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::Config;
use tandem_sim::model::Model;

const BATCH: usize = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let digits = Digits::read(&data, "train")?.pick(&clean(&data, 1, 20)?.concat());
    let layers = [
        Layer::conv(8, 3, 1, 1),
        Layer::Relu,
        Layer::MaxPool2,
        Layer::FullyConnected { out: 10 },
    ];
    let shape = Shape {
        c: 1,
        h: digits.h,
        w: digits.w,
    };
    let network = Network::new(shape, &layers)?;

    // A device, the engine on it, and a session: sample slots and networks in its memory.
    let config = Config::named("8x16").ok_or("no such configuration")?;
    let engine = Engine::open(Model::new(config, 4 << 20))?;
    let format = InputFormat::shared(&[&network], config.lanes, PIXEL_F).ok_or("one shape")?;
    let mut session = Session::new(engine, format, digits.len())?;
    let net = session.install(&network, Context::Student, BATCH, true)?;
    session.set_parameters(net, &Parameters::random(&network, 1))?;
    let mut samples = Vec::new();
    for slot in 0..digits.len() {
        session.write_sample(slot, &digits.words(slot))?;
        samples.push(Sample {
            slot,
            label: digits.labels[slot],
        });
    }

    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 1e-4,
        steps: 60,
        cosine: true,
    };
    let mut batches = Batches::plain(&samples, 1);
    for i in 0..descent.steps {
        let batch = batches.next(BATCH);
        session.step(net, &batch, &descent, i)?;
        if (i + 1) % 20 == 0 {
            let loss = session.last_loss(net, &batch)? / BATCH as f64;
            println!("step {:3}  loss {loss:.3}", i + 1);
        }
    }
    let right = session.correct(net, &samples)?;
    println!("{right} of {} training images right", samples.len());
    println!(
        "{} cycles predicted",
        session.predicted()[Context::Student as usize]
    );
    Ok(())
}
