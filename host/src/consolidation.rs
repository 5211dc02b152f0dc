//! Elastic weight consolidation (Kirkpatrick et al. 2017), on the host and in integers: after each step of a new task every weight is
//! pulled back to where it stood, the more so the more the old task hung on it.
//!
//! The engine gives the gradients; importance, rounding and pull are integer arithmetic, so the weights are the same on every device.
//! It is no part of the update unit: there it would take two more streams of words, the old weight and its importance.
//!
//! | number | is |
//! |---|---|
//! | importance | mean of the squared gradients of some batches, in 256ths of the mean over all weights and biases; at most 65 535 |
//! | strength | share of its distance that a weight of mean importance goes back in a step, in 65 536ths |
//! | pull | [`pulled`] |

use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::session::{NetId, Sample, Session};
use crate::train::Descent;
use tandem_isa::numerics::{clamp_q, hash16, next_key, r_shift, BIAS_F, MOMENTUM_EXTRA_F};

/// Bits of the product of importance and strength that are below the point.
const SHIFT: u32 = 24;
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

/// A weight after the pull: `w − r_shift(min(importance·strength, 2^24)·(w − old), 24, random)`, so that none goes past its old place. Rounded
/// stochastically: to nearest, what is pulled by less than half a step of its format would never move.
pub fn pulled(w: i16, old: i16, importance: u16, strength: u16, random: u16) -> i16 {
    let share = (i64::from(importance) * i64::from(strength)).min(1 << SHIFT);
    let distance = i64::from(w) - i64::from(old);
    clamp_q(i64::from(w) - r_shift(share * distance, SHIFT, random))
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

    /// Pulls a network's weights to where they stood; `key` decides how it is rounded and is to be another one every time. Momenta stay.
    pub fn pull(
        &mut self,
        net: NetId,
        to: &Consolidation,
        strength: u16,
        key: u32,
    ) -> Result<(), Error> {
        let mut words = self.words(net)?;
        let sizes = |t: &[Vec<i16>]| t.iter().map(Vec::len).collect::<Vec<_>>();
        let important: Vec<usize> = to.importance.iter().map(Vec::len).collect();
        if sizes(&words) != sizes(&to.old) || sizes(&words) != important {
            return Err(CompileError::Input {
                what: "consolidation",
                found: format!("tensors of {important:?}"),
                expected: format!("{:?}", sizes(&words)),
                remedy: "use the one of this network",
            }
            .into());
        }
        let mut key = key;
        let places = to.old.iter().zip(&to.importance);
        for (tensor, (old, importance)) in words.iter_mut().zip(places) {
            key = next_key(key);
            let places = old.iter().zip(importance).enumerate();
            for (w, (i, (&old, &importance))) in tensor.iter_mut().zip(places) {
                *w = pulled(*w, old, importance, strength, hash16(i as u32, key));
            }
        }
        self.set_words(net, &words)
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

    /// Writes words as [`Session::words`] gives them; formats and momenta stay.
    fn set_words(&mut self, net: NetId, words: &[Vec<i16>]) -> Result<(), Error> {
        let lanes = self.engine.config().lanes;
        let stages = self.networks[net.0].plan.stages.clone();
        for (s, tensors) in stages.iter().zip(words.chunks_exact(2)) {
            if !s.stage.is_trained() {
                continue;
            }
            let engine = s.view.to_engine(lanes, &tensors[0]);
            self.engine.write_lanes(s.w.w.into(), &engine)?;
            let mut biases = tensors[1].clone();
            biases.resize(biases.len().next_multiple_of(lanes), 0);
            self.engine.write_lanes(s.b.w.into(), &biases)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_goes_back_by_its_share_and_not_further() {
        // Mean importance, half of the distance.
        assert_eq!(pulled(100, 20, 256, 32_768, 0x8000), 60);
        assert_eq!(pulled(-100, 20, 256, 32_768, 0x8000), -40);
        // Twice as important: all of it; more: no further.
        for importance in [512, 60_000] {
            assert_eq!(pulled(100, 20, importance, 32_768, 0x8000), 20);
        }
        assert_eq!(
            pulled(i16::MAX, -i16::MAX, u16::MAX, u16::MAX, 0),
            -i16::MAX
        );
        for random in [0, 0x8000, 0xffff] {
            assert_eq!(pulled(100, 20, 0, 65_535, random), 100);
            assert_eq!(pulled(20, 20, 256, 65_535, random), 20);
        }
    }

    #[test]
    fn small_pulls_are_made_on_average() {
        // A hundredth of a step: one of a hundred weights moves by one.
        let moved: i32 = (0..65_536u32)
            .map(|r| 50 - i32::from(pulled(50, 49, 256, 655, r as u16)))
            .sum();
        assert!((moved - 655).abs() <= 1, "{moved}");
    }

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
