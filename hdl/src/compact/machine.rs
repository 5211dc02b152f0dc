//! The processor's instructions in plain Rust, one at a time: what its block is compared with. Not for the engine: it has no units.

/// An interpreter; ports are the caller's.
pub(crate) struct Machine {
    pub program: Vec<u16>,
    pub data: Vec<u16>,
    pub a: u16,
    pub x: u8,
    pub carry: bool,
    pub counter: u16,
    pub stack: u8,
}

/// What a step did at a port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Access {
    None,
    Read(u16),
    Write(u16, u16),
}

impl Machine {
    /// At reset.
    pub fn new(program: &[u16], words: usize, data: &[u16]) -> Self {
        let (mut program, mut data) = (program.to_vec(), data.to_vec());
        program.resize(words, 0);
        data.resize(256, 0);
        Self {
            program,
            data,
            a: 0,
            x: 0,
            carry: false,
            counter: 0,
            stack: 0,
        }
    }

    /// Runs an instruction; `port_in` is what a port would give.
    pub fn step(&mut self, port_in: u16) -> Access {
        let mask = self.program.len() as u16 - 1;
        let word = self.program[usize::from(self.counter)];
        self.counter = (self.counter + 1) & mask;
        let address = word as u8 | if word >> 9 & 1 != 0 { self.x } else { 0 };
        let m = if word >> 10 & 1 != 0 {
            word & 511
        } else {
            self.data[usize::from(address)]
        };
        let (a, code) = (self.a, word >> 11);
        let mut sum = |m: u16, carry: bool| {
            let sum = u32::from(a) + u32::from(m) + u32::from(carry);
            self.carry = sum > 0xffff;
            sum as u16
        };
        match code {
            0 => self.a = m,
            1 => self.a &= m,
            2 => self.a |= m,
            3 => self.a ^= m,
            4 => self.a = sum(m, false),
            5 => {
                let carry = self.carry;
                self.a = {
                    let sum = u32::from(a) + u32::from(m) + u32::from(carry);
                    self.carry = sum > 0xffff;
                    sum as u16
                }
            }
            6 => self.a = sum(!m, true),
            7 => {
                let carry = self.carry;
                self.a = {
                    let sum = u32::from(a) + u32::from(!m) + u32::from(carry);
                    self.carry = sum > 0xffff;
                    sum as u16
                }
            }
            8 => self.data[usize::from(address)] = a,
            9 => self.x = m as u8,
            10 => {
                let top = match word & 3 {
                    1 => a & 0x8000,
                    2 => u16::from(self.carry) << 15,
                    _ => 0,
                };
                self.a = if word & 3 == 3 {
                    a.swap_bytes()
                } else {
                    a >> 1 | top
                };
                self.carry = a & 1 != 0;
            }
            11 => {
                self.a = port_in;
                return Access::Read(word & 31);
            }
            12 => return Access::Write(word & 31, a),
            13 => self.x = a as u8,
            16..=22 => {
                let taken = match code & 7 {
                    0 => true,
                    1 => a == 0,
                    2 => a != 0,
                    3 => a >> 15 != 0,
                    4 => a >> 15 == 0,
                    5 => self.carry,
                    _ => !self.carry,
                };
                if taken {
                    self.counter = word & mask & 0x7ff;
                }
            }
            24 => {
                self.data[usize::from(240 | self.stack)] = self.counter;
                self.stack = (self.stack + 1) & 15;
                self.counter = word & mask & 0x7ff;
            }
            25 => {
                self.stack = self.stack.wrapping_sub(1) & 15;
                self.counter = self.data[usize::from(240 | self.stack)] & mask;
            }
            _ => {}
        }
        Access::None
    }
}
