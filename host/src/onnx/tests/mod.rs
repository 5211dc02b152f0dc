//! Files written in other ways, and files broken on purpose: by hand, with the message each gets, and at random.

mod accepted;
mod mutated;
mod refused;

use super::proto::{data_type, AttributeProto, ModelProto, NodeProto, TensorProto};
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

    fn weight(&mut self, name: &str) -> &mut TensorProto {
        let named = |t: &&mut TensorProto| t.name.as_deref() == Some(name);
        let all = &mut self.graph.as_mut().unwrap().initializer;
        all.iter_mut().find(named).unwrap()
    }

    fn store(&mut self, tensor: TensorProto) {
        self.graph.as_mut().unwrap().initializer.push(tensor);
    }

    /// Sets an attribute of a node.
    fn set(&mut self, name: &str, attribute: AttributeProto) {
        let node = self.find(name);
        node.attribute.retain(|a| a.name != attribute.name);
        node.attribute.push(attribute);
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

fn tensor(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        dims: dims.to_vec(),
        data_type: Some(data_type::FLOAT),
        name: Some(name.into()),
        float_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn whole(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        data_type: Some(data_type::INT64),
        int64_data: values.to_vec(),
        ..tensor(name, &[values.len() as i64], &[])
    }
}
