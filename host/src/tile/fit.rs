//! Chooses tile sizes: every candidate that fits half of each pad is priced roughly, the programs of the best are made and
//! predicted, two products in a row, and the one with the fewest cycles wins.
//!
//! Half a pad, so that the next tile is loaded while this one is worked on.

use super::axis::{span, taps, Axis, Range};
use super::{fractions, longest, pieces};
use crate::error::CompileError;
use crate::schedule::Emitter;
use tandem_isa::Config;

/// Sizes of a tile: images, rows, columns; output blocks together; operand blocks, kernel rows and columns a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Images.
    pub n: usize,
    /// Output rows.
    pub h: usize,
    /// Output columns.
    pub w: usize,
    /// Output channel blocks.
    pub outs: usize,
    /// Operand channel blocks.
    pub blocks: usize,
    /// Kernel rows.
    pub ky: usize,
    /// Kernel columns.
    pub kx: usize,
    /// Weights of all output blocks of a chunk are loaded in one go.
    pub together: bool,
}

/// How far off the second of two products stands that are tried in a row, so that what the first leaves to overlap counts.
const ELSEWHERE: u32 = 1 << 30;
/// Programs made to choose among.
const TRIALS: usize = 20;

/// What a product asks of the pads.
pub struct Product<'a> {
    /// Name for errors.
    pub layer: &'a str,
    /// Images.
    pub n: usize,
    /// Rows.
    pub y: &'a [Axis],
    /// Columns.
    pub x: &'a [Axis],
    /// Output rows, columns.
    pub out: (usize, usize),
    /// Output channel blocks.
    pub out_blocks: usize,
    /// Operand channel blocks.
    pub blocks: usize,
    /// Kernel rows, columns.
    pub kernel: (usize, usize),
    /// Row groups.
    pub groups: usize,
    /// Tensors shaped like the result that the vector unit reads with it.
    pub operands: usize,
    /// Followed by a pool: tiles are even.
    pub pool: bool,
    /// dW: the accumulators hold taps, the column operands are pixels.
    pub stationary_sums: bool,
}

/// Largest operand extent of any tile and chunk along one dimension.
fn extent(axes: &[Axis], outputs: &[Range], chunk: usize) -> usize {
    let mut most = 1;
    for &piece in outputs {
        let Some((lo, hi)) = taps(axes, piece) else {
            continue;
        };
        for k in pieces(hi - lo, chunk, false) {
            if let Some((a, b)) = span(axes, piece, (lo + k.0, lo + k.1)) {
                most = most.max((b - a) as usize);
            }
        }
    }
    most
}

impl Product<'_> {
    fn limits(&self, c: &Config, t: &Tiling, px: usize) -> bool {
        let taps = t.blocks * t.ky * t.kx;
        let lanes = c.lanes;
        if self.stationary_sums {
            // One more word for the bias.
            let sums = t.outs * (taps * lanes + 1);
            sums <= c.acc_bank()
                && taps * lanes <= c.o_depth / 2
                && px <= c.b_depth / 2
                && px <= 4095
        } else {
            let results = t.outs * px;
            results <= c.acc_bank()
                && results <= c.o_depth / 2
                && results * self.operands.max(1) <= c.v_depth / 2
                && taps * lanes <= c.b_depth / 2
        }
    }

    /// The tilings worth a closer look, those that seem cheapest first.
    fn candidates(&self, c: &Config) -> Result<Vec<Tiling>, CompileError> {
        let mut all: Vec<(u64, Tiling)> = Vec::new();
        let halves = |mut v: usize| {
            let mut all = vec![v];
            while v > 1 {
                v = v.div_ceil(2);
                all.push(v);
            }
            all
        };
        for ky in halves(self.kernel.0) {
            // Kernel columns are only cut when single rows are too long.
            let columns = if ky == 1 {
                halves(self.kernel.1)
            } else {
                vec![self.kernel.1]
            };
            for kx in columns {
                for blocks in halves(self.blocks) {
                    for outs in halves(self.out_blocks) {
                        let t = Tiling {
                            n: 1,
                            h: 1,
                            w: 1,
                            outs,
                            blocks,
                            ky,
                            kx,
                            together: false,
                        };
                        let words = outs * blocks * ky * kx * c.lanes;
                        let may = !self.stationary_sums && outs > 1 && words <= c.b_depth / 2;
                        for t in self.largest(c, t).into_iter().flat_map(|t| self.smaller(t)) {
                            let price = self.price(c, &t);
                            all.push((price, t));
                            if may {
                                let together = true;
                                all.push((price, Tiling { together, ..t }));
                            }
                        }
                    }
                }
            }
            if !all.is_empty() && ky * 8 < self.kernel.0 {
                break;
            }
        }
        all.sort_by_key(|&(cost, _)| cost);
        all.dedup();
        all.truncate(TRIALS);
        if all.is_empty() {
            return Err(CompileError::Limit {
                layer: self.layer.to_string(),
                what: "words of a single output's operands",
                found: (c.a_depth / 2 + 1) as u64,
                limit: (c.a_depth / 2) as u64,
                remedy: "choose a configuration with larger scratchpads",
            });
        }
        Ok(all.into_iter().map(|a| a.1).collect())
    }

    /// The tiling whose program is predicted to take the fewest cycles; `emit` makes the program, on tensors that stand so many bytes further on.
    pub fn fit(
        &self,
        c: &Config,
        mut emit: impl FnMut(&mut Emitter, &Tiling, u32),
    ) -> Result<Tiling, CompileError> {
        let candidates = self.candidates(c)?;
        let mut best = (u64::MAX, candidates[0]);
        if candidates.len() == 1 {
            return Ok(best.1);
        }
        for t in candidates {
            let mut trial = Emitter::new(c, false, 0);
            emit(&mut trial, &t, 0);
            let alone = trial.predicted();
            emit(&mut trial, &t, ELSEWHERE);
            let both = trial.predicted();
            // What another one adds counts most: products have neighbours.
            let cycles = both + 2 * (both - alone);
            if cycles < best.0 {
                best = (cycles, t);
            }
        }
        Ok(best.1)
    }

    /// The tiling itself, and with half and a quarter of its images or, of a single one, rows: smaller tiles let loads and stores overlap sooner.
    fn smaller(&self, t: Tiling) -> Vec<Tiling> {
        let even = |v: usize| if self.pool { v.next_multiple_of(2) } else { v };
        let mut all = vec![t];
        for part in [2, 4] {
            let s = if t.n > 1 {
                Tiling {
                    n: t.n.div_ceil(part),
                    ..t
                }
            } else {
                Tiling {
                    h: even(t.h.div_ceil(part)),
                    ..t
                }
            };
            if all.last() != Some(&s) {
                all.push(s);
            }
        }
        all
    }

    /// The most images, rows and columns for the given chunk.
    fn largest(&self, c: &Config, mut t: Tiling) -> Option<Tiling> {
        let even = |v: usize| if self.pool { v.next_multiple_of(2) } else { v };
        let (oh, ow) = self.out;
        let mut widths = fractions(ow);
        widths.retain(|&w| !self.pool || w > 1 || ow == 1);
        for w in widths {
            let w = even(w);
            let xs = pieces(ow, w, self.pool);
            let cols = extent(self.x, &xs, t.kx);
            for h in fractions(oh) {
                let h = even(h);
                let px = longest(oh, h, self.pool) * longest(ow, w, self.pool);
                (t.h, t.w, t.n) = (h, w, 1);
                if !self.limits(c, &t, px) {
                    continue;
                }
                let a = t.blocks * cols * extent(self.y, &pieces(oh, h, self.pool), t.ky);
                if a > c.a_depth / 2 {
                    continue;
                }
                if h >= oh && w >= ow {
                    while t.n < self.n
                        && a * (t.n + 1) <= c.a_depth / 2
                        && self.limits(c, &t, px * (t.n + 1))
                    {
                        t.n += 1;
                    }
                    // Equal shares rather than a small last one.
                    t.n = self.n.div_ceil(self.n.div_ceil(t.n));
                }
                return Some(t);
            }
        }
        None
    }

    /// Rough cycles: the greater of array and memory.
    fn price(&self, c: &Config, t: &Tiling) -> u64 {
        let (oh, ow) = self.out;
        let up = |a: usize, b: usize| a.div_ceil(b) as u64;
        let tiles = up(self.n, t.n) * up(oh, t.h) * up(ow, t.w);
        let parts = up(self.out_blocks, t.outs);
        let chunks = up(self.blocks, t.blocks) * up(self.kernel.0, t.ky) * up(self.kernel.1, t.kx);
        let classes = (self.y.len() * self.x.len()) as u64;
        let px = (t.n * t.h.min(oh) * t.w.min(ow)) as u64;
        let count = |axes: &[Axis]| axes.iter().map(|a| a.taps as u64).sum::<u64>();
        let taps = count(self.y) * count(self.x);
        let least = if self.stationary_sums {
            c.rows
        } else {
            c.lanes
        } as u64;
        let pass = (px / classes).max(least);
        let commands = tiles * chunks * self.out_blocks as u64 * classes;
        let array = tiles * (self.out_blocks * self.blocks * self.groups) as u64 * taps * pass
            + commands * 40;
        let rows = extent(self.y, &pieces(oh, t.h, self.pool), t.ky) as u64;
        let cols = extent(self.x, &pieces(ow, t.w, self.pool), t.kx) as u64;
        let a = tiles * parts * chunks * (t.n * t.blocks) as u64 * rows * cols;
        let b = if self.stationary_sums {
            tiles * chunks * self.out_blocks as u64 * px
        } else {
            let all =
                (self.out_blocks * self.blocks * self.kernel.0 * self.kernel.1 * c.lanes) as u64;
            let resident =
                chunks == 1 && (t.outs * t.blocks * t.ky * t.kx * c.lanes) <= c.b_depth / 2;
            all * if resident { 1 } else { tiles }
        };
        let memory = (a + b) * c.word_beats() as u64 + tiles * parts * chunks * 30;
        array.max(memory) + (array + memory) / 16
    }
}
