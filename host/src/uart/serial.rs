//! A serial port of this machine: an FT2232H, an FT231X, or any other that the system knows.

use super::transport::{Transport, TransportError};
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// An open port: 8 data bits, no parity, one stop bit, no flow control.
pub struct SerialPort {
    port: Box<dyn serialport::SerialPort>,
    name: String,
    opened: Instant,
}

fn failed(reason: impl std::fmt::Display) -> TransportError {
    TransportError {
        reason: reason.to_string(),
    }
}

impl SerialPort {
    /// Opens the port `name` at `baud`, and throws away what had come before.
    pub fn open(name: &str, baud: u32) -> Result<Self, TransportError> {
        let refused = |error: serialport::Error| {
            failed(format!(
                "port {name} at {baud} baud: {error}; expected a serial port that this user may open"
            ))
        };
        let port = serialport::new(name, baud)
            .data_bits(serialport::DataBits::Eight)
            .parity(serialport::Parity::None)
            .stop_bits(serialport::StopBits::One)
            .flow_control(serialport::FlowControl::None)
            .open()
            .map_err(refused)?;
        port.clear(serialport::ClearBuffer::All).map_err(refused)?;
        Ok(Self {
            port,
            name: name.into(),
            opened: Instant::now(),
        })
    }
}

impl Transport for SerialPort {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), TransportError> {
        self.port.set_timeout(limit).map_err(failed)?;
        self.port.write_all(bytes).map_err(failed)
    }

    fn read(&mut self, into: &mut [u8], limit: Duration) -> Result<usize, TransportError> {
        // A limit of zero would mean none to some systems.
        let limit = limit.max(Duration::from_millis(1));
        self.port.set_timeout(limit).map_err(failed)?;
        match self.port.read(into) {
            Ok(count) => Ok(count),
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(0),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(failed(error)),
        }
    }

    fn now(&self) -> Duration {
        self.opened.elapsed()
    }

    fn pause(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}
