//! State register with synchronous reset: `q` is `d` of the cycle before, or the reset value while `reset` is high.
//! For wide data that a valid bit guards use [`Dff`](super::Dff): it needs no reset wiring.
//!
//! Latency 1. Reset state: the value given to [`Reg::new`], `T::default()` otherwise. Undefined before reset
//! (0 in simulation).
use rust_hdl::prelude::*;

/// State register with synchronous reset. Works with `dff_setup!`, which leaves `reset` to be driven.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct Reg<T: Synth> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Next value.
    pub d: Signal<In, T>,
    /// Present value.
    pub q: Signal<Out, T>,
    _reset_value: T,
}

impl<T: Synth> Reg<T> {
    /// A register that holds `reset_value` after reset.
    pub fn new(reset_value: T) -> Self {
        Self {
            _reset_value: reset_value,
            ..Default::default()
        }
    }
}

impl<T: Synth> Logic for Reg<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.q.next = if self.reset.val() {
                self._reset_value
            } else {
                self.d.val()
            };
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell reg{}\n\
             always @(posedge clock) if (reset) q <= {:x}; else q <= d;\n",
            T::BITS,
            self._reset_value.verilog()
        ))
    }
}
