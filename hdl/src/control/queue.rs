//! Command queue of one unit: keeps up to four commands with their DDR addresses in order, and starts the head when its
//! tokens are there and the unit is free. The tokens are counted in [`Tokens`](super::tokens::Tokens).
//!
//! | port | meaning |
//! |---|---|
//! | `in_*` | command and its address, valid/ready |
//! | `wait_mask`, `signal_mask` | of the head, for the token counters; 0 when empty |
//! | `may_start` | its tokens are there and nothing is being aborted |
//! | `start`, `command`, `busy`, `done` | unit protocol; `command` is steady from `start` until `done` |
//! | `address` | DDR address of the head |
//! | `has_command` | something is queued or at work |
//! | `waiting` | the head has not started |
//!
//! Latency from `in_valid` to `start` 1 cycle; a new command starts in the cycle after `done`. Reset state: empty, unit free
//! (the unit is to be reset with it).
use crate::leaf::{Fifo, Reg};
use rust_hdl::prelude::*;

/// Command queue of one unit.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Queue {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub in_command: Signal<In, Bits<512>>,
    pub in_address: Signal<In, Bits<32>>,
    pub in_valid: Signal<In, Bit>,
    pub in_ready: Signal<Out, Bit>,
    pub wait_mask: Signal<Out, Bits<8>>,
    pub signal_mask: Signal<Out, Bits<8>>,
    pub may_start: Signal<In, Bit>,
    pub start: Signal<Out, Bit>,
    pub command: Signal<Out, Bits<512>>,
    pub busy: Signal<In, Bit>,
    pub done: Signal<In, Bit>,
    pub address: Signal<Out, Bits<32>>,
    pub has_command: Signal<Out, Bit>,
    pub waiting: Signal<Out, Bit>,
    commands: Fifo<Bits<512>, 2>,
    addresses: Fifo<Bits<32>, 2>,
    at_work: Reg<Bit>,
    go: Signal<Local, Bit>,
}

impl Logic for Queue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at_work);
        clock!(self, clock, commands, addresses);
        self.at_work.reset.next = self.reset.val();
        self.commands.reset.next = self.reset.val();
        self.addresses.reset.next = self.reset.val();

        self.commands.in_data.next = self.in_command.val();
        self.commands.in_valid.next = self.in_valid.val();
        self.addresses.in_data.next = self.in_address.val();
        self.addresses.in_valid.next = self.in_valid.val();
        self.in_ready.next = self.commands.in_ready.val();

        self.go.next = self.commands.out_valid.val()
            & !self.at_work.q.val()
            & !self.busy.val()
            & self.may_start.val();
        if self.go.val() {
            self.at_work.d.next = true;
        }
        if self.done.val() {
            self.at_work.d.next = false;
        }
        self.commands.out_ready.next = self.done.val();
        self.addresses.out_ready.next = self.done.val();

        self.wait_mask.next = 0.into();
        self.signal_mask.next = 0.into();
        if self.commands.out_valid.val() {
            self.wait_mask.next = self.commands.out_data.val().get_bits::<8>(16);
            self.signal_mask.next = self.commands.out_data.val().get_bits::<8>(24);
        }
        self.start.next = self.go.val();
        self.command.next = self.commands.out_data.val();
        self.address.next = self.addresses.out_data.val();
        self.has_command.next = self.commands.out_valid.val();
        self.waiting.next = self.commands.out_valid.val() & !self.at_work.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;
    use std::collections::VecDeque;

    #[test]
    fn starts_each_command_once_in_order() {
        let mut model: VecDeque<(Bits<512>, u64)> = VecDeque::new();
        let (mut at_work, mut left) = (false, 0);
        let (mut started, mut most, mut tight, mut was_done) = (0, 0, 0, false);
        Parity::new("queue")
            .cycles(4000)
            .check(
                &mut Queue::default(),
                |u| &mut u.clock,
                |q, rng, cycle| {
                    // The edge has taken the inputs of the last cycle; outputs are of the new state with those inputs.
                    let mut taken = false;
                    if q.reset.next {
                        model.clear();
                        (at_work, was_done, taken) = (false, false, true);
                    } else {
                        let room = model.len() < 4;
                        if !model.is_empty() && !at_work && q.may_start.next && !q.busy.next {
                            (at_work, left) = (true, rng.below(4));
                            started += 1;
                            tight += u32::from(was_done);
                        }
                        was_done = q.done.next;
                        if was_done {
                            at_work = false;
                            model.pop_front();
                        }
                        if q.in_valid.next && room {
                            model.push_back((q.in_command.next, q.in_address.next.to_u64()));
                            taken = true;
                        }
                    }
                    if cycle > 0 {
                        most = most.max(model.len());
                        assert_eq!(q.has_command.val(), !model.is_empty(), "cycle {cycle}");
                        assert_eq!(q.in_ready.val(), model.len() < 4, "cycle {cycle}");
                        let waiting = !model.is_empty() && !at_work;
                        assert_eq!(q.waiting.val(), waiting, "cycle {cycle}");
                        let start = waiting && q.may_start.next && !q.busy.next;
                        assert_eq!(q.start.val(), start, "cycle {cycle}");
                        if let Some((command, address)) = model.front() {
                            assert!(q.command.val() == *command, "cycle {cycle}");
                            assert_eq!(q.address.val().to_u64(), *address);
                            assert_eq!(q.wait_mask.val(), command.get_bits::<8>(16));
                            assert_eq!(q.signal_mask.val(), command.get_bits::<8>(24));
                        } else {
                            assert!(!q.wait_mask.val().any() && !q.signal_mask.val().any());
                        }
                    }
                    q.reset.next = cycle == 0 || cycle % 997 == 0;
                    if taken || !q.in_valid.next {
                        q.in_valid.next = rng.chance(60);
                        q.in_command.next = rng.bits();
                        q.in_address.next = rng.bits();
                    }
                    q.may_start.next = rng.chance(if cycle % 400 < 200 { 100 } else { 30 });
                    q.busy.next = at_work;
                    q.done.next = at_work && left == 0;
                    left -= u64::from(at_work && left > 0);
                },
            )
            .unwrap();
        assert!(
            most == 4 && started > 300 && tight > 50,
            "{most} {started} {tight}"
        );
    }
}
