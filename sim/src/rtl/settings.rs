//! What can be set on the simulated memory: its timing, random stalls, planned misfortunes.
use super::ffi::{RawFault, RawStalls, RawTiming};
use std::ops::Range;
use std::path::PathBuf;

pub use tandem::schedule::cost::Timing;

/// Waves of a simulated design: a file for GTKWave or Surfer, and which cycles are in it. Time in it is half cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waves {
    /// The FST file; it is replaced.
    pub file: PathBuf,
    /// What is written.
    pub window: Window,
}

/// Which cycles waves are written of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// Every one.
    All,
    /// These, counted from the opening of the device.
    Cycles(Range<u64>),
    /// Those in which a unit works on a command whose mark is `mark` in the bits of `mask`; of a layer:
    /// [`tandem::schedule::Part::layer`].
    Marked {
        /// Bits of the mark.
        mark: u16,
        /// Bits that count.
        mask: u16,
    },
}

/// The timing as the C++ side takes it.
pub(super) fn raw_timing(t: &Timing) -> RawTiming {
    RawTiming {
        latency: t.latency,
        row_miss: t.row_miss,
        turnaround: t.turnaround,
        refresh_interval: t.refresh_interval,
        refresh_cycles: t.refresh_cycles,
    }
}

/// Random stalls of each channel: the chance, in percent, that one begins in a cycle, and how long it lasts at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stalls {
    /// Seed of the random source.
    pub seed: u64,
    /// Write address channel.
    pub write_address: u8,
    /// Write data channel.
    pub write_data: u8,
    /// Write response channel.
    pub write_response: u8,
    /// Read address channel.
    pub read_address: u8,
    /// Read data channel.
    pub read_data: u8,
    /// Longest stall in cycles; 1 makes every cycle a draw of its own.
    pub longest: u32,
}

impl Stalls {
    /// No stalls.
    pub const NONE: Self = Self {
        seed: 1,
        write_address: 0,
        write_data: 0,
        write_response: 0,
        read_address: 0,
        read_data: 0,
        longest: 1,
    };

    /// The same chance on every channel.
    pub fn uniform(seed: u64, percent: u8, longest: u32) -> Self {
        Self {
            seed,
            write_address: percent,
            write_data: percent,
            write_response: percent,
            read_address: percent,
            read_data: percent,
            longest,
        }
    }

    pub(super) fn raw(&self) -> RawStalls {
        // A channel that always stalls would be a hang of the bench's own making.
        let chance = |percent: u8| u32::from(percent.min(95)) * 65536 / 100;
        RawStalls {
            seed: self.seed,
            chance: [
                self.write_address,
                self.write_data,
                self.write_response,
                self.read_address,
                self.read_data,
            ]
            .map(chance),
            longest: self.longest.max(1),
        }
    }
}

/// An error response of the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// The memory failed.
    SlaveError,
    /// Nobody is at that address.
    DecodeError,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfortune {
    /// One beat of a read burst (the last, if it has fewer) carries an error.
    ReadError {
        /// The beat, from 0.
        beat: u32,
        /// The error.
        response: Response,
    },
    /// A write burst is answered with an error.
    WriteError {
        /// The error.
        response: Response,
    },
    /// A read burst is never answered.
    ReadLost,
    /// A write burst is carried out and never answered.
    WriteLost,
    /// A read burst is answered this many cycles late.
    ReadLate(u32),
    /// A write burst is answered this many cycles late.
    WriteLate(u32),
}

/// A planned misfortune: which bursts it hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub what: Misfortune,
    /// Bursts that begin in these addresses.
    pub addresses: Range<u64>,
    /// So many of them pass first.
    pub skip: u64,
    /// So many are hit.
    pub times: u64,
}

impl Fault {
    /// Hits the next burst of that kind, wherever it is.
    pub fn once(what: Misfortune) -> Self {
        Self {
            what,
            addresses: 0..u64::MAX,
            skip: 0,
            times: 1,
        }
    }

    pub(super) fn raw(&self) -> RawFault {
        let code = |response| match response {
            Response::SlaveError => 2,
            Response::DecodeError => 3,
        };
        let (kind, response, beat, delay) = match self.what {
            Misfortune::ReadError { beat, response } => (0, code(response), beat, 0),
            Misfortune::WriteError { response } => (1, code(response), 0, 0),
            Misfortune::ReadLost => (2, 0, 0, 0),
            Misfortune::WriteLost => (3, 0, 0, 0),
            Misfortune::ReadLate(delay) => (4, 0, 0, delay),
            Misfortune::WriteLate(delay) => (5, 0, 0, delay),
        };
        RawFault {
            kind,
            response,
            beat,
            delay,
            from: self.addresses.start,
            to: self.addresses.end,
            skip: self.skip,
            times: self.times,
        }
    }
}
