//! One row of a table: what is varied, and what comes of it.

use super::pair::Target;
use super::policy::Policy;
use super::shift::Shift;
use super::stream::Stream;
use tandem::augment::Augmentation;
use tandem::distil::Distillation;
use tandem::network::{Layer, Network, Shape};
use tandem::parameters::Digest;
use tandem::CompileError;
use tandem_isa::config::E8X16;
use tandem_isa::Config;

/// Where stream and held-out images come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Where the clean samples come from.
    Same,
    /// Rotated and noisy (data/README.md).
    Shifted,
    /// Another synthetic shift, with the teachers of the shifted domain.
    Other(Shift),
    /// The stream turns from upright to [`DRIFT`] degrees; held-out images are turned so far.
    Drifting,
    /// Real digits of 8×8, learned from others.
    Pair(Target),
    /// The two of the study at 28×28.
    Whole {
        /// Rotated and noisy.
        shifted: bool,
    },
}

impl Domain {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Domain::Same => "same domain",
            Domain::Shifted => "shifted",
            Domain::Other(shift) => shift.name(),
            Domain::Drifting => "drifting",
            Domain::Pair(Target::Mnist) => "digits → MNIST",
            Domain::Pair(Target::Digits) => "MNIST → digits",
            Domain::Whole { shifted: true } => "shifted",
            Domain::Whole { shifted: false } => "same domain",
        }
    }

    /// Held-out images.
    pub fn held_out(self) -> usize {
        match self {
            Domain::Pair(Target::Digits) => 500,
            Domain::Same | Domain::Shifted | Domain::Other(_) | Domain::Pair(Target::Mnist) => 2000,
            Domain::Whole { .. } | Domain::Drifting => 2000,
        }
    }

    /// Whether its images are in the repository; others are installed.
    pub fn is_in_repository(self) -> bool {
        !matches!(self, Domain::Whole { .. })
    }
}

/// Degrees by which a drifting stream is turned at its end.
pub const DRIFT: f64 = 30.0;

/// A student.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Student {
    /// Two convolutions of these channels, a pool after each, a fully connected layer.
    Plain(usize, usize),
    /// The teacher's own architecture: self-training.
    Teacher,
}

impl Student {
    /// The network.
    pub fn network(self, shape: Shape) -> Result<Network, CompileError> {
        let (a, b) = match self {
            Student::Teacher => return tandem::study::teacher(shape),
            Student::Plain(a, b) => (a, b),
        };
        Network::new(
            shape,
            &[
                Layer::conv(a, 3, 1, 1),
                Layer::Relu,
                Layer::MaxPool2,
                Layer::conv(b, 3, 1, 1),
                Layer::Relu,
                Layer::MaxPool2,
                Layer::FullyConnected { out: 10 },
            ],
        )
    }
}

/// 8-bit operands in the sizes of `8x16`, with the loss on the host: only the number of bits makes the difference.
pub const BITS_8: Config = Config {
    name: "8x16 with 8 bits",
    operand_bits: 8,
    accumulator_bits: 32,
    has_loss: false,
    has_selector: false,
    has_elastic: false,
    z_depth: 0,
    g_depth: 0,
    class_bits: 0,
    entry_bits: 0,
    slot_bits: 0,
    ..E8X16
};

/// How images are changed as they are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Augment {
    /// Not at all.
    #[default]
    None,
    /// Turned, scaled, sheared and moved, as by `--augment`.
    Affine,
    /// That, and noise of deviation 0.1.
    Noisy,
}

impl Augment {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Augment::None => "none",
            Augment::Affine => "affine",
            Augment::Noisy => "affine and noise",
        }
    }

    /// How much.
    pub fn amounts(self) -> Augmentation {
        let affine = Augmentation {
            degrees: 10.0,
            scale: 0.1,
            shift: 0.12,
            noise: 0.0,
        };
        match self {
            Augment::None => Augmentation::default(),
            Augment::Affine => affine,
            Augment::Noisy => Augmentation {
                noise: 0.1,
                ..affine
            },
        }
    }
}

/// What is done; the defaults are those of the demo's study.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The row's name.
    pub name: String,
    /// Domain.
    pub domain: Domain,
    /// Order of the stream.
    pub stream: Stream,
    /// Most samples of it.
    pub m: usize,
    /// What is kept.
    pub policy: Policy,
    /// Samples a class.
    pub k: usize,
    /// Classes a sample may enter.
    pub top: u8,
    /// Samples of an epoch, after which old ones leave for newer ones; 0: they stay.
    pub refresh: u32,
    /// Share of the stream, at random, that comes with its label.
    pub events: f64,
    /// A teacher of this size, taught by the clean samples there and then; none: the study's, of the data's files.
    pub taught: Option<Student>,
    /// Who learns.
    pub student: Student,
    /// The student begins with the supervised network's weights.
    pub warm: bool,
    /// The student's images as they are drawn.
    pub augment: Augment,
    /// Those of the supervised network.
    pub baseline_augment: Augment,
    /// Images of the training on the kept set.
    pub images: usize,
    /// Images of the fine-tuning on the clean set.
    pub tune_images: usize,
    /// Learning rate of the training.
    pub lr: f64,
    /// Learning rate of the supervised network, if it is another.
    pub baseline_lr: Option<f64>,
    /// Learning rate of the fine-tuning.
    pub tune_lr: f64,
    /// Fine-tuning changes the last layer only.
    pub last_only: bool,
    /// Targets are the teacher's probabilities.
    pub soft: Option<Distillation>,
    /// Classes that these probabilities are kept of, packed; 0: all.
    pub soft_classes: usize,
    /// Share of clean samples in the training on the kept set.
    pub mix: f64,
    /// Share of kept samples that are given a wrong label, at random.
    pub wrong: f64,
    /// The student replaces the supervised network only if it passes the gate.
    pub gate: bool,
    /// Sizes and operands of the engine.
    pub config: &'static Config,
    /// The float32 twin does the same.
    pub float: bool,
}

/// Images of a training batch.
pub const BATCH: usize = 32;

impl Trial {
    /// The study's settings in a domain.
    pub fn new(domain: Domain) -> Trial {
        let (k, policy, tune_lr) = match domain {
            Domain::Shifted
            | Domain::Other(_)
            | Domain::Drifting
            | Domain::Whole { shifted: true } => (500, Policy::Ranked, 0.003),
            Domain::Same | Domain::Whole { shifted: false } => (512, Policy::Above(0.5), 0.001),
            Domain::Pair(Target::Mnist) => (500, Policy::Ranked, 0.003),
            // As large a share of the shorter stream.
            Domain::Pair(Target::Digits) => (80, Policy::Ranked, 0.003),
        };
        Trial {
            name: policy.name(),
            domain,
            stream: Stream::Shuffled,
            m: 8000,
            policy,
            k,
            top: 1,
            refresh: 0,
            events: 0.0,
            taught: None,
            student: Student::Plain(8, 16),
            warm: false,
            augment: Augment::None,
            baseline_augment: Augment::None,
            images: 12_000,
            tune_images: 2_400,
            lr: 0.05,
            baseline_lr: None,
            tune_lr,
            last_only: false,
            soft: None,
            soft_classes: 0,
            mix: 0.0,
            wrong: 0.0,
            gate: false,
            config: &E8X16,
            float: false,
        }
    }
}

impl Trial {
    /// Learning rate of the supervised network.
    pub fn baseline_lr(&self) -> f64 {
        self.baseline_lr.unwrap_or(self.lr)
    }
}

/// What comes of one seed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Trained on the clean samples only, with as many images: percent of the held-out images, as all accuracies.
    pub supervised: f64,
    /// The teacher.
    pub teacher: f64,
    /// After the kept set.
    pub kept: f64,
    /// After the fine-tuning.
    pub tuned: f64,
    /// Labels of kept samples that are right, percent.
    pub right: f64,
    /// Kept samples.
    pub samples: usize,
    /// The twin: supervised, after the kept set, after the fine-tuning.
    pub float: Option<[f64; 3]>,
    /// What runs behind the gate, of the held-out images that the gate does not look at; and the supervised network there.
    pub deployed: Option<[f64; 2]>,
    /// Predicted cycles: labelling, training, fine-tuning.
    pub cycles: [u64; 3],
    /// Of the weights at the end.
    pub digest: Digest,
}
