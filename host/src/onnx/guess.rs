//! The shape after a node that cannot run, so that what comes after it can be looked at as well.

use super::graph::{Flow, Graph};
use super::node::Node;
use crate::network::Shape;

/// Windows along rows or columns, as ONNX counts them.
struct Axis {
    kernel: usize,
    stride: usize,
    pads: usize,
    dilation: usize,
}

impl Axis {
    fn output(&self, n: usize) -> Option<usize> {
        let covered = self.kernel.checked_sub(1)?.checked_mul(self.dilation)?;
        let room = n.checked_add(self.pads)?.checked_sub(covered + 1)?;
        Some(room.checked_div(self.stride)? + 1)
    }
}

/// The shape that convolutions, pools and fully connected layers have, whatever their settings; none of others.
pub fn shape(graph: &Graph, node: &Node) -> Option<Flow> {
    let (_, flow) = graph.image(node, 0).ok()??;
    let (c, kernel) = match node.operator() {
        "Conv" => match *graph.sizes(node, 1)? {
            [co, _, kh, kw] => (usize::try_from(co).ok()?, [kh, kw]),
            _ => return None,
        },
        "MaxPool" | "AveragePool" | "LpPool" => match *node.ints("kernel_shape").ok()?? {
            [kh, kw] => (flow.shape.c, [kh, kw]),
            _ => return None,
        },
        "Gemm" | "MatMul" => {
            let transposed = node.int("transB", 0).ok()? != 0;
            let c = match (transposed, graph.sizes(node, 1)?) {
                (true, &[out, _]) | (false, &[_, out]) => usize::try_from(out).ok()?,
                _ => return None,
            };
            return Some(Flow {
                shape: Shape { c, h: 1, w: 1 },
                flat: true,
            });
        }
        _ => return None,
    };
    let strides = node.sizes("strides", [1; 2]).ok()?;
    let dilations = node.sizes("dilations", [1; 2]).ok()?;
    let [top, left, bottom, right] = node.sizes("pads", [0; 4]).ok()?;
    let pads = [top.checked_add(bottom)?, left.checked_add(right)?];
    let along = |i: usize, n: usize| {
        let axis = Axis {
            kernel: usize::try_from(kernel[i]).ok()?,
            stride: strides[i],
            pads: pads[i],
            dilation: dilations[i],
        };
        axis.output(n).filter(|&n| n < 1 << 16)
    };
    let (h, w) = (along(0, flow.shape.h)?, along(1, flow.shape.w)?);
    let shape = Shape { c, h, w };
    Some(Flow { shape, flat: false }).filter(|_| !flow.flat && c < 1 << 16)
}
