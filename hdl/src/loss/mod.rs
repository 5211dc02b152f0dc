//! The loss unit: softmax with temperature, cross-entropy gradient of labels and soft targets, confidences and the best classes of a sample.
//!
//! | file | is |
//! |---|---|
//! | `exp` | leaf: e^(−d/T) of one class a cycle |
//! | `divide` | serial divider, one quotient bit a cycle |
//! | `probability` | leaf: p of one class a cycle |
//! | `gradient` | the gradient of a class: of the label, of soft targets, or of both |
//! | `mix` | leaf: the mean of both, one class a cycle |
//! | `lane_pick` | leaf: one lane of a word |
//! | `ranking` | the four best classes of a sample |
//! | `result_word` | leaf: the ranking as scratchpad words |
//! | `unit` | the unit: one sample at a time, three passes over its classes, five with soft targets and labels |

pub mod divide;
pub mod exp;
pub mod gradient;
pub mod lane_pick;
pub mod mix;
pub mod probability;
pub mod ranking;
pub mod result_word;
pub mod unit;

pub use divide::Divider;
pub use exp::Exp;
pub use gradient::Gradient;
pub use lane_pick::LanePick;
pub use mix::Mix;
pub use probability::Probability;
pub use ranking::Ranking;
pub use result_word::ResultWord;
pub use unit::LossUnit;

#[cfg(test)]
mod tests;
