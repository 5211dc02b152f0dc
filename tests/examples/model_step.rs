//! What a training step costs on the model, and which commands take the time: `cargo run --release -p tandem-tests --example model_step`.
//!
//! Two networks: the demo's student, where many small commands make the step, and eight 3×3 convolutions on 32×32×3, where
//! the products do; `-- student` or `-- eight` runs one of them.

use std::time::{Duration, Instant};
use tandem::fold::InputFormat;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::study::student;
use tandem::train::Descent;
use tandem::{Context, Device, DeviceError, Engine};
use tandem_isa::command::FORMATS;
use tandem_isa::config::E8X16;
use tandem_isa::{register, Config};
use tandem_sim::model::Model;

/// A model whose commands are timed one by one.
struct Timed {
    model: Model,
    on: bool,
    /// Time and commands, by opcode; 0 is the end of a program.
    kinds: Vec<(Duration, u32)>,
}

impl Timed {
    /// Opcode of the command that runs next in the student's context.
    fn next(&mut self) -> Result<u8, DeviceError> {
        let mut read = |offset| self.model.read_register(offset);
        let (program, length) = (read(register::S_PROGRAM)?, read(register::S_LENGTH)?);
        let issued = read(register::S_ISSUED)?;
        let mut opcode = [0];
        if issued < length {
            self.model
                .read_memory(u64::from(program + 64 * issued), &mut opcode)?;
        }
        Ok(opcode[0])
    }
}

impl Device for Timed {
    fn config(&self) -> &Config {
        self.model.config()
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.model.read_register(offset)
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.model.write_register(offset, value)
    }

    fn memory_size(&self) -> u64 {
        self.model.memory_size()
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        self.model.read_memory(address, into)
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        self.model.write_memory(address, from)
    }

    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        if !self.on {
            return self.model.wait(irq_mask, limit_cycles);
        }
        loop {
            let opcode = self.next()?;
            let start = Instant::now();
            let waited = self.model.wait(irq_mask, 1);
            let kind = &mut self.kinds[opcode as usize];
            kind.0 += start.elapsed();
            kind.1 += 1;
            match waited {
                Err(DeviceError::TimedOut { cycles: 1, .. }) => {}
                other => return other,
            }
        }
    }
}

const STEPS: usize = 40;

fn measure(name: &str, network: &Network, batch: usize) -> Result<(), Box<dyn std::error::Error>> {
    let device = Timed {
        model: Model::new(&E8X16, 64 << 20),
        on: false,
        kinds: vec![(Duration::ZERO, 0); FORMATS.len() + 1],
    };
    let format = InputFormat::shared(&[network], E8X16.lanes, 14)
        .ok_or("the network takes no such sample")?;
    let mut s = Session::new(Engine::open(device)?, format, batch)?;
    let id = s.install(network, Context::Student, batch, true)?;
    s.set_parameters(id, &Parameters::random(network, 1))?;
    let mut samples = Vec::new();
    for slot in 0..batch {
        let pixel = |i: usize| ((i + slot) * 83 % 16384) as i16;
        let image: Vec<i16> = (0..network.input().len()).map(pixel).collect();
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
        steps: 4 * STEPS,
        cosine: true,
    };
    s.step(id, &samples, &descent, 0)?;
    s.step(id, &samples, &descent, 1)?;
    let mut best = Duration::MAX;
    let start = Instant::now();
    for i in 0..STEPS {
        let start = Instant::now();
        s.step(id, &samples, &descent, 2 + i)?;
        best = best.min(start.elapsed());
    }
    let whole = start.elapsed();
    println!(
        "{name}: a step {:.2} ms, the fastest of {STEPS} {:.2} ms",
        whole.as_secs_f64() * 1e3 / STEPS as f64,
        best.as_secs_f64() * 1e3
    );
    s.engine().device_mut().on = true;
    let start = Instant::now();
    for i in 0..STEPS {
        s.step(id, &samples, &descent, 2 + STEPS + i)?;
    }
    let whole = start.elapsed();
    let mut rest = whole;
    let line = |name: &str, time: Duration, count: f64| {
        println!(
            "  {name:8} {:8.3} ms {:5.1} % {count:6.0} commands",
            time.as_secs_f64() * 1e3 / STEPS as f64,
            100.0 * time.as_secs_f64() / whole.as_secs_f64()
        );
    };
    for f in FORMATS {
        let (time, count) = s.engine().device_mut().kinds[f.opcode as usize];
        line(f.name, time, f64::from(count) / STEPS as f64);
        rest -= time;
    }
    line("host", rest, 0.0);
    Ok(())
}

/// Eight 3×3 convolutions on 32×32×3.
fn eight() -> Result<Network, tandem::CompileError> {
    let mut layers = Vec::new();
    for (channels, pool) in [
        (16, false),
        (16, false),
        (16, true),
        (32, false),
        (32, false),
        (32, true),
        (64, false),
        (64, true),
    ] {
        layers.push(Layer::conv(channels, 3, 1, 1));
        layers.push(Layer::Relu);
        if pool {
            layers.push(Layer::MaxPool2);
        }
    }
    layers.push(Layer::FullyConnected { out: 10 });
    Network::new(Shape { c: 3, h: 32, w: 32 }, &layers)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let only = std::env::args().nth(1);
    let wanted = |name: &str| only.as_ref().is_none_or(|o| o == name);
    if wanted("student") {
        let student = student(Shape { c: 1, h: 14, w: 14 })?;
        measure("the demo's student, 14x14, batch 32", &student, 32)?;
    }
    if wanted("eight") {
        let title = "eight 3x3 convolutions, 32x32x3, batch 16";
        measure(title, &eight()?, 16)?;
    }
    Ok(())
}
