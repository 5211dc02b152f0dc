//! The typed graph: layers as a user lists them, checked and fused into stages the engine runs in one go.
//!
//! A stage is a convolution (a fully connected layer is one whose kernel is the whole plane) with its ReLU and its 2×2
//! max-pool. Only chains are described; there is no branch or skip.

use crate::error::CompileError;
use std::fmt;
use tandem_isa::numerics::{MAX_K, MAX_K_PRELOAD};

/// Channels, rows, columns of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// One layer as a user gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Layer::Conv {
                co,
                kernel: (kh, kw),
                stride,
                pad,
            } => write!(f, "conv {kh}x{kw} to {co}, stride {stride}, pad {pad}"),
            Layer::FullyConnected { out } => write!(f, "fully connected to {out}"),
            Layer::Relu => f.write_str("relu"),
            Layer::MaxPool2 => f.write_str("max-pool 2x2"),
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

/// What the engine runs in one go: convolution, bias, ReLU, pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// `conv1`, `fc2`, …: numbered by kind, the names of its weights.
    pub name: String,
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
    /// Whether it was given as fully connected.
    pub fully_connected: bool,
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
    /// Multiply-accumulates of one image, forward.
    pub const fn macs(&self) -> u64 {
        let s = self.full();
        (s.h * s.w * s.c * self.ci * self.y.kernel * self.x.kernel) as u64
    }
    /// Parameters: weights and biases.
    pub const fn parameters(&self) -> usize {
        self.co * (self.ci * self.y.kernel * self.x.kernel + 1)
    }
}

/// A checked network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    input: Shape,
    stages: Vec<Stage>,
}

impl Network {
    /// Checks the layers against the input and each other, and fuses them.
    pub fn new(input: Shape, layers: &[Layer]) -> Result<Network, CompileError> {
        if input.is_empty() || input.c > 4096 || input.h > 4095 || input.w > 4095 {
            return Err(CompileError::Input {
                what: "input shape",
                found: input.to_string(),
                expected: "1 to 4096 channels of 1 to 4095 rows and columns".into(),
                remedy: "give the size of one image as channels, rows, columns",
            });
        }
        let mut stages: Vec<Stage> = Vec::new();
        let (mut convs, mut fcs) = (0, 0);
        for (index, layer) in layers.iter().enumerate() {
            let refuse = |what, found: String, expected: String, remedy| {
                Err(CompileError::Layer {
                    index,
                    layer: layer.to_string(),
                    what,
                    found,
                    expected,
                    remedy,
                })
            };
            let at = stages.last().map_or(input, Stage::output);
            match *layer {
                Layer::Conv {
                    co,
                    kernel: (kh, kw),
                    stride,
                    pad,
                } => {
                    if co == 0 || co > 4096 {
                        return refuse(
                            "output channels",
                            co.to_string(),
                            "1 to 4096".into(),
                            "change the channel count",
                        );
                    }
                    for k in [kh, kw] {
                        if k == 0 || k > 255 {
                            return refuse(
                                "kernel size",
                                k.to_string(),
                                "1 to 255".into(),
                                "use a smaller kernel",
                            );
                        }
                        if pad >= k {
                            return refuse(
                                "padding",
                                pad.to_string(),
                                format!("below the kernel size {k}"),
                                "reduce the padding",
                            );
                        }
                    }
                    if stride != 1 && stride != 2 {
                        return refuse(
                            "stride",
                            stride.to_string(),
                            "1 or 2".into(),
                            "use stride 2 twice, or a pool",
                        );
                    }
                    for (size, k) in [(at.h, kh), (at.w, kw)] {
                        if size + 2 * pad < k {
                            return refuse(
                                "kernel larger than the padded plane",
                                format!("kernel {k} on {size} + 2x{pad}"),
                                format!("at most {}", size + 2 * pad),
                                "use a smaller kernel or fewer pools before it",
                            );
                        }
                    }
                    convs += 1;
                    let extent = |input, kernel| Extent {
                        input,
                        kernel,
                        stride,
                        pad,
                    };
                    stages.push(Stage {
                        name: format!("conv{convs}"),
                        ci: at.c,
                        co,
                        y: extent(at.h, kh),
                        x: extent(at.w, kw),
                        relu: false,
                        pool: false,
                        fully_connected: false,
                    });
                }
                Layer::FullyConnected { out } => {
                    if out == 0 || out > 4096 {
                        return refuse(
                            "outputs",
                            out.to_string(),
                            "1 to 4096".into(),
                            "change the output count",
                        );
                    }
                    if at.h > 255 || at.w > 255 {
                        return refuse(
                            "plane before it",
                            at.to_string(),
                            "at most 255 rows and columns".into(),
                            "pool or stride before it",
                        );
                    }
                    fcs += 1;
                    let extent = |n| Extent {
                        input: n,
                        kernel: n,
                        stride: n,
                        pad: 0,
                    };
                    stages.push(Stage {
                        name: format!("fc{fcs}"),
                        ci: at.c,
                        co: out,
                        y: extent(at.h),
                        x: extent(at.w),
                        relu: false,
                        pool: false,
                        fully_connected: true,
                    });
                }
                Layer::Relu => match stages.last_mut() {
                    Some(s) if !s.relu && !s.pool => s.relu = true,
                    _ => {
                        return refuse(
                            "place of a relu",
                            index.to_string(),
                            "directly after a convolution or fully connected layer".into(),
                            "put it there; before the pool it gives the same values",
                        )
                    }
                },
                Layer::MaxPool2 => match stages.last_mut() {
                    Some(s) if !s.pool => {
                        if at.h < 2 || at.w < 2 {
                            return refuse(
                                "plane to pool",
                                at.to_string(),
                                "at least 2 rows and columns".into(),
                                "leave the pool out",
                            );
                        }
                        s.pool = true;
                    }
                    _ => {
                        return refuse(
                            "place of a max-pool",
                            index.to_string(),
                            "after a convolution or its relu, one each".into(),
                            "put a convolution before it, or use stride 2",
                        )
                    }
                },
            }
            if let Some(s) = stages.last() {
                check_terms(s)?;
            }
        }
        if stages.is_empty() {
            return Err(CompileError::Input {
                what: "network",
                found: format!("{} layers, none with weights", layers.len()),
                expected: "at least one convolution or fully connected layer".into(),
                remedy: "add a layer",
            });
        }
        Ok(Network { input, stages })
    }

    /// Shape of an image.
    pub const fn input(&self) -> Shape {
        self.input
    }

    /// What the engine runs, in order.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Shape of the result.
    pub fn output(&self) -> Shape {
        self.stages.last().map_or(self.input, Stage::output)
    }

    /// Multiply-accumulates of one image, forward.
    pub fn macs(&self) -> u64 {
        self.stages.iter().map(Stage::macs).sum()
    }

    /// Parameters: weights and biases.
    pub fn parameters(&self) -> usize {
        self.stages.iter().map(Stage::parameters).sum()
    }
}

/// Sums that could overflow 48 bits are refused (numerics.md).
fn check_terms(s: &Stage) -> Result<(), CompileError> {
    let taps = (s.y.kernel * s.x.kernel) as u64;
    for (what, terms, limit) in [
        (
            "products of an output (input channels x kernel)",
            s.ci as u64 * taps,
            MAX_K_PRELOAD,
        ),
        (
            "products of an input gradient (output channels x kernel)",
            s.co as u64 * taps,
            MAX_K,
        ),
    ] {
        if terms > u64::from(limit) {
            return Err(CompileError::Limit {
                layer: s.name.clone(),
                what,
                found: terms,
                limit: limit.into(),
                remedy: "use fewer channels or a smaller kernel",
            });
        }
    }
    Ok(())
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "input {}", self.input)?;
        for s in &self.stages {
            writeln!(
                f,
                "{}: {} -> {}, kernel {}x{}, stride {}, pad {}{}{}",
                s.name,
                s.input(),
                s.output(),
                s.y.kernel,
                s.x.kernel,
                s.y.stride,
                s.y.pad,
                if s.relu { ", relu" } else { "" },
                if s.pool { ", max-pool" } else { "" },
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lenet() -> Network {
        Network::new(
            Shape { c: 1, h: 14, w: 14 },
            &[
                Layer::conv(8, 3, 1, 1),
                Layer::Relu,
                Layer::MaxPool2,
                Layer::conv(16, 3, 1, 1),
                Layer::Relu,
                Layer::MaxPool2,
                Layer::FullyConnected { out: 10 },
            ],
        )
        .unwrap()
    }

    #[test]
    fn the_student_of_the_reference_has_its_figures() {
        let n = lenet();
        assert_eq!(n.parameters(), 2698);
        assert_eq!(
            n.macs(),
            14 * 14 * 8 * 9 + 7 * 7 * 16 * 8 * 9 + 3 * 3 * 16 * 10
        );
        assert_eq!(
            n.to_string(),
            "input 1x14x14\nconv1: 1x14x14 -> 8x7x7, kernel 3x3, stride 1, pad 1, relu, max-pool\n\
             conv2: 8x7x7 -> 16x3x3, kernel 3x3, stride 1, pad 1, relu, max-pool\n\
             fc1: 16x3x3 -> 10x1x1, kernel 3x3, stride 3, pad 0\n"
        );
    }

    #[test]
    fn refusals_name_layer_limit_and_excess() {
        let shape = Shape {
            c: 4096,
            h: 8,
            w: 8,
        };
        let e = Network::new(shape, &[Layer::conv(8, 5, 1, 2)]).unwrap_err();
        let text = e.to_string();
        assert!(
            text.contains("conv1") && text.contains("65540") && text.contains("36860 too many"),
            "{text}"
        );
        for (layers, word) in [
            (vec![Layer::conv(8, 3, 1, 3)], "padding"),
            (vec![Layer::conv(8, 3, 3, 1)], "stride"),
            (vec![Layer::Relu], "relu"),
            (
                vec![Layer::conv(8, 3, 1, 1), Layer::MaxPool2, Layer::Relu],
                "relu",
            ),
            (vec![Layer::conv(8, 9, 1, 0)], "kernel larger"),
            (vec![], "layers"),
        ] {
            let e = Network::new(Shape { c: 1, h: 8, w: 8 }, &layers)
                .unwrap_err()
                .to_string();
            assert!(e.contains(word), "{e}");
        }
    }
}
