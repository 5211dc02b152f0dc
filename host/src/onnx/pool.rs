//! Pools: 2×2 maxima, means of windows and of whole planes.

use super::dims::at;
use super::graph::{Flow, Graph, Kind, Outcome};
use super::linear::after;
use super::node::{refuse, Node, Stop};
use super::operators::axes;
use crate::network::{Layer, Shape};

/// Windows of a pool: rows and columns of one, and of a step.
struct Windows {
    kernel: [usize; 2],
    strides: [usize; 2],
}

fn windows(node: &Node, shape: Shape) -> Result<Windows, Stop> {
    let Some(_) = node.ints("kernel_shape")? else {
        return refuse("no kernel_shape", "a window of rows and columns");
    };
    let kernel = node.sizes("kernel_shape", [0; 2])?;
    let strides = node.sizes("strides", [1; 2])?;
    let dilations = node.sizes("dilations", [1; 2])?;
    if dilations != [1; 2] {
        return refuse(format!("dilations {dilations:?}"), "1");
    }
    let pads = match node.word("auto_pad")? {
        "" | "NOTSET" => node.sizes("pads", [0; 4])?,
        "VALID" => [0; 4],
        // Without a rest nothing is padded.
        _ if strides
            .iter()
            .zip([shape.h, shape.w])
            .all(|(&s, n)| s > 0 && n % s == 0)
            && kernel == strides =>
        {
            [0; 4]
        }
        other => return refuse(format!("padding {other}"), "none"),
    };
    if pads != [0; 4] {
        return refuse(format!("padding {pads:?}"), "none");
    }
    let rest = |(&s, n): (&usize, usize)| s == 0 || n % s != 0;
    let rounds_up = node.int("ceil_mode", 0)? != 0;
    if rounds_up && kernel != [shape.h, shape.w] && strides.iter().zip([shape.h, shape.w]).any(rest)
    {
        let found = format!("sizes rounded up (ceil_mode) on {}x{}", shape.h, shape.w);
        return refuse(found, "ceil_mode 0, or an even plane");
    }
    Ok(Windows { kernel, strides })
}

/// The image, as it must be for a pool.
fn image(graph: &Graph, node: &Node) -> Result<Option<(usize, Flow)>, Stop> {
    let image = graph.image(node, 0)?;
    if image.is_some_and(|(_, flow)| flow.flat) {
        return refuse("flattened values", "a pool before x.flatten(1)");
    }
    Ok(image)
}

/// A layer on its own, after a convolution that lets everything through.
fn pooled(id: usize, flow: Flow, layer: Layer, flat: bool) -> Result<Outcome, Stop> {
    let through = Layer::conv(flow.shape.c, 1, 1, 0);
    let shape = after(flow.shape, &[through, layer.clone()])?;
    let flow = Flow { shape, flat };
    Ok(Outcome::Operation(Kind::Plain(layer), vec![id], flow))
}

/// MaxPool.
pub fn max(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    if node.outputs().iter().skip(1).any(|n| !n.is_empty()) {
        return refuse("indices as second output", "the maxima alone");
    }
    let Some((id, flow)) = image(graph, node)? else {
        return Ok(Outcome::Unknown);
    };
    let Windows { kernel, strides } = windows(node, flow.shape)?;
    if (kernel, strides) != ([2; 2], [2; 2]) {
        let [kh, kw] = kernel;
        let found = format!("windows {kh}x{kw} with strides {strides:?}");
        return refuse(found, "2x2 with stride 2, or a convolution with stride 2");
    }
    pooled(id, flow, Layer::MaxPool2, false)
}

/// AveragePool.
pub fn average(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let Some((id, flow)) = image(graph, node)? else {
        return Ok(Outcome::Unknown);
    };
    let Windows { kernel, strides } = windows(node, flow.shape)?;
    let [kh, kw] = kernel;
    if kernel == [1; 2] && strides == [1; 2] {
        return Ok(Outcome::Operation(Kind::Same, vec![id], flow));
    }
    if kernel == [flow.shape.h, flow.shape.w] {
        return pooled(id, flow, Layer::GlobalAveragePool, false);
    }
    if kh != kw || strides != kernel {
        let found = format!("windows {kh}x{kw} with strides {strides:?}");
        return refuse(found, "square windows, as far apart as they are large");
    }
    pooled(id, flow, Layer::AveragePool { size: kh }, false)
}

/// The mean of every plane.
fn whole(graph: &Graph, node: &Node, flat: bool) -> Result<Outcome, Stop> {
    let Some((id, flow)) = image(graph, node)? else {
        return Ok(Outcome::Unknown);
    };
    if flow.shape.h * flow.shape.w == 1 {
        let flow = Flow { flat, ..flow };
        return Ok(Outcome::Operation(Kind::Same, vec![id], flow));
    }
    pooled(id, flow, Layer::GlobalAveragePool, flat)
}

/// GlobalAveragePool.
pub fn global(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    whole(graph, node, false)
}

/// ReduceMean over rows and columns.
pub fn mean(graph: &Graph, node: &Node) -> Result<Outcome, Stop> {
    let axes = axes(graph, node, 1)?.unwrap_or_default();
    let mut places: Vec<Option<usize>> = axes.iter().take(5).map(|&a| at(a, 4)).collect();
    places.sort_unstable();
    if places != [Some(2), Some(3)] {
        let shown = &axes[..axes.len().min(5)];
        return refuse(
            format!("a mean over axes {shown:?}"),
            "rows and columns, axes 2 and 3",
        );
    }
    whole(graph, node, node.int("keepdims", 1)? == 0)
}
