//! Why an ONNX file is not read, in words that say what would work.

use crate::error::CompileError;
use std::fmt;

/// A file that cannot be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// More than is read.
    #[error("ONNX file: found {found} {what}, expected at most {limit}; check the path, or export a smaller network")]
    Size {
        /// What there is too much of.
        what: &'static str,
        /// How much, as far as it was counted.
        found: usize,
        /// What is read.
        limit: usize,
    },
    /// No protobuf, or a broken one.
    #[error("ONNX file: found bytes that are no ONNX model ({0}), expected a complete file; check the path, or export it again")]
    Protobuf(String),
    /// A file that contradicts itself or the standard.
    #[error("ONNX file, {place}: {what}: found {found}, expected {expected}; {remedy}")]
    Malformed {
        /// Node, tensor or part of the file.
        place: String,
        /// What is wrong.
        what: &'static str,
        /// What was found.
        found: String,
        /// What is expected.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Everything in a whole file that the engine cannot run.
    #[error("ONNX file: found {} the engine cannot run, expected none{}", count(.0), list(.0))]
    Unsupported(Vec<Unsupported>),
    /// A network beyond the limits of the engine or of its number formats.
    #[error("ONNX file: {0}")]
    Network(#[from] CompileError),
}

/// A node that cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Its name, or that of its first output where it has none.
    pub node: String,
    /// Its operator.
    pub operator: String,
    /// What goes in: channels, rows, columns of one image, where that is known.
    pub shape: String,
    /// What cannot run.
    pub found: String,
    /// What would work.
    pub works: String,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (node, operator, shape) = (&self.node, &self.operator, &self.shape);
        let (found, works) = (&self.found, &self.works);
        write!(
            f,
            "{operator} `{node}` on {shape}: {found}; what works: {works}"
        )
    }
}

fn count(all: &[Unsupported]) -> String {
    match all.len() {
        1 => "a node".into(),
        n => format!("{n} nodes"),
    }
}

fn list(all: &[Unsupported]) -> String {
    all.iter().map(|u| format!("\n  {u}")).collect()
}

/// A [`OnnxError::Malformed`].
pub(super) fn malformed(
    place: impl ToString,
    what: &'static str,
    found: impl ToString,
    expected: impl ToString,
    remedy: &'static str,
) -> OnnxError {
    OnnxError::Malformed {
        place: place.to_string(),
        what,
        found: found.to_string(),
        expected: expected.to_string(),
        remedy,
    }
}

/// The remedy for what an exporter never writes.
pub(super) const AGAIN: &str = "export the network again";
