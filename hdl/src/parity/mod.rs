//! Parity: a block's Rust simulation against its emitted Verilog, cycle by cycle. Every module has such a test,
//! because rust-hdl prints expressions without regard to Verilog's precedence and widths.
//!
//! The Rust simulation runs first and its inputs and outputs are recorded; the verilated module is then given the
//! same inputs and its outputs compared. A module is compiled once: `target/verilated` keeps it by the hash of its
//! Verilog. With `TANDEM_YOSYS` set (`cargo xtask test` sets it) Yosys must accept the module too. Not for speed: whole-engine runs belong to the simulated device.
//!
//! ```no_run
//! use tandem_hdl::{leaf::Fifo, parity::Parity};
//! use rust_hdl::prelude::*;
//! let mut fifo = Fifo::<Bits<16>, 3>::default();
//! Parity::new("fifo").cycles(1000).check(&mut fifo, |u| &mut u.clock, |u, rng, cycle| {
//!     u.reset.next = cycle < 2;
//!     u.in_data.next = rng.bits();
//!     u.in_valid.next = rng.chance(70);
//!     u.out_ready.next = rng.chance(60);
//! }).unwrap();
//! ```
#[cfg(test)]
mod alone;
mod record;
mod replay;
mod rng;
mod shown;

#[cfg(test)]
pub(crate) use alone::{alone, wired, Random};
pub use rng::Rng;
pub use shown::shown_dir;

use crate::emit::{verilog, EmitError};
use crate::verilate::{VerilateError, Verilator};
use record::Recording;
use rust_hdl::prelude::*;

/// Why parity could not be shown.
#[derive(thiserror::Error)]
pub enum ParityError {
    /// The block does not emit.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] VerilateError),
    /// The Rust simulation does not come to rest.
    #[error("{name}: signals still change after {passes} passes in cycle {cycle}; is there a combinational loop, or a very long chain?")]
    Unsettled {
        /// Name of the block.
        name: String,
        /// Cycle of the recording.
        cycle: usize,
        /// Passes tried.
        passes: usize,
    },
    /// The two disagree.
    #[error(transparent)]
    Differs(Box<Difference>),
    /// The stimulus leaves outputs alone, so nothing is shown of them.
    #[error("{name}: {ports} never changed in {cycles} cycles; give inputs that move them, or name them as still")]
    Still {
        /// Name of the block.
        name: String,
        /// Outputs.
        ports: String,
        /// Cycles of the recording.
        cycles: usize,
    },
    /// The replay wrote something other than asked.
    #[error("{name}: the replay gave {found} words instead of {expected}; delete target/verilated and run again")]
    Replay {
        /// Name of the block.
        name: String,
        /// Words asked for.
        expected: usize,
        /// Words found.
        found: usize,
    },
}

/// Where Rust and Verilog part.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name}: seed {seed}, cycle {cycle}: {port} is 0x{rust} in Rust and 0x{verilog} in Verilog; \
     inputs of that cycle: {inputs}; the Verilog is {file}; run again with TANDEM_SEED={seed}"
)]
pub struct Difference {
    /// Name of the block.
    pub name: String,
    /// Seed of the stimulus.
    pub seed: u64,
    /// First cycle that differs.
    pub cycle: usize,
    /// First output that differs in it.
    pub port: String,
    /// Its value in the Rust simulation, hex.
    pub rust: String,
    /// Its value in the verilated module, hex.
    pub verilog: String,
    /// Inputs of that cycle.
    pub inputs: String,
    /// Path of the Verilog.
    pub file: String,
}

/// A test's `unwrap` prints this form, so it is the readable one.
impl std::fmt::Debug for ParityError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// One comparison: name, seed and length.
#[derive(Clone, Debug)]
pub struct Parity {
    name: String,
    cycles: usize,
    seed: u64,
    still: Option<Vec<String>>,
    before: String,
}

impl Parity {
    /// A comparison of 1000 cycles with seed 1; `name` must be a Verilog identifier and names the cache entry.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            cycles: 1000,
            seed: 1,
            still: None,
            before: String::new(),
        }
    }

    /// Sets the number of cycles.
    pub fn cycles(mut self, cycles: usize) -> Self {
        self.cycles = cycles;
        self
    }

    /// Sets the seed; `TANDEM_SEED` in the environment overrules it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Puts text before the block's Verilog: definitions, and models of the primitives that they choose.
    pub fn after(mut self, text: &str) -> Self {
        self.before = text.into();
        self
    }

    /// Demands that every output changes at least once, except those named (an array's elements all by its name).
    pub fn all_move_but(mut self, still: &[&str]) -> Self {
        self.still = Some(still.iter().map(|name| name.to_string()).collect());
        self
    }

    /// Compares a clocked block. `clock` gives the clock field; `stimulus` sets the inputs of each cycle (it may look
    /// at the outputs of the cycle before). Outputs are compared just before each rising edge.
    pub fn check<B: Block>(
        self,
        block: &mut B,
        clock: impl for<'a> Fn(&'a mut B) -> &'a mut Signal<In, Clock>,
        mut stimulus: impl FnMut(&mut B, &mut Rng, usize),
    ) -> Result<(), ParityError> {
        self.compare(block, Some(&clock), &mut stimulus)
    }

    /// Compares a block without a clock.
    pub fn check_combinational<B: Block>(
        self,
        block: &mut B,
        mut stimulus: impl FnMut(&mut B, &mut Rng, usize),
    ) -> Result<(), ParityError> {
        self.compare(block, None, &mut stimulus)
    }

    fn compare<B: Block>(
        mut self,
        block: &mut B,
        clock: Option<&record::ClockOf<'_, B>>,
        stimulus: &mut dyn FnMut(&mut B, &mut Rng, usize),
    ) -> Result<(), ParityError> {
        if let Some(seed) = std::env::var("TANDEM_SEED")
            .ok()
            .and_then(|s| s.parse().ok())
        {
            self.seed = seed;
        }
        block.connect_all();
        let text = self.before.clone() + &verilog(block, &self.name)?;
        let recording =
            Recording::make(&self.name, block, clock, self.cycles, self.seed, stimulus)?;
        if let Some(allowed) = &self.still {
            let ports = recording.still(allowed);
            if !ports.is_empty() {
                return Err(ParityError::Still {
                    name: self.name,
                    ports: ports.join(", "),
                    cycles: self.cycles,
                });
            }
        }
        let verilator = Verilator::find()?;
        let program = replay::build(&verilator, &self.name, &text, &recording)?;
        let outputs = replay::run(&program, &recording)?;
        recording.compare(&self.name, self.seed, &outputs, &program.verilog)?;
        Ok(shown::note::<B>()?)
    }
}

#[cfg(test)]
mod tests;
