//! Networks from and to ONNX files.
//!
//! [`import`] reads what PyTorch and others export: Conv, Gemm, MatMul, Add, Relu, MaxPool, AveragePool, GlobalAveragePool,
//! ReduceMean, Flatten, Reshape, BatchNormalization, Dropout, Identity, and Softmax or LogSoftmax at the end. Everything else is
//! refused, all of it at once, with what would work. [`export`] writes files that onnxruntime opens. A file is untrusted: it
//! is bounded before it is decoded, and no file makes this panic.
//!
//! ```
//! use tandem::network::{Layer, Network, Shape};
//! use tandem::onnx::{export, import, Metadata};
//! use tandem::parameters::Parameters;
//!
//! let layers = [Layer::conv(4, 3, 1, 1), Layer::Relu, Layer::FullyConnected { out: 10 }];
//! let network = Network::new(Shape { c: 1, h: 8, w: 8 }, &layers)?;
//! let parameters = Parameters::random(&network, 1);
//! let file = export(&network, &parameters, &Metadata::default())?;
//! let read = import(&file)?;
//! assert_eq!((read.network, read.parameters), (network, parameters));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bounds;
mod dims;
mod error;
mod export;
mod fold;
mod graph;
mod guess;
mod linear;
mod metadata;
mod node;
mod operators;
mod pool;
mod proto;
mod range;
mod structure;
mod tensor;
#[cfg(test)]
mod tests;

pub use bounds::{MAX_BYTES, MAX_PARTS};
pub use error::{OnnxError, Unsupported};
pub use export::{export, OPSET};
pub use metadata::{Metadata, CLASSES, DEVIATION, MEAN};

use crate::error::CompileError;
use crate::network::{Network, Stage};
use crate::parameters::Parameters;
use error::{malformed, AGAIN};
use graph::Graph;
use prost::Message;
use std::fmt;

/// Versions of the operators that are read.
pub const OPSETS: std::ops::RangeInclusive<i64> = 7..=25;

/// A network that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// It, checked.
    pub network: Network,
    /// Its weights, batch norm folded in.
    pub parameters: Parameters,
    /// Classes and normalisation, where the file has them.
    pub metadata: Metadata,
    /// What is not as in the file.
    pub notes: Vec<Note>,
}

/// Something the user should know of a file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Batch norm is part of the layer before it: training goes on with its statistics as they are.
    BatchNorm {
        /// The batch norm.
        node: String,
        /// The layer.
        into: String,
    },
    /// A Softmax at the end was left out: the engine has its own.
    Softmax {
        /// The node.
        node: String,
    },
    /// A dropout was left out, also for training.
    Dropout {
        /// The node.
        node: String,
    },
    /// A ReLU was put before the max-pool it follows.
    Relu {
        /// The node.
        node: String,
    },
    /// Values inside are scaled by a power of two, because biases were out of the engine's range; the scores are the same.
    Scaled {
        /// What is inside is 2 to the power of minus this of what it was.
        exponent: i32,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::BatchNorm { node, into } => write!(
                f,
                "batch norm `{node}` is folded into `{into}`: it is fine-tuned with frozen statistics"
            ),
            Note::Softmax { node } => write!(f, "`{node}` is left out: the engine computes it"),
            Note::Dropout { node } => write!(f, "dropout `{node}` is left out, in training too"),
            Note::Relu { node } => write!(
                f,
                "ReLU `{node}` is done before the max-pool, which gives the same values"
            ),
            Note::Scaled { exponent } => write!(
                f,
                "values between the layers are divided by {}, to bring biases into range; the scores are the same",
                2f64.powi(*exponent)
            ),
        }
    }
}

/// Reads a file.
pub fn import(bytes: &[u8]) -> Result<Imported, OnnxError> {
    bounds::check(bytes)?;
    let model = proto::ModelProto::decode(bytes).map_err(|e| OnnxError::Protobuf(e.to_string()))?;
    let opset = opset(&model)?;
    let Some(proto) = &model.graph else {
        let text = "it has no graph".to_string();
        return Err(OnnxError::Protobuf(text));
    };
    let mut graph = Graph::read(proto, opset)?;
    fold::fold(&mut graph)?;
    let built = structure::build(&mut graph);
    let Some(built) = built.filter(|_| graph.unsupported.is_empty()) else {
        return Err(graph.refused());
    };
    let input = graph.operations[0].flow.shape;
    let network = match Network::new(input, &built.layers) {
        Ok(network) => network,
        Err(e) => return Err(placed(graph, &built.origins, e)),
    };
    let mut parameters = Parameters(built.tensors);
    check(&network, &parameters)?;
    if let Some(exponent) = range::fit(&network, &mut parameters) {
        graph.notes.push(Note::Scaled { exponent });
    }
    let metadata = Metadata::read(&model.metadata_props, network.output().c, input.c)?;
    Ok(Imported {
        network,
        parameters,
        metadata,
        notes: graph.notes,
    })
}

/// The version of ONNX's own operators.
fn opset(model: &proto::ModelProto) -> Result<i64, OnnxError> {
    let own = |o: &&proto::OperatorSetIdProto| {
        ["", "ai.onnx"].contains(&o.domain.as_deref().unwrap_or(""))
    };
    let version = model.opset_import.iter().find(own).and_then(|o| o.version);
    match version {
        Some(v) if OPSETS.contains(&v) => Ok(v),
        other => Err(malformed(
            "model",
            "version of the operators (opset)",
            other.map_or("none".into(), |v| v.to_string()),
            format!("{} to {}", OPSETS.start(), OPSETS.end()),
            "export with opset 17",
        )),
    }
}

/// A refusal of the compiler, at the node it is about.
fn placed(mut graph: Graph, origins: &[(String, usize)], e: CompileError) -> OnnxError {
    if let CompileError::Layer { layer, .. } = &e {
        let index = layer.split(' ').next().unwrap_or("");
        if let Some((_, node)) = origins.iter().find(|(path, _)| path == index) {
            let (found, works) = linear::reason(&e);
            graph.refuse(*node, found, works);
            return graph.refused();
        }
    }
    OnnxError::Network(e)
}

/// Whether there are the weights every stage needs.
fn check(network: &Network, parameters: &Parameters) -> Result<(), OnnxError> {
    let stages = network.stages();
    let fits = |(s, t): (&Stage, &crate::parameters::Tensors)| {
        (s.weights(), s.biases()) == (t.weight.len(), t.bias.len())
    };
    let all = stages.len() == parameters.0.len();
    if all && stages.iter().zip(&parameters.0).all(fits) {
        return Ok(());
    }
    Err(malformed(
        "parameters",
        "number of weights",
        format!("{} tensors", parameters.0.len()),
        format!("those of {} stages", stages.len()),
        AGAIN,
    ))
}
