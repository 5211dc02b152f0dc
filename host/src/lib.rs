//! The driver and library of the Tandem engine: devices, networks compiled to commands, training and selection.
//!
//! | module | holds |
//! |---|---|
//! | [`device`] | the trait every backend implements |
//! | [`uart`] | a board behind two wires |
//! | `mmap` | an engine in this machine's address space (Linux) |
//! | [`doctor`] | is a device all right? |
//! | [`registers`] | a device's registers, decoded by name |
//! | [`driver`] | opening, windows, running programs, sites |
//! | [`fault`] | errors of the driver and of the engine |
//! | [`counters`] | cycles and events |
//! | [`network`] | the typed graph |
//! | [`float`] | the same in float32, to compare with |
//! | [`fold`] | samples and weights as they stand in memory |
//! | [`schedule`] | commands, tokens, scratchpads, cost |
//! | [`tile`] | layers to commands |
//! | [`plan`] | places in DDR, exponent sites |
//! | [`sites`] | sets of exponent sites |
//! | `loss` | the loss on the host, where the engine has none |
//! | [`lower`] | a step or an inference as one program |
//! | `selector` | the selector on the host, where the engine has none |
//! | [`session`] | a device with samples and networks |
//! | [`state`] | what a network has learnt, to be kept and restored |
//! | [`train`] | steps, calibration, inference |
//! | [`lr`] | schedules of the learning rate |
//! | [`distil`] | training on soft targets |
//! | [`label`] | labelling a stream, selection |
//! | [`batches`] | seeded balanced batches |
//! | [`augment`] | random changes of images as they are drawn |
//! | [`parameters`] | initial weights, safetensors, digest |
//! | [`model`] | a network with its weights, from a file or a name |
//! | [`onnx`] | networks from and to ONNX files |
//! | [`data`] | the digits, their splits, the shifted domain |
//! | [`measure`] | figures of an engine at work |
//! | [`study`] | the main job, end to end |
//! | [`images`] | pictures and arrays of a user as samples |
//! | [`adapt`] | the main job on a user's own data, step by step |
//! | [`trace`] | what ran on the engine, command by command, for Perfetto and for the report |
//! | [`report`] | a run as one HTML page |
//! | [`checkpoint`] | state on disk that survives power loss |
//! | [`single`] | one operation at a time |
//! | [`measure`] | what products and steps cost, and their bounds |
//! | [`error`] | what the compiler refuses |
#![warn(missing_docs)]

pub mod adapt;
pub mod augment;
pub mod batches;
pub mod checkpoint;
pub mod consolidation;
pub mod counters;
pub mod data;
pub mod device;
pub mod distil;
pub mod doctor;
pub mod driver;
pub mod error;
pub mod fault;
pub mod float;
pub mod fold;
pub mod hold;
pub mod images;
pub mod label;
mod loss;
pub mod lower;
pub mod lr;
pub mod measure;
#[cfg(target_os = "linux")]
pub mod mmap;
pub mod model;
pub mod network;
pub mod onnx;
pub mod parameters;
pub mod plan;
pub mod registers;
pub mod report;
pub mod schedule;
mod selector;
pub mod session;
pub mod single;
pub mod sites;
pub mod state;
pub mod study;
pub mod tile;
pub mod trace;
pub mod train;
pub mod uart;

pub use counters::Counters;
pub use device::{Device, DeviceError};
pub use driver::{Engine, Site, Window};
pub use error::{CompileError, Error};
pub use fault::{Context, DriverError, Fault};
