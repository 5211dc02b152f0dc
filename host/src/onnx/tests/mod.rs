//! Files that are broken on purpose: by hand, with the message each gets, and at random.

mod mutated;
mod refused;

use super::proto::{AttributeProto, ModelProto, NodeProto};
use super::{export, Metadata};
use crate::network::{Layer as L, Network, Shape};
use crate::parameters::Parameters;
use prost::Message;

/// A small network's file, decoded.
fn model_of(layers: &[L]) -> ModelProto {
    let network = Network::new(Shape { c: 1, h: 8, w: 8 }, layers).unwrap();
    let parameters = Parameters::random(&network, 1);
    let file = export(&network, &parameters, &Metadata::default()).unwrap();
    ModelProto::decode(file.as_slice()).unwrap()
}

/// Convolutions, ReLU, pool, fully connected layer.
fn plain() -> ModelProto {
    model_of(&[
        L::conv(4, 3, 1, 1),
        L::Relu,
        L::MaxPool2,
        L::conv(4, 3, 1, 1),
        L::FullyConnected { out: 3 },
    ])
}

/// The same with two residuals and a mean.
fn residual() -> ModelProto {
    model_of(&[
        L::conv(4, 3, 1, 1),
        L::Relu,
        L::residual(vec![L::conv(4, 3, 1, 1), L::Relu, L::conv(4, 3, 1, 1)]),
        L::Relu,
        L::projected(vec![L::conv(6, 3, 2, 1), L::Relu, L::conv(6, 3, 1, 1)]),
        L::GlobalAveragePool,
        L::FullyConnected { out: 3 },
    ])
}

impl ModelProto {
    fn nodes(&mut self) -> &mut Vec<NodeProto> {
        &mut self.graph.as_mut().unwrap().node
    }

    fn find(&mut self, name: &str) -> &mut NodeProto {
        let named = |n: &&mut NodeProto| n.name.as_deref() == Some(name);
        self.nodes().iter_mut().find(named).unwrap()
    }

    /// Puts a node that reads `from` behind it: what read `from` before reads the new one.
    fn after(&mut self, from: &str, mut node: NodeProto) {
        let at = self
            .nodes()
            .iter()
            .position(|n| n.output == [from])
            .unwrap();
        for later in &mut self.nodes()[at + 1..] {
            for input in later.input.iter_mut().filter(|i| *i == from) {
                *input = node.output[0].clone();
            }
        }
        if let Some(first) = node.input.iter_mut().find(|i| i.is_empty()) {
            *first = from.into();
        }
        self.nodes().insert(at + 1, node);
    }
}

/// A node named like its output; an empty input is filled in by [`ModelProto::after`].
fn node(
    operator: &str,
    inputs: &[&str],
    output: &str,
    attribute: Vec<AttributeProto>,
) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|i| i.to_string()).collect(),
        output: vec![output.into()],
        name: Some(output.into()),
        op_type: Some(operator.into()),
        attribute,
        domain: None,
    }
}
