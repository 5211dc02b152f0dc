//! CRC-32 of IEEE 802.3, a bit a cycle: small, for bytes that come slower than every ninth cycle.
//!
//! | port | meaning |
//! |---|---|
//! | `clear` | begin anew: `value` is all ones |
//! | `start` | take `data`; only while not `busy` |
//! | `busy` | the byte is being worked on; high for eight cycles from the one after `start` |
//! | `value` | the running CRC of the bytes so far (`tandem_isa::link::crc_step`), not inverted, valid while not `busy` |
//!
//! Reset: by `clear`. `clear` wins.
use crate::leaf::{Dff, Reg};
use rust_hdl::prelude::*;
use tandem_isa::link::CRC_POLYNOMIAL;

/// CRC-32, a bit a cycle.
#[derive(LogicBlock)]
#[allow(missing_docs)] // The table above says what the ports are.
pub struct ByteCrc {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    pub start: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,
    pub value: Signal<Out, Bits<32>>,
    crc: Reg<Bits<32>>,
    shift: Dff<Bits<8>>,
    left: Reg<Bits<4>>,
    polynomial: Constant<Bits<32>>,
    working: Signal<Local, Bit>,
    halved: Signal<Local, Bits<32>>,
}

impl Default for ByteCrc {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            data: Default::default(),
            start: Default::default(),
            busy: Default::default(),
            value: Default::default(),
            crc: Reg::new(0xffff_ffffu64.into()),
            shift: Default::default(),
            left: Default::default(),
            polynomial: Constant::new(u64::from(CRC_POLYNOMIAL).into()),
            working: Default::default(),
            halved: Default::default(),
        }
    }
}

impl Logic for ByteCrc {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, crc, shift, left);
        self.crc.reset.next = self.clear.val();
        self.left.reset.next = self.clear.val();
        // Eight values with the top bit set.
        self.working.next = self.left.q.val().get_bit(3);
        self.halved.next = self.crc.q.val() >> 1;
        if self.working.val() {
            self.left.d.next = self.left.q.val() + 1;
            self.shift.d.next = self.shift.q.val() >> 1;
            self.crc.d.next = self.halved.val();
            if self.crc.q.val().get_bit(0) ^ self.shift.q.val().get_bit(0) {
                self.crc.d.next = self.halved.val() ^ self.polynomial.val();
            }
        }
        if self.start.val() {
            self.left.d.next = 8.into();
            self.shift.d.next = self.data.val();
        }
        self.busy.next = self.working.val();
        self.value.next = self.crc.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;
    use tandem_isa::link::crc_step;

    #[test]
    fn is_that_of_the_contract() {
        let mut crc = u32::MAX;
        let mut bytes = 0;
        Parity::new("byte_crc")
            .cycles(4000)
            .all_move_but(&[])
            .check(
                &mut ByteCrc::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if cycle > 2 && !u.busy.val() && !u.start.val() {
                        assert_eq!(u.value.val().to_u64(), u64::from(crc), "cycle {cycle}");
                    }
                    let idle = cycle > 2 && !u.busy.val() && !u.start.next;
                    u.clear.next = cycle < 2 || rng.chance(1);
                    u.start.next = !u.clear.next && idle && rng.chance(60);
                    u.data.next = rng.bits();
                    if u.clear.next {
                        crc = u32::MAX;
                    } else if u.start.next {
                        crc = crc_step(crc, u.data.next.to_u64() as u8);
                        bytes += 1;
                    }
                },
            )
            .unwrap();
        assert!(bytes > 200, "{bytes}");
    }
}
