//! Firmware of the compact engine: registers and commands, as programs of its processor.
//!
//! | file | does |
//! |---|---|
//! | `data` | where everything stands in the data memory |
//! | `registers` | answers the host's register accesses |
//! | `run` | chooses a context, fetches, checks windows, stops with errors |
//! | `check` | checks commands, from the tables of isa |
//! | `boxes` | Load and Store |
//! | `product` | Compute |
//! | `finish` | Requant and its site |
//! | `update` | Update |
//!
//! Registers are answered between commands only: a host waits for as long as a command takes. Left out, and refused: Unpool, Requant with POOL
//! or SKIP, Update with ELASTIC (BadOpcode, BadFlags), more than one row group, addresses that are no multiple of 8, rows of 32768 words and
//! more (BadField). Counters read 0, the watchdog is a register without effect, and SKEW means nothing, as weights are turned when they are read.
mod boxes;
mod check;
mod data;
mod finish;
mod product;
mod registers;
mod run;
mod update;

use super::assembler::{Assembler, AssemblerError};
use tandem_isa::Config;

/// Words of memory, of four lanes.
pub const WORDS: usize = 1024;
/// Words of a scratchpad.
pub const PAD_WORDS: usize = 64;
/// Words behind DDR that hold the sites: two each.
pub const SITE_WORDS: usize = 32;
/// Bytes of DDR.
pub const MEMORY_BYTES: usize = (WORDS - 4 * PAD_WORDS - SITE_WORDS) * 8;

/// The program.
pub fn program() -> Result<Vec<u16>, AssemblerError> {
    let mut a = Assembler::default();
    run::main(&mut a);
    registers::serve(&mut a);
    run::grant(&mut a);
    check::check(&mut a);
    boxes::boxes(&mut a);
    product::product(&mut a);
    finish::finish(&mut a);
    update::update(&mut a);
    a.finish()
}

/// What the data memory starts with.
pub fn data(config: &Config) -> Vec<u16> {
    data::preset(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_assembles_into_the_program_memory() {
        let words = program().unwrap().len();
        println!("{words} words of firmware");
        assert!(words > 1000, "{words}");
    }
}
