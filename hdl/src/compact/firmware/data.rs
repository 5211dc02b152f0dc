//! The data memory: 256 words.
use super::super::assembler::Operand::{self, At, Indexed};
use super::{MEMORY_BYTES, PAD_WORDS, SITE_WORDS, WORDS};
use tandem_isa::{register, Config};

/// The command under way, 32 words.
pub const COMMAND: u8 = 0;
/// Contexts, 32 words each: registers 0x00 to 0x1f by halves, then windows of four words {base with permissions, end}.
/// DOORBELL's place holds the address of the next command.
pub const CONTEXT: u8 = 64;
/// Global registers 0x00 to 0x27 by halves.
pub const GLOBAL: u8 = 128;

/// Word `n` of the command.
pub const fn field(n: u8) -> Operand {
    At(COMMAND + n)
}

/// Word `n` of the context X points to.
pub const fn context(n: u8) -> Operand {
    Indexed(CONTEXT + n)
}

/// Words of a context.
pub mod of_context {
    pub const PROGRAM: u8 = 0;
    pub const LENGTH: u8 = 2;
    pub const NEXT: u8 = 4;
    pub const STATE: u8 = 6;
    pub const ISSUED: u8 = 8;
    pub const CODE: u8 = 10;
    pub const FAULT_COMMAND: u8 = 12;
    pub const VALUE: u8 = 14;
}

pub const STATUS: Operand = At(GLOBAL + 10);
pub const IRQ_STATUS: Operand = At(GLOBAL + 12);
pub const IRQ_ENABLE: Operand = At(GLOBAL + 14);
pub const WATCHDOG: Operand = At(GLOBAL + 16);
pub const SCHEDULE: Operand = At(GLOBAL + 18);

macro_rules! words {
    ($first:expr; $($name:ident: $count:literal),* $(,)?) => {
        words!(@ $first; $($name: $count),*);
    };
    (@ $at:expr; $name:ident: $count:literal $(, $rest:ident: $more:literal)*) => {
        pub const $name: Operand = At($at);
        words!(@ $at + $count; $($rest: $more),*);
    };
    (@ $at:expr;) => {
        /// First word that is not used.
        pub const END_OF_WORDS: u8 = $at;
    };
}

words! { GLOBAL + 20;
    // Constants.
    ALIGNED: 1, STATE_BITS: 1, SIZE: 1, ALL_ONES: 1, SITES: 1, LANES_V: 1, LANES_O: 1, UNIT_BITS: 1, BURST_BYTES: 1,
    // State.
    SITE: 1, ACTIVE: 1, AT_YIELD: 1,
    // The host's access.
    REQUEST: 1, LOW: 1, CHOSEN: 1, R: 2,
    // Scratch of routines.
    T: 1, U: 1, PLACE: 1, OFFSET: 1,
    // Command and fault.
    OPCODE: 1, FLAGS: 1, HERE: 2, CODE_WORD: 1, VALUE_WORD: 2,
    // Windows: from, to, end of the burst, permission.
    FROM: 2, TO: 2, BURST: 2, PERMISSION: 1,
    // Boxes.
    ROW: 2, MIDDLE: 2, OUTER: 2, PAD: 1, PLACE_IN_PAD: 1, ACROSS: 1, COUNT: 1, RUN: 1, DIRECTION: 1, LEFT: 1, M_LEFT: 1, ROWS_LEFT: 1,
}

/// Words 32 to 63 are the commands' own.
pub const fn own(n: u8) -> Operand {
    At(32 + n)
}

/// What it starts with: identification and constants; everything else is set by the firmware at reset.
pub fn preset(config: &Config) -> Vec<u16> {
    let mut words = vec![0u16; 256];
    let mut put = |at: Operand, value: u16| {
        if let At(at) = at {
            words[usize::from(at)] = value;
        }
    };
    let identification = [
        register::ID_VALUE,
        register::VERSION_VALUE,
        config.hash(),
        config.rows as u32 | (config.lanes as u32) << 16,
    ];
    for (i, value) in identification.into_iter().enumerate() {
        put(At(GLOBAL + 2 * i as u8), value as u16);
        put(At(GLOBAL + 2 * i as u8 + 1), (value >> 16) as u16);
    }
    let pads = WORDS - 4 * PAD_WORDS;
    put(ALIGNED, 0xfff8);
    put(STATE_BITS, 0x1fff);
    put(SIZE, MEMORY_BYTES as u16);
    put(SITES, ((pads - SITE_WORDS) * 4) as u16);
    put(LANES_V, ((pads + 2 * PAD_WORDS) * 4) as u16);
    put(LANES_O, ((pads + 3 * PAD_WORDS) * 4) as u16);
    put(UNIT_BITS, 0xc0c0);
    put(BURST_BYTES, 512);
    put(WATCHDOG.plus(1), 16);
    put(ALL_ONES, 0xffff);
    words
}

const _: () = assert!(END_OF_WORDS <= 240, "the stack begins at 240");
