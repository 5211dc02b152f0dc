//! The frames of the UART link: delimiters, fields, operations, status and CRC, as hardware and host share them.
//!
//! The format with its rules and a worked example is in `docs/link.md`. Multi-byte fields are little-endian.
//!
//! | request | bytes | answer | bytes |
//! |---|---|---|---|
//! | [`REQUEST`] | 1 | [`ANSWER`] | 1 |
//! | sequence | 1 | sequence | 1 |
//! | [`operation`] | 1 | [`status`] | 1 |
//! | words, 1 to [`WORDS`] | 1 | words that follow | 1 |
//! | byte address, a multiple of 4 | 4 | | |
//! | words to write | 4 each | words read | 4 each |
//! | CRC-32 of all but the first byte | 4 | CRC-32 of all but the first byte | 4 |

/// First byte of a request.
pub const REQUEST: u8 = 0xa5;
/// First byte of an answer; another one than a request's, so that a line that echoes is not taken for a device.
pub const ANSWER: u8 = 0x5a;
/// Version of the format, the low half of the status of an answer to a hello.
pub const VERSION: u8 = 1;
/// Most words in a frame.
pub const WORDS: usize = 64;
/// Bytes the words of one frame must not cross a multiple of: the hardware counts within them and wraps.
pub const BOUNDARY: u32 = 4 * WORDS as u32;
/// Bytes of a frame before its words: request.
pub const REQUEST_HEADER: usize = 8;
/// Bytes of a frame before its words: answer.
pub const ANSWER_HEADER: usize = 4;
/// Bytes of the CRC.
pub const CRC_BYTES: usize = 4;
/// Silence within a frame after which the hardware waits for a new one, at least, in milliseconds; at most twice as much.
pub const GAP_MILLISECONDS: u32 = 10;

/// What a request asks for.
pub mod operation {
    /// Bit: the frame carries words to write.
    pub const WRITE: u8 = 1;
    /// Bit: memory and not registers.
    pub const MEMORY: u8 = 2;
    /// Read registers.
    pub const READ_REGISTERS: u8 = 0;
    /// Write registers.
    pub const WRITE_REGISTERS: u8 = WRITE;
    /// Read memory.
    pub const READ_MEMORY: u8 = MEMORY;
    /// Write memory.
    pub const WRITE_MEMORY: u8 = MEMORY | WRITE;
    /// Which sequence number comes next? Changes nothing. Its own sequence byte is a tag that comes back.
    pub const HELLO: u8 = 4;
}

/// How an answer ended.
pub mod status {
    /// Every access was done.
    pub const DONE: u8 = 0;
    /// Every access was tried, and at least one was answered with an error.
    pub const REFUSED: u8 = 1;
    /// Bit: answer to a hello; its words field is the sequence number that comes next, and no words follow.
    pub const HELLO: u8 = 0x80;
    /// Where log2 of the window stands in the status of a hello: three bits.
    pub const WINDOW_SHIFT: u32 = 4;
}

/// CRC-32 of IEEE 802.3: reflected polynomial, all ones at the start; [`crc32`] inverts at the end, [`crc_step`] does not.
pub const CRC_POLYNOMIAL: u32 = 0xedb8_8320;
/// What the running CRC is after a whole frame with its CRC, if nothing was damaged.
pub const CRC_RESIDUE: u32 = 0xdebb_20e3;

/// The running CRC after one more byte.
pub const fn crc_step(mut crc: u32, byte: u8) -> u32 {
    crc ^= byte as u32;
    let mut bit = 0;
    while bit < 8 {
        crc = if crc & 1 == 1 {
            (crc >> 1) ^ CRC_POLYNOMIAL
        } else {
            crc >> 1
        };
        bit += 1;
    }
    crc
}

/// CRC-32 of `bytes`.
pub const fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    let mut at = 0;
    while at < bytes.len() {
        crc = crc_step(crc, bytes[at]);
        at += 1;
    }
    !crc
}

/// Most bytes of a request.
pub const REQUEST_BYTES: usize = REQUEST_HEADER + 4 * WORDS + CRC_BYTES;
/// Most bytes of an answer.
pub const ANSWER_BYTES: usize = ANSWER_HEADER + 4 * WORDS + CRC_BYTES;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its number, or the tag of a hello.
    pub sequence: u8,
    /// One of [`operation`].
    pub operation: u8,
    /// Words to read or write.
    pub words: u8,
    /// First byte, a multiple of 4.
    pub address: u32,
    /// Words to write, 4 bytes each; empty otherwise.
    pub data: &'a [u8],
}

impl Request<'_> {
    /// Writes its frame and returns how many bytes it has. Of `data` no more is taken than fits.
    pub fn encode(&self, into: &mut [u8; REQUEST_BYTES]) -> usize {
        into[..4].copy_from_slice(&[REQUEST, self.sequence, self.operation, self.words]);
        into[4..REQUEST_HEADER].copy_from_slice(&self.address.to_le_bytes());
        let data = &self.data[..self.data.len().min(4 * WORDS)];
        let end = REQUEST_HEADER + data.len();
        into[REQUEST_HEADER..end].copy_from_slice(data);
        let crc = crc32(&into[1..end]);
        into[end..end + CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
        end + CRC_BYTES
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The number of its request, or the tag of a hello.
    pub sequence: u8,
    /// One of [`status`].
    pub status: u8,
    /// Words that follow, or what a hello asks for.
    pub words: u8,
    /// The words, 4 bytes each.
    pub data: &'a [u8],
}

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// An answer, and how many bytes it took.
    Answer(Answer<'a>, usize),
    /// The beginning of one, perhaps: more bytes are needed.
    Part,
    /// No answer: leave out a byte and look again.
    Nothing,
}

impl<'a> Answer<'a> {
    /// Looks for an answer at the start of `bytes`.
    pub fn decode(bytes: &'a [u8]) -> Found<'a> {
        match bytes.first() {
            None => return Found::Part,
            Some(&first) if first != ANSWER => return Found::Nothing,
            Some(_) => {}
        }
        let &[_, sequence, status, words, ..] = bytes else {
            return Found::Part;
        };
        let payload = match (status & status::HELLO, words as usize) {
            (0, words) if words > WORDS => return Found::Nothing,
            (0, words) => 4 * words,
            _ => 0,
        };
        let end = ANSWER_HEADER + payload;
        let Some(frame) = bytes.get(..end + CRC_BYTES) else {
            return Found::Part;
        };
        if crc32(&frame[1..end]).to_le_bytes() != frame[end..] {
            return Found::Nothing;
        }
        let answer = Answer {
            sequence,
            status,
            words,
            data: &frame[ANSWER_HEADER..end],
        };
        Found::Answer(answer, end + CRC_BYTES)
    }

    /// Writes its frame and returns how many bytes it has. Of `data` no more is taken than fits.
    pub fn encode(&self, into: &mut [u8; ANSWER_BYTES]) -> usize {
        into[..ANSWER_HEADER].copy_from_slice(&[ANSWER, self.sequence, self.status, self.words]);
        let data = &self.data[..self.data.len().min(4 * WORDS)];
        let end = ANSWER_HEADER + data.len();
        into[ANSWER_HEADER..end].copy_from_slice(data);
        let crc = crc32(&into[1..end]);
        into[end..end + CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
        end + CRC_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_frame_with_its_crc_leaves_the_residue() {
        for text in [&b"a"[..], b"tandem", &[0; 100]] {
            let crc = text.iter().fold(u32::MAX, |crc, &b| crc_step(crc, b));
            let sent = crc32(text).to_le_bytes();
            let end = sent.iter().fold(crc, |crc, &b| crc_step(crc, b));
            assert_eq!(end, CRC_RESIDUE);
        }
    }

    #[test]
    fn operations_are_different_and_a_hello_sets_neither_bit() {
        use operation::*;
        let all = [
            READ_REGISTERS,
            WRITE_REGISTERS,
            READ_MEMORY,
            WRITE_MEMORY,
            HELLO,
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
        }
        assert_eq!(HELLO & (WRITE | MEMORY), 0);
    }

    #[test]
    fn an_answer_is_found_whole_and_not_damaged() {
        let answer = Answer {
            sequence: 7,
            status: status::DONE,
            words: 2,
            data: b"abcdefgh",
        };
        let mut frame = [0; ANSWER_BYTES];
        let end = answer.encode(&mut frame);
        assert_eq!(Answer::decode(&frame), Found::Answer(answer, end));
        for short in 0..end {
            assert_eq!(Answer::decode(&frame[..short]), Found::Part);
        }
        for bit in 0..8 * end {
            let mut damaged = frame;
            damaged[bit / 8] ^= 1 << (bit % 8);
            let found = Answer::decode(&damaged[..end]);
            assert!(!matches!(found, Found::Answer(..)), "bit {bit}");
        }
    }
}
