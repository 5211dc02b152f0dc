//! The gradient of a sample's classes as their probabilities come, one in every second cycle: for a label, for soft targets, or for both by
//! their shares. It does not make probabilities: those of temperature 1, for the label beside soft targets, come in a round before the others.
//!
//! Ports: `soft_targets`, `share`, `label` hold for the sample. A class is announced by `issue` with its number `issued`; a cycle later `take` brings its
//! soft target, and two more cycles later `valid` its probability. It leaves as `leaves` with `p_out` and `g`, in the same cycle, with soft
//! targets three cycles later; `number` says which one leaves. While `first` is high what leaves is kept as the gradient for the label.
//! `labels`: such a round is needed. A label that is no class takes nothing off. Reset state: nothing under way. Limits: 1024 classes.
use super::mix::Mix;
use crate::leaf::{Ram, Reg};
use rust_hdl::prelude::*;
use tandem_isa::numerics::SHARE_ONE;

/// The gradient of a sample.
#[derive(LogicBlock)]
pub struct Gradient {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// There are soft targets.
    pub soft_targets: Signal<In, Bit>,
    /// Their share.
    pub share: Signal<In, Bits<16>>,
    /// Label of the sample.
    pub label: Signal<In, Bits<16>>,
    /// The round at temperature 1.
    pub first: Signal<In, Bit>,
    /// A class is under way.
    pub issue: Signal<In, Bit>,
    /// Which.
    pub issued: Signal<In, Bits<16>>,
    /// Its target is here.
    pub take: Signal<In, Bit>,
    /// Its target.
    pub target: Signal<In, Bits<16>>,
    /// Its probability is here.
    pub valid: Signal<In, Bit>,
    /// Its probability.
    pub p: Signal<In, Bits<16>>,
    /// The class that leaves next.
    pub number: Signal<In, Bits<16>>,
    /// Label and soft targets both have a share.
    pub labels: Signal<Out, Bit>,
    /// A class leaves.
    pub leaves: Signal<Out, Bit>,
    /// Its probability.
    pub p_out: Signal<Out, Bits<16>>,
    /// Its gradient.
    pub g: Signal<Out, Bits<16>>,
    mix: Mix,
    kept: Ram<Bits<16>, 10>,
    late1: Reg<Bit>,
    late2: Reg<Bit>,
    late3: Reg<Bit>,
    all: Constant<Bits<16>>,
    both: Signal<Local, Bit>,
    departs: Signal<Local, Bit>,
    chosen: Signal<Local, Bits<16>>,
    hot: Signal<Local, Bit>,
    hard: Signal<Local, Bits<16>>,
}

impl Default for Gradient {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            soft_targets: Default::default(),
            share: Default::default(),
            label: Default::default(),
            first: Default::default(),
            issue: Default::default(),
            issued: Default::default(),
            take: Default::default(),
            target: Default::default(),
            valid: Default::default(),
            p: Default::default(),
            number: Default::default(),
            labels: Default::default(),
            leaves: Default::default(),
            p_out: Default::default(),
            g: Default::default(),
            mix: Default::default(),
            // What is read while another class is written is not looked at.
            kept: Ram::apart(1024),
            late1: Default::default(),
            late2: Default::default(),
            late3: Default::default(),
            all: Constant::new(Bits::from(u64::from(SHARE_ONE))),
            both: Default::default(),
            departs: Default::default(),
            chosen: Default::default(),
            hot: Default::default(),
            hard: Default::default(),
        }
    }
}

impl Logic for Gradient {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, mix, kept);
        dff_setup!(self, clock, late1, late2, late3);
        self.late1.reset.next = self.reset.val();
        self.late2.reset.next = self.reset.val();
        self.late3.reset.next = self.reset.val();
        self.late1.d.next = self.valid.val();
        self.late2.d.next = self.late1.q.val();
        self.late3.d.next = self.late2.q.val();

        self.both.next = self.soft_targets.val() & (self.share.val() != self.all.val());
        self.labels.next = self.both.val();
        self.mix.keep.next = self.take.val();
        self.mix.target.next = self.target.val();
        self.mix.hard.next = 0.into();
        if self.both.val() {
            self.mix.hard.next = self.kept.read_data.val();
        }
        self.mix.p.next = self.p.val();
        self.mix.share.next = self.share.val();

        self.departs.next = self.valid.val();
        self.chosen.next = self.p.val();
        if self.soft_targets.val() {
            self.departs.next = self.late3.q.val();
            self.chosen.next = self.mix.p_late.val();
        }
        self.hot.next = self.number.val() == self.label.val();
        self.hard.next = self.chosen.val();
        if self.hot.val() {
            self.hard.next = self.chosen.val() | 0x8000;
        }
        if self.hot.val() & (self.chosen.val() == 0) {
            self.hard.next = 0x8001.into();
        }
        self.leaves.next = self.departs.val();
        self.p_out.next = self.chosen.val();
        self.g.next = self.hard.val();
        if self.soft_targets.val() {
            self.g.next = self.mix.g.val();
        }

        self.kept.read_address.next = self.issued.val().get_bits::<10>(0);
        self.kept.read_enable.next = self.issue.val();
        self.kept.write_address.next = self.number.val().get_bits::<10>(0);
        self.kept.write_enable.next = self.departs.val() & self.first.val();
        self.kept.write_data.next = self.hard.val();
    }
}
