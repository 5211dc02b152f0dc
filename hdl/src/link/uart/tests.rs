//! The frame level of the link against plain references, and parity of each of its blocks.
use super::*;
use crate::parity::{Parity, Rng};
use std::collections::VecDeque;
use tandem_isa::link::{
    operation, status, Answer, Found, Request, ANSWER_BYTES, REQUEST_BYTES, VERSION,
};

/// A random request; its words are few, so that many fit into a simulation.
fn request(rng: &mut Rng, sequence: u8) -> (Vec<u8>, u8, u8, u32) {
    let operation = rng.below(5) as u8;
    let most = if rng.chance(10) { 64 } else { 4 };
    let words = 1 + rng.below(most) as u8;
    let address = rng.word() as u32 & 0xffff_fffc;
    let data: Vec<u8> = (0..4 * u16::from(words))
        .map(|_| rng.word() as u8)
        .collect();
    let writes = operation & operation::WRITE != 0;
    let mut frame = [0; REQUEST_BYTES];
    let request = Request {
        sequence,
        operation,
        words,
        address,
        data: if writes { &data } else { &[] },
    };
    let end = request.encode(&mut frame);
    (frame[..end].to_vec(), operation, words, address)
}

/// What is done to a frame so that it is none: never a single good frame comes out.
fn damage(rng: &mut Rng, frame: &mut Vec<u8>) {
    let at = 1 + rng.below(frame.len() as u64 - 1) as usize;
    match rng.below(5) {
        0 => frame[at] ^= 1 << rng.below(8),
        1 => frame.truncate(at),
        2 => drop(frame.remove(at)),
        3 => frame.insert(at, rng.word() as u8 | 1),
        _ => frame.iter_mut().for_each(|byte| *byte = rng.word() as u8),
    }
}

/// Bytes of a line, and silences.
#[derive(Default)]
struct Line {
    /// `None` is a silence.
    bytes: VecDeque<Option<u8>>,
    pause: u64,
}

impl Line {
    fn send(&mut self, frame: &[u8]) {
        self.bytes.extend(frame.iter().map(|&byte| Some(byte)));
    }

    /// The byte of this cycle: one in ten to twelve at most; a silence is as long as one of GAP = 9 at least.
    fn next(&mut self, rng: &mut Rng) -> Option<u8> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let next = self.bytes.pop_front()?;
        self.pause = if next.is_some() {
            9 + rng.below(3)
        } else {
            262
        };
        next
    }
}

#[test]
fn receiver_takes_whole_frames_and_no_others() {
    let mut line = Line::default();
    let mut expected: VecDeque<u8> = VecDeque::new();
    let mut ring = [0u8; 512];
    let (mut good, mut bad, mut taken, mut head) = (0, 0, 0, 0usize);
    Parity::new("frame_receiver")
        .cycles(40_000)
        .all_move_but(&[])
        .check(
            &mut FrameReceiver::<9>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                // What is committed is exactly what was sent whole, in order.
                while cycle > 2 && head != u.tail.val().to_u64() as usize {
                    assert_eq!(expected.pop_front(), Some(ring[head]), "cycle {cycle}");
                    head = (head + 1) % 512;
                    taken += 1;
                }
                u.head.next = (head as u64).into();
                if line.bytes.is_empty() && cycle > 2 {
                    let sequence = rng.word() as u8;
                    let (mut frame, ..) = request(rng, sequence);
                    let kind = rng.below(10);
                    if kind < 7 {
                        expected.extend(&frame[1..frame.len() - 4]);
                        good += 1;
                        // Now and then behind bytes that begin no frame.
                        line.send(&[0, 0x5a, 0xff][..rng.below(4) as usize]);
                        line.send(&frame);
                    } else {
                        bad += 1;
                        damage(rng, &mut frame);
                        line.send(&frame);
                        line.bytes.push_back(None);
                    }
                }
                let byte = line.next(rng);
                u.byte_valid.next = byte.is_some();
                u.data.next = byte.map_or(rng.bits(), |byte| u64::from(byte).into());
                if byte.is_some() {
                    ring[u.write_address.val().to_u64() as usize] = u.data.next.to_u64() as u8;
                }
            },
        )
        .unwrap();
    assert!(good > 40 && bad > 20, "{good} {bad}");
    assert!(taken > 500 && expected.len() < 300, "{taken}");
}

#[test]
fn receiver_drops_a_frame_that_does_not_fit_or_has_an_error() {
    let mut line = Line::default();
    let mut frames = 0;
    let mut error_at = 0;
    let mut tails = vec![];
    Parity::new("frame_receiver")
        .cycles(12_000)
        .check(
            &mut FrameReceiver::<9>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                u.head.next = 0.into();
                if line.bytes.is_empty() && frames < 3 {
                    let mut frame = [0; REQUEST_BYTES];
                    let end = Request {
                        sequence: 0,
                        operation: operation::WRITE_MEMORY,
                        words: 64,
                        address: 0,
                        data: &[1; 256],
                    }
                    .encode(&mut frame);
                    line.send(&frame[..end]);
                    line.bytes.push_back(None);
                    frames += 1;
                    error_at = cycle + 1000;
                }
                // The first is cut by an error, the second fits, the third does not: its last byte would fill the ring.
                u.byte_error.next = frames == 1 && cycle == error_at;
                let byte = line.next(rng);
                u.byte_valid.next = byte.is_some();
                u.data.next = byte.map_or(rng.bits(), |byte| u64::from(byte).into());
                let tail = u.tail.val().to_u64();
                if cycle > 2 && tails.last() != Some(&tail) {
                    tails.push(tail);
                }
            },
        )
        .unwrap();
    assert_eq!(tails, [0, 263]);
}

/// What the port did: memory, write, address, data.
type Access = (bool, bool, u32, u32);

/// The reference of [`Commands`]: what a request does to the port, and its answer.
#[derive(Default)]
struct Reference {
    next: u8,
    kept: VecDeque<(u8, Vec<u8>)>,
    accesses: VecDeque<Access>,
}

impl Reference {
    /// The word that a read gives: of its address alone, so that the order of events does not matter.
    fn word(memory: bool, address: u32) -> u32 {
        address.wrapping_mul(0x9e37_79b1) ^ u32::from(memory)
    }

    fn fails(address: u32) -> bool {
        address & 0xfc == 0xf4
    }

    /// Takes a request's frame; the frame of the answer, if there is one. `window` answers are kept.
    fn take(&mut self, frame: &[u8], window: usize) -> Option<Vec<u8>> {
        let (sequence, operation, words) = (frame[1], frame[2], frame[3]);
        let base = u32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]);
        if operation == operation::HELLO {
            let log2 = window.trailing_zeros() as u8;
            let status = status::HELLO | log2 << status::WINDOW_SHIFT | VERSION;
            return Some(answer(sequence, status, self.next, &[]));
        }
        if sequence != self.next {
            let kept = self.kept.iter().find(|(number, _)| *number == sequence);
            return kept.map(|(_, frame)| frame.clone());
        }
        let (memory, write) = (operation & 2 != 0, operation & 1 != 0);
        let mut read = vec![];
        let mut failed = false;
        for i in 0..u32::from(words) {
            let address = base & !0xff | (base + 4 * i) & 0xff;
            failed |= Self::fails(address);
            let mut data = 0;
            if write {
                let at = 8 + 4 * i as usize;
                data = u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
            } else {
                read.extend(Self::word(memory, address).to_le_bytes());
            }
            self.accesses.push_back((memory, write, address, data));
        }
        let words = if write { 0 } else { words };
        let frame = answer(sequence, u8::from(failed), words, &read);
        self.next = self.next.wrapping_add(1);
        self.kept.push_back((sequence, frame.clone()));
        if self.kept.len() > window {
            self.kept.pop_front();
        }
        Some(frame)
    }
}

fn answer(sequence: u8, status: u8, words: u8, data: &[u8]) -> Vec<u8> {
    let mut frame = [0; ANSWER_BYTES];
    let answer = Answer {
        sequence,
        status,
        words,
        data,
    };
    let end = answer.encode(&mut frame);
    frame[..end].to_vec()
}

/// Drives the master port's inputs: ready now and then, the word of the address; notes what is done.
macro_rules! serve {
    ($u:ident, $rng:ident, $reference:ident, $cycle:ident) => {
        let address = $u.request_address.val().to_u64() as u32;
        let memory = $u.request_memory.val();
        let ready = $u.request_valid.val() && $cycle > 2 && $rng.chance(60);
        $u.request_ready.next = ready;
        $u.response_data.next = u64::from(Reference::word(memory, address)).into();
        $u.response_error.next = Reference::fails(address);
        if ready {
            let write = $u.request_write.val();
            let data = if write {
                $u.request_data.val().to_u64() as u32
            } else {
                0
            };
            let expected = $reference.accesses.pop_front();
            assert_eq!(
                expected,
                Some((memory, write, address, data)),
                "cycle {}",
                $cycle
            );
        }
    };
}

/// Draws a request: new, repeated, of another number, or a hello.
fn draw(rng: &mut Rng, reference: &Reference) -> Vec<u8> {
    let sequence = match rng.below(10) {
        0..=5 => reference.next,
        6..=8 => reference.next.wrapping_sub(1 + rng.below(3) as u8),
        _ => rng.word() as u8,
    };
    request(rng, sequence).0
}

macro_rules! whole_link {
    ($test:ident, $slots:literal, $name:literal, $cycles:literal) => {
        #[test]
        fn $test() {
            let mut line = Line::default();
            let mut reference = Reference::default();
            let mut expected: VecDeque<Vec<u8>> = VecDeque::new();
            let mut got = vec![];
            let mut answers = 0;
            let mut ready_since = 0;
            Parity::new($name)
                .cycles($cycles)
                .all_move_but(&[])
                .check(
                    &mut FrameLink::<$slots, 9>::default(),
                    |u| &mut u.clock,
                    |u, rng, cycle| {
                        u.reset.next = cycle < 2;
                        u.in_error.next = false;
                        // As many under way as the window has, so that none is dropped for want of room.
                        if line.bytes.is_empty() && cycle > 2 && expected.len() < 2 {
                            let mut frame = draw(rng, &reference);
                            if rng.chance(20) {
                                damage(rng, &mut frame);
                                line.send(&frame);
                                line.bytes.push_back(None);
                            } else {
                                expected.extend(reference.take(&frame, 1 << $slots));
                                line.send(&frame);
                            }
                        }
                        let byte = line.next(rng);
                        u.in_valid.next = byte.is_some();
                        u.in_data.next = byte.map_or(rng.bits(), |byte| u64::from(byte).into());
                        serve!(u, rng, reference, cycle);
                        u.out_ready.next = cycle > ready_since && rng.chance(70);
                        if u.out_ready.next && u.out_valid.val() {
                            ready_since = cycle + 9;
                            got.push(u.out_data.val().to_u64() as u8);
                            if let Found::Answer(_, end) = Answer::decode(&got) {
                                assert_eq!(end, got.len());
                                assert_eq!(Some(&got), expected.pop_front().as_ref());
                                got.clear();
                                answers += 1;
                            }
                        }
                    },
                )
                .unwrap();
            assert!(answers > 60, "{answers}");
        }
    };
}
whole_link! { two_answers_are_kept, 1, "frame_link", 60_000 }
whole_link! { eight_answers_are_kept, 3, "frame_link_8", 40_000 }

#[test]
fn commands_agree_with_their_verilog() {
    let mut reference = Reference::default();
    let mut ring = [0u8; 512];
    let (mut tail, mut addressed) = (0usize, 0usize);
    let mut expected = VecDeque::new();
    let mut answers = 0;
    Parity::new("uart_commands")
        .cycles(20_000)
        .all_move_but(&[])
        .check(
            &mut Commands::<2>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                let head = u.head.val().to_u64() as usize;
                let used = (tail + 512 - head) % 512;
                if cycle > 2 && used < 200 && rng.chance(2) {
                    let frame = draw(rng, &reference);
                    for &byte in &frame[1..frame.len() - 4] {
                        ring[tail] = byte;
                        tail = (tail + 1) % 512;
                    }
                    expected.extend(reference.take(&frame, 4));
                }
                u.tail.next = (tail as u64).into();
                // The byte at `from`, whatever the address of the cycle before was: that is what reading ahead gives.
                addressed = head;
                u.ring_data.next = u64::from(ring[addressed]).into();
                serve!(u, rng, reference, cycle);
                u.sending.next = rng.chance(30);
                u.sending_slot.next = rng.bits();
                u.answer_ready.next = rng.chance(30);
                if cycle > 2 && u.answer_ready.next && u.answer_valid.val() {
                    let found: Vec<u8> = expected.pop_front().unwrap();
                    assert_eq!(u.answer_sequence.val(), u64::from(found[1]));
                    assert_eq!(u.answer_status.val(), u64::from(found[2]));
                    assert_eq!(u.answer_words.val(), u64::from(found[3]));
                    answers += 1;
                }
            },
        )
        .unwrap();
    assert!(answers > 100, "{answers}");
}

#[test]
fn transmitter_makes_frames() {
    let kept: Vec<u8> = (0..512u32).map(|i| ((i * 37) >> 2) as u8).collect();
    let mut expected = VecDeque::new();
    let mut got = vec![];
    let (mut address, mut answers, mut ready_since) = (0, 0, 0);
    Parity::new("frame_transmitter")
        .cycles(30_000)
        .all_move_but(&[])
        .check(
            &mut FrameTransmitter::<1>::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                u.read_data.next = u64::from(kept[address]).into();
                address = (u.read_slot.val().to_u64() * 256 + u.read_byte.val().to_u64()) as usize;
                let most = if rng.chance(10) { 65 } else { 5 };
                let words = rng.below(most) as u8;
                let hello = rng.chance(20);
                let status = if hello { 0x91 } else { rng.below(2) as u8 };
                let number = rng.word() as u8;
                u.answer_valid.next = rng.chance(10);
                u.answer_sequence.next = u64::from(number).into();
                u.answer_status.next = u64::from(status).into();
                u.answer_words.next = u64::from(words).into();
                if cycle > 2 && u.answer_valid.next && u.answer_ready.val() {
                    let from = 256 * usize::from(number & 1);
                    let length = if hello { 0 } else { 4 * usize::from(words) };
                    expected.push_back(answer(number, status, words, &kept[from..from + length]));
                }
                u.byte_ready.next = cycle > ready_since && rng.chance(60);
                if cycle > 2 && u.byte_ready.next && u.byte_valid.val() {
                    ready_since = cycle + 8;
                    got.push(u.data.val().to_u64() as u8);
                    if let Found::Answer(..) = Answer::decode(&got) {
                        assert_eq!(Some(&got), expected.pop_front().as_ref());
                        got.clear();
                        answers += 1;
                    }
                }
            },
        )
        .unwrap();
    assert!(answers > 60, "{answers}");
}

/// The whole link on a line of four cycles a bit, bytes back to back.
#[test]
fn pins_to_port_and_back() {
    let mut reference = Reference::default();
    let mut expected = VecDeque::new();
    let mut bits: VecDeque<bool> = VecDeque::new();
    let (mut got, mut value, mut since, mut answers) = (vec![], 0u64, None, 0);
    Parity::new("uart_link")
        .cycles(40_000)
        .all_move_but(&[])
        .check(
            &mut UartLink::<1, 12>::new(Baud::new(48_000_000, 12_000_000).unwrap()),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle < 2;
                if bits.is_empty() && cycle > 100 && expected.len() < 2 {
                    let frame = draw(rng, &reference);
                    expected.extend(reference.take(&frame, 2));
                    for byte in frame {
                        let symbol = u64::from(byte) << 1 | 0x200;
                        bits.extend((0..40).map(|i| (symbol >> (i / 4)) & 1 == 1));
                    }
                }
                u.receive.next = bits.pop_front().unwrap_or(true);
                serve!(u, rng, reference, cycle);
                let level = u.transmit.val();
                if since.is_none() && !level && cycle > 2 {
                    since = Some(cycle);
                    value = 0;
                }
                if let Some(start) = since {
                    let time = cycle - start;
                    if time % 4 == 2 {
                        value |= u64::from(level) << (time / 4);
                    }
                    if time == 38 {
                        assert_eq!(value & 0x201, 0x200);
                        got.push((value >> 1) as u8);
                        since = None;
                        if let Found::Answer(..) = Answer::decode(&got) {
                            assert_eq!(Some(&got), expected.pop_front().as_ref());
                            got.clear();
                            answers += 1;
                        }
                    }
                }
            },
        )
        .unwrap();
    assert!(answers > 15, "{answers}");
}

#[test]
fn gap_is_between_one_and_two_times_its_time() {
    for clock in [12_000_000u64, 48_000_000, 60_000_000, 100_000_000] {
        let cycles = 1u64 << (gap_bits(clock) - 1);
        let least = clock / 1000 * u64::from(tandem_isa::link::GAP_MILLISECONDS);
        assert!((least..2 * least).contains(&cycles), "{clock}: {cycles}");
    }
}
