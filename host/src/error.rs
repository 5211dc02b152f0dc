//! What the compiler refuses, in words that name the layer, the limit and by how much it was exceeded.

use crate::fault::DriverError;
use tandem_isa::numerics::NumericsError;

/// A network, plan or program that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// A layer that cannot follow what is before it, or has an impossible setting.
    #[error("layer {layer}: {what}: found {found}, expected {expected}; {remedy}")]
    Layer {
        /// Its position in the list of layers, from 0 (`3.1` is layer 1 in the body of layer 3), and the layer as given.
        layer: String,
        /// What is wrong.
        what: &'static str,
        /// What was found.
        found: String,
        /// What is allowed.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A layer beyond a limit of the engine or of the number formats.
    #[error("{layer}: {what}: found {found}, the limit is {limit}, {} too many; {remedy}", found - limit)]
    Limit {
        /// Layer name.
        layer: String,
        /// What is limited.
        what: &'static str,
        /// What the layer needs.
        found: u64,
        /// What there is.
        limit: u64,
        /// What to do.
        remedy: &'static str,
    },
    /// DDR that does not suffice.
    #[error("memory: {what} ends at {end:#x}, the device has {size:#x} bytes, {} too few; use a smaller batch, fewer slots or a device with more memory", end - size)]
    Memory {
        /// The region that does not fit.
        what: String,
        /// Where it would end.
        end: u64,
        /// What there is.
        size: u64,
    },
    /// Samples and network do not meet.
    #[error("{what}: found {found}, expected {expected}; {remedy}")]
    Input {
        /// What does not fit.
        what: &'static str,
        /// Found.
        found: String,
        /// Expected.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A program that failed its own check: a defect of this library.
    #[error("program check: {0}; please report this with the network that caused it")]
    Internal(String),
    /// Number formats refuse.
    #[error(transparent)]
    Numerics(#[from] NumericsError),
}

/// Anything that can go wrong while training or labelling.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The compiler refuses.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The driver or the engine refuses.
    #[error(transparent)]
    Driver(#[from] DriverError),
}

impl From<crate::device::DeviceError> for Error {
    fn from(e: crate::device::DeviceError) -> Self {
        Error::Driver(e.into())
    }
}

impl From<NumericsError> for Error {
    fn from(e: NumericsError) -> Self {
        Error::Compile(e.into())
    }
}
