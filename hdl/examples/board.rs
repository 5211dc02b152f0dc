//! Writes the Verilog of a board: `cargo run -p tandem-hdl --example board -- NAME FILE`.
use std::path::{Path, PathBuf};
use tandem_hdl::board::ulx3s;
use tandem_hdl::configured::verilog_of;
use tandem_isa::config::E8X16;

type Failure = Box<dyn std::error::Error>;

/// A board: name, top module, how its Verilog is made.
type Board = (&'static str, &'static str, fn() -> Result<String, Failure>);

/// All boards; a new one needs a line here.
const BOARDS: [Board; 2] = [
    ("axi", tandem_hdl::configured::TOP, || {
        Ok(verilog_of(&E8X16)?)
    }),
    ("ulx3s", ulx3s::TOP, || Ok(ulx3s::verilog()?)),
];

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum BoardError {
    #[error("{found} arguments: expected a board and a file; use `cargo run -p tandem-hdl --example board -- NAME FILE`, NAME one of {}", names())]
    Arguments { found: usize },
    #[error("unknown board `{name}`: expected one of {}", names())]
    Unknown { name: String },
    #[error("cannot write {}: {reason}; name a file in a folder that exists", file.display())]
    Write {
        file: PathBuf,
        reason: std::io::Error,
    },
}

fn names() -> String {
    BOARDS.map(|(name, ..)| name).join(", ")
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, file] = &arguments[..] else {
        let found = arguments.len();
        return Err(BoardError::Arguments { found }.into());
    };
    let board = BOARDS.iter().find(|(board, ..)| board == name);
    let (_, top, verilog) = board.ok_or(BoardError::Unknown { name: name.clone() })?;
    let text = verilog()?;
    std::fs::write(file, &text).map_err(|reason| BoardError::Write {
        file: Path::new(file).into(),
        reason,
    })?;
    println!("{file}: top module {top}, {} lines", text.lines().count());
    Ok(())
}
