//! Random numbers and random layers, the same for a seed on every machine.

use tandem::network::{Extent, Kind, Stage};

/// A small generator.
pub struct Rng(pub u64);

impl Rng {
    /// The next 48 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let x = self.0 ^ self.0 >> 29;
        x.wrapping_mul(0xbf58476d1ce4e5b9) >> 16
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }

    /// `n` words of magnitude at most `max`.
    pub fn words(&mut self, n: usize, max: i16) -> Vec<i16> {
        (0..n)
            .map(|_| (self.below(2 * max as usize + 1) as i32 - i32::from(max)) as i16)
            .collect()
    }
}

/// A convolution or fully connected layer of odd sizes, and a batch from 1 to 5.
pub fn stage(r: &mut Rng) -> (Stage, usize) {
    loop {
        let stride = 1 + r.below(2);
        let k = [1, 3, 5][r.below(3)];
        let (h, w) = (1 + r.below(12), 1 + r.below(12));
        let extent = |r: &mut Rng, input: usize| Extent {
            input,
            kernel: k,
            stride,
            pad: r.below(k),
        };
        let whole = |input: usize| Extent {
            input,
            kernel: input,
            stride: input,
            pad: 0,
        };
        let fully_connected = r.below(6) == 0;
        let (y, x) = if fully_connected {
            (whole(h.min(6)), whole(w.min(6)))
        } else {
            (extent(r, h), extent(r, w))
        };
        if y.input + 2 * y.pad < y.kernel || x.input + 2 * x.pad < x.kernel {
            continue;
        }
        let mut stage = Stage {
            name: "layer".into(),
            source: None,
            skip: None,
            ci: 1 + r.below(20),
            co: 1 + r.below(20),
            y,
            x,
            relu: r.below(2) == 0,
            pool: false,
            kind: if fully_connected {
                Kind::FullyConnected
            } else {
                Kind::Conv
            },
        };
        let full = stage.full();
        stage.pool = full.h >= 2 && full.w >= 2 && r.below(2) == 0;
        return (stage, 1 + r.below(5));
    }
}

/// An average pool, global in one of three, and a batch from 1 to 5.
pub fn average(r: &mut Rng) -> (Stage, usize) {
    let k = 2 + r.below(4);
    let sizes = [k + r.below(9), k + r.below(9)];
    let global = r.below(3) == 0;
    let [y, x] = sizes.map(|input| Extent {
        input,
        kernel: if global { input } else { k },
        stride: if global { input } else { k },
        pad: 0,
    });
    let c = 1 + r.below(40);
    let stage = Stage {
        name: "average".into(),
        source: None,
        skip: None,
        ci: c,
        co: c,
        y,
        x,
        relu: false,
        pool: false,
        kind: Kind::AveragePool,
    };
    (stage, 1 + r.below(5))
}
