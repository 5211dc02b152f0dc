//! `tandem`: parse, call the library, print.
fn main() {}
