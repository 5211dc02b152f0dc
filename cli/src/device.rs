//! Choosing a device and a configuration by name.

use crate::error::{wrong, CliError};
use tandem::{Device, Engine};
use tandem_isa::{config, Config};
use tandem_sim::model::Model;

/// Devices of this build.
const DEVICES: &[&str] = if cfg!(feature = "rtl") {
    &["model", "rtl"]
} else {
    &["model"]
};

/// Which device, of which configuration.
#[derive(clap::Args, Clone, Debug)]
pub struct Choice {
    /// `model` (bit-exact, fast) or `rtl` (the emitted Verilog, simulated); `rtl` if this build has it
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Sizes of the engine
    #[arg(long, value_name = "NAME", default_value = "8x16")]
    pub config: String,
}

impl Choice {
    /// That of a run that is gone on with: its configuration, and its device unless another is named.
    pub fn of_run(&self, device: &str, config: &str) -> Choice {
        Choice {
            device: self.device.clone().or_else(|| Some(device.into())),
            config: config.into(),
        }
    }

    /// Name of the device; refuses one that is not there.
    pub fn device(&self) -> Result<&str, CliError> {
        let default = DEVICES[DEVICES.len() - 1];
        let name = self.device.as_deref().unwrap_or(default);
        if DEVICES.contains(&name) {
            return Ok(name);
        }
        let remedy = if name == "rtl" {
            "run it as `cargo xtask VERB --device rtl …`, or build with `--features rtl`"
        } else {
            "choose one of these"
        };
        Err(wrong(
            "--device",
            "device of this build",
            name,
            DEVICES.join(" or "),
            remedy,
        ))
    }

    /// The configuration; refuses one that is not there.
    pub fn config(&self) -> Result<&'static Config, CliError> {
        Config::named(&self.config).ok_or_else(|| {
            let names: Vec<_> = config::ALL.iter().map(|c| c.name).collect();
            wrong(
                "--config",
                "configuration",
                &self.config,
                names.join(" or "),
                "choose one of these, or add it to isa/src/config.rs",
            )
        })
    }

    /// Opens the device with `memory` bytes.
    pub fn open(&self, memory: usize) -> Result<Engine<Box<dyn Device>>, CliError> {
        let config = self.config()?;
        let device: Box<dyn Device> = match self.device()? {
            #[cfg(feature = "rtl")]
            "rtl" => Box::new(
                tandem_sim::rtl::RtlDevice::open(config, memory, None).map_err(|e| {
                    wrong(
                        "--device rtl",
                        "opening",
                        e,
                        "a simulated engine",
                        "choose another --config",
                    )
                })?,
            ),
            _ => Box::new(Model::new(config, memory)),
        };
        Ok(Engine::open(device)?)
    }
}
