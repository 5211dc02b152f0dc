//! A device with its sample slots and installed networks; runs compiled jobs on them.
//!
//! Programs are compiled once for each job and batch size and only patched from run to run. In a memory of less than
//! [`SMALL_MEMORY`] bytes they take turns in what the networks leave free, cut into pieces where it is too short. Windows are granted anew for every run: the
//! program and the samples may be read, the weights too (written only by a network installed for training), scratch is free. Training is in [`crate::train`], labelling a stream in [`crate::label`].

use crate::device::Device;
use crate::driver::{Engine, Site, Window};
use crate::error::{CompileError, Error};
use crate::fault::Context;
use crate::fold::InputFormat;
use crate::lower::{compile, Job, Options, SiteSet};
use crate::network::frozen::Frozen;
use crate::network::Network;
use crate::plan::{Allocator, NetworkPlan};
use crate::schedule::pieces::pieces;
use crate::schedule::{cost, Patch, Program};
use crate::selector::HostSelector;
use crate::tile::average::block;
use crate::trace::Trace;
use std::collections::HashMap;
use tandem_isa::command::COMMAND_BYTES;
use tandem_isa::{Command, Config};

/// Below so many bytes of memory no program has a place of its own.
pub const SMALL_MEMORY: u64 = 1 << 16;

/// An installed network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetId(pub(crate) usize);

/// One image of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Where it stands.
    pub slot: usize,
    /// Its class; any number if unknown.
    pub label: u16,
}

/// The fields of one tensor's update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// MU.
    pub mu: u16,
    /// LRM.
    pub lr_mantissa: u16,
    /// KLR.
    pub lr_shift: i8,
    /// LW.
    pub decay: u16,
    /// Key of the momentum's rounding.
    pub key_v: u32,
    /// Key of the weights' rounding.
    pub key_w: u32,
}

/// What a run fills into its commands, besides addresses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filled<'a> {
    /// Of every tensor's update.
    pub(crate) rates: &'a [Rate],
    /// Of the loss with soft targets.
    pub(crate) soft: Mixture,
}

/// How the engine mixes soft targets with labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mixture {
    /// Temperature constant.
    pub(crate) temperature: u32,
    /// Share of the soft part, of 32768.
    pub(crate) share: u16,
}

pub(crate) struct Loaded {
    pub(crate) program: Program,
    /// Its place, unless programs take turns.
    address: Option<u64>,
    limit: u64,
    pub(crate) cycles: u64,
}

pub(crate) struct Installed {
    pub(crate) network: Network,
    pub(crate) plan: NetworkPlan,
    pub(crate) context: Context,
    pub(crate) formats: Vec<i32>,
    pub(crate) options: Options,
    programs: HashMap<(Job, usize), Loaded>,
    /// Sites that have not seen a tensor yet.
    pub(crate) invalid: SiteSet,
    pub(crate) key: u32,
}

/// A device with samples and networks.
pub struct Session<D> {
    pub(crate) engine: Engine<D>,
    pub(crate) format: InputFormat,
    pub(crate) networks: Vec<Installed>,
    memory: Allocator,
    samples: u32,
    slots: usize,
    predicted: [u64; 2],
    /// Where the engine has no selector.
    pub(crate) selector: Option<HostSelector>,
    /// What stands in the free memory where programs take turns, and from where on.
    written: (u32, Vec<Command>),
    pub(crate) trace: Option<Trace>,
}

impl<D: Device> Session<D> {
    /// Takes an engine and sets `slots` places for samples of `format` aside.
    pub fn new(engine: Engine<D>, format: InputFormat, slots: usize) -> Result<Session<D>, Error> {
        let mut memory = Allocator::at(engine.memory_base(), engine.memory_size());
        let bytes = Self::sample_bytes_of(&format, engine.config());
        let samples = memory.take(
            bytes as u64 * slots as u64,
            format_args!("{slots} sample slots"),
        )?;
        Ok(Session {
            engine,
            format,
            networks: Vec::new(),
            memory,
            samples,
            slots,
            predicted: [0; 2],
            selector: None,
            written: (0, Vec::new()),
            trace: None,
        })
    }

    fn sample_bytes_of(format: &InputFormat, config: &Config) -> usize {
        (format.lanes(config.lanes) * 2).next_multiple_of(64)
    }

    /// Bytes from one sample slot to the next.
    pub fn sample_bytes(&self) -> usize {
        Self::sample_bytes_of(&self.format, self.engine.config())
    }

    /// Sample slots.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine<D> {
        &mut self.engine
    }

    /// How samples stand in memory.
    pub fn format(&self) -> &InputFormat {
        &self.format
    }

    /// Predicted cycles of all that was started, by context.
    pub fn predicted(&self) -> [u64; 2] {
        self.predicted
    }

    /// Bytes of memory in use.
    pub fn memory_used(&self) -> u64 {
        self.memory.used()
    }

    /// Places a network for batches of up to `batch` images, to run in `context`. The teacher's context has no yield points.
    pub fn install(
        &mut self,
        network: &Network,
        context: Context,
        batch: usize,
        training: bool,
    ) -> Result<NetId, Error> {
        let first = self.networks.last().map_or(0, |n| n.plan.site_range.1);
        let config = *self.engine.config();
        let plan = NetworkPlan::new(
            &config,
            network,
            self.format,
            batch,
            training,
            first,
            &mut self.memory,
        )?;
        // Lanes past the last channel must hold zeros.
        let (from, to) = (plan.weights.0, plan.scratch.1);
        let zeros = vec![0u8; 1 << 16];
        let mut at = from;
        while at < to {
            let n = zeros.len().min((to - at) as usize);
            self.engine.write_memory(at.into(), &zeros[..n])?;
            at += n as u32;
        }
        for &(count, address) in &plan.constants {
            self.engine
                .write_lanes(address.into(), &block(&config, count)?)?;
        }
        let yield_after = (context == Context::Student).then_some(50_000);
        self.networks.push(Installed {
            network: network.clone(),
            formats: vec![0; plan.stages.len()],
            plan,
            context,
            options: Options {
                yield_after,
                ..Default::default()
            },
            programs: HashMap::new(),
            invalid: SiteSet::default(),
            key: 1,
        });
        let id = NetId(self.networks.len() - 1);
        self.forget_sites(id)?;
        Ok(id)
    }

    /// Changes temperature or yield distance; programs are compiled anew.
    pub fn set_options(&mut self, net: NetId, options: Options) {
        let n = &mut self.networks[net.0];
        n.options = options;
        n.programs.clear();
    }

    /// Sets which stages keep their weights from here on; programs for other ones are compiled anew.
    pub fn freeze(&mut self, net: NetId, frozen: Frozen) {
        let options = self.networks[net.0].options;
        if options.frozen != frozen {
            self.set_options(net, Options { frozen, ..options });
        }
    }

    /// The network's places.
    pub fn plan(&self, net: NetId) -> &NetworkPlan {
        &self.networks[net.0].plan
    }

    /// The network.
    pub fn network(&self, net: NetId) -> &Network {
        &self.networks[net.0].network
    }

    /// Drops what the exponent sites have learnt.
    pub fn forget_sites(&mut self, net: NetId) -> Result<(), Error> {
        let (a, b) = self.networks[net.0].plan.site_range;
        for site in a..b {
            self.engine.set_site(site as u8, Site::default())?;
            self.networks[net.0].invalid.insert(site as u8);
        }
        Ok(())
    }

    /// Sets formats of the weights; programs that were compiled for others are dropped.
    pub(crate) fn set_formats(&mut self, net: NetId, formats: Vec<i32>) {
        let n = &mut self.networks[net.0];
        if n.formats != formats {
            n.formats = formats;
            n.programs.clear();
        }
    }

    /// Reads which sites have not seen a tensor.
    pub(crate) fn refresh_sites(&mut self, net: NetId) -> Result<(), Error> {
        if self.networks[net.0].invalid.is_empty() {
            return Ok(());
        }
        let (a, b) = self.networks[net.0].plan.site_range;
        let mut invalid = SiteSet::default();
        for site in a..b {
            if !self.engine.site(site as u8)?.valid {
                invalid.insert(site as u8);
            }
        }
        self.networks[net.0].invalid = invalid;
        Ok(())
    }

    /// The network's output sites that have not seen a tensor.
    pub(crate) fn invalid_outputs(&self, net: NetId) -> SiteSet {
        let n = &self.networks[net.0];
        let mut set = SiteSet::default();
        for s in &n.plan.stages {
            if n.invalid.contains(s.sites.y) {
                set.insert(s.sites.y);
            }
        }
        set
    }

    fn check_slot(&self, slot: usize) -> Result<u64, Error> {
        if slot >= self.slots {
            return Err(CompileError::Input {
                what: "sample slot",
                found: slot.to_string(),
                expected: format!("less than {}", self.slots),
                remedy: "open the session with more slots",
            }
            .into());
        }
        Ok(u64::from(self.samples) + (slot * self.sample_bytes()) as u64)
    }

    /// Writes an image (C, H, W), words of the session's format, to a slot, as operands of the engine.
    pub fn write_sample(&mut self, slot: usize, image: &[i16]) -> Result<(), Error> {
        let address = self.check_slot(slot)?;
        if image.len() != self.format.shape.len() {
            return Err(CompileError::Input {
                what: "values of an image",
                found: image.len().to_string(),
                expected: self.format.shape.len().to_string(),
                remedy: "give images of the session's shape",
            }
            .into());
        }
        let config = self.engine.config();
        let narrow = |&q: &i16| config.width().narrow(q);
        let image: Vec<i16> = image.iter().map(narrow).collect();
        let words = self.format.write(config.lanes, &image);
        Ok(self.engine.write_lanes(address, &words)?)
    }

    /// The program of a job, compiled and in memory.
    pub(crate) fn load(&mut self, net: NetId, job: Job, n: usize) -> Result<&Loaded, Error> {
        if !self.networks[net.0].programs.contains_key(&(job, n)) {
            let config = *self.engine.config();
            let i = &self.networks[net.0];
            let program = compile(&config, &i.plan, &i.formats, job, n, &i.options)?;
            let mut address = None;
            if self.memory.size() >= SMALL_MEMORY {
                let at = self.memory.take(program.bytes(), "program")?.into();
                self.engine.write_program(at, &program.commands)?;
                address = Some(at);
            }
            let serial: u64 = program
                .commands
                .iter()
                .map(|c| cost::serial(&config, c))
                .sum();
            let loaded = Loaded {
                cycles: cost::overlapped(&config, &program.commands),
                program,
                address,
                limit: serial * 8 + 4_000_000,
            };
            self.networks[net.0].programs.insert((job, n), loaded);
        }
        Ok(&self.networks[net.0].programs[&(job, n)])
    }

    /// The program a job would run, for printing and comparing.
    pub fn program(&mut self, net: NetId, job: Job, n: usize) -> Result<&Program, Error> {
        Ok(&self.load(net, job, n)?.program)
    }

    /// Writes records and patches and starts the job. Slots are passed on to the selector only with `score`.
    pub(crate) fn start(
        &mut self,
        net: NetId,
        job: Job,
        samples: &[Sample],
        score: bool,
        filled: Filled,
    ) -> Result<(), Error> {
        self.load(net, job, samples.len())?;
        let addresses: Vec<u64> = samples
            .iter()
            .map(|s| self.check_slot(s.slot))
            .collect::<Result<_, _>>()?;
        if self.engine.config().has_loss {
            self.write_records(net, samples, score)?;
        }
        let i = &self.networks[net.0];
        let loaded = &i.programs[&(job, samples.len())];
        self.predicted[i.context as usize] += loaded.cycles;
        if let Some(trace) = &mut self.trace {
            trace.started(self.engine.config(), net, i, job, samples.len(), loaded);
        }
        let patched = loaded
            .program
            .patches
            .iter()
            .map(|p| patched(&loaded.program, *p, &addresses, filled));
        let Some(address) = loaded.address else {
            let mut commands = loaded.program.commands.clone();
            patched.for_each(|(index, command)| commands[index] = command);
            let limit = loaded.limit;
            return self.start_in_turn(net, &commands, limit);
        };
        for (index, command) in patched {
            let at = address + index as u64 * 64;
            self.engine.write_memory(at, &command.encode())?;
        }
        let end = address + loaded.program.bytes();
        let (context, count) = (i.context, loaded.program.commands.len() as u32);
        self.grant(net, (address as u32, end as u32))?;
        Ok(self.engine.start(context, address, count)?)
    }

    /// Runs a program in the free memory: all pieces but the last at once, the last without waiting.
    fn start_in_turn(&mut self, net: NetId, commands: &[Command], limit: u64) -> Result<(), Error> {
        let (from, to) = self.memory.rest();
        let place = (to - from.min(to)) as usize / COMMAND_BYTES;
        if place == 0 {
            return Err(CompileError::Memory {
                what: "a piece of a program".into(),
                end: u64::from(from) + COMMAND_BYTES as u64,
                size: self.memory.size(),
            }
            .into());
        }
        let pieces = pieces(commands, place);
        let context = self.networks[net.0].context;
        if pieces.len() > 1 {
            self.engine.expect_idle(context.other())?;
        }
        self.grant(net, (from, to))?;
        for (i, piece) in pieces.iter().enumerate() {
            self.write_in_turn(from, piece)?;
            self.engine
                .start(context, from.into(), piece.len() as u32)?;
            if i + 1 < pieces.len() {
                self.engine.finish(context, limit)?;
            }
        }
        Ok(())
    }

    /// Writes the commands that do not stand there yet.
    fn write_in_turn(&mut self, from: u32, piece: &[Command]) -> Result<(), Error> {
        if self.written.0 != from {
            self.written = (from, Vec::new());
        }
        let there = &mut self.written.1;
        for (i, command) in piece.iter().enumerate() {
            if there.get(i) == Some(command) {
                continue;
            }
            let at = u64::from(from) + (i * COMMAND_BYTES) as u64;
            self.engine.write_memory(at, &command.encode())?;
            there.splice(i..(i + 1).min(there.len()), [*command]);
        }
        Ok(())
    }

    /// Records of the loss unit.
    fn write_records(&mut self, net: NetId, samples: &[Sample], score: bool) -> Result<(), Error> {
        let lanes = self.engine.config().lanes;
        let mut records = vec![0i16; samples.len() * lanes];
        for (word, s) in records.chunks_exact_mut(lanes).zip(samples) {
            word[0] = s.label as i16;
            word[1] = if score { s.slot as u16 as i16 } else { -1 };
        }
        let address = self.networks[net.0].plan.records;
        Ok(self.engine.write_lanes(address.into(), &records)?)
    }

    /// Grants what a run of a network may use; `program` is where its commands stand.
    fn grant(&mut self, net: NetId, program: (u32, u32)) -> Result<(), Error> {
        let window = |(base, end): (u32, u32), write| Window {
            base,
            end,
            read: true,
            write,
        };
        let samples_end = self.samples + (self.slots * self.sample_bytes()) as u32;
        let i = &self.networks[net.0];
        let windows = [
            window(program, false),
            window(i.plan.weights, i.plan.training),
            window(i.plan.scratch, true),
            window((self.samples, samples_end), false),
        ];
        for (w, window) in windows.into_iter().enumerate() {
            self.engine.set_window(i.context, w as u32, window)?;
        }
        Ok(())
    }

    /// Cycles after which a started job is given up.
    pub(crate) fn limit(&self, net: NetId, job: Job, n: usize) -> u64 {
        self.networks[net.0]
            .programs
            .get(&(job, n))
            .map_or(0, |l| l.limit)
    }

    /// Waits for the job started in the network's context.
    pub(crate) fn finish(&mut self, net: NetId, limit: u64) -> Result<(), Error> {
        let context = self.networks[net.0].context;
        Ok(self.engine.finish(context, limit)?)
    }
}

/// A command with this run's fields.
fn patched(program: &Program, patch: Patch, addresses: &[u64], filled: Filled) -> (usize, Command) {
    let (index, mut command) = match patch {
        Patch::Image { command, .. } | Patch::Update { command, .. } | Patch::Soft { command } => {
            (command, program.commands[command])
        }
    };
    match (patch, &mut command) {
        (Patch::Image { image, offset, .. }, Command::Load(c)) => {
            c.address = addresses.get(image).map_or(0, |&a| a as u32) + offset;
        }
        (Patch::Update { tensor, .. }, Command::Update(c)) => {
            let r = filled.rates.get(tensor).copied().unwrap_or_default();
            c.mu = r.mu;
            c.lr_mantissa = r.lr_mantissa;
            c.lr_shift = r.lr_shift;
            c.decay = r.decay;
            (c.key_v, c.key_w) = (r.key_v, r.key_w);
        }
        (Patch::Soft { .. }, Command::Loss(c)) => {
            (c.temperature, c.share) = (filled.soft.temperature, filled.soft.share);
        }
        _ => {}
    }
    (index, command)
}
