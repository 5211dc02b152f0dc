//! Scratchpads: on-chip memories of lane words, one bank a lane, between load, the array, the vector unit and store.
//! No arbitration and no address checks: each has one writer and one reader, and addresses wrap at the depth.
mod lane_pad;
mod rotate;
mod skew_pad;

pub use lane_pad::LanePad;
pub use rotate::Rotate;
pub use skew_pad::SkewPad;
