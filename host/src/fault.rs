//! What the driver refuses and what the engine reports, with the words that go to a user.

use crate::device::DeviceError;
use tandem_isa::register::{self as reg, irq};
use tandem_isa::ErrorCode;

/// Which command queue a program runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Context {
    /// Urgent.
    Teacher = reg::TEACHER,
    /// Background.
    Student = reg::STUDENT,
}

impl Context {
    /// The other one.
    pub(crate) fn other(self) -> Context {
        match self {
            Context::Teacher => Context::Student,
            Context::Student => Context::Teacher,
        }
    }
    pub(crate) fn base(self) -> u32 {
        reg::CONTEXT_BASE + self as u32 * reg::CONTEXT_SIZE
    }
    pub(crate) fn done(self) -> u32 {
        irq::DONE << self as u32
    }
    pub(crate) fn fault(self) -> u32 {
        irq::FAULT << self as u32
    }
    /// Interrupts of its end, good or bad.
    pub(crate) fn bits(self) -> u32 {
        self.done() | self.fault()
    }
}

impl std::fmt::Display for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Context::Teacher => "teacher",
            Context::Student => "student",
        })
    }
}

/// An error the engine reported: what its context's registers held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Context that stopped.
    pub context: Context,
    /// Raw code.
    pub code: u32,
    /// Address of the command at fault.
    pub command: u32,
    /// Index of that command in its program.
    pub index: u32,
    /// Value at fault; its meaning is the code's.
    pub value: u32,
}

impl Fault {
    /// The code, if it is one this library knows.
    pub fn kind(&self) -> Option<ErrorCode> {
        ErrorCode::from_u32(self.code)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, doc) = ErrorCode::ALL
            .iter()
            .find(|c| c.0 as u32 == self.code)
            .map_or(("unknown code", ""), |c| (c.1, c.2.trim()));
        write!(
            f,
            "{} stopped at command {} (address {:#x}): {name} (code {}), value {:#x}. {doc}",
            self.context, self.index, self.command, self.code, self.value
        )
    }
}

/// What the driver refuses or reports.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The device itself failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The device is not the engine this library was built for.
    #[error("register {register}: found {found:#010x}, expected {expected:#010x}; {remedy}")]
    Mismatch {
        /// Register name.
        register: &'static str,
        /// What it holds.
        found: u32,
        /// What it should hold.
        expected: u32,
        /// What to do.
        remedy: String,
    },
    /// Host and engine do not see the same memory.
    #[error("memory of engine and host: {found}; {remedy}")]
    Memory {
        /// What each of them sees.
        found: String,
        /// What to do.
        remedy: String,
    },
    /// An engine that was reset is not idle.
    #[error("the engine was reset and is not idle (STATUS {status:#x}: bit 0 something runs, bit 2 the bus is not quiet); \
             reset the board, or load its bitstream again: its memory does not answer")]
    NotIdle {
        /// STATUS at the end.
        status: u32,
    },
    /// Somebody wanted a wait to end.
    #[error(
        "stopped as asked; the engine is idle, and what its program had not written is not written"
    )]
    Stopped,
    /// The engine stopped the program.
    #[error("{0}")]
    Fault(Fault),
    /// Counters that every cycle counts in exactly one of do not add up to the total.
    #[error("cycle counters of {of}: they add up to {found}, expected {expected} to {limit} (TOTAL_CYCLES before and after they were \
             read); a cycle is counted twice or not at all: build engine and host from the same release, and report it if they are")]
    Counters {
        /// Whose.
        of: String,
        /// Their sum.
        found: u64,
        /// Total before.
        expected: u64,
        /// Total after.
        limit: u64,
    },
    /// A program or window at an address the engine cannot take.
    #[error("{what}: address {address:#x}, expected a multiple of {align} inside {size:#x} bytes of memory")]
    Address {
        /// What has the address.
        what: &'static str,
        /// The address.
        address: u64,
        /// Alignment.
        align: u64,
        /// Memory size.
        size: u64,
    },
    /// An argument outside its range.
    #[error("{what}: found {found}, expected less than {limit}")]
    Range {
        /// What is out of range.
        what: &'static str,
        /// The value.
        found: u64,
        /// First value that is too large.
        limit: u64,
    },
    /// The context is running already.
    #[error("the {0} context is still running; wait for it with `finish` first")]
    Busy(Context),
}
