//! What each operator is here, and what would work instead of those that are not read.

use super::dims::{at, clamped, Dim, Dims};
use super::error::{malformed, AGAIN};
use super::graph::{whole, Flow, Graph, Kind, Outcome};
use super::linear;
use super::node::{refuse, Node, Stop};
use super::pool;
use super::tensor::{Tensor, Values};
use super::Note;
use crate::network::{Layer, Shape};

/// Reads one node.
pub fn read(graph: &mut Graph, node: &Node) -> Result<Outcome, Stop> {
    if let Some(domain) = node.domain() {
        return refuse(
            format!("an operator of `{domain}`"),
            "ONNX's own operators: export without fusing or quantising",
        );
    }
    if let Some(dims) = graph.computed(node)? {
        return Ok(Outcome::Dims(dims));
    }
    match node.operator() {
        "Constant" => constant(node),
        "Identity" | "Cast" | "CastLike" if graph.is_constant(node, 0) => copy(graph, node),
        "Shape" if graph.is_constant(node, 0) => sizes_of_constant(graph, node),
        "Expand" if graph.is_constant(node, 0) => expand(graph, node),
        "Transpose" if graph.is_constant(node, 0) => transpose(graph, node),
        "Conv" => linear::convolution(graph, node),
        "Gemm" => linear::gemm(graph, node),
        "MatMul" => linear::matmul(graph, node),
        "Add" => add(graph, node),
        "BatchNormalization" => linear::batch_norm(graph, node),
        "Relu" => simple(graph, node, Kind::Plain(Layer::Relu)),
        "MaxPool" => pool::max(graph, node),
        "AveragePool" => pool::average(graph, node),
        "GlobalAveragePool" => pool::global(graph, node),
        "ReduceMean" => pool::mean(graph, node),
        "Flatten" => flatten(graph, node),
        "Reshape" => reshape(graph, node),
        "Squeeze" | "Unsqueeze" => squeeze(graph, node),
        "Shape" => shape(graph, node),
        "Identity" => simple(graph, node, Kind::Same),
        "Dropout" => dropout(graph, node),
        "Softmax" | "LogSoftmax" => softmax(graph, node),
        other => foreign(graph, node, other),
    }
}

/// An operation on one value that keeps its shape.
pub(super) fn simple(graph: &Graph, node: &Node, kind: Kind) -> Result<Outcome, Stop> {
    Ok(match graph.image(node, 0)? {
        Some((id, flow)) => Outcome::Operation(kind, vec![id], flow),
        None => Outcome::Unknown,
    })
}

/// What would work instead of an operator that is not read.
fn instead(operator: &str) -> &'static str {
    match operator {
        "Sigmoid" | "Tanh" | "LeakyRelu" | "PRelu" | "Elu" | "Selu" | "Celu" | "Gelu" | "Softplus"
        | "HardSigmoid" | "HardSwish" | "Mish" | "Swish" | "Erf" | "ThresholdedRelu" => {
            "Relu; train with it"
        }
        "Clip" => "Relu without an upper limit; train with it",
        "ConvTranspose" | "Resize" | "Upsample" => "networks for classes, without upsampling",
        "Concat" => "residuals that add (Add) instead of joining channels",
        "Sum" => "Add of two values",
        "Mul" | "Sub" | "Div" => {
            "BatchNormalization after a layer; images normalised before they go in (export without it, and give mean and deviation with the images)"
        }
        "InstanceNormalization" | "LayerNormalization" | "GroupNormalization" => {
            "BatchNormalization directly after a convolution or fully connected layer"
        }
        "LRN" | "LpNormalization" => "BatchNormalization directly after a convolution, or nothing",
        "Pad" => "the padding of the convolution after it",
        "GlobalMaxPool" => "GlobalAveragePool, or MaxPool 2x2 with stride 2",
        "LpPool" => "AveragePool or MaxPool 2x2 with stride 2",
        "ReduceMax" | "ReduceSum" => "GlobalAveragePool",
        "ArgMax" | "TopK" => "scores as output: the engine ranks the classes",
        "Transpose" => "images x channels x rows x columns from the input to the last layer",
        "QLinearConv" | "QLinearMatMul" | "ConvInteger" | "MatMulInteger" | "QuantizeLinear"
        | "DequantizeLinear" | "DynamicQuantizeLinear" => {
            "the network in float: the engine chooses its own number formats"
        }
        "LSTM" | "GRU" | "RNN" | "Attention" | "Einsum" => {
            "convolutions and fully connected layers"
        }
        "If" | "Loop" | "Scan" => "a network without branches that depend on values: export in eval mode",
        _ => {
            "Conv, Gemm, MatMul, Add, Relu, MaxPool 2x2, AveragePool, GlobalAveragePool, Flatten, Reshape, BatchNormalization after a layer, Softmax at the end"
        }
    }
}

fn foreign(graph: &mut Graph, node: &Node, operator: &str) -> Result<Outcome, Stop> {
    const KEEP: [&str; 17] = [
        "Sigmoid",
        "Tanh",
        "LeakyRelu",
        "PRelu",
        "Elu",
        "Selu",
        "Gelu",
        "HardSigmoid",
        "HardSwish",
        "Clip",
        "Mul",
        "Sub",
        "Div",
        "InstanceNormalization",
        "LayerNormalization",
        "GroupNormalization",
        "LRN",
    ];
    let found = "an operator that is not read";
    let image = (0..node.inputs().len()).find_map(|i| graph.image(node, i).ok().flatten());
    match image.filter(|_| KEEP.contains(&operator)) {
        Some((id, flow)) => {
            graph.refuse(node.index(), found.into(), instead(operator).into());
            Ok(Outcome::Operation(Kind::Foreign, vec![id], flow))
        }
        None => refuse(found, instead(operator)),
    }
}

fn constant(node: &Node) -> Result<Outcome, Stop> {
    if let Some(proto) = node.tensor("value") {
        return Ok(Outcome::Constant(Tensor::read(proto, &node.place())?));
    }
    if node.attribute("value_int").is_some() {
        return Ok(Outcome::Constant(Tensor {
            sizes: Vec::new(),
            values: Values::Whole(vec![node.int("value_int", 0)?]),
        }));
    }
    if let Some(ints) = node.ints("value_ints")? {
        return Ok(Outcome::Constant(whole(ints.to_vec())));
    }
    if node.attribute("value_float").is_some() {
        return Ok(Outcome::Constant(Tensor {
            sizes: Vec::new(),
            values: Values::Real(vec![node.float("value_float", 0.0)?]),
        }));
    }
    refuse(
        "a constant that is no tensor of numbers",
        "numbers as `value`",
    )
}

fn copy(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    match graph.constant(node, 0)? {
        Some(tensor) => Ok(Outcome::Constant(tensor)),
        None => Ok(Outcome::Unknown),
    }
}

fn transpose(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let swapped = node.ints("perm")?.is_none_or(|p| p == [1, 0]);
    let tensor = graph.constant(node, 0)?;
    match tensor.filter(|_| swapped).and_then(|t| t.transposed()) {
        Some(tensor) => Ok(Outcome::Constant(tensor)),
        None => refuse(
            "weights transposed other than rows with columns",
            "weights stored as they are used: export with constant folding",
        ),
    }
}

fn add(graph: &mut Graph, node: &Node) -> Result<Outcome, Stop> {
    for (constant, image) in [(1, 0), (0, 1)] {
        if graph.is_constant(node, constant) {
            return linear::bias(graph, node, image, constant);
        }
    }
    let (Some((a, x)), Some((b, y))) = (graph.image(node, 0)?, graph.image(node, 1)?) else {
        return Ok(Outcome::Unknown);
    };
    if x.shape.len() != y.shape.len() || x.flat != y.flat {
        return refuse(
            format!("a sum of {} and {}", x.shape, y.shape),
            "two values of the same shape",
        );
    }
    Ok(Outcome::Operation(Kind::Add, vec![a, b], x))
}

fn flatten(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let axis = node.int("axis", 1)?;
    let Some((id, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    let rank = if flow.flat { 2 } else { 4 };
    if at(axis, rank) != Some(1) {
        return refuse(
            format!("flattening from axis {axis}"),
            "axis 1: x.flatten(1)",
        );
    }
    let flow = Flow { flat: true, ..flow };
    Ok(Outcome::Operation(Kind::Same, vec![id], flow))
}

fn reshape(graph: &mut Graph, node: &Node) -> Result<Outcome, Stop> {
    if graph.is_constant(node, 0) {
        return refuse(
            "weights that are reshaped in the graph",
            "weights stored as they are used: export with constant folding",
        );
    }
    let target = graph.dims(node, 1)?;
    let Some((id, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    let Some(target) = target else {
        let expected = "whole numbers";
        return Err(malformed(node.place(), "new shape", "none", expected, AGAIN).into());
    };
    let copies = node.int("allowzero", 0)? == 0;
    match reshaped(&target, flow, graph.batch, copies) {
        Some(flow) => Ok(Outcome::Operation(Kind::Same, vec![id], flow)),
        None => {
            let size = |d: &Dim| match d {
                Dim::Batch => "N".into(),
                Dim::Is(i) => i.to_string(),
            };
            let sizes: Vec<String> = target.list.iter().take(8).map(size).collect();
            let works = format!("N x {}: x.flatten(1)", flow.shape.len());
            refuse(format!("a new shape of [{}]", sizes.join(", ")), works)
        }
    }
}

/// The shape after a reshape that leaves every image what it is.
fn reshaped(target: &Dims, flow: Flow, batch: Option<i64>, copies: bool) -> Option<Flow> {
    let Shape { c, h, w } = flow.shape;
    let now = if flow.flat {
        vec![flow.shape.len()]
    } else {
        vec![c, h, w]
    };
    let (first, rest) = target.list.split_first()?;
    let mut open = None;
    let mut sizes = Vec::new();
    for (i, d) in rest.iter().enumerate() {
        match *d {
            Dim::Is(0) if copies => sizes.push(*now.get(i)?),
            Dim::Is(-1) if open.is_none() => {
                open = Some(i);
                sizes.push(1);
            }
            Dim::Is(n) if n > 0 => sizes.push(usize::try_from(n).ok()?),
            _ => return None,
        }
    }
    let product = sizes.iter().try_fold(1usize, |a, &b| a.checked_mul(b))?;
    match (first, open) {
        (Dim::Batch, _) => {}
        (Dim::Is(0), _) if copies => {}
        (Dim::Is(-1), None) => {}
        (Dim::Is(n), _) if Some(*n) == batch => {}
        _ => return None,
    }
    match open {
        Some(i) if product > 0 && flow.shape.len() % product == 0 => {
            *sizes.get_mut(i)? = flow.shape.len() / product;
        }
        None if product == flow.shape.len() => {}
        _ => return None,
    }
    let flat = match sizes.as_slice() {
        [_] => true,
        s if s == [c, h, w] => false,
        _ => return None,
    };
    Some(Flow { flat, ..flow })
}

/// Axes as attribute or, in newer files, as input `i`.
pub(super) fn axes(graph: &Graph, node: &Node, i: usize) -> Result<Option<Vec<i64>>, Stop> {
    match node.ints("axes")? {
        Some(axes) => Ok(Some(axes.to_vec())),
        None => Ok(graph.dims(node, i)?.and_then(|d| d.numbers())),
    }
}

fn squeeze(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let axes = axes(graph, node, 1)?;
    let Some((id, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    let drops = node.operator() == "Squeeze";
    let mut places: Vec<Option<usize>> = axes.iter().flatten().map(|&a| at(a, 4)).collect();
    places.sort_unstable();
    let plane = flow.shape.h * flow.shape.w == 1;
    if places != [Some(2), Some(3)] || !plane || flow.flat == drops {
        return refuse(
            "axes other than rows and columns of a 1x1 plane",
            "x.flatten(1) before a fully connected layer",
        );
    }
    let flow = Flow {
        flat: drops,
        ..flow
    };
    Ok(Outcome::Operation(Kind::Same, vec![id], flow))
}

fn shape(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let Some((_, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    let Shape { c, h, w } = flow.shape;
    let sizes = if flow.flat {
        vec![flow.shape.len()]
    } else {
        vec![c, h, w]
    };
    let sizes = sizes.into_iter().map(|s| Dim::Is(s as i64));
    shape_part(node, [Dim::Batch].into_iter().chain(sizes).collect())
}

fn sizes_of_constant(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let sizes = graph
        .constant(node, 0)?
        .map(|t| t.sizes)
        .unwrap_or_default();
    shape_part(node, sizes.into_iter().map(|s| Dim::Is(s as i64)).collect())
}

/// The sizes that Shape is asked for.
fn shape_part(node: &Node, sizes: Vec<Dim>) -> Result<Outcome, Stop> {
    let n = sizes.len();
    let (start, end) = (node.int("start", 0)?, node.int("end", n as i64)?);
    let part = sizes.get(clamped(start, n)..clamped(end, n));
    Ok(Outcome::Dims(Dims::list(part.unwrap_or_default().to_vec())))
}

/// One number as often as a list has to have it: a bias of zeros, as PyTorch writes it unoptimised.
fn expand(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    const MOST: usize = 4096;
    let sizes = graph.dims(node, 1)?.and_then(|d| d.numbers());
    let value = graph.constant(node, 0)?;
    let n = match sizes.as_deref() {
        Some(&[n]) => usize::try_from(n).ok().filter(|n| *n <= MOST),
        _ => None,
    };
    match (n, value.as_ref().and_then(Tensor::real)) {
        (Some(n), Some(&[v])) => Ok(Outcome::Constant(Tensor {
            sizes: vec![n],
            values: Values::Real(vec![v; n]),
        })),
        _ => refuse(
            "weights that are expanded in the graph",
            "weights stored as they are used: export with constant folding",
        ),
    }
}

fn dropout(graph: &mut Graph, node: &Node) -> Result<Outcome, Stop> {
    let training = graph.constant(node, 2)?;
    if training.is_some_and(|t| t.whole().is_none_or(|w| w != [0])) {
        return refuse("training mode", "net.eval() before the export");
    }
    graph.notes.push(Note::Dropout { node: node.name() });
    simple(graph, node, Kind::Same)
}

fn softmax(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let axis = node.int("axis", if graph.opset < 13 { 1 } else { -1 })?;
    let Some((id, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    let rank = if flow.flat { 2 } else { 4 };
    if at(axis, rank) != Some(1) {
        return refuse(format!("axis {axis}"), "axis 1, the classes");
    }
    Ok(Outcome::Operation(Kind::Softmax, vec![id], flow))
}
