//! The end of a weight-stationary tile: bias, ReLU, mask, requantise, pool, store.

use super::axis::Range;
use super::boxes::{dense, load, zeros};
use super::ws::{Part, Tile, Ws};
use super::Source;
use crate::schedule::{Emitter, Fill};
use tandem_isa::command::{pad, Requant, NO_SITE};

impl Ws<'_> {
    /// Requantises a tile and stores it.
    pub(super) fn results(
        &self,
        e: &mut Emitter,
        outs: Range,
        tile: Tile,
        parts: &[Part],
        bank: usize,
    ) -> usize {
        let word = e.config().word_bytes();
        let count = outs.1 - outs.0;
        let (height, width) = (tile.height(), tile.width());
        let plane = height * width;
        let pixels = tile.images() * plane;
        let pooled = self.pooled.is_some();
        let (oh, ow) = if pooled {
            (height / 2, width / 2)
        } else {
            (height, width)
        };
        let words = tile.images() * count * oh * ow;
        let mut fills: Vec<Vec<Fill>> = Vec::new();
        let mut want = |f: Vec<Fill>| {
            fills.push(f);
            fills.len() - 1
        };
        let bias = self
            .bias
            .map(|b| want(vec![dense(b, self.co_blocks).into()]));
        let mask = self.mask.map(|m| {
            let range = |(a, b): Range| (a as isize, b as isize);
            want(load(
                &Source::Tensor(m),
                word,
                tile.n,
                outs,
                range(tile.rows),
                range(tile.cols),
            ))
        });
        let zero = parts
            .iter()
            .any(|p| !p.has_taps())
            .then(|| want(vec![zeros(1)]));
        let refs: Vec<&[Fill]> = fills.iter().map(Vec::as_slice).collect();
        let bases = e.operands(pad::V, &refs);
        let base = |i: Option<usize>| i.map_or(0, |i| bases[i]);
        let results = e.pads.results(pad::O, words * if pooled { 2 } else { 1 });
        let index = results + if pooled { words as u16 } else { 0 };
        let template = self.template(bias.is_some(), mask.is_some(), pooled);
        let mut last = 0;
        for out in 0..count {
            let block = (out * oh * ow) as u16;
            let common = Requant {
                n: tile.images() as u16,
                out_n: (count * oh * ow) as i16,
                out_y: ow as i16,
                out_x: 1,
                bias_base: base(bias)
                    + if bias.is_some() {
                        (outs.0 + out) as u16
                    } else {
                        0
                    },
                ..template
            };
            if one_each(parts, tile) {
                last = e.push(Requant {
                    src_base: (bank + out * pixels) as u16,
                    out_base: results + block,
                    v_base: if mask.is_some() {
                        base(mask) + block
                    } else {
                        0
                    },
                    y: height as u16,
                    x: width as u16,
                    src_n: 1,
                    src_y: (width * tile.images()) as i16,
                    src_x: tile.images() as i16,
                    ..common
                });
                continue;
            }
            for p in parts {
                let (ty, tx) = p.size();
                let row = p.y.first + p.rows.0 * p.y.step - tile.rows.0;
                let col = p.x.first + p.cols.0 * p.x.step - tile.cols.0;
                let offset = block + (row * ow + col) as u16;
                let mut c = Requant {
                    src_base: (bank + out * pixels + p.acc) as u16,
                    out_base: results + offset,
                    index_base: if pooled { index + offset } else { 0 },
                    v_base: if mask.is_some() {
                        base(mask) + offset
                    } else {
                        0
                    },
                    y: ty as u16,
                    x: tx as u16,
                    src_n: (ty * tx) as i16,
                    src_y: tx as i16,
                    src_x: 1,
                    out_y: (p.y.step * ow) as i16,
                    out_x: p.x.step as i16,
                    ..common
                };
                if !p.has_taps() {
                    // No product reaches these outputs: one zero word, read for every pixel.
                    c.flags |= Requant::FROM_V;
                    c.src_base = base(zero);
                    (c.src_n, c.src_y, c.src_x) = (0, 0, 0);
                }
                last = e.push(c);
            }
        }
        if self.finish.store && words > 0 {
            let rows = (tile.rows.0, tile.rows.1);
            let halved = |(a, _): Range, size: usize| (a / 2, a / 2 + size);
            match self.pooled {
                None => {
                    e.store(
                        self.out
                            .store(word, pad::O, results, [tile.n, outs, rows, tile.cols]),
                    );
                }
                Some((y, i)) => {
                    let range = [tile.n, outs, halved(rows, oh), halved(tile.cols, ow)];
                    e.store(y.store(word, pad::O, results, range));
                    if let Some(i) = i {
                        e.store(i.store(word, pad::O, index, range));
                    }
                }
            }
        }
        last
    }

    fn template(&self, bias: bool, mask: bool, pool: bool) -> Requant {
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let f = &self.finish;
        Requant {
            flags: flag(bias, Requant::BIAS)
                | flag(mask, Requant::MASK)
                | flag(pool, Requant::POOL)
                | flag(self.relu, Requant::RELU)
                | flag(f.freeze, Requant::FREEZE),
            site: f.site,
            site_a: f.site_a,
            site_b: f.site_b,
            f: f.f,
            skip_site: NO_SITE,
            ..Default::default()
        }
    }
}

/// Whether every class has one output of the tile, in raster order, each with a tap: then one requantise does for all.
fn one_each(parts: &[Part], tile: Tile) -> bool {
    parts.len() > 1
        && parts.len() == tile.height() * tile.width()
        && parts.iter().enumerate().all(|(i, p)| {
            let row = p.y.first + p.rows.0 * p.y.step - tile.rows.0;
            let col = p.x.first + p.cols.0 * p.x.step - tile.cols.0;
            p.has_taps() && row * tile.width() + col == i
        })
}
