//! The contract between engine, model and host: number formats and their arithmetic, commands, registers and tensor layout.
//!
//! Pure data and integer functions, no dependencies: every number that hardware and host share is written here once; the rest is generated.
#![no_std]

pub mod command;
pub mod config;
pub mod error;
pub mod layout;
pub mod link;
pub mod numerics;
pub mod register;
pub mod selection;

pub use command::{Command, Unit};
pub use config::Config;
pub use error::ErrorCode;
