//! Data register without reset: `q` is `d` of the cycle before. For data that a valid bit guards;
//! anything that decides what happens next belongs in [`Reg`](super::Reg).
//!
//! Latency 1, one word a cycle. Undefined at power-up (0 in simulation).
use rust_hdl::prelude::*;

/// Data register without reset. Works with `dff_setup!`.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Dff<T: Synth> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Next value.
    pub d: Signal<In, T>,
    /// Present value.
    pub q: Signal<Out, T>,
}

impl<T: Synth> Logic for Dff<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.q.next = self.d.val();
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell dff{}\n\
             always @(posedge clock) q <= d;\n",
            T::BITS
        ))
    }
}
