//! docs/registers.md: the register map as a page.

use super::{cell, configurations, NOTICE};
use tandem_isa::{config, error::ErrorCode, register as reg};

/// First offset of a block, its title, and what is to be known about it.
const BLOCKS: &[(u32, &str, &str)] = &[
    (
        0x000,
        "Identification and control",
        "A host reads ID, VERSION and CONFIG_HASH before anything else, and stops when one of them is not what it was built for.",
    ),
    (0x100, "Teacher's context", "Context 0, urgent. Its program is a list of 64-byte commands in DDR: docs/commands.md."),
    (0x200, "Student's context", "Context 1, background: the same block, 0x100 further on."),
    (
        0x300,
        "Counters",
        "Of the cycles of a unit each is counted once: busy, stalled or idle. All of them wrap.",
    ),
    (0x400, "Loss", "Counted by the loss unit over all its commands."),
    (0x500, "Requantise sites", "One site at a time is shown, chosen by SITE_INDEX."),
    (0x600, "Selector", "Set it up while it is idle; `docs/engine.md` says how it ranks."),
];

fn access(a: reg::Access) -> &'static str {
    match a {
        reg::Access::ReadOnly => "read",
        reg::Access::ReadWrite => "read, write",
        reg::Access::WriteOnly => "write",
        reg::Access::WriteOneToClear => "read, 1 clears",
        reg::Access::ReadPops => "read takes",
    }
}

/// The page.
pub fn page() -> String {
    let mut out = format!(
        "# Registers\n\n{NOTICE}\n\n\
         32-bit registers on AXI4-Lite, {:#x} bytes of them, at byte offsets. A 64-bit counter is two registers; reading the low word latches the high one. \
         Offsets without a register read 0 and ignore writes. Codes with a number stand in `host/include/tandem.h` for C.\n",
        reg::SPACE
    );
    for (i, (first, title, text)) in BLOCKS.iter().enumerate() {
        let end = BLOCKS.get(i + 1).map_or(reg::SPACE, |b| b.0);
        out += &format!("\n## {title}\n{text}\n\n| offset | register | access | reset | meaning |\n|---|---|---|---|---|\n");
        for r in reg::ALL
            .iter()
            .filter(|r| (*first..end).contains(&r.offset))
        {
            out += &format!(
                "| {:#05x} | {} | {} | {:#x} | {} |\n",
                r.offset,
                r.name,
                access(r.access),
                r.reset,
                cell(r.doc)
            );
        }
        if *first == reg::CONTEXT_BASE {
            out += &format!(
                "\nA context has {} windows; window w is the three registers {:#x} + {:#x}·w after the start of its block. A burst of the context's \
                 commands, and the fetch of them, must lie whole in one window with the right permission ({} read, {} write).\n",
                reg::WINDOWS, reg::WINDOW_BASE, reg::WINDOW_SIZE, reg::WINDOW_READ, reg::WINDOW_WRITE
            );
        }
    }
    out += "\n## Fields\nRegisters that are not one number of 32 bits. A signed field is two's complement. The same for programs: `host/include/tandem.svd` (CMSIS-SVD), `host/include/tandem.json`.\n\n| register | field | bits | meaning |\n|---|---|---|---|\n";
    for r in reg::ALL {
        for f in r.fields {
            let named = f
                .values
                .iter()
                .map(|(value, name)| format!("{value} {name}"));
            let named: Vec<_> = named.collect();
            let values = match (f.signed, named.is_empty()) {
                (true, _) => " Signed.".to_string(),
                (_, true) => String::new(),
                (_, false) if r.name.ends_with("ERROR_CODE") => " The codes are below.".into(),
                _ => format!(" {}.", named.join(", ")),
            };
            let bits = match f.bits {
                1 => f.low.to_string(),
                bits => format!("{}:{}", f.low + bits - 1, f.low),
            };
            out += &format!(
                "| {} | {} | {bits} | {}{values} |\n",
                r.name,
                f.name,
                cell(f.doc)
            );
        }
    }
    out += "\n## Error codes\nWhat T_ERROR_CODE and S_ERROR_CODE hold after a context stopped.\n\n| code | name | meaning |\n|---|---|---|\n";
    for (code, name, doc) in ErrorCode::ALL {
        out += &format!("| {} | {name} | {} |\n", *code as u32, cell(doc));
    }
    out += &format!(
        "\n## Identification\nID reads {:#010x}; VERSION reads {:#010x}.\n\n| configuration | CONFIG_HASH | SHAPE |\n|---|---|---|\n",
        reg::ID_VALUE,
        reg::VERSION_VALUE
    );
    for c in config::ALL {
        out += &format!(
            "| `{}` | {:#010x} | {:#010x} |\n",
            c.name,
            c.hash(),
            (c.lanes << 16) | c.rows
        );
    }
    out += "\nTheir sizes:\n\n";
    out += &configurations();
    out
}
