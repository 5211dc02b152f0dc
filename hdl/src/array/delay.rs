//! Delays of a fixed number of cycles: leaf cells. [`Delay`] for data that a valid bit guards (it can stop and has no
//! reset), [`Line`] for the valid bits themselves. For streams that can wait use [`Fifo`](crate::leaf::Fifo).
//!
//! One value a cycle. A delay of 0 cycles is a wire. [`Line`] is 0 after reset; [`Delay`] is undefined at power-up (0 in
//! simulation). A delay has at most 64 cycles, a line 128.
use rust_hdl::prelude::*;
use std::collections::VecDeque;

/// Delay of data, with enable and without reset.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Delay<const W: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move at this edge.
    pub enable: Signal<In, Bit>,
    /// Value in.
    pub d: Signal<In, Bits<W>>,
    /// Value of the given number of enabled cycles ago.
    pub q: Signal<Out, Bits<W>>,
    _stages: VecDeque<Bits<W>>,
}

impl<const W: usize> Delay<W> {
    /// A delay of `cycles`, brought into 0 ..= 64.
    pub fn new(cycles: usize) -> Self {
        Self {
            _stages: vec![Bits::default(); cycles.min(64)].into(),
            ..Default::default()
        }
    }
}

impl<const W: usize> Logic for Delay<W> {
    fn update(&mut self) {
        if self._stages.is_empty() {
            self.q.next = self.d.val();
        } else if self.clock.pos_edge() && self.enable.val() {
            self._stages.push_back(self.d.val());
            self._stages.pop_front();
            self.q.next = self._stages[0];
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        let n = self._stages.len();
        if n == 0 {
            return Verilog::Custom(format!("// cell wire{W}\nalways @(*) q = d;\n"));
        }
        let mut text = format!("// cell delay{n}x{W}\n");
        for i in 1..n {
            text += &format!("reg [{}:0] s{i};\n", W - 1);
        }
        text += "always @(posedge clock) if (enable) begin\n";
        let name = |i: usize| match i {
            0 => "d".to_string(),
            i if i == n => "q".to_string(),
            i => format!("s{i}"),
        };
        for i in (0..n).rev() {
            text += &format!("  {} <= {};\n", name(i + 1), name(i));
        }
        Verilog::Custom(text + "end\n")
    }
}

/// Delay of one control bit, with reset.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Line {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: every bit under way becomes 0.
    pub reset: Signal<In, Bit>,
    /// Bit in.
    pub d: Signal<In, Bit>,
    /// Bit of the given number of cycles ago.
    pub q: Signal<Out, Bit>,
    _cycles: usize,
    _bits: u128,
}

impl Line {
    /// A delay of `cycles`, brought into 1 ..= 128.
    pub fn new(cycles: usize) -> Self {
        Self {
            _cycles: cycles.clamp(1, 128),
            ..Default::default()
        }
    }
}

impl Logic for Line {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._bits = if self.reset.val() {
                0
            } else {
                self._bits << 1 | u128::from(self.d.val())
            };
            self.q.next = self._bits >> (self._cycles.max(1) - 1) & 1 == 1;
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        let n = self._cycles.max(1);
        let cell = format!("// cell line{n}\n");
        if n == 1 {
            return Verilog::Custom(
                cell + "always @(posedge clock) if (reset) q <= 1'b0; else q <= d;\n",
            );
        }
        let earlier = if n == 2 {
            "s".to_string()
        } else {
            format!("s[{}]", n - 2)
        };
        let shifted = if n == 2 {
            "d".to_string()
        } else {
            format!("{{s[{}:0], d}}", n - 3)
        };
        Verilog::Custom(format!(
            "{cell}reg [{}:0] s;\n\
             always @(posedge clock) if (reset) begin\n\
             \x20 s <= {}'b0;\n\
             \x20 q <= 1'b0;\n\
             end else begin\n\
             \x20 s <= {shifted};\n\
             \x20 q <= {earlier};\n\
             end\n",
            n - 2,
            n - 1
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn delay_moves_only_when_enabled() {
        for n in [0, 1, 2, 5] {
            let mut golden: VecDeque<u64> = vec![0; n].into();
            let mut due = 0;
            let mut delay = Delay::<16>::new(n);
            Parity::new(&format!("delay{n}"))
                .cycles(200)
                .check(
                    &mut delay,
                    |u| &mut u.clock,
                    |u, rng, _| {
                        assert_eq!(u.q.val().to_u64(), due);
                        let (value, enable) = (rng.below(1 << 16), rng.chance(70));
                        u.d.next = value.into();
                        u.enable.next = enable;
                        if n == 0 {
                            due = value;
                        } else if enable {
                            golden.push_back(value);
                            golden.pop_front();
                            due = golden[0];
                        }
                    },
                )
                .unwrap();
        }
    }

    #[test]
    fn line_forgets_at_reset() {
        for n in [1, 2, 3, 11, 71] {
            let mut golden: VecDeque<bool> = vec![false; n].into();
            let mut line = Line::new(n);
            Parity::new(&format!("line{n}"))
                .cycles(300)
                .check(
                    &mut line,
                    |u| &mut u.clock,
                    |u, rng, _| {
                        assert_eq!(u.q.val(), golden[0]);
                        let (bit, reset) = (rng.chance(50), rng.chance(3));
                        u.d.next = bit;
                        u.reset.next = reset;
                        golden.push_back(bit);
                        golden.pop_front();
                        if reset {
                            golden.iter_mut().for_each(|b| *b = false);
                        }
                    },
                )
                .unwrap();
        }
    }
}
