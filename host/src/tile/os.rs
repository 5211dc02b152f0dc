//! Weight and bias gradients: each cell keeps its own sum while the pixels of all images stream by.
//!
//! Loop order: group of output blocks, chunk of input blocks and kernel taps (what the accumulators hold), tile of pixels. The chunk
//! comes out in the layout of the weights.

use super::axis::{forward, span, Axis, Range};
use super::boxes::{load, merge, store_dense};
use super::fit::{Product, Tiling};
use super::{pieces, Finish, Source, Tensor};
use crate::error::CompileError;
use crate::network::Extent;
use crate::schedule::Emitter;
use tandem_isa::command::{pad, phase, Command, Compute, Requant, Store, NO_SITE};

/// The gradients of one layer.
#[derive(Clone, Debug)]
pub struct Os<'a> {
    /// Name for errors.
    pub layer: &'a str,
    /// Images.
    pub n: usize,
    /// Layer input.
    pub source: Source,
    /// Error of the layer's full output.
    pub g: Tensor,
    /// Rows of the layer.
    pub y: Extent,
    /// Columns of the layer.
    pub x: Extent,
    /// Input channel blocks.
    pub ci_blocks: usize,
    /// Row groups.
    pub groups: usize,
    /// Products of a sum.
    pub terms: u32,
    /// Gradient of the weights: DDR address.
    pub d: u32,
    /// Gradient of the biases: DDR address.
    pub db: u32,
    /// Site and formats of the weights' gradient.
    pub finish: Finish,
    /// The same for the biases'.
    pub finish_bias: Finish,
}

/// What the accumulators hold at a time.
#[derive(Clone, Copy)]
struct Chunk {
    outs: Range,
    blocks: Range,
    ky: Range,
    kx: Range,
    /// With the bias gradient.
    bias: bool,
}

impl Chunk {
    fn taps(&self) -> (usize, usize, usize) {
        (
            self.blocks.1 - self.blocks.0,
            self.ky.1 - self.ky.0,
            self.kx.1 - self.kx.0,
        )
    }
    /// Words of an output block's sums, without the lanes past the last row group.
    fn words(&self, lanes: usize, used: usize) -> usize {
        let (b, y, x) = self.taps();
        (b * y * x - 1) * lanes + used
    }
}

impl Os<'_> {
    fn axes(&self) -> (Vec<Axis>, Vec<Axis>) {
        (forward(&self.y), forward(&self.x))
    }

    /// The tile sizes it will use.
    pub fn tiling(&self, e: &Emitter) -> Result<Tiling, CompileError> {
        let (y, x) = self.axes();
        Product {
            layer: self.layer,
            n: self.n,
            y: &y,
            x: &x,
            out: (self.g.h, self.g.w),
            out_blocks: self.g.blocks,
            blocks: self.ci_blocks,
            kernel: (self.y.kernel, self.x.kernel),
            groups: self.groups,
            operands: 0,
            pool: false,
            stationary_sums: true,
        }
        .fit(e.config(), |e, t, by| {
            self.displaced(by).chunks(e, t);
        })
    }

    /// Lanes of an input block that are summed.
    fn rows(&self, e: &Emitter) -> usize {
        (self.groups * e.config().rows).min(e.config().lanes)
    }

    /// The same gradients on tensors that stand `by` bytes further on.
    pub fn displaced(&self, by: u32) -> Self {
        Os {
            source: self.source.displaced(by),
            g: self.g.displaced(by),
            d: self.d.wrapping_add(by),
            db: self.db.wrapping_add(by),
            ..self.clone()
        }
    }

    /// Emits the commands.
    pub fn emit(&self, e: &mut Emitter) -> Result<(), CompileError> {
        let t = self.tiling(e)?;
        let (last, last_bias) = self.chunks(e, &t);
        for (last, finish) in [(last, &self.finish), (last_bias, &self.finish_bias)] {
            if let (Some(last), true) = (last, finish.end) {
                if let Command::Requant(c) = e.command_mut(last) {
                    c.flags |= Requant::END;
                }
            }
        }
        Ok(())
    }

    /// Emits the commands of every chunk; returns the last requantise of weights and of biases.
    fn chunks(&self, e: &mut Emitter, t: &Tiling) -> (Option<usize>, Option<usize>) {
        let (mut last, mut last_bias) = (None, None);
        for outs in pieces(self.g.blocks, t.outs, false) {
            let mut bias = true;
            for blocks in pieces(self.ci_blocks, t.blocks, false) {
                for ky in pieces(self.y.kernel, t.ky, false) {
                    for kx in pieces(self.x.kernel, t.kx, false) {
                        e.rest(false);
                        let chunk = Chunk {
                            outs,
                            blocks,
                            ky,
                            kx,
                            bias,
                        };
                        let (d, db) = self.chunk(e, t, chunk);
                        last = Some(d);
                        last_bias = db.or(last_bias);
                        bias = false;
                    }
                }
            }
        }
        (last, last_bias)
    }

    /// Sums one chunk over all pixels and finishes it.
    fn chunk(&self, e: &mut Emitter, t: &Tiling, chunk: Chunk) -> (usize, Option<usize>) {
        let lanes = e.config().lanes;
        let bank = e.pads.next_bank();
        // Each output block has its taps and, behind them, the word of its bias.
        let bias = chunk.words(lanes, self.rows(e));
        let stride = bias + 1;
        let mut first = true;
        for n in pieces(self.n, t.n, false) {
            for &rows in &pieces(self.g.h, t.h, false) {
                for &cols in &pieces(self.g.w, t.w, false) {
                    self.tile(e, chunk, (n, rows, cols), bank, stride, first);
                    e.interlude();
                    first = false;
                }
            }
        }
        let mut last = 0;
        for out in chunk.outs.0..chunk.outs.1 {
            last = self.finish_block(e, chunk, out, bank + (out - chunk.outs.0) * stride);
        }
        let bias = chunk
            .bias
            .then(|| self.finish_biases(e, chunk, bank + bias, stride));
        (last, bias)
    }

    fn tile(
        &self,
        e: &mut Emitter,
        chunk: Chunk,
        (n, rows, cols): (Range, Range, Range),
        bank: usize,
        stride: usize,
        first: bool,
    ) {
        let word = e.config().word_bytes();
        let (y, x) = self.axes();
        let (Some(in_rows), Some(in_cols)) = (span(&y, rows, chunk.ky), span(&x, cols, chunk.kx))
        else {
            return;
        };
        let a = e.operand(
            pad::A,
            &load(&self.source, word, n, chunk.blocks, in_rows, in_cols),
        );
        let (height, width) = (in_rows.1 - in_rows.0, in_cols.1 - in_cols.0);
        let (blocks, ky, kx) = chunk.taps();
        let range = |(a, b): Range| (a as isize, b as isize);
        for out in chunk.outs.0..chunk.outs.1 {
            let g = Source::Tensor(self.g);
            let b = e.operand(
                pad::B,
                &load(&g, word, n, (out, out + 1), range(rows), range(cols)),
            );
            let acc = bank + (out - chunk.outs.0) * stride;
            let mut flags = Compute::OUTPUT_STATIONARY;
            if !first {
                flags |= Compute::ACCUMULATE;
            }
            if chunk.bias {
                flags |= Compute::COLUMN_SUMS;
            }
            e.push(Compute {
                flags,
                phase: phase::DW,
                groups: self.groups as u8,
                a_base: a,
                b_base: b,
                acc_base: acc as u16,
                n: (n.1 - n.0) as u16,
                y: (rows.1 - rows.0) as u16,
                x: (cols.1 - cols.0) as u16,
                k2: blocks as u16,
                k1: ky as u16,
                k0: kx as u16,
                a_n: (blocks as isize * height * width) as i16,
                a_y: (self.y.stride as isize * width) as i16,
                a_x: self.x.stride as i16,
                a_k2: (height * width) as i16,
                a_k1: width as i16,
                a_k0: 1,
                terms: self.terms,
                ..Default::default()
            });
        }
    }

    fn finish_block(&self, e: &mut Emitter, chunk: Chunk, out: usize, acc: usize) -> usize {
        let (word, lanes) = (e.config().word_bytes(), e.config().lanes);
        // With few input channels only the first rows of a block hold sums; the words behind stay 0 in DDR.
        let rows = self.rows(e);
        let (blocks, ky, kx) = chunk.taps();
        let taps = blocks * ky * kx;
        let results = e.pads.results(pad::O, taps * rows);
        let last = e.push(Requant {
            src_base: acc as u16,
            src_y: lanes as i16,
            out_base: results,
            out_y: rows as i16,
            y: taps as u16,
            x: rows as u16,
            ..template(&self.finish)
        });
        if self.finish.store {
            let (kh, kw) = (self.y.kernel, self.x.kernel);
            let tap = ((out * self.ci_blocks + chunk.blocks.0) * kh + chunk.ky.0) * kw + chunk.kx.0;
            let bytes = |taps: usize| (taps * lanes * word) as u32;
            // Axes of the box: blocks, kernel rows, kernel columns, words; joined where nothing lies between.
            let mut store = Store {
                pad: pad::O,
                base: results,
                address: self.d + bytes(tap),
                n: blocks as u16,
                m: ky as u16,
                rows: kx as u16,
                width: rows as u16,
                n_stride: bytes(kh * kw),
                m_stride: bytes(kw),
                row_stride: bytes(1),
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
            e.store(store);
        }
        last
    }

    fn finish_biases(&self, e: &mut Emitter, chunk: Chunk, first: usize, stride: usize) -> usize {
        let word = e.config().word_bytes();
        let count = chunk.outs.1 - chunk.outs.0;
        let results = e.pads.results(pad::O, count);
        let last = e.push(Requant {
            src_base: first as u16,
            src_x: stride as i16,
            out_base: results,
            x: count as u16,
            ..template(&self.finish_bias)
        });
        if self.finish_bias.store {
            let address = self.db + (chunk.outs.0 * word) as u32;
            e.store(store_dense(pad::O, results, address, count));
        }
        last
    }
}

fn template(f: &Finish) -> Requant {
    Requant {
        flags: if f.freeze { Requant::FREEZE } else { 0 },
        site: f.site,
        site_a: f.site_a,
        site_b: f.site_b,
        f: f.f,
        wide: f.wide.into(),
        skip_site: NO_SITE,
        n: 1,
        y: 1,
        src_x: 1,
        out_x: 1,
        ..Default::default()
    }
}
