//! Configurations that suites need beside the named ones: 8-bit operands, and no loss unit.

use tandem_isa::config::{CU, E8X16, TINY};
use tandem_isa::Config;

/// `cu` with the sites of a larger network.
pub const CU_SITES: Config = Config {
    name: "cu with 256 sites",
    sites: 256,
    ..CU
};

/// 8-bit operands in the sizes of `8x16`: only their number of bits makes the difference.
pub const BITS_8: Config = Config {
    name: "8x16 with 8 bits",
    operand_bits: 8,
    accumulator_bits: 32,
    has_elastic: false,
    ..without_loss(E8X16, "")
};

/// 16-bit operands, the loss on the host.
pub const TINY_HOST_LOSS: Config = without_loss(TINY, "tiny without loss unit");

/// The pull of elastic updates on the host.
pub const TINY_HOST_PULL: Config = Config {
    name: "tiny without elastic updates",
    has_elastic: false,
    ..TINY
};

/// The same in the sizes of `8x16`.
pub const E8X16_HOST_PULL: Config = Config {
    name: "8x16 without elastic updates",
    has_elastic: false,
    ..E8X16
};

const fn without_loss(config: Config, name: &'static str) -> Config {
    Config {
        name,
        has_loss: false,
        has_selector: false,
        z_depth: 0,
        g_depth: 0,
        class_bits: 0,
        entry_bits: 0,
        slot_bits: 0,
        ..config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_valid() {
        for config in [
            CU_SITES,
            BITS_8,
            TINY_HOST_LOSS,
            TINY_HOST_PULL,
            E8X16_HOST_PULL,
        ] {
            assert_eq!(config.validate(), Ok(()));
        }
    }
}
