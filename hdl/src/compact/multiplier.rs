//! Serial multiplier of the compact engine's processor: signed 16 × unsigned 16 bits, an add and a shift a bit. For one product a cycle use
//! [`MulSigned`](crate::leaf::MulSigned).
//!
//! `load` takes the multiplicand, `start` the multiplier; `product` (s32, exact for every pair) is there 16 cycles after `start`,
//! `busy` is high meanwhile. Reset state: not busy; the product is undefined.
use crate::leaf::{Dff, DffEn, Reg};
use rust_hdl::prelude::*;

/// Serial multiplier.
#[derive(LogicBlock, Default)]
pub struct Multiplier {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Multiplicand s16 or multiplier u16.
    pub value: Signal<In, Bits<16>>,
    /// `value` is the multiplicand.
    pub load: Signal<In, Bit>,
    /// `value` is the multiplier: multiply.
    pub start: Signal<In, Bit>,
    /// Multiplies.
    pub busy: Signal<Out, Bit>,
    /// Product, s32.
    pub product: Signal<Out, Bits<32>>,
    multiplicand: DffEn<Bits<16>>,
    high: Dff<Bits<17>>,
    low: Dff<Bits<16>>,
    left: Reg<Bits<5>>,
    wide: Signal<Local, Bits<18>>,
    added: Signal<Local, Bits<18>>,
    sum: Signal<Local, Bits<18>>,
}

impl Logic for Multiplier {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left, high, low);
        self.left.reset.next = self.reset.val();
        self.multiplicand.clock.next = self.clock.val();
        self.multiplicand.enable.next = self.load.val();
        self.multiplicand.d.next = self.value.val();
        self.wide.next =
            bit_cast::<18, 17>(self.high.q.val()).replace_bit(17, self.high.q.val().get_bit(16));
        self.added.next = 0.into();
        if self.low.q.val().get_bit(0) {
            self.added.next = bit_cast::<18, 16>(self.multiplicand.q.val())
                .replace_bit(16, self.multiplicand.q.val().get_bit(15))
                .replace_bit(17, self.multiplicand.q.val().get_bit(15));
        }
        self.sum.next = self.wide.val() + self.added.val();
        if self.left.q.val().any() {
            self.left.d.next = self.left.q.val() - 1;
            self.high.d.next = self.sum.val().get_bits::<17>(1);
            self.low.d.next = bit_cast::<16, 15>(self.low.q.val().get_bits::<15>(1))
                .replace_bit(15, self.sum.val().get_bit(0));
        }
        if self.start.val() {
            self.left.d.next = 16.into();
            self.high.d.next = 0.into();
            self.low.d.next = self.value.val();
        }
        self.busy.next = self.left.q.val().any();
        self.product.next = (bit_cast::<32, 16>(self.high.q.val().get_bits::<16>(0)) << 16)
            | bit_cast::<32, 16>(self.low.q.val());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity_and_products() {
        let (mut a, mut b, mut checked) = (0i64, 0i64, 0);
        Parity::new("multiplier")
            .cycles(8000)
            .all_move_but(&[])
            .check(
                &mut Multiplier::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle < 2;
                    let value = rng.corner::<16>();
                    u.value.next = value;
                    (u.load.next, u.start.next) = (false, false);
                    match cycle % 20 {
                        3 => {
                            u.load.next = true;
                            a = i64::from(value.to_u64() as i16);
                        }
                        4 => {
                            u.start.next = true;
                            b = value.to_u64() as i64;
                        }
                        2 if cycle > 20 => {
                            assert!(!u.busy.val());
                            assert_eq!(u.product.val().to_u64() as i32 as i64, a * b);
                            checked += 1;
                        }
                        _ => {}
                    }
                },
            )
            .unwrap();
        assert!(checked > 300);
    }
}
