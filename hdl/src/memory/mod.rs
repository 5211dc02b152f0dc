//! Between scratchpads and DDR: the AXI4 master with its window check, the load unit and the store unit.
//!
//! | cell | what |
//! |---|---|
//! | [`burst::Burst`] | request to bursts of at most 64 beats |
//! | [`window::Window`] | whether a burst lies inside a granted window |
//! | [`issue::Issue`] | one checked burst onto an address channel |
//! | [`sender::Sender`] | promised beats onto W |
//! | [`read::ReadEngine`], [`write::WriteEngine`] | the two halves of the master |
//! | [`master::Master`] | both, first error kept, kill and quiet |
//! | [`rows::Rows`] | a box of words to requests, neighbours joined |
//! | [`assemble::Assemble`] | beats to words |
//! | [`pad_writer::PadWriter`] | order and zeros of a padded box |
//! | [`load::Load`], [`store::Store`] | the units |

/// `Default` of a block with constants or const-generic arrays: `name = value, …; the other fields`.
macro_rules! default_block {
    ($block:ty $(, [$($generic:tt)*])? { $($name:ident = $value:expr),* ; $($field:ident)* }) => {
        impl$(<$($generic)*>)? Default for $block {
            fn default() -> Self {
                Self { $($name: $value,)* $($field: Default::default(),)* }
            }
        }
    };
}

pub mod assemble;
pub mod burst;
pub mod golden;
pub mod issue;
pub mod lanes;
pub mod load;
pub mod master;
pub mod pad_writer;
pub mod read;
pub mod rows;
pub mod sender;
pub mod store;
pub mod window;
pub mod write;

#[cfg(test)]
mod tests;
