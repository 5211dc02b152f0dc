//! Loads and stores of a box of a tensor, as few and as long as they can be.

use super::axis::Range;
use super::{Source, Tensor};
use crate::schedule::Fill;
use tandem_isa::command::{Load, Store};

impl Tensor {
    /// Bytes of one image.
    pub const fn image_bytes(&self, word: usize) -> u32 {
        (self.blocks * self.h * self.w * word) as u32
    }

    const fn plane_bytes(&self, word: usize) -> u32 {
        (self.h * self.w * word) as u32
    }

    const fn at(&self, word: usize, n: usize, block: usize, y: usize, x: usize) -> u32 {
        self.address + ((((n * self.blocks + block) * self.h + y) * self.w + x) * word) as u32
    }

    /// Stores the box from dense words at `base`; axes: images, blocks, rows, columns.
    pub fn store(&self, word: usize, pad: u8, base: u16, b: [Range; 4]) -> Store {
        let mut store = Store {
            pad,
            base,
            address: self.at(word, b[0].0, b[1].0, b[2].0, b[3].0),
            n: count(b[0]),
            m: count(b[1]),
            rows: count(b[2]),
            width: count(b[3]),
            n_stride: self.image_bytes(word),
            m_stride: self.plane_bytes(word),
            row_stride: (self.w * word) as u32,
            ..Default::default()
        };
        let s = &mut store;
        merge(
            word,
            (&mut s.n, s.n_stride),
            (&mut s.m, s.m_stride),
            (&mut s.rows, s.row_stride),
            &mut s.width,
        );
        store
    }
}

fn count(r: Range) -> u16 {
    (r.1 - r.0) as u16
}

/// Joins dimensions that follow each other without a gap into longer rows.
pub(super) fn merge(
    word: usize,
    n: (&mut u16, u32),
    m: (&mut u16, u32),
    rows: (&mut u16, u32),
    width: &mut u16,
) {
    for (count, stride) in [rows, m, n] {
        let joined = u32::from(*count) * u32::from(*width);
        if *count > 1 && (stride != u32::from(*width) * word as u32 || joined > 65535) {
            break;
        }
        *width = joined as u16;
        *count = 1;
    }
}

/// The loads of a box that lands as dense words (images, blocks, rows, columns); rows and columns may pass the tensor's ends,
/// where they are zero.
pub fn load(
    source: &Source,
    word: usize,
    images: Range,
    blocks: Range,
    rows: (isize, isize),
    cols: (isize, isize),
) -> Vec<Fill> {
    let t = source.tensor();
    let clip = |(lo, hi): (isize, isize), size: usize| {
        let a = lo.clamp(0, size as isize);
        let b = hi.clamp(a, size as isize);
        (a as usize, b as usize, (a - lo) as u8, (hi - b) as u8)
    };
    let (r0, r1, top, bottom) = clip(rows, t.h);
    let (c0, c1, left, right) = clip(cols, t.w);
    let (height, width) = ((rows.1 - rows.0) as usize, (cols.1 - cols.0) as usize);
    if r0 >= r1 || c0 >= c1 {
        return vec![zeros(
            (images.1 - images.0) * (blocks.1 - blocks.0) * height * width,
        )];
    }
    let plain = |n: u16, address| {
        let mut load = Load {
            top,
            bottom,
            left,
            right,
            address,
            n,
            m: count(blocks),
            rows: (r1 - r0) as u16,
            width: (c1 - c0) as u16,
            n_stride: t.image_bytes(word),
            m_stride: t.plane_bytes(word),
            row_stride: (t.w * word) as u32,
            ..Default::default()
        };
        if (top, bottom, left, right) == (0, 0, 0, 0) {
            let l = &mut load;
            merge(
                word,
                (&mut l.n, l.n_stride),
                (&mut l.m, l.m_stride),
                (&mut l.rows, l.row_stride),
                &mut l.width,
            );
        }
        load
    };
    match source {
        Source::Tensor(_) => {
            vec![plain(count(images), t.at(word, images.0, blocks.0, r0, c0)).into()]
        }
        Source::Images(_) => (images.0..images.1)
            .map(|image| {
                let mut load = plain(1, t.at(word, 0, blocks.0, r0, c0));
                load.base = ((image - images.0) * (blocks.1 - blocks.0) * height * width) as u16;
                Fill {
                    load,
                    image: Some(image),
                }
            })
            .collect(),
    }
}

/// Zero words.
pub fn zeros(words: usize) -> Fill {
    Load {
        top: 1,
        n: 1,
        m: 1,
        width: words as u16,
        ..Default::default()
    }
    .into()
}

/// Dense words from an address.
pub fn dense(address: u32, words: usize) -> Load {
    Load {
        address,
        n: 1,
        m: 1,
        rows: 1,
        width: words as u16,
        ..Default::default()
    }
}

/// Dense words to an address.
pub fn store_dense(pad: u8, base: u16, address: u32, words: usize) -> Store {
    Store {
        pad,
        base,
        address,
        n: 1,
        m: 1,
        rows: 1,
        width: words as u16,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Tensor = Tensor {
        address: 1024,
        blocks: 2,
        h: 5,
        w: 4,
    };

    #[test]
    fn whole_tensors_become_one_row_and_padding_keeps_its_shape() {
        let whole = load(&Source::Tensor(T), 8, (0, 3), (0, 2), (0, 5), (0, 4));
        let l = whole[0].load;
        assert_eq!((l.n, l.m, l.rows, l.width, l.address), (1, 1, 1, 120, 1024));
        let part = load(&Source::Tensor(T), 8, (1, 3), (0, 1), (-1, 3), (-2, 5));
        let l = part[0].load;
        assert_eq!((l.top, l.bottom, l.left, l.right), (1, 0, 2, 1));
        assert_eq!(
            (l.n, l.m, l.rows, l.width, l.address),
            (2, 1, 3, 4, 1024 + 40 * 8)
        );
        let s = T.store(8, 0, 7, [(0, 2), (1, 2), (0, 5), (0, 4)]);
        assert_eq!(
            (s.n, s.m, s.rows, s.width, s.address),
            (2, 1, 1, 20, 1024 + 20 * 8)
        );
        let outside = load(&Source::Tensor(T), 8, (0, 2), (0, 1), (-3, 0), (0, 4));
        assert_eq!((outside[0].load.rows, outside[0].load.width), (0, 24));
    }
}
