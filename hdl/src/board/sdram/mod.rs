//! SDR SDRAM behind AXI4, with rust-hdl's burst controller.
//!
//! | file | is |
//! |---|---|
//! | `line_buffer` | the 64 bytes of one burst |
//! | `beats` | what its AXI channels hold |
//! | `line_bridge` | AXI4 and single words to lines |
//! | `sdram_memory` | the bridge, the controller, the pins' registers |

mod beats;
pub mod line_bridge;
pub mod line_buffer;
pub mod sdram_memory;

pub use line_bridge::LineBridge;
pub use line_buffer::LineBuffer;
pub use sdram_memory::SdramMemory;

#[cfg(test)]
mod tests;
