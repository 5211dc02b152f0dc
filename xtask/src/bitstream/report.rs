//! Figures of a build: read from what the tools write, printed, and written as JSON.
use super::boards::Board;
use serde_json::{json, Value};

/// What a design takes of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// LUTs, carry cells included.
    pub luts: usize,
    /// Flip-flops.
    pub ffs: usize,
    /// Block RAMs.
    pub brams: usize,
    /// Multiplier blocks.
    pub dsps: usize,
}

/// What one seed gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Routed {
    /// The engine clock's.
    pub fmax_mhz: f64,
    /// Used.
    pub used: Counts,
    /// There are.
    pub available: Counts,
}

impl Counts {
    /// From the text of Yosys' `stat`: its last table.
    pub fn of_yosys(text: &str) -> Result<Self, String> {
        let at = text
            .rfind("Number of cells:")
            .or_else(|| text.rfind(" cells"))
            .ok_or("Yosys' stat names no cells; look into synthesis.log")?;
        let mut counts = Self::default();
        for line in text[at..].lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (kind, n) = match words[..] {
                [a, b] => match (a.parse::<usize>(), b.parse::<usize>()) {
                    (Ok(n), _) => (b, n),
                    (_, Ok(n)) => (a, n),
                    _ => continue,
                },
                _ => continue,
            };
            match kind {
                "CCU2C" => counts.luts += 2 * n,
                "TRELLIS_DPR16X4" => counts.luts += 6 * n,
                "LUT4" | "SB_LUT4" | "LUT1" | "LUT2" | "LUT3" | "LUT5" | "LUT6" => counts.luts += n,
                "RAM32M" | "RAM64M" => counts.luts += 4 * n,
                "RAM32X1D" | "RAM64X1D" => counts.luts += 2 * n,
                "SRL16E" | "SRLC32E" => counts.luts += n,
                "DP16KD" | "SB_RAM40_4K" | "RAMB36E1" => counts.brams += n,
                // Two halves of one block.
                "RAMB18E1" => counts.brams += n.div_ceil(2),
                "MULT18X18D" | "DSP48E1" => counts.dsps += n,
                kind if kind.starts_with("SB_DFF") || kind.starts_with("TRELLIS_FF") => {
                    counts.ffs += n
                }
                "FDRE" | "FDSE" | "FDCE" | "FDPE" => counts.ffs += n,
                _ => {}
            }
        }
        Ok(counts)
    }
}

impl Routed {
    /// From nextpnr's report: the slowest of the clocks that carry the design, and the blocks used.
    pub fn of_nextpnr(text: &str) -> Result<Self, String> {
        let report: Value = serde_json::from_str(text)
            .map_err(|e| format!("nextpnr's report is not JSON: {e}; run the build again"))?;
        let clocks = report["fmax"]
            .as_object()
            .ok_or("nextpnr's report has no `fmax`")?;
        // The slack of each clock decides, not its frequency: a slow clock may be meant to be slow.
        let tightest = clocks.values().filter_map(|c| {
            let achieved = c["achieved"].as_f64()?;
            let constraint = c["constraint"].as_f64()?;
            Some((achieved / constraint, achieved))
        });
        let (_, fmax_mhz) = tightest
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .ok_or("nextpnr's report names no clock")?;
        let cells = &report["utilization"];
        let number = |kinds: &[&str], what: &str| -> usize {
            let all = kinds.iter().filter_map(|kind| cells[kind][what].as_u64());
            all.sum::<u64>() as usize
        };
        let counts = |what: &str| Counts {
            luts: number(&["TRELLIS_COMB", "ICESTORM_LC"], what),
            ffs: number(&["TRELLIS_FF"], what),
            brams: number(&["DP16KD", "ICESTORM_RAM"], what),
            dsps: number(&["MULT18X18D"], what),
        };
        Ok(Self {
            fmax_mhz,
            used: counts("used"),
            available: counts("available"),
        })
    }
}

/// Everything known of one board's build.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The board.
    pub board: &'static Board,
    /// After synthesis.
    pub netlist: Counts,
    /// One a seed; empty if nothing was placed.
    pub routed: Vec<Routed>,
    /// Why it does not fit or was not routed.
    pub failure: Option<String>,
    /// The file.
    pub bitstream: Option<std::path::PathBuf>,
}

impl Outcome {
    /// Lowest and median frequency, MHz.
    pub fn fmax(&self) -> Option<(f64, f64)> {
        let mut all: Vec<f64> = self.routed.iter().map(|r| r.fmax_mhz).collect();
        all.sort_by(f64::total_cmp);
        Some((*all.first()?, all[all.len() / 2]))
    }

    /// What keeps it from being a good build.
    pub fn complaint(&self) -> Option<String> {
        let name = self.board.name;
        if let Some(why) = &self.failure {
            return Some(format!("{name}: {why}"));
        }
        let (_, median) = self.fmax()?;
        let target = self.board.target_mhz;
        (median < target).then(|| {
            format!(
                "{name}: misses timing: median {median:.1} MHz, {:.1} MHz below the target of {target:.0}; see {name}/route.log for the critical path",
                target - median
            )
        })
    }

    /// The figures as placed, or as synthesised.
    pub fn counts(&self) -> Counts {
        // iCE40's logic cells hold their flip-flop: the netlist counts those.
        let routed = self.routed.first().map(|r| r.used);
        let ffs = self.netlist.ffs;
        routed.map_or(self.netlist, |used| Counts {
            ffs: used.ffs.max(ffs),
            ..used
        })
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let counts = self.counts();
        let available = self.routed.first().map(|r| r.available.luts);
        json!({
            "board": self.board.name,
            "fits": self.failure.is_none(),
            "cells": self.board.cells,
            "operand_bits": self.board.operand_bits,
            "luts": counts.luts,
            "luts_available": available,
            "ffs": counts.ffs,
            "brams": counts.brams,
            "dsps": counts.dsps,
            "fmax_mhz": self.routed.iter().map(|r| (r.fmax_mhz * 10.0).round() / 10.0).collect::<Vec<_>>(),
            "target_mhz": self.board.target_mhz,
            "bitstream": self.bitstream.as_ref().map(|b| b.display().to_string()),
        })
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let c = self.counts();
        let mut text = format!(
            "{}: {}, {} cells of {} bits: {} LUTs ({} a cell), {} flip-flops, {} block RAMs, {} multipliers",
            self.board.name,
            self.board.part,
            self.board.cells,
            self.board.operand_bits,
            c.luts,
            c.luts / self.board.cells,
            c.ffs,
            c.brams,
            c.dsps
        );
        if let Some((lowest, median)) = self.fmax() {
            text += &format!(
                "; {} seeds: {lowest:.1} MHz at least, median {median:.1} (target {:.0})",
                self.routed.len(),
                self.board.target_mhz
            );
        }
        if let Some(file) = &self.bitstream {
            let file = file.display().to_string();
            text += &format!("\n  {file}\n  {}", self.board.flash.replace("{}", &file));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitstream::boards::ALL;

    #[test]
    fn both_forms_of_stat_are_read() {
        let old = "   Number of cells:                268\n     CCU2C                          24\n     LUT4                          115\n     MULT18X18D                      1\n     TRELLIS_FF                    128\n";
        let new = "      268 cells\n       24   CCU2C\n      115   LUT4\n        1   MULT18X18D\n      128   TRELLIS_FF\n";
        let expected = Counts {
            luts: 163,
            ffs: 128,
            brams: 0,
            dsps: 1,
        };
        assert_eq!(Counts::of_yosys(old), Ok(expected));
        assert_eq!(Counts::of_yosys(new), Ok(expected));
        assert!(Counts::of_yosys("nothing").is_err());
    }

    #[test]
    fn the_tightest_clock_counts() {
        let text = r#"{"fmax":{"slow":{"achieved":60.0,"constraint":12.0},"engine":{"achieved":88.0,"constraint":90.0}},
            "utilization":{"TRELLIS_COMB":{"used":10,"available":20},"TRELLIS_FF":{"used":3,"available":20}}}"#;
        let routed = Routed::of_nextpnr(text).unwrap();
        assert_eq!(routed.fmax_mhz, 88.0);
        assert_eq!((routed.used.luts, routed.available.luts), (10, 20));
        assert!(Routed::of_nextpnr("{}").is_err());
    }

    #[test]
    fn a_build_below_its_target_says_by_how_much() {
        let routed = |fmax_mhz| Routed {
            fmax_mhz,
            used: Counts::default(),
            available: Counts::default(),
        };
        let mut outcome = Outcome {
            board: &ALL[0],
            netlist: Counts::default(),
            routed: [40.0, 47.0, 50.0].map(routed).into(),
            failure: None,
            bitstream: None,
        };
        assert_eq!(outcome.fmax(), Some((40.0, 47.0)));
        assert!(outcome.complaint().unwrap().contains("1.0 MHz below"));
        outcome.routed.remove(0);
        assert_eq!(outcome.complaint(), None);
        outcome.failure = Some("does not fit".into());
        assert!(outcome.complaint().unwrap().contains("does not fit"));
        assert_eq!(outcome.json()["fits"], false);
    }
}
