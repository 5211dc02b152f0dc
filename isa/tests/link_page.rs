//! The worked example of `docs/link.md`, byte by byte.

use tandem_isa::link::{operation, status, Answer, Found, Request, REQUEST_BYTES, VERSION};

/// Frames of the page whose lines begin with `kind`.
fn frames(kind: &str) -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/link.md");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix(kind));
    let byte = |text: &str| u8::from_str_radix(text, 16).unwrap();
    lines
        .map(|line| line.split_whitespace().map(byte).collect())
        .collect()
}

#[test]
fn requests_of_the_page_are_those_of_the_encoder() {
    let words = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
    let request = |sequence, operation, words, address, data| Request {
        sequence,
        operation,
        words,
        address,
        data,
    };
    let expected = [
        request(0x2a, operation::HELLO, 1, 0, &[][..]),
        request(7, operation::WRITE_MEMORY, 2, 0x100, &words),
        request(8, operation::READ_MEMORY, 1, 0x104, &[]),
    ];
    let encode = |request: Request<'_>| {
        let mut frame = [0; REQUEST_BYTES];
        let end = request.encode(&mut frame);
        frame[..end].to_vec()
    };
    assert_eq!(frames("request  "), expected.map(encode));
}

#[test]
fn answers_of_the_page_are_those_of_the_decoder() {
    let answer = |sequence, status, words, data| Answer {
        sequence,
        status,
        words,
        data,
    };
    let hello = status::HELLO | 1 << status::WINDOW_SHIFT | VERSION;
    let expected = [
        answer(0x2a, hello, 7, &[][..]),
        answer(7, status::DONE, 0, &[]),
        answer(8, status::DONE, 1, &[0x55, 0x66, 0x77, 0x88]),
    ];
    let found = frames("answer   ");
    assert_eq!(found.len(), expected.len());
    for (frame, expected) in found.iter().zip(expected) {
        assert_eq!(Answer::decode(frame), Found::Answer(expected, frame.len()));
    }
}
