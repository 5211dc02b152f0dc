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
