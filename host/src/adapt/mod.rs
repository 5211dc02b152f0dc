//! The main job on a user's own data.
pub mod plan;
pub mod record;
