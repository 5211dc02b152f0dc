//! Loop over the passes of a command: k2, k1, k0, group (group innermost) and the address of each pass, for A words and for weight
//! blocks alike. Loops over pixels are [`PixelLoop`](super::PixelLoop)'s.
//!
//! Ports: `restart` goes to the first pass; `step` to the next one. `address` = base + k2·s_k2 + k1·s_k1 + k0·s_k0 modulo 2^16 and
//! `lane` = group·R (first lane of the row group) belong to the present pass; `last` marks the last one, after which a `step` leads to
//! garbage. Counts are 1 or more and stable from `restart` on. One pass a cycle, outputs from registers. Undefined before the first
//! `restart`.
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Passes of a command on `R` rows.
#[derive(Clone, Debug, LogicBlock)]
pub struct PassLoop<const R: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Go to the first pass.
    pub restart: Signal<In, Bit>,
    /// Go to the next pass.
    pub step: Signal<In, Bit>,
    /// Row groups.
    pub groups: Signal<In, Bits<8>>,
    /// Outer count.
    pub k2: Signal<In, Bits<16>>,
    /// Middle count.
    pub k1: Signal<In, Bits<16>>,
    /// Inner count.
    pub k0: Signal<In, Bits<16>>,
    /// Address of the first pass.
    pub base: Signal<In, Bits<16>>,
    /// Words between outer passes.
    pub s_k2: Signal<In, Bits<16>>,
    /// Words between middle passes.
    pub s_k1: Signal<In, Bits<16>>,
    /// Words between inner passes.
    pub s_k0: Signal<In, Bits<16>>,
    /// Address of the present pass.
    pub address: Signal<Out, Bits<16>>,
    /// First lane of its row group.
    pub lane: Signal<Out, Bits<8>>,
    /// The present pass is the last.
    pub last: Signal<Out, Bit>,
    groups_left: Dff<Bits<8>>,
    k0_left: Dff<Bits<16>>,
    k1_left: Dff<Bits<16>>,
    k2_left: Dff<Bits<16>>,
    first_lane: Dff<Bits<8>>,
    at0: Dff<Bits<16>>,
    at1: Dff<Bits<16>>,
    at2: Dff<Bits<16>>,
    rows: Constant<Bits<8>>,
    from: Signal<Local, Bits<16>>,
    by: Signal<Local, Bits<16>>,
    moved: Signal<Local, Bits<16>>,
    g_last: Signal<Local, Bit>,
    k0_last: Signal<Local, Bit>,
    k1_last: Signal<Local, Bit>,
}

impl<const R: usize> Default for PassLoop<R> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            restart: Default::default(),
            step: Default::default(),
            groups: Default::default(),
            k2: Default::default(),
            k1: Default::default(),
            k0: Default::default(),
            base: Default::default(),
            s_k2: Default::default(),
            s_k1: Default::default(),
            s_k0: Default::default(),
            address: Default::default(),
            lane: Default::default(),
            last: Default::default(),
            groups_left: Default::default(),
            k0_left: Default::default(),
            k1_left: Default::default(),
            k2_left: Default::default(),
            first_lane: Default::default(),
            at0: Default::default(),
            at1: Default::default(),
            at2: Default::default(),
            rows: Constant::new((R as u64).into()),
            from: Default::default(),
            by: Default::default(),
            moved: Default::default(),
            g_last: Default::default(),
            k0_last: Default::default(),
            k1_last: Default::default(),
        }
    }
}

impl<const R: usize> Logic for PassLoop<R> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            groups_left,
            k0_left,
            k1_left,
            k2_left,
            first_lane,
            at0,
            at1,
            at2
        );
        self.g_last.next = self.groups_left.q.val() == 1;
        self.k0_last.next = self.k0_left.q.val() == 1;
        self.k1_last.next = self.k1_left.q.val() == 1;
        self.last.next = self.g_last.val()
            & self.k0_last.val()
            & self.k1_last.val()
            & (self.k2_left.q.val() == 1);
        self.address.next = self.at0.q.val();
        self.lane.next = self.first_lane.q.val();

        // One adder: the outermost loop that moves gives the start of those inside it.
        self.from.next = self.at0.q.val();
        self.by.next = self.s_k0.val();
        if self.k0_last.val() {
            self.from.next = self.at1.q.val();
            self.by.next = self.s_k1.val();
            if self.k1_last.val() {
                self.from.next = self.at2.q.val();
                self.by.next = self.s_k2.val();
            }
        }
        self.moved.next = self.from.val() + self.by.val();

        if self.step.val() {
            self.groups_left.d.next = self.groups_left.q.val() - 1;
            self.first_lane.d.next = self.first_lane.q.val() + self.rows.val();
            if self.g_last.val() {
                self.groups_left.d.next = self.groups.val();
                self.first_lane.d.next = 0.into();
                self.at0.d.next = self.moved.val();
                self.k0_left.d.next = self.k0_left.q.val() - 1;
                if self.k0_last.val() {
                    self.k0_left.d.next = self.k0.val();
                    self.at1.d.next = self.moved.val();
                    self.k1_left.d.next = self.k1_left.q.val() - 1;
                    if self.k1_last.val() {
                        self.k1_left.d.next = self.k1.val();
                        self.at2.d.next = self.moved.val();
                        self.k2_left.d.next = self.k2_left.q.val() - 1;
                    }
                }
            }
        }
        if self.restart.val() {
            self.groups_left.d.next = self.groups.val();
            self.k0_left.d.next = self.k0.val();
            self.k1_left.d.next = self.k1.val();
            self.k2_left.d.next = self.k2.val();
            self.first_lane.d.next = 0.into();
            self.at0.d.next = self.base.val();
            self.at1.d.next = self.base.val();
            self.at2.d.next = self.base.val();
        }
    }
}
