//! Parts the link's one master port into one for registers and one for memory. For a slave that takes both leave it out.
//!
//! Ports: `request_valid`, `request_memory`, `request_ready`, `response_*` towards the link; `register_*` and `memory_*` towards the two.
//! Address, data and write go to both directly. Combinational, no state.
use rust_hdl::prelude::*;

/// One port to two.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct PortSplit {
    pub request_valid: Signal<In, Bit>,
    pub request_memory: Signal<In, Bit>,
    pub request_ready: Signal<Out, Bit>,
    pub response_data: Signal<Out, Bits<32>>,
    pub response_error: Signal<Out, Bit>,
    pub register_valid: Signal<Out, Bit>,
    pub register_ready: Signal<In, Bit>,
    pub register_data: Signal<In, Bits<32>>,
    pub register_error: Signal<In, Bit>,
    pub memory_valid: Signal<Out, Bit>,
    pub memory_ready: Signal<In, Bit>,
    pub memory_data: Signal<In, Bits<32>>,
    pub memory_error: Signal<In, Bit>,
}

impl Logic for PortSplit {
    #[hdl_gen]
    fn update(&mut self) {
        self.register_valid.next = self.request_valid.val() & !self.request_memory.val();
        self.memory_valid.next = self.request_valid.val() & self.request_memory.val();
        self.request_ready.next = self.register_ready.val();
        self.response_data.next = self.register_data.val();
        self.response_error.next = self.register_error.val();
        if self.request_memory.val() {
            self.request_ready.next = self.memory_ready.val();
            self.response_data.next = self.memory_data.val();
            self.response_error.next = self.memory_error.val();
        }
    }
}
