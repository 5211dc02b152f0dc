//! Output-stationary: every cell's sum over all pixels, two rows of cells at a time.

use super::{beside, multiply_add, part, read_floats, whole, SUM_TERMS};
use crate::model::pads::{Accumulators, Pad};
use multiversion::{multiversion, target::target_cfg_f};
use tandem_isa::command::Compute;
use tandem_isa::Config;

/// Pixels whose operands are widened together and stay in the nearest cache.
const BLOCK: usize = 64;

/// Rows whose sums are kept in registers together.
const ROWS: usize = 2;

/// Runs one command on the pads.
pub fn run<const L: usize>(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut Accumulators) {
    let (taps, pixels) = (super::taps(c), super::pixels(c));
    let rows = c.groups as usize * config.rows;
    let mut sums = vec![[0i64; L]; taps.len() * rows];
    let part = part(taps.len(), pixels.len() * rows * L);
    beside(
        sums.chunks_mut(part * rows).zip(taps.chunks(part)),
        |(sums, taps)| {
            for (sums, tap) in sums.chunks_exact_mut(rows).zip(taps) {
                stream::<L>(a, b, (tap.a, c.b_base), &pixels, sums);
            }
        },
    );
    let add = c.flags & Compute::ACCUMULATE != 0;
    for (k, sums) in sums.chunks_exact(rows).enumerate() {
        for (r, sum) in sums.iter().enumerate() {
            acc.put(c.acc_base as usize + k * L + r, sum, add);
        }
    }
    if c.flags & Compute::COLUMN_SUMS != 0 {
        let mut sum = [0i64; L];
        for i in 0..pixels.len() {
            for (s, g) in sum.iter_mut().zip(b.lanes::<L>(c.b_base as usize + i)) {
                *s += i64::from(*g);
            }
        }
        acc.put(c.acc_base as usize + (taps.len() - 1) * L + rows, &sum, add);
    }
}

/// The sums of one tap's cells, a row an element of `sums`, from the A and the B word of the first pixel on.
#[multiversion(targets("x86_64+avx2+fma"))]
fn stream<const L: usize>(
    a: &Pad,
    b: &Pad,
    from: (u16, u16),
    pixels: &[u16],
    sums: &mut [[i64; L]],
) {
    if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
        stream_all::<L, true>(a, b, from, pixels, sums);
    } else {
        stream_all::<L, false>(a, b, from, pixels, sums);
    }
}

#[inline(always)]
fn stream_all<const L: usize, const FUSED: bool>(
    a: &Pad,
    b: &Pad,
    from: (u16, u16),
    pixels: &[u16],
    out: &mut [[i64; L]],
) {
    let mut x = [[0.0; L]; BLOCK];
    let mut g = [[0.0; L]; BLOCK];
    let mut at = from.1;
    // A piece that floats sum exactly: nearly always all pixels.
    for piece in pixels.chunks(SUM_TERMS) {
        let mut sums = [[0.0; L]; L];
        for pixels in piece.chunks(BLOCK) {
            let mut seen = [false; L];
            for ((x, g), pixel) in x.iter_mut().zip(&mut g).zip(pixels) {
                read_floats(a, from.0.wrapping_add(*pixel), x);
                for (s, x) in seen.iter_mut().zip(x.iter()) {
                    *s |= *x != 0.0;
                }
                read_floats(b, at, g);
                at = at.wrapping_add(1);
            }
            for r in (0..out.len().min(L)).step_by(ROWS) {
                // Lanes past the last channel hold zeros, which add nothing.
                if seen[r] || seen[r + 1] {
                    rows::<L, FUSED>(&x[..pixels.len()], &g, r, &mut sums);
                }
            }
        }
        for (out, sum) in out.iter_mut().zip(&sums) {
            for (o, s) in out.iter_mut().zip(sum) {
                *o = o.wrapping_add(whole(*s));
            }
        }
    }
}

/// Rows `r` and the next.
#[inline(always)]
fn rows<const L: usize, const FUSED: bool>(
    x: &[[f64; L]],
    g: &[[f64; L]],
    r: usize,
    all: &mut [[f64; L]; L],
) {
    let mut sums = [all[r], all[r + 1]];
    for (x, g) in x.iter().zip(g) {
        for (i, sum) in sums.iter_mut().enumerate() {
            multiply_add::<L, FUSED>(sum, x[r + i], g);
        }
    }
    [all[r], all[r + 1]] = sums;
}
