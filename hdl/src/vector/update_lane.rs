//! One lane of the update: momentum, weight decay and step of one element a cycle, with stochastic rounding
//! (`tandem_isa::numerics::update`, `hash16`).
//!
//! ```text
//!  1 products d·LRM, v·MU, w·LW; random words   2 term shifted; v·MU − w·LW   3 difference
//!  4 momentum rounded and clamped               5 weight stepped
//! ```
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `enable` | 1 | all stages move |
//! | `w`, `v`, `d` | s16 | weight, momentum, gradient |
//! | `index` | u32 | element index |
//! | `mu`, `rate`, `decay` | u16 | factors, `key_v`, `key_w` u32 keys, `shift` s6 as in [`TermShift`]: settings that stay put |
//! | `weight`, `momentum` | s16 | results, five enabled cycles later |
//!
//! Latency 5, one element a cycle. No reset: valid bits of the sequencer guard it.
use super::{Hash, MomentumRound, ScaleMul, TermShift, WeightStep};
use crate::leaf::RegEn;
use rust_hdl::prelude::*;
use tandem_isa::numerics;

/// One lane of the update.
#[derive(LogicBlock, Default)]
pub struct UpdateLane {
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
    stepper: WeightStep,
    weights: [RegEn<Bits<16>>; 4],
    randoms_v: [RegEn<Bits<16>>; 2],
    randoms_w: [RegEn<Bits<4>>; 3],
    result: RegEn<Bits<16>>,
}

impl UpdateLane {
    /// New weight and momentum of an element.
    pub fn golden(
        w: i16,
        v: i16,
        d: i16,
        index: u32,
        keys: (u32, u32),
        settings: &numerics::SgdParams,
    ) -> (i16, i16) {
        let (r1, r2) = (
            numerics::hash16(index, keys.0),
            numerics::hash16(index, keys.1),
        );
        numerics::update(w, v, d, settings, r1, r2)
    }
}

impl Logic for UpdateLane {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self, clock, by_rate, by_mu, by_decay, hash_v, hash_w, term, kept, sum, round, stepper,
            result
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
        self.stepper.enable.next = self.enable.val();
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
        self.stepper.w.next = self.weights[3].q.val();
        self.stepper.v.next = self.round.v.val();
        self.stepper.random.next = self.randoms_w[2].q.val();
        self.result.d.next = self.round.v.val();
        self.weight.next = self.stepper.weight.val();
        self.momentum.next = self.result.q.val();
    }
}

#[cfg(test)]
#[path = "update_lane_tests.rs"]
mod tests;
