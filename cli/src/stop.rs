//! Ctrl-C (and SIGTERM): the first asks a job to stop where it can be gone on with, the second ends the program at once.

use crate::error::{wrong, CliError};
use std::sync::atomic::{AtomicBool, Ordering};

/// What a program ends with that was stopped by the user.
pub const EXIT: u8 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Watches from now on.
pub fn watch() -> Result<(), CliError> {
    let set = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(EXIT.into());
        }
    });
    set.map_err(|e| {
        let remedy = "start it from a shell";
        wrong(
            "Ctrl-C",
            "watching for it",
            e,
            "a handler of signals",
            remedy,
        )
    })
}

/// Whether the user asked.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
