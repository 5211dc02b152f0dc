//! `cargo xtask VERB`: every verb does its own set-up, then hands over.
fn main() {}
