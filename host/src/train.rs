//! Training, calibration and inference of installed networks.

use crate::batches::Random;
use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::lower::{batch_scale, Job, SiteSet};
use crate::lr::LrSchedule;
use crate::parameters::Parameters;
use crate::session::{Filled, NetId, Rate, Sample, Session};
use tandem_isa::numerics::{next_key, SgdParams};
use tandem_isa::selection::EVENT;

/// Settings of the descent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descent {
    /// Learning rate at the start.
    pub lr: f64,
    /// Momentum.
    pub momentum: f64,
    /// Weight decay (weights only).
    pub weight_decay: f64,
    /// Steps there will be; with `cosine` the rate falls to 0 over them.
    pub steps: usize,
    /// By [`LrSchedule::Cosine`]; without, the rate stays, and a caller may give each step its own.
    pub cosine: bool,
}

impl Descent {
    /// Learning rate of step `i`, from 0.
    pub fn rate(&self, i: usize) -> f64 {
        let schedule = match self.cosine {
            true => LrSchedule::Cosine,
            false => LrSchedule::Constant,
        };
        schedule.rate(self.lr, i, self.steps)
    }
}

/// The best classes of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Classes, best first; −1 past the number asked for.
    pub class: [i16; 4],
    /// Their confidences, Q0.15; [`EVENT`] of an event's.
    pub p: [i16; 4],
}

impl Ranking {
    /// Of a sample that came with its label.
    pub fn event(class: u16) -> Ranking {
        Ranking {
            class: [class as i16, -1, -1, -1],
            p: [EVENT as i16, 0, 0, 0],
        }
    }
}

impl<D: Device> Session<D> {
    /// One training step on a batch; `i` is its number in `descent`.
    pub fn step(
        &mut self,
        net: NetId,
        batch: &[Sample],
        descent: &Descent,
        i: usize,
    ) -> Result<(), Error> {
        self.start_step(net, batch, descent, i)?;
        self.finish_step(net, batch.len())
    }

    /// What a step ends with: all of it, or what comes after the host's loss.
    fn train_job(&self, net: NetId) -> Job {
        let first = self.networks[net.0].invalid;
        if self.engine.config().has_loss {
            Job::Train { first }
        } else {
            Job::Backward { first }
        }
    }

    /// Starts a step without waiting, so that the other context can be given work meanwhile. Where the host computes the loss,
    /// the step's forward is waited for.
    pub fn start_step(
        &mut self,
        net: NetId,
        batch: &[Sample],
        descent: &Descent,
        i: usize,
    ) -> Result<(), Error> {
        self.check_labels(net, batch)?;
        let rates = self.rates(net, batch.len(), descent, i)?;
        self.before_pull(net, &rates)?;
        if !self.engine.config().has_loss {
            self.forward(net, batch)?;
            self.host_loss(net, batch)?;
        }
        let job = self.train_job(net);
        self.start(net, job, batch, false, filled(&rates))
    }

    /// Refuses a label that is no class of the network.
    pub(crate) fn check_labels(&self, net: NetId, batch: &[Sample]) -> Result<(), Error> {
        let classes = self.networks[net.0].plan.classes();
        match batch.iter().find(|s| usize::from(s.label) >= classes) {
            None => Ok(()),
            Some(s) => Err(CompileError::Input {
                what: "label",
                found: s.label.to_string(),
                expected: format!("less than {classes}"),
                remedy: "check the labels against the network's last layer",
            }
            .into()),
        }
    }

    /// The first half of a step whose loss the host computes.
    pub(crate) fn forward(&mut self, net: NetId, batch: &[Sample]) -> Result<(), Error> {
        let first = self.networks[net.0].invalid;
        let job = Job::Forward { first };
        self.start(net, job, batch, false, Filled::default())?;
        self.finish(net, self.limit(net, job, batch.len()))
    }

    /// The second half.
    pub(crate) fn backward(
        &mut self,
        net: NetId,
        batch: &[Sample],
        rates: &[Rate],
    ) -> Result<(), Error> {
        let first = self.networks[net.0].invalid;
        let job = Job::Backward { first };
        self.start(net, job, batch, false, filled(rates))?;
        self.finish(net, self.limit(net, job, batch.len()))?;
        self.refresh_sites(net)
    }

    /// Waits for the step of `n` images that was started.
    pub fn finish_step(&mut self, net: NetId, n: usize) -> Result<(), Error> {
        let limit = self.limit(net, self.train_job(net), n);
        self.finish(net, limit)?;
        self.pull_on_host(net)?;
        self.refresh_sites(net)
    }

    /// Fields of every tensor's update; takes the keys of this step.
    pub(crate) fn rates(
        &mut self,
        net: NetId,
        n: usize,
        descent: &Descent,
        i: usize,
    ) -> Result<Vec<Rate>, Error> {
        let lr = descent.rate(i);
        let formats = self.networks[net.0].formats.clone();
        let installed = &mut self.networks[net.0];
        // It falls with the rate, as the derivative of a penalty would.
        let strength = match &installed.held {
            Some(held) if lr > 0.0 => (f64::from(held.strength) * lr / descent.lr).round() as u16,
            _ => 0,
        };
        let mut rates = Vec::new();
        for (f_w, s) in formats.into_iter().zip(&installed.plan.stages) {
            if !s.stage.is_trained() {
                rates.extend([Rate::default(); 2]);
                continue;
            }
            let scaled = SgdParams::new(lr * batch_scale(n), descent.momentum, 0.0, f_w, 0)?;
            let decayed = SgdParams::new(lr, descent.momentum, descent.weight_decay, f_w, 0)?;
            for decay in [decayed.lw, 0] {
                let key_v = next_key(installed.key);
                let key_w = next_key(key_v);
                installed.key = key_w;
                rates.push(Rate {
                    mu: scaled.mu,
                    lr_mantissa: scaled.lr_mantissa,
                    lr_shift: scaled.lr_shift,
                    decay,
                    key_v,
                    key_w,
                    strength,
                });
            }
        }
        Ok(rates)
    }

    /// Seeds the random words of the updates that follow.
    pub fn seed_updates(&mut self, net: NetId, seed: u32) {
        self.networks[net.0].key = seed;
    }

    /// Begins a training anew: weights, momentum 0, exponents and formats anew, random words of the updates from a seed.
    pub fn restart(&mut self, net: NetId, parameters: &Parameters, seed: u32) -> Result<(), Error> {
        self.set_parameters(net, parameters)?;
        // Neighbouring seeds must not give neighbouring keys.
        self.seed_updates(net, Random::new(seed.into()).next_u64() as u32);
        Ok(())
    }

    /// Lets the output exponents learn from samples, for a network that will only infer.
    pub fn calibrate(&mut self, net: NetId, samples: &[Sample]) -> Result<(), Error> {
        let batch = self.networks[net.0].plan.batch;
        for part in samples.chunks(batch) {
            let job = Job::Infer {
                first: self.invalid_outputs(net),
                freeze: false,
                top: 1,
                score: false,
            };
            self.start(net, job, part, false, Filled::default())?;
            self.finish(net, self.limit(net, job, part.len()))?;
            self.refresh_sites(net)?;
        }
        Ok(())
    }

    /// The inference job of a calibrated network.
    pub(crate) fn infer_job(&self, net: NetId, top: u8, score: bool) -> Result<Job, Error> {
        if !self.invalid_outputs(net).is_empty() {
            return Err(CompileError::Input {
                what: "exponents of the network",
                found: "sites that have not seen a tensor".into(),
                expected: "all valid".into(),
                remedy: "call `calibrate` with some samples, or train a step",
            }
            .into());
        }
        Ok(Job::Infer {
            first: SiteSet::default(),
            freeze: true,
            top,
            score,
        })
    }

    /// Starts inference of one batch without waiting.
    pub fn start_rank(&mut self, net: NetId, samples: &[Sample], top: u8) -> Result<(), Error> {
        let job = self.infer_job(net, top, false)?;
        self.start(net, job, samples, false, Filled::default())
    }

    /// Waits for a batch of `n` images and reads its rankings.
    pub fn finish_rank(&mut self, net: NetId, n: usize, top: u8) -> Result<Vec<Ranking>, Error> {
        let job = self.infer_job(net, top, false)?;
        self.finish(net, self.limit(net, job, n))?;
        self.rankings(net, n, top)
    }

    /// Ranks the classes of samples, with frozen exponents.
    pub fn rank(&mut self, net: NetId, samples: &[Sample], top: u8) -> Result<Vec<Ranking>, Error> {
        let mut all = Vec::with_capacity(samples.len());
        for part in samples.chunks(self.networks[net.0].plan.batch) {
            self.start_rank(net, part, top)?;
            all.extend(self.finish_rank(net, part.len(), top)?);
        }
        Ok(all)
    }

    /// Reads the rankings of the last inference.
    pub(crate) fn rankings(
        &mut self,
        net: NetId,
        n: usize,
        top: u8,
    ) -> Result<Vec<Ranking>, Error> {
        if !self.engine.config().has_loss {
            return self.host_rankings(net, n, top);
        }
        let config = self.engine.config();
        let each = config.result_words() * config.lanes;
        let address = self.networks[net.0].plan.results;
        let words = self.engine.read_lanes(address.into(), n * each)?;
        Ok(words
            .chunks_exact(each)
            .map(|w| {
                let mut r = Ranking::default();
                for k in 0..4 {
                    (r.class[k], r.p[k]) = (w[2 * k], w[2 * k + 1]);
                }
                r
            })
            .collect())
    }

    /// How many samples have their label as best class.
    pub fn correct(&mut self, net: NetId, samples: &[Sample]) -> Result<usize, Error> {
        let ranks = self.rank(net, samples, 1)?;
        Ok(ranks
            .iter()
            .zip(samples)
            .filter(|(r, s)| r.class[0] == s.label as i16)
            .count())
    }
}

fn filled(rates: &[Rate]) -> Filled<'_> {
    Filled {
        rates,
        ..Filled::default()
    }
}
