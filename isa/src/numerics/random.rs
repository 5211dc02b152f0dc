//! The random words of stochastic rounding: a hash of element index and key ("SGD with momentum").
//!
//! Stateless, so the words do not depend on lane count or order. Good for rounding; not for anything that must be
//! unpredictable or pass statistical batteries.

/// Two rounds of xorshift over `i ^ key`.
#[inline]
pub const fn hash32(i: u32, key: u32) -> u32 {
    let mut h = i ^ key;
    let mut round = 0;
    while round < 2 {
        h ^= h << 13;
        h ^= h >> 17;
        h ^= h << 5;
        round += 1;
    }
    h
}

/// The random word of element `i` of its tensor: the upper half of [`hash32`].
#[inline]
pub const fn hash16(i: u32, key: u32) -> u16 {
    (hash32(i, key) >> 16) as u16
}

/// The key after `key`; taken once per tensor, per use (`r1` or `r2`) and per step.
#[inline]
pub const fn next_key(key: u32) -> u32 {
    key.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)
}

/// A key with `hash16(i, key) == r`: feeds a chosen random word to a device that only takes keys.
///
/// The hash of a word is a bijection on 32 bits, so there are 2^16 such keys; this is the one whose hash ends in 16 zeros.
pub const fn key_for(i: u32, r: u16) -> u32 {
    let mut h = (r as u32) << 16;
    let mut round = 0;
    while round < 2 {
        h = undo_left(h, 5);
        // A shift of at least half the width undoes itself.
        h ^= h >> 17;
        h = undo_left(h, 13);
        round += 1;
    }
    h ^ i
}

/// The `x` with `x ^ (x << k) == h`; every turn makes `k` more of its low bits right.
const fn undo_left(h: u32, k: u32) -> u32 {
    let mut x = h;
    let mut right = k;
    while right < 32 {
        x = h ^ (x << k);
        right += k;
    }
    x
}
