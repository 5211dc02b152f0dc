//! The doctor on devices that are well, and on each kind of ill one.

use tandem::device::{Device, DeviceError};
use tandem::doctor::{self, Outcome};
use tandem::registers::read_all;
use tandem::Engine;
use tandem_isa::config::{CU, E8X16, TINY};
use tandem_isa::{register, Config};
use tandem_sim::model::Model;

/// What is wrong with a device.
#[derive(Clone, Copy, PartialEq)]
enum Ill {
    Well,
    /// Bit 3 of every word of memory reads 0.
    Bit,
    /// Memory from here on is that from 0 on.
    Wraps(u64),
    /// A byte reads otherwise.
    Byte(u64),
    /// The host's memory is not the engine's.
    Apart,
    /// The host reads what it read first.
    Stale,
    /// A bit of registers reads 0.
    Register,
    /// A register reads this.
    Reads(u32, u32),
}

struct Patient {
    model: Model,
    ill: Ill,
    own: Vec<u8>,
}

fn patient(config: &Config, bytes: usize, ill: Ill) -> Patient {
    Patient {
        model: Model::new(config, bytes),
        ill,
        own: vec![0; bytes],
    }
}

impl Device for Patient {
    fn config(&self) -> &Config {
        self.model.config()
    }
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        let value = self.model.read_register(offset)?;
        Ok(match self.ill {
            Ill::Register if offset == register::WATCHDOG => value & !0x100,
            Ill::Reads(at, value) if at == offset => value,
            _ => value,
        })
    }
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.model.write_register(offset, value)
    }
    fn memory_size(&self) -> u64 {
        self.model.memory_size()
    }
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        match self.ill {
            Ill::Wraps(end) => return self.model.read_memory(address % end, into),
            Ill::Apart | Ill::Stale => {
                let at = address as usize;
                into.copy_from_slice(&self.own[at..at + into.len()]);
                return Ok(());
            }
            _ => self.model.read_memory(address, into)?,
        }
        for (i, byte) in into.iter_mut().enumerate() {
            let at = address + i as u64;
            match self.ill {
                Ill::Bit if at % 8 == 0 => *byte &= !8,
                Ill::Byte(bad) if at == bad => *byte ^= 1,
                _ => {}
            }
        }
        Ok(())
    }
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        match self.ill {
            Ill::Wraps(end) => return self.model.write_memory(address % end, from),
            Ill::Apart | Ill::Stale => {
                let at = address as usize;
                self.own[at..at + from.len()].copy_from_slice(from);
                // Programs get through, or the engine would fault.
                if self.ill == Ill::Apart && address >= 2048 {
                    return Ok(());
                }
            }
            _ => {}
        }
        self.model.write_memory(address, from)
    }
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.model.wait(irq_mask, limit_cycles)
    }
}

const BYTES: usize = 1 << 17;

fn memory(ill: Ill) -> (Outcome, String) {
    let mut device = patient(&TINY, BYTES, ill);
    let found = doctor::memory(&mut device, u64::MAX, |_, _| ()).unwrap();
    (found.outcome, format!("{} {}", found.found, found.remedy))
}

#[test]
fn a_device_that_is_well_is_left_as_it_was() {
    for (config, bytes) in [(TINY, BYTES), (E8X16, BYTES), (CU, 6144)] {
        let mut device = patient(&config, bytes, Ill::Well);
        let data: Vec<u8> = (0..bytes).map(|i| (i * 7 + i / 256) as u8).collect();
        device.write_memory(0, &data).unwrap();
        let mut all = doctor::identity(&mut device).unwrap();
        all.push(doctor::registers(&mut device).unwrap());
        all.push(doctor::memory(&mut device, u64::MAX, |_, _| ()).unwrap());
        let mut engine = Engine::open(device).unwrap();
        all.push(doctor::coherent(&mut engine).unwrap());
        for finding in &all {
            assert_eq!(finding.outcome, Outcome::Good, "{finding:?}");
        }
        let mut device = engine.into_device();
        let clock = doctor::clock(&mut device).unwrap();
        assert_eq!(clock.outcome, Outcome::Unknown, "{clock:?}");
        let mut found = vec![0; bytes];
        device.read_memory(0, &mut found).unwrap();
        assert!(found == data);
        let reset = register::at(register::WATCHDOG).unwrap().reset;
        assert_eq!(device.read_register(register::WATCHDOG), Ok(reset));
    }
}

#[test]
fn each_illness_of_memory_is_named() {
    for (ill, words) in [
        (Ill::Bit, ["0x0000000000000008", "data wires"]),
        (
            Ill::Wraps(1 << 15),
            ["0x8000 and 0x0 are the same place", "bytes=32768"],
        ),
        (Ill::Byte(0x1_2345), ["0x12345", "1 of the"]),
    ] {
        let (outcome, text) = memory(ill);
        assert_eq!(outcome, Outcome::Bad, "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
}

#[test]
fn memory_that_is_not_the_engines_is_found() {
    for (ill, word) in [
        (Ill::Apart, "reads what it wrote itself"),
        (Ill::Stale, "reads what it wrote itself"),
    ] {
        assert_eq!(memory(ill).0, Outcome::Good);
        let mut engine = Engine::open(patient(&TINY, BYTES, ill)).unwrap();
        let found = doctor::coherent(&mut engine).unwrap();
        assert_eq!(found.outcome, Outcome::Bad);
        assert!(found.remedy.contains(word), "{found:?}");
    }
}

#[test]
fn registers_and_identity_that_are_wrong_are_found() {
    let mut device = patient(&TINY, 4096, Ill::Register);
    let found = doctor::registers(&mut device).unwrap();
    assert_eq!(found.outcome, Outcome::Bad);
    assert!(
        found.found.contains("WATCHDOG was written 0x00000100"),
        "{found:?}"
    );
    for (at, value, word) in [
        (register::ID, u32::MAX, "bitstream loaded"),
        (register::ID, 7, "something else"),
        (register::VERSION, 0x0009_0000, "same release"),
        (register::CONFIG_HASH, 1, "none of this release"),
        (register::SHAPE, 1, "anew"),
    ] {
        let mut device = patient(&TINY, 4096, Ill::Reads(at, value));
        let all = doctor::identity(&mut device).unwrap();
        let bad: Vec<_> = all.iter().filter(|f| f.outcome == Outcome::Bad).collect();
        let text = format!("{bad:?}");
        assert!(bad.len() == 1 && text.contains(word), "{text}");
    }
}

#[test]
fn registers_are_read_by_name_and_field() {
    let mut device = patient(&TINY, 4096, Ill::Reads(register::SITE_STATE, 0x00fd_1985));
    device
        .write_register(register::S_WINDOW_PERMISSIONS + 32, 2)
        .unwrap();
    let all = read_all(&mut device).unwrap();
    assert!(all.windows(2).all(|pair| pair[0].offset < pair[1].offset));
    let of = |name: &str| all.iter().find(|r| r.name == name).unwrap();
    assert_eq!(of("ID").value, Some(register::ID_VALUE));
    assert_eq!((of("RESET").value, of("SEL_FREED").value), (None, None));
    assert!(of("RESET").fields().is_empty());
    let values = |name: &str| -> Vec<_> {
        let fields = of(name).fields();
        fields
            .iter()
            .map(|p| (p.field.name, p.value, p.name))
            .collect()
    };
    assert_eq!(
        values("S_WINDOW2_PERMISSIONS"),
        [("WRITE", 1, None), ("READ", 0, None)]
    );
    assert_eq!(values("T_STATE"), [("STATE", 0, Some("idle"))]);
    let site = [
        ("F", -3, None),
        ("VALID", 1, None),
        ("COUNT", 9, None),
        ("E", -123, None),
    ];
    assert_eq!(values("SITE_STATE"), site);
}
