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

/// `(A | B) ^ (C | D)`, A the lowest bit of the index.
const JOIN_AND_ADD: u16 = {
    let mut table = 0;
    let mut at = 0;
    while at < 16 {
        let [a, b, c, d] = [at & 1, at >> 1 & 1, at >> 2 & 1, at >> 3 & 1];
        table |= ((a | b) ^ (c | d)) << at;
        at += 1;
    }
    table
};

/// Two bits of a 48-bit carry chain, `low` and the next, both by `table` from the four names of `inputs`.
///
/// Each bit's carry is right because its table is the first addend where C and D are 0 (the carry's generate term reads that quarter of the
/// table). Every carry has a wire of its own: simulators order those of a vector badly.
fn carry_cell(text: &mut String, table: u16, low: usize, total: &str, inputs: [&str; 4]) {
    let high = low + 1;
    // Infallible: a String takes every write.
    let _ = write!(
        text,
        "wire carry_{};\nCCU2C #(.INIT0(16'h{table:04x}), .INIT1(16'h{table:04x}), .INJECT1_0(\"NO\"), .INJECT1_1(\"NO\")) add_{low} (\n  \
         .CIN(carry_{low}), .COUT(carry_{}), .S0({total}[{low}]), .S1({total}[{high}])",
        low + 2,
        low + 2
    );
    for (half, bit) in [low, high].into_iter().enumerate() {
        for (pin, name) in ["A", "B", "C", "D"].into_iter().zip(inputs) {
            // A single bit goes to all.
            let of = match name.strip_prefix('?') {
                Some(single) => single.to_string(),
                None => format!("{name}[{bit}]"),
            };
            let _ = write!(text, ",\n  .{pin}{half}({of})");
        }
    }
    text.push_str(");\n");
}

/// `total` = `addend` + (`choice` ? `one` : `other`), 48 bits, in one carry chain without other logic: each table computes `A ^ (B ? C : D)`.
pub(crate) fn choose_and_add(
    total: &str,
    addend: &str,
    choice: &str,
    one: &str,
    other: &str,
) -> String {
    let mut text = String::from("wire carry_0;\nassign carry_0 = 1'b0;\n");
    let choice = format!("?{choice}");
    for low in (0..48).step_by(2) {
        let inputs = [addend, choice.as_str(), one, other];
        carry_cell(&mut text, CHOOSE_AND_ADD, low, total, inputs);
    }
    text
}

/// `total` = (`inputs[0]` | `inputs[1]`) + (`inputs[2]` | `inputs[3]`) + `carry`, 48 bits, in one carry chain without other logic.
///
/// The carry comes in by a cell in front: its first table never propagates and generates A, its second always propagates.
pub(crate) fn join_and_add(total: &str, inputs: [&str; 4], carry: &str) -> String {
    let mut text = format!(
        "wire carry_0;\nCCU2C #(.INIT0(16'h000a), .INIT1(16'hffff), .INJECT1_0(\"NO\"), .INJECT1_1(\"NO\")) add_carry (\n  \
         .CIN(1'b0), .COUT(carry_0), .S0(), .S1(),\n  \
         .A0({carry}), .B0(1'b0), .C0(1'b1), .D0(1'b0), .A1(1'b0), .B1(1'b0), .C1(1'b0), .D1(1'b0));\n"
    );
    for low in (0..48).step_by(2) {
        carry_cell(&mut text, JOIN_AND_ADD, low, total, inputs);
    }
    text
}
