//! Engines of the named configurations: sizes of `tandem_isa::config` turned into generics, and the Verilog of each;
//! and the array alone, which the simulation's speed is compared with.
//!
//! A new configuration needs a line in [`verilog_of`]; a test walks all that [`served`] gives. Configurations without the loss unit,
//! the selector or 16-bit operands are not this engine's.
use crate::array::Grid;
use crate::emit::{whole, EmitError};
use crate::engine::Engine;
use tandem_isa::config::{Config, E8X16, ECP5, TINY};

/// Name of the top module.
pub const TOP: &str = "tandem_engine";

/// Name of the top module of [`array_8x16`].
pub const ARRAY: &str = "tandem_array";

/// Why a configuration has no Verilog.
#[derive(Debug, thiserror::Error)]
pub enum ConfiguredError {
    /// Its sizes are out of range.
    #[error(transparent)]
    Config(#[from] tandem_isa::config::ConfigError),
    /// It is of another engine.
    #[error(
        "configuration `{0}`: expected one with 16-bit operands, loss unit and selector, which this engine always has; choose one of `tiny`, `8x16`, `ecp5`"
    )]
    Other(&'static str),
    /// No engine with its sizes is instantiated.
    #[error(
        "configuration `{0}` has no engine: expected one of `tiny`, `8x16`, `ecp5`; add it to hdl/src/configured.rs"
    )]
    Unknown(&'static str),
    /// The thread that emits it could not be started, or died.
    #[error("configuration `{0}`: the emitting thread failed ({1}); expected {STACK} bytes of memory for its stack")]
    Thread(&'static str, String),
    /// The emitter refused it.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// The engine is a value of some megabytes, built on the stack: more than a test's thread has.
const STACK: usize = 256 << 20;

const fn log2(n: usize) -> usize {
    n.trailing_zeros() as usize
}

macro_rules! engine {
    ($config:ident) => {
        Engine::<
            { $config.rows },
            { $config.lanes },
            { log2($config.lanes) },
            { log2($config.a_depth) },
            { log2($config.b_depth) },
            { log2($config.v_depth) },
            { log2($config.o_depth) },
            { log2($config.z_depth) },
            { log2($config.g_depth) },
            { log2($config.acc_bank()) },
            { $config.update_lanes },
            { $config.has_elastic as usize },
            { $config.requant_lanes },
            { $config.lanes / $config.requant_lanes },
            { $config.class_bits as usize },
            { $config.entry_bits as usize - 1 },
            { $config.slot_bits as usize },
        >::new(&$config)
    };
}

/// Whether a configuration is one of this engine.
pub const fn serves(config: &Config) -> bool {
    config.operand_bits == 16 && config.has_loss && config.has_selector
}

/// The named configurations of this engine.
pub fn served() -> impl Iterator<Item = &'static Config> {
    tandem_isa::config::ALL.iter().filter(|c| serves(c))
}

/// Those that are simulated: `ecp5` is `8x16` with a smaller selector, fewer lanes, each of which is tested by itself, and without elastic
/// updates.
pub fn simulated() -> impl Iterator<Item = &'static Config> {
    served().filter(|c| c.name != ECP5.name)
}

/// The Verilog of a named configuration, top module [`TOP`].
pub fn verilog_of(config: &Config) -> Result<String, ConfiguredError> {
    config.validate()?;
    if !serves(config) {
        return Err(ConfiguredError::Other(config.name));
    }
    let config = *config;
    let thread = |reason: String| ConfiguredError::Thread(config.name, reason);
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || emit(&config))
        .map_err(|e| thread(e.to_string()))?
        .join()
        .map_err(|_| thread("panicked".into()))?
}

/// The Verilog of the 8×16 engine's cells alone, top module [`ARRAY`]: [`Grid`] with its ports.
pub fn array_8x16() -> Result<String, ConfiguredError> {
    let mut grid = Grid::<{ E8X16.rows }, { E8X16.lanes }>::default();
    Ok(whole(&mut grid, ARRAY)?)
}

fn emit(config: &Config) -> Result<String, ConfiguredError> {
    match config.name {
        "tiny" => Ok(whole(&mut engine!(TINY), TOP)?),
        "8x16" => Ok(whole(&mut engine!(E8X16), TOP)?),
        "ecp5" => Ok(whole(&mut engine!(ECP5), TOP)?),
        other => Err(ConfiguredError::Unknown(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_configuration_has_verilog_with_one_module_a_cell() {
        for config in served() {
            let text = verilog_of(config).unwrap();
            let cells = text.matches("module tandem_engine_cell").count();
            assert!(cells <= 1, "{}: {cells} modules of the cell", config.name);
            assert_eq!(text.matches("module tandem_engine(").count(), 1);
        }
    }
    #[test]
    fn a_configuration_of_another_engine_is_refused() {
        let error = verilog_of(&tandem_isa::config::CU).unwrap_err();
        assert!(error.to_string().contains("`cu`"), "{error}");
    }
}
