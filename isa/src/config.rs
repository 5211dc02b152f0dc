//! Configurations of the engine: one small struct, its checks, and the named instances that tests and builds walk.
//!
//! Not for run-time options: whatever a host may change while the engine runs is a register ([`crate::register`]).

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
    /// Selector: log2 of the classes it can hold.
    pub class_bits: u32,
    /// Selector: log2 of the heap entries it can hold.
    pub entry_bits: u32,
    /// Selector: log2 of the sample slots it can count.
    pub slot_bits: u32,
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
    class_bits: 5,
    entry_bits: 9,
    slot_bits: 9,
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
    class_bits: 6,
    entry_bits: 13,
    slot_bits: 13,
};

/// Every named configuration.
pub const ALL: &[Config] = &[TINY, E8X16];

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
        if self.class_bits > 10 {
            return bad("class_bits", self.class_bits as usize, "at most 10");
        }
        if self.entry_bits > 16 {
            return bad("entry_bits", self.entry_bits as usize, "at most 16");
        }
        if self.slot_bits > 16 {
            return bad("slot_bits", self.slot_bits as usize, "at most 16");
        }
        Ok(())
    }

    /// FNV-1a over every size: what the CONFIG_HASH register holds.
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
        ];
        let mut h = 0x811c_9dc5u32;
        let mut i = 0;
        while i < fields.len() {
            let mut b = 0;
            while b < 4 {
                h ^= ((fields[i] >> (8 * b)) & 0xff) as u32;
                h = h.wrapping_mul(0x0100_0193);
                b += 1;
            }
            i += 1;
        }
        h
    }
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
    }
}
