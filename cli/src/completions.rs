//! `tandem completions`: what a shell needs to complete verbs and options.

use crate::error::CliError;
use clap_complete::Shell;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Runs the verb.
pub fn run(args: &Args, mut command: clap::Command) -> Result<bool, CliError> {
    clap_complete::generate(args.shell, &mut command, "tandem", &mut std::io::stdout());
    Ok(true)
}
