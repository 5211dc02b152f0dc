//! Writes all the Verilog of a board, engine included, into a file. A board whose memory controller is generated takes its folder too.
//!
//! `cargo run -p tandem-hdl --example board -- NAME FILE [LITEDRAM_FOLDER]`
use std::path::{Path, PathBuf};
use tandem_hdl::board::{cu, ddr, ecpix5, ulx3s};
use tandem_hdl::configured::verilog_of;
use tandem_isa::config::{E8X16, ECP5};

type Failure = Box<dyn std::error::Error>;

const NAMES: &str = "axi, cu, ecpix5, ulx3s";

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum BoardError {
    #[error("{found} arguments: expected a board and a file; use `cargo run -p tandem-hdl --example board -- NAME FILE`, NAME one of {NAMES}")]
    Arguments { found: usize },
    #[error("board ecpix5: expected the folder of the generated LiteDRAM as third argument; docs/boards/ecpix5.md says how to make it")]
    Controller,
    #[error("unknown board `{name}`: expected one of {NAMES}")]
    Unknown { name: String },
    #[error("cannot read {}: {reason}; generate the controller again", file.display())]
    Read {
        file: PathBuf,
        reason: std::io::Error,
    },
    #[error("cannot write {}: {reason}; name a file in a folder that exists", file.display())]
    Write {
        file: PathBuf,
        reason: std::io::Error,
    },
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, file, controller) = match &arguments[..] {
        [name, file] => (name, file, None),
        [name, file, controller] => (name, file, Some(Path::new(controller))),
        _ => {
            let found = arguments.len();
            return Err(BoardError::Arguments { found }.into());
        }
    };
    let text = match name.as_str() {
        "axi" => verilog_of(&E8X16)?,
        "cu" => cu::verilog()?,
        "ecpix5" => {
            let controller = controller_of(controller.ok_or(BoardError::Controller)?)?;
            verilog_of(&ECP5)? + &ecpix5::verilog()? + &controller
        }
        "ulx3s" => ulx3s::verilog()?,
        _ => return Err(BoardError::Unknown { name: name.clone() }.into()),
    };
    std::fs::write(file, &text).map_err(|reason| BoardError::Write {
        file: file.into(),
        reason,
    })?;
    Ok(())
}

/// The generated controller, if it is the one that the set-up was written for.
fn controller_of(folder: &Path) -> Result<String, Failure> {
    let read = |name: &str| {
        let file = folder.join(name);
        std::fs::read_to_string(&file).map_err(|reason| BoardError::Read { file, reason })
    };
    ddr::check(
        &read("csr.csv")?,
        &read("software/include/generated/sdram_phy.h")?,
    )?;
    Ok(ecpix5::with_pins(&read("gateware/litedram_core.v")?)?)
}
