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
        Verilog::Custom(
            "// cell term_shift\n\
             reg [5:0] down;\n\
             reg signed [31:0] whole;\n\
             reg signed [31:0] cut;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 down = ~shift + 6'd1;\n\
             \x20 whole = product;\n\
             \x20 cut = whole >>> down;\n\
             \x20 if (shift[5]) term <= {{16{cut[31]}}, cut};\n\
             \x20 else term <= {{16{product[31]}}, product} << shift[3:0];\n\
             end\n"
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
