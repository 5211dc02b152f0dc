//! How a sample stands in memory, and the folding of kernel columns into lanes for a first layer with few channels.
//!
//! A pixel takes a whole word, so a 1-channel image would use one lane of it. Folded, lane `ci*kw + kx` of pixel (y, x) holds
//! `image[ci, y, x + kx − pad]`, and the layer becomes a `kh`×1 convolution over `ci*kw` channels with no padding in x; its
//! width is `w + 2·pad − kw + 1` (stride in x stays in the engine's address arithmetic). Weight (co, ci, ky, kx) becomes (co, ci*kw + kx, ky, 0), and
//! the random words of its update are drawn by that folded index.
//!
//! Networks that share samples must share the format: [`InputFormat::shared`].

use crate::network::{Extent, Network, Shape, Stage};
use tandem_isa::layout::{Activation, Weights};

/// Kernel columns in lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fold {
    /// Kernel columns.
    pub kernel: usize,
    /// Padding in x.
    pub pad: usize,
}

/// How samples stand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputFormat {
    /// The image.
    pub shape: Shape,
    /// Folding, if any.
    pub fold: Option<Fold>,
    /// Format of the values: real = q·2^−f.
    pub f: i32,
}

impl InputFormat {
    /// The best format all `networks` can read: folded if their first layers agree on kernel columns and padding and the lanes suffice.
    pub fn shared(networks: &[&Network], lanes: usize, f: i32) -> Option<InputFormat> {
        let first = networks.first()?;
        let shape = first.input();
        if networks.iter().any(|n| n.input() != shape) {
            return None;
        }
        let folds: Vec<Option<Fold>> = networks.iter().map(|n| Self::wanted(n, lanes)).collect();
        let fold = folds[0].filter(|f| folds.iter().all(|g| *g == Some(*f)));
        Some(InputFormat { shape, fold, f })
    }

    fn wanted(network: &Network, lanes: usize) -> Option<Fold> {
        let s = network.stages().first()?;
        let fits = s.x.kernel > 1 && s.ci * s.x.kernel <= lanes;
        fits.then_some(Fold {
            kernel: s.x.kernel,
            pad: s.x.pad,
        })
    }

    /// Shape in memory.
    pub const fn stored(&self) -> Shape {
        match self.fold {
            None => self.shape,
            Some(f) => Shape {
                c: self.shape.c * f.kernel,
                h: self.shape.h,
                w: self.shape.w + 2 * f.pad + 1 - f.kernel,
            },
        }
    }

    /// Lanes of one sample.
    pub const fn lanes(&self, lanes: usize) -> usize {
        self.activation().words(lanes) * lanes
    }

    const fn activation(&self) -> Activation {
        let s = self.stored();
        Activation {
            n: 1,
            c: s.c,
            h: s.h,
            w: s.w,
        }
    }

    /// The sample `image` (C, H, W) as it stands in memory.
    pub fn write(&self, lanes: usize, image: &[i16]) -> Vec<i16> {
        let (s, a) = (self.stored(), self.activation());
        let kernel = self.fold.map_or(1, |f| f.kernel);
        let pad = self.fold.map_or(0, |f| f.pad);
        let mut out = vec![0; a.words(lanes) * lanes];
        for c in 0..s.c {
            let (ci, kx) = (c / kernel, c % kernel);
            for y in 0..s.h {
                for x in 0..s.w {
                    let from = (x + kx).wrapping_sub(pad);
                    if from < self.shape.w {
                        let i = (ci * self.shape.h + y) * self.shape.w + from;
                        out[a.at(lanes, 0, c, y, x)] = image.get(i).copied().unwrap_or(0);
                    }
                }
            }
        }
        out
    }

    /// The first stage as the engine runs it on this format.
    pub fn first_stage(&self, stage: &Stage) -> Stage {
        let mut s = stage.clone();
        if let Some(f) = self.fold {
            s.ci *= f.kernel;
            s.x = Extent {
                input: self.stored().w,
                kernel: 1,
                stride: stage.x.stride,
                pad: 0,
            };
        }
        s
    }
}

/// A weight tensor as users see it and as the engine holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightView {
    /// Co, Ci, kh, kw of the file.
    pub logical: Weights,
    /// What the engine runs.
    pub engine: Weights,
}

impl WeightView {
    /// The view of a stage: `engine` is the stage after [`InputFormat::first_stage`].
    pub const fn new(logical: &Stage, engine: &Stage) -> WeightView {
        const fn of(s: &Stage) -> Weights {
            // Nothing in a stage that has no weights.
            let co = if s.is_trained() { s.co } else { 0 };
            Weights {
                co,
                ci: s.ci,
                kh: s.y.kernel,
                kw: s.x.kernel,
            }
        }
        WeightView {
            logical: of(logical),
            engine: of(engine),
        }
    }

    /// Weights.
    pub const fn len(&self) -> usize {
        self.logical.co * self.logical.ci * self.logical.kh * self.logical.kw
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `f(row-major logical index, lane index in DDR)` for every weight.
    fn each(&self, lanes: usize, mut f: impl FnMut(usize, usize)) {
        let (w, e) = (self.logical, self.engine);
        let folded = e.ci != w.ci;
        let mut i = 0;
        for co in 0..w.co {
            for ci in 0..w.ci {
                for ky in 0..w.kh {
                    for kx in 0..w.kw {
                        let at = if folded {
                            e.at(lanes, co, ci * w.kw + kx, ky, 0)
                        } else {
                            e.at(lanes, co, ci, ky, kx)
                        };
                        f(i, at);
                        i += 1;
                    }
                }
            }
        }
    }

    /// Row-major (Co, Ci, kh, kw) to the engine's layout.
    pub fn to_engine(&self, lanes: usize, weights: &[i16]) -> Vec<i16> {
        let mut out = vec![0; self.engine.words(lanes) * lanes];
        self.each(lanes, |i, at| {
            out[at] = weights.get(i).copied().unwrap_or(0)
        });
        out
    }

    /// The engine's layout to row-major (Co, Ci, kh, kw).
    pub fn from_engine(&self, lanes: usize, words: &[i16]) -> Vec<i16> {
        let mut out = vec![0; self.len()];
        self.each(lanes, |i, at| out[i] = words.get(at).copied().unwrap_or(0));
        out
    }
}

/// Row-major N, C, H, W to the engine's layout.
pub fn pack(a: Activation, lanes: usize, values: &[i16]) -> Vec<i16> {
    let mut out = vec![0; a.words(lanes) * lanes];
    each(a, lanes, |i, at| {
        out[at] = values.get(i).copied().unwrap_or(0)
    });
    out
}

/// The engine's layout to row-major N, C, H, W.
pub fn unpack(a: Activation, lanes: usize, words: &[i16]) -> Vec<i16> {
    let mut out = vec![0; a.n * a.c * a.h * a.w];
    each(a, lanes, |i, at| {
        out[i] = words.get(at).copied().unwrap_or(0)
    });
    out
}

fn each(a: Activation, lanes: usize, mut f: impl FnMut(usize, usize)) {
    let mut i = 0;
    for n in 0..a.n {
        for c in 0..a.c {
            for y in 0..a.h {
                for x in 0..a.w {
                    f(i, a.at(lanes, n, c, y, x));
                    i += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Layer;

    #[test]
    fn a_folded_layer_computes_the_same_sums() {
        let shape = Shape { c: 2, h: 5, w: 6 };
        for (k, stride, pad) in [(3, 1, 1), (3, 2, 1), (2, 1, 0), (5, 1, 4), (4, 2, 2)] {
            let net = Network::new(shape, &[Layer::conv(1, k, stride, pad)]).unwrap();
            let format = InputFormat::shared(&[&net], 16, 15).unwrap();
            assert!(format.fold.is_some());
            let (stage, engine) = (&net.stages()[0], format.first_stage(&net.stages()[0]));
            assert_eq!(engine.output(), stage.output());
            let image: Vec<i16> = (0..60).map(|i| (i * 37 % 101) as i16 - 50).collect();
            let weights: Vec<i16> = (0..2 * k * k).map(|i| (i * 53 % 67) as i16 - 30).collect();
            let view = WeightView::new(stage, &engine);
            let words = view.to_engine(16, &weights);
            assert_eq!(view.from_engine(16, &words), weights);
            let stored = format.write(16, &image);
            let a = format.activation();
            let at = |y: isize, x: isize, size: (usize, usize)| {
                (y >= 0 && x >= 0 && (y as usize) < size.0 && (x as usize) < size.1)
                    .then_some((y as usize, x as usize))
            };
            for oy in 0..stage.output().h {
                for ox in 0..stage.output().w {
                    let (mut plain, mut folded) = (0i64, 0i64);
                    for c in 0..2 {
                        for ky in 0..k {
                            for kx in 0..k {
                                let y = (oy * stride + ky) as isize - pad as isize;
                                let x = (ox * stride + kx) as isize - pad as isize;
                                if let Some((y, x)) = at(y, x, (5, 6)) {
                                    plain += i64::from(image[(c * 5 + y) * 6 + x])
                                        * i64::from(weights[(c * k + ky) * k + kx]);
                                }
                                if let Some((y, _)) = at(y, 0, (5, 6)) {
                                    let lane = c * k + kx;
                                    folded += i64::from(stored[a.at(16, 0, lane, y, ox * stride)])
                                        * i64::from(words[view.engine.at(16, 0, lane, ky, 0)]);
                                }
                            }
                        }
                    }
                    assert_eq!(
                        plain, folded,
                        "kernel {k} stride {stride} pad {pad} at {oy} {ox}"
                    );
                }
            }
        }
    }
}
