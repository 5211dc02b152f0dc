//! Writes digits of `data/` as folders of PNG files, for `tandem adapt`: `labelled` (20 a class), `unlabelled` and `holdout` (turned and
//! noisy: a domain the labelled ones are not from).
//!
//! `cargo run --release -p tandem --example folders -- FOLDER [UNLABELLED [HOLDOUT]]`

use std::path::{Path, PathBuf};
use tandem::data::{clean, stream, Digits};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(args.next().ok_or("give a folder to write to")?);
    let mut number = |default: usize| args.next().map_or(Ok(default), |a| a.parse());
    let (unlabelled, holdout) = (number(2000)?, number(1000)?);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let (train, test) = (Digits::read(&data, "train")?, Digits::read(&data, "test")?);
    let mut images = stream(&data, 1, train.len())?;
    images.truncate(unlabelled);
    let judges: Vec<usize> = (0..test.len().min(holdout)).collect();
    let labelled = train.pick(&clean(&data, 1, 20)?.concat());
    labelled.save(&out.join("labelled"), true)?;
    let moved = |d: Digits, seed| d.shifted(20.0, 0.2, seed);
    moved(train.pick(&images), 2).save(&out.join("unlabelled"), false)?;
    moved(test.pick(&judges), 3).save(&out.join("holdout"), true)?;
    println!(
        "{} labelled, {} unlabelled, {} held out",
        labelled.len(),
        images.len(),
        judges.len()
    );
    Ok(())
}
