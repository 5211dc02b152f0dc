//! Counts the groups of a word through the update lanes and places the results: a word of weights is whole a cycle after
//! its last group, its momenta a cycle later.
//!
//! | port | meaning |
//! |---|---|
//! | `load` | a word is taken apart at this edge: `L/U` groups follow |
//! | `clear` | a command begins: results go to the first words |
//! | `group`, `moving` | a group enters the lanes; the lanes move |
//! | `weight_out`, `momentum_out` | a group is finished |
//! | `o_we`, `o_momentum`, `word` | write the weights or the momenta of that word |
//! | `empty` | nothing is under way |
//!
//! From `load` to the write of the momenta: L/U + 7 cycles. At least max(3, L/U) cycles between loads. Reset state: empty.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Groups under way.
#[derive(LogicBlock)]
pub struct UpdateGroups<const L: usize, const U: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A command begins.
    pub clear: Signal<In, Bit>,
    /// A word is taken apart.
    pub load: Signal<In, Bit>,
    /// A group enters the lanes.
    pub group: Signal<Out, Bit>,
    /// The lanes move.
    pub moving: Signal<Out, Bit>,
    /// A group of weights is finished.
    pub weight_out: Signal<Out, Bit>,
    /// A group of momenta is finished.
    pub momentum_out: Signal<Out, Bit>,
    /// Write a word.
    pub o_we: Signal<Out, Bit>,
    /// It is the momentum.
    pub o_momentum: Signal<Out, Bit>,
    /// Which word of the command.
    pub word: Signal<Out, Bits<16>>,
    /// Nothing is under way.
    pub empty: Signal<Out, Bit>,
    left: Reg<Bits<6>>,
    pipe: Reg<Bits<6>>,
    ends: Reg<Bits<7>>,
    out: Dff<Bits<16>>,
    groups: Constant<Bits<6>>,
}

impl<const L: usize, const U: usize> Default for UpdateGroups<L, U> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            clear: Default::default(),
            load: Default::default(),
            group: Default::default(),
            moving: Default::default(),
            weight_out: Default::default(),
            momentum_out: Default::default(),
            o_we: Default::default(),
            o_momentum: Default::default(),
            word: Default::default(),
            empty: Default::default(),
            left: Default::default(),
            pipe: Default::default(),
            ends: Default::default(),
            out: Default::default(),
            groups: Constant::new(Bits::from((L / U) as u64)),
        }
    }
}

impl<const L: usize, const U: usize> Logic for UpdateGroups<L, U> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left, pipe, ends, out);
        self.left.reset.next = self.reset.val();
        self.pipe.reset.next = self.reset.val();
        self.ends.reset.next = self.reset.val();

        self.group.next = self.left.q.val().any();
        if self.left.q.val().any() {
            self.left.d.next = self.left.q.val() - 1;
        }
        if self.load.val() {
            self.left.d.next = self.groups.val();
        }
        self.pipe.d.next = self.pipe.q.val() << 1;
        if self.left.q.val().any() {
            self.pipe.d.next = (self.pipe.q.val() << 1) | 1;
        }
        self.ends.d.next = self.ends.q.val() << 1;
        if self.left.q.val() == 1 {
            self.ends.d.next = (self.ends.q.val() << 1) | 1;
        }
        self.moving.next = self.left.q.val().any() | self.pipe.q.val().any();
        self.weight_out.next = self.pipe.q.val().get_bit(4);
        self.momentum_out.next = self.pipe.q.val().get_bit(5);

        self.o_we.next = self.ends.q.val().get_bit(5) | self.ends.q.val().get_bit(6);
        self.o_momentum.next = self.ends.q.val().get_bit(6);
        self.word.next = self.out.q.val();
        if self.ends.q.val().get_bit(6) {
            self.out.d.next = self.out.q.val() + 1;
        }
        if self.clear.val() {
            self.out.d.next = 0.into();
        }
        self.empty.next =
            !self.left.q.val().any() & !self.pipe.q.val().any() & !self.ends.q.val().any();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn every_word_is_written_once_and_in_order() {
        let (mut loads, mut since, mut written) = (0u64, 9, 0);
        Parity::new("update_groups")
            .cycles(1000)
            .check(
                &mut UpdateGroups::<16, 4>::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle == 0;
                    u.clear.next = cycle == 0;
                    since += 1;
                    if u.o_we.val() {
                        assert_eq!(u.word.val().to_u64(), written / 2);
                        assert_eq!(u.o_momentum.val(), written % 2 == 1);
                        written += 1;
                    }
                    u.load.next = cycle > 0 && cycle < 980 && since >= 4 && rng.chance(70);
                    if u.load.next {
                        (loads, since) = (loads + 1, 0);
                    }
                    if cycle == 999 {
                        assert!(u.empty.val());
                        assert_eq!(written, 2 * loads);
                    }
                },
            )
            .unwrap();
    }
}
