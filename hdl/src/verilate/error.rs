//! What can go wrong around Verilator and the C++ compiler.

/// A tool that is missing or failed.
#[derive(Debug, thiserror::Error)]
pub enum VerilateError {
    /// No Verilator anywhere.
    #[error(
        "no Verilator found (looked at TANDEM_VERILATOR, at PATH for verilator_bin, and in {looked}); \
         run `cargo xtask setup`, which installs one into target/tools"
    )]
    NotFound {
        /// The folder `cargo xtask setup` fills.
        looked: String,
    },
    /// No Yosys anywhere.
    #[error(
        "no Yosys found (looked at TANDEM_YOSYS, at PATH, and in {looked}); \
         run `cargo xtask setup`, which installs one into target/tools"
    )]
    NoYosys {
        /// The folder `cargo xtask setup` fills.
        looked: String,
    },
    /// A Verilator that cannot be used.
    #[error(
        "{path} is not usable: {reason}; expected Verilator 5 or later; run `cargo xtask setup`"
    )]
    Unusable {
        /// The binary.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A tool could not be started.
    #[error("cannot start {command}: {reason}; is it installed and on PATH?")]
    Start {
        /// The command.
        command: String,
        /// What the system said.
        reason: String,
    },
    /// A tool ran and failed.
    #[error("{command}\nended with {status}:\n{text}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it printed.
        text: String,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {path}: {reason}")]
    File {
        /// Read, write, create.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl VerilateError {
    /// For `map_err` on file operations.
    pub fn file(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |e| Self::File {
            doing,
            path,
            reason: e.to_string(),
        }
    }
}
