//! Options that several verbs have.

use crate::error::{wrong, CliError};
use std::path::PathBuf;
use tandem::adapt::{read_events, AdaptPlan, Key};
use tandem::augment::Augmentation;
use tandem::images::ImageInput;
use tandem::lr::LrSchedule;
use tandem::model::Model;
use tandem::network::Shape;

/// How images become samples.
#[derive(clap::Args, Clone, Debug)]
pub struct Images {
    /// Subtracted from pixels, which go from 0 to 1: one value, or one a channel
    #[arg(long, value_name = "M[,M,M]", value_delimiter = ',')]
    mean: Option<Vec<f32>>,
    /// What that is divided by
    #[arg(long, value_name = "S[,S,S]", value_delimiter = ',')]
    std: Option<Vec<f32>>,
}

impl Images {
    /// As said, as the model's file says, or 0 and 1.
    pub fn input(&self, shape: Shape, model: Option<&Model>) -> Result<ImageInput, CliError> {
        let said = model.and_then(|m| m.normalisation.clone());
        let (mean, std) = said.unwrap_or((vec![0.0], vec![1.0]));
        let mean = self.mean.as_deref().unwrap_or(&mean);
        let std = self.std.as_deref().unwrap_or(&std);
        Ok(ImageInput::new(shape, mean, std)?)
    }
}

/// A run: its folder, its checkpoints, how it is shown.
#[derive(clap::Args, Clone, Debug)]
pub struct Running {
    /// Folder of the run; beside --out unless given
    #[arg(long, value_name = "DIR")]
    pub run: Option<PathBuf>,
    /// Go on with the run in this folder, with the settings it was begun with
    #[arg(long, value_name = "RUN", conflicts_with = "run")]
    pub resume: Option<PathBuf>,
    /// Seconds between checkpoints; there is one at the end of every phase, too
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub checkpoint_every: f64,
    /// What runs on the engine, command by command, as trace events for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// One JSON object a line on standard output: the events of the run
    #[arg(long)]
    pub json: bool,
}

/// How a network learns. What is not said is as in the demo.
#[derive(clap::Args, Clone, Debug)]
pub struct Learning {
    /// Seed of initial weights, batches, rounding and random keys
    #[arg(long, default_value_t = 1)]
    pub seed: u32,
    /// Images of a training batch [default: 32]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Images to train on, repeats counted [default: 12000]
    #[arg(long, value_name = "N")]
    images: Option<usize>,
    /// Learning rate at the start [default: 0.05]
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// How learning rates go on: cosine (to 0), warmup,STEPS (rises first), constant, or step,TIMES,FACTOR (falls so often, to so much of what it was) [default: cosine]
    #[arg(long, value_name = "KIND")]
    schedule: Option<String>,
    /// Momentum [default: 0.9]
    #[arg(long, value_name = "SHARE")]
    momentum: Option<f64>,
    /// Weight decay [default: 0.0001]
    #[arg(long, value_name = "RATE")]
    weight_decay: Option<f64>,
    /// Training steps between two looks at the hold-out; 0: only at the end of a phase [default: 50]
    #[arg(long, value_name = "STEPS")]
    evaluate_every: Option<usize>,
    /// Change images at random whenever they are drawn for training: largest angle, scale and shear, move, and deviation of noise
    #[arg(
        long,
        value_name = "DEGREES,SCALE,SHIFT,NOISE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "10,0.1,0.12,0"
    )]
    augment: Option<String>,
}

impl Learning {
    /// Puts them into a plan.
    pub fn apply(&self, plan: &mut AdaptPlan) -> Result<(), CliError> {
        set(&mut plan.batch, self.batch);
        set(&mut plan.images, self.images);
        set(&mut plan.lr, self.lr);
        if let Some(text) = &self.schedule {
            plan.schedule = schedule(text)?;
        }
        set(&mut plan.momentum, self.momentum);
        set(&mut plan.weight_decay, self.weight_decay);
        set(&mut plan.evaluate_every, self.evaluate_every);
        if let Some(text) = &self.augment {
            let values: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
            let Ok([degrees, scale, shift, noise]) = values.as_deref() else {
                let remedy = "give four, as 10,0.1,0.12,0";
                return Err(wrong("--augment", "numbers", text, "four of them", remedy));
            };
            plan.augment = Augmentation {
                degrees: *degrees,
                scale: *scale,
                shift: *shift,
                noise: *noise,
            };
        }
        Ok(())
    }
}

fn schedule(text: &str) -> Result<LrSchedule, CliError> {
    let mut parts = text.split(',');
    let kind = parts.next().unwrap_or("");
    let rest: Vec<&str> = parts.collect();
    let step = |times: &str, factor: &str| {
        let (times, factor) = (times.parse().ok()?, factor.parse().ok()?);
        Some(LrSchedule::Step { times, factor })
    };
    let found = match (kind, &rest[..]) {
        ("cosine", []) => Some(LrSchedule::Cosine),
        ("constant", []) => Some(LrSchedule::Constant),
        ("warmup", [steps]) => steps.parse().ok().map(|steps| LrSchedule::Warmup { steps }),
        ("step", [times, factor]) => step(times, factor),
        _ => None,
    };
    found.ok_or_else(|| {
        let expected =
            "cosine, constant, warmup with steps, or step with how often and what is left";
        wrong(
            "--schedule",
            "kind",
            text,
            expected,
            "give one, as step,2,0.1",
        )
    })
}

/// How samples are kept.
#[derive(clap::Args, Clone, Debug)]
pub struct Selecting {
    /// Samples kept in each class [default: five eighths of a class's share of the stream, 500 at most]
    #[arg(long, value_name = "N")]
    k: Option<u16>,
    /// Most classes a sample may enter [default: 1]
    #[arg(long, value_name = "P")]
    top: Option<u8>,
    /// What ranks a sample in its class: confidence, recent, random, random-above
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Lowest confidence for `--key random-above` [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    threshold: Option<f64>,
    /// Lowest confidence for every key [default: 0]
    #[arg(long, value_name = "SHARE")]
    min_confidence: Option<f64>,
    /// Images of the stream between two that a class takes [default: 0]
    #[arg(long, value_name = "N")]
    spacing: Option<u32>,
    /// Images of the stream after which those before leave for newer ones; 0: they stay [default: 0]
    #[arg(long, value_name = "N")]
    refresh: Option<u32>,
    /// Images of the stream that came with a label, IMAGE,CLASS a line: they rank above all that the teacher labels
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Classes that keep nothing
    #[arg(long, value_name = "CLASS,…", value_delimiter = ',')]
    mask: Vec<String>,
    /// Classes that keep fewer than K, and how many
    #[arg(long, value_name = "CLASS=N,…", value_delimiter = ',')]
    quota: Vec<String>,
}

impl Selecting {
    /// Puts them into a plan; `k` is for when none is said.
    pub fn apply(&self, plan: &mut AdaptPlan, k: u16) -> Result<(), CliError> {
        plan.k = self.k.unwrap_or(k);
        set(&mut plan.top, self.top);
        set(&mut plan.threshold, self.threshold);
        set(&mut plan.min_confidence, self.min_confidence);
        set(&mut plan.spacing, self.spacing);
        set(&mut plan.refresh, self.refresh);
        if let Some(file) = &self.events {
            plan.events = read_events(file)?;
        }
        plan.mask.clone_from(&self.mask);
        for text in &self.quota {
            // A class may have the sign in its name.
            let quota = text.rsplit_once('=');
            let quota = quota.and_then(|(class, n)| Some((class, n.parse().ok()?)));
            let (class, n) = quota.ok_or_else(|| {
                let remedy = "give one, as 3=20";
                wrong("--quota", "quota", text, "a class and a number", remedy)
            })?;
            plan.quotas.insert(class.into(), n);
        }
        if let Some(name) = &self.key {
            let found = Key::ALL.into_iter().find(|k| k.name() == name);
            plan.key = found.ok_or_else(|| {
                let names = Key::ALL.map(Key::name).join(", ");
                wrong(
                    "--key",
                    "what ranks a sample",
                    name,
                    names,
                    "choose one of these",
                )
            })?;
        }
        Ok(())
    }
}

fn set<T>(value: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *value = given;
    }
}
