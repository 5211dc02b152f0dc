//! Widths of an engine's numbers, and the arithmetic that depends on them: 16-bit operands on 48-bit accumulators, or
//! 8-bit operands on 32-bit ones for small FPGAs ("A smaller parameter set").
//!
//! A word has 16 bits in memory and in every pad whatever the operands have; an 8-bit activation or error is a word in ±127.
//! Not for the 16-bit engine alone: [`requant`](super::requant) and its neighbours are these functions at [`Width::FULL`].

use super::{bitlen, r_shift, Exponent, NumericsError};

/// Bits of a word: weights, momenta, gradients of weights, biases.
pub const WORD_BITS: u32 = 16;

/// Bits of a result, and of the accumulator it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// 8 or 16.
    pub result_bits: u32,
    /// 32 or 48.
    pub accumulator_bits: u32,
}

impl Width {
    /// 16-bit results of 48-bit accumulators.
    pub const FULL: Width = Width {
        result_bits: WORD_BITS,
        accumulator_bits: 48,
    };

    /// 8-bit results of 32-bit accumulators.
    pub const SMALL: Width = Width {
        result_bits: 8,
        accumulator_bits: 32,
    };

    /// 16-bit results of the same accumulators: gradients of weights and biases, logits.
    pub const fn wide(self) -> Width {
        Width {
            result_bits: WORD_BITS,
            ..self
        }
    }

    /// Largest magnitude of a result: 32767 or 127.
    #[inline]
    pub const fn largest(self) -> i16 {
        ((1i32 << (self.result_bits - 1)) - 1) as i16
    }

    /// `y` limited to the results' range.
    #[inline]
    pub const fn clamp(self, y: i64) -> i16 {
        let largest = self.largest() as i64;
        if y > largest {
            largest as i16
        } else if y < -largest {
            -largest as i16
        } else {
            y as i16
        }
    }

    /// An accumulator as a result: `clamp(r_shift(x, s, 0x8000))`.
    #[inline]
    pub const fn requant(self, x: i64, s: u32) -> i16 {
        self.clamp(r_shift(x, s, 0x8000))
    }

    /// [`Width::requant`] with the two events that a site counts: `(word, clipped, underflow)`.
    #[inline]
    pub const fn requant_counted(self, x: i64, s: u32) -> (i16, bool, bool) {
        let y = r_shift(x, s, 0x8000);
        let q = self.clamp(y);
        (q, y != q as i64, x != 0 && q == 0)
    }

    /// Bits that a word loses when it becomes an operand: 0 or 8.
    #[inline]
    pub const fn word_shift(self) -> u32 {
        WORD_BITS - self.result_bits
    }

    /// A word as an operand: `requant(q, 8)` for 8-bit operands, the word itself for 16-bit ones. Its format falls by
    /// [`Width::word_shift`]. So the array reads weights, weight-stationary, and so the host makes images and the errors of a
    /// loss that it computes.
    #[inline]
    pub const fn narrow(self, q: i16) -> i16 {
        if self.result_bits == WORD_BITS {
            q
        } else {
            self.requant(q as i64, self.word_shift())
        }
    }

    /// A word as the array reads it in every other place: its low bits, sign-extended. Tensors never hold more.
    #[inline]
    pub const fn operand(self, q: i16) -> i16 {
        let unused = self.word_shift();
        (q << unused) >> unused
    }

    /// The value of an accumulator that received `x`: its low bits, sign-extended.
    #[inline]
    pub const fn wrap(self, x: i64) -> i64 {
        let unused = i64::BITS - self.accumulator_bits;
        (x << unused) >> unused
    }

    /// Magnitude bits of an accumulator: `x ^ (x >>> (accumulator_bits − 1))`.
    #[inline]
    pub const fn or_mask(self, x: i64) -> u64 {
        let x = self.wrap(x);
        (x ^ (x >> (self.accumulator_bits - 1))) as u64
    }

    /// Largest right shift of a site.
    #[inline]
    pub const fn max_shift(self) -> u32 {
        self.accumulator_bits - 1
    }

    /// A site's right shift `s = min(max(0, f_acc + E − (result_bits − 1)), accumulator_bits − 1)` and the format
    /// `f_acc − s` of its result.
    #[inline]
    pub const fn shift(self, exponent: &Exponent, f_acc: i32) -> (u32, i32) {
        let s = f_acc.saturating_add(exponent.e as i32 - (self.result_bits as i32 - 1));
        let s = if s < 0 {
            0
        } else if s > self.max_shift() as i32 {
            self.max_shift() as i32
        } else {
            s
        };
        (s as u32, f_acc.saturating_sub(s))
    }

    /// Largest left shift of [`Width::align`]: a word stays below an eighth of the accumulator's modulus; 30 or 14.
    #[inline]
    pub const fn max_align(self) -> i32 {
        self.accumulator_bits as i32 - 2 - WORD_BITS as i32
    }

    /// The word `q` of format `f` in format `to`, on the accumulator's scale.
    #[inline]
    pub const fn align(self, q: i32, f: i32, to: i32) -> Result<i64, NumericsError> {
        let d = to as i64 - f as i64;
        let limit = self.max_align();
        if d > limit as i64 {
            return Err(NumericsError::AlignTooFar { from: f, to, limit });
        }
        Ok(if d >= 0 {
            (q as i64) << d
        } else {
            r_shift(q as i64, d.unsigned_abs() as u32, 0x8000)
        })
    }

    /// Longest sum of products of operands of these bits that cannot overflow: 131080, or 133144 for 8 on 32 bits.
    pub const fn max_terms(self) -> u32 {
        let largest = self.largest() as u64;
        (((1u64 << (self.accumulator_bits - 1)) - 1) / (largest * largest)) as u32
    }

    /// The same with a bias and a skip preloaded, each a word shifted by [`Width::max_align`] at most: 65540, or 66572.
    pub const fn max_terms_preload(self) -> u32 {
        let largest = self.largest() as u64;
        let preload = 2 * ((1u64 << (WORD_BITS - 1)) << self.max_align());
        ((((1u64 << (self.accumulator_bits - 1)) - 1) - preload) / (largest * largest)) as u32
    }

    /// The factor `round(2^f/n)` of an average over `n` and its format f: as many bits as a word has, for operands that
    /// keep only 8 of them, else [`average_constant`](super::average_constant).
    pub const fn average(self, n: u32) -> Result<(i32, i32), NumericsError> {
        let constant = match super::average_constant(n) {
            Ok(constant) => constant,
            Err(e) => return Err(e),
        };
        if self.result_bits == WORD_BITS || n == 1 {
            return Ok((constant, super::AVERAGE_F));
        }
        // 2^f/n in 2^14 ..= 32767.
        let f = super::AVERAGE_F as u32 + bitlen(n as u64 - 1) - 1;
        let one = 1u64 << f;
        Ok((((2 * one + n as u64) / (2 * n as u64)) as i32, f as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::*;

    #[test]
    fn at_full_width_these_are_the_plain_functions() {
        let w = Width::FULL;
        let mut x = 0x1234_5678_9abc_def0u64 as i64;
        for i in 0..2000 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (v, s) = (x >> (i % 60), i % 48);
            assert_eq!(w.requant(v, s), requant(v, s));
            assert_eq!(w.requant_counted(v, s), requant_counted(v, s));
            assert_eq!(w.wrap(x), wrap48(x));
            assert_eq!(w.or_mask(x), or_mask(x));
            assert_eq!(
                (w.narrow(v as i16), w.operand(v as i16)),
                (v as i16, v as i16)
            );
            let (e, f) = (Exponent::at(x as i8), (v % 300) as i32);
            assert_eq!(w.shift(&e, f), e.shift(f));
            assert_eq!(
                w.align(v as i16 as i32, f, s as i32),
                align(v as i16 as i32, f, s as i32)
            );
        }
        assert_eq!((w.max_shift(), w.max_align()), (MAX_SHIFT, MAX_ALIGN));
        assert_eq!(
            (w.max_terms(), w.max_terms_preload()),
            (MAX_K, MAX_K_PRELOAD)
        );
        assert_eq!(w.average(36), Ok((910, 15)));
    }

    #[test]
    fn eight_bits_have_their_own_limits() {
        let w = Width::SMALL;
        assert_eq!((w.largest(), w.wide().largest()), (127, 32767));
        assert_eq!(
            [-32767, -129, -128, 127, 128, 32767].map(|v| w.narrow(v)),
            [-127, -1, 0, 0, 1, 127]
        );
        assert_eq!(
            [127, -127, 128, 255, -129].map(|v| w.operand(v)),
            [127, -127, -128, -1, 127]
        );
        assert_eq!(w.wrap(0x8000_0000), -0x8000_0000);
        assert_eq!(w.or_mask(-0x8000_0000), 0x7fff_ffff);
        // E = 3: magnitudes below 8 take 3 bits before the point and 4 after it, of 12 in the accumulator.
        assert_eq!(w.shift(&Exponent::at(3), 12), (8, 4));
        assert_eq!(w.wide().shift(&Exponent::at(3), 12), (0, 12));
        assert_eq!(w.shift(&Exponent::at(100), 12), (31, -19));
        assert_eq!((w.max_terms(), w.max_terms_preload()), (133_144, 66_572));
        // The commands' bound and the compiler's preload bound are those of 16 bits: they hold here too.
        assert!(w.max_terms() >= MAX_K && w.max_terms_preload() >= MAX_K_PRELOAD);
        assert!(w.align(1, 0, 14).is_ok() && w.align(1, 0, 15).is_err());
    }

    #[test]
    fn a_sum_at_the_limit_does_not_wrap() {
        for w in [Width::FULL, Width::SMALL] {
            let product = i64::from(w.largest()).pow(2);
            let top = i64::from(w.max_terms()) * product;
            assert_eq!(w.wrap(top), top);
            assert_ne!(w.wrap(top + product), top + product);
            let preload = 2 * ((i64::from(w.wide().largest())) << w.max_align());
            let top = i64::from(w.max_terms_preload()) * product + preload;
            assert_eq!(w.wrap(top), top);
        }
    }

    #[test]
    fn an_average_keeps_seven_bits() {
        for n in 2..=32768u32 {
            let (c, f) = Width::SMALL.average(n).unwrap();
            let read = f64::from(Width::SMALL.narrow(c as i16));
            let exact = (f64::from(f - 8)).exp2_of() / f64::from(n);
            assert!((16384..=32767).contains(&c), "{n}: {c}");
            // A power of two just below 2^15 reads as at most 127: half a unit is lost.
            assert!((read - exact).abs() <= 1.0, "{n}: {read} for {exact}");
        }
    }

    trait Exp2 {
        fn exp2_of(self) -> f64;
    }
    impl Exp2 for f64 {
        fn exp2_of(self) -> f64 {
            f64::from_bits(((1023 + self as i64) as u64) << 52)
        }
    }
}
