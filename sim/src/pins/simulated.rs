//! A verilated link as a process, with a line and a model of registers and memory around it, as a [`Transport`] in simulated time.

use super::process::Process;
use std::path::PathBuf;
use std::time::Duration;
use tandem::uart::{Transport, TransportError};
use tandem_hdl::verilate::{Harness, VerilateError};

const PROGRAM: &str = include_str!("line.cpp");

/// What a design's top module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// `link`: the link without its lines, which takes and gives bytes.
    Bytes,
    /// `link`: the link with its lines.
    Pins,
    /// A whole board: registers and memory are its own.
    Board,
}

impl Top {
    fn module(self) -> &'static str {
        match self {
            Top::Bytes | Top::Pins => "link",
            Top::Board => tandem_hdl::board::cu::TOP,
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Top::Bytes => &[],
            Top::Pins => &["-DLINK_PINS"],
            Top::Board => &["-DLINK_PINS", "-DLINK_BOARD"],
        }
    }
}

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Design {
    /// Verilog with the top module.
    pub verilog: String,
    /// What its ports are.
    pub top: Top,
}

/// What one access did to the model behind the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Memory, not a register.
    pub memory: bool,
    /// Written, not read.
    pub write: bool,
    /// Answered with an error.
    pub refused: bool,
    /// Byte address.
    pub address: u32,
    /// What was written.
    pub data: u32,
}

/// A link at work. Registers are 64 KiB, memory 1 MiB; beyond is refused.
pub struct Simulated {
    process: Process,
    clock: f64,
    cycle: u64,
    waiting: Vec<u8>,
}

fn build(design: &Design) -> Result<PathBuf, VerilateError> {
    let harness = Harness {
        folder: "link",
        verilog: &design.verilog,
        top: design.top.module(),
        prefix: "Vlink",
        program: PROGRAM,
        options: &["-O3", "-Wno-UNOPTFLAT"],
        flags: design.top.flags(),
    };
    harness.build()
}

impl Simulated {
    /// Builds and starts a link whose clock counts `clock` cycles to a second of its time, and `bits` bits to a cycle on the
    /// line; accesses take up to `longest_wait` cycles more than one.
    pub fn start(
        design: &Design,
        clock: f64,
        bits: f64,
        longest_wait: u32,
        seed: u64,
    ) -> Result<Self, VerilateError> {
        let program = build(design)?;
        let started = |reason: String| VerilateError::Start {
            command: program.display().to_string(),
            reason,
        };
        let process = Process::start(&program).map_err(|error| started(error.to_string()))?;
        let mut simulated = Self {
            process,
            clock,
            cycle: 0,
            waiting: vec![],
        };
        let mut settings = vec![0];
        settings.extend(bits.to_le_bytes());
        settings.extend(longest_wait.to_le_bytes());
        settings.extend(seed.to_le_bytes());
        // With pins a byte is handed on at once, for the sake of figures; otherwise in larger pieces, for that of speed.
        let quiet: u32 = if design.top == Top::Bytes { 36 } else { 0 };
        settings.extend(quiet.to_le_bytes());
        simulated
            .tell(&settings)
            .map_err(|error| started(error.to_string()))?;
        Ok(simulated)
    }

    /// Cycles since the start.
    pub fn cycles(&self) -> u64 {
        self.cycle
    }

    /// What was done to registers and memory since last asked.
    pub fn accesses(&mut self) -> Result<Vec<Access>, TransportError> {
        self.tell(&[2])?;
        let count = u32::from_le_bytes(self.take()?);
        let mut accesses = vec![];
        for _ in 0..count {
            let [flags] = self.take()?;
            accesses.push(Access {
                memory: flags & 2 != 0,
                write: flags & 1 != 0,
                refused: flags & 4 != 0,
                address: u32::from_le_bytes(self.take()?),
                data: u32::from_le_bytes(self.take()?),
            });
        }
        Ok(accesses)
    }

    /// Has a register change by itself after `cycles`.
    pub fn plan(&mut self, offset: u32, value: u32, cycles: u64) -> Result<(), TransportError> {
        let mut told = vec![3];
        told.extend(offset.to_le_bytes());
        told.extend(value.to_le_bytes());
        told.extend(cycles.to_le_bytes());
        self.tell(&told)
    }

    /// Resets the link; registers and memory stay.
    pub fn reset(&mut self) -> Result<(), TransportError> {
        self.tell(&[4])
    }

    /// Runs for `cycles`, or until something has come; what has come.
    pub fn run(&mut self, cycles: u64, until_some: bool) -> Result<Vec<u8>, TransportError> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut told = vec![1];
        told.extend(cycles.to_le_bytes());
        told.push(until_some.into());
        told.extend((waiting.len() as u32).to_le_bytes());
        told.extend(waiting);
        self.tell(&told)?;
        self.cycle = u64::from_le_bytes(self.take()?);
        let count = u32::from_le_bytes(self.take()?) as usize;
        let mut bytes = vec![0; count];
        self.process.fill(&mut bytes).map_err(gone)?;
        Ok(bytes)
    }

    fn tell(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        self.process.tell(bytes).map_err(gone)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], TransportError> {
        self.process.take().map_err(gone)
    }

    fn cycles_of(&self, time: Duration) -> u64 {
        (time.as_secs_f64() * self.clock).ceil() as u64
    }
}

fn gone(error: std::io::Error) -> TransportError {
    TransportError {
        reason: format!("the simulated link has ended: {error}"),
    }
}

impl Transport for Simulated {
    fn name(&self) -> String {
        "simulated line".into()
    }

    fn write(&mut self, bytes: &[u8], _: Duration) -> Result<(), TransportError> {
        self.waiting.extend(bytes);
        Ok(())
    }

    fn read(&mut self, into: &mut [u8], limit: Duration) -> Result<usize, TransportError> {
        let bytes = self.run(self.cycles_of(limit), true)?;
        // Few cycles pass between two calls, so few bytes come; a buffer that is too small loses the rest, as a chip's would.
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn now(&self) -> Duration {
        Duration::from_secs_f64(self.cycle as f64 / self.clock)
    }

    fn pause(&mut self, time: Duration) {
        // What comes meanwhile is nobody's: the line fails at the next call if this one did.
        let _ = self.run(self.cycles_of(time), false);
    }
}
