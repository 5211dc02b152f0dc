//! Data register with clock enable and without reset: takes `d` when `enable` is high, otherwise holds. For data that a
//! valid bit guards; with a reset use [`RegEn`](super::RegEn), without an enable [`Dff`](super::Dff).
//!
//! Latency 1, one word a cycle. Undefined at power-up (0 in simulation). A register that holds by feeding itself back
//! through its kernel simulates slower than this one, which is left alone while `enable` is low.
use rust_hdl::prelude::*;

/// Data register with clock enable and without reset.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct DffEn<T: Synth> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take `d` at this edge.
    pub enable: Signal<In, Bit>,
    /// Next value.
    pub d: Signal<In, T>,
    /// Present value.
    pub q: Signal<Out, T>,
}

impl<T: Synth> Logic for DffEn<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            self.q.next = self.d.val();
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell dff_en{}\n\
             always @(posedge clock) if (enable) q <= d;\n",
            T::BITS
        ))
    }
}
