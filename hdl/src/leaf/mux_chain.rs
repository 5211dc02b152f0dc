//! Verilog of a wide multiplexer as a chain: two words more for every look-up table of four inputs, where a tree takes three tables for four words.
//! For leaf cells; not where a chain of tables is too slow.
//!
//! What runs down the chain is, until its pair comes, which word of a pair is wanted, and behind it the word: a link is
//! `pair ? (before ? second : first) : before`. Synthesis makes a tree of it again wherever it may, so on an ECP5 the tables are named.
use std::fmt::Write;

/// `D ? (A ? C : B) : A`, A the lowest bit of the index.
const LINK: u16 = {
    let mut table = 0;
    let mut at = 0;
    while at < 16 {
        let [a, b, c, d] = [at & 1, at >> 1 & 1, at >> 2 & 1, at >> 3 & 1];
        let chosen = if a == 1 { c } else { b };
        table |= (if d == 1 { chosen } else { a }) << at;
        at += 1;
    }
    table
};

/// Two words and the wire that chooses them.
pub(crate) struct Pair {
    /// One bit, a name or a constant: it is one of the two.
    pub chosen: String,
    /// The words, by name; the second is not there for the last of an odd number.
    pub words: (String, Option<String>),
}

/// Declares wires `NAME_0` … and gives the name of the last, which is the chosen word of `width` bits, or 0 where nothing is chosen and
/// `second`, one bit, is 0: high, the second word of the pair is wanted.
pub(crate) fn chain(
    text: &mut String,
    name: &str,
    width: usize,
    second: &str,
    pairs: &[Pair],
) -> String {
    let mut before: Option<String> = None;
    for (at, pair) in pairs.iter().enumerate() {
        let link = format!("{name}_{at}");
        let (first, chosen) = (&pair.words.0, &pair.chosen);
        let other = pair.words.1.as_ref().unwrap_or(first);
        let all = match &before {
            Some(before) => before.clone(),
            None => format!("{{{width}{{{second}}}}}"),
        };
        // Infallible: a String takes every write.
        let _ = write!(text, "wire [{}:0] {link};\n`ifdef TANDEM_ECP5\n", width - 1);
        for bit in 0..width {
            let a = match &before {
                Some(before) => format!("{before}[{bit}]"),
                None => second.to_string(),
            };
            let _ = writeln!(
                text,
                "LUT4 #(.INIT(16'h{LINK:04x})) {link}_table_{bit} (.A({a}), .B({first}[{bit}]), .C({other}[{bit}]), .D({chosen}), .Z({link}[{bit}]));"
            );
        }
        let _ = write!(
            text,
            "`else\nassign {link} = {chosen} ? (({all} & {other}) | (~{all} & {first})) : {all};\n`endif\n"
        );
        before = Some(link);
    }
    before.unwrap_or_else(|| format!("{width}'d0"))
}
