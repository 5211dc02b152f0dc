//! Number of bits needed to write a mask: the place of its highest 1, plus 1; 0 for 0.
//!
//! `length` is that of the `mask` of the cycle before, held while `enable` is low. No reset: a valid bit elsewhere guards it.
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered priority encoder of 48 bits.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Bitlen {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Mask.
    pub mask: Signal<In, Bits<48>>,
    /// Its length, 0 ..= 48.
    pub length: Signal<Out, Bits<6>>,
}

impl Logic for Bitlen {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let length = numerics::bitlen(self.mask.val().to_u64());
            self.length.next = Bits::from(u64::from(length));
        }
    }
    fn connect(&mut self) {
        self.length.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell bitlen\n\
             integer i;\n\
             reg [5:0] found;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 found = 6'd0;\n\
             \x20 for (i = 0; i < 48; i = i + 1) if (mask[i]) found = i[5:0] + 6'd1;\n\
             \x20 length <= found;\n\
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
    fn verilog_agrees_at_every_length() {
        Parity::new("bitlen")
            .cycles(500)
            .check(
                &mut Bitlen::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    let mask = rng.word() & ((1 << (cycle % 49)) - 1);
                    u.enable.next = rng.chance(90);
                    u.mask.next = Bits::from(mask);
                },
            )
            .unwrap();
    }
}
