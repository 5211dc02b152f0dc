//! What stops a verb, in words for whoever typed it.

use tandem::data::DataError;
use tandem::study::StudyError;
use tandem::{CompileError, DriverError, Error};

/// Why a verb cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Something given is not what is needed.
    #[error("{place}: {what}: found {found}, expected {expected}; {remedy}")]
    Wrong {
        /// Option, file or line.
        place: String,
        /// What is wrong there.
        what: String,
        /// Found.
        found: String,
        /// Expected.
        expected: String,
        /// What to do.
        remedy: String,
    },
    /// The library or the device.
    #[error(transparent)]
    Run(#[from] Error),
    /// A data file.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The study.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// Serving a device.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Serve(#[from] tandem_sim::serve::ServeError),
}

impl From<DriverError> for CliError {
    fn from(e: DriverError) -> Self {
        CliError::Run(e.into())
    }
}

impl From<CompileError> for CliError {
    fn from(e: CompileError) -> Self {
        CliError::Run(e.into())
    }
}

/// A [`CliError::Wrong`].
pub fn wrong(
    place: impl ToString,
    what: impl ToString,
    found: impl ToString,
    expected: impl ToString,
    remedy: impl ToString,
) -> CliError {
    CliError::Wrong {
        place: place.to_string(),
        what: what.to_string(),
        found: found.to_string(),
        expected: expected.to_string(),
        remedy: remedy.to_string(),
    }
}
