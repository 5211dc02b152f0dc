//! The vector unit: finishes accumulators (bias, skip, ReLU, requantise, pool), routes pooled gradients back and
//! updates weights, one word of `L` lanes at a time.
//!
//! Leaves of the datapath are registered and gated, so that lanes with nothing to do neither toggle nor cost simulation time.
mod address_walk;
mod align;
mod bitlen;
mod clamp;
mod flag_count;
mod gated_sum;
mod hash;
mod lane_shift;
mod momentum_round;
mod or_mask;
mod pixel_loop;
mod pool_lane;
mod requant_lane;
mod round_shift;
mod scale_mul;
mod source_reg;
mod term_shift;
mod update_lane;
mod weight_step;
mod word;

pub use address_walk::AddressWalk;
pub use align::Align;
pub use bitlen::Bitlen;
pub use clamp::Clamp;
pub use flag_count::FlagCount;
pub use gated_sum::GatedSum;
pub use hash::Hash;
pub use lane_shift::LaneShift;
pub use momentum_round::MomentumRound;
pub use or_mask::OrMask;
pub use pixel_loop::PixelLoop;
pub use pool_lane::PoolLane;
pub use requant_lane::RequantLane;
pub use round_shift::RoundShift;
pub use scale_mul::ScaleMul;
pub use source_reg::SourceReg;
pub use term_shift::TermShift;
pub use update_lane::UpdateLane;
pub use weight_step::WeightStep;
