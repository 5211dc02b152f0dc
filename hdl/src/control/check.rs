//! Check of a command before any unit sees it: the same checks, in the same order, with the same code and value as
//! `tandem_isa::Command::decode`. Its text is generated from the field tables, so no offset or range stands here by hand.
//! It does not split fields for the units: that is [`decode`](super::decode).
//!
//! | port | meaning |
//! |---|---|
//! | `command` | 64 bytes, byte 0 in bits 7:0 |
//! | `bad` | refused: `code` is the `ErrorCode`, `value` what goes with it; both 0 otherwise |
//! | `to_unit` | bit u: a good command for unit u; 0 for a yield or a bad command |
//! | `is_yield` | a good command that control runs itself |
//!
//! The first failing check counts: opcode (value: the byte), flags (value: the flags), wait and signal mask, then the fields
//! in their order (value: the byte offset in 31:24, the low 24 bits of the field; `terms` too great: the whole field).
//!
//! Combinational, no clock, no state. A chain of some 25 compares: register what comes out.
use super::word::unpack;
use rust_hdl::prelude::*;
use tandem_isa::command::{Field, Unit, COMMAND_BYTES, FORMATS};
use tandem_isa::{Command, ErrorCode};

/// Command check.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Check {
    /// The 64 bytes, byte 0 in bits 7:0.
    pub command: Signal<In, Bits<512>>,
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

/// The golden function: the contract's own decoder.
pub fn verdict(bytes: &[u8; COMMAND_BYTES]) -> Verdict {
    match Command::decode(bytes) {
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
        let v = verdict(&unpack(self.command.val()));
        self.bad.next = v.code != 0;
        self.code.next = u64::from(v.code).into();
        self.value.next = u64::from(v.value).into();
        self.to_unit.next = u64::from(v.to_unit).into();
        self.is_yield.next = v.is_yield;
    }
    fn connect(&mut self) {
        self.bad.connect();
        self.code.connect();
        self.value.connect();
        self.to_unit.connect();
        self.is_yield.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(text())
    }
}

/// `(condition, code, value)` as one arm of a chain.
fn refuse(condition: &str, code: ErrorCode, value: &str) -> String {
    format!(
        "      if ({condition}) begin bad = 1'b1; code = 8'd{}; value = {value}; end\n      else",
        code as u32
    )
}

/// The arms of one field; nothing for a field that can hold no illegal value.
fn field_arms(f: &Field) -> String {
    let (low, high, bits) = (8 * f.offset, 8 * f.offset + f.bits - 1, f.bits);
    // Two's complement is compared without sign after flipping the sign bit on both sides.
    let flip = if f.signed { 1u64 << (bits - 1) } else { 0 };
    let mask = u64::MAX >> (64 - bits);
    let limit = |v: i64| format!("{bits}'d{}", (v as u64 ^ flip) & mask);
    let field = if f.signed {
        format!("(command[{high}:{low}] ^ {bits}'d{flip})")
    } else {
        format!("command[{high}:{low}]")
    };
    let low24 = match bits {
        32.. => format!("command[{}:{low}]", low + 23),
        _ if f.signed => format!(
            "{{{{{}{{command[{high}]}}}}, command[{high}:{low}]}}",
            24 - bits
        ),
        _ => format!("{{{}'d0, command[{high}:{low}]}}", 24 - bits),
    };
    let value = format!("{{8'd{}, {low24}}}", f.offset);
    let mut arms = String::new();
    if !f.is_checked() {
        return arms;
    }
    let smallest = if f.signed { -(1i64 << (bits - 1)) } else { 0 };
    if f.min > smallest {
        arms += &refuse(
            &format!("{field} < {}", limit(f.min)),
            ErrorCode::BadField,
            &value,
        );
    }
    if f.max < smallest + mask as i64 {
        let (code, value) = if f.name == "terms" {
            (ErrorCode::TooManyTerms, format!("command[{high}:{low}]"))
        } else {
            (ErrorCode::BadField, value)
        };
        arms += &refuse(&format!("{field} > {}", limit(f.max)), code, &value);
    }
    arms
}

/// The leaf's Verilog.
fn text() -> String {
    let mut text = String::from(
        "// cell command_check\nalways @(*) begin\n  bad = 1'b0; code = 8'd0; value = 32'd0; to_unit = 6'd0; is_yield = 1'b0;\n  case (command[7:0])\n",
    );
    let units = (1u8 << Unit::COUNT) - 1;
    for f in FORMATS {
        text += &format!("    8'd{}: begin\n", f.opcode);
        text += &refuse(
            &format!("|(command[15:8] & 8'd{})", !f.flag_mask()),
            ErrorCode::BadFlags,
            "{24'd0, command[15:8]}",
        );
        for byte in [2, 3] {
            let range = format!("command[{}:{}]", 8 * byte + 7, 8 * byte);
            text += &refuse(
                &format!("{range} > 8'd{units}"),
                ErrorCode::BadField,
                &format!("{{8'd{byte}, 16'd0, {range}}}"),
            );
        }
        text.extend(f.fields.iter().map(field_arms));
        text += &match f.unit {
            Some(unit) => format!(" to_unit = 6'd{};\n    end\n", unit.bit()),
            None => " is_yield = 1'b1;\n    end\n".into(),
        };
    }
    text += &format!(
        "    default: begin bad = 1'b1; code = 8'd{}; value = {{24'd0, command[7:0]}}; end\n  endcase\nend\n",
        ErrorCode::BadOpcode as u32
    );
    text
}

#[cfg(test)]
#[path = "check_tests.rs"]
pub(crate) mod tests;
