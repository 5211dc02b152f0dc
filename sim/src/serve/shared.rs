//! A device as a mapped engine: registers behind a mailbox in a file, memory behind that. The layout is
//! [`tandem::mmap::shared`]'s.
//!
//! The engine's memory is copied from the file when a program begins, and to it when one ends: only what the windows of its context
//! grant, so that it takes and gives exactly what the engine may touch.

use super::running::Changed;
use super::{stopped, system, Running, ServeError, IDLE};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tandem::mmap::shared::{sleep_while, wake, word, HEADER, MAGIC, VERSION};
use tandem::{Device, DeviceError};
use tandem_isa::register::{
    CONTEXTS, CONTEXT_BASE, CONTEXT_SIZE, WINDOWS, WINDOW_BASE, WINDOW_READ, WINDOW_SIZE,
    WINDOW_WRITE,
};
use tandem_mapping::Mapping;

/// Bytes that are copied at once.
const PIECE: usize = 1 << 16;

/// A file with registers and memory; removed when it is dropped.
pub struct Shared {
    file: Mapping,
    path: PathBuf,
    /// What tells this file from one that has replaced it.
    number: u64,
}

/// A granted window.
#[derive(Clone, Copy)]
struct Granted {
    from: u64,
    to: u64,
    writes: bool,
}

impl Shared {
    /// Makes the file for a device with `memory` bytes, whose limits in cycles are reckoned with `clock` cycles a second. A
    /// file that is there is replaced.
    pub fn new(path: &Path, memory: u64, clock: u32) -> Result<Self, ServeError> {
        let remedy = "name a file in a folder that can be written, such as one in /dev/shm";
        let failed =
            |operation| move |error: std::io::Error| system(path, operation, error, remedy);
        // What a server before this one left, mapped by its clients, stays theirs.
        if path.exists() {
            std::fs::remove_file(path).map_err(failed("replacing"))?;
        }
        let opened = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path);
        let file = opened.map_err(failed("making"))?;
        let number = file.metadata().map_err(failed("making"))?.ino();
        let bytes = HEADER as u64 + memory;
        file.set_len(bytes).map_err(failed("making"))?;
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let file = Mapping::new(&file, 0, bytes).map_err(failed("mapping"))?;
        let path = path.to_path_buf();
        let shared = Self { file, path, number };
        for (at, value) in [
            (word::VERSION, VERSION),
            (word::CLOCK, clock),
            (word::MEMORY, memory as u32),
            (word::MEMORY_HI, (memory >> 32) as u32),
            (word::SERVED, 1),
        ] {
            shared.word(at)?.store(value, Ordering::Relaxed);
        }
        shared.word(word::MAGIC)?.store(MAGIC, Ordering::Release);
        Ok(shared)
    }

    fn word(&self, at: usize) -> Result<&AtomicU32, ServeError> {
        let word = self.file.atomic(at);
        word.ok_or_else(|| system(&self.path, "looking at", "it is too short", "serve it anew"))
    }

    /// Serves `device` until `stop` is set; gives it back.
    pub fn serve<D: Device>(&self, device: D, stop: &AtomicBool) -> Result<D, ServeError> {
        let mut running = Running::new(device);
        let request = self.word(word::REQUEST)?;
        let mut answered = self.word(word::ANSWER)?.load(Ordering::Relaxed);
        let mut high = 0;
        while !stopped(stop) {
            let number = request.load(Ordering::Acquire);
            if number != answered {
                self.answer(&mut running)?;
                answered = number;
                high = self.ring(&mut running, high)?;
                let answer = self.word(word::ANSWER)?;
                answer.store(number, Ordering::Release);
                wake(answer);
            } else if running.is_busy() {
                let changed = running.run()?;
                self.ended(&mut running, &changed)?;
                high = self.ring(&mut running, high)?;
            } else {
                sleep_while(request, answered, IDLE);
            }
        }
        Ok(running.into_device())
    }

    /// Does what the mailbox asks for.
    fn answer<D: Device>(&self, running: &mut Running<D>) -> Result<(), ServeError> {
        let load = |at| self.word(at).map(|word| word.load(Ordering::Relaxed));
        let (operation, offset) = (load(word::OPERATION)?, load(word::OFFSET)?);
        let value = load(word::VALUE)?;
        let done = if operation == 0 {
            running.read_register(offset).and_then(|(value, changed)| {
                self.ended(running, &changed)?;
                Ok(value)
            })
        } else {
            let began = running.starts(offset, value);
            for c in (0..CONTEXTS as usize).filter(|&c| began[c]) {
                self.take(running, c)?;
            }
            running.write_register(offset, value).and_then(|changed| {
                self.ended(running, &changed)?;
                Ok(0)
            })
        };
        let (status, result) = match done {
            Ok(result) => (0, result),
            Err(DeviceError::Register { .. }) => (1, 0),
            Err(error) => return Err(error.into()),
        };
        self.word(word::STATUS)?.store(status, Ordering::Relaxed);
        self.word(word::RESULT)?.store(result, Ordering::Relaxed);
        Ok(())
    }

    /// Gives the memory of contexts that ended.
    fn ended<D: Device>(
        &self,
        running: &mut Running<D>,
        changed: &Changed,
    ) -> Result<(), DeviceError> {
        for c in (0..CONTEXTS as usize).filter(|&c| changed.ended[c]) {
            for window in granted(running.device(), c)? {
                if window.writes {
                    self.copy(running.device(), window.from, window.to, false)?;
                }
            }
        }
        Ok(())
    }

    /// Takes the memory for a context that begins, but for what another one is at work on.
    fn take<D: Device>(&self, running: &mut Running<D>, context: usize) -> Result<(), DeviceError> {
        let mut theirs = Vec::new();
        for other in (0..CONTEXTS as usize).filter(|&other| other != context) {
            if running.busy()[other] {
                theirs.extend(granted(running.device(), other)?);
            }
        }
        theirs.retain(|window| window.writes);
        theirs.sort_by_key(|window| window.from);
        for window in granted(running.device(), context)? {
            let mut from = window.from;
            for other in &theirs {
                let end = other.from.min(window.to);
                if from < end {
                    self.copy(running.device(), from, end, true)?;
                }
                from = from.max(other.to);
            }
            if from < window.to {
                self.copy(running.device(), from, window.to, true)?;
            }
        }
        Ok(())
    }

    /// Copies addresses `from` to `to` into the device, or out of it.
    fn copy<D: Device>(
        &self,
        device: &mut D,
        from: u64,
        to: u64,
        into: bool,
    ) -> Result<(), DeviceError> {
        let mut bytes = vec![0; PIECE];
        let (mut at, to) = (from, to.min(device.memory_size()));
        while at < to {
            let some = (to - at).min(PIECE as u64) as usize;
            let place = HEADER + at as usize;
            // The file has as much memory as the device: nothing of it lies outside.
            if into {
                let _ = self.file.read(place, &mut bytes[..some]);
                device.write_memory(at, &bytes[..some])?;
            } else {
                device.read_memory(at, &mut bytes[..some])?;
                let _ = self.file.write(place, &bytes[..some]);
            }
            at += some as u64;
        }
        Ok(())
    }

    /// Raises the interrupt's word for every bit that begins to hold the line, so that none is slept through; gives the bits.
    fn ring<D: Device>(&self, running: &mut Running<D>, before: u32) -> Result<u32, ServeError> {
        let now = running.interrupts()?;
        if now & !before != 0 {
            let word = self.word(word::INTERRUPTS)?;
            word.fetch_add(1, Ordering::Release);
            wake(word);
        }
        Ok(now)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(served) = self.file.atomic(word::SERVED) {
            served.store(0, Ordering::Release);
        }
        if let Some(answer) = self.file.atomic(word::ANSWER) {
            wake(answer);
        }
        if std::fs::metadata(&self.path).is_ok_and(|found| found.ino() == self.number) {
            // One that cannot be removed says that it is not served.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Windows of a context that grant something.
fn granted<D: Device>(device: &mut D, context: usize) -> Result<Vec<Granted>, DeviceError> {
    let mut windows = Vec::new();
    for w in 0..WINDOWS {
        let at = CONTEXT_BASE + context as u32 * CONTEXT_SIZE + WINDOW_BASE + w * WINDOW_SIZE;
        let permissions = device.read_register(at + 8)?;
        if permissions & (WINDOW_READ | WINDOW_WRITE) != 0 {
            windows.push(Granted {
                from: device.read_register(at)?.into(),
                to: device.read_register(at + 4)?.into(),
                writes: permissions & WINDOW_WRITE != 0,
            });
        }
    }
    Ok(windows)
}
