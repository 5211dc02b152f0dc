//! A device that runs by itself, as hardware does: in slices, while a context has work.

use tandem::{Device, DeviceError};
use tandem_isa::register::{
    irq, state, CONTEXTS, CONTEXT_BASE, CONTEXT_SIZE, DOORBELL, IRQ_ENABLE, IRQ_STATUS, RESET,
    STATE,
};

/// Cycles of a slice (commands of the model): short enough that whoever asks meanwhile does not wait long.
const SLICE: u64 = 2048;

/// A device at work.
pub struct Running<D> {
    device: D,
    /// Contexts that may have work.
    busy: [bool; CONTEXTS as usize],
}

/// What a register access or a slice has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Contexts that began.
    pub began: [bool; CONTEXTS as usize],
    /// Contexts that ended.
    pub ended: [bool; CONTEXTS as usize],
}

fn block(context: usize) -> u32 {
    CONTEXT_BASE + context as u32 * CONTEXT_SIZE
}

impl<D: Device> Running<D> {
    /// Takes a device as it is.
    pub fn new(device: D) -> Self {
        let busy = [true; CONTEXTS as usize];
        Self { device, busy }
    }

    /// The device.
    pub fn device(&mut self) -> &mut D {
        &mut self.device
    }

    /// Gives the device back.
    pub fn into_device(self) -> D {
        self.device
    }

    /// Contexts that have work.
    pub fn busy(&self) -> [bool; CONTEXTS as usize] {
        self.busy
    }

    /// True if any context has work.
    pub fn is_busy(&self) -> bool {
        self.busy.contains(&true)
    }

    /// Bits that hold the interrupt line high.
    pub fn interrupts(&mut self) -> Result<u32, DeviceError> {
        let status = self.device.read_register(IRQ_STATUS)?;
        Ok(status & self.device.read_register(IRQ_ENABLE)?)
    }

    /// Contexts that this write would start.
    pub fn starts(&self, offset: u32, value: u32) -> [bool; CONTEXTS as usize] {
        std::array::from_fn(|c| offset == block(c) + DOORBELL && value & 1 != 0 && !self.busy[c])
    }

    /// Reads a register. A read takes cycles, in which a context may end: whoever is told so by the value finds it among what has changed.
    pub fn read_register(&mut self, offset: u32) -> Result<(u32, Changed), DeviceError> {
        let value = self.device.read_register(offset)?;
        let changed = Changed {
            ended: self.look()?,
            ..Changed::default()
        };
        Ok((value, changed))
    }

    /// Writes a register.
    pub fn write_register(&mut self, offset: u32, value: u32) -> Result<Changed, DeviceError> {
        let began = self.starts(offset, value);
        self.device.write_register(offset, value)?;
        let mut changed = Changed {
            began,
            ..Changed::default()
        };
        for (busy, began) in self.busy.iter_mut().zip(began) {
            *busy |= began;
        }
        if offset == RESET {
            changed.ended = self.look()?;
        }
        Ok(changed)
    }

    /// Runs a slice.
    pub fn run(&mut self) -> Result<Changed, DeviceError> {
        let all = (0..CONTEXTS as usize).filter(|&c| self.busy[c]);
        let bits = all.fold(0, |bits, c| bits | (irq::DONE | irq::FAULT) << c);
        // A bit that is set already would end the slice before it began.
        let waited = bits & !self.device.read_register(IRQ_STATUS)?;
        match self.device.wait(waited, SLICE) {
            Ok(_) | Err(DeviceError::TimedOut { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(Changed {
            ended: self.look()?,
            ..Changed::default()
        })
    }

    /// Looks which contexts have ended.
    fn look(&mut self) -> Result<[bool; CONTEXTS as usize], DeviceError> {
        let mut ended = [false; CONTEXTS as usize];
        for (c, ended) in ended.iter_mut().enumerate() {
            if self.busy[c] {
                let found = self.device.read_register(block(c) + STATE)?;
                self.busy[c] = found == state::RUNNING;
                *ended = !self.busy[c];
            }
        }
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_isa::config::TINY;
    use tandem_isa::Config;

    /// A device whose first context ends after so many accesses, as hardware does that runs on while it is looked at.
    struct Ending(u32);

    impl Device for Ending {
        fn config(&self) -> &Config {
            &TINY
        }
        fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
            self.0 = self.0.saturating_sub(1);
            Ok(match (offset, self.0) {
                (IRQ_STATUS, 0) => irq::DONE,
                (IRQ_STATUS, _) => 0,
                (offset, 1..) if offset == block(0) + STATE => state::RUNNING,
                _ => state::IDLE,
            })
        }
        fn write_register(&mut self, _: u32, _: u32) -> Result<(), DeviceError> {
            Ok(())
        }
        fn memory_size(&self) -> u64 {
            0
        }
        fn read_memory(&mut self, _: u64, _: &mut [u8]) -> Result<(), DeviceError> {
            Ok(())
        }
        fn write_memory(&mut self, _: u64, _: &[u8]) -> Result<(), DeviceError> {
            Ok(())
        }
        fn wait(&mut self, _: u32, _: u64) -> Result<u32, DeviceError> {
            Ok(0)
        }
    }

    #[test]
    fn who_reads_that_a_context_is_done_finds_it_ended() {
        for accesses in 1..20 {
            let mut running = Running::new(Ending(accesses));
            let mut ended = false;
            loop {
                let (status, changed) = running.read_register(IRQ_STATUS).unwrap();
                ended |= changed.ended[0];
                if status & irq::DONE != 0 {
                    break;
                }
            }
            assert!(ended, "after {accesses} accesses");
        }
    }
}
