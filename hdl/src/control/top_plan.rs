//! Programs of the test of the whole control: random, never locking up, each with at most one thing that goes wrong, and what a
//! context must show in the end.
use super::*;
use crate::control::check::{tests::nearly_right, verdict};
use crate::parity::Rng;
use tandem_isa::command::{Unit, Yield};
use tandem_isa::register::state;
use tandem_isa::ErrorCode;

/// What goes wrong with a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    Nothing,
    Refused,
    FetchWindow,
    FetchResponse,
    DeadBus,
    Align,
    ReadWindow,
    WriteResponse,
    Hang,
}
pub(super) const TROUBLES: [Trouble; 9] = [
    Trouble::Nothing,
    Trouble::Refused,
    Trouble::FetchWindow,
    Trouble::FetchResponse,
    Trouble::DeadBus,
    Trouble::Align,
    Trouble::ReadWindow,
    Trouble::WriteResponse,
    Trouble::Hang,
];

/// A program, what of it is to go wrong where, and how far each unit is.
pub(super) struct Plan {
    pub(super) base: u32,
    pub(super) commands: Vec<[u8; 64]>,
    /// Indices of the commands of each unit.
    pub(super) order: [Vec<usize>; 6],
    pub(super) started: [usize; 6],
    pub(super) finished: [usize; 6],
    pub(super) trouble: Trouble,
    pub(super) at: usize,
    pub(super) ring_at: Option<u64>,
}

impl Plan {
    /// A program that waits only for tokens given before, and leaves none at a yield or at its end.
    pub(super) fn new(rng: &mut Rng, base: u32, trouble: Trouble) -> Self {
        let mut commands: Vec<[u8; 64]> = vec![];
        let mut given = [[0u32; 6]; 6];
        let length = rng.below(20) as usize + if trouble == Trouble::Nothing { 0 } else { 8 };
        let good = |rng: &mut Rng| loop {
            let bytes = nearly_right(rng);
            let v = verdict(&bytes, true);
            if v.code == 0 && !v.is_yield {
                break (bytes, v.to_unit.trailing_zeros() as usize);
            }
        };
        let take = |given: &mut [[u32; 6]; 6], u: usize, chance: u64, rng: &mut Rng| {
            let mut wait = 0;
            for (o, given) in given.iter_mut().enumerate() {
                if given[u] > 0 && rng.chance(chance) {
                    given[u] -= 1;
                    wait |= 1 << o;
                }
            }
            wait
        };
        while commands.len() < length {
            let (mut bytes, u) = good(rng);
            bytes[2] = take(&mut given, u, 60, rng);
            bytes[3] = (rng.word() & rng.word()) as u8 & 63;
            (0..6).for_each(|o| given[u][o] += u32::from(bytes[3] >> o & 1));
            commands.push(bytes);
            if rng.chance(10) || commands.len() >= length {
                while given.iter().flatten().any(|&n| n > 0) {
                    let (mut bytes, u) = good(rng);
                    bytes[2] = take(&mut given, u, 100, rng);
                    bytes[3] = 0;
                    if bytes[2] != 0 {
                        commands.push(bytes);
                    }
                }
                commands.push(Yield::default().encode());
            }
        }
        let unit_of = |b: &[u8; 64]| verdict(b, true).to_unit;
        let wanted = match trouble {
            Trouble::Align => Unit::Vector.bit(),
            Trouble::ReadWindow => Unit::Load.bit(),
            Trouble::WriteResponse => Unit::Store.bit(),
            _ => 63,
        };
        let from = rng.below(commands.len() as u64 + 1) as usize;
        let at = (from..commands.len())
            .chain(0..from)
            .find(|&i| unit_of(&commands[i]) & wanted != 0);
        let trouble = if at.is_some() {
            trouble
        } else {
            Trouble::Nothing
        };
        let at = at.unwrap_or(usize::MAX);
        if trouble == Trouble::Refused {
            commands[at] = loop {
                let bytes = nearly_right(rng);
                if verdict(&bytes, true).code != 0 {
                    break bytes;
                }
            };
        }
        let mut order: [Vec<usize>; 6] = Default::default();
        for (i, bytes) in commands.iter().enumerate() {
            if let Some(list) = order.get_mut(unit_of(bytes).trailing_zeros() as usize) {
                list.push(i);
            }
        }
        let ring_at = rng.chance(85).then(|| rng.below(200));
        Self {
            base,
            commands,
            order,
            started: [0; 6],
            finished: [0; 6],
            trouble,
            at,
            ring_at,
        }
    }

    pub(super) fn address(&self, index: usize) -> u32 {
        self.base + 64 * index as u32
    }

    /// Checks how the context stands when all is over.
    pub(super) fn verify(&self, c: usize, d: &Control, note: &str) {
        let done: usize = self.finished.iter().sum();
        if self.ring_at.is_none() {
            // It shows what its last run left.
            assert_eq!(done, 0, "{note}");
            return;
        }
        let found = (
            d.error_code[c].val().to_u64() as u32,
            d.error_command[c].val().to_u64() as u32,
            d.error_value[c].val().to_u64() as u32,
        );
        let stopped = self.ring_at.is_some() && self.trouble != Trouble::Nothing;
        let expected = if stopped { state::FAULTED } else { state::IDLE };
        assert_eq!(
            d.state[c].val().to_u64(),
            u64::from(expected),
            "{note} {found:?}"
        );
        let before = |n: usize| self.order.iter().flatten().filter(|&&i| i < n).count();
        let issued = d.issued[c].val().to_u64() as usize;
        if !stopped {
            assert_eq!(found, (0, 0, 0), "{note}");
            assert_eq!(issued, self.commands.len(), "{note}");
            assert_eq!(done, before(issued), "{note}");
            return;
        }
        let here = self.address(self.at);
        let error = match self.trouble {
            Trouble::Refused => {
                assert_eq!(done, before(self.at), "{note}: all before it are done");
                assert_eq!(issued, self.at + 1, "{note}");
                let v = verdict(&self.commands[self.at], true);
                (v.code, here, v.value)
            }
            Trouble::FetchWindow => (ErrorCode::FetchWindow as u32, here, here),
            Trouble::FetchResponse => (ErrorCode::ReadResponse as u32, here, here),
            Trouble::Align => (ErrorCode::BadAlign as u32, here, 77),
            Trouble::ReadWindow => (ErrorCode::ReadWindow as u32, here, 0x1238),
            Trouble::WriteResponse => (ErrorCode::WriteResponse as u32, here, 0x1238),
            Trouble::DeadBus => {
                // The commands before are done, or those before a yield that waits for the bus to switch.
                let index = (found.1 - self.base) as usize / 64;
                assert!(
                    index == self.at || self.commands[index][0] == Yield::OPCODE,
                    "{note} {found:?} {:?} {}",
                    self.order
                        .iter()
                        .flatten()
                        .filter(|&&i| i <= self.at)
                        .count(),
                    done
                );
                assert_eq!(done, before(index), "{note}");
                (
                    ErrorCode::Timeout as u32,
                    self.address(index.min(self.at)),
                    0,
                )
            }
            Trouble::Hang | Trouble::Nothing => {
                let hung = verdict(&self.commands[self.at], true).to_unit;
                assert!(found.2 & u32::from(hung) != 0, "{note}: {found:?}");
                let u = found.2.trailing_zeros() as usize;
                let head = self.order[u][self.finished[u]];
                (ErrorCode::Timeout as u32, self.address(head), found.2)
            }
        };
        assert_eq!(found, error, "{note}");
    }
}
