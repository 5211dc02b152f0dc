//! The words of a [`Program`], read in the same cycle. Not for tables that the host writes: those are a
//! [`LutRam`](crate::leaf::LutRam).
//!
//! Ports: `place`, `word`. Latency 0; no state.
use super::program::{Program, PLACE, WORD};
use rust_hdl::prelude::*;
use std::fmt::Write;

/// The program's words.
#[derive(LogicBlock)]
pub struct Rom {
    /// Which word.
    pub place: Signal<In, Bits<PLACE>>,
    /// The word.
    pub word: Signal<Out, Bits<WORD>>,
    _words: Vec<u32>,
}

impl Rom {
    /// The words of that program.
    pub fn new(program: &Program) -> Self {
        Self {
            place: Default::default(),
            word: Default::default(),
            _words: program.words.clone(),
        }
    }
}

impl Logic for Rom {
    fn update(&mut self) {
        let place = self.place.val().to_u64() as usize;
        self.word.next = u64::from(self._words.get(place).copied().unwrap_or(0)).into();
    }
    fn connect(&mut self) {
        self.word.connect();
    }
    fn hdl(&self) -> Verilog {
        let mut text = "// cell ddr_program\nalways @(*) case (place)\n".to_string();
        for (place, word) in self._words.iter().enumerate() {
            // A String takes everything.
            let _ = writeln!(text, "{PLACE}'d{place}: word = {WORD}'h{word:07x};");
        }
        let _ = writeln!(text, "default: word = {WORD}'d0;\nendcase");
        Verilog::Custom(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn parity() {
        let mut rom = Rom::new(&Program::new(100_000_000).unwrap());
        Parity::new("ddr_rom")
            .cycles(300)
            .all_move_but(&[])
            .check_combinational(&mut rom, |u, _, cycle| {
                u.place.next = (cycle as u64 & 127).into();
            })
            .unwrap();
    }
}
