//! Memory as the engine sees it: it reads what the host wrote last, and the host reads what it wrote last, at the same addresses.
//!
//! Wrong where caches are not kept in step, where the host's memory is not the engine's, and where an address means another place to
//! each of them.

use super::{Finding, Outcome};
use crate::device::Device;
use crate::driver::{Engine, Window};
use crate::error::Error;
use crate::fault::{Context, DriverError};
use crate::schedule::{Emitter, Fill};
use crate::tile::boxes::{dense, store_dense, zeros};
use tandem_isa::command::{pad, Update, NO_SITE};

const WHAT: &str = "coherence";
/// Bytes the program has, at the beginning of memory.
const PROGRAM: u64 = 2048;
/// Distance of a place that is read from the one it is copied to; a multiple of cache lines and words.
const APART: u64 = 512;
/// Cycles after which a copy of a word is given up.
const LIMIT: u64 = 1 << 24;

/// Opens an engine whose memory is mapped, and refuses one that does not see in it what the host sees.
pub fn open<D: Device>(device: D) -> Result<Engine<D>, Error> {
    let mut engine = Engine::open(device)?;
    let Finding {
        outcome,
        found,
        remedy,
        ..
    } = coherent(&mut engine)?;
    match outcome {
        Outcome::Bad => Err(DriverError::Memory { found, remedy }.into()),
        _ => Ok(engine),
    }
}

/// Has the engine copy words from place to place, twice with different numbers, with the host looking before and after.
pub fn coherent<D: Device>(engine: &mut Engine<D>) -> Result<Finding, Error> {
    let (base, size) = (engine.memory_base(), engine.memory_size());
    let first = base.next_multiple_of(64);
    let end = (base + size).min(u32::MAX.into());
    let mut places: Vec<u64> = (11..32).map(|bit| first + (1 << bit)).collect();
    places.push((end & !63).saturating_sub(2 * APART));
    places.retain(|at| *at >= first + PROGRAM && at + 2 * APART <= end);
    places.dedup();
    if places.is_empty() {
        return Ok(Finding::unknown(
            WHAT,
            format!("{size} bytes of memory are too few"),
        ));
    }
    let mut before = vec![(first, vec![0; PROGRAM as usize])];
    before.extend(places.iter().map(|&at| (at, vec![0; 2 * APART as usize])));
    for (at, bytes) in &mut before {
        engine.read_memory(*at, bytes)?;
    }
    let window = |at: u64, bytes: u64| Window {
        base: at as u32,
        end: (at + bytes) as u32,
        read: true,
        write: true,
    };
    engine.set_window(Context::Student, 0, window(first, PROGRAM))?;
    let mut bad = None;
    for round in 0..2 {
        for &at in &places {
            engine.set_window(Context::Student, 1, window(at, 2 * APART))?;
            bad = bad.or(copied(engine, first, at, round)?);
        }
    }
    for i in 0..2 {
        engine.set_window(Context::Student, i, Window::default())?;
    }
    for (at, bytes) in &before {
        engine.write_memory(*at, bytes)?;
    }
    let found = format!("the engine copied words at {} places, twice", places.len());
    Ok(bad.unwrap_or_else(|| Finding::good(WHAT, found)))
}

/// Copies the word at `at` to [`APART`] after it, with the program at `program`.
fn copied<D: Device>(
    engine: &mut Engine<D>,
    program: u64,
    at: u64,
    round: u64,
) -> Result<Option<Finding>, Error> {
    let config = *engine.config();
    let lanes = config.lanes;
    let number = |i: usize| {
        let x = (at + i as u64).wrapping_mul(0x9e37_79b9) ^ (round + 1).wrapping_mul(0x5851_f42d);
        (x >> 7) as i16
    };
    let words: Vec<i16> = (0..lanes).map(number).collect();
    let to = at + APART;
    // What is there before is other than what comes, and may be in the host's cache.
    let others: Vec<i16> = words.iter().map(|word| !word).collect();
    engine.write_lanes(at, &words)?;
    engine.write_lanes(to, &others)?;
    engine.read_lanes(to, lanes)?;
    let mut e = Emitter::new(&config, false, 0);
    let source = [Fill::from(dense(at as u32, 1))];
    let nothing = [zeros(1)];
    let bases = e.operands(pad::V, &[&source, &nothing]);
    let out = e.pads.results(pad::O, 2);
    // An update without momentum, rate and decay leaves weights as they are.
    e.push(Update {
        site_d: NO_SITE,
        w_base: bases[0],
        v_base: bases[1],
        d_base: bases[1],
        w_out: out,
        v_out: out + 1,
        z: 1,
        y: 1,
        x: 1,
        i_lane: 1,
        ..Default::default()
    });
    e.store(store_dense(pad::O, out, to as u32, 1));
    let commands = e.finish()?.commands;
    engine.write_program(program, &commands)?;
    engine.run(Context::Student, program, commands.len() as u32, LIMIT)?;
    let found = engine.read_lanes(to, lanes)?;
    if found == words {
        return Ok(None);
    }
    let text =
        format!("the engine copied {words:x?} from {at:#x} to {to:#x}, the host reads {found:x?}");
    let remedy = if found == others {
        "the host reads what it wrote itself: the memory is not the engine's, or is cached: look at its address (base=), map it uncached, or use a coherent port"
    } else {
        "the engine reads something else than the host wrote: look at its address (base=), map it uncached, or use a coherent port"
    };
    Ok(Some(Finding::bad(WHAT, text, remedy)))
}
