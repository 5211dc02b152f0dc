//! The simulated RTL behind the driver's [`Device`].
use super::core::{RtlCore, RtlError};
use super::settings::Waves;
use tandem::device::{check_range, check_register, Device, DeviceError};
use tandem_isa::register::IRQ_STATUS;
use tandem_isa::Config;

/// Cycles between looks at IRQ_STATUS while the interrupt line is low.
const POLL: u64 = 4096;

/// An engine of simulated RTL.
pub struct RtlDevice {
    config: Config,
    core: RtlCore,
}

impl RtlDevice {
    /// Opens the engine of `config` with `memory` bytes, writing `waves`.
    pub fn open(config: &Config, memory: usize, waves: Option<&Waves>) -> Result<Self, RtlError> {
        Ok(Self {
            config: *config,
            core: RtlCore::open(config.name, memory, waves)?,
        })
    }

    /// Opens another design that is an engine of `config`: `netlist`, if TANDEM_NETLIST named one when this was built.
    pub fn open_design(name: &str, config: &Config, memory: usize) -> Result<Self, RtlError> {
        Ok(Self {
            config: *config,
            core: RtlCore::open(name, memory, None)?,
        })
    }

    /// The design under it: stalls, misfortunes, counts.
    pub fn core(&mut self) -> &mut RtlCore {
        &mut self.core
    }
}

fn link(error: RtlError) -> DeviceError {
    DeviceError::Link {
        device: "rtl".into(),
        operation: "register access".into(),
        reason: error.to_string(),
        remedy: "run again with --wave FILE.fst and look at s_axi".into(),
    }
}

impl Device for RtlDevice {
    fn config(&self) -> &Config {
        &self.config
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        check_register(offset)?;
        self.core.reg_read(offset).map_err(link)
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        check_register(offset)?;
        self.core.reg_write(offset, value).map_err(link)
    }

    fn memory_size(&self) -> u64 {
        self.core.memory().len() as u64
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        let range = check_range("read", address, into.len(), self.memory_size())?;
        into.copy_from_slice(&self.core.memory()[range]);
        Ok(())
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        let range = check_range("write", address, from.len(), self.memory_size())?;
        self.core.memory_mut()[range].copy_from_slice(from);
        Ok(())
    }

    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        let end = self.core.cycles().saturating_add(limit_cycles);
        loop {
            let found = self.read_register(IRQ_STATUS)?;
            if found & irq_mask != 0 {
                return Ok(found);
            }
            let left = end.saturating_sub(self.core.cycles());
            if left == 0 {
                return Err(DeviceError::TimedOut {
                    mask: irq_mask,
                    cycles: limit_cycles,
                    found,
                });
            }
            // A line held high by a bit that is not waited for says nothing: then only time is left.
            if self.core.irq() {
                self.core.run(left.min(POLL));
            } else {
                self.core.run_until_irq(left.min(POLL));
            }
        }
    }
}
