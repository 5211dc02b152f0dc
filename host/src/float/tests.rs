use super::*;
use crate::batches::Random;
use crate::network::{Layer, Shape};

fn descent(lr: f64) -> Descent {
    Descent {
        lr,
        momentum: 0.9,
        weight_decay: 0.0,
        steps: 1,
        cosine: false,
    }
}

fn network() -> Network {
    let body = vec![
        Layer::conv(4, 3, 1, 1),
        Layer::Relu,
        Layer::conv(4, 3, 1, 1),
    ];
    let layers = [
        Layer::conv(4, 3, 1, 1),
        Layer::Relu,
        Layer::MaxPool2,
        Layer::residual(body),
        Layer::Relu,
        Layer::AveragePool { size: 2 },
        Layer::FullyConnected { out: 3 },
    ];
    Network::new(Shape { c: 2, h: 9, w: 8 }, &layers).unwrap()
}

/// The derivative of the loss by a weight, from two forwards, against what a step takes from it.
#[test]
fn gradients_are_derivatives() {
    let network = network();
    let p = Parameters::random(&network, 3);
    let mut random = Random::new(5);
    let image: Vec<f32> = (0..network.input().len())
        .map(|_| random.normal() as f32)
        .collect();
    let target = vec![0.2, 0.0, 0.8];
    let loss = |p: &Parameters| -> f64 {
        let z = Float::new(&network, p).unwrap().logits(&image).unwrap();
        let q = softmax(&z);
        -(0..3)
            .map(|c| f64::from(target[c]) * f64::from(q[c]).ln())
            .sum::<f64>()
    };
    let mut after = Float::new(&network, &p).unwrap();
    after
        .step(&[(&image, target.clone())], &descent(1.0), 0)
        .unwrap();
    for (i, t) in p.0.iter().enumerate() {
        for _ in 0..6.min(t.weight.len()) {
            let k = random.below(t.weight.len());
            let moved = |by: f32| {
                let mut q = p.clone();
                q.0[i].weight[k] += by;
                loss(&q)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            let taken = f64::from(t.weight[k] - after.parameters().0[i].weight[k]);
            assert!(
                (slope - taken).abs() < 0.02 + 0.1 * slope.abs(),
                "{i} {k}: {slope} {taken}"
            );
        }
    }
}

#[test]
fn frozen_layers_stay_and_the_others_learn() {
    let network = network();
    let p = Parameters::random(&network, 1);
    let image = vec![0.5; network.input().len()];
    let mut f = Float::new(&network, &p).unwrap();
    f.freeze(Frozen::all_but_last(&network));
    let first = f
        .step(&[(&image, vec![0.0, 1.0, 0.0])], &descent(0.05), 0)
        .unwrap();
    for i in 1..20 {
        f.step(&[(&image, vec![0.0, 1.0, 0.0])], &descent(0.05), i)
            .unwrap();
    }
    let last = f
        .step(&[(&image, vec![0.0, 1.0, 0.0])], &descent(0.0), 20)
        .unwrap();
    assert!(last < first, "{first} {last}");
    assert_eq!(f.class(&image).unwrap(), 1);
    let n = p.0.len() - 1;
    assert_eq!(f.parameters().0[..n], p.0[..n]);
    assert_ne!(f.parameters().0[n], p.0[n]);
    assert!(Float::new(&network, &Parameters::default()).is_err());
}

/// Numbers done by hand: a convolution of ones, its residual, a pool and a mean.
#[test]
fn small_networks_give_what_is_done_by_hand() {
    let shape = Shape { c: 1, h: 2, w: 2 };
    let image = [1.0, 2.0, 3.0, 4.0];
    let run = |layers: &[Layer], weights: &[(&[f32], &[f32])]| {
        let network = Network::new(shape, layers).unwrap();
        let tensors = weights.iter().map(|(w, b)| Tensors {
            weight: w.to_vec(),
            bias: b.to_vec(),
        });
        Float::new(&network, &Parameters(tensors.collect()))
            .and_then(|f| f.logits(&image))
            .unwrap()
    };
    let ones = [1.0; 9];
    assert_eq!(
        run(&[Layer::conv(1, 3, 1, 1)], &[(&ones, &[0.5])]),
        [10.5; 4]
    );
    let layers = [Layer::conv(1, 1, 1, 0), Layer::Relu, Layer::MaxPool2];
    assert_eq!(run(&layers, &[(&[-1.0], &[3.0])]), [2.0]);
    let residual = [
        Layer::conv(1, 1, 1, 0),
        Layer::residual(vec![Layer::conv(1, 3, 1, 1)]),
        Layer::GlobalAveragePool,
    ];
    let none: (&[f32], &[f32]) = (&[], &[]);
    let weights: [(&[f32], &[f32]); 3] = [(&[2.0], &[0.0]), (&ones, &[1.0]), none];
    assert_eq!(run(&residual, &weights), [26.0]);
    let fc = [Layer::FullyConnected { out: 2 }];
    let rows = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1.0];
    assert_eq!(run(&fc, &[(&rows, &[0.0, 1.0])]), [1.0, -1.0]);
    assert_eq!((best(&[1.0, 3.0, 3.0]), best(&[])), (1, 0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let network = Network::new(Shape { c: 1, h: 2, w: 2 }, &[Layer::conv(1, 1, 1, 0)]).unwrap();
    let parameters = Parameters::random(&network, 1);
    let float = Float::new(&network, &parameters).unwrap();
    assert!(float.logits(&[0.0; 3]).is_err());
    assert!(Float::new(&network, &Parameters(Vec::new())).is_err());
}
