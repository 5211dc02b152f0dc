//! The interrupt of an engine behind UIO.

use super::failed;
use crate::device::DeviceError;
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

/// An interrupt line to wait for.
pub trait Interrupt {
    /// Lets the next rise, or a line that is high already, end a [`wait`](Interrupt::wait).
    fn arm(&mut self) -> Result<(), DeviceError>;

    /// Waits for it; false when `limit` has passed.
    fn wait(&mut self, limit: Duration) -> Result<bool, DeviceError>;
}

/// A duration as the system takes it.
pub(super) fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}

/// The file /dev/uioN: a write of 1 lets the interrupt through, a read gives how many there were. The kernel's handler shuts a level
/// interrupt off until the next write.
pub struct Uio {
    file: File,
    name: String,
}

impl Uio {
    /// Of an open /dev/uioN.
    pub fn new(file: File, name: &str) -> Self {
        let name = name.into();
        Self { file, name }
    }

    fn failed(&self, operation: &str, reason: impl ToString) -> DeviceError {
        let remedy =
            "give the engine its interrupt in the device tree, or open it with interrupt=no";
        failed(&self.name, operation, reason, remedy)
    }
}

impl Interrupt for Uio {
    fn arm(&mut self) -> Result<(), DeviceError> {
        let written = self.file.write_all(&1u32.to_ne_bytes());
        written.map_err(|error| self.failed("letting the interrupt through", error))
    }

    fn wait(&mut self, limit: Duration) -> Result<bool, DeviceError> {
        let mut files = [PollFd::new(&self.file, PollFlags::IN)];
        match poll(&mut files, Some(&timespec(limit))) {
            // A signal: whoever waits looks again.
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(self.failed("waiting for the interrupt", error)),
        }
        let mut count = [0; 4];
        let read = self.file.read_exact(&mut count);
        read.map_err(|error| self.failed("reading the interrupt's count", error))?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    /// A socket takes the place of the device file: what is written arms, counts come back.
    #[test]
    fn an_interrupt_is_armed_awaited_and_limited() {
        let (ours, mut kernel) = UnixStream::pair().unwrap();
        let mut uio = Uio::new(File::from(OwnedFd::from(ours)), "uio0");
        uio.arm().unwrap();
        let mut armed = [0; 4];
        kernel.read_exact(&mut armed).unwrap();
        assert_eq!(u32::from_ne_bytes(armed), 1);
        assert_eq!(uio.wait(Duration::ZERO), Ok(false));
        kernel.write_all(&7u32.to_ne_bytes()).unwrap();
        assert_eq!(uio.wait(Duration::from_secs(3600)), Ok(true));
        assert_eq!(uio.wait(Duration::from_millis(1)), Ok(false));
        drop(kernel);
        let error = uio.wait(Duration::from_secs(3600)).unwrap_err().to_string();
        assert!(
            error.contains("uio0") && error.contains("interrupt=no"),
            "{error}"
        );
    }
}
