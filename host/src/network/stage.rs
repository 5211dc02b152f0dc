//! The parts of a network: shapes, layers as users give them, stages as the engine runs them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Channels, rows, columns of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Shape {
    /// Values of one image.
    pub const fn len(&self) -> usize {
        self.c * self.h * self.w
    }
    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.c, self.h, self.w)
    }
}

/// One layer as a user gives it; in files by these names with hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Layer {
    /// Convolution with bias.
    Conv {
        /// Output channels.
        co: usize,
        /// Kernel rows and columns.
        kernel: (usize, usize),
        /// 1 or 2.
        stride: usize,
        /// Zeros around the plane, below the kernel.
        pad: usize,
    },
    /// Fully connected with bias, over the whole image.
    FullyConnected {
        /// Outputs.
        out: usize,
    },
    /// max(x, 0), after a convolution or fully connected layer.
    Relu,
    /// 2×2 maximum with stride 2, after a convolution or its ReLU.
    MaxPool2,
    /// Mean of `size`×`size` windows, `size` apart; not first. Odd rows and columns at the end are dropped.
    AveragePool {
        /// Rows and columns of a window, from 2 up.
        size: usize,
    },
    /// Mean of every channel's plane; not first.
    GlobalAveragePool,
    /// What comes in is added to what `body` makes of it; not first. The body ends with a convolution or fully connected layer;
    /// a ReLU may follow the residual.
    Residual {
        /// Layers between.
        body: Vec<Layer>,
        /// What comes in goes through a 1×1 convolution of its own, because the body changes its shape.
        project: bool,
    },
}

impl Layer {
    /// A square convolution.
    pub const fn conv(co: usize, k: usize, stride: usize, pad: usize) -> Layer {
        Layer::Conv {
            co,
            kernel: (k, k),
            stride,
            pad,
        }
    }

    /// A residual whose body keeps the shape.
    pub const fn residual(body: Vec<Layer>) -> Layer {
        Layer::Residual {
            body,
            project: false,
        }
    }

    /// A residual whose body changes channels, or halves rows and columns.
    pub const fn projected(body: Vec<Layer>) -> Layer {
        Layer::Residual {
            body,
            project: true,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layer::Conv {
                co,
                kernel: (kh, kw),
                stride,
                pad,
            } => write!(f, "conv {kh}x{kw} to {co}, stride {stride}, pad {pad}"),
            Layer::FullyConnected { out } => write!(f, "fully connected to {out}"),
            Layer::Relu => f.write_str("relu"),
            Layer::MaxPool2 => f.write_str("max-pool 2x2"),
            Layer::AveragePool { size } => write!(f, "average pool {size}x{size}"),
            Layer::GlobalAveragePool => f.write_str("global average pool"),
            Layer::Residual { body, project } => {
                f.write_str(if *project {
                    "projected residual ["
                } else {
                    "residual ["
                })?;
                for (i, layer) in body.iter().enumerate() {
                    write!(f, "{}{layer}", if i > 0 { "; " } else { "" })?;
                }
                f.write_str("]")
            }
        }
    }
}

/// One dimension of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Input size.
    pub input: usize,
    /// Kernel size.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Zeros on either side.
    pub pad: usize,
}

impl Extent {
    /// Output size.
    pub const fn output(&self) -> usize {
        (self.input + 2 * self.pad - self.kernel) / self.stride + 1
    }
}

/// What a stage multiplies by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Trained weights.
    Conv,
    /// Trained weights over the whole image.
    FullyConnected,
    /// Every channel with itself, by one constant: nothing is trained.
    AveragePool,
}

/// What the engine runs in one go: convolution, bias, skip, ReLU, pool; or an average pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// `conv1`, `fc2`, `average1`, `project1`, …: numbered by kind, the names of its weights.
    pub name: String,
    /// The stage whose output it works on; none: the images.
    pub source: Option<usize>,
    /// The stage whose output is added before the ReLU.
    pub skip: Option<usize>,
    /// Input channels.
    pub ci: usize,
    /// Output channels.
    pub co: usize,
    /// Rows.
    pub y: Extent,
    /// Columns.
    pub x: Extent,
    /// With ReLU.
    pub relu: bool,
    /// With 2×2 max-pool.
    pub pool: bool,
    /// What it multiplies by.
    pub kind: Kind,
}

impl Stage {
    /// Shape of its input.
    pub const fn input(&self) -> Shape {
        Shape {
            c: self.ci,
            h: self.y.input,
            w: self.x.input,
        }
    }
    /// Shape before the pool.
    pub const fn full(&self) -> Shape {
        Shape {
            c: self.co,
            h: self.y.output(),
            w: self.x.output(),
        }
    }
    /// Shape of its output.
    pub const fn output(&self) -> Shape {
        let s = self.full();
        if self.pool {
            Shape {
                c: s.c,
                h: s.h / 2,
                w: s.w / 2,
            }
        } else {
            s
        }
    }
    /// Values under the kernel.
    pub const fn taps(&self) -> usize {
        self.y.kernel * self.x.kernel
    }
    /// Products of an output.
    pub const fn fan_in(&self) -> usize {
        match self.kind {
            Kind::AveragePool => self.taps(),
            Kind::Conv | Kind::FullyConnected => self.ci * self.taps(),
        }
    }
    /// Multiply-accumulates of one image, forward.
    pub const fn macs(&self) -> u64 {
        (self.full().len() * self.fan_in()) as u64
    }
    /// Whether it has weights and biases.
    pub const fn is_trained(&self) -> bool {
        !matches!(self.kind, Kind::AveragePool)
    }
    /// Weights.
    pub const fn weights(&self) -> usize {
        if self.is_trained() {
            self.co * self.fan_in()
        } else {
            0
        }
    }
    /// Biases.
    pub const fn biases(&self) -> usize {
        if self.is_trained() {
            self.co
        } else {
            0
        }
    }
    /// Parameters: weights and biases.
    pub const fn parameters(&self) -> usize {
        self.weights() + self.biases()
    }
}
