//! A network in plain floats, by plain loops: what its accuracy on a device is compared with. Slow, and of no other use.

use crate::error::CompileError;
use crate::network::{Extent, Kind, Network, Shape, Stage};
use crate::parameters::{Parameters, Tensors};

/// What `network` makes of one image, channel, row, column: its scores, before any softmax.
pub fn forward(
    network: &Network,
    parameters: &Parameters,
    image: &[f32],
) -> Result<Vec<f32>, CompileError> {
    let fits =
        |(s, t): (&Stage, &Tensors)| (t.weight.len(), t.bias.len()) == (s.weights(), s.biases());
    let stages = network.stages();
    if image.len() != network.input().len()
        || parameters.0.len() != stages.len()
        || !stages.iter().zip(&parameters.0).all(fits)
    {
        return Err(CompileError::Input {
            what: "image and parameters",
            found: format!("{} values, {} stages", image.len(), parameters.0.len()),
            expected: format!("{} values, {} stages", network.input(), stages.len()),
            remedy: "use those of this network",
        });
    }
    let mut outputs: Vec<Vec<f32>> = Vec::with_capacity(stages.len());
    for (s, t) in stages.iter().zip(&parameters.0) {
        let from = s.source.map_or(image, |i| &outputs[i]);
        let mut out = match s.kind {
            Kind::AveragePool => average(s, from),
            Kind::Conv | Kind::FullyConnected => convolve(s, t, from),
        };
        if let Some(skip) = s.skip {
            out.iter_mut()
                .zip(&outputs[skip])
                .for_each(|(o, v)| *o += v);
        }
        if s.relu {
            out.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        if s.pool {
            out = pool(s.full(), &out);
        }
        outputs.push(out);
    }
    Ok(outputs.pop().unwrap_or_default())
}

/// The class with the highest score; of equal ones the first.
pub fn best(scores: &[f32]) -> usize {
    let higher = |best: usize, i: usize| if scores[i] > scores[best] { i } else { best };
    (0..scores.len()).fold(0, higher)
}

fn at(s: Shape, c: usize, y: usize, x: usize) -> usize {
    (c * s.h + y) * s.w + x
}

/// Every place of an output.
fn places(s: Shape) -> impl Iterator<Item = [usize; 3]> {
    let planes = move |c| (0..s.h).flat_map(move |y| (0..s.w).map(move |x| [c, y, x]));
    (0..s.c).flat_map(planes)
}

/// The outputs for which tap `k` is in the input, and where it is for the first of them.
fn inside(e: &Extent, k: usize) -> (std::ops::Range<usize>, usize) {
    let from = e.pad.saturating_sub(k).div_ceil(e.stride);
    let to = (e.input + e.pad).saturating_sub(k).div_ceil(e.stride);
    let to = to.min(e.output());
    (
        from.min(to)..to,
        (from * e.stride + k).saturating_sub(e.pad),
    )
}

fn convolve(s: &Stage, t: &Tensors, input: &[f32]) -> Vec<f32> {
    let (shape, full) = (s.input(), s.full());
    let mut out = vec![0.0; full.len()];
    let mut weights = t.weight.iter();
    for c in 0..s.co {
        out[at(full, c, 0, 0)..at(full, c + 1, 0, 0)].fill(t.bias[c]);
        for [ci, ky, kx] in places(Shape {
            c: s.ci,
            h: s.y.kernel,
            w: s.x.kernel,
        }) {
            let Some(w) = weights.next() else {
                return out;
            };
            let ((rows, top), (columns, left)) = (inside(&s.y, ky), inside(&s.x, kx));
            for (i, y) in rows.enumerate() {
                let to = &mut out[at(full, c, y, 0)..][columns.clone()];
                let from = &input[at(shape, ci, top + i * s.y.stride, 0)..][..shape.w];
                let from = from.get(left..).unwrap_or_default();
                let pairs = to.iter_mut().zip(from.iter().step_by(s.x.stride));
                pairs.for_each(|(o, v)| *o += w * v);
            }
        }
    }
    out
}

fn average(s: &Stage, input: &[f32]) -> Vec<f32> {
    let shape = s.input();
    let output = |[c, y, x]: [usize; 3]| {
        let tap = |k: usize| {
            let (row, column) = (k / s.x.kernel, k % s.x.kernel);
            input[at(shape, c, y * s.y.stride + row, x * s.x.stride + column)]
        };
        (0..s.taps()).map(tap).sum::<f32>() / s.taps() as f32
    };
    places(s.full()).map(output).collect()
}

fn pool(full: Shape, input: &[f32]) -> Vec<f32> {
    let half = Shape {
        h: full.h / 2,
        w: full.w / 2,
        ..full
    };
    let output = |[c, y, x]: [usize; 3]| {
        let of = |dy, dx| input[at(full, c, 2 * y + dy, 2 * x + dx)];
        of(0, 0).max(of(0, 1)).max(of(1, 0)).max(of(1, 1))
    };
    places(half).map(output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Layer as L;

    /// Numbers done by hand: a convolution of ones, its residual, a pool and a mean.
    #[test]
    fn small_networks_give_what_is_done_by_hand() {
        let shape = Shape { c: 1, h: 2, w: 2 };
        let image = [1.0, 2.0, 3.0, 4.0];
        let run = |layers: &[L], weights: &[(&[f32], &[f32])]| {
            let network = Network::new(shape, layers).unwrap();
            let tensors = weights.iter().map(|(w, b)| Tensors {
                weight: w.to_vec(),
                bias: b.to_vec(),
            });
            forward(&network, &Parameters(tensors.collect()), &image).unwrap()
        };
        let ones = [1.0; 9];
        assert_eq!(run(&[L::conv(1, 3, 1, 1)], &[(&ones, &[0.5])]), [10.5; 4]);
        let layers = [L::conv(1, 1, 1, 0), L::Relu, L::MaxPool2];
        assert_eq!(run(&layers, &[(&[-1.0], &[3.0])]), [2.0]);
        let residual = [
            L::conv(1, 1, 1, 0),
            L::residual(vec![L::conv(1, 3, 1, 1)]),
            L::GlobalAveragePool,
        ];
        let none: (&[f32], &[f32]) = (&[], &[]);
        let weights: [(&[f32], &[f32]); 3] = [(&[2.0], &[0.0]), (&ones, &[1.0]), none];
        assert_eq!(run(&residual, &weights), [26.0]);
        let fc = [L::FullyConnected { out: 2 }];
        let rows = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1.0];
        assert_eq!(run(&fc, &[(&rows, &[0.0, 1.0])]), [1.0, -1.0]);
        assert_eq!((best(&[1.0, 3.0, 3.0]), best(&[])), (1, 0));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let network = Network::new(Shape { c: 1, h: 2, w: 2 }, &[L::conv(1, 1, 1, 0)]).unwrap();
        let parameters = Parameters::random(&network, 1);
        assert!(forward(&network, &parameters, &[0.0; 3]).is_err());
        assert!(forward(&network, &Parameters(Vec::new()), &[0.0; 4]).is_err());
    }
}
