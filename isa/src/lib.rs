//! The contract between engine, model and host: number formats and their arithmetic, commands, registers and tensor layout.
#![no_std]
pub mod selection;
