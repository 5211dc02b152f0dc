//! host/include/tandem.svd: the register map for debuggers and generators, in CMSIS-SVD.

use super::NOTICE;
use tandem_isa::register::{self as reg, Access, Field, Register};

/// The file.
pub fn file() -> String {
    let version = (reg::VERSION_VALUE >> 16, reg::VERSION_VALUE & 0xffff);
    let mut out = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<!-- {NOTICE} -->
<device schemaVersion="1.3" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance" xs:noNamespaceSchemaLocation="CMSIS-SVD.xsd">
  <name>TANDEM</name>
  <version>{}.{}</version>
  <description>The Tandem engine; its base address is the design's, here 0</description>
  <addressUnitBits>8</addressUnitBits>
  <width>32</width>
  <peripherals>
    <peripheral>
      <name>TANDEM</name>
      <description>Registers of the engine</description>
      <baseAddress>0x0</baseAddress>
      <addressBlock>
        <offset>0x0</offset>
        <size>{:#x}</size>
        <usage>registers</usage>
      </addressBlock>
      <registers>
"#,
        version.0,
        version.1,
        reg::SPACE
    );
    reg::ALL.iter().for_each(|r| register(&mut out, r));
    out + "      </registers>\n    </peripheral>\n  </peripherals>\n</device>\n"
}

/// What may be done with it, what a write of 1 does, and whether a read takes something away.
fn access(access: Access) -> (&'static str, Option<&'static str>, bool) {
    match access {
        Access::ReadOnly => ("read-only", None, false),
        Access::ReadWrite => ("read-write", None, false),
        Access::WriteOnly => ("write-only", None, false),
        Access::WriteOneToClear => ("read-write", Some("oneToClear"), false),
        Access::ReadPops => ("read-only", None, true),
    }
}

/// Value after reset: that of identification registers is the configuration's, but for two.
fn reset(r: &Register) -> u32 {
    match r.offset {
        reg::ID => reg::ID_VALUE,
        reg::VERSION => reg::VERSION_VALUE,
        _ => r.reset,
    }
}

fn register(out: &mut String, r: &Register) {
    let mut line = |depth: usize, text: String| {
        *out += &format!("{:1$}{text}\n", "", 2 * depth);
    };
    line(4, "<register>".into());
    let (times, distance) = r.repeats();
    let mut name = r.name.to_string();
    if times > 1 {
        line(5, format!("<dim>{times}</dim>"));
        line(5, format!("<dimIncrement>{distance:#x}</dimIncrement>"));
        name = name.replace("WINDOW", "WINDOW%s");
    }
    let (may, write, takes) = access(r.access);
    line(5, format!("<name>{name}</name>"));
    line(5, format!("<description>{}</description>", escaped(r.doc)));
    line(5, format!("<addressOffset>{:#x}</addressOffset>", r.offset));
    line(5, "<size>32</size>".into());
    line(5, format!("<access>{may}</access>"));
    line(5, format!("<resetValue>{:#x}</resetValue>", reset(r)));
    if let Some(write) = write {
        line(
            5,
            format!("<modifiedWriteValues>{write}</modifiedWriteValues>"),
        );
    }
    if takes {
        line(5, "<readAction>modifyExternal</readAction>".into());
    }
    if !r.fields.is_empty() {
        line(5, "<fields>".into());
        r.fields.iter().for_each(|f| field(&mut line, f));
        line(5, "</fields>".into());
    }
    line(4, "</register>".into());
}

fn field(line: &mut impl FnMut(usize, String), f: &Field) {
    let high = f.low + f.bits - 1;
    line(6, "<field>".into());
    line(7, format!("<name>{}</name>", f.name));
    line(7, format!("<description>{}</description>", escaped(f.doc)));
    line(7, format!("<bitRange>[{high}:{}]</bitRange>", f.low));
    if !f.values.is_empty() {
        line(7, "<enumeratedValues>".into());
        for (value, name) in f.values {
            let name = name.to_uppercase().replace(' ', "_");
            let text = format!(
                "<enumeratedValue><name>{name}</name><value>{value}</value></enumeratedValue>"
            );
            line(8, text);
        }
        line(7, "</enumeratedValues>".into());
    }
    line(6, "</field>".into());
}

fn escaped(text: &str) -> String {
    let text = text.trim().replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}
