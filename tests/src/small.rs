//! Training of a small network on any device, and all that it leaves there.

use crate::random::Rng;
use tandem::device::Device;
use tandem::fold::InputFormat;
use tandem::network::Network;
use tandem::parameters::Parameters;
use tandem::session::{NetId, Sample, Session};
use tandem::train::Descent;
use tandem::{Context, Engine, Error};
use tandem_isa::register::{
    SITE_CLIPPED, SITE_INDEX, SITE_MASK, SITE_MASK_HI, SITE_STATE, SITE_UNDERFLOW,
};

const BATCH: usize = 2;

/// Why it ended.
#[derive(Debug, thiserror::Error)]
pub enum SmallError {
    /// The engine's lanes do not fit the network's input.
    #[error("no input format for {0}; expected at most {1} channels")]
    Input(String, usize),
    /// Two devices hold different things.
    #[error("bits that differ from the model's {when}: {differing:?} of {of:?} (weights, memory, sites); expected none: compare what is simulated with the Verilog it was made from, which passes if the fault is the tools'")]
    Differs {
        /// Before or after what.
        when: &'static str,
        /// Weights, memory, sites.
        differing: [usize; 3],
        /// Likewise.
        of: [usize; 3],
    },
    /// A step failed.
    #[error(transparent)]
    Tandem(#[from] Error),
}

/// A network in training: parameters, samples and labels are the same on every device.
pub struct Training<D: Device> {
    session: Session<D>,
    id: NetId,
    random: Rng,
    done: usize,
    input: usize,
    classes: usize,
}

/// What a device holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Weights and biases as the driver reads them.
    pub weights: Vec<Vec<i16>>,
    /// All of memory: programs, samples, weights, momenta, activations, gradients.
    pub memory: Vec<u8>,
    /// Registers of every exponent site.
    pub sites: Vec<u32>,
}

impl Held {
    /// Bits of each: weights, memory, sites.
    pub fn bits(&self) -> [usize; 3] {
        let weights: usize = self.weights.iter().map(Vec::len).sum();
        [16 * weights, 8 * self.memory.len(), 32 * self.sites.len()]
    }

    /// How many bits differ, likewise.
    pub fn differing(&self, other: &Self) -> [usize; 3] {
        let count =
            |pairs: &mut dyn Iterator<Item = u32>| pairs.map(|x| x.count_ones() as usize).sum();
        let words = |held: &Self| held.weights.concat();
        let (a, b) = (words(self), words(other));
        [
            count(&mut a.iter().zip(&b).map(|(a, b)| u32::from((a ^ b) as u16))),
            count(
                &mut self
                    .memory
                    .iter()
                    .zip(&other.memory)
                    .map(|(a, b)| u32::from(a ^ b)),
            ),
            count(&mut self.sites.iter().zip(&other.sites).map(|(a, b)| a ^ b)),
        ]
    }
}

/// What both hold, or how far they differ.
pub fn same<D: Device, M: Device>(
    when: &'static str,
    found: &mut Training<D>,
    model: &mut Training<M>,
) -> Result<Held, SmallError> {
    let (found, expected) = (found.held()?, model.held()?);
    if found != expected {
        return Err(SmallError::Differs {
            when,
            differing: found.differing(&expected),
            of: expected.bits(),
        });
    }
    Ok(found)
}

impl<D: Device> Training<D> {
    /// Fills memory with numbers, so that nothing rests on what was there, and installs the network.
    pub fn new(mut device: D, network: &Network) -> Result<Self, SmallError> {
        let mut random = Rng(8);
        let junk: Vec<u8> = (0..device.memory_size())
            .map(|_| random.word() as u8)
            .collect();
        device.write_memory(0, &junk).map_err(Error::from)?;
        let engine = Engine::open(device).map_err(Error::from)?;
        let lanes = engine.config().lanes;
        let format = InputFormat::shared(&[network], lanes, 14)
            .ok_or_else(|| SmallError::Input(network.to_string(), lanes))?;
        let mut session = Session::new(engine, format, BATCH)?;
        let id = session.install(network, Context::Student, BATCH, true)?;
        session.set_parameters(id, &Parameters::random(network, 5))?;
        session.seed_updates(id, 3);
        Ok(Self {
            session,
            id,
            random,
            done: 0,
            input: network.input().len(),
            classes: network.output().c,
        })
    }

    /// One step: new samples, forward, loss, backward, update.
    pub fn step(&mut self) -> Result<(), SmallError> {
        let descent = Descent {
            lr: 0.1,
            momentum: 0.9,
            weight_decay: 1e-3,
            steps: 4,
            cosine: true,
        };
        let mut samples = vec![];
        for slot in 0..BATCH {
            let image = self.random.words(self.input, 16_000);
            self.session.write_sample(slot, &image)?;
            let label = self.random.below(self.classes) as u16;
            samples.push(Sample { slot, label });
        }
        self.session.step(self.id, &samples, &descent, self.done)?;
        self.done += 1;
        Ok(())
    }

    /// What the device holds now.
    pub fn held(&mut self) -> Result<Held, SmallError> {
        let weights = self.session.words(self.id)?;
        let device = self.device();
        let mut memory = vec![0; device.memory_size() as usize];
        device.read_memory(0, &mut memory).map_err(Error::from)?;
        let mut sites = vec![];
        for site in 0..device.config().sites as u32 {
            device
                .write_register(SITE_INDEX, site)
                .map_err(Error::from)?;
            for offset in [
                SITE_STATE,
                SITE_CLIPPED,
                SITE_UNDERFLOW,
                SITE_MASK,
                SITE_MASK_HI,
            ] {
                sites.push(device.read_register(offset).map_err(Error::from)?);
            }
        }
        Ok(Held {
            weights,
            memory,
            sites,
        })
    }

    /// The device.
    pub fn device(&mut self) -> &mut D {
        self.session.engine().device_mut()
    }
}
