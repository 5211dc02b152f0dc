//! Registers of one context: its program, its windows, what control reports of it, and the cycles it owned the engine.
//!
//! Ports: the register bus (`read_data` combinational); from control
//! `state`, `issued`, `error_*`, `latency`, `owns`; to control `program`, `length`, `doorbell` (one cycle); to the bus master the windows.
//! While the context runs (`state` 1) writes are ignored, so windows and program cannot change under it. Reset state: idle, no window.
use super::select::{ContextRead, ContextWrite};
use super::Counter64;
use crate::leaf::RegEn;
use rust_hdl::prelude::*;
use tandem_isa::register;

const WINDOWS: usize = register::WINDOWS as usize;

/// Registers of one context.
#[derive(LogicBlock)]
pub struct ContextRegisters {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// A register is written in this cycle.
    pub write: Signal<In, Bit>,
    /// Its byte offset.
    pub write_address: Signal<In, Bits<16>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<32>>,
    /// A register is read in this cycle.
    pub read: Signal<In, Bit>,
    /// Its byte offset.
    pub read_address: Signal<In, Bits<16>>,
    /// Its value; 0 for offsets of other blocks.
    pub read_data: Signal<Out, Bits<32>>,
    /// 0 idle, 1 running, 2 faulted.
    pub state: Signal<In, Bits<2>>,
    /// Commands issued.
    pub issued: Signal<In, Bits<32>>,
    /// First error.
    pub error_code: Signal<In, Bits<8>>,
    /// Address of the command at fault.
    pub error_command: Signal<In, Bits<32>>,
    /// Value at fault.
    pub error_value: Signal<In, Bits<32>>,
    /// Greatest latency from doorbell to first command.
    pub latency: Signal<In, Bits<32>>,
    /// It owns the engine in this cycle.
    pub owns: Signal<In, Bit>,
    /// Zero the cycle counter.
    pub clear: Signal<In, Bit>,
    /// Address of the program.
    pub first_command: Signal<Out, Bits<32>>,
    /// Commands of the program.
    pub length: Signal<Out, Bits<32>>,
    /// Start, one cycle.
    pub doorbell: Signal<Out, Bit>,
    /// First byte of each window.
    pub window_base: [Signal<Out, Bits<32>>; WINDOWS],
    /// First byte after each window.
    pub window_end: [Signal<Out, Bits<32>>; WINDOWS],
    /// Permissions of each window.
    pub window_permissions: [Signal<Out, Bits<2>>; WINDOWS],
    strobes: ContextWrite,
    values: ContextRead,
    cycles: Counter64,
    program_register: RegEn<Bits<32>>,
    length_register: RegEn<Bits<32>>,
    base: [RegEn<Bits<32>>; WINDOWS],
    end: [RegEn<Bits<32>>; WINDOWS],
    permissions: [RegEn<Bits<32>>; WINDOWS],
    base_offset: [Constant<Bits<8>>; WINDOWS],
    end_offset: [Constant<Bits<8>>; WINDOWS],
    permissions_offset: [Constant<Bits<8>>; WINDOWS],
    cycles_offset: Constant<Bits<8>>,
    running_state: Constant<Bits<2>>,
    command_align: Constant<Bits<32>>,
    window_align: Constant<Bits<32>>,
    permissions_bits: Constant<Bits<32>>,
    page: Constant<Bits<8>>,
    write_page: Signal<Local, Bits<8>>,
    read_page: Signal<Local, Bits<8>>,
    write_offset: Signal<Local, Bits<8>>,
    read_offset: Signal<Local, Bits<8>>,
    unlocked: Signal<Local, Bit>,
    value: Signal<Local, Bits<32>>,
}

fn offsets(word: u32) -> [Constant<Bits<8>>; WINDOWS] {
    std::array::from_fn(|w| {
        let at = register::WINDOW_BASE + w as u32 * register::WINDOW_SIZE + word;
        Constant::new(Bits::from(at as u64))
    })
}

impl ContextRegisters {
    /// Registers of that context (`tandem_isa::register::{TEACHER, STUDENT}`).
    pub fn new(context: u32) -> Self {
        let page = (register::CONTEXT_BASE + context * register::CONTEXT_SIZE) >> 8;
        Self {
            clock: Default::default(),
            reset: Default::default(),
            write: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            read_address: Default::default(),
            read: Default::default(),
            read_data: Default::default(),
            state: Default::default(),
            issued: Default::default(),
            error_code: Default::default(),
            error_command: Default::default(),
            error_value: Default::default(),
            latency: Default::default(),
            owns: Default::default(),
            clear: Default::default(),
            first_command: Default::default(),
            length: Default::default(),
            doorbell: Default::default(),
            window_base: Default::default(),
            window_end: Default::default(),
            window_permissions: Default::default(),
            strobes: Default::default(),
            values: Default::default(),
            cycles: Default::default(),
            program_register: Default::default(),
            length_register: Default::default(),
            base: Default::default(),
            end: Default::default(),
            permissions: Default::default(),
            base_offset: offsets(0),
            end_offset: offsets(4),
            permissions_offset: offsets(8),
            cycles_offset: Constant::new(Bits::from(register::CYCLES as u64)),
            running_state: Constant::new(Bits::from(register::state::RUNNING as u64)),
            command_align: Constant::new(Bits::from(!63u32 as u64)),
            permissions_bits: Constant::new(Bits::from(
                (register::WINDOW_READ | register::WINDOW_WRITE) as u64,
            )),
            window_align: Constant::new(Bits::from(!7u32 as u64)),
            page: Constant::new(Bits::from(page as u64)),
            write_page: Default::default(),
            read_page: Default::default(),
            write_offset: Default::default(),
            read_offset: Default::default(),
            unlocked: Default::default(),
            value: Default::default(),
        }
    }
}

impl Logic for ContextRegisters {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, cycles, program_register, length_register);
        clock!(self, clock, strobes, values);
        self.cycles.reset.next = self.reset.val();
        self.program_register.reset.next = self.reset.val();
        self.length_register.reset.next = self.reset.val();

        self.write_page.next = self.write_address.val().get_bits::<8>(8);
        self.read_page.next = self.read_address.val().get_bits::<8>(8);
        self.write_offset.next = self.write_address.val().get_bits::<8>(0);
        self.read_offset.next = self.read_address.val().get_bits::<8>(0);
        self.unlocked.next = self.write.val()
            & (self.write_page.val() == self.page.val())
            & (self.state.val() != self.running_state.val());
        self.strobes.address.next = self.write_offset.val();
        self.strobes.strobe.next = self.unlocked.val();
        self.program_register.enable.next = self.strobes.first.val();
        self.program_register.d.next = self.write_data.val() & self.command_align.val();
        self.length_register.enable.next = self.strobes.length.val();
        self.length_register.d.next = self.write_data.val();
        self.first_command.next = self.program_register.q.val();
        self.length.next = self.length_register.q.val();
        self.doorbell.next = self.strobes.doorbell.val() & self.write_data.val().get_bit(0);

        self.cycles.enable.next = self.owns.val();
        self.cycles.clear.next = self.clear.val();
        self.cycles.latch.next = self.read.val()
            & (self.read_page.val() == self.page.val())
            & (self.read_offset.val() == self.cycles_offset.val());

        self.values.address.next = self.read_offset.val();
        self.values.first.next = self.program_register.q.val();
        self.values.length.next = self.length_register.q.val();
        self.values.state.next = bit_cast::<32, 2>(self.state.val());
        self.values.issued.next = self.issued.val();
        self.values.error_code.next = bit_cast::<32, 8>(self.error_code.val());
        self.values.error_command.next = self.error_command.val();
        self.values.error_value.next = self.error_value.val();
        self.values.latency.next = self.latency.val();
        self.values.cycles.next = self.cycles.low.val();
        self.values.cycles_hi.next = self.cycles.high.val();

        self.value.next = self.values.data.val();
        for i in 0..4 {
            self.base[i].clock.next = self.clock.val();
            self.end[i].clock.next = self.clock.val();
            self.permissions[i].clock.next = self.clock.val();
            self.base[i].reset.next = self.reset.val();
            self.end[i].reset.next = self.reset.val();
            self.permissions[i].reset.next = self.reset.val();
            self.base[i].enable.next =
                self.unlocked.val() & (self.write_offset.val() == self.base_offset[i].val());
            self.end[i].enable.next =
                self.unlocked.val() & (self.write_offset.val() == self.end_offset[i].val());
            self.permissions[i].enable.next =
                self.unlocked.val() & (self.write_offset.val() == self.permissions_offset[i].val());
            self.base[i].d.next = self.write_data.val() & self.window_align.val();
            self.end[i].d.next = self.write_data.val() & self.window_align.val();
            self.permissions[i].d.next = self.write_data.val() & self.permissions_bits.val();
            self.window_base[i].next = self.base[i].q.val();
            self.window_end[i].next = self.end[i].q.val();
            self.window_permissions[i].next = self.permissions[i].q.val().get_bits::<2>(0);
            if self.read_offset.val() == self.base_offset[i].val() {
                self.value.next = self.base[i].q.val();
            }
            if self.read_offset.val() == self.end_offset[i].val() {
                self.value.next = self.end[i].q.val();
            }
            if self.read_offset.val() == self.permissions_offset[i].val() {
                self.value.next = self.permissions[i].q.val();
            }
        }
        self.read_data.next = 0.into();
        if self.read_page.val() == self.page.val() {
            self.read_data.next = self.value.val();
        }
    }
}
