//! The typed graph: layers as a user lists them, checked and fused into stages the engine runs in one go.
//!
//! A stage is a convolution (a fully connected layer is one whose kernel is the whole plane) with its ReLU and its 2×2
//! max-pool, or an average pool. It works on the output of a stage before it, mostly the last one, and may add that of another: a
//! residual ([`graph`]). Networks to start from are in [`zoo`].

mod build;
pub mod frozen;
pub mod graph;
mod stage;
pub mod zoo;

use crate::error::CompileError;
use build::Builder;
pub use stage::{Extent, Kind, Layer, Shape, Stage};
use std::fmt;

/// A checked network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    input: Shape,
    layers: Vec<Layer>,
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
        let mut builder = Builder::new(input);
        for (index, layer) in layers.iter().enumerate() {
            builder.layer(&index.to_string(), layer)?;
        }
        let stages = builder.stages;
        if stages.is_empty() {
            return Err(CompileError::Input {
                what: "network",
                found: format!("{} layers, none with weights", layers.len()),
                expected: "at least one convolution or fully connected layer".into(),
                remedy: "add a layer",
            });
        }
        Ok(Network {
            input,
            layers: layers.to_vec(),
            stages,
        })
    }

    /// Shape of an image.
    pub const fn input(&self) -> Shape {
        self.input
    }

    /// The layers it was made of.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
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

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "input {}", self.input)?;
        for (i, s) in self.stages.iter().enumerate() {
            let read = |i: usize| self.stages.get(i).map_or("images", |s| &s.name);
            let from = match s.source {
                Some(j) if j + 1 != i => format!(", from {}", read(j)),
                _ => String::new(),
            };
            let skip = s
                .skip
                .map_or_else(String::new, |j| format!(", + {}", read(j)));
            if s.kind == Kind::AveragePool {
                let (name, x, y) = (&s.name, s.input(), s.output());
                let (kh, kw) = (s.y.kernel, s.x.kernel);
                writeln!(f, "{name}: {x} -> {y}, mean of {kh}x{kw}{from}")?;
                continue;
            }
            writeln!(
                f,
                "{}: {} -> {}, kernel {}x{}, stride {}, pad {}{from}{skip}{}{}",
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
    fn an_average_pool_is_a_stage_without_parameters() {
        let n = Network::new(
            Shape { c: 3, h: 9, w: 8 },
            &[
                Layer::conv(8, 3, 1, 1),
                Layer::AveragePool { size: 2 },
                Layer::GlobalAveragePool,
            ],
        )
        .unwrap();
        assert_eq!(
            n.to_string(),
            "input 3x9x8\nconv1: 3x9x8 -> 8x9x8, kernel 3x3, stride 1, pad 1\n\
             average1: 8x9x8 -> 8x4x4, mean of 2x2\naverage2: 8x4x4 -> 8x1x1, mean of 4x4\n"
        );
        assert_eq!(n.parameters(), 3 * 8 * 9 + 8);
        assert_eq!(n.macs(), 9 * 8 * 3 * 8 * 9 + 8 * 4 * 4 * 4 + 8 * 16);
    }

    #[test]
    fn a_residual_reads_an_earlier_stage() {
        let n = Network::new(
            Shape { c: 3, h: 9, w: 8 },
            &[
                Layer::conv(4, 3, 1, 1),
                Layer::Relu,
                Layer::residual(vec![Layer::conv(4, 3, 1, 1)]),
                Layer::projected(vec![
                    Layer::conv(6, 3, 2, 1),
                    Layer::Relu,
                    Layer::conv(6, 3, 1, 1),
                ]),
                Layer::Relu,
            ],
        )
        .unwrap();
        assert_eq!(
            n.to_string(),
            "input 3x9x8\nconv1: 3x9x8 -> 4x9x8, kernel 3x3, stride 1, pad 1, relu\n\
             conv2: 4x9x8 -> 4x9x8, kernel 3x3, stride 1, pad 1, + conv1\n\
             project1: 4x9x8 -> 6x5x4, kernel 1x1, stride 2, pad 0\n\
             conv3: 4x9x8 -> 6x5x4, kernel 3x3, stride 2, pad 1, from conv2, relu\n\
             conv4: 6x5x4 -> 6x5x4, kernel 3x3, stride 1, pad 1, + project1, relu\n"
        );
    }

    #[test]
    fn residuals_that_do_not_fit_are_refused_in_words() {
        let conv = |c| Layer::conv(c, 3, 1, 1);
        let after = |layer| vec![conv(4), layer];
        for (layers, words) in [
            (vec![Layer::residual(vec![conv(3)])], "put a convolution before it"),
            (after(Layer::residual(vec![])), "found nothing, expected a convolution"),
            (
                after(Layer::residual(vec![conv(4), Layer::Relu])),
                "put the relu after the residual",
            ),
            (
                after(Layer::residual(vec![Layer::Relu, conv(4)])),
                "layer 1.0 (relu): place of a relu",
            ),
            (
                after(Layer::residual(vec![conv(5)])),
                "layer 1 (residual [conv 3x3 to 5, stride 1, pad 1]): shape of a residual's body: found 4x8x8 in, 5x8x8 \
                 out, expected the same; keep channels, rows and columns, or let the residual project",
            ),
            (
                after(Layer::projected(vec![Layer::conv(4, 3, 1, 0)])),
                "found 8x8 in, 6x6 out, expected the same, or half of them rounded up",
            ),
            (
                after(Layer::residual(vec![
                    Layer::residual(vec![conv(4)]),
                    conv(4),
                ])),
                "found two or more, at conv1, expected one",
            ),
            (
                vec![conv(4), Layer::residual(vec![conv(4)]), Layer::MaxPool2],
                "layer 2 (max-pool 2x2): place of a max-pool: found after a residual",
            ),
            (
                after(Layer::residual(vec![conv(4), Layer::conv(0, 3, 1, 1)])),
                "layer 1.1 (conv 3x3 to 0, stride 1, pad 1): output channels",
            ),
        ] {
            let e = Network::new(Shape { c: 3, h: 8, w: 8 }, &layers).unwrap_err();
            assert!(e.to_string().contains(words), "{e}");
        }
        // The sum of an input gradient and a skip word has less room.
        let e = Network::new(
            Shape {
                c: 4096,
                h: 8,
                w: 8,
            },
            &[
                Layer::conv(4096, 1, 1, 0),
                Layer::residual(vec![Layer::conv(4096, 5, 1, 2), Layer::conv(4096, 1, 1, 0)]),
            ],
        )
        .unwrap_err();
        assert!(e.to_string().contains("65540"), "{e}");
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
            (vec![Layer::GlobalAveragePool], "first layer"),
            (
                vec![Layer::conv(8, 3, 1, 1), Layer::AveragePool { size: 9 }],
                "at least 9 rows",
            ),
            (
                vec![Layer::conv(8, 8, 1, 0), Layer::GlobalAveragePool],
                "found 1x1, expected 2 to 32768 values",
            ),
            (
                vec![
                    Layer::conv(8, 3, 1, 1),
                    Layer::GlobalAveragePool,
                    Layer::Relu,
                ],
                "layer 2 (relu)",
            ),
            (
                vec![
                    Layer::conv(8, 3, 1, 1),
                    Layer::AveragePool { size: 2 },
                    Layer::MaxPool2,
                ],
                "place of a max-pool",
            ),
            (vec![], "layers"),
        ] {
            let e = Network::new(Shape { c: 1, h: 8, w: 8 }, &layers)
                .unwrap_err()
                .to_string();
            assert!(e.contains(word), "{e}");
        }
    }
}
