//! The link above the bits: bytes of a line in and out, one master port. For pins put [`UartLink`](super::UartLink) around it;
//! this one suits any other way of bytes.
//!
//! ```text
//! bytes ─► frame receiver ─► ring ─► commands ◄─► master port
//! bytes ◄─ frame transmitter ◄─ kept answers ◄─┘
//! ```
//!
//! Ports: bytes as in [`FrameReceiver`] and [`FrameTransmitter`]; the master port of [`Commands`]. Two block RAMs of an iCE40 at
//! SLOTS = 1. The next request may be received, and the one before be answered, while one is executed. Reset state: as theirs.
//! SLOTS is log2 of the window, 1 to 3; GAP as in [`gap_bits`](super::gap_bits).
use super::{Commands, FrameReceiver, FrameTransmitter};
use crate::leaf::Ram;
use rust_hdl::prelude::*;

/// The link above the bits.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct FrameLink<const SLOTS: usize, const GAP: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub in_valid: Signal<In, Bit>,
    pub in_data: Signal<In, Bits<8>>,
    pub in_error: Signal<In, Bit>,
    pub out_data: Signal<Out, Bits<8>>,
    pub out_valid: Signal<Out, Bit>,
    pub out_ready: Signal<In, Bit>,
    pub request_valid: Signal<Out, Bit>,
    pub request_memory: Signal<Out, Bit>,
    pub request_write: Signal<Out, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_data: Signal<Out, Bits<32>>,
    pub request_ready: Signal<In, Bit>,
    pub response_data: Signal<In, Bits<32>>,
    pub response_error: Signal<In, Bit>,
    receiver: FrameReceiver<GAP>,
    ring: Ram<Bits<8>, 9>,
    commands: Commands<SLOTS>,
    kept: Ram<Bits<8>, 11>,
    transmitter: FrameTransmitter<SLOTS>,
}

impl<const SLOTS: usize, const GAP: usize> Default for FrameLink<SLOTS, GAP> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            in_valid: Default::default(),
            in_data: Default::default(),
            in_error: Default::default(),
            out_data: Default::default(),
            out_valid: Default::default(),
            out_ready: Default::default(),
            request_valid: Default::default(),
            request_memory: Default::default(),
            request_write: Default::default(),
            request_address: Default::default(),
            request_data: Default::default(),
            request_ready: Default::default(),
            response_data: Default::default(),
            response_error: Default::default(),
            receiver: Default::default(),
            ring: Default::default(),
            commands: Default::default(),
            kept: Ram::new(256 << SLOTS.clamp(1, 3)),
            transmitter: Default::default(),
        }
    }
}

impl<const SLOTS: usize, const GAP: usize> Logic for FrameLink<SLOTS, GAP> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, receiver, ring, commands, kept, transmitter);
        self.receiver.reset.next = self.reset.val();
        self.commands.reset.next = self.reset.val();
        self.transmitter.reset.next = self.reset.val();

        self.receiver.byte_valid.next = self.in_valid.val();
        self.receiver.data.next = self.in_data.val();
        self.receiver.byte_error.next = self.in_error.val();
        self.receiver.head.next = self.commands.head.val();
        self.ring.write_enable.next = self.receiver.write_enable.val();
        self.ring.write_address.next = self.receiver.write_address.val();
        self.ring.write_data.next = self.receiver.write_data.val();
        self.ring.read_enable.next = true;
        self.ring.read_address.next = self.commands.ring_address.val();
        self.commands.ring_data.next = self.ring.read_data.val();
        self.commands.tail.next = self.receiver.tail.val();

        self.request_valid.next = self.commands.request_valid.val();
        self.request_memory.next = self.commands.request_memory.val();
        self.request_write.next = self.commands.request_write.val();
        self.request_address.next = self.commands.request_address.val();
        self.request_data.next = self.commands.request_data.val();
        self.commands.request_ready.next = self.request_ready.val();
        self.commands.response_data.next = self.response_data.val();
        self.commands.response_error.next = self.response_error.val();

        self.kept.write_enable.next = self.commands.keep_enable.val();
        self.kept.write_address.next = (bit_cast::<11, SLOTS>(self.commands.keep_slot.val()) << 8)
            | bit_cast::<11, 8>(self.commands.keep_byte.val());
        self.kept.write_data.next = self.commands.keep_data.val();
        self.kept.read_enable.next = true;
        self.kept.read_address.next = (bit_cast::<11, SLOTS>(self.transmitter.read_slot.val())
            << 8)
            | bit_cast::<11, 8>(self.transmitter.read_byte.val());
        self.transmitter.read_data.next = self.kept.read_data.val();

        self.transmitter.answer_valid.next = self.commands.answer_valid.val();
        self.commands.answer_ready.next = self.transmitter.answer_ready.val();
        self.transmitter.answer_sequence.next = self.commands.answer_sequence.val();
        self.transmitter.answer_status.next = self.commands.answer_status.val();
        self.transmitter.answer_words.next = self.commands.answer_words.val();
        self.commands.sending.next = self.transmitter.sending.val();
        self.commands.sending_slot.next = self.transmitter.read_slot.val();

        self.out_data.next = self.transmitter.data.val();
        self.out_valid.next = self.transmitter.byte_valid.val();
        self.transmitter.byte_ready.next = self.out_ready.val();
    }
}
