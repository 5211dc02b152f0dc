//! One line of memory, 64 bytes as eight beats of eight, each byte with its own write enable. Not a cache: tag and state
//! are the [`LineBridge`](super::LineBridge)'s.
//!
//! Ports: `beat` names the beat read and written; `read_data` is it, in the same cycle; `write_data` goes, at the edge, to
//! the bytes whose bit of `write_bytes` is high. No reset: contents are undefined at power-up (0 in simulation).
use crate::leaf::LutRam;
use rust_hdl::prelude::*;

/// A line of 64 bytes.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct LineBuffer {
    pub clock: Signal<In, Clock>,
    pub beat: Signal<In, Bits<3>>,
    pub write_data: Signal<In, Bits<64>>,
    pub write_bytes: Signal<In, Bits<8>>,
    pub read_data: Signal<Out, Bits<64>>,
    byte0: LutRam<Bits<8>, 3>,
    byte1: LutRam<Bits<8>, 3>,
    byte2: LutRam<Bits<8>, 3>,
    byte3: LutRam<Bits<8>, 3>,
    byte4: LutRam<Bits<8>, 3>,
    byte5: LutRam<Bits<8>, 3>,
    byte6: LutRam<Bits<8>, 3>,
    byte7: LutRam<Bits<8>, 3>,
}

impl Logic for LineBuffer {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, byte0, byte1, byte2, byte3, byte4, byte5, byte6, byte7);
        self.byte0.read_address.next = self.beat.val();
        self.byte0.write_address.next = self.beat.val();
        self.byte0.write_enable.next = self.write_bytes.val().get_bit(0);
        self.byte0.write_data.next = self.write_data.val().get_bits::<8>(0);
        self.byte1.read_address.next = self.beat.val();
        self.byte1.write_address.next = self.beat.val();
        self.byte1.write_enable.next = self.write_bytes.val().get_bit(1);
        self.byte1.write_data.next = self.write_data.val().get_bits::<8>(8);
        self.byte2.read_address.next = self.beat.val();
        self.byte2.write_address.next = self.beat.val();
        self.byte2.write_enable.next = self.write_bytes.val().get_bit(2);
        self.byte2.write_data.next = self.write_data.val().get_bits::<8>(16);
        self.byte3.read_address.next = self.beat.val();
        self.byte3.write_address.next = self.beat.val();
        self.byte3.write_enable.next = self.write_bytes.val().get_bit(3);
        self.byte3.write_data.next = self.write_data.val().get_bits::<8>(24);
        self.byte4.read_address.next = self.beat.val();
        self.byte4.write_address.next = self.beat.val();
        self.byte4.write_enable.next = self.write_bytes.val().get_bit(4);
        self.byte4.write_data.next = self.write_data.val().get_bits::<8>(32);
        self.byte5.read_address.next = self.beat.val();
        self.byte5.write_address.next = self.beat.val();
        self.byte5.write_enable.next = self.write_bytes.val().get_bit(5);
        self.byte5.write_data.next = self.write_data.val().get_bits::<8>(40);
        self.byte6.read_address.next = self.beat.val();
        self.byte6.write_address.next = self.beat.val();
        self.byte6.write_enable.next = self.write_bytes.val().get_bit(6);
        self.byte6.write_data.next = self.write_data.val().get_bits::<8>(48);
        self.byte7.read_address.next = self.beat.val();
        self.byte7.write_address.next = self.beat.val();
        self.byte7.write_enable.next = self.write_bytes.val().get_bit(7);
        self.byte7.write_data.next = self.write_data.val().get_bits::<8>(56);
        self.read_data.next = bit_cast::<64, 8>(self.byte0.read_data.val())
            | (bit_cast::<64, 8>(self.byte1.read_data.val()) << 8)
            | (bit_cast::<64, 8>(self.byte2.read_data.val()) << 16)
            | (bit_cast::<64, 8>(self.byte3.read_data.val()) << 24)
            | (bit_cast::<64, 8>(self.byte4.read_data.val()) << 32)
            | (bit_cast::<64, 8>(self.byte5.read_data.val()) << 40)
            | (bit_cast::<64, 8>(self.byte6.read_data.val()) << 48)
            | (bit_cast::<64, 8>(self.byte7.read_data.val()) << 56);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn agrees_with_its_verilog_and_keeps_bytes() {
        let mut kept = [[0u8; 8]; 8];
        let mut written: Option<(usize, u64, u8)> = None;
        Parity::new("line_buffer")
            .cycles(2000)
            .all_move_but(&[])
            .check(
                &mut LineBuffer::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    if let Some((beat, data, bytes)) = written.take() {
                        // After the edge: with what it wrote.
                        let found = u.read_data.val().to_u64();
                        for i in (0..8).filter(|i| bytes >> i & 1 == 1) {
                            kept[beat][i] = data.to_le_bytes()[i];
                        }
                        let wanted = u64::from_le_bytes(kept[beat]);
                        assert!(found == wanted, "beat {beat}: {found:x}, not {wanted:x}");
                    }
                    let (beat, data, bytes) = (rng.below(8), rng.word(), rng.word() as u8);
                    u.beat.next = beat.into();
                    u.write_data.next = data.into();
                    u.write_bytes.next = u64::from(bytes).into();
                    written = Some((beat as usize, data, bytes));
                },
            )
            .unwrap();
    }
}
