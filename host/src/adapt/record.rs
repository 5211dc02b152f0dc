//! The format of a run folder: what a job writes down, for people, reports and resuming.
//!
//! | file | holds | written |
//! |---|---|---|
//! | `run.json` | [`Settings`]: everything the run was started with | once, before anything else |
//! | `events.jsonl` | one [`Line`] a line: JSON, in the order of the run | appended; cut back to the checkpoint by a resume |
//! | `kept.jsonl` | one [`KeptSample`] a line, class by class, best first | once, after labelling |
//! | `kept/CLASS/ARRIVAL.png` | the best [`THUMBNAILS`] of every class as the networks see them | with `kept.jsonl` |
//! | `programs.json` | a list of [`crate::trace::Profile`]: the teacher's batch and the student's step by layer, by the cost model | at the end of every phase |
//! | `outcome.json` | [`Outcome`] | once, at the end |
//! | `checkpoint-0`, `checkpoint-1` | what a resume goes on from ([`crate::checkpoint`]) | in turn |
//! | `teacher.safetensors`, `student.safetensors` | the networks and weights the run began with | once |
//!
//! Every line of `events.jsonl` is an object with `at`, seconds of work since the start of the run (pauses between stop and
//! resume do not count), and `event`, which says what the other fields are: see [`Event`]. A reader skips events it does
//! not know, and may find the last line torn if the program was killed. A run that was stopped and resumed has the lines
//! of an undisturbed one and `resumed` lines between them.
//!
//! Curves: `trained` has loss and accuracy on the training batches, `held-out` those on the hold-out. Before and after:
//! `confusion` of phase `before` (a student that came with weights), `teacher`, `teacher-tuning` (if it learns first), `supervised` (the baseline), `student` (before fine-tuning), `fine-tuning` (the end). Timeline: `phase`
//! and `phase-done` with their [`Usage`]. Images: `kept.jsonl`. Use of the array by layer: `programs.json`, which runs of
//! earlier versions do not have. [`crate::report`] reads all of it.

use super::gate::Verdict;
use super::plan::{AdaptPlan, Phase};
use crate::counters::Counters;
use crate::network::{Layer, Shape};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tandem_isa::Unit;

/// Version of all of these formats; a reader refuses a larger one.
pub const RECORD_VERSION: u32 = 1;
/// Most images of a class under `kept/`.
pub const THUMBNAILS: usize = 24;

/// `run.json`: what the run was started with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// [`RECORD_VERSION`].
    pub record: u32,
    /// Version of the program.
    pub version: String,
    /// The command it was started by; empty if it was not by one, or by an earlier version.
    #[serde(default)]
    pub command: Vec<String>,
    /// Name of the device (`model`, `rtl`, …).
    pub device: String,
    /// Name of the engine's configuration.
    pub config: String,
    /// Task, sizes, rates.
    pub plan: AdaptPlan,
    /// Names of the classes, in the order of the networks' outputs.
    pub classes: Vec<String>,
    /// How images become samples.
    pub input: Input,
    /// Labelled images.
    pub labelled: Option<Source>,
    /// The stream.
    pub unlabelled: Option<Source>,
    /// Images the networks are judged by.
    pub holdout: Option<Source>,
    /// The teacher.
    pub teacher: Option<NetworkRecord>,
    /// The student.
    pub student: Option<NetworkRecord>,
    /// Where the result goes.
    pub out: Option<PathBuf>,
}

/// How images become samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Channels, rows, columns.
    pub shape: Shape,
    /// Subtracted from values in 0 … 1, a channel each.
    pub mean: Vec<f32>,
    /// What that is divided by.
    pub std: Vec<f32>,
}

/// Images as they were given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Folder or file.
    pub path: PathBuf,
    /// Images there.
    pub images: usize,
    /// Digest of names and sizes, by which a resume knows them again.
    pub fingerprint: String,
}

/// A network as it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkRecord {
    /// Name or file.
    pub given: String,
    /// Its layers.
    pub layers: Vec<Layer>,
    /// Whether it began with weights; they are in the run folder.
    pub weights: bool,
    /// Weights and biases.
    pub parameters: usize,
    /// Multiply-accumulates of one image, forward.
    pub macs: u64,
}

/// A line of `events.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Seconds of work since the start of the run.
    pub at: f64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happens in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins; its settings are in `run.json`.
    Started {
        /// [`RECORD_VERSION`].
        record: u32,
        /// Its phases, in order.
        phases: Vec<Phase>,
    },
    /// The run goes on from a checkpoint.
    Resumed {
        /// The checkpoint's file name; none if there was none yet and the run begins again.
        checkpoint: Option<String>,
        /// Phase it goes on in; none if nothing is left.
        phase: Option<Phase>,
        /// Steps or images of it that are done.
        done: usize,
        /// Checkpoints that were refused, and why.
        refused: Vec<String>,
    },
    /// A phase begins.
    Phase {
        /// The phase.
        phase: Phase,
        /// Steps (training) or images (labelling) it has; 0 if it only looks at the hold-out.
        all: usize,
    },
    /// A unit of work is done. Not written to `events.jsonl`.
    Progress {
        /// The phase.
        phase: Phase,
        /// What is being done: the phase, or a look at the hold-out within it.
        held_out: bool,
        /// Images done, repeats counted.
        done: usize,
        /// Images there are.
        all: usize,
    },
    /// Training went on: figures since the last such event.
    Trained {
        /// The phase.
        phase: Phase,
        /// Steps done.
        step: usize,
        /// Steps there are.
        steps: usize,
        /// Learning rate of the last step.
        lr: f64,
        /// Mean cross-entropy of the last batch, in nats, as it was before its step.
        loss: f64,
        /// Share of the multipliers' time that was used in this phase so far, 0 to 1.
        utilisation: f64,
    },
    /// A look at the hold-out is complete.
    HeldOut {
        /// The phase.
        phase: Phase,
        /// Steps done.
        step: usize,
        /// Percent of the images whose best class is the label.
        accuracy: f64,
        /// Mean cross-entropy, in nats.
        loss: f64,
        /// Images.
        images: usize,
    },
    /// Labelling went on.
    Kept {
        /// Images of the stream that were labelled.
        done: usize,
        /// Images there are.
        all: usize,
        /// Kept so far, class by class.
        per_class: Vec<usize>,
        /// Share of the multipliers' time that was used in this phase so far, 0 to 1.
        utilisation: f64,
    },
    /// What the selector counted, at the end of labelling.
    Selected {
        /// Scores seen.
        seen: u32,
        /// Taken into a free place.
        kept: u32,
        /// Taken in place of another.
        replaced: u32,
        /// Not taken.
        rejected: u32,
    },
    /// The confusion matrix at the end of a phase.
    Confusion {
        /// The phase.
        phase: Phase,
        /// Row: the label; column: the network's best class; images.
        matrix: Vec<Vec<u32>>,
    },
    /// The gate let the student pass, or refused it; then what ran before is what the run ends with.
    Gate {
        /// What it said.
        verdict: Verdict,
    },
    /// A phase is complete.
    PhaseDone {
        /// The phase.
        phase: Phase,
        /// What it took.
        usage: Usage,
    },
    /// A checkpoint was written.
    Checkpoint {
        /// File name in the run folder.
        file: String,
        /// Bytes.
        bytes: u64,
    },
    /// The run was stopped and can be resumed.
    Stopped {
        /// The phase.
        phase: Option<Phase>,
        /// Steps or images of it that are done.
        done: usize,
    },
    /// The run is complete.
    Done {
        /// What came of it.
        outcome: Outcome,
    },
    /// An event of a later version.
    #[serde(other)]
    Unknown,
}

/// A sample of the stream that was kept: a line of `kept.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptSample {
    /// Class it was kept for.
    pub class: usize,
    /// Name of the class.
    pub name: String,
    /// Its number in the stream, from 0.
    pub arrival: u32,
    /// Images of the stream that came after it: its age.
    pub age: u32,
    /// The teacher's confidence in the class, 0 to 1; 1 of an event.
    pub confidence: f64,
    /// The label came with the image, as an event of the stream.
    #[serde(default)]
    pub labelled: bool,
    /// What it was ranked by, larger is better.
    pub key: u32,
    /// Where it came from: a path below the stream's, or `FILE[INDEX]`.
    pub image: String,
    /// Its picture in the run folder, if it is among the best of its class.
    pub thumbnail: Option<String>,
}

/// What a phase took, looks at the hold-out included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Seconds of work, by the host's clock.
    pub seconds: f64,
    /// Images through a network, repeats counted.
    pub images: u64,
    /// Multiply-accumulates forward, in dX, in dW.
    pub macs: [u64; 3],
    /// Cycles predicted for the teacher's and the student's programs.
    pub predicted: [u64; 2],
    /// What the engine counted; all 0 on a device that counts no cycles.
    pub counted: Counted,
    /// Share of the multipliers' time that was used while a network ran, 0 to 1; by prediction where no cycles are counted.
    pub utilisation: f64,
}

/// Cycles, and bytes to and from memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Since the phase began.
    pub total: u64,
    /// Nothing ran.
    pub idle: u64,
    /// The teacher owned the engine.
    pub teacher: u64,
    /// The student owned it.
    pub student: u64,
    /// Between the two.
    pub switching: u64,
    /// In forward.
    pub forward: u64,
    /// In dX.
    pub dx: u64,
    /// In dW.
    pub dw: u64,
    /// The array waited for memory.
    pub wait_memory: u64,
    /// The array waited for the vector or loss unit.
    pub wait_vector: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub written_bytes: u64,
    /// Busy, stalled and idle cycles of every unit, by name.
    pub units: BTreeMap<String, [u64; 3]>,
}

impl Counted {
    /// Adds what an engine counted.
    pub fn add(&mut self, c: &Counters) {
        self.total += c.total;
        self.idle += c.idle;
        self.teacher += c.teacher;
        self.student += c.student;
        self.switching += u64::from(c.switch_cycles);
        self.forward += c.forward;
        self.dx += c.dx;
        self.dw += c.dw;
        self.wait_memory += c.wait_memory;
        self.wait_vector += c.wait_vector;
        self.read_bytes += 8 * u64::from(c.read_beats);
        self.written_bytes += 8 * u64::from(c.write_beats);
        for unit in Unit::ALL {
            let name = format!("{unit:?}").to_lowercase();
            let sum = self.units.entry(name).or_default();
            let u = c.units[unit as usize];
            for (sum, more) in sum.iter_mut().zip([u.busy, u.stalled, u.idle]) {
                *sum += more;
            }
        }
    }
}

/// `outcome.json`: accuracies on the hold-out in percent, where the job had that phase and a hold-out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Student as it was given, if it came with weights and there was a gate.
    pub before: Option<f64>,
    /// Student trained on the labelled images only.
    pub supervised: Option<f64>,
    /// Teacher.
    pub teacher: Option<f64>,
    /// Teacher after its own fine-tuning, if there was one.
    #[serde(default)]
    pub teacher_tuned: Option<f64>,
    /// Student after the kept set.
    pub student: Option<f64>,
    /// Student after fine-tuning.
    pub fine_tuned: Option<f64>,
    /// What the gate said, where there was one.
    pub gate: Option<Verdict>,
    /// Samples kept.
    pub kept: usize,
    /// Digest of the final weight words: equal digests, equal weights.
    pub digest: Option<String>,
    /// Seconds of work.
    pub seconds: f64,
}
