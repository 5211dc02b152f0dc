//! Softmax with temperature and the cross-entropy gradients, one sample at a time ("Softmax").
//!
//! A table of 17 powers of two with linear interpolation, one division a sample. A probability is off by less than
//! 5 + (classes − 1) units of 2^-15 (against floats with the same constant, `f_z ≥ −2`): each class below the largest
//! loses up to one part in truncation. Two classes reach 4 units, ten reach 9, so many far classes inflate the largest.
//! The temperature only changes the constant. Confidence for the selector is `p`, never the logit.

use super::{clamp_q, NumericsError, P_F, QMAX};

/// `round(32768·2^(−i/16))`.
pub const EXP_TABLE: [u16; 17] = [
    32768, 31379, 30048, 28774, 27554, 26386, 25268, 24196, 23170, 22188, 21247, 20347, 19484,
    18658, 17867, 17109, 16384,
];

/// The constant of temperature 1: `round(log2(e)·2^14)`.
pub const TEMPERATURE_ONE: u32 = 23_637;

/// Most classes of a sample that are ranked.
pub const RANKED: usize = 4;

/// Exponents of 31 and more give 0.
const U_MAX: u64 = 31 << 12;

/// The constant `round(log2(e)/t·2^14)` of temperature `t`: 24 bits, as the command's field has.
pub fn temperature_constant(t: f64) -> Result<u32, NumericsError> {
    let refused = NumericsError::Setting {
        name: "temperature",
        value: t,
        expected: "a number from 0.0015 to 10000",
    };
    if !(0.0015..=10_000.0).contains(&t) {
        return Err(refused);
    }
    Ok((core::f64::consts::LOG2_E / t * 16_384.0 + 0.5) as u32)
}

/// `e^(−d/T)` as 32768 parts: `d` is the distance to the largest logit (format `f_z`), `c` the temperature's constant.
#[inline]
pub const fn exp_step(d: u32, f_z: i32, c: u32) -> u16 {
    let t = d as u64 * c as u64;
    let sh = f_z.saturating_add(2);
    let u = if sh >= 0 {
        if sh > 63 {
            0
        } else {
            t >> sh
        }
    } else if t > U_MAX {
        U_MAX
    } else {
        // 18 places take anything but 0 beyond U_MAX.
        t << if sh < -18 { 18 } else { -sh }
    };
    let u = if u > U_MAX { U_MAX } else { u };
    let (n, fr) = (u >> 12, u & 4095);
    let (i, rem) = ((fr >> 8) as usize, (fr & 255) as u32);
    let (hi, lo) = (EXP_TABLE[i] as u32, EXP_TABLE[i + 1] as u32);
    ((hi - (((hi - lo) * rem) >> 8)) >> n) as u16
}

/// Probabilities `p` (Q0.15, at most 32767) of the logits `z` (format `f_z`) with the temperature's constant `c`.
///
/// `p` must be as long as `z`. An empty `z` is nothing to do.
pub fn softmax(z: &[i16], f_z: i32, c: u32, p: &mut [i16]) -> Result<(), NumericsError> {
    same_length("softmax output", z.len(), p.len())?;
    let Some(&max) = z.iter().max() else {
        return Ok(());
    };
    let mut sum = 0_u64;
    for (&z, p) in z.iter().zip(p.iter_mut()) {
        let e = exp_step((i32::from(max) - i32::from(z)) as u32, f_z, c);
        sum += u64::from(e);
        // 32768 is kept as the bit pattern of −32768 until the second pass.
        *p = e as i16;
    }
    // The largest logit contributed 32768, so the sum is not 0.
    let r = (1_u64 << 31) / sum;
    for p in p {
        let y = (u64::from(*p as u16) * r + (1 << 15)) >> 16;
        *p = y.min(QMAX as u64) as i16;
    }
    Ok(())
}

/// Cross-entropy gradient for a hard label: `clamp(p_c − (c == label ? 32768 : 0), ±32767)`; its format is [`gradient_f`].
pub fn gradient_hard(p: &[i16], label: usize, g: &mut [i16]) -> Result<(), NumericsError> {
    same_length("gradient", p.len(), g.len())?;
    if label >= p.len() {
        return Err(NumericsError::Label {
            label,
            classes: p.len(),
        });
    }
    g.copy_from_slice(p);
    g[label] = clamp_q(i64::from(p[label]) - (1 << P_F));
    Ok(())
}

/// Cross-entropy gradient for a soft target `q` (Q0.15): `clamp(p_c − q_c, ±32767)`; its format is [`gradient_f`].
pub fn gradient_soft(p: &[i16], q: &[i16], g: &mut [i16]) -> Result<(), NumericsError> {
    same_length("soft target", p.len(), q.len())?;
    same_length("gradient", p.len(), g.len())?;
    for ((&p, &q), g) in p.iter().zip(q).zip(g) {
        *g = clamp_q(i64::from(p) - i64::from(q));
    }
    Ok(())
}

/// The share of a soft part that is all of the gradient.
pub const SHARE_ONE: u16 = 1 << 15;

/// Mean of a soft and a hard gradient: `(share·soft + (32768 − share)·hard + 2^14) >> 15`. Operands in ±32767 and a share of at
/// most [`SHARE_ONE`] give a result in ±32767.
#[inline]
pub const fn mixed(soft: i16, hard: i16, share: u16) -> i16 {
    let (soft, hard) = (soft as i64, hard as i64);
    ((share as i64 * (soft - hard) + (hard << 15) + (1 << 14)) >> 15) as i16
}

/// Share that the engine gives the soft part, of a loss `share·T²·CE(T) + (1 − share)·CE(1)` with soft targets at temperature `t`:
/// the derivative has the factors `share·T` and `1 − share`, of which the mean keeps the ratio and the learning rate the sum.
pub fn share_word(share: f64, t: f64) -> Result<u16, NumericsError> {
    temperature_constant(t)?;
    if !(0.0..=1.0).contains(&share) {
        return Err(NumericsError::Setting {
            name: "share of soft targets",
            value: share,
            expected: "0 to 1: 0 trains on labels alone, 1 on soft targets alone",
        });
    }
    let soft = share * t;
    Ok((soft / (soft + 1.0 - share) * f64::from(SHARE_ONE) + 0.5) as u16)
}

/// Gradient of one sample with soft targets `q` (Q0.15): the mean, by `share`, of that of `q` against the probabilities `p`, which
/// [`softmax`] made of the logits `z` at some temperature, and of that of the label at temperature 1. A label that is no class
/// takes nothing off. With [`SHARE_ONE`] the label plays no part.
pub fn gradient_mixed(
    (z, f_z): (&[i16], i32),
    p: &[i16],
    q: &[i16],
    label: usize,
    share: u16,
    g: &mut [i16],
) -> Result<(), NumericsError> {
    same_length("probabilities", z.len(), p.len())?;
    same_length("soft target", z.len(), q.len())?;
    if share > SHARE_ONE {
        return Err(NumericsError::Setting {
            name: "share of soft targets",
            value: f64::from(share),
            expected: "at most 32768, which is all",
        });
    }
    softmax(z, f_z, TEMPERATURE_ONE, g)?;
    if let Some(g) = g.get_mut(label) {
        *g = clamp_q(i64::from(*g) - (1 << P_F));
    }
    for ((&p, &q), g) in p.iter().zip(q).zip(g) {
        *g = mixed(clamp_q(i64::from(p) - i64::from(q)), *g, share);
    }
    Ok(())
}

/// The `top` best classes of one sample (at most [`RANKED`]) with their probabilities: greater p first, ties to the lower class;
/// places past them hold −1 and 0.
pub fn rank(p: &[i16], top: usize) -> [(i16, i16); RANKED] {
    let mut best = [(-1i16, 0i16); RANKED];
    let top = top.min(RANKED);
    let mut found = 0;
    for (class, &p) in p.iter().enumerate() {
        let place = best[..found].partition_point(|&(_, q)| q >= p);
        if place < top {
            found = (found + 1).min(top);
            best[place..found].rotate_right(1);
            best[place] = (class as i16, p);
        }
    }
    best
}

/// Format `15 + log2(batch)` of the gradient: the batch mean is only this exponent. Exact for powers of two alone.
pub const fn gradient_f(batch: u32) -> Result<i32, NumericsError> {
    if !batch.is_power_of_two() {
        return Err(NumericsError::Count {
            what: "batch",
            found: batch,
            expected:
                "a power of two; or take the one below and lower the learning rate by the ratio",
        });
    }
    Ok(P_F + batch.trailing_zeros() as i32)
}

/// Refuses slices of different length.
const fn same_length(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), NumericsError> {
    if expected != found {
        return Err(NumericsError::Length {
            what,
            expected,
            found,
        });
    }
    Ok(())
}
