//! A served engine: its registers behind a mailbox in a file that two processes share, its memory behind that in the same file.
//!
//! A word in a file does nothing when it is written, so the one word of a register is replaced by a request that the server answers;
//! all else of [`Mmap`](super::Mmap) is as it is with hardware. Words are little-endian, at byte offsets; why it is so:
//! `docs/decisions/018-served-devices.md`.

use super::interrupt::{timespec, Interrupt};
use super::{failed, Registers};
use crate::device::DeviceError;
use rustix::thread::futex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tandem_isa::register::SPACE;
use tandem_mapping::Mapping;

/// What the first word reads: "TSHM".
pub const MAGIC: u32 = 0x5453_484d;
/// Version of this layout.
pub const VERSION: u32 = 1;
/// Bytes before the memory.
pub const HEADER: usize = 4096;

/// Byte offsets of the words of the header.
pub mod word {
    /// [`MAGIC`](super::MAGIC), written last.
    pub const MAGIC: usize = 0x00;
    /// [`VERSION`](super::VERSION).
    pub const VERSION: usize = 0x04;
    /// Cycles a second to reckon limits with.
    pub const CLOCK: usize = 0x08;
    /// Bytes of memory, low half.
    pub const MEMORY: usize = 0x0c;
    /// High half.
    pub const MEMORY_HI: usize = 0x10;
    /// 1 while a server is there.
    pub const SERVED: usize = 0x14;
    /// Number of the request, raised by the client when the following words are right.
    pub const REQUEST: usize = 0x40;
    /// 0 read, 1 write.
    pub const OPERATION: usize = 0x44;
    /// Register.
    pub const OFFSET: usize = 0x48;
    /// What to write.
    pub const VALUE: usize = 0x4c;
    /// Number of the request that was answered last, raised by the server when the following words are right.
    pub const ANSWER: usize = 0x80;
    /// 0 done, 1 refused.
    pub const STATUS: usize = 0x84;
    /// What was read.
    pub const RESULT: usize = 0x88;
    /// Raised when the interrupt line rises.
    pub const INTERRUPTS: usize = 0xc0;
}

/// Time a server may take for an answer: it runs the engine in slices of much less.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sleeps while `word` is `value`, at most for `limit`.
pub fn sleep_while(word: &AtomicU32, value: u32, limit: Duration) {
    // Ends early by a signal, or because the word changed: whoever waits looks again.
    let _ = futex::wait(word, futex::Flags::empty(), value, Some(&timespec(limit)));
}

/// Wakes everybody who sleeps on `word`.
pub fn wake(word: &AtomicU32) {
    let _ = futex::wake(word, futex::Flags::empty(), u32::MAX >> 1);
}

/// Registers behind the mailbox.
pub struct Mailbox {
    file: Arc<Mapping>,
    name: String,
    number: u32,
}

impl Mailbox {
    /// Of a file that is mapped whole; refuses one that nobody serves.
    pub fn new(file: Arc<Mapping>, name: &str) -> Result<Self, DeviceError> {
        let word = |at| file.load(at).unwrap_or_default();
        let found = (word(word::MAGIC), word(word::VERSION));
        if found != (MAGIC, VERSION) {
            return Err(failed(
                name,
                "opening",
                format_args!(
                    "it begins with {:#x}, version {}, expected {MAGIC:#x}, version {VERSION}",
                    found.0, found.1
                ),
                "name a file of `tandem serve --shared FILE` of the same release",
            ));
        }
        // Where the client before this one left off.
        let number = word(word::REQUEST);
        let name = name.into();
        let mailbox = Self { file, name, number };
        mailbox.served("opening")?;
        mailbox.answered(number, "opening")?;
        Ok(mailbox)
    }

    fn atomic(&self, at: usize) -> Result<&AtomicU32, DeviceError> {
        let word = self.file.atomic(at);
        word.ok_or_else(|| {
            failed(
                &self.name,
                "looking at the header",
                "the file is too short",
                "serve it anew",
            )
        })
    }

    fn served(&self, operation: &str) -> Result<(), DeviceError> {
        match self.file.load(word::SERVED) {
            Some(1) => Ok(()),
            _ => Err(failed(
                &self.name,
                operation,
                "the server has ended",
                "start `tandem serve --shared FILE` again",
            )),
        }
    }

    /// Waits until request `number` has its answer.
    fn answered(&self, number: u32, operation: &str) -> Result<(), DeviceError> {
        let answer = self.atomic(word::ANSWER)?;
        let until = Instant::now() + PATIENCE;
        loop {
            let found = answer.load(Ordering::Acquire);
            if found == number {
                return Ok(());
            }
            self.served(operation)?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let reason = format!("no answer within {} s", PATIENCE.as_secs());
                let remedy = "look at the server: its process is stopped or gone";
                return Err(failed(&self.name, operation, reason, remedy));
            }
            // A server that was killed can not say so.
            sleep_while(answer, found, left.min(Duration::from_secs(1)));
        }
    }

    fn ask(&mut self, operation: u32, offset: u32, value: u32) -> Result<u32, DeviceError> {
        let what = if operation == 0 {
            "reading a register"
        } else {
            "writing a register"
        };
        self.served(what)?;
        for (at, value) in [
            (word::OPERATION, operation),
            (word::OFFSET, offset),
            (word::VALUE, value),
        ] {
            self.atomic(at)?.store(value, Ordering::Relaxed);
        }
        self.number = self.number.wrapping_add(1);
        let request = self.atomic(word::REQUEST)?;
        request.store(self.number, Ordering::Release);
        wake(request);
        self.answered(self.number, what)?;
        if self.atomic(word::STATUS)?.load(Ordering::Relaxed) != 0 {
            return Err(DeviceError::Register {
                offset,
                what: "refused by the served device",
                space: SPACE,
            });
        }
        Ok(self.atomic(word::RESULT)?.load(Ordering::Relaxed))
    }
}

impl Registers for Mailbox {
    fn load(&mut self, offset: u32) -> Result<u32, DeviceError> {
        self.ask(0, offset, 0)
    }

    fn store(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.ask(1, offset, value).map(drop)
    }
}

/// The interrupt of a served engine: a word that is raised.
pub struct Bell {
    file: Arc<Mapping>,
    seen: u32,
}

impl Bell {
    /// Of a file that is mapped whole.
    pub fn new(file: Arc<Mapping>) -> Self {
        Self { file, seen: 0 }
    }
}

impl Interrupt for Bell {
    fn arm(&mut self) -> Result<(), DeviceError> {
        if let Some(word) = self.file.atomic(word::INTERRUPTS) {
            self.seen = word.load(Ordering::Acquire);
        }
        Ok(())
    }

    fn wait(&mut self, limit: Duration) -> Result<bool, DeviceError> {
        let Some(word) = self.file.atomic(word::INTERRUPTS) else {
            return Ok(false);
        };
        sleep_while(word, self.seen, limit);
        Ok(word.load(Ordering::Acquire) != self.seen)
    }
}
