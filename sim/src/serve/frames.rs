//! The device's end of the UART link in software: requests in, answers out, every request executed once. The rules are those of
//! `docs/link.md`; the hardware that follows them is `hdl/src/link/uart`.

use super::Running;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tandem::{Device, DeviceError};
use tandem_isa::link::{
    crc32, operation, status, Answer, ANSWER_BYTES, BOUNDARY, CRC_BYTES, GAP_MILLISECONDS, REQUEST,
    REQUEST_HEADER, VERSION, WORDS,
};

/// log2 of the requests that may be under way, and of the answers kept.
const WINDOW_LOG2: u8 = 3;

/// A request, out of the buffer.
struct Taken {
    sequence: u8,
    operation: u8,
    words: usize,
    address: u32,
    data: Vec<u8>,
}

/// What stands at the start of some bytes.
enum Found {
    Request(Taken, usize),
    Part,
    Nothing,
}

/// Answers requests for a device.
#[derive(Default)]
pub struct Responder {
    received: Vec<u8>,
    last: Option<Instant>,
    next: u8,
    kept: VecDeque<(u8, Vec<u8>)>,
}

impl Responder {
    /// Takes bytes that came at `now`; appends the answers to `out`.
    pub fn take<D: Device>(
        &mut self,
        bytes: &[u8],
        now: Instant,
        running: &mut Running<D>,
        out: &mut Vec<u8>,
    ) -> Result<(), DeviceError> {
        let gap = Duration::from_millis(u64::from(GAP_MILLISECONDS));
        // Silence within a frame: what comes now is a new one.
        if self
            .last
            .is_some_and(|last| now.saturating_duration_since(last) > gap)
        {
            self.received.clear();
        }
        self.last = Some(now);
        self.received.extend_from_slice(bytes);
        loop {
            match find(&self.received) {
                Found::Part => return Ok(()),
                Found::Nothing => drop(self.received.remove(0)),
                Found::Request(request, end) => {
                    self.received.drain(..end);
                    self.answer(&request, running, out)?;
                }
            }
        }
    }

    fn answer<D: Device>(
        &mut self,
        request: &Taken,
        running: &mut Running<D>,
        out: &mut Vec<u8>,
    ) -> Result<(), DeviceError> {
        if request.operation == operation::HELLO {
            let status = status::HELLO | WINDOW_LOG2 << status::WINDOW_SHIFT | VERSION;
            out.extend(encode(request.sequence, status, self.next, &[]));
            return Ok(());
        }
        if let Some((_, answer)) = self.kept.iter().find(|kept| kept.0 == request.sequence) {
            out.extend(answer);
            return Ok(());
        }
        if request.sequence != self.next {
            return Ok(());
        }
        let (status, data) = execute(request, running);
        let words = (data.len() / 4) as u8;
        let answer = encode(request.sequence, status, words, &data);
        out.extend(&answer);
        self.next = self.next.wrapping_add(1);
        self.kept.push_back((request.sequence, answer));
        if self.kept.len() > 1 << WINDOW_LOG2 {
            self.kept.pop_front();
        }
        Ok(())
    }
}

fn encode(sequence: u8, status: u8, words: u8, data: &[u8]) -> Vec<u8> {
    let answer = Answer {
        sequence,
        status,
        words,
        data,
    };
    let mut frame = [0; ANSWER_BYTES];
    let end = answer.encode(&mut frame);
    frame[..end].to_vec()
}

fn word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, &b| word << 8 | u32::from(b))
}

fn find(bytes: &[u8]) -> Found {
    let Some(header) = bytes.get(..REQUEST_HEADER) else {
        return match bytes.first() {
            Some(&first) if first != REQUEST => Found::Nothing,
            _ => Found::Part,
        };
    };
    let (operation, words) = (header[2], usize::from(header[3]));
    let known = operation <= operation::HELLO && (1..=WORDS).contains(&words);
    if header[0] != REQUEST || !known {
        return Found::Nothing;
    }
    let writes = operation != operation::HELLO && operation & operation::WRITE != 0;
    let end = REQUEST_HEADER + if writes { 4 * words } else { 0 };
    let Some(frame) = bytes.get(..end + CRC_BYTES) else {
        return Found::Part;
    };
    if crc32(&frame[1..end]).to_le_bytes() != frame[end..] {
        return Found::Nothing;
    }
    let request = Taken {
        sequence: header[1],
        operation,
        words,
        address: word(&header[4..8]),
        data: frame[REQUEST_HEADER..end].to_vec(),
    };
    Found::Request(request, end + CRC_BYTES)
}

/// Tries every access of a request: status, and what was read.
fn execute<D: Device>(request: &Taken, running: &mut Running<D>) -> (u8, Vec<u8>) {
    let memory = request.operation & operation::MEMORY != 0;
    let write = request.operation & operation::WRITE != 0;
    let mut status = status::DONE;
    let mut read = Vec::new();
    for i in 0..request.words {
        // The hardware counts within the boundary, and wraps.
        let within = request.address.wrapping_add(4 * i as u32) % BOUNDARY;
        let address = (request.address / BOUNDARY * BOUNDARY + within) & !3;
        let mut bytes = [0; 4];
        let done = match (memory, write) {
            (true, true) => running
                .device()
                .write_memory(address.into(), &request.data[4 * i..4 * i + 4]),
            (true, false) => running.device().read_memory(address.into(), &mut bytes),
            (false, true) => running
                .write_register(address, word(&request.data[4 * i..4 * i + 4]))
                .map(drop),
            (false, false) => running.device().read_register(address).map(|value| {
                bytes = value.to_le_bytes();
            }),
        };
        if done.is_err() {
            status = status::REFUSED;
        }
        if !write {
            read.extend(bytes);
        }
    }
    (status, read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use tandem_isa::config::TINY;
    use tandem_isa::link::{Found, Request, REQUEST_BYTES};
    use tandem_isa::register::{ID, ID_VALUE, WATCHDOG};

    fn request(sequence: u8, operation: u8, words: u8, address: u32, data: &[u8]) -> Vec<u8> {
        let mut frame = [0; REQUEST_BYTES];
        let end = Request {
            sequence,
            operation,
            words,
            address,
            data,
        }
        .encode(&mut frame);
        frame[..end].to_vec()
    }

    struct Line {
        responder: Responder,
        running: Running<Model>,
        now: Instant,
    }

    impl Line {
        fn new() -> Self {
            Self {
                responder: Responder::default(),
                running: Running::new(Model::new(&TINY, 4096)),
                now: Instant::now(),
            }
        }
        /// Answers to bytes that come so much later: (sequence, status, words field, data).
        fn send(&mut self, bytes: &[u8], later: u64) -> Vec<(u8, u8, u8, Vec<u8>)> {
            self.now += Duration::from_millis(later);
            let mut out = vec![];
            self.responder
                .take(bytes, self.now, &mut self.running, &mut out)
                .unwrap();
            let mut answers = vec![];
            let mut rest = &out[..];
            while let Found::Answer(a, end) = Answer::decode(rest) {
                answers.push((a.sequence, a.status, a.words, a.data.to_vec()));
                rest = &rest[end..];
            }
            assert!(rest.is_empty());
            answers
        }
    }

    #[test]
    fn the_example_of_the_page_is_answered() {
        let mut line = Line::new();
        for n in 0..7 {
            line.send(&request(n, operation::READ_REGISTERS, 1, ID, &[]), 0);
        }
        let hello = line.send(&request(0x2a, operation::HELLO, 1, 0, &[]), 0);
        assert_eq!(hello, [(0x2a, 0x80 | 3 << 4 | 1, 7, vec![])]);
        let data = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
        let wrote = line.send(&request(7, operation::WRITE_MEMORY, 2, 0x100, &data), 0);
        assert_eq!(wrote, [(7, 0, 0, vec![])]);
        let read = line.send(&request(8, operation::READ_MEMORY, 1, 0x104, &[]), 0);
        assert_eq!(read, [(8, 0, 1, data[4..].to_vec())]);
    }

    #[test]
    fn a_number_is_executed_once_and_its_answer_kept() {
        let mut line = Line::new();
        let set = |n, value: u32| {
            request(
                n,
                operation::WRITE_REGISTERS,
                1,
                WATCHDOG,
                &value.to_le_bytes(),
            )
        };
        assert_eq!(line.send(&set(0, 5), 0), [(0, 0, 0, vec![])]);
        // The same number again: its answer, and nothing done.
        assert_eq!(line.send(&set(0, 6), 0), [(0, 0, 0, vec![])]);
        // A number that is not the next one: nothing.
        assert_eq!(line.send(&set(3, 7), 0), []);
        let read = line.send(&request(1, operation::READ_REGISTERS, 1, WATCHDOG, &[]), 0);
        assert_eq!(read, [(1, 0, 1, vec![5, 0, 0, 0])]);
        for n in 2..12 {
            line.send(&set(n, 9), 0);
        }
        // Kept no longer.
        assert_eq!(line.send(&set(1, 9), 0), []);
    }

    #[test]
    fn damage_is_dropped_and_silence_starts_anew() {
        let mut line = Line::new();
        let good = request(0, operation::READ_REGISTERS, 1, ID, &[]);
        for bit in 0..8 * good.len() {
            let mut damaged = good.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(line.send(&damaged, 20), [], "bit {bit}");
        }
        // A part, silence, and a whole one; without the silence the part would swallow its beginning.
        line.send(
            &request(0, operation::WRITE_MEMORY, 64, 0, &[0; 256])[..20],
            20,
        );
        let answer = (0, 0, 1, ID_VALUE.to_le_bytes().to_vec());
        assert_eq!(line.send(&good, 20), std::slice::from_ref(&answer));
        // In two pieces, and two in one.
        let more = request(1, operation::READ_REGISTERS, 1, ID, &[]);
        assert_eq!(line.send(&more[..5], 1), []);
        let rest = [&more[5..], &good].concat();
        assert_eq!(line.send(&rest, 1), [(1, 0, 1, answer.3.clone()), answer]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let mut line = Line::new();
        let refused = line.send(&request(0, operation::READ_MEMORY, 2, 4092 & !255, &[]), 0);
        assert_eq!(refused[0].1, status::DONE);
        let refused = line.send(&request(1, operation::READ_MEMORY, 1, 4096, &[]), 0);
        assert_eq!(refused, [(1, status::REFUSED, 1, vec![0; 4])]);
        let refused = line.send(&request(2, operation::READ_REGISTERS, 1, 0x1000, &[]), 0);
        assert_eq!(refused, [(2, status::REFUSED, 1, vec![0; 4])]);
    }
}
