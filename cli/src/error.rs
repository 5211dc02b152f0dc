//! What stops a verb, in words for whoever typed it.

use crate::stop;
use tandem::adapt::AdaptError;
use tandem::data::DataError;
use tandem::images::ImageError;
use tandem::onnx::OnnxError;
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
    /// A job on the user's images.
    #[error(transparent)]
    Adapt(#[from] AdaptError),
    /// A file of a network.
    #[error("{place}: {error}{hint}")]
    Network {
        /// Option and file.
        place: String,
        /// What is wrong with it.
        error: Box<CompileError>,
        /// What else may help.
        hint: String,
    },
    /// An ONNX file.
    #[error("{place}: {error}")]
    Onnx {
        /// Option and file.
        place: String,
        /// What is wrong with it.
        error: Box<OnnxError>,
    },
    /// The user stopped it.
    #[error(
        "stopped at {at}, the device is idle; go on with it by `tandem {verb} --resume {run}`"
    )]
    Stopped {
        /// Where.
        at: String,
        /// The verb.
        verb: &'static str,
        /// Folder of the run, as a shell takes it.
        run: String,
    },
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

impl From<ImageError> for CliError {
    fn from(e: ImageError) -> Self {
        CliError::Adapt(e.into())
    }
}

impl From<CompileError> for CliError {
    fn from(e: CompileError) -> Self {
        CliError::Run(e.into())
    }
}

impl CliError {
    /// What the program ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::Stopped { .. } => stop::CODE,
            _ if stop::asked() => stop::CODE,
            _ => 2,
        }
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
