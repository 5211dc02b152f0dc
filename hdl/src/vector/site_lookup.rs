//! The formats of a command, from the sites it names: reads F of up to three operands and the exponent of its own site,
//! and works out the shifts.
//!
//! `f_acc = f + F[site_a] + F[site_b]`, `f_skip = skip_f + F[skip_site]`,
//! `s = min(max(0, f_acc + E − 15), 47)`, `f_out = f_acc − s`; alignments are left shifts `f_acc − 14` (bias) and
//! `f_acc − f_skip` (skip), too far above 30. Site 255 adds nothing (the memory gives 0).
//!
//! | port | format | meaning |
//! |---|---|---|
//! | `start` | 1 | pulse; the other inputs stay put until `done` |
//! | `read_site` → `state` | | to and from [`SiteMemory`](super::SiteMemory) |
//! | `done` | 1 | pulse, 7 cycles after `start`; outputs are valid from then to the next `start` |
//! | `f_acc`, `bias_left`, `skip_left` | s12 | format of accumulators, left shifts |
//! | `bias_shift`, `skip_shift` | s6 | the same for [`Align`](super::Align), limited below to −16 |
//! | `s`, `f_out` | u6, s8 | shift and format of the result |
//! | `named` | 24 | state of the command's own site, with F = `f_out` |
//!
//! Reset state: idle.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Formats and shifts of a command.
#[derive(LogicBlock, Default)]
pub struct SiteLookup {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// Site of the result.
    pub site: Signal<In, Bits<8>>,
    /// Site of the first operand.
    pub site_a: Signal<In, Bits<8>>,
    /// Site of the second operand.
    pub site_b: Signal<In, Bits<8>>,
    /// Site of the skip operand.
    pub skip_site: Signal<In, Bits<8>>,
    /// Constant part of f_acc, s8.
    pub f: Signal<In, Bits<8>>,
    /// Constant part of f_skip, s8.
    pub skip_f: Signal<In, Bits<8>>,
    /// Site to read.
    pub read_site: Signal<Out, Bits<8>>,
    /// State of the site read.
    pub state: Signal<In, Bits<24>>,
    /// Outputs are valid.
    pub done: Signal<Out, Bit>,
    /// Format of the accumulators, s12.
    pub f_acc: Signal<Out, Bits<12>>,
    /// Left shift of the bias, s12.
    pub bias_left: Signal<Out, Bits<12>>,
    /// Left shift of the skip operand, s12.
    pub skip_left: Signal<Out, Bits<12>>,
    /// Left shift of the bias, limited.
    pub bias_shift: Signal<Out, Bits<6>>,
    /// Left shift of the skip operand, limited.
    pub skip_shift: Signal<Out, Bits<6>>,
    /// The bias cannot be aligned.
    pub bias_far: Signal<Out, Bit>,
    /// The skip operand cannot be aligned.
    pub skip_far: Signal<Out, Bit>,
    /// Right shift of the result.
    pub s: Signal<Out, Bits<6>>,
    /// Site's state with the new F.
    pub named: Signal<Out, Bits<24>>,
    at: Reg<Bits<3>>,
    sum: Dff<Bits<12>>,
    sum_skip: Dff<Bits<12>>,
    own: Dff<Bits<24>>,
    lefts: [Dff<Bits<12>>; 2],
    raw: Dff<Bits<12>>,
    shift: Dff<Bits<6>>,
    limited: [Dff<Bits<6>>; 2],
    far: [Dff<Bit>; 2],
    f_of: Signal<Local, Bits<8>>,
    wide: Signal<Local, Bits<12>>,
    e_wide: Signal<Local, Bits<12>>,
    f_wide: Signal<Local, Bits<12>>,
    skip_wide: Signal<Local, Bits<12>>,
    sum_e: Signal<Local, Bits<12>>,
    left: Signal<Local, Bits<12>>,
    s_wide: Signal<Local, Bits<12>>,
    out_wide: Signal<Local, Bits<12>>,
    out_word: Signal<Local, Bits<24>>,
    out_high: Signal<Local, Bits<24>>,
}

impl Logic for SiteLookup {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at, sum, sum_skip, own, raw, shift);
        for i in 0..2 {
            self.lefts[i].clock.next = self.clock.val();
            self.lefts[i].d.next = self.lefts[i].q.val();
            self.limited[i].clock.next = self.clock.val();
            self.limited[i].d.next = self.limited[i].q.val();
            self.far[i].clock.next = self.clock.val();
            self.far[i].d.next = self.far[i].q.val();
        }
        self.at.reset.next = self.reset.val();

        // Sign extension of what is 8 bits wide.
        self.f_of.next = self.state.val().get_bits::<8>(16);
        self.wide.next = bit_cast::<12, 8>(self.f_of.val());
        if self.f_of.val().get_bit(7) {
            self.wide.next = bit_cast::<12, 8>(self.f_of.val()) | 0xf00;
        }
        self.e_wide.next = bit_cast::<12, 24>(self.own.q.val()) & 0xff;
        if self.own.q.val().get_bit(7) {
            self.e_wide.next = bit_cast::<12, 24>(self.own.q.val()) | 0xf00;
        }
        self.f_wide.next = bit_cast::<12, 8>(self.f.val());
        if self.f.val().get_bit(7) {
            self.f_wide.next = bit_cast::<12, 8>(self.f.val()) | 0xf00;
        }
        self.skip_wide.next = bit_cast::<12, 8>(self.skip_f.val());
        if self.skip_f.val().get_bit(7) {
            self.skip_wide.next = bit_cast::<12, 8>(self.skip_f.val()) | 0xf00;
        }
        self.sum_e.next = self.sum.q.val() + self.e_wide.val();

        self.read_site.next = self.site.val();
        self.done.next = false;
        self.left.next = self.lefts[0].q.val();
        match self.at.q.val().index() {
            0 => {
                self.read_site.next = self.site_a.val();
                if self.start.val() {
                    self.at.d.next = 1.into();
                    self.sum.d.next = self.f_wide.val();
                    self.sum_skip.d.next = self.skip_wide.val();
                }
            }
            1 => {
                self.read_site.next = self.site_b.val();
                self.sum.d.next = self.sum.q.val() + self.wide.val();
                self.at.d.next = 2.into();
            }
            2 => {
                self.read_site.next = self.skip_site.val();
                self.sum.d.next = self.sum.q.val() + self.wide.val();
                self.at.d.next = 3.into();
            }
            3 => {
                self.sum_skip.d.next = self.sum_skip.q.val() + self.wide.val();
                self.lefts[0].d.next = self.sum.q.val() - 14;
                self.at.d.next = 4.into();
            }
            4 => {
                self.own.d.next = self.state.val();
                self.lefts[1].d.next = self.sum.q.val() - self.sum_skip.q.val();
                self.at.d.next = 5.into();
            }
            5 => {
                self.raw.d.next = self.sum_e.val() - 15;
                for i in 0..2 {
                    self.left.next = self.lefts[i].q.val();
                    // Negative: below −16 all alike. Otherwise above 30 there is no alignment.
                    self.limited[i].d.next = bit_cast::<6, 12>(self.left.val());
                    self.far[i].d.next = false;
                    if self.left.val().get_bit(11) {
                        if self.left.val() < 0xff0 {
                            self.limited[i].d.next = 0x30.into();
                        }
                    } else if self.left.val() > 30 {
                        self.far[i].d.next = true;
                    }
                }
                self.at.d.next = 6.into();
            }
            6 => {
                self.shift.d.next = bit_cast::<6, 12>(self.raw.q.val());
                if self.raw.q.val().get_bit(11) {
                    self.shift.d.next = 0.into();
                } else if self.raw.q.val() > 47 {
                    self.shift.d.next = 47.into();
                }
                self.at.d.next = 7.into();
            }
            _ => {
                self.done.next = true;
                self.at.d.next = 0.into();
            }
        }

        self.f_acc.next = self.sum.q.val();
        self.bias_left.next = self.lefts[0].q.val();
        self.skip_left.next = self.lefts[1].q.val();
        self.bias_shift.next = self.limited[0].q.val();
        self.skip_shift.next = self.limited[1].q.val();
        self.bias_far.next = self.far[0].q.val();
        self.skip_far.next = self.far[1].q.val();
        self.s.next = self.shift.q.val();
        self.s_wide.next = bit_cast::<12, 6>(self.shift.q.val());
        self.out_wide.next = self.sum.q.val() - self.s_wide.val();
        self.out_word.next = bit_cast::<24, 12>(self.out_wide.val()) & 0xff;
        self.out_high.next = self.out_word.val() << 16;
        self.named.next = (self.own.q.val() & 0xffff) | self.out_high.val();
    }
}
