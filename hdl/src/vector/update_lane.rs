//! One lane of the update: momentum, weight decay and step of one element a cycle, with stochastic rounding
//! (`tandem_isa::numerics::update`, `hash16`).
//!
//! ```text
//!  1 products d·LRM, v·MU, w·LW; random words   2 term shifted; v·MU − w·LW   3 difference
//!  4 momentum rounded and clamped               5 weight stepped; with `E` = 1 pulled back in the same rounding
//! ```
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `enable` | 1 | all stages move |
//! | `w`, `v`, `d` | s16 | weight, momentum, gradient |
//! | `index` | u32 | element index |
//! | `mu`, `rate`, `decay` | u16 | factors, `key_v`, `key_w` u32 keys, `shift` s6 as in [`TermShift`]: settings that stay put |
//! | `old`, `importance`, `strength` | s16, u16, u16 | of the [`Pull`]; mean nothing with `E` = 0 |
//! | `weight`, `momentum` | s16 | results, five enabled cycles later |
//!
//! Latency 5, one element a cycle. No reset: valid bits of the sequencer guard it. `E` is 1 for a lane of elastic updates, else 0.
use super::{ElasticStep, Hash, MomentumRound, Pull, ScaleMul, TermShift, WeightStep};
use crate::leaf::RegEn;
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// One lane of the update.
#[derive(LogicBlock)]
pub struct UpdateLane<const E: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Move at this edge.
    pub enable: Signal<In, Bit>,
    /// Weight, s16.
    pub w: Signal<In, Bits<16>>,
    /// Momentum, s16.
    pub v: Signal<In, Bits<16>>,
    /// Gradient, s16.
    pub d: Signal<In, Bits<16>>,
    /// Element index.
    pub index: Signal<In, Bits<32>>,
    /// Momentum factor.
    pub mu: Signal<In, Bits<16>>,
    /// Learning-rate mantissa.
    pub rate: Signal<In, Bits<16>>,
    /// Weight-decay factor.
    pub decay: Signal<In, Bits<16>>,
    /// Where the weight stood, s16.
    pub old: Signal<In, Bits<16>>,
    /// Its importance.
    pub importance: Signal<In, Bits<16>>,
    /// Strength of the pull, 0 for none.
    pub strength: Signal<In, Bits<16>>,
    /// Left shift of the gradient's term, s6.
    pub shift: Signal<In, Bits<6>>,
    /// Key of the momentum's rounding.
    pub key_v: Signal<In, Bits<32>>,
    /// Key of the weight's rounding.
    pub key_w: Signal<In, Bits<32>>,
    /// New weight, s16.
    pub weight: Signal<Out, Bits<16>>,
    /// New momentum, s16.
    pub momentum: Signal<Out, Bits<16>>,
    by_rate: ScaleMul,
    by_mu: ScaleMul,
    by_decay: ScaleMul,
    hash_v: Hash,
    hash_w: Hash,
    term: TermShift,
    kept: RegEn<Bits<48>>,
    sum: RegEn<Bits<48>>,
    round: MomentumRound,
    // One of the two.
    plain: Vec<WeightStep>,
    elastic: Vec<ElasticStep>,
    pulls: Vec<Pull>,
    weights: [RegEn<Bits<16>>; 4],
    randoms_v: [RegEn<Bits<16>>; 2],
    randoms_w: [RegEn<Bits<4>>; 3],
    result: RegEn<Bits<16>>,
}

impl<const E: usize> Default for UpdateLane<E> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            enable: Default::default(),
            w: Default::default(),
            v: Default::default(),
            d: Default::default(),
            index: Default::default(),
            mu: Default::default(),
            rate: Default::default(),
            decay: Default::default(),
            old: Default::default(),
            importance: Default::default(),
            strength: Default::default(),
            shift: Default::default(),
            key_v: Default::default(),
            key_w: Default::default(),
            weight: Default::default(),
            momentum: Default::default(),
            by_rate: Default::default(),
            by_mu: Default::default(),
            by_decay: Default::default(),
            hash_v: Default::default(),
            hash_w: Default::default(),
            term: Default::default(),
            kept: Default::default(),
            sum: Default::default(),
            round: Default::default(),
            plain: (E..1).map(|_| Default::default()).collect(),
            elastic: (0..E).map(|_| Default::default()).collect(),
            pulls: (0..E).map(|_| Default::default()).collect(),
            weights: Default::default(),
            randoms_v: Default::default(),
            randoms_w: Default::default(),
            result: Default::default(),
        }
    }
}

impl<const E: usize> UpdateLane<E> {
    /// New weight and momentum of an element.
    pub fn golden(
        (w, v, d): (i16, i16, i16),
        pull: numerics::Pull,
        index: u32,
        keys: (u32, u32),
        settings: &numerics::SgdParams,
    ) -> (i16, i16) {
        let randoms = (
            numerics::hash16(index, keys.0),
            numerics::hash16(index, keys.1),
        );
        match E {
            0 => numerics::update(w, v, d, settings, randoms.0, randoms.1),
            _ => numerics::update_elastic(w, v, d, pull, settings, randoms),
        }
    }
}

impl<const E: usize> Logic for UpdateLane<E> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self, clock, by_rate, by_mu, by_decay, hash_v, hash_w, term, kept, sum, round, result
        );
        self.by_rate.enable.next = self.enable.val();
        self.by_mu.enable.next = self.enable.val();
        self.by_decay.enable.next = self.enable.val();
        self.hash_v.enable.next = self.enable.val();
        self.hash_w.enable.next = self.enable.val();
        self.term.enable.next = self.enable.val();
        self.kept.enable.next = self.enable.val();
        self.sum.enable.next = self.enable.val();
        self.round.enable.next = self.enable.val();
        self.result.enable.next = self.enable.val();
        self.kept.reset.next = false;
        self.sum.reset.next = false;
        self.result.reset.next = false;
        for i in 0..4 {
            self.weights[i].clock.next = self.clock.val();
            self.weights[i].enable.next = self.enable.val();
            self.weights[i].reset.next = false;
        }
        for i in 0..2 {
            self.randoms_v[i].clock.next = self.clock.val();
            self.randoms_v[i].enable.next = self.enable.val();
            self.randoms_v[i].reset.next = false;
        }
        for i in 0..3 {
            self.randoms_w[i].clock.next = self.clock.val();
            self.randoms_w[i].enable.next = self.enable.val();
            self.randoms_w[i].reset.next = false;
        }
        self.weights[0].d.next = self.w.val();
        for i in 1..4 {
            self.weights[i].d.next = self.weights[i - 1].q.val();
        }

        // 1
        self.by_rate.word.next = self.d.val();
        self.by_rate.factor.next = self.rate.val();
        self.by_mu.word.next = self.v.val();
        self.by_mu.factor.next = self.mu.val();
        self.by_decay.word.next = self.w.val();
        self.by_decay.factor.next = self.decay.val();
        self.hash_v.index.next = self.index.val();
        self.hash_v.key.next = self.key_v.val();
        self.hash_w.index.next = self.index.val();
        self.hash_w.key.next = self.key_w.val();

        // 2
        self.term.product.next = bit_cast::<32, 48>(self.by_rate.product.val());
        self.term.shift.next = self.shift.val();
        self.kept.d.next = self.by_mu.product.val() - self.by_decay.product.val();
        self.randoms_v[0].d.next = self.hash_v.random.val();
        self.randoms_w[0].d.next = self.hash_w.random.val().get_bits::<4>(12);

        // 3
        self.sum.d.next = self.kept.q.val() - self.term.term.val();
        self.randoms_v[1].d.next = self.randoms_v[0].q.val();
        self.randoms_w[1].d.next = self.randoms_w[0].q.val();

        // 4
        self.round.x.next = self.sum.q.val();
        self.round.random.next = self.randoms_v[1].q.val();
        self.randoms_w[2].d.next = self.randoms_w[1].q.val();

        // 5
        self.result.d.next = self.round.v.val();
        self.momentum.next = self.result.q.val();
        for i in E..1 {
            self.plain[i].clock.next = self.clock.val();
            self.plain[i].enable.next = self.enable.val();
            self.plain[i].w.next = self.weights[3].q.val();
            self.plain[i].v.next = self.round.v.val();
            self.plain[i].random.next = self.randoms_w[2].q.val();
            self.weight.next = self.plain[i].weight.val();
        }
        for i in 0..E {
            self.pulls[i].clock.next = self.clock.val();
            self.pulls[i].enable.next = self.enable.val();
            self.pulls[i].w.next = self.w.val();
            self.pulls[i].old.next = self.old.val();
            self.pulls[i].importance.next = self.importance.val();
            self.pulls[i].strength.next = self.strength.val();
            self.pulls[i].random.next = self.hash_w.random.val();
            self.elastic[i].clock.next = self.clock.val();
            self.elastic[i].enable.next = self.enable.val();
            self.elastic[i].w.next = self.weights[3].q.val();
            self.elastic[i].v.next = self.round.v.val();
            self.elastic[i].lift.next = self.pulls[i].lift.val();
            self.weight.next = self.elastic[i].weight.val();
        }
    }
}

#[cfg(test)]
#[path = "update_lane_tests.rs"]
mod tests;
