//! Formats of weights, and floats to words and back ("Types").
//!
//! For initial weights, images and reports. Nothing on the training path is a float.

use super::{clamp_q, r_shift, NumericsError, F_MAX, F_MIN, W_HEADROOM};

/// Format of a weight tensor whose largest initial magnitude is `max_abs`: `15 − (ceil(log2 max_abs) + 2)`, fixed for its
/// life. The sign of `max_abs` does not matter.
pub const fn weight_f(max_abs: f64) -> Result<i32, NumericsError> {
    if !max_abs.is_finite() {
        return Err(NumericsError::NotFinite {
            index: 0,
            value: max_abs,
        });
    }
    if max_abs == 0.0 {
        return Err(NumericsError::AllZero);
    }
    let bits = max_abs.to_bits() & !(1 << 63);
    let fraction = bits & ((1 << 52) - 1);
    // A power of two is its own ceiling. A subnormal counts as 2^-1022 at most, far outside any format either way.
    let ceil_log2 = (bits >> 52) as i32 - 1023 + (fraction != 0) as i32;
    let f = 15 - (ceil_log2 + W_HEADROOM);
    if f < F_MIN || f > F_MAX {
        return Err(NumericsError::FormatOutOfRange { what: "weights", f });
    }
    Ok(f)
}

/// [`weight_f`] of the largest magnitude in `weights`.
pub fn weight_f_of(weights: &[f32]) -> Result<i32, NumericsError> {
    let mut max = 0_u32;
    for (index, &w) in weights.iter().enumerate() {
        if !w.is_finite() {
            return Err(NumericsError::NotFinite {
                index,
                value: f64::from(w),
            });
        }
        // Magnitudes of finite floats are ordered as their bits are.
        max = max.max(w.to_bits() & !(1 << 31));
    }
    weight_f(f64::from(f32::from_bits(max)))
}

/// `x` as a word of format `f`: nearest, ties up as [`r_shift`] does, limited to ±32767. NaN and infinities are refused.
pub const fn quantise(x: f32, f: i32) -> Result<i16, NumericsError> {
    match scaled(x, f) {
        Some(y) => Ok(clamp_q(y)),
        None => Err(NumericsError::NotFinite {
            index: 0,
            value: x as f64,
        }),
    }
}

/// [`quantise`] of a tensor; returns how many values were limited to ±32767. On an error `q` is partly written.
pub fn quantise_slice(x: &[f32], f: i32, q: &mut [i16]) -> Result<usize, NumericsError> {
    if x.len() != q.len() {
        return Err(NumericsError::Length {
            what: "quantised tensor",
            expected: x.len(),
            found: q.len(),
        });
    }
    let mut clipped = 0;
    for (index, (&x, q)) in x.iter().zip(q).enumerate() {
        let y = scaled(x, f).ok_or(NumericsError::NotFinite {
            index,
            value: f64::from(x),
        })?;
        *q = clamp_q(y);
        clipped += usize::from(i64::from(*q) != y);
    }
    Ok(clipped)
}

/// The real value `q·2^-f`, exact for every format a tensor can have. Other formats saturate to those.
pub const fn dequantise(q: i16, f: i32) -> f64 {
    let f = if f > F_MAX {
        F_MAX
    } else if f < F_MIN {
        F_MIN
    } else {
        f
    };
    q as f64 * f64::from_bits(((1023 - f) as u64) << 52)
}

/// `x·2^f` to nearest, in integers; beyond 2^40 only "too large" is kept. `None` if `x` is not finite.
const fn scaled(x: f32, f: i32) -> Option<i64> {
    if !x.is_finite() {
        return None;
    }
    let bits = x.to_bits();
    let biased = ((bits >> 23) & 0xFF) as i64;
    let fraction = (bits & 0x7F_FFFF) as i64;
    // |x| = magnitude·2^exponent; subnormals have no hidden one.
    let (magnitude, exponent) = if biased == 0 {
        (fraction, -149)
    } else {
        (fraction | 1 << 23, biased - 150)
    };
    let signed = if bits >> 31 == 1 {
        -magnitude
    } else {
        magnitude
    };
    let shift = exponent + f as i64;
    Some(if shift >= 0 {
        // 17 places take any nonzero magnitude beyond a word.
        signed << if shift > 17 { 17 } else { shift }
    } else {
        r_shift(signed, shift.unsigned_abs() as u32, 0x8000)
    })
}
