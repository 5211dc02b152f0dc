//! Boards: what stands between the engine and a part's pins and memories.
pub mod ecp5;
