//! Tensor layout in DDR: channel blocks of LANES lanes innermost, so one word is one pixel's lane vector in every phase.
//!
//! - activations and errors: N, C/L, H, W, L
//! - weights, their gradient and momentum: Co/L, Ci/L, kh, kw, L (input channel), L (output channel)
//! - biases: Co/L, L
//!
//! Lanes past the last channel hold 0 and stay 0 under every command. Addresses of tensors are multiples of 64.

/// Shape of an activation tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Activation {
    /// Images.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Activation {
    /// Channel blocks.
    pub const fn blocks(&self, lanes: usize) -> usize {
        self.c.div_ceil(lanes)
    }
    /// Words in DDR.
    pub const fn words(&self, lanes: usize) -> usize {
        self.n * self.image_words(lanes)
    }
    /// Words of one image.
    pub const fn image_words(&self, lanes: usize) -> usize {
        self.blocks(lanes) * self.h * self.w
    }
    /// Element (lane) index in DDR order of logical element (n, c, y, x).
    pub const fn at(&self, lanes: usize, n: usize, c: usize, y: usize, x: usize) -> usize {
        let word = ((n * self.blocks(lanes) + c / lanes) * self.h + y) * self.w + x;
        word * lanes + c % lanes
    }
}

/// Shape of a weight tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weights {
    /// Output channels.
    pub co: usize,
    /// Input channels.
    pub ci: usize,
    /// Kernel rows.
    pub kh: usize,
    /// Kernel columns.
    pub kw: usize,
}

impl Weights {
    /// Output channel blocks.
    pub const fn co_blocks(&self, lanes: usize) -> usize {
        self.co.div_ceil(lanes)
    }
    /// Input channel blocks.
    pub const fn ci_blocks(&self, lanes: usize) -> usize {
        self.ci.div_ceil(lanes)
    }
    /// Words in DDR.
    pub const fn words(&self, lanes: usize) -> usize {
        self.co_blocks(lanes) * self.ci_blocks(lanes) * self.kh * self.kw * lanes
    }
    /// Element (lane) index in DDR order of logical element (co, ci, ky, kx).
    pub const fn at(&self, lanes: usize, co: usize, ci: usize, ky: usize, kx: usize) -> usize {
        let block =
            ((co / lanes * self.ci_blocks(lanes) + ci / lanes) * self.kh + ky) * self.kw + kx;
        (block * lanes + ci % lanes) * lanes + co % lanes
    }
    /// Row-major logical index (co, ci, ky, kx): what the random words of the update are drawn by.
    pub const fn index(&self, co: usize, ci: usize, ky: usize, kx: usize) -> usize {
        ((co * self.ci + ci) * self.kh + ky) * self.kw + kx
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec;

    #[test]
    fn every_logical_element_has_its_own_place() {
        for lanes in [4, 16] {
            let a = Activation {
                n: 2,
                c: 17,
                h: 3,
                w: 2,
            };
            let mut used = vec![false; a.words(lanes) * lanes];
            for n in 0..2 {
                for c in 0..17 {
                    for y in 0..3 {
                        for x in 0..2 {
                            let i = a.at(lanes, n, c, y, x);
                            assert!(!used[i]);
                            used[i] = true;
                        }
                    }
                }
            }
            let w = Weights {
                co: 5,
                ci: 18,
                kh: 3,
                kw: 2,
            };
            let mut used = vec![false; w.words(lanes) * lanes];
            for co in 0..5 {
                for ci in 0..18 {
                    for ky in 0..3 {
                        for kx in 0..2 {
                            let i = w.at(lanes, co, ci, ky, kx);
                            assert!(!used[i]);
                            used[i] = true;
                        }
                    }
                }
            }
        }
    }
}
