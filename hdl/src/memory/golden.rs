//! Golden functions of the units: what a box reads and writes, as plain lists. For tests, and as the short form of
//! what the units do; the commands themselves are defined in `tandem_isa::command`.
use super::burst::{bursts, MAX_BEATS};

/// A box of words in DDR, as load and store commands have it.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // Named after the fields of the commands.
pub struct Area {
    pub address: u32,
    pub n: u32,
    pub m: u32,
    pub rows: u32,
    pub width: u32,
    pub n_stride: u32,
    pub m_stride: u32,
    pub row_stride: u32,
}

impl Area {
    /// Address of every row, in order.
    pub fn rows(&self) -> Vec<u32> {
        let mut all = Vec::new();
        for n in 0..self.n {
            for m in 0..self.m {
                for row in 0..self.rows {
                    let at = n.wrapping_mul(self.n_stride);
                    let at = at.wrapping_add(m.wrapping_mul(self.m_stride));
                    let at = at.wrapping_add(row.wrapping_mul(self.row_stride));
                    all.push(self.address.wrapping_add(at));
                }
            }
        }
        all
    }

    /// Address of every word of `lanes` lanes, in order.
    pub fn words(&self, lanes: u32) -> Vec<u32> {
        let word = |row: u32| (0..self.width).map(move |col| row.wrapping_add(col * lanes * 2));
        self.rows().into_iter().flat_map(word).collect()
    }

    /// The requests (address, beats) made for it.
    pub fn requests(&self, lanes: u32) -> Vec<(u32, u32)> {
        let beats = self.width * lanes / 4;
        let mut all: Vec<(u32, u32)> = Vec::new();
        for row in self.rows() {
            match all.last_mut() {
                Some((at, n)) if at.wrapping_add(*n * 8) == row && *n < MAX_BEATS => *n += beats,
                _ => all.push((row, beats)),
            }
        }
        all
    }

    /// The bursts (address, beats) made for it.
    pub fn bursts(&self, lanes: u32) -> Vec<(u32, u32)> {
        let requests = self.requests(lanes).into_iter();
        requests.flat_map(|(at, n)| bursts(at, n)).collect()
    }
}

/// Zeros around a box: top, bottom, left, right.
pub type Border = (u32, u32, u32, u32);

/// Where each word of a padded box comes from, in the order of the pad: an address, or zeros.
pub fn padded(area: &Area, border: Border, lanes: u32) -> Vec<Option<u32>> {
    let (top, bottom, left, right) = border;
    let mut words = area.words(lanes).into_iter();
    let mut all = Vec::new();
    for _ in 0..area.n * area.m {
        for row in 0..top + area.rows + bottom {
            let inside = (top..top + area.rows).contains(&row);
            for col in 0..left + area.width + right {
                let inside = inside && (left..left + area.width).contains(&col);
                all.push(if inside { words.next() } else { None });
            }
        }
    }
    all
}
