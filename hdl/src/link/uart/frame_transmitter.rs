//! Answers to bytes: delimiter, sequence, status, words, the kept words, CRC.
//!
//! | port | meaning |
//! |---|---|
//! | `answer_*` | an answer, valid/ready; a status with the hello bit has no words behind it, whatever `answer_words` says |
//! | `read_slot`, `read_byte`, `read_data` | read port of the kept words, a cycle later |
//! | `sending` | `read_slot` is being sent: its words must not change |
//! | `data`, `byte_valid`, `byte_ready` | bytes for the line, valid/ready |
//!
//! A byte is there ten cycles after the one before was taken. Reset state: nothing to send.
use super::byte_crc::ByteCrc;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;
use tandem_isa::link::ANSWER;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum State {
    Idle,
    Header,
    Words,
    Crc,
}

/// Answers to bytes.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct FrameTransmitter<const SLOTS: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub answer_valid: Signal<In, Bit>,
    pub answer_ready: Signal<Out, Bit>,
    pub answer_sequence: Signal<In, Bits<8>>,
    pub answer_status: Signal<In, Bits<8>>,
    pub answer_words: Signal<In, Bits<8>>,
    pub read_slot: Signal<Out, Bits<SLOTS>>,
    pub read_byte: Signal<Out, Bits<8>>,
    pub read_data: Signal<In, Bits<8>>,
    pub sending: Signal<Out, Bit>,
    pub data: Signal<Out, Bits<8>>,
    pub byte_valid: Signal<Out, Bit>,
    pub byte_ready: Signal<In, Bit>,
    crc: ByteCrc,
    state: Reg<State>,
    number: Dff<Bits<8>>,
    status: Dff<Bits<8>>,
    words: Dff<Bits<8>>,
    at: Dff<Bits<9>>,
    delimiter: Constant<Bits<8>>,
    one: Constant<Bits<9>>,
    idle: Signal<Local, Bit>,
    there: Signal<Local, Bit>,
    taken: Signal<Local, Bit>,
    word_end: Signal<Local, Bit>,
    next: Signal<Local, Bits<9>>,
    following: Signal<Local, Bits<7>>,
    low: Signal<Local, Bits<2>>,
    check: Signal<Local, Bits<8>>,
    sent: Signal<Local, Bits<8>>,
    first: Signal<Local, Bit>,
    payload: Signal<Local, Bit>,
}

impl<const SLOTS: usize> Default for FrameTransmitter<SLOTS> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            answer_valid: Default::default(),
            answer_ready: Default::default(),
            answer_sequence: Default::default(),
            answer_status: Default::default(),
            answer_words: Default::default(),
            read_slot: Default::default(),
            read_byte: Default::default(),
            read_data: Default::default(),
            sending: Default::default(),
            data: Default::default(),
            byte_valid: Default::default(),
            byte_ready: Default::default(),
            crc: Default::default(),
            state: Reg::new(State::Idle),
            number: Default::default(),
            status: Default::default(),
            words: Default::default(),
            at: Default::default(),
            delimiter: Constant::new(u64::from(ANSWER).into()),
            one: Constant::new(1u64.into()),
            idle: Default::default(),
            there: Default::default(),
            taken: Default::default(),
            word_end: Default::default(),
            next: Default::default(),
            following: Default::default(),
            low: Default::default(),
            check: Default::default(),
            sent: Default::default(),
            first: Default::default(),
            payload: Default::default(),
        }
    }
}

impl<const SLOTS: usize> Logic for FrameTransmitter<SLOTS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, number, status, words, at);
        clock!(self, clock, crc);
        self.state.reset.next = self.reset.val();

        self.idle.next = self.state.q.val() == State::Idle;
        self.there.next = !self.idle.val() & !self.crc.busy.val();
        self.taken.next = self.there.val() & self.byte_ready.val();
        self.low.next = self.at.q.val().get_bits::<2>(0);
        self.word_end.next = self.low.val().all();
        self.next.next = self.at.q.val() + self.one.val();
        self.following.next = self.next.val().get_bits::<7>(2);
        self.payload.next = self.words.q.val().any() & !self.status.q.val().get_bit(7);
        // The running CRC leaves through its low byte: fed with it, it moves down by eight bits.
        self.check.next = self.crc.value.val().get_bits::<8>(0);

        self.first.next = false;
        self.sent.next = self.read_data.val();
        match self.state.q.val() {
            State::Idle => {
                self.at.d.next = 0.into();
                self.number.d.next = self.answer_sequence.val();
                self.status.d.next = self.answer_status.val();
                self.words.d.next = self.answer_words.val();
                if self.answer_valid.val() {
                    self.state.d.next = State::Header;
                }
            }
            State::Header => {
                match self.low.val().index() {
                    0 => {
                        self.first.next = true;
                        self.sent.next = self.delimiter.val();
                    }
                    1 => {
                        self.sent.next = self.number.q.val();
                    }
                    2 => {
                        self.sent.next = self.status.q.val();
                    }
                    _ => {
                        self.sent.next = self.words.q.val();
                    }
                }
                if self.taken.val() {
                    self.at.d.next = self.next.val();
                    if self.word_end.val() {
                        self.at.d.next = 0.into();
                        self.state.d.next = State::Crc;
                        if self.payload.val() {
                            self.state.d.next = State::Words;
                        }
                    }
                }
            }
            State::Words => {
                if self.taken.val() {
                    self.at.d.next = self.next.val();
                    if self.word_end.val()
                        & (self.following.val() == self.words.q.val().get_bits::<7>(0))
                    {
                        self.at.d.next = 0.into();
                        self.state.d.next = State::Crc;
                    }
                }
            }
            State::Crc => {
                self.sent.next = !self.check.val();
                if self.taken.val() {
                    self.at.d.next = self.next.val();
                    if self.word_end.val() {
                        self.state.d.next = State::Idle;
                    }
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.crc.clear.next = self.idle.val();
        self.crc.start.next = self.taken.val() & !self.first.val();
        self.crc.data.next = self.sent.val();
        if self.state.q.val() == State::Crc {
            self.crc.data.next = self.check.val();
        }
        self.answer_ready.next = self.idle.val();
        self.sending.next = !self.idle.val();
        self.read_slot.next = self.number.q.val().get_bits::<SLOTS>(0);
        self.read_byte.next = self.at.q.val().get_bits::<8>(0);
        self.data.next = self.sent.val();
        self.byte_valid.next = self.there.val();
    }
}
