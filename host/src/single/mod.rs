//! One operation at a time on a device: operands in, result, format and OR mask out.
//!
//! For conformance vectors and for comparing devices on random layers. Training uses whole programs, where
//! tensors stay in memory between operations. Everything is written from address 0 up; nothing else may live there.

mod average;
mod elementwise;

use crate::counters::Counters;
use crate::device::Device;
use crate::driver::{Engine, Site, Window};
use crate::error::{CompileError, Error};
use crate::fault::Context;
use crate::fold::{pack, unpack, WeightView};
use crate::network::Stage;
use crate::schedule::{Emitter, Program};
use crate::tile::axis::{backward, forward};
use crate::tile::boxes::zeros;
use crate::tile::os::Os;
use crate::tile::vector::PoolBack;
use crate::tile::ws::Ws;
use crate::tile::{Finish, Skip, Source, Tensor};
use tandem_isa::command::{pad, phase, Requant, NO_SITE};
use tandem_isa::layout::Activation;
use tandem_isa::register as reg;

pub use elementwise::{max_pool, run_raw, sgd, softmax_ce, Element};

/// Cycles after which an operation is given up.
const LIMIT: u64 = 1 << 32;
/// Sites used: result, second result.
const SITES: [u8; 2] = [0, 1];

/// A tensor of an operation: row-major words and their format.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    /// Words.
    pub q: &'a [i16],
    /// Format.
    pub f: i32,
}

/// A result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Row-major words.
    pub q: Vec<i16>,
    /// Format.
    pub f: i32,
    /// OR mask of the accumulators.
    pub mask: u64,
    /// Values clipped and values that underflowed.
    pub events: (u32, u32),
}

/// What an operation cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Counters of the run, from doorbell to done.
    pub counters: Counters,
    /// Cycles the compiler predicts.
    pub predicted: u64,
    /// Commands of the program.
    pub commands: usize,
}

/// One layer on one device.
pub struct Single<'e, D> {
    engine: &'e mut Engine<D>,
    stage: Stage,
    n: usize,
    skip: Option<(Vec<i16>, i32)>,
    top: u64,
    repeats: usize,
    cost: Cost,
}

fn format(f: i32) -> Result<i8, Error> {
    i8::try_from(f).map_err(|_| {
        Error::Compile(CompileError::Input {
            what: "format of an accumulator",
            found: f.to_string(),
            expected: "-128 to 127".into(),
            remedy: "rescale an operand",
        })
    })
}

impl<'e, D: Device> Single<'e, D> {
    /// `n` images of `stage`.
    pub fn new(engine: &'e mut Engine<D>, stage: &Stage, n: usize) -> Self {
        Single {
            top: engine.memory_base().next_multiple_of(64),
            engine,
            stage: stage.clone(),
            n,
            skip: None,
            repeats: 1,
            cost: Cost::default(),
        }
    }

    /// Runs every product `repeats` times in one program, each on tensors of its own; results are those of the first. For measuring what
    /// a product costs in a train of others, where its first loads and last stores overlap with its neighbours'.
    pub fn repeated(mut self, repeats: usize) -> Self {
        self.repeats = repeats.max(1);
        self
    }

    /// What the last operation cost, all repeats together.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    fn lanes(&self) -> usize {
        self.engine.config().lanes
    }

    fn take(&mut self, words: usize) -> Result<u32, Error> {
        let at = self.top;
        let end = at + (words * self.engine.config().word_bytes()) as u64;
        let (base, size) = (self.engine.memory_base(), self.engine.memory_size());
        if end > (base + size).min(1 << 32) {
            let (what, end) = ("operands of one operation".into(), end - base);
            return Err(CompileError::Memory { what, end, size }.into());
        }
        self.top = end.next_multiple_of(64);
        Ok(at as u32)
    }

    fn tensor(&mut self, a: Activation, q: Option<&[i16]>) -> Result<Tensor, Error> {
        let lanes = self.lanes();
        let address = self.take(a.words(lanes))?;
        // Results start as a pattern, so that a word never written is seen.
        let words = q.map_or(vec![0x5a5a; a.words(lanes) * lanes], |q| pack(a, lanes, q));
        self.engine.write_lanes(address.into(), &words)?;
        Ok(Tensor {
            address,
            blocks: a.blocks(lanes),
            h: a.h,
            w: a.w,
        })
    }

    fn read(&mut self, t: Tensor, a: Activation) -> Result<Vec<i16>, Error> {
        let lanes = self.lanes();
        let words = self
            .engine
            .read_lanes(t.address.into(), a.words(lanes) * lanes)?;
        Ok(unpack(a, lanes, &words))
    }

    fn weights(&mut self, q: &[i16]) -> Result<u32, Error> {
        let view = WeightView::new(&self.stage, &self.stage);
        let words = view.to_engine(self.lanes(), q);
        let address = self.take(view.engine.words(self.lanes()))?;
        self.engine.write_lanes(address.into(), &words)?;
        Ok(address)
    }

    fn shape(&self, s: crate::network::Shape) -> Activation {
        Activation {
            n: self.n,
            c: s.c,
            h: s.h,
            w: s.w,
        }
    }

    /// Empties the masks, runs, and reads (format, mask, events) of each site. `emit` is called for every repeat with the
    /// distance of its tensors from the first's.
    fn run(
        &mut self,
        sites: &[Site],
        mut emit: impl FnMut(&mut Emitter, u32) -> Result<(), CompileError>,
    ) -> Result<Vec<Output>, Error> {
        let config = *self.engine.config();
        let base = self.engine.memory_base();
        let span = (self.top - base).next_multiple_of(4096);
        self.top = base + span * self.repeats as u64;
        self.take(0)?;
        if !sites.is_empty() {
            self.empty_masks(sites)?;
        }
        let mut e = Emitter::new(&config, false, 0);
        for i in 0..self.repeats {
            emit(&mut e, (span * i as u64) as u32)?;
        }
        self.cost = self.execute(e.finish()?)?;
        (0..sites.len())
            .map(|i| {
                let site = self.engine.site(SITES[i])?;
                let events = self.engine.site_events(SITES[i])?;
                let mask = self.engine.register64(reg::SITE_MASK)?;
                Ok(Output {
                    q: Vec::new(),
                    f: site.f.into(),
                    mask,
                    events,
                })
            })
            .collect()
    }

    fn empty_masks(&mut self, sites: &[Site]) -> Result<(), Error> {
        let config = *self.engine.config();
        let mut e = Emitter::new(&config, false, 0);
        for (i, site) in sites.iter().enumerate() {
            self.engine.set_site(SITES[i], *site)?;
            self.engine.clear_site_events(SITES[i])?;
            let v = e.operand(pad::V, &[zeros(1)]);
            let out = e.pads.results(pad::O, 1);
            e.push(Requant {
                flags: Requant::FROM_V | Requant::END | Requant::FREEZE,
                site: SITES[i],
                site_a: NO_SITE,
                site_b: NO_SITE,
                skip_site: NO_SITE,
                src_base: v,
                out_base: out,
                n: 1,
                y: 1,
                x: 1,
                ..Default::default()
            });
        }
        self.execute(e.finish()?).map(drop)
    }

    fn execute(&mut self, program: Program) -> Result<Cost, Error> {
        let config = *self.engine.config();
        let commands = program.commands.len();
        let top = self.top;
        let at = self.take((commands * 64).div_ceil(config.word_bytes()))?;
        self.engine.write_program(at.into(), &program.commands)?;
        let all = Window {
            base: self.engine.memory_base().next_multiple_of(64) as u32,
            end: self.top as u32,
            read: true,
            write: true,
        };
        self.engine.set_window(Context::Student, 0, all)?;
        let before = self.engine.counters()?;
        self.engine
            .run(Context::Student, at.into(), commands as u32, LIMIT)?;
        let counters = self.engine.counters()?.minus(&before);
        // The place of the program may be used again.
        self.top = top;
        Ok(Cost {
            counters,
            predicted: program.predicted(&config),
            commands,
        })
    }

    fn finish(&self, site: usize, f: i8) -> Finish {
        Finish {
            site: SITES[site],
            site_a: NO_SITE,
            site_b: NO_SITE,
            f,
            wide: false,
            freeze: false,
            end: false,
            store: true,
        }
    }

    /// [`Single::finish`] with a result of 16 bits.
    fn wide(&self, site: usize, f: i8) -> Finish {
        Finish {
            wide: true,
            ..self.finish(site, f)
        }
    }

    /// Format of the sums of products with weights, which the array reads narrowed.
    fn product_f(&self, x: Operand, w: Operand) -> Result<i8, Error> {
        format(x.f + w.f - self.engine.config().width().word_shift() as i32)
    }

    /// With a skip operand for the forward of a convolution or for an input gradient: shaped like the result, added to it before
    /// ReLU and mask.
    pub fn with_skip(mut self, skip: Operand) -> Self {
        self.skip = Some((skip.q.to_vec(), skip.f));
        self
    }

    fn take_skip(&mut self, a: Activation) -> Result<Option<Skip>, Error> {
        let Some((q, f)) = self.skip.take() else {
            return Ok(None);
        };
        Ok(Some(Skip {
            tensor: self.tensor(a, Some(&q))?,
            site: NO_SITE,
            f: format(f)?,
        }))
    }

    /// Forward with bias (format 14), ReLU and pool as the stage says; with a pool, also the indices.
    pub fn forward(
        &mut self,
        x: Operand,
        w: Operand,
        bias: &[i16],
        site: Site,
    ) -> Result<(Output, Option<Vec<i16>>), Error> {
        let (stage, lanes) = (self.stage.clone(), self.lanes());
        let source = self.tensor(self.shape(stage.input()), Some(x.q))?;
        let weights = self.weights(w.q)?;
        let bias_shape = Activation {
            n: 1,
            c: stage.co,
            h: 1,
            w: 1,
        };
        let b = self.tensor(bias_shape, Some(bias))?;
        let (full, small) = (self.shape(stage.full()), self.shape(stage.output()));
        if self.skip.is_some() && stage.pool {
            return Err(CompileError::Input {
                what: "stage with a skip operand",
                found: "a max-pool".into(),
                expected: "none".into(),
                remedy: "leave the pool out",
            }
            .into());
        }
        let skip = self.take_skip(full)?;
        let y = self.tensor(small, None)?;
        let index = if stage.pool {
            Some(self.tensor(small, None)?)
        } else {
            None
        };
        let op = Ws {
            layer: &stage.name,
            n: self.n,
            source: Source::Tensor(source),
            y: forward(&stage.y),
            x: forward(&stage.x),
            weights,
            one_block: false,
            co_blocks: stage.co.div_ceil(lanes),
            ci_blocks: stage.ci.div_ceil(lanes),
            kernel: (stage.y.kernel, stage.x.kernel),
            transpose: false,
            out: Tensor {
                h: full.h,
                w: full.w,
                ..y
            },
            pooled: index.map(|i| (y, Some(i))),
            bias: Some(b.address),
            mask: None,
            skip,
            relu: stage.relu,
            phase: phase::FORWARD,
            groups: stage.ci.min(lanes).div_ceil(self.engine.config().rows),
            terms: (stage.ci * stage.y.kernel * stage.x.kernel) as u32,
            finish: self.finish(0, self.product_f(x, w)?),
        };
        let mut out = self
            .run(&[site], |e, by| op.displaced(by).emit(e))?
            .remove(0);
        out.q = self.read(y, small)?;
        let index = index.map(|i| self.read(i, small)).transpose()?;
        Ok((out, index))
    }

    /// Gradient of the input from the error `g` of the full output; zero where `mask` (shaped like the input) is not positive.
    pub fn dx(
        &mut self,
        g: Operand,
        w: Operand,
        mask: Option<&[i16]>,
        site: Site,
    ) -> Result<Output, Error> {
        let (stage, lanes) = (self.stage.clone(), self.lanes());
        let (full, input) = (self.shape(stage.full()), self.shape(stage.input()));
        let source = self.tensor(full, Some(g.q))?;
        let weights = self.weights(w.q)?;
        let mask = mask.map(|m| self.tensor(input, Some(m))).transpose()?;
        let skip = self.take_skip(input)?;
        let dx = self.tensor(input, None)?;
        let op = Ws {
            layer: &stage.name,
            n: self.n,
            source: Source::Tensor(source),
            y: backward(&stage.y),
            x: backward(&stage.x),
            weights,
            one_block: false,
            co_blocks: stage.co.div_ceil(lanes),
            ci_blocks: stage.ci.div_ceil(lanes),
            kernel: (stage.y.kernel, stage.x.kernel),
            transpose: true,
            out: dx,
            pooled: None,
            bias: None,
            mask,
            skip,
            relu: false,
            phase: phase::DX,
            groups: stage.co.min(lanes).div_ceil(self.engine.config().rows),
            terms: (stage.co * stage.y.kernel * stage.x.kernel) as u32,
            finish: self.finish(0, self.product_f(g, w)?),
        };
        let mut out = self
            .run(&[site], |e, by| op.displaced(by).emit(e))?
            .remove(0);
        out.q = self.read(dx, input)?;
        Ok(out)
    }

    /// Gradients of weights and biases.
    pub fn dw(&mut self, x: Operand, g: Operand, sites: [Site; 2]) -> Result<[Output; 2], Error> {
        let (stage, lanes) = (self.stage.clone(), self.lanes());
        let full = self.shape(stage.full());
        let source = self.tensor(self.shape(stage.input()), Some(x.q))?;
        let error = self.tensor(full, Some(g.q))?;
        let view = WeightView::new(&stage, &stage);
        let d = self.weights(&vec![0x5a5a; view.len()])?;
        let bias_shape = Activation {
            n: 1,
            c: stage.co,
            h: 1,
            w: 1,
        };
        let db = self.tensor(bias_shape, None)?;
        let op = Os {
            layer: &stage.name,
            n: self.n,
            source: Source::Tensor(source),
            g: error,
            y: stage.y,
            x: stage.x,
            ci_blocks: stage.ci.div_ceil(lanes),
            groups: stage.ci.min(lanes).div_ceil(self.engine.config().rows),
            terms: (self.n * full.h * full.w) as u32,
            d,
            db: db.address,
            finish: self.wide(0, format(x.f + g.f)?),
            finish_bias: self.wide(1, format(g.f)?),
        };
        let mut out = self.run(&sites, |e, by| op.displaced(by).emit(e))?;
        let words = self
            .engine
            .read_lanes(d.into(), view.engine.words(lanes) * lanes)?;
        out[0].q = view.from_engine(lanes, &words);
        out[1].q = self.read(db, bias_shape)?;
        let second = out.remove(1);
        Ok([out.remove(0), second])
    }

    /// Routes the pooled error `g` back by `index` to the full output.
    pub fn unpool(&mut self, g: &[i16], index: &[i16]) -> Result<Vec<i16>, Error> {
        let (full, small) = (
            self.shape(self.stage.full()),
            self.shape(self.stage.output()),
        );
        let (g, index) = (
            self.tensor(small, Some(g))?,
            self.tensor(small, Some(index))?,
        );
        let out = self.tensor(full, None)?;
        let op = PoolBack {
            n: self.n,
            g,
            index,
            out,
        };
        self.run(&[], |e, _| {
            op.emit(e);
            Ok(())
        })?;
        self.read(out, full)
    }
}
