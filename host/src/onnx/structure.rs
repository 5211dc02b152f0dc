//! From operations to layers: a chain from the input to the output, with residuals where two values are added.
//!
//! Where an Add joins two values, both come from a last common value: the nearest operation that every path to either passes. One of the
//! two is that value or a 1×1 convolution of it; the way to the other is the body.

use super::fold::sources;
use super::graph::{Graph, Id, Kind};
use super::Note;
use crate::network::Layer;
use crate::parameters::Tensors;

/// Deepest residuals in residuals.
const MAX_DEPTH: usize = 16;

/// Layers with weights, and the node each comes from.
#[derive(Default)]
pub struct Structure {
    /// Layers, in order.
    pub layers: Vec<Layer>,
    /// Weights of all stages, in order; empty ones for average pools.
    pub tensors: Vec<Tensors>,
    /// Position of a layer, as errors of the compiler give it, with its node.
    pub origins: Vec<(String, usize)>,
}

/// A layer with what it needs.
enum Item {
    Linear(Layer, Tensors, usize),
    Plain(Layer, usize),
    Residual(Vec<Item>, Option<Tensors>, usize),
}

/// Builds the layers; none if something is on the graph's list.
pub fn build(graph: &mut Graph) -> Option<Structure> {
    let sources = sources(graph);
    let mut end = *sources.get(graph.output?)?;
    while graph.operations[end].kind == Kind::Softmax {
        let node = graph.operations[end].node;
        graph.notes.push(Note::Softmax {
            node: graph.nodes[node].name(),
        });
        end = *sources.get(*graph.operations[end].inputs.first()?)?;
    }
    let mut walk = Walk::new(graph, sources);
    let items = walk.chain(0, end, 0)?;
    if !graph.unsupported.is_empty() {
        return None;
    }
    let mut built = Structure::default();
    built.layers = lay(items, "", &mut built.tensors, &mut built.origins);
    Some(built)
}

fn lay(
    items: Vec<Item>,
    prefix: &str,
    tensors: &mut Vec<Tensors>,
    origins: &mut Vec<(String, usize)>,
) -> Vec<Layer> {
    let mut layers = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        let index = format!("{prefix}{i}");
        let (node, layer) = match item {
            Item::Linear(layer, weights, node) => {
                tensors.push(weights);
                (node, layer)
            }
            Item::Plain(layer, node) => {
                if matches!(layer, Layer::AveragePool { .. } | Layer::GlobalAveragePool) {
                    tensors.push(Tensors::default());
                }
                (node, layer)
            }
            Item::Residual(body, projection, node) => {
                let project = projection.is_some();
                tensors.extend(projection);
                let body = lay(body, &format!("{index}."), tensors, origins);
                (node, Layer::Residual { body, project })
            }
        };
        origins.push((index, node));
        layers.push(layer);
    }
    layers
}

/// A ReLU after a max-pool goes before it, which gives the same values; one that changes nothing is left out.
fn relu(items: &mut Vec<Item>, node: usize) -> bool {
    let positive = items.iter().rev().find(|i| {
        matches!(
            i,
            Item::Linear(..) | Item::Residual(..) | Item::Plain(Layer::Relu, _)
        )
    });
    if matches!(positive, Some(Item::Plain(Layer::Relu, _))) {
        return false;
    }
    let item = Item::Plain(Layer::Relu, node);
    let moves = matches!(
        items.as_slice(),
        [.., Item::Linear(..), Item::Plain(Layer::MaxPool2, _)]
    );
    items.insert(items.len() - usize::from(moves), item);
    moves
}

struct Walk<'g, 'a> {
    graph: &'g mut Graph<'a>,
    sources: Vec<Id>,
    /// The nearest operation every path from the input to this one passes, and how many of those there are.
    before: Vec<Option<(Id, usize)>>,
}

impl<'g, 'a> Walk<'g, 'a> {
    fn new(graph: &'g mut Graph<'a>, sources: Vec<Id>) -> Self {
        let mut walk = Walk {
            before: Vec::with_capacity(sources.len()),
            graph,
            sources,
        };
        for i in 0..walk.sources.len() {
            let from: Vec<Id> = walk.inputs(i);
            let parent = match from.as_slice() {
                [] => None,
                &[a] => Some(a),
                &[a, b, ..] => walk.common(a, b),
            };
            let depth = |p: Id| 1 + walk.before[p].map_or(0, |(_, depth)| depth);
            let entry = parent.map(|p| (p, depth(p)));
            walk.before.push(entry);
        }
        walk
    }

    fn inputs(&self, i: Id) -> Vec<Id> {
        let inputs = self.graph.operations[i].inputs.iter();
        inputs.map(|&id| self.sources[id]).collect()
    }

    /// The last operation that every path to `a` and every path to `b` passes.
    fn common(&self, mut a: Id, mut b: Id) -> Option<Id> {
        let depth = |i: Id| self.before[i].map_or(0, |(_, depth)| depth);
        while a != b {
            if depth(a) >= depth(b) {
                a = self.before[a]?.0;
            } else {
                b = self.before[b]?.0;
            }
        }
        Some(a)
    }

    fn refuse<T>(&mut self, id: Id, found: &str, works: &str) -> Option<T> {
        let node = self.graph.operations[id].node;
        self.graph.refuse(node, found.into(), works.into());
        None
    }

    /// Layers from `start` on to `end`; none if some cannot run.
    fn chain(&mut self, start: Id, end: Id, depth: usize) -> Option<Vec<Item>> {
        let mut path = Vec::new();
        let mut at = end;
        while at != start {
            path.push(at);
            at = self.before[at]?.0;
        }
        let mut items = Vec::new();
        let mut whole = true;
        for id in path.into_iter().rev() {
            let node = self.graph.operations[id].node;
            match &mut self.graph.operations[id].kind {
                Kind::Linear(layer, tensors) => {
                    let (layer, tensors) = (layer.clone(), std::mem::take(tensors));
                    items.push(Item::Linear(layer, tensors, node));
                }
                Kind::Plain(Layer::Relu) => {
                    if relu(&mut items, node) {
                        let node = self.graph.nodes[node].name();
                        self.graph.notes.push(Note::Relu { node });
                    }
                }
                Kind::Plain(layer) => items.push(Item::Plain(layer.clone(), node)),
                Kind::Add => match self.residual(id, depth) {
                    Some(item) => items.push(item),
                    None => whole = false,
                },
                Kind::Softmax => {
                    whole = self
                        .refuse(id, "its place, before other layers", "Softmax at the end")
                        .unwrap_or(false);
                }
                Kind::Input | Kind::Affine { .. } | Kind::Same | Kind::Foreign => whole = false,
            }
        }
        whole.then_some(items)
    }

    fn residual(&mut self, id: Id, depth: usize) -> Option<Item> {
        if depth == MAX_DEPTH {
            return self.refuse(
                id,
                "residuals more than 16 deep",
                "residuals one after another",
            );
        }
        let &[a, b] = self.inputs(id).as_slice() else {
            return None;
        };
        let from = self.before[id]?.0;
        if a == b {
            return self.refuse(
                id,
                "a value added to itself",
                "a residual: a value and what convolutions make of it",
            );
        }
        let (body, skip) = match [(a, b), (b, a)].into_iter().find(|&(_, skip)| skip == from) {
            Some(pair) => pair,
            None => {
                let projects = |&(_, skip): &(Id, Id)| self.is_projection(skip, from);
                match [(a, b), (b, a)].into_iter().find(projects) {
                    Some(pair) => pair,
                    None => {
                        return self.refuse(
                            id,
                            "a sum of two branches with several layers each",
                            "a residual: one side is what went in, or a 1x1 convolution of it with stride 1 or 2, without ReLU",
                        )
                    }
                }
            }
        };
        let projection = match &mut self.graph.operations[skip].kind {
            Kind::Linear(_, tensors) if skip != from => Some(std::mem::take(tensors)),
            _ => None,
        };
        let node = self.graph.operations[id].node;
        let body = self.chain(from, body, depth + 1)?;
        Some(Item::Residual(body, projection, node))
    }

    fn is_projection(&self, id: Id, from: Id) -> bool {
        let one = Layer::Conv {
            co: 0,
            kernel: (1, 1),
            stride: 1,
            pad: 0,
        };
        let Kind::Linear(layer, _) = &self.graph.operations[id].kind else {
            return false;
        };
        let mut layer = layer.clone();
        if let Layer::Conv { co, stride, .. } = &mut layer {
            (*co, *stride) = (0, 1);
        }
        layer == one && self.inputs(id) == [from]
    }
}
