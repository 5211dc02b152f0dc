//! Forward, dX and dW of a layer on a device: cycles, bytes moved, and what they are held against.
//!
//! A product is measured in a train of others like it, each on tensors of its own, so that its first loads and last stores
//! overlap with its neighbours', as in a training step. Start and end of the train count, shared among its products.

use super::layer::LayerSpec;
use crate::device::Device;
use crate::driver::{Engine, Site};
use crate::error::Error;
use crate::network::Stage;
use crate::single::{Cost, Operand, Single};
use std::fmt;
use tandem_isa::{Config, Unit};

/// Useful cycles a train is made as long as, if that takes no more than [`MOST`] products.
const TRAIN: u64 = 400_000;
/// Most products of a train.
const MOST: u64 = 64;

/// One of the three products of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Output from input and weights.
    Forward,
    /// Input gradient.
    Dx,
    /// Weight and bias gradients.
    Dw,
}

impl Phase {
    /// All three.
    pub const ALL: [Phase; 3] = [Phase::Forward, Phase::Dx, Phase::Dw];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Forward => "forward",
            Phase::Dx => "dx",
            Phase::Dw => "dw",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One measured product.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Layer.
    pub layer: LayerSpec,
    /// Product.
    pub phase: Phase,
    /// Useful multiply-accumulates: no padding lanes, no zeros of a dilated dX.
    pub macs: u64,
    /// Cells of the array.
    pub cells: u64,
    /// Cycles.
    pub cycles: f64,
    /// Cycles the compiler predicts.
    pub predicted: f64,
    /// Bytes read and written.
    pub bytes: f64,
    /// Cycles the array waited for load or store to move.
    pub stall_memory: f64,
    /// Cycles it waited for the vector unit.
    pub stall_vector: f64,
    /// Cycles it waited for anything else: command fetch, tokens on their way.
    pub stall_control: f64,
    /// The best closed form of a weight- or output-stationary array of this size, without any memory.
    pub closed_form: u64,
    /// Products in the train.
    pub repeats: u64,
}

impl Row {
    /// Cycles the bytes take at 8 a cycle.
    pub fn memory_bound(&self) -> f64 {
        self.bytes / 8.0
    }

    /// The bound: the greater of array and memory.
    pub fn bound(&self) -> f64 {
        (self.macs as f64 / self.cells as f64).max(self.memory_bound())
    }

    /// Part of the cells' cycles that was useful.
    pub fn utilisation(&self) -> f64 {
        self.macs as f64 / (self.cells as f64 * self.cycles)
    }
}

/// Useful products of a phase.
pub fn macs(layer: &LayerSpec, stage: &Stage) -> u64 {
    // Every (output, tap) pair inside the padded plane is one product forward, one of dX, one of dW; those on padding are zeros
    // in all three, and counted, as everyone does.
    stage.macs() * layer.batch as u64
}

/// Cycles of an R×C array of either dataflow for an M×K by K×N product (SCALE-Sim 3.0.0, no memory), the better one.
fn closed_form_of(config: &Config, m: u64, n: u64, k: u64) -> u64 {
    let (r, c) = (config.rows as u64, config.lanes as u64);
    let weights = k.div_ceil(r) * n.div_ceil(c) * (m + 2 * r + c - 2) - 1;
    let outputs = m.div_ceil(r) * n.div_ceil(c) * (k + r + c - 2) - 1;
    weights.min(outputs)
}

/// The closed form of a phase.
pub fn closed_form(config: &Config, layer: &LayerSpec, stage: &Stage, phase: Phase) -> u64 {
    let taps = (stage.y.kernel * stage.x.kernel) as u64;
    let (ci, co, batch) = (stage.ci as u64, stage.co as u64, layer.batch as u64);
    let (full, input) = (stage.full(), stage.input());
    let out = (full.h * full.w) as u64 * batch;
    let inputs = (input.h * input.w) as u64 * batch;
    match phase {
        Phase::Forward => closed_form_of(config, out, co, ci * taps),
        Phase::Dx => closed_form_of(config, inputs, ci, co * taps),
        Phase::Dw => closed_form_of(config, co, ci * taps, out),
    }
}

/// Measures one product of a layer.
pub fn measure<D: Device>(
    engine: &mut Engine<D>,
    layer: &LayerSpec,
    phase: Phase,
) -> Result<Row, Error> {
    let config = *engine.config();
    let stage = layer.stage()?;
    let run = layer.engine_stage(config.lanes)?;
    let (macs, cells) = (macs(layer, &stage), config.cells() as u64);
    let repeats = TRAIN.div_ceil((macs / cells).max(1)).clamp(1, MOST);
    let cost = cost(engine, &run, layer.batch, phase, repeats as usize)?;
    let each = |total: u64| total as f64 / repeats as f64;
    let c = &cost.counters;
    let array = c.units[Unit::Compute as usize].busy;
    let cycles = c.student + c.teacher;
    Ok(Row {
        layer: *layer,
        phase,
        macs,
        cells,
        cycles: each(cycles),
        predicted: each(cost.predicted),
        bytes: each(8 * u64::from(c.read_beats + c.write_beats)),
        stall_memory: each(c.wait_memory),
        stall_vector: each(c.wait_vector),
        stall_control: each(cycles.saturating_sub(array + c.wait_memory + c.wait_vector)),
        closed_form: closed_form(&config, layer, &stage, phase),
        repeats,
    })
}

/// Runs a train of products on words of no meaning: cycles do not depend on values.
fn cost<D: Device>(
    engine: &mut Engine<D>,
    stage: &Stage,
    n: usize,
    phase: Phase,
    repeats: usize,
) -> Result<Cost, Error> {
    let words = |count: usize| -> Vec<i16> {
        let mut state = 1u32;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 20) as i16 - 2048
            })
            .collect()
    };
    let x = words(n * stage.input().len());
    let g = words(n * stage.full().len());
    let w = words(stage.parameters() - stage.co);
    let bias = words(stage.co);
    let at = Site {
        e: 4,
        valid: true,
        ..Site::default()
    };
    let (x, w, g) = (
        Operand { q: &x, f: 12 },
        Operand { q: &w, f: 13 },
        Operand { q: &g, f: 17 },
    );
    let mut single = Single::new(engine, stage, n).repeated(repeats);
    match phase {
        Phase::Forward => drop(single.forward(x, w, &bias, at)?),
        Phase::Dx => drop(single.dx(g, w, Some(x.q), at)?),
        Phase::Dw => drop(single.dw(x, g, [at, at])?),
    }
    Ok(single.cost())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_isa::config::E8X16;

    #[test]
    fn the_closed_forms_are_those_published() {
        let sum = |layers: &[&str], skip_first_dx: bool| -> u64 {
            let mut total = 0;
            for (i, text) in layers.iter().enumerate() {
                let layer: LayerSpec = text.parse().unwrap();
                let stage = layer.stage().unwrap();
                for phase in Phase::ALL {
                    if !(skip_first_dx && i == 0 && phase == Phase::Dx) {
                        total += closed_form(&E8X16, &layer, &stage, phase);
                    }
                }
            }
            total
        };
        let lenet = [
            "28x28x1-6k5s1p2b1",
            "14x14x6-16k5s1p0b1",
            "1x1x400-120k1s1p0b16",
            "1x1x120-84k1s1p0b16",
            "1x1x84-10k1s1p0b16",
        ];
        assert_eq!(sum(&lenet, true), 47_708);
        let resnet20 = [
            "32x32x16-16k3s1p1b1",
            "16x16x32-32k3s1p1b1",
            "8x8x64-64k3s1p1b1",
        ];
        assert_eq!(sum(&resnet20, false), 179_499);
        assert_eq!(sum(&["1x1x256-128k1s1p0b16"], false), 14_301);
    }
}
