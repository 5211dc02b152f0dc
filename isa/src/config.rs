//! Configurations of the engine: one small struct, its checks, and the named instances that tests and builds walk.
//!
//! An engine without the loss unit leaves softmax and its gradient to the host, one without the selector the choice of
//! samples; [`Command::decode_for`](crate::Command::decode_for) refuses what belongs to a unit that is not there.
//!
//! Not for run-time options: whatever a host may change while the engine runs is a register ([`crate::register`]).

use crate::numerics::Width;
use core::fmt;

/// The sizes an engine is built with. Depths count words of [`Config::lanes`] 16-bit lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name it is chosen by (`--config NAME`).
    pub name: &'static str,
    /// Array rows: channels that enter each cycle. Divides `lanes`.
    pub rows: usize,
    /// Array columns, and lanes of every scratchpad word and of the tensor layout.
    pub lanes: usize,
    /// Words of the A scratchpad (row operands).
    pub a_depth: usize,
    /// Words of the B scratchpad (weights, or column operands of dW).
    pub b_depth: usize,
    /// Words of the V scratchpad (operands of the vector unit).
    pub v_depth: usize,
    /// Words of the O scratchpad (results of the vector unit, read by store).
    pub o_depth: usize,
    /// Words of accumulator memory, in two banks of half of it.
    pub acc_depth: usize,
    /// Words of the Z scratchpad (logits and sample records of the loss unit).
    pub z_depth: usize,
    /// Words of the G scratchpad (results of the loss unit, read by store).
    pub g_depth: usize,
    /// Requantise sites.
    pub sites: usize,
    /// Elements the update datapath finishes in a cycle. Divides `lanes`.
    pub update_lanes: usize,
    /// Elements the requantise datapath takes in a cycle. Divides `lanes`; a word takes `lanes / requant_lanes` cycles.
    pub requant_lanes: usize,
    /// Selector: log2 of the classes it can hold.
    pub class_bits: u32,
    /// Selector: log2 of the heap entries it can hold.
    pub entry_bits: u32,
    /// Selector: log2 of the sample slots it can count.
    pub slot_bits: u32,
    /// Bits of activations, errors and the weights the array reads: 16, or 8 (numerics.md, "A smaller parameter set").
    /// Words keep 16 bits in memory and pads.
    pub operand_bits: u32,
    /// Bits of an accumulator, which wraps: 48, or 32 with 8-bit operands.
    pub accumulator_bits: u32,
    /// Has the loss unit with pads Z and G.
    pub has_loss: bool,
    /// Has the selector.
    pub has_selector: bool,
    /// Its updates can pull weights back to where they stood (flag ELASTIC): two multipliers an update lane.
    pub has_elastic: bool,
}

/// 4×4 cells, small memories: what tests run on.
pub const TINY: Config = Config {
    name: "tiny",
    rows: 4,
    lanes: 4,
    a_depth: 512,
    b_depth: 512,
    v_depth: 256,
    o_depth: 256,
    acc_depth: 256,
    z_depth: 64,
    g_depth: 64,
    sites: 256,
    update_lanes: 1,
    requant_lanes: 2,
    class_bits: 5,
    entry_bits: 9,
    slot_bits: 9,
    operand_bits: 16,
    accumulator_bits: 48,
    has_loss: true,
    has_selector: true,
    has_elastic: true,
};

/// 8×16 cells, 128 multipliers: the main configuration (fits an ECP5-85F).
pub const E8X16: Config = Config {
    name: "8x16",
    rows: 8,
    lanes: 16,
    a_depth: 2048,
    b_depth: 2048,
    v_depth: 1024,
    o_depth: 1024,
    acc_depth: 1024,
    z_depth: 256,
    g_depth: 256,
    sites: 256,
    update_lanes: 4,
    requant_lanes: 16,
    class_bits: 6,
    entry_bits: 13,
    slot_bits: 13,
    operand_bits: 16,
    accumulator_bits: 48,
    has_loss: true,
    has_selector: true,
    has_elastic: true,
};

/// 4×4 cells of 8 bits, for an FPGA with 32 block RAMs of 256×16 bits (iCE40HX8K): pads A, B,
/// V and O take 4 of them, accumulators 8. Loss and selection are the host's.
pub const CU: Config = Config {
    name: "cu",
    rows: 4,
    lanes: 4,
    a_depth: 64,
    b_depth: 64,
    v_depth: 64,
    o_depth: 64,
    acc_depth: 128,
    z_depth: 0,
    g_depth: 0,
    sites: 16,
    update_lanes: 1,
    requant_lanes: 1,
    class_bits: 0,
    entry_bits: 0,
    slot_bits: 0,
    operand_bits: 8,
    accumulator_bits: 32,
    has_loss: false,
    has_selector: false,
    has_elastic: false,
};

/// The 8×16 engine with room for 2048 selector entries and slots, what an ECP5-85F's 208 block RAMs hold beside a memory controller, and with
/// fewer lanes where the array seldom waits for them (docs/decisions/025-shared-lanes.md).
/// Its look-up tables leave no room for elastic updates.
pub const ECP5: Config = Config {
    name: "ecp5",
    update_lanes: 1,
    requant_lanes: 2,
    entry_bits: 11,
    slot_bits: 11,
    has_elastic: false,
    ..E8X16
};

/// Every named configuration.
pub const ALL: &[Config] = &[TINY, E8X16, CU, ECP5];

/// A configuration that cannot be built: the field, its value, and what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Name of the configuration.
    pub config: &'static str,
    /// Field at fault.
    pub field: &'static str,
    /// Its value.
    pub found: usize,
    /// What is allowed.
    pub expected: &'static str,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "configuration `{}`: field `{}` is {}, expected {}; correct it in isa/src/config.rs",
            self.config, self.field, self.found, self.expected
        )
    }
}

impl core::error::Error for ConfigError {}

impl Config {
    /// The configuration of that name.
    pub fn named(name: &str) -> Option<&'static Config> {
        ALL.iter().find(|c| c.name == name)
    }

    /// Bytes of one word (one pixel's lane vector) in DDR and in every scratchpad.
    pub const fn word_bytes(&self) -> usize {
        self.lanes * 2
    }

    /// 64-bit bus beats of one word.
    pub const fn word_beats(&self) -> usize {
        self.lanes / 4
    }

    /// Row groups of a word: passes needed to feed all lanes of a word to the rows.
    pub const fn groups(&self) -> usize {
        self.lanes / self.rows
    }

    /// Words of one accumulator bank.
    pub const fn acc_bank(&self) -> usize {
        self.acc_depth / 2
    }

    /// Multiply-accumulate cells.
    pub const fn cells(&self) -> usize {
        self.rows * self.lanes
    }

    /// Words of one sample's result record (four pairs of class and confidence).
    pub const fn result_words(&self) -> usize {
        if self.lanes >= 8 {
            1
        } else {
            8 / self.lanes
        }
    }

    /// Bits of activations and errors, and of the accumulator they come from.
    pub const fn width(&self) -> Width {
        Width {
            result_bits: self.operand_bits,
            accumulator_bits: self.accumulator_bits,
        }
    }

    /// Checks every field; the first that is out of range is named.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let bad = |field, found, expected| {
            Err(ConfigError {
                config: self.name,
                field,
                found,
                expected,
            })
        };
        if !self.lanes.is_power_of_two() || self.lanes < 4 || self.lanes > 32 {
            return bad("lanes", self.lanes, "4, 8, 16 or 32");
        }
        if !self.rows.is_power_of_two() || self.rows < 4 || self.rows > self.lanes {
            return bad("rows", self.rows, "a power of two from 4 to lanes");
        }
        let depths = [
            ("a_depth", self.a_depth),
            ("b_depth", self.b_depth),
            ("v_depth", self.v_depth),
            ("o_depth", self.o_depth),
            ("acc_depth", self.acc_depth),
            ("z_depth", self.z_depth),
            ("g_depth", self.g_depth),
        ];
        for (field, depth) in depths {
            if !self.has_loss && (field == "z_depth" || field == "g_depth") {
                if depth != 0 {
                    return bad(field, depth, "0 without the loss unit");
                }
                continue;
            }
            if !depth.is_power_of_two() || depth < 4 * self.lanes.min(16) || depth > 1 << 15 {
                return bad(
                    field,
                    depth,
                    "a power of two from 4 x min(lanes, 16) to 32768",
                );
            }
        }
        if self.sites == 0 || self.sites > 256 {
            return bad("sites", self.sites, "1 to 256");
        }
        if self.update_lanes == 0 || self.lanes % self.update_lanes != 0 {
            return bad("update_lanes", self.update_lanes, "a divisor of lanes");
        }
        if self.requant_lanes == 0 || self.lanes % self.requant_lanes != 0 {
            return bad("requant_lanes", self.requant_lanes, "a divisor of lanes");
        }
        if self.class_bits > 10 {
            return bad("class_bits", self.class_bits as usize, "at most 10");
        }
        if self.entry_bits > 16 {
            return bad("entry_bits", self.entry_bits as usize, "at most 16");
        }
        if self.slot_bits > 16 {
            return bad("slot_bits", self.slot_bits as usize, "at most 16");
        }
        let accumulator = match self.operand_bits {
            16 => (48, "48 with operands of 16 bits"),
            8 => (32, "32 with operands of 8 bits"),
            found => return bad("operand_bits", found as usize, "8 or 16"),
        };
        if self.accumulator_bits != accumulator.0 {
            let found = self.accumulator_bits as usize;
            return bad("accumulator_bits", found, accumulator.1);
        }
        if self.has_loss && self.operand_bits != 16 {
            return bad("has_loss", 1, "0: the loss unit makes errors of 16 bits");
        }
        if self.has_selector && !self.has_loss {
            return bad("has_selector", 1, "0: scores come from the loss unit");
        }
        let selector = self.class_bits + self.entry_bits + self.slot_bits;
        if !self.has_selector && selector != 0 {
            let expected = "class_bits, entry_bits and slot_bits of 0 without it";
            return bad("has_selector", 0, expected);
        }
        if self.has_elastic && self.operand_bits != 16 {
            let expected = "0: the engine of 8-bit operands has no multipliers for it";
            return bad("has_elastic", 1, expected);
        }
        if self.has_elastic && self.v_depth < 8 * self.lanes {
            let expected = "at least 8 x lanes with elastic updates, which read five words for each of a block";
            return bad("v_depth", self.v_depth, expected);
        }
        Ok(())
    }

    /// FNV-1a over every size: what the CONFIG_HASH register holds. Widths, missing units and shared requantise lanes count only where they
    /// are not the usual ones, and elastic updates only where they are, so that an engine keeps the hash it had before they could be chosen.
    pub const fn hash(&self) -> u32 {
        let fields = [
            self.rows,
            self.lanes,
            self.a_depth,
            self.b_depth,
            self.v_depth,
            self.o_depth,
            self.acc_depth,
            self.z_depth,
            self.g_depth,
            self.sites,
            self.update_lanes,
            self.class_bits as usize,
            self.entry_bits as usize,
            self.slot_bits as usize,
            self.operand_bits as usize,
            self.accumulator_bits as usize,
            self.has_loss as usize,
            self.has_selector as usize,
            self.has_elastic as usize,
        ];
        let usual = self.operand_bits == 16
            && self.accumulator_bits == 48
            && self.has_loss
            && self.has_selector;
        let last = fields.len() - 1;
        let counted = if usual { last - 4 } else { last };
        let mut h = 0x811c_9dc5u32;
        let mut i = 0;
        while i < fields.len() {
            if i < counted || (i == last && self.has_elastic) {
                h = hashed(h, fields[i]);
            }
            i += 1;
        }
        if usual && self.requant_lanes != self.lanes {
            h = hashed(h, self.requant_lanes);
        }
        h
    }
}

/// FNV-1a over four bytes more.
const fn hashed(mut h: u32, field: usize) -> u32 {
    let mut b = 0;
    while b < 4 {
        h ^= ((field >> (8 * b)) & 0xff) as u32;
        h = h.wrapping_mul(0x0100_0193);
        b += 1;
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_configuration_is_valid_and_distinct() {
        for (i, c) in ALL.iter().enumerate() {
            assert_eq!(c.validate(), Ok(()));
            assert_eq!(Config::named(c.name), Some(c));
            for d in &ALL[..i] {
                assert_ne!(c.hash(), d.hash());
                assert_ne!(c.name, d.name);
            }
        }
    }

    #[test]
    fn a_bad_field_is_named() {
        let mut c = TINY;
        c.rows = 3;
        assert_eq!(c.validate().unwrap_err().field, "rows");
        c = TINY;
        c.b_depth = 100;
        assert_eq!(c.validate().unwrap_err().field, "b_depth");
        for (change, field) in [
            ((|c| c.operand_bits = 12) as fn(&mut Config), "operand_bits"),
            (|c| c.accumulator_bits = 48, "accumulator_bits"),
            (|c| c.has_selector = true, "has_selector"),
            (|c| c.slot_bits = 1, "has_selector"),
            (|c| c.z_depth = 16, "z_depth"),
            (|c| c.has_elastic = true, "has_elastic"),
            (|c| (*c, c.v_depth) = (TINY, 16), "v_depth"),
            (|c| c.requant_lanes = 3, "requant_lanes"),
            (
                |c| (c.has_loss, c.z_depth, c.g_depth) = (true, 16, 16),
                "has_loss",
            ),
        ] {
            let mut c = CU;
            change(&mut c);
            assert_eq!(c.validate().unwrap_err().field, field);
        }
    }

    #[test]
    fn options_are_in_the_hash_and_engines_keep_theirs_from_before() {
        let plain = |c: Config| Config {
            has_elastic: false,
            requant_lanes: c.lanes,
            ..c
        };
        let before = [TINY, E8X16, CU].map(|c| plain(c).hash());
        assert_eq!(before[..2], [0xad9a0161, 0xe994d664]);
        assert_eq!(before[2], CU.hash());
        assert!(TINY.hash() != before[0] && E8X16.hash() != before[1]);
        for change in [
            (|c| c.has_elastic = true) as fn(&mut Config),
            |c| c.requant_lanes = 2,
            |c| c.has_selector = false,
        ] {
            let mut c = plain(TINY);
            change(&mut c);
            assert_ne!(c.hash(), before[0]);
        }
        let c = Config {
            operand_bits: 16,
            accumulator_bits: 48,
            ..CU
        };
        assert_ne!(c.hash(), CU.hash());
    }
}
