//! What the bridge's stream registers hold: beats of W and R.
use rust_hdl::prelude::*;

/// A beat of W.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
pub(super) struct WriteBeat {
    pub(super) data: Bits<64>,
    pub(super) strobes: Bits<8>,
    /// All strobes are high.
    pub(super) full: Bit,
}

/// A beat of R.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
pub(super) struct ReadBeat {
    pub(super) data: Bits<64>,
    pub(super) id: Bits<4>,
    pub(super) last: Bit,
    /// Of an address above the memory.
    pub(super) error: Bit,
}
