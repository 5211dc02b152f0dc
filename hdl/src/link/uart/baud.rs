//! The step of the fractional accumulators that make bit times out of clock cycles, checked: a rate that a clock cannot make
//! to within 2 % is refused. Not hardware.
//!
//! Both accumulators have [`BITS`] bits and are increased by [`Baud::step`] every cycle; a carry is a bit time.

/// Bits of the accumulators.
pub const BITS: usize = 16;
/// Largest relative error, in parts per thousand.
const TOLERANCE: u64 = 20;
/// Least clock cycles a bit: with fewer the middle of a bit is not met.
const LEAST_CYCLES: u64 = 4;

/// Why a rate cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaudError {
    /// Too fast for the clock.
    #[error("{baud} baud from a clock of {clock} Hz: {cycles}.{tenths} cycles a bit, expected at least 4; lower the rate or raise the clock", cycles = clock / (*baud).max(1), tenths = clock * 10 / (*baud).max(1) % 10)]
    TooFast {
        /// Bits a second.
        baud: u64,
        /// Clock, Hz.
        clock: u64,
    },
    /// Too slow for the accumulator.
    #[error("{baud} baud from a clock of {clock} Hz: the nearest rate is {nearest}, expected one within 2 %; raise the rate or lower the clock")]
    TooSlow {
        /// Bits a second.
        baud: u64,
        /// Clock, Hz.
        clock: u64,
        /// Bits a second that the accumulator would make.
        nearest: u64,
    },
}

/// A bit rate made of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baud {
    step: u16,
}

impl Baud {
    /// `baud` bits a second from a clock of `clock` Hz.
    pub fn new(clock: u64, baud: u64) -> Result<Self, BaudError> {
        let least = baud.checked_mul(LEAST_CYCLES);
        if clock == 0 || least.is_none_or(|least| least > clock) {
            return Err(BaudError::TooFast { baud, clock });
        }
        let span = u128::from(clock);
        let step = ((u128::from(baud) << BITS) + span / 2) / span;
        let nearest = ((step * span) >> BITS) as u64;
        // At most a quarter of the accumulator: at least four cycles a bit.
        if step == 0 || nearest.abs_diff(baud).saturating_mul(1000) > baud.saturating_mul(TOLERANCE)
        {
            return Err(BaudError::TooSlow {
                baud,
                clock,
                nearest,
            });
        }
        Ok(Self { step: step as u16 })
    }

    /// What the accumulators are increased by every cycle.
    pub fn step(self) -> u16 {
        self.step
    }

    /// Where the receiver's accumulator stands when a start bit is seen: half a bit before the carry, and the cycle that the
    /// carry is registered.
    pub fn half(self) -> u16 {
        (1u16 << (BITS - 1)).wrapping_add(self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_the_boards_can_be_made() {
        for clock in [48_000_000, 60_000_000, 100_000_000] {
            let baud = Baud::new(clock, 12_000_000).unwrap();
            let made = (u64::from(baud.step()) * clock) >> BITS;
            assert!(made.abs_diff(12_000_000) < 12_000, "{clock}: {made}");
        }
        for clock in (12_000_000..=100_000_000).step_by(500_000) {
            let baud = Baud::new(clock, 3_000_000).unwrap();
            let made = (u64::from(baud.step()) * clock) >> BITS;
            assert!(made.abs_diff(3_000_000) < 3_000, "{clock}: {made}");
        }
        assert_eq!(Baud::new(48_000_000, 12_000_000).unwrap().step(), 1 << 14);
        assert!(Baud::new(100_000_000, 115_200).is_ok());
    }

    #[test]
    fn others_are_refused_with_the_figures() {
        let fast = Baud::new(40_000_000, 12_000_000).unwrap_err().to_string();
        assert!(fast.contains("3.3 cycles a bit"), "{fast}");
        let slow = Baud::new(100_000_000, 9600).unwrap_err().to_string();
        assert!(slow.contains("9155"), "{slow}");
        assert!(Baud::new(0, 9600).is_err());
        assert!(Baud::new(1 << 40, 0).is_err());
        assert!(Baud::new(u64::MAX, u64::MAX).is_err());
    }
}
