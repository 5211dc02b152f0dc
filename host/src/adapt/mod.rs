//! The main job on a user's own data: a teacher labels a stream, the best of every class are kept, a student learns from them
//! and is fine-tuned on the few labelled images; beside it the supervised baseline.
//!
//! | part | is |
//! |---|---|
//! | [`AdaptPlan`] | settings, checked in one place |
//! | [`Material`] | networks and images |
//! | [`Job`] | the work, in steps on a device; its state as sections of a checkpoint |
//! | [`Run`] | a job with its folder: events, checkpoints, stop and resume |
//! | [`record`] | the format of that folder |
//!
//! A job needs no folder: `while job.advance(&mut |line| …)? {}` is all. [`crate::study`] is the same on the demo's digits, for figures.

mod classes;
mod error;
mod evaluation;
mod events;
mod folder;
mod gate;
mod job;
mod labelling;
mod layers;
mod lock;
mod material;
mod meter;
mod plan;
pub mod record;
mod run;
mod soft;
mod state;
mod two_stage;
mod validate;

pub(crate) use error::damaged;
pub use error::AdaptError;
pub use events::{read_events, Events};
pub use folder::RunFolder;
pub use gate::{Gate, Verdict};
pub use job::{Job, Observer};
pub use layers::TuneLayers;
pub use material::Material;
pub use plan::{AdaptPlan, Key, Phase, Task};
pub use run::Run;
pub use soft::SoftTargets;
pub use validate::PlanError;
