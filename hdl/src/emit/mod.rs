//! From a block to Verilog: checks it, generates, gives the top its name and merges modules of equal body, so that
//! one cell is one Verilog module however often it stands in the design.
//!
//! Kernels are printed here and not by rust-hdl, whose printer knows neither Verilog's precedence nor its widths nor
//! a second index in one path; instances and declarations are rust-hdl's.
//!
//! Not for single expressions or test benches: it emits a whole design, flat ports as named in the top block.
mod expression;
mod index;
mod kernel;
mod merge;
mod names;
mod scope;

use rust_hdl::core::check_error::CheckError;
use rust_hdl::core::prelude::*;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Why a block could not be turned into Verilog.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// Signals that nothing drives.
    #[error("{top}: nothing drives {signals}; drive them in the kernel, and call connect_all() before emitting")]
    Open {
        /// Name of the design.
        top: String,
        /// Paths of the signals.
        signals: String,
    },
    /// Locals read before they are written, in kernel order.
    #[error("{top}: read before written: {signals}; move the assignment above its first use")]
    Loop {
        /// Name of the design.
        top: String,
        /// Paths of the signals.
        signals: String,
    },
    /// A module writes its own input.
    #[error("{top}: a module assigns its own input: {signals}; only the module around it may drive them")]
    InputWritten {
        /// Name of the design.
        top: String,
        /// Paths of the signals.
        signals: String,
    },
    /// The generator panicked.
    #[error("{top}: rust-hdl could not print the design: {detail}")]
    Generator {
        /// Name of the design.
        top: String,
        /// What the generator said.
        detail: String,
    },
    /// A kernel says something that has no Verilog.
    #[error(
        "{top}: module {module}: cannot print `{fault}`; an array index may be made of loop variables, literals, \
         + - * / % and parentheses only, and must not be negative"
    )]
    Kernel {
        /// Name of the design.
        top: String,
        /// Module the kernel is in.
        module: String,
        /// The expression at fault.
        fault: String,
    },
    /// A signal or a block is called like a Verilog keyword.
    #[error(
        "{top}: module {module} has a field called `{name}`, a Verilog keyword; rename the field"
    )]
    Keyword {
        /// Name of the design.
        top: String,
        /// Module the signal is in.
        module: String,
        /// The offending name.
        name: String,
    },
    /// The name for the top is not a Verilog identifier.
    #[error("`{0}` cannot name a Verilog module; expected a letter, then letters, digits and _")]
    TopName(String),
}

/// The Verilog of `block` with `top_name` as its top module; the others are called `top_name_…`.
///
/// `block.connect_all()` must have been called.
pub fn verilog(block: &impl Block, top_name: &str) -> Result<String, EmitError> {
    if !names::is_identifier(top_name) || names::is_keyword(top_name) {
        return Err(EmitError::TopName(top_name.into()));
    }
    check_all(block).map_err(|e| check_error(top_name, e))?;
    let raw = catch_unwind(AssertUnwindSafe(|| kernel::generate(block)))
        .map_err(|e| EmitError::Generator {
            top: top_name.into(),
            detail: panic_text(e.as_ref()),
        })?
        .map_err(|(module, fault)| EmitError::Kernel {
            top: top_name.into(),
            module,
            fault,
        })?;
    let design = merge::Design::parse(&raw).merged();
    if let Some((module, name)) = design.keyword() {
        return Err(EmitError::Keyword {
            top: top_name.into(),
            module,
            name,
        });
    }
    Ok(design.print(top_name))
}

/// [`verilog`] of a block whose inputs are all the outside's.
pub fn whole(block: &mut impl Block, top_name: &str) -> Result<String, EmitError> {
    block.connect_all();
    verilog(block, top_name)
}

fn panic_text(e: &(dyn std::any::Any + Send)) -> String {
    e.downcast_ref::<&str>()
        .map(|s| s.to_string())
        .or_else(|| e.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}

fn check_error(top: &str, error: CheckError) -> EmitError {
    let top = top.to_string();
    let list = |names: Vec<String>| {
        let mut names = names;
        names.sort();
        let more = names.len().saturating_sub(12);
        names.truncate(12);
        let mut text = names.join(", ");
        if more > 0 {
            text += &format!(" and {more} more");
        }
        text
    };
    let path = |p: &rust_hdl::core::check_error::PathedName| format!("{}.{}", p.path, p.name);
    match error {
        CheckError::OpenSignal(open) => EmitError::Open {
            top,
            signals: list(open.values().map(path).collect()),
        },
        CheckError::LogicLoops(loops) => EmitError::Loop {
            top,
            signals: list(loops.iter().map(path).collect()),
        },
        CheckError::WritesToInputs(written) => EmitError::InputWritten {
            top,
            signals: list(written.iter().map(path).collect()),
        },
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod traps;
