//! A verilated design with its memory: registers, memory, clock, and what can be set on the bus.
use super::ffi::{self, Counts};
use super::settings::{raw_timing, Fault, Stalls, Timing, Waves};

/// Cycles a register access may take.
const REGISTER_LIMIT: u64 = 10_000;

/// Why a simulated design cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtlError {
    /// The design was not built in.
    #[error("no simulated RTL called `{name}`, expected one of: {known}; choose one with --config, or build with the feature `rtl`")]
    Unknown {
        /// Name asked for.
        name: String,
        /// Names there are.
        known: String,
    },
    /// Waves were asked of a build without them, or the file cannot be written.
    #[error("cannot write waves to {path}; expected a build with the feature `trace` and a folder that can be written")]
    Waves {
        /// The file.
        path: String,
    },
    /// The register port does not answer.
    #[error("register {operation} at {offset:#x}: no answer within {limit} cycles; the engine's register port hangs")]
    Silent {
        /// `read` or `write`.
        operation: &'static str,
        /// Offset.
        offset: u32,
        /// Cycles waited.
        limit: u64,
    },
    /// The register port answers with an error.
    #[error("register {operation} at {offset:#x}: bus response {response}, expected 0 (OKAY); is there such a register?")]
    Refused {
        /// `read` or `write`.
        operation: &'static str,
        /// Offset.
        offset: u32,
        /// AXI response code.
        response: u32,
    },
}

/// A verilated design with its memory and register port.
pub struct RtlCore {
    core: ffi::Core,
}

impl RtlCore {
    /// Names of the designs that were built in.
    pub fn names() -> &'static [&'static str] {
        ffi::names()
    }

    /// Opens the design `name` with `memory` bytes of zeroed memory and takes it out of reset. `waves` are written by a slower
    /// model.
    pub fn open(name: &str, memory: usize, waves: Option<&Waves>) -> Result<Self, RtlError> {
        let unknown = || RtlError::Unknown {
            name: name.into(),
            known: ffi::names().join(", "),
        };
        let opened = |core: Option<ffi::Core>| core.map(|core| Self { core });
        if !ffi::names().contains(&name) {
            return Err(unknown());
        }
        let Some(waves) = waves else {
            return opened(ffi::Core::open(name, memory, None)).ok_or_else(unknown);
        };
        let no_waves = || RtlError::Waves {
            path: waves.file.display().to_string(),
        };
        let path = ffi::c_path(&waves.file).ok_or_else(no_waves)?;
        // The writer does not say that it cannot write: try before it does.
        if !cfg!(feature = "trace") || std::fs::File::create(&waves.file).is_err() {
            return Err(no_waves());
        }
        let core = ffi::Core::open(name, memory, Some((&path, &waves.window)));
        opened(core).ok_or_else(no_waves)
    }

    /// Reads a register; the clock runs meanwhile.
    pub fn reg_read(&mut self, offset: u32) -> Result<u32, RtlError> {
        let (response, value) = self.core.read(offset, REGISTER_LIMIT);
        answered("read", offset, response).map(|()| value)
    }

    /// Writes a register; the clock runs meanwhile.
    pub fn reg_write(&mut self, offset: u32, value: u32) -> Result<(), RtlError> {
        let response = self.core.write(offset, value, REGISTER_LIMIT);
        answered("write", offset, response)
    }

    /// The memory.
    pub fn memory(&self) -> &[u8] {
        self.core.memory()
    }

    /// The memory, to write.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        self.core.memory_mut()
    }

    /// Holds reset for `cycles`. Contents of the memory stay.
    pub fn reset(&mut self, cycles: u32) {
        self.core.reset(cycles);
    }

    /// Runs for `cycles`.
    pub fn run(&mut self, cycles: u64) {
        self.core.run(cycles, false);
    }

    /// Runs until the interrupt line is high, at most `limit` cycles; tells whether it is.
    pub fn run_until_irq(&mut self, limit: u64) -> bool {
        self.core.run(limit, true);
        self.core.irq()
    }

    /// The interrupt line.
    pub fn irq(&self) -> bool {
        self.core.irq()
    }

    /// Sets the memory's timing.
    pub fn set_timing(&mut self, timing: Timing) {
        self.core.set_timing(&raw_timing(&timing));
    }

    /// Sets random stalls of the bus.
    pub fn set_stalls(&mut self, stalls: Stalls) {
        self.core.set_stalls(&stalls.raw());
    }

    /// Plans a misfortune; several can be planned, the first that matches a burst hits it.
    pub fn plan(&mut self, fault: Fault) {
        self.core.add_fault(&fault.raw());
    }

    /// Forgets all planned misfortunes.
    pub fn clear_plans(&mut self) {
        self.core.clear_faults();
    }

    /// What the bus has carried.
    pub fn counts(&self) -> Counts {
        self.core.counts()
    }

    /// Clock cycles since the device was opened.
    pub fn cycles(&self) -> u64 {
        self.core.counts().cycles
    }

    /// The first AXI rule the design broke, if it broke one.
    pub fn axi_violation(&self) -> Option<String> {
        Some(self.core.violation()).filter(|text| !text.is_empty())
    }
}

fn answered(operation: &'static str, offset: u32, response: u32) -> Result<(), RtlError> {
    match response {
        0 => Ok(()),
        4 => Err(RtlError::Silent {
            operation,
            offset,
            limit: REGISTER_LIMIT,
        }),
        _ => Err(RtlError::Refused {
            operation,
            offset,
            response,
        }),
    }
}
