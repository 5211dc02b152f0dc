//! A program that simulates, as a process: bytes to it and from it, killed with its owner.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running program.
pub struct Process {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Process {
    /// Starts it.
    pub fn start(program: &Path) -> io::Result<Self> {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => Ok(Self { child, to, from }),
            _ => Err(io::Error::other("it has no pipes")),
        }
    }

    /// Sends all of `bytes`.
    pub fn tell(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.to.flush()
    }

    /// The next `N` bytes of its output.
    pub fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes).map(|()| bytes)
    }

    /// As many bytes of its output as `into` has.
    pub fn fill(&mut self, into: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(into)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
