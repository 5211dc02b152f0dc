//! From a layer to commands: tiles of any size that fit the scratchpads, for the three products of training and what lies between.
//!
//! | module | makes |
//! |---|---|
//! | [`axis`] | which inputs and taps an output row or column needs, forward and backward |
//! | [`boxes`] | loads and stores of a box of a tensor, zeros outside it |
//! | [`ws`] | forward and dX: weights in the cells |
//! | [`average`] | average pool both ways, as such a product |
//! | [`os`] | dW and bias gradients: sums in the cells |
//! | [`vector`] | pool backward, update, loss |

pub mod average;
pub mod axis;
pub mod boxes;
pub mod fit;
pub mod os;
mod results;
pub mod vector;
pub mod ws;

/// A tensor of activations or errors in DDR (N, C/L, H, W, L).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// DDR address.
    pub address: u32,
    /// Channel blocks.
    pub blocks: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Tensor {
    /// The same tensor `by` bytes further on.
    pub const fn displaced(self, by: u32) -> Tensor {
        Tensor {
            address: self.address.wrapping_add(by),
            ..self
        }
    }
}

/// Where row operands come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A tensor.
    Tensor(Tensor),
    /// The images of the batch, each at its own address, filled in at every run; the tensor's address is an offset.
    Images(Tensor),
}

impl Source {
    /// Its shape.
    pub const fn tensor(&self) -> &Tensor {
        match self {
            Source::Tensor(t) | Source::Images(t) => t,
        }
    }

    /// The same operands `by` bytes further on.
    pub const fn displaced(self, by: u32) -> Source {
        match self {
            Source::Tensor(t) => Source::Tensor(t.displaced(by)),
            Source::Images(t) => Source::Images(t.displaced(by)),
        }
    }
}

/// A tensor shaped like the result, added before ReLU and mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The tensor.
    pub tensor: Tensor,
    /// Its site, or none.
    pub site: u8,
    /// Constant part of its format.
    pub f: i8,
}

/// How a product is finished: site, operand formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finish {
    /// Output site.
    pub site: u8,
    /// Site of the first operand, or none.
    pub site_a: u8,
    /// Site of the second operand, or none.
    pub site_b: u8,
    /// Constant part of the accumulator's format.
    pub f: i8,
    /// The result has 16 bits whatever the engine's operands have: no product reads it.
    pub wide: bool,
    /// Exponents do not learn.
    pub freeze: bool,
    /// Bring the exponent up to date after the last command (`false`: the OR mask stays readable).
    pub end: bool,
    /// Write results to DDR (`false`: only the exponent learns).
    pub store: bool,
}

/// Cuts `total` into pieces of `size`; with `even`, a last piece of 1 joins the one before.
pub fn pieces(total: usize, size: usize, even: bool) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < total {
        let mut end = (at + size).min(total);
        if even && total - end == 1 {
            end = total;
        }
        out.push((at, end));
        at = end;
    }
    out
}

/// The longest of [`pieces`].
pub fn longest(total: usize, size: usize, even: bool) -> usize {
    if even && total > size && total % size == 1 {
        size + 1
    } else {
        size.min(total)
    }
}

/// `total`, a half, a third, … rounded up, without repeats.
pub fn fractions(total: usize) -> Vec<usize> {
    let mut out: Vec<usize> = (1..=total).map(|i| total.div_ceil(i)).collect();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_everything_once() {
        for total in 1..20 {
            for size in 1..20 {
                for even in [false, true] {
                    if even && size % 2 == 1 {
                        continue;
                    }
                    let p = pieces(total, size, even);
                    assert_eq!(p[0].0, 0);
                    assert_eq!(p.last().unwrap().1, total);
                    assert!(p.windows(2).all(|w| w[0].1 == w[1].0));
                    assert_eq!(
                        p.iter().map(|p| p.1 - p.0).max().unwrap(),
                        longest(total, size, even)
                    );
                    assert!(!even || total == 1 || p.iter().all(|p| p.1 - p.0 > 1));
                }
            }
        }
        assert_eq!(fractions(7), [7, 4, 3, 2, 1]);
    }
}
