//! The engine's counters, read in one go.
//!
//! They count since reset or [`Engine::clear_counters`]; a 64-bit counter is read low word first, which latches the rest.

use crate::device::Device;
use crate::driver::Engine;
use crate::fault::DriverError;
use tandem_isa::register as reg;
use tandem_isa::Unit;

/// Cycles of one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitCounters {
    /// Moving data.
    pub busy: u64,
    /// Had a command and could not move.
    pub stalled: u64,
    /// Had none.
    pub idle: u64,
}

/// Counters of the engine, in cycles unless their name says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Since reset or clear.
    pub total: u64,
    /// No context ran.
    pub idle: u64,
    /// In forward.
    pub forward: u64,
    /// In dX.
    pub dx: u64,
    /// In dW.
    pub dw: u64,
    /// The teacher owned the engine.
    pub teacher: u64,
    /// The student owned the engine.
    pub student: u64,
    /// A context ran and the array waited for load or store.
    pub wait_memory: u64,
    /// A context ran and the array waited for vector or loss.
    pub wait_vector: u64,
    /// Switches between contexts (a count).
    pub switches: u32,
    /// Between the last command of one context and the first of the other.
    pub switch_cycles: u32,
    /// 8-byte beats read.
    pub read_beats: u32,
    /// 8-byte beats written.
    pub write_beats: u32,
    /// Samples the loss unit saw.
    pub samples: u32,
    /// Those whose best class was the label.
    pub correct: u32,
    /// Each unit, by number.
    pub units: [UnitCounters; Unit::COUNT],
}

impl Counters {
    /// Sums, of two engines that shared the work.
    pub fn plus(&self, other: &Counters) -> Counters {
        self.with(other, u64::wrapping_add, u32::wrapping_add)
    }

    /// What was counted since `before`, on the same engine and without a clear between.
    pub fn minus(&self, before: &Counters) -> Counters {
        self.with(before, u64::wrapping_sub, u32::wrapping_sub)
    }

    fn with(
        &self,
        other: &Counters,
        wide: fn(u64, u64) -> u64,
        narrow: fn(u32, u32) -> u32,
    ) -> Counters {
        let mut units = self.units;
        for (a, b) in units.iter_mut().zip(other.units) {
            a.busy = wide(a.busy, b.busy);
            a.stalled = wide(a.stalled, b.stalled);
            a.idle = wide(a.idle, b.idle);
        }
        Counters {
            total: wide(self.total, other.total),
            idle: wide(self.idle, other.idle),
            forward: wide(self.forward, other.forward),
            dx: wide(self.dx, other.dx),
            dw: wide(self.dw, other.dw),
            teacher: wide(self.teacher, other.teacher),
            student: wide(self.student, other.student),
            wait_memory: wide(self.wait_memory, other.wait_memory),
            wait_vector: wide(self.wait_vector, other.wait_vector),
            switches: narrow(self.switches, other.switches),
            switch_cycles: narrow(self.switch_cycles, other.switch_cycles),
            read_beats: narrow(self.read_beats, other.read_beats),
            write_beats: narrow(self.write_beats, other.write_beats),
            samples: narrow(self.samples, other.samples),
            correct: narrow(self.correct, other.correct),
            units,
        }
    }
}

impl<D: Device> Engine<D> {
    /// Every counter of the engine; those of cycles are checked to add up: teacher, student, switching and idle to the total,
    /// and busy, stalled and idle of each unit.
    pub fn counters(&mut self) -> Result<Counters, DriverError> {
        let mut c = Counters {
            total: self.register64(reg::TOTAL_CYCLES)?,
            idle: self.register64(reg::IDLE_CYCLES)?,
            teacher: self.register64(reg::T_CYCLES)?,
            student: self.register64(reg::S_CYCLES)?,
            switch_cycles: self.register(reg::SWITCH_CYCLES)?,
            ..Counters::default()
        };
        let contexts = [c.idle, c.teacher, c.student, c.switch_cycles.into()];
        self.adds_up(&"the contexts", c.total, &contexts)?;
        c.forward = self.register64(reg::FORWARD_CYCLES)?;
        c.dx = self.register64(reg::DX_CYCLES)?;
        c.dw = self.register64(reg::DW_CYCLES)?;
        c.wait_memory = self.register64(reg::WAIT_MEMORY)?;
        c.wait_vector = self.register64(reg::WAIT_VECTOR)?;
        c.switches = self.register(reg::SWITCHES)?;
        c.read_beats = self.register(reg::READ_BEATS)?;
        c.write_beats = self.register(reg::WRITE_BEATS)?;
        c.samples = self.register(reg::LOSS_SAMPLES)?;
        c.correct = self.register(reg::LOSS_CORRECT)?;
        for unit in Unit::ALL {
            let at = reg::UNIT_COUNTERS + unit as u32 * reg::UNIT_COUNTER_SIZE;
            let before = self.register64(reg::TOTAL_CYCLES)?;
            let u = UnitCounters {
                busy: self.register64(at)?,
                stalled: self.register64(at + 8)?,
                idle: self.register64(at + 16)?,
            };
            self.adds_up(&unit, before, &[u.busy, u.stalled, u.idle])?;
            c.units[unit as usize] = u;
        }
        Ok(c)
    }

    /// The engine counts on while it is read, so the sum lies between the totals before and after.
    fn adds_up(
        &mut self,
        of: &dyn std::fmt::Debug,
        before: u64,
        parts: &[u64],
    ) -> Result<(), DriverError> {
        let after = self.register64(reg::TOTAL_CYCLES)?;
        let found = parts.iter().sum();
        if (before..=after).contains(&found) {
            return Ok(());
        }
        Err(DriverError::Counters {
            of: format!("{of:?}"),
            found,
            expected: before,
            limit: after,
        })
    }

    /// Sets the cycle counters to 0.
    pub fn clear_counters(&mut self) -> Result<(), DriverError> {
        self.set_register(reg::COUNTERS_CLEAR, 1)
    }
}
