//! Commands in program order, with the tokens that make running them side by side the same as running them one by one.
//!
//! [`Emitter::push`] finds what an earlier command must have finished, and asks for a token only where nothing already
//! implies it (a vector clock a command). [`verify()`] proves a finished program without trusting any of this; [`pieces`] cuts one.

pub mod cost;
pub mod footprint;
pub mod pads;
mod part;
pub mod pieces;
pub mod verify;

use footprint::{footprint, Space, Use};
use pads::Pads;
pub use part::Part;
use std::collections::VecDeque;
use tandem_isa::command::{Command, Load, Store, Yield};
use tandem_isa::{Config, Unit};
pub use verify::verify;

/// A field that is filled in at every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// `address` of a load = address of the batch's image + offset.
    Image {
        /// Command.
        command: usize,
        /// Position in the batch.
        image: usize,
        /// Bytes.
        offset: u32,
    },
    /// Learning rate, decay, keys and strength of an update.
    Update {
        /// Command.
        command: usize,
        /// Tensor: 2·stage for weights, 2·stage + 1 for biases.
        tensor: usize,
    },
    /// Temperature and share of a loss command with soft targets.
    Soft {
        /// Command.
        command: usize,
    },
}

/// Latest command of each unit that is known to be complete, plus one; 0 = none.
pub(crate) type Clock = [u32; Unit::COUNT];

struct Access {
    range: Use,
    command: usize,
    unit: Unit,
}

/// Commands that may stand anywhere later in the program.
type Deferred<'c> = Box<dyn FnOnce(&mut Emitter<'c>) + 'c>;

/// Collects a program.
pub struct Emitter<'c> {
    config: &'c Config,
    commands: Vec<Command>,
    clocks: Vec<Clock>,
    last: [Option<usize>; Unit::COUNT],
    accesses: [Vec<Access>; Space::COUNT],
    patches: Vec<Patch>,
    /// What is in the scratchpads.
    pub pads: Pads,
    /// Mark of the commands that follow: [`Part`].
    pub tag: u16,
    yields: bool,
    since_yield: u64,
    target: u64,
    deferred: VecDeque<Deferred<'c>>,
    /// Cycles the array works longer than the memory, of what was emitted since something was deferred.
    slack: i64,
}

impl<'c> Emitter<'c> {
    /// An empty program. With `yields`, a yield point stands wherever it can once `target` cycles have passed since the last.
    pub fn new(config: &'c Config, yields: bool, target: u64) -> Emitter<'c> {
        Emitter {
            config,
            commands: Vec::new(),
            clocks: Vec::new(),
            last: [None; Unit::COUNT],
            accesses: Default::default(),
            patches: Vec::new(),
            pads: Pads::new(config),
            tag: 0,
            yields,
            since_yield: 0,
            target,
            deferred: VecDeque::new(),
            slack: 0,
        }
    }

    /// Sizes of the engine.
    pub fn config(&self) -> &'c Config {
        self.config
    }

    /// Commands so far.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The command at `index`, to change flags that do not alter what it touches.
    pub fn command_mut(&mut self, index: usize) -> &mut Command {
        &mut self.commands[index]
    }

    /// Appends a command and returns its index.
    pub fn push(&mut self, command: impl Into<Command>) -> usize {
        self.push_after(command.into(), Vec::new())
    }

    /// Appends a command that also waits for others, latest first.
    fn push_after(&mut self, mut command: Command, others: Vec<(usize, Unit)>) -> usize {
        set_tag(&mut command, self.tag);
        let index = self.commands.len();
        self.since_yield += cost::serial(self.config, &command);
        self.slack += cost::slack(self.config, &command);
        let Some(unit) = command.format().unit else {
            self.commands.push(command);
            self.clocks.push([0; Unit::COUNT]);
            return index;
        };
        let uses = footprint(self.config, &command);
        let mut clock = self.last[unit as usize].map_or([0; Unit::COUNT], |p| self.done(p, unit));
        for (d, producer) in self.dependencies(&uses, others) {
            if producer == unit || clock[producer as usize] > d as u32 {
                continue;
            }
            *self.commands[d].signal_mut() |= unit.bit();
            *command.wait_mut() |= producer.bit();
            for (mine, theirs) in clock.iter_mut().zip(self.done(d, producer)) {
                *mine = theirs.max(*mine);
            }
        }
        for range in uses {
            let list = &mut self.accesses[range.space as usize];
            // What lies inside a later write, or a later read by the same unit, is implied by it.
            list.retain(|a| {
                let inside = range.lo <= a.range.lo && a.range.hi <= range.hi;
                !(inside && (range.write || (a.unit == unit && !a.range.write)))
            });
            list.push(Access {
                range,
                command: index,
                unit,
            });
            if range.write && range.space == Space::Memory {
                self.pads.forget_memory(range.lo, range.hi);
            }
        }
        self.last[unit as usize] = Some(index);
        self.commands.push(command);
        self.clocks.push(clock);
        index
    }

    /// What is known complete once `command` of `unit` is.
    fn done(&self, command: usize, unit: Unit) -> Clock {
        let mut clock = self.clocks[command];
        clock[unit as usize] = command as u32 + 1;
        clock
    }

    /// Commands that must be complete first, latest first.
    fn dependencies(&self, uses: &[Use], mut found: Vec<(usize, Unit)>) -> Vec<(usize, Unit)> {
        for u in uses {
            for a in &self.accesses[u.space as usize] {
                if a.range.conflicts(u) {
                    found.push((a.command, a.unit));
                }
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        found
    }

    /// Loads `fills` (bases counted from 0) densely into a pad, or finds them there; returns the first word.
    pub fn operand(&mut self, pad: u8, fills: &[Fill]) -> u16 {
        self.operands(pad, &[fills])[0]
    }

    /// Several operands that are needed together.
    pub fn operands(&mut self, pad: u8, all: &[&[Fill]]) -> Vec<u16> {
        loop {
            let bases: Vec<u16> = all.iter().map(|fills| self.fill(pad, fills)).collect();
            if all.iter().all(|f| self.pads.find(pad, f).is_some()) {
                return bases;
            }
            self.pads.clear_pad(pad);
        }
    }

    fn fill(&mut self, pad: u8, fills: &[Fill]) -> u16 {
        if let Some(base) = self.pads.find(pad, fills) {
            return base;
        }
        let words = fills.iter().map(|f| pads::load_words(&f.load)).sum();
        let base = self.pads.allocate(pad, words);
        for fill in fills {
            let mut load = fill.load;
            load.pad = pad;
            load.base += base;
            let command = self.push(load);
            if let Some(image) = fill.image {
                self.patches.push(Patch::Image {
                    command,
                    image,
                    offset: fill.load.address,
                });
            }
        }
        self.pads.remember(pad, base, words, fills, self.config);
        base
    }

    /// Leaves commands for later, to be emitted bit by bit where the array works longer than the memory: an update while the next
    /// products run. They come before the program's end.
    pub fn defer(&mut self, piece: impl FnOnce(&mut Emitter<'c>) + 'c) {
        if self.deferred.is_empty() {
            self.slack = 0;
        }
        let tag = self.tag;
        self.deferred.push_back(Box::new(move |e| {
            let before = std::mem::replace(&mut e.tag, tag);
            piece(e);
            e.tag = before;
        }));
    }

    /// Emits what was deferred, as much as the array hides.
    pub fn interlude(&mut self) {
        while self.slack > 0 {
            let Some(piece) = self.deferred.pop_front() else {
                return;
            };
            piece(self);
        }
    }

    /// Emits all that was deferred.
    pub fn settle(&mut self) {
        while let Some(piece) = self.deferred.pop_front() {
            piece(self);
            self.rest(false);
        }
    }

    /// Stores a box.
    pub fn store(&mut self, store: Store) -> usize {
        self.push(store)
    }

    /// Notes that a command is filled in at every run.
    pub fn patch(&mut self, patch: Patch) {
        self.patches.push(patch);
    }

    /// A place where nothing is live on chip: for what was deferred, and a yield point if enough cycles have passed, or `force`.
    pub fn rest(&mut self, force: bool) {
        self.interlude();
        let empty = matches!(self.commands.last(), None | Some(Command::Yield(_)));
        if self.yields && !empty && (force || self.since_yield >= self.target) {
            self.join();
            self.push(Yield::default());
            self.pads.clear();
            self.since_yield = 0;
        }
    }

    /// Lets the load unit wait for everything, with a load of one zero word. Token counters are shared by the contexts, so no token may be
    /// on its way over a yield point; and since nothing is on chip there, whatever follows begins with a load and knows what it knows.
    fn join(&mut self) {
        let join = Load {
            top: 1,
            n: 1,
            m: 1,
            width: 1,
            ..Default::default()
        };
        let mut others: Vec<(usize, Unit)> = Unit::ALL
            .iter()
            .filter_map(|&u| self.last[u as usize].map(|c| (c, u)))
            .collect();
        others.sort_unstable_by(|a, b| b.cmp(a));
        self.push_after(join.into(), others);
    }

    /// Cycles that what was emitted so far is predicted to take.
    pub fn predicted(&self) -> u64 {
        cost::overlapped(self.config, &self.commands)
    }

    /// The finished program, checked in debug builds.
    pub fn finish(mut self) -> Result<Program, crate::error::CompileError> {
        self.settle();
        let program = Program {
            bound: cost::longest_segment(self.config, &self.commands),
            commands: self.commands,
            patches: self.patches,
        };
        if cfg!(debug_assertions) {
            verify(self.config, &program.commands)?;
        }
        Ok(program)
    }
}

fn set_tag(command: &mut Command, tag: u16) {
    match command {
        Command::Load(c) => c.tag = tag,
        Command::Compute(c) => c.tag = tag,
        Command::Requant(c) => c.tag = tag,
        Command::Unpool(c) => c.tag = tag,
        Command::Update(c) => c.tag = tag,
        Command::Loss(c) => c.tag = tag,
        Command::Store(c) => c.tag = tag,
        Command::Select(c) => c.tag = tag,
        Command::Yield(c) => c.tag = tag,
    }
}

/// One load of an operand; `load.base` counts from the operand's first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The load.
    pub load: Load,
    /// Its address is an offset in this image of the batch.
    pub image: Option<usize>,
}

impl From<Load> for Fill {
    fn from(load: Load) -> Fill {
        Fill { load, image: None }
    }
}

/// A finished program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// In program order.
    pub commands: Vec<Command>,
    /// What a run fills in.
    pub patches: Vec<Patch>,
    /// Most cycles between two places where the other context may take over, without overlap of any kind.
    pub bound: u64,
}

impl Program {
    /// Cycles it is predicted to take.
    pub fn predicted(&self, config: &Config) -> u64 {
        cost::overlapped(config, &self.commands)
    }

    /// Bytes it takes in memory.
    pub fn bytes(&self) -> u64 {
        self.commands.len() as u64 * 64
    }
}
