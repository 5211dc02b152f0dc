//! `tandem report`: a run as one HTML page.

use crate::error::CliError;
use crate::output::{say, Output};
use std::path::PathBuf;
use tandem::report::{page, RecordedRun};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of a run: complete, stopped or going on
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Where the page goes [default: report.html in the run's folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<bool, CliError> {
    let run = RecordedRun::read(&args.run)?;
    let default = || args.run.join("report.html");
    let path = args.out.clone().unwrap_or_else(default);
    Output::for_option(&path, "--out")?.finish(&page(&run))?;
    say(format_args!("report in {}", path.display()));
    Ok(true)
}
