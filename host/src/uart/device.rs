//! The link as a [`Device`]. There is no wire for the interrupt: [`Device::wait`] looks at IRQ_STATUS again and again, at growing
//! distances of at most 5 ms.

use super::link::{Job, Link, LinkError, Settings, Traffic};
use super::transport::Transport;
use crate::device::{check_range, check_register, time_of, Device, DeviceError};
use std::time::Duration;
use tandem_isa::link::{operation, BOUNDARY, WORDS};
use tandem_isa::register::{IRQ_STATUS, SPACE};
use tandem_isa::Config;

/// Shortest and longest time between two looks at IRQ_STATUS.
const LOOKS: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(5));

/// What is known of a board beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// Sizes of its engine; the driver checks them.
    pub config: Config,
    /// Bytes of memory the engine and the link reach.
    pub memory: u64,
    /// Clock of the engine, Hz: what a limit in cycles is in time.
    pub clock: u64,
}

/// An engine behind a UART.
pub struct Uart<T> {
    link: Link<T>,
    board: Board,
}

impl<T: Transport> Uart<T> {
    /// Greets the board at the other end of `transport`.
    pub fn open(transport: T, settings: Settings, board: Board) -> Result<Self, DeviceError> {
        let link = Link::new(transport, settings);
        let mut uart = Self { link, board };
        let greeted = uart.link.greet();
        greeted.map_err(|error| uart.failed("opening", &error))?;
        Ok(uart)
    }

    /// The link: its traffic, its line.
    pub fn link_mut(&mut self) -> &mut Link<T> {
        &mut self.link
    }

    /// Gives the line back.
    pub fn into_transport(self) -> T {
        self.link.into_transport()
    }

    /// Takes the sizes to be those; for a board whose registers have told them.
    pub fn set_config(&mut self, config: Config) {
        self.board.config = config;
    }

    /// What has been sent and received.
    pub fn traffic(&self) -> Traffic {
        self.link.traffic()
    }

    /// Reads registers that follow one another.
    pub fn read_registers(&mut self, offset: u32, into: &mut [u32]) -> Result<(), DeviceError> {
        span(offset, into.len())?;
        let mut bytes = vec![0; 4 * into.len()];
        self.read_words(operation::READ_REGISTERS, offset, &mut bytes)?;
        for (word, bytes) in into.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        Ok(())
    }

    /// Writes registers that follow one another, in order.
    pub fn write_registers(&mut self, offset: u32, from: &[u32]) -> Result<(), DeviceError> {
        span(offset, from.len())?;
        let bytes: Vec<u8> = from.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.write_words(operation::WRITE_REGISTERS, offset, &bytes)
    }

    fn failed(&mut self, operation: &str, error: &LinkError) -> DeviceError {
        DeviceError::Link {
            device: self.link.transport_mut().name(),
            operation: operation.into(),
            reason: error.to_string(),
            remedy: error.remedy().into(),
        }
    }

    /// Reads whole words from an aligned address.
    fn read_words(&mut self, kind: u8, address: u32, into: &mut [u8]) -> Result<(), DeviceError> {
        let jobs: Vec<Job<'_>> = pieces(address, into.len())
            .map(|(address, range)| Job {
                operation: kind,
                words: (range.len() / 4) as u8,
                address,
                data: &[],
            })
            .collect();
        let ranges: Vec<_> = pieces(address, into.len())
            .map(|(_, range)| range)
            .collect();
        let read = self.link.exchange(&jobs, |job, data| {
            into[ranges[job].clone()].copy_from_slice(data);
        });
        read.map_err(|error| self.failed("reading", &error))
    }

    /// Writes whole words to an aligned address.
    fn write_words(&mut self, kind: u8, address: u32, from: &[u8]) -> Result<(), DeviceError> {
        let jobs: Vec<Job<'_>> = pieces(address, from.len())
            .map(|(address, range)| Job {
                operation: kind,
                words: (range.len() / 4) as u8,
                address,
                data: &from[range],
            })
            .collect();
        let written = self.link.exchange(&jobs, |_, _| ());
        written.map_err(|error| self.failed("writing", &error))
    }

    /// The word of memory at an aligned address, with `bytes` from its byte `at` on.
    fn merge(&mut self, address: u32, at: usize, bytes: &[u8]) -> Result<(), DeviceError> {
        let mut word = [0; 4];
        self.read_words(operation::READ_MEMORY, address, &mut word)?;
        word[at..at + bytes.len()].copy_from_slice(bytes);
        self.write_words(operation::WRITE_MEMORY, address, &word)
    }
}

/// Checks that `words` registers from `offset` on are registers.
fn span(offset: u32, words: usize) -> Result<(), DeviceError> {
    check_register(offset)?;
    let last = (words as u64).saturating_sub(1).saturating_mul(4) + u64::from(offset);
    check_register(last.min(u64::from(SPACE)) as u32)
}

/// A block of whole words as pieces that a frame can carry: address, and bytes within the block.
fn pieces(address: u32, length: usize) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let here = address.wrapping_add(at as u32);
        let room = (BOUNDARY - here % BOUNDARY) as usize;
        let take = (length - at).min(room).min(4 * WORDS);
        let range = at..at + take;
        at += take;
        (take > 0).then_some((here, range))
    })
}

impl<T: Transport> Device for Uart<T> {
    fn config(&self) -> &Config {
        &self.board.config
    }

    fn read_register(&mut self, offset: u32) -> Result<u32, DeviceError> {
        let mut value = [0];
        self.read_registers(offset, &mut value)?;
        Ok(value[0])
    }

    fn write_register(&mut self, offset: u32, value: u32) -> Result<(), DeviceError> {
        self.write_registers(offset, &[value])
    }

    fn memory_size(&self) -> u64 {
        self.board.memory.min(1 << 32)
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), DeviceError> {
        check_range("read", address, into.len(), self.memory_size())?;
        let skip = (address % 4) as usize;
        if skip == 0 && into.len() % 4 == 0 {
            return self.read_words(operation::READ_MEMORY, address as u32, into);
        }
        let mut whole = vec![0; (skip + into.len()).next_multiple_of(4)];
        let from = address as u32 - skip as u32;
        self.read_words(operation::READ_MEMORY, from, &mut whole)?;
        into.copy_from_slice(&whole[skip..skip + into.len()]);
        Ok(())
    }

    /// Words that are written in part are read first: not for memory that another writes beside these bytes meanwhile.
    fn write_memory(&mut self, address: u64, from: &[u8]) -> Result<(), DeviceError> {
        check_range("write", address, from.len(), self.memory_size())?;
        let (mut address, mut from) = (address as u32, from);
        let skip = (address % 4) as usize;
        if skip > 0 && !from.is_empty() {
            let (head, rest) = from.split_at(from.len().min(4 - skip));
            self.merge(address - skip as u32, skip, head)?;
            address = address.wrapping_add(head.len() as u32);
            from = rest;
        }
        let (whole, tail) = from.split_at(from.len() / 4 * 4);
        self.write_words(operation::WRITE_MEMORY, address, whole)?;
        if !tail.is_empty() {
            self.merge(address.wrapping_add(whole.len() as u32), 0, tail)?;
        }
        Ok(())
    }

    fn wait(&mut self, irq_mask: u32, limit_cycles: u64) -> Result<u32, DeviceError> {
        let limit = time_of(limit_cycles, self.board.clock);
        let start = self.link.transport_mut().now();
        let mut pause = LOOKS.0;
        loop {
            let late = self.link.transport_mut().now().saturating_sub(start) >= limit;
            let found = self.read_register(IRQ_STATUS)?;
            if found & irq_mask != 0 {
                return Ok(found);
            }
            if late {
                return Err(DeviceError::TimedOut {
                    mask: irq_mask,
                    cycles: limit_cycles,
                    found,
                });
            }
            self.link.transport_mut().pause(pause);
            pause = (2 * pause).min(LOOKS.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_at_the_boundary() {
        let all: Vec<_> = pieces(0x1f4, 524).collect();
        assert_eq!(all, [(0x1f4, 0..12), (0x200, 12..268), (0x300, 268..524)]);
        assert_eq!(pieces(8, 0).count(), 0);
        assert_eq!(
            pieces(u32::MAX - 3, 4).collect::<Vec<_>>(),
            [(u32::MAX - 3, 0..4)]
        );
    }

    #[test]
    fn a_span_of_registers_ends_with_them() {
        assert!(span(0, 4).is_ok());
        assert!(span(SPACE - 4, 1).is_ok());
        assert!(span(SPACE - 4, 2).is_err());
        assert!(span(2, 1).is_err());
        assert!(span(0, usize::MAX).is_err());
    }
}
