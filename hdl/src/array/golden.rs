//! The compute command as plain loops, straight from its text in `tandem_isa::command::Compute`: what the unit is compared with.
use tandem_isa::command::Compute;

/// Memories a compute command works on. Words are vectors of lanes.
#[derive(Clone, Debug, Default)]
pub struct Memories {
    /// Rows of the array.
    pub rows: usize,
    /// Pad A.
    pub a: Vec<Vec<i16>>,
    /// Pad B, unskewed.
    pub b: Vec<Vec<i16>>,
    /// Accumulators.
    pub sums: Vec<Vec<i64>>,
}

/// Wraps to 48 bits.
pub fn s48(x: i64) -> i64 {
    x << 16 >> 16
}

/// Passes of a command.
pub fn passes(c: &Compute) -> usize {
    [c.k2, c.k1, c.k0]
        .map(usize::from)
        .iter()
        .product::<usize>()
        * usize::from(c.groups)
}

/// Pixels of a pass.
pub fn pixels(c: &Compute) -> usize {
    [c.n, c.y, c.x].map(usize::from).iter().product()
}

impl Memories {
    fn add(&mut self, word: usize, lane: usize, value: i64, overwrite: bool) {
        let depth = self.sums.len();
        let sum = &mut self.sums[word % depth][lane];
        *sum = s48(if overwrite { 0 } else { *sum }.wrapping_add(value));
    }

    /// Runs one command.
    pub fn run(&mut self, c: &Compute) {
        let flag = |f| c.flags & f != 0;
        let (kept, lanes) = (flag(Compute::OUTPUT_STATIONARY), self.b[0].len());
        let (a_depth, b_depth) = (self.a.len() as i64, self.b.len() as i64);
        let mut pass = 0;
        for k2 in 0..i64::from(c.k2) {
            for k1 in 0..i64::from(c.k1) {
                for k0 in 0..i64::from(c.k0) {
                    for group in 0..usize::from(c.groups) {
                        let first_lane = group * self.rows;
                        let mut kept_sums = vec![vec![0i64; lanes]; self.rows];
                        let mut pixel = 0;
                        for n in 0..i64::from(c.n) {
                            for y in 0..i64::from(c.y) {
                                for x in 0..i64::from(c.x) {
                                    let at = i64::from(c.a_base)
                                        + n * i64::from(c.a_n)
                                        + y * i64::from(c.a_y)
                                        + x * i64::from(c.a_x)
                                        + k2 * i64::from(c.a_k2)
                                        + k1 * i64::from(c.a_k1)
                                        + k0 * i64::from(c.a_k0);
                                    let word = &self.a[at.rem_euclid(a_depth) as usize];
                                    let rows: Vec<i64> = (0..self.rows)
                                        .map(|r| i64::from(word[first_lane + r]))
                                        .collect();
                                    if kept {
                                        let at = (i64::from(c.b_base) + pixel as i64) % b_depth;
                                        for (r, a) in rows.iter().enumerate() {
                                            for (sum, b) in
                                                kept_sums[r].iter_mut().zip(&self.b[at as usize])
                                            {
                                                *sum = s48(*sum + a * i64::from(*b));
                                            }
                                        }
                                    } else {
                                        let at = i64::from(c.b_base)
                                            + k2 * i64::from(c.b_k2)
                                            + k1 * i64::from(c.b_k1)
                                            + k0 * i64::from(c.b_k0);
                                        let block = at.rem_euclid(b_depth) as usize;
                                        for lane in 0..lanes {
                                            let sum = rows.iter().enumerate().map(|(r, a)| {
                                                let row = first_lane + r;
                                                let w = match flag(Compute::TRANSPOSE) {
                                                    true => self.b[block + lane][row],
                                                    false => self.b[block + row][lane],
                                                };
                                                a * i64::from(w)
                                            });
                                            let sum = sum.sum();
                                            let over = pass == 0 && !flag(Compute::ACCUMULATE);
                                            self.add(c.acc_base as usize + pixel, lane, sum, over);
                                        }
                                    }
                                    pixel += 1;
                                }
                            }
                        }
                        if kept {
                            let tap = pass / usize::from(c.groups);
                            let base = c.acc_base as usize + tap * lanes + first_lane;
                            for (r, row) in kept_sums.iter().enumerate() {
                                for (lane, sum) in row.iter().enumerate() {
                                    self.add(base + r, lane, *sum, !flag(Compute::ACCUMULATE));
                                }
                            }
                        }
                        pass += 1;
                    }
                }
            }
        }
        if kept && flag(Compute::COLUMN_SUMS) {
            let groups = usize::from(c.groups);
            let word = c.acc_base as usize + (pass / groups - 1) * lanes + groups * self.rows;
            for lane in 0..lanes {
                let words = (0..pixels(c)).map(|p| (c.b_base as usize + p) % b_depth as usize);
                let sum = words.map(|w| i64::from(self.b[w][lane])).sum();
                self.add(word, lane, sum, !flag(Compute::ACCUMULATE));
            }
        }
    }
}

/// When a command that starts at a given cycle does what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    take: usize,
    kept: bool,
    /// First and last pixel of the last pass.
    last_pass: usize,
    last_pixel: usize,
    /// Least distance to the last pixel of the pass that follows.
    drain: usize,
    /// Cycle of `done`.
    pub done: usize,
}

impl Timing {
    /// Of a command that starts at `start` behind the one whose timing this is, on R rows and C columns.
    pub fn after(&self, start: usize, c: &Compute, r: usize, columns: usize) -> Timing {
        let (passes, pixels) = (passes(c), pixels(c));
        let kept = c.flags & Compute::OUTPUT_STATIONARY != 0;
        // In the cycle after the last `done` the dataflow changes, if it has to.
        let fits = match kept == self.kept || start > self.done {
            true => start + 1,
            false => (start + 1).max(self.done + 1) + 1,
        };
        if !kept {
            let loaded = fits.max(self.last_pass + r) + r - 1;
            let over = (self.last_pass + 2 * r - 1).max(self.last_pixel + 2);
            let take = loaded.max(over);
            let last_pass = take + 1 + (passes - 1) * pixels.max(2 * r);
            let last_pixel = last_pass + pixels - 1;
            let done = last_pixel + r + columns + 5;
            return Timing {
                take,
                kept,
                last_pass,
                last_pixel,
                drain: 0,
                done,
            };
        }
        let take = fits.max(self.last_pixel).max(self.take + 2 * r);
        let (mut first, mut last, mut drain) = (take + 1, self.last_pixel, self.drain);
        let mut last_pass = first;
        for _ in 0..passes {
            last_pass = first;
            last = (first + pixels - 1).max(last + drain);
            (first, drain) = (last + 1, 2 * r);
        }
        let sums = c.flags & Compute::COLUMN_SUMS != 0;
        Timing {
            take,
            kept,
            last_pass,
            last_pixel: last,
            drain: 2 * r + if sums { 3 } else { 1 },
            done: last + 2 * r + columns + 7,
        }
    }
}
