//! Program memory of the compact engine's processor: 1792 words in seven block RAMs of 4 kbit. Not for data: it cannot be written.
//!
//! `read_data` is valid one cycle after `read_enable` and holds while it is low. Words past the last are the last 256 again.
use super::PresetRam;
use crate::leaf::DffEn;
use rust_hdl::prelude::*;

/// Words of program memory.
pub const CODE_WORDS: usize = 1024 + 512 + 256;

/// Read-only memory of [`CODE_WORDS`] words.
#[derive(LogicBlock, Default)]
pub struct Code {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, Bits<11>>,
    /// Read at this edge.
    pub read_enable: Signal<In, Bit>,
    /// The word read, one cycle later.
    pub read_data: Signal<Out, Bits<16>>,
    low: PresetRam<10>,
    middle: PresetRam<9>,
    high: PresetRam<8>,
    part: DffEn<Bits<2>>,
}

impl Code {
    /// A memory of `program`; words past [`CODE_WORDS`] are dropped.
    pub fn new(program: &[u16]) -> Self {
        let mut words = program.to_vec();
        words.resize(CODE_WORDS, 0);
        Self {
            low: PresetRam::new(&words[..1024]),
            middle: PresetRam::new(&words[1024..1536]),
            high: PresetRam::new(&words[1536..]),
            ..Default::default()
        }
    }
}

impl Logic for Code {
    #[hdl_gen]
    fn update(&mut self) {
        self.part.clock.next = self.clock.val();
        self.part.enable.next = self.read_enable.val();
        self.part.d.next = self.read_address.val().get_bits::<2>(9);
        self.low.clock.next = self.clock.val();
        self.low.read_enable.next = self.read_enable.val();
        self.low.read_address.next = self.read_address.val().get_bits::<10>(0);
        self.low.write_enable.next = false;
        self.low.write_address.next = 0.into();
        self.low.write_data.next = 0.into();
        self.middle.clock.next = self.clock.val();
        self.middle.read_enable.next = self.read_enable.val();
        self.middle.read_address.next = self.read_address.val().get_bits::<9>(0);
        self.middle.write_enable.next = false;
        self.middle.write_address.next = 0.into();
        self.middle.write_data.next = 0.into();
        self.high.clock.next = self.clock.val();
        self.high.read_enable.next = self.read_enable.val();
        self.high.read_address.next = self.read_address.val().get_bits::<8>(0);
        self.high.write_enable.next = false;
        self.high.write_address.next = 0.into();
        self.high.write_data.next = 0.into();
        self.read_data.next = self.low.read_data.val();
        if self.part.q.val() == 2 {
            self.read_data.next = self.middle.read_data.val();
        }
        if self.part.q.val() == 3 {
            self.read_data.next = self.high.read_data.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity_and_words() {
        let program: Vec<u16> = (0..CODE_WORDS as u32)
            .map(|i| ((i * 40503) >> 3) as u16)
            .collect();
        let mut asked = None;
        Parity::new("compact_code")
            .cycles(3000)
            .all_move_but(&[])
            .check(
                &mut Code::new(&program),
                |u| &mut u.clock,
                |u, rng, _| {
                    if let Some(at) = asked {
                        assert_eq!(u.read_data.val().to_u64(), u64::from(program[at]));
                    }
                    let at = rng.below(CODE_WORDS as u64);
                    u.read_address.next = at.into();
                    u.read_enable.next = rng.chance(80);
                    if u.read_enable.next {
                        asked = Some(at as usize);
                    }
                },
            )
            .unwrap();
    }
}
