//! Small RAM with a combinational read port, for queues and tables of a few dozen words. Deeper than 64 words use
//! [`Ram`](super::Ram): this one is made of look-up tables.
//!
//! Write latency 1, read latency 0; the read sees a write in the cycle after it. Contents survive reset and are
//! undefined at power-up (0 in simulation).
use rust_hdl::prelude::*;

/// RAM of `2^AW` words read in the same cycle.
#[derive(Clone, Debug, LogicBlock)]
pub struct LutRam<T: Synth, const AW: usize> {
    /// Clock of the write port, rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, Bits<AW>>,
    /// The word at `read_address`, in the same cycle.
    pub read_data: Signal<Out, T>,
    /// Word to write.
    pub write_address: Signal<In, Bits<AW>>,
    /// Write at this edge.
    pub write_enable: Signal<In, Bit>,
    /// Value to write.
    pub write_data: Signal<In, T>,
    _words: Vec<T>,
}

impl<T: Synth, const AW: usize> Default for LutRam<T, AW> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_address: Default::default(),
            write_enable: Default::default(),
            write_data: Default::default(),
            _words: vec![T::default(); 1 << AW],
        }
    }
}

impl<T: Synth, const AW: usize> Logic for LutRam<T, AW> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.write_enable.val() {
            let at = self.write_address.val().to_u64() as usize;
            self._words[at] = self.write_data.val();
        }
        let at = self.read_address.val().to_u64() as usize;
        self.read_data.next = self._words[at];
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell lut_ram{}x{}\n\
             reg [{}:0] mem [0:{}];\n\
             always @(posedge clock) if (write_enable) mem[write_address] <= write_data;\n\
             always @(*) read_data = mem[read_address];\n",
            1usize << AW,
            T::BITS,
            T::BITS - 1,
            (1usize << AW) - 1
        ))
    }
}
