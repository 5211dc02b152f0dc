//! Box to requests: walks the rows of a box in DDR and asks for each; rows that follow one another without a gap (of one
//! plane, or across planes and images) are joined into one request. Load and store use it; the order is theirs.
//!
//! | port | meaning |
//! |---|---|
//! | `start` | pulse: walk the box described by the fields, which stay until done |
//! | `address` … `row_stride` | as in the load and store commands; `rows` = 0 asks for nothing |
//! | `request_*` | {valid, ready, address, beats} for a [`Burst`](super::burst::Burst) |
//! | `active` | rows or a request are left; high from the cycle after `start` |
//!
//! A request grows while the next row follows and it has less than a full burst, so it waits for at most 64 rows and
//! never exceeds 63 beats and a row. Valid/ready: valid and payload stay until taken. One row a cycle, first request 2
//! cycles after `start`. Reset state: inactive. L is 4, 8, 16 or 32 lanes. Addresses wrap at 2^32, as do strides.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Box to requests.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Rows<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub address: Signal<In, Bits<32>>,
    pub n: Signal<In, Bits<16>>,
    pub m: Signal<In, Bits<16>>,
    pub rows: Signal<In, Bits<16>>,
    pub width: Signal<In, Bits<16>>,
    pub n_stride: Signal<In, Bits<32>>,
    pub m_stride: Signal<In, Bits<32>>,
    pub row_stride: Signal<In, Bits<32>>,
    pub request_valid: Signal<Out, Bit>,
    pub request_ready: Signal<In, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_beats: Signal<Out, Bits<24>>,
    pub active: Signal<Out, Bit>,
    walks: Reg<Bit>,
    row_at: Dff<Bits<32>>,
    plane_at: Dff<Bits<32>>,
    image_at: Dff<Bits<32>>,
    rows_left: Dff<Bits<16>>,
    m_left: Dff<Bits<16>>,
    n_left: Dff<Bits<16>>,
    pending: Reg<Bit>,
    pending_at: Dff<Bits<32>>,
    pending_end: Dff<Bits<32>>,
    pending_beats: Dff<Bits<24>>,
    words: Signal<Local, Bits<24>>,
    beats: Signal<Local, Bits<24>>,
    beats_wide: Signal<Local, Bits<32>>,
    bytes: Signal<Local, Bits<32>>,
    row_end: Signal<Local, Bits<32>>,
    more_rows: Signal<Local, Bit>,
    more_m: Signal<Local, Bit>,
    more_n: Signal<Local, Bit>,
    from: Signal<Local, Bits<32>>,
    stride: Signal<Local, Bits<32>>,
    next_at: Signal<Local, Bits<32>>,
    is_full: Signal<Local, Bit>,
    follows: Signal<Local, Bit>,
    joins: Signal<Local, Bit>,
    asks: Signal<Local, Bit>,
    leaves: Signal<Local, Bit>,
    opens: Signal<Local, Bit>,
    beat_shift: Constant<Bits<3>>,
}

default_block! { Rows<L>, [const L: usize] {
    beat_shift = Constant::new(u64::from((L / 4).trailing_zeros()).into());
    clock reset start address n m rows width n_stride m_stride row_stride
    request_valid request_ready request_address request_beats active
    walks row_at plane_at image_at rows_left m_left n_left pending pending_at pending_end pending_beats
    words beats beats_wide bytes row_end more_rows more_m more_n from stride next_at
    is_full follows joins asks leaves opens
} }

impl<const L: usize> Logic for Rows<L> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, walks, row_at, plane_at, image_at, rows_left, m_left, n_left);
        dff_setup!(self, clock, pending, pending_at, pending_end, pending_beats);
        self.walks.reset.next = self.reset.val();
        self.pending.reset.next = self.reset.val();

        // The row at hand.
        self.words.next = bit_cast::<24, 16>(self.width.val());
        self.beats.next = self.words.val() << self.beat_shift.val();
        self.beats_wide.next = bit_cast::<32, 24>(self.beats.val());
        self.bytes.next = self.beats_wide.val() << 3;
        self.row_end.next = self.row_at.q.val() + self.bytes.val();

        // Join it to the pending request, or open a new one once that has left.
        self.is_full.next = self.pending_beats.q.val().get_bits::<18>(6).any();
        self.follows.next = self.pending_end.q.val() == self.row_at.q.val();
        self.joins.next =
            self.walks.q.val() & self.pending.q.val() & self.follows.val() & !self.is_full.val();
        self.asks.next = self.pending.q.val() & !self.joins.val();
        self.leaves.next = self.asks.val() & self.request_ready.val();
        self.opens.next = self.walks.q.val() & (self.leaves.val() | !self.pending.q.val());
        if self.leaves.val() {
            self.pending.d.next = false;
        }
        if self.joins.val() {
            self.pending_end.d.next = self.row_end.val();
            self.pending_beats.d.next = self.pending_beats.q.val() + self.beats.val();
        }
        if self.opens.val() {
            self.pending.d.next = true;
            self.pending_at.d.next = self.row_at.q.val();
            self.pending_end.d.next = self.row_end.val();
            self.pending_beats.d.next = self.beats.val();
        }

        // The row after it. What is left counts the one at hand.
        self.more_rows.next = self.rows_left.q.val() != 1;
        self.more_m.next = self.m_left.q.val() != 1;
        self.more_n.next = self.n_left.q.val() != 1;
        self.from.next = self.image_at.q.val();
        self.stride.next = self.n_stride.val();
        if self.more_rows.val() {
            self.from.next = self.row_at.q.val();
            self.stride.next = self.row_stride.val();
        } else if self.more_m.val() {
            self.from.next = self.plane_at.q.val();
            self.stride.next = self.m_stride.val();
        }
        self.next_at.next = self.from.val() + self.stride.val();
        if self.joins.val() | self.opens.val() {
            self.row_at.d.next = self.next_at.val();
            self.rows_left.d.next = self.rows.val();
            if self.more_rows.val() {
                self.rows_left.d.next = self.rows_left.q.val() - 1;
            } else if self.more_m.val() {
                self.plane_at.d.next = self.next_at.val();
                self.m_left.d.next = self.m_left.q.val() - 1;
            } else if self.more_n.val() {
                self.plane_at.d.next = self.next_at.val();
                self.image_at.d.next = self.next_at.val();
                self.m_left.d.next = self.m.val();
                self.n_left.d.next = self.n_left.q.val() - 1;
            } else {
                self.walks.d.next = false;
            }
        }
        if self.start.val() {
            self.walks.d.next = self.rows.val().any();
            self.row_at.d.next = self.address.val();
            self.plane_at.d.next = self.address.val();
            self.image_at.d.next = self.address.val();
            self.rows_left.d.next = self.rows.val();
            self.m_left.d.next = self.m.val();
            self.n_left.d.next = self.n.val();
        }

        self.request_valid.next = self.asks.val();
        self.request_address.next = self.pending_at.q.val();
        self.request_beats.next = self.pending_beats.q.val();
        self.active.next = self.walks.q.val() | self.pending.q.val();
    }
}
