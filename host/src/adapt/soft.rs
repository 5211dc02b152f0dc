//! What the teacher thinks of the kept samples, beside their labels: soft targets of the student's training.
//!
//! They are made of the logits that labelling leaves in memory, so they cost the engine nothing. A sample that the selector lets go loses its target.
//! Those of a few classes are packed ([`tandem_isa::numerics::pack_target`]) and become a row of all classes when a batch is put together.

use super::error::{unfit, AdaptError};
use super::job::Job;
use super::plan::Phase;
use super::state;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::device::Device;
use crate::distil::Distillation;
use crate::error::CompileError;
use crate::session::{NetId, Sample};
use crate::train::Descent;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tandem_isa::numerics::{expand_target, pack_target, PACKED_CLASSES, QMAX};

/// How the student learns from the teacher's probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftTargets {
    /// Their share of the loss, 0 to 1; the rest is the labels'. 0: labels alone.
    pub share: f64,
    /// Temperature of the teacher's probabilities and the student's.
    pub temperature: f64,
    /// Classes of a sample whose probabilities are kept, its best, in 256ths; 0: those of all classes.
    #[serde(default)]
    pub classes: usize,
}

impl Default for SoftTargets {
    /// None.
    fn default() -> SoftTargets {
        SoftTargets {
            share: 0.0,
            temperature: 2.0,
            classes: 0,
        }
    }
}

impl SoftTargets {
    /// Whether there are any.
    pub fn are_used(&self) -> bool {
        self.share > 0.0
    }

    /// What is kept of probabilities, Q0.15: all, or words of the best classes.
    pub fn keep(&self, p: Vec<i16>) -> Result<Vec<i16>, AdaptError> {
        if self.classes == 0 {
            return Ok(p);
        }
        let mut words = vec![0; self.classes];
        pack_target(&p, &mut words).map_err(CompileError::from)?;
        Ok(words.into_iter().map(|w| w as i16).collect())
    }

    /// The probabilities of so many classes, Q0.15, from what was kept.
    pub fn expand(&self, kept: &[i16], classes: usize) -> Result<Vec<i16>, AdaptError> {
        if self.classes == 0 {
            return Ok(kept.to_vec());
        }
        let words: Vec<u16> = kept.iter().map(|&w| w as u16).collect();
        let mut row = vec![0; classes];
        expand_target(&words, &mut row).map_err(CompileError::from)?;
        Ok(row)
    }

    /// Words that are kept of a sample.
    fn words(&self, classes: usize) -> usize {
        match self.classes {
            0 => classes,
            few => few,
        }
    }

    /// Refuses more classes than there are, or than can be packed.
    pub(super) fn check(&self, classes: usize) -> Result<(), AdaptError> {
        if !self.are_used() || self.classes == 0 {
            return Ok(());
        }
        let most = classes.min(PACKED_CLASSES);
        let packed = classes <= PACKED_CLASSES;
        if packed && self.classes <= most {
            return Ok(());
        }
        let found = format!("{} of {classes}", self.classes);
        let expected = format!("at most {most}, of at most {PACKED_CLASSES}");
        let remedy = "keep the probabilities of all classes, with 0";
        Err(unfit("classes of a soft target", found, expected, remedy))
    }

    fn distillation(&self) -> Distillation {
        Distillation {
            temperature: self.temperature,
            share: self.share,
        }
    }
}

/// The kept samples' targets by slot, each with its sample's number in the stream.
pub(super) type Targets = BTreeMap<usize, (u32, Vec<i16>)>;

impl<D: Device> Job<'_, D> {
    /// Drops targets of slots that hold no sample any more.
    pub(super) fn drop_targets(&mut self) {
        if let Some(labeller) = &self.labeller {
            for slot in labeller.free() {
                self.targets.remove(slot);
            }
        }
    }

    /// The target of a sample; of a labelled image its label.
    fn target(&self, sample: &Sample) -> Result<Vec<i16>, AdaptError> {
        let classes = self.material.classes.len();
        if let Some((_, kept)) = self.targets.get(&sample.slot) {
            return self.plan.soft.expand(kept, classes);
        }
        let mut target = vec![0; classes];
        if let Some(of) = target.get_mut(usize::from(sample.label)) {
            *of = QMAX;
        }
        Ok(target)
    }

    /// A training step, on labels or on soft targets.
    pub(super) fn learn(
        &mut self,
        net: NetId,
        phase: Phase,
        batch: &[Sample],
        descent: &Descent,
    ) -> Result<(), AdaptError> {
        let (soft, i) = (self.plan.soft, self.state.done);
        if phase != Phase::Student || !soft.are_used() {
            return Ok(self.session.step(net, batch, descent, i)?);
        }
        let targets = batch.iter().map(|s| self.target(s));
        let targets: Vec<Vec<i16>> = targets.collect::<Result<_, _>>()?;
        let targets: Vec<&[i16]> = targets.iter().map(Vec::as_slice).collect();
        let how = soft.distillation();
        Ok(self
            .session
            .distil(net, batch, &targets, &how, descent, i)?)
    }

    /// The targets for a checkpoint, by the samples' numbers in the stream: slots are given out anew after a stop.
    pub(super) fn target_bytes(&self) -> Vec<u8> {
        let of = |(arrival, words): &(u32, Vec<i16>)| (*arrival as usize, words.clone());
        state::samples_bytes(&self.targets.values().map(of).collect())
    }

    /// Takes the targets out of a checkpoint; `held` says where each sample stands now.
    pub(super) fn load_targets(
        &mut self,
        checkpoint: &Checkpoint,
        held: impl IntoIterator<Item = (u32, usize)>,
    ) -> Result<(), AdaptError> {
        if !self.plan.soft.are_used() {
            return Ok(());
        }
        let mut saved = state::samples_from(checkpoint.section(state::TARGETS)?)?;
        let expected = self.plan.soft.words(self.material.classes.len());
        for (arrival, slot) in held {
            // An event's is its label.
            if self.events.contains_key(&(arrival as usize)) {
                continue;
            }
            let found = saved.remove(&(arrival as usize));
            let whole = found.filter(|words| words.len() == expected);
            let words = whole.ok_or_else(|| {
                let found = format!("none of sample {arrival}");
                let expected = "one of every kept sample";
                CheckpointError::content("checkpoint", "soft targets", found, expected)
            })?;
            self.targets.insert(slot, (arrival, words));
        }
        Ok(())
    }
}
