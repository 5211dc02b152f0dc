//! One group of `R` lanes of a word of `L`, by its number. Combinational.
//!
//! Ports: `word` (`L` lanes of `W` bits), `group` (its number; the lowest lanes are group 0, bits above log2 L/R are ignored), `lane` (its
//! lanes). With `R` = `L` the word goes through. `R` divides `L`, `L/R` is a power of two up to 16.
use crate::leaf::mux_chain::{chain, Pair};
use rust_hdl::prelude::*;
use std::array::from_fn;

/// A group of lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct GroupPick<const W: usize, const L: usize, const R: usize> {
    /// Lanes of the word.
    pub word: [Signal<In, Bits<W>>; L],
    /// Which group.
    pub group: Signal<In, Bits<4>>,
    /// Its lanes.
    pub lane: [Signal<Out, Bits<W>>; R],
}

impl<const W: usize, const L: usize, const R: usize> Default for GroupPick<W, L, R> {
    fn default() -> Self {
        Self {
            word: from_fn(|_| Default::default()),
            group: Default::default(),
            lane: from_fn(|_| Default::default()),
        }
    }
}

impl<const W: usize, const L: usize, const R: usize> Logic for GroupPick<W, L, R> {
    fn update(&mut self) {
        let first = self.group.val().to_u64() as usize % (L / R) * R;
        for (i, lane) in self.lane.iter_mut().enumerate() {
            lane.next = self.word[first + i].val();
        }
    }
    fn connect(&mut self) {
        for lane in &mut self.lane {
            lane.connect();
        }
    }
    fn hdl(&self) -> Verilog {
        let bits = (L / R).trailing_zeros() as usize;
        let mut text = format!("// cell group_pick{W}_{L}_{R}\n");
        let mut output = String::from("always @(*) begin\n");
        for pair in 0..L / R / 2 {
            let chosen = match bits {
                1 => "1'b1".into(),
                _ => format!("group[{}:1] == {}'d{pair}", bits - 1, bits - 1),
            };
            text += &format!("wire pair_{pair};\nassign pair_{pair} = {chosen};\n");
        }
        for i in 0..R {
            let pairs: Vec<Pair> = (0..L / R / 2)
                .map(|pair| Pair {
                    chosen: format!("pair_{pair}"),
                    words: (
                        format!("word${}", 2 * pair * R + i),
                        Some(format!("word${}", (2 * pair + 1) * R + i)),
                    ),
                })
                .collect();
            let lane = match bits {
                0 => format!("word${i}"),
                _ => chain(&mut text, &format!("lane_{i}"), W, "group[0]", &pairs),
            };
            output += &format!("  lane${i} = {lane};\n");
        }
        Verilog::Custom(text + &output + "end\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::Parity;

    fn picks<const R: usize>(name: &str) {
        let mut want: Option<Vec<Bits<20>>> = None;
        Parity::new(name)
            .cycles(300)
            .check_combinational(&mut GroupPick::<20, 8, R>::default(), |u, rng, _| {
                let found: Vec<_> = u.lane.iter().map(|lane| lane.val()).collect();
                assert_eq!(found, want.take().unwrap_or(found.clone()));
                for word in &mut u.word {
                    word.next = rng.bits();
                }
                u.group.next = rng.bits();
                let first = u.group.next.index() % (8 / R) * R;
                want = Some((first..first + R).map(|i| u.word[i].next).collect());
            })
            .unwrap();
    }

    #[test]
    fn lanes_of_a_group_come_out_in_order() {
        picks::<2>("group_pick_2");
        picks::<4>("group_pick_4");
    }

    #[test]
    fn one_group_goes_through() {
        picks::<8>("group_pick_8");
    }
}
