//! Plain loops over isa::numerics: what every device must compute. No tiles, no lanes, no commands.
#![allow(dead_code)]

pub mod networks;
pub mod trainer;

use tandem::network::{Extent, Kind, Shape, Stage};
use tandem_isa::numerics::{align, max4, route4, Exponent, Width, BIAS_F};
use tandem_tests::random::Rng;

/// Accumulators as a finished tensor.
pub struct Finished {
    pub q: Vec<i16>,
    pub f: i32,
    pub mask: u64,
}

pub fn finish(acc: &[i64], f_acc: i32, e: i8, width: Width) -> Finished {
    let (s, f) = width.shift(&Exponent::at(e), f_acc);
    Finished {
        q: acc
            .iter()
            .map(|&a| width.requant(width.wrap(a), s))
            .collect(),
        f,
        mask: acc.iter().fold(0, |m, &a| m | width.or_mask(a)),
    }
}

fn at(s: Shape, n: usize, c: usize, y: usize, x: usize) -> usize {
    ((n * s.c + c) * s.h + y) * s.w + x
}

/// Calls `f(output, input, kernel)` for every product along one dimension.
fn taps(e: &Extent) -> Vec<(usize, usize, usize)> {
    let mut all = Vec::new();
    for o in 0..e.output() {
        for k in 0..e.kernel {
            let i = (o * e.stride + k).wrapping_sub(e.pad);
            if i < e.input {
                all.push((o, i, k));
            }
        }
    }
    all
}

/// Every product (image, co, ci, output pixel, input pixel, kernel index).
fn products(s: &Stage, n: usize, mut f: impl FnMut(usize, usize, usize)) {
    let (i, o) = (s.input(), s.full());
    let (ys, xs) = (taps(&s.y), taps(&s.x));
    for n in 0..n {
        for co in 0..s.co {
            for ci in 0..s.ci {
                for &(oy, iy, ky) in &ys {
                    for &(ox, ix, kx) in &xs {
                        let w = ((co * s.ci + ci) * s.y.kernel + ky) * s.x.kernel + kx;
                        f(at(i, n, ci, iy, ix), at(o, n, co, oy, ox), w);
                    }
                }
            }
        }
    }
}

/// A tensor with its format, added to accumulators of format `f_acc`.
pub type Added<'a> = Option<(&'a [i16], i32)>;

fn add(acc: &mut [i64], skip: Added, f_acc: i32) {
    if let Some((q, f)) = skip {
        for (a, &q) in acc.iter_mut().zip(q) {
            *a += align(q.into(), f, f_acc).unwrap();
        }
    }
}

fn keep(acc: &mut [i64], mask: Option<&[i16]>) {
    if let Some(m) = mask {
        acc.iter_mut()
            .zip(m)
            .for_each(|(a, &m)| *a = if m > 0 { *a } else { 0 });
    }
}

/// Accumulators of the forward product, with bias, skip and ReLU.
pub fn forward(
    s: &Stage,
    n: usize,
    x: &[i16],
    w: &[i16],
    b: &[i16],
    skip: Added,
    f_acc: i32,
) -> Vec<i64> {
    let o = s.full();
    let mut acc = vec![0i64; n * o.len()];
    for (i, a) in acc.iter_mut().enumerate() {
        *a = align(b[i / (o.h * o.w) % o.c].into(), BIAS_F, f_acc).unwrap();
    }
    products(s, n, |i, o, k| acc[o] += i64::from(x[i]) * i64::from(w[k]));
    add(&mut acc, skip, f_acc);
    if s.relu {
        acc.iter_mut().for_each(|a| *a = (*a).max(0));
    }
    acc
}

/// Accumulators of the input gradient, with skip, masked.
pub fn dx(
    s: &Stage,
    n: usize,
    g: &[i16],
    w: &[i16],
    (skip, f_acc): (Added, i32),
    mask: Option<&[i16]>,
) -> Vec<i64> {
    let mut acc = vec![0i64; n * s.input().len()];
    products(s, n, |i, o, k| acc[i] += i64::from(g[o]) * i64::from(w[k]));
    add(&mut acc, skip, f_acc);
    keep(&mut acc, mask);
    acc
}

/// Accumulators of the weight and bias gradients.
pub fn dw(s: &Stage, n: usize, x: &[i16], g: &[i16]) -> (Vec<i64>, Vec<i64>) {
    let o = s.full();
    let mut acc = vec![0i64; s.weights()];
    products(s, n, |i, o, k| acc[k] += i64::from(x[i]) * i64::from(g[o]));
    let mut bias = vec![0i64; s.co];
    for (i, &g) in g.iter().enumerate() {
        bias[i / (o.h * o.w) % o.c] += i64::from(g);
    }
    (acc, bias)
}

/// Accumulators of an average pool.
pub fn average(s: &Stage, n: usize, x: &[i16], width: Width) -> Vec<i64> {
    let (i, o) = (s.input(), s.output());
    let (k, factor) = ((s.y.kernel, s.x.kernel), average_factor(s, width));
    let mut acc = vec![0; n * o.len()];
    for n in 0..n {
        for c in 0..i.c {
            for y in 0..o.h * k.0 {
                for w in 0..o.w * k.1 {
                    acc[at(o, n, c, y / k.0, w / k.1)] += i64::from(x[at(i, n, c, y, w)]) * factor;
                }
            }
        }
    }
    acc
}

/// Accumulators of its input gradient, with skip, masked.
pub fn average_back(
    s: &Stage,
    n: usize,
    g: &[i16],
    (skip, f_acc): (Added, i32),
    mask: Option<&[i16]>,
    width: Width,
) -> Vec<i64> {
    let (i, o) = (s.input(), s.output());
    let (k, factor) = ((s.y.kernel, s.x.kernel), average_factor(s, width));
    let mut acc = vec![0; n * i.len()];
    for n in 0..n {
        for c in 0..i.c {
            for y in 0..o.h * k.0 {
                for w in 0..o.w * k.1 {
                    let from = at(o, n, c, y / k.0, w / k.1);
                    acc[at(i, n, c, y, w)] = i64::from(g[from]) * factor;
                }
            }
        }
    }
    add(&mut acc, skip, f_acc);
    keep(&mut acc, mask);
    acc
}

fn average_factor(s: &Stage, width: Width) -> i64 {
    let (factor, _) = width.average(s.taps() as u32).unwrap();
    width.narrow(factor as i16).into()
}

/// Format of the sums of an average pool of words of format `f`.
pub fn average_f(s: &Stage, f: i32, width: Width) -> i32 {
    f + width.average(s.taps() as u32).unwrap().1 - width.word_shift() as i32
}

/// 2×2 maximum: values and indices.
pub fn pool(n: usize, s: Shape, q: &[i16]) -> (Vec<i16>, Vec<i16>) {
    let (mut y, mut index) = (Vec::new(), Vec::new());
    for p in 0..n * s.c {
        for r in 0..s.h / 2 {
            for c in 0..s.w / 2 {
                let v = |dy, dx| q[(p * s.h + 2 * r + dy) * s.w + 2 * c + dx];
                let (m, i) = max4([v(0, 0), v(0, 1), v(1, 0), v(1, 1)]);
                y.push(m);
                index.push(i16::from(i));
            }
        }
    }
    (y, index)
}

/// Its backward.
pub fn unpool(n: usize, s: Shape, g: &[i16], index: &[i16]) -> Vec<i16> {
    let mut out = vec![0; n * s.len()];
    let (h, w) = (s.h / 2, s.w / 2);
    for p in 0..n * s.c {
        for r in 0..h {
            for c in 0..w {
                let i = (p * h + r) * w + c;
                let v = route4(g[i], index[i] as u8);
                for (k, v) in v.into_iter().enumerate() {
                    out[(p * s.h + 2 * r + k / 2) * s.w + 2 * c + k % 2] = v;
                }
            }
        }
    }
    out
}

/// A random layer that fits the reference's patience.
pub fn random_stage(r: &mut Rng, wide: bool) -> (Stage, usize) {
    loop {
        let dim = |r: &mut Rng, input: usize, stride: usize, k: usize| Extent {
            input,
            kernel: k,
            stride,
            pad: r.below(k),
        };
        let stride = 1 + r.below(2);
        let (kh, kw) = if r.below(3) > 0 {
            let k = [1, 3, 5, 2][r.below(4)];
            (k, k)
        } else {
            (1 + r.below(5), 1 + r.below(5))
        };
        let (h, w) = if wide {
            (1 + r.below(12), 1 + r.below(90))
        } else {
            (1 + r.below(14), 1 + r.below(14))
        };
        let fc = r.below(6) == 0;
        let (y, x) = if fc {
            let full = |n| Extent {
                input: n,
                kernel: n,
                stride: n,
                pad: 0,
            };
            (full(h.min(9)), full(w.min(9)))
        } else {
            (dim(r, h, stride, kh), dim(r, w, stride, kw))
        };
        let fits = |e: &Extent| e.input + 2 * e.pad >= e.kernel;
        if !fits(&y) || !fits(&x) {
            continue;
        }
        let mut s = Stage {
            name: "layer".into(),
            source: None,
            skip: None,
            ci: 1 + r.below(20),
            co: 1 + r.below(20),
            y,
            x,
            relu: r.below(2) == 0,
            pool: false,
            kind: if fc { Kind::FullyConnected } else { Kind::Conv },
        };
        s.pool = s.full().h > 1 && s.full().w > 1 && r.below(2) == 0;
        return (s, 1 + r.below(5));
    }
}

/// A random average pool: global, or with rows and columns left over.
pub fn random_average(r: &mut Rng, wide: bool) -> (Stage, usize) {
    let k = [2, 2, 3, 4, 7][r.below(5)];
    let size = |r: &mut Rng, most| k + r.below(most);
    let (h, w) = (size(r, 12), size(r, if wide { 80 } else { 12 }));
    let (kh, kw) = if r.below(3) == 0 { (h, w) } else { (k, k) };
    let extent = |input, kernel| Extent {
        input,
        kernel,
        stride: kernel,
        pad: 0,
    };
    let c = 1 + r.below(40);
    let s = Stage {
        name: "average".into(),
        source: None,
        skip: None,
        ci: c,
        co: c,
        y: extent(h, kh),
        x: extent(w, kw),
        relu: false,
        pool: false,
        kind: Kind::AveragePool,
    };
    (s, 1 + r.below(6))
}
