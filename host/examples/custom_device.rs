//! A device of one's own. Whatever can read and write registers and memory can have the driver on top; this one hands everything on
//! to the model and counts what goes over the port, as a link to a board might: `cargo run --release -p tandem --example custom_device`.

use tandem::data::PIXEL_F;
use tandem::fold::InputFormat;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Device, DeviceError, Engine};
use tandem_isa::Config;
use tandem_sim::model::Model;

/// What went over the port.
#[derive(Debug, Default)]
struct Traffic {
    registers_read: u64,
    registers_written: u64,
    bytes_read: u64,
    bytes_written: u64,
    waits: u64,
}

/// A device behind a port that is watched.
struct Watched<D> {
    inner: D,
    traffic: Traffic,
}

impl<D: Device> Device for Watched<D> {
    fn config(&self) -> &Config {
        self.inner.config()
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.traffic.registers_read += 1;
        self.inner.read_register(offset)
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.traffic.registers_written += 1;
        self.inner.write_register(offset, value)
    }

    fn memory_base(&self) -> u64 {
        self.inner.memory_base()
    }

    fn memory_size(&self) -> u64 {
        self.inner.memory_size()
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        self.traffic.bytes_read += into.len() as u64;
        self.inner.read_memory(address, into)
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        self.traffic.bytes_written += from.len() as u64;
        self.inner.write_memory(address, from)
    }

    // A board would sleep here until its interrupt comes, and give up after the limit.
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.traffic.waits += 1;
        self.inner.wait(irq_mask, limit_cycles)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::named("tiny").ok_or("no such configuration")?;
    let device = Watched {
        inner: Model::new(config, 1 << 20),
        traffic: Traffic::default(),
    };
    // Opening asks the registers what the engine is, and refuses one that is not what the device says.
    let engine = Engine::open(device)?;
    let shape = Shape { c: 1, h: 8, w: 8 };
    let layers = [
        Layer::conv(4, 3, 1, 1),
        Layer::Relu,
        Layer::FullyConnected { out: 2 },
    ];
    let network = Network::new(shape, &layers)?;
    let format = InputFormat::shared(&[&network], config.lanes, PIXEL_F).ok_or("one shape")?;
    let mut session = Session::new(engine, format, 2)?;
    let net = session.install(&network, Context::Student, 2, true)?;
    session.set_parameters(net, &Parameters::random(&network, 1))?;
    // Left half bright, right half bright.
    let mut batch = Vec::new();
    for label in 0..2u16 {
        let bright = |i: usize| (i % 8 / 4 == usize::from(label)) as i16;
        let image: Vec<i16> = (0..64).map(|i| bright(i) << PIXEL_F.min(14)).collect();
        let slot = usize::from(label);
        session.write_sample(slot, &image)?;
        batch.push(Sample { slot, label });
    }
    let descent = Descent {
        lr: 0.05,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: 20,
        cosine: false,
    };
    for i in 0..descent.steps {
        session.step(net, &batch, &descent, i)?;
    }
    println!("{} of 2 right", session.correct(net, &batch)?);
    println!("{:?}", session.engine().device_mut().traffic);
    Ok(())
}
