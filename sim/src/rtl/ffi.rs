//! The boundary to the verilated designs: the only unsafe code of this crate.
//!
//! `cpp/api.h` is the other half; the structures here mirror it field by field. A [`Core`] owns both the C++ object and
//! the memory it works on, so the pointer it holds stays valid for as long as it is used. C++ touches the memory only
//! inside calls made from here, and every such call takes `&mut self`: no Rust reference to it is alive meanwhile.
#![allow(unsafe_code)]
use super::settings::Window;
use std::ffi::{c_char, c_void, CStr, CString};
use std::ptr::NonNull;

// Named so that they are linked: the traced designs compress with them.
#[cfg(feature = "trace")]
use {libz_sys as _, lz4_sys as _};

/// `TandemTiming` of `api.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RawTiming {
    pub latency: u32,
    pub row_miss: u32,
    pub turnaround: u32,
    pub refresh_interval: u32,
    pub refresh_cycles: u32,
}

/// `TandemStalls` of `api.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RawStalls {
    pub seed: u64,
    pub chance: [u32; 5],
    pub longest: u32,
}

/// `TandemFault` of `api.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RawFault {
    pub kind: u32,
    pub response: u32,
    pub beat: u32,
    pub delay: u32,
    pub from: u64,
    pub to: u64,
    pub skip: u64,
    pub times: u64,
}

/// `TandemWaves` of `api.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct RawWaves {
    path: *const c_char,
    from: u64,
    to: u64,
    mark: u32,
    mask: u32,
}

/// `TandemCounts` of `api.h`: what the bus has carried.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Clock cycles since the device was opened.
    pub cycles: u64,
    /// Beats of 8 bytes read.
    pub read_beats: u64,
    /// Beats of 8 bytes written.
    pub write_beats: u64,
    /// Read bursts accepted.
    pub read_bursts: u64,
    /// Write bursts accepted.
    pub write_bursts: u64,
    /// AXI rules broken.
    pub violations: u64,
    /// Bursts accepted and not yet answered.
    pub outstanding: u64,
}

#[repr(C)]
struct RawApi {
    open: extern "C" fn(*mut u8, u64, *const RawWaves) -> *mut c_void,
    close: extern "C" fn(*mut c_void),
    reset: extern "C" fn(*mut c_void, u32),
    run: extern "C" fn(*mut c_void, u64, u32) -> u64,
    irq: extern "C" fn(*mut c_void) -> u32,
    write: extern "C" fn(*mut c_void, u32, u32, u64) -> u32,
    read: extern "C" fn(*mut c_void, u32, *mut u32, u64) -> u32,
    set_timing: extern "C" fn(*mut c_void, *const RawTiming),
    set_stalls: extern "C" fn(*mut c_void, *const RawStalls),
    add_fault: extern "C" fn(*mut c_void, *const RawFault),
    clear_faults: extern "C" fn(*mut c_void),
    counts: extern "C" fn(*mut c_void, *mut Counts),
    violation: extern "C" fn(*mut c_void) -> *const c_char,
}

type Table = unsafe extern "C" fn() -> *const RawApi;

// `fn table(name: &str, traced: bool) -> Option<Table>` and `const NAMES: &[&str]`, written by the build.
include!(concat!(env!("OUT_DIR"), "/designs.rs"));

extern "C" {
    fn tandem_bare_array(cycles: u64) -> u64;
}

/// Runs the cells of the 8×16 array alone on changing operands for `cycles` from reset; what their sums add up to.
pub fn bare_array(cycles: u64) -> u64 {
    // SAFETY: the build links it with this type; it takes nothing but a number and keeps nothing.
    unsafe { tandem_bare_array(cycles) }
}

/// Names of the designs that were built.
pub fn names() -> &'static [&'static str] {
    NAMES
}

/// A running design and its memory.
pub struct Core {
    api: &'static RawApi,
    core: NonNull<c_void>,
    memory: NonNull<u8>,
    size: usize,
}

// SAFETY: a core shares nothing with another: the C++ side has no globals but constants, and each model has a
// simulation context of its own. It may therefore move between threads; it is not `Sync`.
unsafe impl Send for Core {}

impl Core {
    /// Opens the design `name` with `size` bytes of zeroed memory. `None` if there is no such design, or its waves
    /// cannot be written.
    pub fn open(name: &str, size: usize, waves: Option<(&CStr, &Window)>) -> Option<Self> {
        let table = table(name, waves.is_some())?;
        // SAFETY: the build links a function of this type under each listed name; it returns a static table.
        let api = unsafe { &*table() };
        let memory = Box::into_raw(vec![0u8; size].into_boxed_slice());
        let memory = NonNull::new(memory.cast::<u8>())?;
        let waves = waves.map(|(path, window)| {
            let (cycles, mark, mask) = match window {
                Window::All => (&(0..u64::MAX), 0, 0),
                Window::Cycles(cycles) => (cycles, 0, 0),
                Window::Marked { mark, mask } => (&(0..u64::MAX), *mark, *mask),
            };
            RawWaves {
                path: path.as_ptr(),
                from: cycles.start,
                to: cycles.end,
                mark: mark.into(),
                mask: mask.into(),
            }
        });
        let raw = waves.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // `raw` and the path in it outlive the call; C++ keeps neither.
        let Some(core) = NonNull::new((api.open)(memory.as_ptr(), size as u64, raw)) else {
            // SAFETY: made by `into_raw` above with this length; C++ has kept nothing of it.
            drop(unsafe {
                Box::from_raw(std::ptr::slice_from_raw_parts_mut(memory.as_ptr(), size))
            });
            return None;
        };
        Some(Self {
            api,
            core,
            memory,
            size,
        })
    }

    /// The memory.
    pub fn memory(&self) -> &[u8] {
        // SAFETY: allocated with this length, and C++ writes only during calls that take `&mut self`.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), self.size) }
    }

    /// The memory, to write.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` excludes every other reference.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), self.size) }
    }

    pub fn reset(&mut self, cycles: u32) {
        (self.api.reset)(self.core.as_ptr(), cycles);
    }

    pub fn run(&mut self, cycles: u64, until_irq: bool) -> u64 {
        (self.api.run)(self.core.as_ptr(), cycles, until_irq.into())
    }

    pub fn irq(&self) -> bool {
        (self.api.irq)(self.core.as_ptr()) != 0
    }

    pub fn write(&mut self, address: u32, value: u32, limit: u64) -> u32 {
        (self.api.write)(self.core.as_ptr(), address, value, limit)
    }

    pub fn read(&mut self, address: u32, limit: u64) -> (u32, u32) {
        let mut value = 0;
        let response = (self.api.read)(self.core.as_ptr(), address, &mut value, limit);
        (response, value)
    }

    pub fn set_timing(&mut self, timing: &RawTiming) {
        (self.api.set_timing)(self.core.as_ptr(), timing);
    }

    pub fn set_stalls(&mut self, stalls: &RawStalls) {
        (self.api.set_stalls)(self.core.as_ptr(), stalls);
    }

    pub fn add_fault(&mut self, fault: &RawFault) {
        (self.api.add_fault)(self.core.as_ptr(), fault);
    }

    pub fn clear_faults(&mut self) {
        (self.api.clear_faults)(self.core.as_ptr());
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        (self.api.counts)(self.core.as_ptr(), &mut counts);
        counts
    }

    pub fn violation(&self) -> String {
        let text = (self.api.violation)(self.core.as_ptr());
        // SAFETY: a zero-terminated string inside the core, unchanged until the next call that takes `&mut self`.
        unsafe { CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned()
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        (self.api.close)(self.core.as_ptr());
        let memory = std::ptr::slice_from_raw_parts_mut(self.memory.as_ptr(), self.size);
        // SAFETY: made by `into_raw` in `open` with this length; the C++ side is gone.
        drop(unsafe { Box::from_raw(memory) });
    }
}

/// A path as C wants it; `None` if it contains a zero byte.
pub fn c_path(path: &std::path::Path) -> Option<CString> {
    CString::new(path.as_os_str().as_encoded_bytes()).ok()
}
