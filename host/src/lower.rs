//! A network's step or inference as one program.
//!
//! Order: forward through the stages, loss, then from the last stage to the first: pool backward, dW, dX, update. The dX of a
//! stage stands before its update, so all of them use the weights from before. Where two stages read an output, the
//! part of its error that is made first waits for the other ([`crate::network::graph`]). An operation whose
//! site is not valid yet runs twice: with its stores left out, so that the exponent learns, then as it should be.

use crate::error::CompileError;
pub use crate::network::frozen::Frozen;
use crate::network::graph::error_owner;
use crate::network::{Kind, Stage};
use crate::plan::{NetworkPlan, StagePlan};
use crate::schedule::{Emitter, Part, Program};
pub use crate::sites::SiteSet;
use crate::tile::average::{block_f, Average};
use crate::tile::axis::{backward, forward};
use crate::tile::os::Os;
use crate::tile::vector::{Held, LossOp, PoolBack, Sgd, SoftTargets};
use crate::tile::ws::Ws;
use crate::tile::{Finish, Skip, Source, Tensor};
use tandem_isa::command::{phase, NO_SITE};
use tandem_isa::numerics::{BIAS_F, P_F, TEMPERATURE_ONE};
use tandem_isa::Config;

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// Forward, loss, backward, update.
    Train {
        /// Sites that are not valid yet.
        first: SiteSet,
    },
    /// The same with soft targets, which stand where the errors of the logits will; temperature and share are filled in at every run.
    Distil {
        /// Sites that are not valid yet.
        first: SiteSet,
        /// Labels have a share, too.
        labels: bool,
    },
    /// The first half of a step whose loss the host computes: forward.
    Forward {
        /// Sites that are not valid yet.
        first: SiteSet,
    },
    /// Its second half: backward, update.
    Backward {
        /// Sites that are not valid yet.
        first: SiteSet,
    },
    /// Forward and ranking; the ranking is the host's if the engine has no loss unit.
    Infer {
        /// Sites that are not valid yet.
        first: SiteSet,
        /// Exponents stay as they are.
        freeze: bool,
        /// Classes a sample that are ranked.
        top: u8,
        /// The ranking goes to the selector.
        score: bool,
    },
}

/// Settings of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Temperature constant of the softmax.
    pub temperature: u32,
    /// With yield points, this many cycles apart where possible.
    pub yield_after: Option<u64>,
    /// Stages whose weights stay as they are.
    pub frozen: Frozen,
    /// Updates pull weights back to where they stood. A session sets it for itself while it [holds](crate::session::Session::hold) a network.
    pub elastic: bool,
}

impl Default for Options {
    /// Temperature 1, no yield points, everything learns, nothing is held.
    fn default() -> Options {
        Options {
            temperature: TEMPERATURE_ONE,
            yield_after: None,
            frozen: Frozen::default(),
            elastic: false,
        }
    }
}

impl Job {
    /// A part of a training step, or all of it.
    pub(crate) fn trains(self) -> bool {
        !matches!(self, Job::Infer { .. })
    }

    /// A whole training step.
    fn is_step(self) -> bool {
        matches!(self, Job::Train { .. } | Job::Distil { .. })
    }

    /// Sites that are not valid yet.
    fn first(self) -> SiteSet {
        match self {
            Job::Train { first } | Job::Forward { first } | Job::Backward { first } => first,
            Job::Distil { first, .. } | Job::Infer { first, .. } => first,
        }
    }
}

/// Format of the loss gradient: the batch mean is an exponent, so a batch that is no power of two counts as the next one, and
/// the learning rate makes up for it ([`batch_scale`]).
pub fn gradient_f(batch: usize) -> i32 {
    P_F + batch.next_power_of_two().trailing_zeros() as i32
}

/// What the learning rate is multiplied by: next power of two / batch.
pub fn batch_scale(batch: usize) -> f64 {
    batch.next_power_of_two() as f64 / batch as f64
}

/// A format as a site and a constant.
#[derive(Clone, Copy)]
struct Format {
    site: u8,
    f: i32,
}

/// For every stage: the part of its output's error that waits for the rest.
type Parts = [Option<(Tensor, Format)>];

struct Lowering<'a> {
    config: &'a Config,
    plan: &'a NetworkPlan,
    stages: Vec<Stage>,
    formats: &'a [i32],
    n: usize,
    first: SiteSet,
    freeze: bool,
    train: bool,
    frozen: Frozen,
    /// Of weights and biases of every stage, if they are held.
    held: Option<&'a [[Held; 2]]>,
}

/// Compiles a job on `n` images. `weight_formats` holds f_w of every stage.
pub fn compile(
    config: &Config,
    plan: &NetworkPlan,
    weight_formats: &[i32],
    job: Job,
    n: usize,
    options: &Options,
) -> Result<Program, CompileError> {
    if n == 0 || n > plan.batch {
        return Err(CompileError::Input {
            what: "batch",
            found: n.to_string(),
            expected: format!("1 to {}", plan.batch),
            remedy: "install the network with a larger batch, or split the samples",
        });
    }
    let (freeze, top, score) = match job {
        Job::Infer {
            freeze, top, score, ..
        } => (freeze, top, score),
        _ => (false, 1, false),
    };
    let train = job.trains();
    if !config.has_loss && (score || job.is_step()) {
        return Err(CompileError::Input {
            what: "job",
            found: format!("{job:?} on configuration `{}`", config.name),
            expected: "nothing that takes the loss unit, which it does not have".into(),
            remedy: "run a step as Forward and Backward, with the loss on the host between them",
        });
    }
    if train && !plan.training {
        return Err(CompileError::Input {
            what: "job",
            found: "a training step".into(),
            expected: "inference: the network was installed without what training needs".into(),
            remedy: "install it for training",
        });
    }
    let held = held(config, plan, options)?;
    let mut e = Emitter::new(
        config,
        options.yield_after.is_some(),
        options.yield_after.unwrap_or(0),
    );
    let l = Lowering {
        config,
        plan,
        stages: plan.stages.iter().map(|s| s.stage.clone()).collect(),
        formats: weight_formats,
        n,
        first: job.first(),
        freeze,
        train,
        frozen: options.frozen,
        held,
    };
    let forward = match job {
        Job::Backward { .. } => 0,
        _ => plan.stages.len(),
    };
    for i in 0..forward {
        e.tag = Part::Forward.tag(i);
        l.forward(&mut e, i)?;
    }
    let Some(last) = plan.stages.last() else {
        return e.finish();
    };
    if config.has_loss && (job.is_step() || matches!(job, Job::Infer { .. })) {
        e.tag = Part::Loss.tag(0);
        let labels = match job {
            Job::Distil { labels, .. } => Some(labels),
            _ => None,
        };
        l.loss(&mut e, last, (top, score), labels, options.temperature)?;
    }
    if job.is_step() || matches!(job, Job::Backward { .. }) {
        let mut parts = vec![None; plan.stages.len()];
        let lowest = l.lowest();
        for i in (lowest..plan.stages.len()).rev() {
            l.backward(&mut e, i, lowest, &mut parts)?;
        }
    }
    e.finish()
}

/// What the weights are pulled back to, if the options say so.
fn held<'a>(
    config: &Config,
    plan: &'a NetworkPlan,
    options: &Options,
) -> Result<Option<&'a [[Held; 2]]>, CompileError> {
    if !options.elastic {
        return Ok(None);
    }
    let (found, remedy) = match &plan.held {
        _ if !config.has_elastic => (
            format!("configuration `{}`, which has none", config.name),
            "let a session hold the weights: it pulls them on the host, to the same words",
        ),
        None => (
            "a plan without places for what weights are pulled back to".into(),
            "call `NetworkPlan::hold` first",
        ),
        Some(held) => return Ok(Some(&held.tensors)),
    };
    Err(CompileError::Input {
        what: "elastic updates",
        found,
        expected: "an engine with them, and places for old weights and importance".into(),
        remedy,
    })
}

fn narrow(stage: &StagePlan, f: i32) -> Result<i8, CompileError> {
    i8::try_from(f).map_err(|_| CompileError::Input {
        what: "format of an accumulator",
        found: format!("{f} in {}", stage.stage.name),
        expected: "-128 to 127".into(),
        remedy: "scale the weights or the input",
    })
}

impl Lowering<'_> {
    /// Loss and ranking by the loss unit.
    fn loss(
        &self,
        e: &mut Emitter,
        last: &StagePlan,
        (top, score): (u8, bool),
        labels: Option<bool>,
        temperature: u32,
    ) -> Result<(), CompileError> {
        LossOp {
            layer: &last.stage.name,
            n: self.n,
            classes: self.plan.classes(),
            logits: last.y.address,
            records: self.plan.records,
            gradient: self.train.then_some(last.g.address),
            soft: labels.map(|labels| SoftTargets {
                targets: last.g.address,
                labels,
            }),
            result: (!self.train).then_some(self.plan.results),
            top,
            score,
            site: last.sites.y,
            f: 0,
            temperature,
        }
        .emit(e)
    }

    /// What a word's format falls by when the word becomes an operand.
    fn narrowed(&self) -> i32 {
        self.config.width().word_shift() as i32
    }

    /// Row operands of a stage and their format.
    fn input(&self, i: usize) -> (Source, Format) {
        let lanes = self.config.lanes;
        match self.plan.stages[i]
            .stage
            .source
            .map(|p| &self.plan.stages[p])
        {
            Some(before) => (
                Source::Tensor(before.y),
                Format {
                    site: before.sites.y,
                    f: 0,
                },
            ),
            None => {
                let s = self.plan.format.stored();
                let t = Tensor {
                    address: 0,
                    blocks: s.c.div_ceil(lanes),
                    h: s.h,
                    w: s.w,
                };
                let f = self.plan.format.f - self.narrowed();
                (Source::Images(t), Format { site: NO_SITE, f })
            }
        }
    }

    /// Error of a stage's output.
    fn error(&self, i: usize) -> Format {
        if self.owner(i) + 1 == self.plan.stages.len() {
            Format {
                site: NO_SITE,
                f: gradient_f(self.n) - self.narrowed(),
            }
        } else {
            Format {
                site: self.plan.stages[i].sites.g,
                f: 0,
            }
        }
    }

    fn owner(&self, i: usize) -> usize {
        error_owner(&self.stages, i)
    }

    /// A tensor that is added to a result of stage `i`.
    fn skip(&self, i: usize, tensor: Tensor, format: Format) -> Result<Skip, CompileError> {
        Ok(Skip {
            tensor,
            site: format.site,
            f: narrow(&self.plan.stages[i], format.f)?,
        })
    }

    fn finish(
        &self,
        s: &StagePlan,
        site: u8,
        a: Format,
        b: Format,
    ) -> Result<Finish, CompileError> {
        // No product reads a gradient of weights or biases, nor the logits.
        let last = self.plan.stages.last().map(|s| s.sites.y);
        let wide = site == s.sites.d || site == s.sites.db || Some(site) == last;
        Ok(Finish {
            site,
            site_a: a.site,
            site_b: b.site,
            f: narrow(s, a.f + b.f)?,
            wide,
            freeze: self.freeze,
            end: true,
            store: true,
        })
    }

    /// Format of a stage's weights as they stand in memory.
    fn weight_f(&self, i: usize) -> i32 {
        self.formats.get(i).copied().unwrap_or(0)
    }

    /// Format of a stage's weights as the array reads them.
    fn weights(&self, i: usize) -> Result<Format, CompileError> {
        let s = &self.plan.stages[i].stage;
        let f = match s.kind {
            Kind::AveragePool => block_f(self.config, s.taps())?,
            _ => self.weight_f(i) - self.narrowed(),
        };
        Ok(Format { site: NO_SITE, f })
    }

    fn average<'a>(&self, p: &'a StagePlan) -> Average<'a> {
        Average {
            stage: &p.stage,
            n: self.n,
            constant: p.w.w,
            groups: self.groups(p.stage.ci),
        }
    }

    /// The runs of an operation with these sites, by whether results are stored.
    fn runs(&self, sites: &[u8]) -> &'static [bool] {
        if sites.iter().any(|&s| self.first.contains(s)) {
            &[false, true]
        } else {
            &[true]
        }
    }

    /// In a run without stores only the sites that need it learn.
    fn in_run(&self, f: Finish, store: bool) -> Finish {
        Finish {
            store,
            freeze: self.freeze || (!store && !self.first.contains(f.site)),
            ..f
        }
    }

    fn groups(&self, channels: usize) -> usize {
        channels.min(self.config.lanes).div_ceil(self.config.rows)
    }

    fn forward(&self, e: &mut Emitter, i: usize) -> Result<(), CompileError> {
        let p = &self.plan.stages[i];
        let s = &p.stage;
        let (source, x) = self.input(i);
        let full = s.full();
        let finish = self.finish(p, p.sites.y, x, self.weights(i)?)?;
        let skip = match s.skip.map(|k| &self.plan.stages[k]) {
            Some(other) => {
                let site = other.sites.y;
                Some(self.skip(i, other.y, Format { site, f: 0 })?)
            }
            None => None,
        };
        for &store in self.runs(&[finish.site]) {
            let finish = self.in_run(finish, store);
            if s.kind == Kind::AveragePool {
                let x = *source.tensor();
                self.average(p).forward(x, p.y, finish).emit(e)?;
                continue;
            }
            Ws {
                layer: &s.name,
                n: self.n,
                source,
                y: forward(&s.y),
                x: forward(&s.x),
                weights: p.w.w,
                one_block: false,
                co_blocks: p.y.blocks,
                ci_blocks: source.tensor().blocks,
                kernel: (s.y.kernel, s.x.kernel),
                transpose: false,
                out: Tensor {
                    h: full.h,
                    w: full.w,
                    ..p.y
                },
                pooled: s.pool.then_some((p.y, p.index.filter(|_| self.train))),
                bias: Some(p.b.w),
                mask: None,
                skip,
                relu: s.relu,
                phase: phase::FORWARD,
                groups: self.groups(s.ci),
                terms: (s.ci * s.taps()) as u32,
                finish,
            }
            .emit(e)?;
        }
        Ok(())
    }

    /// Whether the weights of stage `i` change.
    fn learns(&self, i: usize) -> bool {
        self.stages[i].is_trained() && !self.frozen.contains(i)
    }

    /// The first stage that learns: no error is needed before it.
    fn lowest(&self) -> usize {
        let all = self.stages.len();
        (0..all).find(|&i| self.learns(i)).unwrap_or(all)
    }

    fn backward(
        &self,
        e: &mut Emitter,
        i: usize,
        lowest: usize,
        parts: &mut Parts,
    ) -> Result<(), CompileError> {
        let p = &self.plan.stages[i];
        let g = self.error(i);
        if let Some(k) = p.stage.skip {
            parts[k] = Some((p.g, g));
        }
        e.tag = Part::PoolBack.tag(i);
        if let Some(index) = p.index {
            PoolBack {
                n: self.n,
                g: p.g,
                index,
                out: p.g_full,
            }
            .emit(e);
        }
        if self.learns(i) {
            e.tag = Part::Dw.tag(i);
            self.dw(e, i, g)?;
        }
        if let Some(j) = p.stage.source.filter(|&j| j >= lowest) {
            e.tag = Part::Dx.tag(i);
            self.dx(e, (i, j), g, parts)?;
        }
        if self.learns(i) {
            e.tag = Part::Update.tag(i);
            self.update(e, i)?;
        }
        Ok(())
    }

    fn dw(&self, e: &mut Emitter, i: usize, g: Format) -> Result<(), CompileError> {
        let p = &self.plan.stages[i];
        let s = &p.stage;
        let (source, x) = self.input(i);
        let none = Format {
            site: NO_SITE,
            f: 0,
        };
        let finish = self.finish(p, p.sites.d, x, g)?;
        let finish_bias = self.finish(p, p.sites.db, g, none)?;
        let full = s.full();
        for &store in self.runs(&[finish.site, finish_bias.site]) {
            Os {
                layer: &s.name,
                n: self.n,
                source,
                g: p.g_full,
                y: s.y,
                x: s.x,
                ci_blocks: source.tensor().blocks,
                groups: self.groups(s.ci),
                terms: (self.n * full.h * full.w) as u32,
                d: p.w.d,
                db: p.b.d,
                finish: self.in_run(finish, store),
                finish_bias: self.in_run(finish_bias, store),
            }
            .emit(e)?;
        }
        Ok(())
    }

    fn update(&self, e: &mut Emitter, i: usize) -> Result<(), CompileError> {
        let p = &self.plan.stages[i];
        let held = self.held.and_then(|all| all.get(i));
        let update = Sgd {
            at: p.w,
            shape: p.view.engine,
            bias: false,
            site_d: p.sites.d,
            f: 0,
            f_w: narrow(p, self.weight_f(i))?,
            tensor: 2 * i,
            held: held.map(|h| h[0]),
        };
        update.defer(e);
        Sgd {
            at: p.b,
            bias: true,
            site_d: p.sites.db,
            f_w: BIAS_F as i8,
            tensor: 2 * i + 1,
            held: held.map(|h| h[1]),
            ..update
        }
        .defer(e);
        Ok(())
    }

    /// The error of stage `j`'s output by way of stage `i`: complete, or a part that waits.
    fn dx(
        &self,
        e: &mut Emitter,
        (i, j): (usize, usize),
        g: Format,
        parts: &mut Parts,
    ) -> Result<(), CompileError> {
        let (p, before) = (&self.plan.stages[i], &self.plan.stages[j]);
        let s = &p.stage;
        let skip = match parts[j].take() {
            Some((tensor, format)) => Some(self.skip(i, tensor, format)?),
            None => None,
        };
        let (out, site, mask) = match p.part {
            Some(part) => (part, p.sites.part, None),
            None => (
                before.g,
                before.sites.g,
                before.stage.relu.then_some(before.y),
            ),
        };
        if p.part.is_some() {
            parts[j] = Some((out, Format { site, f: 0 }));
        }
        let finish = self.finish(p, site, g, self.weights(i)?)?;
        for &store in self.runs(&[finish.site]) {
            let finish = self.in_run(finish, store);
            if s.kind == Kind::AveragePool {
                let average = self.average(p);
                average.backward(p.g, out, (mask, skip), finish).emit(e)?;
                continue;
            }
            Ws {
                layer: &s.name,
                n: self.n,
                source: Source::Tensor(p.g_full),
                y: backward(&s.y),
                x: backward(&s.x),
                weights: p.w.w,
                one_block: false,
                co_blocks: p.g_full.blocks,
                ci_blocks: before.y.blocks,
                kernel: (s.y.kernel, s.x.kernel),
                transpose: true,
                out,
                pooled: None,
                bias: None,
                mask,
                skip,
                relu: false,
                phase: phase::DX,
                groups: self.groups(s.co),
                terms: (s.co * s.taps()) as u32,
                finish,
            }
            .emit(e)?;
        }
        Ok(())
    }
}
