//! The generated files as text: pure functions of the tables in `isa/src`, for the generator and for the test of freshness.

pub mod commands;
pub mod examples;
mod header;
mod json;
mod registers;
mod svd;

use std::path::{Path, PathBuf};
use tandem_isa::config;

/// What every generated file says of itself.
const NOTICE: &str = "Generated from isa/src by `cargo xtask generate`; do not edit.";

/// The part of the README that is generated stands between these lines.
const BEGIN: &str =
    "<!-- configurations: generated from isa/src/config.rs by `cargo xtask generate` -->\n";
const END: &str = "<!-- end of configurations -->\n";

/// The workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Every generated file: its path in the workspace and its text.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("docs/registers.md", registers::page()),
        ("docs/commands.md", commands::page()),
        ("host/include/tandem.h", header::file()),
        ("host/include/tandem.svd", svd::file()),
        ("host/include/tandem.json", json::file()),
        ("README.md", configurations()),
    ]
}

/// The whole file that should be there: of the README only a part is generated.
pub fn whole(path: &str, text: String) -> Result<String, String> {
    if path != "README.md" {
        return Ok(text);
    }
    let file = root().join(path);
    let old = std::fs::read_to_string(&file)
        .map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    match (old.split_once(BEGIN), old.split_once(END)) {
        (Some((before, _)), Some((_, after))) => Ok(format!("{before}{BEGIN}{text}{END}{after}")),
        _ => Err(format!(
            "{}: expected the lines `{}` and `{}`, found not both; put them back around the table of configurations",
            file.display(),
            BEGIN.trim_end(),
            END.trim_end()
        )),
    }
}

/// The named configurations, as a table.
fn configurations() -> String {
    let mut out = String::from(
        "| name | cells (rows × lanes) | operand, accumulator bits | A, B words | V, O words | accumulator words | Z, G words | sites | classes | entries | sample slots | elastic updates |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for c in config::ALL {
        let none = |there: bool, text: String| if there { text } else { "none".into() };
        out += &format!(
            "| `{}` | {} × {} = {} | {}, {} | {}, {} | {}, {} | {} | {} | {} | {} | {} | {} | {} |\n",
            c.name,
            c.rows,
            c.lanes,
            c.cells(),
            c.operand_bits,
            c.accumulator_bits,
            c.a_depth,
            c.b_depth,
            c.v_depth,
            c.o_depth,
            c.acc_depth,
            none(c.has_loss, format!("{}, {}", c.z_depth, c.g_depth)),
            c.sites,
            none(c.has_selector, (1u32 << c.class_bits).to_string()),
            none(c.has_selector, (1u32 << c.entry_bits).to_string()),
            none(c.has_selector, (1u32 << c.slot_bits).to_string()),
            if c.has_elastic { "yes" } else { "none" }
        );
    }
    out
}

/// Text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|")
}
