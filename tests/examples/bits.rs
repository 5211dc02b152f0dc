//! What 8-bit operands cost in accuracy: `cargo run --release -p tandem-tests --example bits`.
//!
//! The same training on the digits in `data`, on the model, with operands of 16 and of 8 bits and all else alike: weights,
//! batches and random words of a seed. Held out: the test images. `-- student`, `-- teacher` or `-- residual` runs one network;
//! a number after it is that of the steps, another that of the seeds.

use std::path::Path;
use tandem::batches::Batches;
use tandem::data::{Digits, CLASSES, PIXEL_F};
use tandem::fold::InputFormat;
use tandem::network::{zoo, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::study::{student, teacher};
use tandem::train::Descent;
use tandem::{Context, Engine};
use tandem_isa::config::E8X16;
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::configs::BITS_8;

type Failure = Box<dyn std::error::Error>;

const BATCH: usize = 16;
const HELD_OUT: usize = 2000;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (names, numbers): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|a| a.parse::<usize>().is_err());
    let number = |i: usize, default| numbers.get(i).map_or(Ok(default), |n| n.parse());
    let (steps, seeds) = (number(0, 1250)?, number(1, 3)? as u32);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let train = Digits::read(&folder, "train")?;
    let test = Digits::read(&folder, "test")?;
    let held: Vec<usize> = (0..HELD_OUT.min(test.len())).collect();
    let test = test.pick(&held);
    let shape = Shape {
        c: 1,
        h: train.h,
        w: train.w,
    };
    let networks = [
        ("student", student(shape)?),
        ("teacher", teacher(shape)?),
        (
            "residual",
            Network::new(shape, &zoo::residual(&[8, 16], 2, CLASSES))?,
        ),
    ];
    println!(
        "{} training and {} held-out images, {steps} steps of {BATCH}; percent right, by seed",
        train.len(),
        test.len()
    );
    for (name, network) in &networks {
        if !names.is_empty() && !names.iter().any(|n| n == name) {
            continue;
        }
        for config in [&E8X16, &BITS_8] {
            let found: Vec<f64> = (1..=seeds)
                .map(|seed| accuracy(config, network, (&train, &test), steps, seed))
                .collect::<Result<_, _>>()?;
            let mean = found.iter().sum::<f64>() / found.len() as f64;
            let each: Vec<String> = found.iter().map(|a| format!("{a:.2}")).collect();
            println!(
                "{name:>9}, {:>2} bits: {} mean {mean:.2}",
                config.operand_bits,
                each.join(" ")
            );
        }
    }
    Ok(())
}

/// Percent of the held-out images that are right after training.
fn accuracy(
    config: &'static Config,
    network: &Network,
    (train, test): (&Digits, &Digits),
    steps: usize,
    seed: u32,
) -> Result<f64, Failure> {
    let engine = Engine::open(Model::new(config, 512 << 20))?;
    let format =
        InputFormat::shared(&[network], config.lanes, PIXEL_F).ok_or("images of another shape")?;
    let mut session = Session::new(engine, format, train.len() + test.len())?;
    let net = session.install(network, Context::Student, 50, true)?;
    session.set_parameters(net, &Parameters::random(network, seed))?;
    session.seed_updates(net, seed.wrapping_mul(0x9e37_79b9));
    let mut write = |first: usize, digits: &Digits| -> Result<Vec<Sample>, Failure> {
        (0..digits.len())
            .map(|i| {
                session.write_sample(first + i, &digits.words(i))?;
                Ok(Sample {
                    slot: first + i,
                    label: digits.labels[i],
                })
            })
            .collect()
    };
    let samples = write(0, train)?;
    let held = write(train.len(), test)?;
    let mut batches = Batches::plain(&samples, seed.into());
    let descent = Descent {
        lr: 0.02,
        momentum: 0.9,
        weight_decay: 1e-4,
        steps,
        cosine: true,
    };
    for i in 0..steps {
        session.step(net, &batches.next(BATCH), &descent, i)?;
    }
    Ok(100.0 * session.correct(net, &held)? as f64 / held.len() as f64)
}
