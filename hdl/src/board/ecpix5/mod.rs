//! The ECPIX-5: LFE5UM5G-85F, DDR3 of 16 data lines through LiteDRAM's controller, host by UART. [`verilog`] is all of the board but the
//! engine and the controller; `docs/boards/ecpix5.md` says how a bitstream is made of the three.
use super::ddr::{ClockError, SetUp};
use super::port_switch::PortSwitch;
use super::wide::{WideRead, WideWrite};
use crate::emit::{whole, EmitError};
use crate::leaf::Skid;
use crate::link::uart::{emitted, gap_bits, AxiLiteMaster, AxiMaster, Baud, BaudError, PortSplit};
use rust_hdl::prelude::Bits;

/// Name of the top module.
pub const TOP: &str = "tandem_ecpix5";

/// What LiteDRAM is asked for, Hz: `sys_clk_freq` of `constraints/ecpix5/litedram.yml`.
pub const CLOCK_ASKED: u64 = 90_000_000;

/// What its PLL makes of that, Hz: 100 MHz / 4 × 29 / 4 / 2.
pub const CLOCK: u64 = 90_625_000;

/// Bits a second of the link: the most that the board's FT2232H can do.
pub const BAUD: u64 = 12_000_000;

/// Requests on their way at once, log2.
const SLOTS: usize = 3;

/// Bits of an address at the controller: identifier, length, byte address.
const ADDRESS: usize = 4 + 8 + 29;

/// Why there is no Verilog.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// A block does not emit.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The link's rate cannot be made.
    #[error(transparent)]
    Baud(#[from] BaudError),
    /// The clock is too fast for the set-up.
    #[error(transparent)]
    Clock(#[from] ClockError),
}

/// The board's top and what it is made of, without `tandem_engine` (of the configuration 8×16, with `TANDEM_ECP5` defined) and
/// `litedram_core` (after [`with_pins`]).
pub fn verilog() -> Result<String, BoardError> {
    let baud = Baud::new(CLOCK, BAUD)?;
    let mut text = whole(&mut SetUp::new(CLOCK)?, "tandem_ddr_set_up")?;
    text += &emitted::pins::<SLOTS, { gap_bits(CLOCK) }>("tandem_uart_link", baud)?;
    text += &whole(&mut PortSplit::default(), "tandem_port_split")?;
    text += &whole(&mut AxiLiteMaster::default(), "tandem_register_master")?;
    text += &whole(&mut AxiMaster::default(), "tandem_memory_master")?;
    text += &whole(&mut PortSwitch::default(), "tandem_port_switch")?;
    text += &whole(&mut WideRead::default(), "tandem_wide_read")?;
    text += &whole(&mut WideWrite::default(), "tandem_wide_write")?;
    text += &whole(
        &mut Skid::<Bits<ADDRESS>>::default(),
        "tandem_address_register",
    )?;
    Ok(text + include_str!("top.v"))
}

/// The generated controller has other ports than expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "litedram_core.v: expected one port `{port}` of direction input, found {found}; generate with the version of LiteDRAM in \
     docs/boards/ecpix5.md, or change hdl/src/board/ecpix5/mod.rs"
)]
pub struct PortsError {
    /// The port.
    pub port: &'static str,
    /// How many there are.
    pub found: usize,
}

/// Makes inouts of the data and strobe pins of a generated `litedram_core.v`: the generator calls them inputs, though its own
/// I/O blocks drive them. An assignment that follows itself is dropped.
pub fn with_pins(text: &str) -> Result<String, PortsError> {
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    for port in ["ddram_dq", "ddram_dqs_p"] {
        let declares = |line: &String| {
            line.trim_start().starts_with("input")
                && line.trim_end().ends_with(&format!(" {port},"))
        };
        let at: Vec<usize> = (0..lines.len()).filter(|i| declares(&lines[*i])).collect();
        let [at] = at[..] else {
            return Err(PortsError {
                port,
                found: at.len(),
            });
        };
        lines[at] = lines[at].replacen("input ", "inout ", 1);
    }
    // The generator writes some assignments twice; Yosys calls that two drivers.
    lines.dedup_by(|a, b| a == b && a.starts_with("assign "));
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configured::verilog_of;
    use crate::verilate::{hash, target_dir, Verilator};
    use std::process::Command;

    const CONTROLLER: &str = include_str!("fixture/litedram_core.v");

    fn constraint(name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../constraints/ecpix5/");
        std::fs::read_to_string(folder.to_string() + name).unwrap()
    }

    #[test]
    fn the_controller_is_asked_for_this_clock() {
        let text = constraint("litedram.yml");
        let asked = format!("\"sys_clk_freq\": {}.0e6,", CLOCK_ASKED / 1_000_000);
        assert!(text.contains(&asked), "no {asked}");
        assert!(CLOCK.abs_diff(CLOCK_ASKED) * 100 < CLOCK_ASKED);
    }

    #[test]
    fn data_pins_go_both_ways() {
        let text = with_pins(CONTROLLER).unwrap();
        for line in [
            "inout  wire   [15:0] ddram_dq,",
            "inout  wire    [1:0] ddram_dqs_p,",
        ] {
            assert!(text.contains(line), "{line}");
        }
        assert_eq!(text.matches("inout").count(), 2);
        assert!(with_pins(&text).is_err());
        let twice = format!("{CONTROLLER}assign a = b;\nassign a = b;\n");
        assert_eq!(
            with_pins(&twice).unwrap().matches("assign a = b;").count(),
            1
        );
    }

    /// Every pin of the top has a place and a standard, and no place is without a pin.
    #[test]
    fn constraints_name_the_pins_of_the_top() {
        let top = include_str!("top.v");
        let header = &top[top.find("module").unwrap()..top.find(");").unwrap()];
        let mut pins = vec![];
        for line in header.lines().skip(1) {
            let name = line.trim_end_matches(',').rsplit(' ').next().unwrap();
            match line
                .split('[')
                .nth(1)
                .and_then(|rest| rest.split(':').next())
            {
                Some(last) => {
                    let last: usize = last.parse().unwrap();
                    pins.extend((0..=last).map(|i| format!("{name}[{i}]")));
                }
                None => pins.push(name.to_string()),
            }
        }
        let text = constraint("ecpix5.lpf");
        let named = |command: &str| {
            let start = format!("{command} \"");
            let lines = text.lines().filter_map(|line| line.strip_prefix(&start));
            let mut all: Vec<String> = lines
                .map(|rest| rest.split('"').next().unwrap().to_string())
                .collect();
            all.sort();
            all
        };
        pins.sort();
        assert_eq!(named("LOCATE COMP"), pins);
        assert_eq!(named("IOBUF PORT"), pins);
        let mut sites: Vec<&str> = text
            .lines()
            .filter_map(|l| l.split("SITE").nth(1))
            .collect();
        sites.sort();
        let all = sites.len();
        sites.dedup();
        assert_eq!(sites.len(), all, "a place twice");
    }

    /// Verilator sees the whole board, the controller as a box, and finds no width or connection wrong in the top.
    #[test]
    fn the_top_fits_its_modules() {
        let engine = verilog_of(&tandem_isa::config::TINY).unwrap();
        let modules = verilog().unwrap();
        let (modules, top) = modules.split_at(modules.find("// The engine on a").unwrap());
        let text = format!(
            "/* verilator lint_off WIDTH */\n/* verilator lint_off PINMISSING */\n/* verilator lint_off CASEINCOMPLETE */\n\
             {engine}{modules}{}\n/* verilator lint_on WIDTH */\n/* verilator lint_on PINMISSING */\n{top}",
            with_pins(CONTROLLER).unwrap()
        );
        let dir = target_dir().join("verilated").join("ecpix5_lint");
        std::fs::create_dir_all(&dir).unwrap();
        let source = dir.join(hash(&[&text]) + ".v");
        std::fs::write(&source, text).unwrap();
        let verilator = Verilator::find().unwrap();
        let done = Command::new(&verilator.bin)
            .env("VERILATOR_ROOT", &verilator.root)
            .args([
                "--lint-only",
                "--no-timing",
                "-Wno-style",
                "-Wno-fatal",
                "-Wwarn-WIDTH",
            ])
            .args(["-Wwarn-PINMISSING", "-Wwarn-UNDRIVEN", "--top-module", TOP])
            .arg(&source)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        // Only of the top: the others have parity tests.
        let kinds = [
            "%Error",
            "WIDTH",
            "PINMISSING",
            "PINNOTFOUND",
            "IMPLICIT",
            "MULTIDRIVEN",
        ];
        let wrong: Vec<&str> = said
            .lines()
            .filter(|line| kinds.iter().any(|kind| line.contains(kind)))
            .collect();
        assert!(
            done.status.success() && wrong.is_empty(),
            "{}",
            wrong.join("\n")
        );
    }
}
