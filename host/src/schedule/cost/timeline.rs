//! When each command of a program is at work in its unit, as the cost model has it.

use super::engine;
use super::memory::Timing;
use tandem_isa::command::Command;
use tandem_isa::{Config, Unit};

/// A command at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its place in the program.
    pub command: usize,
    /// Its unit.
    pub unit: Unit,
    /// Cycle its unit takes it.
    pub start: u64,
    /// Cycle it is done, or its unit takes the next one if that is earlier: spans of a unit do not overlap.
    pub end: u64,
    /// Cycle it is done.
    pub done: u64,
}

/// A program's commands over its cycles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Cycles of the program, as [`super::overlapped`] gives them.
    pub cycles: u64,
    /// In program order; of a unit's they are in the order of time. Yield points are left out: they have no unit.
    pub spans: Vec<Span>,
}

impl Timeline {
    /// The spans of one unit, in the order of time.
    pub fn of(&self, unit: Unit) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(move |s| s.unit == unit)
    }

    /// Cycles in which a unit has a command at work.
    pub fn busy(&self, unit: Unit) -> u64 {
        self.of(unit).map(|s| s.end - s.start).sum()
    }
}

/// The commands of a program with the units side by side, on a memory of the default [`Timing`].
pub fn timeline(config: &Config, commands: &[Command]) -> Timeline {
    let (cycles, times) = engine::cycles(config, commands, Timing::default());
    let mut next = [u64::MAX; Unit::COUNT];
    let mut spans: Vec<Span> = commands
        .iter()
        .zip(times)
        .enumerate()
        .rev()
        .filter_map(|(command, (c, (start, done)))| {
            let unit = c.format().unit?;
            let end = done.min(next[unit as usize]);
            next[unit as usize] = start;
            Some(Span {
                command,
                unit,
                start,
                end: end.max(start),
                done,
            })
        })
        .collect();
    spans.reverse();
    Timeline { cycles, spans }
}
