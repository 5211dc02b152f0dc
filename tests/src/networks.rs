//! Networks for suites of training: pools, strides, odd sizes, tails of channels, a first layer that is not folded.

use tandem::network::{Layer as L, Network, Shape};

/// All of them.
pub fn networks() -> Vec<Network> {
    let of = |c, h, w, layers: &[L]| Network::new(Shape { c, h, w }, layers).unwrap();
    vec![
        of(
            1,
            14,
            14,
            &[
                L::conv(8, 3, 1, 1),
                L::Relu,
                L::MaxPool2,
                L::conv(16, 3, 1, 1),
                L::Relu,
                L::MaxPool2,
                L::FullyConnected { out: 10 },
            ],
        ),
        of(
            2,
            9,
            7,
            &[
                L::conv(5, 5, 2, 2),
                L::Relu,
                L::conv(18, 1, 2, 0),
                L::MaxPool2,
                L::FullyConnected { out: 20 },
                L::Relu,
                L::FullyConnected { out: 5 },
            ],
        ),
        of(
            6,
            5,
            5,
            &[
                L::conv(7, 3, 1, 1),
                L::conv(4, 2, 1, 0),
                L::Relu,
                L::FullyConnected { out: 3 },
            ],
        ),
        of(
            3,
            11,
            8,
            &[
                L::conv(9, 3, 1, 1),
                L::Relu,
                L::AveragePool { size: 2 },
                L::conv(7, 3, 1, 1),
                L::Relu,
                L::GlobalAveragePool,
                L::FullyConnected { out: 4 },
            ],
        ),
        of(
            4,
            6,
            6,
            &[
                L::conv(18, 3, 2, 1),
                L::AveragePool { size: 3 },
                L::conv(5, 1, 1, 0),
                L::conv(3, 3, 1, 2),
                L::GlobalAveragePool,
            ],
        ),
        // Identity, projection, global pool.
        of(
            2,
            9,
            8,
            &[
                L::conv(5, 3, 1, 1),
                L::Relu,
                L::residual(vec![L::conv(5, 3, 1, 1), L::Relu, L::conv(5, 3, 1, 1)]),
                L::Relu,
                L::projected(vec![L::conv(18, 3, 2, 1), L::Relu, L::conv(18, 3, 1, 1)]),
                L::Relu,
                L::residual(vec![L::conv(18, 3, 1, 1), L::Relu, L::conv(18, 3, 1, 1)]),
                L::Relu,
                L::GlobalAveragePool,
                L::FullyConnected { out: 4 },
            ],
        ),
        // Residuals inside, around pools, without relu, of one layer, at the end.
        of(
            3,
            12,
            9,
            &[
                L::conv(6, 3, 1, 1),
                L::Relu,
                L::MaxPool2,
                L::projected(vec![
                    L::residual(vec![L::conv(6, 1, 1, 0)]),
                    L::Relu,
                    L::AveragePool { size: 2 },
                    L::conv(9, 1, 1, 0),
                ]),
                L::residual(vec![
                    L::conv(9, 3, 1, 1),
                    L::residual(vec![L::conv(9, 3, 1, 1)]),
                    L::conv(9, 3, 1, 1),
                ]),
                L::Relu,
                L::GlobalAveragePool,
                L::FullyConnected { out: 5 },
                L::residual(vec![
                    L::FullyConnected { out: 7 },
                    L::Relu,
                    L::FullyConnected { out: 5 },
                ]),
            ],
        ),
    ]
}
