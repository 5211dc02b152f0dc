//! AXI4 master of the engine: read and write engines behind one window check, one halt and one error. It is the only way
//! to memory; nothing outside a granted window is ever put on the bus.
//!
//! | port | meaning |
//! |---|---|
//! | `fetch_*`, `load_*`, `read_*` | the read clients: requests, data valid/ready, and the data, last, error they share; see [`ReadEngine`] |
//! | `store_*` | the write client; see [`WriteEngine`] |
//! | `window_*`, `epoch` | of the context that runs; steady while anything is outstanding |
//! | `kill` | halt from this very cycle on until reset |
//! | `error` | pulse, once until reset: `error_code`, `error_value` = address of the burst at fault, `error_turn` the turn of its request |
//! | `quiet` | nothing outstanding: no burst on an address channel, no promised beat unsent, no answer missing |
//! | `read_beat`, `write_beat` | pulses for counters |
//! | AXI | bursts INCR, 8-byte beats, ID = `epoch`; the sizes and burst types are constants |
//!
//! After an error or `kill` nothing new is issued; what is outstanding drains: read data are dropped, promised write
//! beats go out with `wstrb` = 0. `reset` (of a context, best when `quiet`) clears errors and requests. If it comes while
//! something is outstanding, `epoch` must change with it: late answers are then dropped by their ID. `hard_reset` clears
//! everything: for power-up. `error` comes one cycle after its cause.
use super::read::ReadEngine;
use super::write::WriteEngine;
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// AXI4 master.
#[derive(LogicBlock, Default)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct Master {
    pub clock: Signal<In, Clock>,
    pub hard_reset: Signal<In, Bit>,
    pub reset: Signal<In, Bit>,
    pub kill: Signal<In, Bit>,
    pub epoch: Signal<In, Bits<4>>,
    pub window_base: [Signal<In, Bits<32>>; 4],
    pub window_end: [Signal<In, Bits<32>>; 4],
    pub window_permissions: [Signal<In, Bits<2>>; 4],
    pub fetch_request_valid: Signal<In, Bit>,
    pub fetch_request_ready: Signal<Out, Bit>,
    pub fetch_request_address: Signal<In, Bits<32>>,
    pub fetch_request_beats: Signal<In, Bits<24>>,
    pub fetch_valid: Signal<Out, Bit>,
    pub fetch_ready: Signal<In, Bit>,
    pub load_request_valid: Signal<In, Bit>,
    pub load_request_ready: Signal<Out, Bit>,
    pub load_request_address: Signal<In, Bits<32>>,
    pub load_request_beats: Signal<In, Bits<24>>,
    pub load_request_turn: Signal<In, Bits<2>>,
    pub load_valid: Signal<Out, Bit>,
    pub load_ready: Signal<In, Bit>,
    pub read_data: Signal<Out, Bits<64>>,
    pub read_last: Signal<Out, Bit>,
    pub read_error: Signal<Out, Bit>,
    pub store_request_valid: Signal<In, Bit>,
    pub store_request_ready: Signal<Out, Bit>,
    pub store_request_address: Signal<In, Bits<32>>,
    pub store_request_beats: Signal<In, Bits<24>>,
    pub store_request_turn: Signal<In, Bits<2>>,
    pub store_valid: Signal<In, Bit>,
    pub store_ready: Signal<Out, Bit>,
    pub store_data: Signal<In, Bits<64>>,
    pub store_finished: Signal<Out, Bit>,
    pub error: Signal<Out, Bit>,
    pub error_code: Signal<Out, Bits<8>>,
    pub error_value: Signal<Out, Bits<32>>,
    pub error_turn: Signal<Out, Bits<2>>,
    pub quiet: Signal<Out, Bit>,
    pub read_beat: Signal<Out, Bit>,
    pub write_beat: Signal<Out, Bit>,
    pub awid: Signal<Out, Bits<4>>,
    pub awaddr: Signal<Out, Bits<32>>,
    pub awlen: Signal<Out, Bits<8>>,
    pub awsize: Signal<Out, Bits<3>>,
    pub awburst: Signal<Out, Bits<2>>,
    pub awvalid: Signal<Out, Bit>,
    pub awready: Signal<In, Bit>,
    pub wdata: Signal<Out, Bits<64>>,
    pub wstrb: Signal<Out, Bits<8>>,
    pub wlast: Signal<Out, Bit>,
    pub wvalid: Signal<Out, Bit>,
    pub wready: Signal<In, Bit>,
    pub bid: Signal<In, Bits<4>>,
    pub bresp: Signal<In, Bits<2>>,
    pub bvalid: Signal<In, Bit>,
    pub bready: Signal<Out, Bit>,
    pub arid: Signal<Out, Bits<4>>,
    pub araddr: Signal<Out, Bits<32>>,
    pub arlen: Signal<Out, Bits<8>>,
    pub arsize: Signal<Out, Bits<3>>,
    pub arburst: Signal<Out, Bits<2>>,
    pub arvalid: Signal<Out, Bit>,
    pub arready: Signal<In, Bit>,
    pub rid: Signal<In, Bits<4>>,
    pub rdata: Signal<In, Bits<64>>,
    pub rresp: Signal<In, Bits<2>>,
    pub rlast: Signal<In, Bit>,
    pub rvalid: Signal<In, Bit>,
    pub rready: Signal<Out, Bit>,
    read: ReadEngine,
    write: WriteEngine,
    stopped: Reg<Bit>,
    failed: Reg<Bit>,
    code: Dff<Bits<8>>,
    value: Dff<Bits<32>>,
    turn: Dff<Bits<2>>,
    clear: Signal<Local, Bit>,
    halt: Signal<Local, Bit>,
    fault: Signal<Local, Bit>,
}

impl Logic for Master {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, stopped, failed, code, value, turn);
        clock!(self, clock, read, write);
        self.clear.next = self.reset.val() | self.hard_reset.val();
        self.stopped.reset.next = self.clear.val();
        self.failed.reset.next = self.clear.val();
        self.read.hard_reset.next = self.hard_reset.val();
        self.read.reset.next = self.reset.val();
        self.write.hard_reset.next = self.hard_reset.val();
        self.write.reset.next = self.reset.val();

        self.halt.next = self.stopped.q.val() | self.kill.val();
        self.read.halt.next = self.halt.val();
        self.write.halt.next = self.halt.val();
        self.fault.next = self.read.fault.val() | self.write.fault.val();
        self.stopped.d.next = self.halt.val() | self.fault.val();
        self.failed.d.next = self.fault.val();
        if self.read.fault.val() {
            self.code.d.next = self.read.fault_code.val();
            self.value.d.next = self.read.fault_address.val();
            self.turn.d.next = self.read.fault_turn.val();
        } else if self.write.fault.val() {
            self.code.d.next = self.write.fault_code.val();
            self.value.d.next = self.write.fault_address.val();
            self.turn.d.next = self.write.fault_turn.val();
        }
        self.error.next = self.failed.q.val();
        self.error_code.next = self.code.q.val();
        self.error_value.next = self.value.q.val();
        self.error_turn.next = self.turn.q.val();
        self.quiet.next = self.read.quiet.val() & self.write.quiet.val();
        self.read_beat.next = self.read.read_beat.val();
        self.write_beat.next = self.write.write_beat.val();
        self.read.epoch.next = self.epoch.val();
        self.write.epoch.next = self.epoch.val();
        for i in 0..4 {
            self.read.window_base[i].next = self.window_base[i].val();
            self.read.window_end[i].next = self.window_end[i].val();
            self.read.window_permissions[i].next = self.window_permissions[i].val();
            self.write.window_base[i].next = self.window_base[i].val();
            self.write.window_end[i].next = self.window_end[i].val();
            self.write.window_permissions[i].next = self.window_permissions[i].val();
        }
        self.read.fetch_request_valid.next = self.fetch_request_valid.val();
        self.read.fetch_request_address.next = self.fetch_request_address.val();
        self.read.fetch_request_beats.next = self.fetch_request_beats.val();
        self.fetch_request_ready.next = self.read.fetch_request_ready.val();
        self.fetch_valid.next = self.read.fetch_valid.val();
        self.read.fetch_ready.next = self.fetch_ready.val();
        self.read.load_request_valid.next = self.load_request_valid.val();
        self.read.load_request_address.next = self.load_request_address.val();
        self.read.load_request_beats.next = self.load_request_beats.val();
        self.read.load_request_turn.next = self.load_request_turn.val();
        self.load_request_ready.next = self.read.load_request_ready.val();
        self.load_valid.next = self.read.load_valid.val();
        self.read.load_ready.next = self.load_ready.val();
        self.read_data.next = self.read.data.val();
        self.read_last.next = self.read.last.val();
        self.read_error.next = self.read.error.val();
        self.write.request_valid.next = self.store_request_valid.val();
        self.write.request_address.next = self.store_request_address.val();
        self.write.request_beats.next = self.store_request_beats.val();
        self.write.request_turn.next = self.store_request_turn.val();
        self.store_request_ready.next = self.write.request_ready.val();
        self.write.data_valid.next = self.store_valid.val();
        self.write.data.next = self.store_data.val();
        self.store_ready.next = self.write.data_ready.val();
        self.store_finished.next = self.write.finished.val();
        self.awid.next = self.write.awid.val();
        self.awaddr.next = self.write.awaddr.val();
        self.awlen.next = self.write.awlen.val();
        self.awsize.next = 3.into();
        self.awburst.next = 1.into();
        self.awvalid.next = self.write.awvalid.val();
        self.write.awready.next = self.awready.val();
        self.wdata.next = self.write.wdata.val();
        self.wstrb.next = self.write.wstrb.val();
        self.wlast.next = self.write.wlast.val();
        self.wvalid.next = self.write.wvalid.val();
        self.write.wready.next = self.wready.val();
        self.write.bid.next = self.bid.val();
        self.write.bresp.next = self.bresp.val();
        self.write.bvalid.next = self.bvalid.val();
        self.bready.next = self.write.bready.val();
        self.arid.next = self.read.arid.val();
        self.araddr.next = self.read.araddr.val();
        self.arlen.next = self.read.arlen.val();
        self.arsize.next = 3.into();
        self.arburst.next = 1.into();
        self.arvalid.next = self.read.arvalid.val();
        self.read.arready.next = self.arready.val();
        self.read.rid.next = self.rid.val();
        self.read.rdata.next = self.rdata.val();
        self.read.rresp.next = self.rresp.val();
        self.read.rlast.next = self.rlast.val();
        self.read.rvalid.next = self.rvalid.val();
        self.rready.next = self.read.rready.val();
    }
}
