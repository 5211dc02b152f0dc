//! Operators with weights: convolutions, fully connected layers, their biases, batch norm.

use super::error::{malformed, OnnxError, AGAIN};
use super::graph::{Flow, Graph, Kind, Outcome};
use super::node::{refuse, Node, Stop};
use super::tensor::Tensor;
use crate::error::CompileError;
use crate::network::{Layer, Network, Shape};
use crate::parameters::Tensors;

/// What a refusal of the compiler says about a node.
pub(super) fn reason(e: &CompileError) -> (String, String) {
    match e {
        // The compiler shows a wrong place by its number, which is not one of the file's.
        CompileError::Layer {
            what,
            found,
            expected,
            remedy,
            ..
        } if found.starts_with(|c: char| c.is_ascii_digit()) && what.starts_with("place") => {
            (what.to_string(), format!("{expected}; {remedy}"))
        }
        CompileError::Layer {
            what,
            found,
            expected,
            remedy,
            ..
        } => (format!("{what}: {found}"), format!("{expected}; {remedy}")),
        CompileError::Limit {
            what,
            found,
            limit,
            remedy,
            ..
        } => (
            format!("{what}: {found}"),
            format!("at most {limit}; {remedy}"),
        ),
        CompileError::Input {
            what,
            found,
            expected,
            remedy,
        } => (format!("{what}: {found}"), format!("{expected}; {remedy}")),
        other => (other.to_string(), "a smaller network".into()),
    }
}

/// The shape after `layers`, if each may stand there at all; where in the network is looked at later.
pub(super) fn after(shape: Shape, layers: &[Layer]) -> Result<Shape, Stop> {
    match Network::new(shape, layers) {
        Ok(network) => Ok(network.output()),
        Err(e) => {
            let (found, works) = reason(&e);
            refuse(found, works)
        }
    }
}

/// Real numbers of a constant that must be there.
fn weights(graph: &Graph, node: &Node, i: usize, what: &'static str) -> Result<Tensor, Stop> {
    node.input(i)?;
    let tensor = graph.constant(node, i)?;
    let found = "whole numbers";
    tensor
        .filter(|t| t.real().is_some())
        .ok_or_else(|| malformed(node.place(), what, found, "real numbers", AGAIN).into())
}

/// As many real numbers as there are channels.
fn channels(
    graph: &Graph,
    node: &Node,
    i: usize,
    n: usize,
    what: &'static str,
) -> Result<Vec<f32>, Stop> {
    let tensor = weights(graph, node, i, what)?;
    match tensor.real() {
        Some(v) if tensor.sizes == [n] => Ok(v.to_vec()),
        _ => {
            let found = format!("{:?}", tensor.sizes);
            Err(malformed(node.place(), what, found, format!("[{n}]"), AGAIN).into())
        }
    }
}

/// Zeros around the plane: the same on every side.
fn padding(node: &Node, input: Shape, kernel: [usize; 2], stride: usize) -> Result<usize, Stop> {
    let pads = match node.word("auto_pad")? {
        "" | "NOTSET" => node.sizes("pads", [0; 4])?,
        "VALID" => [0; 4],
        same @ ("SAME_UPPER" | "SAME_LOWER") => {
            let mut pads = [0; 4];
            for (i, (n, k)) in [input.h, input.w].into_iter().zip(kernel).enumerate() {
                let covered = n.div_ceil(stride).saturating_sub(1) * stride;
                let all = covered.saturating_add(k).saturating_sub(n);
                let (less, more) = (all / 2, all - all / 2);
                let upper = same == "SAME_UPPER";
                (pads[i], pads[i + 2]) = if upper { (less, more) } else { (more, less) };
            }
            pads
        }
        other => {
            let expected = "NOTSET, VALID, SAME_UPPER or SAME_LOWER";
            return Err(malformed(node.place(), "auto_pad", other, expected, AGAIN).into());
        }
    };
    if pads.iter().any(|&p| p != pads[0]) {
        let [top, left, bottom, right] = pads;
        return refuse(
            format!("padding of {top} above, {left} left, {bottom} below, {right} right"),
            "the same on all four sides",
        );
    }
    Ok(pads[0])
}

/// Conv.
pub fn convolution(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let weight = weights(graph, node, 1, "weights of a convolution")?;
    let image = graph.image(node, 0)?;
    let (&[co, per_group, kh, kw], Some(values)) = (weight.sizes.as_slice(), weight.real()) else {
        let found = format!("weights {:?}", weight.sizes);
        return match weight.sizes.len() {
            3 | 5 => refuse(found, "convolutions over rows and columns (Conv2d)"),
            _ => {
                let expected = "[out, in, rows, columns]";
                Err(malformed(node.place(), "sizes", found, expected, AGAIN).into())
            }
        };
    };
    let kernel = node.sizes("kernel_shape", [kh, kw])?;
    if kernel != [kh, kw] || weight.sizes.contains(&0) {
        return Err(malformed(
            node.place(),
            "kernel",
            format!("{kernel:?} with weights {:?}", weight.sizes),
            "rows and columns of the weights, from 1 up",
            AGAIN,
        )
        .into());
    }
    let groups = node.int("group", 1)?;
    if groups != 1 {
        let works = "1 group; instead of a depthwise convolution a full one";
        return refuse(format!("{groups} groups"), works);
    }
    let dilations = node.sizes("dilations", [1; 2])?;
    if dilations != [1; 2] {
        return refuse(
            format!("dilations {dilations:?}"),
            "1, with a larger kernel",
        );
    }
    let [stride, across] = node.sizes("strides", [1; 2])?;
    if stride != across || stride == 0 {
        let found = format!("strides {stride} down, {across} across");
        return refuse(found, "the same both ways, 1 or 2");
    }
    let Some((id, flow)) = image else {
        return Ok(Outcome::Unknown);
    };
    if flow.flat || flow.shape.c != per_group {
        return Err(malformed(
            node.place(),
            "input of a convolution",
            shown(flow),
            format!("N x {per_group} x rows x columns, as its weights have it"),
            AGAIN,
        )
        .into());
    }
    let layer = Layer::Conv {
        co,
        kernel: (kh, kw),
        stride,
        pad: padding(node, flow.shape, kernel, stride)?,
    };
    let shape = after(flow.shape, std::slice::from_ref(&layer))?;
    let bias = match node.optional(2) {
        Some(_) => channels(graph, node, 2, co, "biases")?,
        None => vec![0.0; co],
    };
    let weight = values.to_vec();
    let kind = Kind::Linear(layer, Tensors { weight, bias });
    let flow = Flow { shape, flat: false };
    Ok(Outcome::Operation(kind, vec![id], flow))
}

fn shown(flow: Flow) -> String {
    match flow.flat {
        true => format!("N x {}", flow.shape.len()),
        false => format!("N x {}", flow.shape),
    }
}

/// A fully connected layer with weights `[out, in]`.
fn connected(
    graph: &Graph,
    node: &Node,
    weight: Tensor,
    factor: f32,
    bias: Option<Vec<f32>>,
) -> Result<Outcome, Stop> {
    let (&[out, inputs], Some(values)) = (weight.sizes.as_slice(), weight.real()) else {
        let works = "weights that are a matrix, on flattened values";
        return refuse(format!("weights {:?}", weight.sizes), works);
    };
    let Some((id, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    if !flow.flat && node.operator() == "MatMul" {
        return refuse("a product over columns", "x.flatten(1) before it");
    }
    if !flow.flat || flow.shape.len() != inputs {
        let expected = format!("N x {inputs}, as its weights have it");
        let what = "input of a fully connected layer";
        return Err(malformed(node.place(), what, shown(flow), expected, AGAIN).into());
    }
    let layer = Layer::FullyConnected { out };
    let shape = after(flow.shape, std::slice::from_ref(&layer))?;
    let weight = values.iter().map(|v| v * factor).collect();
    let bias = bias.unwrap_or_else(|| vec![0.0; out]);
    let kind = Kind::Linear(layer, Tensors { weight, bias });
    Ok(Outcome::Operation(
        kind,
        vec![id],
        Flow { shape, flat: true },
    ))
}

/// Gemm: images times weights plus biases.
pub fn gemm(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    if graph.is_constant(node, 0) {
        return refuse(
            "weights as its first input",
            "images as the first, weights as the second",
        );
    }
    if node.int("transA", 0)? != 0 {
        return refuse("transposed images (transA)", "transA 0");
    }
    let weight = weights(graph, node, 1, "weights of a fully connected layer")?;
    let weight = match (node.int("transB", 0)?, weight.transposed()) {
        (0, Some(transposed)) => transposed,
        _ => weight,
    };
    let (alpha, beta) = (node.float("alpha", 1.0)?, node.float("beta", 1.0)?);
    let mut bias = None;
    if node.optional(2).is_some() {
        let tensor = weights(graph, node, 2, "biases")?;
        let out = weight.sizes.first().copied().unwrap_or(0);
        let row = matches!(tensor.sizes.as_slice(), &[] | &[_] | &[1, _]);
        bias = match tensor.real() {
            Some(v) if row && v.len() == out => Some(v.iter().map(|v| v * beta).collect()),
            Some(&[v]) if row && out <= MAX_OUT => Some(vec![v * beta; out]),
            _ => {
                let (found, expected) = (format!("{:?}", tensor.sizes), format!("[{out}]"));
                return Err(malformed(node.place(), "biases", found, expected, AGAIN).into());
            }
        };
    }
    connected(graph, node, weight, alpha, bias)
}

/// Most outputs of which a single bias is made.
const MAX_OUT: usize = 4096;

/// MatMul: images times weights.
pub fn matmul(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    if !graph.is_constant(node, 1) {
        if graph.is_unknown(node) {
            return Ok(Outcome::Unknown);
        }
        return refuse(
            "a product of two computed values",
            "weights stored in the file",
        );
    }
    let weight = weights(graph, node, 1, "weights of a fully connected layer")?;
    let weight = weight.transposed().unwrap_or(weight);
    connected(graph, node, weight, 1.0, None)
}

/// Add with a constant: a bias.
pub fn bias(graph: &Graph, node: &Node, image: usize, constant: usize) -> Result<Outcome, Stop> {
    let tensor = weights(graph, node, constant, "what is added")?;
    let Some((id, flow)) = graph.image(node, image)? else {
        return Ok(Outcome::Unknown);
    };
    let n = if flow.flat {
        flow.shape.len()
    } else {
        flow.shape.c
    };
    let sizes = tensor.sizes.as_slice();
    let fits = match (flow.flat, sizes) {
        (true, [c] | [1, c]) | (false, [c, 1, 1] | [1, c, 1, 1]) => *c == n || *c == 1,
        (_, sizes) => sizes.iter().product::<usize>() == 1 && sizes.len() <= 2,
    };
    let values = tensor.real().unwrap_or_default();
    let shift: Vec<f64> = match values {
        &[v] if fits => vec![v.into(); n],
        v if fits => v.iter().map(|&v| v.into()).collect(),
        _ => {
            let works = format!("a number for each of {n} channels");
            return refuse(format!("a sum with a constant {sizes:?}"), works);
        }
    };
    let scale = vec![1.0; n];
    let kind = Kind::Affine { scale, shift };
    Ok(Outcome::Operation(kind, vec![id], flow))
}

/// BatchNormalization as it is after training.
pub fn batch_norm(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    if node.int("training_mode", 0)? != 0 {
        return refuse("training mode", "net.eval() before the export");
    }
    let Some((id, flow)) = graph.image(node, 0)? else {
        return Ok(Outcome::Unknown);
    };
    let n = if flow.flat {
        flow.shape.len()
    } else {
        flow.shape.c
    };
    let gamma = channels(graph, node, 1, n, "scale of a batch norm")?;
    let beta = channels(graph, node, 2, n, "bias of a batch norm")?;
    let mean = channels(graph, node, 3, n, "mean of a batch norm")?;
    let variance = channels(graph, node, 4, n, "variance of a batch norm")?;
    let epsilon = node.float("epsilon", 1e-5)?;
    let (mut scale, mut shift) = (Vec::new(), Vec::new());
    for ((g, b), (m, v)) in gamma.iter().zip(&beta).zip(mean.iter().zip(&variance)) {
        let spread = f64::from(*v) + f64::from(epsilon);
        if *v < 0.0 || spread <= 0.0 {
            let found = format!("{v} with epsilon {epsilon}");
            let what = "variance of a batch norm";
            return Err(negative(node, what, found).into());
        }
        let s = f64::from(*g) / spread.sqrt();
        scale.push(s);
        shift.push(f64::from(*b) - f64::from(*m) * s);
    }
    let kind = Kind::Affine { scale, shift };
    Ok(Outcome::Operation(kind, vec![id], flow))
}

fn negative(node: &Node, what: &'static str, found: String) -> OnnxError {
    let remedy = "check the run it came from";
    malformed(node.place(), what, found, "a positive sum", remedy)
}
