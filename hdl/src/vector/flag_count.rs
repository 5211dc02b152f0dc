//! Counts the lanes that raise a flag, over a command.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `clear` | 1 | start again from 0; wins over `enable` |
//! | `flag` | 1 a lane | flags |
//! | `count` | u32 | flags seen, wraps; two cycles behind |
//!
//! Latency 2, one word a cycle. Cleared by `clear`, not by reset; a word taken in the cycle before is dropped too.
use rust_hdl::prelude::*;

/// Counts the flags of `L` lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct FlagCount<const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Start from 0.
    pub clear: Signal<In, Bit>,
    /// Take the flags at this edge.
    pub enable: Signal<In, Bit>,
    /// Flags.
    pub flag: [Signal<In, Bit>; L],
    /// Flags seen.
    pub count: Signal<Out, Bits<32>>,
    _lanes: u32,
}

impl<const L: usize> Default for FlagCount<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            enable: Default::default(),
            flag: std::array::from_fn(|_| Default::default()),
            count: Default::default(),
            _lanes: 0,
        }
    }
}

impl<const L: usize> Logic for FlagCount<L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let sum = (self.count.val().to_u64() as u32).wrapping_add(self._lanes);
            self.count.next = Bits::from(u64::from(sum));
            self._lanes = 0;
            if self.enable.val() {
                self._lanes = self.flag.iter().map(|f| u32::from(f.val())).sum();
            }
            if self.clear.val() {
                self.count.next = Bits::default();
                self._lanes = 0;
            }
        }
    }
    fn connect(&mut self) {
        self.count.connect();
    }
    fn hdl(&self) -> Verilog {
        let flags: Vec<String> = (0..L).map(|i| format!("{{5'd0, flag${i}}}")).collect();
        Verilog::Custom(format!(
            "// cell flag_count{L}\n\
             reg [5:0] lanes;\n\
             always @(posedge clock) begin\n\
             \x20 if (clear) count <= 32'd0;\n\
             \x20 else if (lanes != 6'd0) count <= count + {{26'd0, lanes}};\n\
             \x20 if (clear || !enable) lanes <= 6'd0;\n\
             \x20 else lanes <= {};\n\
             end\n",
            flags.join(" + ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees_and_nothing_is_lost() {
        let mut sum = 0;
        Parity::new("flag_count")
            .cycles(1000)
            .check(
                &mut FlagCount::<16>::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.clear.next = cycle == 0;
                    u.enable.next = rng.chance(70) && cycle < 998;
                    for flag in &mut u.flag {
                        flag.next = rng.chance(50);
                        sum += u64::from(flag.next && u.enable.next && cycle > 0);
                    }
                    if cycle == 999 {
                        assert_eq!(u.count.val().to_u64() + u64::from(u._lanes), sum);
                    }
                },
            )
            .unwrap();
    }
}
