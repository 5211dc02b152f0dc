//! The accesses of the set-up, in the order in which they are made: seven scripts of writes, checks and waits for
//! [`Script`](super::Script). What is tried when is in [`Search`](super::Search).
//!
//! A word has 26 bits: operation (3), register (7: bits 12:11 and 6:2 of its address), data (16).
use super::registers::*;

/// Bits of a word.
pub const WORD: usize = 26;
/// Bits of a place in the program.
pub const PLACE: usize = 7;

/// Operations: the upper bit writes, and those from [`CHECK_BURST`] on use the bus.
pub const END: u64 = 0;
/// Lets so many cycles pass, and one.
pub const WAIT: u64 = 1;
/// Reads, wants the lane's bit.
pub const CHECK_BURST: u64 = 2;
/// Reads, wants the lane's bytes of the pattern.
pub const CHECK_PATTERN: u64 = 3;
/// Writes the data.
pub const WRITE: u64 = 4;
/// Writes the lane's bit.
pub const WRITE_LANE: u64 = 5;
/// Writes the pattern: the data in the lower half, their complement in the upper.
pub const WRITE_PATTERN: u64 = 6;

/// The scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// From power-up to a memory that takes commands.
    Start,
    /// The lane to delay 0 and bit slip 0.
    Lane,
    /// The lane to the next bit slip, at delay 0.
    Slip,
    /// The lane to the next delay.
    Delay,
    /// A burst written, read, compared.
    Test,
    /// To the controller; ports open.
    Good,
    /// Ports shut.
    Bad,
}

/// The clock is too fast for the program's waits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DDR set-up: expected a clock of at most {MAXIMUM} Hz, found {0}; a wait of 500 µs has to fit 16 bits of cycles")]
pub struct ClockError(pub u64);

/// Fastest clock, Hz.
pub const MAXIMUM: u64 = 130_000_000;

/// Numbers of the pattern, one for two beats: bytes of the two lanes, all different. A lane gets byte, complement, next byte,
/// complement: every line turns with every beat, and no shift of the burst looks like the burst.
pub const PATTERN: [u16; 4] = [0x2d5a, 0xb1c3, 0x9e0f, 0x4777];

/// The scripts one after the other.
#[derive(Clone, Debug)]
pub struct Program {
    /// Words; what follows the last is 0.
    pub words: Vec<u32>,
    entries: Vec<(Part, u8)>,
}

impl Program {
    /// The program for a clock of that many Hz.
    pub fn new(clock: u64) -> Result<Self, ClockError> {
        if clock > MAXIMUM {
            return Err(ClockError(clock));
        }
        let mut program = Self {
            words: vec![],
            entries: vec![],
        };
        program.start(clock);
        program.lane_scripts();
        program.test();
        program.begin(Part::Good);
        program.write(CONTROL, CONTROL_HARDWARE);
        program.write(INIT_DONE, 1);
        program.end();
        program.begin(Part::Bad);
        program.write(INIT_ERROR, 1);
        program.write(INIT_DONE, 1);
        program.end();
        Ok(program)
    }

    /// Place of the first word of a script.
    pub fn entry(&self, part: Part) -> u64 {
        let of = self.entries.iter().find(|(p, _)| *p == part);
        of.map_or(0, |(_, place)| u64::from(*place))
    }

    /// JESD79-3: reset 200 µs, clock enable 500 µs later, mode registers, ZQ calibration. Every access takes three cycles at
    /// least, six of the memory's clock: between two commands are more than tMRD and tMOD ask.
    fn start(&mut self, clock: u64) {
        let on = CONTROL_ODT | CONTROL_RESET_N;
        self.begin(Part::Start);
        self.write(CONTROL, 0);
        self.wait(clock / 5_000);
        self.write(ADDRESS_0, 0);
        self.write(BANK_0, 0);
        self.write(CONTROL, on);
        self.wait(clock / 2_000);
        self.write(CONTROL, on | CONTROL_CKE);
        self.wait(clock / 2_500_000 + 8); // tXPR: 360 ns for 8 Gbit
        for (number, value) in MODES {
            self.write(ADDRESS_0, value);
            self.write(BANK_0, number);
            self.command(0, COMMAND_CS | COMMAND_WE | COMMAND_CAS | COMMAND_RAS);
        }
        self.wait(300); // tDLLK: 512 clocks of the memory
        self.write(ADDRESS_0, ZQ_LONG);
        self.command(0, COMMAND_CS | COMMAND_WE);
        self.wait(300); // tZQinit: as many
        for (address, bank) in [(ADDRESS_0, BANK_0), (ADDRESS_1, BANK_1)] {
            self.write(address, 0);
            self.write(bank, 0);
        }
        self.end();
    }

    fn lane_scripts(&mut self) {
        let scripts = [
            (Part::Lane, &[DELAY_RESET, SLIP_RESET][..]),
            (Part::Slip, &[DELAY_RESET, SLIP_STEP]),
            (Part::Delay, &[DELAY_STEP]),
        ];
        for (part, registers) in scripts {
            self.begin(part);
            self.push(WRITE_LANE, LANE_SELECT, 0, 0);
            registers.iter().for_each(|r| self.write(*r, 1));
            // All lanes' strobe logic stops and goes on together: their pointers are in step.
            for lanes in [0, 3, 0] {
                self.write(LANE_SELECT, lanes);
            }
            self.end();
        }
    }

    /// Bank 0, row 0, column 0. The phases are those in which the controller gives such commands.
    fn test(&mut self) {
        let data = [
            (WRITE_DATA_0, 1),
            (WRITE_DATA_0, 0),
            (WRITE_DATA_1, 1),
            (WRITE_DATA_1, 0),
        ];
        let read = [
            (READ_DATA_0, 1),
            (READ_DATA_0, 0),
            (READ_DATA_1, 1),
            (READ_DATA_1, 0),
        ];
        self.begin(Part::Test);
        self.command(0, COMMAND_CS | COMMAND_RAS);
        for ((register, word), beats) in data.into_iter().zip(PATTERN) {
            self.push(WRITE_PATTERN, register, word, beats);
        }
        self.command(1, COMMAND_CS | COMMAND_CAS | COMMAND_WE | COMMAND_WRITES);
        self.wait(16);
        self.write(BURST_CLEAR, 1);
        self.command(0, COMMAND_CS | COMMAND_CAS | COMMAND_READS);
        self.wait(32);
        self.command(0, COMMAND_CS | COMMAND_RAS | COMMAND_WE);
        for ((register, word), beats) in read.into_iter().zip(PATTERN) {
            self.push(CHECK_PATTERN, register, word, beats);
        }
        self.push(CHECK_BURST, BURST_SEEN, 0, 0);
        self.end();
    }

    fn begin(&mut self, part: Part) {
        self.entries.push((part, self.words.len() as u8));
    }

    fn push(&mut self, operation: u64, register: Register, word: u16, data: u16) {
        // The register's first word is the upper one.
        let address = u32::from(register.address) + 4 * u32::from(register.words - 1 - word as u8);
        let number = (address >> 11) << 5 | (address >> 2) & 31;
        self.words
            .push((operation as u32) << 23 | number << 16 | u32::from(data));
    }

    fn write(&mut self, register: Register, data: u16) {
        self.push(WRITE, register, 0, data);
    }

    fn command(&mut self, phase: usize, command: u16) {
        self.write([COMMAND_0, COMMAND_1][phase], command);
        self.write([ISSUE_0, ISSUE_1][phase], 1);
    }

    fn wait(&mut self, cycles: u64) {
        self.words.push((WAIT as u32) << 23 | cycles as u32);
    }

    fn end(&mut self) {
        self.words.push((END as u32) << 23);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_and_every_register_can_be_named() {
        let program = Program::new(MAXIMUM).unwrap();
        assert!(program.words.len() <= 1 << PLACE, "{}", program.words.len());
        assert!(program.words.iter().all(|word| *word < 1 << WORD));
        for register in ALL {
            let last = register.address + 4 * u16::from(register.words - 1);
            assert_eq!(last & !0x187c, 0, "{}", register.name);
        }
        assert!(Program::new(MAXIMUM + 1).is_err());
    }

    #[test]
    fn no_shift_of_the_pattern_is_the_pattern() {
        for lane in 0..2 {
            // Lower byte of the word's halves is lane 0; words come upper first, beats lower half first.
            let bytes: Vec<u8> = [1, 0, 3, 2]
                .iter()
                .flat_map(|i| [PATTERN[*i], !PATTERN[*i]])
                .map(|beat| (beat >> (8 * lane)) as u8)
                .collect();
            for shift in 1..8 {
                for beat in 0..8 - shift {
                    assert_ne!(
                        bytes[beat],
                        bytes[beat + shift],
                        "lane {lane}, {shift} beats"
                    );
                }
            }
        }
    }
}
