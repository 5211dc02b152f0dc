//! Predicted cycles: what a command takes in its unit, and an event simulation of the units and the memory side by side.
//!
//! For choosing tiles, for bounds between yield points and for comparison with the counters; not for results.

mod bursts;
mod engine;
mod memory;
mod timeline;
mod work;

pub use memory::Timing;
use tandem_isa::command::Command;
use tandem_isa::Config;
pub use timeline::{timeline, Span, Timeline};

/// Cycles from a request to its first beat, with a row miss and a refresh in the way.
const MEMORY_LATENCY: u64 = 60;
/// Cycles to get a command to its unit and start it.
const START: u64 = 8;
/// Commands a unit's queue holds.
pub const QUEUE: usize = 8;

/// Cycles the command's unit is busy with it.
pub fn busy(config: &Config, command: &Command) -> u64 {
    START + work::cycles(config, command).1
}

/// Cycles if nothing else runs beside it, memory latency included.
pub fn serial(config: &Config, command: &Command) -> u64 {
    let bursts = |n: u16, m: u16, rows: u16| u64::from(n) * u64::from(m) * u64::from(rows);
    // Bursts of their own pay for a row each, and a sixteenth is lost to refresh.
    let memory = match command {
        Command::Load(c) => MEMORY_LATENCY + 2 * bursts(c.n, c.m, c.rows),
        Command::Store(c) => MEMORY_LATENCY + 4 * bursts(c.n, c.m, c.rows),
        _ => 0,
    };
    busy(config, command) + memory
}

/// Cycles the command keeps the array at work less those it keeps the memory at work.
pub fn slack(config: &Config, command: &Command) -> i64 {
    let cycles = work::cycles(config, command).1 as i64;
    match command {
        Command::Compute(_) => cycles,
        // A sixteenth is lost to refresh and to opening rows.
        Command::Load(_) | Command::Store(_) => -(cycles + cycles / 16),
        _ => 0,
    }
}

/// Cycles of the longest run of commands between yield points.
pub fn longest_segment(config: &Config, commands: &[Command]) -> u64 {
    let (mut longest, mut current) = (0, 0);
    for c in commands {
        if matches!(c, Command::Yield(_)) {
            current = 0;
        } else {
            current += serial(config, c);
            longest = current.max(longest);
        }
    }
    longest
}

/// Cycles of the whole program with the units running side by side, as their tokens and queues allow, on a memory of the
/// default [`Timing`].
pub fn overlapped(config: &Config, commands: &[Command]) -> u64 {
    engine::cycles(config, commands, Timing::default()).0
}
