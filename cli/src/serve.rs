//! `tandem serve`: a simulated device for other programs, behind a serial port or a mapped file.

use crate::device::{number, Address, Choice};
use crate::error::{wrong, CliError};
use std::io::Write;
use std::path::PathBuf;
use tandem_sim::serve::{Pty, Shared};

/// Cycles a second that clients reckon limits with: less than simulated RTL runs at.
const CLOCK: u32 = 20_000;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Bytes of memory, such as 64M
    #[arg(long, value_name = "BYTES", default_value = "64M")]
    memory: String,
    #[command(flatten)]
    way: Way,
}

/// How it is served.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Way {
    /// As a board behind a serial port: the frames of docs/link.md on a pseudo-terminal
    #[arg(long)]
    pty: bool,
    /// As a mapped engine, in this file; a folder in memory such as /dev/shm is best
    #[arg(long, value_name = "FILE")]
    shared: Option<PathBuf>,
}

/// Runs the verb: prints what to give to --device, and serves until Ctrl-C.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let Address::Simulated(name) = args.choice.address()? else {
        let remedy = "give the board to the other program itself";
        let found = args.choice.device()?;
        return Err(wrong(
            "--device",
            "device to serve",
            found,
            "model or rtl",
            remedy,
        ));
    };
    let config = args.choice.config()?;
    let bytes = number(&args.memory, 1024).and_then(|bytes| usize::try_from(bytes).ok());
    let bytes = bytes.filter(|&bytes| bytes > 0 && bytes % 4096 == 0);
    let bytes = bytes.ok_or_else(|| {
        let remedy = "give as much as the work needs: 64M does for the demo";
        wrong(
            "--memory",
            "bytes",
            &args.memory,
            "a multiple of 4096",
            remedy,
        )
    })?;
    let stop = crate::stop::flag();
    #[cfg(feature = "rtl")]
    if (name.as_str(), config.name, args.way.pty) == ("rtl", "cu", true) {
        return pins(&stop);
    }
    let device = args.choice.closed(bytes)?;
    eprintln!(
        "serving {name}, configuration {}, {} of memory, until Ctrl-C; use it with --device",
        config.name, args.memory
    );
    match &args.way.shared {
        Some(path) => {
            let shared = Shared::new(path, bytes as u64, CLOCK)?;
            tell(format!("mmap:{}", path.display()))?;
            shared.serve(device, &stop)?;
        }
        None => {
            let pty = Pty::new()?;
            let path = pty.path().display();
            tell(format!(
                "uart:{path}@12000000,bytes={bytes},clock={CLOCK},latency=1000"
            ))?;
            pty.serve(device, &stop)?;
        }
    }
    Ok(true)
}

/// Prints where it is.
fn tell(address: String) -> Result<(), CliError> {
    let mut out = std::io::stdout();
    let told = writeln!(out, "{address}").and_then(|()| out.flush());
    told.map_err(|e| {
        let remedy = "leave it open";
        wrong("standard output", "writing", e, "an open one", remedy)
    })
}

/// Serves the board Cu by its own pins: the board has memory of its own, and its link is hardware.
#[cfg(feature = "rtl")]
fn pins(stop: &std::sync::atomic::AtomicBool) -> Result<bool, CliError> {
    use tandem_hdl::board::cu::{self, BAUD};
    use tandem_sim::pins::board;
    let failed = |e: &dyn std::fmt::Display| {
        let remedy = "run `cargo xtask setup` for Verilator, or serve --device model";
        wrong(
            "--device rtl",
            "starting",
            e,
            "the board, verilated",
            remedy,
        )
    };
    eprintln!("building the board Cu; serving its pins until Ctrl-C; use it with --device");
    let verilog = cu::verilog().map_err(|e| failed(&e))?;
    let design = board::design(&verilog).map_err(|e| failed(&e))?;
    let line = board::line(&design).map_err(|e| failed(&e))?;
    let pty = Pty::new()?;
    let bytes = board::MEMORY_BYTES;
    let path = pty.path().display();
    tell(format!(
        "uart:{path}@{BAUD},bytes={bytes},clock={CLOCK},latency=3000"
    ))?;
    pty.join(line, stop)?;
    Ok(true)
}
