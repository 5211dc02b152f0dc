//! State on disk that survives power loss: one file, checked as a whole, replaced in one go, and the one before it kept.
//!
//! | bytes | hold |
//! |---|---|
//! | 8 | `TANDEMCK` |
//! | 4 | [`VERSION`] |
//! | 8 | number of the checkpoint in its run, from 1 |
//! | 8 | bytes of the whole file |
//! | then, section by section: 4, 8, … | name, bytes, content |
//! | 4 | CRC-32 of all before it |
//!
//! All numbers are little-endian. What the sections hold is their owner's business ([`crate::adapt`]). Files are kept in a [`Store`].

mod store;

pub use store::{write_whole, Loaded, Store};

/// Version of the format and of what the sections hold; files of another are refused.
pub const VERSION: u32 = 1;
const MAGIC: [u8; 8] = *b"TANDEMCK";
const HEADER: usize = 28;

/// Name of a section.
pub type Tag = [u8; 4];

/// A numbered set of sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number in the run: the larger is the newer.
    pub number: u64,
    /// Contents by name.
    pub sections: Vec<(Tag, Vec<u8>)>,
}

/// Why a file is no checkpoint, or cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}: found {found}, expected {expected}; {remedy}")]
pub struct CheckpointError {
    /// File, folder or section.
    pub place: String,
    /// What is wrong there.
    pub what: &'static str,
    /// Found.
    pub found: String,
    /// Expected.
    pub expected: String,
    /// What to do.
    pub remedy: &'static str,
}

impl CheckpointError {
    /// What is wrong with a checkpoint's content.
    pub fn content(
        place: impl ToString,
        what: &'static str,
        found: impl ToString,
        expected: impl ToString,
    ) -> Self {
        CheckpointError {
            place: place.to_string(),
            what,
            found: found.to_string(),
            expected: expected.to_string(),
            remedy: "use the checkpoint before it, or start the run again",
        }
    }
}

impl Checkpoint {
    /// The section of that name.
    pub fn section(&self, tag: Tag) -> Result<&[u8], CheckpointError> {
        let found = self.sections.iter().find(|s| s.0 == tag);
        found.map(|s| &s.1[..]).ok_or_else(|| {
            let name = String::from_utf8_lossy(&tag).into_owned();
            CheckpointError::content("checkpoint", "section", "none", name)
        })
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let body: usize = self.sections.iter().map(|s| 12 + s.1.len()).sum();
        let length = HEADER + body + 4;
        let mut bytes = Vec::with_capacity(length);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes.extend((length as u64).to_le_bytes());
        for (tag, content) in &self.sections {
            bytes.extend(tag);
            bytes.extend((content.len() as u64).to_le_bytes());
            bytes.extend(content);
        }
        let crc = crc32fast::hash(&bytes);
        bytes.extend(crc.to_le_bytes());
        bytes
    }

    /// Reads the bytes of a file; `place` is for messages. Anything but what [`Checkpoint::encode`] gives is refused.
    pub fn decode(place: &str, bytes: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let no = |what, found: String, expected: String| {
            CheckpointError::content(place, what, found, expected)
        };
        let Some((head, crc)) = bytes
            .split_last_chunk::<4>()
            .filter(|b| b.0.len() >= HEADER)
        else {
            let expected = format!("{} or more", HEADER + 4);
            return Err(no("length", bytes.len().to_string(), expected));
        };
        if head[..8] != MAGIC {
            let found = format!("{:02x?}", &head[..8]);
            return Err(no("first bytes", found, format!("{MAGIC:02x?}")));
        }
        let number = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&head[at..at + 8]);
            u64::from_le_bytes(word)
        };
        // The length before the CRC: it tells a file that was cut from one that was changed.
        if number(20) != bytes.len() as u64 {
            let expected = number(20).to_string();
            return Err(no("length", bytes.len().to_string(), expected));
        }
        let (found, expected) = (crc32fast::hash(head), u32::from_le_bytes(*crc));
        if found != expected {
            return Err(no(
                "CRC-32",
                format!("{found:08x}"),
                format!("{expected:08x}"),
            ));
        }
        let version = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        if version != VERSION {
            let expected = format!("{VERSION}, that of this program");
            return Err(no("version", version.to_string(), expected));
        }
        let mut sections = Vec::new();
        let mut rest = &head[HEADER..];
        while !rest.is_empty() {
            let cut = || no("section", "one that is cut".into(), "a whole one".into());
            let (tag, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
            let (length, after) = after.split_first_chunk::<8>().ok_or_else(cut)?;
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
            let (content, after) = after.split_at_checked(length).ok_or_else(cut)?;
            sections.push((*tag, content.to_vec()));
            rest = after;
        }
        Ok(Checkpoint {
            number: number(12),
            sections,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Checkpoint {
        Checkpoint {
            number: 7,
            sections: vec![(*b"HEAD", b"{}".to_vec()), (*b"NET0", (0..200).collect())],
        }
    }

    #[test]
    fn every_length_and_every_bit_matters() {
        let good = example().encode();
        assert_eq!(Checkpoint::decode("x", &good), Ok(example()));
        for n in 0..good.len() {
            let e = Checkpoint::decode("x", &good[..n]).unwrap_err();
            assert!(e.to_string().starts_with("x: length"), "{n}: {e}");
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Checkpoint::decode("x", &bad).is_err(), "bit {bit}");
        }
        let mut longer = good;
        longer.push(0);
        assert!(Checkpoint::decode("x", &longer).is_err());
    }

    #[test]
    fn another_version_and_cut_sections_are_refused() {
        let with = |change: fn(&mut Vec<u8>)| {
            let mut bytes = example().encode();
            bytes.truncate(bytes.len() - 4);
            change(&mut bytes);
            let crc = crc32fast::hash(&bytes);
            bytes.extend(crc.to_le_bytes());
            Checkpoint::decode("x", &bytes).unwrap_err().to_string()
        };
        let newer = with(|b| b[8] = 9);
        assert!(newer.contains("version: found 9, expected 1"), "{newer}");
        for change in [
            (|b: &mut Vec<u8>| b[HEADER + 4] = 255) as fn(&mut Vec<u8>),
            |b| b[HEADER + 11] = 255,
        ] {
            let cut = with(change);
            assert!(cut.contains("section"), "{cut}");
        }
        assert!(example().section(*b"NONE").is_err());
    }
}
