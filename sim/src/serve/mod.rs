//! A device of this machine served to other programs: as a board behind a serial port, on a pseudo-terminal, or as a mapped
//! engine, in a file that both map. `tandem serve` is this.
//!
//! What is served is any [`Device`](tandem::Device); it runs while a context has work, in slices, and is looked after between them.
//! Why memory is copied only at the ends of a program: `docs/decisions/018-served-devices.md`.

mod frames;
mod pty;
mod running;
mod shared;

pub use frames::Responder;
pub use pty::Pty;
pub use running::Running;
pub use shared::Shared;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tandem::DeviceError;

/// Time after which a server that has nothing to do looks whether it should stop.
const IDLE: Duration = Duration::from_millis(100);

/// Why serving ends, other than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The system refuses a file or a terminal.
    #[error("{place}: {operation}: {reason}; {remedy}")]
    System {
        /// File or terminal.
        place: String,
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The device that is served.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

fn system(
    place: impl AsRef<Path>,
    operation: &'static str,
    reason: impl ToString,
    remedy: &'static str,
) -> ServeError {
    ServeError::System {
        place: place.as_ref().display().to_string(),
        operation,
        reason: reason.to_string(),
        remedy,
    }
}

/// True once serving should end.
fn stopped(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}
