//! What a pixel of a Requant command reads, and in which order: its source, from accumulators or pad V, and the operands in
//! pad V that go with it. Pad V gives one word a cycle: a source from pad V comes first, then the mask, then the skip word.
//!
//! | port | meaning |
//! |---|---|
//! | `run` | pixels are to be issued |
//! | `from_v`, `mask`, `skip` | flags of the command |
//! | `source`, `operand`, `to_skip` | address of the source; of the mask, or without one of the skip word; with both, what takes the mask's address to that of the skip word |
//! | `acc_read`, `acc_grant`, `stalled` | an accumulator is asked for, until it is granted |
//! | `v_addr` | word of pad V to read |
//! | `issue` | the pixel's last read; addresses move on |
//! | `source_there`, `mask_there`, `mask_kept` | the cycle in which the source word, in which a mask read before its skip word is there; the one after that |
//!
//! One pixel a cycle; one more for each word of pad V past the first, and for every refused read. Reset state: at the first
//! read of a pixel.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Order of reads of Requant.
#[derive(LogicBlock, Default)]
pub struct RequantReads {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Pixels are to be issued.
    pub run: Signal<In, Bit>,
    /// The source is in pad V.
    pub from_v: Signal<In, Bit>,
    /// There is a mask.
    pub mask: Signal<In, Bit>,
    /// There is a skip operand.
    pub skip: Signal<In, Bit>,
    /// Address of the source.
    pub source: Signal<In, Bits<16>>,
    /// Address of the operand.
    pub operand: Signal<In, Bits<16>>,
    /// From mask to skip word.
    pub to_skip: Signal<In, Bits<16>>,
    /// Read an accumulator word.
    pub acc_read: Signal<Out, Bit>,
    /// It is being read.
    pub acc_grant: Signal<In, Bit>,
    /// It was refused.
    pub stalled: Signal<Out, Bit>,
    /// Word of pad V to read.
    pub v_addr: Signal<Out, Bits<16>>,
    /// The pixel's last read.
    pub issue: Signal<Out, Bit>,
    /// The source word is there.
    pub source_there: Signal<Out, Bit>,
    /// The mask word is there, the skip word follows.
    pub mask_there: Signal<Out, Bit>,
    /// The cycle after.
    pub mask_kept: Signal<Out, Bit>,
    step: Reg<Bits<2>>,
    source_next: Reg<Bit>,
    mask_next: Reg<Bit>,
    mask_then: Reg<Bit>,
    behind: Dff<Bits<16>>,
    both: Signal<Local, Bit>,
    more: Signal<Local, Bit>,
    first: Signal<Local, Bit>,
    last: Signal<Local, Bit>,
    moving: Signal<Local, Bit>,
    source_now: Signal<Local, Bit>,
}

impl Logic for RequantReads {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, step, source_next, mask_next, mask_then, behind);
        self.step.reset.next = self.reset.val();
        self.source_next.reset.next = self.reset.val();
        self.mask_next.reset.next = self.reset.val();
        self.mask_then.reset.next = self.reset.val();

        self.both.next = self.mask.val() & self.skip.val();
        self.more.next = self.from_v.val() & (self.mask.val() | self.skip.val());
        self.first.next = !self.step.q.val().any();
        self.last.next = true;
        if self.first.val() {
            self.last.next = !self.both.val() & !self.more.val();
        }
        if self.step.q.val() == 1 {
            self.last.next = !(self.both.val() & self.more.val());
        }
        self.moving.next =
            self.run.val() & (self.from_v.val() | self.acc_grant.val() | !self.first.val());
        if self.moving.val() {
            self.step.d.next = self.step.q.val() + 1;
            if self.last.val() {
                self.step.d.next = 0.into();
            }
        }
        self.issue.next = self.moving.val() & self.last.val();
        self.acc_read.next = self.run.val() & !self.from_v.val() & self.first.val();
        self.stalled.next = self.acc_read.val() & !self.acc_grant.val();

        // The skip word's address is made in the cycle in which the mask is read.
        self.behind.d.next = self.operand.val() + self.to_skip.val();
        self.source_now.next = self.from_v.val() & self.first.val();
        self.v_addr.next = self.operand.val();
        if self.both.val() & self.last.val() {
            self.v_addr.next = self.behind.q.val();
        }
        if self.source_now.val() {
            self.v_addr.next = self.source.val();
        }

        self.source_next.d.next = self.moving.val() & self.first.val();
        self.source_there.next = self.source_next.q.val();
        self.mask_next.d.next =
            self.moving.val() & self.both.val() & !self.last.val() & !self.source_now.val();
        self.mask_there.next = self.mask_next.q.val();
        self.mask_then.d.next = self.mask_next.q.val();
        self.mask_kept.next = self.mask_then.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    /// Every pixel reads its words in order, and nothing else.
    #[test]
    fn words_are_read_in_order() {
        let mut left: Vec<u64> = Vec::new();
        let (mut pixel, mut arrived, mut kept) = (0u64, [false; 2], false);
        let mut counts = [0usize; 4];
        Parity::new("requant_reads")
            .cycles(4000)
            .check(
                &mut RequantReads::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if cycle % 100 == 0 {
                        u.from_v.next = rng.chance(50);
                        u.mask.next = rng.chance(60);
                        u.skip.next = rng.chance(60);
                        u.to_skip.next = rng.bits();
                    }
                    // Start again at a pixel's first read, as a new command does.
                    u.reset.next = cycle % 100 == 0;
                    let flags = (u.from_v.next, u.mask.next, u.skip.next);
                    if cycle % 100 > 1 {
                        let found = (u.source_there.val(), u.mask_there.val(), u.mask_kept.val());
                        assert_eq!(found, (arrived[0], arrived[1], kept), "{flags:?}");
                    }
                    if cycle % 100 > 1 && !left.is_empty() {
                        // The inputs are still those of the cycle before.
                        assert_eq!(u.v_addr.val().to_u64(), left[0], "{flags:?}");
                    }
                    kept = arrived[1];
                    u.run.next = cycle % 100 > 0 && rng.chance(90);
                    u.acc_grant.next = rng.chance(70);
                    if cycle % 100 == 0 || left.is_empty() {
                        pixel += 1;
                        left.clear();
                        u.source.next = Bits::from((pixel * 7) & 0xffff);
                        u.operand.next = Bits::from((pixel * 5) & 0xffff);
                        let operand = u.operand.next.to_u64();
                        let skip = (operand + u.to_skip.next.to_u64()) & 0xffff;
                        match flags {
                            (_, true, true) => left.extend([operand, skip]),
                            (_, false, false) => {}
                            _ => left.push(operand),
                        }
                        if flags.0 {
                            left.insert(0, u.source.next.to_u64());
                        }
                        if left.is_empty() {
                            // Only the accumulator.
                            left.push(operand);
                        }
                        counts[left.len()] += 1;
                    }
                    let words = 1 + usize::from(flags.1 && flags.2);
                    let all = left.len() == words + usize::from(flags.0 && (flags.1 || flags.2));
                    let moves = u.run.next && (flags.0 || u.acc_grant.next || !all);
                    arrived = [moves && all, moves && flags.1 && flags.2 && left.len() == 2];
                    if moves {
                        left.remove(0);
                    }
                },
            )
            .unwrap();
        assert!(counts[1..].iter().all(|&n| n > 20), "{counts:?}");
    }
}
