//! The engine: every room joined. Nothing is computed here.
//!
//! ```text
//! AXI4-Lite ─► registers ─► control ─► load, compute, vector, loss, store, select
//!                                        │                        │
//! AXI4 ◄──────────── master ◄────────────┴── scratchpads ─────────┘
//! ```
//!
//! Ports: `clock`; `reset` (synchronous, active high); `irq`; the AXI4 master `m_axi_*` (64-bit data, 32-bit addresses); the AXI4-Lite slave
//! `s_axi_*` (registers of `tandem_isa::register`). Reset state: both contexts idle, no window granted.
//! Generics: array rows, lanes and their log2; log2 words of the scratchpads A, B, V, O, Z, G and of one accumulator bank; update lanes;
//! requantise lanes and the groups that a word is to them;
//! log2 of the selector's classes, entry rows and slots. [`crate::configured`] sets them from a named configuration.
use crate::array::Compute;
use crate::control::top::Control;
use crate::link::{
    AxiLite, ContextRegisters, Counters, GlobalRegisters, OwnerWindows, SelectorRegisters,
};
use crate::loss::LossUnit;
use crate::memory::load::Load;
use crate::memory::master::Master;
use crate::memory::store::Store;
use crate::scratchpad::{LanePad, SkewPad};
use crate::select::{SelectUnit, Selector};
use crate::vector::VectorUnit;
use rust_hdl::prelude::*;
use tandem_isa::command::pad;
use tandem_isa::register;
use tandem_isa::Config;

/// The engine.
#[derive(LogicBlock)]
#[allow(missing_docs)] // Ports have the names of the AXI specification.
pub struct Engine<
    const ROWS: usize,
    const LANES: usize,
    const LANE_BITS: usize,
    const A: usize,
    const B: usize,
    const V: usize,
    const O: usize,
    const Z: usize,
    const G: usize,
    const ACC: usize,
    const UPDATE: usize,
    const ELASTIC: usize,
    const REQUANT: usize,
    const GROUPS: usize,
    const CLASS: usize,
    const ROW: usize,
    const SLOT: usize,
> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub irq: Signal<Out, Bit>,
    pub m_axi_awid: Signal<Out, Bits<4>>,
    pub m_axi_awaddr: Signal<Out, Bits<32>>,
    pub m_axi_awlen: Signal<Out, Bits<8>>,
    pub m_axi_awsize: Signal<Out, Bits<3>>,
    pub m_axi_awburst: Signal<Out, Bits<2>>,
    pub m_axi_awvalid: Signal<Out, Bit>,
    pub m_axi_wdata: Signal<Out, Bits<64>>,
    pub m_axi_wstrb: Signal<Out, Bits<8>>,
    pub m_axi_wlast: Signal<Out, Bit>,
    pub m_axi_wvalid: Signal<Out, Bit>,
    pub m_axi_bready: Signal<Out, Bit>,
    pub m_axi_arid: Signal<Out, Bits<4>>,
    pub m_axi_araddr: Signal<Out, Bits<32>>,
    pub m_axi_arlen: Signal<Out, Bits<8>>,
    pub m_axi_arsize: Signal<Out, Bits<3>>,
    pub m_axi_arburst: Signal<Out, Bits<2>>,
    pub m_axi_arvalid: Signal<Out, Bit>,
    pub m_axi_rready: Signal<Out, Bit>,
    pub m_axi_awready: Signal<In, Bit>,
    pub m_axi_wready: Signal<In, Bit>,
    pub m_axi_bid: Signal<In, Bits<4>>,
    pub m_axi_bresp: Signal<In, Bits<2>>,
    pub m_axi_bvalid: Signal<In, Bit>,
    pub m_axi_arready: Signal<In, Bit>,
    pub m_axi_rid: Signal<In, Bits<4>>,
    pub m_axi_rdata: Signal<In, Bits<64>>,
    pub m_axi_rresp: Signal<In, Bits<2>>,
    pub m_axi_rlast: Signal<In, Bit>,
    pub m_axi_rvalid: Signal<In, Bit>,
    pub s_axi_awaddr: Signal<In, Bits<16>>,
    pub s_axi_awvalid: Signal<In, Bit>,
    pub s_axi_wdata: Signal<In, Bits<32>>,
    pub s_axi_wstrb: Signal<In, Bits<4>>,
    pub s_axi_wvalid: Signal<In, Bit>,
    pub s_axi_bready: Signal<In, Bit>,
    pub s_axi_araddr: Signal<In, Bits<16>>,
    pub s_axi_arvalid: Signal<In, Bit>,
    pub s_axi_rready: Signal<In, Bit>,
    pub s_axi_awready: Signal<Out, Bit>,
    pub s_axi_wready: Signal<Out, Bit>,
    pub s_axi_bresp: Signal<Out, Bits<2>>,
    pub s_axi_bvalid: Signal<Out, Bit>,
    pub s_axi_arready: Signal<Out, Bit>,
    pub s_axi_rdata: Signal<Out, Bits<32>>,
    pub s_axi_rresp: Signal<Out, Bits<2>>,
    pub s_axi_rvalid: Signal<Out, Bit>,
    link: AxiLite,
    globals: GlobalRegisters,
    teacher: ContextRegisters,
    student: ContextRegisters,
    windows: OwnerWindows,
    counters: Counters,
    selection: SelectorRegisters,
    control: Control,
    master: Master,
    load: Load<LANES>,
    store: Store<LANES>,
    compute: Compute<ROWS, LANES, LANE_BITS, ACC>,
    vector: VectorUnit<LANES, UPDATE, ELASTIC, REQUANT, GROUPS>,
    loss: LossUnit<LANES>,
    select: SelectUnit,
    selector: Selector<CLASS, ROW, SLOT>,
    pad_a: LanePad<A, LANES>,
    pad_b: SkewPad<B, LANE_BITS, LANES>,
    pad_v: LanePad<V, LANES>,
    pad_o: LanePad<O, LANES>,
    pad_z: LanePad<Z, LANES>,
    pad_g: LanePad<G, LANES>,
    pad_is_a: Constant<Bits<2>>,
    pad_is_b: Constant<Bits<2>>,
    pad_is_v: Constant<Bits<2>>,
    pad_is_z: Constant<Bits<2>>,
    wipe: Signal<Local, Bit>,
    moving: [Signal<Local, Bit>; 6],
    read_any: Signal<Local, Bits<32>>,
}

impl<
        const ROWS: usize,
        const LANES: usize,
        const LANE_BITS: usize,
        const A: usize,
        const B: usize,
        const V: usize,
        const O: usize,
        const Z: usize,
        const G: usize,
        const ACC: usize,
        const UPDATE: usize,
        const ELASTIC: usize,
        const REQUANT: usize,
        const GROUPS: usize,
        const CLASS: usize,
        const ROW: usize,
        const SLOT: usize,
    >
    Engine<
        ROWS,
        LANES,
        LANE_BITS,
        A,
        B,
        V,
        O,
        Z,
        G,
        ACC,
        UPDATE,
        ELASTIC,
        REQUANT,
        GROUPS,
        CLASS,
        ROW,
        SLOT,
    >
{
    /// The engine of a configuration whose sizes are the generics.
    pub fn new(config: &Config) -> Self {
        let number = |p: u8| Constant::new(Bits::from(p as u64));
        Self {
            clock: Default::default(),
            reset: Default::default(),
            irq: Default::default(),
            m_axi_awid: Default::default(),
            m_axi_awaddr: Default::default(),
            m_axi_awlen: Default::default(),
            m_axi_awsize: Default::default(),
            m_axi_awburst: Default::default(),
            m_axi_awvalid: Default::default(),
            m_axi_wdata: Default::default(),
            m_axi_wstrb: Default::default(),
            m_axi_wlast: Default::default(),
            m_axi_wvalid: Default::default(),
            m_axi_bready: Default::default(),
            m_axi_arid: Default::default(),
            m_axi_araddr: Default::default(),
            m_axi_arlen: Default::default(),
            m_axi_arsize: Default::default(),
            m_axi_arburst: Default::default(),
            m_axi_arvalid: Default::default(),
            m_axi_rready: Default::default(),
            m_axi_awready: Default::default(),
            m_axi_wready: Default::default(),
            m_axi_bid: Default::default(),
            m_axi_bresp: Default::default(),
            m_axi_bvalid: Default::default(),
            m_axi_arready: Default::default(),
            m_axi_rid: Default::default(),
            m_axi_rdata: Default::default(),
            m_axi_rresp: Default::default(),
            m_axi_rlast: Default::default(),
            m_axi_rvalid: Default::default(),
            s_axi_awaddr: Default::default(),
            s_axi_awvalid: Default::default(),
            s_axi_wdata: Default::default(),
            s_axi_wstrb: Default::default(),
            s_axi_wvalid: Default::default(),
            s_axi_bready: Default::default(),
            s_axi_araddr: Default::default(),
            s_axi_arvalid: Default::default(),
            s_axi_rready: Default::default(),
            s_axi_awready: Default::default(),
            s_axi_wready: Default::default(),
            s_axi_bresp: Default::default(),
            s_axi_bvalid: Default::default(),
            s_axi_arready: Default::default(),
            s_axi_rdata: Default::default(),
            s_axi_rresp: Default::default(),
            s_axi_rvalid: Default::default(),
            link: Default::default(),
            globals: GlobalRegisters::new(config),
            teacher: ContextRegisters::new(register::TEACHER),
            student: ContextRegisters::new(register::STUDENT),
            windows: Default::default(),
            counters: Default::default(),
            selection: Default::default(),
            control: Control::new(config.has_elastic),
            master: Default::default(),
            load: Default::default(),
            store: Default::default(),
            compute: Default::default(),
            vector: Default::default(),
            loss: Default::default(),
            select: Default::default(),
            selector: Default::default(),
            pad_a: Default::default(),
            pad_b: Default::default(),
            pad_v: Default::default(),
            pad_o: Default::default(),
            pad_z: Default::default(),
            pad_g: Default::default(),
            pad_is_a: number(pad::A),
            pad_is_b: number(pad::B),
            pad_is_v: number(pad::V),
            pad_is_z: number(pad::Z),
            wipe: Default::default(),
            moving: Default::default(),
            read_any: Default::default(),
        }
    }
}

impl<
        const ROWS: usize,
        const LANES: usize,
        const LANE_BITS: usize,
        const A: usize,
        const B: usize,
        const V: usize,
        const O: usize,
        const Z: usize,
        const G: usize,
        const ACC: usize,
        const UPDATE: usize,
        const ELASTIC: usize,
        const REQUANT: usize,
        const GROUPS: usize,
        const CLASS: usize,
        const ROW: usize,
        const SLOT: usize,
    > Logic
    for Engine<
        ROWS,
        LANES,
        LANE_BITS,
        A,
        B,
        V,
        O,
        Z,
        G,
        ACC,
        UPDATE,
        ELASTIC,
        REQUANT,
        GROUPS,
        CLASS,
        ROW,
        SLOT,
    >
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, link, globals, teacher, student, counters, selection, control, master);
        clock!(self, clock, load, store, compute, vector, loss, select, selector);
        clock!(self, clock, pad_a, pad_b, pad_v, pad_o, pad_z, pad_g);
        self.wipe.next = self.reset.val() | self.control.soft_reset.val();
        self.link.reset.next = self.reset.val();
        self.globals.reset.next = self.reset.val();
        self.teacher.reset.next = self.reset.val();
        self.student.reset.next = self.reset.val();
        self.counters.reset.next = self.reset.val();
        self.selection.reset.next = self.reset.val();
        self.control.reset.next = self.reset.val();
        self.selector.reset.next = self.reset.val();
        self.master.hard_reset.next = self.reset.val();
        self.master.reset.next = self.control.soft_reset.val();
        self.load.reset.next = self.wipe.val();
        self.store.reset.next = self.wipe.val();
        self.compute.reset.next = self.wipe.val();
        self.vector.reset.next = self.wipe.val();
        self.loss.reset.next = self.wipe.val();
        self.select.reset.next = self.wipe.val();

        // Host port and registers.
        self.link.awaddr.next = self.s_axi_awaddr.val();
        self.link.awvalid.next = self.s_axi_awvalid.val();
        self.link.wdata.next = self.s_axi_wdata.val();
        self.link.wstrb.next = self.s_axi_wstrb.val();
        self.link.wvalid.next = self.s_axi_wvalid.val();
        self.link.bready.next = self.s_axi_bready.val();
        self.link.araddr.next = self.s_axi_araddr.val();
        self.link.arvalid.next = self.s_axi_arvalid.val();
        self.link.rready.next = self.s_axi_rready.val();
        self.s_axi_awready.next = self.link.awready.val();
        self.s_axi_wready.next = self.link.wready.val();
        self.s_axi_bresp.next = self.link.bresp.val();
        self.s_axi_bvalid.next = self.link.bvalid.val();
        self.s_axi_arready.next = self.link.arready.val();
        self.s_axi_rdata.next = self.link.rdata.val();
        self.s_axi_rresp.next = self.link.rresp.val();
        self.s_axi_rvalid.next = self.link.rvalid.val();
        self.globals.write.next = self.link.write.val();
        self.globals.write_address.next = self.link.write_address.val();
        self.globals.write_data.next = self.link.write_data.val();
        self.globals.read.next = self.link.read.val();
        self.globals.read_address.next = self.link.read_address.val();
        self.selection.write.next = self.link.write.val();
        self.selection.write_address.next = self.link.write_address.val();
        self.selection.write_data.next = self.link.write_data.val();
        self.selection.read.next = self.link.read.val();
        self.selection.read_address.next = self.link.read_address.val();
        self.counters.read.next = self.link.read.val();
        self.counters.read_address.next = self.link.read_address.val();
        self.counters.clear.next = self.globals.counters_clear.val();
        self.teacher.write.next = self.link.write.val();
        self.teacher.write_address.next = self.link.write_address.val();
        self.teacher.write_data.next = self.link.write_data.val();
        self.teacher.read.next = self.link.read.val();
        self.teacher.read_address.next = self.link.read_address.val();
        self.teacher.clear.next = self.globals.counters_clear.val();
        self.teacher.state.next = self.control.state[0].val();
        self.teacher.issued.next = self.control.issued[0].val();
        self.teacher.error_code.next = self.control.error_code[0].val();
        self.teacher.error_command.next = self.control.error_command[0].val();
        self.teacher.error_value.next = self.control.error_value[0].val();
        self.teacher.latency.next = self.control.latency[0].val();
        self.control.base[0].next = self.teacher.first_command.val();
        self.control.length[0].next = self.teacher.length.val();
        self.control.doorbell[0].next = self.teacher.doorbell.val();
        self.globals.finished[0].next = self.control.finish[0].val();
        self.globals.fault[0].next = self.control.fail[0].val();
        self.student.write.next = self.link.write.val();
        self.student.write_address.next = self.link.write_address.val();
        self.student.write_data.next = self.link.write_data.val();
        self.student.read.next = self.link.read.val();
        self.student.read_address.next = self.link.read_address.val();
        self.student.clear.next = self.globals.counters_clear.val();
        self.student.state.next = self.control.state[1].val();
        self.student.issued.next = self.control.issued[1].val();
        self.student.error_code.next = self.control.error_code[1].val();
        self.student.error_command.next = self.control.error_command[1].val();
        self.student.error_value.next = self.control.error_value[1].val();
        self.student.latency.next = self.control.latency[1].val();
        self.control.base[1].next = self.student.first_command.val();
        self.control.length[1].next = self.student.length.val();
        self.control.doorbell[1].next = self.student.doorbell.val();
        self.globals.finished[1].next = self.control.finish[1].val();
        self.globals.fault[1].next = self.control.fail[1].val();
        self.teacher.owns.next = self.control.owns[0].val();
        self.student.owns.next = self.control.owns[1].val();
        self.read_any.next = self.globals.read_data.val()
            | self.selection.read_data.val()
            | self.counters.read_data.val();
        self.link.read_data.next =
            self.read_any.val() | self.teacher.read_data.val() | self.student.read_data.val();
        self.irq.next = self.globals.irq.val();
        self.globals.running.next = self.control.busy.val();
        self.globals.active.next = self.control.active.val();
        self.globals.outstanding.next = !self.master.quiet.val();
        self.globals.loss_sample.next = self.loss.sample.val();
        self.globals.loss_correct.next = self.loss.correct.val();
        self.vector.site_index.next = self.globals.site_index.val();
        self.vector.site_write.next = self.globals.site_write.val();
        self.vector.site_write_data.next = self.globals.site_write_data.val();
        self.vector.site_clear_clipped.next = self.globals.site_clear_clipped.val();
        self.vector.site_clear_underflow.next = self.globals.site_clear_underflow.val();
        self.globals.site_state.next = self.vector.site_state.val();
        self.globals.site_clipped.next = self.vector.site_clipped.val();
        self.globals.site_underflow.next = self.vector.site_underflow.val();
        self.globals.site_mask.next = self.vector.site_mask.val();

        // Control.
        self.control.clear.next = self.globals.reset_engine.val();
        self.control.schedule.next = self.globals.schedule.val();
        self.control.watchdog.next = self.globals.watchdog.val();
        self.control.counters_clear.next = self.globals.counters_clear.val();
        self.counters.running.next = self.control.busy.val();
        self.counters.phase.next = self.compute.phase.val();
        self.counters.switches.next = self.control.switches.val();
        self.counters.switch_cycles.next = self.control.switch_cycles.val();
        self.counters.read_beat.next = self.master.read_beat.val();
        self.counters.write_beat.next = self.master.write_beat.val();
        self.load.start.next = self.control.start[0].val();
        self.load.command.next = self.control.command[0].val();
        self.control.taken[0].next = self.load.taken.val();
        self.control.done[0].next = self.load.done.val();
        self.moving[0].next = self.load.busy.val() & !self.load.stalled.val();
        self.control.unit_error[0].next = false;
        self.control.unit_code[0].next = 0.into();
        self.control.unit_value[0].next = 0.into();
        self.compute.start.next = self.control.start[1].val();
        self.compute.command.next = self.control.command[1].val();
        self.control.taken[1].next = self.compute.taken.val();
        self.control.done[1].next = self.compute.done.val();
        self.moving[1].next = self.compute.busy.val() & !self.compute.stalled.val();
        self.control.unit_error[1].next = false;
        self.control.unit_code[1].next = 0.into();
        self.control.unit_value[1].next = 0.into();
        self.vector.start.next = self.control.start[2].val();
        self.vector.command.next = self.control.command[2].val();
        self.control.taken[2].next = self.vector.done.val();
        self.control.done[2].next = self.vector.done.val();
        self.moving[2].next = self.vector.busy.val() & !self.vector.stalled.val();
        self.control.unit_error[2].next = self.vector.error.val();
        self.control.unit_code[2].next = self.vector.error_code.val();
        self.control.unit_value[2].next = self.vector.error_value.val();
        self.loss.start.next = self.control.start[3].val();
        self.loss.command.next = self.control.command[3].val();
        self.control.taken[3].next = self.loss.done.val();
        self.control.done[3].next = self.loss.done.val();
        self.moving[3].next = self.loss.busy.val() & !self.loss.stalled.val();
        self.control.unit_error[3].next = false;
        self.control.unit_code[3].next = 0.into();
        self.control.unit_value[3].next = 0.into();
        self.store.start.next = self.control.start[4].val();
        self.store.command.next = self.control.command[4].val();
        self.control.taken[4].next = self.store.taken.val();
        self.control.done[4].next = self.store.done.val();
        self.moving[4].next = self.store.busy.val() & !self.store.stalled.val();
        self.control.unit_error[4].next = false;
        self.control.unit_code[4].next = 0.into();
        self.control.unit_value[4].next = 0.into();
        self.select.start.next = self.control.start[5].val();
        self.select.command.next = self.control.command[5].val();
        self.control.taken[5].next = self.select.done.val();
        self.control.done[5].next = self.select.done.val();
        self.moving[5].next = self.select.busy.val() & !self.select.stalled.val();
        self.control.unit_error[5].next = false;
        self.control.unit_code[5].next = 0.into();
        self.control.unit_value[5].next = 0.into();
        for i in 0..6 {
            self.counters.moving[i].next = self.moving[i].val();
            self.counters.has_command[i].next = self.control.has_command[i].val();
        }
        self.control.progress.next = self.moving[0].val()
            | self.moving[1].val()
            | self.moving[2].val()
            | self.moving[3].val()
            | self.moving[4].val()
            | self.moving[5].val()
            | self.master.read_beat.val()
            | self.master.write_beat.val();

        // Bus master.
        self.master.kill.next = self.control.kill.val();
        self.master.epoch.next = self.control.epoch.val();
        self.windows.student.next = self.control.active.val();
        for i in 0..4 {
            self.windows.teacher_base[i].next = self.teacher.window_base[i].val();
            self.windows.teacher_end[i].next = self.teacher.window_end[i].val();
            self.windows.teacher_permissions[i].next = self.teacher.window_permissions[i].val();
            self.windows.student_base[i].next = self.student.window_base[i].val();
            self.windows.student_end[i].next = self.student.window_end[i].val();
            self.windows.student_permissions[i].next = self.student.window_permissions[i].val();
            self.master.window_base[i].next = self.windows.base[i].val();
            self.master.window_end[i].next = self.windows.end[i].val();
            self.master.window_permissions[i].next = self.windows.permissions[i].val();
        }
        self.control.master_error.next = self.master.error.val();
        self.control.master_code.next = self.master.error_code.val();
        self.control.master_value.next = self.master.error_value.val();
        self.control.master_turn.next = self.master.error_turn.val();
        self.control.quiet.next = self.master.quiet.val();
        self.master.fetch_request_valid.next = self.control.request_valid.val();
        self.control.request_ready.next = self.master.fetch_request_ready.val();
        self.master.fetch_request_address.next = self.control.request_address.val();
        self.master.fetch_request_beats.next = self.control.request_beats.val();
        self.control.data_valid.next = self.master.fetch_valid.val();
        self.master.fetch_ready.next = self.control.data_ready.val();
        self.control.data.next = self.master.read_data.val();
        self.control.data_error.next = self.master.read_error.val();
        self.master.load_request_valid.next = self.load.request_valid.val();
        self.load.request_ready.next = self.master.load_request_ready.val();
        self.master.load_request_address.next = self.load.request_address.val();
        self.master.load_request_beats.next = self.load.request_beats.val();
        self.master.load_request_turn.next = self.load.request_turn.val();
        self.load.data_valid.next = self.master.load_valid.val();
        self.master.load_ready.next = self.load.data_ready.val();
        self.load.data.next = self.master.read_data.val();
        self.master.store_request_valid.next = self.store.request_valid.val();
        self.store.request_ready.next = self.master.store_request_ready.val();
        self.master.store_request_address.next = self.store.request_address.val();
        self.master.store_request_beats.next = self.store.request_beats.val();
        self.master.store_request_turn.next = self.store.request_turn.val();
        self.master.store_valid.next = self.store.data_valid.val();
        self.store.data_ready.next = self.master.store_ready.val();
        self.master.store_data.next = self.store.data.val();
        self.store.finished.next = self.master.store_finished.val();
        self.m_axi_awid.next = self.master.awid.val();
        self.m_axi_awaddr.next = self.master.awaddr.val();
        self.m_axi_awlen.next = self.master.awlen.val();
        self.m_axi_awsize.next = self.master.awsize.val();
        self.m_axi_awburst.next = self.master.awburst.val();
        self.m_axi_awvalid.next = self.master.awvalid.val();
        self.m_axi_wdata.next = self.master.wdata.val();
        self.m_axi_wstrb.next = self.master.wstrb.val();
        self.m_axi_wlast.next = self.master.wlast.val();
        self.m_axi_wvalid.next = self.master.wvalid.val();
        self.m_axi_bready.next = self.master.bready.val();
        self.m_axi_arid.next = self.master.arid.val();
        self.m_axi_araddr.next = self.master.araddr.val();
        self.m_axi_arlen.next = self.master.arlen.val();
        self.m_axi_arsize.next = self.master.arsize.val();
        self.m_axi_arburst.next = self.master.arburst.val();
        self.m_axi_arvalid.next = self.master.arvalid.val();
        self.m_axi_rready.next = self.master.rready.val();
        self.master.awready.next = self.m_axi_awready.val();
        self.master.wready.next = self.m_axi_wready.val();
        self.master.bid.next = self.m_axi_bid.val();
        self.master.bresp.next = self.m_axi_bresp.val();
        self.master.bvalid.next = self.m_axi_bvalid.val();
        self.master.arready.next = self.m_axi_arready.val();
        self.master.rid.next = self.m_axi_rid.val();
        self.master.rdata.next = self.m_axi_rdata.val();
        self.master.rresp.next = self.m_axi_rresp.val();
        self.master.rlast.next = self.m_axi_rlast.val();
        self.master.rvalid.next = self.m_axi_rvalid.val();

        // Scratchpads: load writes A, B, V and Z; vector writes O, loss writes G; store reads O and G.
        self.pad_a.we.next = self.load.we.val() & (self.load.pad.val() == self.pad_is_a.val());
        self.pad_b.we.next = self.load.we.val() & (self.load.pad.val() == self.pad_is_b.val());
        self.pad_v.we.next = self.load.we.val() & (self.load.pad.val() == self.pad_is_v.val());
        self.pad_z.we.next = self.load.we.val() & (self.load.pad.val() == self.pad_is_z.val());
        self.pad_a.waddr.next = self.load.waddr.val().get_bits::<A>(0);
        self.pad_b.waddr.next = self.load.waddr.val().get_bits::<B>(0);
        self.pad_v.waddr.next = self.load.waddr.val().get_bits::<V>(0);
        self.pad_z.waddr.next = self.load.waddr.val().get_bits::<Z>(0);
        self.pad_b.wskew.next = self.load.wskew.val();
        self.pad_a.raddr.next = self.compute.a_addr.val().get_bits::<A>(0);
        self.pad_b.raddr.next = self.compute.b_addr.val().get_bits::<B>(0);
        self.pad_b.mode.next = self.compute.b_mode.val();
        self.pad_b.index.next = self.compute.b_index.val();
        self.pad_b.blank.next = self.compute.b_blank.val();
        self.pad_v.raddr.next = self.vector.v_addr.val().get_bits::<V>(0);
        self.pad_z.raddr.next = self.loss.z_addr.val().get_bits::<Z>(0);
        self.pad_o.we.next = self.vector.o_we.val();
        self.pad_o.waddr.next = self.vector.o_addr.val().get_bits::<O>(0);
        self.pad_g.we.next = self.loss.g_we.val();
        self.pad_g.waddr.next = self.loss.g_addr.val().get_bits::<G>(0);
        self.pad_o.raddr.next = self.store.raddr.val().get_bits::<O>(0);
        self.pad_g.raddr.next = self.store.raddr.val().get_bits::<G>(0);
        self.compute.acc_read.next = self.vector.acc_read.val();
        self.compute.acc_addr.next = self.vector.acc_addr.val();
        self.vector.acc_grant.next = self.compute.acc_grant.val();
        for i in 0..LANES {
            self.pad_a.wdata[i].next = self.load.wdata[i].val();
            self.pad_b.wdata[i].next = self.load.wdata[i].val();
            self.pad_v.wdata[i].next = self.load.wdata[i].val();
            self.pad_z.wdata[i].next = self.load.wdata[i].val();
            self.compute.a_data[i].next = self.pad_a.rdata[i].val();
            self.compute.b_data[i].next = self.pad_b.rdata[i].val();
            self.vector.v_data[i].next = self.pad_v.rdata[i].val();
            self.vector.acc_data[i].next = self.compute.acc_data[i].val();
            self.pad_o.wdata[i].next = self.vector.o_data[i].val();
            self.loss.z_data[i].next = self.pad_z.rdata[i].val();
            self.pad_g.wdata[i].next = self.loss.g_data[i].val();
            self.store.rdata[i].next = self.pad_o.rdata[i].val();
            if self.store.pad.val() {
                self.store.rdata[i].next = self.pad_g.rdata[i].val();
            }
        }

        // Loss, select and the selector.
        self.vector.lookup_site.next = self.loss.lookup_site.val();
        self.loss.lookup_f.next = self.vector.lookup_f.val();
        self.select.score_valid.next = self.loss.score_valid.val();
        self.loss.score_ready.next = self.select.score_ready.val();
        self.select.score_last.next = self.loss.score_last.val();
        self.select.to_ready.next = self.selector.score_ready.val();
        self.select.selector_busy.next = self.selector.busy.val();
        self.selector.score_valid.next = self.select.to_valid.val();
        self.selector.score_class.next = self.loss.score_class.val();
        self.selector.score_confidence.next = self.loss.score_confidence.val();
        self.selector.score_slot.next = self.loss.score_slot.val();
        self.selector.score_first.next = self.loss.score_first.val();
        self.selector.score_last.next = self.loss.score_last.val();
        self.selector.k.next = self.selection.sel_k.val();
        self.selector.heap_shift.next = self.selection.sel_shift.val();
        self.selector.key_mode.next = self.selection.sel_mode.val();
        self.selector.threshold.next = self.selection.sel_threshold.val();
        self.selector.min_confidence.next = self.selection.sel_min_confidence.val();
        self.selector.spacing.next = self.selection.sel_spacing.val();
        self.selector.hash_key.next = self.selection.sel_hash_key.val();
        self.selector.refresh.next = self.selection.sel_refresh.val();
        self.selector.event_write.next = self.selection.sel_event_write.val();
        self.selector.event_class.next = self.selection.sel_event_class.val();
        self.selector.event_slot.next = self.selection.sel_event_slot.val();
        self.selector.mask_write.next = self.selection.sel_mask_write.val();
        self.selector.mask_class.next = self.selection.sel_mask_class.val();
        self.selector.mask_enable.next = self.selection.sel_mask_enable.val();
        self.selector.clear.next = self.selection.sel_clear.val();
        self.selector.freed_ready.next = self.selection.sel_freed_ready.val();
        self.selector.read_class.next = self.selection.sel_read_class.val();
        self.selector.read_index.next = self.selection.sel_read_index.val();
        self.selection.sel_busy.next = self.selector.busy.val();
        self.selection.sel_freed_valid.next = self.selector.freed_valid.val();
        self.selection.sel_freed_slot.next = self.selector.freed_slot.val();
        self.selection.sel_freed_count.next = self.selector.freed_count.val();
        self.selection.sel_read_count.next = self.selector.read_count.val();
        self.selection.sel_read_key.next = self.selector.read_key.val();
        self.selection.sel_read_arrival.next = self.selector.read_arrival.val();
        self.selection.sel_read_slot.next = self.selector.read_slot.val();
        self.selection.sel_seen.next = self.selector.seen.val();
        self.selection.sel_kept.next = self.selector.kept.val();
        self.selection.sel_replaced.next = self.selector.replaced.val();
        self.selection.sel_rejected.next = self.selector.rejected.val();
    }
}
