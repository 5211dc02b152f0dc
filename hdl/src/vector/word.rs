//! Conversions between rust-hdl words and signed integers, for the Rust twins of the leaf cells and for tests.
//! Not for kernels: those work on `Bits` only.
use rust_hdl::prelude::Bits;

/// The two's complement value of `x` (at most 64 bits).
pub(crate) fn signed<const N: usize>(x: Bits<N>) -> i64 {
    ((x.to_u64() << (64 - N)) as i64) >> (64 - N)
}

/// The low `N` bits of `value` (at most 64 bits).
pub(crate) fn raw<const N: usize>(value: i64) -> Bits<N> {
    Bits::from(value as u64 & (u64::MAX >> (64 - N)))
}
