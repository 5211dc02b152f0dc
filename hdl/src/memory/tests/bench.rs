//! Master, load and store wired as in the engine, with the AXI pins, the pads and the fetch client outside.
use super::axi::{Ax, FromMaster, FromMemory};
use crate::memory::load::Load;
use crate::memory::master::Master;
use crate::memory::store::Store;
use rust_hdl::prelude::*;
use std::array::from_fn;

/// The memory side of the engine.
#[derive(LogicBlock)]
pub struct Bench<const L: usize> {
    pub clock: Signal<In, Clock>,
    pub window_base: [Signal<In, Bits<32>>; 4],
    pub window_end: [Signal<In, Bits<32>>; 4],
    pub window_permissions: [Signal<In, Bits<2>>; 4],
    pub hard_reset: Signal<In, Bit>,
    pub reset: Signal<In, Bit>,
    pub kill: Signal<In, Bit>,
    pub epoch: Signal<In, Bits<4>>,
    pub fetch_request_valid: Signal<In, Bit>,
    pub fetch_request_address: Signal<In, Bits<32>>,
    pub fetch_request_beats: Signal<In, Bits<24>>,
    pub fetch_ready: Signal<In, Bit>,
    pub fetch_request_ready: Signal<Out, Bit>,
    pub fetch_valid: Signal<Out, Bit>,
    pub read_data: Signal<Out, Bits<64>>,
    pub read_last: Signal<Out, Bit>,
    pub read_error: Signal<Out, Bit>,
    pub error: Signal<Out, Bit>,
    pub error_code: Signal<Out, Bits<8>>,
    pub error_value: Signal<Out, Bits<32>>,
    pub quiet: Signal<Out, Bit>,
    pub read_beat: Signal<Out, Bit>,
    pub write_beat: Signal<Out, Bit>,
    pub load_start: Signal<In, Bit>,
    pub load_command: Signal<In, Bits<512>>,
    pub load_busy: Signal<Out, Bit>,
    pub load_done: Signal<Out, Bit>,
    pub load_stalled: Signal<Out, Bit>,
    pub we: Signal<Out, Bit>,
    pub load_pad: Signal<Out, Bits<2>>,
    pub waddr: Signal<Out, Bits<16>>,
    pub wskew: Signal<Out, Bit>,
    pub pad_wdata: [Signal<Out, Bits<16>>; L],
    pub store_start: Signal<In, Bit>,
    pub store_command: Signal<In, Bits<512>>,
    pub store_busy: Signal<Out, Bit>,
    pub store_done: Signal<Out, Bit>,
    pub store_stalled: Signal<Out, Bit>,
    pub store_pad: Signal<Out, Bit>,
    pub raddr: Signal<Out, Bits<16>>,
    pub pad_rdata: [Signal<In, Bits<16>>; L],
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
    master: Master,
    load: Load<L>,
    store: Store<L>,
}

default_block! { Bench<L>, [const L: usize] {
    pad_wdata = from_fn(|_| Default::default()),
    pad_rdata = from_fn(|_| Default::default());
    clock window_base window_end window_permissions
    hard_reset reset kill epoch fetch_request_valid fetch_request_address fetch_request_beats fetch_ready
    fetch_request_ready fetch_valid read_data read_last read_error error error_code error_value quiet read_beat write_beat
    load_start load_command load_busy load_done load_stalled we load_pad waddr wskew
    store_start store_command store_busy store_done store_stalled store_pad raddr
    awid awaddr awlen awsize awburst awvalid awready wdata wstrb wlast wvalid wready bid bresp bvalid bready arid araddr arlen arsize arburst arvalid arready rid rdata rresp rlast rvalid rready
    master load store
} }

impl<const L: usize> Logic for Bench<L> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, master, load, store);
        self.load.reset.next = self.reset.val() | self.hard_reset.val();
        self.store.reset.next = self.reset.val() | self.hard_reset.val();
        for i in 0..4 {
            self.master.window_base[i].next = self.window_base[i].val();
            self.master.window_end[i].next = self.window_end[i].val();
            self.master.window_permissions[i].next = self.window_permissions[i].val();
        }
        self.master.hard_reset.next = self.hard_reset.val();
        self.master.reset.next = self.reset.val();
        self.master.kill.next = self.kill.val();
        self.master.epoch.next = self.epoch.val();
        self.master.fetch_request_valid.next = self.fetch_request_valid.val();
        self.master.fetch_request_address.next = self.fetch_request_address.val();
        self.master.fetch_request_beats.next = self.fetch_request_beats.val();
        self.master.fetch_ready.next = self.fetch_ready.val();
        self.fetch_request_ready.next = self.master.fetch_request_ready.val();
        self.fetch_valid.next = self.master.fetch_valid.val();
        self.read_data.next = self.master.read_data.val();
        self.read_last.next = self.master.read_last.val();
        self.read_error.next = self.master.read_error.val();
        self.error.next = self.master.error.val();
        self.error_code.next = self.master.error_code.val();
        self.error_value.next = self.master.error_value.val();
        self.quiet.next = self.master.quiet.val();
        self.read_beat.next = self.master.read_beat.val();
        self.write_beat.next = self.master.write_beat.val();

        self.load.start.next = self.load_start.val();
        self.load.command.next = self.load_command.val();
        self.load_busy.next = self.load.busy.val();
        self.load_done.next = self.load.done.val();
        self.load_stalled.next = self.load.stalled.val();
        self.we.next = self.load.we.val();
        self.load_pad.next = self.load.pad.val();
        self.waddr.next = self.load.waddr.val();
        self.wskew.next = self.load.wskew.val();
        self.master.load_request_valid.next = self.load.request_valid.val();
        self.master.load_request_address.next = self.load.request_address.val();
        self.master.load_request_beats.next = self.load.request_beats.val();
        self.master.load_request_turn.next = self.load.request_turn.val();
        self.load.request_ready.next = self.master.load_request_ready.val();
        self.load.data_valid.next = self.master.load_valid.val();
        self.load.data.next = self.master.read_data.val();
        self.master.load_ready.next = self.load.data_ready.val();

        self.store.start.next = self.store_start.val();
        self.store.command.next = self.store_command.val();
        self.store_busy.next = self.store.busy.val();
        self.store_done.next = self.store.done.val();
        self.store_stalled.next = self.store.stalled.val();
        self.store_pad.next = self.store.pad.val();
        self.raddr.next = self.store.raddr.val();
        self.master.store_request_valid.next = self.store.request_valid.val();
        self.master.store_request_address.next = self.store.request_address.val();
        self.master.store_request_beats.next = self.store.request_beats.val();
        self.master.store_request_turn.next = self.store.request_turn.val();
        self.store.request_ready.next = self.master.store_request_ready.val();
        self.master.store_valid.next = self.store.data_valid.val();
        self.master.store_data.next = self.store.data.val();
        self.store.data_ready.next = self.master.store_ready.val();
        self.store.finished.next = self.master.store_finished.val();
        for i in 0..L {
            self.pad_wdata[i].next = self.load.wdata[i].val();
            self.store.rdata[i].next = self.pad_rdata[i].val();
        }

        self.awid.next = self.master.awid.val();
        self.awaddr.next = self.master.awaddr.val();
        self.awlen.next = self.master.awlen.val();
        self.awsize.next = self.master.awsize.val();
        self.awburst.next = self.master.awburst.val();
        self.awvalid.next = self.master.awvalid.val();
        self.master.awready.next = self.awready.val();
        self.wdata.next = self.master.wdata.val();
        self.wstrb.next = self.master.wstrb.val();
        self.wlast.next = self.master.wlast.val();
        self.wvalid.next = self.master.wvalid.val();
        self.master.wready.next = self.wready.val();
        self.master.bid.next = self.bid.val();
        self.master.bresp.next = self.bresp.val();
        self.master.bvalid.next = self.bvalid.val();
        self.bready.next = self.master.bready.val();
        self.arid.next = self.master.arid.val();
        self.araddr.next = self.master.araddr.val();
        self.arlen.next = self.master.arlen.val();
        self.arsize.next = self.master.arsize.val();
        self.arburst.next = self.master.arburst.val();
        self.arvalid.next = self.master.arvalid.val();
        self.master.arready.next = self.arready.val();
        self.master.rid.next = self.rid.val();
        self.master.rdata.next = self.rdata.val();
        self.master.rresp.next = self.rresp.val();
        self.master.rlast.next = self.rlast.val();
        self.master.rvalid.next = self.rvalid.val();
        self.rready.next = self.master.rready.val();
    }
}

fn num<const N: usize>(signal: &Signal<Out, Bits<N>>) -> u64 {
    signal.val().to_u64()
}

impl<const L: usize> Bench<L> {
    /// Puts on its pins what the memory shows.
    pub fn drive(&mut self, memory: &FromMemory) {
        self.awready.next = memory.awready;
        self.wready.next = memory.wready;
        self.arready.next = memory.arready;
        let (id, response) = memory.b.unwrap_or_default();
        self.bvalid.next = memory.b.is_some();
        self.bid.next = u64::from(id).into();
        self.bresp.next = u64::from(response).into();
        let (id, data, response, last) = memory.r.unwrap_or_default();
        self.rvalid.next = memory.r.is_some();
        self.rid.next = u64::from(id).into();
        self.rdata.next = data.into();
        self.rresp.next = u64::from(response).into();
        self.rlast.next = last;
    }

    /// What its pins show.
    pub fn shown(&self) -> FromMaster {
        let aw: Ax = (
            num(&self.awid) as u8,
            num(&self.awaddr) as u32,
            num(&self.awlen) as u8,
            num(&self.awsize) as u8,
            num(&self.awburst) as u8,
        );
        let ar: Ax = (
            num(&self.arid) as u8,
            num(&self.araddr) as u32,
            num(&self.arlen) as u8,
            num(&self.arsize) as u8,
            num(&self.arburst) as u8,
        );
        let w = (num(&self.wdata), num(&self.wstrb) as u8, self.wlast.val());
        FromMaster {
            aw: self.awvalid.val().then_some(aw),
            w: self.wvalid.val().then_some(w),
            ar: self.arvalid.val().then_some(ar),
            bready: self.bready.val(),
            rready: self.rready.val(),
        }
    }
}
