//! A second opinion on emitted Verilog: Yosys reads it strictly, and finds latches, loops and doubly driven signals.
//!
//! Not synthesis: nothing is mapped to a device here.
use super::{hash, run, target_dir, VerilateError};
use std::path::PathBuf;
use std::process::Command;

/// Refuses Verilog that does not elaborate, infers a latch, or has a loop, an undriven or a doubly driven signal.
pub fn validate(text: &str, top: &str) -> Result<(), VerilateError> {
    let yosys = find()?;
    // The PyPI build of Yosys sees relative paths only: it runs beside its input.
    let dir = target_dir().join("yosys").join(&hash(&[text])[..16]);
    std::fs::create_dir_all(&dir).map_err(VerilateError::file("create", &dir))?;
    let source = dir.join("design.v");
    std::fs::write(&source, text).map_err(VerilateError::file("write", &source))?;
    let mut command = Command::new(yosys);
    command.current_dir(&dir).args(["-q", "-p"]).arg(format!(
        "read_verilog design.v; hierarchy -check -top {top}; proc; \
         select -assert-none t:$dlatch t:$adlatch; check -assert"
    ));
    run(command)
}

/// Where Yosys is: looks at `TANDEM_YOSYS`, at `PATH`, then at what `cargo xtask setup` installed.
pub fn find() -> Result<PathBuf, VerilateError> {
    if let Some(program) = std::env::var_os("TANDEM_YOSYS") {
        return Ok(program.into());
    }
    let tools = target_dir().join("tools/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([tools.clone()])
        .map(|dir| dir.join("yosys"))
        .find(|file| file.is_file())
        .ok_or(VerilateError::NoYosys {
            looked: tools.display().to_string(),
        })
}

/// How many cells there are whose kind is `wanted`, in the last table of what Yosys' `stat` wrote; 0 if it names none.
pub fn count(stat: &str, wanted: impl Fn(&str) -> bool) -> u64 {
    // Lines are `name count` in old versions and `count name` in new ones; the last table is the whole design.
    let table = stat.rsplit("design hierarchy").next().unwrap_or(stat);
    let of = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = words.iter().find_map(|word| word.parse::<u64>().ok());
        number.filter(|_| words.iter().any(|word| wanted(word)))
    };
    table.lines().filter_map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_stat_are_counted() {
        for stat in [
            "  SB_DFF    3\n  SB_DFFE  4\n",
            "  3 SB_DFF\n  4   SB_DFFE\n",
        ] {
            assert_eq!(count(stat, |kind| kind == "SB_DFF"), 3);
            assert_eq!(count(stat, |kind| kind.starts_with("SB_DFF")), 7);
        }
    }
}
