//! Adder with a choice in front of one operand, combinational. For plain sums a kernel's `+` will do.
//!
//! Ports: `sum` = `a` + (`choice` ? `one` : `other`), 48 bits, wrapping. On an ECP5 it is one carry chain whose tables choose. Latency 0.
use rust_hdl::prelude::*;

/// 48-bit adder that chooses its second operand.
#[derive(Clone, Debug, LogicBlock, Default)]
pub struct ChooseAdd {
    /// First operand.
    pub a: Signal<In, Bits<48>>,
    /// Which is the second.
    pub choice: Signal<In, Bit>,
    /// Second operand if `choice` is high.
    pub one: Signal<In, Bits<48>>,
    /// Second operand if `choice` is low.
    pub other: Signal<In, Bits<48>>,
    /// Sum.
    pub sum: Signal<Out, Bits<48>>,
}

impl Logic for ChooseAdd {
    fn update(&mut self) {
        let second = if self.choice.val() {
            self.one.val()
        } else {
            self.other.val()
        };
        self.sum.next = self.a.val() + second;
    }
    fn connect(&mut self) {
        self.sum.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// cell choose_add\n\
             wire [47:0] total;\n\
             always @(*) sum = total;\n\
             `ifdef TANDEM_ECP5\n\
             {}\
             `else\n\
             assign total = a + (choice ? one : other);\n\
             `endif\n",
            super::ecp5::choose_and_add("total", "a", "choice", "one", "other")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::{Parity, Rng};

    fn drive(u: &mut ChooseAdd, rng: &mut Rng) {
        u.a.next = rng.corner();
        u.choice.next = rng.chance(50);
        u.one.next = rng.corner();
        u.other.next = rng.corner();
    }

    #[test]
    fn adds_what_is_chosen() {
        let mut due = None;
        Parity::new("choose_add")
            .cycles(500)
            .check_combinational(&mut ChooseAdd::default(), |u, rng, cycle| {
                if let Some(sum) = due {
                    assert_eq!(u.sum.val().to_u64(), sum, "cycle {cycle}");
                }
                drive(u, rng);
                let second = match u.choice.next {
                    true => u.one.next,
                    false => u.other.next,
                };
                let sum = u.a.next.to_u64().wrapping_add(second.to_u64());
                due = Some(sum & ((1 << 48) - 1));
            })
            .unwrap();
    }

    #[test]
    fn adds_the_same_in_a_carry_chain_of_the_ecp5() {
        Parity::new("choose_add_ecp5")
            .after(crate::board::ecp5::DEFINED_WITH_MODELS)
            .cycles(500)
            .check_combinational(&mut ChooseAdd::default(), |u, rng, _| drive(u, rng))
            .unwrap();
    }
}
