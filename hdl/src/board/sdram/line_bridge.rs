//! Between AXI4 and SDRAM: a bridge from an AXI4 slave port and a port of single words to the lines that rust-hdl's
//! `SDRAMBurstController<_, _, 32, 16>` moves, with one line of 64 bytes between, written back when another is wanted. Not for
//! memories with byte masks or short bursts, which need no line.
//!
//! | port | meaning |
//! |---|---|
//! | `aw*`, `w*`, `b*`, `ar*`, `r*` | AXI4 slave, INCR bursts of 8-byte beats, as the engine's master makes them; size and burst type are not looked at |
//! | `memory_*` | words of 32 bits: valid with write, address (a multiple of 4), data; done in the cycle of `memory_ready`, in which `memory_response` and `memory_error` count |
//! | `controller_*` | the burst controller: a command, its data, its busy |
//!
//! Every access goes through the one line, so both ports see the same memory; a word goes before a burst, read and write bursts
//! take turns. A burst that covers a whole line does not fetch it, unless a beat comes with a strobe low: then the
//! bytes not yet written are fetched. Addresses are of 32 MB; a burst or word that begins above gets SLVERR, and nothing moves.
//! Cycles, with a controller at rest: a word of the line at hand 6; a line 10 and, if it is fetched, the controller's
//! read, if the line before was written, the controller's write; a write burst another for its response.
//! Reset state: waits until the controller has been at rest for 16 cycles, then the line is empty: what was written to it alone is lost.
use super::beats::{ReadBeat, WriteBeat};
use super::LineBuffer;
use crate::leaf::{Dff, Reg, Skid};
use rust_hdl::prelude::*;

#[derive(LogicState, Copy, Clone, Debug, PartialEq)]
enum State {
    Start,
    Idle,
    TakeWord,
    TakeRead,
    TakeWrite,
    Compare,
    Check,
    Flush,
    FlushWords,
    Fill,
    FillWords,
    Word,
    Read,
    Write,
    Answer,
    Respond,
}

/// The bridge.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct LineBridge {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub awid: Signal<In, Bits<4>>,
    pub awaddr: Signal<In, Bits<32>>,
    pub awlen: Signal<In, Bits<8>>,
    pub awvalid: Signal<In, Bit>,
    pub awready: Signal<Out, Bit>,
    pub wdata: Signal<In, Bits<64>>,
    pub wstrb: Signal<In, Bits<8>>,
    pub wvalid: Signal<In, Bit>,
    pub wready: Signal<Out, Bit>,
    pub bid: Signal<Out, Bits<4>>,
    pub bresp: Signal<Out, Bits<2>>,
    pub bvalid: Signal<Out, Bit>,
    pub bready: Signal<In, Bit>,
    pub arid: Signal<In, Bits<4>>,
    pub araddr: Signal<In, Bits<32>>,
    pub arlen: Signal<In, Bits<8>>,
    pub arvalid: Signal<In, Bit>,
    pub arready: Signal<Out, Bit>,
    pub rid: Signal<Out, Bits<4>>,
    pub rdata: Signal<Out, Bits<64>>,
    pub rresp: Signal<Out, Bits<2>>,
    pub rlast: Signal<Out, Bit>,
    pub rvalid: Signal<Out, Bit>,
    pub rready: Signal<In, Bit>,
    pub memory_valid: Signal<In, Bit>,
    pub memory_write: Signal<In, Bit>,
    pub memory_address: Signal<In, Bits<32>>,
    pub memory_data: Signal<In, Bits<32>>,
    pub memory_ready: Signal<Out, Bit>,
    pub memory_response: Signal<Out, Bits<32>>,
    pub memory_error: Signal<Out, Bit>,
    pub controller_busy: Signal<In, Bit>,
    pub controller_strobe: Signal<Out, Bit>,
    pub controller_write: Signal<Out, Bit>,
    pub controller_address: Signal<Out, Bits<32>>,
    pub controller_data: Signal<Out, Bits<16>>,
    pub controller_taken: Signal<In, Bit>,
    pub controller_read_data: Signal<In, Bits<16>>,
    pub controller_read_valid: Signal<In, Bit>,
    line_buffer: LineBuffer,
    write_beats: Skid<WriteBeat>,
    read_beats: Skid<ReadBeat>,
    state: Reg<State>,
    rest: Reg<Bits<5>>,
    // The line at hand: whether there is one, differs from the memory, is fetched only from `beat` on.
    valid: Reg<Bit>,
    dirty: Reg<Bit>,
    open: Dff<Bit>,
    tag: Dff<Bits<19>>,
    // The access at work: who wants it, where, how many beats follow, what it needs.
    serve: Dff<State>,
    writes_next: Reg<Bit>,
    id: Dff<Bits<4>>,
    outside: Dff<Bit>,
    line: Dff<Bits<19>>,
    beat: Dff<Bits<3>>,
    left: Dff<Bits<8>>,
    hit: Dff<Bit>,
    whole: Dff<Bit>,
    final_beat: Dff<Bit>,
    word: Dff<Bits<5>>,
    answer: Dff<Bits<32>>,
    by_words: Signal<Local, Bit>,
    address: Signal<Local, Bits<32>>,
    narrow: Signal<Local, Bits<64>>,
    fetched: Signal<Local, Bit>,
    moved: Signal<Local, Bit>,
    line_end: Signal<Local, Bit>,
    next_left: Signal<Local, Bits<8>>,
}

impl Logic for LineBridge {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            rest,
            valid,
            dirty,
            open,
            tag,
            serve,
            writes_next,
            id,
            outside
        );
        dff_setup!(self, clock, line, beat, left, hit, whole, final_beat, word, answer);
        clock!(self, clock, line_buffer, write_beats, read_beats);
        self.state.reset.next = self.reset.val();
        self.rest.reset.next = self.reset.val();
        self.valid.reset.next = self.reset.val();
        self.dirty.reset.next = self.reset.val();
        self.writes_next.reset.next = self.reset.val();
        self.write_beats.reset.next = self.reset.val();
        self.read_beats.reset.next = self.reset.val();

        // AXI, every channel with data through two registers.
        self.write_beats.in_valid.next = self.wvalid.val();
        self.write_beats.in_data.next.data = self.wdata.val();
        self.write_beats.in_data.next.strobes = self.wstrb.val();
        self.write_beats.in_data.next.full = self.wstrb.val() == 0xff;
        self.wready.next = self.write_beats.in_ready.val();
        self.write_beats.out_ready.next = false;
        self.read_beats.in_valid.next = self.state.q.val() == State::Read;
        self.read_beats.in_data.next.data = self.line_buffer.read_data.val();
        self.read_beats.in_data.next.id = self.id.q.val();
        self.read_beats.in_data.next.last = self.final_beat.q.val();
        self.read_beats.in_data.next.error = self.outside.q.val();
        self.rvalid.next = self.read_beats.out_valid.val();
        self.rdata.next = self.read_beats.out_data.val().data;
        self.rid.next = self.read_beats.out_data.val().id;
        self.rlast.next = self.read_beats.out_data.val().last;
        self.rresp.next = 0.into();
        if self.read_beats.out_data.val().error {
            self.rresp.next = 2.into();
        }
        self.read_beats.out_ready.next = self.rready.val();
        self.awready.next = self.state.q.val() == State::TakeWrite;
        self.arready.next = self.state.q.val() == State::TakeRead;
        self.bvalid.next = self.state.q.val() == State::Respond;
        self.bid.next = self.id.q.val();
        self.bresp.next = 0.into();
        if self.outside.q.val() {
            self.bresp.next = 2.into();
        }
        self.memory_ready.next = self.state.q.val() == State::Answer;
        self.memory_response.next = self.answer.q.val();
        self.memory_error.next = self.outside.q.val();

        // The controller: addresses of words of 16 bits; it keeps a command while it recovers from a write.
        self.controller_strobe.next = false;
        self.controller_write.next = false;
        self.controller_address.next = bit_cast::<32, 19>(self.line.q.val()) << 5;
        self.by_words.next =
            (self.state.q.val() == State::FlushWords) | (self.state.q.val() == State::FillWords);
        self.controller_data.next = self.line_buffer.read_data.val().get_bits::<16>(0);
        if self.word.q.val().get_bits::<2>(0) == 1 {
            self.controller_data.next = self.line_buffer.read_data.val().get_bits::<16>(16);
        }
        if self.word.q.val().get_bits::<2>(0) == 2 {
            self.controller_data.next = self.line_buffer.read_data.val().get_bits::<16>(32);
        }
        if self.word.q.val().get_bits::<2>(0) == 3 {
            self.controller_data.next = self.line_buffer.read_data.val().get_bits::<16>(48);
        }

        // The line: data of whoever writes it.
        self.line_buffer.beat.next = self.beat.q.val();
        self.line_buffer.write_bytes.next = 0.into();
        self.line_buffer.write_data.next = self.write_beats.out_data.val().data;
        self.narrow.next = bit_cast::<64, 32>(self.memory_data.val());
        if self.state.q.val() == State::Word {
            self.line_buffer.write_data.next = self.narrow.val() | (self.narrow.val() << 32);
        }
        if self.by_words.val() {
            self.line_buffer.beat.next = self.word.q.val().get_bits::<3>(2);
            self.narrow.next = bit_cast::<64, 16>(self.controller_read_data.val());
            self.line_buffer.write_data.next = self.narrow.val()
                | (self.narrow.val() << 16)
                | (self.narrow.val() << 32)
                | (self.narrow.val() << 48);
        }

        // What the address of the access means, in the cycle it is taken.
        self.address.next = self.memory_address.val();
        if self.state.q.val() == State::TakeRead {
            self.address.next = self.araddr.val();
        }
        if self.state.q.val() == State::TakeWrite {
            self.address.next = self.awaddr.val();
        }
        self.hit.d.next = self.valid.q.val() & (self.tag.q.val() == self.line.q.val());
        self.fetched.next =
            !self.open.q.val() | (self.word.q.val().get_bits::<3>(2) >= self.beat.q.val());
        self.line_end.next = self.beat.q.val() == 7;
        self.next_left.next = self.left.q.val() - 1;
        self.moved.next = false;

        match self.state.q.val() {
            State::Start => {
                self.rest.d.next = self.rest.q.val() + 1;
                if self.controller_busy.val() {
                    self.rest.d.next = 0.into();
                }
                if self.rest.q.val().get_bit(4) {
                    self.state.d.next = State::Idle;
                }
            }
            State::Idle => {
                if self.memory_valid.val() {
                    self.state.d.next = State::TakeWord;
                } else if self.arvalid.val() & (!self.awvalid.val() | !self.writes_next.q.val()) {
                    self.state.d.next = State::TakeRead;
                } else if self.awvalid.val() {
                    self.state.d.next = State::TakeWrite;
                }
            }
            State::TakeWord => {
                self.serve.d.next = State::Word;
                self.left.d.next = 0.into();
                self.state.d.next = State::Compare;
            }
            State::TakeRead => {
                self.serve.d.next = State::Read;
                self.writes_next.d.next = true;
                self.id.d.next = self.arid.val();
                self.left.d.next = self.arlen.val();
                self.state.d.next = State::Compare;
            }
            State::TakeWrite => {
                self.serve.d.next = State::Write;
                self.writes_next.d.next = false;
                self.id.d.next = self.awid.val();
                self.left.d.next = self.awlen.val();
                self.state.d.next = State::Compare;
            }
            State::Compare => {
                self.whole.d.next = (self.serve.q.val() == State::Write)
                    & (self.beat.q.val() == 0)
                    & (self.left.q.val() >= 7);
                self.final_beat.d.next = self.left.q.val() == 0;
                self.state.d.next = State::Check;
            }
            State::Check => {
                if self.hit.q.val() | self.outside.q.val() {
                    self.state.d.next = self.serve.q.val();
                } else if self.dirty.q.val() {
                    self.state.d.next = State::Flush;
                } else {
                    self.valid.d.next = true;
                    self.tag.d.next = self.line.q.val();
                    self.open.d.next = self.whole.q.val();
                    self.state.d.next = State::Fill;
                    if self.whole.q.val() {
                        self.state.d.next = State::Write;
                    }
                }
            }
            State::Flush => {
                self.controller_strobe.next = true;
                self.controller_write.next = true;
                self.controller_address.next = bit_cast::<32, 19>(self.tag.q.val()) << 5;
                self.word.d.next = 0.into();
                self.state.d.next = State::FlushWords;
            }
            State::FlushWords => {
                if self.controller_taken.val() {
                    self.word.d.next = self.word.q.val() + 1;
                    if self.word.q.val() == 31 {
                        self.dirty.d.next = false;
                        self.state.d.next = State::Check;
                    }
                }
            }
            State::Fill => {
                self.controller_strobe.next = true;
                self.word.d.next = 0.into();
                self.state.d.next = State::FillWords;
            }
            State::FillWords => {
                if self.controller_read_valid.val() {
                    self.word.d.next = self.word.q.val() + 1;
                    if self.fetched.val() {
                        self.line_buffer.write_bytes.next = 0x03.into();
                        if self.word.q.val().get_bits::<2>(0) == 1 {
                            self.line_buffer.write_bytes.next = 0x0c.into();
                        }
                        if self.word.q.val().get_bits::<2>(0) == 2 {
                            self.line_buffer.write_bytes.next = 0x30.into();
                        }
                        if self.word.q.val().get_bits::<2>(0) == 3 {
                            self.line_buffer.write_bytes.next = 0xc0.into();
                        }
                    }
                    if self.word.q.val() == 31 {
                        self.open.d.next = false;
                        self.state.d.next = self.serve.q.val();
                    }
                }
            }
            State::Word => {
                self.answer.d.next = self.line_buffer.read_data.val().get_bits::<32>(0);
                if self.memory_address.val().get_bit(2) {
                    self.answer.d.next = self.line_buffer.read_data.val().get_bits::<32>(32);
                }
                if self.memory_write.val() & !self.outside.q.val() {
                    self.dirty.d.next = true;
                    self.line_buffer.write_bytes.next = 0x0f.into();
                    if self.memory_address.val().get_bit(2) {
                        self.line_buffer.write_bytes.next = 0xf0.into();
                    }
                }
                self.state.d.next = State::Answer;
            }
            State::Read => {
                self.moved.next = self.read_beats.in_ready.val();
                if self.moved.val() & self.final_beat.q.val() {
                    self.state.d.next = State::Idle;
                }
            }
            State::Write => {
                if self.open.q.val() & !self.write_beats.out_data.val().full {
                    if self.write_beats.out_valid.val() {
                        self.state.d.next = State::Fill;
                    }
                } else {
                    self.write_beats.out_ready.next = true;
                    self.moved.next = self.write_beats.out_valid.val();
                    if self.moved.val() & !self.outside.q.val() {
                        self.dirty.d.next = true;
                        self.line_buffer.write_bytes.next = self.write_beats.out_data.val().strobes;
                    }
                    if self.moved.val() & self.line_end.val() {
                        self.open.d.next = false;
                    }
                    if self.moved.val() & self.final_beat.q.val() {
                        self.state.d.next = State::Respond;
                    }
                }
            }
            State::Answer => {
                self.state.d.next = State::Idle;
            }
            State::Respond => {
                if self.bready.val() {
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Start;
            }
        }
        if (self.state.q.val() == State::TakeWord)
            | (self.state.q.val() == State::TakeRead)
            | (self.state.q.val() == State::TakeWrite)
        {
            self.line.d.next = self.address.val().get_bits::<19>(6);
            self.beat.d.next = self.address.val().get_bits::<3>(3);
            self.outside.d.next = self.address.val().get_bits::<7>(25) != 0;
        }
        if self.moved.val() {
            self.beat.d.next = self.beat.q.val() + 1;
            self.left.d.next = self.next_left.val();
            self.final_beat.d.next = self.next_left.val() == 0;
            if self.line_end.val() & !self.final_beat.q.val() {
                self.line.d.next = self.line.q.val() + 1;
                self.state.d.next = State::Compare;
            }
        }
    }
}
