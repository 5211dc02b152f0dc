//! LiteDRAM, generated where it is needed and never kept in the repository.
use super::tool;
use crate::tools;
use std::path::Path;

/// What is known to work together; from setuptools 81 on a module that LiteX needs is gone.
const WHEELS: &str = "litedram litex migen liteiclink setuptools<81";

/// Generates the controller of `constraints/SETTINGS` into `folder`; the name of its Verilog file.
pub fn generate(settings: &str, folder: &Path) -> Result<String, String> {
    let from = tools::root().join("constraints").join(settings);
    let name = "litedram_core";
    println!("xtask: memory controller of {settings}");
    let mut program = tools::python_tool(WHEELS, "litedram.gen", "main")?;
    program
        .current_dir(folder)
        .arg("--output-dir")
        .arg("litedram")
        .args(["--name", name])
        .arg(&from);
    tool::complete(program, &folder.join("litedram"))?;
    let file = folder.join("litedram/gateware").join(format!("{name}.v"));
    let text = std::fs::read_to_string(&file)
        .map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    let name = format!("{name}.v");
    let to = folder.join(&name);
    std::fs::write(&to, both_ways(&text))
        .map_err(|e| format!("cannot write {}: {e}", to.display()))?;
    Ok(name)
}

/// Data and strobe pins go both ways; the generator writes them as inputs.
fn both_ways(text: &str) -> String {
    text.lines()
        .map(|line| {
            let pin = ["ddram_dq,", "ddram_dq ", "ddram_dqs_p", "ddram_dqs_n"]
                .iter()
                .any(|pin| line.contains(pin) || line.trim_end().ends_with(pin.trim()));
            match pin && line.trim_start().starts_with("input ") {
                true => line.replacen("input ", "inout ", 1) + "\n",
                false => line.to_string() + "\n",
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_pins_become_inout_and_nothing_else() {
        let text = "    input  wire   [15:0] ddram_dq,\n    input  wire    [1:0] ddram_dqs_p,\n    output wire ddram_dm,\n    input wire clk,\n";
        let fixed = both_ways(text);
        assert_eq!(fixed.matches("inout").count(), 2);
        assert!(fixed.contains("input wire clk,"));
    }
}
