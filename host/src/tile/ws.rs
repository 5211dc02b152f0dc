//! Forward and input gradient: weights in the cells, pixels stream by, partial sums in the accumulators.
//!
//! Loop order: group of output blocks, tile of pixels, chunk of operand blocks and kernel taps, output block. The weights of a group
//! stay in pad B over its tiles when they fit; a tile's operands are loaded once for the whole group.

use super::axis::{span, taps, Axis, Range};
use super::boxes::{dense, load, merge};
use super::fit::{Product, Tiling};
use super::{pieces, Finish, Skip, Source, Tensor};
use crate::error::CompileError;
use crate::schedule::{Emitter, Fill};
use tandem_isa::command::{pad, Command, Compute, Load, Requant};

/// One product with its finish.
#[derive(Clone, Debug)]
pub struct Ws<'a> {
    /// Name for errors.
    pub layer: &'a str,
    /// Images.
    pub n: usize,
    /// Row operands.
    pub source: Source,
    /// Rows.
    pub y: Vec<Axis>,
    /// Columns.
    pub x: Vec<Axis>,
    /// Weights: DDR address.
    pub weights: u32,
    /// Every tap of every channel block has the one block of weights.
    pub one_block: bool,
    /// Weights: output channel blocks.
    pub co_blocks: usize,
    /// Weights: input channel blocks.
    pub ci_blocks: usize,
    /// Weights: kernel rows, columns.
    pub kernel: (usize, usize),
    /// Sum over output channels (input gradient).
    pub transpose: bool,
    /// Result before a pool.
    pub out: Tensor,
    /// Result after the pool, and its indices if they are wanted.
    pub pooled: Option<(Tensor, Option<Tensor>)>,
    /// Bias: DDR address.
    pub bias: Option<u32>,
    /// Tensor shaped like the result; where it is not positive the result is 0.
    pub mask: Option<Tensor>,
    /// Added before ReLU and mask.
    pub skip: Option<Skip>,
    /// With ReLU.
    pub relu: bool,
    /// What its cycles are counted as.
    pub phase: u8,
    /// Row groups.
    pub groups: usize,
    /// Products of a sum.
    pub terms: u32,
    /// Site and formats.
    pub finish: Finish,
}

/// One class of outputs in a tile.
pub(super) struct Part<'a> {
    pub(super) y: &'a Axis,
    pub(super) x: &'a Axis,
    pub(super) rows: Range,
    pub(super) cols: Range,
    /// First accumulator word within the output block.
    pub(super) acc: usize,
}

impl Part<'_> {
    pub(super) fn size(&self) -> (usize, usize) {
        (self.rows.1 - self.rows.0, self.cols.1 - self.cols.0)
    }
    pub(super) fn has_taps(&self) -> bool {
        self.y.taps > 0 && self.x.taps > 0
    }
}

/// Output range of a tile.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub(super) n: Range,
    pub(super) rows: Range,
    pub(super) cols: Range,
}

impl Tile {
    pub(super) fn images(&self) -> usize {
        self.n.1 - self.n.0
    }
    pub(super) fn height(&self) -> usize {
        self.rows.1 - self.rows.0
    }
    pub(super) fn width(&self) -> usize {
        self.cols.1 - self.cols.0
    }
}

/// A box of operand blocks and kernel taps.
#[derive(Clone, Copy)]
struct Chunk {
    blocks: Range,
    ky: Range,
    kx: Range,
}

impl Chunk {
    /// Kernel taps.
    fn taps(&self) -> usize {
        (self.ky.1 - self.ky.0) * (self.kx.1 - self.kx.0)
    }
}

impl Ws<'_> {
    /// The tile sizes it will use.
    pub fn tiling(&self, e: &Emitter) -> Result<Tiling, CompileError> {
        let (out_blocks, blocks) = self.block_counts();
        Product {
            layer: self.layer,
            n: self.n,
            y: &self.y,
            x: &self.x,
            out: (self.out.h, self.out.w),
            out_blocks,
            blocks,
            kernel: self.kernel,
            groups: self.groups,
            operands: usize::from(self.mask.is_some()) + usize::from(self.skip.is_some()),
            pool: self.pooled.is_some(),
            stationary_sums: false,
        }
        .fit(e.config(), |e, t, by| {
            self.displaced(by).tiles(e, t);
        })
    }

    fn block_counts(&self) -> (usize, usize) {
        if self.transpose {
            (self.ci_blocks, self.co_blocks)
        } else {
            (self.co_blocks, self.ci_blocks)
        }
    }

    /// The same product on tensors that stand `by` bytes further on.
    pub fn displaced(&self, by: u32) -> Self {
        Ws {
            source: self.source.displaced(by),
            weights: self.weights.wrapping_add(by),
            out: self.out.displaced(by),
            pooled: self
                .pooled
                .map(|(y, i)| (y.displaced(by), i.map(|i| i.displaced(by)))),
            bias: self.bias.map(|b| b.wrapping_add(by)),
            mask: self.mask.map(|m| m.displaced(by)),
            skip: self.skip.map(|s| Skip {
                tensor: s.tensor.displaced(by),
                ..s
            }),
            ..self.clone()
        }
    }

    /// Emits the commands.
    pub fn emit(&self, e: &mut Emitter) -> Result<(), CompileError> {
        let t = self.tiling(e)?;
        if let (Some(last), true) = (self.tiles(e, &t), self.finish.end) {
            if let Command::Requant(c) = e.command_mut(last) {
                c.flags |= Requant::END;
            }
        }
        Ok(())
    }

    /// Emits the commands of every tile; returns the last requantise.
    fn tiles(&self, e: &mut Emitter, t: &Tiling) -> Option<usize> {
        let (out_blocks, _) = self.block_counts();
        let even = self.pooled.is_some();
        let mut last = None;
        for outs in pieces(out_blocks, t.outs, false) {
            for n in pieces(self.n, t.n, false) {
                for &rows in &pieces(self.out.h, t.h, even) {
                    for &cols in &pieces(self.out.w, t.w, even) {
                        e.rest(false);
                        let tile = Tile { n, rows, cols };
                        last = Some(self.tile(e, t, outs, tile));
                    }
                }
            }
        }
        last
    }

    fn parts(&self, tile: Tile) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut acc = 0;
        for y in &self.y {
            for x in &self.x {
                let (rows, cols) = (y.outputs(tile.rows), x.outputs(tile.cols));
                if rows.0 < rows.1 && cols.0 < cols.1 {
                    parts.push(Part {
                        y,
                        x,
                        rows,
                        cols,
                        acc,
                    });
                    acc += tile.images() * (rows.1 - rows.0) * (cols.1 - cols.0);
                }
            }
        }
        parts
    }

    /// One tile of one group of output blocks; returns its last requantise.
    fn tile(&self, e: &mut Emitter, t: &Tiling, outs: Range, tile: Tile) -> usize {
        let parts = self.parts(tile);
        let bank = e.pads.next_bank();
        let pixels = tile.images() * tile.height() * tile.width();
        let mut started = vec![false; (outs.1 - outs.0) * parts.len()];
        if let Some(bias) = self.biases() {
            // Early, so that results can be finished as they come.
            e.operand(pad::V, &[bias]);
        }
        for chunk in self.chunks(t, tile) {
            let rows = span(&self.y, tile.rows, chunk.ky);
            let cols = span(&self.x, tile.cols, chunk.kx);
            let (Some(rows), Some(cols)) = (rows, cols) else {
                continue;
            };
            let word = e.config().word_bytes();
            let a = e.operand(
                pad::A,
                &load(&self.source, word, tile.n, chunk.blocks, rows, cols),
            );
            let one = chunk.taps() * e.config().lanes;
            let blocks = chunk.blocks.1 - chunk.blocks.0;
            let together = t
                .together
                .then(|| e.operand(pad::B, &[self.weights(e, outs, chunk)]));
            for out in outs.0..outs.1 {
                // First word of the output block's weights, and words from operand block to operand block.
                let (b, stride) = match together {
                    None => (
                        e.operand(pad::B, &[self.weights(e, (out, out + 1), chunk)]),
                        one,
                    ),
                    Some(b) if self.transpose => {
                        (b + ((out - outs.0) * one) as u16, (outs.1 - outs.0) * one)
                    }
                    Some(b) => (b + ((out - outs.0) * blocks * one) as u16, one),
                };
                for (i, part) in parts.iter().enumerate() {
                    let acc = bank + (out - outs.0) * pixels + part.acc;
                    let started = &mut started[(out - outs.0) * parts.len() + i];
                    if let Some(mut c) =
                        self.compute(e, tile, chunk, part, (a, rows, cols), (b, stride))
                    {
                        c.acc_base = acc as u16;
                        if *started {
                            c.flags |= Compute::ACCUMULATE;
                        }
                        *started = true;
                        e.push(c);
                    }
                }
            }
        }
        self.results(e, outs, tile, &parts, bank)
    }

    fn chunks(&self, t: &Tiling, tile: Tile) -> Vec<Chunk> {
        let (_, blocks) = self.block_counts();
        let (Some(ky), Some(kx)) = (taps(&self.y, tile.rows), taps(&self.x, tile.cols)) else {
            return Vec::new();
        };
        let cut = |(lo, hi): Range, size| {
            pieces(hi - lo, size, false)
                .into_iter()
                .map(move |(a, b)| (lo + a, lo + b))
        };
        let mut all = Vec::new();
        for blocks in pieces(blocks, t.blocks, false) {
            for ky in cut(ky, t.ky) {
                for kx in cut(kx, t.kx) {
                    all.push(Chunk { blocks, ky, kx });
                }
            }
        }
        all
    }

    /// The biases of all output blocks.
    pub(super) fn biases(&self) -> Option<Fill> {
        self.bias.map(|b| dense(b, self.co_blocks).into())
    }

    /// The weights of output blocks over one chunk: of several, by output block, or by operand block if transposed.
    fn weights(&self, e: &Emitter, outs: Range, c: Chunk) -> Fill {
        let (word, lanes) = (e.config().word_bytes(), e.config().lanes);
        if self.one_block {
            return Fill::from(Load {
                flags: Load::SKEW,
                ..dense(self.weights, lanes)
            });
        }
        let (kh, kw) = self.kernel;
        let (co, ci) = if self.transpose {
            (c.blocks, outs)
        } else {
            (outs, c.blocks)
        };
        let bytes = |taps: usize| (taps * lanes * word) as u32;
        let first = (co.0 * self.ci_blocks + ci.0) * kh * kw + c.ky.0 * kw + c.kx.0;
        let mut load = Load {
            flags: Load::SKEW,
            address: self.weights + bytes(first),
            n: (co.1 - co.0) as u16,
            m: (ci.1 - ci.0) as u16,
            rows: (c.ky.1 - c.ky.0) as u16,
            width: ((c.kx.1 - c.kx.0) * lanes) as u16,
            n_stride: bytes(self.ci_blocks * kh * kw),
            m_stride: bytes(kh * kw),
            row_stride: bytes(kw),
            ..Default::default()
        };
        let l = &mut load;
        merge(
            word,
            (&mut l.n, l.n_stride),
            (&mut l.m, l.m_stride),
            (&mut l.rows, l.row_stride),
            &mut l.width,
        );
        load.into()
    }

    /// The pass loop of one class of outputs over one chunk; nothing if the class has no tap in it.
    fn compute(
        &self,
        e: &Emitter,
        tile: Tile,
        chunk: Chunk,
        part: &Part,
        (a, rows, cols): (u16, (isize, isize), (isize, isize)),
        (b, stride): (u16, usize),
    ) -> Option<Compute> {
        let lanes = e.config().lanes;
        let (jy, jx) = (part.y.within(chunk.ky), part.x.within(chunk.kx));
        if jy.0 >= jy.1 || jx.0 >= jx.1 {
            return None;
        }
        let (height, width) = (rows.1 - rows.0, cols.1 - cols.0);
        let (ty, tx) = part.size();
        let blocks = chunk.blocks.1 - chunk.blocks.0;
        let kernel_width = chunk.kx.1 - chunk.kx.0;
        let first = (part.y.operand(part.rows.0, jy.0) - rows.0) * width
            + (part.x.operand(part.cols.0, jx.0) - cols.0);
        let tap_y = part.y.tap_first + jy.0 * part.y.tap_step - chunk.ky.0;
        let tap_x = part.x.tap_first + jx.0 * part.x.tap_step - chunk.kx.0;
        // Words of pad B from tap to tap.
        let block = if self.one_block { 0 } else { lanes };
        Some(Compute {
            flags: if self.transpose {
                Compute::TRANSPOSE
            } else {
                0
            },
            phase: self.phase,
            groups: self.groups as u8,
            a_base: (isize::from(a as i16) + first) as u16,
            b_base: b + ((tap_y * kernel_width + tap_x) * block) as u16,
            n: tile.images() as u16,
            y: ty as u16,
            x: tx as u16,
            k2: blocks as u16,
            k1: (jy.1 - jy.0) as u16,
            k0: (jx.1 - jx.0) as u16,
            a_n: (blocks as isize * height * width) as i16,
            a_y: (part.y.a_step * width) as i16,
            a_x: part.x.a_step as i16,
            a_k2: (height * width) as i16,
            a_k1: (part.y.a_tap * width) as i16,
            a_k0: part.x.a_tap as i16,
            b_k2: if self.one_block { 0 } else { stride as i16 },
            b_k1: (part.y.tap_step * kernel_width * block) as i16,
            b_k0: (part.x.tap_step * block) as i16,
            terms: self.terms,
            ..Default::default()
        })
    }
}
