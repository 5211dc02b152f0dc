//! Loop over the pixels of a pass: n, y, x (x innermost) and the offset of each pixel's A word. Loops over passes are
//! [`PassLoop`](super::PassLoop)'s.
//!
//! Ports: `restart` goes to the first pixel; `step` to the next one, and from the last one (`last` high) back to the first, ready
//! for the next pass. `offset` = n·a_n + y·a_y + x·a_x modulo 2^16 belongs to the present pixel. Counts are 1 or more and stable
//! from `restart` on. One pixel a cycle, outputs from registers. Undefined before the first `restart`.
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Pixels of a pass.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct PixelLoop {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Go to the first pixel.
    pub restart: Signal<In, Bit>,
    /// Go to the next pixel.
    pub step: Signal<In, Bit>,
    /// Images.
    pub n: Signal<In, Bits<16>>,
    /// Rows.
    pub y: Signal<In, Bits<16>>,
    /// Pixels of a row.
    pub x: Signal<In, Bits<16>>,
    /// A words between images.
    pub a_n: Signal<In, Bits<16>>,
    /// A words between rows.
    pub a_y: Signal<In, Bits<16>>,
    /// A words between pixels.
    pub a_x: Signal<In, Bits<16>>,
    /// Offset of the present pixel.
    pub offset: Signal<Out, Bits<16>>,
    /// The present pixel is the last.
    pub last: Signal<Out, Bit>,
    x_left: Dff<Bits<16>>,
    y_left: Dff<Bits<16>>,
    n_left: Dff<Bits<16>>,
    pixel: Dff<Bits<16>>,
    row: Dff<Bits<16>>,
    image: Dff<Bits<16>>,
    from: Signal<Local, Bits<16>>,
    by: Signal<Local, Bits<16>>,
    moved: Signal<Local, Bits<16>>,
    x_last: Signal<Local, Bit>,
    y_last: Signal<Local, Bit>,
    all_last: Signal<Local, Bit>,
}

impl Logic for PixelLoop {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, x_left, y_left, n_left, pixel, row, image);
        self.x_last.next = self.x_left.q.val() == 1;
        self.y_last.next = self.y_left.q.val() == 1;
        self.all_last.next = self.x_last.val() & self.y_last.val() & (self.n_left.q.val() == 1);
        self.last.next = self.all_last.val();
        self.offset.next = self.pixel.q.val();

        // One adder: the outermost loop that moves gives the start of those inside it.
        self.from.next = self.pixel.q.val();
        self.by.next = self.a_x.val();
        if self.x_last.val() {
            self.from.next = self.row.q.val();
            self.by.next = self.a_y.val();
            if self.y_last.val() {
                self.from.next = self.image.q.val();
                self.by.next = self.a_n.val();
            }
        }
        self.moved.next = self.from.val() + self.by.val();

        if self.step.val() {
            self.pixel.d.next = self.moved.val();
            self.x_left.d.next = self.x_left.q.val() - 1;
            if self.x_last.val() {
                self.x_left.d.next = self.x.val();
                self.row.d.next = self.moved.val();
                self.y_left.d.next = self.y_left.q.val() - 1;
                if self.y_last.val() {
                    self.y_left.d.next = self.y.val();
                    self.image.d.next = self.moved.val();
                    self.n_left.d.next = self.n_left.q.val() - 1;
                }
            }
        }
        if self.restart.val() | (self.step.val() & self.all_last.val()) {
            self.x_left.d.next = self.x.val();
            self.y_left.d.next = self.y.val();
            self.n_left.d.next = self.n.val();
            self.pixel.d.next = 0.into();
            self.row.d.next = 0.into();
            self.image.d.next = 0.into();
        }
    }
}
