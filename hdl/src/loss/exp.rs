//! Leaf: e^(−d/T) of numerics.md, one class a cycle. Not for other tables: sixteen steps of 2^(−i/16) with linear interpolation.
//!
//! Ports: `d` distance to the largest logit (u17), `c` temperature constant (u24), `shift` = f_z + 2 (s10); `e` (Q1.15, up to 32768)
//! three cycles later. One a cycle, no stall, no reset (a valid bit travels beside it).
use rust_hdl::prelude::*;
use tandem_isa::numerics::{exp_step, EXP_TABLE};

/// Cycles from `d` to `e`.
pub const EXP_LATENCY: usize = 3;

/// e^(−d/T), pipelined.
#[derive(Clone, Debug, LogicBlock)]
pub struct Exp {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Distance to the largest logit.
    pub d: Signal<In, Bits<17>>,
    /// Temperature constant.
    pub c: Signal<In, Bits<24>>,
    /// f_z + 2, two's complement.
    pub shift: Signal<In, Bits<10>>,
    /// Result.
    pub e: Signal<Out, Bits<16>>,
    _operands: (u32, u32, i32),
    _y: u16,
}

impl Default for Exp {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            d: Default::default(),
            c: Default::default(),
            shift: Default::default(),
            e: Default::default(),
            // Registers of 0 stand for a distance of 0.
            _operands: (0, 0, 0),
            _y: EXP_TABLE[0],
        }
    }
}

impl Logic for Exp {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let shift = self.shift.val().to_u64() as i32;
            let shift = if shift >= 512 { shift - 1024 } else { shift };
            let (d, c, z) = self._operands;
            self.e.next = (self._y as u64).into();
            self._y = exp_step(d, z - 2, c);
            self._operands = (
                self.d.val().to_u64() as u32,
                self.c.val().to_u64() as u32,
                shift,
            );
        }
    }
    fn connect(&mut self) {
        self.e.connect();
    }
    fn hdl(&self) -> Verilog {
        let mut table = String::new();
        for i in 0..16 {
            table += &format!(
                "    4'd{i}: begin high = 17'd{}; step = 17'd{}; end\n",
                EXP_TABLE[i],
                EXP_TABLE[i] - EXP_TABLE[i + 1]
            );
        }
        Verilog::Custom(format!(
            "// cell exp\n\
             reg [40:0] t;\n\
             reg [16:0] u;\n\
             reg [16:0] high, step;\n\
             reg [24:0] part;\n\
             reg [16:0] y;\n\
             // All shifts are right, from 18 bits above t: steps of 32 down to 1, of which a window of 17 bits is left.\n\
             reg [5:0] amount;\n\
             wire [9:0] lifted;\n\
             wire [58:0] raised;\n\
             reg [47:0] by32;\n\
             reg [31:0] by16;\n\
             reg [23:0] by8;\n\
             reg [19:0] by4;\n\
             reg [17:0] by2;\n\
             reg [16:0] chosen;\n\
             reg dropped;\n\
             assign lifted = shift + 10'd18;\n\
             assign raised = {{t, 18'd0}};\n\
             always @(*) begin\n\
               by32 = amount[5] ? {{21'd0, raised[58:32]}} : raised[47:0];\n\
               by16 = amount[4] ? by32[47:16] : by32[31:0];\n\
               by8 = amount[3] ? by16[31:8] : by16[23:0];\n\
               by4 = amount[2] ? by8[23:4] : by8[19:0];\n\
               by2 = amount[1] ? by4[19:2] : by4[17:0];\n\
               chosen = amount[0] ? by2[17:1] : by2[16:0];\n\
               dropped = (!amount[5] && (raised[58:48] != 11'd0)) || (!amount[4] && (by32[47:32] != 16'd0))\n\
                 || (!amount[3] && (by16[31:24] != 8'd0)) || (!amount[2] && (by8[23:20] != 4'd0))\n\
                 || (!amount[1] && (by4[19:18] != 2'd0)) || (!amount[0] && by2[17]);\n\
             end\n\
             always @(posedge clock) begin\n\
               t <= d * c;\n\
               if (shift[9]) amount <= lifted[9] ? 6'd0 : lifted[5:0];\n\
               else amount <= (shift > 10'd40) ? 6'd59 : lifted[5:0];\n\
               u <= (dropped || (chosen > 17'd126976)) ? 17'd126976 : chosen;\n\
               e <= y >> u[16:12];\n\
             end\n\
             always @(*) begin\n\
               case (u[11:8])\n{table}\
               \x20   default: begin high = 17'd0; step = 17'd0; end\n\
               endcase\n\
               part = step * u[7:0];\n\
               y = high - part[24:8];\n\
             end\n"
        ))
    }
}
