//! Figures of the simulated RTL itself: its speed beside the bare array's and the model's, and the selector's.

use super::MEMORY;
use crate::device::Choice;
use crate::error::{wrong, CliError};
use serde_json::{json, Value};
use tandem::measure::{host, step};
use tandem::network::Shape;
use tandem::study::student;
use tandem::Engine;
use tandem_sim::model::{kept_exactly, Model};
use tandem_sim::rtl::{speed, RtlDevice};

/// Images of the step both devices take.
const BATCH: usize = 32;
/// Steps in which the host's time is taken.
const STEPS: u32 = 5;
/// Rounds of the speed measurement.
const ROUNDS: usize = 3;
/// Scores of the selector's measurements: rejected ones, and a stream through full classes.
const REJECTED: u32 = 2000;
const STREAM: u32 = 150_000;
/// Classes and entries of each that must be kept exactly.
const CLASSES: u32 = 1000;
const K: usize = 64;

fn failed(what: &str, e: impl ToString) -> CliError {
    wrong(
        what,
        "measuring",
        e,
        "a figure",
        "run the tests: `cargo xtask test`",
    )
}

/// Speed of the simulation, and how much faster the model is on the same step.
pub fn simulation(choice: &Choice) -> Result<Value, CliError> {
    let speed = speed::measure(ROUNDS).map_err(|e| failed("simulation", e))?;
    let config = choice.config()?;
    let network = student(Shape { c: 1, h: 14, w: 14 })?;
    let device = RtlDevice::open(config, MEMORY, None).map_err(|e| failed("simulation", e))?;
    let rtl = step::seconds(Engine::open(device)?, &network, BATCH, 2)?;
    let model = Engine::open(Model::new(config, MEMORY))?;
    let model = step::seconds(model, &network, BATCH, 100)?;
    let device = RtlDevice::open(config, MEMORY, None).map_err(|e| failed("simulation", e))?;
    let share = host::share(device, &network, BATCH, STEPS)?;
    println!(
        "host: {:.4} % of a training step on rtl, {:.3} ms in {} accesses of registers and {} of memory",
        100.0 * share.host(),
        1e3 * share.host_seconds(),
        share.registers / u64::from(share.steps),
        share.blocks / u64::from(share.steps),
    );
    println!(
        "simulation: rtl {:.0} kHz, bare array {:.0} kHz, ratio {:.2}; a step of the student: rtl {:.0} ms, model {:.2} ms, ratio {:.0}",
        speed.rtl_khz,
        speed.bare_khz,
        speed.ratio(),
        1e3 * rtl,
        1e3 * model,
        rtl / model
    );
    Ok(
        json!({ "rtl_khz": speed.rtl_khz, "bare_khz": speed.bare_khz, "model_ratio": rtl / model, "host_share": share.host(), "host_seconds": share.host_seconds() }),
    )
}

/// Cycles of a rejected score, and whether large lists are kept exactly.
pub fn selector() -> Result<Value, CliError> {
    let cycles = tandem_hdl::select::figures::cycles_per_rejected(REJECTED)
        .ok_or_else(|| failed("selector", "a score that was not rejected"))?;
    if !kept_exactly(CLASSES, K, STREAM) {
        return Err(failed(
            "selector",
            "lists that differ from the sort of the stream",
        ));
    }
    println!(
        "selector: {cycles:.3} cycles a rejected score; {CLASSES} classes x K = {K} kept exactly"
    );
    Ok(json!({ "cycles_per_rejected": cycles, "classes": CLASSES, "k": K }))
}
