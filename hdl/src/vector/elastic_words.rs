//! The two further operands of an elastic update: where a word's weights stood and their importance are kept as they come
//! from pad V, taken over with the gradient and given out in groups of `U`.
//!
//! | port | meaning |
//! |---|---|
//! | `take_old`, `take_importance` | the word that is there is one of these |
//! | `load`, `shift` | take both over; on to the next group |
//! | `old`, `importance` | 16 a lane, of the group |
//!
//! Latency 1 from `load`. No reset. `U` divides `L`.
use super::LaneShift;
use crate::leaf::RegEn;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Operands of the pull.
#[derive(LogicBlock)]
pub struct ElasticWords<const L: usize, const U: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// A word of pad V.
    pub word: [Signal<In, Bits<16>>; L],
    /// It is where the weights stood.
    pub take_old: Signal<In, Bit>,
    /// It is their importance.
    pub take_importance: Signal<In, Bit>,
    /// Take both over.
    pub load: Signal<In, Bit>,
    /// On to the next group.
    pub shift: Signal<In, Bit>,
    /// Where the group's weights stood, s16.
    pub old: [Signal<Out, Bits<16>>; U],
    /// Their importance, u16.
    pub importance: [Signal<Out, Bits<16>>; U],
    held_old: [RegEn<Bits<16>>; L],
    held_importance: [RegEn<Bits<16>>; L],
    unpack_old: LaneShift<L, U>,
    unpack_importance: LaneShift<L, U>,
}

impl<const L: usize, const U: usize> Default for ElasticWords<L, U> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            word: from_fn(|_| Default::default()),
            take_old: Default::default(),
            take_importance: Default::default(),
            load: Default::default(),
            shift: Default::default(),
            old: from_fn(|_| Default::default()),
            importance: from_fn(|_| Default::default()),
            held_old: from_fn(|_| Default::default()),
            held_importance: from_fn(|_| Default::default()),
            unpack_old: Default::default(),
            unpack_importance: Default::default(),
        }
    }
}

impl<const L: usize, const U: usize> Logic for ElasticWords<L, U> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, unpack_old, unpack_importance);
        self.unpack_old.load.next = self.load.val();
        self.unpack_old.shift.next = self.shift.val();
        self.unpack_importance.load.next = self.load.val();
        self.unpack_importance.shift.next = self.shift.val();
        for i in 0..L {
            self.held_old[i].clock.next = self.clock.val();
            self.held_old[i].reset.next = false;
            self.held_old[i].enable.next = self.take_old.val();
            self.held_old[i].d.next = self.word[i].val();
            self.held_importance[i].clock.next = self.clock.val();
            self.held_importance[i].reset.next = false;
            self.held_importance[i].enable.next = self.take_importance.val();
            self.held_importance[i].d.next = self.word[i].val();
            self.unpack_old.word[i].next = self.held_old[i].q.val();
            self.unpack_importance.word[i].next = self.held_importance[i].q.val();
        }
        for j in 0..U {
            self.unpack_old.group[j].next = 0.into();
            self.unpack_importance.group[j].next = 0.into();
            self.old[j].next = self.unpack_old.lane[j].val();
            self.importance[j].next = self.unpack_importance.lane[j].val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn a_word_comes_out_group_by_group() {
        let word = |u: &[Signal<In, Bits<16>>; 8]| -> [u64; 8] { from_fn(|i| u[i].next.to_u64()) };
        // Kept, taken over and group, of where the weights stood and of their importance.
        let mut kept = [[0; 8]; 2];
        let mut taken: [Option<([u64; 8], usize)>; 2] = [None; 2];
        let (mut groups, mut both) = (0, [false; 2]);
        Parity::new("elastic_words")
            .cycles(2000)
            .all_move_but(&[])
            .check(
                &mut ElasticWords::<8, 2>::default(),
                |u| &mut u.clock,
                |u, rng, _| {
                    for (k, lanes) in [&u.old, &u.importance].into_iter().enumerate() {
                        if let Some((word, group)) = taken[k] {
                            for (j, lane) in lanes.iter().enumerate() {
                                let expected = word.get(2 * group + j).copied().unwrap_or(0);
                                assert_eq!(lane.val().to_u64(), expected, "operand {k}");
                            }
                            groups += 1;
                        }
                    }
                    for lane in &mut u.word {
                        lane.next = rng.bits();
                    }
                    u.take_old.next = rng.chance(30);
                    u.take_importance.next = rng.chance(30);
                    u.load.next = rng.chance(20);
                    u.shift.next = rng.chance(60);
                    // What is taken over is what was kept before this edge.
                    for k in 0..2 {
                        if u.load.next {
                            taken[k] = both[k].then_some((kept[k], 0));
                        } else if let Some((_, group)) = taken[k].as_mut().filter(|_| u.shift.next)
                        {
                            *group += 1;
                        }
                    }
                    for (k, take) in [u.take_old.next, u.take_importance.next]
                        .into_iter()
                        .enumerate()
                    {
                        if take {
                            (kept[k], both[k]) = (word(&u.word), true);
                        }
                    }
                },
            )
            .unwrap();
        assert!(groups > 2000, "{groups}");
    }
}
