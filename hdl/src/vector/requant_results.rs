//! What goes along with the pixels of a Requant command under way, and the write port of pad O: words as they are
//! finished, or with pooling the maximum of a full window and in the cycle after it the index.
//!
//! | port | meaning |
//! |---|---|
//! | `issue`, `last`, `place`, `full`, `address` | a group of a pixel's lanes is issued: whether it is the last one, the pixel's place in the window, whether that has four pixels, where its result goes |
//! | `to_index` | what takes the address of a maximum to that of its index |
//! | `moved` | stages under way: bit 0 the cycle in which its data are there, 5 its lanes are finished, 6 they stand in the word, which is written with its last, 7 the index is written |
//! | `slot` | place of the lanes that are finished |
//! | `o_we`, `o_addr`, `o_index` | write to pad O; an index |
//!
//! One group a cycle. Reset state: empty.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Stages and write port of Requant.
#[derive(LogicBlock, Default)]
pub struct RequantResults {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A group of lanes is issued.
    pub issue: Signal<In, Bit>,
    /// It is its pixel's last.
    pub last: Signal<In, Bit>,
    /// Its place in the window.
    pub place: Signal<In, Bits<2>>,
    /// The window has four pixels.
    pub full: Signal<In, Bit>,
    /// Where its result goes.
    pub address: Signal<In, Bits<16>>,
    /// Results are maxima.
    pub pool: Signal<In, Bit>,
    /// From maximum to index.
    pub to_index: Signal<In, Bits<16>>,
    /// Stages of the groups under way.
    pub moved: Signal<Out, Bits<8>>,
    /// Place of the finished lanes.
    pub slot: Signal<Out, Bits<2>>,
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    /// It is an index.
    pub o_index: Signal<Out, Bit>,
    stages: Reg<Bits<8>>,
    places: [Dff<Bits<2>>; 6],
    lasts: [Dff<Bit>; 7],
    closes: [Dff<Bit>; 8],
    addresses: [Dff<Bits<16>>; 8],
}

impl Logic for RequantResults {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, stages);
        self.stages.reset.next = self.reset.val();
        self.stages.d.next = self.stages.q.val() << 1;
        if self.issue.val() {
            self.stages.d.next = (self.stages.q.val() << 1) | 1;
        }
        self.moved.next = self.stages.q.val();

        for i in 0..8 {
            self.closes[i].clock.next = self.clock.val();
            self.addresses[i].clock.next = self.clock.val();
        }
        for i in 0..6 {
            self.places[i].clock.next = self.clock.val();
        }
        for i in 0..7 {
            self.lasts[i].clock.next = self.clock.val();
        }
        self.closes[0].d.next = self.full.val() & self.last.val() & (self.place.val() == 3);
        self.lasts[0].d.next = self.last.val();
        self.addresses[0].d.next = self.address.val();
        self.places[0].d.next = self.place.val();
        for i in 1..8 {
            self.closes[i].d.next = self.closes[i - 1].q.val();
            self.addresses[i].d.next = self.addresses[i - 1].q.val();
        }
        for i in 1..6 {
            self.places[i].d.next = self.places[i - 1].q.val();
        }
        for i in 1..7 {
            self.lasts[i].d.next = self.lasts[i - 1].q.val();
        }
        self.slot.next = self.places[5].q.val();

        self.o_index.next = false;
        self.o_we.next = self.stages.q.val().get_bit(6) & self.lasts[6].q.val();
        self.o_addr.next = self.addresses[6].q.val();
        if self.pool.val() {
            self.o_we.next = self.stages.q.val().get_bit(6) & self.closes[6].q.val();
            if self.stages.q.val().get_bit(7) & self.closes[7].q.val() {
                self.o_we.next = true;
                self.o_index.next = true;
                self.o_addr.next = self.addresses[7].q.val() + self.to_index.val();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn verilog_agrees() {
        Parity::new("requant_results")
            .cycles(2000)
            .check(
                &mut RequantResults::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle == 0 || rng.chance(1);
                    u.issue.next = rng.chance(70);
                    u.last.next = rng.chance(40);
                    u.place.next = rng.bits();
                    u.full.next = rng.chance(60);
                    u.address.next = rng.bits();
                    if cycle % 50 == 0 {
                        u.pool.next = rng.chance(50);
                        u.to_index.next = rng.bits();
                    }
                },
            )
            .unwrap();
    }
}
