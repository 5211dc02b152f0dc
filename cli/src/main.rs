//! `tandem`: parse, call the library, print. One verb a module; see `tandem help`.
//!
//! Exit codes: 0 done, 1 a device differs from what is expected, 2 the request cannot be carried out.

mod bench;
mod conformance;
mod demo;
mod device;
mod error;
mod experiments;
mod info;
mod output;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Teach small networks on a small engine: a teacher labels, a student learns.
#[derive(Parser)]
#[command(name = "tandem", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// A student learns from unlabelled digits in a domain its clean labels are not from
    Demo(demo::Args),
    /// What a device says it is, and what fits it
    Info(info::Args),
    /// The tables of docs/results: what is varied in the method, and what comes of it
    Experiments(experiments::Args),
    /// What the engine costs: products, training steps, sharing, selection
    Bench(bench::Args),
    /// Check a device against vectors of the arithmetic
    Conformance(conformance::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Demo(args) => demo::run(&args),
        Verb::Info(args) => info::run(&args),
        Verb::Experiments(args) => experiments::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Conformance(args) => conformance::run(&args),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("tandem: {error}");
            ExitCode::from(2)
        }
    }
}
