//! The board ULX3S: all its Verilog as one text, top module [`TOP`]. The top itself, [`TEXT`], is Verilog: it is pins, clock and
//! wires. Described in `docs/boards/ulx3s.md`; pins in `constraints/ulx3s/ulx3s.lpf`.
use super::sdram::sdram_memory::{timings, SdramMemory};
use crate::configured::{verilog_of, ConfiguredError};
use crate::emit::{whole, EmitError};
use crate::link::uart::{emitted, gap_bits, AxiLiteMaster, Baud, BaudError, PortSplit};
use tandem_isa::config::ECP5;

/// Name of the top module.
pub const TOP: &str = "tandem_ulx3s";
/// The top module.
pub const TEXT: &str = include_str!("ulx3s.v");
/// The engine's clock, Hz: the PLL's parameters in [`TEXT`] make it of the board's 25 MHz.
pub const CLOCK: u64 = 75_000_000;
/// Bits a second of the link, the most an FT231X does.
pub const BAUD: u64 = 3_000_000;
/// log2 of the link's window.
const SLOTS: usize = 3;

/// Why there is no Verilog of the board.
#[derive(Debug, thiserror::Error)]
pub enum Ulx3sError {
    /// The link cannot have its rate.
    #[error("board ulx3s: {0}")]
    Baud(#[from] BaudError),
    /// The engine has none.
    #[error("board ulx3s: {0}")]
    Engine(#[from] ConfiguredError),
    /// The emitter refused a part.
    #[error("board ulx3s: {0}")]
    Emit(#[from] EmitError),
}

/// The SDRAM with its bridge and controller as module `top`.
pub fn memory(top: &str) -> Result<String, EmitError> {
    whole(&mut SdramMemory::new(timings(CLOCK as f64)), top)
}

/// The Verilog of the whole board.
pub fn verilog() -> Result<String, Ulx3sError> {
    let baud = Baud::new(CLOCK, BAUD)?;
    Ok([
        verilog_of(&ECP5)?,
        emitted::pins::<SLOTS, { gap_bits(CLOCK) }>("tandem_ulx3s_link", baud)?,
        whole(&mut PortSplit::default(), "tandem_ulx3s_split")?,
        whole(&mut AxiLiteMaster::default(), "tandem_ulx3s_registers")?,
        memory("tandem_ulx3s_memory")?,
        TEXT.into(),
    ]
    .join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::ecp5;
    use crate::verilate::{target_dir, Verilator};
    use std::collections::BTreeSet;

    /// Names after `word` at the beginning of a line.
    fn named<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
        let rest = text.lines().filter_map(|line| line.strip_prefix(word));
        rest.filter_map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        })
        .collect()
    }

    #[test]
    fn top_passes_lint_and_no_module_is_there_twice() {
        let text = verilog().unwrap();
        let modules = named(&text, "module ");
        let names: BTreeSet<_> = modules.iter().collect();
        assert_eq!(names.len(), modules.len());
        assert!(names.contains(&TOP) && modules.len() > 100, "{modules:?}");

        let dir = target_dir().join("verilated").join("lint_ulx3s");
        std::fs::create_dir_all(&dir).unwrap();
        // Lint of the top alone: what is emitted has parity tests instead.
        let (parts, top) = text.split_at(text.len() - TEXT.len());
        let models = ecp5::DEFINED_WITH_MODELS.to_string() + ecp5::CLOCK_MODELS;
        let lint = |turn: &str| {
            ["WIDTH", "PINMISSING", "IMPLICIT"]
                .map(|what| format!("/* verilator lint_{turn} {what} */\n"))
                .concat()
        };
        let file = dir.join("ulx3s.v");
        std::fs::write(
            &file,
            [&lint("off"), &models, parts, &lint("on"), top].concat(),
        )
        .unwrap();
        // Verilator takes a kernel for one signal, and sees loops where there are none.
        let strict = [
            "--lint-only",
            "-Wno-UNOPTFLAT",
            "-Wwarn-WIDTH",
            "-Wwarn-PINMISSING",
            "-Wwarn-IMPLICIT",
        ];
        Verilator::find()
            .unwrap()
            .verilate(&[&file], TOP, "Vulx3s", &dir, &strict)
            .unwrap();
    }

    #[test]
    fn every_pin_of_the_top_has_a_place() {
        let pins = include_str!("../../../constraints/ulx3s/ulx3s.lpf");
        let placed: BTreeSet<_> = pins
            .lines()
            .filter_map(|line| line.strip_prefix("LOCATE COMP \"")?.split('"').next())
            .map(String::from)
            .collect();
        let mut wanted = BTreeSet::new();
        let (_, ports) = TEXT.split_once("module tandem_ulx3s (").unwrap();
        let (ports, _) = ports.split_once(");").unwrap();
        let mut width = 1;
        for word in ports
            .split([' ', ',', '\n'])
            .filter(|word| !word.is_empty())
        {
            match word {
                "input" | "output" | "inout" => width = 0,
                range if range.starts_with('[') => {
                    let high: usize = range[1..].split(':').next().unwrap().parse().unwrap();
                    width = high + 1;
                }
                name if width == 0 => drop(wanted.insert(name.to_string())),
                name => wanted.extend((0..width).map(|i| format!("{name}[{i}]"))),
            }
        }
        assert_eq!(placed, wanted);
        let sites: BTreeSet<_> = pins
            .lines()
            .filter_map(|line| line.split("SITE ").nth(1))
            .collect();
        assert_eq!(sites.len(), placed.len(), "two pins at one place");
    }
}
