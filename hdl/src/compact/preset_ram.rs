//! Block RAM with contents from the bitstream: programs, constants and tables of the compact engine. Without contents use
//! [`Ram`](crate::leaf::Ram).
//!
//! One write and one synchronous read port, one clock. A read and a write of one address in the same cycle give the **old**
//! word; `read_data` is valid one cycle after `read_enable` and holds while it is low. Contents survive reset: what a program
//! has overwritten stays overwritten until the device is configured again. Words past the given ones are 0.
use rust_hdl::prelude::*;

/// Block RAM of `2^AW` words of 16 bits that starts with given contents.
#[derive(Clone, Debug, LogicBlock)]
pub struct PresetRam<const AW: usize> {
    /// Clock of both ports, rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, Bits<AW>>,
    /// Read at this edge; `read_data` holds otherwise.
    pub read_enable: Signal<In, Bit>,
    /// The word read, one cycle later.
    pub read_data: Signal<Out, Bits<16>>,
    /// Word to write.
    pub write_address: Signal<In, Bits<AW>>,
    /// Write at this edge.
    pub write_enable: Signal<In, Bit>,
    /// Value to write.
    pub write_data: Signal<In, Bits<16>>,
    _words: Vec<u16>,
}

impl<const AW: usize> PresetRam<AW> {
    /// A RAM that starts with `contents`; words past `2^AW` are dropped.
    pub fn new(contents: &[u16]) -> Self {
        let mut words = contents.to_vec();
        words.resize(1 << AW, 0);
        Self {
            clock: Default::default(),
            read_address: Default::default(),
            read_enable: Default::default(),
            read_data: Default::default(),
            write_address: Default::default(),
            write_enable: Default::default(),
            write_data: Default::default(),
            _words: words,
        }
    }
}

impl<const AW: usize> Default for PresetRam<AW> {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl<const AW: usize> Logic for PresetRam<AW> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.read_enable.val() {
                let at = self.read_address.val().to_u64() as usize;
                self.read_data.next = u64::from(self._words[at]).into();
            }
            if self.write_enable.val() {
                let at = self.write_address.val().to_u64() as usize;
                self._words[at] = self.write_data.val().to_u64() as u16;
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let last = self._words.len() - 1;
        let mut text = format!(
            "// cell preset_ram{}\n\
             reg [15:0] mem [0:{last}];\n\
             always @(posedge clock) begin\n\
             \x20 if (read_enable) read_data <= mem[read_address];\n\
             \x20 if (write_enable) mem[write_address] <= write_data;\n\
             end\n\
             initial begin\n",
            self._words.len()
        );
        for (at, word) in self._words.iter().enumerate() {
            text += &format!("  mem[{at}] = 16'h{word:04x};\n");
        }
        Verilog::Custom(text + "end\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity() {
        let mut ram = PresetRam::<5>::new(&[3, 0x8000, 0xffff, 77]);
        Parity::new("preset_ram")
            .cycles(1000)
            .all_move_but(&[])
            .check(
                &mut ram,
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.read_address.next = (rng.below(32)).into();
                    u.read_enable.next = rng.chance(80);
                    u.write_address.next = (rng.below(32)).into();
                    u.write_enable.next = cycle > 100 && rng.chance(20);
                    u.write_data.next = rng.corner();
                    if (1..100).contains(&cycle) {
                        assert!([0, 3, 0x8000, 0xffff, 77].contains(&u.read_data.val().to_u64()));
                    }
                },
            )
            .unwrap();
    }
}
