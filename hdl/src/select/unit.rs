//! The select unit: runs Select commands by letting the scores of their samples through to the [`Selector`](super::Selector).
//! Not the selector itself: that keeps its lists across commands and contexts.
//!
//! Ports: the unit protocol; `score_*` from the loss unit (valid/ready/last), `to_valid`/`to_ready` towards the selector; `selector_busy`.
//! A score passes in the cycle it is offered. `done` when the last sample's scores have been placed. Reset state: idle, nothing passes.
use crate::control::decode::SelectFields;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

#[derive(LogicState, Copy, Clone, Debug, PartialEq)]
enum State {
    Idle,
    Pass,
    Settle,
    Place,
    Finish,
}

/// The select unit.
#[derive(LogicBlock, Default)]
pub struct SelectUnit {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Begin a command.
    pub start: Signal<In, Bit>,
    /// The command.
    pub command: Signal<In, Bits<512>>,
    /// A command is at work.
    pub busy: Signal<Out, Bit>,
    /// It is complete.
    pub done: Signal<Out, Bit>,
    /// No score comes, or the selector does not take it.
    pub stalled: Signal<Out, Bit>,
    /// The loss unit offers a score.
    pub score_valid: Signal<In, Bit>,
    /// It is taken.
    pub score_ready: Signal<Out, Bit>,
    /// It is the last of its sample.
    pub score_last: Signal<In, Bit>,
    /// A score for the selector.
    pub to_valid: Signal<Out, Bit>,
    /// The selector takes it.
    pub to_ready: Signal<In, Bit>,
    /// The selector has scores under way.
    pub selector_busy: Signal<In, Bit>,
    fields: SelectFields,
    state: Reg<State>,
    left: Dff<Bits<16>>,
    moved: Signal<Local, Bit>,
    passing: Signal<Local, Bit>,
}

impl Logic for SelectUnit {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, left);
        self.state.reset.next = self.reset.val();
        self.fields.command.next = self.command.val();
        self.busy.next = self.state.q.val() != State::Idle;
        self.done.next = self.state.q.val() == State::Finish;
        self.passing.next = self.state.q.val() == State::Pass;
        self.to_valid.next = self.passing.val() & self.score_valid.val();
        self.score_ready.next = self.passing.val() & self.to_ready.val();
        self.moved.next = self.passing.val() & self.score_valid.val() & self.to_ready.val();
        self.stalled.next = self.passing.val() & !self.moved.val();
        match self.state.q.val() {
            State::Idle => {
                if self.start.val() {
                    self.left.d.next = self.fields.n.val();
                    self.state.d.next = State::Pass;
                }
            }
            State::Pass => {
                if self.moved.val() & self.score_last.val() {
                    self.left.d.next = self.left.q.val() - 1;
                    if self.left.q.val() == 1 {
                        self.state.d.next = State::Settle;
                    }
                }
            }
            State::Settle => {
                // The selector is busy from the cycle after it took a score.
                self.state.d.next = State::Place;
            }
            State::Place => {
                if !self.selector_busy.val() {
                    self.state.d.next = State::Finish;
                }
            }
            State::Finish => {
                self.state.d.next = State::Idle;
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;
    use tandem_isa::command::Select;

    #[test]
    fn agrees_with_its_verilog_and_counts_samples() {
        let mut samples = 0u64;
        let mut wanted = 0u64;
        let mut finished = 0;
        Parity::new("select_unit")
            .cycles(4000)
            .check(
                &mut SelectUnit::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle == 0;
                    if cycle > 1 && u.done.val() {
                        assert_eq!(samples, wanted);
                        finished += 1;
                    }
                    let start = cycle > 1 && !u.busy.val() && rng.chance(30);
                    u.start.next = start;
                    if start {
                        samples = 0;
                        wanted = 1 + rng.below(5);
                        let command = Select {
                            n: wanted as u16,
                            ..Default::default()
                        };
                        let bytes = command.encode();
                        let mut bits = Bits::<512>::default();
                        for i in 0..512 {
                            bits = bits.replace_bit(i, bytes[i / 8] >> (i % 8) & 1 != 0);
                        }
                        u.command.next = bits;
                    }
                    let (valid, ready) = (rng.chance(60), rng.chance(60));
                    let last = rng.chance(50);
                    u.score_valid.next = valid;
                    u.to_ready.next = ready;
                    u.score_last.next = last;
                    u.selector_busy.next = rng.chance(50);
                    let passing = u.state.q.val() == State::Pass;
                    samples += (passing && valid && ready && last) as u64;
                },
            )
            .unwrap();
        assert!(finished > 50, "{finished}");
    }
}
