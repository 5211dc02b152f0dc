//! Layers to measure: one written form, `HxWxC-OkKsSpPbB`, and the sets of the bench.

use crate::error::CompileError;
use crate::fold::InputFormat;
use crate::network::{Layer, Network, Shape, Stage};
use std::fmt;
use std::str::FromStr;

/// A convolution (a fully connected layer is one of 1×1) on a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerSpec {
    /// Input of one image.
    pub input: Shape,
    /// Output channels.
    pub co: usize,
    /// Kernel rows and columns.
    pub kernel: usize,
    /// 1 or 2.
    pub stride: usize,
    /// Zeros on either side.
    pub pad: usize,
    /// Images.
    pub batch: usize,
    /// The first layer of a network: no dX, and its input is folded when it is written.
    pub first: bool,
}

const fn spec(
    h: usize,
    c: usize,
    co: usize,
    kernel: usize,
    stride: usize,
    pad: usize,
) -> LayerSpec {
    LayerSpec {
        input: Shape { c, h, w: h },
        co,
        kernel,
        stride,
        pad,
        batch: 1,
        first: false,
    }
}

impl LayerSpec {
    const fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    const fn first(mut self) -> Self {
        self.first = true;
        self
    }

    /// The stage as users see it, with bias and ReLU.
    pub fn stage(&self) -> Result<Stage, CompileError> {
        let layers = [
            Layer::conv(self.co, self.kernel, self.stride, self.pad),
            Layer::Relu,
        ];
        let network = Network::new(self.input, &layers)?;
        Ok(network.stages()[0].clone())
    }

    /// The stage as the engine runs it: a first layer is folded if `lanes` suffice.
    pub fn engine_stage(&self, lanes: usize) -> Result<Stage, CompileError> {
        let stage = self.stage()?;
        if !self.first {
            return Ok(stage);
        }
        let layers = [Layer::conv(self.co, self.kernel, self.stride, self.pad)];
        let network = Network::new(self.input, &layers)?;
        Ok(match InputFormat::shared(&[&network], lanes, 14) {
            Some(format) => format.first_stage(&stage),
            None => stage,
        })
    }
}

impl fmt::Display for LayerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shape { c, h, w } = self.input;
        let LayerSpec {
            co,
            kernel,
            stride,
            pad,
            batch,
            ..
        } = self;
        write!(f, "{h}x{w}x{c}-{co}k{kernel}s{stride}p{pad}b{batch}")
    }
}

/// A text that is no layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("layer `{text}`: {what}; expected rows x columns x channels - outputs k kernel s stride p padding b batch, as in `16x16x32-32k3s1p1b16`")]
pub struct LayerError {
    text: String,
    what: String,
}

impl FromStr for LayerSpec {
    type Err = LayerError;

    fn from_str(text: &str) -> Result<Self, LayerError> {
        let fail = |what: String| LayerError {
            text: text.to_string(),
            what,
        };
        let mut rest = text;
        let mut number = |mark: &str, name: &str| -> Result<usize, LayerError> {
            let tail = rest.strip_prefix(mark).ok_or_else(|| {
                fail(format!(
                    "found `{rest}` where `{mark}` and the {name} stand"
                ))
            })?;
            let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let value = tail[..digits]
                .parse()
                .ok()
                .filter(|&v: &usize| v <= 65535 && (v > 0 || name == "padding"))
                .ok_or_else(|| fail(format!("the {name} is no number from 1 to 65535")))?;
            rest = &tail[digits..];
            Ok(value)
        };
        let (h, w, c) = (
            number("", "rows")?,
            number("x", "columns")?,
            number("x", "channels")?,
        );
        let layer = LayerSpec {
            input: Shape { c, h, w },
            co: number("-", "outputs")?,
            kernel: number("k", "kernel")?,
            stride: number("s", "stride")?,
            pad: number("p", "padding")?,
            batch: number("b", "batch")?,
            first: false,
        };
        if !rest.is_empty() {
            return Err(fail(format!("found `{rest}` after the batch")));
        }
        Ok(layer)
    }
}

/// A named set of layers.
pub struct Set {
    /// Name.
    pub name: &'static str,
    /// Its layers.
    pub layers: &'static [LayerSpec],
}

/// LeNet-5 on 28×28: convolutions of one image, fully connected layers of sixteen.
const LENET: &[LayerSpec] = &[
    spec(28, 1, 6, 5, 1, 2).first(),
    spec(14, 6, 16, 5, 1, 0),
    spec(1, 400, 120, 1, 1, 0).batch(16),
    spec(1, 120, 84, 1, 1, 0).batch(16),
    spec(1, 84, 10, 1, 1, 0).batch(16),
];

/// ResNet-20 on 32×32: the first layer, each stage's 3×3, those of stride 2 between them.
const RESNET20: &[LayerSpec] = &[
    spec(32, 3, 16, 3, 1, 1).batch(4).first(),
    spec(32, 16, 16, 3, 1, 1).batch(4),
    spec(32, 16, 32, 3, 2, 1).batch(4),
    spec(16, 32, 32, 3, 1, 1).batch(4),
    spec(16, 32, 64, 3, 2, 1).batch(4),
    spec(8, 64, 64, 3, 1, 1).batch(4),
];

/// Two layers of ResNet-18.
const RESNET18: &[LayerSpec] = &[
    spec(56, 64, 64, 3, 1, 1).batch(4),
    spec(28, 128, 128, 3, 1, 1).batch(4),
];

const FC: &[LayerSpec] = &[spec(1, 256, 128, 1, 1, 0).batch(16)];

/// The sets of the bench.
pub const SETS: &[Set] = &[
    Set {
        name: "LeNet",
        layers: LENET,
    },
    Set {
        name: "ResNet-20",
        layers: RESNET20,
    },
    Set {
        name: "ResNet-18",
        layers: RESNET18,
    },
    Set {
        name: "fc",
        layers: FC,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_form_reads_back_and_errors_say_where() {
        for set in SETS {
            for layer in set.layers {
                let read: LayerSpec = layer.to_string().parse().unwrap();
                assert_eq!(
                    LayerSpec {
                        first: layer.first,
                        ..read
                    },
                    *layer
                );
                layer.engine_stage(16).unwrap();
            }
        }
        for (text, part) in [
            ("16x16", "channels"),
            ("16x16x32-32k3s1p1", "batch"),
            ("16x16x32-0k3s1p1b1", "outputs"),
            ("16x16x32-32k3s1p1b4z", "`z`"),
            ("16x16x32_32k3s1p1b4", "`_32k3s1p1b4`"),
        ] {
            let e = text.parse::<LayerSpec>().unwrap_err().to_string();
            assert!(e.contains(part) && e.contains(text), "{e}");
        }
    }

    #[test]
    fn a_first_layer_is_folded() {
        let s = LENET[0].engine_stage(16).unwrap();
        assert_eq!((s.ci, s.x.kernel, s.x.input), (5, 1, 28));
    }
}
