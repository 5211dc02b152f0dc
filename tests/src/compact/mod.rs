//! The compact engine, verilated, as a process: a [`Device`] of configuration `cu` with the memory that the board has.

use std::io;
use std::path::PathBuf;
use tandem::device::{check_range, check_register, Device, DeviceError};
use tandem_hdl::board::cu;
use tandem_hdl::compact::firmware::MEMORY_BYTES;
use tandem_hdl::verilate::{Harness, VerilateError};
use tandem_isa::config::CU;
use tandem_isa::register::IRQ_STATUS;
use tandem_isa::Config;
use tandem_sim::pins::process::Process;

const PROGRAM: &str = include_str!("port.cpp");

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// It does not emit.
    #[error(transparent)]
    Board(#[from] cu::BoardError),
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] VerilateError),
    /// The process does not start.
    #[error("cannot start {0}: {1}; expected a program that was just built")]
    Start(String, String),
}

/// A running engine.
pub struct CompactDevice {
    process: Process,
}

fn build() -> Result<PathBuf, CompactError> {
    let harness = Harness {
        folder: "compact",
        verilog: &cu::engine("port")?,
        top: "port",
        prefix: "Vport",
        program: PROGRAM,
        options: &["-O3", "-Wno-fatal"],
        flags: &[],
    };
    Ok(harness.build()?)
}

impl CompactDevice {
    /// Builds the engine, unless it was built before, and starts it.
    pub fn start() -> Result<Self, CompactError> {
        let program = build()?;
        let process = Process::start(&program)
            .map_err(|e| CompactError::Start(program.display().to_string(), e.to_string()))?;
        Ok(Self { process })
    }

    fn ask(&mut self, kind: u8, how: u8, address: u32, data: u32, more: &[u8]) -> io::Result<()> {
        let mut request = vec![kind, how];
        request.extend(address.to_le_bytes());
        request.extend(data.to_le_bytes());
        request.extend(more);
        self.process.tell(&request)
    }

    /// Clock cycles so far.
    pub fn cycles(&mut self) -> Result<u64, DeviceError> {
        let cycles = self
            .ask(b'c', 0, 0, 0, &[])
            .and_then(|()| self.process.take());
        cycles.map(u64::from_le_bytes).map_err(link)
    }

    /// One access to a register: its status is in the first byte.
    fn register(&mut self, write: bool, offset: u32, value: u32) -> Result<u32, DeviceError> {
        check_register(offset)?;
        let asked = self.ask(b'x', u8::from(write) << 1, offset, value, &[]);
        let [status, a, b, c, d] = asked.and_then(|()| self.process.take()).map_err(link)?;
        done(status)?;
        Ok(u32::from_le_bytes([a, b, c, d]))
    }
}

fn link(error: io::Error) -> DeviceError {
    DeviceError::Link {
        device: "compact".into(),
        operation: "access".into(),
        reason: error.to_string(),
        remedy: "the simulation ended: run again and look at its standard error".into(),
    }
}

fn done(status: u8) -> Result<(), DeviceError> {
    match status {
        0 => Ok(()),
        1 => Err(link(io::Error::other("the engine refused it"))),
        _ => Err(link(io::Error::other("no answer within a command's time"))),
    }
}

impl Device for CompactDevice {
    fn config(&self) -> &Config {
        &CU
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.register(false, offset, 0)
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.register(true, offset, value).map(|_| ())
    }

    fn memory_size(&self) -> u64 {
        MEMORY_BYTES as u64
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        let range = check_range("read", address, into.len(), self.memory_size())?;
        let (first, last) = (range.start & !3, range.end.next_multiple_of(4));
        let mut all = vec![0; last - first];
        let asked = self.ask(b'r', 0, first as u32, (all.len() / 4) as u32, &[]);
        let [status] = asked.and_then(|()| self.process.take()).map_err(link)?;
        self.process.fill(&mut all).map_err(link)?;
        into.copy_from_slice(&all[range.start - first..range.end - first]);
        done(status)
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        let range = check_range("write", address, from.len(), self.memory_size())?;
        let (first, last) = (range.start & !3, range.end.next_multiple_of(4));
        let mut all = vec![0; last - first];
        if (first..last) != range {
            self.read_memory(first as u64, &mut all)?;
        }
        all[range.start - first..range.end - first].copy_from_slice(from);
        let words = (all.len() / 4) as u32;
        let asked = self.ask(b'w', 0, first as u32, words, &all);
        let [status] = asked.and_then(|()| self.process.take()).map_err(link)?;
        done(status)
    }

    /// A look at IRQ_STATUS takes at least a hundred cycles, and as long as a command if one runs.
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        let end = self.cycles()?.saturating_add(limit_cycles);
        loop {
            let found = self.read_register(IRQ_STATUS)?;
            if found & irq_mask != 0 {
                return Ok(found);
            }
            if self.cycles()? > end {
                return Err(DeviceError::TimedOut {
                    mask: irq_mask,
                    cycles: limit_cycles,
                    found,
                });
            }
        }
    }
}
