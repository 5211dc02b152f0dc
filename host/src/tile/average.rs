//! Average pool, forward and backward: a product whose weights are one diagonal block of `round(2^f/N)`, the same for every
//! tap and every channel block. So the planes of a tensor, whatever image and channel block they belong to, are images of one
//! block here.

use super::axis::{forward, spread};
use super::ws::Ws;
use super::{Finish, Skip, Source, Tensor};
use crate::error::CompileError;
use crate::network::{Extent, Stage};
use tandem_isa::command::phase;
use tandem_isa::layout::Weights;
use tandem_isa::Config;

/// An average pool of `n` images.
#[derive(Clone, Copy, Debug)]
pub struct Average<'a> {
    /// The layer.
    pub stage: &'a Stage,
    /// Images.
    pub n: usize,
    /// Its block ([`block`]): DDR address.
    pub constant: u32,
    /// Row groups.
    pub groups: usize,
}

/// The block of weights of an average over `count` values.
pub fn block(config: &Config, count: usize) -> Result<Vec<i16>, CompileError> {
    let (factor, _) = config.width().average(count as u32)?;
    let lanes = config.lanes;
    let shape = Weights {
        co: lanes,
        ci: lanes,
        kh: 1,
        kw: 1,
    };
    let mut words = vec![0; lanes * lanes];
    for l in 0..lanes {
        // An average over one value would not fit; the network refuses it.
        words[shape.at(lanes, l, l, 0, 0)] = i16::try_from(factor).unwrap_or(i16::MAX);
    }
    Ok(words)
}

/// Format in which the array reads the block.
pub fn block_f(config: &Config, count: usize) -> Result<i32, CompileError> {
    let (_, f) = config.width().average(count as u32)?;
    Ok(f - config.width().word_shift() as i32)
}

/// Every channel block of every image as an image.
const fn planes(t: Tensor) -> Tensor {
    Tensor { blocks: 1, ..t }
}

impl<'a> Average<'a> {
    fn product(&self, source: Tensor, out: Tensor, finish: Finish) -> Ws<'a> {
        Ws {
            layer: &self.stage.name,
            n: self.n * source.blocks,
            source: Source::Tensor(planes(source)),
            y: Vec::new(),
            x: Vec::new(),
            weights: self.constant,
            one_block: true,
            co_blocks: 1,
            ci_blocks: 1,
            kernel: (1, 1),
            transpose: false,
            out: planes(out),
            pooled: None,
            bias: None,
            mask: None,
            skip: None,
            relu: false,
            phase: phase::FORWARD,
            groups: self.groups,
            terms: self.stage.taps() as u32,
            finish,
        }
    }

    /// From `x` to `y`.
    pub fn forward(&self, x: Tensor, y: Tensor, finish: Finish) -> Ws<'a> {
        let (rows, cols): (&Extent, &Extent) = (&self.stage.y, &self.stage.x);
        Ws {
            y: forward(rows),
            x: forward(cols),
            kernel: (rows.kernel, cols.kernel),
            ..self.product(x, y, finish)
        }
    }

    /// From the error `g` of the output to that of the input, with `skip` added; zero where `mask` is not positive.
    pub fn backward(
        &self,
        g: Tensor,
        out: Tensor,
        (mask, skip): (Option<Tensor>, Option<Skip>),
        finish: Finish,
    ) -> Ws<'a> {
        let skip = skip.map(|s| Skip {
            tensor: planes(s.tensor),
            ..s
        });
        Ws {
            y: spread(&self.stage.y),
            x: spread(&self.stage.x),
            mask: mask.map(planes),
            skip,
            phase: phase::DX,
            terms: 1,
            ..self.product(g, out, finish)
        }
    }
}
