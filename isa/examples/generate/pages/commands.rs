//! docs/commands.md: every command's purpose, format, flags, limits and an example.

use super::{cell, examples, NOTICE};
use tandem_isa::command::{Field, Format, Unit, COMMAND_BYTES, FORMATS, TOKEN_MAX};
use tandem_isa::error::ErrorCode;

/// The page.
pub fn page() -> String {
    let mut out = format!(
        "# Commands\n\n{NOTICE}\n\n\
         A program is a list of commands in DDR, {COMMAND_BYTES} bytes each, little-endian, at an address that is a multiple of {COMMAND_BYTES}. \
         A host writes the address and the number of commands into the context's registers and rings its doorbell (docs/registers.md).\n\n\
         ## Header\n\
         | byte | meaning |\n|---|---|\n\
         | 0 | opcode |\n\
         | 1 | flags |\n\
         | 2 | wait: bit u set: take one token that unit u gave to this command's unit before starting |\n\
         | 3 | signal: bit u set: give one token to unit u when done |\n\
         | 4–5 | tag: the host's mark, not looked at by the engine |\n\
         | 6–7 | 0 |\n\n\
         Units run their own commands in order and run beside each other. A program is right when running its commands one by one in program order \
         gives the same result and every dependency between two units is covered by a token. There is a counter for each producer and consumer, up to {TOKEN_MAX}; \
         a unit that would exceed it waits.\n\n\
         | unit | bit in wait and signal | commands |\n|---|---|---|\n"
    );
    for unit in Unit::ALL {
        let names: Vec<_> = FORMATS
            .iter()
            .filter(|f| f.unit == Some(unit))
            .map(|f| f.name)
            .collect();
        out += &format!("| {unit:?} | {} | {} |\n", unit as u8, names.join(", "));
    }
    out += &format!(
        "\nEvery command is checked before it is issued. A command that is refused stops its context: the code is in ERROR_CODE, the command's DDR \
         address in ERROR_COMMAND, the value in ERROR_VALUE. An opcode that is not below is {}; a flag bit that the command does not have {}; a field \
         outside its range {}; `wait` or `signal` with a bit of no unit {}.\n",
        code(ErrorCode::BadOpcode),
        code(ErrorCode::BadFlags),
        code(ErrorCode::BadField),
        code(ErrorCode::BadField)
    );
    for f in FORMATS {
        out += &command(f);
    }
    out
}

fn code(c: ErrorCode) -> String {
    format!("{c:?} ({})", c as u32)
}

fn bytes(f: &Field) -> String {
    match f.bits / 8 {
        1 => format!("{}", f.offset),
        n => format!("{}–{}", f.offset, f.offset + n - 1),
    }
}

fn command(f: &Format) -> String {
    let mut out = format!("\n## {} (opcode {})\n", f.name, f.opcode);
    out += &match f.unit {
        Some(unit) => format!(
            "Runs on the {} unit.\n\n",
            format!("{unit:?}").to_lowercase()
        ),
        None => "Done by control itself.\n\n".to_string(),
    };
    for line in f.doc {
        out += line.trim();
        out += "\n";
    }
    if !f.flags.is_empty() {
        out += "\n| flag | bit | meaning |\n|---|---|---|\n";
        for (name, bit, doc) in f.flags {
            out += &format!("| {name} | {} | {} |\n", bit.trailing_zeros(), cell(doc));
        }
    }
    if !f.fields.is_empty() {
        out += "\n| byte | field | bits | range | meaning |\n|---|---|---|---|---|\n";
        for field in f.fields {
            out += &format!(
                "| {} | `{}` | {}{} | {} | {} |\n",
                bytes(field),
                field.name,
                if field.signed { "s" } else { "u" },
                field.bits,
                range(field),
                cell(field.doc)
            );
        }
    }
    out += "\nLimits: ";
    out += &limits(f);
    out += "\n";
    out += &example(f);
    out
}

fn range(f: &Field) -> String {
    match f.min == f.max {
        true => format!("{}", f.min),
        false => format!("{} to {}", f.min, f.max),
    }
}

fn limits(f: &Format) -> String {
    let mut parts: Vec<String> = Vec::new();
    let bad = |name: &str| {
        let of = |v: &&Field| (v.name == "terms") == (name == "terms");
        f.fields
            .iter()
            .filter(|v| v.is_checked())
            .filter(of)
            .map(|v| format!("`{}`", v.name))
            .collect::<Vec<_>>()
    };
    let fields = bad("");
    if !fields.is_empty() {
        parts.push(format!(
            "{} outside the range: {}.",
            fields.join(", "),
            code(ErrorCode::BadField)
        ));
    }
    for name in bad("terms") {
        parts.push(format!(
            "{name} above its range: {}; 0: {}.",
            code(ErrorCode::TooManyTerms),
            code(ErrorCode::BadField)
        ));
    }
    let mask = f.flag_mask();
    parts.push(match mask {
        0 => format!("Any flag bit: {}.", code(ErrorCode::BadFlags)),
        0xff => "Every flag bit has a meaning.".to_string(),
        _ => format!(
            "Flag bits other than {mask:#04x}: {}.",
            code(ErrorCode::BadFlags)
        ),
    });
    parts.join(" ")
}

fn example(f: &Format) -> String {
    let Some((text, command)) = examples::of(f.name) else {
        return String::new();
    };
    let b = command.encode();
    let mut out = format!("\nExample: {text}\n\n```text\n");
    let set: Vec<_> = f
        .fields
        .iter()
        .map(|v| (v.name, v.read(&b)))
        .filter(|(_, v)| *v != 0)
        .map(|(name, v)| format!("{name}={v}"))
        .collect();
    let flags: Vec<_> = f
        .flags
        .iter()
        .filter(|(_, bit, _)| b[1] & bit != 0)
        .map(|(name, _, _)| *name)
        .collect();
    let mut head = f.name.to_string();
    if !flags.is_empty() {
        head += &format!(" [{}]", flags.join(" "));
    }
    if !set.is_empty() {
        head += &format!(" {}", set.join(" "));
    }
    out += &head;
    out += &format!(" wait={:#04x} signal={:#04x}\n", b[2], b[3]);
    let used = b.len() - b.iter().rev().take_while(|v| **v == 0).count();
    for (i, row) in b[..used].chunks(16).enumerate() {
        let hex: Vec<_> = row.iter().map(|v| format!("{v:02x}")).collect();
        out += &format!("{:02}: {}\n", i * 16, hex.join(" "));
    }
    if used <= 48 {
        out += "    zeros from here\n";
    }
    out += "```\n";
    out
}
