//! How much faster the model is than the RTL on the same training step (the demo's student, batch 32, 8×16):
//! `cargo run --release -p tandem-tests --features rtl --example step_ratio`.

use std::time::Instant;
use tandem::fold::InputFormat;
use tandem::network::Shape;
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::study::student;
use tandem::train::Descent;
use tandem::{Context, Device, Engine};
use tandem_isa::config::E8X16;
use tandem_sim::model::Model;
use tandem_sim::rtl::RtlDevice;

const BATCH: usize = 32;

/// Seconds a step, after one that is not counted.
fn seconds<D: Device>(engine: Engine<D>, steps: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let network = student(Shape { c: 1, h: 14, w: 14 })?;
    let format = InputFormat::shared(&[&network], E8X16.lanes, 14)
        .ok_or("the student takes no folded sample")?;
    let mut s = Session::new(engine, format, BATCH)?;
    let id = s.install(&network, Context::Student, BATCH, true)?;
    s.set_parameters(id, &Parameters::random(&network, 1))?;
    let mut samples = Vec::new();
    for slot in 0..BATCH {
        let image: Vec<i16> = (0..196).map(|i| (i * 83 % 16384) as i16).collect();
        s.write_sample(slot, &image)?;
        samples.push(Sample {
            slot,
            label: (slot % 10) as u16,
        });
    }
    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 1e-4,
        steps: steps + 1,
        cosine: true,
    };
    s.step(id, &samples, &descent, 0)?;
    let start = Instant::now();
    for i in 1..=steps {
        s.step(id, &samples, &descent, i)?;
    }
    Ok(start.elapsed().as_secs_f64() / steps as f64)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let memory = 16 << 20;
    let model = seconds(Engine::open(Model::new(&E8X16, memory))?, 100)?;
    let rtl = seconds(Engine::open(RtlDevice::open(&E8X16, memory, None)?)?, 5)?;
    println!(
        "a step: rtl {:.1} ms, model {:.2} ms, ratio {:.0}",
        rtl * 1e3,
        model * 1e3,
        rtl / model
    );
    Ok(())
}
