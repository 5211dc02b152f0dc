//! Elastic weights: every step of a training pulls each weight back to where it stood, the more so the more an old task hung on it
//! ([`Consolidation`], Kirkpatrick et al. 2017).
//!
//! An engine with elastic updates does it in the update itself, with one rounding; old weights and their importance stand in its memory.
//! For others the host makes the weights of a step anew, from those before and the momenta after it, by the same function of `isa`, so
//! every device gives the same bits. Over a slow link that takes longer than the step.

use crate::consolidation::Consolidation;
use crate::device::Device;
use crate::error::{CompileError, Error};
use crate::plan::{HeldPlan, StagePlan};
use crate::session::{NetId, Rate, Session};
use tandem_isa::layout::Weights;
use tandem_isa::numerics::{hash16, stepped, Pull};

/// What a network's weights are pulled back to.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    /// Of 65 536: share of its distance that a weight of mean importance goes back in a step at the full rate.
    pub(crate) strength: u16,
    /// As they stand in memory, of weights and biases of every stage.
    tensors: Vec<[Tensor; 2]>,
    /// The step that is under way, where the host is to pull.
    before: Option<Before>,
}

/// Weights before a step, of every stage, and its rates.
#[derive(Clone, Debug)]
struct Before {
    words: Vec<[Vec<i16>; 2]>,
    rates: Vec<Rate>,
}

/// Old words and their importance.
#[derive(Clone, Debug, Default)]
struct Tensor {
    old: Vec<i16>,
    importance: Vec<i16>,
}

impl<D: Device> Session<D> {
    /// From now on every step pulls each weight back to where it stood, until [`Session::release`]. A weight of mean importance goes back by
    /// `strength` 65 536ths of its distance in a step at the rate a training begins with; with the rate that falls. No weight goes past
    /// its old place. Stages that are frozen stay as they are.
    pub fn hold(&mut self, net: NetId, to: &Consolidation, strength: u16) -> Result<(), Error> {
        self.check_held(net, to)?;
        let config = *self.engine.config();
        let stages = self.networks[net.0].plan.stages.clone();
        let tensors: Vec<[Tensor; 2]> = (stages.iter().enumerate())
            .map(|(i, s)| {
                let of = |t: usize| -> (&[i16], Vec<i16>) {
                    let importance = to.importance[2 * i + t].iter();
                    (&to.old[2 * i + t], importance.map(|&u| u as i16).collect())
                };
                if !s.stage.is_trained() {
                    return Default::default();
                }
                let weights = |words: &[i16]| s.view.to_engine(config.lanes, words);
                let biases = |words: &[i16]| {
                    let mut words = words.to_vec();
                    words.resize(words.len().next_multiple_of(config.lanes), 0);
                    words
                };
                let (w, b) = (of(0), of(1));
                [
                    Tensor {
                        old: weights(w.0),
                        importance: weights(&w.1),
                    },
                    Tensor {
                        old: biases(b.0),
                        importance: biases(&b.1),
                    },
                ]
            })
            .collect();
        if config.has_elastic {
            self.networks[net.0].plan.hold(&config, &mut self.memory)?;
            if let Some(HeldPlan { tensors: at, .. }) = self.networks[net.0].plan.held.clone() {
                for (words, at) in tensors.iter().flatten().zip(at.iter().flatten()) {
                    self.engine.write_lanes(at.old.into(), &words.old)?;
                    let importance = &words.importance;
                    self.engine.write_lanes(at.importance.into(), importance)?;
                }
            }
        }
        self.networks[net.0].held = Some(Hold {
            strength,
            tensors,
            before: None,
        });
        Ok(())
    }

    /// Weights are not pulled back any more.
    pub fn release(&mut self, net: NetId) {
        self.networks[net.0].held = None;
    }

    /// Whether a network's weights are pulled back.
    pub fn is_held(&self, net: NetId) -> bool {
        self.networks[net.0].held.is_some()
    }

    /// Refuses what is not of this network.
    fn check_held(&mut self, net: NetId, to: &Consolidation) -> Result<(), Error> {
        let refused = |found, expected| CompileError::Input {
            what: "consolidation",
            found,
            expected,
            remedy: "use the one of this network, installed for training",
        };
        if !self.plan(net).training {
            let expected = "one that is installed for training".into();
            return Err(refused("a network for inference".into(), expected).into());
        }
        let sizes: Vec<usize> = self.words(net)?.iter().map(Vec::len).collect();
        let old: Vec<usize> = to.old.iter().map(Vec::len).collect();
        let important: Vec<usize> = to.importance.iter().map(Vec::len).collect();
        match [old, important].into_iter().find(|found| *found != sizes) {
            None => Ok(()),
            Some(found) => {
                let found = format!("tensors of {found:?}");
                Err(refused(found, format!("{sizes:?}")).into())
            }
        }
    }

    /// Before a step with these rates: keeps the weights, where the host is to pull them.
    pub(crate) fn before_pull(&mut self, net: NetId, rates: &[Rate]) -> Result<(), Error> {
        if self.networks[net.0].held.is_none() || self.engine.config().has_elastic {
            return Ok(());
        }
        let stages = self.networks[net.0].plan.stages.clone();
        let mut words = Vec::with_capacity(stages.len());
        for (i, s) in stages.iter().enumerate() {
            words.push(match self.learns(net, i) {
                true => self.both(s, |s| [s.w.w, s.b.w])?,
                false => Default::default(),
            });
        }
        if let Some(held) = &mut self.networks[net.0].held {
            let rates = rates.to_vec();
            held.before = Some(Before { words, rates });
        }
        Ok(())
    }

    /// After the step: writes the weights as an engine with elastic updates would have.
    pub(crate) fn pull_on_host(&mut self, net: NetId) -> Result<(), Error> {
        let held = self.networks[net.0].held.as_mut();
        let Some(Before { mut words, rates }) = held.and_then(|h| h.before.take()) else {
            return Ok(());
        };
        let lanes = self.engine.config().lanes;
        let stages = self.networks[net.0].plan.stages.clone();
        for (i, (s, words)) in stages.iter().zip(&mut words).enumerate() {
            if !self.learns(net, i) {
                continue;
            }
            let momenta = self.both(s, |s| [s.w.v, s.b.v])?;
            let indices = [
                indices(s.view.engine, lanes),
                (0..s.stage.co).map(|c| (c, c as u32)).collect(),
            ];
            let Some(held) = &self.networks[net.0].held else {
                return Ok(());
            };
            for t in 0..2 {
                let (tensor, rate) = (&held.tensors[i][t], rates[2 * i + t]);
                for &(at, index) in &indices[t] {
                    let importance = tensor.importance[at] as u16;
                    let pull = Pull::new(tensor.old[at], importance, rate.strength);
                    let random = hash16(index, rate.key_w);
                    words[t][at] = stepped(words[t][at], momenta[t][at], pull, random);
                }
            }
            self.engine.write_lanes(s.w.w.into(), &words[0])?;
            self.engine.write_lanes(s.b.w.into(), &words[1])?;
        }
        Ok(())
    }

    /// Whether the weights of stage `i` change.
    fn learns(&self, net: NetId, i: usize) -> bool {
        let n = &self.networks[net.0];
        n.plan.stages[i].stage.is_trained() && !n.options.frozen.contains(i)
    }

    /// Words of a stage's weights and biases at these places, as they stand in memory.
    fn both(
        &mut self,
        s: &StagePlan,
        at: fn(&StagePlan) -> [u32; 2],
    ) -> Result<[Vec<i16>; 2], Error> {
        let lanes = self.engine.config().lanes;
        let [w, b] = at(s).map(u64::from);
        let weights = s.view.engine.words(lanes) * lanes;
        let biases = s.stage.co.next_multiple_of(lanes);
        Ok([
            self.engine.read_lanes(w, weights)?,
            self.engine.read_lanes(b, biases)?,
        ])
    }
}

/// Of every weight: where it stands, and the index its random words are drawn by.
fn indices(s: Weights, lanes: usize) -> Vec<(usize, u32)> {
    let mut all = Vec::with_capacity(s.co * s.ci * s.kh * s.kw);
    for co in 0..s.co {
        for ci in 0..s.ci {
            for ky in 0..s.kh {
                for kx in 0..s.kw {
                    let index = s.index(co, ci, ky, kx) as u32;
                    all.push((s.at(lanes, co, ci, ky, kx), index));
                }
            }
        }
    }
    all
}
