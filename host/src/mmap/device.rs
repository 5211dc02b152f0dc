//! A mapped engine as a [`Device`].

use super::{Interrupt, Memory, Registers};
use crate::device::{check_register, Device, DeviceError};
use crate::driver::identify;
use crate::fault::DriverError;
use std::time::{Duration, Instant};
use tandem_isa::register::IRQ_STATUS;
use tandem_isa::Config;

/// Shortest and longest time between two looks at IRQ_STATUS without an interrupt.
const LOOKS: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(5));
/// Longest wait for an interrupt before IRQ_STATUS is looked at all the same: one that is lost costs no more than this.
const TRUST: Duration = Duration::from_millis(100);
/// Interrupts without anything to be found before they are no longer listened to.
const IN_VAIN: u32 = 3;

/// What a mapped engine is made of.
pub struct Parts<R> {
    /// Its name, for errors.
    pub name: String,
    /// Its registers.
    pub registers: R,
    /// Its memory, if the host reaches it.
    pub memory: Memory,
    /// The address by which the engine knows the first byte of that memory.
    pub base: u64,
    /// Its interrupt; IRQ_STATUS is polled without.
    pub interrupt: Option<Box<dyn Interrupt + Send>>,
    /// Clock of the engine, Hz: what a limit in cycles is in time.
    pub clock: u64,
}

/// An engine whose registers and memory are mapped.
pub struct Mmap<R = Box<dyn Registers + Send>> {
    parts: Parts<R>,
    config: Config,
}

impl<R: Registers> Mmap<R> {
    /// Puts an engine together; its registers tell its configuration.
    pub fn new(mut parts: Parts<R>) -> Result<Self, DriverError> {
        let config = *identify(|offset| parts.registers.load(offset))?;
        Ok(Self { parts, config })
    }

    /// Takes the sizes to be those, for the driver to compare with what the engine says.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Its name, as errors give it.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// Offset in the memory of an address of the engine.
    fn place(
        &self,
        operation: &'static str,
        address: u64,
        bytes: usize,
    ) -> Result<u64, DeviceError> {
        let length = bytes as u64;
        let end = address.saturating_add(length);
        match address.checked_sub(self.parts.base) {
            Some(at) if end <= self.parts.base + self.memory_size() => Ok(at),
            _ => Err(DeviceError::Memory {
                operation,
                address,
                length,
                end,
                size: self.memory_size(),
            }),
        }
    }
}

impl<R: Registers> Device for Mmap<R> {
    fn config(&self) -> &Config {
        &self.config
    }

    #[inline]
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        check_register(offset)?;
        self.parts.registers.load(offset)
    }

    #[inline]
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        check_register(offset)?;
        self.parts.registers.store(offset, value)
    }

    fn memory_base(&self) -> u64 {
        self.parts.base
    }

    fn memory_size(&self) -> u64 {
        self.parts.memory.bytes()
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        let at = self.place("read", address, into.len())?;
        self.parts.memory.read(at, into)
    }

    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        let at = self.place("write", address, from.len())?;
        self.parts.memory.write(at, from)
    }

    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        let limit = crate::device::time_of(limit_cycles, self.parts.clock);
        let start = Instant::now();
        let mut pause = LOOKS.0;
        // One interrupt may be left of what was found by looking. Several for nothing are a line held high by a bit that is not
        // waited for: it says nothing, then only time is left.
        let mut for_nothing = 0;
        loop {
            let telling = for_nothing < IN_VAIN;
            let mut interrupt = self.parts.interrupt.as_mut().filter(|_| telling);
            if let Some(interrupt) = &mut interrupt {
                interrupt.arm()?;
            }
            let left = limit.saturating_sub(start.elapsed());
            let found = self.parts.registers.load(IRQ_STATUS)?;
            if found & irq_mask != 0 {
                return Ok(found);
            }
            if left.is_zero() {
                return Err(DeviceError::TimedOut {
                    mask: irq_mask,
                    cycles: limit_cycles,
                    found,
                });
            }
            match interrupt {
                Some(interrupt) => {
                    for_nothing += u32::from(interrupt.wait(left.min(TRUST))?);
                }
                None => {
                    std::thread::sleep(pause.min(left));
                    pause = (2 * pause).min(LOOKS.1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tandem_isa::config::TINY;
    use tandem_isa::register::{CONFIG_HASH, ID, ID_VALUE};
    use tandem_mapping::Mapping;

    /// Offset, and the value that was written.
    type Access = (u32, Option<u32>);

    /// Registers that keep what was done to them.
    #[derive(Clone, Default)]
    struct Counting(Arc<Mutex<Vec<Access>>>);

    impl Counting {
        fn taken(&self) -> Vec<Access> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    impl Registers for Counting {
        fn load(&mut self, offset: u32) -> Result<u32, DeviceError> {
            self.0.lock().unwrap().push((offset, None));
            Ok(match offset {
                ID => ID_VALUE,
                CONFIG_HASH => TINY.hash(),
                _ => 0,
            })
        }
        fn store(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
            self.0.lock().unwrap().push((offset, Some(value)));
            Ok(())
        }
    }

    fn mapped(registers: Counting, base: u64) -> Mmap<Counting> {
        let file = tempfile::tempfile().unwrap();
        file.set_len(8192).unwrap();
        let memory = Memory::new(Mapping::new(&file, 0, 8192).unwrap(), 4096, None);
        let parts = Parts {
            name: "counting".into(),
            registers,
            memory,
            base,
            interrupt: None,
            clock: 1_000_000,
        };
        Mmap::new(parts).unwrap()
    }

    #[test]
    fn a_register_access_is_one_access_of_the_registers() {
        let registers = Counting::default();
        let mut device = mapped(registers.clone(), 0);
        assert_eq!(device.config().name, "tiny");
        registers.taken();
        device.read_register(0x14).unwrap();
        assert_eq!(registers.taken(), [(0x14, None)]);
        device.write_register(0x20, 5).unwrap();
        assert_eq!(registers.taken(), [(0x20, Some(5))]);
        assert!(device.read_register(2).is_err() && device.write_register(0x1000, 0).is_err());
        assert_eq!(registers.taken(), []);
    }

    #[test]
    fn memory_is_at_its_base_and_ends() {
        let mut device = mapped(Counting::default(), 0x3000_0000);
        assert_eq!(
            (device.memory_base(), device.memory_size()),
            (0x3000_0000, 4096)
        );
        device.write_memory(0x3000_0ffd, &[1, 2, 3]).unwrap();
        let mut found = [0; 4];
        device.read_memory(0x3000_0ffc, &mut found).unwrap();
        assert_eq!(found, [0, 1, 2, 3]);
        for address in [0, 0x2fff_ffff, 0x3000_0ffd, u64::MAX] {
            assert!(device.read_memory(address, &mut found).is_err());
            assert!(device.write_memory(address, &found).is_err());
        }
    }

    #[test]
    fn a_wait_ends_at_its_limit() {
        let mut device = mapped(Counting::default(), 0);
        let ended = device.wait(1, 100);
        assert!(matches!(
            ended,
            Err(DeviceError::TimedOut {
                mask: 1,
                cycles: 100,
                found: 0
            })
        ));
    }
}
