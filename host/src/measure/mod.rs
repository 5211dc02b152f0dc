//! What the engine costs: products of single layers, whole training steps, and the bounds they are held against.
//!
//! | module | holds |
//! |---|---|
//! | [`layer`] | layers to measure: written forms and the sets of the bench |
//! | [`product`] | forward, dX and dW of a layer: cycles, bytes, bounds |
//! | [`step`] | training steps of whole networks |
//! | [`sharing`] | the teacher at half load, the student in the background |
//! | [`host`] | what a step costs the host |
//! | [`growth`] | cycles against batch, channels, size and classes |
//!
//! Cycles are the device's counters: the model has none, so measure on the RTL.

pub mod growth;
pub mod host;
pub mod layer;
pub mod product;
mod sharing;
pub mod step;

pub use layer::LayerSpec;
pub use product::{measure, Phase, Row};
pub use sharing::{sharing, Load, Sharing};
