//! Scratchpad read by whole words: pads A, V, O, Z and G. For pad B, whose blocks are read by rows and by columns, use
//! [`SkewPad`](super::SkewPad).
//!
//! Ports: write {`we`, `waddr`, `wdata`}, read {`raddr`} → `rdata` one cycle later, both every cycle. A read and a write of
//! one address in the same cycle give an undefined word (the old one in simulation): tokens order the units. Contents survive reset and are undefined at power-up (0 in simulation).
//! 2^AW words. Leaf cell: its lanes share their addresses and are one memory, which synthesis splits into blocks as it
//! likes, and which simulates as one access instead of L.
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Scratchpad of `2^AW` words of `L` lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct LanePad<const AW: usize, const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Write at this edge.
    pub we: Signal<In, Bit>,
    /// Word to write.
    pub waddr: Signal<In, Bits<AW>>,
    /// Its lanes.
    pub wdata: [Signal<In, Bits<16>>; L],
    /// Word to read.
    pub raddr: Signal<In, Bits<AW>>,
    /// Its lanes, one cycle later.
    pub rdata: [Signal<Out, Bits<16>>; L],
    _words: Vec<[Bits<16>; L]>,
}

impl<const AW: usize, const L: usize> Default for LanePad<AW, L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            we: Default::default(),
            waddr: Default::default(),
            wdata: from_fn(|_| Default::default()),
            raddr: Default::default(),
            rdata: from_fn(|_| Default::default()),
            _words: vec![[Bits::default(); L]; 1 << AW],
        }
    }
}

impl<const AW: usize, const L: usize> Logic for LanePad<AW, L> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let word = self._words[self.raddr.val().to_u64() as usize];
            for (port, lane) in self.rdata.iter_mut().zip(word) {
                port.next = lane;
            }
            if self.we.val() {
                let at = self.waddr.val().to_u64() as usize;
                self._words[at] = from_fn(|i| self.wdata[i].val());
            }
        }
    }
    fn connect(&mut self) {
        self.rdata.iter_mut().for_each(|port| port.connect());
    }
    fn hdl(&self) -> Verilog {
        let top = 16 * L - 1;
        let lanes: Vec<String> = (0..L).rev().map(|i| format!("wdata${i}")).collect();
        let mut text = format!(
            "// cell lane_pad{}x{L}\n\
             (* no_rw_check *) reg [{top}:0] mem [0:{}];\n\
             reg [{top}:0] word;\n\
             always @(posedge clock) begin\n\
             \x20 word <= mem[raddr];\n\
             \x20 if (we) mem[waddr] <= {{{}}};\n\
             end\n\
             always @(*) begin\n",
            1usize << AW,
            (1usize << AW) - 1,
            lanes.join(", ")
        );
        for i in 0..L {
            text += &format!("  rdata${i} = word[{}:{}];\n", 16 * i + 15, 16 * i);
        }
        Verilog::Custom(text + "end\n")
    }
}
