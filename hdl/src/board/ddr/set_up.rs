//! Brings a DDR3 memory behind LiteDRAM's controller up: JEDEC sequence, read levelling, hand-over. A host that has a processor beside
//! the controller does this in software; this is for boards without one.
//!
//! Ports: `clock`, `reset`, those of the controller (`user_clk`, `user_rst`); `adr` … `err`, its control port `wb_ctrl_*` (`cyc` is
//! `stb`, `sel` all ones, `cti`, `bte` zero); the result as in [`Search`]. Takes 700 µs and some 25 000 cycles; begins
//! when reset ends. Reset state: neither `ready` nor `failed`. Limits: two byte lanes, one rank, clocks up to
//! [`MAXIMUM`](super::program::MAXIMUM).
use super::program::{ClockError, Program};
use super::script::Script;
use super::search::Search;
use rust_hdl::prelude::*;

/// Sets the memory up.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct SetUp {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub adr: Signal<Out, Bits<30>>,
    pub dat_w: Signal<Out, Bits<32>>,
    pub we: Signal<Out, Bit>,
    pub stb: Signal<Out, Bit>,
    pub dat_r: Signal<In, Bits<32>>,
    pub ack: Signal<In, Bit>,
    pub err: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub failed: Signal<Out, Bit>,
    pub failed_lane: Signal<Out, Bits<2>>,
    pub silent: Signal<Out, Bit>,
    script: Script,
    search: Search,
}

impl SetUp {
    /// For a clock of that many Hz.
    pub fn new(clock: u64) -> Result<Self, ClockError> {
        let program = Program::new(clock)?;
        Ok(Self {
            clock: Default::default(),
            reset: Default::default(),
            adr: Default::default(),
            dat_w: Default::default(),
            we: Default::default(),
            stb: Default::default(),
            dat_r: Default::default(),
            ack: Default::default(),
            err: Default::default(),
            ready: Default::default(),
            failed: Default::default(),
            failed_lane: Default::default(),
            silent: Default::default(),
            script: Script::new(&program),
            search: Search::new(&program),
        })
    }
}

impl Logic for SetUp {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, script, search);
        self.script.reset.next = self.reset.val();
        self.search.reset.next = self.reset.val();
        self.script.start.next = self.search.start.val();
        self.script.entry.next = self.search.entry.val();
        self.script.lane.next = self.search.lane.val();
        self.script.invert.next = self.search.invert.val();
        self.search.done.next = self.script.done.val();
        self.search.bad.next = self.script.bad.val();
        self.search.fault.next = self.script.fault.val();
        self.adr.next = self.script.adr.val();
        self.dat_w.next = self.script.dat_w.val();
        self.we.next = self.script.we.val();
        self.stb.next = self.script.stb.val();
        self.script.dat_r.next = self.dat_r.val();
        self.script.ack.next = self.ack.val();
        self.script.err.next = self.err.val();
        self.ready.next = self.search.ready.val();
        self.failed.next = self.search.failed.val();
        self.failed_lane.next = self.search.failed_lane.val();
        self.silent.next = self.search.silent.val();
    }
}
