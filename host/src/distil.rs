//! Training on soft targets: what another network thinks of a sample, at a temperature, mixed with its label.
//!
//! Of logits z, targets q (probabilities at temperature T), a label y and a share s of the soft part, the loss is
//! s·T²·CE(softmax(z/T), q) + (1 − s)·CE(softmax(z), y) (Hinton et al. 2015, arXiv 1503.02531). Its derivative by z is
//! s·T·(p_T − q) + (1 − s)·(p_1 − y): a mean of the two gradients, which fits a word, times s·T + 1 − s, which the learning rate carries.
//!
//! An engine with a loss unit does all of it in one program: the targets are written where the errors of the logits come to stand.
//! For others the host makes the gradient between the two halves of a step, by the same function of `isa`, so every device gives the same bits.

use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::lower::Job;
use crate::session::{Filled, Mixture, NetId, Rate, Sample, Session};
use crate::train::Descent;
use tandem_isa::numerics::{share_word, temperature_constant, SHARE_ONE};

/// How soft targets are used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distillation {
    /// Temperature of targets and of the softmax they are compared with.
    pub temperature: f64,
    /// Share of the soft part, 0 to 1; the rest is the label's.
    pub share: f64,
}

impl Distillation {
    /// Refuses what has no meaning.
    pub fn validate(&self) -> Result<(), CompileError> {
        self.mixture().map(drop)
    }

    /// As the loss unit takes it.
    pub(crate) fn mixture(&self) -> Result<Mixture, CompileError> {
        Ok(Mixture {
            temperature: temperature_constant(self.temperature)?,
            share: share_word(self.share, self.temperature)?,
        })
    }
}

impl<D: Device> Session<D> {
    /// Probabilities of every class at a temperature, Q0.15, a list an image: soft targets for another network. The network must be calibrated or trained.
    pub fn soft_targets(
        &mut self,
        net: NetId,
        samples: &[Sample],
        temperature: f64,
    ) -> Result<Vec<Vec<i16>>, Error> {
        let constant = temperature_constant(temperature)?;
        let mut all = Vec::with_capacity(samples.len());
        for part in samples.chunks(self.networks[net.0].plan.batch) {
            self.rank(net, part, 1)?;
            all.extend(self.probabilities_at(net, part.len(), constant)?);
        }
        Ok(all)
    }

    /// One training step on samples with labels and soft targets, one list of probabilities a sample; `i` is its number in `descent`.
    pub fn distil(
        &mut self,
        net: NetId,
        batch: &[Sample],
        targets: &[&[i16]],
        how: &Distillation,
        descent: &Descent,
        i: usize,
    ) -> Result<(), Error> {
        let soft = how.mixture()?;
        self.check_labels(net, batch)?;
        self.check_targets(net, batch, targets)?;
        let descent = Descent {
            lr: descent.lr * (1.0 + how.share * (how.temperature - 1.0)),
            ..*descent
        };
        let rates = self.rates(net, batch.len(), &descent, i)?;
        self.before_pull(net, &rates)?;
        if self.engine.mixes_soft_targets() {
            self.distil_on_engine(net, batch, targets, soft, &rates)?;
        } else {
            self.forward(net, batch)?;
            self.host_soft_loss(net, batch, targets, soft)?;
            self.backward(net, batch, &rates)?;
        }
        self.pull_on_host(net)
    }

    /// The whole step as one program.
    fn distil_on_engine(
        &mut self,
        net: NetId,
        batch: &[Sample],
        targets: &[&[i16]],
        soft: Mixture,
        rates: &[Rate],
    ) -> Result<(), Error> {
        let job = Job::Distil {
            first: self.networks[net.0].invalid,
            labels: soft.share < SHARE_ONE,
        };
        let context = self.networks[net.0].context;
        self.engine.expect_idle(context)?;
        self.write_errors(net, targets)?;
        self.start(net, job, batch, false, Filled { rates, soft })?;
        self.finish(net, self.limit(net, job, batch.len()))?;
        self.refresh_sites(net)
    }

    /// Refuses targets that are not one for each sample with a probability for each class.
    fn check_targets(
        &self,
        net: NetId,
        batch: &[Sample],
        targets: &[&[i16]],
    ) -> Result<(), CompileError> {
        let classes = self.networks[net.0].plan.classes();
        let refused = |what, found: usize, expected| CompileError::Input {
            what,
            found: found.to_string(),
            expected,
            remedy: "make them with `soft_targets`",
        };
        if targets.len() != batch.len() {
            let expected = format!("{}, one for each sample", batch.len());
            return Err(refused("soft targets", targets.len(), expected));
        }
        match targets.iter().find(|q| q.len() != classes) {
            None => Ok(()),
            Some(q) => {
                let expected = format!("{classes}, one for each class");
                Err(refused("probabilities of a soft target", q.len(), expected))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_keeps_the_sum_and_the_share_the_ratio() {
        let how = |share, temperature| Distillation { temperature, share };
        let share = |share, t| how(share, t).mixture().map(|m| m.share);
        assert_eq!(share(0.0, 4.0), Ok(0));
        assert_eq!(share(1.0, 4.0), Ok(SHARE_ONE));
        // 0.5·3 of 0.5·3 + 0.5
        assert_eq!(share(0.5, 3.0), Ok(SHARE_ONE / 4 * 3));
        assert!(how(1.1, 1.0).validate().is_err() && how(0.5, 0.0).validate().is_err());
        assert!(how(f64::NAN, 1.0).validate().is_err());
    }
}
