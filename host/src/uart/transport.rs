//! What the link needs of a line: bytes out, bytes in, and a clock of its own. Real ports are in `serial` (feature `serial`);
//! simulated lines implement the trait themselves, with simulated time.

use std::time::Duration;

/// Why a line failed. Silence is no failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TransportError {
    /// What the system said.
    pub reason: String,
}

/// A line to a board. It may lose, damage, add and repeat bytes; it must not change their order.
pub trait Transport {
    /// Its name, for errors.
    fn name(&self) -> String;

    /// Sends `bytes`, or fails when `limit` has passed before they could be handed over.
    fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), TransportError>;

    /// Takes what has come, at most what `into` holds; waits up to `limit` for the first byte. 0: nothing came.
    fn read(&mut self, into: &mut [u8], limit: Duration) -> Result<usize, TransportError>;

    /// Time since some fixed moment.
    fn now(&self) -> Duration;

    /// Lets time pass.
    fn pause(&mut self, time: Duration);
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn name(&self) -> String {
        (**self).name()
    }
    fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), TransportError> {
        (**self).write(bytes, limit)
    }
    fn read(&mut self, into: &mut [u8], limit: Duration) -> Result<usize, TransportError> {
        (**self).read(into, limit)
    }
    fn now(&self) -> Duration {
        (**self).now()
    }
    fn pause(&mut self, time: Duration) {
        (**self).pause(time);
    }
}
