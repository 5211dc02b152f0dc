//! Weight-stationary: every pixel's sum over all taps and rows, a few pixels at a time.

use super::{beside, multiply_add, part, read_floats, whole, Tap, SUM_TERMS};
use crate::model::pads::{Accumulators, Pad};
use multiversion::{multiversion, target::target_cfg_f};
use tandem_isa::command::Compute;
use tandem_isa::Config;

/// Pixels whose sums are kept in registers together.
const BLOCK: usize = 2;

/// Weights of all taps: `rows` words a tap.
struct Weights<const L: usize> {
    rows: usize,
    words: Vec<[f64; L]>,
}

/// Reads the blocks of all taps. Rows that are zero in every block from some lane on (past the last channel) are left out.
fn weights<const L: usize>(config: &Config, c: &Compute, b: &Pad, taps: &[Tap]) -> Weights<L> {
    let all = c.groups as usize * config.rows;
    let mut words = vec![[0.0; L]; taps.len() * all];
    let mut rows = 1;
    for (tap, block) in taps.iter().zip(words.chunks_exact_mut(all)) {
        for (r, word) in block.iter_mut().enumerate() {
            let mut row = [0; L];
            if c.flags & Compute::TRANSPOSE != 0 {
                b.block_column(tap.b as usize, r, &mut row);
            } else {
                b.block_row(tap.b as usize, r, &mut row);
            }
            if row != [0; L] {
                rows = rows.max(r + 1);
                for (w, v) in word.iter_mut().zip(row) {
                    *w = f64::from(v);
                }
            }
        }
    }
    if rows < all {
        words = words
            .chunks_exact(all)
            .flat_map(|block| &block[..rows])
            .copied()
            .collect();
    }
    Weights { rows, words }
}

/// Runs one command on the pads.
pub fn run<const L: usize>(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut Accumulators) {
    let (taps, pixels) = (super::taps(c), super::pixels(c));
    let weights = weights::<L>(config, c, b, &taps);
    let mut sums = vec![[0i64; L]; pixels.len()];
    let part = part(pixels.len(), weights.words.len() * L);
    beside(
        sums.chunks_mut(part).zip(pixels.chunks(part)),
        |(sums, pixels)| stream(a, &taps, &weights, pixels, sums),
    );
    let add = c.flags & Compute::ACCUMULATE != 0;
    for (i, sum) in sums.iter().enumerate() {
        acc.put(c.acc_base as usize + i, sum, add);
    }
}

/// Adds every pixel's products to its sums.
#[multiversion(targets("x86_64+avx2+fma"))]
fn stream<const L: usize>(
    a: &Pad,
    taps: &[Tap],
    weights: &Weights<L>,
    pixels: &[u16],
    sums: &mut [[i64; L]],
) {
    if target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64")) {
        stream_all::<L, true>(a, taps, weights, pixels, sums);
    } else {
        stream_all::<L, false>(a, taps, weights, pixels, sums);
    }
}

#[inline(always)]
fn stream_all<const L: usize, const FUSED: bool>(
    a: &Pad,
    taps: &[Tap],
    weights: &Weights<L>,
    pixels: &[u16],
    sums: &mut [[i64; L]],
) {
    // A piece of the taps that floats sum exactly: nearly always all of them.
    let piece = SUM_TERMS / weights.rows;
    for (taps, words) in taps
        .chunks(piece)
        .zip(weights.words.chunks(piece * weights.rows))
    {
        let mut blocks = pixels.chunks_exact(BLOCK);
        let mut outs = sums.chunks_exact_mut(BLOCK);
        for (pixels, out) in (&mut blocks).zip(&mut outs) {
            let pixels: &[u16; BLOCK] = pixels.try_into().unwrap_or(&[0; BLOCK]);
            block::<L, BLOCK, FUSED>(a, taps, weights.rows, words, pixels, out);
        }
        for (pixel, out) in blocks
            .remainder()
            .iter()
            .zip(outs.into_remainder().chunks_mut(1))
        {
            block::<L, 1, FUSED>(a, taps, weights.rows, words, &[*pixel], out);
        }
    }
}

#[inline(always)]
fn block<const L: usize, const P: usize, const FUSED: bool>(
    a: &Pad,
    taps: &[Tap],
    rows: usize,
    words: &[[f64; L]],
    pixels: &[u16; P],
    out: &mut [[i64; L]],
) {
    let mut sums = [[0.0; L]; P];
    let mut x = [[0.0; L]; P];
    for (tap, words) in taps.iter().zip(words.chunks_exact(rows)) {
        for (x, pixel) in x.iter_mut().zip(pixels) {
            read_floats(a, tap.a.wrapping_add(*pixel), x);
        }
        for (r, w) in words.iter().enumerate().take(L) {
            for (sum, x) in sums.iter_mut().zip(&x) {
                multiply_add::<L, FUSED>(sum, x[r], w);
            }
        }
    }
    for (out, sum) in out.iter_mut().zip(&sums) {
        for (o, s) in out.iter_mut().zip(sum) {
            *o = o.wrapping_add(whole(*s));
        }
    }
}
