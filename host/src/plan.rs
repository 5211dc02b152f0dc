//! Where everything of a network stands in DDR, and which exponent sites it uses.
//!
//! A training plan keeps every stage's output for its backward; an inference plan lets two buffers take turns.

use crate::error::CompileError;
use crate::fold::{InputFormat, WeightView};
use crate::network::graph::{completes_error, error_owner};
use crate::network::{Network, Shape, Stage};
use crate::tile::vector::{Held, Trained};
use crate::tile::Tensor;
use std::fmt;
use tandem_isa::command::NO_SITE;
use tandem_isa::layout::Activation;
use tandem_isa::Config;

/// Hands out DDR from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocator {
    base: u64,
    next: u64,
    /// One past the last byte.
    end: u64,
}

impl Allocator {
    /// Memory of `size` bytes from address 0 on, of which an address can reach 4 GiB.
    pub fn new(size: u64) -> Allocator {
        Allocator::at(0, size)
    }

    /// The same from address `base` on.
    pub fn at(base: u64, size: u64) -> Allocator {
        Allocator {
            base,
            next: base.next_multiple_of(64),
            end: base.saturating_add(size).min(1 << 32),
        }
    }

    /// `bytes` on a 64-byte boundary.
    pub fn take(&mut self, bytes: u64, what: impl fmt::Display) -> Result<u32, CompileError> {
        let at = self.next;
        let end = at + bytes;
        if end > self.end {
            return Err(CompileError::Memory {
                what: what.to_string(),
                end: end - self.base,
                size: self.size(),
            });
        }
        self.next = end.next_multiple_of(64).min(self.end);
        Ok(at as u32)
    }

    /// First free byte.
    pub fn free(&self) -> u32 {
        self.next.min(u64::from(u32::MAX)) as u32
    }

    /// Bytes handed out.
    pub fn used(&self) -> u64 {
        self.next - self.base
    }

    /// What is free now, as (first byte, end); `take` of a network moves its start.
    pub fn rest(&self) -> (u32, u32) {
        let end = self.end.min(u64::from(u32::MAX)) as u32;
        (self.free(), end & !63)
    }

    /// Bytes there are.
    pub fn size(&self) -> u64 {
        self.end.saturating_sub(self.base)
    }
}

/// Exponent sites of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sites {
    /// Output.
    pub y: u8,
    /// Error of the output; none for the last stage, whose error has a constant format.
    pub g: u8,
    /// Gradient of the weights; none without weights.
    pub d: u8,
    /// Gradient of the biases; none without.
    pub db: u8,
    /// The part of the input's error that another stage completes; mostly none.
    pub part: u8,
}

/// Sites a stage takes in training; in inference each takes the first.
fn sites_of(stages: &[Stage], i: usize) -> usize {
    let trained = if stages[i].is_trained() { 4 } else { 2 };
    trained + usize::from(keeps_part(stages, i))
}

/// Whether the input gradient of a stage is kept for another reader of its source to complete.
fn keeps_part(stages: &[Stage], i: usize) -> bool {
    stages[i].source.is_some() && !completes_error(stages, i)
}

/// One stage with its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagePlan {
    /// As the engine runs it.
    pub stage: Stage,
    /// Weights as users see them and as the engine holds them.
    pub view: WeightView,
    /// Weights, momentum, gradient; of an average pool its block, which nothing changes.
    pub w: Trained,
    /// Biases, their momentum, gradient.
    pub b: Trained,
    /// Result.
    pub y: Tensor,
    /// Pool indices.
    pub index: Option<Tensor>,
    /// Error of the result; of a projection that of the sum it is added to.
    pub g: Tensor,
    /// Error before the pool; the same as `g` without one.
    pub g_full: Tensor,
    /// The part of the input's error that another stage completes.
    pub part: Option<Tensor>,
    /// Sites.
    pub sites: Sites,
}

/// A network in DDR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPlan {
    /// Stages in order.
    pub stages: Vec<StagePlan>,
    /// How samples stand in memory.
    pub format: InputFormat,
    /// Most images of a batch.
    pub batch: usize,
    /// Has what training needs.
    pub training: bool,
    /// Records (label, slot), one word an image; with a loss unit.
    pub records: u32,
    /// Rankings; with a loss unit.
    pub results: u32,
    /// Blocks of average pools: how many values are averaged, DDR address.
    pub constants: Vec<(usize, u32)>,
    /// DDR range of weights and constants.
    pub weights: (u32, u32),
    /// DDR range of everything else.
    pub scratch: (u32, u32),
    /// First site and one past the last.
    pub site_range: (usize, usize),
    /// Places of what weights are pulled back to, once [`NetworkPlan::hold`] has made room for it.
    pub held: Option<HeldPlan>,
}

/// Where stands what the weights of a network are pulled back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPlan {
    /// Of weights and biases of every stage; places of no bytes where there are none.
    pub tensors: Vec<[Held; 2]>,
    /// DDR range.
    pub range: (u32, u32),
}

impl NetworkPlan {
    /// Places `network` for batches of up to `batch` images.
    pub fn new(
        config: &Config,
        network: &Network,
        format: InputFormat,
        batch: usize,
        training: bool,
        first_site: usize,
        memory: &mut Allocator,
    ) -> Result<NetworkPlan, CompileError> {
        check(network, format, batch)?;
        let (lanes, word) = (config.lanes, config.word_bytes() as u64);
        let engine: Vec<Stage> = network
            .stages()
            .iter()
            .enumerate()
            .map(|(i, s)| {
                if i == 0 {
                    format.first_stage(s)
                } else {
                    s.clone()
                }
            })
            .collect();
        let counts: Vec<usize> = (0..engine.len())
            .map(|i| if training { sites_of(&engine, i) } else { 1 })
            .collect();
        let last_site = first_site + counts.iter().sum::<usize>();
        let limit = config.sites.min(usize::from(NO_SITE));
        if last_site > limit {
            return Err(CompileError::Limit {
                layer: "network".into(),
                what: "exponent sites, of all networks on the device",
                found: last_site as u64,
                limit: limit as u64,
                remedy: "use fewer layers",
            });
        }
        let start = memory.free();
        let views: Vec<WeightView> = network
            .stages()
            .iter()
            .zip(&engine)
            .map(|(l, e)| WeightView::new(l, e))
            .collect();
        let mut trained = Vec::new();
        let mut constants: Vec<(usize, u32)> = Vec::new();
        for (s, v) in engine.iter().zip(&views) {
            if !s.is_trained() {
                let w = match constants.iter().find(|(n, _)| *n == s.taps()) {
                    Some(&(_, w)) => w,
                    None => {
                        let bytes = (lanes * lanes * 2) as u64;
                        let w = memory.take(bytes, format_args!("constants of {}", s.name))?;
                        constants.push((s.taps(), w));
                        w
                    }
                };
                trained.push((s, w, w, 0, 0));
                continue;
            }
            let bytes = v.engine.words(lanes) as u64 * word;
            let bias = s.co.div_ceil(lanes) as u64 * word;
            let w = memory.take(bytes, format_args!("weights of {}", s.name))?;
            let b = memory.take(bias, format_args!("biases of {}", s.name))?;
            trained.push((s, w, b, bytes, bias));
        }
        let weights = (start, memory.free());
        let mut places = Vec::new();
        for (s, w, b, bytes, bias) in trained {
            let mut state = |bytes, w| -> Result<Trained, CompileError> {
                if !training || !s.is_trained() {
                    return Ok(Trained { w, v: w, d: w });
                }
                Ok(Trained {
                    w,
                    v: memory.take(bytes, format_args!("momentum of {}", s.name))?,
                    d: memory.take(bytes, format_args!("gradient of {}", s.name))?,
                })
            };
            places.push((state(bytes, w)?, state(bias, b)?));
        }
        let mut tensor = |shape: Shape, what: &str, name: &str| {
            let a = Activation {
                n: batch,
                c: shape.c,
                h: shape.h,
                w: shape.w,
            };
            let bytes = a.words(lanes) as u64 * word;
            memory
                .take(bytes, format_args!("{what} of {name}"))
                .map(|address| Tensor {
                    address,
                    blocks: a.blocks(lanes),
                    h: a.h,
                    w: a.w,
                })
        };
        let mut stages: Vec<StagePlan> = Vec::new();
        let mut next_site = first_site;
        for (i, (view, (w, b))) in views.into_iter().zip(places).enumerate() {
            let stage = engine[i].clone();
            let (out, full) = (stage.output(), stage.full());
            let y = tensor(out, "results", &stage.name)?;
            let (mut index, mut g, mut g_full, mut part) = (None, y, y, None);
            if training && error_owner(&engine, i) == i {
                g = tensor(out, "error", &stage.name)?;
                g_full = g;
                if stage.pool {
                    index = Some(tensor(out, "pool indices", &stage.name)?);
                    g_full = tensor(full, "error before the pool", &stage.name)?;
                }
            }
            if training && keeps_part(&engine, i) {
                let source = stages[stage.source.unwrap_or(0)].stage.output();
                part = Some(tensor(source, "part of an error by", &stage.name)?);
            }
            let first = next_site as u8;
            next_site += counts[i];
            let at = |k: u8, on: bool| if training && on { first + k } else { NO_SITE };
            let trained = stage.is_trained();
            let sites = Sites {
                y: first,
                g: at(1, true),
                d: at(2, trained),
                db: at(3, trained),
                part: at(if trained { 4 } else { 2 }, part.is_some()),
            };
            stages.push(StagePlan {
                stage,
                view,
                w,
                b,
                y,
                index,
                g,
                g_full,
                part,
                sites,
            });
        }
        for i in 0..stages.len() {
            let owner = error_owner(&engine, i);
            if training && owner != i {
                let (g, site) = (stages[owner].g, stages[owner].sites.g);
                let s = &mut stages[i];
                (s.g, s.g_full, s.sites.g) = (g, g, site);
            }
        }
        let (mut records, mut results) = (0, 0);
        if config.has_loss {
            records = memory.take(batch as u64 * word, "records")?;
            results = memory.take((batch * config.result_words()) as u64 * word, "rankings")?;
        }
        Ok(NetworkPlan {
            stages,
            format,
            batch,
            training,
            records,
            results,
            constants,
            scratch: (weights.1, memory.free()),
            weights,
            site_range: (first_site, last_site),
            held: None,
        })
    }

    /// Makes room for what weights are pulled back to, unless there is.
    pub fn hold(&mut self, config: &Config, memory: &mut Allocator) -> Result<(), CompileError> {
        if self.held.is_some() {
            return Ok(());
        }
        let bytes = |words: usize| ((words * config.word_bytes()) as u64).next_multiple_of(64);
        let sizes: Vec<[u64; 2]> = self
            .stages
            .iter()
            .map(|s| match s.stage.is_trained() {
                true => [
                    bytes(s.view.engine.words(config.lanes)),
                    bytes(s.stage.co.div_ceil(config.lanes)),
                ],
                false => [0; 2],
            })
            .collect();
        let all = sizes.iter().flatten().sum::<u64>() * 2;
        let from = memory.take(all, "what weights are pulled back to")?;
        let mut at = from;
        let mut next = |bytes: u64| {
            let place = at;
            at += bytes as u32;
            place
        };
        let tensors = sizes.iter().map(|tensors| {
            tensors.map(|bytes| Held {
                old: next(bytes),
                importance: next(bytes),
            })
        });
        self.held = Some(HeldPlan {
            tensors: tensors.collect(),
            range: (from, from + all as u32),
        });
        Ok(())
    }

    /// Classes it tells apart.
    pub fn classes(&self) -> usize {
        self.stages.last().map_or(0, |s| s.stage.co)
    }
}

impl fmt::Display for NetworkPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "batch {}, weights {:#x}..{:#x}, scratch {:#x}..{:#x}, sites {}..{}",
            self.batch,
            self.weights.0,
            self.weights.1,
            self.scratch.0,
            self.scratch.1,
            self.site_range.0,
            self.site_range.1
        )?;
        for s in &self.stages {
            writeln!(
                f,
                "{}: w {:#x} b {:#x} y {:#x} g {:#x} sites {:?}",
                s.stage.name, s.w.w, s.b.w, s.y.address, s.g_full.address, s.sites
            )?;
        }
        Ok(())
    }
}

fn check(network: &Network, format: InputFormat, batch: usize) -> Result<(), CompileError> {
    let refuse = |what, found: String, expected: String, remedy| {
        Err(CompileError::Input {
            what,
            found,
            expected,
            remedy,
        })
    };
    if format.shape != network.input() {
        return refuse(
            "image shape",
            format.shape.to_string(),
            network.input().to_string(),
            "build the network for the images it gets",
        );
    }
    if batch == 0 || batch > 4095 {
        return refuse(
            "batch",
            batch.to_string(),
            "1 to 4095".into(),
            "change the batch size",
        );
    }
    for s in network.stages().iter().filter(|s| s.is_trained()) {
        let terms = (batch * s.full().h * s.full().w) as u64;
        if terms > tandem_isa::numerics::MAX_K.into() {
            return Err(CompileError::Limit {
                layer: s.name.clone(),
                what: "products of a weight gradient (batch x output pixels)",
                found: terms,
                limit: tandem_isa::numerics::MAX_K.into(),
                remedy: "use a smaller batch",
            });
        }
    }
    let out = network.output();
    let last = network.stages().last();
    if out.h * out.w != 1 || out.c < 2 || out.c > 1024 || last.is_some_and(|s| s.relu || s.pool) {
        return refuse(
            "last layer",
            format!(
                "{out}{}",
                if last.is_some_and(|s| s.relu) {
                    " with relu"
                } else {
                    ""
                }
            ),
            "2 to 1024 classes, one value each, no relu or pool".into(),
            "end with a fully connected layer to the number of classes",
        );
    }
    Ok(())
}
