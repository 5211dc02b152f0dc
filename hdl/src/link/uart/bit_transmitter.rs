//! Bytes to bits of a line: one start bit, eight data bits, least first, one stop bit.
//!
//! | port | meaning |
//! |---|---|
//! | `data`, `valid`, `ready` | bytes, valid/ready |
//! | `line` | the pin, idle high, from a flip-flop |
//!
//! Bits begin on a grid of bit times that always runs, so an idle line begins a byte up to a bit time late; a byte that is
//! there while the stop bit stands follows without a gap: ten bit times a byte. Reset state: idle.
use super::baud::{Baud, BITS};
use crate::leaf::Reg;
use rust_hdl::prelude::*;

/// Transmitter of a line.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct BitTransmitter {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    pub valid: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub line: Signal<Out, Bit>,
    phase: Reg<Bits<BITS>>,
    tick: Reg<Bit>,
    pin: Reg<Bit>,
    shift: Reg<Bits<9>>,
    left: Reg<Bits<4>>,
    step: Constant<Bits<17>>,
    sum: Signal<Local, Bits<17>>,
    upper: Signal<Local, Bits<9>>,
    idle: Signal<Local, Bit>,
}

impl BitTransmitter {
    /// A transmitter at that rate.
    pub fn new(baud: Baud) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            ready: Default::default(),
            line: Default::default(),
            phase: Default::default(),
            tick: Default::default(),
            pin: Reg::new(true),
            shift: Reg::new(0x1ff.into()),
            left: Default::default(),
            step: Constant::new(u64::from(baud.step()).into()),
            sum: Default::default(),
            upper: Default::default(),
            idle: Default::default(),
        }
    }
}

impl Logic for BitTransmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, tick, pin, shift, left);
        self.phase.reset.next = self.reset.val();
        self.tick.reset.next = self.reset.val();
        self.pin.reset.next = self.reset.val();
        self.shift.reset.next = self.reset.val();
        self.left.reset.next = self.reset.val();

        self.sum.next = bit_cast::<17, BITS>(self.phase.q.val()) + self.step.val();
        self.phase.d.next = self.sum.val().get_bits::<BITS>(0);
        self.tick.d.next = self.sum.val().get_bit(16);
        self.idle.next = !self.left.q.val().any();
        self.upper.next = self.shift.q.val() >> 1;
        if self.tick.q.val() {
            self.pin.d.next = self.shift.q.val().get_bit(0);
            self.shift.d.next = self.upper.val().replace_bit(8, true);
            if !self.idle.val() {
                self.left.d.next = self.left.q.val() - 1;
            }
        }
        if self.idle.val() & self.valid.val() {
            self.shift.d.next = bit_cast::<9, 8>(self.data.val()) << 1;
            // Start bit, data, and the stop bit on the line.
            self.left.d.next = 10.into();
        }
        self.ready.next = self.idle.val();
        self.line.next = self.pin.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    /// Reads the line in the middle of its bits; the share of bytes offered, in percent.
    fn bytes(name: &str, clock: u64, rate: u64, offered: u64) -> (usize, usize) {
        let mut sent = vec![];
        let mut got = vec![];
        let mut since: Option<u64> = None;
        let mut value = 0u64;
        let cycles = 12000;
        let mut held = false;
        Parity::new(name)
            .cycles(cycles)
            .check(
                &mut BitTransmitter::new(Baud::new(clock, rate).unwrap()),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    u.reset.next = cycle < 2;
                    if cycle > 2 {
                        let level = u.line.val();
                        if since.is_none() && !level {
                            since = Some(0);
                            value = 0;
                        }
                        if let Some(time) = &mut since {
                            let (before, after) =
                                (*time * rate * 2 / clock, (*time + 1) * rate * 2 / clock);
                            *time += 1;
                            if after != before && after % 2 == 1 {
                                value |= u64::from(level) << (after / 2);
                                if after / 2 == 9 {
                                    assert_eq!(value & 0x201, 0x200);
                                    got.push((value >> 1) as u8);
                                    since = None;
                                }
                            }
                        }
                    }
                    if !held {
                        held = rng.chance(offered);
                        u.valid.next = held;
                        u.data.next = rng.bits();
                    }
                    // `ready` hangs on no input: what it is now, it is at the edge.
                    if cycle > 1 && held && u.ready.val() {
                        sent.push(u.data.next.to_u64() as u8);
                        held = false;
                    }
                },
            )
            .unwrap();
        assert!(
            got.len() + 3 >= sent.len(),
            "{} of {}",
            got.len(),
            sent.len()
        );
        assert_eq!(got[..], sent[..got.len()]);
        (got.len(), (cycles as u64 * rate / clock / 10) as usize)
    }

    #[test]
    fn bytes_follow_one_another_without_a_gap() {
        for (name, clock, rate) in [
            ("bit_transmitter_4", 48_000_000, 12_000_000),
            ("bit_transmitter_5", 60_000_000, 12_000_000),
            ("bit_transmitter_8", 100_000_000, 12_000_000),
        ] {
            let (got, room) = bytes(name, clock, rate, 100);
            assert!(got + 4 >= room, "{got} of {room}");
        }
    }

    #[test]
    fn bytes_now_and_then() {
        let (got, _) = bytes("bit_transmitter_4", 48_000_000, 12_000_000, 1);
        assert!(got > 20, "{got}");
    }
}
