//! The driver: opens a device, checks that it is the engine this library speaks to, grants windows, runs programs, decodes
//! faults, and reads sites and counters.
//!
//! Not for networks: the rest of the crate compiles them to programs and calls this.

use crate::device::{Device, DeviceError};
use crate::fault::{Context, DriverError, Fault};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use tandem_isa::register::{self as reg, state};
use tandem_isa::{Command, Config};

/// A part of memory a context may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First byte.
    pub base: u32,
    /// First byte after it.
    pub end: u32,
    /// May be read.
    pub read: bool,
    /// May be written.
    pub write: bool,
}

/// A requantise site as the engine holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Exponent: magnitudes stay below 2^e.
    pub e: i8,
    /// Tensors in a row below it.
    pub count: u8,
    /// A tensor was seen.
    pub valid: bool,
    /// Format of the tensor written last.
    pub f: i8,
}

const NO_ENGINE: &str =
    "nothing at this address is a Tandem engine: check the device name, base address or bitstream";

fn expect(
    register: &'static str,
    found: u32,
    expected: u32,
    remedy: &str,
) -> Result<(), DriverError> {
    if found == expected {
        return Ok(());
    }
    Err(DriverError::Mismatch {
        register,
        found,
        expected,
        remedy: remedy.to_string(),
    })
}

/// The configuration that the registers behind `read` tell; for devices that are built without knowing it. [`Engine::open`] checks
/// the rest.
pub fn identify(
    mut read: impl FnMut(u32) -> Result<u32, DeviceError>,
) -> Result<&'static Config, DriverError> {
    expect("ID", read(reg::ID)?, reg::ID_VALUE, NO_ENGINE)?;
    let found = read(reg::CONFIG_HASH)?;
    let named = tandem_isa::config::ALL.iter().find(|c| c.hash() == found);
    named.ok_or_else(|| DriverError::Mismatch {
        register: "CONFIG_HASH",
        found,
        expected: tandem_isa::config::ALL[0].hash(),
        remedy:
            "that is no configuration of this release: build engine and host from the same sources"
                .into(),
    })
}

/// An opened engine. Dropped while a program runs, it stops the program and leaves the device idle.
pub struct Engine<D> {
    /// There until [`Engine::into_device`].
    device: Option<D>,
    /// Contexts that were started and not seen to end, by bit.
    unfinished: u32,
    /// Set by somebody who wants waits to end.
    stop: Option<Arc<AtomicBool>>,
    /// Minor version of the interface.
    minor: u32,
    /// Leaves the device idle; here because a drop does not know what a device is.
    leave: fn(&mut D),
}

/// Cycles between looks at what was given to [`Engine::stop_when`].
const STOP_CYCLES: u64 = 1 << 16;
/// Looks at STATUS after which an engine that was reset is given up; it needs less than a thousand cycles.
const LOOKS: u32 = 10_000;
/// STATUS: something runs, or the bus is not quiet.
const ACTIVE: u32 = 1 | 4;

/// Resets the engine of `device` and waits until it is idle and its bus quiet.
fn quiet(device: &mut impl Device) -> Result<(), DriverError> {
    device.write_register(reg::RESET, 1)?;
    let mut status = 0;
    for _ in 0..LOOKS {
        status = device.read_register(reg::STATUS)?;
        if status & ACTIVE == 0 {
            return Ok(device.write_register(reg::IRQ_STATUS, 0xf)?);
        }
    }
    Err(DriverError::NotIdle { status })
}

impl<D> Engine<D> {
    fn device(&mut self) -> &mut D {
        match &mut self.device {
            Some(device) => device,
            None => unreachable!("only into_device takes it, with the engine"),
        }
    }
}

impl<D> Drop for Engine<D> {
    fn drop(&mut self) {
        if let Some(device) = self.device.as_mut().filter(|_| self.unfinished != 0) {
            (self.leave)(device);
        }
    }
}

impl<D: Device> Engine<D> {
    /// Opens a device: refuses one that is not an engine, has another major version, or other sizes than it claims.
    pub fn open(mut device: D) -> Result<Self, DriverError> {
        let config = *device.config();
        let id = device.read_register(reg::ID)?;
        expect("ID", id, reg::ID_VALUE, NO_ENGINE)?;
        let version = device.read_register(reg::VERSION)?;
        expect(
            "VERSION",
            version & 0xffff_0000,
            reg::VERSION_VALUE & 0xffff_0000,
            "the engine speaks another interface version: build engine and host from the same release",
        )?;
        let hash = device.read_register(reg::CONFIG_HASH)?;
        let named = tandem_isa::config::ALL.iter().find(|c| c.hash() == hash);
        let remedy = match named {
            Some(c) => format!(
                "the device is configuration `{}`, it was opened as `{}`: choose --config {}",
                c.name, config.name, c.name
            ),
            None => format!(
                "the device was opened as `{}` and is no configuration of this release: rebuild it from isa/src/config.rs",
                config.name
            ),
        };
        expect("CONFIG_HASH", hash, config.hash(), &remedy)?;
        let shape = device.read_register(reg::SHAPE)?;
        let expected = config.rows as u32 | (config.lanes as u32) << 16;
        expect(
            "SHAPE",
            shape,
            expected,
            "hash and shape disagree: rebuild the device",
        )?;
        device.write_register(reg::IRQ_ENABLE, 0xf)?;
        Ok(Engine {
            device: Some(device),
            unfinished: 0,
            stop: None,
            minor: version & 0xffff,
            // A device that fails now has failed before: whoever waited for it was told.
            leave: |device| drop(quiet(device)),
        })
    }

    /// Lets waits end early: once `stop` is true, the next one within [`Engine::finish`] stops the engine and fails with
    /// [`DriverError::Stopped`].
    pub fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.stop = Some(stop);
    }

    /// Stops whatever runs and returns when the engine is idle and its bus quiet. Memory, windows and sites stay as they are.
    pub fn abort(&mut self) -> Result<(), DriverError> {
        quiet(self.device())?;
        self.unfinished = 0;
        Ok(())
    }

    /// Whether its loss unit makes gradients of soft targets: one of interface 2.2 does.
    pub fn mixes_soft_targets(&self) -> bool {
        self.config().has_loss && self.minor >= reg::SOFT_TARGETS_MINOR
    }

    /// Whether its selector knows epochs and events: one of interface 2.4 does.
    pub fn selects_events(&self) -> bool {
        self.config().has_selector && self.minor >= reg::EVENTS_MINOR
    }

    /// Sizes of the engine.
    pub fn config(&self) -> &Config {
        self.shared().config()
    }

    fn shared(&self) -> &D {
        match &self.device {
            Some(device) => device,
            None => unreachable!("only into_device takes it, with the engine"),
        }
    }

    /// The device below, for reads a driver has no name for.
    pub fn device_mut(&mut self) -> &mut D {
        self.device()
    }

    /// Gives the device back, as it is: a program that runs goes on.
    pub fn into_device(mut self) -> D {
        match self.device.take() {
            Some(device) => device,
            None => unreachable!("only this takes it, with the engine"),
        }
    }

    /// The address of the first byte of memory.
    pub fn memory_base(&self) -> u64 {
        self.shared().memory_base()
    }

    /// Bytes of memory.
    pub fn memory_size(&self) -> u64 {
        self.shared().memory_size()
    }

    /// Reads a register by offset.
    pub fn register(&mut self, offset: u32) -> Result<u32, DriverError> {
        Ok(self.device().read_register(offset)?)
    }

    /// Writes a register by offset.
    pub fn set_register(&mut self, offset: u32, value: u32) -> Result<(), DriverError> {
        Ok(self.device().write_register(offset, value)?)
    }

    /// A 64-bit counter: low word first, which latches the high one.
    pub fn register64(&mut self, low: u32) -> Result<u64, DriverError> {
        let lo = self.register(low)?;
        let hi = self.register(low + 4)?;
        Ok(u64::from(hi) << 32 | u64::from(lo))
    }

    /// Stops everything and empties units and token counters; windows and sites stay.
    pub fn reset(&mut self) -> Result<(), DriverError> {
        self.set_register(reg::RESET, 1)
    }

    /// Grants window `index` of a context; [`Window::default`] takes it away.
    pub fn set_window(
        &mut self,
        context: Context,
        index: u32,
        window: Window,
    ) -> Result<(), DriverError> {
        if index >= reg::WINDOWS {
            return Err(DriverError::Range {
                what: "window index",
                found: index.into(),
                limit: reg::WINDOWS.into(),
            });
        }
        let (first, size) = (self.memory_base(), self.memory_size());
        let inside = window == Window::default()
            || (u64::from(window.base) >= first && u64::from(window.end) <= first + size);
        if window.base % 8 != 0 || !inside || window.base > window.end {
            return Err(DriverError::Address {
                what: "window",
                address: window.base.max(window.end).into(),
                align: 8,
                size,
            });
        }
        let at = context.base() + reg::WINDOW_BASE + index * reg::WINDOW_SIZE;
        let permissions = (u32::from(window.read) * reg::WINDOW_READ)
            | (u32::from(window.write) * reg::WINDOW_WRITE);
        self.set_register(at, window.base)?;
        self.set_register(at + 4, window.end)?;
        self.set_register(at + 8, permissions)
    }

    /// Copies memory out.
    pub fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DriverError> {
        Ok(self.device().read_memory(address, into)?)
    }

    /// Copies memory in.
    pub fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DriverError> {
        Ok(self.device().write_memory(address, from)?)
    }

    /// `count` 16-bit lanes from memory.
    pub fn read_lanes(&mut self, address: u64, count: usize) -> Result<Vec<i16>, DriverError> {
        let mut bytes = vec![0; count * 2];
        self.read_memory(address, &mut bytes)?;
        Ok(bytes
            .chunks_exact(2)
            .map(|b| i16::from_le_bytes([b[0], b[1]]))
            .collect())
    }

    /// 16-bit lanes to memory.
    pub fn write_lanes(&mut self, address: u64, lanes: &[i16]) -> Result<(), DriverError> {
        let bytes: Vec<u8> = lanes.iter().flat_map(|l| l.to_le_bytes()).collect();
        self.write_memory(address, &bytes)
    }

    /// Encodes commands to memory.
    pub fn write_program(&mut self, address: u64, commands: &[Command]) -> Result<(), DriverError> {
        let bytes: Vec<u8> = commands.iter().flat_map(|c| c.encode()).collect();
        self.write_memory(address, &bytes)
    }

    /// Starts a program that stands in memory.
    pub fn start(
        &mut self,
        context: Context,
        address: u64,
        commands: u32,
    ) -> Result<(), DriverError> {
        let (first, size) = (self.memory_base(), self.memory_size());
        let end = address.saturating_add(u64::from(commands) * 64);
        if address % 64 != 0 || address < first || end > (first + size).min(1 << 32) {
            return Err(DriverError::Address {
                what: "program",
                address,
                align: 64,
                size,
            });
        }
        self.expect_idle(context)?;
        let base = context.base();
        self.set_register(reg::IRQ_STATUS, context.done() | context.fault())?;
        self.set_register(base + reg::PROGRAM, address as u32)?;
        self.set_register(base + reg::LENGTH, commands)?;
        self.unfinished |= 1 << context as u32;
        self.set_register(base + reg::DOORBELL, 1)
    }

    /// Refuses a context that is running.
    pub fn expect_idle(&mut self, context: Context) -> Result<(), DriverError> {
        if self.register(context.base() + reg::STATE)? == state::RUNNING {
            return Err(DriverError::Busy(context));
        }
        Ok(())
    }

    /// Waits until the context's program is done; a fault is an error. `limit_cycles` bounds the wait.
    pub fn finish(&mut self, context: Context, limit_cycles: u64) -> Result<(), DriverError> {
        let (done, fault) = (context.done(), context.fault());
        let status = self.wait(done | fault, limit_cycles)?;
        self.unfinished &= !(1 << context as u32);
        self.set_register(reg::IRQ_STATUS, status & (done | fault))?;
        if status & fault != 0 {
            return Err(DriverError::Fault(self.fault(context)?));
        }
        Ok(())
    }

    /// Waits for interrupts, in pieces if somebody may want it to end.
    fn wait(&mut self, mask: u32, limit_cycles: u64) -> Result<u32, DriverError> {
        let Some(stop) = self.stop.clone() else {
            return Ok(self.device().wait(mask, limit_cycles)?);
        };
        let mut left = limit_cycles;
        loop {
            if stop.load(Ordering::Relaxed) {
                self.abort()?;
                return Err(DriverError::Stopped);
            }
            let piece = left.min(STOP_CYCLES);
            left -= piece;
            match self.device().wait(mask, piece) {
                Err(DeviceError::TimedOut { cycles, .. }) if left > 0 && cycles >= piece => {}
                Err(DeviceError::TimedOut { mask, found, .. }) => {
                    let cycles = limit_cycles - left;
                    return Err(DeviceError::TimedOut {
                        mask,
                        cycles,
                        found,
                    }
                    .into());
                }
                other => return Ok(other?),
            }
        }
    }

    /// [`Engine::start`] and [`Engine::finish`].
    pub fn run(
        &mut self,
        context: Context,
        address: u64,
        commands: u32,
        limit_cycles: u64,
    ) -> Result<(), DriverError> {
        self.start(context, address, commands)?;
        self.finish(context, limit_cycles)
    }

    /// What the context's error registers hold.
    pub fn fault(&mut self, context: Context) -> Result<Fault, DriverError> {
        let base = context.base();
        let program = self.register(base + reg::PROGRAM)?;
        let command = self.register(base + reg::ERROR_COMMAND)?;
        Ok(Fault {
            context,
            code: self.register(base + reg::ERROR_CODE)?,
            command,
            index: command.wrapping_sub(program) / 64,
            value: self.register(base + reg::ERROR_VALUE)?,
        })
    }

    fn select_site(&mut self, index: u8) -> Result<(), DriverError> {
        if usize::from(index) >= self.config().sites {
            return Err(DriverError::Range {
                what: "site",
                found: index.into(),
                limit: self.config().sites as u64,
            });
        }
        self.set_register(reg::SITE_INDEX, index.into())
    }

    /// State of a requantise site.
    pub fn site(&mut self, index: u8) -> Result<Site, DriverError> {
        self.select_site(index)?;
        let v = self.register(reg::SITE_STATE)?;
        Ok(Site {
            e: v as u8 as i8,
            count: (v >> 8) as u8 & 15,
            valid: v >> 12 & 1 == 1,
            f: (v >> 16) as u8 as i8,
        })
    }

    /// Sets a site.
    pub fn set_site(&mut self, index: u8, site: Site) -> Result<(), DriverError> {
        self.select_site(index)?;
        let v = u32::from(site.e as u8)
            | u32::from(site.count & 15) << 8
            | u32::from(site.valid) << 12
            | u32::from(site.f as u8) << 16;
        self.set_register(reg::SITE_STATE, v)
    }

    /// (clipped, underflowed) values of a site since they were cleared.
    pub fn site_events(&mut self, index: u8) -> Result<(u32, u32), DriverError> {
        self.select_site(index)?;
        Ok((
            self.register(reg::SITE_CLIPPED)?,
            self.register(reg::SITE_UNDERFLOW)?,
        ))
    }

    /// Clears both event counters of a site.
    pub fn clear_site_events(&mut self, index: u8) -> Result<(), DriverError> {
        self.select_site(index)?;
        self.set_register(reg::SITE_CLIPPED, 0)?;
        self.set_register(reg::SITE_UNDERFLOW, 0)
    }
}
