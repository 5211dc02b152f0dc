//! Max-pool backward: routes each pooled gradient to the pixel its index names; every other pixel is written as 0.
//!
//! Pixels are visited by windows. A full window's gradient is read with its first pixel and its index with the second;
//! three cycles after a pixel was issued it is written.
//!
//! Unit protocol; reads pad V (data in the next cycle), writes pad O. One pixel a cycle; `done` comes 3 cycles after `start` and the pixels.
//! Reset state: idle.
use super::{AddressWalk, PixelLoop};
use crate::control::decode::UnpoolFields;
use crate::leaf::{Dff, Reg, RegEn};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// Max-pool backward of `L` lanes.
#[derive(LogicBlock)]
pub struct UnpoolUnit<const L: usize> {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Pulse: run `command`.
    pub start: Signal<In, Bit>,
    /// The command, stable until done.
    pub command: Signal<In, Bits<512>>,
    /// Running.
    pub busy: Signal<Out, Bit>,
    /// Pulse: finished.
    pub done: Signal<Out, Bit>,
    /// Word of pad V to read.
    pub v_addr: Signal<Out, Bits<16>>,
    /// Its lanes, s16, one cycle later.
    pub v_data: [Signal<In, Bits<16>>; L],
    /// Write a word to pad O.
    pub o_we: Signal<Out, Bit>,
    /// Its address.
    pub o_addr: Signal<Out, Bits<16>>,
    /// Its lanes.
    pub o_data: [Signal<Out, Bits<16>>; L],
    fields: UnpoolFields,
    count: PixelLoop,
    result: AddressWalk,
    running: Reg<Bit>,
    stages: Reg<Bits<3>>,
    finished: Reg<Bit>,
    pooled: Dff<Bits<16>>,
    places: [Dff<Bits<2>>; 3],
    fulls: [Dff<Bit>; 3],
    addresses: [Dff<Bits<16>>; 3],
    gradient: [RegEn<Bits<16>>; L],
    spread: [RegEn<Bits<16>>; L],
    index: [RegEn<Bits<2>>; L],
    place: Signal<Local, Bits<2>>,
    gradient_there: Signal<Local, Bit>,
    index_there: Signal<Local, Bit>,
}

impl<const L: usize> Default for UnpoolUnit<L> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            command: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            v_addr: Default::default(),
            v_data: from_fn(|_| Default::default()),
            o_we: Default::default(),
            o_addr: Default::default(),
            o_data: from_fn(|_| Default::default()),
            fields: Default::default(),
            count: Default::default(),
            result: Default::default(),
            running: Default::default(),
            stages: Default::default(),
            finished: Default::default(),
            pooled: Default::default(),
            places: Default::default(),
            fulls: Default::default(),
            addresses: Default::default(),
            gradient: from_fn(|_| Default::default()),
            spread: from_fn(|_| Default::default()),
            index: from_fn(|_| Default::default()),
            place: Default::default(),
            gradient_there: Default::default(),
            index_there: Default::default(),
        }
    }
}

impl<const L: usize> Logic for UnpoolUnit<L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, stages, finished, pooled);
        clock!(self, clock, count, result);
        self.running.reset.next = self.reset.val();
        self.stages.reset.next = self.reset.val();
        self.finished.reset.next = self.reset.val();
        self.fields.command.next = self.command.val();

        self.count.start.next = self.start.val();
        self.count.advance.next = self.running.q.val();
        self.count.windows.next = true;
        self.count.n.next = self.fields.n.val();
        self.count.y.next = self.fields.y.val();
        self.count.x.next = self.fields.x.val();
        self.result.start.next = self.start.val();
        self.result.advance.next = self.running.q.val();
        self.result.pixels.next = true;
        self.result.dense.next = true;
        self.result.base.next = self.fields.out_base.val();
        self.result.s_n.next = 0.into();
        self.result.s_y.next = self.fields.x.val();
        self.result.s_x.next = 1.into();
        self.result.steps.next = self.count.steps.val();

        // Issue: the gradient with the first pixel of a window, the index with the second.
        self.place.next = self.count.steps.val().get_bits::<2>(0);
        self.v_addr.next = self.fields.g_base.val() + self.pooled.q.val();
        if self.place.val().get_bit(0) {
            self.v_addr.next = self.fields.index_base.val() + self.pooled.q.val();
        }
        if self.running.q.val() & self.count.full.val() & (self.place.val() == 3) {
            self.pooled.d.next = self.pooled.q.val() + 1;
        }
        if self.start.val() {
            self.pooled.d.next = 0.into();
            self.running.d.next = true;
        }
        if self.running.q.val() & self.count.last.val() {
            self.running.d.next = false;
        }

        // What goes along with a pixel.
        self.stages.d.next = self.stages.q.val() << 1;
        if self.running.q.val() {
            self.stages.d.next = (self.stages.q.val() << 1) | 1;
        }
        for i in 0..3 {
            self.places[i].clock.next = self.clock.val();
            self.fulls[i].clock.next = self.clock.val();
            self.addresses[i].clock.next = self.clock.val();
        }
        self.places[0].d.next = self.place.val();
        self.fulls[0].d.next = self.count.full.val();
        self.addresses[0].d.next = self.result.address.val();
        for i in 1..3 {
            self.places[i].d.next = self.places[i - 1].q.val();
            self.fulls[i].d.next = self.fulls[i - 1].q.val();
            self.addresses[i].d.next = self.addresses[i - 1].q.val();
        }

        self.gradient_there.next =
            self.stages.q.val().get_bit(0) & self.fulls[0].q.val() & (self.places[0].q.val() == 0);
        self.index_there.next =
            self.stages.q.val().get_bit(0) & self.fulls[0].q.val() & (self.places[0].q.val() == 1);
        for i in 0..L {
            self.gradient[i].clock.next = self.clock.val();
            self.gradient[i].reset.next = false;
            self.gradient[i].enable.next = self.gradient_there.val();
            self.gradient[i].d.next = self.v_data[i].val();
            self.spread[i].clock.next = self.clock.val();
            self.spread[i].reset.next = false;
            self.spread[i].enable.next = self.index_there.val();
            self.spread[i].d.next = self.gradient[i].q.val();
            self.index[i].clock.next = self.clock.val();
            self.index[i].reset.next = false;
            self.index[i].enable.next = self.index_there.val();
            self.index[i].d.next = self.v_data[i].val().get_bits::<2>(0);
            self.o_data[i].next = 0.into();
            if self.fulls[2].q.val() & (self.index[i].q.val() == self.places[2].q.val()) {
                self.o_data[i].next = self.spread[i].q.val();
            }
        }
        self.o_we.next = self.stages.q.val().get_bit(2);
        self.o_addr.next = self.addresses[2].q.val();

        // Done when the last write is at this edge.
        self.finished.d.next = self.stages.q.val().get_bit(1)
            & !self.stages.q.val().get_bit(0)
            & !self.running.q.val();
        self.done.next = self.finished.q.val();
        self.busy.next = self.running.q.val() | self.stages.q.val().any();
    }
}
