//! The loss unit: runs Loss commands, one sample at a time, in three passes over its classes (maximum, exponentials, probabilities).
//! Not for many samples a cycle: it is idle most of a training step.
//!
//! Ports: the unit protocol (`start`, `command`, `busy`, `done`, `stalled`); Z read port (`z_addr`, `z_data` one cycle later); G write port;
//! the site lookup port (`lookup_f`, s8, one cycle after `lookup_site`); the score stream (valid/ready); pulses `sample` and `correct`.
//! Time of a sample: 4·classes + 60 cycles, with soft targets 3 more, with labels beside them another 3·classes + 50; and one a score.
//! It never reports an error: its fields are checked before.
//! Reset state: idle. Limits: 1024 classes.
use super::{Divider, Exp, Gradient, LanePick, Probability, Ranking, ResultWord};
use crate::control::decode::LossFields;
use crate::leaf::{Dff, Ram, Reg};
use rust_hdl::prelude::*;
use tandem_isa::command::{NO_SITE, NO_SLOT};
use tandem_isa::numerics::TEMPERATURE_ONE;

#[derive(LogicState, Copy, Clone, Debug, PartialEq)]
enum State {
    Idle,
    Lookup,
    Record,
    Begin,
    Maximum,
    MaximumEnd,
    Exponential,
    ExponentialEnd,
    Divide,
    Probability,
    ProbabilityEnd,
    Result,
    Score,
    Next,
    Finish,
}

/// The loss unit of L lanes.
#[derive(LogicBlock)]
pub struct LossUnit<const L: usize> {
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
    /// The selector does not take a score.
    pub stalled: Signal<Out, Bit>,
    /// Z read port.
    pub z_addr: Signal<Out, Bits<16>>,
    /// Z read port.
    pub z_data: [Signal<In, Bits<16>>; L],
    /// G write port.
    pub g_we: Signal<Out, Bit>,
    /// G write port.
    pub g_addr: Signal<Out, Bits<16>>,
    /// G write port.
    pub g_data: [Signal<Out, Bits<16>>; L],
    /// Site looked up.
    pub lookup_site: Signal<Out, Bits<8>>,
    /// Its format.
    pub lookup_f: Signal<In, Bits<8>>,
    /// Score stream.
    pub score_valid: Signal<Out, Bit>,
    /// Score stream.
    pub score_ready: Signal<In, Bit>,
    /// Score stream.
    pub score_class: Signal<Out, Bits<16>>,
    /// Score stream.
    pub score_confidence: Signal<Out, Bits<16>>,
    /// Score stream.
    pub score_slot: Signal<Out, Bits<16>>,
    /// Score stream.
    pub score_first: Signal<Out, Bit>,
    /// Score stream.
    pub score_last: Signal<Out, Bit>,
    /// A sample is complete.
    pub sample: Signal<Out, Bit>,
    /// Its best class was the label.
    pub correct: Signal<Out, Bit>,
    fields: LossFields,
    pick: LanePick<L>,
    exp: Exp,
    divider: Divider,
    probability: Probability,
    gradient: Gradient,
    ranking: Ranking,
    result: ResultWord<L>,
    exps: Ram<Bits<16>, 10>,
    state: Reg<State>,
    done_flag: Reg<Bit>,
    sample_index: Dff<Bits<16>>,
    class_at: Dff<Bits<16>>,
    lane: Dff<Bits<16>>,
    word: Dff<Bits<16>>,
    z_row: Dff<Bits<16>>,
    g_row: Dff<Bits<16>>,
    p_row: Dff<Bits<16>>,
    r_row: Dff<Bits<16>>,
    t_row: Dff<Bits<16>>,
    first: Dff<Bit>,
    shift: Dff<Bits<10>>,
    label: Dff<Bits<16>>,
    slot: Dff<Bits<16>>,
    maximum: Dff<Bits<16>>,
    sum: Dff<Bits<27>>,
    exp_count: Dff<Bits<16>>,
    out_class: Dff<Bits<16>>,
    out_lane: Dff<Bits<16>>,
    out_word: Dff<Bits<16>>,
    flush_word: Dff<Bits<16>>,
    half: Dff<Bit>,
    v1: Reg<Bit>,
    v2: Reg<Bit>,
    v3: Reg<Bit>,
    v4: Reg<Bit>,
    lane1: Dff<Bits<16>>,
    write_g: Reg<Bit>,
    write_p: Reg<Bit>,
    delay: Dff<Bits<4>>,
    place: Dff<Bits<3>>,
    part: Dff<Bit>,
    lanes_g: [Dff<Bits<16>>; L],
    lanes_p: [Dff<Bits<16>>; L],
    last_lane: Constant<Bits<16>>,
    two_parts: Constant<Bit>,
    result_words: Constant<Bits<16>>,
    no_site: Constant<Bits<8>>,
    no_slot: Constant<Bits<16>>,
    temperature_one: Constant<Bits<24>>,
    f_command: Signal<Local, Bits<10>>,
    f_site: Signal<Local, Bits<10>>,
    last_class: Signal<Local, Bit>,
    walk: Signal<Local, Bit>,
    biased: Signal<Local, Bits<16>>,
    distance: Signal<Local, Bits<16>>,
    e_wide: Signal<Local, Bits<27>>,
    leaving: Signal<Local, Bit>,
    drained: Signal<Local, Bit>,
    word_end: Signal<Local, Bit>,
    out_last: Signal<Local, Bit>,
    scored: Signal<Local, Bit>,
    top: Signal<Local, Bits<8>>,
    last_place: Signal<Local, Bit>,
    parts_end: Signal<Local, Bit>,
    issue: Signal<Local, Bit>,
}

fn lanes<T: Default, const L: usize>() -> [T; L] {
    std::array::from_fn(|_| T::default())
}

impl<const L: usize> Default for LossUnit<L> {
    fn default() -> Self {
        let words = if L >= 8 { 1 } else { 8 / L };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            stalled: Default::default(),
            z_addr: Default::default(),
            z_data: lanes(),
            g_we: Default::default(),
            g_addr: Default::default(),
            g_data: lanes(),
            lookup_site: Default::default(),
            lookup_f: Default::default(),
            score_valid: Default::default(),
            score_ready: Default::default(),
            score_class: Default::default(),
            score_confidence: Default::default(),
            score_slot: Default::default(),
            score_first: Default::default(),
            score_last: Default::default(),
            sample: Default::default(),
            correct: Default::default(),
            fields: Default::default(),
            pick: Default::default(),
            exp: Default::default(),
            divider: Default::default(),
            probability: Default::default(),
            gradient: Default::default(),
            ranking: Default::default(),
            result: Default::default(),
            exps: Default::default(),
            state: Default::default(),
            done_flag: Default::default(),
            sample_index: Default::default(),
            class_at: Default::default(),
            lane: Default::default(),
            word: Default::default(),
            z_row: Default::default(),
            g_row: Default::default(),
            p_row: Default::default(),
            r_row: Default::default(),
            t_row: Default::default(),
            first: Default::default(),
            shift: Default::default(),
            label: Default::default(),
            slot: Default::default(),
            maximum: Default::default(),
            sum: Default::default(),
            exp_count: Default::default(),
            out_class: Default::default(),
            out_lane: Default::default(),
            out_word: Default::default(),
            flush_word: Default::default(),
            half: Default::default(),
            v1: Default::default(),
            v2: Default::default(),
            v3: Default::default(),
            v4: Default::default(),
            lane1: Default::default(),
            write_g: Default::default(),
            write_p: Default::default(),
            delay: Default::default(),
            place: Default::default(),
            part: Default::default(),
            lanes_g: lanes(),
            lanes_p: lanes(),
            last_lane: Constant::new(Bits::from(L as u64 - 1)),
            two_parts: Constant::new(words == 2),
            result_words: Constant::new(Bits::from(words as u64)),
            no_site: Constant::new(Bits::from(NO_SITE as u64)),
            no_slot: Constant::new(Bits::from(NO_SLOT as u64)),
            temperature_one: Constant::new(Bits::from(TEMPERATURE_ONE as u64)),
            f_command: Default::default(),
            f_site: Default::default(),
            last_class: Default::default(),
            walk: Default::default(),
            biased: Default::default(),
            distance: Default::default(),
            e_wide: Default::default(),
            leaving: Default::default(),
            drained: Default::default(),
            word_end: Default::default(),
            out_last: Default::default(),
            scored: Default::default(),
            top: Default::default(),
            last_place: Default::default(),
            parts_end: Default::default(),
            issue: Default::default(),
        }
    }
}

impl<const L: usize> Logic for LossUnit<L> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            exp,
            divider,
            probability,
            gradient,
            ranking,
            exps
        );
        dff_setup!(
            self,
            clock,
            state,
            done_flag,
            sample_index,
            class_at,
            lane,
            word
        );
        dff_setup!(self, clock, z_row, g_row, p_row, r_row, t_row, first, shift, label, slot);
        dff_setup!(self, clock, maximum, sum, exp_count, out_class, out_lane, out_word);
        dff_setup!(self, clock, flush_word, half, v1, v2, v3, v4, lane1);
        dff_setup!(self, clock, write_g, write_p, delay, place, part);
        self.divider.reset.next = self.reset.val();
        self.gradient.reset.next = self.reset.val();
        self.ranking.reset.next = self.reset.val();
        self.state.reset.next = self.reset.val();
        self.done_flag.reset.next = self.reset.val();
        self.v1.reset.next = self.reset.val();
        self.v2.reset.next = self.reset.val();
        self.v3.reset.next = self.reset.val();
        self.v4.reset.next = self.reset.val();
        self.write_g.reset.next = self.reset.val();
        self.write_p.reset.next = self.reset.val();

        self.fields.command.next = self.command.val();
        self.lookup_site.next = self.fields.site.val();
        self.top.next = self.fields.top.val();
        self.busy.next = (self.state.q.val() != State::Idle) | self.done_flag.q.val();
        self.done.next = self.done_flag.q.val();
        self.done_flag.d.next = false;
        self.stalled.next = false;

        // Formats are added in ten bits: f_z + 2, sign-extended by hand.
        self.f_command.next = bit_cast::<10, 8>(self.fields.f.val());
        if self.fields.f.val().get_bit(7) {
            self.f_command.next = bit_cast::<10, 8>(self.fields.f.val()) | 0x300;
        }
        self.f_site.next = bit_cast::<10, 8>(self.lookup_f.val());
        if self.lookup_f.val().get_bit(7) {
            self.f_site.next = bit_cast::<10, 8>(self.lookup_f.val()) | 0x300;
        }
        if self.fields.site.val() == self.no_site.val() {
            self.f_site.next = 0.into();
        }

        // The walk over the classes of a sample; its words arrive one cycle later.
        self.z_addr.next = self.z_row.q.val() + self.word.q.val();
        self.last_class.next = (self.class_at.q.val() + 1) == self.fields.classes.val();
        self.walk.next = false;
        self.issue.next = false;
        for i in 0..L {
            self.pick.word[i].next = self.z_data[i].val();
        }
        self.pick.lane.next = self.lane1.q.val();
        self.lane1.d.next = self.lane.q.val();
        self.biased.next = self.pick.value.val() ^ 0x8000;
        self.distance.next = self.maximum.q.val() - self.biased.val();
        self.exp.d.next = bit_cast::<17, 16>(self.distance.val());
        self.exp.c.next = self.fields.temperature.val().get_bits::<24>(0);
        if self.first.q.val() {
            self.exp.c.next = self.temperature_one.val();
        }
        self.exp.shift.next = self.shift.q.val();
        self.e_wide.next = bit_cast::<27, 16>(self.exp.e.val());
        self.v1.d.next = false;
        self.v2.d.next = self.v1.q.val();
        self.v3.d.next = self.v2.q.val();
        self.v4.d.next = self.v3.q.val();
        self.delay.d.next = self.delay.q.val() + 1;

        self.exps.write_enable.next = false;
        self.exps.write_address.next = self.exp_count.q.val().get_bits::<10>(0);
        self.exps.write_data.next = self.exp.e.val();
        self.exps.read_address.next = self.class_at.q.val().get_bits::<10>(0);
        self.divider.start.next = false;
        self.divider.divisor.next = self.sum.q.val();
        self.probability.e.next = self.exps.read_data.val();
        self.probability.reciprocal.next = self.divider.quotient.val();

        // One class leaves the probability pipeline in every second cycle, its target read when it enters.
        self.leaving.next = (self.state.q.val() == State::Probability)
            | (self.state.q.val() == State::ProbabilityEnd);
        self.gradient.soft_targets.next = self.fields.soft_targets.val();
        self.gradient.share.next = self.fields.share.val();
        self.gradient.label.next = self.label.q.val();
        self.gradient.first.next = self.first.q.val();
        self.gradient.issued.next = self.class_at.q.val();
        self.gradient.take.next = self.v1.q.val();
        self.gradient.target.next = self.pick.value.val();
        self.gradient.valid.next = self.v3.q.val() & self.leaving.val();
        self.gradient.p.next = self.probability.p.val();
        self.gradient.number.next = self.out_class.q.val();
        self.drained.next = self.delay.q.val() == 6;
        if self.fields.soft_targets.val() {
            self.drained.next = self.delay.q.val() == 9;
            if self.leaving.val() {
                self.z_addr.next = self.t_row.q.val() + self.word.q.val();
            }
        }
        self.ranking.clear.next = false;
        self.ranking.valid.next = false;
        self.ranking.number.next = self.out_class.q.val();
        self.ranking.p.next = self.gradient.p_out.val();
        self.out_last.next = (self.out_class.q.val() + 1) == self.fields.classes.val();
        self.word_end.next = self.out_last.val() | (self.out_lane.q.val() == self.last_lane.val());
        self.write_g.d.next = false;
        self.write_p.d.next = self.write_g.q.val();
        for i in 0..L {
            self.lanes_g[i].clock.next = self.clock.val();
            self.lanes_p[i].clock.next = self.clock.val();
            self.lanes_g[i].d.next = self.lanes_g[i].q.val();
            self.lanes_p[i].d.next = self.lanes_p[i].q.val();
        }

        // G port: gradient word, then probability word, then the ranking.
        for i in 0..4 {
            self.result.best_class[i].next = self.ranking.best_class[i].val();
            self.result.best_p[i].next = self.ranking.best_p[i].val();
        }
        self.result.taken[0].next = self.ranking.filled[0].val();
        self.result.taken[1].next = self.ranking.filled[1].val() & (self.top.val() > 1);
        self.result.taken[2].next = self.ranking.filled[2].val() & (self.top.val() > 2);
        self.result.taken[3].next = self.ranking.filled[3].val() & (self.top.val() > 3);
        self.result.part.next = self.part.q.val();
        self.parts_end.next = self.part.q.val() | !self.two_parts.val();
        self.g_we.next = false;
        self.g_addr.next = self.g_row.q.val() + self.flush_word.q.val();
        for i in 0..L {
            self.g_data[i].next = self.lanes_g[i].q.val();
        }
        if self.write_g.q.val() {
            self.g_we.next = self.fields.gradient.val();
        }
        if self.write_p.q.val() {
            self.g_we.next = self.fields.probabilities.val();
            self.g_addr.next = self.p_row.q.val() + self.flush_word.q.val();
            for i in 0..L {
                self.g_data[i].next = self.lanes_p[i].q.val();
            }
        }

        // Scores.
        self.scored.next = self.fields.score.val() & (self.slot.q.val() != self.no_slot.val());
        self.score_valid.next = false;
        self.score_slot.next = self.slot.q.val();
        self.score_first.next = self.place.q.val() == 0;
        self.score_class.next = self.ranking.best_class[0].val();
        self.score_confidence.next = self.ranking.best_p[0].val();
        self.last_place.next = !self.result.taken[1].val();
        if self.place.q.val() == 1 {
            self.score_class.next = self.ranking.best_class[1].val();
            self.score_confidence.next = self.ranking.best_p[1].val();
            self.last_place.next = !self.result.taken[2].val();
        }
        if self.place.q.val() == 2 {
            self.score_class.next = self.ranking.best_class[2].val();
            self.score_confidence.next = self.ranking.best_p[2].val();
            self.last_place.next = !self.result.taken[3].val();
        }
        if self.place.q.val() == 3 {
            self.score_class.next = self.ranking.best_class[3].val();
            self.score_confidence.next = self.ranking.best_p[3].val();
            self.last_place.next = true;
        }
        self.score_last.next = self.last_place.val();
        self.sample.next = false;
        self.correct.next = false;

        match self.state.q.val() {
            State::Idle => {
                if self.start.val() {
                    self.state.d.next = State::Lookup;
                    self.sample_index.d.next = 0.into();
                    self.z_row.d.next = self.fields.z_base.val();
                    self.g_row.d.next = self.fields.g_base.val();
                    self.p_row.d.next = self.fields.p_base.val();
                    self.r_row.d.next = self.fields.result_base.val();
                    self.t_row.d.next = self.fields.target_base.val();
                }
            }
            State::Lookup => {
                self.state.d.next = State::Record;
            }
            State::Record => {
                self.shift.d.next = self.f_command.val() + self.f_site.val() + 2;
                self.z_addr.next = self.fields.record_base.val() + self.sample_index.q.val();
                self.state.d.next = State::Begin;
            }
            State::Begin => {
                self.label.d.next = self.z_data[0].val();
                self.slot.d.next = self.z_data[1].val();
                self.class_at.d.next = 0.into();
                self.lane.d.next = 0.into();
                self.word.d.next = 0.into();
                self.maximum.d.next = 0.into();
                self.sum.d.next = 0.into();
                self.exp_count.d.next = 0.into();
                self.out_class.d.next = 0.into();
                self.out_lane.d.next = 0.into();
                self.out_word.d.next = 0.into();
                self.place.d.next = 0.into();
                self.part.d.next = false;
                self.first.d.next = self.gradient.labels.val();
                self.ranking.clear.next = true;
                self.state.d.next = State::Maximum;
            }
            State::Maximum => {
                self.walk.next = true;
                self.v1.d.next = true;
                if self.last_class.val() {
                    self.state.d.next = State::MaximumEnd;
                }
            }
            State::MaximumEnd => {
                self.class_at.d.next = 0.into();
                self.lane.d.next = 0.into();
                self.word.d.next = 0.into();
                self.v2.d.next = false;
                self.v3.d.next = false;
                self.v4.d.next = false;
                self.state.d.next = State::Exponential;
            }
            State::Exponential => {
                self.walk.next = true;
                self.v1.d.next = true;
                self.delay.d.next = 0.into();
                if self.last_class.val() {
                    self.state.d.next = State::ExponentialEnd;
                }
            }
            State::ExponentialEnd => {
                self.class_at.d.next = 0.into();
                self.lane.d.next = 0.into();
                self.word.d.next = 0.into();
                if self.delay.q.val() == 5 {
                    self.divider.start.next = true;
                    self.delay.d.next = 0.into();
                    self.state.d.next = State::Divide;
                }
            }
            State::Divide => {
                self.half.d.next = false;
                if self.divider.ready.val() {
                    self.state.d.next = State::Probability;
                }
            }
            State::Probability => {
                self.half.d.next = !self.half.q.val();
                self.delay.d.next = 0.into();
                if !self.half.q.val() {
                    self.issue.next = true;
                    self.walk.next = true;
                    self.v1.d.next = true;
                    if self.last_class.val() {
                        self.state.d.next = State::ProbabilityEnd;
                    }
                }
            }
            State::ProbabilityEnd => {
                if self.drained.val() {
                    self.state.d.next = State::Result;
                    if self.first.q.val() {
                        // Exponentials and probabilities again, at the command's temperature.
                        self.first.d.next = false;
                        self.class_at.d.next = 0.into();
                        self.lane.d.next = 0.into();
                        self.word.d.next = 0.into();
                        self.sum.d.next = 0.into();
                        self.exp_count.d.next = 0.into();
                        self.out_class.d.next = 0.into();
                        self.out_lane.d.next = 0.into();
                        self.out_word.d.next = 0.into();
                        self.state.d.next = State::Exponential;
                    }
                }
            }
            State::Result => {
                if self.fields.result.val() {
                    self.g_we.next = true;
                    self.g_addr.next = self.r_row.q.val();
                    for i in 0..L {
                        self.g_data[i].next = self.result.word[i].val();
                    }
                    if self.part.q.val() {
                        self.g_addr.next = self.r_row.q.val() + 1;
                    }
                    self.part.d.next = true;
                    if self.parts_end.val() {
                        self.state.d.next = State::Score;
                    }
                } else {
                    self.state.d.next = State::Score;
                }
            }
            State::Score => {
                if self.scored.val() {
                    self.score_valid.next = true;
                    self.stalled.next = !self.score_ready.val();
                    if self.score_ready.val() {
                        self.place.d.next = self.place.q.val() + 1;
                        if self.last_place.val() {
                            self.state.d.next = State::Next;
                        }
                    }
                } else {
                    self.state.d.next = State::Next;
                }
            }
            State::Next => {
                self.sample.next = true;
                self.correct.next = self.ranking.best_class[0].val() == self.label.q.val();
                self.z_row.d.next = self.z_row.q.val() + self.out_word.q.val();
                self.g_row.d.next = self.g_row.q.val() + self.out_word.q.val();
                self.p_row.d.next = self.p_row.q.val() + self.out_word.q.val();
                self.t_row.d.next = self.t_row.q.val() + self.out_word.q.val();
                self.r_row.d.next = self.r_row.q.val() + self.result_words.val();
                self.sample_index.d.next = self.sample_index.q.val() + 1;
                self.state.d.next = State::Record;
                if (self.sample_index.q.val() + 1) == self.fields.n.val() {
                    self.state.d.next = State::Finish;
                }
            }
            State::Finish => {
                self.done_flag.d.next = true;
                self.state.d.next = State::Idle;
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }

        self.exps.read_enable.next = self.issue.val();
        self.gradient.issue.next = self.issue.val();
        if self.walk.val() {
            self.class_at.d.next = self.class_at.q.val() + 1;
            self.lane.d.next = self.lane.q.val() + 1;
            if self.lane.q.val() == self.last_lane.val() {
                self.lane.d.next = 0.into();
                self.word.d.next = self.word.q.val() + 1;
            }
        }
        if ((self.state.q.val() == State::Maximum) | (self.state.q.val() == State::MaximumEnd))
            & self.v1.q.val()
            & (self.biased.val() > self.maximum.q.val())
        {
            self.maximum.d.next = self.biased.val();
        }
        if ((self.state.q.val() == State::Exponential)
            | (self.state.q.val() == State::ExponentialEnd))
            & self.v4.q.val()
        {
            self.exps.write_enable.next = true;
            self.exp_count.d.next = self.exp_count.q.val() + 1;
            self.sum.d.next = self.sum.q.val() + self.e_wide.val();
        }
        if self.gradient.leaves.val() {
            self.ranking.valid.next = !self.first.q.val();
            self.out_class.d.next = self.out_class.q.val() + 1;
            self.out_lane.d.next = self.out_lane.q.val() + 1;
            for i in 0..L {
                if self.out_lane.q.val() == 0 {
                    self.lanes_g[i].d.next = 0.into();
                    self.lanes_p[i].d.next = 0.into();
                }
                if self.out_lane.q.val().index() == i {
                    self.lanes_g[i].d.next = self.gradient.g.val();
                    self.lanes_p[i].d.next = self.gradient.p_out.val();
                }
            }
            if self.word_end.val() {
                self.out_lane.d.next = 0.into();
                self.out_word.d.next = self.out_word.q.val() + 1;
                self.flush_word.d.next = self.out_word.q.val();
                self.write_g.d.next = !self.first.q.val();
            }
        }
    }
}
