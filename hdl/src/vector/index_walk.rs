//! Element index of the words of an Update command: `index + z*i_z + y*i_y + x*i_x`, mod 2^32, by adding.
//!
//! | port | meaning |
//! |---|---|
//! | `start` | stand on `first` |
//! | `advance`, `steps` | as [`PixelLoop`](super::PixelLoop) gives them |
//! | `index` | of lane 0 of the present word |
//!
//! One word a cycle, valid from the cycle after `start`. No reset: `start` sets everything.
use crate::leaf::Dff;
use rust_hdl::prelude::*;

/// Index generator.
#[derive(LogicBlock, Default)]
pub struct IndexWalk {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Stand on `first`.
    pub start: Signal<In, Bit>,
    /// To the next word.
    pub advance: Signal<In, Bit>,
    /// From the loop.
    pub steps: Signal<In, Bits<6>>,
    /// Index of the first word.
    pub first: Signal<In, Bits<32>>,
    /// Step of the outer loop.
    pub i_z: Signal<In, Bits<32>>,
    /// Step of the middle loop.
    pub i_y: Signal<In, Bits<16>>,
    /// Step of the inner loop.
    pub i_x: Signal<In, Bits<16>>,
    /// Index of the present word.
    pub index: Signal<Out, Bits<32>>,
    at_z: Dff<Bits<32>>,
    at_y: Dff<Bits<32>>,
    at_x: Dff<Bits<32>>,
    from: Signal<Local, Bits<32>>,
    by: Signal<Local, Bits<32>>,
    moved: Signal<Local, Bits<32>>,
    wide_y: Signal<Local, Bits<32>>,
    wide_x: Signal<Local, Bits<32>>,
}

impl Logic for IndexWalk {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at_z, at_y, at_x);
        self.wide_x.next = bit_cast::<32, 16>(self.i_x.val());
        self.wide_y.next = bit_cast::<32, 16>(self.i_y.val());
        // One adder: the outermost loop that moves gives the start of those inside it.
        self.from.next = self.at_x.q.val();
        self.by.next = self.wide_x.val();
        if self.steps.val().get_bit(4) {
            self.from.next = self.at_y.q.val();
            self.by.next = self.wide_y.val();
        }
        if self.steps.val().get_bit(5) {
            self.from.next = self.at_z.q.val();
            self.by.next = self.i_z.val();
        }
        self.moved.next = self.from.val() + self.by.val();
        if self.advance.val() {
            if self.steps.val().get_bits::<3>(3).any() {
                self.at_x.d.next = self.moved.val();
            }
            if self.steps.val().get_bits::<2>(4).any() {
                self.at_y.d.next = self.moved.val();
            }
            if self.steps.val().get_bit(5) {
                self.at_z.d.next = self.moved.val();
            }
        }
        if self.start.val() {
            self.at_z.d.next = self.first.val();
            self.at_y.d.next = self.first.val();
            self.at_x.d.next = self.first.val();
        }
        self.index.next = self.at_x.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    #[test]
    fn three_loops_add_up() {
        let mut at = [0u32; 3];
        Parity::new("index_walk")
            .cycles(2000)
            .check(
                &mut IndexWalk::default(),
                |u| &mut u.clock,
                |u, rng, cycle| {
                    if cycle > 0 {
                        let wide = |w: Bits<16>| w.to_u64() as u32;
                        let sum = (u.first.val().to_u64() as u32)
                            .wrapping_add(at[0].wrapping_mul(u.i_z.val().to_u64() as u32))
                            .wrapping_add(at[1].wrapping_mul(wide(u.i_y.val())))
                            .wrapping_add(at[2].wrapping_mul(wide(u.i_x.val())));
                        assert_eq!(u.index.val().to_u64(), u64::from(sum));
                    }
                    u.start.next = cycle % 100 == 0;
                    u.advance.next = rng.chance(80);
                    let step = rng.below(4);
                    u.steps.next = Bits::from(((1 << step) * 4) | rng.below(8));
                    if u.start.next {
                        at = [0; 3];
                        u.first.next = rng.bits();
                        u.i_z.next = rng.bits();
                        u.i_y.next = rng.bits();
                        u.i_x.next = rng.bits();
                    } else if u.advance.next {
                        match step {
                            1 => at[2] += 1,
                            2 => at = [at[0], at[1] + 1, 0],
                            3 => at = [at[0] + 1, 0, 0],
                            _ => {}
                        }
                    }
                },
            )
            .unwrap();
    }
}
