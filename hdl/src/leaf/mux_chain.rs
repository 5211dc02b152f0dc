//! Verilog of a wide multiplexer as a chain: two words more for every look-up table of four inputs, where a tree takes three tables for four words.
//! For leaf cells; not where a chain of tables is too slow.
//!
//! What runs down the chain is, until its pair comes, which word of a pair is wanted, and behind it the word: a link is
//! `pair ? (before ? second : first) : before`.
use std::fmt::Write;

/// Two words and the wire that chooses them.
pub(crate) struct Pair {
    /// One bit: it is one of the two.
    pub chosen: String,
    /// The words; the second is not there for the last of an odd number.
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
    let mut before = format!("{{{width}{{{second}}}}}");
    for (at, pair) in pairs.iter().enumerate() {
        let link = format!("{name}_{at}");
        let first = &pair.words.0;
        let other = pair.words.1.as_ref().unwrap_or(first);
        // Without a name to keep, synthesis makes a tree of it again. Infallible: a String takes every write.
        let _ = writeln!(
            text,
            "(* keep *) wire [{}:0] {link};\nassign {link} = {} ? (({before} & {other}) | (~{before} & {first})) : {before};",
            width - 1,
            pair.chosen
        );
        before = link;
    }
    before
}
