//! What the set-up knows of the memory controller that LiteDRAM generates: addresses of its registers, bits, mode registers of the
//! memory. [`check`] compares all of it with what the generator wrote beside the controller; a build calls it, so that
//! a new version of LiteDRAM with another map is refused and not found out on a board.
//!
//! DDR3, 16 data lines, PHY `ECP5DDRPHY` (a clock of the engine is two of the memory's). CAS latency 6 and write latency 5 are what
//! LiteDRAM chooses for engine clocks up to 200 MHz.

/// A register: its name in `csr.csv` and its byte address on the control port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Name in `csr.csv`.
    pub name: &'static str,
    /// Byte address; of the first word where it has two, which is the upper one.
    pub address: u16,
    /// 32-bit words.
    pub words: u8,
}

const fn register(name: &'static str, address: u16, words: u8) -> Register {
    Register {
        name,
        address,
        words,
    }
}

/// Opens the user ports.
pub const INIT_DONE: Register = register("ddrctrl_init_done", 0x0000, 1);
/// Keeps them shut for good.
pub const INIT_ERROR: Register = register("ddrctrl_init_error", 0x0004, 1);
/// Byte lanes that the four below act on, one bit each; stops their strobe logic meanwhile.
pub const LANE_SELECT: Register = register("ddrphy_dly_sel", 0x0800, 1);
/// Read delay to 0.
pub const DELAY_RESET: Register = register("ddrphy_rdly_dq_rst", 0x0804, 1);
/// Read delay one step on.
pub const DELAY_STEP: Register = register("ddrphy_rdly_dq_inc", 0x0808, 1);
/// Bit slip to 0.
pub const SLIP_RESET: Register = register("ddrphy_rdly_dq_bitslip_rst", 0x080c, 1);
/// Bit slip one step on.
pub const SLIP_STEP: Register = register("ddrphy_rdly_dq_bitslip", 0x0810, 1);
/// Forgets the bursts seen.
pub const BURST_CLEAR: Register = register("ddrphy_burstdet_clr", 0x0814, 1);
/// Lanes whose strobe logic has seen a burst, one bit each.
pub const BURST_SEEN: Register = register("ddrphy_burstdet_seen", 0x0818, 1);
/// Who drives the memory, and its slow pins: see `CONTROL_*`.
pub const CONTROL: Register = register("sdram_dfii_control", 0x1000, 1);
/// Pins of the command of phase 0: see `COMMAND_*`.
pub const COMMAND_0: Register = register("sdram_dfii_pi0_command", 0x1004, 1);
/// Gives it, for one cycle.
pub const ISSUE_0: Register = register("sdram_dfii_pi0_command_issue", 0x1008, 1);
/// Address of phase 0.
pub const ADDRESS_0: Register = register("sdram_dfii_pi0_address", 0x100c, 1);
/// Bank of phase 0.
pub const BANK_0: Register = register("sdram_dfii_pi0_baddress", 0x1010, 1);
/// Beats 0 to 3 of a burst to be written; two beats a word, the even one in the lower half.
pub const WRITE_DATA_0: Register = register("sdram_dfii_pi0_wrdata", 0x1014, 2);
/// Beats 0 to 3 of the burst read last.
pub const READ_DATA_0: Register = register("sdram_dfii_pi0_rddata", 0x101c, 2);
/// As of phase 0.
pub const COMMAND_1: Register = register("sdram_dfii_pi1_command", 0x1024, 1);
/// As of phase 0.
pub const ISSUE_1: Register = register("sdram_dfii_pi1_command_issue", 0x1028, 1);
/// As of phase 0.
pub const ADDRESS_1: Register = register("sdram_dfii_pi1_address", 0x102c, 1);
/// As of phase 0.
pub const BANK_1: Register = register("sdram_dfii_pi1_baddress", 0x1030, 1);
/// Beats 4 to 7.
pub const WRITE_DATA_1: Register = register("sdram_dfii_pi1_wrdata", 0x1034, 2);
/// Beats 4 to 7.
pub const READ_DATA_1: Register = register("sdram_dfii_pi1_rddata", 0x103c, 2);

/// All of them.
pub const ALL: [Register; 22] = [
    INIT_DONE,
    INIT_ERROR,
    LANE_SELECT,
    DELAY_RESET,
    DELAY_STEP,
    SLIP_RESET,
    SLIP_STEP,
    BURST_CLEAR,
    BURST_SEEN,
    CONTROL,
    COMMAND_0,
    ISSUE_0,
    ADDRESS_0,
    BANK_0,
    WRITE_DATA_0,
    READ_DATA_0,
    COMMAND_1,
    ISSUE_1,
    ADDRESS_1,
    BANK_1,
    WRITE_DATA_1,
    READ_DATA_1,
];

/// The controller drives the memory, not the registers.
pub const CONTROL_HARDWARE: u16 = 0x1;
/// Pin CKE.
pub const CONTROL_CKE: u16 = 0x2;
/// Pin ODT.
pub const CONTROL_ODT: u16 = 0x4;
/// Pin RESET#, which is released by it.
pub const CONTROL_RESET_N: u16 = 0x8;

/// Pin CS#, low.
pub const COMMAND_CS: u16 = 0x01;
/// Pin WE#, low.
pub const COMMAND_WE: u16 = 0x02;
/// Pin CAS#, low.
pub const COMMAND_CAS: u16 = 0x04;
/// Pin RAS#, low.
pub const COMMAND_RAS: u16 = 0x08;
/// Write data follow.
pub const COMMAND_WRITES: u16 = 0x10;
/// Read data follow.
pub const COMMAND_READS: u16 = 0x20;

/// Mode registers 2, 3, 1, 0 in the order JEDEC wants them: number and value.
pub const MODES: [(u16, u16); 4] = [
    (2, 0x200), // RTT_WR 60 Ω, write latency 5
    (3, 0x000),
    (1, 0x006), // driver 34 Ω, RTT_NOM 60 Ω, DLL on
    (0, 0x320), // DLL reset, write recovery 5, CAS latency 6, bursts of 8
];

/// Address of ZQ calibration, long.
pub const ZQ_LONG: u16 = 0x400;

/// Lines of the generated `sdram_phy.h` that the set-up rests on.
const HEADER: [&str; 13] = [
    "#define DFII_CONTROL_SEL 0x01",
    "#define DFII_CONTROL_CKE 0x02",
    "#define DFII_CONTROL_ODT 0x04",
    "#define DFII_CONTROL_RESET_N 0x08",
    "#define DFII_COMMAND_CS 0x01",
    "#define DFII_COMMAND_WE 0x02",
    "#define DFII_COMMAND_CAS 0x04",
    "#define DFII_COMMAND_RAS 0x08",
    "#define DFII_COMMAND_WRDATA 0x10",
    "#define DFII_COMMAND_RDDATA 0x20",
    "#define SDRAM_PHY_RDPHASE 0",
    "#define SDRAM_PHY_WRPHASE 1",
    "#define SDRAM_PHY_MODULES 2",
];

/// Why a generated controller is not the one that the set-up was made for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A register is missing, elsewhere or of another size.
    #[error(
        "csr.csv: register {name}: expected address 0x{address:04x} and {words} words, found {found}; generate with the version \
         of LiteDRAM in docs/boards/ecpix5.md, or change hdl/src/board/ddr/registers.rs"
    )]
    Register {
        /// Its name.
        name: &'static str,
        /// Expected.
        address: u16,
        /// Expected.
        words: u8,
        /// The rest of its line, or `none`.
        found: String,
    },
    /// A line is missing.
    #[error(
        "sdram_phy.h: expected `{expected}`, found no such line; generate with the version of LiteDRAM in docs/boards/ecpix5.md, \
         or change hdl/src/board/ddr/registers.rs"
    )]
    Header {
        /// The line.
        expected: String,
    },
}

/// Compares the map above with the generated `csr.csv` and `sdram_phy.h`.
pub fn check(csr: &str, header: &str) -> Result<(), MapError> {
    for register in ALL {
        let start = format!("csr_register,{},", register.name);
        let found = csr.lines().find_map(|line| line.strip_prefix(&start));
        let same = found.is_some_and(|rest| {
            let mut fields = rest.split(',');
            let address = fields.next().and_then(|f| f.strip_prefix("0x"));
            address.and_then(|a| u32::from_str_radix(a, 16).ok()) == Some(register.address.into())
                && fields.next().and_then(|f| f.parse().ok()) == Some(register.words)
        });
        if !same {
            return Err(MapError::Register {
                name: register.name,
                address: register.address,
                words: register.words,
                found: found.unwrap_or("none").to_string(),
            });
        }
    }
    let missing = |expected: &str| MapError::Header {
        expected: expected.into(),
    };
    for line in HEADER {
        if !header.lines().any(|l| l.trim() == line) {
            return Err(missing(line));
        }
    }
    // Commands as the generator's own sequence gives them: address, bank, each on a line, in this order.
    let mut rest = header;
    let modes = MODES.map(|(number, value)| (value, number));
    for (address, bank) in modes.into_iter().chain([(ZQ_LONG, 0)]) {
        let lines = format!(
            "sdram_dfii_pi0_address_write({address:#x});\n\tsdram_dfii_pi0_baddress_write({bank});\n\tcommand_p0("
        );
        let at = rest.find(&lines).ok_or_else(|| missing(&lines))?;
        rest = &rest[at + lines.len()..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSR: &str = include_str!("fixture/csr.csv");
    const HEADER_FILE: &str = include_str!("fixture/sdram_phy.h");

    #[test]
    fn the_map_is_the_generated_one() {
        check(CSR, HEADER_FILE).unwrap();
    }

    /// `TANDEM_LITEDRAM` names the folder that `litedram_gen` wrote into; without it there is nothing to compare.
    #[test]
    fn the_map_is_that_of_the_generator_at_hand() {
        let Ok(folder) = std::env::var("TANDEM_LITEDRAM") else {
            return;
        };
        let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        check(
            &read("csr.csv"),
            &read("software/include/generated/sdram_phy.h"),
        )
        .unwrap();
    }

    #[test]
    fn another_map_is_refused() {
        let moved = CSR.replace("burstdet_seen,0x00000818", "burstdet_seen,0x0000081c");
        let text = check(&moved, HEADER_FILE).unwrap_err().to_string();
        assert!(
            text.contains("0x0818") && text.contains("0x0000081c"),
            "{text}"
        );
        let narrow = CSR.replace("pi0_wrdata,0x00001014,2", "pi0_wrdata,0x00001014,4");
        assert!(check(&narrow, HEADER_FILE).is_err());
        let slower = HEADER_FILE.replace("address_write(0x320)", "address_write(0x330)");
        assert!(check(CSR, &slower).is_err());
        let phase = HEADER_FILE.replace("RDPHASE 0", "RDPHASE 1");
        assert!(check(CSR, &phase).is_err());
    }
}
