//! `cargo xtask bitstream`: from the hardware's description to a bitstream, with open tools.
//!
//! ```text
//! hdl ─► Verilog ─► Yosys ─► nextpnr, one run a seed ─► packer
//!           ▲ generated memory controller   ▲ constraints/
//! ```
//! Everything is written to `target/boards/NAME`.
mod boards;
mod memory_controller;
mod proof;
mod report;
mod route;
mod synthesis;
mod tool;

use crate::{run, tools};
use boards::{Board, Family, ALL};
use report::{Counts, Outcome};
use std::path::{Path, PathBuf};

/// What was asked for.
#[derive(Debug, PartialEq)]
struct Request {
    boards: Vec<&'static str>,
    seeds: u32,
    json: Option<PathBuf>,
    effort: Effort,
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    /// Verilog, read and elaborated by Yosys.
    Check,
    /// A netlist.
    Synthesis,
    /// A bitstream.
    Bitstream,
    /// A bitstream, unless there is one of these sources, and a simulation of it; or a simulation of a netlist.
    Proof,
}

impl Request {
    fn parse(args: &[String]) -> Result<Self, String> {
        let mut request = Self {
            boards: vec![],
            seeds: 1,
            json: None,
            effort: Effort::Bitstream,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let (name, joined) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (arg.as_str(), None),
            };
            let mut value = || {
                let value = joined.clone().or_else(|| args.next().cloned());
                value.ok_or_else(|| format!("{name}: expected a value after it"))
            };
            match name {
                "--board" => request.boards.push(Board::named(&value()?)?.name),
                "--all" => request.boards = ALL.iter().map(|b| b.name).collect(),
                "--seeds" => {
                    let text = value()?;
                    request.seeds = text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                        format!("--seeds: expected a number from 1 on, found `{text}`")
                    })?;
                }
                "--json" => request.json = Some(value()?.into()),
                "--check" => request.effort = Effort::Check,
                "--synthesis-only" => request.effort = Effort::Synthesis,
                "--prove" => request.effort = Effort::Proof,
                _ => {
                    return Err(format!(
                        "bitstream: expected --board NAME, --all, --seeds N, --json FILE, --check, --synthesis-only or --prove, found `{arg}`"
                    ))
                }
            }
        }
        if request.boards.is_empty() {
            let names: Vec<_> = ALL.iter().map(|b| b.name).collect();
            return Err(format!(
                "bitstream: expected --board {} or --all",
                names.join("|")
            ));
        }
        if request.effort == Effort::Proof {
            if request.json.is_some() {
                return Err("--prove: expected no --json, as a bitstream that is there is not built again; build with --json first".into());
            }
            for name in &request.boards {
                proof::possible(Board::named(name)?)?;
            }
        }
        Ok(request)
    }
}

/// Builds what is asked for; an error if a board does not fit or misses timing.
pub fn run(args: &[String]) -> Result<(), String> {
    let request = Request::parse(args)?;
    let mut outcomes = vec![];
    for name in &request.boards {
        let board = Board::named(name)?;
        if request.effort == Effort::Proof && !proof::of_bitstream(board) {
            proof::run_netlist(board, &folder(board))?;
            continue;
        }
        let outcome = build(board, request.seeds, request.effort)?;
        if request.effort != Effort::Check && outcome.netlist != Counts::default() {
            println!("{}", outcome.text());
        }
        if let (Effort::Proof, Some(bitstream)) = (request.effort, &outcome.bitstream) {
            proof::run(outcome.board, &folder(outcome.board), bitstream)?;
        }
        outcomes.push(outcome);
    }
    if let Some(file) = &request.json {
        let all: Vec<_> = outcomes.iter().map(Outcome::json).collect();
        // One board alone is an object, as scripts expect it.
        let value = match &all[..] {
            [one] => one.clone(),
            _ => all.into(),
        };
        std::fs::write(file, format!("{value:#}\n"))
            .map_err(|e| format!("--json: cannot write {}: {e}", file.display()))?;
    }
    let complaints: Vec<_> = outcomes.iter().filter_map(Outcome::complaint).collect();
    match complaints.is_empty() {
        true => Ok(()),
        false => Err(complaints.join("\n")),
    }
}

fn folder(board: &Board) -> PathBuf {
    tools::target().join("boards").join(board.name)
}

/// One board: sources, netlist, every seed, and the best of them packed.
fn build(board: &'static Board, seeds: u32, effort: Effort) -> Result<Outcome, String> {
    let folder = folder(board);
    let sources = sources(board, &folder)?;
    let mut outcome = Outcome {
        board,
        netlist: Counts::default(),
        routed: vec![],
        failure: None,
        bitstream: None,
    };
    if effort == Effort::Check {
        println!("xtask: {}: check", board.name);
        synthesis::check(board, &folder, &sources)?;
        return Ok(outcome);
    }
    let packed = folder.join(route::packed_file(board));
    // Other sources have removed it; other pins are seen here.
    let read = |file: PathBuf| std::fs::read(file).ok();
    let pins = board.constraints().and_then(read) == read(folder.join("constraints"));
    if effort == Effort::Proof && packed.is_file() && pins {
        outcome.bitstream = Some(packed);
        return Ok(outcome);
    }
    println!("xtask: {}: synthesis", board.name);
    outcome.netlist = synthesis::run(board, &folder, &sources)?;
    if let Family::Xilinx7 { available } = board.family {
        outcome.failure = exceeds(outcome.netlist, available);
        return Ok(outcome);
    }
    if effort == Effort::Synthesis {
        return Ok(outcome);
    }
    if let Some(file) = board.constraints() {
        copy(&file, &folder.join("constraints"))?;
    }
    let mut best: Option<(f64, u32)> = None;
    for seed in 1..=seeds {
        println!("xtask: {}: place and route, seed {seed}", board.name);
        match route::run(board, &folder, seed) {
            Ok(routed) => {
                println!("xtask: {}: {:.1} MHz", board.name, routed.fmax_mhz);
                if best.is_none_or(|(fmax, _)| routed.fmax_mhz > fmax) {
                    best = Some((routed.fmax_mhz, seed));
                }
                outcome.routed.push(routed);
            }
            Err(why) => {
                outcome.failure = Some(format!("seed {seed}: {why}"));
                return Ok(outcome);
            }
        }
    }
    if let Some((_, seed)) = best {
        outcome.bitstream = Some(route::pack(board, &folder, seed)?);
    }
    Ok(outcome)
}

/// Writes the board's Verilog into the folder; the names of its files.
fn sources(board: &Board, folder: &Path) -> Result<Vec<String>, String> {
    std::fs::create_dir_all(folder)
        .map_err(|e| format!("cannot create {}: {e}", folder.display()))?;
    println!("xtask: {}: Verilog", board.name);
    let file = format!("{}.v", board.name);
    let before = std::fs::read(folder.join(&file)).ok();
    let mut emit = run::hardware_example("board")?;
    emit.arg(board.name).arg(folder.join(&file));
    if let Some(settings) = board.memory_controller {
        emit.arg(memory_controller::generate(settings, folder)?);
    }
    run::step_of("board", &mut emit)?;
    if std::fs::read(folder.join(&file)).ok() != before {
        // It is not of these sources.
        let _ = std::fs::remove_file(folder.join(route::packed_file(board)));
    }
    for beside in board.beside {
        let from = tools::root().join("constraints").join(beside);
        let name = from.file_name().unwrap_or_default();
        copy(&from, &folder.join(name))?;
    }
    Ok(vec![file])
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to)
        .map(drop)
        .map_err(|e| format!("cannot copy {} to {}: {e}", from.display(), to.display()))
}

/// Which of a part's resources is not enough.
fn exceeds(counts: Counts, available: [usize; 4]) -> Option<String> {
    let used = [counts.luts, counts.ffs, counts.brams, counts.dsps];
    let kinds = ["LUTs", "flip-flops", "block RAMs", "multipliers"];
    let over: Vec<String> = (0..4)
        .filter(|i| used[*i] > available[*i])
        .map(|i| format!("{} {} of {}", used[i], kinds[i], available[i]))
        .collect();
    (!over.is_empty()).then(|| format!("does not fit: {}", over.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Request, String> {
        let args: Vec<String> = text.split_whitespace().map(String::from).collect();
        Request::parse(&args)
    }

    #[test]
    fn requests_are_read() {
        let request = parse("--board cu --seeds=5 --json out.json").unwrap();
        assert_eq!((request.boards, request.seeds), (vec!["cu"], 5));
        assert_eq!(request.json, Some("out.json".into()));
        assert_eq!(parse("--board cu --prove").unwrap().effort, Effort::Proof);
        assert_eq!(parse("--all").unwrap().boards.len(), ALL.len());
    }

    #[test]
    fn wrong_requests_name_what_is_wrong() {
        for (text, word) in [
            ("", "--board"),
            ("--board", "value"),
            ("--board nothing", "`nothing`"),
            ("--board cu --seeds 0", "`0`"),
            ("--bord cu", "`--bord`"),
            ("--board axi --prove", "`axi`"),
            ("--board cu --prove --json x", "--json"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let counts = Counts {
            luts: 11,
            ffs: 5,
            brams: 2,
            dsps: 9,
        };
        assert_eq!(exceeds(counts, [11, 5, 2, 9]), None);
        let why = exceeds(counts, [10, 5, 2, 8]).unwrap();
        assert_eq!(why, "does not fit: 11 LUTs of 10, 9 multipliers of 8");
    }
}
