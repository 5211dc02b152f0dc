//! A column of the compact array: four 8-bit weights, their products with four operands, and the sum of the four. It has no
//! accumulator: sums over time are made in accumulator memory for all dataflows, which saves 32 bits a cell (decision 016). Leaf cell.
//!
//! `take[r]` loads weight r: lane `own` of the word, or with `transpose` its lane r. `sum` (s18, exact) is that of `x` two cycles
//! ago. One sum a cycle. No reset: nothing is used before weights were taken.
use rust_hdl::prelude::*;

/// Column of four cells.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Column {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Weights to load, bit r for weight r.
    pub take: Signal<In, Bits<4>>,
    /// Weight r is lane r.
    pub transpose: Signal<In, Bit>,
    /// Lane of this column, s8.
    pub own: Signal<In, Bits<8>>,
    /// Lanes of the word, s8.
    pub lane: [Signal<In, Bits<8>>; 4],
    /// Operands, s8.
    pub x: [Signal<In, Bits<8>>; 4],
    /// Sum of the four products, s18.
    pub sum: Signal<Out, Bits<18>>,
    _weight: [i8; 4],
    _half: [i32; 2],
}

impl Logic for Column {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let sum = self._half[0] + self._half[1];
            self.sum.next = (sum as u64 & 0x3ffff).into();
            let product =
                |r: usize| i32::from(self.x[r].val().to_u64() as i8) * i32::from(self._weight[r]);
            self._half = [product(0) + product(1), product(2) + product(3)];
            let take = self.take.val().to_u64();
            for r in 0..4 {
                if take >> r & 1 != 0 {
                    let from = if self.transpose.val() {
                        self.lane[r].val()
                    } else {
                        self.own.val()
                    };
                    self._weight[r] = from.to_u64() as i8;
                }
            }
        }
    }
    fn connect(&mut self) {
        self.sum.connect();
    }
    fn hdl(&self) -> Verilog {
        let mut text = String::from("// cell compact_column\n");
        for r in 0..4 {
            text += &format!(
                "reg signed [7:0] w{r};\n\
                 wire signed [7:0] x{r} = x$0{r};\n\
                 wire signed [15:0] p{r} = x{r} * w{r};\n"
            )
            .replace("$0", "$");
        }
        text += "reg signed [16:0] h0;\n\
                 reg signed [16:0] h1;\n\
                 always @(posedge clock) begin\n\
                 \x20 h0 <= p0 + p1;\n\
                 \x20 h1 <= p2 + p3;\n\
                 \x20 sum <= {h0[16], h0} + {h1[16], h1};\n";
        for r in 0..4 {
            text += &format!("  if (take[{r}]) w{r} <= transpose ? lane${r} : own;\n");
        }
        Verilog::Custom(text + "end\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity_and_sums() {
        let mut weight = [0i32; 4];
        let mut sums = [0i32; 3];
        Parity::new("compact_column")
            .cycles(3000)
            .all_move_but(&[])
            .check(
                &mut Column::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if cycle > 10 {
                        assert_eq!(u.sum.val().to_u64(), sums[0] as u64 & 0x3ffff);
                    }
                    let take = if cycle < 4 { 1 << cycle } else { rng.below(80) };
                    u.take.next = (take & 15).into();
                    u.transpose.next = rng.chance(50);
                    u.own.next = rng.corner();
                    u.lane.iter_mut().for_each(|l| l.next = rng.corner());
                    u.x.iter_mut().for_each(|x| x.next = rng.corner());
                    let s8 = |v: Bits<8>| i32::from(v.to_u64() as i8);
                    sums = [
                        sums[1],
                        (0..4).map(|r| weight[r] * s8(u.x[r].next)).sum(),
                        0,
                    ];
                    for (r, weight) in weight.iter_mut().enumerate() {
                        if (take >> r) & 1 != 0 {
                            let lane = if u.transpose.next {
                                u.lane[r].next
                            } else {
                                u.own.next
                            };
                            *weight = s8(lane);
                        }
                    }
                },
            )
            .unwrap();
    }
}
