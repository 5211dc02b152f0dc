//! The 64 bytes of a command as one 512-bit word, byte 0 in bits 7:0, and back. For simulation and tests; hardware has wires.
use rust_hdl::prelude::*;
use tandem_isa::command::COMMAND_BYTES;

/// Bytes to word.
pub fn pack(bytes: &[u8; COMMAND_BYTES]) -> Bits<512> {
    let mut word = Bits::<512>::default();
    for (i, byte) in bytes.iter().enumerate() {
        for bit in 0..8 {
            if byte >> bit & 1 == 1 {
                word = word.replace_bit(8 * i + bit, true);
            }
        }
    }
    word
}

/// Word to bytes.
pub fn unpack(word: Bits<512>) -> [u8; COMMAND_BYTES] {
    std::array::from_fn(|i| word.get_bits::<8>(8 * i).to_u64() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let bytes = std::array::from_fn(|i| (i as u8).wrapping_mul(37) ^ 0x5a);
        let word = pack(&bytes);
        assert_eq!(
            word.get_bits::<16>(8).to_u64(),
            u64::from(bytes[2]) << 8 | u64::from(bytes[1])
        );
        assert_eq!(unpack(word), bytes);
    }
}
