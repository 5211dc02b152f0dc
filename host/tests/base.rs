//! An engine whose memory does not begin at address 0, as one that shares the host's: what it computes is the same.

use tandem::device::{check_range, Device, DeviceError};
use tandem::doctor::{coherent, Outcome};
use tandem::{Context, DriverError, Engine, Window};
use tandem_isa::config::TINY;
use tandem_isa::Config;
use tandem_sim::model::Model;
use tandem_tests::layers::layers;
use tandem_tests::networks::networks;
use tandem_tests::training::training;

const BYTES: usize = 1 << 20;

/// A model of which only memory from `base` on is the engine's.
struct Based {
    model: Model,
    base: u64,
}

impl Based {
    fn new(base: u64) -> Self {
        let model = Model::new(&TINY, BYTES + base as usize);
        Self { model, base }
    }
}

impl Device for Based {
    fn config(&self) -> &Config {
        self.model.config()
    }
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.model.read_register(offset)
    }
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.model.write_register(offset, value)
    }
    fn memory_base(&self) -> u64 {
        self.base
    }
    fn memory_size(&self) -> u64 {
        BYTES as u64
    }
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        let at = address.checked_sub(self.base).unwrap_or(u64::MAX);
        check_range("read", at, into.len(), self.memory_size())?;
        self.model.read_memory(address, into)
    }
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        let at = address.checked_sub(self.base).unwrap_or(u64::MAX);
        check_range("write", at, from.len(), self.memory_size())?;
        self.model.write_memory(address, from)
    }
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.model.wait(irq_mask, limit_cycles)
    }
}

#[test]
fn layers_and_training_are_the_same_at_any_address() {
    let run = |base| {
        let mut engine = Engine::open(Based::new(base)).unwrap();
        let checked = coherent(&mut engine).unwrap();
        assert_eq!(checked.outcome, Outcome::Good, "{checked:?}");
        let mut all: Vec<_> = (5..7).flat_map(|seed| layers(&mut engine, seed)).collect();
        for network in &networks()[2..3] {
            let engine = Engine::open(Based::new(base)).unwrap();
            all.push(("training", training(engine, network, 3).unwrap()));
        }
        all
    };
    let expected = run(0);
    for base in [0x40, 0x1_2340] {
        assert!(run(base) == expected, "base {base:#x}");
    }
}

#[test]
fn addresses_below_the_memory_are_refused() {
    let mut engine = Engine::open(Based::new(0x1000)).unwrap();
    let end = 0x1000 + BYTES as u32;
    let window = |base, end| Window {
        base,
        end,
        read: true,
        write: true,
    };
    assert!(engine
        .set_window(Context::Student, 0, window(0x1000, end))
        .is_ok());
    assert!(engine
        .set_window(Context::Student, 0, Window::default())
        .is_ok());
    for (base, end) in [(0xff8, end), (0x1000, end + 8)] {
        let refused = engine.set_window(Context::Student, 0, window(base, end));
        assert!(matches!(refused, Err(DriverError::Address { .. })));
    }
    for address in [0xfc0, u64::from(end)] {
        let refused = engine.start(Context::Student, address, 1);
        assert!(matches!(refused, Err(DriverError::Address { .. })));
    }
}
