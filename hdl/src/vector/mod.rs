//! The vector unit: finishes accumulators (bias, skip, ReLU, requantise, pool), routes pooled gradients back and
//! updates weights, one word of `L` lanes at a time.
//!
//! Leaves of the datapath are registered and gated, so that lanes with nothing to do neither toggle nor cost simulation time.
mod address_walk;
mod align;
#[cfg(test)]
mod alone;
mod bitlen;
mod clamp;
#[cfg(test)]
mod commands;
mod elastic_step;
mod elastic_words;
mod flag_count;
mod gated_sum;
mod group_pick;
mod hash;
mod index_walk;
mod lane_shift;
mod momentum_round;
mod or_mask;
mod pixel_loop;
mod pool_lane;
mod pull;
mod requant;
mod requant_lane;
mod requant_reads;
mod requant_results;
mod requant_sequence;
mod round_shift;
mod scale_mul;
mod site_commit;
#[cfg(test)]
mod site_golden;
mod site_lookup;
mod site_memory;
mod site_table;
mod source_reg;
mod term_shift;
mod unit;
#[cfg(test)]
mod unit_golden;
mod unpool;
mod update;
mod update_groups;
mod update_lane;
mod update_sequence;
mod weight_step;
mod word;
mod word_choice;

pub use address_walk::AddressWalk;
pub use align::Align;
pub use bitlen::Bitlen;
pub use clamp::Clamp;
pub use elastic_step::ElasticStep;
pub use elastic_words::ElasticWords;
pub use flag_count::FlagCount;
pub use gated_sum::GatedSum;
pub use group_pick::GroupPick;
pub use hash::Hash;
pub use index_walk::IndexWalk;
pub use lane_shift::LaneShift;
pub use momentum_round::MomentumRound;
pub use or_mask::OrMask;
pub use pixel_loop::PixelLoop;
pub use pool_lane::PoolLane;
pub use pull::Pull;
pub use requant::RequantUnit;
pub use requant_lane::RequantLane;
pub use requant_reads::RequantReads;
pub use requant_results::RequantResults;
pub use requant_sequence::{RequantSequence, RequantState};
pub use round_shift::RoundShift;
pub use scale_mul::ScaleMul;
pub use site_commit::SiteCommit;
pub use site_lookup::SiteLookup;
pub use site_memory::SiteMemory;
pub use site_table::SiteTable;
pub use source_reg::SourceReg;
pub use term_shift::TermShift;
pub use unit::VectorUnit;
pub use unpool::UnpoolUnit;
pub use update::UpdateUnit;
pub use update_groups::UpdateGroups;
pub use update_lane::UpdateLane;
pub use update_sequence::{UpdateSequence, UpdateState};
pub use weight_step::WeightStep;
pub use word_choice::WordChoice;
