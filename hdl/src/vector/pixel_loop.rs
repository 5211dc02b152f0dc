//! The loop over the pixels of a command, row by row or by 2×2 windows. It counts; [`AddressWalk`](super::AddressWalk)
//! turns its steps into addresses.
//!
//! Windows go row by row too, the pixels of one in raster order; at odd edges a window has two pixels or one (`full` low).
//!
//! | port | meaning |
//! |---|---|
//! | `start` | take `windows`, `n`, `y`, `x` (each at least 1) and stand on the first pixel |
//! | `advance` | go to the next pixel at this edge |
//! | `steps` | bits 1:0 place of the pixel in its window (right, below; 0 without windows); bit 2 the windows of this row have two rows of pixels; the next pixel lies in: bit 3 the next window (pixel) of the row, bit 4 the next row, bit 5 the next image, none: the same window |
//! | `full` | its window has four pixels |
//! | `last` | no pixel follows |
//!
//! One pixel a cycle; outputs describe the present pixel, from the cycle after `start`. No reset: `start` sets everything.
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Three nested counters, with windows.
#[derive(LogicBlock, Default)]
pub struct PixelLoop {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// To the next pixel.
    pub advance: Signal<In, Bit>,
    /// By 2×2 windows.
    pub windows: Signal<In, Bit>,
    /// Images.
    pub n: Signal<In, Bits<16>>,
    /// Rows.
    pub y: Signal<In, Bits<16>>,
    /// Pixels of a row.
    pub x: Signal<In, Bits<16>>,
    /// Place and next step of the pixel, see above.
    pub steps: Signal<Out, Bits<6>>,
    /// The window has four pixels.
    pub full: Signal<Out, Bit>,
    /// No pixel follows.
    pub last: Signal<Out, Bit>,
    left_n: Dff<Bits<16>>,
    left_y: Dff<Bits<16>>,
    left_x: Dff<Bits<16>>,
    at_right: Dff<Bit>,
    at_below: Dff<Bit>,
    has_right: Signal<Local, Bit>,
    has_below: Signal<Local, Bit>,
    window_done: Signal<Local, Bit>,
    x_done: Signal<Local, Bit>,
    y_done: Signal<Local, Bit>,
    n_done: Signal<Local, Bit>,
    stride: Signal<Local, Bits<16>>,
}

impl Logic for PixelLoop {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left_n, left_y, left_x, at_right, at_below);
        self.has_right.next = self.windows.val() & (self.left_x.q.val() != 1);
        self.has_below.next = self.windows.val() & (self.left_y.q.val() != 1);
        self.window_done.next = (self.at_right.q.val() == self.has_right.val())
            & (self.at_below.q.val() == self.has_below.val());
        self.x_done.next =
            (self.left_x.q.val() == 1) | (self.windows.val() & (self.left_x.q.val() == 2));
        self.y_done.next =
            (self.left_y.q.val() == 1) | (self.windows.val() & (self.left_y.q.val() == 2));
        self.n_done.next = self.left_n.q.val() == 1;
        self.stride.next = 1.into();
        if self.windows.val() {
            self.stride.next = 2.into();
        }

        self.full.next = self.has_right.val() & self.has_below.val();
        self.steps.next = 0.into();
        if self.at_right.q.val() {
            self.steps.next = self.steps.val() | 1;
        }
        if self.at_below.q.val() {
            self.steps.next = self.steps.val() | 2;
        }
        if self.has_below.val() {
            self.steps.next = self.steps.val() | 4;
        }
        if self.window_done.val() {
            if !self.x_done.val() {
                self.steps.next = self.steps.val() | 8;
            } else if !self.y_done.val() {
                self.steps.next = self.steps.val() | 16;
            } else {
                self.steps.next = self.steps.val() | 32;
            }
        }
        self.last.next =
            self.window_done.val() & self.x_done.val() & self.y_done.val() & self.n_done.val();

        if self.advance.val() {
            if !self.window_done.val() {
                self.at_right.d.next = self.has_right.val() & !self.at_right.q.val();
                if self.at_right.q.val() == self.has_right.val() {
                    self.at_below.d.next = true;
                }
            } else {
                self.at_right.d.next = false;
                self.at_below.d.next = false;
                if !self.x_done.val() {
                    self.left_x.d.next = self.left_x.q.val() - self.stride.val();
                } else {
                    self.left_x.d.next = self.x.val();
                    if !self.y_done.val() {
                        self.left_y.d.next = self.left_y.q.val() - self.stride.val();
                    } else {
                        self.left_y.d.next = self.y.val();
                        self.left_n.d.next = self.left_n.q.val() - 1;
                    }
                }
            }
        }
        if self.start.val() {
            self.left_n.d.next = self.n.val();
            self.left_y.d.next = self.y.val();
            self.left_x.d.next = self.x.val();
            self.at_right.d.next = false;
            self.at_below.d.next = false;
        }
    }
}
