//! Registers that belong to no context: identification, interrupts, watchdog and schedule, loss counters, the site window.
//!
//! Ports: the register bus (`read_data` combinational); from control `running`, `active`, `finished`, `fault`; the site table's register port;
//! pulses of the loss unit. Writes to sites are ignored while a context runs. Reset state: the reset values of the contract.
use super::select::{GlobalRead, GlobalWrite};
use crate::leaf::{Reg, RegEn};
use rust_hdl::prelude::*;
use tandem_isa::register::{self, irq};
use tandem_isa::Config;

/// Registers that belong to no context.
#[derive(LogicBlock)]
pub struct GlobalRegisters {
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
    /// Interrupt line.
    pub irq: Signal<Out, Bit>,
    /// RESET was written.
    pub reset_engine: Signal<Out, Bit>,
    /// Cycles without progress before a context is stopped.
    pub watchdog: Signal<Out, Bits<32>>,
    /// The teacher may interrupt.
    pub schedule: Signal<Out, Bit>,
    /// A context owns the engine.
    pub running: Signal<In, Bit>,
    /// Which one.
    pub active: Signal<In, Bit>,
    /// Bus transactions are outstanding.
    pub outstanding: Signal<In, Bit>,
    /// A program ended, by context.
    pub finished: [Signal<In, Bit>; 2],
    /// A context was stopped, by context.
    pub fault: [Signal<In, Bit>; 2],
    /// A sample passed the loss unit.
    pub loss_sample: Signal<In, Bit>,
    /// Its best class was the label.
    pub loss_correct: Signal<In, Bit>,
    /// Site shown.
    pub site_index: Signal<Out, Bits<8>>,
    /// Its state is set.
    pub site_write: Signal<Out, Bit>,
    /// To this.
    pub site_write_data: Signal<Out, Bits<32>>,
    /// Its clipped count is cleared.
    pub site_clear_clipped: Signal<Out, Bit>,
    /// Its underflow count is cleared.
    pub site_clear_underflow: Signal<Out, Bit>,
    /// State of the site shown.
    pub site_state: Signal<In, Bits<32>>,
    /// Its clipped count.
    pub site_clipped: Signal<In, Bits<32>>,
    /// Its underflow count.
    pub site_underflow: Signal<In, Bits<32>>,
    /// Its OR mask.
    pub site_mask: Signal<In, Bits<48>>,
    /// COUNTERS_CLEAR was written.
    pub counters_clear: Signal<Out, Bit>,
    global_read: GlobalRead,
    global_write: GlobalWrite,
    irq_status: Reg<Bits<4>>,
    irq_enable: RegEn<Bits<32>>,
    watchdog_limit: RegEn<Bits<32>>,
    schedule_bits: RegEn<Bits<32>>,
    site: RegEn<Bits<32>>,
    samples: Reg<Bits<32>>,
    correct: Reg<Bits<32>>,
    id_value: Constant<Bits<32>>,
    version_value: Constant<Bits<32>>,
    hash_value: Constant<Bits<32>>,
    shape_value: Constant<Bits<32>>,
    done_teacher: Constant<Bits<4>>,
    done_student: Constant<Bits<4>>,
    fault_teacher: Constant<Bits<4>>,
    fault_student: Constant<Bits<4>>,
    clear: Signal<Local, Bit>,
    idle: Signal<Local, Bit>,
    wdata: Signal<Local, Bits<32>>,
    status: Signal<Local, Bits<32>>,
    irq_set: Signal<Local, Bits<4>>,
    irq_clear: Signal<Local, Bits<4>>,
    raised: Signal<Local, Bits<4>>,
}

impl GlobalRegisters {
    /// The registers of a configuration, at their reset values.
    pub fn new(config: &Config) -> Self {
        let word = |v: u32| Constant::new(Bits::from(v as u64));
        let bits = |v: u32| Constant::new(Bits::from(v as u64));
        let reset_of = |offset: u32| {
            let value = register::at(offset).map_or(0, |r| r.reset);
            RegEn::new(Bits::from(value as u64))
        };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            write: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            read: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            irq: Default::default(),
            reset_engine: Default::default(),
            watchdog: Default::default(),
            schedule: Default::default(),
            running: Default::default(),
            active: Default::default(),
            outstanding: Default::default(),
            finished: Default::default(),
            fault: Default::default(),
            loss_sample: Default::default(),
            loss_correct: Default::default(),
            site_index: Default::default(),
            site_write: Default::default(),
            site_write_data: Default::default(),
            site_clear_clipped: Default::default(),
            site_clear_underflow: Default::default(),
            site_state: Default::default(),
            site_clipped: Default::default(),
            site_underflow: Default::default(),
            site_mask: Default::default(),
            counters_clear: Default::default(),
            global_read: Default::default(),
            global_write: Default::default(),
            irq_status: Default::default(),
            irq_enable: reset_of(register::IRQ_ENABLE),
            watchdog_limit: reset_of(register::WATCHDOG),
            schedule_bits: reset_of(register::SCHEDULE),
            site: reset_of(register::SITE_INDEX),
            samples: Default::default(),
            correct: Default::default(),
            id_value: word(register::ID_VALUE),
            version_value: word(register::VERSION_VALUE),
            hash_value: word(config.hash()),
            shape_value: word((config.lanes as u32) << 16 | config.rows as u32),
            done_teacher: bits(irq::DONE),
            done_student: bits(irq::DONE << 1),
            fault_teacher: bits(irq::FAULT),
            fault_student: bits(irq::FAULT << 1),
            clear: Default::default(),
            idle: Default::default(),
            wdata: Default::default(),
            status: Default::default(),
            irq_set: Default::default(),
            irq_clear: Default::default(),
            raised: Default::default(),
        }
    }
}

impl Logic for GlobalRegisters {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, irq_enable, watchdog_limit, schedule_bits, site);
        clock!(self, clock, global_read, global_write);
        dff_setup!(self, clock, irq_status, samples, correct);
        self.irq_enable.reset.next = self.reset.val();
        self.watchdog_limit.reset.next = self.reset.val();
        self.schedule_bits.reset.next = self.reset.val();
        self.site.reset.next = self.reset.val();
        self.irq_status.reset.next = self.reset.val();
        self.wdata.next = self.write_data.val();
        self.global_write.address.next = self.write_address.val();
        self.global_write.strobe.next = self.write.val();
        self.clear.next = self.global_write.counters_clear.val() & self.wdata.val().get_bit(0);
        self.counters_clear.next = self.clear.val();
        self.samples.reset.next = self.reset.val() | self.clear.val();
        self.correct.reset.next = self.reset.val() | self.clear.val();
        self.reset_engine.next = self.global_write.reset_engine.val() & self.wdata.val().get_bit(0);
        self.irq_enable.enable.next = self.global_write.irq_enable.val();
        self.irq_enable.d.next = self.wdata.val() & 15;
        self.watchdog_limit.enable.next = self.global_write.watchdog.val();
        self.watchdog_limit.d.next = self.wdata.val();
        self.schedule_bits.enable.next = self.global_write.schedule.val();
        self.schedule_bits.d.next = self.wdata.val() & 1;
        self.watchdog.next = self.watchdog_limit.q.val();
        self.schedule.next = self.schedule_bits.q.val().get_bit(0);

        // Interrupts: an event wins over the write that clears it.
        self.irq_set.next = 0.into();
        if self.finished[0].val() {
            self.irq_set.next = self.done_teacher.val();
        }
        if self.finished[1].val() {
            self.irq_set.next = self.done_student.val();
        }
        if self.fault[0].val() {
            self.irq_set.next = self.fault_teacher.val();
        }
        if self.fault[1].val() {
            self.irq_set.next = self.fault_student.val();
        }
        self.irq_clear.next = 0.into();
        if self.global_write.irq_status.val() {
            self.irq_clear.next = self.wdata.val().get_bits::<4>(0);
        }
        self.irq_status.d.next =
            (self.irq_status.q.val() & !self.irq_clear.val()) | self.irq_set.val();
        self.raised.next = self.irq_status.q.val() & self.irq_enable.q.val().get_bits::<4>(0);
        self.irq.next = self.raised.val().any();

        // Loss and sites.
        if self.loss_sample.val() {
            self.samples.d.next = self.samples.q.val() + 1;
        }
        if self.loss_correct.val() {
            self.correct.d.next = self.correct.q.val() + 1;
        }
        self.idle.next = !self.running.val();
        self.site.enable.next = self.global_write.site_index.val();
        self.site.d.next = self.wdata.val() & 255;
        self.site_index.next = self.site.q.val().get_bits::<8>(0);
        self.site_write.next = self.global_write.site_state.val() & self.idle.val();
        self.site_write_data.next = self.wdata.val();
        self.site_clear_clipped.next = self.global_write.site_clipped.val() & self.idle.val();
        self.site_clear_underflow.next = self.global_write.site_underflow.val() & self.idle.val();

        self.status.next = 0.into();
        if self.running.val() {
            self.status.next = 1.into();
        }
        if self.running.val() & self.active.val() {
            self.status.next = 3.into();
        }
        if self.outstanding.val() & self.running.val() & !self.active.val() {
            self.status.next = 5.into();
        }
        if self.outstanding.val() & self.running.val() & self.active.val() {
            self.status.next = 7.into();
        }
        self.global_read.address.next = self.read_address.val();
        self.global_read.id.next = self.id_value.val();
        self.global_read.version.next = self.version_value.val();
        self.global_read.config_hash.next = self.hash_value.val();
        self.global_read.shape.next = self.shape_value.val();
        self.global_read.status.next = self.status.val();
        self.global_read.irq_status.next = bit_cast::<32, 4>(self.irq_status.q.val());
        self.global_read.irq_enable.next = self.irq_enable.q.val();
        self.global_read.watchdog.next = self.watchdog_limit.q.val();
        self.global_read.schedule.next = self.schedule_bits.q.val();
        self.global_read.loss_samples.next = self.samples.q.val();
        self.global_read.loss_correct.next = self.correct.q.val();
        self.global_read.site_index.next = self.site.q.val();
        self.global_read.site_state.next = self.site_state.val();
        self.global_read.site_clipped.next = self.site_clipped.val();
        self.global_read.site_underflow.next = self.site_underflow.val();
        self.global_read.site_mask.next = self.site_mask.val().get_bits::<32>(0);
        self.global_read.site_mask_hi.next =
            bit_cast::<32, 16>(self.site_mask.val().get_bits::<16>(32));
        self.read_data.next = self.global_read.data.val();
    }
}
