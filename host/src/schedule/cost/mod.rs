//! Predicted cycles: a closed form a command, and a small simulation of the units side by side.
//!
//! For choosing tiles, for bounds between yield points and for comparison with the counters; not for results.

use super::pads::load_words;
use tandem_isa::command::{Command, Compute};
use tandem_isa::{Config, Unit};

/// Cycles from a request to its first beat, with a row miss and a refresh in the way.
const MEMORY_LATENCY: u64 = 60;
/// Cycles to get a command to its unit and start it.
const START: u64 = 8;
/// Commands a unit's queue holds.
pub const QUEUE: usize = 4;

/// Cycles the command's unit is busy with it.
pub fn busy(config: &Config, command: &Command) -> u64 {
    let beats = config.word_beats() as u64;
    let (rows, lanes) = (config.rows as u64, config.lanes as u64);
    START
        + match command {
            Command::Load(c) => {
                let moved =
                    u64::from(c.n) * u64::from(c.m) * u64::from(c.rows) * u64::from(c.width);
                let bursts = u64::from(c.n) * u64::from(c.m) * u64::from(c.rows);
                moved * beats + (load_words(c) as u64 - moved) + bursts * 2
            }
            Command::Store(c) => {
                let bursts = u64::from(c.n) * u64::from(c.m) * u64::from(c.rows);
                bursts * (u64::from(c.width) * beats + 4) + MEMORY_LATENCY
            }
            Command::Compute(c) => {
                let pixels = u64::from(c.n) * u64::from(c.y) * u64::from(c.x);
                let passes =
                    u64::from(c.k2) * u64::from(c.k1) * u64::from(c.k0) * u64::from(c.groups);
                let least = if c.flags & Compute::OUTPUT_STATIONARY != 0 {
                    rows
                } else {
                    lanes
                };
                passes * pixels.max(least) + rows + lanes
            }
            Command::Requant(c) => u64::from(c.n) * u64::from(c.y) * u64::from(c.x) + 12,
            Command::Unpool(c) => u64::from(c.n) * u64::from(c.y) * u64::from(c.x) + 8,
            Command::Update(c) => {
                let words = u64::from(c.z) * u64::from(c.y) * u64::from(c.x);
                words * (lanes / config.update_lanes as u64) + 12
            }
            Command::Loss(c) => u64::from(c.n) * (4 * u64::from(c.classes) + 48),
            Command::Select(c) => u64::from(c.n) * 4,
            Command::Yield(_) => 0,
        }
}

/// Cycles if nothing else runs beside it, memory latency included.
pub fn serial(config: &Config, command: &Command) -> u64 {
    let latency = if matches!(command, Command::Load(_)) {
        MEMORY_LATENCY
    } else {
        0
    };
    busy(config, command) + latency
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

/// Cycles of the whole program with the units running side by side, as their tokens and queues allow.
pub fn overlapped(config: &Config, commands: &[Command]) -> u64 {
    let mut free = [0u64; Unit::COUNT];
    let mut starts: [Vec<u64>; Unit::COUNT] = Default::default();
    let mut tokens: Vec<std::collections::VecDeque<u64>> =
        vec![Default::default(); Unit::COUNT * Unit::COUNT];
    let (mut fetched, mut end) = (0u64, 0u64);
    for c in commands {
        fetched += 8;
        let Some(unit) = c.format().unit else {
            continue;
        };
        let u = unit as usize;
        if let Some(before) = starts[u].len().checked_sub(QUEUE) {
            fetched = fetched.max(starts[u][before]);
        }
        let mut start = free[u].max(fetched);
        for p in 0..Unit::COUNT {
            if c.wait() >> p & 1 == 1 {
                start = start.max(tokens[p * Unit::COUNT + u].pop_front().unwrap_or(0));
            }
        }
        let busy = busy(config, c);
        // A load that follows another has its first beats on the way already.
        let latency = match c {
            Command::Load(_) if start > free[u] => MEMORY_LATENCY / 2,
            _ => 0,
        };
        free[u] = start + busy + latency;
        starts[u].push(start);
        end = end.max(free[u]);
        for q in 0..Unit::COUNT {
            if c.signal() >> q & 1 == 1 {
                tokens[u * Unit::COUNT + q].push_back(free[u]);
            }
        }
    }
    end
}
