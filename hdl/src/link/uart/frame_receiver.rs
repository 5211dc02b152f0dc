//! Bytes to requests: finds frames, checks them, and puts those that are whole into a ring of 512 bytes. Nothing of a frame
//! is to be seen before its CRC was right: `tail` moves over it then and not before.
//!
//! | port | meaning |
//! |---|---|
//! | `byte_valid`, `data`, `byte_error` | bytes of the line, at least nine cycles apart; an error throws the frame away |
//! | `write_*` | the ring's write port |
//! | `head`, `tail` | the ring: bytes from `head` up to `tail` are requests: sequence, operation, words, address, data |
//!
//! A frame is thrown away when its operation or its number of words is none, when the CRC is wrong, when the ring is full, and after
//! 2^(GAP−1) cycles without a byte; then the next [`REQUEST`] byte begins one. So whatever came before, after that much silence
//! a frame is received. Latency from the last byte to `tail`: ten cycles. Reset state: ring empty, waiting for a frame.
use super::byte_crc::ByteCrc;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;
use tandem_isa::link::{CRC_RESIDUE, REQUEST};

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum State {
    Hunt,
    Sequence,
    Operation,
    Words,
    Body,
    Crc,
    Check,
}

/// Bytes to requests.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct FrameReceiver<const GAP: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub byte_valid: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    pub byte_error: Signal<In, Bit>,
    pub write_enable: Signal<Out, Bit>,
    pub write_address: Signal<Out, Bits<9>>,
    pub write_data: Signal<Out, Bits<8>>,
    pub head: Signal<In, Bits<9>>,
    pub tail: Signal<Out, Bits<9>>,
    crc: ByteCrc,
    state: Reg<State>,
    at: Dff<Bits<9>>,
    committed: Reg<Bits<9>>,
    words: Dff<Bits<7>>,
    payload: Dff<Bit>,
    byte_of_word: Dff<Bits<2>>,
    silence: Reg<Bits<GAP>>,
    expired: Reg<Bit>,
    request: Constant<Bits<8>>,
    residue: Constant<Bits<32>>,
    one: Constant<Bits<9>>,
    half: Constant<Bits<GAP>>,
    next: Signal<Local, Bits<9>>,
    store: Signal<Local, Bit>,
    hunting: Signal<Local, Bit>,
    bad_operation: Signal<Local, Bit>,
    bad_words: Signal<Local, Bit>,
    word_end: Signal<Local, Bit>,
}

impl<const GAP: usize> Default for FrameReceiver<GAP> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            byte_valid: Default::default(),
            data: Default::default(),
            byte_error: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            head: Default::default(),
            tail: Default::default(),
            crc: Default::default(),
            state: Reg::new(State::Hunt),
            at: Default::default(),
            committed: Default::default(),
            words: Default::default(),
            payload: Default::default(),
            byte_of_word: Default::default(),
            silence: Default::default(),
            expired: Default::default(),
            request: Constant::new(u64::from(REQUEST).into()),
            residue: Constant::new(u64::from(CRC_RESIDUE).into()),
            one: Constant::new(1u64.into()),
            half: Constant::new(Bits::default().replace_bit(GAP - 1, true)),
            next: Default::default(),
            store: Default::default(),
            hunting: Default::default(),
            bad_operation: Default::default(),
            bad_words: Default::default(),
            word_end: Default::default(),
        }
    }
}

impl<const GAP: usize> Logic for FrameReceiver<GAP> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            at,
            committed,
            words,
            payload,
            byte_of_word,
            silence,
            expired
        );
        self.state.reset.next = self.reset.val();
        self.committed.reset.next = self.reset.val();
        self.expired.reset.next = self.reset.val();
        clock!(self, clock, crc);

        // Operations are 0 to 4, words 1 to 64.
        self.bad_operation.next = self.data.val().get_bits::<5>(3).any()
            | (self.data.val().get_bit(2) & self.data.val().get_bits::<2>(0).any());
        self.bad_words.next = !self.data.val().any()
            | self.data.val().get_bit(7)
            | (self.data.val().get_bit(6) & self.data.val().get_bits::<6>(0).any());

        self.hunting.next = self.state.q.val() == State::Hunt;
        self.silence.reset.next = self.byte_valid.val() | self.hunting.val();
        self.silence.d.next = self.silence.q.val() + 1;
        self.expired.d.next = (self.silence.q.val() & self.half.val()).any();

        self.crc.clear.next = self.hunting.val();
        self.crc.data.next = self.data.val();
        self.crc.start.next = self.byte_valid.val();
        self.next.next = self.at.q.val() + self.one.val();
        self.word_end.next = self.byte_of_word.q.val().all();

        self.store.next = false;
        if self.hunting.val() {
            self.at.d.next = self.committed.q.val();
        }
        match self.state.q.val() {
            State::Hunt => {
                self.byte_of_word.d.next = 0.into();
                if self.byte_valid.val() & (self.data.val() == self.request.val()) {
                    self.state.d.next = State::Sequence;
                }
            }
            State::Sequence => {
                if self.byte_valid.val() {
                    self.store.next = true;
                    self.state.d.next = State::Operation;
                }
            }
            State::Operation => {
                if self.byte_valid.val() {
                    self.store.next = true;
                    self.payload.d.next = self.data.val().get_bit(0);
                    self.state.d.next = State::Words;
                    if self.bad_operation.val() {
                        self.state.d.next = State::Hunt;
                    }
                }
            }
            State::Words => {
                if self.byte_valid.val() {
                    self.store.next = true;
                    self.words.d.next = 0.into();
                    if self.payload.q.val() {
                        self.words.d.next = self.data.val().get_bits::<7>(0);
                    }
                    self.state.d.next = State::Body;
                    if self.bad_words.val() {
                        self.state.d.next = State::Hunt;
                    }
                }
            }
            State::Body => {
                // The address, and the words to write.
                if self.byte_valid.val() {
                    self.store.next = true;
                    self.byte_of_word.d.next = self.byte_of_word.q.val() + 1;
                    if self.word_end.val() {
                        self.words.d.next = self.words.q.val() - 1;
                        if !self.words.q.val().any() {
                            self.state.d.next = State::Crc;
                        }
                    }
                }
            }
            State::Crc => {
                if self.byte_valid.val() {
                    self.byte_of_word.d.next = self.byte_of_word.q.val() + 1;
                    if self.word_end.val() {
                        self.state.d.next = State::Check;
                    }
                }
            }
            State::Check => {
                if !self.crc.busy.val() {
                    self.state.d.next = State::Hunt;
                    if self.crc.value.val() == self.residue.val() {
                        self.committed.d.next = self.at.q.val();
                    }
                }
            }
            _ => {
                self.state.d.next = State::Hunt;
            }
        }
        if self.store.val() {
            self.at.d.next = self.next.val();
            if self.next.val() == self.head.val() {
                self.state.d.next = State::Hunt;
            }
        }
        if self.byte_error.val() | self.expired.q.val() {
            self.state.d.next = State::Hunt;
        }
        self.write_enable.next = self.store.val();
        self.write_address.next = self.at.q.val();
        self.write_data.next = self.data.val();
        self.tail.next = self.committed.q.val();
    }
}
