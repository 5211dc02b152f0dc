//! Check of a command before any unit sees it: the same checks, in the same order, with the same code and value as
//! `tandem_isa::Command::decode_for`. Its text is generated from the field tables, so no offset or range stands here by hand.
//! It does not split fields for the units: that is [`decode`](super::decode).
//!
//! | port | meaning |
//! |---|---|
//! | `take`, `in_command` | pulse: take this command, byte 0 in bits 7:0 |
//! | `command` | the command that was taken |
//! | `judged` | what follows is of it |
//! | `bad` | refused: `code` is the `ErrorCode`, `value` what goes with it; both 0 otherwise |
//! | `to_unit` | bit u: a good command for unit u; 0 for a yield or a bad command |
//! | `is_yield` | a good command that control runs itself |
//!
//! The first failing check counts: opcode (value: the byte), flags (value: the flags), wait and signal mask, then the fields
//! in their order (value: the byte offset in 31:24, the low 24 bits of the field; `terms` too great: the whole field).
//!
//! Places that several formats share are looked at once, and a format's fields stand in the order of their bytes.
//! In one cycle every place is looked at, in the next the first at fault is chosen: together they would be one of the longest paths of the engine.
//! Latency: `judged` in the third cycle after `take`; a command may be taken at any time and ends the judgement of the one before.
//! Reset state: none; `judged` means something once a command was taken.
use super::word::unpack;
use rust_hdl::prelude::*;
use tandem_isa::command::{Field, Unit, Update, COMMAND_BYTES, FORMATS};
use tandem_isa::config::TINY;
use tandem_isa::{Command, Config, ErrorCode};

/// Command check.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Check {
    /// Clock, rising edge.
    pub clock: Signal<In, Clock>,
    /// Take a command at this edge.
    pub take: Signal<In, Bit>,
    /// Its 64 bytes, byte 0 in bits 7:0.
    pub in_command: Signal<In, Bits<512>>,
    /// The command that was taken.
    pub command: Signal<Out, Bits<512>>,
    /// The following is of it.
    pub judged: Signal<Out, Bit>,
    /// The command is refused.
    pub bad: Signal<Out, Bit>,
    /// Why.
    pub code: Signal<Out, Bits<8>>,
    /// The value at fault.
    pub value: Signal<Out, Bits<32>>,
    /// The unit that runs it, one-hot.
    pub to_unit: Signal<Out, Bits<6>>,
    /// A yield.
    pub is_yield: Signal<Out, Bit>,
    // Its places are looked at; the first at fault is chosen.
    _looks: bool,
    _chooses: bool,
    _plain: bool,
}

impl Check {
    /// Of an engine with elastic updates, or without: it refuses their flag.
    pub fn new(elastic: bool) -> Self {
        Self {
            _plain: !elastic,
            ..Default::default()
        }
    }
}

/// What the check says of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Code, 0 = good.
    pub code: u32,
    /// Value at fault.
    pub value: u32,
    /// Unit, one-hot.
    pub to_unit: u8,
    /// A yield.
    pub is_yield: bool,
}

/// The golden function: the contract's own decoder, of an engine with all units.
pub fn verdict(bytes: &[u8; COMMAND_BYTES], elastic: bool) -> Verdict {
    let config = Config {
        has_elastic: elastic,
        ..TINY
    };
    match Command::decode_for(&config, bytes) {
        Ok(command) => {
            let unit = command.format().unit;
            Verdict {
                to_unit: unit.map_or(0, Unit::bit),
                is_yield: unit.is_none(),
                ..Default::default()
            }
        }
        Err(e) => {
            let offset = match e.field {
                "wait" => 2,
                "signal" => 3,
                name => FORMATS
                    .iter()
                    .find(|f| f.opcode == bytes[0])
                    .and_then(|f| f.fields.iter().find(|x| x.name == name))
                    .map_or(0, |x| x.offset as u32),
            };
            let found = e.found as u32;
            Verdict {
                code: e.code as u32,
                value: match e.code {
                    ErrorCode::BadField => offset << 24 | found & 0xff_ffff,
                    _ => found,
                },
                ..Default::default()
            }
        }
    }
}

impl Logic for Check {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let take = self.take.val();
        if self._chooses {
            let v = verdict(&unpack(self.command.val()), !self._plain);
            self.bad.next = v.code != 0;
            self.code.next = u64::from(v.code).into();
            self.value.next = u64::from(v.value).into();
            self.to_unit.next = u64::from(v.to_unit).into();
            self.is_yield.next = v.is_yield;
        }
        self.judged.next = (self._chooses | self.judged.val()) & !take;
        self._chooses = self._looks & !take;
        self._looks = take;
        if take {
            self.command.next = self.in_command.val();
        }
    }
    fn connect(&mut self) {
        self.command.connect();
        self.judged.connect();
        self.bad.connect();
        self.code.connect();
        self.value.connect();
        self.to_unit.connect();
        self.is_yield.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(text(!self._plain))
    }
}

/// What is looked at in one place, and who finds fault with it.
struct Place {
    /// First byte, then width and sign: the order in which places are checked.
    key: (usize, usize, bool, bool),
    /// Code and value of a refusal.
    code: ErrorCode,
    value: String,
    /// `opcode is this && value is outside`, of every format that has the place.
    faults: Vec<String>,
}

/// Adds a condition to its place.
fn note(
    places: &mut Vec<Place>,
    key: (usize, usize, bool, bool),
    what: (ErrorCode, &str),
    fault: String,
) {
    match places.iter_mut().find(|p| p.key == key) {
        Some(place) => place.faults.push(fault),
        None => places.push(Place {
            key,
            code: what.0,
            value: what.1.into(),
            faults: vec![fault],
        }),
    }
}

/// `range > limit` without an adder where the limit is all ones from some bit down.
fn above(high: usize, low: usize, limit: u64) -> String {
    let bits = high + 1 - low;
    if (limit + 1).is_power_of_two() && limit > 0 {
        return format!("(|command[{high}:{}])", low + limit.count_ones() as usize);
    }
    format!("(command[{high}:{low}] > {bits}'d{limit})")
}

/// Notes the conditions of one field; nothing for a field that can hold no illegal value.
fn note_field(places: &mut Vec<Place>, opcode: u8, f: &Field) {
    let (low, high, bits) = (8 * f.offset, 8 * f.offset + f.bits - 1, f.bits);
    if !f.is_checked() {
        return;
    }
    // Two's complement is compared without sign after flipping the sign bit on both sides.
    let flip = if f.signed { 1u64 << (bits - 1) } else { 0 };
    let mask = u64::MAX >> (64 - bits);
    let limit = |v: i64| (v as u64 ^ flip) & mask;
    let flipped = format!("(command[{high}:{low}] ^ {bits}'d{flip})");
    let low24 = match bits {
        32.. => format!("command[{}:{low}]", low + 23),
        _ if f.signed => format!(
            "{{{{{}{{command[{high}]}}}}, command[{high}:{low}]}}",
            24 - bits
        ),
        _ => format!("{{{}'d0, command[{high}:{low}]}}", 24 - bits),
    };
    let value = format!("{{8'd{}, {low24}}}", f.offset);
    let field = (ErrorCode::BadField, value.as_str());
    let key = (f.offset, bits, f.signed, false);
    let smallest = if f.signed { -(1i64 << (bits - 1)) } else { 0 };
    if f.min > smallest {
        let small = match (f.signed, f.min) {
            (false, 1) => format!("(command[{high}:{low}] == {bits}'d0)"),
            (false, _) => format!("(command[{high}:{low}] < {bits}'d{})", f.min),
            (true, _) => format!("({flipped} < {bits}'d{})", limit(f.min)),
        };
        note(places, key, field, format!("is[{opcode}] & {small}"));
    }
    if f.max < smallest + mask as i64 {
        let great = if f.signed {
            format!("({flipped} > {bits}'d{})", limit(f.max))
        } else {
            above(high, low, f.max as u64)
        };
        let fault = format!("is[{opcode}] & {great}");
        if f.name == "terms" {
            let whole = format!("command[{high}:{low}]");
            let key = (f.offset, bits, f.signed, true);
            note(places, key, (ErrorCode::TooManyTerms, &whole), fault);
        } else {
            note(places, key, field, fault);
        }
    }
}

fn text(elastic: bool) -> String {
    let units = (1u64 << Unit::COUNT) - 1;
    let mut places = vec![];
    for f in FORMATS {
        let op = f.opcode;
        let flags = (ErrorCode::BadFlags, "{24'd0, command[15:8]}");
        let missing = match op {
            Update::OPCODE if !elastic => Update::ELASTIC,
            _ => 0,
        };
        let legal = f.flag_mask() & !missing;
        let fault = format!("is[{op}] & (|(command[15:8] & 8'd{}))", !legal);
        note(&mut places, (1, 8, false, false), flags, fault);
        for field in f.fields {
            note_field(&mut places, op, field);
        }
    }
    for byte in [2, 3] {
        let (high, low) = (8 * byte + 7, 8 * byte);
        let value = format!("{{8'd{byte}, 16'd0, command[{high}:{low}]}}");
        let fault = format!("(|is) & {}", above(high, low, units));
        let key = (byte, 8, false, false);
        note(&mut places, key, (ErrorCode::BadField, &value), fault);
    }
    places.sort_by_key(|p| p.key);

    let last = FORMATS.iter().map(|f| f.opcode).max().unwrap_or(0);
    let top = places.len() - 1;
    let mut text = format!(
        "// cell command_check\nreg looks, chooses;\nreg [{last}:0] is, was;\nreg [{top}:0] at, held, first;\n\
         reg is_bad, yields;\nreg [7:0] its_code;\nreg [31:0] its_value;\nreg [5:0] its_unit;\nalways @(*) begin\n  is = 0;\n"
    );
    for f in FORMATS {
        text += &format!("  is[{0}] = command[7:0] == 8'd{0};\n", f.opcode);
    }
    for (i, place) in places.iter().enumerate() {
        text += &format!("  at[{i}] = ({});\n", place.faults.join(") |\n    ("));
        let before = if i == 0 {
            String::new()
        } else {
            format!(" & !(|held[{}:0])", i - 1)
        };
        text += &format!("  first[{i}] = held[{i}]{before};\n");
    }
    text += &format!(
        "  is_bad = !(|was) | (|held);\n  its_code = {{8{{!(|was)}}}} & 8'd{};\n  its_value = {{32{{!(|was)}}}} & {{24'd0, command[7:0]}};\n",
        ErrorCode::BadOpcode as u32
    );
    for (i, place) in places.iter().enumerate() {
        text += &format!(
            "  its_code = its_code | ({{8{{first[{i}]}}}} & 8'd{});\n  its_value = its_value | ({{32{{first[{i}]}}}} & {});\n",
            place.code as u32, place.value
        );
    }
    text += "  its_unit = 6'd0;\n  yields = 1'b0;\n";
    for f in FORMATS {
        text += &match f.unit {
            Some(unit) => format!(
                "  if (was[{}] & !is_bad) its_unit = 6'd{};\n",
                f.opcode,
                unit.bit()
            ),
            None => format!("  if (was[{}] & !is_bad) yields = 1'b1;\n", f.opcode),
        };
    }
    text + "end\n\
        always @(posedge clock) begin\n  if (take) command <= in_command;\n  looks <= take;\n  chooses <= looks & !take;\n  \
        was <= is;\n  held <= at;\n  if (chooses) begin\n    bad <= is_bad;\n    code <= its_code;\n    value <= its_value;\n    \
        to_unit <= its_unit;\n    is_yield <= yields;\n  end\n  judged <= (chooses | judged) & !take;\nend\n"
}

#[cfg(test)]
#[path = "check_tests.rs"]
pub(crate) mod tests;
