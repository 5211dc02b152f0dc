//! Registers and memory that something else changes too, mapped into this process: volatile words, bounds checked.
//!
//! The only unsafe code of the host stands here. No reference to mapped bytes is ever formed, except to words that two processes
//! agree to use as atomics: what a device or another process writes is only read by volatile or atomic access.
//!
//! Not for files that nobody else writes: read those with `std::fs`.

use memmap2::{MmapOptions, MmapRaw};
use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU32;

/// A mapped part of a file or of a device, shared with whoever else has it.
///
/// A file must not become shorter while it is mapped: an access beyond its end kills the process (SIGBUS).
#[derive(Debug)]
pub struct Mapping {
    map: MmapRaw,
}

impl Mapping {
    /// Maps `bytes` of `file` from `offset` on, to read and to write.
    pub fn new(file: &File, offset: u64, bytes: usize) -> io::Result<Self> {
        let map = MmapOptions::new().offset(offset).len(bytes).map_raw(file)?;
        Ok(Self { map })
    }

    /// Bytes mapped.
    pub fn bytes(&self) -> usize {
        self.map.len()
    }

    /// The word at a byte offset that is a multiple of 4: one load. `None` outside, or off such a multiple.
    #[inline]
    pub fn load(&self, offset: usize) -> Option<u32> {
        let word = self.word_at(offset)?;
        // SAFETY: `word_at` gives a pointer to four mapped, aligned bytes, mapped as long as `self` is. Any bits are a u32.
        Some(u32::from_le(unsafe { word.read_volatile() }))
    }

    /// Writes the word at a byte offset that is a multiple of 4: one store. `None` outside, or off such a multiple.
    #[inline]
    pub fn store(&self, offset: usize, value: u32) -> Option<()> {
        let word = self.word_at(offset)?;
        // SAFETY: as in `load`; the mapping may be written, and no reference to it exists but to words used as atomics.
        unsafe { word.write_volatile(value.to_le()) };
        Some(())
    }

    /// A word that another process uses as an atomic too; not for registers of hardware. `None` outside, or off a multiple of 4.
    pub fn atomic(&self, offset: usize) -> Option<&AtomicU32> {
        let word = self.word_at(offset)?;
        // SAFETY: four mapped, aligned bytes, mapped as long as the borrow of `self` lasts. Other accesses by this process to this
        // word are atomic or volatile word accesses, and those of other processes are of the same size.
        Some(unsafe { AtomicU32::from_ptr(word) })
    }

    /// Copies mapped bytes to `into`; what was written before by the other side is seen. `None` if they do not lie in the mapping.
    pub fn read(&self, offset: usize, into: &mut [u8]) -> Option<()> {
        let from = self.span(offset, into.len())?;
        barrier();
        let (head, wide) = parts(from, into.len());
        let (before, rest) = into.split_at_mut(head);
        let (middle, after) = rest.split_at_mut(wide);
        for (i, byte) in before.iter_mut().enumerate() {
            // SAFETY: `span` gives `into.len()` mapped bytes from `from` on, and i is below that. Any bits are a u8.
            *byte = unsafe { from.add(i).read_volatile() };
        }
        for (i, bytes) in middle.chunks_exact_mut(8).enumerate() {
            // SAFETY: as above, and `parts` makes `from + head` a multiple of 8 with `wide` bytes after it.
            let word = unsafe { from.add(head + 8 * i).cast::<u64>().read_volatile() };
            bytes.copy_from_slice(&word.to_ne_bytes());
        }
        for (i, byte) in after.iter_mut().enumerate() {
            // SAFETY: as for the first bytes.
            *byte = unsafe { from.add(head + wide + i).read_volatile() };
        }
        Some(())
    }

    /// Copies `from` to mapped bytes; they are there for the other side before anything that is stored afterwards. `None` if they do
    /// not lie in the mapping.
    pub fn write(&self, offset: usize, from: &[u8]) -> Option<()> {
        let to = self.span(offset, from.len())?;
        let (head, wide) = parts(to, from.len());
        let (before, rest) = from.split_at(head);
        let (middle, after) = rest.split_at(wide);
        for (i, &byte) in before.iter().enumerate() {
            // SAFETY: `span` gives `from.len()` mapped bytes from `to` on, which may be written, and i is below that.
            unsafe { to.add(i).write_volatile(byte) };
        }
        for (i, bytes) in middle.chunks_exact(8).enumerate() {
            let mut word = [0; 8];
            word.copy_from_slice(bytes);
            let word = u64::from_ne_bytes(word);
            // SAFETY: as above, and `parts` makes `to + head` a multiple of 8 with `wide` bytes after it.
            unsafe { to.add(head + 8 * i).cast::<u64>().write_volatile(word) };
        }
        for (i, &byte) in after.iter().enumerate() {
            // SAFETY: as for the first bytes.
            unsafe { to.add(head + wide + i).write_volatile(byte) };
        }
        barrier();
        Some(())
    }

    fn word_at(&self, offset: usize) -> Option<*mut u32> {
        let inside = offset.checked_add(4)? <= self.map.len();
        // Mappings begin at a page, so that an aligned offset is an aligned address.
        let word = (inside && offset % 4 == 0).then_some(self.map.as_mut_ptr())?;
        // SAFETY: the four bytes from `offset` on lie in the mapping.
        Some(unsafe { word.add(offset) }.cast())
    }

    fn span(&self, offset: usize, bytes: usize) -> Option<*mut u8> {
        let inside = offset.checked_add(bytes)? <= self.map.len();
        let start = inside.then_some(self.map.as_mut_ptr())?;
        // SAFETY: `offset` lies in the mapping, or one past its end with nothing after it.
        Some(unsafe { start.add(offset) })
    }
}

/// Bytes before the first multiple of 8, and bytes from there on that are whole words of 8.
fn parts(from: *const u8, bytes: usize) -> (usize, usize) {
    let head = from.align_offset(8).min(bytes);
    (head, (bytes - head) & !7)
}

/// Accesses before it are seen by a device before those after it.
#[inline]
pub fn barrier() {
    #[cfg(any(target_arch = "aarch64", target_arch = "arm"))]
    // SAFETY: an instruction that orders memory accesses, and nothing else. The language's fence orders those of processors only.
    unsafe {
        std::arch::asm!("dsb sy", options(nostack, preserves_flags));
    }
    #[cfg(target_arch = "riscv64")]
    // SAFETY: as above.
    unsafe {
        std::arch::asm!("fence iorw, iorw", options(nostack, preserves_flags));
    }
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}
