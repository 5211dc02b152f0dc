//! Who learns: a student on the model of the engine, or its float32 twin. Both get the same weights, batches and schedules.

use crate::error::{wrong, CliError};
use std::sync::Arc;
use tandem::augment::{Augmentation, Scale};
use tandem::batches::Random;
use tandem::consolidation::Consolidation;
use tandem::data::PIXEL_F;
use tandem::device::Device;
use tandem::distil::Distillation;
use tandem::float::Float;
use tandem::fold::InputFormat;
use tandem::lower::Options;
use tandem::network::frozen::Frozen;
use tandem::network::Network;
use tandem::parameters::{Digest, Parameters};
use tandem::session::{NetId, Sample, Session};
use tandem::train::{Descent, Ranking};
use tandem::{Context, Engine};

/// Images of an inference batch.
pub const INFER: usize = 50;

/// Soft targets of a batch.
pub type Soft<'a> = Option<(&'a [&'a [i16]], &'a Distillation)>;

/// A network that learns from samples in slots.
pub trait Learner {
    /// New weights from the seed.
    fn restart(&mut self, seed: u32) -> Result<(), CliError>;
    /// One step.
    fn step(
        &mut self,
        batch: &[Sample],
        soft: Soft,
        how: &Descent,
        i: usize,
    ) -> Result<(), CliError>;
    /// Momenta at 0, these stages frozen, all images as they are.
    fn begin(&mut self, frozen: Frozen) -> Result<(), CliError>;
    /// Changes the images of a batch, until they are changed again or a stage begins.
    fn vary(&mut self, _: &[Sample], _: &Augmentation, _: &mut Random) -> Result<(), CliError> {
        Err(alone("augmentation"))
    }
    /// Holds the weights where they stood, with this strength at the full rate, or lets them go.
    fn hold(&mut self, to: Option<(&Consolidation, u16)>) -> Result<(), CliError> {
        match to {
            None => Ok(()),
            Some(_) => Err(alone("elastic weight consolidation")),
        }
    }
    /// Percent of samples whose best class is their label.
    fn accuracy(&mut self, samples: &[Sample]) -> Result<f64, CliError>;
    /// Predicted cycles of all that was done.
    fn cycles(&self) -> u64;
}

/// What one of the two does alone.
fn alone(what: &str) -> CliError {
    let remedy = "leave the float32 twin out of the row";
    wrong("experiment", what, "the twin", "the model", remedy)
}

/// On the model.
pub struct Fixed {
    session: Session<Box<dyn Device>>,
    net: NetId,
    images: Arc<Vec<Vec<i16>>>,
    /// Slots whose image is changed.
    varied: Vec<usize>,
}

impl Fixed {
    /// A network on a device, its images in slots.
    pub fn new(
        engine: Engine<Box<dyn Device>>,
        format: InputFormat,
        network: &Network,
        batch: usize,
        images: Arc<Vec<Vec<i16>>>,
    ) -> Result<Fixed, CliError> {
        let mut session = Session::new(engine, format, images.len())?;
        let net = session.install(network, Context::Student, batch.max(INFER), true)?;
        for (slot, image) in images.iter().enumerate() {
            session.write_sample(slot, image)?;
        }
        let varied = Vec::new();
        Ok(Fixed {
            session,
            net,
            images,
            varied,
        })
    }

    /// Digest of its weights.
    pub fn digest(&mut self) -> Result<Digest, CliError> {
        let mut digest = Digest::default();
        for words in self.session.words(self.net)? {
            digest.words(&words);
        }
        Ok(digest)
    }

    /// The best classes of samples.
    pub fn rank(&mut self, samples: &[Sample]) -> Result<Vec<Ranking>, CliError> {
        Ok(self.session.rank(self.net, samples, 4)?)
    }

    /// Where it stands, and what its weights matter for samples.
    pub fn consolidate(&mut self, samples: &[Sample]) -> Result<Consolidation, CliError> {
        const BATCH: usize = 8;
        Ok(self.session.consolidate(self.net, samples, BATCH)?)
    }

    /// Its probabilities at a temperature, a list a sample.
    pub fn thinks(
        &mut self,
        samples: &[Sample],
        temperature: f64,
    ) -> Result<Vec<Vec<i16>>, CliError> {
        Ok(self.session.soft_targets(self.net, samples, temperature)?)
    }
}

impl Learner for Fixed {
    fn restart(&mut self, seed: u32) -> Result<(), CliError> {
        let parameters = Parameters::random(self.session.network(self.net), seed);
        Ok(self.session.restart(self.net, &parameters, seed)?)
    }

    fn step(
        &mut self,
        batch: &[Sample],
        soft: Soft,
        how: &Descent,
        i: usize,
    ) -> Result<(), CliError> {
        match soft {
            None => self.session.step(self.net, batch, how, i)?,
            Some((targets, mix)) => self.session.distil(self.net, batch, targets, mix, how, i)?,
        }
        Ok(())
    }

    fn begin(&mut self, frozen: Frozen) -> Result<(), CliError> {
        self.session.reset_momentum(self.net)?;
        for slot in self.varied.drain(..) {
            self.session.write_sample(slot, &self.images[slot])?;
        }
        let options = Options {
            frozen,
            ..Options::default()
        };
        self.session.set_options(self.net, options);
        Ok(())
    }

    fn vary(
        &mut self,
        batch: &[Sample],
        how: &Augmentation,
        random: &mut Random,
    ) -> Result<(), CliError> {
        let scale = Scale {
            outside: vec![0],
            unit: vec![f64::from(1 << PIXEL_F)],
        };
        let shape = self.session.network(self.net).input();
        for s in batch {
            let words = how.apply(&self.images[s.slot], shape, &scale, random);
            self.session.write_sample(s.slot, &words)?;
            self.varied.push(s.slot);
        }
        Ok(())
    }

    fn hold(&mut self, to: Option<(&Consolidation, u16)>) -> Result<(), CliError> {
        match to {
            None => self.session.release(self.net),
            Some((to, strength)) => self.session.hold(self.net, to, strength)?,
        }
        Ok(())
    }

    fn accuracy(&mut self, samples: &[Sample]) -> Result<f64, CliError> {
        let right = self.session.correct(self.net, samples)?;
        Ok(100.0 * right as f64 / samples.len().max(1) as f64)
    }

    fn cycles(&self) -> u64 {
        self.session.predicted()[1]
    }
}

/// In float32.
pub struct Twin<'a> {
    network: &'a Network,
    float: Float,
    images: &'a [Vec<f32>],
}

impl<'a> Twin<'a> {
    /// The same network and images.
    pub fn new(network: &'a Network, images: &'a [Vec<f32>]) -> Result<Twin<'a>, CliError> {
        let float = Float::new(network, &Parameters::random(network, 0))?;
        Ok(Twin {
            network,
            float,
            images,
        })
    }
}

impl Learner for Twin<'_> {
    fn restart(&mut self, seed: u32) -> Result<(), CliError> {
        self.float = Float::new(self.network, &Parameters::random(self.network, seed))?;
        Ok(())
    }

    fn step(&mut self, batch: &[Sample], _: Soft, how: &Descent, i: usize) -> Result<(), CliError> {
        let classes = self.network.output().c;
        let target = |s: &Sample| {
            let mut t = vec![0.0; classes];
            t[usize::from(s.label)] = 1.0;
            t
        };
        let batch: Vec<(&[f32], Vec<f32>)> = batch
            .iter()
            .map(|s| (&self.images[s.slot][..], target(s)))
            .collect();
        self.float.step(&batch, how, i)?;
        Ok(())
    }

    fn begin(&mut self, frozen: Frozen) -> Result<(), CliError> {
        self.float.reset_momentum();
        self.float.freeze(frozen);
        Ok(())
    }

    fn accuracy(&mut self, samples: &[Sample]) -> Result<f64, CliError> {
        let mut right = 0;
        for s in samples {
            right += usize::from(self.float.class(&self.images[s.slot])? == usize::from(s.label));
        }
        Ok(100.0 * right as f64 / samples.len().max(1) as f64)
    }

    fn cycles(&self) -> u64 {
        0
    }
}
