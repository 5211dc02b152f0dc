//! The boards: one entry each, in one table.
use std::path::PathBuf;

/// What a part is placed and routed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Lattice iCE40: `nextpnr-ice40 --DEVICE --package PACKAGE`.
    Ice40 {
        /// As nextpnr names it.
        device: &'static str,
        /// As nextpnr names it.
        package: &'static str,
    },
    /// Lattice ECP5: `nextpnr-ecp5 --DEVICE --package PACKAGE --speed SPEED`.
    Ecp5 {
        /// As nextpnr names it.
        device: &'static str,
        /// As nextpnr names it.
        package: &'static str,
        /// Speed grade.
        speed: &'static str,
    },
    /// Xilinx 7 series: synthesis only; Vivado does the rest.
    Xilinx7 {
        /// LUTs, flip-flops, block RAMs of 36 kbit and DSP48E1 of the part that must hold it.
        available: [usize; 4],
    },
}

/// One board.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// What `--board` takes.
    pub name: &'static str,
    /// The part, as printed on it.
    pub part: &'static str,
    /// Multiply-accumulate cells.
    pub cells: usize,
    /// Bits of an operand.
    pub operand_bits: usize,
    /// Top module of its Verilog.
    pub top: &'static str,
    /// Family, device and package.
    pub family: Family,
    /// Pins and clocks, in `constraints/`.
    pub constraints: Option<&'static str>,
    /// Files of `constraints/` that go beside its Verilog for other tools.
    pub beside: &'static [&'static str],
    /// A memory controller is generated from this file of `constraints/`.
    pub memory_controller: Option<&'static str>,
    /// The engine's clock: a build below it fails.
    pub target_mhz: f64,
    /// How to write the bitstream to the board; `{}` is the file.
    pub flash: &'static str,
}

impl Board {
    /// The board of that name.
    pub fn named(name: &str) -> Result<&'static Board, String> {
        let names: Vec<_> = ALL.iter().map(|b| b.name).collect();
        let found = ALL.iter().find(|b| b.name == name);
        found.ok_or_else(|| {
            format!(
                "--board: expected one of {}, found `{name}`",
                names.join(", ")
            )
        })
    }

    /// Its constraints file.
    pub fn constraints(&self) -> Option<PathBuf> {
        let folder = crate::tools::root().join("constraints");
        self.constraints.map(|file| folder.join(file))
    }
}

/// Every board.
pub const ALL: &[Board] = &[
    Board {
        name: "cu",
        part: "iCE40HX8K-CB132",
        cells: 16,
        operand_bits: 8,
        top: "tandem_cu",
        family: Family::Ice40 {
            device: "hx8k",
            package: "cb132",
        },
        constraints: Some("cu/cu.pcf"),
        beside: &[],
        memory_controller: None,
        target_mhz: 48.0,
        flash: "iceprog {}",
    },
    Board {
        name: "ecpix5",
        part: "LFE5UM5G-85F-8BG554I",
        cells: 128,
        operand_bits: 16,
        top: "tandem_ecpix5",
        family: Family::Ecp5 {
            device: "um5g-85k",
            package: "CABGA554",
            speed: "8",
        },
        constraints: Some("ecpix5/ecpix5.lpf"),
        beside: &[],
        memory_controller: Some("ecpix5/litedram.yml"),
        target_mhz: 90.0,
        flash: "openFPGALoader -b ecpix5_r03 {}",
    },
    Board {
        name: "ulx3s",
        part: "LFE5U-85F-6BG381C",
        cells: 128,
        operand_bits: 16,
        top: "tandem_ulx3s",
        family: Family::Ecp5 {
            device: "85k",
            package: "CABGA381",
            speed: "6",
        },
        constraints: Some("ulx3s/ulx3s.lpf"),
        beside: &[],
        memory_controller: None,
        target_mhz: 75.0,
        flash: "openFPGALoader -b ulx3s {}",
    },
    Board {
        name: "axi",
        part: "XC7Z020 (resources only)",
        cells: 128,
        operand_bits: 16,
        top: "tandem_engine",
        family: Family::Xilinx7 {
            available: [53_200, 106_400, 140, 220],
        },
        constraints: None,
        beside: &["axi/tandem.core", "axi/package_ip.tcl", "axi/tandem.dtsi"],
        memory_controller: None,
        target_mhz: 0.0,
        flash: "-",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_constraints_are_there() {
        let folder = crate::tools::root().join("constraints");
        for (i, board) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|b| b.name != board.name));
            assert_eq!(Board::named(board.name).unwrap().top, board.top);
            for file in board.beside {
                assert!(folder.join(file).is_file(), "{file} is missing");
            }
            if let Some(file) = board.constraints() {
                assert!(file.is_file(), "{} is missing", file.display());
            }
        }
        let error = Board::named("cux").unwrap_err();
        assert!(error.contains("cu, ecpix5") && error.contains("`cux`"));
    }
}
