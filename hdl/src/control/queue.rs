//! Command queue of one unit: keeps up to eight commands with their DDR addresses in order, starts the head when its tokens are
//! there and the unit can take it, and remembers what is in flight. The tokens are counted in [`Tokens`](super::tokens::Tokens).
//!
//! | port | meaning |
//! |---|---|
//! | `in_*` | command and its address, valid/ready |
//! | `wait_mask`, `signal_mask` | of the head, for the token counters; 0 when empty |
//! | `may_start` | its tokens are there and nothing is being aborted |
//! | `start`, `command`, `taken`, `done` | unit protocol; `command` is steady from `start` until `taken`; `done`: the oldest command in flight is done |
//! | `give_mask` | signal mask of the oldest command in flight, 0 without one |
//! | `address` | DDR address of the oldest command in flight, otherwise of the head |
//! | `turn`, `place` | DDR address of the last command that started as number `turn` mod 4 |
//! | `has_command` | something is queued or in flight |
//! | `waiting` | the head has not started |
//!
//! Addresses stay in their store when their commands start: of the 16 there at most twelve are of commands queued or in flight, and the last four that
//! started are there still.
//! A unit has at most four commands in flight: the next starts from the cycle after `taken` on. Latency from `in_valid` to `start`
//! 1 cycle. Reset state: empty, unit free (the unit is to be reset with it).
use crate::leaf::{Fifo, LutRam, Reg};
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
    pub taken: Signal<In, Bit>,
    pub done: Signal<In, Bit>,
    pub give_mask: Signal<Out, Bits<8>>,
    pub address: Signal<Out, Bits<32>>,
    pub turn: Signal<In, Bits<2>>,
    pub place: Signal<Out, Bits<32>>,
    pub has_command: Signal<Out, Bit>,
    pub waiting: Signal<Out, Bit>,
    commands: Fifo<Bits<512>, 3>,
    addresses: LutRam<Bits<32>, 4>,
    places: LutRam<Bits<32>, 4>,
    at_work: Reg<Bit>,
    given: Fifo<Bits<8>, 2>,
    pushed: Reg<Bits<4>>,
    started: Reg<Bits<4>>,
    finished: Reg<Bits<4>>,
    go: Signal<Local, Bit>,
    push: Signal<Local, Bit>,
    of_turn: Signal<Local, Bits<4>>,
    of_before: Signal<Local, Bits<4>>,
    low_started: Signal<Local, Bits<2>>,
}

impl Logic for Queue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at_work, pushed, started, finished);
        clock!(self, clock, commands, addresses, places, given);
        self.given.reset.next = self.reset.val();
        self.pushed.reset.next = self.reset.val();
        self.started.reset.next = self.reset.val();
        self.finished.reset.next = self.reset.val();
        self.at_work.reset.next = self.reset.val();
        self.commands.reset.next = self.reset.val();

        self.commands.in_data.next = self.in_command.val();
        self.commands.in_valid.next = self.in_valid.val();
        self.in_ready.next = self.commands.in_ready.val();
        self.push.next = self.in_valid.val() & self.commands.in_ready.val();
        if self.push.val() {
            self.pushed.d.next = self.pushed.q.val() + 1;
        }
        self.addresses.write_address.next = self.pushed.q.val();
        self.addresses.write_data.next = self.in_address.val();
        self.addresses.write_enable.next = self.push.val();
        self.places.write_address.next = self.pushed.q.val();
        self.places.write_data.next = self.in_address.val();
        self.places.write_enable.next = self.push.val();

        self.go.next = self.commands.out_valid.val()
            & !self.at_work.q.val()
            & self.given.in_ready.val()
            & self.may_start.val();
        if self.go.val() {
            self.at_work.d.next = true;
            self.started.d.next = self.started.q.val() + 1;
        }
        // Of the four that started last.
        self.of_turn.next = bit_cast::<4, 2>(self.turn.val()) | (self.started.q.val() & 12);
        self.of_before.next = self.of_turn.val() - 4;
        self.low_started.next = self.started.q.val().get_bits::<2>(0);
        self.places.read_address.next = self.of_before.val();
        if self.turn.val() < self.low_started.val() {
            self.places.read_address.next = self.of_turn.val();
        }
        self.place.next = self.places.read_data.val();
        if self.taken.val() {
            self.at_work.d.next = false;
        }
        if self.done.val() {
            self.finished.d.next = self.finished.q.val() + 1;
        }
        self.commands.out_ready.next = self.taken.val();
        self.given.in_valid.next = self.go.val();
        self.given.out_ready.next = self.done.val();
        self.give_mask.next = 0.into();
        if self.given.out_valid.val() {
            self.give_mask.next = self.given.out_data.val();
        }

        self.wait_mask.next = 0.into();
        self.signal_mask.next = 0.into();
        if self.commands.out_valid.val() {
            self.wait_mask.next = self.commands.out_data.val().get_bits::<8>(16);
            self.signal_mask.next = self.commands.out_data.val().get_bits::<8>(24);
        }
        self.given.in_data.next = self.signal_mask.val();
        self.start.next = self.go.val();
        self.command.next = self.commands.out_data.val();
        self.addresses.read_address.next = self.finished.q.val();
        self.address.next = self.addresses.read_data.val();
        self.has_command.next = self.commands.out_valid.val() | self.given.out_valid.val();
        self.waiting.next = self.commands.out_valid.val() & !self.at_work.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;
    use std::collections::VecDeque;

    /// A command in flight: its number, address, signal mask, and cycles until the unit has taken it and is done.
    struct InFlight {
        address: u64,
        signal: Bits<8>,
        taken_in: Option<u64>,
        done_in: u64,
    }

    #[test]
    fn starts_each_command_once_in_order() {
        let mut model: VecDeque<(Bits<512>, u64)> = VecDeque::new();
        let mut flight: VecDeque<InFlight> = VecDeque::new();
        let mut places = [0; 4];
        let (mut started, mut all, mut most, mut deepest) = (0usize, 0, 0, 0);
        Parity::new("queue")
            .cycles(4000)
            .check(
                &mut Queue::default(),
                |u| &mut u.clock,
                |q, rng, cycle| {
                    // The edge has taken the inputs of the last cycle; outputs are of the new state with those inputs.
                    let at_work = |f: &VecDeque<InFlight>| f.iter().any(|f| f.taken_in.is_some());
                    let mut taken = false;
                    if q.reset.next {
                        model.clear();
                        flight.clear();
                        (started, taken) = (0, true);
                    } else {
                        let room = model.len() < 8;
                        let starts = !model.is_empty()
                            && !at_work(&flight)
                            && flight.len() < 4
                            && q.may_start.next;
                        if q.taken.next {
                            model.pop_front();
                            flight.iter_mut().for_each(|f| f.taken_in = None);
                        }
                        if q.done.next {
                            flight.pop_front();
                        }
                        if starts {
                            let (command, address) = model[0];
                            let taken_in = rng.below(4);
                            flight.push_back(InFlight {
                                address,
                                signal: command.get_bits::<8>(24),
                                taken_in: Some(taken_in),
                                done_in: taken_in + if rng.chance(50) { 0 } else { rng.below(20) },
                            });
                            places[started % 4] = address;
                            started += 1;
                            all += 1;
                        }
                        if q.in_valid.next && room {
                            model.push_back((q.in_command.next, q.in_address.next.to_u64()));
                            taken = true;
                        }
                    }
                    if cycle > 0 {
                        most = most.max(model.len());
                        deepest = deepest.max(flight.len());
                        let any = !model.is_empty() || !flight.is_empty();
                        assert_eq!(q.has_command.val(), any, "cycle {cycle}");
                        assert_eq!(q.in_ready.val(), model.len() < 8, "cycle {cycle}");
                        let waiting = !model.is_empty() && !at_work(&flight);
                        assert_eq!(q.waiting.val(), waiting, "cycle {cycle}");
                        let start = waiting && q.may_start.next && flight.len() < 4;
                        assert_eq!(q.start.val(), start, "cycle {cycle}");
                        if let Some((command, address)) = model.front() {
                            assert!(q.command.val() == *command, "cycle {cycle}");
                            assert_eq!(q.wait_mask.val(), command.get_bits::<8>(16));
                            assert_eq!(q.signal_mask.val(), command.get_bits::<8>(24));
                            if flight.is_empty() {
                                assert_eq!(q.address.val().to_u64(), *address);
                            }
                        } else {
                            assert!(!q.wait_mask.val().any() && !q.signal_mask.val().any());
                        }
                        if let Some(oldest) = flight.front() {
                            assert_eq!(q.address.val().to_u64(), oldest.address, "cycle {cycle}");
                            assert_eq!(q.give_mask.val(), oldest.signal, "cycle {cycle}");
                        } else {
                            assert!(!q.give_mask.val().any(), "cycle {cycle}");
                        }
                        let turn = q.turn.next.index();
                        if turn < started {
                            assert_eq!(q.place.val().to_u64(), places[turn], "cycle {cycle}");
                        }
                    }
                    q.turn.next = Bits::from(rng.below(4));
                    q.reset.next = cycle == 0 || cycle % 997 == 0;
                    if taken || !q.in_valid.next {
                        q.in_valid.next = rng.chance(60);
                        q.in_command.next = rng.bits();
                        q.in_address.next = rng.bits();
                    }
                    q.may_start.next = rng.chance(if cycle % 400 < 200 { 100 } else { 30 });
                    q.taken.next = flight.iter().any(|f| f.taken_in == Some(0));
                    let oldest = flight.front();
                    q.done.next = oldest
                        .is_some_and(|f| f.done_in == 0 && f.taken_in.is_none_or(|left| left == 0));
                    for f in &mut flight {
                        f.taken_in = f.taken_in.map(|left| left.saturating_sub(1));
                        f.done_in = f.done_in.saturating_sub(1);
                    }
                },
            )
            .unwrap();
        assert!(
            most == 8 && deepest == 4 && all > 300,
            "{most} {deepest} {all}"
        );
    }
}
