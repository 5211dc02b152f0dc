//! Lane rotator: leaf cell, combinational. `left` gives `y[i] = x[(i + amount) mod L]`, `right` `y[i] = x[(i - amount) mod L]`.
//! For shifts inside a word use arithmetic leaves; this one moves whole 16-bit lanes.
//!
//! log2 L stages of two-way multiplexers. `L` must be `2^LB`.
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Rotates `L = 2^LB` lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct Rotate<const LB: usize, const L: usize> {
    /// Lanes in.
    pub x: [Signal<In, Bits<16>>; L],
    /// How far.
    pub amount: Signal<In, Bits<LB>>,
    /// Lanes out.
    pub y: [Signal<Out, Bits<16>>; L],
    _right: bool,
}

impl<const LB: usize, const L: usize> Rotate<LB, L> {
    fn new(right: bool) -> Self {
        Self {
            x: from_fn(|_| Default::default()),
            amount: Default::default(),
            y: from_fn(|_| Default::default()),
            _right: right,
        }
    }

    /// `y[i] = x[(i + amount) mod L]`.
    pub fn left() -> Self {
        Self::new(false)
    }

    /// `y[i] = x[(i - amount) mod L]`.
    pub fn right() -> Self {
        Self::new(true)
    }

    /// The lane that stands in lane `i` after a rotation by `amount`.
    fn source(&self, i: usize, amount: usize) -> usize {
        if self._right {
            (i + L - amount % L) % L
        } else {
            (i + amount) % L
        }
    }
}

impl<const LB: usize, const L: usize> Logic for Rotate<LB, L> {
    fn update(&mut self) {
        let amount = self.amount.val().to_u64() as usize;
        for i in 0..L {
            self.y[i].next = self.x[self.source(i, amount)].val();
        }
    }
    fn connect(&mut self) {
        self.y.iter_mut().for_each(|y| y.connect());
    }
    fn hdl(&self) -> Verilog {
        let side = if self._right { "right" } else { "left" };
        let mut text = format!("// cell rotate_{side}{L}\n");
        // Stage k moves by 2^k or not at all; stage 0 reads x, the last one writes y.
        let name = |stage: usize, i: usize| match stage {
            0 => format!("x${i}"),
            s if s == LB => format!("y${i}"),
            s => format!("s{s}_{i}"),
        };
        for stage in 1..LB {
            for i in 0..L {
                text += &format!("reg [15:0] {};\n", name(stage, i));
            }
        }
        text += "always @(*) begin\n";
        for stage in 0..LB {
            let branch = |moved: bool| -> String {
                (0..L)
                    .map(|i| {
                        let from = if moved { self.source(i, 1 << stage) } else { i };
                        format!("    {} = {};\n", name(stage + 1, i), name(stage, from))
                    })
                    .collect()
            };
            text += &format!(
                "  if (amount[{stage}]) begin\n{}  end else begin\n{}  end\n",
                branch(true),
                branch(false)
            );
        }
        Verilog::Custom(text + "end\n")
    }
}
