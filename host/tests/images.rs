//! Images as users have them: order, labels, kinds of files; and files that are not what they seem.

use image::{DynamicImage, ImageFormat, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};
use tandem::batches::Random;
use tandem::images::{ImageInput, ImageSet};
use tandem::network::Shape;

fn input(c: usize) -> ImageInput {
    ImageInput::new(Shape { c, h: 6, w: 5 }, &[0.0], &[1.0]).unwrap()
}

fn picture() -> DynamicImage {
    let mut image = RgbImage::new(5, 6);
    for (x, y, p) in image.enumerate_pixels_mut() {
        p.0 = [(40 * x) as u8, (40 * y) as u8, 7];
    }
    image.into()
}

fn bytes(format: ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture().write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A folder with these files.
fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

/// The message, without the folder's path.
fn message(dir: &Path, result: Result<impl Sized, tandem::images::ImageError>) -> String {
    let text = result.err().expect("an error").to_string();
    text.replace(&format!("{}/", dir.display()), "")
        .replace(&dir.display().to_string(), "DIR")
}

#[test]
fn classes_and_images_are_in_the_order_of_their_names() {
    let png = bytes(ImageFormat::Png);
    let jpeg = bytes(ImageFormat::Jpeg);
    let dir = tree(&[
        ("b/2.PNG", &png),
        ("b/10.png", &png),
        ("a/z.jpeg", &jpeg),
        ("a/.hidden.png", b"x"),
        ("a/notes.txt", b"x"),
        ("C/x.jpg", &jpeg),
    ]);
    let set = ImageSet::labelled(dir.path(), None).unwrap();
    assert_eq!(set.classes(), ["C", "a", "b"]);
    let names: Vec<String> = (0..set.len()).map(|i| set.name(i)).collect();
    assert_eq!(names, ["C/x.jpg", "a/z.jpeg", "b/10.png", "b/2.PNG"]);
    let labels: Vec<Option<u16>> = (0..set.len()).map(|i| set.label(i)).collect();
    assert_eq!(labels, [Some(0), Some(1), Some(2), Some(2)]);
    assert_eq!(set.skipped(), 2);
    for i in 0..set.len() {
        assert_eq!(set.load(i, &input(3)).unwrap().len(), 90);
        assert_eq!(set.load(i, &input(1)).unwrap().len(), 30);
    }
    // The words of a PNG are its pixels'.
    let words = set.load(2, &input(3)).unwrap();
    let red = |x: usize| (f64::from(40 * x as u32) / 255.0 * 32768.0).round() as i16;
    assert_eq!(words[..5], [0, 1, 2, 3, 4].map(red));
    assert!(set.load(4, &input(1)).is_err());
    // Without labels the subfolders mean nothing.
    let flat = ImageSet::unlabelled(dir.path()).unwrap();
    assert_eq!((flat.len(), flat.label(0)), (4, None));
    let before = flat.fingerprint();
    fs::write(dir.path().join("b/3.png"), &png).unwrap();
    assert_ne!(
        ImageSet::unlabelled(dir.path()).unwrap().fingerprint(),
        before
    );
}

#[test]
fn folders_that_cannot_be_meant_are_refused_in_words() {
    let png = bytes(ImageFormat::Png);
    let known = ["cat".to_string(), "dog".to_string()];
    let dir = tree(&[("cat/1.png", &png), ("cow/1.png", &png)]);
    assert_eq!(
        message(dir.path(), ImageSet::labelled(dir.path(), Some(&known))),
        "cow: class: found `cow`, expected cat, dog; use the same subfolders everywhere"
    );
    let dir = tree(&[("1.png", &png)]);
    assert_eq!(
        message(dir.path(), ImageSet::labelled(dir.path(), None)),
        "DIR: classes: found 0 subfolders, 1 images, expected a subfolder a class; make a folder for every class and put its images there"
    );
    let dir = tree(&[("cat/1.png", &png), ("1.png", &png)]);
    assert_eq!(
        message(dir.path(), ImageSet::labelled(dir.path(), None)),
        "1.png: class of the image: found none, expected a subfolder; move it to the subfolder of its class"
    );
    let dir = tree(&[("cat/1.bmp", b"BM"), ("cat/2.bmp", b"BM")]);
    assert_eq!(
        message(dir.path(), ImageSet::labelled(dir.path(), None)),
        "cat: images: found 2 other files, the first `1.bmp`, expected PNG or JPEG files; give a folder that has images, or convert them"
    );
    let dir = tree(&[]);
    assert!(message(dir.path(), ImageSet::unlabelled(dir.path())).contains("found nothing"));
    let gone = dir.path().join("gone");
    assert!(message(dir.path(), ImageSet::unlabelled(&gone)).starts_with("gone: reading: found"));
}

/// Whatever is done to a file, it is an image or an error that names it.
#[test]
fn damaged_files_are_errors_that_name_them() {
    let dir = tree(&[]);
    let mut random = Random::new(11);
    let (mut refused, mut read) = (0, 0);
    let mut check = |name: &str, content: &[u8]| {
        fs::write(dir.path().join(name), content).unwrap();
        let set = ImageSet::unlabelled(dir.path()).unwrap();
        match set.load(0, &input(1)) {
            Ok(words) => {
                assert_eq!(words.len(), 30);
                read += 1;
            }
            Err(e) => {
                assert!(
                    e.to_string().contains(name) && e.to_string().contains("; "),
                    "{e}"
                );
                refused += 1;
            }
        }
        fs::remove_file(dir.path().join(name)).unwrap();
    };
    for (name, format) in [("x.png", ImageFormat::Png), ("x.jpg", ImageFormat::Jpeg)] {
        let good = bytes(format);
        for n in 0..good.len() {
            check(name, &good[..n]);
        }
        for _ in 0..600 {
            let mut bad = good.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(bad.len());
                bad[at] = random.next_u64() as u8;
            }
            check(name, &bad);
        }
    }
    for content in [
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"hello",
    ] {
        check("x.png", content);
    }
    // A kilobyte that asks for gigabytes.
    let mut huge = bytes(ImageFormat::Png);
    huge[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    let crc = crc32fast::hash(&huge[12..29]);
    huge[29..33].copy_from_slice(&crc.to_be_bytes());
    check("x.png", &huge);
    assert!(
        refused > 1000 && read > 10,
        "{refused} refused, {read} read"
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let dir = tree(&[]);
    let path = dir.path().join("x.png");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|s| s.success()));
    let set = ImageSet::unlabelled(dir.path()).unwrap();
    let text = message(dir.path(), set.load(0, &input(1)));
    assert_eq!(
        text,
        "x.png: file: found something else, expected a file; remove it from the folder"
    );
    std::os::unix::fs::symlink("nowhere", dir.path().join("y.png")).unwrap();
    let text = message(dir.path(), ImageSet::unlabelled(dir.path()));
    assert!(text.starts_with("y.png: reading"), "{text}");
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

fn saved(dir: &Path, name: &str, content: &[u8]) -> PathBuf {
    fs::write(dir.join(name), content).unwrap();
    dir.join(name)
}

#[test]
fn arrays_are_images_too() {
    let dir = tree(&[]);
    let pixels: Vec<u8> = (0..90).collect();
    let grey = input(1);
    // IDX: 3 images of 6x5.
    let idx = [
        &[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 5][..],
        &pixels,
    ]
    .concat();
    let images = saved(dir.path(), "t-images-idx3-ubyte", &idx);
    let text = message(dir.path(), ImageSet::labelled(&images, None));
    assert!(text.starts_with("t-labels-idx1-ubyte: reading"), "{text}");
    saved(
        dir.path(),
        "t-labels-idx1-ubyte",
        &[0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1],
    );
    let set = ImageSet::labelled(&images, None).unwrap();
    assert_eq!(
        (set.len(), set.classes().len(), set.label(0)),
        (3, 3, Some(2))
    );
    assert_eq!(set.name(1), "t-images-idx3-ubyte[1]");
    let second = set.load(1, &grey).unwrap();
    // The same as bytes, as floats, and with the channel last or first.
    let floats: Vec<u8> = pixels
        .iter()
        .flat_map(|&p| (f32::from(p) / 255.0).to_le_bytes())
        .collect();
    for (descr, shape, data) in [
        ("|u1", "(3, 6, 5)", &pixels),
        ("<f4", "(3, 1, 6, 5)", &floats),
        ("|u1", "(3, 6, 5, 1)", &pixels),
    ] {
        let images = saved(dir.path(), "u-images.npy", &npy(descr, shape, data));
        saved(
            dir.path(),
            "u-labels.npy",
            &npy(
                "<i8",
                "(3,)",
                &[[2u8, 0, 0, 0, 0, 0, 0, 0], [0; 8], [1, 0, 0, 0, 0, 0, 0, 0]].concat(),
            ),
        );
        let set = ImageSet::labelled(&images, None).unwrap();
        assert_eq!(
            (set.label(0), set.load(1, &grey).unwrap()),
            (Some(2), second.clone()),
            "{shape}"
        );
    }
    // Colour: channel planes from interleaved pixels.
    let images = saved(
        dir.path(),
        "c-images.npy",
        &npy("|u1", "(1, 6, 5, 3)", &pixels),
    );
    let words = ImageSet::unlabelled(&images)
        .unwrap()
        .load(0, &input(3))
        .unwrap();
    let word = |p: u8| (f64::from(p) / 255.0 * 32768.0).round() as i16;
    assert_eq!((words[0], words[1], words[30]), (word(0), word(3), word(1)));
}

#[test]
fn arrays_that_do_not_fit_are_refused_in_words() {
    let dir = tree(&[]);
    let of = |name: &str, content: &[u8]| {
        let path = saved(dir.path(), name, content);
        message(dir.path(), ImageSet::labelled(&path, None))
    };
    saved(dir.path(), "labels.npy", &npy("|u1", "(2,)", &[0, 1]));
    assert_eq!(
        of("images.npy", &npy("|u1", "(1, 2, 2)", &[0; 4])),
        "labels.npy: labels: found 2, expected 1, one an image; give images and labels of the same set"
    );
    assert_eq!(
        of("images.npy", &npy("<i8", "(1, 1, 1)", &[0; 8])),
        "images.npy: type of the images: found I64, expected uint8 or float32; convert it: uint8 from 0 to 255, or float32 from 0 to 1"
    );
    assert!(of("images.npy", &npy("|u1", "(4,)", &[0; 4])).contains("shape: found [4]"));
    assert!(of("x.npy", &npy("|u1", "(1, 2, 2)", &[0; 4])).contains("one with `images` in it"));
    assert!(of("images.npy", &npy("|u1", "(0, 2, 2)", &[])).contains("labels"));
    saved(dir.path(), "labels.npy", &npy("<i4", "(1,)", &[255; 4]));
    assert!(of("images.npy", &npy("|u1", "(1, 2, 2)", &[0; 4])).contains("a negative one"));
    let floats = npy("<f4", "(1, 1, 1)", &2.5f32.to_le_bytes());
    let path = saved(dir.path(), "f-images.npy", &floats);
    let set = ImageSet::unlabelled(&path).unwrap();
    assert_eq!(
        message(dir.path(), set.load(0, &input(1))),
        "f-images.npy: value of a pixel: found 2.5 in image 0, expected 0 to 1; divide by the largest value before saving; normalise by mean and std here"
    );
    assert!(of("plain", b"hello").starts_with("plain: first bytes"));
}
