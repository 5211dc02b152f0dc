//! What a study comes to, and how its halves are put together.

use crate::counters::Counters;
use crate::label::Counts;
use crate::parameters::Digest;

/// Accuracies in percent, and what the hardware did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Student trained on the clean samples only.
    pub supervised: f64,
    /// The same on augmented samples.
    pub supervised_augmented: Option<f64>,
    /// Teacher.
    pub teacher: f64,
    /// Student after the kept set.
    pub pretrained: f64,
    /// Student after fine-tuning.
    pub finetuned: f64,
    /// Of the labels given to kept samples, how many were right.
    pub labels_right: f64,
    /// Digest of the final weights, the accuracies' counts and the selector's.
    pub digest: Digest,
    /// Selector.
    pub selector: Counts,
    /// Counters at the end.
    pub counters: Counters,
    /// Cycles predicted for the teacher's and the student's programs; all there is on a device without counters.
    pub predicted: [u64; 2],
    /// Multiply-accumulates done forward, in dX, in dW.
    pub macs: [u64; 3],
}

impl Outcome {
    /// The outcome of the whole from those of [`Part::Baselines`](super::Part::Baselines) and [`Part::Student`](super::Part::Student).
    pub fn joined(baselines: Outcome, student: Outcome) -> Outcome {
        let mut digest = Digest::default();
        digest.bytes(&baselines.digest.0.to_le_bytes());
        digest.bytes(&student.digest.0.to_le_bytes());
        let both = |a: [u64; 3], b: [u64; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
        Outcome {
            supervised: baselines.supervised,
            supervised_augmented: baselines.supervised_augmented,
            teacher: baselines.teacher,
            digest,
            counters: baselines.counters.plus(&student.counters),
            predicted: [0, 1].map(|c| baselines.predicted[c] + student.predicted[c]),
            macs: both(baselines.macs, student.macs),
            ..student
        }
    }
}
