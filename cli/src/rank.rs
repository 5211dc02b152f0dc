//! What infer and eval share: a network on a device, and the rankings of images.

use crate::device::Choice;
use crate::error::CliError;
use tandem::fault::Context;
use tandem::fold::InputFormat;
use tandem::images::{ImageInput, ImageSet};
use tandem::model::Model;
use tandem::network::Network;
use tandem::parameters::Parameters;
use tandem::session::{Sample, Session};
use tandem::train::Ranking;
use tandem::{CompileError, Device};

/// Images of a batch.
const BATCH: usize = 50;
/// Images the exponents learn from, all over the set.
const CALIBRATION: usize = 100;
/// Bytes beside weights and activations: programs.
const MEMORY: usize = 64 << 20;

/// A network ready to rank.
pub struct Ranker {
    session: Session<Box<dyn Device>>,
    net: tandem::session::NetId,
    input: ImageInput,
}

fn memory(network: &Network) -> usize {
    let values: usize = network.stages().iter().map(|s| s.full().len()).sum();
    MEMORY + network.parameters() * 64 + (values + network.input().len() * 3) * BATCH * 64
}

impl Ranker {
    /// Puts a network with weights on a device; its exponents are those of its file, or learn from images of `set`.
    pub fn new(
        choice: &Choice,
        model: &Model,
        input: ImageInput,
        set: &ImageSet,
    ) -> Result<Ranker, CliError> {
        let engine = choice.open(memory(&model.network))?;
        let lanes = engine.config().lanes;
        let format = InputFormat::shared(&[&model.network], lanes, input.f());
        let format = format.ok_or_else(|| CompileError::Input {
            what: "input of the network",
            found: "none".into(),
            expected: "a shape".into(),
            remedy: "use a network that takes images",
        })?;
        let mut session = Session::new(engine, format, BATCH)?;
        let net = session.install(&model.network, Context::Teacher, BATCH, false)?;
        let parameters = model.parameters.clone();
        let parameters = parameters.unwrap_or_else(|| Parameters::random(&model.network, 1));
        session.set_parameters(net, &parameters)?;
        let mut ranker = Ranker {
            session,
            net,
            input,
        };
        let count = set.len().min(CALIBRATION);
        let chosen: Vec<usize> = (0..count).map(|i| i * set.len() / count).collect();
        for part in chosen.chunks(BATCH) {
            let samples = ranker.write(set, part)?;
            ranker.session.calibrate(net, &samples)?;
        }
        Ok(ranker)
    }

    fn write(&mut self, set: &ImageSet, images: &[usize]) -> Result<Vec<Sample>, CliError> {
        let mut samples = Vec::new();
        for (slot, &i) in images.iter().enumerate() {
            self.session
                .write_sample(slot, &set.load(i, &self.input)?)?;
            samples.push(Sample {
                slot,
                label: set.label(i).unwrap_or(u16::MAX),
            });
        }
        Ok(samples)
    }

    /// Ranks all images of a set, and gives each with its number to `each`.
    pub fn rank(
        &mut self,
        set: &ImageSet,
        top: u8,
        mut each: impl FnMut(usize, &Ranking),
    ) -> Result<(), CliError> {
        let all: Vec<usize> = (0..set.len()).collect();
        for part in all.chunks(BATCH) {
            let samples = self.write(set, part)?;
            let rankings = self.session.rank(self.net, &samples, top)?;
            part.iter().zip(&rankings).for_each(|(&i, r)| each(i, r));
        }
        Ok(())
    }
}

/// Names of a network's outputs: those its file says, or their numbers.
pub fn class_names(model: &Model) -> Vec<String> {
    let numbers = || (0..model.network.output().len()).map(|i| i.to_string());
    model.classes.clone().unwrap_or_else(|| numbers().collect())
}
