//! `tandem`: parse, call the library, print. One verb a module; see `tandem help`.
//!
//! Exit codes: 0 done, 1 a device differs from what is expected or a student was refused by the gate, 2 the request cannot be carried out,
//! 130 stopped by the user; the device is idle then.

mod adapt;
mod bench;
mod completions;
mod conformance;
mod demo;
mod device;
mod doctor;
mod error;
mod eval;
mod experiments;
mod infer;
mod info;
mod job;
mod label;
mod network_file;
mod output;
mod rank;
mod registers;
mod report;
#[cfg(target_os = "linux")]
mod serve;
mod stop;
mod train;

use clap::{CommandFactory, Parser, Subcommand};
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
    /// A student learns from your unlabelled images by a teacher's labels, and from your few labelled ones
    Adapt(Box<adapt::Args>),
    /// A network learns from your labelled images
    Train(train::Args),
    /// A teacher labels your images; the best of every class are listed
    Label(label::Args),
    /// Classes and confidences of your images
    Infer(infer::Args),
    /// Accuracy and confusion of a network on your labelled images
    Eval(eval::Args),
    /// A run of adapt, train or label as one HTML page
    Report(report::Args),
    /// A student learns from unlabelled digits in a domain its clean labels are not from
    Demo(demo::Args),
    /// What a device says it is, and what fits it
    Info(info::Args),
    /// Whether a device is all right, and what to do if it is not
    Doctor(doctor::Args),
    /// What a device's registers hold, by name and field
    Registers(registers::Args),
    /// The tables of docs/results: what is varied in the method, and what comes of it
    Experiments(experiments::Args),
    /// What the engine costs: products, training steps, sharing, selection
    Bench(bench::Args),
    /// Check a device against vectors of the arithmetic
    Conformance(conformance::Args),
    /// Completions for a shell, on standard output
    Completions(completions::Args),
    /// Serve a simulated device to other programs, as a serial port or a mapped file
    #[cfg(target_os = "linux")]
    Serve(serve::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Adapt(args) => adapt::run(&args),
        Verb::Train(args) => train::run(&args),
        Verb::Label(args) => label::run(&args),
        Verb::Infer(args) => infer::run(&args),
        Verb::Eval(args) => eval::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Info(args) => info::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Registers(args) => registers::run(&args),
        Verb::Experiments(args) => experiments::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Conformance(args) => conformance::run(&args),
        Verb::Completions(args) => completions::run(&args, Cli::command()),
        #[cfg(target_os = "linux")]
        Verb::Serve(args) => serve::run(&args),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("tandem: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
