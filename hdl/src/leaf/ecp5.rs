//! Blocks of the ECP5 by name: Verilog text for leaf cells where `TANDEM_ECP5` is defined, because no tool moves registers into a multiplier block.
//! Not for other parts, nor for simulation without models of the primitives ([`crate::board::ecp5`]).
use std::fmt::Write;

/// `A ^ (B ? C : D)`, A the lowest bit of the index.
const CHOOSE_AND_ADD: u16 = {
    let mut table = 0;
    let mut at = 0;
    while at < 16 {
        let [a, b, c, d] = [at & 1, at >> 1 & 1, at >> 2 & 1, at >> 3 & 1];
        let chosen = if b == 1 { c } else { d };
        table |= (a ^ chosen) << at;
        at += 1;
    }
    table
};

/// A signed 16×16→32 multiplier with registers at both inputs and at its output: `product` from `a` and `b`, names of 16-bit wires or registers.
/// The output moves with `enable`, the inputs each with its own.
pub(crate) fn multiplier(a: &str, enable_a: &str, b: &str, enable_b: &str, enable: &str) -> String {
    let mut text = format!(
        "MULT18X18D #(\n\
         \x20 .REG_INPUTA_CLK(\"CLK0\"), .REG_INPUTA_CE(\"CE0\"), .REG_INPUTA_RST(\"RST0\"),\n\
         \x20 .REG_INPUTB_CLK(\"CLK0\"), .REG_INPUTB_CE(\"CE1\"), .REG_INPUTB_RST(\"RST0\"),\n\
         \x20 .REG_PIPELINE_CLK(\"NONE\"), .REG_OUTPUT_CLK(\"CLK0\"), .REG_OUTPUT_CE(\"CE2\"), .REG_OUTPUT_RST(\"RST0\")\n\
         ) multiplier (\n\
         \x20 .CLK0(clock), .CE0({enable_a}), .CE1({enable_b}), .CE2({enable}), .RST0(1'b0),\n\
         \x20 .SIGNEDA(1'b1), .SIGNEDB(1'b1), .SOURCEA(1'b0), .SOURCEB(1'b0)"
    );
    // Infallible: a String takes every write.
    for i in 0..18 {
        let from = i.min(15);
        let _ = write!(text, ",\n  .A{i}({a}[{from}]), .B{i}({b}[{from}])");
    }
    for i in 0..32 {
        let _ = write!(text, ", .P{i}(product[{i}])");
    }
    text.push_str(",\n  .P32(), .P33(), .P34(), .P35());\n");
    text
}

/// `total` = `addend` + (`keep` ? `sum_out` : `sum_in`), 48 bits, in one carry chain without other logic.
///
/// One CCU2C adds two bits; each of its tables computes `A ^ (B ? C : D)`, and its carry is right because the table is A where C and D are 0 (the
/// carry's generate term reads that quarter of the table). Every carry has a wire of its own: simulators order those of a vector badly.
pub(crate) fn choose_and_add() -> String {
    let mut text = String::from("wire carry_0;\nassign carry_0 = 1'b0;\n");
    for low in (0..48).step_by(2) {
        let high = low + 1;
        let _ = writeln!(
            text,
            "wire carry_{};\nCCU2C #(.INIT0(16'h{CHOOSE_AND_ADD:04x}), .INIT1(16'h{CHOOSE_AND_ADD:04x}), .INJECT1_0(\"NO\"), .INJECT1_1(\"NO\")) add_{low} (\n  \
             .CIN(carry_{low}), .COUT(carry_{}), .S0(total[{low}]), .S1(total[{high}]),\n  \
             .A0(addend[{low}]), .B0(keep), .C0(sum_out[{low}]), .D0(sum_in[{low}]),\n  \
             .A1(addend[{high}]), .B1(keep), .C1(sum_out[{high}]), .D1(sum_in[{high}]));",
            low + 2,
            low + 2
        );
    }
    text
}
