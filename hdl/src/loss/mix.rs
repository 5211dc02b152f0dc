//! Leaf: the gradient of one class with a soft target: (share·a + (32768 − share)·b + 2^14) >> 15, where a = min(p − q, 32767) and b is the
//! gradient of the label. One multiplier: share·(a − b) + b·2^15.
//!
//! Ports: `keep` takes `target` (q, s16) and `hard` (b, s16) of a class; `p` (Q0.15, not negative) of that class stands here a cycle or two after
//! them; `share` (u16, up to 32768). `p_late` and `g` three cycles after `p`. One a cycle, no stall, no reset (a valid bit travels beside it).
use rust_hdl::prelude::*;
use tandem_isa::numerics::{clamp_q, mixed};

/// Cycles from `p` to `g`.
pub const MIX_LATENCY: usize = 3;

/// Mean of a soft and a hard gradient, pipelined.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Mix {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take target and hard gradient.
    pub keep: Signal<In, Bit>,
    /// Soft target of the class.
    pub target: Signal<In, Bits<16>>,
    /// Its gradient for the label.
    pub hard: Signal<In, Bits<16>>,
    /// Its probability.
    pub p: Signal<In, Bits<16>>,
    /// Weight of the soft target.
    pub share: Signal<In, Bits<16>>,
    /// The probability again.
    pub p_late: Signal<Out, Bits<16>>,
    /// Gradient.
    pub g: Signal<Out, Bits<16>>,
    _kept: (i16, i16),
    _parts: (i16, i16, u64),
    _mixed: (i16, u64),
}

impl Logic for Mix {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (target, hard) = self._kept;
            let p = self.p.val().to_u64();
            self.g.next = u64::from(self._mixed.0 as u16).into();
            self.p_late.next = self._mixed.1.into();
            let (a, b, p_before) = self._parts;
            self._mixed = (mixed(a, b, self.share.val().to_u64() as u16), p_before);
            self._parts = (clamp_q(p as i64 - i64::from(target)), hard, p);
            if self.keep.val() {
                let word = |v: Bits<16>| v.to_u64() as i16;
                self._kept = (word(self.target.val()), word(self.hard.val()));
            }
        }
    }
    fn connect(&mut self) {
        self.p_late.connect();
        self.g.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "// cell mix\n\
             reg [15:0] q, b0, b1, b2, p1, p2;\n\
             // p is not negative, so p - q leaves 16 bits upwards alone.\n\
             wire [16:0] apart = {1'b0, p} - {q[15], q};\n\
             wire [15:0] a = (apart[16:15] == 2'b01) ? 16'd32767 : apart[15:0];\n\
             reg signed [16:0] difference;\n\
             wire signed [16:0] factor = {1'b0, share};\n\
             reg signed [33:0] product;\n\
             // b times 2^15, and the half that rounds.\n\
             wire [33:0] sum = product + {{3{b2[15]}}, b2, 15'd16384};\n\
             always @(posedge clock) begin\n\
               if (keep) begin\n\
                 q <= target;\n\
                 b0 <= hard;\n\
               end\n\
               difference <= {a[15], a} - {b0[15], b0};\n\
               b1 <= b0;\n\
               p1 <= p;\n\
               product <= difference * factor;\n\
               b2 <= b1;\n\
               p2 <= p1;\n\
               g <= sum[30:15];\n\
               p_late <= p2;\n\
             end\n"
                .into(),
        )
    }
}
