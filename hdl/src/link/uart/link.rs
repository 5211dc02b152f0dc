//! The whole UART link: two pins, one master port. `docs/link.md` has the format of its frames.
//!
//! Ports: `receive`, `transmit`, the pins, idle high; the master port of [`Commands`](super::Commands): `request_memory` tells memory (1)
//! from registers (0), `request_address` is a byte address and a multiple of 4, an access is done in the cycle `request_ready` is
//! high, and `response_data` and `response_error` count in that cycle.
//!
//! Block transfers run at 95 % of the line's rate in either direction as long as an access takes fewer than eight
//! cycles at four cycles a bit. Reset state: sequence 0, line idle.
use super::baud::Baud;
use super::{BitReceiver, BitTransmitter, FrameLink};
use rust_hdl::prelude::*;

/// The whole link.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct UartLink<const SLOTS: usize, const GAP: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub receive: Signal<In, Bit>,
    pub transmit: Signal<Out, Bit>,
    pub request_valid: Signal<Out, Bit>,
    pub request_memory: Signal<Out, Bit>,
    pub request_write: Signal<Out, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_data: Signal<Out, Bits<32>>,
    pub request_ready: Signal<In, Bit>,
    pub response_data: Signal<In, Bits<32>>,
    pub response_error: Signal<In, Bit>,
    receiver: BitReceiver,
    transmitter: BitTransmitter,
    frames: FrameLink<SLOTS, GAP>,
}

impl<const SLOTS: usize, const GAP: usize> UartLink<SLOTS, GAP> {
    /// A link at that rate.
    pub fn new(baud: Baud) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            receive: Default::default(),
            transmit: Default::default(),
            request_valid: Default::default(),
            request_memory: Default::default(),
            request_write: Default::default(),
            request_address: Default::default(),
            request_data: Default::default(),
            request_ready: Default::default(),
            response_data: Default::default(),
            response_error: Default::default(),
            receiver: BitReceiver::new(baud),
            transmitter: BitTransmitter::new(baud),
            frames: Default::default(),
        }
    }
}

impl<const SLOTS: usize, const GAP: usize> Logic for UartLink<SLOTS, GAP> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, receiver, transmitter, frames);
        self.receiver.reset.next = self.reset.val();
        self.transmitter.reset.next = self.reset.val();
        self.frames.reset.next = self.reset.val();
        self.receiver.line.next = self.receive.val();
        self.frames.in_valid.next = self.receiver.valid.val();
        self.frames.in_data.next = self.receiver.data.val();
        self.frames.in_error.next = self.receiver.error.val();
        self.transmitter.data.next = self.frames.out_data.val();
        self.transmitter.valid.next = self.frames.out_valid.val();
        self.frames.out_ready.next = self.transmitter.ready.val();
        self.transmit.next = self.transmitter.line.val();
        self.request_valid.next = self.frames.request_valid.val();
        self.request_memory.next = self.frames.request_memory.val();
        self.request_write.next = self.frames.request_write.val();
        self.request_address.next = self.frames.request_address.val();
        self.request_data.next = self.frames.request_data.val();
        self.frames.request_ready.next = self.request_ready.val();
        self.frames.response_data.next = self.response_data.val();
        self.frames.response_error.next = self.response_error.val();
    }
}
