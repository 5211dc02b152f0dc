//! Random networks with residuals and average pools.

use tandem::network::{Layer as L, Network, Shape};
use tandem_tests::random::Rng;

/// A body that keeps or changes the shape, with pools and residuals inside where they may stand.
fn body(r: &mut Rng, c: usize, out: usize, stride: usize, depth: usize) -> Vec<L> {
    let mut layers = Vec::new();
    let inner = 1 + r.below(9);
    let k = [1, 3][r.below(2)];
    let (a, b) = if r.below(2) == 0 {
        (stride, 1)
    } else {
        (1, stride)
    };
    layers.push(L::conv(inner, k, a, k / 2));
    if r.below(2) == 0 {
        layers.push(L::Relu);
    }
    if depth > 0 && r.below(2) == 0 {
        // Inside, only channels change: the next convolution takes any.
        layers.extend(residual(r, inner, depth - 1).1);
    }
    if c == out && stride == 1 && r.below(3) == 0 {
        // A body of one layer.
        layers.clear();
    }
    layers.push(L::conv(out, 3, b, 1));
    layers
}

/// A residual, with what follows it, and its channels.
fn residual(r: &mut Rng, c: usize, depth: usize) -> (usize, Vec<L>) {
    let project = r.below(2) == 0;
    let (out, stride) = if project {
        (1 + r.below(20), 1 + r.below(1 + depth))
    } else {
        (c, 1)
    };
    let body = body(r, c, out, stride, depth);
    let mut layers = vec![L::Residual { body, project }];
    if r.below(3) > 0 {
        layers.push(L::Relu);
    }
    (out, layers)
}

/// A network with one to three residuals.
pub fn random_network(r: &mut Rng) -> Network {
    let shape = Shape {
        c: 1 + r.below(4),
        h: 4 + r.below(9),
        w: 4 + r.below(9),
    };
    let mut c = 1 + r.below(20);
    let mut layers = vec![L::conv(c, 3, 1, 1)];
    if r.below(4) > 0 {
        layers.push(L::Relu);
    }
    if r.below(4) == 0 {
        layers.push(L::MaxPool2);
    }
    for _ in 0..1 + r.below(3) {
        let (out, more) = residual(r, c, 1);
        c = out;
        layers.extend(more);
    }
    if r.below(3) > 0 {
        layers.push(L::GlobalAveragePool);
    }
    layers.push(L::FullyConnected {
        out: 2 + r.below(6),
    });
    loop {
        match Network::new(shape, &layers) {
            Ok(n) => return n,
            // Small planes: no mean over a single value.
            Err(e) => assert!(e.to_string().contains("2 to 32768 values"), "{e}"),
        }
        layers.retain(|l| *l != L::GlobalAveragePool);
    }
}
