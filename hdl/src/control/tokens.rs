//! Token counters: one for each (producer, consumer) pair of units, and the rule by which a unit may start. The queues hold
//! the commands; this only counts.
//!
//! | port | meaning |
//! |---|---|
//! | `wait_mask[u]`, `signal_mask[u]` | of the command at the head of unit u's queue, steady until it has started |
//! | `give_mask[u]` | signal mask of the oldest command that unit u has in flight |
//! | `ready[u]` | every token it waits for is there, and every counter it will give to has room |
//! | `start[u]` | it starts: takes a token of each producer in `wait_mask[u]` |
//! | `done[u]` | the oldest is done: gives a token to each consumer in `give_mask[u]` |
//!
//! A counter (p, c) has one producer and one consumer, so it moves by at most one up and one down in a cycle. A unit starts nothing that
//! gives to a counter at [`TOKEN_MAX`](tandem_isa::command::TOKEN_MAX) or above; as it may have three others in flight, a counter reaches three more at the most. Tokens
//! given at `done` count from the next cycle on.
//! Reset state: no tokens. Only start a unit that is ready.
use crate::leaf::RegEn;
use rust_hdl::prelude::*;

/// One counter.
#[derive(LogicBlock)]
pub struct TokenCounter {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// One more.
    pub give: Signal<In, Bit>,
    /// One less.
    pub take: Signal<In, Bit>,
    /// There is one.
    pub some: Signal<Out, Bit>,
    /// There is no room for another.
    pub full: Signal<Out, Bit>,
    count: RegEn<Bits<8>>,
    down: Constant<Bits<8>>,
    step: Signal<Local, Bits<8>>,
}

impl Default for TokenCounter {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            give: Default::default(),
            take: Default::default(),
            some: Default::default(),
            full: Default::default(),
            count: Default::default(),
            down: Constant::new(255.into()),
            step: Default::default(),
        }
    }
}

const _: () = assert!(tandem_isa::command::TOKEN_MAX == 252);

impl Logic for TokenCounter {
    #[hdl_gen]
    fn update(&mut self) {
        self.count.clock.next = self.clock.val();
        self.count.reset.next = self.reset.val();
        self.count.enable.next = self.give.val() ^ self.take.val();
        self.step.next = 1.into();
        if self.take.val() {
            self.step.next = self.down.val();
        }
        self.count.d.next = self.count.q.val() + self.step.val();
        self.some.next = self.count.q.val().any();
        // From 252 on: the upper six bits say so.
        self.full.next = self.count.q.val().get_bits::<6>(2).all();
    }
}

/// Token counters of all units.
#[derive(LogicBlock)]
pub struct Tokens {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Producers each unit's head waits for.
    pub wait_mask: [Signal<In, Bits<8>>; 6],
    /// Consumers it gives to.
    pub signal_mask: [Signal<In, Bits<8>>; 6],
    /// Consumers that the oldest command in flight gives to.
    pub give_mask: [Signal<In, Bits<8>>; 6],
    /// It starts.
    pub start: [Signal<In, Bit>; 6],
    /// The oldest is done.
    pub done: [Signal<In, Bit>; 6],
    /// It may start.
    pub ready: [Signal<Out, Bit>; 6],
    counter: [TokenCounter; 36],
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            wait_mask: Default::default(),
            signal_mask: Default::default(),
            give_mask: Default::default(),
            start: Default::default(),
            done: Default::default(),
            ready: Default::default(),
            counter: std::array::from_fn(|_| Default::default()),
        }
    }
}

impl Logic for Tokens {
    #[hdl_gen]
    fn update(&mut self) {
        for u in 0..6 {
            self.ready[u].next = true;
            for o in 0..6 {
                // Counter 6p + c: u takes from o, and gives to o.
                self.counter[o * 6 + u].clock.next = self.clock.val();
                self.counter[o * 6 + u].reset.next = self.reset.val();
                self.counter[o * 6 + u].take.next =
                    self.start[u].val() & self.wait_mask[u].val().get_bit(o);
                self.counter[o * 6 + u].give.next =
                    self.done[o].val() & self.give_mask[o].val().get_bit(u);
                self.ready[u].next = self.ready[u].val()
                    & (!self.wait_mask[u].val().get_bit(o) | self.counter[o * 6 + u].some.val())
                    & (!self.signal_mask[u].val().get_bit(o) | !self.counter[u * 6 + o].full.val());
            }
        }
    }
}

/// The golden counters, by (producer, consumer).
#[derive(Clone, Debug, Default)]
pub struct TokenModel(pub [[u32; 6]; 6]);

impl TokenModel {
    /// Whether a command of unit u may start.
    pub fn ready(&self, u: usize, wait_mask: u8, signal_mask: u8) -> bool {
        (0..6).all(|o| {
            (wait_mask >> o & 1 == 0 || self.0[o][u] > 0)
                && (signal_mask >> o & 1 == 0 || self.0[u][o] < tandem_isa::command::TOKEN_MAX)
        })
    }
    /// It starts.
    pub fn start(&mut self, u: usize, wait_mask: u8) {
        (0..6)
            .filter(|o| wait_mask >> o & 1 == 1)
            .for_each(|o| self.0[o][u] -= 1);
    }
    /// It is done.
    pub fn done(&mut self, u: usize, signal_mask: u8) {
        (0..6)
            .filter(|o| signal_mask >> o & 1 == 1)
            .for_each(|o| self.0[u][o] += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn a_counter_goes_up_and_down_between_its_ends() {
        let mut count = 0u8;
        let mut ends = [0; 2];
        Parity::new("token_counter")
            .cycles(3000)
            .all_move_but(&[])
            .check(
                &mut TokenCounter::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if cycle > 0 {
                        assert_eq!(u.some.val(), count > 0, "cycle {cycle}");
                        let full = u32::from(count) >= tandem_isa::command::TOKEN_MAX;
                        assert_eq!(u.full.val(), full, "cycle {cycle}");
                    }
                    ends[0] += u32::from(count == 0);
                    ends[1] += u32::from(count == 255);
                    // Up for a while, then down.
                    let up = cycle % 1200 < 600;
                    u.reset.next = cycle == 0 || rng.below(1000) == 0;
                    u.give.next = rng.chance(if up { 90 } else { 20 }) && count < 255;
                    u.take.next = rng.chance(if up { 20 } else { 90 }) && count > 0;
                    count = match u.reset.next {
                        true => 0,
                        false => count + u8::from(u.give.next) - u8::from(u.take.next),
                    };
                },
            )
            .unwrap();
        assert!(ends[0] > 50 && ends[1] > 50, "{ends:?}");
    }

    #[test]
    fn counts_like_the_model() {
        let mut model = TokenModel::default();
        // Masks of the command of each unit, and whether it is at work.
        let mut work: [Option<(u8, u8, bool)>; 6] = [None; 6];
        let (mut most, mut starts, mut refused) = (0, 0, 0);
        Parity::new("tokens")
            .cycles(6000)
            .check(
                &mut Tokens::default(),
                |u| &mut u.clock,
                |t, rng, cycle| {
                    // The edge has taken the inputs of the last cycle; outputs are of the new state with those inputs.
                    for (u, work) in work.iter_mut().enumerate() {
                        if t.reset.next {
                            *work = None;
                        } else if let Some((wait, signal, at_work)) = work {
                            if t.start[u].next {
                                model.start(u, *wait);
                                *at_work = true;
                                starts += 1;
                            }
                            if t.done[u].next {
                                model.done(u, *signal);
                                *work = None;
                            }
                        }
                    }
                    if t.reset.next {
                        model = TokenModel::default();
                    }
                    for u in (0..6).filter(|_| cycle > 0) {
                        let wait = t.wait_mask[u].next.to_u64() as u8;
                        let signal = t.signal_mask[u].next.to_u64() as u8;
                        let ready = model.ready(u, wait, signal);
                        assert_eq!(t.ready[u].val(), ready, "cycle {cycle}, unit {u}");
                        refused += u32::from(!ready);
                    }
                    most = most.max(model.0.iter().flatten().copied().max().unwrap_or(0));
                    let reset = cycle == 0 || cycle == 4000;
                    t.reset.next = reset;
                    // For a while nobody waits, so that counters fill up.
                    let starve = cycle % 3000 > 1200;
                    for (u, work) in work.iter_mut().enumerate() {
                        let few = (rng.word() & rng.word()) as u8 & 63;
                        let (wait, signal, at_work) = *work.get_or_insert((
                            if starve { few } else { 0 },
                            if u == 0 { 63 } else { rng.word() as u8 & few },
                            false,
                        ));
                        t.wait_mask[u].next = u64::from(wait).into();
                        t.signal_mask[u].next = u64::from(signal).into();
                        t.give_mask[u].next = t.signal_mask[u].next;
                        t.start[u].next =
                            !reset && !at_work && model.ready(u, wait, signal) && rng.chance(80);
                        t.done[u].next = !reset && at_work && rng.chance(80);
                    }
                },
            )
            .unwrap();
        let full = tandem_isa::command::TOKEN_MAX;
        assert_eq!(most, full, "no counter was ever full");
        assert!(starts > 1000 && refused > 1000, "{starts} {refused}");
    }
}
