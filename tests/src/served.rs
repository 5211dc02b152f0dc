//! Devices served by a thread of the test, as `tandem serve` serves them: on a pseudo-terminal and in a shared file.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tandem::mmap::{Mmap, Options, Places};
use tandem::uart::{Board, SerialPort, Settings, Uart};
use tandem::{Device, DriverError};
use tandem_isa::Config;
use tandem_sim::serve::{Pty, ServeError, Shared};

/// Cycles a second by which limits are reckoned: patient even on a machine with other work.
pub const CLOCK: u32 = 20_000;
/// Baud rate that is asked for; a pseudo-terminal has none.
const BAUD: u32 = 3_000_000;

/// A device served by a thread, which ends when this is dropped.
pub struct Served {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
    folder: Option<tempfile::TempDir>,
    path: PathBuf,
    board: Board,
}

impl Served {
    fn start(
        path: PathBuf,
        board: Board,
        serve: impl FnOnce(&AtomicBool) -> Result<(), ServeError> + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = Some(std::thread::spawn(move || serve(&told)));
        Self {
            stop,
            thread,
            folder: None,
            path,
            board,
        }
    }

    /// Serves what `make` makes, of `config` with `memory` bytes, on a pseudo-terminal.
    pub fn pty<D: Device>(
        config: &Config,
        memory: u64,
        make: impl FnOnce() -> D + Send + 'static,
    ) -> Self {
        let pty = Pty::new().unwrap_or_else(|e| panic!("{e}"));
        let board = Board {
            config: *config,
            memory,
            clock: CLOCK.into(),
        };
        let path = pty.path().to_path_buf();
        Self::start(path, board, move |stop| pty.serve(make(), stop).map(drop))
    }

    /// Joins the pins of the board Cu, verilated, to a pseudo-terminal.
    #[cfg(feature = "link")]
    pub fn pins() -> Self {
        use tandem_sim::pins::board;
        let verilog = tandem_hdl::board::cu::verilog().unwrap_or_else(|e| panic!("{e}"));
        let line = board::design(&verilog).and_then(|design| board::line(&design));
        let line = line.unwrap_or_else(|e| panic!("{e}"));
        let pty = Pty::new().unwrap_or_else(|e| panic!("{e}"));
        let board = Board {
            config: tandem_isa::config::CU,
            memory: board::MEMORY_BYTES as u64,
            clock: CLOCK.into(),
        };
        let path = pty.path().to_path_buf();
        Self::start(path, board, move |stop| pty.join(line, stop))
    }

    /// The same in a file.
    pub fn shared<D: Device>(
        config: &Config,
        memory: u64,
        make: impl FnOnce() -> D + Send + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let path = folder.path().join("engine");
        let board = Board {
            config: *config,
            memory,
            clock: CLOCK.into(),
        };
        let file = Shared::new(&path, memory, CLOCK).unwrap_or_else(|e| panic!("{e}"));
        let serve = move |stop: &AtomicBool| file.serve(make(), stop).map(drop);
        let mut served = Self::start(path, board, serve);
        served.folder = Some(folder);
        served
    }

    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Opens what is served on a pseudo-terminal.
    pub fn uart(&self) -> Result<Uart<SerialPort>, tandem::DeviceError> {
        let name = self.path.display().to_string();
        let port = SerialPort::open(&name, BAUD).unwrap_or_else(|e| panic!("{e}"));
        let settings = Settings {
            latency: Duration::from_secs(2),
            ..Settings::new(BAUD)
        };
        Uart::open(port, settings, self.board)
    }

    /// Opens what is served in a file.
    pub fn mmap(&self) -> Result<Mmap, DriverError> {
        Mmap::open(&self.path, &Options::default(), &Places::default())
    }

    /// Ends it and tells how it went.
    pub fn end(mut self) -> Result<(), ServeError> {
        self.join()
    }

    fn join(&mut self) -> Result<(), ServeError> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().map(JoinHandle::join);
        match thread {
            Some(Ok(outcome)) => outcome,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            if let Err(error) = self.join() {
                eprintln!("the served device ended with: {error}");
            }
        }
        self.stop.store(true, Ordering::Relaxed);
        drop(self.folder.take());
    }
}
