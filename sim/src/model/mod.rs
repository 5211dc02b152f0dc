//! `model`: the engine in plain Rust. It runs commands one by one in program order on a memory image and gives the same bits as the RTL.
//!
//! Not for timing: it has no cycles of its own. TOTAL_CYCLES and every unit counter read 0; the compiler's cost model predicts cycles.
//! A limit given to [`Device::wait`] counts commands instead.

mod compute;
mod contexts;
mod loss;
mod memory;
mod pads;
#[cfg(test)]
mod random;
mod select;
mod select_check;
mod sites;
mod vector;

use contexts::{Context, Next};
use loss::{LossCounters, Score};
use memory::Window;
use pads::{Accumulators, Pad};
use select::Selector;
pub use select_check::kept_exactly;
use sites::Sites;
use std::collections::VecDeque;
use tandem::device::{check_range, check_register, Device, DeviceError};
use tandem_isa::command::{pad, COMMAND_BYTES};
use tandem_isa::register::{self, irq};
use tandem_isa::{Command, Config, ErrorCode};

/// What stops a context: the code and the value at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: ErrorCode,
    pub(crate) value: u32,
}

/// A device that executes commands bit for bit on a memory image.
pub struct Model {
    config: Config,
    memory: Vec<u8>,
    a: Pad,
    b: Pad,
    v: Pad,
    o: Pad,
    z: Pad,
    g: Pad,
    acc: Accumulators,
    sites: Sites,
    selector: Selector,
    scores: VecDeque<Score>,
    loss: LossCounters,
    contexts: [Context; register::CONTEXTS as usize],
    /// The context whose program ran last, which goes on until it yields or ends.
    active: usize,
    irq_status: u32,
    irq_enable: u32,
    watchdog: u32,
    schedule: u32,
    site_index: u32,
    switches: u32,
}

impl Model {
    /// A model of `config` with `memory_bytes` bytes of zeroed DDR.
    pub fn new(config: &Config, memory_bytes: usize) -> Self {
        let l = config.lanes;
        Self {
            config: *config,
            memory: vec![0; memory_bytes],
            a: Pad::new(config.a_depth, l),
            b: Pad::new(config.b_depth, l),
            v: Pad::new(config.v_depth, l),
            o: Pad::new(config.o_depth, l),
            z: Pad::new(config.z_depth, l),
            g: Pad::new(config.g_depth, l),
            acc: Accumulators::new(config.acc_depth, l),
            sites: Sites::new(config.sites),
            selector: Selector::new(config),
            scores: VecDeque::new(),
            loss: LossCounters::default(),
            contexts: Default::default(),
            active: register::STUDENT as usize,
            irq_status: 0,
            irq_enable: 0,
            watchdog: register::at(register::WATCHDOG).map_or(0, |r| r.reset),
            schedule: 1,
            site_index: 0,
            switches: 0,
        }
    }

    /// The context that runs next: the one at work, unless it stands at a yield and the teacher waits.
    fn pick(&mut self) -> Option<usize> {
        let teacher = register::TEACHER as usize;
        let running = |c: usize, s: &Self| s.contexts[c].is_running();
        let at_yield = self.contexts[self.active].at_yield || !running(self.active, self);
        let next = if at_yield && self.schedule & 1 != 0 && running(teacher, self) {
            teacher
        } else if running(self.active, self) {
            self.active
        } else {
            (0..self.contexts.len()).find(|&c| running(c, self))?
        };
        if next != self.active {
            self.switches = self.switches.wrapping_add(1);
            self.active = next;
        }
        Some(next)
    }

    /// Runs one command of whatever context is due; false when none has work.
    fn step(&mut self) -> bool {
        let Some(c) = self.pick() else {
            return false;
        };
        let address = match self.contexts[c].next() {
            Next::Command(address) => address,
            Next::End => {
                self.irq_status |= irq::DONE << c;
                return true;
            }
        };
        if let Err(fault) = self.fetch(c, address).and_then(|b| self.execute(c, &b)) {
            self.contexts[c].stop(fault.code, address, fault.value);
            self.scores.clear();
            self.irq_status |= irq::FAULT << c;
        }
        true
    }

    fn fetch(&self, c: usize, address: u32) -> Result<[u8; COMMAND_BYTES], Fault> {
        memory::granted(
            self.contexts[c].windows(),
            register::WINDOW_READ,
            address as u64,
            COMMAND_BYTES as u64,
            ErrorCode::FetchWindow,
        )?;
        let at = address as usize;
        self.memory
            .get(at..at + COMMAND_BYTES)
            .and_then(|b| b.try_into().ok())
            .ok_or(Fault {
                code: ErrorCode::ReadResponse,
                value: address,
            })
    }

    fn execute(&mut self, context: usize, bytes: &[u8; COMMAND_BYTES]) -> Result<(), Fault> {
        let command = Command::decode_for(&self.config, bytes).map_err(|e| Fault {
            code: e.code,
            value: match e.code {
                ErrorCode::BadField => {
                    (field_offset(bytes, &e) << 24) | (e.found as u32 & 0xff_ffff)
                }
                _ => e.found as u32,
            },
        })?;
        let windows: [Window; register::WINDOWS as usize] = *self.contexts[context].windows();
        let config = self.config;
        match &command {
            Command::Load(c) => {
                let into = match c.pad {
                    pad::A => &mut self.a,
                    pad::B => &mut self.b,
                    pad::V => &mut self.v,
                    _ => &mut self.z,
                };
                memory::load(&config, c, &self.memory, &windows, into)?;
            }
            Command::Compute(c) => compute::run(&config, c, &self.a, &self.b, &mut self.acc),
            Command::Requant(c) => {
                vector::requant(&config, c, &self.acc, &self.v, &mut self.o, &mut self.sites)?
            }
            Command::Unpool(c) => vector::unpool(&config, c, &self.v, &mut self.o),
            Command::Update(c) => vector::update(&config, c, &self.v, &mut self.o, &self.sites),
            Command::Loss(c) => loss::run(
                &config,
                c,
                &self.z,
                &mut self.g,
                &self.sites,
                &mut self.scores,
                &mut self.loss,
            ),
            Command::Store(c) => {
                let from = if c.pad == pad::O { &self.o } else { &self.g };
                memory::store(&config, c, &mut self.memory, &windows, from)?;
            }
            Command::Select(c) => {
                let mut samples = 0;
                while samples < c.n {
                    let Some(score) = self.scores.pop_front() else {
                        // The engine would wait for scores that never come.
                        return Err(Fault {
                            code: ErrorCode::Timeout,
                            value: tandem_isa::Unit::Select.bit() as u32,
                        });
                    };
                    samples += score.last as u16;
                    self.selector.push(score);
                }
            }
            Command::Yield(_) => self.contexts[context].at_yield = true,
        }
        Ok(())
    }

    fn read_own(&mut self, offset: u32) -> u32 {
        let site = self.sites.get(self.site_index as usize & 0xff);
        match offset {
            register::ID => register::ID_VALUE,
            register::VERSION => register::VERSION_VALUE,
            register::CONFIG_HASH => self.config.hash(),
            register::SHAPE => (self.config.lanes as u32) << 16 | self.config.rows as u32,
            register::STATUS => {
                let runs = self.contexts.iter().any(Context::is_running) as u32;
                (self.active as u32) << 1 | runs
            }
            register::IRQ_STATUS => self.irq_status,
            register::IRQ_ENABLE => self.irq_enable,
            register::WATCHDOG => self.watchdog,
            register::SCHEDULE => self.schedule,
            register::SWITCHES => self.switches,
            register::LOSS_SAMPLES => self.loss.samples,
            register::LOSS_CORRECT => self.loss.correct,
            register::SITE_INDEX => self.site_index,
            register::SITE_STATE => site.state(),
            register::SITE_CLIPPED => site.clipped,
            register::SITE_UNDERFLOW => site.underflow,
            register::SITE_MASK => site.mask as u32,
            register::SITE_MASK_HI => (site.mask >> 32) as u32,
            register::SEL_CLEAR..=register::SEL_EVENT if self.config.has_selector => {
                self.selector.read(offset)
            }
            _ => context_register(offset).map_or(0, |(c, o)| self.contexts[c].read(o)),
        }
    }

    fn write_own(&mut self, offset: u32, value: u32) {
        let idle = !self.contexts.iter().any(Context::is_running);
        match offset {
            register::RESET if value & 1 != 0 => {
                self.contexts.iter_mut().for_each(Context::reset);
                self.scores.clear();
                self.irq_status = 0;
            }
            register::IRQ_STATUS => self.irq_status &= !value,
            register::IRQ_ENABLE => self.irq_enable = value & 15,
            register::WATCHDOG => self.watchdog = value,
            register::SCHEDULE => self.schedule = value & 1,
            register::COUNTERS_CLEAR if value & 1 != 0 => {
                self.loss = LossCounters::default();
                self.switches = 0;
            }
            register::SITE_INDEX => self.site_index = value & 0xff,
            register::SITE_STATE | register::SITE_CLIPPED | register::SITE_UNDERFLOW if idle => {
                if let Some(site) = self.sites.get_mut(self.site_index as usize) {
                    match offset {
                        register::SITE_STATE => site.set_state(value),
                        register::SITE_CLIPPED => site.clipped = 0,
                        _ => site.underflow = 0,
                    }
                }
            }
            register::SEL_CLEAR..=register::SEL_EVENT if self.config.has_selector => {
                self.selector.write(offset, value)
            }
            _ => {
                if let Some((c, o)) = context_register(offset) {
                    self.contexts[c].write(o, value);
                }
            }
        }
    }
}

/// Context and offset within its block.
fn context_register(offset: u32) -> Option<(usize, u32)> {
    let block = offset.checked_sub(register::CONTEXT_BASE)?;
    let c = block / register::CONTEXT_SIZE;
    (c < register::CONTEXTS).then_some((c as usize, block % register::CONTEXT_SIZE))
}

/// Byte offset of the field that a check refused.
fn field_offset(bytes: &[u8; COMMAND_BYTES], e: &tandem_isa::command::DecodeError) -> u32 {
    match e.field {
        "wait" => 2,
        "signal" => 3,
        _ => tandem_isa::command::FORMATS
            .iter()
            .find(|f| f.opcode == bytes[0])
            .and_then(|f| f.fields.iter().find(|x| x.name == e.field))
            .map_or(0, |x| x.offset as u32),
    }
}

impl Device for Model {
    fn config(&self) -> &Config {
        &self.config
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        check_register(offset)?;
        Ok(self.read_own(offset))
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        check_register(offset)?;
        self.write_own(offset, value);
        Ok(())
    }

    fn memory_size(&self) -> u64 {
        self.memory.len() as u64
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        let range = check_range("read", address, into.len(), self.memory_size())?;
        into.copy_from_slice(&self.memory[range]);
        Ok(())
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        let range = check_range("write", address, from.len(), self.memory_size())?;
        self.memory[range].copy_from_slice(from);
        Ok(())
    }

    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        let mut spent = 0;
        while self.irq_status & irq_mask == 0 {
            if spent >= limit_cycles || !self.step() {
                return Err(DeviceError::TimedOut {
                    mask: irq_mask,
                    cycles: spent,
                    found: self.irq_status,
                });
            }
            spent += 1;
        }
        Ok(self.irq_status)
    }
}
