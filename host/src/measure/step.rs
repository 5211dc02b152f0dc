//! Training steps of whole networks: everything included, from the first command's fetch to the last answer of the memory.

use crate::device::Device;
use crate::driver::Engine;
use crate::error::{CompileError, Error};
use crate::fault::Context;
use crate::fold::InputFormat;
use crate::network::Network;
use crate::parameters::Parameters;
use crate::session::{NetId, Sample, Session};
use crate::train::Descent;
use crate::Counters;

/// One measured step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Images.
    pub batch: usize,
    /// Cycles.
    pub cycles: u64,
    /// Cycles the compiler predicts.
    pub predicted: u64,
    /// Useful multiply-accumulates of forward, dX (not of the first stage) and dW.
    pub macs: u64,
    /// Cells of the array.
    pub cells: u64,
    /// All counters.
    pub counters: Counters,
}

impl Step {
    /// Part of the cells' cycles that was useful.
    pub fn utilisation(&self) -> f64 {
        self.macs as f64 / (self.cells as f64 * self.cycles as f64)
    }
}

/// A network with a batch, ready to train.
pub(super) struct Ready<D> {
    session: Session<D>,
    id: NetId,
    samples: Vec<Sample>,
    done: usize,
}

impl<D: Device> Ready<D> {
    pub(super) fn new(engine: Engine<D>, network: &Network, batch: usize) -> Result<Self, Error> {
        let lanes = engine.config().lanes;
        let format = InputFormat::shared(&[network], lanes, 14).ok_or(CompileError::Input {
            what: "network",
            found: "no stage".into(),
            expected: "at least one".into(),
            remedy: "add a layer",
        })?;
        let mut session = Session::new(engine, format, batch)?;
        let id = session.install(network, Context::Student, batch, true)?;
        session.set_parameters(id, &Parameters::random(network, 1))?;
        let classes = network.output().c;
        let mut samples = Vec::new();
        for slot in 0..batch {
            let image: Vec<i16> = (0..network.input().len())
                .map(|i| ((i + slot) * 83 % 16384) as i16)
                .collect();
            session.write_sample(slot, &image)?;
            let label = (slot % classes) as u16;
            samples.push(Sample { slot, label });
        }
        Ok(Ready {
            session,
            id,
            samples,
            done: 0,
        })
    }

    pub(super) fn engine(&mut self) -> &mut Engine<D> {
        self.session.engine()
    }

    pub(super) fn step(&mut self) -> Result<(), Error> {
        let descent = Descent {
            lr: 0.01,
            momentum: 0.9,
            weight_decay: 1e-4,
            steps: 1,
            cosine: false,
        };
        let i = self.done;
        self.done += 1;
        self.session.step(self.id, &self.samples, &descent, i)
    }
}

/// Seconds of a training step on the host's clock: the fastest of `steps`, once exponents are found and the program is compiled. For
/// comparing devices on one machine; cycles are [`measure`]'s.
pub fn seconds<D: Device>(
    engine: Engine<D>,
    network: &Network,
    batch: usize,
    steps: usize,
) -> Result<f64, Error> {
    let mut ready = Ready::new(engine, network, batch)?;
    ready.step()?;
    ready.step()?;
    let mut best = f64::INFINITY;
    for _ in 0..steps {
        let start = std::time::Instant::now();
        ready.step()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// Measures a training step of `network`, after one in which its exponents were found.
pub fn measure<D: Device>(
    engine: Engine<D>,
    network: &Network,
    batch: usize,
) -> Result<Step, Error> {
    let mut ready = Ready::new(engine, network, batch)?;
    ready.step()?;
    let student = Context::Student as usize;
    let predicted = ready.session.predicted()[student];
    let before = ready.session.engine().counters()?;
    ready.step()?;
    let counters = ready.session.engine().counters()?.minus(&before);
    let predicted = ready.session.predicted()[student] - predicted;
    let stages = network.stages();
    let first = stages.first().map_or(0, |s| s.macs());
    let macs = (3 * network.macs() - first) * batch as u64;
    Ok(Step {
        batch,
        cycles: counters.student,
        predicted,
        macs,
        cells: ready.session.engine().config().cells() as u64,
        counters,
    })
}
