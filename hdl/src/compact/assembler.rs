//! Assembler of the [`Processor`](super::Processor): a builder with a method for each instruction, labels by name, and checks of
//! every operand. Not a text language: firmware is Rust, so that numbers shared with the host come from `tandem_isa`.
use std::collections::BTreeMap;

/// Words that a program may have.
pub const PROGRAM_WORDS: usize = 1792;

/// What an instruction works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// The data word at this address.
    At(u8),
    /// The data word at this address OR X.
    Indexed(u8),
    /// A number below 512.
    Number(u16),
}

impl Operand {
    /// The data word `offset` after it. Numbers grow by it.
    pub fn plus(self, offset: u8) -> Operand {
        match self {
            Operand::At(a) => Operand::At(a.wrapping_add(offset)),
            Operand::Indexed(a) => Operand::Indexed(a.wrapping_add(offset)),
            Operand::Number(n) => Operand::Number(n + u16::from(offset)),
        }
    }
}

/// Why a program cannot be assembled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssemblerError {
    /// A label that no instruction has.
    #[error("firmware word {at}: label `{label}` is nowhere, expected a name given to label()")]
    Unknown {
        /// Instruction that wants it.
        at: usize,
        /// The label.
        label: String,
    },
    /// A label twice.
    #[error("firmware word {at}: label `{label}` stands a second time; rename one")]
    Twice {
        /// Its second place.
        at: usize,
        /// The label.
        label: String,
    },
    /// A number that does not fit, or a store to a number.
    #[error("firmware word {at}: operand {operand:?} of {instruction}, expected a data word{or}")]
    Operand {
        /// The instruction's place.
        at: usize,
        /// Its name.
        instruction: &'static str,
        /// Its operand.
        operand: Operand,
        /// What else would do.
        or: &'static str,
    },
    /// Too many instructions.
    #[error("the firmware has {found} words, expected at most {limit}; leave something out")]
    Long {
        /// Words found.
        found: usize,
        /// Words there are.
        limit: usize,
    },
}

/// A program under way.
#[derive(Default)]
pub struct Assembler {
    words: Vec<u16>,
    labels: BTreeMap<String, usize>,
    wanted: Vec<(usize, String)>,
    fault: Option<AssemblerError>,
    fresh: usize,
}

macro_rules! data_instructions {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {$(
        $(#[doc = $doc])*
        pub fn $name(&mut self, m: Operand) -> &mut Self {
            self.data(stringify!($name), $code, m)
        }
    )*};
}

macro_rules! jump_instructions {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {$(
        $(#[doc = $doc])*
        pub fn $name(&mut self, label: &str) -> &mut Self {
            self.wanted.push((self.words.len(), label.to_string()));
            self.word(0x8000 | $code << 11)
        }
    )*};
}

impl Assembler {
    data_instructions! {
        /// A := M.
        ld = 0;
        /// A := A and M.
        and = 1;
        /// A := A or M.
        or = 2;
        /// A := A exclusive or M.
        xor = 3;
        /// A := A + M.
        add = 4;
        /// A := A + M + carry.
        adc = 5;
        /// A := A − M; carry is set if that was not below 0, unsigned.
        sub = 6;
        /// A := A − M − 1 + carry.
        sbc = 7;
        /// M := A.
        st = 8;
        /// X := M.
        ldx = 9;
    }

    jump_instructions! {
        /// Goes to the label.
        jump = 0;
        /// If A is 0.
        jz = 1;
        /// If A is not 0.
        jnz = 2;
        /// If A is negative.
        jn = 3;
        /// If A is not negative.
        jp = 4;
        /// If carry is set.
        jc = 5;
        /// If carry is not set.
        jnc = 6;
        /// Calls the label.
        call = 8;
    }

    /// Returns to behind the latest call.
    pub fn ret(&mut self) -> &mut Self {
        self.word(0x8000 | 9 << 11)
    }

    /// A := A >> 1; carry := the bit lost.
    pub fn shr(&mut self) -> &mut Self {
        self.word(10 << 11)
    }

    /// A := A >>> 1, keeping the sign; carry := the bit lost.
    pub fn sar(&mut self) -> &mut Self {
        self.word(10 << 11 | 1)
    }

    /// A := A >> 1 with carry on top; carry := the bit lost.
    pub fn ror(&mut self) -> &mut Self {
        self.word(10 << 11 | 2)
    }

    /// A := A with its bytes swapped; carry := bit 0.
    pub fn swap(&mut self) -> &mut Self {
        self.word(10 << 11 | 3)
    }

    /// A := port.
    pub fn input(&mut self, port: u16) -> &mut Self {
        self.word(11 << 11 | (port & 31))
    }

    /// port := A.
    pub fn output(&mut self, port: u16) -> &mut Self {
        self.word(12 << 11 | (port & 31))
    }

    /// X := A.
    pub fn tax(&mut self) -> &mut Self {
        self.word(13 << 11)
    }

    /// Names the next instruction.
    pub fn label(&mut self, label: &str) -> &mut Self {
        let at = self.words.len();
        if self.labels.insert(label.to_string(), at).is_some() {
            let label = label.to_string();
            self.fail(AssemblerError::Twice { at, label });
        }
        self
    }

    /// A label that no other has.
    pub fn fresh(&mut self) -> String {
        self.fresh += 1;
        format!("_{}", self.fresh)
    }

    /// A := any number, by one instruction if it is below 512 and by up to four otherwise.
    pub fn number(&mut self, n: u16) -> &mut Self {
        use Operand::Number;
        if n < 512 {
            return self.ld(Number(n));
        }
        self.ld(Number(n >> 8)).swap();
        if n & 255 != 0 {
            self.or(Number(n & 255));
        }
        self
    }

    /// Words so far.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The program, or the first thing wrong with it.
    pub fn finish(mut self) -> Result<Vec<u16>, AssemblerError> {
        for (at, label) in std::mem::take(&mut self.wanted) {
            match self.labels.get(&label) {
                Some(target) => self.words[at] |= *target as u16 & 0x7ff,
                None => self.fail(AssemblerError::Unknown { at, label }),
            }
        }
        let (found, limit) = (self.words.len(), PROGRAM_WORDS);
        if found > limit {
            self.fail(AssemblerError::Long { found, limit });
        }
        self.fault.map_or(Ok(self.words), Err)
    }

    fn fail(&mut self, error: AssemblerError) {
        self.fault.get_or_insert(error);
    }

    fn word(&mut self, word: u16) -> &mut Self {
        self.words.push(word);
        self
    }

    fn data(&mut self, instruction: &'static str, code: u16, m: Operand) -> &mut Self {
        let store = code == 8;
        let place = match m {
            Operand::At(a) => u16::from(a),
            Operand::Indexed(a) => 1 << 9 | u16::from(a),
            Operand::Number(n) if n < 512 && !store => 2 << 9 | n,
            Operand::Number(_) => {
                let or = if store { "" } else { " or a number below 512" };
                self.fail(AssemblerError::Operand {
                    at: self.words.len(),
                    instruction,
                    operand: m,
                    or,
                });
                0
            }
        };
        self.word(code << 11 | place)
    }
}

#[cfg(test)]
mod tests {
    use super::Operand::*;
    use super::*;

    #[test]
    fn instructions_and_labels_stand_where_the_processor_wants_them() {
        let mut a = Assembler::default();
        a.ld(Number(300)).add(At(7)).st(Indexed(32));
        a.label("loop").sub(Number(1)).jnz("loop").call("end");
        a.label("end").ror().input(3).output(31).ret();
        let expected = [
            (2 << 9) | 300,
            4 << 11 | 7,
            8 << 11 | 1 << 9 | 32,
            6 << 11 | 2 << 9 | 1,
            0x8000 | 2 << 11 | 3,
            0x8000 | 8 << 11 | 6,
            10 << 11 | 2,
            11 << 11 | 3,
            12 << 11 | 31,
            0x8000 | 9 << 11,
        ];
        assert_eq!(a.finish(), Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut a = Assembler::default();
        a.jump("nowhere");
        let label = "nowhere".to_string();
        assert_eq!(a.finish(), Err(AssemblerError::Unknown { at: 0, label }));
        let mut a = Assembler::default();
        a.label("x").ret().label("x");
        let label = "x".to_string();
        assert_eq!(a.finish(), Err(AssemblerError::Twice { at: 1, label }));
        let mut a = Assembler::default();
        a.ld(Number(512));
        assert!(a.finish().unwrap_err().to_string().contains("below 512"));
        let mut a = Assembler::default();
        a.st(Number(1));
        assert!(a.finish().is_err());
        let mut a = Assembler::default();
        (0..=PROGRAM_WORDS).for_each(|_| {
            a.ret();
        });
        assert!(a.finish().unwrap_err().to_string().contains("1793 words"));
    }

    #[test]
    fn numbers_of_any_size() {
        let mut a = Assembler::default();
        a.number(511).number(0x1200).number(0x1234);
        assert_eq!(a.finish().map(|p| p.len()), Ok(1 + 2 + 3));
    }
}
