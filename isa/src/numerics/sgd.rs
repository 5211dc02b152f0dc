//! SGD with momentum, weight decay and stochastic rounding ("SGD with momentum").
//!
//! Both roundings must be stochastic in training: with nearest the momentum sticks, with floor it drifts.

use super::{clamp_q, r_shift, NumericsError, MOMENTUM_EXTRA_F};

/// Largest left shift of the gradient's term: keeps the sum below 2^47.
const MAX_LEFT: i32 = 15;

/// Largest right shift of the gradient's term.
const MAX_RIGHT: i32 = 47;

/// The settings of one update command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SgdParams {
    /// MU: `round(momentum·2^16)`; 0.9 is 58982.
    pub mu: u16,
    /// LRM: the learning rate is `lr_mantissa·2^-lr_shift`.
    pub lr_mantissa: u16,
    /// KLR, see `lr_mantissa`.
    pub lr_shift: i8,
    /// LW: `round(lr·weight_decay·2^20)`; 0 for biases.
    pub lw: u16,
    /// Format of the weights; their momentum has [`MOMENTUM_EXTRA_F`] more.
    pub f_w: i32,
    /// Format of the gradient, which changes from step to step.
    pub f_d: i32,
}

impl SgdParams {
    /// Settings from floats: `0 ≤ momentum < 1`, `lr` with its mantissa in all 16 bits (0 is allowed and learns nothing).
    ///
    /// Weight decay is coarse: `lr·weight_decay` is a multiple of 2^-20, and below half of that it is none.
    pub fn new(
        lr: f64,
        momentum: f64,
        weight_decay: f64,
        f_w: i32,
        f_d: i32,
    ) -> Result<Self, NumericsError> {
        let (lr_mantissa, lr_shift) = split_rate(lr)?;
        let mu = scaled(momentum, 65_536.0).ok_or(NumericsError::Setting {
            name: "momentum",
            value: momentum,
            expected: "0 to 0.99999",
        })?;
        let lw = if weight_decay >= 0.0 {
            scaled(lr * weight_decay, 1_048_576.0)
        } else {
            None
        };
        let lw = lw.ok_or(NumericsError::Setting {
            name: "weight decay",
            value: weight_decay,
            expected: "not negative, and below 0.06249 when multiplied by the learning rate",
        })?;
        Ok(Self {
            mu,
            lr_mantissa,
            lr_shift,
            lw,
            f_w,
            f_d,
        })
    }

    /// The shift that brings `d·LRM` to the format of `v·MU`: left if positive.
    #[inline]
    pub const fn gradient_shift(&self) -> i32 {
        (self.f_w.saturating_add(20)).saturating_sub(self.f_d.saturating_add(self.lr_shift as i32))
    }
}

/// Where a weight stood, and the share of its distance from there that it is pulled back in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pull {
    /// Where it stood.
    pub old: i16,
    /// Of 65 536: never all of it, so that no weight goes past its old place.
    pub share: u16,
}

impl Pull {
    /// Of a weight of some importance, in 256ths of the mean, where one of mean importance goes back by `strength` 65 536ths.
    #[inline]
    pub const fn new(old: i16, importance: u16, strength: u16) -> Pull {
        let share = (importance as u32 * strength as u32) >> 8;
        let share = if share > u16::MAX as u32 {
            u16::MAX
        } else {
            share as u16
        };
        Pull { old, share }
    }
}

/// One weight and its momentum after the gradient `d`, with random words `r1` (momentum) and `r2` (weight).
#[inline]
pub const fn update(w: i16, v: i16, d: i16, params: &SgdParams, r1: u16, r2: u16) -> (i16, i16) {
    let v = momentum(w, v, d, params, r1);
    let w = clamp_q(w as i64 + r_shift(v as i64, MOMENTUM_EXTRA_F as u32, r2));
    (w, v)
}

/// [`update`] that pulls the weight back to where it stood, too: elastic weight consolidation, whose penalty has the derivative
/// importance·(w − old). The pull is none of the momentum's. A share of 0 makes no difference.
#[inline]
pub const fn update_elastic(
    w: i16,
    v: i16,
    d: i16,
    pull: Pull,
    params: &SgdParams,
    (r1, r2): (u16, u16),
) -> (i16, i16) {
    let v = momentum(w, v, d, params, r1);
    (stepped(w, v, pull, r2), v)
}

/// The new weight of [`update_elastic`] by its new momentum: step and pull with one rounding,
/// `clamp(w + r_shift((v << 12) − share·(w − old), 16, random))`.
#[inline]
pub const fn stepped(w: i16, v: i16, pull: Pull, random: u16) -> i16 {
    let distance = w as i64 - pull.old as i64;
    let step = ((v as i64) << (16 - MOMENTUM_EXTRA_F)) - pull.share as i64 * distance;
    clamp_q(w as i64 + r_shift(step, 16, random))
}

/// The new momentum.
#[inline]
const fn momentum(w: i16, v: i16, d: i16, params: &SgdParams, r1: u16) -> i16 {
    let sh = params.gradient_shift();
    let product = d as i64 * params.lr_mantissa as i64;
    let t = if sh >= 0 {
        product << if sh > MAX_LEFT { MAX_LEFT } else { sh }
    } else {
        product >> if sh < -MAX_RIGHT { MAX_RIGHT } else { -sh }
    };
    let x = v as i64 * params.mu as i64 - t - w as i64 * params.lw as i64;
    clamp_q(r_shift(x, 16, r1))
}

/// `lr` as mantissa (2^15 ≤ m < 2^16, nearest) and shift, from its bits because `core` has no logarithm.
fn split_rate(lr: f64) -> Result<(u16, i8), NumericsError> {
    let refused = NumericsError::Setting {
        name: "learning rate",
        value: lr,
        expected: "0, or 1e-33 to 1e+43",
    };
    if lr == 0.0 {
        return Ok((0, 0));
    }
    // Sign, NaN, infinity and subnormals fail here, so the exponent bits can be taken as they are.
    if !(lr > 0.0 && lr.is_normal()) {
        return Err(refused);
    }
    let bits = lr.to_bits();
    let mantissa = (bits & ((1 << 52) - 1)) | 1 << 52;
    let mut shift = 15 - ((bits >> 52) as i32 - 1023);
    let mut m = (mantissa + (1 << 36)) >> 37;
    if m == 1 << 16 {
        m >>= 1;
        shift -= 1;
    }
    match i8::try_from(shift) {
        Ok(shift) => Ok((m as u16, shift)),
        Err(_) => Err(refused),
    }
}

/// `round(x·scale)`, ties up, if it fits 16 bits.
fn scaled(x: f64, scale: f64) -> Option<u16> {
    let y = x * scale + 0.5;
    (x >= 0.0 && y < 65_536.0).then_some(y as u16)
}
