//! A trace as trace-event JSON, which Perfetto (ui.perfetto.dev) and Chrome's `about:tracing` open.
//!
//! Two processes, teacher and student. The first track of each has its programs, one after the other as they were started; the
//! others are the engine's units with the commands of those programs. One microsecond of the viewer is one cycle; what the host
//! did between two programs is left out.

use super::{profile::unit_name, Trace};
use crate::fault::Context;
use serde_json::{json, Value};
use std::io::{self, Write};
use tandem_isa::Unit;

/// Commands that are written at most; of programs past them, but for each one's first run, only the program is.
pub const COMMANDS: usize = 200_000;

const CONTEXTS: [(Context, &str); 2] =
    [(Context::Teacher, "teacher"), (Context::Student, "student")];

/// Writes a trace.
pub fn write(trace: &Trace, config: &str, out: &mut dyn Write) -> io::Result<()> {
    let [teacher, student] = trace.cycles();
    let about = json!({
        "configuration": config,
        "unit of time": "1 us in the viewer is one cycle of the engine, by the cost model",
        "programs": trace.runs.len(),
        "cycles of the teacher": teacher,
        "cycles of the student": student,
    });
    write!(
        out,
        "{{\"otherData\":{about},\"displayTimeUnit\":\"ns\",\"traceEvents\":["
    )?;
    let mut list = List { out, first: true };
    for (context, name) in CONTEXTS {
        list.name(context, None, "process_name", name)?;
        list.name(context, Some(0), "thread_name", "programs")?;
        for unit in Unit::ALL {
            let name = match unit {
                Unit::Compute => "array".into(),
                other => unit_name(other),
            };
            list.name(context, Some(unit as u64 + 1), "thread_name", &name)?;
        }
    }
    let (mut now, mut left) = (0, COMMANDS);
    let mut shown = vec![false; trace.programs.len()];
    for &index in &trace.runs {
        let Some(program) = trace.programs.get(index) else {
            continue;
        };
        let pid = pid(program.context);
        let cycles = program.timeline.cycles;
        list.put(json!({
            "name": program.name(), "cat": "program", "ph": "X", "pid": pid, "tid": 0, "ts": now, "dur": cycles,
            "args": { "commands": program.commands.len(), "cycles": cycles },
        }))?;
        let spans = &program.timeline.spans;
        if !shown[index] || spans.len() <= left {
            shown[index] = true;
            left = left.saturating_sub(spans.len());
            for span in spans {
                let kind = program.commands.get(span.command);
                list.put(json!({
                    "name": program.label(span.command), "cat": kind.map_or("", |c| c.format().name), "ph": "X",
                    "pid": pid, "tid": span.unit as u64 + 1, "ts": now + span.start, "dur": span.end - span.start,
                    "args": { "command": span.command, "done after": span.done - span.start },
                }))?;
            }
        }
        now += cycles;
    }
    list.out.write_all(b"\n]}\n")
}

fn pid(context: Context) -> u64 {
    context as u64 + 1
}

struct List<'a> {
    out: &'a mut dyn Write,
    first: bool,
}

impl List<'_> {
    fn put(&mut self, value: Value) -> io::Result<()> {
        let comma = if std::mem::take(&mut self.first) {
            ""
        } else {
            ","
        };
        write!(self.out, "{comma}\n{value}")
    }

    fn name(
        &mut self,
        context: Context,
        tid: Option<u64>,
        kind: &str,
        name: &str,
    ) -> io::Result<()> {
        self.put(json!({
            "name": kind, "ph": "M", "pid": pid(context), "tid": tid.unwrap_or(0), "args": { "name": name },
        }))
    }
}
