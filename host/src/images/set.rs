//! A set of images, labelled or not, decoded one at a time.

use super::array::Array;
use super::{bad, decode, ImageError, ImageInput};
use crate::parameters::Digest;
use std::path::{Path, PathBuf};

/// Most classes a set may name; what the engine can tell apart is checked later.
const MAX_CLASSES: usize = 65_535;

/// Images with names, and labels if they have them.
#[derive(Clone, Debug)]
pub struct ImageSet {
    path: PathBuf,
    images: Images,
    labels: Option<Vec<u16>>,
    classes: Vec<String>,
    skipped: usize,
    fingerprint: Digest,
}

#[derive(Clone, Debug)]
enum Images {
    Files(Vec<PathBuf>),
    Array(Array),
}

/// What a folder holds, by name.
struct Listing {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// Left out.
    others: Vec<PathBuf>,
}

fn list(path: &Path) -> Result<Listing, ImageError> {
    let unreadable = |e: std::io::Error| {
        let remedy = "check that the folder is there and its permissions";
        bad(path, "reading", e, "a readable folder", remedy)
    };
    let mut found = Listing {
        folders: Vec::new(),
        files: Vec::new(),
        others: Vec::new(),
    };
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if hidden {
            found.others.push(path);
        } else if path.is_dir() {
            found.folders.push(path);
        } else if decode::is_image(&path) {
            found.files.push(path);
        } else {
            found.others.push(path);
        }
    }
    for list in [&mut found.folders, &mut found.files, &mut found.others] {
        // As bytes: the order must not hang on a locale.
        list.sort_by(|a, b| {
            let bytes = |p: &PathBuf| p.as_os_str().as_encoded_bytes().to_vec();
            bytes(a).cmp(&bytes(b))
        });
    }
    Ok(found)
}

/// An error for a folder without images, which names what is there instead.
fn empty(path: &Path, others: &[PathBuf]) -> ImageError {
    let found = match others {
        [] => "nothing".to_string(),
        [first, ..] => {
            let name = first.file_name().unwrap_or_default().to_string_lossy();
            format!("{} other files, the first `{name}`", others.len())
        }
    };
    let remedy = "give a folder that has images, or convert them";
    bad(path, "images", found, "PNG or JPEG files", remedy)
}

impl ImageSet {
    /// Labelled images: a folder with a subfolder a class, or a file of images with its labels beside it. `classes` are the names in
    /// the order of labels, if they are known: others are refused, and some may be missing. Otherwise they are the subfolders, in the order of their
    /// names, or the labels' numbers.
    pub fn labelled(path: &Path, classes: Option<&[String]>) -> Result<ImageSet, ImageError> {
        if path.is_dir() {
            return Self::of_classes(path, classes);
        }
        let array = Array::open(path)?;
        let (beside, numbers) = array.labels()?;
        let most = numbers.iter().max().map_or(0, |m| m + 1);
        let limit = classes.map_or(MAX_CLASSES, <[String]>::len);
        if most > limit {
            let expected = format!("less than {limit}");
            let remedy = "give labels from 0 up, of the classes that are learnt";
            return Err(bad(&beside, "label", most - 1, expected, remedy));
        }
        let classes = match classes {
            Some(names) => names.to_vec(),
            None => (0..most).map(|c| c.to_string()).collect(),
        };
        let labels: Vec<u16> = numbers.iter().map(|&l| l as u16).collect();
        let mut set = Self::of_array(path, array)?;
        labels
            .iter()
            .for_each(|l| set.fingerprint.bytes(&l.to_le_bytes()));
        set.labels = Some(labels);
        set.classes = classes;
        Ok(set)
    }

    /// Images without labels: a folder of images, those in its subfolders, too; or a file of images.
    pub fn unlabelled(path: &Path) -> Result<ImageSet, ImageError> {
        if !path.is_dir() {
            return Self::of_array(path, Array::open(path)?);
        }
        let top = list(path)?;
        let (mut files, mut others) = (top.files, top.others);
        for folder in top.folders {
            let below = list(&folder)?;
            files.extend(below.files);
            others.extend(below.others);
            others.extend(below.folders);
        }
        if files.is_empty() {
            return Err(empty(path, &others));
        }
        Self::of_files(path, files, others.len())
    }

    fn of_array(path: &Path, array: Array) -> Result<ImageSet, ImageError> {
        if array.images == 0 {
            return Err(bad(
                path,
                "images",
                0,
                "one at least",
                "give a file that has images",
            ));
        }
        let mut fingerprint = Digest::default();
        fingerprint.bytes(&(array.images as u64).to_le_bytes());
        fingerprint.bytes(&array.len().to_le_bytes());
        Ok(ImageSet {
            path: path.into(),
            images: Images::Array(array),
            labels: None,
            classes: Vec::new(),
            skipped: 0,
            fingerprint,
        })
    }

    fn of_files(path: &Path, files: Vec<PathBuf>, skipped: usize) -> Result<ImageSet, ImageError> {
        let mut fingerprint = Digest::default();
        for file in &files {
            let about = std::fs::metadata(file).map_err(|e| {
                let remedy = "check that the file is there";
                bad(file, "reading", e, "a readable file", remedy)
            })?;
            let below = file.strip_prefix(path).unwrap_or(file);
            fingerprint.bytes(below.as_os_str().as_encoded_bytes());
            fingerprint.bytes(&about.len().to_le_bytes());
        }
        Ok(ImageSet {
            path: path.into(),
            images: Images::Files(files),
            labels: None,
            classes: Vec::new(),
            skipped,
            fingerprint,
        })
    }

    fn of_classes(path: &Path, classes: Option<&[String]>) -> Result<ImageSet, ImageError> {
        let top = list(path)?;
        let name = |p: &PathBuf| {
            let name = p.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let found: Vec<String> = top.folders.iter().map(name).collect();
        if found.is_empty() || found.len() > MAX_CLASSES {
            let found = format!("{} subfolders, {} images", found.len(), top.files.len());
            let remedy = "make a folder for every class and put its images there";
            return Err(bad(path, "classes", found, "a subfolder a class", remedy));
        }
        if let [first, ..] = &top.files[..] {
            let remedy = "move it to the subfolder of its class";
            return Err(bad(
                first,
                "class of the image",
                "none",
                "a subfolder",
                remedy,
            ));
        }
        let classes = classes.map_or_else(|| found.clone(), <[String]>::to_vec);
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        let mut skipped = top.others.len();
        for (folder, name) in top.folders.iter().zip(&found) {
            let Some(label) = classes.iter().position(|c| c == name) else {
                let expected = if classes.len() <= 20 {
                    classes.join(", ")
                } else {
                    format!(
                        "one of {} classes from {} to {}",
                        classes.len(),
                        classes[0],
                        classes[classes.len() - 1]
                    )
                };
                let remedy = "use the same subfolders everywhere";
                return Err(bad(folder, "class", format!("`{name}`"), expected, remedy));
            };
            let below = list(folder)?;
            if below.files.is_empty() {
                return Err(empty(folder, &below.others));
            }
            skipped += below.others.len() + below.folders.len();
            labels.resize(labels.len() + below.files.len(), label as u16);
            files.extend(below.files);
        }
        let mut set = Self::of_files(path, files, skipped)?;
        set.labels = Some(labels);
        set.classes = classes;
        Ok(set)
    }

    /// Folder or file it was given as.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many images.
    pub fn len(&self) -> usize {
        match &self.images {
            Images::Files(files) => files.len(),
            Images::Array(array) => array.images,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names of the classes in the order of labels; none of an unlabelled set.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Label of image `i`, if it has one.
    pub fn label(&self, i: usize) -> Option<u16> {
        self.labels.as_ref()?.get(i).copied()
    }

    /// Files that are no images.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Digest of names, sizes and labels: what a resume knows the set again by.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Name of image `i`: its path below the set's, or `FILE[INDEX]`.
    pub fn name(&self, i: usize) -> String {
        match &self.images {
            Images::Files(files) => files.get(i).map_or_else(String::new, |f| {
                f.strip_prefix(&self.path)
                    .unwrap_or(f)
                    .display()
                    .to_string()
            }),
            Images::Array(array) => {
                let name = array.path.file_name().unwrap_or_default();
                format!("{}[{i}]", name.to_string_lossy())
            }
        }
    }

    /// Words of image `i` (C, H, W), as the networks take them.
    pub fn load(&self, i: usize, input: &ImageInput) -> Result<Vec<i16>, ImageError> {
        let channels = input.shape().c;
        let planes = match &self.images {
            Images::Files(files) => match files.get(i) {
                Some(file) => decode::decode(file, channels)?,
                None => {
                    let expected = format!("less than {}", files.len());
                    let remedy = "ask for an image that is there";
                    return Err(bad(&self.path, "image", i, expected, remedy));
                }
            },
            Images::Array(array) => array.planes(i, channels)?,
        };
        Ok(input.words(&planes))
    }
}
