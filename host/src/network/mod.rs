//! The typed graph: layers as a user lists them, checked and fused into stages the engine runs in one go.
//!
//! A stage is a convolution (a fully connected layer is one whose kernel is the whole plane) with its ReLU and its 2×2
//! max-pool. Only chains are described; there is no branch or skip.

mod stage;

use crate::error::CompileError;
pub use stage::{Extent, Layer, Shape, Stage};
use std::fmt;
use tandem_isa::numerics::{MAX_K, MAX_K_PRELOAD};

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
