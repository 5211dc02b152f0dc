//! What a trained network's weights matter for what it has learnt: the importance that elastic weight consolidation
//! (Kirkpatrick et al. 2017) holds each of them by. [`Session::hold`] does the holding.
//!
//! The engine gives the gradients; importance is integer arithmetic, so it is the same on every device.
//!
//! | number | is |
//! |---|---|
//! | importance | mean of the squared gradients of some batches, in 256ths of the mean over all weights and biases; at most 65 535 |
//! | strength | share of its distance that a weight of mean importance goes back in a step, in 65 536ths |
//! | pull | [`Pull`](tandem_isa::numerics::Pull) |

use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::session::{NetId, Sample, Session};
use crate::train::Descent;
use tandem_isa::numerics::{BIAS_F, MOMENTUM_EXTRA_F};

/// Importance of a weight that is as important as the mean.
const MEAN: u128 = 256;
/// Rate of the steps that gradients are taken from: momenta then hold the most bits of them without clipping.
const RATE: f64 = 0.25;

/// Where weights stood, and how much hangs on each: weights and biases of every stage, in logical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consolidation {
    /// Words of the weights.
    pub old: Vec<Vec<i16>>,
    /// Their importance.
    pub importance: Vec<Vec<u16>>,
}

/// Sums of squares of tensors in formats `f`, as importances.
fn importance(sums: &[Vec<u64>], f: &[i32]) -> Vec<Vec<u16>> {
    let most = f.iter().copied().max().unwrap_or(0);
    // A square has twice the bits below the point.
    let shift = |f: i32| (2 * (most - f)).clamp(0, 40) as u32;
    let tensors = || sums.iter().zip(f);
    let total: u128 = tensors()
        .flat_map(|(t, &f)| t.iter().map(move |&s| u128::from(s) << shift(f)))
        .sum();
    let count: u128 = sums.iter().map(|t| t.len() as u128).sum();
    let of = |s: u64, f: i32| {
        let scaled = (u128::from(s) << shift(f)) * MEAN * count;
        let rounded = (scaled + total / 2).checked_div(total).unwrap_or(0);
        rounded.min(u16::MAX.into()) as u16
    };
    tensors()
        .map(|(t, &f)| t.iter().map(|&s| of(s, f)).collect())
        .collect()
}

impl Consolidation {
    /// With what an earlier one held important, too; where it stood is forgotten.
    pub fn with(mut self, earlier: &Consolidation) -> Consolidation {
        let tensors = self.importance.iter_mut().zip(&earlier.importance);
        for (now, before) in tensors {
            for (now, before) in now.iter_mut().zip(before) {
                *now = now.saturating_add(*before);
            }
        }
        self
    }
}

impl<D: Device> Session<D> {
    /// Where a trained network stands, and what its weights matter for `samples`, which are looked at in batches of `batch`. The network
    /// is as it was afterwards. Needs a network installed for training that has done a step; none of its stages may be frozen.
    pub fn consolidate(
        &mut self,
        net: NetId,
        samples: &[Sample],
        batch: usize,
    ) -> Result<Consolidation, Error> {
        if !self.plan(net).training || samples.is_empty() || batch == 0 {
            return Err(CompileError::Input {
                what: "consolidation",
                found: format!("{} samples in batches of {batch}", samples.len()),
                expected: "some, and a network that is installed for training".into(),
                remedy: "give samples of what was learnt",
            }
            .into());
        }
        // Gradients are looked at without a pull.
        let held = self.networks[net.0].held.take();
        let found = self.looked_at(net, samples, batch);
        self.networks[net.0].held = held;
        found
    }

    fn looked_at(
        &mut self,
        net: NetId,
        samples: &[Sample],
        batch: usize,
    ) -> Result<Consolidation, Error> {
        let state = self.state(net)?;
        let old = self.words(net)?;
        let mut sums: Vec<Vec<u64>> = old.iter().map(|t| vec![0; t.len()]).collect();
        // Without momentum and decay a momentum is the gradient by the rate.
        let descent = Descent {
            lr: RATE,
            momentum: 0.0,
            weight_decay: 0.0,
            steps: 0,
            cosine: false,
        };
        for (i, part) in samples.chunks(batch).enumerate() {
            self.step(net, part, &descent, i)?;
            for (sums, words) in sums.iter_mut().zip(self.momenta(net)?) {
                for (sum, v) in sums.iter_mut().zip(words) {
                    *sum += u64::from(v.unsigned_abs()).pow(2);
                }
            }
            let key = self.networks[net.0].key;
            self.restore(net, &state)?;
            // Each step draws random words of its own.
            self.networks[net.0].key = key;
        }
        self.networks[net.0].key = state.key;
        let formats = self.networks[net.0].formats.clone();
        let of = |f: i32| [f, BIAS_F].map(|f| f + MOMENTUM_EXTRA_F);
        let formats: Vec<i32> = formats.into_iter().flat_map(of).collect();
        let importance = importance(&sums, &formats);
        Ok(Consolidation { old, importance })
    }

    /// Momenta of every stage's weights and biases, in logical order; empty where nothing is trained.
    fn momenta(&mut self, net: NetId) -> Result<Vec<Vec<i16>>, Error> {
        let lanes = self.engine.config().lanes;
        let mut all = Vec::new();
        for s in self.networks[net.0].plan.stages.clone() {
            if !s.stage.is_trained() {
                all.extend([Vec::new(), Vec::new()]);
                continue;
            }
            let count = s.view.engine.words(lanes) * lanes;
            let v = self.engine.read_lanes(s.w.v.into(), count)?;
            all.push(s.view.from_engine(lanes, &v));
            all.push(self.engine.read_lanes(s.b.v.into(), s.stage.biases())?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn importance_is_in_parts_of_the_mean_whatever_the_formats() {
        let found = importance(&[vec![0, 30], vec![10, 40]], &[18, 18]);
        assert_eq!(found, [vec![0, 384], vec![128, 512]]);
        // One bit less below the point: squares four times as large.
        let found = importance(&[vec![0, 30], vec![10, 10]], &[18, 17]);
        assert_eq!(found, [vec![0, 279], vec![372, 372]]);
        let one = importance(&[vec![0; 999], vec![7]], &[18, 18]);
        assert_eq!((one[0][0], one[1][0]), (0, 65_535));
        assert_eq!(importance(&[vec![0, 0]], &[18]), [vec![0, 0]]);
    }

    #[test]
    fn importances_add_up() {
        let of = |old: i16, importance: u16| Consolidation {
            old: vec![vec![old]],
            importance: vec![vec![importance]],
        };
        assert_eq!(of(5, 40_000).with(&of(1, 2)), of(5, 40_002));
        assert_eq!(of(5, 40_000).with(&of(1, 40_000)), of(5, u16::MAX));
    }
}
