//! Is this device all right? Who may open it, whether it is the engine this program was built for, whether its registers, its
//! memory and the way between the two hold what they are given.
//!
//! Memory and registers are as they were afterwards. A device at work is not tested.
//!
//! | file | tests |
//! |---|---|
//! | `access` | who may open the device's files |
//! | `identity` | what it says it is, and its registers |
//! | `memory` | memory, as the host sees it |
//! | `coherence` | memory, as the engine sees it |

#[cfg(target_os = "linux")]
pub mod access;
mod coherence;
mod identity;
mod memory;

pub use coherence::{coherent, open};
pub use identity::{clock, identity, registers};
pub use memory::memory;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// It could not be tested, or says nothing.
    Unknown,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tested.
    pub what: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
    /// What to do; empty if there is nothing to be done.
    pub remedy: String,
}

impl Finding {
    /// One of something that is as it should be.
    pub fn good(what: &'static str, found: impl ToString) -> Self {
        Self {
            what,
            outcome: Outcome::Good,
            found: found.to_string(),
            remedy: String::new(),
        }
    }

    /// One of something that is not.
    pub fn bad(what: &'static str, found: impl ToString, remedy: impl ToString) -> Self {
        Self {
            what,
            outcome: Outcome::Bad,
            found: found.to_string(),
            remedy: remedy.to_string(),
        }
    }

    /// One that says nothing.
    pub fn unknown(what: &'static str, found: impl ToString) -> Self {
        Self {
            outcome: Outcome::Unknown,
            ..Self::good(what, found)
        }
    }
}
