//! Choosing a device and a configuration, and opening it.

mod address;
mod wave;

pub use address::{number, Address};

use crate::error::{wrong, CliError};
use crate::stop;
use std::sync::OnceLock;
use std::time::Duration;
use tandem::driver::identify;
use tandem::uart::{Board, SerialPort, Settings, Uart};
use tandem::{Device, Engine};
use tandem_isa::{config, Config};
use tandem_sim::model::Model;

/// Devices of this build.
const DEVICES: &[&str] = if cfg!(feature = "rtl") {
    &["model", "rtl"]
} else {
    &["model"]
};

/// The configuration of simulated devices, if none is asked for.
const CONFIG: &str = "8x16";

/// Any device.
pub type Any = Box<dyn Device>;

/// Which device, of which configuration.
#[derive(clap::Args, Clone, Debug)]
pub struct Choice {
    /// `model` (bit-exact, fast), `rtl` (the emitted Verilog, simulated; if this build has it), `uart:PORT[@BAUD]` (a board behind a
    /// serial port) or `mmap:FILE` (UIO, a PCIe BAR, or a file of `tandem serve`); docs/devices.md has their settings
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Sizes of the engine; a board tells its own [simulated devices: 8x16]
    #[arg(long, value_name = "NAME")]
    pub config: Option<String>,
    #[command(flatten)]
    wave: wave::Args,
    /// What a board told.
    #[arg(skip)]
    told: OnceLock<&'static Config>,
}

impl Choice {
    /// That of a run that is gone on with: its configuration, and its device unless another is named.
    pub fn of_run(&self, device: &str, config: &str) -> Choice {
        Choice {
            device: self.device.clone().or_else(|| Some(device.into())),
            config: Some(config.into()),
            wave: self.wave.clone(),
            told: OnceLock::new(),
        }
    }

    /// Name of the device as it was asked for; refuses one that is not there.
    pub fn device(&self) -> Result<&str, CliError> {
        let default = DEVICES[DEVICES.len() - 1];
        let name = self.device.as_deref().unwrap_or(default);
        self.address().map(|_| name)
    }

    /// The device; refuses a simulated one that this build does not have.
    pub fn address(&self) -> Result<Address, CliError> {
        let default = DEVICES[DEVICES.len() - 1];
        let address = Address::parse(self.device.as_deref().unwrap_or(default))?;
        let Address::Simulated(name) = &address else {
            return Ok(address);
        };
        if DEVICES.contains(&name.as_str()) {
            return Ok(address);
        }
        let remedy = if name == "rtl" {
            "run it as `cargo xtask VERB --device rtl …`, or build with `--features rtl`"
        } else {
            "choose one of these"
        };
        let expected = [DEVICES, &["uart:PORT", "mmap:FILE"]].concat().join(" or ");
        Err(wrong(
            "--device",
            "device of this build",
            name,
            expected,
            remedy,
        ))
    }

    /// Whether it is outside of this build: there is one, and it opens once.
    pub fn is_board(&self) -> Result<bool, CliError> {
        Ok(!matches!(self.address()?, Address::Simulated(_)))
    }

    /// The configuration: as asked for, as the board tells, or the usual one of a simulated device.
    pub fn config(&self) -> Result<&'static Config, CliError> {
        let name = match (&self.config, self.address()?) {
            (Some(name), _) => name,
            (None, Address::Simulated(_)) => CONFIG,
            (None, address) => {
                if let Some(told) = self.told.get() {
                    return Ok(told);
                }
                let mut device = board(&address, None, 0)?;
                let told = identify(|offset| device.read_register(offset))?;
                return Ok(self.told.get_or_init(|| told));
            }
        };
        Config::named(name).ok_or_else(|| {
            let names: Vec<_> = config::ALL.iter().map(|c| c.name).collect();
            wrong(
                "--config",
                "configuration",
                name,
                names.join(" or "),
                "choose one of these, or add it to isa/src/config.rs",
            )
        })
    }

    /// Opens the device; a simulated one, and a board that does not tell, has `memory` bytes. Ctrl-C stops its engine.
    pub fn open(&self, memory: usize) -> Result<Engine<Any>, CliError> {
        let mut engine = self.open_for_job(memory)?;
        engine.stop_when(stop::flag());
        Ok(engine)
    }

    /// As [`open`](Self::open), for a job that asks [`stop::asked`] between its steps: Ctrl-C lets the step end.
    pub fn open_for_job(&self, memory: usize) -> Result<Engine<Any>, CliError> {
        let device = self.closed(memory)?;
        Ok(match self.address()? {
            // Only there two look at one memory.
            Address::Mmap(_) => tandem::doctor::open(device)?,
            _ => Engine::open(device)?,
        })
    }

    /// The device itself, without asking whether it is an engine.
    pub fn closed(&self, memory: usize) -> Result<Any, CliError> {
        let address = self.address()?;
        match &address {
            Address::Simulated(name) => simulated(name, self.config()?, memory, &self.wave),
            _ => {
                self.wave.refuse()?;
                let asked = self.config.is_some().then(|| self.config()).transpose()?;
                board(&address, asked, memory)
            }
        }
    }
}

/// Opens a device that this build has inside.
fn simulated(
    name: &str,
    config: &'static Config,
    memory: usize,
    wave: &wave::Args,
) -> Result<Any, CliError> {
    match name {
        #[cfg(feature = "rtl")]
        "rtl" => {
            let waves = wave.next()?;
            let device = tandem_sim::rtl::RtlDevice::open(config, memory, waves.as_ref());
            Ok(Box::new(device.map_err(|e| {
                let remedy = "choose another --config or --wave";
                wrong("--device rtl", "opening", e, "a simulated engine", remedy)
            })?))
        }
        _ => {
            wave.refuse()?;
            Ok(Box::new(Model::new(config, memory)))
        }
    }
}

/// Opens a device outside. Its registers tell its configuration, unless one is asked for: then the driver compares.
fn board(
    address: &Address,
    asked: Option<&'static Config>,
    memory: usize,
) -> Result<Any, CliError> {
    match address {
        Address::Uart(uart) => {
            let port = SerialPort::open(&uart.port, uart.baud).map_err(|e| {
                let remedy =
                    "look at the cable; `tandem doctor` with this device tells who may open it";
                wrong("--device", "opening", e, "a serial port", remedy)
            })?;
            let settings = Settings {
                latency: Duration::from_millis(uart.latency),
                ..Settings::new(uart.baud)
            };
            let board = Board {
                config: *asked.unwrap_or(&config::ALL[0]),
                memory: uart.bytes.unwrap_or(memory as u64),
                clock: uart.clock,
            };
            let mut device =
                Uart::open(port, settings, board).map_err(tandem::DriverError::Device)?;
            if asked.is_none() {
                let told = identify(|offset| device.read_register(offset))?;
                device.set_config(*told);
            }
            Ok(Box::new(device))
        }
        #[cfg(target_os = "linux")]
        Address::Mmap(mmap) => {
            let options = tandem::mmap::Options {
                memory: mmap.memory.clone(),
                base: mmap.base,
                bytes: mmap.bytes,
                clock: mmap.clock,
                interrupt: !mmap.polled,
            };
            let places = tandem::mmap::Places::default();
            let mut device = tandem::mmap::Mmap::open(&mmap.path, &options, &places)?;
            if let Some(asked) = asked {
                device.set_config(*asked);
            }
            Ok(Box::new(device))
        }
        _ => {
            let remedy = "use Linux for it, or a board behind a serial port";
            Err(wrong(
                "--device",
                "device of this system",
                "mmap",
                "model or uart:PORT",
                remedy,
            ))
        }
    }
}
