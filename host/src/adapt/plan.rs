//! Settings of a job: what it does and in which phases, checked in one place.

use super::events::Events;
use super::gate::Gate;
use super::layers::TuneLayers;
use super::soft::SoftTargets;
use crate::augment::Augmentation;
use crate::lr::LrSchedule;
use crate::study;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tandem_isa::selection::{KeyMode, Rules};
use tandem_isa::Config;

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// A teacher labels a stream, a student learns from what was kept and is fine-tuned on the labelled images.
    Adapt,
    /// A student learns from the labelled images alone.
    Train,
    /// A teacher labels a stream; what was kept is listed.
    Label,
}

/// A part of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The student trained on the labelled images only: of [`Task::Adapt`] what it is compared with.
    Supervised,
    /// The teacher's accuracy on the hold-out.
    Teacher,
    /// The teacher labels the stream, the selector keeps.
    Labelling,
    /// The student learns from what was kept.
    Student,
    /// The student learns from the labelled images.
    FineTuning,
    /// The first of all where there is a gate: the accuracy of a student that was given with weights, before it learns. Random words of
    /// the phases hang on their order here, so it stands behind them.
    Before,
    /// Before labelling: a copy of the teacher learns from the labelled images, and labels in its place.
    TeacherTuning,
}

impl Phase {
    /// Its name in records and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Before => "before",
            Phase::Supervised => "supervised",
            Phase::Teacher => "teacher",
            Phase::TeacherTuning => "teacher-tuning",
            Phase::Labelling => "labelling",
            Phase::Student => "student",
            Phase::FineTuning => "fine-tuning",
        }
    }
}

/// What ranks a sample within its class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// The teacher's confidence: the best-ranked are kept.
    #[default]
    Confidence,
    /// The most recent are kept.
    Recent,
    /// A uniform draw from the whole stream.
    Random,
    /// A uniform draw from those whose confidence reaches the threshold.
    RandomAbove,
}

impl Key {
    /// All of them.
    pub const ALL: [Key; 4] = [Key::Confidence, Key::Recent, Key::Random, Key::RandomAbove];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Key::Confidence => "confidence",
            Key::Recent => "recent",
            Key::Random => "random",
            Key::RandomAbove => "random-above",
        }
    }

    const fn mode(self) -> KeyMode {
        match self {
            Key::Confidence => KeyMode::Confidence,
            Key::Recent => KeyMode::Arrival,
            Key::Random => KeyMode::Hash,
            Key::RandomAbove => KeyMode::HashAbove,
        }
    }
}

/// Sizes and settings of a job. [`AdaptPlan::new`] has those of the demo's shifted domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdaptPlan {
    /// What it is for.
    pub task: Task,
    /// Seed of initial weights, batches, rounding and random keys.
    pub seed: u32,
    /// Images of a training batch.
    pub batch: usize,
    /// Images of an inference batch.
    pub infer_batch: usize,
    /// Images the student is trained on before fine-tuning, repeats counted; of [`Task::Train`] all there are.
    pub images: usize,
    /// Images it is fine-tuned on, repeats counted.
    pub tune_images: usize,
    /// Learning rate at the start.
    pub lr: f64,
    /// Learning rate of the fine-tuning, at its start.
    pub tune_lr: f64,
    /// Layers that the fine-tuning changes.
    #[serde(default)]
    pub tune_layers: TuneLayers,
    /// How learning rates go on from step to step.
    #[serde(default)]
    pub schedule: LrSchedule,
    /// Images the teacher is fine-tuned on before it labels, repeats counted; 0: it labels as it is.
    #[serde(default)]
    pub teacher_images: usize,
    /// Learning rate of that, at its start.
    #[serde(default)]
    pub teacher_lr: f64,
    /// Momentum.
    pub momentum: f64,
    /// Weight decay (weights only).
    pub weight_decay: f64,
    /// Samples kept in each class (K).
    pub k: u16,
    /// Most classes a sample may enter (P).
    pub top: u8,
    /// What ranks a sample.
    pub key: Key,
    /// Lowest confidence for [`Key::RandomAbove`], 0 to 1.
    pub threshold: f64,
    /// Lowest confidence for every key, 0 to 1.
    pub min_confidence: f64,
    /// Samples of the stream between two that a class takes.
    pub spacing: u32,
    /// Images of the stream after which those before leave for any that are newer; 0: they stay.
    #[serde(default)]
    pub refresh: u32,
    /// Images of the stream that came with a label.
    #[serde(default)]
    pub events: Events,
    /// Classes that keep nothing, by name.
    #[serde(default)]
    pub mask: Vec<String>,
    /// Samples kept in classes that keep fewer than K, by name.
    #[serde(default)]
    pub quotas: BTreeMap<String, u16>,
    /// Whether the supervised baseline is trained, too.
    pub baseline: bool,
    /// Training steps between two looks at the hold-out; 0: only at the end of a phase.
    pub evaluate_every: usize,
    /// Share of labelled images in the training on the kept set, 0 to 1.
    #[serde(default)]
    pub mix: f64,
    /// How the student learns from the teacher's probabilities.
    #[serde(default)]
    pub soft: SoftTargets,
    /// How images are changed when they are drawn for training.
    #[serde(default)]
    pub augment: Augmentation,
    /// How far the student must be ahead of what runs so far to replace it; where there is a hold-out, and something that runs.
    #[serde(default)]
    pub gate: Gate,
}

impl AdaptPlan {
    /// The settings of [`study::Plan::shifted`], with a baseline and ten looks at the hold-out a phase.
    pub fn new(task: Task, seed: u32) -> AdaptPlan {
        let study = study::Plan::shifted(seed);
        AdaptPlan {
            task,
            seed,
            batch: study.batch,
            infer_batch: study.infer_batch,
            images: study.images,
            tune_images: study.tune_images,
            lr: study.lr,
            tune_lr: study.tune_lr,
            tune_layers: TuneLayers::All,
            schedule: LrSchedule::Cosine,
            teacher_images: 0,
            teacher_lr: study.tune_lr,
            momentum: 0.9,
            weight_decay: study.weight_decay,
            k: study.rules.k,
            top: study.top,
            key: Key::Confidence,
            threshold: 0.5,
            min_confidence: 0.0,
            spacing: 0,
            refresh: 0,
            events: Events::new(),
            mask: Vec::new(),
            quotas: BTreeMap::new(),
            baseline: true,
            evaluate_every: 50,
            mix: 0.0,
            soft: SoftTargets::default(),
            augment: Augmentation::default(),
            gate: Gate::Deviation,
        }
    }

    /// The K that suits a stream: five eighths of its share of a class, as much as the engine's selector holds.
    pub fn k_for(stream: usize, classes: usize, config: &Config) -> u16 {
        let share = 5 * stream / (8 * classes.max(1));
        let room = if config.has_selector {
            let entries = (1usize << config.entry_bits) / classes.max(1);
            1 << entries.max(2).ilog2()
        } else {
            usize::from(u16::MAX) / classes.max(1)
        };
        share.min(room).clamp(1, 500) as u16
    }

    /// The phases, in order; `given` is a student that comes with weights.
    pub fn phases(&self, held_out: bool, given: bool) -> Vec<Phase> {
        match self.task {
            Task::Train => vec![Phase::Supervised],
            Task::Label => vec![Phase::Labelling],
            Task::Adapt => {
                let mut phases = Vec::new();
                if self.running(held_out, given) == Some(Phase::Before) {
                    phases.push(Phase::Before);
                }
                if self.baseline && held_out {
                    phases.push(Phase::Supervised);
                }
                if held_out {
                    phases.push(Phase::Teacher);
                }
                if self.tunes_teacher() {
                    phases.push(Phase::TeacherTuning);
                }
                phases.extend([Phase::Labelling, Phase::Student]);
                if self.tune_images > 0 {
                    phases.push(Phase::FineTuning);
                }
                phases
            }
        }
    }

    /// Whether the teacher learns from the labelled images first.
    pub(super) fn tunes_teacher(&self) -> bool {
        self.task == Task::Adapt && self.teacher_images > 0
    }

    /// Training steps of a phase; 0 of one that does not train.
    pub fn steps(&self, phase: Phase) -> usize {
        let images = match phase {
            Phase::Supervised if self.task == Task::Train => self.images,
            Phase::Supervised => self.images + self.tune_images,
            Phase::Student => self.images,
            Phase::FineTuning => self.tune_images,
            Phase::TeacherTuning => self.teacher_images,
            Phase::Before | Phase::Teacher | Phase::Labelling => 0,
        };
        images / self.batch.max(1)
    }

    /// The selector's rules.
    pub fn rules(&self) -> Rules {
        let q15 = |p: f64| (p * 32768.0).round().clamp(0.0, 32767.0) as u16;
        Rules {
            k: self.k,
            mode: self.key.mode(),
            threshold: q15(self.threshold),
            min_confidence: q15(self.min_confidence),
            spacing: self.spacing,
            refresh: self.refresh,
            hash_key: self.seed.wrapping_mul(0x9e37_79b9) ^ 12_345,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_survives_its_file() {
        let mut plan = AdaptPlan::new(Task::Adapt, 3);
        plan.lr = 0.1 + 0.2;
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<AdaptPlan>(&text).unwrap(), plan);
        assert!(text.contains("\"key\":\"confidence\""), "{text}");
        let more = text.replacen('{', "{\"speed\":1,", 1);
        assert!(serde_json::from_str::<AdaptPlan>(&more).is_err());
    }

    #[test]
    fn k_follows_stream_and_selector() {
        let of = |name| Config::named(name).unwrap();
        assert_eq!(AdaptPlan::k_for(8000, 10, of("8x16")), 500);
        assert_eq!(AdaptPlan::k_for(2000, 10, of("8x16")), 125);
        assert_eq!(AdaptPlan::k_for(100_000, 60, of("8x16")), 128);
        assert_eq!(AdaptPlan::k_for(3, 10, of("8x16")), 1);
        assert_eq!(AdaptPlan::k_for(8000, 10, of("cu")), 500);
    }
}
