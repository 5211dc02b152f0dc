//! Bits of a line to bytes: one start bit, eight data bits, least first, one stop bit. Samples the middle of each bit.
//!
//! | port | meaning |
//! |---|---|
//! | `line` | the pin, idle high, of no clock: two flip-flops stand behind it |
//! | `valid` | one cycle: `data` is a byte; `data` holds until the next byte begins |
//! | `error` | one cycle: the stop bit was low, and what came is no byte |
//!
//! `valid` comes half a bit and four cycles after the stop bit begins. A low shorter than half a bit is no start bit. One byte
//! in ten bit times, without a gap between them; no flow control. Reset state: waiting for a start bit.
//! At four cycles a bit sender and receiver may differ by 2 %.
use super::baud::{Baud, BITS};
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;

/// Receiver of a line.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct BitReceiver {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub line: Signal<In, Bit>,
    pub data: Signal<Out, Bits<8>>,
    pub valid: Signal<Out, Bit>,
    pub error: Signal<Out, Bit>,
    first: Reg<Bit>,
    level: Reg<Bit>,
    active: Reg<Bit>,
    tick: Reg<Bit>,
    good: Reg<Bit>,
    bad: Reg<Bit>,
    phase: Dff<Bits<BITS>>,
    shift: Dff<Bits<8>>,
    count: Dff<Bits<4>>,
    step: Constant<Bits<17>>,
    half: Constant<Bits<BITS>>,
    sum: Signal<Local, Bits<17>>,
    upper: Signal<Local, Bits<8>>,
}

impl BitReceiver {
    /// A receiver at that rate.
    pub fn new(baud: Baud) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            line: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            error: Default::default(),
            first: Reg::new(true),
            level: Reg::new(true),
            active: Default::default(),
            tick: Default::default(),
            good: Default::default(),
            bad: Default::default(),
            phase: Default::default(),
            shift: Default::default(),
            count: Default::default(),
            step: Constant::new(u64::from(baud.step()).into()),
            half: Constant::new(u64::from(baud.half()).into()),
            sum: Default::default(),
            upper: Default::default(),
        }
    }
}

impl Logic for BitReceiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, first, level, active, tick, good, bad, phase, shift, count);
        self.first.reset.next = self.reset.val();
        self.level.reset.next = self.reset.val();
        self.active.reset.next = self.reset.val();
        self.tick.reset.next = self.reset.val();
        self.good.reset.next = self.reset.val();
        self.bad.reset.next = self.reset.val();

        self.first.d.next = self.line.val();
        self.level.d.next = self.first.q.val();
        self.sum.next = bit_cast::<17, BITS>(self.phase.q.val()) + self.step.val();
        self.phase.d.next = self.sum.val().get_bits::<BITS>(0);
        self.tick.d.next = self.sum.val().get_bit(16) & self.active.q.val();
        self.good.d.next = false;
        self.bad.d.next = false;
        self.upper.next = self.shift.q.val() >> 1;
        if !self.active.q.val() {
            self.phase.d.next = self.half.val();
            self.count.d.next = 0.into();
            self.active.d.next = !self.level.q.val();
        }
        if self.tick.q.val() {
            self.count.d.next = self.count.q.val() + 1;
            // The start bit's own sample falls out of the register's end.
            self.shift.d.next = self.upper.val().replace_bit(7, self.level.q.val());
            if (self.count.q.val() == 0) & self.level.q.val() {
                self.active.d.next = false;
            }
            if self.count.q.val() == 9 {
                self.shift.d.next = self.shift.q.val();
                self.active.d.next = false;
                self.good.d.next = self.level.q.val();
                self.bad.d.next = !self.level.q.val();
            }
        }
        self.data.next = self.shift.q.val();
        self.valid.next = self.good.q.val();
        self.error.next = self.bad.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    /// Sends bytes whose bit times are `stretch` per thousand of the receiver's, each edge up to a clock late.
    fn bytes(name: &str, clock: u64, rate: u64, stretch: u64) {
        let mut sent = vec![];
        let mut got = vec![];
        let mut bad = 0;
        let mut breaks = 0;
        // The frame on the line, in bits, and the time within it in thousandths of cycles.
        let (mut frame, mut time) = (0x3ffu64, 0u64);
        let bit = clock * stretch / rate;
        let mut length = 10 * bit;
        Parity::new(name)
            .cycles(12000)
            .all_move_but(&[])
            .check(
                &mut BitReceiver::new(Baud::new(clock, rate).unwrap()),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle < 2;
                    if cycle > 2 {
                        if u.valid.val() {
                            got.push(u.data.val().to_u64() as u8);
                        }
                        bad += u32::from(u.error.val());
                    }
                    time += 1000;
                    if time >= length {
                        time -= length;
                        length = 10 * bit;
                        let byte = rng.below(256);
                        frame = match rng.below(20) {
                            // The line low for a whole frame, then silence, so that the next start bit is one.
                            0 => {
                                breaks += 1;
                                length = 25 * bit;
                                !0x3ff
                            }
                            1..=4 => {
                                length += rng.below(2000);
                                !0
                            }
                            _ => {
                                sent.push(byte as u8);
                                (byte << 1) | 0x200
                            }
                        };
                    }
                    u.line.next = (frame >> (time / bit).min(40)) & 1 == 1;
                },
            )
            .unwrap();
        assert!(sent.len() > 15, "{}", sent.len());
        assert!(got.len() + 1 >= sent.len());
        assert_eq!(got[..], sent[..got.len()]);
        assert!(bad == breaks, "{bad} errors, {breaks} breaks");
    }

    #[test]
    fn four_cycles_a_bit() {
        bytes("bit_receiver_4", 48_000_000, 12_000_000, 1000);
    }

    #[test]
    fn a_fast_and_a_slow_sender() {
        bytes("bit_receiver_4", 48_000_000, 12_000_000, 980);
        bytes("bit_receiver_4", 48_000_000, 12_000_000, 1020);
    }

    #[test]
    fn other_rates() {
        bytes("bit_receiver_5", 60_000_000, 12_000_000, 1010);
        bytes("bit_receiver_8", 100_000_000, 12_000_000, 990);
        bytes("bit_receiver_33", 100_000_000, 3_000_000, 1000);
        bytes("bit_receiver_12_3", 12_000_000, 3_000_000, 1000);
    }
}
