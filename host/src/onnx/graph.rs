//! The graph of a file as operations on images: every node read, checked and given a shape; what cannot run is collected.

use super::dims::{self, Dim, Dims};
use super::error::{malformed, OnnxError, Unsupported, AGAIN};
use super::node::{refuse, Node, Stop};
use super::proto::{GraphProto, TensorProto, ValueInfoProto};
use super::tensor::{Tensor, Values};
use super::{guess, operators, Note};
use crate::network::{Layer, Shape};
use crate::parameters::Tensors;
use std::cell::Cell;
use std::collections::HashMap;

/// Most nodes of a graph.
pub const MAX_NODES: usize = 10_000;

/// Most values of constants, each counted whenever it is read: shared weights are read more than once.
pub const MAX_VALUES: usize = 1 << 25;

/// Which operation makes a value.
pub type Id = usize;

/// The shape of one image on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Channels, rows, columns, as they were before they were flattened.
    pub shape: Shape,
    /// Flattened: N×(C·H·W) in the file.
    pub flat: bool,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The images.
    Input,
    /// A convolution or fully connected layer with its weights.
    Linear(Layer, Tensors),
    /// Every channel times a number, plus a number: batch norm, or a bias on its own.
    Affine { scale: Vec<f64>, shift: Vec<f64> },
    /// A layer without weights, and no residual.
    Plain(Layer),
    /// A sum of two values.
    Add,
    /// Confidences out of scores.
    Softmax,
    /// The value itself: what was folded or has no effect.
    Same,
    /// What the engine cannot run.
    Foreign,
}

/// A node that computes something of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its place among the nodes; of the images 0.
    pub node: usize,
    /// What it does.
    pub kind: Kind,
    /// What it reads.
    pub inputs: Vec<Id>,
    /// What it makes.
    pub flow: Flow,
}

/// What a name in the file stands for.
#[derive(Clone, Debug)]
enum Value<'a> {
    Image(Id),
    Stored(&'a TensorProto),
    Made(Tensor),
    Dims(Dims),
    /// The outcome of something the engine cannot run.
    Unknown,
}

/// What a node came to.
pub enum Outcome {
    /// Another operation.
    Operation(Kind, Vec<Id>, Flow),
    /// A constant.
    Constant(Tensor),
    /// Computed sizes.
    Dims(Dims),
    /// Nothing, because something before it cannot run.
    Unknown,
}

/// A graph that was read.
pub struct Graph<'a> {
    /// Its nodes.
    pub nodes: Vec<Node<'a>>,
    /// Its operations; the first is the images.
    pub operations: Vec<Operation>,
    /// The operation that makes its output.
    pub output: Option<Id>,
    /// What cannot run.
    pub unsupported: Vec<(usize, Unsupported)>,
    /// What the user is told.
    pub notes: Vec<Note>,
    /// Version of the operators.
    pub opset: i64,
    /// The number of images, where it is fixed.
    pub batch: Option<i64>,
    values: HashMap<&'a str, Value<'a>>,
    read: Cell<usize>,
}

impl<'a> Graph<'a> {
    /// Reads a graph.
    pub fn read(proto: &'a GraphProto, opset: i64) -> Result<Graph<'a>, OnnxError> {
        if proto.node.len() > MAX_NODES {
            return Err(OnnxError::Size {
                what: "nodes",
                found: proto.node.len(),
                limit: MAX_NODES,
            });
        }
        if !proto.sparse_initializer.is_empty() {
            return Err(malformed(
                "graph",
                "weights",
                "sparse ones",
                "dense tensors",
                "export without sparsity",
            ));
        }
        let node = |(i, n)| Node::new(i, n);
        let mut graph = Graph {
            nodes: proto.node.iter().enumerate().map(node).collect(),
            operations: Vec::new(),
            output: None,
            unsupported: Vec::new(),
            notes: Vec::new(),
            opset,
            batch: None,
            values: HashMap::new(),
            read: Cell::new(0),
        };
        for tensor in &proto.initializer {
            let name = tensor.name.as_deref().unwrap_or("");
            graph.define(name, Value::Stored(tensor), "graph")?;
        }
        graph.input(&proto.input)?;
        let declared: HashMap<&str, &ValueInfoProto> = proto
            .value_info
            .iter()
            .filter_map(|v| Some((v.name.as_deref()?, v)))
            .collect();
        for i in 0..graph.nodes.len() {
            graph.node(i, &declared)?;
        }
        graph.outputs(&proto.output)?;
        Ok(graph)
    }

    fn define(&mut self, name: &'a str, value: Value<'a>, place: &str) -> Result<(), OnnxError> {
        if self.values.insert(name, value).is_some() {
            let found = format!("`{name}` twice");
            return Err(malformed(
                place,
                "name of a value",
                found,
                "every name once",
                AGAIN,
            ));
        }
        Ok(())
    }

    /// Takes the one input that is no constant.
    fn input(&mut self, inputs: &'a [ValueInfoProto]) -> Result<(), OnnxError> {
        let name = |v: &'a ValueInfoProto| v.name.as_deref().unwrap_or("");
        let images: Vec<&ValueInfoProto> = inputs
            .iter()
            .filter(|v| !self.values.contains_key(name(v)))
            .collect();
        let &[images] = images.as_slice() else {
            let names: Vec<&str> = images.iter().take(8).map(|v| name(v)).collect();
            return Err(malformed(
                "graph",
                "inputs",
                format!("{} {names:?}", images.len()),
                "one, the images",
                "export a network that takes a batch of images and nothing else",
            ));
        };
        let place = format!("input `{}`", name(images));
        let sizes = sizes(images);
        let flow = sizes.as_deref().and_then(flow);
        let Some(flow) = flow else {
            let found = match sizes {
                Some(s) => shown(&s),
                None => "no sizes".into(),
            };
            return Err(malformed(
                place,
                "shape of the input",
                found,
                "images x channels x rows x columns, all but the first fixed",
                "export with an example of the size that is used; only the number of images may be dynamic",
            ));
        };
        self.batch = sizes.and_then(|s| s.first().copied().flatten());
        self.operations.push(Operation {
            node: 0,
            kind: Kind::Input,
            inputs: Vec::new(),
            flow,
        });
        self.define(name(images), Value::Image(0), &place)
    }

    fn node(
        &mut self,
        index: usize,
        declared: &HashMap<&str, &ValueInfoProto>,
    ) -> Result<(), OnnxError> {
        let node = self.nodes[index];
        for name in node.inputs().iter().filter(|n| !n.is_empty()) {
            if !self.values.contains_key(name.as_str()) {
                return Err(malformed(
                    node.place(),
                    "input of a node",
                    format!("`{name}`, which nothing before it makes"),
                    "the input, a weight or an output of a node before it",
                    AGAIN,
                ));
            }
        }
        let place = node.place();
        let outputs = node.outputs().iter().map(String::as_str);
        let mut outputs = outputs.filter(|n| !n.is_empty());
        let Some(first) = outputs.next() else {
            return Err(malformed(place, "outputs of a node", "none", "one", AGAIN));
        };
        let value = match operators::read(self, &node) {
            Ok(Outcome::Operation(kind, inputs, flow)) => self.push(index, kind, inputs, flow),
            Ok(Outcome::Constant(tensor)) => Value::Made(tensor),
            Ok(Outcome::Dims(dims)) => Value::Dims(dims),
            Ok(Outcome::Unknown) | Err(Stop::Unknown) => {
                self.foreign(&node, declared.get(first).copied())
            }
            Err(Stop::Refused { found, works }) => {
                self.refuse(index, found, works);
                self.foreign(&node, declared.get(first).copied())
            }
            // What does not fit may follow from what cannot run, and that is listed.
            Err(Stop::Malformed(_)) if !self.unsupported.is_empty() => Value::Unknown,
            Err(Stop::Malformed(e)) => return Err(e),
        };
        self.define(first, value, &place)?;
        for name in outputs {
            self.define(name, Value::Unknown, &place)?;
        }
        Ok(())
    }

    fn push(&mut self, node: usize, kind: Kind, inputs: Vec<Id>, flow: Flow) -> Value<'a> {
        self.operations.push(Operation {
            node,
            kind,
            inputs,
            flow,
        });
        Value::Image(self.operations.len() - 1)
    }

    /// What cannot run, with the shape it should have, so that what comes after can be looked at.
    fn foreign(&mut self, node: &Node, declared: Option<&ValueInfoProto>) -> Value<'a> {
        let declared = declared.and_then(sizes).as_deref().and_then(flow);
        match declared.or_else(|| guess::shape(self, node)) {
            Some(flow) => self.push(node.index(), Kind::Foreign, Vec::new(), flow),
            None => Value::Unknown,
        }
    }

    /// Sizes of a weight, as the file has them.
    pub fn sizes(&self, node: &Node, i: usize) -> Option<&'a [i64]> {
        match self.values.get(node.optional(i)?) {
            Some(Value::Stored(proto)) => Some(&proto.dims),
            _ => None,
        }
    }

    /// Puts a node on the list of what cannot run.
    pub fn refuse(&mut self, index: usize, found: String, works: String) {
        let node = self.nodes[index];
        let of = |name: &String| match self.values.get(name.as_str()) {
            Some(Value::Image(id)) => Some(self.operations[*id].flow.shape.to_string()),
            _ => None,
        };
        let shape = node.inputs().iter().find_map(of);
        let refused = Unsupported {
            node: node.name(),
            operator: node.operator().into(),
            shape: shape.unwrap_or_else(|| "an unknown shape".into()),
            found,
            works,
        };
        self.unsupported.push((index, refused));
    }

    /// All that cannot run, in the order of the nodes.
    pub fn refused(mut self) -> OnnxError {
        self.unsupported.sort_by_key(|(index, _)| *index);
        OnnxError::Unsupported(self.unsupported.into_iter().map(|(_, u)| u).collect())
    }

    fn outputs(&mut self, outputs: &'a [ValueInfoProto]) -> Result<(), OnnxError> {
        let [output] = outputs else {
            return Err(malformed(
                "graph",
                "outputs",
                outputs.len(),
                "one, a score for every class",
                "export a network that returns its scores and nothing else",
            ));
        };
        let name = output.name.as_deref().unwrap_or("");
        self.output = match self.values.get(name) {
            Some(Value::Image(id)) => Some(*id),
            Some(Value::Unknown) if !self.unsupported.is_empty() => None,
            _ => {
                return Err(malformed(
                    format!("output `{name}`"),
                    "what makes it",
                    "no operation on the images",
                    "the last layer",
                    AGAIN,
                ))
            }
        };
        Ok(())
    }

    /// The image-valued operation behind a name; none if it follows something that cannot run.
    pub fn image(&self, node: &Node, i: usize) -> Result<Option<(Id, Flow)>, Stop> {
        match self.values.get(node.input(i)?) {
            Some(Value::Image(id)) => Ok(Some((*id, self.operations[*id].flow))),
            Some(Value::Unknown) => Ok(None),
            _ => refuse(
                "a constant where an image is expected",
                "values that come from the input",
            ),
        }
    }

    /// Whether input `i` is a constant.
    pub fn is_constant(&self, node: &Node, i: usize) -> bool {
        let value = node.optional(i).and_then(|n| self.values.get(n));
        matches!(value, Some(Value::Stored(_) | Value::Made(_)))
    }

    /// Whether something among the inputs follows what cannot run.
    pub fn is_unknown(&self, node: &Node) -> bool {
        let unknown = |n: &String| matches!(self.values.get(n.as_str()), Some(Value::Unknown));
        node.inputs().iter().any(unknown)
    }

    /// The constant that input `i` is; none if it is left out.
    pub fn constant(&self, node: &Node, i: usize) -> Result<Option<Tensor>, Stop> {
        let Some(name) = node.optional(i) else {
            return Ok(None);
        };
        let tensor = match self.values.get(name) {
            Some(Value::Stored(proto)) => Tensor::read(proto, &format!("tensor `{name}`"))?,
            Some(Value::Made(tensor)) => tensor.clone(),
            Some(Value::Unknown) => return Err(Stop::Unknown),
            _ => {
                return refuse(
                    format!("`{name}`, which is computed, where a constant is expected"),
                    "weights and settings that are stored in the file",
                )
            }
        };
        let read = self.read.get() + tensor.len();
        self.read.set(read);
        if read > MAX_VALUES {
            return Err(Stop::Malformed(OnnxError::Size {
                what: "values of constants",
                found: read,
                limit: MAX_VALUES,
            }));
        }
        Ok(Some(tensor))
    }

    /// The sizes that input `i` is: computed, or a constant of whole numbers.
    pub fn dims(&self, node: &Node, i: usize) -> Result<Option<Dims>, Stop> {
        if let Some(Value::Dims(dims)) = node.optional(i).and_then(|n| self.values.get(n)) {
            return Ok(Some(dims.clone()));
        }
        let Some(tensor) = self.constant(node, i)? else {
            return Ok(None);
        };
        Ok(tensor.whole().map(|w| Dims {
            list: w.iter().map(|&w| Dim::Is(w)).collect(),
            single: tensor.sizes.is_empty(),
        }))
    }

    /// The result of a node that computes sizes, if it is one.
    pub fn computed(&self, node: &Node) -> Result<Option<Dims>, Stop> {
        let value = |n: &String| self.values.get(n.as_str());
        let sizes = |n: &String| matches!(value(n), Some(Value::Dims(_)));
        let other = |n: &String| matches!(value(n), Some(Value::Image(_) | Value::Unknown));
        let inputs = node.inputs();
        if !inputs.iter().any(sizes) || inputs.iter().any(other) {
            return Ok(None);
        }
        let mut inputs = Vec::new();
        for i in 0..node.inputs().len() {
            match self.dims(node, i)? {
                Some(dims) => inputs.push(dims),
                // A weight that takes its shape from computed sizes.
                None if i == 0 => return Ok(None),
                None => inputs.push(Dims::list(Vec::new())),
            }
        }
        dims::compute(node, &inputs)
    }
}

/// A constant of whole numbers.
pub fn whole(list: Vec<i64>) -> Tensor {
    Tensor {
        sizes: vec![list.len()],
        values: Values::Whole(list),
    }
}

/// Sizes of a declared value; none for one that is not fixed.
fn sizes(value: &ValueInfoProto) -> Option<Vec<Option<i64>>> {
    let shape = value
        .r#type
        .as_ref()?
        .tensor_type
        .as_ref()?
        .shape
        .as_ref()?;
    let size = |d: &super::proto::DimensionProto| d.dim_value.filter(|&v| v > 0);
    Some(shape.dim.iter().map(size).collect())
}

/// Sizes with the number of images before them, as the shape of one image.
fn flow(sizes: &[Option<i64>]) -> Option<Flow> {
    let size = |s: &Option<i64>| {
        s.and_then(|s| usize::try_from(s).ok())
            .filter(|&s| s < 1 << 16)
    };
    let rest: Option<Vec<usize>> = sizes.get(1..)?.iter().map(size).collect();
    match *rest?.as_slice() {
        [c] => Some(Flow {
            shape: Shape { c, h: 1, w: 1 },
            flat: true,
        }),
        [c, h, w] => Some(Flow {
            shape: Shape { c, h, w },
            flat: false,
        }),
        _ => None,
    }
}

fn shown(sizes: &[Option<i64>]) -> String {
    let one = |s: &Option<i64>| s.map_or("?".into(), |s| s.to_string());
    sizes.iter().take(8).map(one).collect::<Vec<_>>().join("x")
}
