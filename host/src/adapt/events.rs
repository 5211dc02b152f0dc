//! Events: images of the stream that came with a label, as when a failed recognition is followed by the swipe of a card. The teacher does
//! not see them; the selector ranks them above all it labels.

use super::error::{unfit, AdaptError};
use super::material::Material;
use super::plan::{AdaptPlan, Task};
use std::collections::BTreeMap;
use std::path::Path;

/// The classes of events by the names of their images.
pub type Events = BTreeMap<String, String>;

/// Reads a list of events, `IMAGE,CLASS` a line, the image named as in `kept.jsonl`: a path below the stream's folder, or `FILE[INDEX]`.
/// Empty lines are passed over.
pub fn read_events(file: &Path) -> Result<Events, AdaptError> {
    let bad = |found: String, expected, remedy| AdaptError::Folder {
        place: file.display().to_string(),
        what: "list of events",
        found,
        expected,
        remedy,
    };
    let text = std::fs::read_to_string(file).map_err(|e| {
        let remedy = "give a file with a line for every event";
        bad(e.to_string(), "lines of text".into(), remedy)
    })?;
    let mut events = Events::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let found = || format!("`{line}` in line {number}");
        // An image may have a comma in its name.
        let (image, class) = line.rsplit_once(',').ok_or_else(|| {
            let remedy = "give an image and its class, as gate/0001.png,3";
            bad(found(), "IMAGE,CLASS".into(), remedy)
        })?;
        let class = class.trim().to_string();
        if events.insert(image.trim().into(), class).is_some() {
            let remedy = "give an image one class";
            return Err(bad(found(), "each image once".into(), remedy));
        }
    }
    Ok(events)
}

impl Material {
    /// Classes of the stream's events, by the numbers of their images.
    pub(super) fn events(&self, plan: &AdaptPlan) -> Result<BTreeMap<usize, u16>, AdaptError> {
        let mut found = BTreeMap::new();
        let (Some(stream), false) = (&self.unlabelled, plan.events.is_empty()) else {
            return Ok(found);
        };
        if plan.task == Task::Train {
            return Ok(found);
        }
        let mut left: BTreeMap<&str, &str> = BTreeMap::new();
        left.extend(plan.events.iter().map(|(i, c)| (i.as_str(), c.as_str())));
        for i in 0..stream.len() {
            if let Some(class) = left.remove(stream.name(i).as_str()) {
                found.insert(i, self.class("class of an event", class)? as u16);
            }
        }
        match left.keys().next() {
            None => Ok(found),
            Some(&image) => {
                let remedy = "name images as kept.jsonl does: a path below the stream's folder, or FILE[INDEX]";
                let expected = format!("one of {}", stream.path().display());
                Err(unfit("image of an event", image, expected, remedy))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Events, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("events.csv");
        std::fs::write(&file, text).unwrap();
        read_events(&file).map_err(|e| e.to_string().replace(&file.display().to_string(), "FILE"))
    }

    #[test]
    fn a_list_is_read_line_by_line() {
        let events = read("a/1.png,3\n\n b, c.png , seven\nx.npy[12],3").unwrap();
        let expected = [("a/1.png", "3"), ("b, c.png", "seven"), ("x.npy[12]", "3")];
        assert_eq!(events, expected.map(|(i, c)| (i.into(), c.into())).into());
        assert_eq!(read("").unwrap(), Events::new());
    }

    #[test]
    fn what_is_no_event_is_named() {
        assert_eq!(
            read("a.png,1\na.png").unwrap_err(),
            "FILE: list of events: found `a.png` in line 2, expected IMAGE,CLASS; give an image and its class, as gate/0001.png,3"
        );
        let twice = read("a.png,1\na.png,2").unwrap_err();
        assert!(twice.ends_with("expected each image once; give an image one class"));
        assert!(read_events(Path::new("/nowhere")).is_err());
    }
}
