//! host/include/tandem.h: the same tables for C and C++.

use super::NOTICE;
use tandem_isa::command::{self, FORMATS};
use tandem_isa::{config, error::ErrorCode, link, register as reg};

/// The file.
pub fn file() -> String {
    let mut h = format!(
        "/* The Tandem engine for C and C++: registers, commands, error codes.\n * {NOTICE}\n * Meanings: docs/registers.md and docs/commands.md.\n */\n\
         #ifndef TANDEM_H\n#define TANDEM_H\n\n#include <stdint.h>\n"
    );
    h += "\n/* Registers: byte offsets. */\n";
    for r in reg::ALL {
        define(&mut h, &format!("REG_{}", r.name), r.offset, r.doc);
    }
    h += "\n/* Fields of registers: lowest bit, and mask in place. */\n";
    for r in reg::ALL {
        for f in r.fields {
            let name = format!("{}_{}", r.name, f.name);
            define(&mut h, &format!("{name}_LOW"), f.low, f.doc);
            let mask = ((1u64 << f.bits) - 1) << f.low;
            define(&mut h, &format!("{name}_MASK"), mask as u32, "");
        }
    }
    h += "\n/* What registers hold. */\n";
    for (name, value, doc) in values() {
        define(&mut h, name, value, doc);
    }
    h += "\n/* CONFIG_HASH of each named configuration. */\n";
    for c in config::ALL {
        let name = c
            .name
            .to_uppercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        define(&mut h, &format!("HASH_{name}"), c.hash(), c.name);
    }
    h += "\n/* The UART link: docs/link.md. */\n";
    for (name, value, doc) in link_values() {
        define(&mut h, &format!("LINK_{name}"), value, doc);
    }
    h += "\n/* Error codes. */\n";
    for (code, name, doc) in ErrorCode::ALL {
        define(&mut h, &format!("ERROR_{}", upper(name)), *code as u32, doc);
    }
    h += "\n/* Units: bits of wait and signal. */\n";
    for unit in command::Unit::ALL {
        let name = format!("{unit:?}").to_uppercase();
        define(&mut h, &format!("UNIT_{name}"), u32::from(unit.bit()), "");
    }
    h += "\n/* Commands: opcode, flags, and for each field its first byte and its bits. */\n";
    for (name, value, doc) in [
        ("BYTES", command::COMMAND_BYTES, "of a command"),
        ("FLAGS_BYTE", command::FLAGS_BYTE, ""),
        (
            "WAIT_BYTE",
            command::WAIT_BYTE,
            "units whose tokens it waits for",
        ),
        (
            "SIGNAL_BYTE",
            command::SIGNAL_BYTE,
            "units it gives tokens to",
        ),
    ] {
        define(&mut h, &format!("COMMAND_{name}"), value as u32, doc);
    }
    for f in FORMATS {
        let name = upper(f.name);
        h += "\n";
        define(&mut h, &format!("{name}_OPCODE"), u32::from(f.opcode), "");
        for (flag, bit, doc) in f.flags {
            define(&mut h, &format!("{name}_FLAG_{flag}"), u32::from(*bit), doc);
        }
        for field in f.fields {
            let of = format!("{name}_{}", field.name.to_uppercase());
            let range = format!("{} to {}: {}", field.min, field.max, field.doc.trim());
            define(&mut h, &format!("{of}_BYTE"), field.offset as u32, &range);
            define(&mut h, &format!("{of}_BITS"), field.bits as u32, "");
        }
    }
    h += "\n/* Writes the low `bits` (8, 16 or 32) of a value into a command, from `byte` on. */\n\
          static inline void tandem_put(uint8_t *command, unsigned byte, unsigned bits, uint32_t value)\n{\n    \
          unsigned i;\n    for (i = 0; i < bits / 8; i++)\n        command[byte + i] = (uint8_t)(value >> (8 * i));\n}\n\n#endif\n";
    h
}

fn define(h: &mut String, name: &str, value: u32, doc: &str) {
    let line = format!("#define TANDEM_{name} {value:#x}u");
    let doc = doc.replace('\\', "").replace("*/", "* /");
    *h += &match doc.trim() {
        "" => format!("{line}\n"),
        doc => format!("{line:<52} /* {doc} */\n"),
    };
}

/// `BadOpcode` as `BAD_OPCODE`.
fn upper(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if i > 0 && c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

fn link_values() -> Vec<(&'static str, u32, &'static str)> {
    use link::{operation, status};
    vec![
        ("REQUEST", link::REQUEST.into(), "first byte of a request"),
        ("ANSWER", link::ANSWER.into(), "first byte of an answer"),
        ("VERSION", link::VERSION.into(), ""),
        ("WORDS", link::WORDS as u32, "most words in a frame"),
        (
            "BOUNDARY",
            link::BOUNDARY,
            "bytes whose multiple no frame crosses",
        ),
        (
            "REQUEST_HEADER",
            link::REQUEST_HEADER as u32,
            "bytes before the words",
        ),
        (
            "ANSWER_HEADER",
            link::ANSWER_HEADER as u32,
            "bytes before the words",
        ),
        ("CRC_BYTES", link::CRC_BYTES as u32, ""),
        (
            "CRC_POLYNOMIAL",
            link::CRC_POLYNOMIAL,
            "CRC-32 of all but the first byte",
        ),
        (
            "READ_REGISTERS",
            operation::READ_REGISTERS.into(),
            "operation",
        ),
        (
            "WRITE_REGISTERS",
            operation::WRITE_REGISTERS.into(),
            "operation",
        ),
        ("READ_MEMORY", operation::READ_MEMORY.into(), "operation"),
        ("WRITE_MEMORY", operation::WRITE_MEMORY.into(), "operation"),
        ("HELLO", operation::HELLO.into(), "operation"),
        ("STATUS_DONE", status::DONE.into(), ""),
        ("STATUS_REFUSED", status::REFUSED.into(), ""),
        (
            "STATUS_HELLO",
            status::HELLO.into(),
            "bit: answer to a hello",
        ),
    ]
}

fn values() -> Vec<(&'static str, u32, &'static str)> {
    vec![
        ("ID_VALUE", reg::ID_VALUE, "what ID reads"),
        (
            "VERSION_VALUE",
            reg::VERSION_VALUE,
            "what VERSION reads; another high half is refused",
        ),
        (
            "CONTEXT_BASE",
            reg::CONTEXT_BASE,
            "first context's registers",
        ),
        ("CONTEXT_SIZE", reg::CONTEXT_SIZE, "to the next context's"),
        ("CONTEXTS", reg::CONTEXTS, ""),
        ("TEACHER", reg::TEACHER, "context"),
        ("STUDENT", reg::STUDENT, "context"),
        (
            "WINDOW_BASE",
            reg::WINDOW_BASE,
            "first window, within a context's registers",
        ),
        ("WINDOW_SIZE", reg::WINDOW_SIZE, "to the next window"),
        ("WINDOWS", reg::WINDOWS, ""),
        ("WINDOW_READ", reg::WINDOW_READ, "permission bit"),
        ("WINDOW_WRITE", reg::WINDOW_WRITE, "permission bit"),
        ("STATE_IDLE", reg::state::IDLE, "no program, or done"),
        ("STATE_RUNNING", reg::state::RUNNING, ""),
        ("STATE_FAULTED", reg::state::FAULTED, "stopped by an error"),
        (
            "IRQ_DONE",
            reg::irq::DONE,
            "teacher's; shift left by the context",
        ),
        (
            "IRQ_FAULT",
            reg::irq::FAULT,
            "teacher's; shift left by the context",
        ),
        ("KEY_CONFIDENCE", reg::key_mode::CONFIDENCE, "SEL_MODE"),
        ("KEY_ARRIVAL", reg::key_mode::ARRIVAL, "SEL_MODE"),
        ("KEY_HASH", reg::key_mode::HASH, "SEL_MODE"),
        ("KEY_HASH_ABOVE", reg::key_mode::HASH_ABOVE, "SEL_MODE"),
        (
            "NO_SITE",
            u32::from(command::NO_SITE),
            "site that adds nothing",
        ),
        (
            "NO_SLOT",
            u32::from(command::NO_SLOT),
            "sample that is not scored",
        ),
        ("PAD_A", u32::from(command::pad::A), "Load"),
        ("PAD_B", u32::from(command::pad::B), "Load"),
        ("PAD_V", u32::from(command::pad::V), "Load"),
        ("PAD_Z", u32::from(command::pad::Z), "Load"),
        ("PAD_O", u32::from(command::pad::O), "Store"),
        ("PAD_G", u32::from(command::pad::G), "Store"),
        ("PHASE_FORWARD", u32::from(command::phase::FORWARD), ""),
        ("PHASE_DX", u32::from(command::phase::DX), ""),
        ("PHASE_DW", u32::from(command::phase::DW), ""),
    ]
}
