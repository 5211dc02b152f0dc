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
    /// f_z + 2, two's complement; constant while classes are under way.
    pub shift: Signal<In, Bits<10>>,
    /// Result.
    pub e: Signal<Out, Bits<16>>,
    _operands: (u32, u32),
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
            _operands: (0, 0),
            _y: EXP_TABLE[0],
        }
    }
}

impl Logic for Exp {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let shift = self.shift.val().to_u64() as i32;
            let shift = if shift >= 512 { shift - 1024 } else { shift };
            let (d, c) = self._operands;
            self.e.next = (self._y as u64).into();
            self._y = exp_step(d, shift - 2, c);
            self._operands = (self.d.val().to_u64() as u32, self.c.val().to_u64() as u32);
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
             wire negative = shift[9];\n\
             wire [9:0] left = ~shift + 10'd1;\n\
             wire [58:0] raised = {{18'd0, t}} << (left > 10'd18 ? 10'd18 : left);\n\
             wire [40:0] lowered = shift > 10'd40 ? 41'd0 : t >> shift;\n\
             wire over = negative ? (raised > 59'd126976) : (lowered > 41'd126976);\n\
             wire [16:0] chosen = negative ? raised[16:0] : lowered[16:0];\n\
             always @(posedge clock) begin\n\
               t <= d * c;\n\
               u <= over ? 17'd126976 : chosen;\n\
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
