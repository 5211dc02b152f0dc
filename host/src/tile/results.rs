//! The end of a weight-stationary tile: bias, skip, ReLU, mask, requantise, pool, store.

use super::axis::Range;
use super::boxes::{load, zeros};
use super::ws::{Part, Tile, Ws};
use super::{Source, Tensor};
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
        let bias = self.biases().map(|b| want(vec![b]));
        let range = |(a, b): Range| (a as isize, b as isize);
        let mut like_result = |t: Tensor| {
            let (rows, cols) = (range(tile.rows), range(tile.cols));
            want(load(&Source::Tensor(t), word, tile.n, outs, rows, cols))
        };
        let mask = self.mask.map(&mut like_result);
        let skip = self.skip.map(|s| like_result(s.tensor));
        let zero = parts
            .iter()
            .any(|p| !p.has_taps())
            .then(|| want(vec![zeros(1)]));
        let refs: Vec<&[Fill]> = fills.iter().map(Vec::as_slice).collect();
        let bases = e.operands(pad::V, &refs);
        let results = e.pads.results(pad::O, words * if pooled { 2 } else { 1 });
        let index = results + if pooled { words as u16 } else { 0 };
        let operand = |i: Option<usize>, offset: u16| i.map_or(0, |i| bases[i] + offset);
        let template = self.template();
        let mut last = 0;
        for out in 0..count {
            let block = (out * oh * ow) as u16;
            let common = Requant {
                n: tile.images() as u16,
                out_n: (count * oh * ow) as i16,
                out_y: ow as i16,
                out_x: 1,
                bias_base: operand(bias, (outs.0 + out) as u16),
                ..template
            };
            if one_each(parts, tile) {
                last = e.push(Requant {
                    src_base: (bank + out * pixels) as u16,
                    out_base: results + block,
                    v_base: operand(mask, block),
                    skip_base: operand(skip, block),
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
                    v_base: operand(mask, offset),
                    skip_base: operand(skip, offset),
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
                    c.src_base = operand(zero, 0);
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

    fn template(&self) -> Requant {
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let f = &self.finish;
        Requant {
            flags: flag(self.bias.is_some(), Requant::BIAS)
                | flag(self.skip.is_some(), Requant::SKIP)
                | flag(self.mask.is_some(), Requant::MASK)
                | flag(self.pooled.is_some(), Requant::POOL)
                | flag(self.relu, Requant::RELU)
                | flag(f.freeze, Requant::FREEZE),
            site: f.site,
            site_a: f.site_a,
            site_b: f.site_b,
            f: f.f,
            skip_site: self.skip.map_or(NO_SITE, |s| s.site),
            skip_f: self.skip.map_or(0, |s| s.f),
            wide: f.wide.into(),
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
