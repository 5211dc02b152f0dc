//! Row operands: R of a word's L lanes, registered. Leaf cell; for rotations of whole words use
//! [`Rotate`](crate::scratchpad::Rotate).
//!
//! Ports: `y[i]` is `x[lane + i]` of the cycle before; `lane` is a multiple of R below L. Holds while `run` is low.
//! Latency 1, one word a cycle, no reset.
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Selects a row group of a word.
#[derive(Clone, Debug, LogicBlock)]
pub struct RowFeed<const R: usize, const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move at this edge.
    pub run: Signal<In, Bit>,
    /// First lane.
    pub lane: Signal<In, Bits<8>>,
    /// The word.
    pub x: [Signal<In, Bits<16>>; L],
    /// Operands of the rows.
    pub y: [Signal<Out, Bits<16>>; R],
}

impl<const R: usize, const L: usize> Default for RowFeed<R, L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            run: Default::default(),
            lane: Default::default(),
            x: from_fn(|_| Default::default()),
            y: from_fn(|_| Default::default()),
        }
    }
}

impl<const R: usize, const L: usize> Logic for RowFeed<R, L> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.run.val() {
            let lane = self.lane.val().to_u64() as usize;
            // Any other lane counts as the last group, as in the Verilog.
            let first = if lane % R == 0 && lane < L {
                lane
            } else {
                L - R
            };
            for i in 0..R {
                self.y[i].next = self.x[first + i].val();
            }
        }
    }
    fn connect(&mut self) {
        self.y.iter_mut().for_each(|y| y.connect());
    }
    fn hdl(&self) -> Verilog {
        let group = |first: usize| -> String {
            (0..R)
                .map(|i| format!("    y${i} <= x${};\n", first + i))
                .collect()
        };
        let mut text = format!("// cell row_feed{R}\nalways @(posedge clock) if (run) begin\n ");
        for first in (0..L - R).step_by(R) {
            text += &format!(" if (lane == 8'd{first}) begin\n{}  end else", group(first));
        }
        text += &format!(" begin\n{}  end\nend\n", group(L - R));
        Verilog::Custom(text)
    }
}
