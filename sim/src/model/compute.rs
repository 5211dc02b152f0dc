//! The array, as integer loops: both dataflows of the Compute command, blocked for the vector units of a CPU and split over its cores.
//!
//! Two products of 16-bit operands fit 32 bits together unless all four operands are −32768, so they are added in pairs
//! before they are widened; a pad that ever held −32768 takes the wide path.

use super::pads::{Accumulators, Pad};
use rayon::prelude::*;
use tandem_isa::command::Compute;
use tandem_isa::Config;

/// Fewer products than this are not worth a second core.
const PARALLEL_PRODUCTS: usize = 1 << 17;

/// Runs one command on the pads.
pub fn run(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut Accumulators) {
    let wide = a.has_min() || b.has_min();
    if c.flags & Compute::OUTPUT_STATIONARY != 0 {
        match config.lanes {
            4 => output_stationary::<4>(config, c, a, b, acc, wide),
            8 => output_stationary::<8>(config, c, a, b, acc, wide),
            16 => output_stationary::<16>(config, c, a, b, acc, wide),
            _ => output_stationary::<32>(config, c, a, b, acc, wide),
        }
    } else {
        match config.lanes {
            4 => weight_stationary::<4>(config, c, a, b, acc, wide),
            8 => weight_stationary::<8>(config, c, a, b, acc, wide),
            16 => weight_stationary::<16>(config, c, a, b, acc, wide),
            _ => weight_stationary::<32>(config, c, a, b, acc, wide),
        }
    }
}

/// A pass of the array: the A and B addresses it adds, and its row group.
struct Pass {
    a: isize,
    b: isize,
    k: usize,
    group: usize,
}

fn passes(c: &Compute) -> Vec<Pass> {
    let mut list = Vec::new();
    let mut k = 0;
    for k2 in 0..c.k2 as isize {
        for k1 in 0..c.k1 as isize {
            for k0 in 0..c.k0 as isize {
                for group in 0..c.groups as usize {
                    list.push(Pass {
                        a: k2 * c.a_k2 as isize + k1 * c.a_k1 as isize + k0 * c.a_k0 as isize,
                        b: k2 * c.b_k2 as isize + k1 * c.b_k1 as isize + k0 * c.b_k0 as isize,
                        k,
                        group,
                    });
                }
                k += 1;
            }
        }
    }
    list
}

/// A offsets of all pixels, in order.
fn pixel_offsets(c: &Compute) -> Vec<isize> {
    let mut v = Vec::with_capacity(c.n as usize * c.y as usize * c.x as usize);
    for n in 0..c.n as isize {
        for y in 0..c.y as isize {
            for x in 0..c.x as isize {
                v.push(n * c.a_n as isize + y * c.a_y as isize + x * c.a_x as isize);
            }
        }
    }
    v
}

#[inline]
fn address(base: u16, offset: isize) -> usize {
    (base as isize + offset) as usize & 0xffff
}

/// `acc[c] += a0·w0[c] + a1·w1[c]`.
#[inline(always)]
fn add_pair<const L: usize>(acc: &mut [i64; L], a0: i16, w0: &[i16; L], a1: i16, w1: &[i16; L]) {
    for c in 0..L {
        let p = (a0 as i32 * w0[c] as i32).wrapping_add(a1 as i32 * w1[c] as i32);
        acc[c] = acc[c].wrapping_add(p as i64);
    }
}

#[inline(always)]
fn add_one<const L: usize>(acc: &mut [i64; L], a: i16, w: &[i16; L]) {
    for c in 0..L {
        acc[c] = acc[c].wrapping_add((a as i32 * w[c] as i32) as i64);
    }
}

fn lanes<const L: usize>(word: &[i16]) -> &[i16; L] {
    word.try_into().unwrap_or(&[0; L])
}

fn weight_stationary<const L: usize>(
    config: &Config,
    c: &Compute,
    a: &Pad,
    b: &Pad,
    acc: &mut Accumulators,
    wide: bool,
) {
    let rows = config.rows;
    let passes = passes(c);
    let pixels = pixel_offsets(c);
    // Weights of every pass, row by row, read once.
    let mut weights = vec![[0i16; L]; passes.len() * rows];
    for (p, w) in passes.iter().zip(weights.chunks_exact_mut(rows)) {
        for (r, row) in w.iter_mut().enumerate() {
            let index = p.group * rows + r;
            let base = address(c.b_base, p.b);
            if c.flags & Compute::TRANSPOSE != 0 {
                b.block_column(base, index, row);
            } else {
                b.block_row(base, index, row);
            }
        }
    }
    let run = |pixel: usize, out: &mut [i64; L]| {
        let mut sum = [0i64; L];
        for (p, w) in passes.iter().zip(weights.chunks_exact(rows)) {
            let word = a.word(address(c.a_base, p.a + pixels[pixel]));
            let x = &word[p.group * rows..p.group * rows + rows];
            if wide {
                for (x, w) in x.iter().zip(w) {
                    add_one(&mut sum, *x, w);
                }
            } else {
                for (x, w) in x.chunks_exact(2).zip(w.chunks_exact(2)) {
                    add_pair(&mut sum, x[0], &w[0], x[1], &w[1]);
                }
            }
        }
        for (o, s) in out.iter_mut().zip(sum) {
            *o = s;
        }
    };
    let mut sums = vec![[0i64; L]; pixels.len()];
    if pixels.len() * passes.len() * rows * L >= PARALLEL_PRODUCTS {
        sums.par_iter_mut()
            .with_min_len(
                pixels
                    .len()
                    .div_ceil(2 * rayon::current_num_threads())
                    .max(8),
            )
            .enumerate()
            .for_each(|(i, out)| run(i, out));
    } else {
        for (i, out) in sums.iter_mut().enumerate() {
            run(i, out);
        }
    }
    for (i, sum) in sums.iter().enumerate() {
        put(acc, c, c.acc_base as usize + i, sum);
    }
}

/// Overwrites, or adds with ACCUMULATE.
fn put<const L: usize>(acc: &mut Accumulators, c: &Compute, at: usize, sum: &[i64; L]) {
    let word = acc.word_mut(at);
    if c.flags & Compute::ACCUMULATE != 0 {
        for (o, s) in word.iter_mut().zip(sum) {
            *o = o.wrapping_add(*s);
        }
    } else {
        word.copy_from_slice(sum);
    }
}

fn output_stationary<const L: usize>(
    config: &Config,
    c: &Compute,
    a: &Pad,
    b: &Pad,
    acc: &mut Accumulators,
    wide: bool,
) {
    let rows = config.rows;
    let passes = passes(c);
    let pixels = pixel_offsets(c);
    let run = |p: &Pass| {
        let mut sums = vec![[0i64; L]; rows];
        let x_of = |i: usize| -> &[i16] { a.word(address(c.a_base, p.a + pixels[i])) };
        let g_of = |i: usize| lanes::<L>(b.word(address(c.b_base, i as isize)));
        let first = p.group * rows;
        let paired = if wide { 0 } else { pixels.len() / 2 * 2 };
        for i in (0..paired).step_by(2) {
            let (x0, x1) = (
                &x_of(i)[first..first + rows],
                &x_of(i + 1)[first..first + rows],
            );
            let (g0, g1) = (g_of(i), g_of(i + 1));
            for (r, sum) in sums.iter_mut().enumerate() {
                add_pair(sum, x0[r], g0, x1[r], g1);
            }
        }
        for i in paired..pixels.len() {
            let x = &x_of(i)[first..first + rows];
            for (r, sum) in sums.iter_mut().enumerate() {
                add_one(sum, x[r], g_of(i));
            }
        }
        sums
    };
    let all: Vec<Vec<[i64; L]>> = if pixels.len() * passes.len() * rows * L >= PARALLEL_PRODUCTS {
        passes.par_iter().map(run).collect()
    } else {
        passes.iter().map(run).collect()
    };
    for (p, sums) in passes.iter().zip(&all) {
        let at = c.acc_base as usize + p.k * L + p.group * rows;
        for (r, sum) in sums.iter().enumerate() {
            put(acc, c, at + r, sum);
        }
    }
    if c.flags & Compute::COLUMN_SUMS != 0 {
        let mut sum = [0i64; L];
        for i in 0..pixels.len() {
            add_one(&mut sum, 1, lanes(b.word(address(c.b_base, i as isize))));
        }
        let last_k = passes.last().map_or(0, |p| p.k);
        let at = c.acc_base as usize + last_k * L + c.groups as usize * rows;
        put(acc, c, at, &sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_isa::config::ALL;
    use tandem_isa::numerics::wrap48;

    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (self.0 >> 33) % n
        }
    }

    /// The text of the Compute command, one product at a time.
    fn by_the_text(config: &Config, c: &Compute, a: &Pad, b: &Pad, acc: &mut [Vec<i64>]) {
        let (l, rows) = (config.lanes, config.rows);
        let mask = acc.len() - 1;
        let mut fresh = vec![c.flags & Compute::ACCUMULATE == 0; acc.len()];
        let mut add = |acc: &mut [Vec<i64>], at: usize, lane: usize, p: i64| {
            let at = at & mask;
            if fresh[at] {
                acc[at].fill(0);
                fresh[at] = false;
            }
            acc[at][lane] = wrap48(acc[at][lane] + p);
        };
        let mut pass_k = 0;
        for k2 in 0..c.k2 as isize {
            for k1 in 0..c.k1 as isize {
                for k0 in 0..c.k0 as isize {
                    let ka = k2 * c.a_k2 as isize + k1 * c.a_k1 as isize + k0 * c.a_k0 as isize;
                    let kb = k2 * c.b_k2 as isize + k1 * c.b_k1 as isize + k0 * c.b_k0 as isize;
                    for group in 0..c.groups as usize {
                        let mut pixel = 0;
                        for n in 0..c.n as isize {
                            for y in 0..c.y as isize {
                                for x in 0..c.x as isize {
                                    let p = n * c.a_n as isize
                                        + y * c.a_y as isize
                                        + x * c.a_x as isize;
                                    let aw = a.word((c.a_base as isize + ka + p) as usize & 0xffff);
                                    for r in 0..rows {
                                        let i = group * rows + r;
                                        for lane in 0..l {
                                            let base = (c.b_base as isize + kb) as usize & 0xffff;
                                            if c.flags & Compute::OUTPUT_STATIONARY != 0 {
                                                let g = b.word(c.b_base as usize + pixel)[lane];
                                                let at = c.acc_base as usize + pass_k * l + i;
                                                add(acc, at, lane, aw[i] as i64 * g as i64);
                                            } else {
                                                let (word, from) =
                                                    if c.flags & Compute::TRANSPOSE != 0 {
                                                        (base + lane, i)
                                                    } else {
                                                        (base + i, lane)
                                                    };
                                                let w = b.word(word)[(from + word) % l];
                                                add(
                                                    acc,
                                                    c.acc_base as usize + pixel,
                                                    lane,
                                                    aw[i] as i64 * w as i64,
                                                );
                                            }
                                        }
                                    }
                                    pixel += 1;
                                }
                            }
                        }
                    }
                    pass_k += 1;
                }
            }
        }
        let kept = c.flags & Compute::OUTPUT_STATIONARY != 0;
        if kept && c.flags & Compute::COLUMN_SUMS != 0 {
            let at = c.acc_base as usize + (pass_k - 1) * l + c.groups as usize * rows;
            for pixel in 0..c.n as usize * c.y as usize * c.x as usize {
                for lane in 0..l {
                    let g = b.word((c.b_base as usize + pixel) & 0xffff)[lane];
                    add(acc, at, lane, g as i64);
                }
            }
        }
    }

    #[test]
    fn both_dataflows_do_what_the_text_says() {
        let mut r = Random(7);
        for round in 0..200 {
            let config = &ALL[round % ALL.len()];
            let l = config.lanes;
            let mut a = Pad::new(config.a_depth, l);
            let mut b = Pad::new(config.b_depth, l);
            let mut acc = Accumulators::new(config.acc_depth, l);
            let extreme = round % 5 == 0;
            for (pad, depth) in [(&mut a, config.a_depth), (&mut b, config.b_depth)] {
                for w in 0..depth {
                    let bytes: Vec<u8> = (0..l)
                        .flat_map(|_| {
                            let v = if extreme {
                                i16::MIN
                            } else {
                                r.below(65535) as i32 as i16
                            };
                            v.max(if extreme { i16::MIN } else { -32767 }).to_le_bytes()
                        })
                        .collect();
                    pad.write_bytes(w, &bytes, 0);
                }
            }
            let c = Compute {
                flags: r.below(16) as u8,
                groups: 1 + r.below(config.groups() as u64) as u8,
                a_base: r.below(64) as u16,
                b_base: (r.below(4) * l as u64) as u16,
                acc_base: r.below(32) as u16,
                n: 1 + r.below(2) as u16,
                y: 1 + r.below(4) as u16,
                x: 1 + r.below(6) as u16,
                k2: 1 + r.below(2) as u16,
                k1: 1 + r.below(3) as u16,
                k0: 1 + r.below(3) as u16,
                a_n: 40,
                a_y: 7,
                a_x: 1 + r.below(2) as i16,
                a_k2: 80,
                a_k1: 7,
                a_k0: -1,
                b_k2: (9 * l) as i16,
                b_k1: (3 * l) as i16,
                b_k0: l as i16,
                terms: 1,
                ..Default::default()
            };
            let mut expected = vec![vec![0i64; l]; config.acc_depth];
            for (i, e) in expected.iter_mut().enumerate() {
                for v in e.iter_mut() {
                    *v = r.below(1 << 31) as i64;
                }
                acc.word_mut(i).copy_from_slice(e);
            }
            by_the_text(config, &c, &a, &b, &mut expected);
            run(config, &c, &a, &b, &mut acc);
            for (i, e) in expected.iter().enumerate() {
                let found: Vec<i64> = acc.word(i).iter().map(|&v| wrap48(v)).collect();
                assert_eq!(&found, e, "round {round}, word {i}, {c:?}");
            }
        }
    }
}
