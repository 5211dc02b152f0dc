//! The networks of the study and its settings.

use crate::data::CLASSES;
use crate::error::CompileError;
use crate::network::{Layer, Network, Shape};
use tandem_isa::selection::{KeyMode, Rules};

/// The teacher of data/README.md.
pub fn teacher(shape: Shape) -> Result<Network, CompileError> {
    Network::new(
        shape,
        &[
            Layer::conv(16, 3, 1, 1),
            Layer::Relu,
            Layer::conv(16, 3, 1, 1),
            Layer::Relu,
            Layer::MaxPool2,
            Layer::conv(32, 3, 1, 1),
            Layer::Relu,
            Layer::MaxPool2,
            Layer::FullyConnected { out: 128 },
            Layer::Relu,
            Layer::FullyConnected { out: CLASSES },
        ],
    )
}

/// The student of data/README.md.
pub fn student(shape: Shape) -> Result<Network, CompileError> {
    Network::new(
        shape,
        &[
            Layer::conv(8, 3, 1, 1),
            Layer::Relu,
            Layer::MaxPool2,
            Layer::conv(16, 3, 1, 1),
            Layer::Relu,
            Layer::MaxPool2,
            Layer::FullyConnected { out: CLASSES },
        ],
    )
}

/// Sizes and settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Seed of initial weights, batches and rounding.
    pub seed: u32,
    /// Images of a training batch.
    pub batch: usize,
    /// Images of an inference batch.
    pub infer_batch: usize,
    /// Images the student is trained on from the kept set.
    pub images: usize,
    /// Images it is fine-tuned on.
    pub tune_images: usize,
    /// Learning rate.
    pub lr: f64,
    /// Learning rate of the fine-tuning.
    pub tune_lr: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// How samples are kept.
    pub rules: Rules,
    /// Most classes a sample may enter.
    pub top: u8,
}

impl Plan {
    /// The shifted-domain row in full: 20 clean labels a class, 500 kept.
    pub fn shifted(seed: u32) -> Plan {
        Plan {
            seed,
            batch: 32,
            infer_batch: 50,
            images: 12_000,
            tune_images: 2_400,
            lr: 0.05,
            // Gentler than the first training: the clean samples are of another domain, and a larger rate forgets this one.
            tune_lr: 0.003,
            weight_decay: 1e-4,
            rules: Rules {
                k: 500,
                ..Rules::default()
            },
            top: 1,
        }
    }

    /// The same on a quarter of the stream: a quarter of the places and fewer steps, what simulated RTL runs in minutes.
    pub fn short(self) -> Plan {
        let rules = Rules {
            k: self.rules.k / 4,
            ..self.rules
        };
        Plan {
            images: 6_400,
            tune_images: 640,
            rules,
            ..self
        }
    }

    /// The same-domain row in full: 10 clean labels a class. The entry memory of the 8x16 configuration gives ten classes 512 places
    /// each, and 512 of the most confident are too easy: so they are drawn at random from what the teacher finds more likely than not.
    pub fn same(seed: u32) -> Plan {
        Plan {
            rules: Rules {
                k: 512,
                mode: KeyMode::HashAbove,
                threshold: 1 << 14,
                hash_key: 12_345,
                ..Rules::default()
            },
            tune_lr: 0.001,
            ..Plan::shifted(seed)
        }
    }
}
