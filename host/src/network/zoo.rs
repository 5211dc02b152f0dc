//! Networks with names, to train and to measure.

use super::{Layer, Network, Shape};
use crate::error::CompileError;

/// A network by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// LeNet-5 on 28×28 grey images: two 5×5 convolutions, three fully connected layers.
    LeNet5,
    /// Eight plain layers on 32×32 colour images: seven 3×3 convolutions and a fully connected layer.
    Plain8,
    /// ResNet-20 on 32×32 colour images, without batch norm: nine residuals of two 3×3 convolutions, 16, 32 and 64 channels,
    /// 1×1 projections where these change.
    ResNet20,
}

impl Named {
    /// All of them.
    pub const ALL: [Named; 3] = [Named::LeNet5, Named::Plain8, Named::ResNet20];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Named::LeNet5 => "lenet-5",
            Named::Plain8 => "plain-8",
            Named::ResNet20 => "resnet-20",
        }
    }

    /// The one of that name.
    pub fn find(name: &str) -> Option<Named> {
        Self::ALL.into_iter().find(|n| n.name() == name)
    }

    /// Shape of an image.
    pub const fn input(self) -> Shape {
        match self {
            Named::LeNet5 => Shape { c: 1, h: 28, w: 28 },
            Named::Plain8 | Named::ResNet20 => Shape { c: 3, h: 32, w: 32 },
        }
    }

    /// Its layers, with 10 classes.
    pub fn layers(self) -> Vec<Layer> {
        match self {
            Named::LeNet5 => vec![
                Layer::conv(6, 5, 1, 2),
                Layer::Relu,
                Layer::MaxPool2,
                Layer::conv(16, 5, 1, 0),
                Layer::Relu,
                Layer::MaxPool2,
                Layer::FullyConnected { out: 120 },
                Layer::Relu,
                Layer::FullyConnected { out: 84 },
                Layer::Relu,
                Layer::FullyConnected { out: 10 },
            ],
            Named::Plain8 => {
                let mut layers = Vec::new();
                for (channels, count) in [(32, 2), (64, 2), (128, 3)] {
                    for _ in 0..count {
                        layers.extend([Layer::conv(channels, 3, 1, 1), Layer::Relu]);
                    }
                    layers.push(Layer::MaxPool2);
                }
                layers.push(Layer::FullyConnected { out: 10 });
                layers
            }
            Named::ResNet20 => residual(&[16, 32, 64], 3, 10),
        }
    }

    /// It, checked.
    pub fn network(self) -> Result<Network, CompileError> {
        Network::new(self.input(), &self.layers())
    }
}

/// A ResNet in the shape that is used for small images: a 3×3 convolution, `blocks` residuals of two 3×3 convolutions for each
/// number of channels, rows and columns halved where it changes, a global average pool and a fully connected layer.
pub fn residual(channels: &[usize], blocks: usize, classes: usize) -> Vec<Layer> {
    let first = channels.first().copied().unwrap_or(1);
    let mut layers = vec![Layer::conv(first, 3, 1, 1), Layer::Relu];
    for (stage, &c) in channels.iter().enumerate() {
        for block in 0..blocks {
            let changes = stage > 0 && block == 0;
            let body = vec![
                Layer::conv(c, 3, if changes { 2 } else { 1 }, 1),
                Layer::Relu,
                Layer::conv(c, 3, 1, 1),
            ];
            layers.push(Layer::Residual {
                body,
                project: changes,
            });
            layers.push(Layer::Relu);
        }
    }
    layers.extend([
        Layer::GlobalAveragePool,
        Layer::FullyConnected { out: classes },
    ]);
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_has_its_figures() {
        for (named, stages, parameters) in [
            (Named::LeNet5, 5, 61_706),
            (Named::Plain8, 8, 455_082),
            (Named::ResNet20, 23, 271_690),
        ] {
            let n = named.network().unwrap();
            assert_eq!(n.stages().len(), stages, "{n}");
            assert_eq!(n.parameters(), parameters, "{n}");
            assert_eq!(Named::find(named.name()), Some(named));
        }
        assert_eq!(Named::find("alexnet"), None);
    }
}
