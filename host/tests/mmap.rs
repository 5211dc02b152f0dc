//! Mapped engines in trees that tests build: UIO with its maps, u-dma-buf with its upkeep, PCIe BARs. Registers are plain memory here:
//! what is tested is where everything is found.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use tandem::mmap::{Mmap, Options, Places};
use tandem::{Device, Engine};
use tandem_isa::config::TINY;
use tandem_isa::register::{CONFIG_HASH, ID, ID_VALUE, SHAPE, VERSION, VERSION_VALUE, WATCHDOG};

struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }
    fn places(&self) -> Places {
        Places {
            sysfs: self.folder.path().join("sys"),
        }
    }
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
    /// A device file of that length, with the registers of an engine at `registers`.
    fn device(&self, name: &str, bytes: u64, registers: Option<u64>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        file.set_len(bytes).unwrap();
        let shape = TINY.rows as u32 | (TINY.lanes as u32) << 16;
        for (at, value) in [
            (ID, ID_VALUE),
            (VERSION, VERSION_VALUE),
            (CONFIG_HASH, TINY.hash()),
            (SHAPE, shape),
        ] {
            if let Some(start) = registers {
                file.write_all_at(&value.to_le_bytes(), start + u64::from(at))
                    .unwrap();
            }
        }
        path
    }
    fn map(&self, uio: &str, number: usize, address: &str, size: &str, offset: &str) {
        let folder = format!("sys/class/uio/{uio}/maps/map{number}");
        for (name, text) in [
            ("addr", address),
            ("size", size),
            ("offset", offset),
            ("name", "tandem"),
        ] {
            self.write(&format!("{folder}/{name}"), &format!("{text}\n"));
        }
    }
}

fn polled() -> Options {
    Options {
        interrupt: false,
        ..Options::default()
    }
}

fn word_at(path: &Path, at: u64) -> u32 {
    let mut bytes = [0; 4];
    fs::File::open(path)
        .unwrap()
        .read_exact_at(&mut bytes, at)
        .unwrap();
    u32::from_le_bytes(bytes)
}

/// Registers and memory are where they should be, seen from the file.
fn works(device: Mmap, registers: (&Path, u64), memory: (&Path, u64), base: u64, size: u64) {
    assert_eq!((device.memory_base(), device.memory_size()), (base, size));
    let mut engine = Engine::open(device).unwrap();
    assert_eq!(engine.config().name, "tiny");
    engine.set_register(WATCHDOG, 0x1234_5678).unwrap();
    assert_eq!(
        word_at(registers.0, registers.1 + u64::from(WATCHDOG)),
        0x1234_5678
    );
    engine.write_memory(base + 4, &[1, 2, 3, 4]).unwrap();
    assert_eq!(word_at(memory.0, memory.1 + 4), 0x0403_0201);
    engine.write_memory(base + size - 4, &[9; 4]).unwrap();
    assert!(engine.write_memory(base + size - 3, &[9; 4]).is_err());
    assert!(engine.read_memory(base.wrapping_sub(1), &mut [0]).is_err());
}

#[test]
fn uio_has_registers_in_map_0_and_memory_in_map_1() {
    let page = rustix::param::page_size() as u64;
    let tree = Tree::new();
    let path = tree.device("dev/uio3", page + 0x4000, Some(0));
    tree.map("uio3", 0, "0x0000000043c00000", "0x1000", "0x0");
    tree.map("uio3", 1, "0x30000000", "0x4000", "0x0");
    let device = Mmap::open(&path, &polled(), &tree.places()).unwrap();
    works(device, (&path, 0), (&path, page), 0x3000_0000, 0x4000);
    // Registers that do not begin with a page.
    let path = tree.device("dev/uio4", page + 0x4000, Some(0x800));
    tree.map("uio4", 0, "0x43c00800", "0x1000", "0x800");
    tree.map("uio4", 1, "0x30000100", "0x400", "256");
    let options = Options {
        base: Some(0),
        ..polled()
    };
    let device = Mmap::open(&path, &options, &tree.places()).unwrap();
    works(device, (&path, 0x800), (&path, page + 0x100), 0, 0x400);
}

#[test]
fn memory_is_another_map_or_a_buffer_that_is_kept_in_step() {
    let tree = Tree::new();
    let registers = tree.device("dev/uio0", 0x1000, Some(0));
    tree.map("uio0", 0, "0x43c00000", "0x1000", "0");
    let other = tree.device("dev/uio1", 0x2000, None);
    tree.map("uio1", 0, "0x20000000", "0x2000", "0");
    let with = |memory: &Path| Options {
        memory: Some(memory.into()),
        ..polled()
    };
    let device = Mmap::open(&registers, &with(&other), &tree.places()).unwrap();
    works(device, (&registers, 0), (&other, 0), 0x2000_0000, 0x2000);
    let buffer = tree.device("dev/udmabuf0", 0x3000, None);
    let class = "sys/class/u-dma-buf/udmabuf0";
    for (name, text) in [
        ("phys_addr", "0x1f000000"),
        ("size", "12288"),
        ("dma_coherent", "0"),
    ] {
        tree.write(&format!("{class}/{name}"), text);
    }
    let mut device = Mmap::open(&registers, &with(&buffer), &tree.places()).unwrap();
    device.write_memory(0x1f00_0010, &[7; 3]).unwrap();
    let said = |name: &str| tree.text(&format!("{class}/{name}"));
    let all = [
        "sync_offset",
        "sync_size",
        "sync_direction",
        "sync_for_device",
    ]
    .map(said);
    assert_eq!(all, ["16", "3", "1", "1"]);
    device.read_memory(0x1f00_0020, &mut [0; 64]).unwrap();
    let all = ["sync_offset", "sync_size", "sync_direction", "sync_for_cpu"].map(said);
    assert_eq!(all, ["32", "64", "2", "1"]);
    works(device, (&registers, 0), (&buffer, 0), 0x1f00_0000, 0x3000);
    // Coherent: nobody is told.
    tree.write(&format!("{class}/dma_coherent"), "1");
    tree.write(&format!("{class}/sync_offset"), "untouched");
    let device = Mmap::open(&registers, &with(&buffer), &tree.places()).unwrap();
    works(device, (&registers, 0), (&buffer, 0), 0x1f00_0000, 0x3000);
    assert_eq!(said("sync_offset"), "untouched");
    // A part of a file that needs saying where it is, as /dev/mem does.
    let file = tree.device("dev/mem", 0x5000, None);
    let options = Options {
        base: Some(0x1000),
        bytes: Some(0x2000),
        ..with(&file)
    };
    let device = Mmap::open(&registers, &options, &tree.places()).unwrap();
    works(device, (&registers, 0), (&file, 0x1000), 0x1000, 0x2000);
}

#[test]
fn a_pcie_function_has_a_bar_of_registers_and_one_of_memory() {
    let tree = Tree::new();
    let function = "sys/bus/pci/devices/0000:01:00.0";
    let registers = tree.device(&format!("{function}/resource0"), 0x10000, Some(0));
    let memory = tree.device(&format!("{function}/resource2"), 0x8000, None);
    let options = Options {
        memory: Some(memory.clone()),
        ..Options::default()
    };
    let device = Mmap::open(&registers, &options, &tree.places()).unwrap();
    works(device, (&registers, 0), (&memory, 0), 0, 0x8000);
    let some = Options {
        bytes: Some(0x1000),
        ..options
    };
    let device = Mmap::open(&registers, &some, &tree.places()).unwrap();
    works(device, (&registers, 0), (&memory, 0), 0, 0x1000);
}

#[test]
fn what_cannot_be_opened_is_said_with_what_to_do() {
    let tree = Tree::new();
    let refused = |path: &Path, options: &Options| {
        let opened = Mmap::open(path, options, &tree.places());
        opened.err().map(|e| e.to_string()).unwrap_or_default()
    };
    let says = |text: String, words: &[&str]| {
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    says(
        refused(&tree.path("dev/none"), &polled()),
        &["none", "No such file", "/dev/uioN"],
    );
    let empty = tree.device("dev/uio0", 0x1000, None);
    fs::create_dir_all(tree.path("sys/class/uio/uio0")).unwrap();
    says(refused(&empty, &polled()), &["no map 0", "device tree"]);
    tree.map("uio0", 0, "0x43c00000", "0x100", "0");
    says(
        refused(&empty, &polled()),
        &["0x100 bytes are mapped", "0x1000"],
    );
    tree.map("uio0", 0, "0x43c00000", "many", "0");
    says(refused(&empty, &polled()), &["`many`", "a number"]);
    tree.map("uio0", 0, "0x43c00000", "0x1000", "0");
    says(
        refused(&empty, &polled()),
        &["no map 1", "memory=/dev/udmabuf0"],
    );
    tree.map("uio0", 1, "0x30000000", "0x1000", "0");
    says(
        refused(&empty, &polled()),
        &["register ID", "0x544e444d", "bitstream"],
    );
    let bar = tree.device("sys/bus/pci/devices/x/resource0", 0x1000, Some(0));
    says(refused(&bar, &polled()), &["no memory", "resource2"]);
    let with = |memory: &Path, bytes| Options {
        memory: Some(memory.into()),
        bytes,
        ..polled()
    };
    says(
        refused(&bar, &with(&bar, Some(0x2000))),
        &["8192 bytes are asked for", "4096"],
    );
    let plain = tree.device("dev/plain", 0x2000, None);
    says(
        refused(&bar, &with(&plain, None)),
        &["neither a u-dma-buf", "base=0x30000000"],
    );
    says(
        refused(&plain, &polled()),
        &["begins with 0x0", "tandem serve --shared"],
    );
}
