//! Boards: what stands between the engine and a part's pins and memories.
pub mod ecp5;
pub mod sdram;
pub mod ulx3s;
