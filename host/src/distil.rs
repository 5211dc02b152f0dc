//! Training on soft targets: what another network thinks of a sample, at a temperature, mixed with its label.
//!
//! Of logits z, targets q (probabilities at temperature T), a label y and a share s of the soft part, the loss is
//! s·T²·CE(softmax(z/T), q) + (1 − s)·CE(softmax(z), y) (Hinton et al. 2015, arXiv 1503.02531). Its derivative by z is
//! s·T·(p_T − q) + (1 − s)·(p_1 − y): a mean of the two gradients, which fits a word, times s·T + 1 − s, which the learning rate carries.
//!
//! The softmax and the gradient are computed by the host between the two halves of a step, by the functions of `isa`, on any engine.

use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::session::{NetId, Sample, Session};
use crate::train::Descent;
use tandem_isa::numerics::{gradient_hard, gradient_soft, temperature_constant, TEMPERATURE_ONE};

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
        temperature_constant(self.temperature)?;
        if (0.0..=1.0).contains(&self.share) {
            return Ok(());
        }
        Err(CompileError::Input {
            what: "share of soft targets",
            found: self.share.to_string(),
            expected: "0 to 1".into(),
            remedy: "0 trains on labels alone, 1 on soft targets alone",
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
        how.validate()?;
        if targets.len() != batch.len() {
            return Err(CompileError::Input {
                what: "soft targets",
                found: targets.len().to_string(),
                expected: format!("{}, one for each sample", batch.len()),
                remedy: "make them with `soft_targets`",
            }
            .into());
        }
        let descent = Descent {
            lr: descent.lr * (1.0 + how.share * (how.temperature - 1.0)),
            ..*descent
        };
        let rates = self.rates(net, batch.len(), &descent, i)?;
        self.forward(net, batch)?;
        let n = batch.len();
        let constant = temperature_constant(how.temperature)?;
        let soft = self.probabilities_at(net, n, constant)?;
        let hard = self.probabilities_at(net, n, TEMPERATURE_ONE)?;
        let mut errors = Vec::with_capacity(n);
        for (((p, p1), target), sample) in soft.iter().zip(&hard).zip(targets).zip(batch) {
            let (mut a, mut b) = (vec![0; p.len()], vec![0; p.len()]);
            gradient_soft(p, target, &mut a)?;
            gradient_hard(p1, sample.label.into(), &mut b)?;
            errors.push(mixed(&a, &b, how));
        }
        self.write_errors(net, &errors)?;
        self.backward(net, batch, &rates)
    }
}

/// The two gradients by their shares: a mean, so that it fits a word; the learning rate carries T for the soft share and 1 for the rest.
fn mixed(soft: &[i16], hard: &[i16], how: &Distillation) -> Vec<i16> {
    let (s, t) = (how.share, how.temperature);
    let all = s * t + (1.0 - s);
    let each = |(&a, &b): (&i16, &i16)| {
        let v = (s * t * f64::from(a) + (1.0 - s) * f64::from(b)) / all;
        v.round_ties_even() as i16
    };
    soft.iter().zip(hard).map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_a_mean_of_both() {
        let how = |share, temperature| Distillation { temperature, share };
        let (a, b) = ([30_000, -7], [-32_767, 8]);
        assert_eq!(mixed(&a, &b, &how(0.0, 4.0)), b);
        assert_eq!(mixed(&a, &b, &how(1.0, 4.0)), a);
        // 0.5·3·30000 + 0.5·−32767 over 0.5·3 + 0.5
        assert_eq!(mixed(&a, &b, &how(0.5, 3.0)), [14_308, -3]);
        assert!(how(1.1, 1.0).validate().is_err() && how(0.5, 0.0).validate().is_err());
    }
}
