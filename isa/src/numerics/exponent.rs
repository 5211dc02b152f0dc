//! The exponent of a requantise site: delayed scaling with hysteresis, one per tensor ("Requantise").
//!
//! While a tensor is written, its accumulators are gathered with [`or_mask`]; at its end [`Exponent::finish`] updates the
//! state, which takes effect at the next iteration. On first use (`!valid`) the operation runs once with its writes
//! discarded, then again. Inference leaves the state alone.

use super::{wrap48, ACC_BITS};

/// Tensors in a row below the exponent that lower it by one.
pub const HYSTERESIS: u8 = 16;

/// Largest right shift of a site.
pub const MAX_SHIFT: u32 = ACC_BITS - 1;

/// `x ^ (x >>> 47)`: the magnitude bits of an accumulator, to be ORed over a whole tensor after the fused add and ReLU and
/// before the shift. Below 2^47.
#[inline]
pub const fn or_mask(x: i64) -> u64 {
    let x = wrap48(x);
    (x ^ (x >> (ACC_BITS - 1))) as u64
}

/// Number of bits needed to write `mask`; 0 for 0.
#[inline]
pub const fn bitlen(mask: u64) -> u32 {
    u64::BITS - mask.leading_zeros()
}

/// State of a site. When valid, the tensor's real magnitudes were below `2^e`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exponent {
    /// E, signed 8 bit; magnitudes outside its range keep its nearest end.
    pub e: i8,
    /// Tensors in a row that stayed below E (4 bit).
    pub count: u8,
    /// False until a tensor with a nonzero value was seen.
    pub valid: bool,
}

impl Exponent {
    /// A valid state with the given exponent, as after the first tensor of that magnitude.
    pub const fn at(e: i8) -> Self {
        Self {
            e,
            count: 0,
            valid: true,
        }
    }

    /// The right shift `s = min(max(0, f_acc + E − 15), 47)` and the format `f_acc − s` of the result; never shifts left.
    ///
    /// Of a state that is not valid the shift means nothing; only a run with discarded writes uses it.
    #[inline]
    pub const fn shift(&self, f_acc: i32) -> (u32, i32) {
        let s = f_acc.saturating_add(self.e as i32 - 15);
        let s = if s < 0 {
            0
        } else if s > MAX_SHIFT as i32 {
            MAX_SHIFT as i32
        } else {
            s
        };
        (s as u32, f_acc.saturating_sub(s))
    }

    /// The end of a tensor whose masks ORed to `mask`: up at once, down by one after [`HYSTERESIS`] tensors in a row
    /// below. An all-zero tensor changes nothing.
    #[inline]
    pub const fn finish(&mut self, mask: u64, f_acc: i32) {
        if mask == 0 {
            return;
        }
        let e = (bitlen(mask) as i32).saturating_sub(f_acc);
        let e = if e > i8::MAX as i32 {
            i8::MAX
        } else if e < i8::MIN as i32 {
            i8::MIN
        } else {
            e as i8
        };
        if !self.valid || e > self.e {
            *self = Self::at(e);
        } else if e < self.e {
            self.count += 1;
            if self.count >= HYSTERESIS {
                self.e -= 1;
                self.count = 0;
            }
        } else {
            self.count = 0;
        }
    }
}
