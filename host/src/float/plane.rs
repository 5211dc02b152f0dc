//! Planes of one image: columns under a kernel, and 2×2 pools.

use crate::network::Stage;

/// Calls `f` with (index in the columns, index in the input) of every product of a stage; zeros around the plane are left out.
fn taps(s: &Stage, mut f: impl FnMut(usize, usize)) {
    let (h, w) = (s.full().h, s.full().w);
    let places = (0..s.ci).flat_map(|c| {
        (0..s.y.kernel).flat_map(move |ky| (0..s.x.kernel).map(move |kx| (c, ky, kx)))
    });
    for (row, (c, ky, kx)) in places.enumerate() {
        for y in 0..h {
            let Some(iy) = (y * s.y.stride + ky).checked_sub(s.y.pad) else {
                continue;
            };
            if iy >= s.y.input {
                continue;
            }
            for x in 0..w {
                let Some(ix) = (x * s.x.stride + kx).checked_sub(s.x.pad) else {
                    continue;
                };
                if ix < s.x.input {
                    let from = (c * s.y.input + iy) * s.x.input + ix;
                    f((row * h + y) * w + x, from);
                }
            }
        }
    }
}

/// The input under the kernel: one row for each weight of a filter, one column for each result.
pub(super) fn columns(s: &Stage, input: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; s.ci * s.taps() * s.full().h * s.full().w];
    taps(s, |to, from| out[to] = input[from]);
    out
}

/// Adds columns to where they came from.
pub(super) fn fold_back(s: &Stage, columns: &[f32], input: &mut [f32]) {
    taps(s, |from, to| input[to] += columns[from]);
}

/// 2×2 maxima and where each stood; the first of equal ones. Odd rows and columns at the end are dropped.
pub(super) fn pool(s: &Stage, full: &[f32]) -> (Vec<f32>, Vec<usize>) {
    let (f, o) = (s.full(), s.output());
    let mut out = Vec::with_capacity(o.len());
    let mut from = Vec::with_capacity(o.len());
    for c in 0..o.c {
        for (y, x) in (0..o.h).flat_map(|y| (0..o.w).map(move |x| (y, x))) {
            let corner = (c * f.h + 2 * y) * f.w + 2 * x;
            let four = [corner, corner + 1, corner + f.w, corner + f.w + 1];
            let mut best = four[0];
            for at in four {
                if full[at] > full[best] {
                    best = at;
                }
            }
            out.push(full[best]);
            from.push(best);
        }
    }
    (out, from)
}
