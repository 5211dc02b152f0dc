//! The loss unit: softmax with temperature, cross-entropy gradient, confidences and the best classes of a sample.
//!
//! | file | is |
//! |---|---|
//! | `exp` | leaf: e^(−d/T) of one class a cycle |
//! | `divide` | serial divider, one quotient bit a cycle |
//! | `probability` | leaf: p of one class a cycle |
//! | `lane_pick` | leaf: one lane of a word |
//! | `ranking` | the four best classes of a sample |
//! | `result_word` | leaf: the ranking as scratchpad words |
//! | `unit` | the unit: one sample at a time, three passes over its classes |

pub mod divide;
pub mod exp;
pub mod lane_pick;
pub mod probability;
pub mod ranking;
pub mod result_word;
pub mod unit;

pub use divide::Divider;
pub use exp::Exp;
pub use lane_pick::LanePick;
pub use probability::Probability;
pub use ranking::Ranking;
pub use result_word::ResultWord;
pub use unit::LossUnit;

#[cfg(test)]
mod tests;
