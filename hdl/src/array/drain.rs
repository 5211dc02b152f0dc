//! Brings the finished sums of a column together: the OR of what its cells give, of which one at most is not 0. Leaf cell.
//!
//! Ports: `x[i]` of row i and `ones` of the row of ones, s48; `y` is their OR in the cycle before. Four rows at a time have a register of their own and those
//! are joined behind it: two levels of four-input tables for sixteen rows. Latency 1, one sum a cycle, no reset.
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Joins the sums of R rows and the row of ones.
#[derive(Clone, Debug, LogicBlock)]
pub struct Drain<const R: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Sums of the rows, s48.
    pub x: [Signal<In, Bits<48>>; R],
    /// Sum of the row of ones, s48.
    pub ones: Signal<In, Bits<48>>,
    /// The one that was not 0, s48.
    pub y: Signal<Out, Bits<48>>,
}

impl<const R: usize> Default for Drain<R> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            x: from_fn(|_| Default::default()),
            ones: Default::default(),
            y: Default::default(),
        }
    }
}

impl<const R: usize> Logic for Drain<R> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let joined = self.x.iter().fold(self.ones.val(), |y, x| y | x.val());
            self.y.next = joined;
        }
    }
    fn connect(&mut self) {
        self.y.connect();
    }
    fn hdl(&self) -> Verilog {
        let rows: Vec<usize> = (0..R).collect();
        let (mut registers, mut taken, mut joined) = (String::new(), String::new(), String::new());
        for (at, four) in rows.chunks(4).enumerate() {
            let names: Vec<String> = four.iter().map(|i| format!("x${i}")).collect();
            registers += &format!("reg [47:0] four_{at};\n");
            taken += &format!("  four_{at} <= {};\n", names.join(" | "));
            joined += &format!(" | four_{at}");
        }
        Verilog::Custom(format!(
            "// cell drain{R}\n\
             {registers}\
             reg [47:0] last;\n\
             always @(posedge clock) begin\n\
             {taken}\
             \x20 last <= ones;\n\
             end\n\
             always @(*) y = last{joined};\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn joins_all_rows() {
        let mut due = 0;
        Parity::new("drain6")
            .cycles(500)
            .check(
                &mut Drain::<6>::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    assert_eq!(u.y.val().to_u64(), due, "cycle {cycle}");
                    let (row, sum) = (rng.below(7) as usize, rng.corner::<48>());
                    for (i, x) in u.x.iter_mut().chain([&mut u.ones]).enumerate() {
                        x.next = if i == row { sum } else { Bits::default() };
                    }
                    due = sum.to_u64();
                },
            )
            .unwrap();
    }
}
