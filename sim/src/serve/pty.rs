//! A device as a board behind a serial port: a pseudo-terminal whose other end answers requests.

use super::{stopped, system, Responder, Running, ServeError, IDLE};
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use rustix::termios::{tcgetattr, tcsetattr, OptionalActions};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
#[cfg(feature = "pins")]
use tandem::uart::Transport;
use tandem::Device;

/// A pseudo-terminal, its other end open.
pub struct Pty {
    master: OwnedFd,
    /// Kept open, so that programs may come and go.
    _line: OwnedFd,
    path: PathBuf,
}

fn refused(operation: &'static str) -> impl Fn(Errno) -> ServeError {
    let remedy = "look whether /dev/pts is mounted and this user may have more terminals";
    move |error| system("/dev/ptmx", operation, error, remedy)
}

impl Pty {
    /// A new one, which changes no byte.
    pub fn new() -> Result<Self, ServeError> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).map_err(refused("opening"))?;
        grantpt(&master).map_err(refused("handing over"))?;
        unlockpt(&master).map_err(refused("unlocking"))?;
        let name = ptsname(&master, Vec::new()).map_err(refused("naming"))?;
        let path = PathBuf::from(name.to_string_lossy().into_owned());
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let line = rustix::fs::open(&path, flags, Mode::empty()).map_err(refused("opening"))?;
        let mut settings = tcgetattr(&line).map_err(refused("reading settings of"))?;
        settings.make_raw();
        tcsetattr(&line, OptionalActions::Now, &settings).map_err(refused("setting up"))?;
        Ok(Self {
            master,
            _line: line,
            path,
        })
    }

    /// The path that a program opens as its serial port.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for bytes, at most for `limit`, and takes them; 0 if none came.
    pub fn read(&self, into: &mut [u8], limit: Duration) -> Result<usize, ServeError> {
        if !self.ready(PollFlags::IN, limit)? {
            return Ok(0);
        }
        match rustix::io::read(&self.master, into) {
            Ok(count) => Ok(count),
            Err(Errno::INTR | Errno::AGAIN) => Ok(0),
            Err(error) => Err(refused("reading")(error)),
        }
    }

    /// Sends all of `bytes`; what a program does not take within a second is lost, as it is on a wire.
    pub fn write(&self, mut bytes: &[u8]) -> Result<(), ServeError> {
        while !bytes.is_empty() && self.ready(PollFlags::OUT, Duration::from_secs(1))? {
            match rustix::io::write(&self.master, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(refused("writing")(error)),
            }
        }
        Ok(())
    }

    fn ready(&self, what: PollFlags, limit: Duration) -> Result<bool, ServeError> {
        let mut files = [PollFd::new(&self.master, what)];
        let limit = Timespec {
            tv_sec: limit.as_secs() as i64,
            tv_nsec: limit.subsec_nanos().into(),
        };
        match poll(&mut files, Some(&limit)) {
            Ok(count) => Ok(count > 0 && files[0].revents().intersects(what)),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(refused("waiting")(error)),
        }
    }

    /// Joins the terminal to simulated pins until `stop` is set: what is typed goes in at the receive pin, what comes out of the other is
    /// shown. Simulated time goes on all the while.
    #[cfg(feature = "pins")]
    pub fn join(&self, mut line: impl Transport, stop: &AtomicBool) -> Result<(), ServeError> {
        /// Simulated time between two looks at the terminal.
        const SLICE: Duration = Duration::from_micros(50);
        /// Slices without a byte after which the terminal is waited for in between.
        const QUIET: u32 = 200;
        let failed = |operation| {
            move |error| {
                system(
                    "simulated pins",
                    operation,
                    error,
                    "look at its standard error, and start it again",
                )
            }
        };
        let mut bytes = [0; 4096];
        let mut quiet = 0;
        while !stopped(stop) {
            let limit = Duration::from_millis(u64::from(quiet > QUIET));
            let typed = self.read(&mut bytes, limit)?;
            if typed > 0 {
                let written = line.write(&bytes[..typed], IDLE);
                written.map_err(failed("writing to"))?;
            }
            let shown = line
                .read(&mut bytes, SLICE)
                .map_err(failed("reading from"))?;
            self.write(&bytes[..shown])?;
            quiet = if typed + shown > 0 { 0 } else { quiet + 1 };
        }
        Ok(())
    }

    /// Serves `device` until `stop` is set; gives it back.
    pub fn serve<D: Device>(&self, device: D, stop: &AtomicBool) -> Result<D, ServeError> {
        let mut running = Running::new(device);
        let mut responder = Responder::default();
        let mut bytes = [0; 4096];
        while !stopped(stop) {
            let limit = if running.is_busy() {
                Duration::ZERO
            } else {
                IDLE
            };
            let count = self.read(&mut bytes, limit)?;
            if count > 0 {
                let mut answers = Vec::new();
                responder.take(&bytes[..count], Instant::now(), &mut running, &mut answers)?;
                self.write(&answers)?;
            } else if running.is_busy() {
                running.run()?;
            }
        }
        Ok(running.into_device())
    }
}
