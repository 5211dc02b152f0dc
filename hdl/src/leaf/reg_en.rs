//! Register with synchronous reset and clock enable: takes `d` when `enable` is high, otherwise holds. For operand and
//! pipeline registers that must stop; where the kernel already computes the next state, [`Reg`](super::Reg) is shorter.
//!
//! Latency 1. Reset (which wins over enable) gives the value passed to [`RegEn::new`], `T::default()` otherwise.
use rust_hdl::prelude::*;

/// Register with synchronous reset and clock enable.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct RegEn<T: Synth> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Take `d` at this edge.
    pub enable: Signal<In, Bit>,
    /// Next value.
    pub d: Signal<In, T>,
    /// Present value.
    pub q: Signal<Out, T>,
    _reset_value: T,
}

impl<T: Synth> RegEn<T> {
    /// A register that holds `reset_value` after reset.
    pub fn new(reset_value: T) -> Self {
        Self {
            _reset_value: reset_value,
            ..Default::default()
        }
    }
}

impl<T: Synth> Logic for RegEn<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.reset.val() {
                self.q.next = self._reset_value;
            } else if self.enable.val() {
                self.q.next = self.d.val();
            }
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell reg_en{}\n\
             always @(posedge clock) if (reset) q <= {:x}; else if (enable) q <= d;\n",
            T::BITS,
            self._reset_value.verilog()
        ))
    }
}
