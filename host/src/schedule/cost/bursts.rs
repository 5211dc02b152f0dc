//! The bursts that a load or a store makes of its box: rows that follow one another are joined, and every burst ends at the next
//! boundary.

use std::collections::VecDeque;
use tandem_isa::command::{Load, Store};
use tandem_isa::Config;

/// Bytes of a burst at most, and the boundary it ends at.
const BURST_BYTES: u64 = 512;
/// Bursts of a box, in order.
pub(super) struct Bursts {
    /// Address and beats of each.
    pub(super) bursts: VecDeque<(u64, u64)>,
}

impl Bursts {
    fn new(
        address: u32,
        counts: [u16; 3],
        strides: [u32; 3],
        width: u16,
        word_bytes: usize,
    ) -> Self {
        let bytes = u64::from(width) * word_bytes as u64;
        let mut bursts = VecDeque::new();
        let mut pending: Option<(u64, u64)> = None;
        let mut cut = |(mut at, end): (u64, u64)| {
            while at < end {
                let stop = end.min((at / BURST_BYTES + 1) * BURST_BYTES);
                bursts.push_back((at, (stop - at) / 8));
                at = stop;
            }
        };
        for n in 0..u64::from(counts[0]) {
            for m in 0..u64::from(counts[1]) {
                for row in 0..u64::from(counts[2]) {
                    let at = u64::from(address)
                        + n * u64::from(strides[0])
                        + m * u64::from(strides[1])
                        + row * u64::from(strides[2]);
                    // Rows that follow one another are one request, as long as it is shorter than a burst.
                    match &mut pending {
                        Some((from, end)) if *end == at && *end - *from < BURST_BYTES => {
                            *end += bytes;
                        }
                        _ => {
                            if let Some(request) = pending.replace((at, at + bytes)) {
                                cut(request);
                            }
                        }
                    }
                }
            }
        }
        if let Some(request) = pending {
            cut(request);
        }
        Self { bursts }
    }

    pub(super) fn of_load(config: &Config, c: &Load) -> Self {
        Self::new(
            c.address,
            [c.n, c.m, c.rows],
            [c.n_stride, c.m_stride, c.row_stride],
            c.width,
            config.word_bytes(),
        )
    }

    pub(super) fn of_store(config: &Config, c: &Store) -> Self {
        Self::new(
            c.address,
            [c.n, c.m, c.rows],
            [c.n_stride, c.m_stride, c.row_stride],
            c.width,
            config.word_bytes(),
        )
    }
}
