//! Kernels as Verilog always blocks: loops unrolled, every index resolved, links as assignments.
use super::expression::Printer;
use super::scope::{Scope, Scopes};
use rust_hdl::core::ast::{
    VerilogBlock, VerilogBlockOrConditional as Else, VerilogConditional, VerilogExpression,
    VerilogLink, VerilogStatement as S,
};
use rust_hdl::core::prelude::*;

/// Why a kernel could not be printed: module, then the thing at fault.
pub type KernelError = (String, String);

/// Hands the design to rust-hdl's generator with each kernel already printed.
pub struct Kernels<'a> {
    scopes: &'a Scopes,
    path: NamedPath,
    inner: ModuleDefines,
    error: Option<KernelError>,
}

/// The design's text, kernels printed here, everything around them by rust-hdl.
pub fn generate(block: &impl Block) -> Result<String, KernelError> {
    let mut scopes = Scopes::default();
    block.accept("top", &mut scopes);
    let mut kernels = Kernels {
        scopes: &scopes,
        path: NamedPath::default(),
        inner: ModuleDefines::default(),
        error: None,
    };
    block.accept("top", &mut kernels);
    match kernels.error {
        Some(error) => Err(error),
        None => Ok(kernels.inner.defines()),
    }
}

impl Probe for Kernels<'_> {
    fn visit_start_scope(&mut self, name: &str, node: &dyn Block) {
        self.path.push(name);
        let path = self.path.to_string();
        let empty = Scope::new();
        let scope = self.scopes.modules.get(&path).unwrap_or(&empty);
        let code = match node.hdl() {
            Verilog::Combinatorial(block) if !has_inout_link(&block) => {
                let mut lines = vec!["always @(*) begin".to_string()];
                let mut printer = Printer {
                    scope,
                    loops: vec![],
                };
                if let Err(e) = print_block(&mut printer, &block, 1, &mut lines) {
                    self.error.get_or_insert((path, e));
                }
                lines.push("end\n".into());
                Verilog::Custom(lines.join("\n"))
            }
            other => other,
        };
        self.inner.visit_start_scope(name, &Printed(code));
    }
    fn visit_end_scope(&mut self, name: &str, node: &dyn Block) {
        self.path.pop();
        self.inner.visit_end_scope(name, node);
    }
    fn visit_start_namespace(&mut self, name: &str, node: &dyn Block) {
        self.inner.visit_start_namespace(name, node);
    }
    fn visit_end_namespace(&mut self, name: &str, node: &dyn Block) {
        self.inner.visit_end_namespace(name, node);
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        self.inner.visit_atom(name, signal);
    }
}

/// Stands in for a block where the generator asks for its code.
struct Printed(Verilog);

impl Logic for Printed {
    fn update(&mut self) {}
    fn hdl(&self) -> Verilog {
        self.0.clone()
    }
}

impl Block for Printed {
    fn connect_all(&mut self) {}
    fn update_all(&mut self) {}
    fn has_changed(&self) -> bool {
        false
    }
    fn accept(&self, _name: &str, _probe: &mut dyn Probe) {}
}

/// Inout pins cannot be assigned: such a kernel stays with rust-hdl's own printer.
fn has_inout_link(block: &VerilogBlock) -> bool {
    block.iter().any(|s| match s {
        S::Link(links) => links
            .iter()
            .any(|l| matches!(l, VerilogLink::Bidirectional(_))),
        S::Loop(l) => has_inout_link(&l.block),
        S::Macro(b) => has_inout_link(b),
        _ => false,
    })
}

fn print_block(
    p: &mut Printer,
    block: &VerilogBlock,
    depth: usize,
    out: &mut Vec<String>,
) -> Result<(), String> {
    let pad = "    ".repeat(depth);
    for statement in block {
        match statement {
            S::Assignment(target, value) => {
                let (name, width) = target_of(p, target)?;
                let value = p.assigned(value, width)?;
                out.push(format!("{pad}{name} = {value};"));
            }
            S::SliceAssignment {
                base,
                width,
                offset,
                replacement,
            } => {
                let (name, _) = target_of(p, base)?;
                let offset = p.own_width(offset)?;
                let value = p.assigned(replacement, Some(*width))?;
                out.push(format!("{pad}{name}[({offset})+:{width}] = {value};"));
            }
            S::If(conditional) => print_if(p, conditional, "", depth, out)?,
            S::Match(m) => {
                out.push(format!("{pad}case ({})", p.own_width(&m.test)?));
                for case in &m.cases {
                    let label = p.name(&case.condition)?;
                    out.push(format!("{pad}    {label}: begin"));
                    print_block(p, &case.block, depth + 2, out)?;
                    out.push(format!("{pad}    end"));
                }
                out.push(format!("{pad}endcase"));
            }
            S::Loop(l) => {
                for value in l.from.as_usize()..l.to.as_usize() {
                    p.loops.push((l.index.clone(), value));
                    let printed = print_block(p, &l.block, depth, out);
                    p.loops.pop();
                    printed?;
                }
            }
            S::Comment(text) => out.push(format!("{pad}// {text}")),
            S::Link(links) => {
                for link in links {
                    out.push(format!("{pad}{};", print_link(p, link)?));
                }
            }
            S::Macro(block) => print_block(p, block, depth, out)?,
        }
    }
    Ok(())
}

fn target_of(p: &Printer, e: &VerilogExpression) -> Result<(String, Option<usize>), String> {
    let VerilogExpression::Signal(path) = e else {
        return Err(format!("assignment to {e:?}"));
    };
    let name = p.name(path)?;
    let width = p.scope.get(&name).map(|k| k.bits);
    Ok((name, width))
}

fn print_if(
    p: &mut Printer,
    c: &VerilogConditional,
    before: &str,
    depth: usize,
    out: &mut Vec<String>,
) -> Result<(), String> {
    let pad = "    ".repeat(depth);
    let test = p.own_width(&c.test)?;
    let test = match test.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) if !inner.contains(')') => inner.to_string(),
        _ => test,
    };
    out.push(format!("{pad}{before}if ({test}) begin"));
    print_block(p, &c.then, depth + 1, out)?;
    match &c.otherwise {
        Else::Block(block) => {
            out.push(format!("{pad}end else begin"));
            print_block(p, block, depth + 1, out)?;
        }
        Else::Conditional(next) => {
            if let S::If(next) = next.as_ref() {
                return print_if(p, next, "end else ", depth, out);
            }
        }
        Else::None => {}
    }
    out.push(format!("{pad}end"));
    Ok(())
}

fn print_link(p: &Printer, link: &VerilogLink) -> Result<String, String> {
    let (to, from, signal) = match link {
        VerilogLink::Forward(d) => (&d.other_name, &d.owner_name, &d.my_name),
        VerilogLink::Backward(d) | VerilogLink::Bidirectional(d) => {
            (&d.owner_name, &d.other_name, &d.my_name)
        }
    };
    let name = |base: &String| {
        let base = p.name(base)?;
        let signal = p.name(signal)?;
        Ok::<_, String>(if signal.is_empty() {
            base
        } else {
            format!("{base}${signal}")
        })
    };
    Ok(format!("{} = {}", name(to)?, name(from)?))
}
