//! Executes requests: takes them from the ring, does each once, keeps its answer, and answers again what was done already.
//!
//! | port | meaning |
//! |---|---|
//! | `ring_address`, `ring_data`, `head`, `tail` | the ring of [`FrameReceiver`](super::FrameReceiver), read a cycle after the address |
//! | `request_*`, `response_*` | the master port: one access at a time, held until `request_ready`, in whose cycle `response_*` counts |
//! | `keep_*` | write port of the answers: 2^SLOTS of 256 bytes, by the low bits of the sequence number |
//! | `answer_*` | an answer to send, valid/ready; `answer_status` and `answer_words` as in the frame |
//! | `sending`, `sending_slot` | the transmitter reads those kept words just now |
//!
//! The sequence number of a request is compared with the one that comes next. Equal: it is executed, and its words and status are
//! kept. One of the 2^SLOTS before, executed since reset: its kept answer is sent again. Any other: dropped. A hello
//! is answered with the number that comes next and changes nothing.
//!
//! A byte of the ring a cycle; a read costs five cycles a word and a write five, plus what the port waits. Addresses count within
//! 256 bytes and wrap. An access that is never ready stops the link until reset. Reset state: sequence 0, nothing kept.
//! SLOTS from 1 to 3.
use crate::leaf::{Dff, LutRam, Reg};
use rust_hdl::prelude::*;
use tandem_isa::link::{status, VERSION};

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum State {
    Header,
    Decide,
    Gather,
    Access,
    Keep,
    Finish,
    Answer,
}

/// Executes requests.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Commands<const SLOTS: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub ring_address: Signal<Out, Bits<9>>,
    pub ring_data: Signal<In, Bits<8>>,
    pub head: Signal<Out, Bits<9>>,
    pub tail: Signal<In, Bits<9>>,
    pub request_valid: Signal<Out, Bit>,
    pub request_memory: Signal<Out, Bit>,
    pub request_write: Signal<Out, Bit>,
    pub request_address: Signal<Out, Bits<32>>,
    pub request_data: Signal<Out, Bits<32>>,
    pub request_ready: Signal<In, Bit>,
    pub response_data: Signal<In, Bits<32>>,
    pub response_error: Signal<In, Bit>,
    pub keep_enable: Signal<Out, Bit>,
    pub keep_slot: Signal<Out, Bits<SLOTS>>,
    pub keep_byte: Signal<Out, Bits<8>>,
    pub keep_data: Signal<Out, Bits<8>>,
    pub answer_valid: Signal<Out, Bit>,
    pub answer_ready: Signal<In, Bit>,
    pub answer_sequence: Signal<Out, Bits<8>>,
    pub answer_status: Signal<Out, Bits<8>>,
    pub answer_words: Signal<Out, Bits<8>>,
    pub sending: Signal<In, Bit>,
    pub sending_slot: Signal<In, Bits<SLOTS>>,
    state: Reg<State>,
    /// Next byte of the ring.
    from: Reg<Bits<9>>,
    /// The number that comes next.
    expected: Reg<Bits<8>>,
    /// Answers that are kept.
    kept: Reg<Bits<4>>,
    /// The header: bytes are shifted through in the order of the frame.
    number: Dff<Bits<8>>,
    operation: Dff<Bits<8>>,
    words: Dff<Bits<8>>,
    address: Dff<Bits<32>>,
    column: Dff<Bits<6>>,
    bytes: Reg<Bits<3>>,
    word: Dff<Bits<32>>,
    index: Dff<Bits<7>>,
    fresh: Dff<Bit>,
    repeated: Dff<Bit>,
    failed: Dff<Bit>,
    results: LutRam<Bits<8>, SLOTS>,
    slots: Constant<Bits<4>>,
    hello_status: Constant<Bits<8>>,
    one: Constant<Bits<9>>,
    one_byte: Constant<Bits<8>>,
    one_word: Constant<Bits<7>>,
    available: Signal<Local, Bit>,
    pull: Signal<Local, Bit>,
    age: Signal<Local, Bits<8>>,
    is_hello: Signal<Local, Bit>,
    is_write: Signal<Local, Bit>,
    same: Signal<Local, Bit>,
    recent: Signal<Local, Bit>,
    slot: Signal<Local, Bits<SLOTS>>,
    slot_free: Signal<Local, Bit>,
    word_end: Signal<Local, Bit>,
    low: Signal<Local, Bits<2>>,
    next_index: Signal<Local, Bits<7>>,
    last: Signal<Local, Bit>,
    step: Signal<Local, Bit>,
    result: Signal<Local, Bits<8>>,
    shifted: Signal<Local, Bits<32>>,
    incoming: Signal<Local, Bits<32>>,
    fetched: Signal<Local, Bits<32>>,
}

impl<const SLOTS: usize> Default for Commands<SLOTS> {
    fn default() -> Self {
        let slots = SLOTS.clamp(1, 3);
        let hello = status::HELLO | (slots as u8) << status::WINDOW_SHIFT | VERSION;
        Self {
            clock: Default::default(),
            reset: Default::default(),
            ring_address: Default::default(),
            ring_data: Default::default(),
            head: Default::default(),
            tail: Default::default(),
            request_valid: Default::default(),
            request_memory: Default::default(),
            request_write: Default::default(),
            request_address: Default::default(),
            request_data: Default::default(),
            request_ready: Default::default(),
            response_data: Default::default(),
            response_error: Default::default(),
            keep_enable: Default::default(),
            keep_slot: Default::default(),
            keep_byte: Default::default(),
            keep_data: Default::default(),
            answer_valid: Default::default(),
            answer_ready: Default::default(),
            answer_sequence: Default::default(),
            answer_status: Default::default(),
            answer_words: Default::default(),
            sending: Default::default(),
            sending_slot: Default::default(),
            state: Reg::new(State::Header),
            from: Default::default(),
            expected: Default::default(),
            kept: Default::default(),
            number: Default::default(),
            operation: Default::default(),
            words: Default::default(),
            address: Default::default(),
            column: Default::default(),
            bytes: Default::default(),
            word: Default::default(),
            index: Default::default(),
            fresh: Default::default(),
            repeated: Default::default(),
            failed: Default::default(),
            results: Default::default(),
            slots: Constant::new((1u64 << slots).into()),
            hello_status: Constant::new(u64::from(hello).into()),
            one: Constant::new(1u64.into()),
            one_byte: Constant::new(1u64.into()),
            one_word: Constant::new(1u64.into()),
            available: Default::default(),
            pull: Default::default(),
            age: Default::default(),
            is_hello: Default::default(),
            is_write: Default::default(),
            same: Default::default(),
            recent: Default::default(),
            slot: Default::default(),
            slot_free: Default::default(),
            word_end: Default::default(),
            low: Default::default(),
            next_index: Default::default(),
            last: Default::default(),
            step: Default::default(),
            result: Default::default(),
            shifted: Default::default(),
            incoming: Default::default(),
            fetched: Default::default(),
        }
    }
}

impl<const SLOTS: usize> Logic for Commands<SLOTS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, from, expected, kept, number, operation, words, address, column,
            bytes, word, index, fresh, repeated, failed
        );
        clock!(self, clock, results);
        self.state.reset.next = self.reset.val();
        self.from.reset.next = self.reset.val();
        self.expected.reset.next = self.reset.val();
        self.kept.reset.next = self.reset.val();
        self.bytes.reset.next = self.reset.val();

        self.available.next = self.from.q.val() != self.tail.val();
        self.is_write.next = self.operation.q.val().get_bit(0);
        self.is_hello.next = self.operation.q.val().get_bit(2);
        self.slot.next = self.number.q.val().get_bits::<SLOTS>(0);
        self.slot_free.next = !(self.sending.val() & (self.sending_slot.val() == self.slot.val()));
        self.age.next = self.expected.q.val() - self.number.q.val();
        self.same.next = !self.age.val().any();
        self.recent.next = !self.same.val()
            & !self.age.val().get_bits::<4>(4).any()
            & (self.age.val().get_bits::<4>(0) <= self.kept.q.val());
        self.low.next = self.bytes.q.val().get_bits::<2>(0);
        self.word_end.next = self.low.val().all();
        self.next_index.next = self.index.q.val() + self.one_word.val();
        self.last.next = self.next_index.val() == self.words.q.val().get_bits::<7>(0);
        self.shifted.next = self.word.q.val() >> 8;
        self.incoming.next = bit_cast::<32, 8>(self.ring_data.val()) << 24;
        self.fetched.next = self.address.q.val() >> 8;

        self.pull.next = false;
        self.step.next = false;
        match self.state.q.val() {
            State::Header => {
                self.pull.next = self.available.val();
                if self.available.val() {
                    // Oldest byte last: sequence, operation, words, address.
                    self.address.d.next = self.fetched.val() | self.incoming.val();
                    self.words.d.next = self.address.q.val().get_bits::<8>(0);
                    self.operation.d.next = self.words.q.val();
                    self.number.d.next = self.operation.q.val();
                    self.bytes.d.next = self.bytes.q.val() + 1;
                    if self.bytes.q.val() == 6 {
                        self.bytes.d.next = 0.into();
                        self.state.d.next = State::Decide;
                    }
                }
            }
            State::Decide => {
                self.index.d.next = 0.into();
                self.failed.d.next = false;
                self.column.d.next = self.address.q.val().get_bits::<6>(2);
                self.fresh.d.next = self.same.val();
                self.repeated.d.next = self.recent.val();
                if self.is_hello.val() {
                    self.state.d.next = State::Answer;
                } else if self.is_write.val() {
                    self.state.d.next = State::Gather;
                } else if self.same.val() {
                    // The words go where an older answer may still be sent from.
                    if self.slot_free.val() {
                        self.state.d.next = State::Access;
                    }
                } else if self.recent.val() {
                    self.state.d.next = State::Answer;
                } else {
                    self.state.d.next = State::Header;
                }
            }
            State::Gather => {
                // The words of a frame that is not executed are passed over.
                self.pull.next = true;
                self.word.d.next = self.shifted.val() | self.incoming.val();
                self.bytes.d.next = self.bytes.q.val() + 1;
                if self.word_end.val() {
                    self.bytes.d.next = 0.into();
                    if self.fresh.q.val() {
                        self.state.d.next = State::Access;
                    } else {
                        self.step.next = true;
                    }
                }
            }
            State::Access => {
                if self.request_ready.val() {
                    self.failed.d.next = self.failed.q.val() | self.response_error.val();
                    self.word.d.next = self.response_data.val();
                    if self.is_write.val() {
                        self.step.next = true;
                    } else {
                        self.state.d.next = State::Keep;
                    }
                }
            }
            State::Keep => {
                self.word.d.next = self.shifted.val();
                self.bytes.d.next = self.bytes.q.val() + 1;
                if self.word_end.val() {
                    self.bytes.d.next = 0.into();
                    self.step.next = true;
                }
            }
            State::Finish => {
                self.state.d.next = State::Header;
                if self.repeated.q.val() {
                    self.state.d.next = State::Answer;
                }
                if self.fresh.q.val() {
                    self.expected.d.next = self.expected.q.val() + self.one_byte.val();
                    if self.kept.q.val() != self.slots.val() {
                        self.kept.d.next = self.kept.q.val() + 1;
                    }
                    self.state.d.next = State::Answer;
                }
            }
            State::Answer => {
                if self.answer_ready.val() {
                    self.state.d.next = State::Header;
                }
            }
            _ => {
                self.state.d.next = State::Header;
            }
        }
        if self.step.val() {
            self.index.d.next = self.next_index.val();
            self.column.d.next = self.column.q.val() + 1;
            if self.last.val() {
                self.state.d.next = State::Finish;
            } else if self.is_write.val() {
                self.state.d.next = State::Gather;
            } else {
                self.state.d.next = State::Access;
            }
        }

        // The ring is read ahead: its data is always the byte at `from`.
        if self.pull.val() {
            self.from.d.next = self.from.q.val() + self.one.val();
        }
        self.ring_address.next = self.from.q.val();
        if self.pull.val() {
            self.ring_address.next = self.from.q.val() + self.one.val();
        }
        self.head.next = self.from.q.val();

        self.request_valid.next = self.state.q.val() == State::Access;
        self.request_memory.next = self.operation.q.val().get_bit(1);
        self.request_write.next = self.is_write.val();
        self.request_address.next = (bit_cast::<32, 24>(self.address.q.val().get_bits::<24>(8))
            << 8)
            | (bit_cast::<32, 6>(self.column.q.val()) << 2);
        self.request_data.next = self.word.q.val();

        self.keep_enable.next = self.state.q.val() == State::Keep;
        self.keep_slot.next = self.slot.val();
        self.keep_byte.next =
            (bit_cast::<8, 7>(self.index.q.val()) << 2) | bit_cast::<8, 2>(self.low.val());
        self.keep_data.next = self.word.q.val().get_bits::<8>(0);

        // Kept beside the words: their number, and whether an access failed.
        self.result.next = 0.into();
        if !self.is_write.val() {
            self.result.next = self.words.q.val();
        }
        self.results.write_enable.next = (self.state.q.val() == State::Finish) & self.fresh.q.val();
        self.results.write_address.next = self.slot.val();
        self.results.write_data.next = self.result.val().replace_bit(7, self.failed.q.val());
        self.results.read_address.next = self.slot.val();

        self.answer_valid.next = self.state.q.val() == State::Answer;
        self.answer_sequence.next = self.number.q.val();
        self.answer_status.next = bit_cast::<8, 1>(self.results.read_data.val().get_bits::<1>(7));
        self.answer_words.next = bit_cast::<8, 7>(self.results.read_data.val().get_bits::<7>(0));
        if self.is_hello.val() {
            self.answer_status.next = self.hello_status.val();
            self.answer_words.next = self.expected.q.val();
        }
    }
}
