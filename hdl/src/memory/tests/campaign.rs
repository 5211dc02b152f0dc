//! Random loads, stores and fetches with a random memory, faults among them; every episode is checked against the
//! golden functions, and the whole run against the emitted Verilog.
use super::axi::{FromMaster, Memory};
use super::bench::Bench;
use super::cells::settle;
use super::episode::pad_word;
use super::throughput::steady;
use crate::memory::lanes::beats;
use crate::memory::window::Granted;
use crate::parity::{Parity, Rng};
use std::collections::{HashSet, VecDeque};
use tandem_isa::ErrorCode;

const SIZE: u32 = 1 << 16;
pub(super) const READS: Granted = (0x1000, 0x5000, 1);
pub(super) const WRITES: Granted = (0x8000, 0xc000, 2);
const NOTHING: Granted = (0x2000, 0x1000, 3);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    None,
    BusRead,
    BusWrite,
    LoadWindow,
    StoreWindow,
    FetchWindow,
    Kill(u64),
    Silence(u64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phase {
    Begin,
    Run,
    /// An error was reported or the context killed: waits until the bus is quiet.
    Drain,
    Reset,
}

/// What a load writes: pad, address, skew, beats of the word.
pub(super) type PadWrite = (u64, u64, bool, Vec<u64>);

pub(super) struct Campaign {
    pub(super) lanes: u32,
    pub(super) memory: Memory,
    /// What memory must hold, and what a store that was cut short may have left.
    pub(super) shadow: Vec<u8>,
    pub(super) perhaps: HashSet<(u32, u8)>,
    pub(super) store_words: Vec<(u32, Vec<u64>)>,
    pub(super) pad_writes: VecDeque<PadWrite>,
    pub(super) fetches: VecDeque<(u32, u32)>,
    pub(super) fetched: VecDeque<(u64, bool)>,
    pub(super) fault: Fault,
    pub(super) expected: Option<(ErrorCode, u32)>,
    pub(super) phase: Phase,
    pub(super) episode: u64,
    pub(super) age: u64,
    pub(super) epoch: u64,
    pub(super) load_open: bool,
    pub(super) store_open: bool,
    pub(super) load_was: bool,
    pub(super) store_was: bool,
    pub(super) on_bus: FromMaster,
    /// Answers of an epoch that was given up are still to come.
    pub(super) late: bool,
    pub(super) rpad: u64,
    pub(super) raddr: u64,
    pub(super) write_beats: u64,
    pub(super) seen: [u32; 8],
}

impl Campaign {
    fn new(lanes: u32, rng: &mut Rng) -> Self {
        let mut memory = Memory::new(SIZE as usize, steady(1), rng);
        memory.windows = [NOTHING, READS, (0, 0, 3), WRITES];
        Self {
            lanes,
            shadow: memory.bytes.clone(),
            memory,
            perhaps: HashSet::new(),
            store_words: vec![],
            pad_writes: VecDeque::new(),
            fetches: VecDeque::new(),
            fetched: VecDeque::new(),
            fault: Fault::None,
            expected: None,
            phase: Phase::Reset,
            episode: 0,
            age: 0,
            epoch: 0,
            load_open: false,
            store_open: false,
            load_was: false,
            store_was: false,
            on_bus: FromMaster::default(),
            late: false,
            rpad: 0,
            raddr: 0,
            write_beats: 0,
            seen: [0; 8],
        }
    }

    /// Memory against the shadow: only granted words may have changed, and with `settled` nothing is on its way.
    pub(super) fn compare(&mut self, settled: bool) {
        for (i, (&found, &kept)) in self.memory.bytes.iter().zip(&self.shadow).enumerate() {
            let cut_short = self.perhaps.contains(&(i as u32, found));
            assert!(
                found == kept || cut_short,
                "memory at 0x{i:x}: {found:x}, expected {kept:x}"
            );
        }
        if settled {
            self.perhaps.clear();
            self.shadow.clone_from(&self.memory.bytes);
        }
    }

    fn store_bytes(&self) -> Vec<(u32, u8)> {
        let mut all = vec![];
        for (at, beats) in &self.store_words {
            let bytes = beats.iter().flat_map(|beat| beat.to_le_bytes());
            all.extend((*at..).zip(bytes));
        }
        all
    }

    /// One cycle: inputs, then what the coming clock edge will do.
    fn cycle<const L: usize>(&mut self, bench: &mut Bench<L>, rng: &mut Rng, cycle: usize) {
        // Read ports of the pads: what was asked for before the last edge.
        let word = pad_word(self.lanes, self.rpad, self.raddr);
        for (lane, value) in bench.pad_rdata.iter_mut().zip(word) {
            lane.next = u64::from(value).into();
        }
        bench.hard_reset.next = cycle < 2;
        bench.reset.next = false;
        bench.load_start.next = false;
        bench.store_start.next = false;
        for (w, &(base, end, permissions)) in self.memory.windows.iter().enumerate() {
            bench.window_base[w].next = u64::from(base).into();
            bench.window_end[w].next = u64::from(end).into();
            bench.window_permissions[w].next = u64::from(permissions).into();
        }
        self.age += 1;
        match self.phase {
            Phase::Begin => self.begin(bench, rng),
            Phase::Reset if cycle >= 2 => {
                // An epoch must change when something is still on its way, and may change otherwise.
                let quiet = bench.quiet.val() && self.memory.is_idle();
                if !quiet || rng.chance(30) {
                    self.epoch = (self.epoch + 1) % 16;
                }
                bench.reset.next = true;
                bench.kill.next = false;
                self.memory.profile.silent = false;
                self.phase = Phase::Begin;
            }
            _ => {}
        }
        bench.epoch.next = self.epoch.into();
        if self.phase == Phase::Run {
            match self.fault {
                Fault::Kill(at) if at == self.age => bench.kill.next = true,
                Fault::Silence(at) if at == self.age => self.memory.profile.silent = true,
                Fault::Silence(at) if at + 60 == self.age => bench.kill.next = true,
                _ => {}
            }
        }
        let (at, count) = self.fetches.front().copied().unwrap_or_default();
        bench.fetch_request_valid.next = self.phase == Phase::Run && !self.fetches.is_empty();
        bench.fetch_request_address.next = u64::from(at).into();
        bench.fetch_request_beats.next = u64::from(count).into();
        bench.fetch_ready.next = rng.chance(60);
        bench.drive(&self.memory.show(rng));
        settle(bench);
        if cycle >= 2 {
            self.observe(bench, rng);
        }
        (self.rpad, self.raddr) = (u64::from(bench.store_pad.val()), bench.raddr.val().to_u64());
    }

    /// What happens at the coming clock edge.
    fn observe<const L: usize>(&mut self, bench: &Bench<L>, rng: &mut Rng) {
        let shown = bench.shown();
        self.memory.take(&shown, rng);
        self.write_beats += u64::from(bench.write_beat.val());
        assert_eq!(
            self.write_beats, self.memory.beats_written,
            "write_beat miscounts"
        );
        if self.phase == Phase::Drain {
            assert!(
                shown.ar.is_none() || self.on_bus.ar.is_some(),
                "a read issued after the stop"
            );
            assert!(
                shown.aw.is_none() || self.on_bus.aw.is_some(),
                "a write issued after the stop"
            );
            self.on_bus = self.memory.waiting().clone();
        }
        self.protocol(bench);
        self.data(bench);

        if bench.error.val() {
            let found = (
                bench.error_code.val().to_u64(),
                bench.error_value.val().to_u64(),
            );
            if let Some(at) = self.memory.failed_at {
                let read = self.fault == Fault::BusRead;
                let code = if read {
                    ErrorCode::ReadResponse
                } else {
                    ErrorCode::WriteResponse
                };
                self.expected = Some((code, at));
            }
            let (code, at) = self.expected.expect("an error where there is none");
            assert_eq!(found, (code as u64, u64::from(at)), "{:?}", self.fault);
            assert_eq!(self.phase, Phase::Run, "a second error");
            self.seen[code as usize - ErrorCode::ReadWindow as usize] += 1;
        }
        match self.phase {
            Phase::Run if bench.error.val() || bench.kill.val() => {
                if bench.kill.val() {
                    self.seen[if matches!(self.fault, Fault::Kill(_)) {
                        5
                    } else {
                        6
                    }] += 1;
                }
                self.on_bus = self.memory.waiting().clone();
                self.age = 0;
                self.phase = Phase::Drain;
            }
            Phase::Run => {
                let open = self.load_open || self.store_open || !self.fetched.is_empty();
                let due = self.expected.is_some() || self.memory.failed_at.is_some();
                if !open && !due && bench.quiet.val() {
                    assert!(self.late || self.memory.is_idle(), "quiet too early");
                    self.seen[7] += 1;
                    self.phase = Phase::Begin;
                }
                assert!(self.age < 8000, "hangs: {:?}", self.fault);
            }
            Phase::Drain => {
                let lost = matches!(self.fault, Fault::Silence(_));
                if bench.quiet.val() || (lost && self.age > 80) {
                    assert!(
                        lost || self.late || self.memory.is_idle(),
                        "quiet too early"
                    );
                    self.late |= !bench.quiet.val();
                    if self.store_open {
                        let bytes = self.store_bytes();
                        self.perhaps.extend(bytes);
                    }
                    (self.load_open, self.store_open) = (false, false);
                    self.phase = Phase::Reset;
                }
                assert!(self.age < 8000, "never quiet: {:?}", self.fault);
            }
            Phase::Begin | Phase::Reset => {}
        }
    }

    fn protocol<const L: usize>(&mut self, bench: &Bench<L>) {
        assert_eq!(
            bench.load_busy.val(),
            self.load_was,
            "busy of the load unit"
        );
        assert_eq!(
            bench.store_busy.val(),
            self.store_was,
            "busy of the store unit"
        );
        assert!(
            bench.load_busy.val()
                || !(bench.load_stalled.val() || bench.load_done.val() || bench.we.val())
        );
        assert!(bench.store_busy.val() || !(bench.store_stalled.val() || bench.store_done.val()));
        let reset = bench.reset.val();
        let after = |was: bool, start: bool, done: bool| !reset && (start || was && !done);
        self.load_was = after(self.load_was, bench.load_start.val(), bench.load_done.val());
        self.store_was = after(
            self.store_was,
            bench.store_start.val(),
            bench.store_done.val(),
        );
    }

    fn data<const L: usize>(&mut self, bench: &Bench<L>) {
        if bench.we.val() {
            let word: Vec<u16> = bench
                .pad_wdata
                .iter()
                .map(|l| l.val().to_u64() as u16)
                .collect();
            let (pad, at) = (bench.load_pad.val().to_u64(), bench.waddr.val().to_u64());
            let found = (pad, at, bench.wskew.val(), beats(&word));
            assert_eq!(Some(found), self.pad_writes.pop_front());
        }
        if bench.load_done.val() {
            assert!(
                self.load_open && self.pad_writes.is_empty(),
                "load done too early"
            );
            self.load_open = false;
        }
        if bench.store_done.val() {
            assert!(self.store_open, "store done twice");
            self.store_open = false;
            for (at, byte) in self.store_bytes() {
                self.shadow[at as usize] = byte;
            }
            self.compare(false);
        }
        if bench.fetch_request_valid.val() && bench.fetch_request_ready.val() {
            self.fetches.pop_front();
        }
        if bench.fetch_valid.val() && bench.fetch_ready.val() {
            let found = (bench.read_data.val().to_u64(), bench.read_last.val());
            assert_eq!(Some(found), self.fetched.pop_front(), "fetched");
            assert!(!bench.read_error.val() || self.fault == Fault::BusRead);
        }
    }
}

fn campaign<const L: usize>(name: &str, cycles: usize, seed: u64) {
    let mut bench = Bench::<L>::default();
    let mut campaign = None;
    let parity = Parity::new(name).cycles(cycles).seed(seed);
    let found = parity.check(
        &mut bench,
        |u| &mut u.clock,
        |u, rng, cycle| {
            let campaign = campaign.get_or_insert_with(|| Campaign::new(L as u32, rng));
            campaign.cycle(u, rng, cycle);
        },
    );
    found.unwrap();
    let seen = campaign.expect("at least one cycle").seen;
    println!("{name}, seed {seed}: ReadWindow, WriteWindow, FetchWindow, ReadResponse, WriteResponse, killed, silent, clean: {seen:?}");
    assert!(
        seen.iter().all(|&n| n > 0),
        "not every fault was met: {seen:?}"
    );
}

#[test]
fn random_commands_and_faults_with_four_lanes() {
    campaign::<4>("memory4", 20_000, 1);
}

#[test]
fn random_commands_and_faults_with_sixteen_lanes() {
    campaign::<16>("memory16", 16_000, 1);
}

/// Twenty times as much; for releases: `cargo test -p tandem-hdl --release memory -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn many_random_commands_and_faults() {
    for seed in 2..12 {
        campaign::<4>("memory4_many", 40_000, seed);
        campaign::<16>("memory16_many", 40_000, seed);
    }
}
