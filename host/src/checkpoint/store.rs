//! Two checkpoints in a folder, written in turn: whatever happens while one is written, the other is whole.

use super::{Checkpoint, CheckpointError};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const NAMES: [&str; 2] = ["checkpoint-0", "checkpoint-1"];

/// The checkpoints of a run.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    /// Number of the newest.
    number: u64,
}

/// What there was to go on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The newest that is whole, and its file name.
    pub checkpoint: Option<(String, Checkpoint)>,
    /// Files that were refused, and why.
    pub refused: Vec<CheckpointError>,
}

fn failed(place: &Path, what: &'static str, e: &io::Error) -> CheckpointError {
    CheckpointError {
        place: place.display().to_string(),
        what,
        found: e.to_string(),
        expected: "a folder that can be written, with room".into(),
        remedy: "make room or choose another folder; the checkpoint before is still there",
    }
}

/// Writes a file that is there whole or not at all, also after a loss of power: under another name, to the disk, then renamed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = (|| {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    })();
    if written.is_err() {
        // Of no use to anyone; that it cannot be removed changes nothing about the error.
        let _ = fs::remove_file(&part);
        return written;
    }
    // The new name is in the folder, which has to reach the disk, too.
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    match File::open(folder.unwrap_or(Path::new("."))) {
        Ok(folder) => folder.sync_all(),
        // Not every system opens folders.
        Err(_) => Ok(()),
    }
}

impl Store {
    /// An empty one in `folder`, which is there.
    pub fn new(folder: &Path) -> Store {
        Store {
            folder: folder.into(),
            number: 0,
        }
    }

    /// Opens the one in `folder`: the newest checkpoint that is whole, and what was wrong with others.
    pub fn open(folder: &Path) -> (Store, Loaded) {
        let mut loaded = Loaded::default();
        for name in NAMES {
            let path = folder.join(name);
            let place = path.display().to_string();
            let read = match fs::read(&path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => Err(CheckpointError::content(
                    place,
                    "reading",
                    e,
                    "a readable file",
                )),
                Ok(bytes) => Checkpoint::decode(&place, &bytes),
            };
            match read {
                Ok(c) => {
                    if loaded
                        .checkpoint
                        .as_ref()
                        .is_none_or(|(_, b)| b.number < c.number)
                    {
                        loaded.checkpoint = Some((name.into(), c));
                    }
                }
                Err(e) => loaded.refused.push(e),
            }
        }
        let mut store = Store::new(folder);
        store.number = loaded.checkpoint.as_ref().map_or(0, |(_, c)| c.number);
        // Never onto the one that is whole.
        if let Some((name, _)) = &loaded.checkpoint {
            if NAMES[(store.number % 2) as usize] != name {
                store.number += 1;
            }
        }
        (store, loaded)
    }

    /// Writes the next one over the older of the two; returns its file name and bytes.
    pub fn save(
        &mut self,
        sections: Vec<(super::Tag, Vec<u8>)>,
    ) -> Result<(String, u64), CheckpointError> {
        let number = self.number + 1;
        let bytes = Checkpoint { number, sections }.encode();
        let name = NAMES[(number % 2) as usize];
        let path = self.folder.join(name);
        write_whole(&path, &bytes).map_err(|e| failed(&path, "writing", &e))?;
        self.number = number;
        Ok((name.into(), bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(byte: u8) -> Vec<(crate::checkpoint::Tag, Vec<u8>)> {
        vec![(*b"HEAD", vec![byte; 40])]
    }

    /// Whatever length or byte of the newest is damaged, it is refused with the reason and the one before is used; what is saved next
    /// leaves that alone.
    #[test]
    fn the_one_before_a_damaged_one_is_used() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::new(dir.path());
        for byte in 1..=3 {
            store.save(sections(byte)).unwrap();
        }
        let newest = dir.path().join(NAMES[1]);
        let good = fs::read(&newest).unwrap();
        let before = || {
            let (store, loaded) = Store::open(dir.path());
            let (name, checkpoint) = loaded.checkpoint.unwrap();
            assert_eq!((name.as_str(), checkpoint.number), (NAMES[0], 2));
            assert_eq!(checkpoint.sections, sections(2));
            assert_eq!(loaded.refused.len(), 1);
            let reason = loaded.refused[0].to_string();
            assert!(
                reason.contains(NAMES[1]) && reason.contains("expected"),
                "{reason}"
            );
            store
        };
        for n in 0..good.len() {
            fs::write(&newest, &good[..n]).unwrap();
            before();
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            fs::write(&newest, bad).unwrap();
            before();
        }
        let mut store = before();
        store.save(sections(9)).unwrap();
        let (_, loaded) = Store::open(dir.path());
        assert_eq!(loaded.checkpoint.unwrap().1.sections, sections(9));
        assert_eq!(loaded.refused, []);
        fs::write(dir.path().join(NAMES[0]), b"x").unwrap();
        fs::write(dir.path().join(NAMES[1]), b"").unwrap();
        let (_, loaded) = Store::open(dir.path());
        assert_eq!((loaded.checkpoint, loaded.refused.len()), (None, 2));
    }

    #[test]
    fn a_renamed_checkpoint_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::new(dir.path());
        store.save(sections(1)).unwrap();
        fs::rename(dir.path().join(NAMES[1]), dir.path().join(NAMES[0])).unwrap();
        let (mut store, _) = Store::open(dir.path());
        let (name, _) = store.save(sections(2)).unwrap();
        assert_eq!(name, NAMES[1]);
        let (_, loaded) = Store::open(dir.path());
        assert_eq!(loaded.checkpoint.unwrap().1.sections, sections(2));
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none/x");
        assert!(write_whole(&path, b"x").is_err());
        // A folder is in the way of the rename.
        fs::create_dir(dir.path().join("y")).unwrap();
        assert!(write_whole(&dir.path().join("y"), b"x").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let mut store = Store::new(&dir.path().join("none"));
        let e = store.save(sections(1)).unwrap_err().to_string();
        assert!(e.contains("checkpoint-1: writing"), "{e}");
    }
}
