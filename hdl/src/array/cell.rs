//! The array's cell: one multiplier, one 48-bit adder, both dataflows. Leaf cell; for a multiplier outside the array use
//! [`MulSigned`](crate::leaf::MulSigned).
//!
//! | register | takes |
//! |---|---|
//! | `a_out` | `a_in` (operand, on its way right) |
//! | `b_out` | `b_in` when `shift` (spare weight; output-stationary: operand on its way down, `shift` stays high) |
//! | operand | weight-stationary: `b_out` when `swap`; output-stationary: `b_out` |
//! | product | `a_out` × operand, s16 × s16 → s32 |
//! | `sum_out` | weight-stationary: `sum_in` + product; output-stationary: `clear` ? 0 : itself + product |
//! | `drain_out` | output-stationary and `capture`: `sum_out` + product, for one cycle; otherwise 0 |
//!
//! Both multiplier inputs and its output are registers, so that a DSP block can hold all three. `swap` goes with the first `a_in`
//! of a pass; `clear` with the product before the first of a pass; `capture` with the last product, whose sum goes straight to the drain:
//! so the sum is cleared by its register's own reset, not by gates in front of the adder, and the drain likewise: the sums of a column are brought together
//! by [`Drain`](super::Drain). Sums wrap at 48 bits. Everything but the drain holds while `run` is low. One product a cycle, latency 3. No reset: the accumulators take sums that control marked as valid only.
//!
//! Where `TANDEM_ECP5` is defined its Verilog names the part's own blocks (no tool moves registers into them): a MULT18X18D with its three registers, and a carry chain
//! whose tables choose between the two sums they add to. 48 LUTs, all of the carry chain, 128 flip-flops a cell there.
use crate::leaf::ecp5;
use rust_hdl::prelude::*;

/// One multiply-accumulate cell.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Cell {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move at this edge.
    pub run: Signal<In, Bit>,
    /// Output-stationary.
    pub keep: Signal<In, Bit>,
    /// Take `b_in`.
    pub shift: Signal<In, Bit>,
    /// The spare weight becomes the operand.
    pub swap: Signal<In, Bit>,
    /// The next product is the first of its sum.
    pub clear: Signal<In, Bit>,
    /// The product is the last of its sum.
    pub capture: Signal<In, Bit>,
    /// Operand from the left, s16.
    pub a_in: Signal<In, Bits<16>>,
    /// Weight or operand from above, s16.
    pub b_in: Signal<In, Bits<16>>,
    /// Partial sum from above, s48.
    pub sum_in: Signal<In, Bits<48>>,
    /// Operand to the right.
    pub a_out: Signal<Out, Bits<16>>,
    /// Weight or operand to the row below.
    pub b_out: Signal<Out, Bits<16>>,
    /// Partial sum to the row below.
    pub sum_out: Signal<Out, Bits<48>>,
    /// Finished sum to the row above.
    pub drain_out: Signal<Out, Bits<48>>,
    _operand: i16,
    _product: i32,
}

const SUM: u64 = (1 << 48) - 1;

impl Logic for Cell {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        self.drain_out.next = Bits::default();
        if self.run.val() {
            let (a, b, sum) = (
                self.a_out.val().to_u64() as i16,
                self.b_out.val(),
                self.sum_out.val().to_u64(),
            );
            let keep = self.keep.val();
            let base = if keep {
                sum
            } else {
                self.sum_in.val().to_u64()
            };
            let total = base.wrapping_add(i64::from(self._product) as u64) & SUM;
            self.sum_out.next = match keep && self.clear.val() {
                true => Bits::default(),
                false => total.into(),
            };
            if keep && self.capture.val() {
                self.drain_out.next = total.into();
            }
            self._product = i32::from(a) * i32::from(self._operand);
            if keep || self.swap.val() {
                self._operand = b.to_u64() as i16;
            }
            self.a_out.next = self.a_in.val();
            if self.shift.val() {
                self.b_out.next = self.b_in.val();
            }
        }
    }
    fn connect(&mut self) {
        self.a_out.connect();
        self.b_out.connect();
        self.sum_out.connect();
        self.drain_out.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell mac\n\
             wire take_operand;\n\
             wire [31:0] product;\n\
             wire [47:0] total;\n\
             assign take_operand = run & (keep | swap);\n\
             `ifdef TANDEM_ECP5\n\
             wire [47:0] addend;\n\
             assign addend = {{{{16{{product[31]}}}}, product}};\n\
             {}{}\
             `else\n\
             reg signed [15:0] operand;\n\
             reg signed [31:0] product_r;\n\
             assign product = product_r;\n\
             always @(posedge clock) begin\n\
             \x20 if (take_operand) operand <= b_out;\n\
             \x20 if (run) product_r <= $signed(a_out) * operand;\n\
             end\n\
             assign total = (keep ? sum_out : sum_in) + {{{{16{{product[31]}}}}, product}};\n\
             `endif\n\
             always @(posedge clock) if (run) begin\n\
             \x20 a_out <= a_in;\n\
             \x20 if (shift) b_out <= b_in;\n\
             \x20 sum_out <= (keep & clear) ? 48'd0 : total;\n\
             end\n\
             always @(posedge clock) drain_out <= (run & keep & capture) ? total : 48'd0;\n",
            ecp5::multiplier("a_in", "run", "b_out", "take_operand", "run"),
            ecp5::choose_and_add("total", "addend", "keep", "sum_out", "sum_in")
        ))
    }
}

#[cfg(test)]
#[path = "cell_tests.rs"]
mod tests;
