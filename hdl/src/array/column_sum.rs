//! A cell of the row of ones below the array: sums the column's own operands, as a [`Cell`](super::Cell) whose row operand is
//! always 1 would, without a multiplier. Leaf cell, for output-stationary passes only.
//!
//! | register | takes |
//! |---|---|
//! | spare | `b_in` |
//! | operand | spare |
//! | product | operand, s16 |
//! | sum | `clear` ? 0 : itself + product, s48, wrapping |
//! | `drain_out` | `capture` ? sum + product : 0 |
//!
//! The three registers before the sum keep it in step with the cells above: `clear` goes with the product before the first, `capture` with
//! the last. Everything holds while `run` or `keep` is low. One operand a cycle, latency 4. No reset.
use rust_hdl::prelude::*;

/// One cell of the row of ones.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct ColumnSum {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move at this edge.
    pub run: Signal<In, Bit>,
    /// Output-stationary.
    pub keep: Signal<In, Bit>,
    /// The next product is the first of its sum.
    pub clear: Signal<In, Bit>,
    /// The product is the last of its sum.
    pub capture: Signal<In, Bit>,
    /// Operand from above, s16.
    pub b_in: Signal<In, Bits<16>>,
    /// Finished sum in the cycle after `capture`, s48.
    pub drain_out: Signal<Out, Bits<48>>,
    _spare: i16,
    _operand: i16,
    _product: i16,
    _sum: i64,
}

const SUM: u64 = (1 << 48) - 1;

impl Logic for ColumnSum {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.run.val() && self.keep.val() {
            let total = self._sum.wrapping_add(i64::from(self._product));
            self.drain_out.next = if self.capture.val() {
                (total as u64 & SUM).into()
            } else {
                Bits::default()
            };
            self._sum = if self.clear.val() { 0 } else { total };
            self._product = self._operand;
            self._operand = self._spare;
            self._spare = self.b_in.val().to_u64() as i16;
        }
    }
    fn connect(&mut self) {
        self.drain_out.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell column_sum\n\
             reg [15:0] spare;\n\
             reg [15:0] operand;\n\
             reg [15:0] product;\n\
             reg [47:0] sum;\n\
             wire [47:0] total;\n\
             assign total = sum + {{32{product[15]}}, product};\n\
             always @(posedge clock) if (run && keep) begin\n\
             \x20 spare <= b_in;\n\
             \x20 operand <= spare;\n\
             \x20 product <= operand;\n\
             \x20 sum <= clear ? 48'd0 : total;\n\
             \x20 drain_out <= capture ? total : 48'd0;\n\
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
    fn sums_what_a_cell_with_a_one_would() {
        // Operands as they came while it ran, each with `clear` and `capture` of its cycle.
        let (mut operands, mut sum, mut drain) = ([0i64; 3], 0i64, 0i64);
        let mut captured = 0;
        Parity::new("column_sum")
            .cycles(3000)
            .check(
                &mut ColumnSum::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    let found = (u.drain_out.val().to_u64() << 16) as i64 >> 16;
                    assert_eq!(found, drain, "cycle {cycle}");
                    let b = rng.corner::<16>();
                    let [run, keep, clear, capture] = [90, 90, 5, 20].map(|p| rng.chance(p));
                    u.b_in.next = b;
                    u.run.next = run;
                    u.keep.next = keep;
                    u.clear.next = clear;
                    u.capture.next = capture;
                    if run && keep {
                        let total = sum + operands[2];
                        drain = if capture { total } else { 0 };
                        captured += i32::from(drain != 0);
                        sum = if clear { 0 } else { total };
                        operands = [i64::from(b.to_u64() as i16), operands[0], operands[1]];
                    }
                },
            )
            .unwrap();
        assert!(captured > 300, "{captured}");
    }
}
