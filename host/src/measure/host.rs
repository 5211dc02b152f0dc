//! What a training step costs the host: the time that is not spent in the device.

use super::step::Ready;
use crate::device::{Device, DeviceError};
use crate::driver::Engine;
use crate::error::Error;
use crate::network::Network;
use std::time::{Duration, Instant};
use tandem_isa::Config;

/// Where the time of training steps goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Of whole steps.
    pub total: Duration,
    /// In the device: its registers, its memory, waiting for it.
    pub device: Duration,
    /// Accesses of registers.
    pub registers: u64,
    /// Accesses of memory.
    pub blocks: u64,
    /// Steps.
    pub steps: u32,
}

impl Share {
    /// The host's part of the time.
    pub fn host(&self) -> f64 {
        1.0 - self.device.as_secs_f64() / self.total.as_secs_f64()
    }

    /// Seconds of the host in a step.
    pub fn host_seconds(&self) -> f64 {
        self.total.saturating_sub(self.device).as_secs_f64() / f64::from(self.steps)
    }
}

/// Measures `steps` training steps, once exponents are found and the program is compiled.
pub fn share<D: Device>(
    device: D,
    network: &Network,
    batch: usize,
    steps: u32,
) -> Result<Share, Error> {
    let timed = Timed {
        device,
        share: Share::default(),
    };
    let mut ready = Ready::new(Engine::open(timed)?, network, batch)?;
    ready.step()?;
    ready.step()?;
    ready.engine().device_mut().share = Share::default();
    let start = Instant::now();
    for _ in 0..steps {
        ready.step()?;
    }
    let total = start.elapsed();
    Ok(Share {
        total,
        steps,
        ..ready.engine().device_mut().share
    })
}

/// A device whose time is taken.
struct Timed<D> {
    device: D,
    share: Share,
}

impl<D: Device> Timed<D> {
    fn timed<T>(&mut self, work: impl FnOnce(&mut D) -> T) -> T {
        let start = Instant::now();
        let done = work(&mut self.device);
        self.share.device += start.elapsed();
        done
    }
}

impl<D: Device> Device for Timed<D> {
    fn config(&self) -> &Config {
        self.device.config()
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.share.registers += 1;
        self.timed(|device| device.read_register(offset))
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.share.registers += 1;
        self.timed(|device| device.write_register(offset, value))
    }

    fn memory_base(&self) -> u64 {
        self.device.memory_base()
    }

    fn memory_size(&self) -> u64 {
        self.device.memory_size()
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        self.share.blocks += 1;
        self.timed(|device| device.read_memory(address, into))
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        self.share.blocks += 1;
        self.timed(|device| device.write_memory(address, from))
    }

    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.timed(|device| device.wait(irq_mask, limit_cycles))
    }
}
