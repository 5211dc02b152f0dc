//! The Rust simulation, stepped directly, and what went in and came out.
use super::{Difference, ParityError, Rng};
use rust_hdl::core::prelude::*;
use std::path::Path;

/// Gives the clock field of a block.
pub type ClockOf<'c, B> = dyn for<'a> Fn(&'a mut B) -> &'a mut Signal<In, Clock> + 'c;

const MAX_PASSES: usize = 2000;

/// A port of the block's top level.
#[derive(Clone, Debug)]
pub struct Port {
    /// Name, as rust-hdl prints it.
    pub name: String,
    /// Width.
    pub bits: usize,
    /// Set by the stimulus.
    pub input: bool,
}

impl Port {
    /// 64-bit words a value takes.
    pub fn words(&self) -> usize {
        self.bits.div_ceil(64)
    }
}

/// Inputs and outputs of every cycle, as 64-bit words, least significant first.
pub struct Recording {
    /// Ports without the clock.
    pub ports: Vec<Port>,
    /// Name of the clock port.
    pub clock: Option<String>,
    /// Number of cycles.
    pub cycles: usize,
    /// Input words of all cycles.
    pub inputs: Vec<u64>,
    /// Output words of all cycles.
    pub outputs: Vec<u64>,
}

impl Recording {
    /// Runs the block for `cycles` cycles.
    pub fn make<B: Block>(
        name: &str,
        block: &mut B,
        clock: Option<&ClockOf<'_, B>>,
        cycles: usize,
        seed: u64,
        stimulus: &mut dyn FnMut(&mut B, &mut Rng, usize),
    ) -> Result<Self, ParityError> {
        let clock_id = clock.map(|c| Atom::id(c(block)));
        let mut probe = PortProbe {
            clock_id,
            list: Some(vec![]),
            ..Default::default()
        };
        block.accept("top", &mut probe);
        let mut recording = Self {
            ports: probe.list.take().unwrap_or_default(),
            clock: probe.clock.take(),
            cycles,
            inputs: vec![],
            outputs: vec![],
        };
        let settle = |block: &mut B, cycle| {
            if simulate(block, MAX_PASSES) {
                return Ok(());
            }
            Err(ParityError::Unsettled {
                name: name.into(),
                cycle,
                passes: MAX_PASSES,
            })
        };
        let mut rng = Rng::new(seed);
        for cycle in 0..cycles {
            stimulus(block, &mut rng, cycle);
            settle(block, cycle)?;
            probe.inputs.clear();
            probe.outputs.clear();
            block.accept("top", &mut probe);
            recording.inputs.append(&mut probe.inputs);
            recording.outputs.append(&mut probe.outputs);
            if let Some(clock) = clock {
                clock(block).next = true.into();
                settle(block, cycle)?;
                clock(block).next = false.into();
                settle(block, cycle)?;
            }
        }
        Ok(recording)
    }

    /// Compares with the outputs of the verilated module and names the first difference.
    pub fn compare(
        &self,
        name: &str,
        seed: u64,
        found: &[u64],
        verilog: &Path,
    ) -> Result<(), ParityError> {
        if found.len() != self.outputs.len() {
            return Err(ParityError::Replay {
                name: name.into(),
                expected: self.outputs.len(),
                found: found.len(),
            });
        }
        let Some(at) = (0..found.len()).find(|&i| found[i] != self.outputs[i]) else {
            return Ok(());
        };
        let per_cycle = self.outputs.len() / self.cycles;
        let cycle = at / per_cycle;
        let mut word = cycle * per_cycle;
        for port in self.ports.iter().filter(|p| !p.input) {
            let range = word..word + port.words();
            if range.contains(&at) {
                return Err(ParityError::Differs(Box::new(Difference {
                    name: name.into(),
                    seed,
                    cycle,
                    port: port.name.clone(),
                    rust: hex(&self.outputs[range.clone()]),
                    verilog: hex(&found[range]),
                    inputs: self.inputs_of(cycle),
                    file: verilog.display().to_string(),
                })));
            }
            word = range.end;
        }
        Ok(())
    }

    /// Outputs that have one value throughout, except those named in `allowed`.
    pub fn still(&self, allowed: &[String]) -> Vec<String> {
        let per_cycle = self.outputs.len() / self.cycles.max(1);
        let mut at = 0;
        let mut still = vec![];
        for port in self.ports.iter().filter(|p| !p.input) {
            let range = at..at + port.words();
            at = range.end;
            let mut values = self
                .outputs
                .chunks_exact(per_cycle)
                .map(|c| &c[range.clone()]);
            let first = values.next();
            let stem = port.name.split('$').next().unwrap_or_default();
            if values.all(|v| Some(v) == first) && !allowed.iter().any(|a| a == stem) {
                still.push(port.name.clone());
            }
        }
        still
    }

    fn inputs_of(&self, cycle: usize) -> String {
        let mut word = cycle * (self.inputs.len() / self.cycles);
        let mut list = vec![];
        for port in self.ports.iter().filter(|p| p.input) {
            let value = hex(&self.inputs[word..word + port.words()]);
            list.push(format!("{}=0x{value}", port.name));
            word += port.words();
        }
        list.truncate(40);
        list.join(" ")
    }
}

fn hex(words: &[u64]) -> String {
    let digits: String = words.iter().rev().map(|w| format!("{w:016x}")).collect();
    match digits.trim_start_matches('0') {
        "" => "0".into(),
        short => short.into(),
    }
}

/// Lists the ports of the top level, or reads their values.
#[derive(Default)]
struct PortProbe {
    depth: usize,
    space: Vec<String>,
    clock_id: Option<usize>,
    clock: Option<String>,
    list: Option<Vec<Port>>,
    inputs: Vec<u64>,
    outputs: Vec<u64>,
}

impl Probe for PortProbe {
    fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth += 1;
    }
    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth -= 1;
    }
    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.space.push(name.into());
    }
    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.space.pop();
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        if self.depth != 1 || !signal.kind().is_parameter() {
            return;
        }
        let input = signal.kind() == AtomKind::InputParameter;
        if let Some(list) = &mut self.list {
            let name = [&self.space[..], &[name.to_string()]].concat().join("$");
            if self.clock_id == Some(signal.id()) {
                self.clock = Some(name);
            } else {
                list.push(Port {
                    name,
                    bits: signal.bits(),
                    input,
                });
            }
        } else if self.clock_id != Some(signal.id()) {
            let words = if input {
                &mut self.inputs
            } else {
                &mut self.outputs
            };
            push_value(words, signal.bits(), &format!("{:x}", signal.verilog()));
        }
    }
}

/// Appends a literal as rust-hdl prints it (`16'h2a`, `8'h-5`), cut to `bits`.
fn push_value(words: &mut Vec<u64>, bits: usize, literal: &str) {
    let digits = literal.rsplit('h').next().unwrap_or("0");
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let mut value = vec![0u64; bits.div_ceil(64)];
    for (i, digit) in digits.chars().rev().enumerate() {
        let nibble = u64::from(digit.to_digit(16).unwrap_or(0));
        if let Some(word) = value.get_mut(i / 16) {
            *word |= nibble << (4 * (i % 16));
        }
    }
    if negative {
        let mut carry = true;
        for word in &mut value {
            (*word, carry) = (!*word).overflowing_add(u64::from(carry));
        }
    }
    if bits % 64 != 0 {
        if let Some(last) = value.last_mut() {
            *last &= (1 << (bits % 64)) - 1;
        }
    }
    words.extend(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_every_shape_are_read() {
        let read = |bits, text: &str| {
            let mut words = vec![];
            push_value(&mut words, bits, text);
            words
        };
        assert_eq!(read(16, "16'h2a"), [0x2a]);
        assert_eq!(read(8, "8'h-5"), [0xfb]);
        assert_eq!(read(68, "68'hf0000000000000001"), [1, 15]);
        assert_eq!(read(68, "68'h-1"), [u64::MAX, 15]);
    }
}
