//! Small steps between accumulator and memory: ReLU and its backward, average pool, residual sum ("Layers").
//!
//! Convolutions are loops over these and [`requant`](super::requant); they live in the devices, not here.

use super::{align, NumericsError, AVERAGE_F};

/// ReLU on an accumulator, before the mask and the shift.
#[inline]
pub const fn relu(acc: i64) -> i64 {
    if acc > 0 {
        acc
    } else {
        0
    }
}

/// Backward of ReLU: the error where the stored output is positive, else 0. No separate mask exists.
#[inline]
pub const fn relu_backward(g: i16, output: i16) -> i16 {
    if output > 0 {
        g
    } else {
        0
    }
}

/// `round(2^15/n)`, ties up: the factor of an average over `n`, forward and backward.
#[inline]
pub const fn average_constant(n: u32) -> Result<i32, NumericsError> {
    if n == 0 || n > 1 << AVERAGE_F {
        return Err(NumericsError::Count {
            what: "average pool",
            found: n,
            expected: "1 to 32768 values to average; pool in two steps",
        });
    }
    let one = 1_u32 << AVERAGE_F;
    Ok(((2 * one + n) / (2 * n)) as i32)
}

/// Format of the accumulator of an average over words of format `f`.
#[inline]
pub const fn average_f(f: i32) -> i32 {
    f.saturating_add(AVERAGE_F)
}

/// A residual add that is not fused: both words in the larger of their formats, added. Returns the sum and its format,
/// for mask and requantise; backward passes the error and its format to both.
#[inline]
pub const fn residual_sum(a: i16, f_a: i32, b: i16, f_b: i32) -> Result<(i64, i32), NumericsError> {
    let f = if f_a > f_b { f_a } else { f_b };
    match (align(a as i32, f_a, f), align(b as i32, f_b, f)) {
        (Ok(x), Ok(y)) => Ok((x + y, f)),
        (Err(e), _) | (_, Err(e)) => Err(e),
    }
}
