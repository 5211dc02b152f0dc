//! A device's memory as the host sees it: bits that stick, addresses that meet, blocks that change.

use super::Finding;
use crate::device::{Device, DeviceError};
use std::collections::HashMap;

const WHAT: &str = "memory";
/// Bytes of a word of the tests.
const WORD: u64 = 8;
/// Bytes that are moved at once.
const PIECE: usize = 1 << 16;

/// Tests wires of data (a walking bit), wires of addresses (every word that is one bit away holds its address), and `bytes` of memory
/// from its beginning with numbers and their complement.
pub fn memory(
    device: &mut (impl Device + ?Sized),
    bytes: u64,
    mut progress: impl FnMut(u64, u64),
) -> Result<Finding, DeviceError> {
    let (base, size) = (device.memory_base(), device.memory_size() & !(WORD - 1));
    if size < WORD {
        return Ok(Finding::unknown(WHAT, "it has none"));
    }
    if let Some(bad) = data(device, base)? {
        return Ok(bad);
    }
    if let Some(bad) = addresses(device, base, size)? {
        return Ok(bad);
    }
    let bytes = bytes.min(size);
    if let Some(bad) = block(device, base, bytes, &mut progress)? {
        return Ok(bad);
    }
    let found =
        format!("{size} bytes from {base:#x}: data and address wires, and {bytes} bytes whole");
    Ok(Finding::good(WHAT, found))
}

fn read(device: &mut (impl Device + ?Sized), address: u64) -> Result<u64, DeviceError> {
    let mut bytes = [0; WORD as usize];
    device.read_memory(address, &mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn write(device: &mut (impl Device + ?Sized), address: u64, value: u64) -> Result<(), DeviceError> {
    device.write_memory(address, &value.to_le_bytes())
}

/// A walking one and a walking zero in the first word.
fn data(device: &mut (impl Device + ?Sized), at: u64) -> Result<Option<Finding>, DeviceError> {
    let before = read(device, at)?;
    let mut stuck = 0;
    for bit in 0..64 {
        for pattern in [1 << bit, !(1u64 << bit)] {
            write(device, at, pattern)?;
            stuck |= read(device, at)? ^ pattern;
        }
    }
    write(device, at, before)?;
    Ok((stuck != 0).then(|| {
        let found =
            format!("bits {stuck:#018x} of the word at {at:#x} do not keep what is written");
        Finding::bad(
            WHAT,
            found,
            "look at data wires, byte enables and timing of the memory",
        )
    }))
}

/// The first word, and every one whose offset has one bit set, hold their addresses at the same time.
fn addresses(
    device: &mut (impl Device + ?Sized),
    base: u64,
    size: u64,
) -> Result<Option<Finding>, DeviceError> {
    let offsets = || {
        std::iter::once(0)
            .chain((3..63).map(|bit| 1 << bit))
            .take_while(|&at| at < size)
    };
    let mut before = Vec::new();
    for at in offsets() {
        before.push(read(device, base + at)?);
    }
    // A number of each address, so that one that was written to another place is known again.
    let of = |at: u64| at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let known: HashMap<u64, u64> = offsets().map(|at| (of(at), at)).collect();
    // The highest first, so that a place keeps the number of the lowest of its addresses, and the lowest that is too high is found.
    let all: Vec<u64> = offsets().collect();
    for &at in all.iter().rev() {
        write(device, base + at, of(at))?;
    }
    let mut bad = None;
    for at in offsets() {
        let found = read(device, base + at)?;
        if found == of(at) || bad.is_some() {
            continue;
        }
        bad = Some(match known.get(&found) {
            Some(other) => {
                let least = at.max(*other);
                let text = format!(
                    "{:#x} and {:#x} are the same place",
                    base + at,
                    base + other
                );
                Finding::bad(WHAT, text, format!("there is less memory than was said: open it with bytes={least}, or look at address wires"))
            }
            None => {
                let text = format!(
                    "{:#x} was written {:#x} and read {found:#x}",
                    base + at,
                    of(at)
                );
                Finding::bad(WHAT, text, "look at size, address and timing of the memory")
            }
        });
    }
    for (at, value) in all.iter().zip(before) {
        write(device, base + at, value)?;
    }
    Ok(bad)
}

/// Numbers that hang on the address, then their complement, in all of a block before any of it is read.
fn block(
    device: &mut (impl Device + ?Sized),
    base: u64,
    bytes: u64,
    progress: &mut impl FnMut(u64, u64),
) -> Result<Option<Finding>, DeviceError> {
    let pieces = || {
        (0..bytes)
            .step_by(PIECE)
            .map(move |at| (base + at, (bytes - at).min(PIECE as u64) as usize))
    };
    let mut before = Vec::new();
    for (at, some) in pieces() {
        let mut piece = vec![0; some];
        device.read_memory(at, &mut piece)?;
        before.push(piece);
    }
    let (mut bad, mut done) = (None, 0);
    'rounds: for round in [0, u64::MAX] {
        for (at, some) in pieces() {
            device.write_memory(at, &numbers(at, some, round))?;
            done += some as u64;
            progress(done, 4 * bytes);
        }
        let mut found = vec![0; PIECE];
        for (at, some) in pieces() {
            let found = &mut found[..some];
            device.read_memory(at, found)?;
            let expected = numbers(at, some, round);
            if let Some(i) = (0..some).find(|&i| found[i] != expected[i]) {
                let wrong = (0..some).filter(|&i| found[i] != expected[i]).count();
                let text = format!(
                    "byte {:#x} was written {:#04x} and read {:#04x}; {wrong} of the {some} bytes from {at:#x} are wrong",
                    at + i as u64, expected[i], found[i]
                );
                bad = Some(Finding::bad(
                    WHAT,
                    text,
                    "look at the memory's timing and refresh, and who else uses it",
                ));
                break 'rounds;
            }
            done += some as u64;
            progress(done, 4 * bytes);
        }
    }
    for ((at, _), piece) in pieces().zip(&before) {
        device.write_memory(at, piece)?;
    }
    Ok(bad)
}

/// Bytes that hang on their address.
fn numbers(at: u64, bytes: usize, mask: u64) -> Vec<u8> {
    let word = |i: u64| {
        let x = (at + WORD * i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ mask
    };
    let words = (bytes as u64).div_ceil(WORD);
    let mut all: Vec<u8> = (0..words).flat_map(|i| word(i).to_le_bytes()).collect();
    all.truncate(bytes);
    all
}
