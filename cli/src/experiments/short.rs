//! `tandem experiments --short`: every row, cut to a few steps, on a device and on the model. What a page says of the model is then true of
//! the device: the same selection, training, freezing, soft targets and policies end with the same weights.

use super::catalogue::Experiment;
use super::laboratory::Laboratory;
use super::place::{on_the_model, Open};
use super::trial::{Augment, Trial};
use crate::error::CliError;
use std::path::Path;
use std::sync::Arc;
use tandem_isa::config::E8X16;

/// Images of the stream, and held out.
const MOST: [usize; 2] = [100, 50];

/// A row of the same kind, of three steps, without its name.
fn cut(trial: &Trial) -> Trial {
    Trial {
        name: String::new(),
        m: MOST[0],
        k: trial.k.min(8),
        images: 64,
        tune_images: 32,
        // What is done on the host alone, or by trainings that other rows have.
        taught: None,
        warm: false,
        augment: Augment::None,
        baseline_augment: Augment::None,
        baseline_lr: None,
        float: false,
        ..trial.clone()
    }
}

/// Rows of other operands do not, as there is one RTL here, nor those of images that are installed.
fn runs(trial: &&Trial) -> bool {
    *trial.config == E8X16 && trial.domain.is_in_repository()
}

/// Rows that differ, with the name of the first that is so.
pub fn rows(experiments: &[Experiment]) -> Vec<(String, Trial)> {
    let mut rows: Vec<(String, Trial)> = Vec::new();
    for e in experiments {
        for trial in e.trials.iter().filter(runs) {
            let row = cut(trial);
            if !rows.iter().any(|(_, known)| *known == row) {
                rows.push((format!("{}: {}", e.name, trial.name), row));
            }
        }
    }
    rows
}

/// Runs them with seed 1; whether all of them ended as on the model.
pub fn run(data: &Path, open: Arc<Open>, experiments: &[Experiment]) -> Result<bool, CliError> {
    const SEED: u32 = 1;
    let device = Laboratory::short(data.into(), open, MOST);
    let model = Laboratory::short(data.into(), on_the_model(), MOST);
    let rows = rows(experiments);
    let mut other = 0;
    for (name, trial) in &rows {
        let (found, expected) = (device.run(trial, SEED)?, model.run(trial, SEED)?);
        let same = found == expected;
        other += usize::from(!same);
        let verdict = match same {
            true => "as on the model".into(),
            false => format!(
                "on the model {}: {expected:?}, found {found:?}",
                expected.digest
            ),
        };
        println!("{} {name}, {verdict}", found.digest);
    }
    println!("{} rows, {other} that differ", rows.len());
    Ok(other == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::catalogue;
    use tandem::device::{Device, DeviceError};
    use tandem_isa::Config;
    use tandem_sim::model::Model;

    #[test]
    fn every_kind_of_row_is_left_and_none_is_twice() {
        let all = rows(&catalogue::all());
        assert!(all.iter().any(|(_, t)| t.soft.is_some()));
        assert!(all.iter().any(|(_, t)| t.last_only));
        assert!(all.iter().any(|(_, t)| t.mix > 0.0));
        assert!(all.iter().any(|(_, t)| t.soft_classes > 0));
        assert!(all.iter().all(|(_, t)| t.domain.is_in_repository()));
        for (i, (_, a)) in all.iter().enumerate() {
            for (name, b) in &all[..i] {
                assert_ne!(a, b, "{name}");
            }
        }
    }

    /// A memory with a bad bit at the start of what is long.
    struct Worn(Model);

    impl Device for Worn {
        fn config(&self) -> &Config {
            self.0.config()
        }
        fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
            self.0.read_register(offset)
        }
        fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
            self.0.write_register(offset, value)
        }
        fn memory_size(&self) -> u64 {
            self.0.memory_size()
        }
        fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
            self.0.read_memory(address, into)?;
            if into.len() > 1024 {
                into[0] ^= 1;
            }
            Ok(())
        }
        fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
            self.0.write_memory(address, from)
        }
        fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
            self.0.wait(irq_mask, limit_cycles)
        }
    }

    /// A device that is not the model is found out.
    #[test]
    fn another_device_is_told_from_the_model() {
        let mut few = catalogue::all();
        few.retain(|e| e.name == "last-layer");
        few[0].trials.truncate(1);
        let data = crate::demo::folder(None).unwrap();
        assert!(run(&data, on_the_model(), &few).unwrap());
        let wrong = |config, bytes| Ok(Box::new(Worn(Model::new(config, bytes))) as _);
        assert!(!run(&data, Arc::new(wrong), &few).unwrap());
    }
}
