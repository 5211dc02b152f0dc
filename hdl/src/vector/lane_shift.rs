//! A word of `L` lanes that moves down by `U` lanes a step: takes a word apart into groups of `U`, or puts one together.
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `load` | 1 | take `word`; wins over `shift` |
//! | `shift` | 1 | lane i becomes lane i + U, the highest `U` lanes become `group` |
//! | `lane` | 16 a lane | the word; its lowest `U` lanes are the next group |
//!
//! Latency 1. No reset. `U` divides `L`.
use rust_hdl::prelude::*;

/// Lane-wise shift register.
#[derive(Clone, Debug, LogicBlock)]
pub struct LaneShift<const L: usize, const U: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take `word`.
    pub load: Signal<In, Bit>,
    /// Move down by `U` lanes.
    pub shift: Signal<In, Bit>,
    /// Word to take.
    pub word: [Signal<In, Bits<16>>; L],
    /// Group that comes in at the top.
    pub group: [Signal<In, Bits<16>>; U],
    /// The word.
    pub lane: [Signal<Out, Bits<16>>; L],
}

impl<const L: usize, const U: usize> Default for LaneShift<L, U> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            load: Default::default(),
            shift: Default::default(),
            word: std::array::from_fn(|_| Default::default()),
            group: std::array::from_fn(|_| Default::default()),
            lane: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const L: usize, const U: usize> Logic for LaneShift<L, U> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.load.val() {
                for i in 0..L {
                    self.lane[i].next = self.word[i].val();
                }
            } else if self.shift.val() {
                for i in 0..L - U {
                    self.lane[i].next = self.lane[i + U].val();
                }
                for i in 0..U {
                    self.lane[L - U + i].next = self.group[i].val();
                }
            }
        }
    }
    fn connect(&mut self) {
        for lane in &mut self.lane {
            lane.connect();
        }
    }
    fn hdl(&self) -> Verilog {
        let mut text =
            format!("// cell lane_shift{L}_{U}\nalways @(posedge clock)\n  if (load) begin\n");
        for i in 0..L {
            text += &format!("    lane${i} <= word${i};\n");
        }
        text += "  end else if (shift) begin\n";
        for i in 0..L - U {
            text += &format!("    lane${i} <= lane${};\n", i + U);
        }
        for i in 0..U {
            text += &format!("    lane${} <= group${i};\n", L - U + i);
        }
        Verilog::Custom(text + "  end\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    fn agree<const L: usize, const U: usize>(name: &str) {
        Parity::new(name)
            .cycles(500)
            .check(
                &mut LaneShift::<L, U>::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    u.load.next = rng.chance(20);
                    u.shift.next = rng.chance(70);
                    u.word.iter_mut().for_each(|w| w.next = rng.bits());
                    u.group.iter_mut().for_each(|w| w.next = rng.bits());
                },
            )
            .unwrap();
    }

    #[test]
    fn verilog_agrees() {
        agree::<16, 4>("lane_shift_16_4");
        agree::<4, 1>("lane_shift_4_1");
        agree::<4, 4>("lane_shift_4_4");
    }
}
