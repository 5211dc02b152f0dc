//! DDR as the model sees it: an image, the windows of a context, and the boxes that Load and Store move.

use super::pads::Pad;
use super::Fault;
use tandem_isa::command::{Load, Store};
use tandem_isa::{register, Config, ErrorCode};

/// A granted window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// First byte.
    pub base: u32,
    /// First byte after it.
    pub end: u32,
    /// Permission bits.
    pub permissions: u32,
}

/// Longest burst of the bus master, in bytes, and the boundary none crosses.
const BURST_BYTES: u64 = 64 * 8;
const PAGE: u64 = 4096;

/// Refuses the first burst of `[address, address + bytes)` that is not whole inside one window with `permission`.
pub fn granted(
    windows: &[Window],
    permission: u32,
    address: u64,
    bytes: u64,
    code: ErrorCode,
) -> Result<(), Fault> {
    let end = address + bytes;
    let grants = |from: u64, to: u64| {
        windows
            .iter()
            .any(|w| w.permissions & permission != 0 && w.base as u64 <= from && to <= w.end as u64)
    };
    if grants(address, end) {
        return Ok(()); // and so every burst is inside
    }
    let mut at = address;
    while at < end {
        let stop = end.min(at + BURST_BYTES).min((at / PAGE + 1) * PAGE);
        if !grants(at, stop) {
            return Err(Fault {
                code,
                value: at as u32,
            });
        }
        at = stop;
    }
    Ok(())
}

/// A box in DDR: rows of contiguous words.
struct Rows {
    address: u32,
    n: u16,
    m: u16,
    rows: u16,
    n_stride: u32,
    m_stride: u32,
    row_stride: u32,
}

impl Rows {
    fn row(&self, n: u16, m: u16, row: u16) -> u64 {
        self.address
            .wrapping_add((n as u32).wrapping_mul(self.n_stride))
            .wrapping_add((m as u32).wrapping_mul(self.m_stride))
            .wrapping_add((row as u32).wrapping_mul(self.row_stride)) as u64
    }
}

/// Runs one Load command.
pub fn load(
    config: &Config,
    c: &Load,
    memory: &[u8],
    windows: &[Window],
    pad: &mut Pad,
) -> Result<(), Fault> {
    let bytes = c.width as usize * config.word_bytes();
    let rows = Rows {
        address: c.address,
        n: c.n,
        m: c.m,
        rows: c.rows,
        n_stride: c.n_stride,
        m_stride: c.m_stride,
        row_stride: c.row_stride,
    };
    let mut at = c.base as usize;
    let zeros = |count: usize, at: &mut usize, pad: &mut Pad| {
        pad.zero(*at, count);
        *at += count;
    };
    let across = c.left as usize + c.width as usize + c.right as usize;
    for n in 0..rows.n {
        for m in 0..rows.m {
            zeros(c.top as usize * across, &mut at, pad);
            for row in 0..rows.rows {
                zeros(c.left.into(), &mut at, pad);
                let address = rows.row(n, m, row);
                granted(
                    windows,
                    register::WINDOW_READ,
                    address,
                    bytes as u64,
                    ErrorCode::ReadWindow,
                )?;
                let Some(data) = memory.get(address as usize..address as usize + bytes) else {
                    return Err(Fault {
                        code: ErrorCode::ReadResponse,
                        value: address as u32,
                    });
                };
                if c.flags & Load::SKEW != 0 {
                    pad.write_skewed(at, data);
                } else {
                    pad.write(at, data);
                }
                at += c.width as usize;
                zeros(c.right.into(), &mut at, pad);
            }
            zeros(c.bottom as usize * across, &mut at, pad);
        }
    }
    Ok(())
}

/// Runs one Store command.
pub fn store(
    config: &Config,
    c: &Store,
    memory: &mut [u8],
    windows: &[Window],
    pad: &Pad,
) -> Result<(), Fault> {
    let bytes = c.width as usize * config.word_bytes();
    let rows = Rows {
        address: c.address,
        n: c.n,
        m: c.m,
        rows: c.rows,
        n_stride: c.n_stride,
        m_stride: c.m_stride,
        row_stride: c.row_stride,
    };
    let mut at = c.base as usize;
    for n in 0..rows.n {
        for m in 0..rows.m {
            for row in 0..rows.rows {
                let address = rows.row(n, m, row);
                granted(
                    windows,
                    register::WINDOW_WRITE,
                    address,
                    bytes as u64,
                    ErrorCode::WriteWindow,
                )?;
                let Some(data) = memory.get_mut(address as usize..address as usize + bytes) else {
                    return Err(Fault {
                        code: ErrorCode::WriteResponse,
                        value: address as u32,
                    });
                };
                pad.read(at, data);
                at += c.width as usize;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random::Random;
    use tandem_isa::config::ALL;

    const MEMORY: usize = 1 << 14;

    /// One window that grants everything.
    const ALL_OF_IT: [Window; 1] = [Window {
        base: 0,
        end: MEMORY as u32,
        permissions: register::WINDOW_READ | register::WINDOW_WRITE,
    }];

    fn bytes(r: &mut Random) -> Vec<u8> {
        (0..MEMORY).map(|_| r.below(256) as u8).collect()
    }

    /// Address of lane `l` of word (n, m, row, col).
    fn lane(config: &Config, c: &Load, at: [u16; 4], l: usize) -> usize {
        let strides = [
            c.n_stride as usize,
            c.m_stride as usize,
            c.row_stride as usize,
            config.word_bytes(),
        ];
        let word = c.address as usize + (0..4).map(|i| at[i] as usize * strides[i]).sum::<usize>();
        word + 2 * l
    }

    /// A random box, with zeros around it.
    fn random_box(config: &Config, r: &mut Random) -> Load {
        let word = config.word_bytes() as u32;
        let width = 1 + r.below(6) as u32;
        let row_stride = (width + r.below(3) as u32) * word;
        let m_stride = row_stride * 5;
        Load {
            flags: r.below(2) as u8 * Load::SKEW,
            top: r.below(3) as u8,
            bottom: r.below(3) as u8,
            left: r.below(3) as u8,
            right: r.below(3) as u8,
            base: r.below(32768) as u16,
            address: 8 * r.below(64) as u32,
            n: 1 + r.below(2) as u16,
            m: 1 + r.below(2) as u16,
            rows: 1 + r.below(4) as u16,
            width: width as u16,
            n_stride: m_stride * 2,
            m_stride,
            row_stride,
            ..Default::default()
        }
    }

    #[test]
    fn load_does_what_the_text_says() {
        let mut r = Random(5);
        for round in 0..400 {
            let config = &ALL[round % ALL.len()];
            let (l, memory) = (config.lanes, bytes(&mut r));
            // A small pad, so that boxes wrap, some of them more than once.
            let depth = 64;
            let mut found = Pad::new(depth, l);
            (0..depth).for_each(|w| found.word_mut(w).fill(7));
            let mut expected = found.clone();
            let c = random_box(config, &mut r);
            let mut at = c.base as usize;
            let (top, left) = (u16::from(c.top), u16::from(c.left));
            for n in 0..c.n {
                for m in 0..c.m {
                    for row in 0..top + c.rows + u16::from(c.bottom) {
                        for col in 0..left + c.width + u16::from(c.right) {
                            let inside = (top..top + c.rows).contains(&row)
                                && (left..left + c.width).contains(&col);
                            for i in 0..l {
                                let mut value = 0;
                                if inside {
                                    let b = lane(config, &c, [n, m, row - top, col - left], i);
                                    value = i16::from_le_bytes([memory[b], memory[b + 1]]);
                                }
                                let bank = match c.flags {
                                    Load::SKEW => (i + at) % l,
                                    _ => i,
                                };
                                expected.word_mut(at)[bank] = value;
                            }
                            at += 1;
                        }
                    }
                }
            }
            assert_eq!(load(config, &c, &memory, &ALL_OF_IT, &mut found), Ok(()));
            for w in 0..depth {
                assert_eq!(found.word(w), expected.word(w), "word {w}, {c:?}");
            }
        }
    }

    #[test]
    fn store_does_what_the_text_says() {
        let mut r = Random(6);
        for round in 0..400 {
            let config = &ALL[round % ALL.len()];
            let mut pad = Pad::new(64, config.lanes);
            (0..64).for_each(|w| pad.word_mut(w).iter_mut().for_each(|v| *v = r.word()));
            let b = random_box(config, &mut r);
            let c = Store {
                base: b.base,
                address: b.address,
                n: b.n,
                m: b.m,
                rows: b.rows,
                width: b.width,
                n_stride: b.n_stride,
                m_stride: b.m_stride,
                row_stride: b.row_stride,
                ..Default::default()
            };
            let mut found = bytes(&mut r);
            let mut expected = found.clone();
            let mut word = c.base as usize;
            for n in 0..c.n {
                for m in 0..c.m {
                    for row in 0..c.rows {
                        for col in 0..c.width {
                            for (i, v) in pad.word(word).iter().enumerate() {
                                let at = lane(config, &b, [n, m, row, col], i);
                                expected[at..at + 2].copy_from_slice(&v.to_le_bytes());
                            }
                            word += 1;
                        }
                    }
                }
            }
            assert_eq!(store(config, &c, &mut found, &ALL_OF_IT, &pad), Ok(()));
            assert!(found == expected, "{c:?}");
        }
    }

    #[test]
    fn the_first_burst_outside_the_windows_is_refused() {
        let mut r = Random(7);
        let mut refusals = 0;
        for _ in 0..2000 {
            let windows: Vec<Window> = (0..3)
                .map(|_| {
                    let base = 8 * r.below(1000) as u32;
                    Window {
                        base,
                        end: base + 8 * r.below(1500) as u32,
                        permissions: r.below(4) as u32,
                    }
                })
                .collect();
            let (address, length) = (8 * r.below(1500), 8 * (1 + r.below(400)));
            // Burst by burst, and every byte of a burst in one window.
            let mut first = None;
            let mut at = address;
            while at < address + length && first.is_none() {
                let mut stop = at + 1;
                while stop < address + length && stop - at < 512 && stop % 4096 != 0 {
                    stop += 1;
                }
                let inside = windows.iter().any(|w| {
                    let bytes = u64::from(w.base)..u64::from(w.end);
                    w.permissions & register::WINDOW_READ != 0
                        && (at..stop).all(|b| bytes.contains(&b))
                });
                first = (!inside).then_some(at as u32);
                at = stop;
            }
            let code = ErrorCode::ReadWindow;
            let found = granted(&windows, register::WINDOW_READ, address, length, code);
            assert_eq!(found.err().map(|f| f.value), first);
            refusals += u32::from(first.is_some());
        }
        assert!(refusals > 200 && refusals < 1990, "{refusals}");
    }
}
