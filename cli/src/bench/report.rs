//! Results of the bench as lines and as JSON.

use serde_json::{json, Value};
use tandem::measure::growth::Growth;
use tandem::measure::step::Step;
use tandem::measure::{Row, Sharing};
use tandem_isa::Unit;

/// Headings of the products.
pub fn heading() {
    println!(
        "layer                     phase      cycles   bound    use  of bound  closed form  predicted          kbytes   waits: memory vector control"
    );
}

/// One product.
pub fn row(r: &Row) {
    println!(
        "{:24}  {:7} {:9.0} {:8.0} {:5.1}% {:7.1}% {:9} {:+5.0}% {:9.0} {:+5.1}% {:6.0}         {:7.0} {:6.0} {:6.0}",
        r.layer.to_string(),
        r.phase.name(),
        r.cycles,
        r.bound(),
        100.0 * r.utilisation(),
        100.0 * r.bound() / r.cycles,
        r.closed_form,
        100.0 * (r.cycles / r.closed_form as f64 - 1.0),
        r.predicted,
        100.0 * (r.predicted / r.cycles - 1.0),
        r.bytes / 1024.0,
        r.stall_memory,
        r.stall_vector,
        r.stall_control,
    );
}

/// The same as JSON.
pub fn row_json(r: &Row) -> Value {
    json!({
        "layer": r.layer.to_string(),
        "batch": r.layer.batch,
        "phase": r.phase.name(),
        "macs": r.macs,
        "cells": r.cells,
        "cycles": r.cycles,
        "bound": r.bound(),
        "utilisation": r.utilisation(),
        "stall_memory": r.stall_memory,
        "stall_vector": r.stall_vector,
        "stall_control": r.stall_control,
        "bytes": r.bytes,
        "closed_form": r.closed_form,
        "predicted": r.predicted,
    })
}

/// Headings of the steps.
pub fn step_heading() {
    println!("step             batch      cycles    use  predicted  forward  dx  dw");
}

/// One step.
pub fn step(name: &str, s: &Step) {
    let c = &s.counters;
    let part = |v: u64| 100.0 * v as f64 / s.cycles as f64;
    println!(
        "{name:16} {:5} {:11} {:5.1}% {:+7.1}%  {:4.1}% {:4.1}% {:4.1}%  array {:4.1}% load {:4.1}% vector {:4.1}% store {:4.1}% loss {:4.1}% beats {:4.1}%",
        s.batch,
        s.cycles,
        100.0 * s.utilisation(),
        100.0 * (s.predicted as f64 / s.cycles as f64 - 1.0),
        part(c.forward),
        part(c.dx),
        part(c.dw),
        part(c.units[Unit::Compute as usize].busy),
        part(c.units[Unit::Load as usize].busy),
        part(c.units[Unit::Vector as usize].busy),
        part(c.units[Unit::Store as usize].busy),
        part(c.units[Unit::Loss as usize].busy),
        part(u64::from(c.read_beats + c.write_beats)),
    );
}

/// The same as JSON.
pub fn step_json(name: &str, s: &Step) -> Value {
    json!({
        "net": name,
        "batch": s.batch,
        "cycles": s.cycles,
        "macs": s.macs,
        "utilisation": s.utilisation(),
    })
}

/// Lines fitted through cycles.
pub fn growth(all: &[Growth]) -> Value {
    println!("growth of cycles (fitted, least squares of relative distances)");
    for g in all {
        let points: Vec<String> = g
            .points
            .iter()
            .map(|p| format!("{}: {:.0}", p.0, p.2))
            .collect();
        println!(
            "{:11} cycles = {:.0} + {:.3} x {}, off by {:.1} % at most; {}",
            g.what,
            g.offset,
            g.slope,
            g.over,
            100.0 * g.worst,
            points.join(", ")
        );
    }
    let one = |g: &Growth| {
        json!({
            "what": g.what,
            "over": g.over,
            "points": g.points.iter().map(|p| json!([p.0, p.2])).collect::<Vec<_>>(),
            "offset": g.offset,
            "slope": g.slope,
            "worst": g.worst,
        })
    };
    Value::Array(all.iter().map(one).collect())
}

/// Time sharing.
pub fn sharing(s: &Sharing) -> Value {
    println!(
        "sharing: p99 of the added latency {} cycles, bound {}; student {:.2} % of dedicated speed x free share; a switch {:.0} cycles; teacher {:.1} % of the cycles",
        s.p99_added,
        s.bound,
        100.0 * s.student_fraction,
        s.switch_cycles,
        100.0 * s.teacher_share
    );
    json!({
        "p99_added": s.p99_added,
        "bound": s.bound,
        "student_fraction": s.student_fraction,
        "switch_cycles": s.switch_cycles,
    })
}
