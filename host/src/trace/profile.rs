//! A program by layer: what the array did for each, and what it waited for.

use crate::fault::Context;
use crate::network::Stage;
use crate::schedule::cost::{self, Span, Timeline};
use crate::schedule::Part;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tandem_isa::{Command, Config, Unit};

/// Most pieces of a unit's strip: neighbours of one layer are merged until so many are left.
pub const STRIPS: usize = 400;

/// A program by layer. Cycles are those of the cost model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// What it does.
    pub name: String,
    /// `teacher` or `student`.
    pub context: String,
    /// Images of its batch.
    pub images: usize,
    /// Multipliers of the array.
    pub cells: u64,
    /// Cycles from start to end.
    pub cycles: u64,
    /// Cycles each unit has a command at work, by name.
    pub busy: BTreeMap<String, u64>,
    /// The array's time by layer and part, in the order of the program: all cycles of it, each once.
    pub layers: Vec<Layer>,
    /// What each unit works on over the cycles.
    pub strips: Vec<Strip>,
}

/// The array's time for a part of a layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Layer; empty for the loss, and for what comes after the array's last command.
    pub layer: String,
    /// Part: `forward`, `dW`, `dX`, …; `end` for what comes after the array's last command.
    pub part: String,
    /// Multiply-accumulates of the batch that the network asks for.
    pub macs: u64,
    /// Cycles the array works.
    pub array: u64,
    /// Cycles it waits for load or store.
    pub memory: u64,
    /// Cycles it waits for vector or loss.
    pub vector: u64,
    /// Cycles between two commands of its own, and at the start.
    pub other: u64,
}

impl Layer {
    /// All its cycles.
    pub fn cycles(&self) -> u64 {
        self.array + self.memory + self.vector + self.other
    }
}

/// A piece of a unit's time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strip {
    /// Unit, by name.
    pub unit: String,
    /// Layer; empty for the loss.
    pub layer: String,
    /// Part.
    pub part: String,
    /// First cycle.
    pub start: u64,
    /// One past the last.
    pub end: u64,
}

/// A unit's name, as records have it.
pub(super) fn unit_name(unit: Unit) -> String {
    format!("{unit:?}").to_lowercase()
}

impl Profile {
    pub(super) fn new(
        config: &Config,
        (name, context, images): (&str, Context, usize),
        (stages, macs): (&[&Stage], &[u64]),
        commands: &[Command],
    ) -> Profile {
        let timeline = cost::timeline(config, commands);
        let names: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
        let mut layers = by_layer(&names, commands, &timeline);
        for layer in &mut layers {
            let multiplies = ["forward", "dW", "dX"].contains(&layer.part.as_str());
            let stage = names.iter().position(|n| *n == layer.layer);
            if let (true, Some(macs)) = (multiplies, stage.and_then(|s| macs.get(s))) {
                layer.macs = macs * images as u64;
            }
        }
        let context = match context {
            Context::Teacher => "teacher",
            Context::Student => "student",
        };
        let busy = |unit| (unit_name(unit), timeline.busy(unit));
        Profile {
            name: name.into(),
            context: context.into(),
            images,
            cells: config.cells() as u64,
            cycles: timeline.cycles,
            busy: Unit::ALL.into_iter().map(busy).collect(),
            layers,
            strips: strips(&names, commands, &timeline),
        }
    }

    /// Share of the multipliers' time that was used, 0 to 1.
    pub fn utilisation(&self) -> f64 {
        let macs: u64 = self.layers.iter().map(|l| l.macs).sum();
        macs as f64 / (self.cells * self.cycles).max(1) as f64
    }
}

fn names_of<'a>(names: &[&'a str], command: &Command) -> (&'a str, &'static str) {
    let (stage, part) = Part::of_tag(command.tag());
    let layer = stage.and_then(|s| names.get(s).copied()).unwrap_or("");
    (layer, part.name())
}

/// Who the array waits for before a command: of the units it has a token from, the last to be done.
fn awaited(span: &Span, wait: u8, timeline: &Timeline, since: u64) -> Option<Unit> {
    let last = |unit: &Unit| {
        let done = |s: &&Span| s.done > since && s.done <= span.start + 1;
        timeline.of(*unit).filter(done).map(|s| s.done).max()
    };
    let units = Unit::ALL.into_iter().filter(|u| wait & u.bit() != 0);
    units
        .filter_map(|u| Some((last(&u)?, u)))
        .max_by_key(|&(done, u)| (done, u as usize))
        .map(|(_, u)| u)
}

fn by_layer(names: &[&str], commands: &[Command], timeline: &Timeline) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut of = |layer: &str, part: &str| {
        let found = layers
            .iter()
            .position(|l| (&*l.layer, &*l.part) == (layer, part));
        found.unwrap_or_else(|| {
            layers.push(Layer {
                layer: layer.into(),
                part: part.into(),
                ..Layer::default()
            });
            layers.len() - 1
        })
    };
    let mut times = Vec::new();
    let mut at = 0;
    for span in timeline.of(Unit::Compute) {
        let Some(command) = commands.get(span.command) else {
            continue;
        };
        let (layer, part) = names_of(names, command);
        let gap = span.start.saturating_sub(at);
        let unit = awaited(span, command.wait(), timeline, at);
        times.push((of(layer, part), gap, unit, span.end - span.start));
        at = span.end;
    }
    let end = of("", "end");
    times.push((end, timeline.cycles.saturating_sub(at), None, 0));
    for (i, gap, unit, array) in times {
        let layer = &mut layers[i];
        layer.array += array;
        *match unit {
            Some(Unit::Load | Unit::Store) => &mut layer.memory,
            Some(Unit::Vector | Unit::Loss | Unit::Select) => &mut layer.vector,
            Some(Unit::Compute) | None => &mut layer.other,
        } += gap;
    }
    layers
}

/// Pieces of every unit's time, neighbours of the same layer and part joined across gaps that a picture would not show.
fn strips(names: &[&str], commands: &[Command], timeline: &Timeline) -> Vec<Strip> {
    let mut all = Vec::new();
    for unit in Unit::ALL {
        let mut gap = timeline.cycles / 2000;
        loop {
            let mut pieces: Vec<Strip> = Vec::new();
            for span in timeline.of(unit).filter(|s| s.end > s.start) {
                let Some(command) = commands.get(span.command) else {
                    continue;
                };
                let (layer, part) = names_of(names, command);
                match pieces.last_mut() {
                    Some(p) if p.layer == layer && p.part == part && span.start <= p.end + gap => {
                        p.end = span.end;
                    }
                    _ => pieces.push(Strip {
                        unit: unit_name(unit),
                        layer: layer.into(),
                        part: part.into(),
                        start: span.start,
                        end: span.end,
                    }),
                }
            }
            if pieces.len() <= STRIPS || gap > timeline.cycles {
                all.extend(pieces);
                break;
            }
            gap = 2 * gap + 1;
        }
    }
    all
}
