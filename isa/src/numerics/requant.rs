//! The only rounding primitive: an arithmetic right shift that rounds by adding a 16-bit word ("Requantise").
//!
//! Everything that loses bits goes through [`r_shift`]. Use [`requant`] for results that become words, [`align`] to bring
//! a word to another format, and nothing else.

use super::{NumericsError, QMAX};

/// Largest left shift of [`align`].
pub const MAX_ALIGN: i32 = 30;

/// How [`r_shift`] rounds; [`Rounding::r16`] gives the word it adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To nearest, ties up (towards +∞).
    Nearest,
    /// Down (towards −∞).
    Floor,
    /// Up with the probability of the lost fraction, given a uniform random word.
    Stochastic(u16),
}

impl Rounding {
    /// The word added to the 16 highest lost bits.
    #[inline]
    pub const fn r16(self) -> u16 {
        match self {
            Self::Nearest => 0x8000,
            Self::Floor => 0,
            Self::Stochastic(r) => r,
        }
    }
}

/// `x·2^-s`, rounded by the word `r16`:
/// `(x >>> s) + ((frac16 + r16) >> 16)`, where `frac16` are the 16 highest of the `s` lost bits.
///
/// Defined for every `x` and `s`; from `s = 64` on only the sign is left.
#[inline]
pub const fn r_shift(x: i64, s: u32, r16: u16) -> i64 {
    if s == 0 {
        return x;
    }
    let frac16 = if s >= 16 {
        let drop = if s - 16 > 63 { 63 } else { s - 16 };
        (x >> drop) & 0xFFFF
    } else {
        (x & ((1 << s) - 1)) << (16 - s)
    };
    let kept = x >> if s > 63 { 63 } else { s };
    kept + ((frac16 + r16 as i64) >> 16)
}

/// `y` limited to ±32767.
#[inline]
pub const fn clamp_q(y: i64) -> i16 {
    if y > QMAX as i64 {
        QMAX
    } else if y < -(QMAX as i64) {
        -QMAX
    } else {
        y as i16
    }
}

/// An accumulator as a word: `clamp(r_shift(x, s, 0x8000), ±32767)`.
#[inline]
pub const fn requant(x: i64, s: u32) -> i16 {
    clamp_q(r_shift(x, s, 0x8000))
}

/// [`requant`] with the two events that a site counts: `(word, clipped, underflow)`. `clipped`: it was limited to
/// ±32767; `underflow`: a nonzero accumulator became 0.
#[inline]
pub const fn requant_counted(x: i64, s: u32) -> (i16, bool, bool) {
    let y = r_shift(x, s, 0x8000);
    let q = clamp_q(y);
    (q, y != q as i64, x != 0 && q == 0)
}

/// The word `q` of format `f` in format `to`: exact to the left, rounded to nearest to the right.
///
/// A left shift of more than [`MAX_ALIGN`] is refused, so a 16-bit word stays below 2^45.
#[inline]
pub const fn align(q: i32, f: i32, to: i32) -> Result<i64, NumericsError> {
    let d = to as i64 - f as i64;
    if d > MAX_ALIGN as i64 {
        return Err(NumericsError::AlignTooFar {
            from: f,
            to,
            limit: MAX_ALIGN,
        });
    }
    Ok(if d >= 0 {
        (q as i64) << d
    } else {
        r_shift(q as i64, d.unsigned_abs() as u32, 0x8000)
    })
}
