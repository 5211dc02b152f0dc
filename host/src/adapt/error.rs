//! What stops a job.

use super::validate::PlanError;
use crate::checkpoint::CheckpointError;
use crate::error::{CompileError, Error};
use crate::fault::DriverError;
use crate::images::ImageError;
use std::path::Path;

/// Why a job cannot begin or go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AdaptError {
    /// The library or the device.
    #[error(transparent)]
    Run(#[from] Error),
    /// An image or a folder of them.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A setting.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Networks, images and settings that do not go together.
    #[error("{what}: found {found}, expected {expected}; {remedy}")]
    Material {
        /// What does not fit.
        what: &'static str,
        /// Found.
        found: String,
        /// Expected.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file of the run folder.
    #[error("{place}: {what}: found {found}, expected {expected}; {remedy}")]
    Folder {
        /// The file or folder.
        place: String,
        /// What is wrong.
        what: &'static str,
        /// Found.
        found: String,
        /// Expected.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
}

impl From<CompileError> for AdaptError {
    fn from(e: CompileError) -> Self {
        AdaptError::Run(e.into())
    }
}

impl From<DriverError> for AdaptError {
    fn from(e: DriverError) -> Self {
        AdaptError::Run(e.into())
    }
}

/// An [`AdaptError::Material`].
pub(super) fn unfit(
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
    remedy: &'static str,
) -> AdaptError {
    AdaptError::Material {
        what,
        found: found.to_string(),
        expected: expected.to_string(),
        remedy,
    }
}

/// An [`AdaptError::Folder`].
pub(super) fn folder(
    place: &Path,
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
    remedy: &'static str,
) -> AdaptError {
    AdaptError::Folder {
        place: place.display().to_string(),
        what,
        found: found.to_string(),
        expected: expected.to_string(),
        remedy,
    }
}

/// A file of a run folder that cannot be read as what it is.
pub(crate) fn damaged(place: &Path, found: String) -> AdaptError {
    let remedy = "put the file back as the run wrote it";
    folder(place, "reading", found, "what a run writes there", remedy)
}
