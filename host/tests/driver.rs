//! Opening, windows, faults, sites and counters, on the model.

use tandem::device::{Device, DeviceError};
use tandem::{Context, DriverError, Engine, Site, Window};
use tandem_isa::command::{Load, Store, Yield};
use tandem_isa::config::{E8X16, TINY};
use tandem_isa::{register, Command, Config, ErrorCode};
use tandem_sim::model::Model;

/// A device that claims other sizes, or answers one register wrongly.
struct Lying {
    inner: Model,
    config: Config,
    register: Option<(u32, u32)>,
}

impl Device for Lying {
    fn config(&self) -> &Config {
        &self.config
    }
    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        match self.register {
            Some((at, value)) if at == offset => Ok(value),
            _ => self.inner.read_register(offset),
        }
    }
    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.inner.write_register(offset, value)
    }
    fn memory_size(&self) -> u64 {
        self.inner.memory_size()
    }
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        self.inner.read_memory(address, into)
    }
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        self.inner.write_memory(address, from)
    }
    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        self.inner.wait(irq_mask, limit_cycles)
    }
}

#[test]
fn a_foreign_device_is_refused_with_what_to_do() {
    let open = |config, register| {
        let inner = Model::new(&TINY, 4096);
        let e = Engine::open(Lying {
            inner,
            config,
            register,
        });
        e.err().map(|e| e.to_string()).unwrap_or_default()
    };
    assert_eq!(open(TINY, None), "");
    for (text, words) in [
        (open(E8X16, None), ["CONFIG_HASH", "--config tiny"]),
        (open(TINY, Some((0, 7))), ["ID", "0x544e444d"]),
        (
            open(TINY, Some((4, register::VERSION_VALUE + 0x0001_0000))),
            ["VERSION", "same release"],
        ),
        (open(TINY, Some((8, 1))), ["CONFIG_HASH", "rebuild"]),
        (open(TINY, Some((12, 1))), ["SHAPE", "rebuild"]),
    ] {
        assert!(words.iter().all(|w| text.contains(w)), "{text}");
    }
}

#[test]
fn counters_that_do_not_add_up_are_refused() {
    let read = |register| {
        let lying = Lying {
            inner: Model::new(&TINY, 4096),
            config: TINY,
            register,
        };
        Engine::open(lying).unwrap().counters()
    };
    assert!(read(None).is_ok());
    for (offset, of) in [
        (register::T_CYCLES, "contexts"),
        (register::SWITCH_CYCLES, "contexts"),
        (register::LOSS_STALLED, "Loss"),
    ] {
        let error = read(Some((offset, 9))).unwrap_err();
        assert!(matches!(error, DriverError::Counters { found: 9, .. }));
        assert!(error.to_string().contains(of), "{error}");
    }
}

#[test]
fn faults_name_code_command_and_value() {
    let mut e = Engine::open(Model::new(&TINY, 1 << 16)).unwrap();
    let all = Window {
        base: 0,
        end: 0x8000,
        read: true,
        write: true,
    };
    e.set_window(Context::Student, 0, all).unwrap();
    let one = Load {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        ..Default::default()
    };
    let store = Store {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        ..Default::default()
    };
    let cases: [(Command, ErrorCode); 4] = [
        (
            Load {
                address: 0x8000,
                ..one
            }
            .into(),
            ErrorCode::ReadWindow,
        ),
        (
            Store {
                address: 0x9000,
                ..store
            }
            .into(),
            ErrorCode::WriteWindow,
        ),
        (Load { pad: 9, ..one }.into(), ErrorCode::BadField),
        (Load { flags: 0x80, ..one }.into(), ErrorCode::BadFlags),
    ];
    for (bad, code) in cases {
        e.write_program(0x1000, &[one.into(), bad, Yield::default().into()])
            .unwrap();
        let Err(DriverError::Fault(f)) = e.run(Context::Student, 0x1000, 3, 1000) else {
            panic!("{bad:?} was accepted");
        };
        assert_eq!((f.kind(), f.index, f.command), (Some(code), 1, 0x1040));
        assert!(
            f.to_string().contains("student stopped at command 1"),
            "{f}"
        );
        // The next program runs.
        e.write_program(0x1000, &[one.into()]).unwrap();
        e.run(Context::Student, 0x1000, 1, 1000).unwrap();
    }
    let outside = Window {
        end: 1 << 20,
        ..all
    };
    assert!(matches!(
        e.set_window(Context::Teacher, 0, outside),
        Err(DriverError::Address { .. })
    ));
    assert!(matches!(
        e.set_window(Context::Teacher, 4, all),
        Err(DriverError::Range { .. })
    ));
    assert!(matches!(
        e.start(Context::Student, 0x1001, 1),
        Err(DriverError::Address { .. })
    ));
    let site = Site {
        e: -5,
        count: 9,
        valid: true,
        f: -3,
    };
    e.set_site(200, site).unwrap();
    assert_eq!(e.site(200).unwrap().e, -5);
    assert_eq!(e.site(200).unwrap().count, 9);
    assert!(e.site(201).is_ok_and(|s| !s.valid));
}
