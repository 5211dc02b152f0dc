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
    _behind: bool,
}

impl<const W: usize, const L: usize, const R: usize> GroupPick<W, L, R> {
    /// A pick of words that come out of multiplexers: synthesis joins them, which it cannot with tables that are named.
    pub fn behind_multiplexers() -> Self {
        Self {
            _behind: true,
            ..Self::default()
        }
    }
}

impl<const W: usize, const L: usize, const R: usize> Default for GroupPick<W, L, R> {
    fn default() -> Self {
        Self {
            word: from_fn(|_| Default::default()),
            group: Default::default(),
            lane: from_fn(|_| Default::default()),
            _behind: false,
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
        let number = |group: usize| match bits {
            0 => String::new(),
            _ => format!("{bits}'d{group}"),
        };
        let kind = if self._behind { "_behind" } else { "" };
        let mut text = format!("// cell group_pick{W}_{L}_{R}{kind}\n");
        let mut output = String::from("always @(*) begin\n");
        for pair in 0..L / R / 2 {
            let chosen = match bits {
                1 => "1'b1".into(),
                _ => format!("group[{}:1] == {}'d{pair}", bits - 1, bits - 1),
            };
            text += &format!("wire pair_{pair};\nassign pair_{pair} = {chosen};\n");
        }
        for i in 0..R {
            let of = |group: usize| format!("word${}", group * R + i);
            let pairs: Vec<Pair> = (0..L / R / 2)
                .map(|pair| Pair {
                    chosen: format!("pair_{pair}"),
                    words: (of(2 * pair), Some(of(2 * pair + 1))),
                })
                .collect();
            let lane = match bits {
                0 => of(0),
                _ if self._behind => (1..L / R).fold(of(0), |lane, group| {
                    let chosen = format!("group[{}:0] == {}", bits - 1, number(group));
                    format!("({chosen}) ? {} : ({lane})", of(group))
                }),
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

    fn picks<const R: usize>(parity: Parity) {
        check::<R>(parity, GroupPick::default());
    }

    fn check<const R: usize>(parity: Parity, mut pick: GroupPick<20, 8, R>) {
        let mut want: Option<Vec<Bits<20>>> = None;
        parity
            .cycles(300)
            .check_combinational(&mut pick, |u, rng, _| {
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
        picks::<2>(Parity::new("group_pick_2"));
        picks::<4>(Parity::new("group_pick_4"));
    }

    #[test]
    fn in_tables_of_the_ecp5_too() {
        let models = crate::board::ecp5::DEFINED_WITH_MODELS;
        picks::<2>(Parity::new("group_pick_ecp5").after(models));
    }

    #[test]
    fn behind_multiplexers_too() {
        check::<4>(
            Parity::new("group_pick_behind"),
            GroupPick::behind_multiplexers(),
        );
    }

    #[test]
    fn one_group_goes_through() {
        picks::<8>(Parity::new("group_pick_8"));
    }
}
