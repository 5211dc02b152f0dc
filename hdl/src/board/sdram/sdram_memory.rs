//! The SDRAM as a memory: the [`LineBridge`], rust-hdl's burst controller and the registers of its pins. For
//! a chip of 13 row bits, 9 column bits, 4 banks and 16 data bits: 32 MB.
//!
//! Ports: AXI4 and `memory_*` as the bridge's; `sdram_*`: the pins, registered. The chip's clock is `clock` inverted and its
//! latency 3: a command of the pins in one cycle is taken in the middle of it, and `sdram_read_data` is what the middle of
//! the third cycle after it shows, taken by a register on the falling edge that is the board's. `sdram_drive`: the data
//! pins are ours. CKE is to be high, the masks low.
//!
//! Reset state: as the bridge's; the controller has none, it begins at power-up and refreshes from then on. Figures in `docs/boards/ulx3s.md`.
use super::LineBridge;
use crate::leaf::Dff;
use rust_hdl::prelude::*;
use rust_hdl::widgets::sdram::burst_controller::SDRAMBurstController;
use rust_hdl::widgets::sdram::timings::MemoryTimings;
use rust_hdl::widgets::sdram::OutputBuffer;

/// CAS latency, cycles.
pub const CAS_LATENCY: u32 = 3;

/// Timings of an MT48LC16M16A2-75 or slower kin (IS42S16160-7, AS4C16M16SA-7), of their data sheets the longest.
pub fn timings(clock: f64) -> MemoryTimings {
    MemoryTimings {
        initial_delay_in_nanoseconds: 200e3,
        t_rp_recharge_period_nanoseconds: 20.0,
        t_rfc_autorefresh_period_nanoseconds: 66.0,
        load_mode_command_timing_clocks: 2,
        t_ras_row_active_min_time_nanoseconds: 45.0,
        t_rc_row_to_row_min_time_nanoseconds: 66.0,
        t_rcd_row_to_column_min_time_nanoseconds: 20.0,
        t_rrd_bank_to_bank_activate_min_time_nanoseconds: 15.0,
        t_wr_write_recovery_time_nanoseconds: 15.0,
        t_refresh_max_interval_nanoseconds: 64e6 / 8192.0,
        clock_speed_hz: clock,
        columns_per_bank: 512,
        rows_per_bank: 8192,
        num_banks: 4,
    }
}

/// The SDRAM as a memory.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The header says what the ports are.
pub struct SdramMemory {
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
    pub sdram_csn: Signal<Out, Bit>,
    pub sdram_rasn: Signal<Out, Bit>,
    pub sdram_casn: Signal<Out, Bit>,
    pub sdram_wen: Signal<Out, Bit>,
    pub sdram_ba: Signal<Out, Bits<2>>,
    pub sdram_a: Signal<Out, Bits<13>>,
    pub sdram_write_data: Signal<Out, Bits<16>>,
    pub sdram_drive: Signal<Out, Bit>,
    pub sdram_read_data: Signal<In, Bits<16>>,
    bridge: LineBridge,
    controller: SDRAMBurstController<13, 9, 32, 16>,
    // Commands as their wires are asserted, so that a register's 0 at power-up is no command.
    selected: Dff<Bit>,
    row: Dff<Bit>,
    column: Dff<Bit>,
    write: Dff<Bit>,
    bank: Dff<Bits<2>>,
    address: Dff<Bits<13>>,
    data: Dff<Bits<16>>,
    drive: Dff<Bit>,
    writing: Dff<Bit>,
    activates: Signal<Local, Bit>,
}

impl SdramMemory {
    /// A memory with those timings.
    pub fn new(timings: MemoryTimings) -> Self {
        Self {
            // The pins' registers are a cycle, those of the data another in the middle of which it is taken.
            controller: SDRAMBurstController::new(CAS_LATENCY, timings, OutputBuffer::DelayOne),
            clock: Default::default(),
            reset: Default::default(),
            awid: Default::default(),
            awaddr: Default::default(),
            awlen: Default::default(),
            awvalid: Default::default(),
            awready: Default::default(),
            wdata: Default::default(),
            wstrb: Default::default(),
            wvalid: Default::default(),
            wready: Default::default(),
            bid: Default::default(),
            bresp: Default::default(),
            bvalid: Default::default(),
            bready: Default::default(),
            arid: Default::default(),
            araddr: Default::default(),
            arlen: Default::default(),
            arvalid: Default::default(),
            arready: Default::default(),
            rid: Default::default(),
            rdata: Default::default(),
            rresp: Default::default(),
            rlast: Default::default(),
            rvalid: Default::default(),
            rready: Default::default(),
            memory_valid: Default::default(),
            memory_write: Default::default(),
            memory_address: Default::default(),
            memory_data: Default::default(),
            memory_ready: Default::default(),
            memory_response: Default::default(),
            memory_error: Default::default(),
            sdram_csn: Default::default(),
            sdram_rasn: Default::default(),
            sdram_casn: Default::default(),
            sdram_wen: Default::default(),
            sdram_ba: Default::default(),
            sdram_a: Default::default(),
            sdram_write_data: Default::default(),
            sdram_drive: Default::default(),
            sdram_read_data: Default::default(),
            bridge: Default::default(),
            selected: Default::default(),
            row: Default::default(),
            column: Default::default(),
            write: Default::default(),
            bank: Default::default(),
            address: Default::default(),
            data: Default::default(),
            drive: Default::default(),
            writing: Default::default(),
            activates: Default::default(),
        }
    }
}

impl Logic for SdramMemory {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, selected, row, column, write, bank, address, data, drive, writing);
        clock!(self, clock, bridge, controller);
        self.bridge.reset.next = self.reset.val();
        self.bridge.awid.next = self.awid.val();
        self.bridge.awaddr.next = self.awaddr.val();
        self.bridge.awlen.next = self.awlen.val();
        self.bridge.awvalid.next = self.awvalid.val();
        self.awready.next = self.bridge.awready.val();
        self.bridge.wdata.next = self.wdata.val();
        self.bridge.wstrb.next = self.wstrb.val();
        self.bridge.wvalid.next = self.wvalid.val();
        self.wready.next = self.bridge.wready.val();
        self.bid.next = self.bridge.bid.val();
        self.bresp.next = self.bridge.bresp.val();
        self.bvalid.next = self.bridge.bvalid.val();
        self.bridge.bready.next = self.bready.val();
        self.bridge.arid.next = self.arid.val();
        self.bridge.araddr.next = self.araddr.val();
        self.bridge.arlen.next = self.arlen.val();
        self.bridge.arvalid.next = self.arvalid.val();
        self.arready.next = self.bridge.arready.val();
        self.rid.next = self.bridge.rid.val();
        self.rdata.next = self.bridge.rdata.val();
        self.rresp.next = self.bridge.rresp.val();
        self.rlast.next = self.bridge.rlast.val();
        self.rvalid.next = self.bridge.rvalid.val();
        self.bridge.rready.next = self.rready.val();
        self.bridge.memory_valid.next = self.memory_valid.val();
        self.bridge.memory_write.next = self.memory_write.val();
        self.bridge.memory_address.next = self.memory_address.val();
        self.bridge.memory_data.next = self.memory_data.val();
        self.memory_ready.next = self.bridge.memory_ready.val();
        self.memory_response.next = self.bridge.memory_response.val();
        self.memory_error.next = self.bridge.memory_error.val();

        self.bridge.controller_busy.next = self.controller.busy.val();
        self.controller.cmd_strobe.next = self.bridge.controller_strobe.val();
        self.controller.write_not_read.next = self.bridge.controller_write.val();
        self.controller.cmd_address.next = self.bridge.controller_address.val();
        self.controller.data_in.next = self.bridge.controller_data.val();
        self.bridge.controller_taken.next = self.controller.data_strobe.val();
        self.bridge.controller_read_data.next = self.controller.data_out.val();
        self.bridge.controller_read_valid.next = self.controller.data_valid.val();

        self.controller.sdram.read_data.next = self.sdram_read_data.val();
        self.selected.d.next = !self.controller.sdram.cs_not.val();
        self.row.d.next = !self.controller.sdram.ras_not.val();
        self.column.d.next = !self.controller.sdram.cas_not.val();
        self.write.d.next = !self.controller.sdram.we_not.val();
        self.bank.d.next = self.controller.sdram.bank.val();
        self.address.d.next = self.controller.sdram.address.val();
        self.data.d.next = self.controller.sdram.write_data.val();
        // The controller enables its data after a read too, when the chip still drives the last word: only writes may.
        self.activates.next = !self.controller.sdram.ras_not.val()
            & self.controller.sdram.cas_not.val()
            & self.controller.sdram.we_not.val();
        if self.activates.val() {
            self.writing.d.next = self.controller.sdram.write_enable.val();
        }
        self.drive.d.next = self.controller.sdram.write_enable.val() & self.writing.q.val();
        self.sdram_csn.next = !self.selected.q.val();
        self.sdram_rasn.next = !self.row.q.val();
        self.sdram_casn.next = !self.column.q.val();
        self.sdram_wen.next = !self.write.q.val();
        self.sdram_ba.next = self.bank.q.val();
        self.sdram_a.next = self.address.q.val();
        self.sdram_write_data.next = self.data.q.val();
        self.sdram_drive.next = self.drive.q.val();
    }
}
