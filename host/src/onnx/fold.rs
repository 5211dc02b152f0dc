//! Folds what only scales and shifts channels into the layer before it: batch norm, biases on their own.

use super::error::{malformed, OnnxError};
use super::graph::{Graph, Id, Kind};
use super::Note;
use crate::network::Layer;
use crate::parameters::Tensors;

/// For every operation the one whose value it has: itself, unless it has no effect.
pub fn sources(graph: &Graph) -> Vec<Id> {
    let mut sources: Vec<Id> = Vec::with_capacity(graph.operations.len());
    for (i, operation) in graph.operations.iter().enumerate() {
        let same = match (&operation.kind, operation.inputs.first()) {
            (Kind::Same, Some(&from)) => sources.get(from).copied(),
            _ => None,
        };
        sources.push(same.unwrap_or(i));
    }
    sources
}

/// How many operations read each value, past those without effect.
fn uses(graph: &Graph) -> Vec<usize> {
    let mut uses = vec![0usize; graph.operations.len()];
    if let Some(output) = graph.output {
        uses[output] += 1;
    }
    for (i, operation) in graph.operations.iter().enumerate().rev() {
        let read = if operation.kind == Kind::Same {
            uses[i]
        } else {
            1
        };
        for &input in &operation.inputs {
            uses[input] += read;
        }
    }
    uses
}

/// Folds all that can be; what cannot goes on the graph's list.
pub fn fold(graph: &mut Graph) -> Result<(), OnnxError> {
    let mut uses = uses(graph);
    let mut sources = sources(graph);
    for i in 0..graph.operations.len() {
        let Some(&input) = graph.operations[i].inputs.first() else {
            continue;
        };
        let source = sources[input];
        if graph.operations[i].kind == Kind::Same {
            sources[i] = source;
            continue;
        }
        let Kind::Affine { scale, shift } = &graph.operations[i].kind else {
            continue;
        };
        let (scale, shift) = (scale.clone(), shift.clone());
        let index = graph.operations[i].node;
        let node = graph.nodes[index];
        let norm = node.operator() == "BatchNormalization";
        let layer = &mut graph.operations[source];
        let into = graph.nodes.get(layer.node).map(|n| n.name());
        match &mut layer.kind {
            Kind::Linear(_, tensors) if uses[source] == 1 && tensors.bias.len() == scale.len() => {
                if !apply(tensors, &scale, &shift) {
                    return Err(malformed(
                        node.place(),
                        "weights after folding",
                        "one that is not finite",
                        "finite numbers",
                        "check the run they came from",
                    ));
                }
                uses[source] = uses[i];
                sources[i] = source;
                graph.operations[i].kind = Kind::Same;
                if norm {
                    graph.notes.push(Note::BatchNorm {
                        node: node.name(),
                        into: into.unwrap_or_default(),
                    });
                }
            }
            Kind::Foreign => {}
            kind => {
                let found = match kind {
                    Kind::Linear(..) => "a layer that something else reads too",
                    Kind::Input => "the input",
                    Kind::Plain(Layer::Relu) => "a ReLU",
                    Kind::Plain(_) => "a pool",
                    Kind::Add => "a residual",
                    _ => "another operator",
                };
                let works =
                    "directly after a convolution or fully connected layer that nothing else reads";
                graph.refuse(index, format!("its place, after {found}"), works.into());
            }
        }
    }
    Ok(())
}

/// Scales and shifts every output; whether all stays finite.
fn apply(tensors: &mut Tensors, scale: &[f64], shift: &[f64]) -> bool {
    let Tensors { weight, bias } = tensors;
    let each = weight.len() / bias.len().max(1);
    for (row, s) in weight.chunks_exact_mut(each.max(1)).zip(scale) {
        row.iter_mut().for_each(|w| *w = (f64::from(*w) * s) as f32);
    }
    for (b, (s, t)) in bias.iter_mut().zip(scale.iter().zip(shift)) {
        *b = (f64::from(*b) * s + t) as f32;
    }
    weight.iter().chain(bias.iter()).all(|v| v.is_finite())
}
