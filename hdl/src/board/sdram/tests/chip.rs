//! A behavioural SDRAM chip that checks what is asked of it: initialisation, row timings, refresh, one driver of the data pins.
//! Its clock is the board's inverted, so it acts in the middle of a cycle.
use std::collections::VecDeque;

/// What the pins show in a cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pins {
    pub csn: bool,
    pub rasn: bool,
    pub casn: bool,
    pub wen: bool,
    pub bank: usize,
    pub address: u32,
    pub data: u16,
    pub drive: bool,
}

/// Least cycles between commands, all rounded up from the data sheet at the tests' clock.
const T_RCD: u64 = 2;
const T_RP: u64 = 2;
const T_RFC: u64 = 5;
const T_RAS: u64 = 4;
const T_WR: u64 = 2;
/// Most cycles between refreshes.
const REFRESH: u64 = 585;
/// What the pins show while nobody drives them.
const FLOATING: u16 = 0xdead;

#[derive(Clone, Copy, Debug, Default)]
struct Bank {
    row: Option<u32>,
    activated: u64,
    precharged: u64,
    written: u64,
}

/// The chip: 4 banks of 8192 rows of 512 words.
pub struct Chip {
    pub words: Vec<u16>,
    banks: [Bank; 4],
    ready: bool,
    refreshed: u64,
    refreshes: u64,
    now: u64,
    /// What the data pins show in the cycles to come.
    out: VecDeque<Option<u16>>,
    pub commands: u64,
}

impl Chip {
    pub fn new() -> Self {
        Self {
            words: vec![0; 1 << 24],
            banks: Default::default(),
            ready: false,
            refreshed: 0,
            refreshes: 0,
            now: 0,
            out: VecDeque::from([None, None]),
            commands: 0,
        }
    }

    fn precharge(&mut self, bank: usize) {
        let now = self.now;
        let bank = &mut self.banks[bank];
        if bank.row.is_some() {
            assert!(
                now - bank.activated >= T_RAS,
                "cycle {now}: precharge before tRAS"
            );
            assert!(
                bank.written == 0 || now - bank.written >= T_WR,
                "cycle {now}: precharge before tWR"
            );
        }
        *bank = Bank {
            precharged: now,
            ..Default::default()
        };
    }

    fn place(&self, pins: &Pins) -> usize {
        let (now, bank) = (self.now, &self.banks[pins.bank]);
        let row = bank
            .row
            .unwrap_or_else(|| panic!("cycle {now}: no row is open: {pins:?}"));
        assert!(
            now - bank.activated >= T_RCD,
            "cycle {now}: access before tRCD"
        );
        assert!(
            pins.address < 512,
            "cycle {now}: column {:x}, or auto-precharge",
            pins.address
        );
        pins.bank << 22 | (row as usize) << 9 | pins.address as usize
    }

    /// A cycle: takes the command in its middle, gives what the board's falling-edge register has after it.
    pub fn cycle(&mut self, pins: Pins) -> u16 {
        self.now += 1;
        let now = self.now;
        let shown = self.out.pop_front().flatten();
        let mut coming = None;
        assert!(
            !(shown.is_some() && pins.drive),
            "cycle {now}: two drive the data pins"
        );
        let busy = self.ready && self.refreshes > 0 && now - self.refreshed < T_RFC;
        if self.ready {
            assert!(
                now - self.refreshed <= REFRESH,
                "cycle {now}: no refresh since {}",
                self.refreshed
            );
        }
        let command = (pins.rasn, pins.casn, pins.wen);
        if !pins.csn && command != (true, true, true) {
            self.commands += 1;
            assert!(!busy, "cycle {now}: {pins:?} before tRFC");
            match command {
                (false, true, true) => {
                    let bank = self.banks[pins.bank];
                    assert!(
                        self.ready && bank.row.is_none(),
                        "cycle {now}: {pins:?} of {bank:?}"
                    );
                    assert!(
                        now - bank.precharged >= T_RP,
                        "cycle {now}: activate before tRP"
                    );
                    self.banks[pins.bank] = Bank {
                        row: Some(pins.address),
                        activated: now,
                        ..Default::default()
                    };
                }
                (true, false, true) => coming = Some(self.words[self.place(&pins)]),
                (true, false, false) => {
                    assert!(pins.drive, "cycle {now}: a write without data");
                    let at = self.place(&pins);
                    self.words[at] = pins.data;
                    self.banks[pins.bank].written = now;
                }
                (false, true, false) if pins.address >> 10 & 1 == 1 => {
                    (0..4).for_each(|bank| self.precharge(bank));
                }
                (false, true, false) => self.precharge(pins.bank),
                (false, false, true) => {
                    for bank in &self.banks {
                        assert!(
                            bank.row.is_none() && now - bank.precharged >= T_RP,
                            "cycle {now}: refresh of {bank:?}"
                        );
                    }
                    assert!(self.refreshes == 0 || now - self.refreshed >= T_RFC);
                    self.refreshed = now;
                    self.refreshes += 1;
                }
                (false, false, false) => {
                    assert!(
                        self.refreshes >= 2,
                        "cycle {now}: mode set after {} refreshes",
                        self.refreshes
                    );
                    // Single words, sequential, latency 3.
                    assert_eq!((pins.address, pins.bank), (0x30, 0), "cycle {now}");
                    self.ready = true;
                }
                _ => panic!("cycle {now}: {pins:?}"),
            }
        }
        self.out.push_back(coming);
        shown.unwrap_or(FLOATING)
    }
}
