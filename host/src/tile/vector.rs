//! What lies between the products: pool backward, the loss, the update.

use super::boxes::{dense, load, store_dense};
use super::{pieces, Source, Tensor};
use crate::error::CompileError;
use crate::schedule::{Emitter, Fill, Patch};
use tandem_isa::command::{pad, Loss, Select, Unpool, Update};
use tandem_isa::layout::Weights;
use tandem_isa::numerics::SHARE_ONE;
use tandem_isa::Config;

/// Max-pool backward: pooled error and indices to the full error.
#[derive(Clone, Copy, Debug)]
pub struct PoolBack {
    /// Images.
    pub n: usize,
    /// Pooled error.
    pub g: Tensor,
    /// Indices, the same shape.
    pub index: Tensor,
    /// Full error.
    pub out: Tensor,
}

impl PoolBack {
    /// Emits the commands.
    pub fn emit(&self, e: &mut Emitter) {
        let config = e.config();
        let word = config.word_bytes();
        // Planes (image, block) follow each other in both tensors.
        let planes = |t: Tensor| Tensor { blocks: 1, ..t };
        let (g, index, out) = (planes(self.g), planes(self.index), planes(self.out));
        let count = self.n * self.g.blocks;
        let most = (config.o_depth / 2).min(config.v_depth);
        let even = |v: usize| (v.min(most) & !1).max(2);
        // A last odd row or column joins the tile before it, so one is kept in hand.
        let width = if 2 * out.w <= most {
            out.w
        } else {
            even(most / 3 - 1)
        };
        let longest = super::longest(out.w, width.next_multiple_of(2), true);
        let height = if out.h * longest <= most {
            out.h
        } else {
            even(most / longest - 1)
        };
        let n = (most / (out.h * longest)).max(1);
        for n in pieces(count, n, false) {
            for rows in pieces(out.h, height.next_multiple_of(2), true) {
                for cols in pieces(out.w, width.next_multiple_of(2), true) {
                    e.rest(false);
                    let half = |r: (usize, usize)| ((r.0 / 2) as isize, (r.1 / 2) as isize);
                    let fill =
                        |t| load(&Source::Tensor(t), word, n, (0, 1), half(rows), half(cols));
                    let (fg, fi) = (fill(g), fill(index));
                    let v = e.operands(pad::V, &[&fg, &fi]);
                    let (images, y, x) = (n.1 - n.0, rows.1 - rows.0, cols.1 - cols.0);
                    let results = e.pads.results(pad::O, images * y * x);
                    e.push(Unpool {
                        g_base: v[0],
                        index_base: v[1],
                        out_base: results,
                        n: images as u16,
                        y: y as u16,
                        x: x as u16,
                        ..Default::default()
                    });
                    e.store(out.store(word, pad::O, results, [n, (0, 1), rows, cols]));
                }
            }
        }
    }
}

/// Where the parts of a trained tensor stand in DDR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trained {
    /// Weights.
    pub w: u32,
    /// Momentum.
    pub v: u32,
    /// Gradient.
    pub d: u32,
}

/// Where stands in DDR what a tensor's weights are pulled back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where they stood.
    pub old: u32,
    /// Their importance.
    pub importance: u32,
}

/// The update of one tensor. Rates, keys and strength are patched at every run.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// Addresses.
    pub at: Trained,
    /// Shape; biases: `ci` = `kh` = `kw` = 1 with [`Sgd::bias`].
    pub shape: Weights,
    /// A bias tensor (Co/L, L) rather than weights.
    pub bias: bool,
    /// Site of the gradient.
    pub site_d: u8,
    /// Constant part of the gradient's format.
    pub f: i8,
    /// Format of the weights.
    pub f_w: i8,
    /// Number for [`Patch::Update`].
    pub tensor: usize,
    /// What its weights are pulled back to, if they are.
    pub held: Option<Held>,
}

/// Words of a piece of an update.
const PIECE: usize = 96;

/// A part of an update: first word, counts, and the template of its command.
type Piece = (usize, (usize, usize, usize), Update);

impl Sgd {
    /// Leaves the commands to be emitted while later products run.
    pub fn defer(&self, e: &mut Emitter) {
        for (first, counts, template) in self.pieces(e.config()) {
            let update = *self;
            e.defer(move |e| update.piece(e, first, counts, template));
        }
    }

    fn pieces(&self, config: &Config) -> Vec<Piece> {
        let lanes = config.lanes;
        // Room for the operands of two.
        let reads = if self.held.is_some() { 5 } else { 3 };
        let most = (config.v_depth / (2 * reads))
            .min(config.o_depth / 4)
            .clamp(1, PIECE.max(lanes));
        let mut all = Vec::new();
        if self.bias {
            let template = Update {
                i_x: lanes as u16,
                i_lane: 1,
                ..Default::default()
            };
            for (b0, b1) in pieces(self.shape.co_blocks(lanes), most, false) {
                let index = (b0 * lanes) as u32;
                all.push((b0, (1, 1, b1 - b0), Update { index, ..template }));
            }
            return all;
        }
        let s = self.shape;
        let taps = s.kh * s.kw;
        let blocks = s.ci_blocks(lanes);
        let template = Update {
            i_z: (lanes * taps) as u32,
            i_y: 1,
            i_x: taps as u16,
            i_lane: (s.ci * taps) as u32,
            ..Default::default()
        };
        let whole = (most / (taps * lanes)).min(blocks);
        for co in 0..s.co_blocks(lanes) {
            let at = |ci: usize, tap: usize| ((co * blocks + ci) * taps + tap) * lanes;
            let index = |ci: usize, tap: usize| {
                s.index(co * lanes, ci * lanes, 0, 0).wrapping_add(tap) as u32
            };
            if whole > 0 {
                for (c0, c1) in pieces(blocks, whole, false) {
                    let index = index(c0, 0);
                    let counts = (c1 - c0, taps, lanes);
                    all.push((at(c0, 0), counts, Update { index, ..template }));
                }
            } else {
                for ci in 0..blocks {
                    for (t0, t1) in pieces(taps, (most / lanes).max(1), false) {
                        let index = index(ci, t0);
                        let counts = (1, t1 - t0, lanes);
                        all.push((at(ci, t0), counts, Update { index, ..template }));
                    }
                }
            }
        }
        all
    }

    fn piece(
        &self,
        e: &mut Emitter,
        first: usize,
        (z, y, x): (usize, usize, usize),
        template: Update,
    ) {
        let word = e.config().word_bytes();
        let words = z * y * x;
        let at = |base: u32| base + (first * word) as u32;
        let fill = |base| [Fill::from(dense(at(base), words))];
        let (w, v, d) = (fill(self.at.w), fill(self.at.v), fill(self.at.d));
        let further = self.held.map(|h| (fill(h.old), fill(h.importance)));
        let bases = match &further {
            Some((old, importance)) => e.operands(pad::V, &[&w, &v, &d, old, importance]),
            None => e.operands(pad::V, &[&w, &v, &d]),
        };
        let w_out = e.pads.results(pad::O, 2 * words);
        let v_out = w_out + words as u16;
        let base = |i: usize| bases.get(i).copied().unwrap_or(0);
        let command = e.push(Update {
            flags: if further.is_some() {
                Update::ELASTIC
            } else {
                0
            },
            site_d: self.site_d,
            f: self.f,
            f_w: self.f_w,
            w_base: bases[0],
            v_base: bases[1],
            d_base: bases[2],
            old_base: base(3),
            importance_base: base(4),
            w_out,
            v_out,
            z: z as u16,
            y: y as u16,
            x: x as u16,
            ..template
        });
        e.patch(Patch::Update {
            command,
            tensor: self.tensor,
        });
        e.store(store_dense(pad::O, w_out, at(self.at.w), words));
        e.store(store_dense(pad::O, v_out, at(self.at.v), words));
    }
}

/// Soft targets of a batch. Temperature and share are patched at every run.
#[derive(Clone, Copy, Debug)]
pub struct SoftTargets {
    /// Targets, like the logits: DDR address. The gradient may go to the same place.
    pub targets: u32,
    /// Labels have a share, too.
    pub labels: bool,
}

/// Softmax, gradient, ranking of a batch.
#[derive(Clone, Copy, Debug)]
pub struct LossOp<'a> {
    /// Name for errors.
    pub layer: &'a str,
    /// Images.
    pub n: usize,
    /// Classes.
    pub classes: usize,
    /// Logits: DDR address.
    pub logits: u32,
    /// Records (label, slot), one word an image: DDR address.
    pub records: u32,
    /// Where the gradient goes.
    pub gradient: Option<u32>,
    /// Soft targets, mixed with the labels.
    pub soft: Option<SoftTargets>,
    /// Where the ranking goes.
    pub result: Option<u32>,
    /// Classes a sample that are ranked, and whether they go to the selector.
    pub top: u8,
    /// Scores go to the selector.
    pub score: bool,
    /// Site of the logits.
    pub site: u8,
    /// Constant part of the logits' format.
    pub f: i8,
    /// Temperature constant.
    pub temperature: u32,
}

impl LossOp<'_> {
    /// Emits the commands.
    pub fn emit(&self, e: &mut Emitter) -> Result<(), CompileError> {
        let config = e.config();
        let word = config.word_bytes();
        let words = self.classes.div_ceil(config.lanes);
        let ranking = config.result_words();
        let of = |on: bool, n: usize| if on { n } else { 0 };
        let out = of(self.gradient.is_some(), words) + of(self.result.is_some(), ranking);
        let each = words + 1 + of(self.soft.is_some(), words);
        let fits = |n: usize, part: usize| {
            n * each <= config.z_depth / part && n * out <= config.g_depth / part
        };
        let most = (1..=self.n).rev().find(|&n| fits(n, 2));
        let Some(most) = most.or_else(|| fits(1, 1).then_some(1)) else {
            return Err(CompileError::Limit {
                layer: self.layer.to_string(),
                what: "words of one sample's logits and results in the loss unit",
                found: each.max(out) as u64,
                limit: config.z_depth.min(config.g_depth) as u64,
                remedy: "use fewer classes or a configuration with more lanes",
            });
        };
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        for (n0, n1) in pieces(self.n, most, false) {
            e.rest(false);
            let n = n1 - n0;
            let at = |base: u32, each: usize| base + (n0 * each * word) as u32;
            let z = [Fill::from(dense(at(self.logits, words), n * words))];
            let r = [Fill::from(dense(at(self.records, 1), n))];
            let q = self.soft.map(|soft| {
                let targets = at(soft.targets, words);
                [Fill::from(dense(targets, n * words))]
            });
            let bases = match &q {
                Some(q) => e.operands(pad::Z, &[&z, &r, q]),
                None => e.operands(pad::Z, &[&z, &r]),
            };
            let g_base = e.pads.results(pad::G, n * out);
            let result_base = g_base + of(self.gradient.is_some(), n * words) as u16;
            let command = e.push(Loss {
                flags: flag(self.gradient.is_some(), Loss::GRADIENT)
                    | flag(self.result.is_some(), Loss::RESULT)
                    | flag(self.score, Loss::SCORE)
                    | flag(self.soft.is_some(), Loss::SOFT),
                site: self.site,
                f: self.f,
                top: self.top,
                n: n as u16,
                classes: self.classes as u16,
                z_base: bases[0],
                record_base: bases[1],
                g_base,
                result_base,
                target_base: bases.get(2).copied().unwrap_or(0),
                temperature: self.temperature,
                share: match self.soft {
                    Some(soft) if !soft.labels => SHARE_ONE,
                    _ => 0,
                },
                ..Default::default()
            });
            if self.soft.is_some() {
                e.patch(Patch::Soft { command });
            }
            if self.score {
                e.push(Select {
                    n: n as u16,
                    ..Default::default()
                });
            }
            if let Some(g) = self.gradient {
                e.store(store_dense(pad::G, g_base, at(g, words), n * words));
            }
            if let Some(r) = self.result {
                e.store(store_dense(
                    pad::G,
                    result_base,
                    at(r, ranking),
                    n * ranking,
                ));
            }
        }
        Ok(())
    }
}
