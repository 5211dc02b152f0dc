//! Widths and limits of the number formats ("Types").
//!
//! Formats (`f`) are `i32` in this API although a tensor stores them in 8 bits: sums such as `f_x + f_y` need the room.

use super::NumericsError;

/// Width of an accumulator. It wraps: addition mod 2^48 is associative, so tiling and dataflow cannot change a result.
pub const ACC_BITS: u32 = 48;

/// Largest magnitude of a word: activations, errors, gradients, weights and momenta lie in ±32767; −32768 never appears.
pub const QMAX: i16 = 32767;

/// Smallest format a tensor can store (signed 8 bit).
pub const F_MIN: i32 = i8::MIN as i32;

/// Largest format a tensor can store (signed 8 bit).
pub const F_MAX: i32 = i8::MAX as i32;

/// Format of a bias.
pub const BIAS_F: i32 = 14;

/// Bits a weight can grow above its largest initial value before it saturates.
pub const W_HEADROOM: i32 = 2;

/// The momentum of a weight with format `f_w` has format `f_w + MOMENTUM_EXTRA_F`.
pub const MOMENTUM_EXTRA_F: i32 = 4;

/// Format of a probability (Q0.15).
pub const P_F: i32 = 15;

/// Format of the constant that stands for 1/N in an average pool.
pub const AVERAGE_F: i32 = 15;

/// Longest sum of products that cannot overflow an accumulator: `K·(2^15 − 1)² ≤ 2^47 − 1`.
pub const MAX_K: u32 = 131_080;

/// The same with a bias and a skip preloaded, each below 2^45.
pub const MAX_K_PRELOAD: u32 = 65_540;

/// The value of an accumulator that received `x`: the low 48 bits, sign-extended.
#[inline]
pub const fn wrap48(x: i64) -> i64 {
    (x << (64 - ACC_BITS)) >> (64 - ACC_BITS)
}

/// Refuses a sum of `k` products that could overflow an accumulator; `preload` says whether a bias or skip starts it.
pub const fn check_k(k: u64, preload: bool) -> Result<(), NumericsError> {
    let limit = if preload { MAX_K_PRELOAD } else { MAX_K };
    if k > limit as u64 {
        return Err(NumericsError::SumTooLong { k, limit, preload });
    }
    Ok(())
}
