//! From the path of a device to its parts.

use super::shared::{self, word, Bell, Mailbox};
use super::{failed, sysfs, Direct, Interrupt, Memory, Mmap, Parts, Registers, Uio, Upkeep};
use crate::device::DeviceError;
use crate::fault::DriverError;
use rustix::fs::{flock, FlockOperation, Mode, OFlags};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tandem_isa::register::SPACE;
use tandem_mapping::Mapping;

/// Where the kernel shows devices; tests build a tree of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// `/sys`.
    pub sysfs: PathBuf,
}

impl Default for Places {
    fn default() -> Self {
        let sysfs = "/sys".into();
        Self { sysfs }
    }
}

/// What is to be said of a device beside its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where its memory is, if not beside its registers: a u-dma-buf, another UIO device (map 0), a BAR, or /dev/mem.
    pub memory: Option<PathBuf>,
    /// The address by which the engine knows the first byte of the memory; by default the physical one, 0 for a BAR.
    pub base: Option<u64>,
    /// Bytes of memory to use; by default all. Needed for /dev/mem.
    pub bytes: Option<u64>,
    /// Clock of the engine, Hz.
    pub clock: Option<u64>,
    /// Use the interrupt, if there is one.
    pub interrupt: bool,
}

/// The clock that is taken for granted, Hz.
const CLOCK: u64 = 100_000_000;

impl Default for Options {
    fn default() -> Self {
        Self {
            memory: None,
            base: None,
            bytes: None,
            clock: None,
            interrupt: true,
        }
    }
}

/// A device by its path and what options say of it.
struct Opening<'a> {
    path: &'a Path,
    name: String,
    options: &'a Options,
    places: &'a Places,
}

type Boxed = Box<dyn Registers + Send>;

impl Mmap<Boxed> {
    /// Opens `/dev/uioN`, a PCI function's `resourceN`, or a file of `tandem serve --shared`.
    pub fn open(
        path: impl AsRef<Path>,
        options: &Options,
        places: &Places,
    ) -> Result<Self, DriverError> {
        let path = path.as_ref();
        let opening = Opening {
            path,
            name: path.display().to_string(),
            options,
            places,
        };
        let described = class(places, "uio", path);
        let parts = if described.is_dir() {
            opening.uio(&described)?
        } else if is_bar(path) {
            opening.bar()?
        } else {
            opening.shared()?
        };
        Mmap::new(parts)
    }
}

/// Folder of a device in /sys/class.
fn class(places: &Places, kind: &str, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    places.sysfs.join("class").join(kind).join(name)
}

fn is_bar(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.strip_prefix("resource"))
        .is_some_and(|digit| digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit())
}

/// Opens a device file to read and write.
fn open(path: &Path) -> Result<File, DeviceError> {
    open_with(path, OFlags::empty())
}

fn open_with(path: &Path, flags: OFlags) -> Result<File, DeviceError> {
    let flags = (flags | OFlags::RDWR | OFlags::CLOEXEC, Mode::empty());
    let opened = rustix::fs::open(path, flags.0, flags.1);
    opened.map(File::from).map_err(|error| {
        let error = std::io::Error::from(error);
        let remedy = match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                "`tandem doctor` with this device shows the udev rule that lets this user open it"
            }
            _ => "look at the path: expected /dev/uioN, a PCI function's resourceN, or a file of `tandem serve --shared`",
        };
        failed(path.display(), "opening", error, remedy)
    })
}

fn map(file: &File, offset: u64, bytes: u64, name: &str) -> Result<Mapping, DeviceError> {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    Mapping::new(file, offset, bytes).map_err(|error| {
        failed(
            name,
            format_args!("mapping {bytes:#x} bytes from {offset:#x}"),
            error,
            "look at sizes and addresses in device tree or block design",
        )
    })
}

/// Map `number` of a UIO device, and where it begins in the mapping.
fn uio_map(
    file: &File,
    number: usize,
    map_: &sysfs::Map,
    name: &str,
) -> Result<Mapping, DeviceError> {
    let page = rustix::param::page_size() as u64;
    // The kernel counts maps in pages.
    map(file, number as u64 * page, map_.offset + map_.bytes, name)
}

impl Opening<'_> {
    fn failed(&self, operation: &str, reason: impl ToString, remedy: &str) -> DeviceError {
        failed(&self.name, operation, reason, remedy)
    }

    fn parts(
        &self,
        registers: Boxed,
        (memory, base): (Memory, u64),
        interrupt: Option<Box<dyn Interrupt + Send>>,
        clock: u64,
    ) -> Parts<Boxed> {
        Parts {
            name: self.name.clone(),
            registers,
            memory,
            base: self.options.base.unwrap_or(base),
            interrupt: interrupt.filter(|_| self.options.interrupt),
            clock: self.options.clock.unwrap_or(clock),
        }
    }

    fn uio(&self, described: &Path) -> Result<Parts<Boxed>, DeviceError> {
        let file = open(self.path)?;
        let no_map = || {
            self.failed(
                "opening",
                "it has no map 0",
                "give the engine its register window in the device tree: see constraints/axi/tandem.dtsi",
            )
        };
        let first = sysfs::map(described, 0)?.ok_or_else(no_map)?;
        let mapping = uio_map(&file, 0, &first, &self.name)?;
        let registers = Direct::new(mapping, first.offset as usize, &self.name)?;
        let memory = match &self.options.memory {
            Some(path) => self.memory(path)?,
            None => {
                let mut second = sysfs::map(described, 1)?.ok_or_else(|| {
                    self.failed(
                        "opening",
                        "it has no map 1, which is the engine's memory",
                        "name the memory, as in mmap:/dev/uio0,memory=/dev/udmabuf0",
                    )
                })?;
                second.bytes = self.length(&self.name, second.bytes)?;
                let mapping = uio_map(&file, 1, &second, &self.name)?;
                (
                    Memory::new(mapping, second.offset as usize, None),
                    second.address,
                )
            }
        };
        let interrupt = Uio::new(file, &self.name);
        Ok(self.parts(
            Box::new(registers),
            memory,
            Some(Box::new(interrupt)),
            CLOCK,
        ))
    }

    fn bar(&self) -> Result<Parts<Boxed>, DeviceError> {
        let file = open(self.path)?;
        let mapping = map(&file, 0, u64::from(SPACE), &self.name)?;
        let registers = Direct::new(mapping, 0, &self.name)?;
        let path = self.options.memory.as_ref().ok_or_else(|| {
            self.failed(
                "opening",
                "a BAR of registers has no memory",
                "name the BAR of the board's memory, as in …/resource0,memory=…/resource2",
            )
        })?;
        Ok(self.parts(Box::new(registers), self.memory(path)?, None, CLOCK))
    }

    fn shared(&self) -> Result<Parts<Boxed>, DeviceError> {
        let file = open(self.path)?;
        let bytes = file.metadata().map(|data| data.len()).unwrap_or_default();
        if bytes < shared::HEADER as u64 {
            let reason = format!(
                "{bytes} bytes, expected a header of {} and memory",
                shared::HEADER
            );
            let remedy =
                "name /dev/uioN, a PCI function's resourceN, or a file of `tandem serve --shared`";
            return Err(self.failed("opening", reason, remedy));
        }
        // Held until the process ends or the mapping's file is closed, so that two programs do not mix their requests.
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| {
            self.failed(
                "opening",
                error,
                "another program uses this served device: end it, or serve another",
            )
        })?;
        let mapping = Arc::new(map(&file, 0, bytes, &self.name)?);
        let registers = Held {
            mailbox: Mailbox::new(mapping.clone(), &self.name)?,
            _lock: file,
        };
        let header = |at| u64::from(mapping.load(at).unwrap_or_default());
        let memory = header(word::MEMORY) | header(word::MEMORY_HI) << 32;
        let clock = header(word::CLOCK);
        if memory != bytes - shared::HEADER as u64 {
            let reason = format!("{bytes} bytes for {memory} of memory");
            return Err(self.failed("opening", reason, "serve it anew"));
        }
        let whole = map(&registers._lock, 0, bytes, &self.name)?;
        let memory = Memory::new(whole, shared::HEADER, None);
        let bell = Bell::new(mapping);
        Ok(self.parts(
            Box::new(registers),
            (memory, 0),
            Some(Box::new(bell)),
            clock,
        ))
    }

    /// The memory at `path`, and its address.
    fn memory(&self, path: &Path) -> Result<(Memory, u64), DeviceError> {
        let file = open(path)?;
        let name = path.display().to_string();
        let wanted = self.options.bytes;
        let buffer = class(self.places, "u-dma-buf", path);
        let uio = class(self.places, "uio", path);
        if buffer.is_dir() {
            let found = sysfs::buffer(&buffer)?;
            let mapping = map(&file, 0, self.length(&name, found.bytes)?, &name)?;
            let upkeep = (!found.coherent).then(|| Upkeep::new(buffer));
            return Ok((Memory::new(mapping, 0, upkeep), found.address));
        }
        if uio.is_dir() {
            let mut first = sysfs::map(&uio, 0)?.ok_or_else(|| {
                failed(
                    &name,
                    "opening",
                    "it has no map 0",
                    "name a device with memory",
                )
            })?;
            first.bytes = self.length(&name, first.bytes)?;
            let mapping = uio_map(&file, 0, &first, &name)?;
            return Ok((
                Memory::new(mapping, first.offset as usize, None),
                first.address,
            ));
        }
        if is_bar(path) {
            let bytes = file.metadata().map(|data| data.len()).unwrap_or_default();
            let mapping = map(&file, 0, self.length(&name, bytes)?, &name)?;
            return Ok((Memory::new(mapping, 0, None), 0));
        }
        let (Some(base), Some(bytes)) = (self.options.base, wanted) else {
            let remedy = "say where it is, as in memory=/dev/mem,base=0x30000000,bytes=256M";
            return Err(failed(
                &name,
                "opening",
                "neither a u-dma-buf nor a UIO map nor a BAR",
                remedy,
            ));
        };
        // Of physical memory: without the cache.
        let file = open_with(path, OFlags::SYNC)?;
        Ok((Memory::new(map(&file, base, bytes, &name)?, 0, None), base))
    }

    /// Bytes to map of `there`.
    fn length(&self, name: &str, there: u64) -> Result<u64, DeviceError> {
        match self.options.bytes {
            Some(wanted) if wanted > there => Err(failed(
                name,
                "opening",
                format_args!("{wanted} bytes are asked for, it has {there}"),
                "ask for fewer",
            )),
            Some(wanted) => Ok(wanted),
            None => Ok(there),
        }
    }
}

/// A mailbox and the lock on its file.
struct Held {
    mailbox: Mailbox,
    _lock: File,
}

impl Registers for Held {
    fn load(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.mailbox.load(offset)
    }
    fn store(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.mailbox.store(offset, value)
    }
}
