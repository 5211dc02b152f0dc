//! A class's share of the entry memory: how many entries it may keep there, and whether it has a share at all. It keeps
//! a class inside its share whatever `k` and `heap_shift` say.
//!
//! | port | bits | meaning |
//! |---|---|---|
//! | `heap_shift` | 4 | log2 of a share in entries |
//! | `k` | 16 | entries wanted in each class |
//! | `class_id` | 16 | the class |
//! | `shift` | 4 | `heap_shift`, but no share is larger than the memory |
//! | `room` | 16 | entries the class may keep: `k`, but no more than its share |
//! | `fits` | 1 | the share lies in the memory |
//!
//! Latency 0, no state.
use rust_hdl::prelude::*;

/// Bounds of a class in an entry memory of `2^R` rows of two.
#[derive(LogicBlock)]
pub struct Share<const R: usize> {
    /// log2 of a share in entries.
    pub heap_shift: Signal<In, Bits<4>>,
    /// Entries wanted in each class.
    pub k: Signal<In, Bits<16>>,
    /// The class.
    pub class_id: Signal<In, Bits<16>>,
    /// `heap_shift`, bounded by the memory.
    pub shift: Signal<Out, Bits<4>>,
    /// Entries the class may keep.
    pub room: Signal<Out, Bits<16>>,
    /// The share lies in the memory.
    pub fits: Signal<Out, Bit>,
    most: Constant<Bits<4>>,
    bounded: Signal<Local, Bits<4>>,
    one: Signal<Local, Bits<16>>,
    size: Signal<Local, Bits<16>>,
    class_wide: Signal<Local, Bits<32>>,
    start: Signal<Local, Bits<32>>,
    row: Signal<Local, Bits<32>>,
    row_narrow: Signal<Local, Bits<R>>,
}

impl<const R: usize> Default for Share<R> {
    fn default() -> Self {
        Self {
            heap_shift: Default::default(),
            k: Default::default(),
            class_id: Default::default(),
            shift: Default::default(),
            room: Default::default(),
            fits: Default::default(),
            most: Constant::new((R + 1).min(15).to_bits()),
            bounded: Default::default(),
            one: Default::default(),
            size: Default::default(),
            class_wide: Default::default(),
            start: Default::default(),
            row: Default::default(),
            row_narrow: Default::default(),
        }
    }
}

impl<const R: usize> Logic for Share<R> {
    #[hdl_gen]
    fn update(&mut self) {
        self.bounded.next = self.heap_shift.val();
        if self.heap_shift.val() > self.most.val() {
            self.bounded.next = self.most.val();
        }
        self.shift.next = self.bounded.val();
        self.one.next = 1.into();
        self.size.next = self.one.val() << self.bounded.val();
        self.room.next = self.k.val();
        if self.k.val() > self.size.val() {
            self.room.next = self.size.val();
        }
        self.class_wide.next = bit_cast::<32, 16>(self.class_id.val());
        self.start.next = self.class_wide.val() << self.bounded.val();
        self.row.next = self.start.val() >> 1;
        self.row_narrow.next = bit_cast::<R, 32>(self.row.val());
        self.fits.next = bit_cast::<32, R>(self.row_narrow.val()) == self.row.val();
    }
}
