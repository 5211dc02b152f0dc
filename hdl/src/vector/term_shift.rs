//! Brings the gradient's term of the update to the format of the momentum's: left by at most 15, or right without rounding.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `product` | s32 | gradient × learning rate |
//! | `shift` | s6, −32 ..= 15 | left if positive; −32 stands for everything beyond, where only the sign is left |
//! | `term` | s48 | result of the cycle before, held while `enable` is low |
//!
//! Latency 1, one value a cycle. No reset: a valid bit elsewhere guards it.
use super::word::{raw, signed};
use rust_hdl::prelude::*;

/// Registered shift in both directions.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct TermShift {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Value, s32.
    pub product: Signal<In, Bits<32>>,
    /// Left shift, s6.
    pub shift: Signal<In, Bits<6>>,
    /// Shifted value, s48.
    pub term: Signal<Out, Bits<48>>,
}

impl TermShift {
    /// What `term` becomes.
    pub fn golden(product: i32, shift: i64) -> i64 {
        if shift >= 0 {
            i64::from(product) << shift.min(15)
        } else {
            i64::from(product) >> (-shift).min(47)
        }
    }
}

impl Logic for TermShift {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let product = signed(self.product.val()) as i32;
            self.term.next = raw(Self::golden(product, signed(self.shift.val())));
        }
    }
    fn connect(&mut self) {
        self.term.connect();
    }
    fn hdl(&self) -> Verilog {
        // All shifts are left from 16 or 32 bits below: 0 ..= 15 first, then the rest.
        Verilog::Custom(
            "// cell term_shift\n\
             reg [32:0] by1;\n\
             reg [34:0] by2;\n\
             reg [38:0] by4;\n\
             reg [46:0] fine;\n\
             always @(*) begin\n\
             \x20 by1 = shift[0] ? {product, 1'b0} : {product[31], product};\n\
             \x20 by2 = shift[1] ? {by1, 2'd0} : {{2{product[31]}}, by1};\n\
             \x20 by4 = shift[2] ? {by2, 4'd0} : {{4{product[31]}}, by2};\n\
             \x20 fine = shift[3] ? {by4, 8'd0} : {{8{product[31]}}, by4};\n\
             end\n\
             always @(posedge clock) if (enable)\n\
             \x20 term <= !shift[5] ? {product[31], fine}\n\
             \x20   : shift[4] ? {{17{product[31]}}, fine[46:16]} : {{33{product[31]}}, fine[46:32]};\n"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees_at_every_shift() {
        Parity::new("term_shift")
            .cycles(3000)
            .check(
                &mut TermShift::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.enable.next = rng.chance(90);
                    u.product.next = rng.corner();
                    u.shift.next = raw((cycle % 48) as i64 - 32);
                },
            )
            .unwrap();
    }

    #[test]
    fn thirty_two_down_is_the_sign_like_everything_beyond() {
        for product in [i32::MIN, -1, 0, 1, i32::MAX] {
            for shift in [-32, -33, -47, -200] {
                assert_eq!(TermShift::golden(product, shift), i64::from(product >> 31));
            }
        }
    }
}
