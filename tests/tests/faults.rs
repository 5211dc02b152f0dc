//! What stops a context on the RTL: bad commands, window violations, bus errors, lost answers. Code, command and value are in the registers,
//! the other context is not touched, and the next program runs.

use tandem::{Context, DriverError, Engine, Window};
use tandem_isa::command::{Load, Store, Yield};
use tandem_isa::config::TINY;
use tandem_isa::{register, Command, ErrorCode};
use tandem_sim::rtl::{Fault, Misfortune, Response, RtlDevice};
use tandem_tests::rtl::settled;

const PROGRAM: u32 = 0x1000;
const LIMIT: u64 = 200_000;

fn one() -> Load {
    Load {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        address: 0x4000,
        ..Default::default()
    }
}

fn put() -> Store {
    Store {
        n: 1,
        m: 1,
        rows: 1,
        width: 1,
        address: 0x5000,
        ..Default::default()
    }
}

fn open() -> Engine<RtlDevice> {
    let mut e = Engine::open(RtlDevice::open(&TINY, 1 << 16, None).unwrap()).unwrap();
    let all = Window {
        base: 0,
        end: 0x8000,
        read: true,
        write: true,
    };
    for context in [Context::Teacher, Context::Student] {
        e.set_window(context, 0, all).unwrap();
    }
    e
}

/// Runs a program whose second command is `bad`, beside nothing, and gives the fault; then a good program must run in both contexts.
fn provoke(e: &mut Engine<RtlDevice>, context: Context, bad: Command) -> tandem::Fault {
    let memory = e.device_mut().core().memory().to_vec();
    e.write_program(
        PROGRAM.into(),
        &[one().into(), bad, Yield::default().into()],
    )
    .unwrap();
    let Err(DriverError::Fault(fault)) = e.run(context, PROGRAM.into(), 3, LIMIT) else {
        panic!("{bad:?} was accepted");
    };
    settled(e);
    let core = e.device_mut().core();
    core.clear_plans();
    let changed = (0x6000..memory.len()).any(|i| core.memory()[i] != memory[i]);
    assert!(!changed, "memory outside the program was written");
    e.write_program(PROGRAM.into(), &[one().into(), put().into()])
        .unwrap();
    for context in [Context::Student, Context::Teacher] {
        e.run(context, PROGRAM.into(), 2, LIMIT).unwrap();
    }
    fault
}

#[test]
fn bad_commands_and_windows_stop_their_context_only() {
    let mut e = open();
    let cases: [(Command, ErrorCode, u32); 5] = [
        (
            Load {
                address: 0x8000,
                ..one()
            }
            .into(),
            ErrorCode::ReadWindow,
            0x8000,
        ),
        (
            Store {
                address: 0x9000,
                ..put()
            }
            .into(),
            ErrorCode::WriteWindow,
            0x9000,
        ),
        (
            Load { pad: 9, ..one() }.into(),
            ErrorCode::BadField,
            8 << 24 | 9,
        ),
        (
            Load {
                flags: 0x80,
                ..one()
            }
            .into(),
            ErrorCode::BadFlags,
            0x80,
        ),
        (
            Load {
                wait: 0x80,
                ..one()
            }
            .into(),
            ErrorCode::BadField,
            2 << 24 | 0x80,
        ),
    ];
    for (bad, code, value) in cases {
        for context in [Context::Student, Context::Teacher] {
            let f = provoke(&mut e, context, bad);
            assert_eq!(
                (f.kind(), f.command, f.value),
                (Some(code), PROGRAM + 64, value),
                "{bad:?}"
            );
        }
    }
}

#[test]
fn bus_errors_and_lost_answers_are_reported_and_survived() {
    let mut e = open();
    e.set_register(register::WATCHDOG, 2000).unwrap();
    let response = Response::SlaveError;
    let at = |what, from: u64| Fault {
        what,
        addresses: from..from + 8,
        skip: 0,
        times: 1,
    };
    let cases = [
        (
            at(Misfortune::ReadError { beat: 0, response }, 0x4100),
            ErrorCode::ReadResponse,
            Some(0x4100),
        ),
        (
            at(Misfortune::WriteError { response }, 0x5100),
            ErrorCode::WriteResponse,
            Some(0x5100),
        ),
        (at(Misfortune::ReadLost, 0x4100), ErrorCode::Timeout, None),
        (at(Misfortune::WriteLost, 0x5100), ErrorCode::Timeout, None),
    ];
    for (plan, code, value) in cases {
        let write = plan.addresses.start == 0x5100;
        let command: Command = if write {
            Store {
                address: 0x5100,
                ..put()
            }
            .into()
        } else {
            Load {
                address: 0x4100,
                ..one()
            }
            .into()
        };
        e.device_mut().core().plan(plan.clone());
        let f = provoke(&mut e, Context::Student, command);
        assert_eq!(
            (f.kind(), f.command),
            (Some(code), PROGRAM + 64),
            "{plan:?}"
        );
        if let Some(value) = value {
            assert_eq!(f.value, value, "{plan:?}");
        }
    }
}

#[test]
fn a_fault_of_one_context_leaves_the_other_running() {
    let mut e = open();
    let many = vec![Command::from(one()); 64];
    e.write_program(0x2000, &many).unwrap();
    e.write_program(PROGRAM.into(), &[Load { pad: 9, ..one() }.into()])
        .unwrap();
    e.start(Context::Student, 0x2000, 64).unwrap();
    e.start(Context::Teacher, PROGRAM.into(), 1).unwrap();
    e.finish(Context::Student, LIMIT).unwrap();
    let Err(DriverError::Fault(f)) = e.finish(Context::Teacher, LIMIT) else {
        panic!("the teacher's command was accepted");
    };
    assert_eq!(f.kind(), Some(ErrorCode::BadField));
    settled(&mut e);
}
