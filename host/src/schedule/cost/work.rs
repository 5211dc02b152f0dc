//! Cycles of a command in its unit, as the unit's hardware file states them.

use crate::schedule::pads::load_words;
use tandem_isa::command::{Command, Compute, Load, Loss, Requant, Update};
use tandem_isa::numerics::SHARE_ONE;
use tandem_isa::Config;

/// Words of the load unit's own that a run of zeros can hide behind: what is assembled meanwhile.
const HIDDEN: u64 = 4;

/// Cycles from start until the unit can take another command, and until it is done; of load and store, which depend on the
/// memory, only what they take at least.
pub(super) fn cycles(config: &Config, command: &Command) -> (u64, u64) {
    let (rows, lanes) = (config.rows as u64, config.lanes as u64);
    let one = |cycles: u64| (cycles, cycles);
    match command {
        Command::Load(c) => {
            let moved = u64::from(c.n) * u64::from(c.m) * u64::from(c.rows) * u64::from(c.width);
            one(moved * config.word_beats() as u64 + load_words(c) as u64 - moved + 4)
        }
        Command::Store(c) => {
            let moved = u64::from(c.n) * u64::from(c.m) * u64::from(c.rows) * u64::from(c.width);
            one(moved * config.word_beats() as u64 + 4)
        }
        Command::Compute(c) => {
            let pixels = u64::from(c.n) * u64::from(c.y) * u64::from(c.x);
            let passes = u64::from(c.k2) * u64::from(c.k1) * u64::from(c.k0) * u64::from(c.groups);
            let drain = if c.flags & Compute::OUTPUT_STATIONARY != 0 {
                rows
            } else {
                0
            };
            // The next command's first weights are read behind the last pass.
            let passes = passes * pixels.max(2 * rows);
            (passes + 2, passes + rows + drain + rows + lanes + 5)
        }
        Command::Requant(c) => {
            let bias = if c.flags & Requant::BIAS != 0 { 2 } else { 0 };
            // A word of pad V a cycle, source, mask, skip, read for every group of lanes.
            let reads = c.flags & (Requant::FROM_V | Requant::MASK | Requant::SKIP);
            let groups = (config.lanes / config.requant_lanes) as u64;
            let each = groups * u64::from(reads.count_ones()).max(1);
            one(each * u64::from(c.n) * u64::from(c.y) * u64::from(c.x) + 19 + bias)
        }
        Command::Unpool(c) => one(u64::from(c.n) * u64::from(c.y) * u64::from(c.x) + 8),
        Command::Update(c) => {
            let words = u64::from(c.z) * u64::from(c.y) * u64::from(c.x);
            // The words read for each.
            let reads = if c.flags & Update::ELASTIC != 0 { 5 } else { 3 };
            one(words * (lanes / config.update_lanes as u64).max(reads) + 16)
        }
        Command::Loss(c) => {
            let classes = u64::from(c.classes);
            let soft = c.flags & Loss::SOFT != 0;
            // Exponentials and probabilities at temperature 1 come before those at the command's.
            let labels = if soft && c.share < SHARE_ONE {
                3 * classes + 50
            } else {
                0
            };
            one(u64::from(c.n) * (4 * classes + 60 + if soft { 3 } else { 0 } + labels))
        }
        Command::Select(c) => one(u64::from(c.n) * 4),
        Command::Yield(_) => one(1),
    }
}

/// Zero words of a load in which its data have to wait, and all its words.
pub(super) fn zeros(c: &Load) -> (u64, u64) {
    let all = load_words(c) as u64;
    if c.rows == 0 {
        return (all, all);
    }
    let across = u64::from(c.left) + u64::from(c.width) + u64::from(c.right);
    let planes = u64::from(c.n) * u64::from(c.m);
    let beyond = |run: u64| run.saturating_sub(HIDDEN);
    let vertical = beyond((u64::from(c.top) + u64::from(c.bottom)) * across);
    let horizontal = beyond(u64::from(c.left) + u64::from(c.right)) * u64::from(c.rows);
    (planes * (vertical + horizontal), all)
}
