//! What a device says it is, whether its registers hold what is written, and the clock it runs at.

use super::Finding;
use crate::device::{Device, DeviceError};
use std::time::Instant;
use tandem_isa::register::{
    CONFIG_HASH, ID, ID_VALUE, SHAPE, TOTAL_CYCLES, TOTAL_CYCLES_HI, VERSION, VERSION_VALUE,
    WATCHDOG,
};
use tandem_isa::{config, Config};

/// Reads of ID, and patterns that are written.
const ROUNDS: u32 = 200;
/// Accesses between two looks at the counter of cycles.
const BETWEEN: u32 = 100;

/// Whether it is the engine, the version and a configuration of this release.
pub fn identity(device: &mut (impl Device + ?Sized)) -> Result<Vec<Finding>, DeviceError> {
    let [id, version, hash, shape] =
        [ID, VERSION, CONFIG_HASH, SHAPE].map(|at| device.read_register(at));
    let (id, version, hash, shape) = (id?, version?, hash?, shape?);
    if id != ID_VALUE {
        let found = format!("ID reads {id:#010x}, expected {ID_VALUE:#010x}");
        let remedy = match id {
            0 | u32::MAX => "nothing answers there: is the bitstream loaded, the clock running, the address right?",
            _ => "something else answers there: look at the address of the registers",
        };
        return Ok(vec![Finding::bad("identity", found, remedy)]);
    }
    let mut all = vec![Finding::good("identity", "a Tandem engine")];
    let text = |v: u32| format!("{}.{}", v >> 16, v & 0xffff);
    let (theirs, ours) = (text(version), text(VERSION_VALUE));
    all.push(if version >> 16 != VERSION_VALUE >> 16 {
        let found = format!("interface {theirs}, this program speaks {ours}");
        Finding::bad(
            "version",
            found,
            "build bitstream and program from the same release",
        )
    } else {
        Finding::good(
            "version",
            format!("interface {theirs}, this program speaks {ours}"),
        )
    });
    let expected = |c: &Config| c.rows as u32 | (c.lanes as u32) << 16;
    all.push(match config::ALL.iter().find(|c| c.hash() == hash) {
        Some(c) if expected(c) == shape => {
            Finding::good("configuration", format!("{}, hash {hash:08x}", c.name))
        }
        Some(c) => {
            let found = format!(
                "hash of `{}`, but SHAPE reads {shape:#010x}, expected {:#010x}",
                c.name,
                expected(c)
            );
            Finding::bad("configuration", found, "build the bitstream anew")
        }
        None => {
            let found = format!("hash {hash:08x}, which is none of this release");
            let remedy = "build bitstream and program from the same sources (isa/src/config.rs)";
            Finding::bad("configuration", found, remedy)
        }
    });
    Ok(all)
}

/// Whether registers read and write the same again and again.
pub fn registers(device: &mut (impl Device + ?Sized)) -> Result<Finding, DeviceError> {
    let before = device.read_register(WATCHDOG)?;
    let mut wrong = None;
    for round in 0..ROUNDS {
        // Every bit alone, then all but one, then mixtures; never 0, which would turn the watchdog off.
        let pattern = match round {
            0..=31 => 1 << round,
            32..=63 => !(1 << (round - 32)),
            _ => (round.wrapping_mul(0x9e37_79b9)) | 1,
        };
        device.write_register(WATCHDOG, pattern)?;
        let (id, found) = (device.read_register(ID)?, device.read_register(WATCHDOG)?);
        if id != ID_VALUE {
            wrong.get_or_insert(format!("read {round} of ID gave {id:#010x}"));
        } else if found != pattern {
            wrong.get_or_insert(format!(
                "WATCHDOG was written {pattern:#010x} and read {found:#010x}"
            ));
        }
    }
    device.write_register(WATCHDOG, before)?;
    Ok(match wrong {
        None => Finding::good("registers", format!("{ROUNDS} patterns written and read")),
        Some(found) => Finding::bad(
            "registers",
            found,
            "look at the bus: its width, clock and timing; at the cable, if there is one",
        ),
    })
}

/// The clock the engine runs at, beside the one that limits are reckoned with.
pub fn clock(device: &mut (impl Device + ?Sized)) -> Result<Finding, DeviceError> {
    let mut cycles = || -> Result<u64, DeviceError> {
        let low = device.read_register(TOTAL_CYCLES)?;
        Ok(u64::from(low) | u64::from(device.read_register(TOTAL_CYCLES_HI)?) << 32)
    };
    let (start, before) = (Instant::now(), cycles()?);
    let mut after = before;
    for _ in 0..BETWEEN {
        after = cycles()?;
    }
    let seconds = start.elapsed().as_secs_f64();
    if after <= before {
        return Ok(Finding::unknown(
            "clock",
            "it does not count cycles: a model, or an engine that stands still",
        ));
    }
    let hertz = (after - before) as f64 / seconds;
    Ok(Finding::good(
        "clock",
        format!(
            "about {:.3} MHz, from {} cycles in {:.1} ms",
            hertz / 1e6,
            after - before,
            1e3 * seconds
        ),
    ))
}
