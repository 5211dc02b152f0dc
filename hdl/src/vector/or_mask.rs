//! The OR mask of a command: the magnitude bits of every value of every lane, `x ^ (x >>> 47)`, collected.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `clear` | 1 | start again from 0; wins over `enable` |
//! | `x` | s48 a lane | values |
//! | `mask` | 48 | what was collected up to the cycle before |
//!
//! Latency 1, one word a cycle. Cleared by `clear`, not by reset.
use super::word::{raw, signed};
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// Collects the magnitude bits of `L` lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct OrMask<const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Start from 0.
    pub clear: Signal<In, Bit>,
    /// Take the values at this edge.
    pub enable: Signal<In, Bit>,
    /// Values, s48.
    pub x: [Signal<In, Bits<48>>; L],
    /// The mask.
    pub mask: Signal<Out, Bits<48>>,
}

impl<const L: usize> Default for OrMask<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            enable: Default::default(),
            x: std::array::from_fn(|_| Default::default()),
            mask: Default::default(),
        }
    }
}

impl<const L: usize> OrMask<L> {
    /// What `mask` becomes.
    pub fn golden(mask: u64, x: &[i64]) -> u64 {
        x.iter().fold(mask, |m, &x| m | numerics::or_mask(x))
    }
}

impl<const L: usize> Logic for OrMask<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.clear.val() {
                self.mask.next = Bits::default();
            } else if self.enable.val() {
                let x: Vec<i64> = self.x.iter().map(|x| signed(x.val())).collect();
                self.mask.next = raw(Self::golden(self.mask.val().to_u64(), &x) as i64);
            }
        }
    }
    fn connect(&mut self) {
        self.mask.connect();
    }
    fn hdl(&self) -> Verilog {
        // Two lanes fill a table, four pairs the next: without a name to keep, synthesis takes a table for every lane.
        let magnitude = |i: usize| format!("(x${i} ^ {{48{{x${i}[47]}}}})");
        let lanes: Vec<usize> = (0..L).collect();
        let mut wires = String::new();
        let mut pairs = vec![];
        for pair in lanes.chunks(2) {
            let name = format!("pair_{}", pairs.len());
            let both: Vec<String> = pair.iter().map(|i| magnitude(*i)).collect();
            wires += &format!(
                "(* keep *) wire [47:0] {name};\nassign {name} = {};\n",
                both.join(" | ")
            );
            pairs.push(name);
        }
        Verilog::Custom(format!(
            "// cell or_mask{L}\n\
             {wires}\
             always @(posedge clock)\n\
             \x20 if (clear) mask <= 48'd0;\n\
             \x20 else if (enable) mask <= mask | {};\n",
            pairs.join(" | ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees() {
        Parity::new("or_mask")
            .cycles(2000)
            .check(
                &mut OrMask::<4>::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.clear.next = rng.chance(10);
                    u.enable.next = rng.chance(50);
                    for x in &mut u.x {
                        let value = signed(rng.bits::<48>()) >> rng.below(48);
                        x.next = raw(value);
                    }
                },
            )
            .unwrap();
    }
}
