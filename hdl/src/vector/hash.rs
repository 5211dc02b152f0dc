//! The random words of the update: two rounds of xorshift over index and key (`tandem_isa::numerics::hash16`).
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `index`, `key` | u32 | element and key |
//! | `random` | u16 | its random word, of the cycle before, held while `enable` is low |
//!
//! Latency 1, one word a cycle. No reset: a valid bit elsewhere guards it.
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Registered stateless random word.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Hash {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Work at this edge.
    pub enable: Signal<In, Bit>,
    /// Index of the element.
    pub index: Signal<In, Bits<32>>,
    /// Key of the tensor and step.
    pub key: Signal<In, Bits<32>>,
    /// The random word.
    pub random: Signal<Out, Bits<16>>,
}

impl Logic for Hash {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            let (index, key) = (self.index.val().to_u64(), self.key.val().to_u64());
            let random = numerics::hash16(index as u32, key as u32);
            self.random.next = Bits::from(u64::from(random));
        }
    }
    fn connect(&mut self) {
        self.random.connect();
    }
    fn hdl(&self) -> Verilog {
        let round = "\x20 h = h ^ (h << 13);\n\x20 h = h ^ (h >> 17);\n\x20 h = h ^ (h << 5);\n";
        Verilog::Custom(format!(
            "// cell hash\n\
             reg [31:0] h;\n\
             always @(posedge clock) if (enable) begin\n\
             \x20 h = index ^ key;\n{round}{round}\x20 random <= h[31:16];\n\
             end\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees() {
        Parity::new("hash")
            .cycles(2000)
            .check(
                &mut Hash::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.enable.next = rng.chance(90);
                    u.index.next = if rng.chance(50) {
                        rng.bits()
                    } else {
                        Bits::from(rng.below(100))
                    };
                    u.key.next = rng.corner();
                },
            )
            .unwrap();
    }
}
