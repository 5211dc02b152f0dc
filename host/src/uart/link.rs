//! Requests and answers over a line: each request is executed exactly once, whatever the line does, or an error says that it may
//! not have been. Knows frames and sequence numbers; registers and memory are [`Uart`](super::Uart)'s.
//!
//! As many requests are under way as the device keeps answers. One without an answer in time is sent again with its number; the
//! device executes a number once and repeats its answer. Numbers go on from what the device says when greeted.

use super::transport::{Transport, TransportError};
use std::collections::VecDeque;
use std::time::Duration;
use tandem_isa::link::{
    operation, status, Answer, Found, Request, ANSWER_HEADER, CRC_BYTES, GAP_MILLISECONDS,
    REQUEST_BYTES, REQUEST_HEADER, VERSION,
};

/// How patient a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bits a second of the line, both ways.
    pub baud: u32,
    /// Time that operating system, USB and the port's chip may add to a question and its answer.
    pub latency: Duration,
    /// Times a request is sent before it is given up.
    pub attempts: u32,
}

impl Settings {
    /// For a line of `baud` behind USB: 50 ms of latency, ten attempts.
    pub fn new(baud: u32) -> Self {
        Self {
            baud,
            latency: Duration::from_millis(50),
            attempts: 10,
        }
    }

    /// Time of `bytes` on the line.
    fn line(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(self.baud.max(1)))
    }
}

/// Why a link failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The line itself.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Silence, or nothing but damage.
    #[error("no answer to {what} in {attempts} attempts of {millis} ms each, {bytes} bytes came; expected an answer with a right CRC")]
    Silent {
        /// The request.
        what: String,
        /// Attempts made.
        attempts: u32,
        /// Time of each.
        millis: u128,
        /// Bytes that came meanwhile.
        bytes: usize,
    },
    /// The device counts otherwise.
    #[error("the device expects sequence number {found}, and {expected} was next; it was reset, or another program speaks to it; whether {what} was done is not known")]
    OutOfStep {
        /// The request.
        what: String,
        /// Number of the oldest request without an answer.
        expected: u8,
        /// What the device expects.
        found: u8,
    },
    /// The device speaks another version of the format.
    #[error("the device speaks version {found} of the link, expected {VERSION}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// An access was answered with an error.
    #[error("{what} was refused by the device")]
    Refused {
        /// The request.
        what: String,
    },
    /// An answer with a right CRC that does not fit its request.
    #[error("{what} was answered with {found} words, expected {expected}")]
    Answer {
        /// The request.
        what: String,
        /// Words found.
        found: usize,
        /// Words expected.
        expected: usize,
    },
}

impl LinkError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Transport(_) => "look whether the cable is in and the port is yours",
            Self::Silent { .. } => {
                "look at cable, baud rate and bitstream; reset the board if its bus hangs"
            }
            Self::OutOfStep { .. } => {
                "load the work again: what the device held is not what it was"
            }
            Self::Version { .. } => "build bitstream and host from the same release",
            Self::Refused { .. } => {
                "look at the address; the device has no such register or memory"
            }
            Self::Answer { .. } => "reset the board; if it stays, bitstream and host do not fit",
        }
    }
}

/// One request, without its number.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// One of [`operation`].
    pub operation: u8,
    /// Words.
    pub words: u8,
    /// First byte.
    pub address: u32,
    /// Words to write.
    pub data: &'a [u8],
}

/// Bytes of a request and its answer without words.
const SHORTEST: usize = REQUEST_HEADER + ANSWER_HEADER + 2 * CRC_BYTES;

impl Job<'_> {
    /// Bytes of its request and its answer.
    fn bytes(&self) -> usize {
        SHORTEST + 4 * usize::from(self.words)
    }
}

impl std::fmt::Display for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.operation {
            operation::READ_REGISTERS => "reading registers",
            operation::WRITE_REGISTERS => "writing registers",
            operation::READ_MEMORY => "reading memory",
            operation::WRITE_MEMORY => "writing memory",
            _ => return write!(f, "a hello"),
        };
        write!(f, "{verb}, {} words from {:#x}", self.words, self.address)
    }
}

/// What the link has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent, each attempt counted.
    pub sent: u64,
    /// Of them, sent again.
    pub repeated: u64,
    /// Answers taken.
    pub answers: u64,
    /// Bytes that belonged to no answer.
    pub noise: u64,
}

/// A line with a device at its other end.
pub struct Link<T> {
    transport: T,
    settings: Settings,
    /// Number of the next request; `None` before the device was greeted.
    next: Option<u8>,
    window: usize,
    tag: u8,
    received: Vec<u8>,
    traffic: Traffic,
}

/// An answer, out of the buffer.
struct Taken {
    sequence: u8,
    status: u8,
    words: u8,
    data: Vec<u8>,
}

impl<T: Transport> Link<T> {
    /// A link over `transport`. Nothing is sent yet.
    pub fn new(transport: T, settings: Settings) -> Self {
        let tag = transport.now().as_nanos() as u8;
        Self {
            transport,
            settings,
            next: None,
            window: 1,
            tag,
            received: vec![],
            traffic: Traffic::default(),
        }
    }

    /// The line.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Gives the line back.
    pub fn into_transport(self) -> T {
        self.transport
    }

    /// What has been sent and received.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Requests that may be under way at once.
    pub fn window(&self) -> usize {
        self.window
    }

    /// How long `bytes` of requests and answers that are under way may take. Longer than the device's gap, so that it is in step
    /// when the next attempt comes.
    fn patience(&self, bytes: usize) -> Duration {
        let gap = Duration::from_millis(2 * u64::from(GAP_MILLISECONDS));
        self.settings.line(bytes) + gap + self.settings.latency
    }

    /// Asks for the device's next number, version and window, unless they are known.
    pub fn greet(&mut self) -> Result<(), LinkError> {
        if self.next.is_none() {
            let (next, window) = self.hello()?;
            self.next = Some(next);
            self.window = window;
        }
        Ok(())
    }

    fn hello(&mut self) -> Result<(u8, usize), LinkError> {
        let job = Job {
            operation: operation::HELLO,
            words: 1,
            address: 0,
            data: &[],
        };
        let before = self.traffic.noise;
        for attempt in 0..self.settings.attempts {
            // A tag of its own, so that a late answer to an older hello is not taken for this one's.
            self.tag = self.tag.wrapping_add(1);
            self.send(self.tag, &job, attempt > 0)?;
            let deadline = self.transport.now() + self.patience(SHORTEST);
            while let Some(answer) = self.answer(deadline)? {
                if answer.status & status::HELLO == 0 || answer.sequence != self.tag {
                    continue;
                }
                let version = answer.status & ((1 << status::WINDOW_SHIFT) - 1);
                if version != VERSION {
                    return Err(LinkError::Version { found: version });
                }
                let log2 = (answer.status & !status::HELLO) >> status::WINDOW_SHIFT;
                return Ok((answer.words, 1 << log2.min(6)));
            }
        }
        Err(self.silent(&job, before))
    }

    fn silent(&self, job: &Job<'_>, noise_before: u64) -> LinkError {
        LinkError::Silent {
            what: job.to_string(),
            attempts: self.settings.attempts,
            millis: self.patience(job.bytes()).as_millis(),
            bytes: (self.traffic.noise - noise_before) as usize + self.received.len(),
        }
    }

    /// Does every job once, in order, and gives each one's words to `done` with its index; answers may come in any order.
    ///
    /// A refused job does not keep the others from being done; the first is reported at the end. After any other error it is not
    /// known whether the jobs without an answer were done.
    pub fn exchange(
        &mut self,
        jobs: &[Job<'_>],
        mut done: impl FnMut(usize, &[u8]),
    ) -> Result<(), LinkError> {
        self.greet()?;
        let first = self.next.take().unwrap_or_default();
        let mut refused = None;
        // Jobs below `oldest` have their answers; those up to `sent` are under way, with what is known of each.
        let (mut oldest, mut sent) = (0, 0);
        let mut arrived: VecDeque<bool> = VecDeque::new();
        let mut attempt = 1;
        let mut deadline = None;
        let number = |job: usize| first.wrapping_add(job as u8);
        let before = self.traffic.noise;
        while oldest < jobs.len() {
            while sent < jobs.len() && sent - oldest < self.window {
                self.send(number(sent), &jobs[sent], false)?;
                arrived.push_back(false);
                sent += 1;
            }
            // Only an answer that counts, or another attempt, gives more time.
            let until = match deadline {
                Some(until) => until,
                None => {
                    let bytes = jobs[oldest..sent].iter().map(Job::bytes).sum();
                    self.transport.now() + self.patience(bytes)
                }
            };
            deadline = Some(until);
            let Some(answer) = self.answer(until)? else {
                deadline = None;
                if attempt >= self.settings.attempts {
                    return Err(self.give_up(&jobs[oldest], number(oldest), number(sent), before));
                }
                attempt += 1;
                for job in oldest..sent {
                    if !arrived[job - oldest] {
                        self.send(number(job), &jobs[job], true)?;
                    }
                }
                continue;
            };
            let at = usize::from(answer.sequence.wrapping_sub(number(oldest)));
            // Others are answers that came twice, or to an older hello.
            if answer.status & status::HELLO != 0 || arrived.get(at) != Some(&false) {
                continue;
            }
            let job = &jobs[oldest + at];
            let reads = job.operation & operation::WRITE == 0;
            let expected = if reads { usize::from(job.words) } else { 0 };
            if usize::from(answer.words) != expected {
                return Err(LinkError::Answer {
                    what: job.to_string(),
                    found: answer.words.into(),
                    expected,
                });
            }
            if answer.status != status::DONE && refused.is_none() {
                refused = Some(oldest + at);
            }
            done(oldest + at, &answer.data);
            arrived[at] = true;
            attempt = 1;
            deadline = None;
            while arrived.front() == Some(&true) {
                arrived.pop_front();
                oldest += 1;
            }
        }
        self.next = Some(number(jobs.len()));
        match refused {
            None => Ok(()),
            Some(job) => Err(LinkError::Refused {
                what: jobs[job].to_string(),
            }),
        }
    }

    /// Finds out why there is no answer.
    fn give_up(&mut self, job: &Job<'_>, from: u8, to: u8, noise_before: u64) -> LinkError {
        match self.hello() {
            Ok((found, _)) if found.wrapping_sub(from) > to.wrapping_sub(from) => {
                LinkError::OutOfStep {
                    what: job.to_string(),
                    expected: from,
                    found,
                }
            }
            Err(error @ LinkError::Transport(_)) => error,
            _ => self.silent(job, noise_before),
        }
    }

    fn send(&mut self, sequence: u8, job: &Job<'_>, again: bool) -> Result<(), LinkError> {
        let mut frame = [0; REQUEST_BYTES];
        let end = Request {
            sequence,
            operation: job.operation,
            words: job.words,
            address: job.address,
            data: job.data,
        }
        .encode(&mut frame);
        self.traffic.sent += 1;
        self.traffic.repeated += u64::from(again);
        // What was written before may still stand in front of it.
        let limit = self.patience(2 * self.window * REQUEST_BYTES);
        Ok(self.transport.write(&frame[..end], limit)?)
    }

    /// The next answer, of whatever number; `None` when `deadline` has passed.
    fn answer(&mut self, deadline: Duration) -> Result<Option<Taken>, LinkError> {
        loop {
            let mut at = 0;
            let found = loop {
                match Answer::decode(&self.received[at..]) {
                    Found::Nothing => at += 1,
                    Found::Part => break None,
                    Found::Answer(answer, end) => {
                        let taken = Taken {
                            sequence: answer.sequence,
                            status: answer.status,
                            words: answer.words,
                            data: answer.data.to_vec(),
                        };
                        break Some((taken, end));
                    }
                }
            };
            self.traffic.noise += at as u64;
            if let Some((taken, end)) = found {
                self.received.drain(..at + end);
                self.traffic.answers += 1;
                return Ok(Some(taken));
            }
            self.received.drain(..at);
            let left = deadline.saturating_sub(self.transport.now());
            let mut bytes = [0; 4096];
            let came = match left.is_zero() {
                true => 0,
                false => self.transport.read(&mut bytes, left)?,
            };
            self.received.extend_from_slice(&bytes[..came]);
            if came == 0 {
                // What looked like the beginning of an answer was none, and may hide one.
                if self.received.is_empty() {
                    return Ok(None);
                }
                self.received.remove(0);
                self.traffic.noise += 1;
            }
        }
    }
}
