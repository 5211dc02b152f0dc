//! Parity of a block alone under inputs without any order: whatever comes, Rust and Verilog agree. What a block is for is
//! tested elsewhere; this reaches states that well-behaved neighbours never cause.
use super::Rng;
use rust_hdl::prelude::*;

/// Gives an input a random value; bits come high in three of four cycles, so that handshakes happen.
pub(crate) trait Random {
    fn random(&mut self, rng: &mut Rng);
}

impl Random for Signal<In, Bit> {
    fn random(&mut self, rng: &mut Rng) {
        self.next = rng.chance(75);
    }
}

impl<const N: usize> Random for Signal<In, Bits<N>> {
    fn random(&mut self, rng: &mut Rng) {
        self.next = rng.corner();
    }
}

impl<R: Random, const N: usize> Random for [R; N] {
    fn random(&mut self, rng: &mut Rng) {
        self.iter_mut().for_each(|signal| signal.random(rng));
    }
}

/// A parity test of a clocked block: `inputs` are random each cycle, `rare` are high in 3 of 100, `narrow` in 0 to 15; every
/// output but those after `still` must move.
macro_rules! alone {
    ($test:ident, $block:ty, $name:literal; $($input:ident)*; rare $($rare:ident)*; narrow $($narrow:ident)*
        $(; still $($still:ident)*)?) => {
        #[test]
        fn $test() {
            use $crate::parity::{Parity, Random, Rng};
            let drive = |u: &mut $block, rng: &mut Rng, cycle: usize| {
                $(u.$input.random(rng);)*
                $(u.$rare.next = cycle < 2 || rng.chance(3);)*
                $(u.$narrow.next = rng.below(16).into();)*
            };
            let parity = Parity::new($name).cycles(1500).all_move_but(&[$($(stringify!($still)),*)?]);
            parity.check(&mut <$block>::default(), |u| &mut u.clock, drive).unwrap();
        }
    };
}
pub(crate) use alone;

/// A parity test of a block without a clock: `inputs` are random each time, and every output must move.
macro_rules! wired {
    ($test:ident, $block:ty, $name:literal; $($input:ident)*) => {
        #[test]
        fn $test() {
            use $crate::parity::{Parity, Random, Rng};
            let drive = |u: &mut $block, rng: &mut Rng, _: usize| {
                $(u.$input.random(rng);)*
            };
            let parity = Parity::new($name).cycles(500).all_move_but(&[]);
            parity.check_combinational(&mut <$block>::default(), drive).unwrap();
        }
    };
}
pub(crate) use wired;
