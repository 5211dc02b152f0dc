//! The register map: every register's offset, access, reset value and meaning, once.
//!
//! 32-bit registers on AXI4-Lite, byte offsets. 64-bit counters are two registers, low word first; reading the low word latches the high one.

mod description;

use crate::ErrorCode;
pub use description::{Access, Field, Register};

macro_rules! registers {
    (@signed signed) => { true };
    (@signed unsigned) => { false };
    (@values) => { &[] };
    (@values $values:expr) => { $values };
    ($($(#[doc = $doc:literal])* $name:ident = $offset:expr, $access:ident, $reset:expr
        $(, [$($field:ident $high:literal:$low:literal $kind:ident $meaning:literal $(= $values:expr)?),* $(,)?])?;)*) => {
        $($(#[doc = $doc])* pub const $name: u32 = $offset;)*
        /// Every register.
        pub const ALL: &[Register] = &[$(Register {
            name: stringify!($name), offset: $offset, access: Access::$access, reset: $reset, doc: concat!($($doc),*),
            fields: &[$($(Field {
                name: stringify!($field), low: $low, bits: $high - $low + 1, signed: registers!(@signed $kind), doc: $meaning,
                values: registers!(@values $($values)?),
            }),*)?],
        }),*];
    };
}

/// Names of a context's states.
const STATES: &[(u32, &str)] = &[
    (state::IDLE, "idle"),
    (state::RUNNING, "running"),
    (state::FAULTED, "faulted"),
];

/// Names of the contexts.
const CONTEXT_NAMES: &[(u32, &str)] = &[(TEACHER, "teacher"), (STUDENT, "student")];

/// Names of the selector's key modes.
const KEY_NAMES: &[(u32, &str)] = &[
    (key_mode::CONFIDENCE, "confidence"),
    (key_mode::ARRIVAL, "arrival"),
    (key_mode::HASH, "hash"),
    (key_mode::HASH_ABOVE, "hash above threshold"),
];

/// Names of the error codes.
const ERROR_NAMES: &[(u32, &str)] = &{
    let mut names = [(0, ""); ErrorCode::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = (ErrorCode::ALL[i].0 as u32, ErrorCode::ALL[i].1);
        i += 1;
    }
    names
};

/// "TNDM": what ID reads.
pub const ID_VALUE: u32 = 0x544e_444d;
/// Interface version: major in the high half. The host refuses another major.
pub const VERSION_VALUE: u32 = 0x0002_0004;
/// Least minor version whose loss unit knows soft targets.
pub const SOFT_TARGETS_MINOR: u32 = 2;
/// Least minor version whose selector knows epochs and events.
pub const EVENTS_MINOR: u32 = 4;
/// Register block of context c starts at `CONTEXT_BASE + c*CONTEXT_SIZE`.
pub const CONTEXT_BASE: u32 = 0x100;
/// Bytes of a context's register block.
pub const CONTEXT_SIZE: u32 = 0x100;
/// Contexts: 0 teacher (urgent), 1 student (background).
pub const CONTEXTS: u32 = 2;
/// The teacher's context.
pub const TEACHER: u32 = 0;
/// The student's context.
pub const STUDENT: u32 = 1;
/// Windows of a context.
pub const WINDOWS: u32 = 4;
/// Window w of a context starts at its block + `WINDOW_BASE + w*WINDOW_SIZE`: base, end, permissions.
pub const WINDOW_BASE: u32 = 0x40;
/// Bytes of a window's registers.
pub const WINDOW_SIZE: u32 = 0x10;
/// Permission bit: reads allowed.
pub const WINDOW_READ: u32 = 1;
/// Permission bit: writes allowed.
pub const WINDOW_WRITE: u32 = 2;
/// Offset in a context's block: see [`T_PROGRAM`].
pub const PROGRAM: u32 = 0x00;
/// Offset in a context's block: see [`T_LENGTH`].
pub const LENGTH: u32 = 0x04;
/// Offset in a context's block: see [`T_DOORBELL`].
pub const DOORBELL: u32 = 0x08;
/// Offset in a context's block: see [`T_STATE`].
pub const STATE: u32 = 0x0c;
/// Offset in a context's block: see [`T_ISSUED`].
pub const ISSUED: u32 = 0x10;
/// Offset in a context's block: see [`T_ERROR_CODE`].
pub const ERROR_CODE: u32 = 0x14;
/// Offset in a context's block: see [`T_ERROR_COMMAND`].
pub const ERROR_COMMAND: u32 = 0x18;
/// Offset in a context's block: see [`T_ERROR_VALUE`].
pub const ERROR_VALUE: u32 = 0x1c;
/// Offset in a context's block: see [`T_CYCLES`] (64 bit).
pub const CYCLES: u32 = 0x20;
/// Offset in a context's block: see [`T_CYCLES_HI`].
pub const CYCLES_HI: u32 = 0x24;
/// Offset in a context's block: see [`T_LATENCY`].
pub const LATENCY: u32 = 0x28;

/// STATE of a context.
pub mod state {
    /// No program, or its program is done.
    pub const IDLE: u32 = 0;
    /// Doorbell rung, commands left.
    pub const RUNNING: u32 = 1;
    /// Stopped by an error; the doorbell starts afresh.
    pub const FAULTED: u32 = 2;
}

/// Bits of IRQ_STATUS and IRQ_ENABLE: done bit of context c is `DONE << c`, its fault bit `FAULT << c`.
pub mod irq {
    /// Program of the teacher's context done (student: next bit).
    pub const DONE: u32 = 1;
    /// Teacher's context stopped by an error (student: next bit).
    pub const FAULT: u32 = 4;
}

/// Key modes of the selector.
pub mod key_mode {
    /// Greatest confidence.
    pub const CONFIDENCE: u32 = 0;
    /// Most recent.
    pub const ARRIVAL: u32 = 1;
    /// Hash: an exact reservoir.
    pub const HASH: u32 = 2;
    /// Hash among confidences at or above SEL_THRESHOLD.
    pub const HASH_ABOVE: u32 = 3;
}

/// Unit counters: unit u has BUSY, STALLED, IDLE (64 bit each) from `UNIT_COUNTERS + u*UNIT_COUNTER_SIZE`.
pub const UNIT_COUNTERS: u32 = 0x340;
/// Bytes of one unit's counters.
pub const UNIT_COUNTER_SIZE: u32 = 0x18;

registers! {
    /// Reads "TNDM" (0x544e444d).
    ID = 0x000, ReadOnly, 0;
    /// Interface version: major in bits 31:16, minor in 15:0.
    VERSION = 0x004, ReadOnly, 0, [
        MAJOR 31:16 unsigned "A host refuses another than its own.",
        MINOR 15:0 unsigned "Raised by what a host need not know.",
    ];
    /// Hash of every size of the configuration (isa: Config::hash).
    CONFIG_HASH = 0x008, ReadOnly, 0;
    /// Array: rows in bits 15:0, lanes (columns) in 31:16.
    SHAPE = 0x00c, ReadOnly, 0, [
        LANES 31:16 unsigned "Columns of the array, and lanes of a word.",
        ROWS 15:0 unsigned "Rows of the array.",
    ];
    /// Write 1: reset units, token counters and contexts once the bus is quiet; registers of windows and sites keep their values.
    RESET = 0x010, WriteOnly, 0, [
        RESET 0:0 unsigned "Write 1 to reset.",
    ];
    /// Bit 0 something runs; bit 1 the context that owns the array; bit 2 bus transactions outstanding.
    STATUS = 0x014, ReadOnly, 0, [
        BUS 2:2 unsigned "Bus transactions are outstanding.",
        OWNER 1:1 unsigned "The context that owns the array." = CONTEXT_NAMES,
        RUNNING 0:0 unsigned "Something runs.",
    ];
    /// Bits 1:0 program of context done; bits 3:2 context faulted. Write 1 to clear.
    IRQ_STATUS = 0x018, WriteOneToClear, 0, [
        S_FAULT 3:3 unsigned "The student's context was stopped by an error.",
        T_FAULT 2:2 unsigned "The teacher's context was stopped by an error.",
        S_DONE 1:1 unsigned "The student's program is done.",
        T_DONE 0:0 unsigned "The teacher's program is done.",
    ];
    /// Which bits of IRQ_STATUS raise the interrupt line.
    IRQ_ENABLE = 0x01c, ReadWrite, 0, [
        S_FAULT 3:3 unsigned "The student's context was stopped by an error.",
        T_FAULT 2:2 unsigned "The teacher's context was stopped by an error.",
        S_DONE 1:1 unsigned "The student's program is done.",
        T_DONE 0:0 unsigned "The teacher's program is done.",
    ];
    /// Cycles without any progress after which the running context is stopped with Timeout; 0 = off.
    WATCHDOG = 0x020, ReadWrite, 0x0010_0000;
    /// Bit 0: the teacher may interrupt the student at its yield points.
    SCHEDULE = 0x024, ReadWrite, 1, [
        INTERRUPT 0:0 unsigned "The teacher may interrupt the student at its yield points.",
    ];

    /// Teacher: address of the first command, a multiple of 64.
    T_PROGRAM = 0x100, ReadWrite, 0;
    /// Teacher: commands in the program.
    T_LENGTH = 0x104, ReadWrite, 0;
    /// Teacher: write 1 to start the program (ignored while running); clears the context's error registers.
    T_DOORBELL = 0x108, WriteOnly, 0, [
        START 0:0 unsigned "Write 1 to start the program.",
    ];
    /// Teacher: 0 idle, 1 running, 2 faulted.
    T_STATE = 0x10c, ReadOnly, 0, [
        STATE 1:0 unsigned "What the context does." = STATES,
    ];
    /// Teacher: commands issued since the doorbell.
    T_ISSUED = 0x110, ReadOnly, 0;
    /// Teacher: the first error (isa: ErrorCode), 0 none.
    T_ERROR_CODE = 0x114, ReadOnly, 0, [
        CODE 7:0 unsigned "The first error." = ERROR_NAMES,
    ];
    /// Teacher: DDR address of the command at fault.
    T_ERROR_COMMAND = 0x118, ReadOnly, 0;
    /// Teacher: the value at fault (see the code).
    T_ERROR_VALUE = 0x11c, ReadOnly, 0;
    /// Teacher: cycles it owned the engine, switches left out, low word.
    T_CYCLES = 0x120, ReadOnly, 0;
    /// Teacher: cycles it owned the engine, switches left out, high word.
    T_CYCLES_HI = 0x124, ReadOnly, 0;
    /// Teacher: greatest number of cycles from a doorbell to its first command issued.
    T_LATENCY = 0x128, ReadOnly, 0;
    /// Teacher window 0: first byte (multiple of 8). Windows 1 to 3 follow every 16 bytes. Ignored while the context runs.
    T_WINDOW_BASE = 0x140, ReadWrite, 0;
    /// Teacher window 0: first byte after it.
    T_WINDOW_END = 0x144, ReadWrite, 0;
    /// Teacher window 0: bit 0 read, bit 1 write.
    T_WINDOW_PERMISSIONS = 0x148, ReadWrite, 0, [
        WRITE 1:1 unsigned "May be written.",
        READ 0:0 unsigned "May be read.",
    ];

    /// Student: address of the first command, a multiple of 64.
    S_PROGRAM = 0x200, ReadWrite, 0;
    /// Student: commands in the program.
    S_LENGTH = 0x204, ReadWrite, 0;
    /// Student: write 1 to start the program (ignored while running); clears the context's error registers.
    S_DOORBELL = 0x208, WriteOnly, 0, [
        START 0:0 unsigned "Write 1 to start the program.",
    ];
    /// Student: 0 idle, 1 running, 2 faulted.
    S_STATE = 0x20c, ReadOnly, 0, [
        STATE 1:0 unsigned "What the context does." = STATES,
    ];
    /// Student: commands issued since the doorbell.
    S_ISSUED = 0x210, ReadOnly, 0;
    /// Student: the first error (isa: ErrorCode), 0 none.
    S_ERROR_CODE = 0x214, ReadOnly, 0, [
        CODE 7:0 unsigned "The first error." = ERROR_NAMES,
    ];
    /// Student: DDR address of the command at fault.
    S_ERROR_COMMAND = 0x218, ReadOnly, 0;
    /// Student: the value at fault (see the code).
    S_ERROR_VALUE = 0x21c, ReadOnly, 0;
    /// Student: cycles it owned the engine, switches left out, low word.
    S_CYCLES = 0x220, ReadOnly, 0;
    /// Student: cycles it owned the engine, switches left out, high word.
    S_CYCLES_HI = 0x224, ReadOnly, 0;
    /// Student: greatest number of cycles from a doorbell to its first command issued.
    S_LATENCY = 0x228, ReadOnly, 0;
    /// Student window 0: first byte (multiple of 8). Windows 1 to 3 follow every 16 bytes. Ignored while the context runs.
    S_WINDOW_BASE = 0x240, ReadWrite, 0;
    /// Student window 0: first byte after it.
    S_WINDOW_END = 0x244, ReadWrite, 0;
    /// Student window 0: bit 0 read, bit 1 write.
    S_WINDOW_PERMISSIONS = 0x248, ReadWrite, 0, [
        WRITE 1:1 unsigned "May be written.",
        READ 0:0 unsigned "May be read.",
    ];

    /// Write 1: every counter of this block to 0.
    COUNTERS_CLEAR = 0x300, WriteOnly, 0, [
        CLEAR 0:0 unsigned "Write 1 to clear.",
    ];
    /// Cycles since reset or clear, low word.
    TOTAL_CYCLES = 0x304, ReadOnly, 0;
    /// High word.
    TOTAL_CYCLES_HI = 0x308, ReadOnly, 0;
    /// Switches between contexts.
    SWITCHES = 0x30c, ReadOnly, 0;
    /// Cycles of switches, each from the end of the one context's last command to the first of the other. Total = teacher + student + these + idle.
    SWITCH_CYCLES = 0x310, ReadOnly, 0;
    /// Cycles no context ran, low word.
    IDLE_CYCLES = 0x314, ReadOnly, 0;
    /// High word.
    IDLE_CYCLES_HI = 0x318, ReadOnly, 0;
    /// Cycles of phase 0 (forward): while a context runs, each cycle goes to the phase of the compute command at work, or of the last one. Low word.
    FORWARD_CYCLES = 0x31c, ReadOnly, 0;
    /// High word.
    FORWARD_CYCLES_HI = 0x320, ReadOnly, 0;
    /// Cycles of phase 1 (dX), low word.
    DX_CYCLES = 0x324, ReadOnly, 0;
    /// High word.
    DX_CYCLES_HI = 0x328, ReadOnly, 0;
    /// Cycles of phase 2 (dW), low word.
    DW_CYCLES = 0x32c, ReadOnly, 0;
    /// High word.
    DW_CYCLES_HI = 0x330, ReadOnly, 0;
    /// Beats read from DDR.
    READ_BEATS = 0x334, ReadOnly, 0;
    /// Beats written to DDR.
    WRITE_BEATS = 0x338, ReadOnly, 0;
    /// Load unit: cycles at work and moving, low word.
    LOAD_BUSY = 0x340, ReadOnly, 0;
    /// Load unit: high word of that.
    LOAD_BUSY_HI = 0x344, ReadOnly, 0;
    /// Load unit: cycles with a command that could not move (memory, tokens, a neighbour), low word.
    LOAD_STALLED = 0x348, ReadOnly, 0;
    /// Load unit: high word of that.
    LOAD_STALLED_HI = 0x34c, ReadOnly, 0;
    /// Load unit: cycles without a command, low word.
    LOAD_IDLE = 0x350, ReadOnly, 0;
    /// Load unit: high word of that.
    LOAD_IDLE_HI = 0x354, ReadOnly, 0;
    /// Compute unit: cycles at work and moving, low word.
    COMPUTE_BUSY = 0x358, ReadOnly, 0;
    /// Compute unit: high word of that.
    COMPUTE_BUSY_HI = 0x35c, ReadOnly, 0;
    /// Compute unit: cycles with a command that could not move (memory, tokens, a neighbour), low word.
    COMPUTE_STALLED = 0x360, ReadOnly, 0;
    /// Compute unit: high word of that.
    COMPUTE_STALLED_HI = 0x364, ReadOnly, 0;
    /// Compute unit: cycles without a command, low word.
    COMPUTE_IDLE = 0x368, ReadOnly, 0;
    /// Compute unit: high word of that.
    COMPUTE_IDLE_HI = 0x36c, ReadOnly, 0;
    /// Vector unit: cycles at work and moving, low word.
    VECTOR_BUSY = 0x370, ReadOnly, 0;
    /// Vector unit: high word of that.
    VECTOR_BUSY_HI = 0x374, ReadOnly, 0;
    /// Vector unit: cycles with a command that could not move (memory, tokens, a neighbour), low word.
    VECTOR_STALLED = 0x378, ReadOnly, 0;
    /// Vector unit: high word of that.
    VECTOR_STALLED_HI = 0x37c, ReadOnly, 0;
    /// Vector unit: cycles without a command, low word.
    VECTOR_IDLE = 0x380, ReadOnly, 0;
    /// Vector unit: high word of that.
    VECTOR_IDLE_HI = 0x384, ReadOnly, 0;
    /// Loss unit: cycles at work and moving, low word.
    LOSS_BUSY = 0x388, ReadOnly, 0;
    /// Loss unit: high word of that.
    LOSS_BUSY_HI = 0x38c, ReadOnly, 0;
    /// Loss unit: cycles with a command that could not move (memory, tokens, a neighbour), low word.
    LOSS_STALLED = 0x390, ReadOnly, 0;
    /// Loss unit: high word of that.
    LOSS_STALLED_HI = 0x394, ReadOnly, 0;
    /// Loss unit: cycles without a command, low word.
    LOSS_IDLE = 0x398, ReadOnly, 0;
    /// Loss unit: high word of that.
    LOSS_IDLE_HI = 0x39c, ReadOnly, 0;
    /// Store unit: cycles at work and moving, low word.
    STORE_BUSY = 0x3a0, ReadOnly, 0;
    /// Store unit: high word of that.
    STORE_BUSY_HI = 0x3a4, ReadOnly, 0;
    /// Store unit: cycles with a command that could not move (memory, tokens, a neighbour), low word.
    STORE_STALLED = 0x3a8, ReadOnly, 0;
    /// Store unit: high word of that.
    STORE_STALLED_HI = 0x3ac, ReadOnly, 0;
    /// Store unit: cycles without a command, low word.
    STORE_IDLE = 0x3b0, ReadOnly, 0;
    /// Store unit: high word of that.
    STORE_IDLE_HI = 0x3b4, ReadOnly, 0;
    /// Select unit: cycles at work and moving, low word.
    SELECT_BUSY = 0x3b8, ReadOnly, 0;
    /// Select unit: high word of that.
    SELECT_BUSY_HI = 0x3bc, ReadOnly, 0;
    /// Select unit: cycles with a command that could not move (memory, tokens, a neighbour), low word.
    SELECT_STALLED = 0x3c0, ReadOnly, 0;
    /// Select unit: high word of that.
    SELECT_STALLED_HI = 0x3c4, ReadOnly, 0;
    /// Select unit: cycles without a command, low word.
    SELECT_IDLE = 0x3c8, ReadOnly, 0;
    /// Select unit: high word of that.
    SELECT_IDLE_HI = 0x3cc, ReadOnly, 0;
    /// Cycles in which a context ran and the array did not, while load or store had a command: the array waited for memory. Low word.
    WAIT_MEMORY = 0x3d0, ReadOnly, 0;
    /// High word.
    WAIT_MEMORY_HI = 0x3d4, ReadOnly, 0;
    /// Cycles in which a context ran and the array did not, load and store had no command, and vector or loss had one. Low word.
    WAIT_VECTOR = 0x3d8, ReadOnly, 0;
    /// High word.
    WAIT_VECTOR_HI = 0x3dc, ReadOnly, 0;

    /// Samples the loss unit has seen.
    LOSS_SAMPLES = 0x400, ReadOnly, 0;
    /// Samples whose best class was the label.
    LOSS_CORRECT = 0x404, ReadOnly, 0;

    /// The site that the following registers show.
    SITE_INDEX = 0x500, ReadWrite, 0, [
        SITE 7:0 unsigned "Number of the site.",
    ];
    /// Exponent state: E in bits 7:0 (signed), count in 11:8, valid in 12, F in 23:16 (signed). Writing sets it; ignored while a context runs.
    SITE_STATE = 0x504, ReadWrite, 0, [
        F 23:16 signed "Format of the tensor written last.",
        VALID 12:12 unsigned "A tensor was seen.",
        COUNT 11:8 unsigned "Tensors in a row below E.",
        E 7:0 signed "Exponent: magnitudes stay below 2^E.",
    ];
    /// Values clipped at this site. Writing any value clears it.
    SITE_CLIPPED = 0x508, ReadWrite, 0;
    /// Values that underflowed to 0 at this site. Writing any value clears it.
    SITE_UNDERFLOW = 0x50c, ReadWrite, 0;
    /// OR mask collected so far, low word.
    SITE_MASK = 0x510, ReadOnly, 0;
    /// OR mask collected so far, high 16 bits.
    SITE_MASK_HI = 0x514, ReadOnly, 0, [
        MASK 15:0 unsigned "Bits 47:32 of the mask.",
    ];

    /// Write 1: empty the selector (heaps, slots, counters); SEL_STATUS is busy meanwhile.
    SEL_CLEAR = 0x600, WriteOnly, 0, [
        CLEAR 0:0 unsigned "Write 1 to empty the selector.",
    ];
    /// Bit 0 busy; bits 31:16 freed slots waiting.
    SEL_STATUS = 0x604, ReadOnly, 0, [
        FREED 31:16 unsigned "Freed slots waiting.",
        BUSY 0:0 unsigned "At work.",
    ];
    /// Entries kept a class (K).
    SEL_K = 0x608, ReadWrite, 1;
    /// log2 of a class's stride in the entry memory; 2^shift ≥ K.
    SEL_SHIFT = 0x60c, ReadWrite, 0;
    /// Key: 0 confidence, 1 arrival, 2 hash, 3 hash above the threshold.
    SEL_MODE = 0x610, ReadWrite, 0, [
        MODE 1:0 unsigned "What ranks a score." = KEY_NAMES,
    ];
    /// Least confidence in mode 3 (Q0.15).
    SEL_THRESHOLD = 0x614, ReadWrite, 0;
    /// Least confidence in every mode (Q0.15).
    SEL_MIN_CONFIDENCE = 0x618, ReadWrite, 0;
    /// Least number of arrivals between two accepted scores of a class; 0 = off.
    SEL_SPACING = 0x61c, ReadWrite, 0;
    /// Key of the hash.
    SEL_HASH_KEY = 0x620, ReadWrite, 0;
    /// Class mask: bits 15:0 the class, bit 16 its enable. Every class is enabled at reset and by SEL_CLEAR. Write while the selector is idle.
    SEL_CLASS_ENABLE = 0x624, WriteOnly, 0, [
        ENABLE 16:16 unsigned "The class takes scores.",
        CLASS 15:0 unsigned "The class.",
    ];
    /// Next freed slot: bit 31 one was there, bits 15:0 its number.
    SEL_FREED = 0x628, ReadPops, 0, [
        THERE 31:31 unsigned "A slot was there.",
        SLOT 15:0 unsigned "Its number.",
    ];
    /// What the next four registers show: class in bits 31:16, entry in 15:0. Only while the selector is idle.
    SEL_INDEX = 0x62c, ReadWrite, 0, [
        CLASS 31:16 unsigned "The class that is shown.",
        ENTRY 15:0 unsigned "The entry that is shown.",
    ];
    /// Entries the class holds.
    SEL_COUNT = 0x630, ReadOnly, 0;
    /// Key of the entry.
    SEL_ENTRY_KEY = 0x634, ReadOnly, 0;
    /// Arrival number of the entry.
    SEL_ENTRY_ARRIVAL = 0x638, ReadOnly, 0;
    /// Slot of the entry.
    SEL_ENTRY_SLOT = 0x63c, ReadOnly, 0;
    /// Scores seen.
    SEL_SEEN = 0x640, ReadOnly, 0;
    /// Scores accepted into a free place.
    SEL_KEPT = 0x644, ReadOnly, 0;
    /// Scores that replaced another.
    SEL_REPLACED = 0x648, ReadOnly, 0;
    /// Scores rejected.
    SEL_REJECTED = 0x64c, ReadOnly, 0;
    /// Samples of an epoch; any of a later epoch ranks above all of an earlier one. 0: one epoch for all. Write while no sample has come.
    SEL_REFRESH = 0x650, ReadWrite, 0;
    /// Offers the sample of a slot as the next of the stream, with a label of its own: it ranks above all scores of a teacher. Write while the selector is idle.
    SEL_EVENT = 0x654, WriteOnly, 0, [
        CLASS 31:16 unsigned "Its class.",
        SLOT 15:0 unsigned "Where it lies.",
    ];
}

/// Bytes of the register space.
pub const SPACE: u32 = 0x1000;

/// The register at that offset.
pub fn at(offset: u32) -> Option<&'static Register> {
    ALL.iter().find(|r| r.offset == offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_aligned_distinct_and_inside() {
        for (i, r) in ALL.iter().enumerate() {
            assert_eq!(r.offset % 4, 0, "{}", r.name);
            assert!(r.offset < SPACE, "{}", r.name);
            for o in &ALL[..i] {
                assert!(o.offset != r.offset && o.name != r.name, "{}", r.name);
            }
        }
        assert_eq!(at(ID).map(|r| r.name), Some("ID"));
    }

    #[test]
    fn fields_lie_apart_in_their_register_from_the_top_down() {
        for r in ALL {
            let mut above = 32;
            for f in r.fields {
                assert!(
                    f.bits > 0 && f.low + f.bits <= above,
                    "{} {}",
                    r.name,
                    f.name
                );
                above = f.low;
                let named = f.values.iter().all(|v| u64::from(v.0) < 1 << f.bits);
                assert!(named && !f.doc.is_empty(), "{} {}", r.name, f.name);
            }
        }
        let of = |offset| at(offset).map_or(&[][..], |r| r.fields);
        let state = of(SITE_STATE);
        assert_eq!(
            (state[0].of(0x00fd_1905), state[3].of(0x00fd_1985)),
            (-3, -123)
        );
        assert_eq!((state[1].of(0x1905), state[2].of(0x1905)), (1, 9));
        assert_eq!(of(S_STATE)[0].name_of(2), Some("faulted"));
        assert_eq!(of(S_ERROR_CODE)[0].name_of(0), Some("None"));
        assert_eq!(of(S_ERROR_CODE)[0].name_of(255), None);
    }

    #[test]
    fn windows_alone_are_there_more_than_once() {
        for r in ALL {
            let expected = if r.name.contains("WINDOW") {
                (4, 16)
            } else {
                (1, 0)
            };
            assert_eq!(r.repeats(), expected, "{}", r.name);
        }
    }

    #[test]
    fn context_blocks_have_the_same_shape() {
        for (a, b) in [
            (T_PROGRAM, S_PROGRAM),
            (T_STATE, S_STATE),
            (T_LATENCY, S_LATENCY),
            (T_WINDOW_PERMISSIONS, S_WINDOW_PERMISSIONS),
        ] {
            assert_eq!(a + CONTEXT_SIZE, b);
        }
        assert_eq!(T_ERROR_VALUE, CONTEXT_BASE + ERROR_VALUE);
        assert_eq!(S_WINDOW_BASE, CONTEXT_BASE + CONTEXT_SIZE + WINDOW_BASE);
        assert_eq!(LOAD_BUSY, UNIT_COUNTERS);
        assert_eq!(LOAD_IDLE_HI + 4, UNIT_COUNTERS + UNIT_COUNTER_SIZE);
    }
}
