//! One program at a time works on a run's folder.

use super::error::{folder, AdaptError};
use std::fs::File;
use std::path::Path;

/// Holds the open `file` at `place` for this process until it is closed; refused while another one holds it. Systems other than
/// Linux hold nothing.
pub(super) fn hold(file: &File, place: &Path) -> Result<(), AdaptError> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{flock, FlockOperation};
        use rustix::io::Errno;
        let taken = flock(file, FlockOperation::NonBlockingLockExclusive);
        if let Err(Errno::AGAIN) = taken {
            let remedy = "wait for it or stop it, or give another folder by --run";
            return Err(folder(
                place,
                "folder of the run",
                "another program at work on it",
                "none",
                remedy,
            ));
        }
        // Some network file systems have no locks: there a run goes on without one.
    }
    let _ = (file, place);
    Ok(())
}
