//! `tandem doctor`: whether a device is all right, and what to do if it is not. Memory and registers stay as they are.

use crate::device::{number, Address, Choice};
use crate::error::{wrong, CliError};
use crate::output::say;
use serde_json::json;
use tandem::doctor::{self, Finding, Outcome};
use tandem::{DriverError, Engine};
use tandem_isa::register::STATUS;

/// Memory of a device that does not tell how much it has.
const MEMORY: usize = 1 << 20;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Bytes of memory to test whole, such as 64M; its wires are tested in any case
    #[arg(long, value_name = "BYTES", default_value = "1M")]
    memory: String,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the verb; false if anything is not as it should be.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let bytes = number(&args.memory, 1024).ok_or_else(|| {
        let remedy = "give fewer bytes to have less tested";
        wrong(
            "--memory",
            "bytes",
            &args.memory,
            "a number, such as 1M",
            remedy,
        )
    })?;
    let mut all = access(&args.choice.address()?);
    if !all.iter().any(|finding| finding.outcome == Outcome::Bad) {
        examine(args, bytes, &mut all)?;
    }
    if args.json {
        let all: Vec<_> = all.iter().map(value).collect();
        say(format_args!("{:#}", json!(all)));
    } else {
        all.iter().for_each(line);
    }
    Ok(all.iter().all(|finding| finding.outcome != Outcome::Bad))
}

/// Who may open the files.
#[cfg(target_os = "linux")]
fn access(address: &Address) -> Vec<Finding> {
    use tandem::doctor::access::access;
    match address {
        Address::Simulated(_) => vec![],
        Address::Uart(uart) => vec![access(uart.port.as_ref())],
        Address::Mmap(mmap) => {
            let files = [Some(&mmap.path), mmap.memory.as_ref()];
            files
                .into_iter()
                .flatten()
                .map(|path| access(path))
                .collect()
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn access(_: &Address) -> Vec<Finding> {
    vec![]
}

/// What is found when it is opened; a device that fails is a finding, not an error.
fn examine(args: &Args, bytes: u64, all: &mut Vec<Finding>) -> Result<(), CliError> {
    let mut device = match args.choice.closed(MEMORY) {
        Ok(device) => device,
        Err(error) => {
            all.push(Finding::bad("opening", error, ""));
            return Ok(());
        }
    };
    let mut tests = |all: &mut Vec<Finding>| -> Result<(), tandem::Error> {
        all.extend(doctor::identity(&mut device)?);
        if all.iter().any(|finding| finding.outcome == Outcome::Bad) {
            return Ok(());
        }
        let status = device.read_register(STATUS)?;
        if status & 1 != 0 {
            let found = format!("STATUS {status:#x}: a program runs");
            all.push(Finding::bad(
                "idle",
                found,
                "end the program that uses the device, then run this again",
            ));
            return Ok(());
        }
        all.push(doctor::registers(&mut device)?);
        all.push(doctor::clock(&mut device)?);
        all.push(doctor::memory(&mut device, bytes, |_, _| ())?);
        if all.iter().any(|finding| finding.outcome == Outcome::Bad) {
            return Ok(());
        }
        let mut engine = Engine::open(&mut device)?;
        engine.stop_when(crate::stop::flag());
        all.push(doctor::coherent(&mut engine)?);
        Ok(())
    };
    match tests(all) {
        Err(tandem::Error::Driver(DriverError::Stopped)) => Err(DriverError::Stopped.into()),
        Err(error) => {
            all.push(Finding::bad("device", error, ""));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Good => "good",
        Outcome::Bad => "bad",
        Outcome::Unknown => "unknown",
    }
}

fn value(f: &Finding) -> serde_json::Value {
    json!({ "what": f.what, "outcome": word(f.outcome), "found": f.found, "remedy": f.remedy })
}

fn line(f: &Finding) {
    say(format_args!(
        "{:<8} {:<14} {}",
        word(f.outcome),
        f.what,
        f.found
    ));
    for line in f.remedy.lines() {
        say(format_args!("{:<23} {line}", ""));
    }
}
