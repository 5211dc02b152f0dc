//! Block RAM: one write port, one synchronous read port, one clock. A read and a write of one address in the same
//! cycle give the **old** word, which costs registers besides the block: [`Ram::apart`] does without. For a few words read in the same cycle use [`LutRam`](super::LutRam).
//!
//! `read_data` is valid one cycle after `read_enable` and holds while it is low. Contents survive reset and are
//! undefined at power-up (0 in simulation). Addresses at or past the depth are the caller's error: a read gives 0,
//! a write does nothing, and synthesis may do otherwise.
use rust_hdl::prelude::*;

/// Block RAM of `2^AW` words at most.
#[derive(Clone, Debug, LogicBlock)]
pub struct Ram<T: Synth, const AW: usize> {
    /// Clock of both ports, rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, Bits<AW>>,
    /// Read at this edge; `read_data` holds otherwise.
    pub read_enable: Signal<In, Bit>,
    /// The word read, one cycle later.
    pub read_data: Signal<Out, T>,
    /// Word to write.
    pub write_address: Signal<In, Bits<AW>>,
    /// Write at this edge.
    pub write_enable: Signal<In, Bit>,
    /// Value to write.
    pub write_data: Signal<In, T>,
    _words: Vec<T>,
    _apart: bool,
}

impl<T: Synth, const AW: usize> Ram<T, AW> {
    /// A RAM whose user never reads and writes one address in the same cycle, or never looks at what it then read:
    /// synthesis adds nothing that would keep the old word.
    pub fn apart(depth: usize) -> Self {
        Self {
            _apart: true,
            ..Self::new(depth)
        }
    }

    /// A RAM of `depth` words, brought into `1 ..= 2^AW`.
    pub fn new(depth: usize) -> Self {
        Self {
            clock: Default::default(),
            read_address: Default::default(),
            read_enable: Default::default(),
            read_data: Default::default(),
            write_address: Default::default(),
            write_enable: Default::default(),
            write_data: Default::default(),
            _words: vec![T::default(); depth.clamp(1, 1 << AW)],
            _apart: false,
        }
    }
}

impl<T: Synth, const AW: usize> Default for Ram<T, AW> {
    fn default() -> Self {
        Self::new(1 << AW)
    }
}

impl<T: Synth, const AW: usize> Logic for Ram<T, AW> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.read_enable.val() {
                let at = self.read_address.val().to_u64() as usize;
                self.read_data.next = self._words.get(at).copied().unwrap_or_default();
            }
            if self.write_enable.val() {
                let at = self.write_address.val().to_u64() as usize;
                if let Some(word) = self._words.get_mut(at) {
                    *word = self.write_data.val();
                }
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell ram{}x{}{}\n\
             {}reg [{}:0] mem [0:{}];\n\
             always @(posedge clock) begin\n\
             \x20 if (read_enable) read_data <= mem[read_address];\n\
             \x20 if (write_enable) mem[write_address] <= write_data;\n\
             end\n",
            self._words.len(),
            T::BITS,
            if self._apart { "apart" } else { "" },
            if self._apart {
                "(* no_rw_check *) "
            } else {
                ""
            },
            T::BITS - 1,
            self._words.len() - 1
        ))
    }
}
