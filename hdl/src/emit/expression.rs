//! Kernel expressions as Verilog that means what the Rust means.
//!
//! Rust's types fix the width of every operation; Verilog takes it from the context. So an operand that could be
//! widened is printed in braces (a concatenation has its own width), literals get the width of their partner, and
//! operands are parenthesised by structure, not by precedence. Where a width is not known (casts of signed values do
//! not carry theirs) the expression is left to its context: there one operation per Local stays the rule.
use super::index::{evaluate, resolve};
use super::scope::Scope;
use rust_hdl::core::ast::{VerilogExpression as E, VerilogOp as Op, VerilogOpUnary as Unary};

/// What is known of a printed term.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    /// An unsized number.
    Number(u128),
    /// Unsigned, `width` bits in Rust; in Verilog at least as wide, with zeros above.
    Bits { width: usize, printed: usize },
    /// Signed, of this width.
    Signed(usize),
    /// Signed, width left to the context.
    Loose,
    /// Not known.
    Unknown,
}

/// How a term must be wrapped as an operand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrap {
    /// A name, literal, or something in brackets already.
    None,
    /// Its width does not depend on the context: parentheses.
    Paren,
    /// Its value would: braces.
    Brace,
}

struct Term {
    text: String,
    wrap: Wrap,
    kind: Type,
    /// A signal that can be indexed.
    signal: bool,
}

/// Prints the expressions of one module.
pub struct Printer<'a> {
    /// Signals of the module.
    pub scope: &'a Scope,
    /// Loop variables and their present values.
    pub loops: Vec<(String, usize)>,
}

fn bits(width: usize, printed: usize) -> Type {
    Type::Bits { width, printed }
}

fn mask(width: usize) -> String {
    let digits = width.div_ceil(4);
    let top = match width % 4 {
        0 => 'f',
        n => ['0', '1', '3', '7'][n],
    };
    format!("{width}'h{top}{}", "f".repeat(digits.saturating_sub(1)))
}

impl Term {
    fn new(text: String, wrap: Wrap, kind: Type) -> Self {
        Self {
            text,
            wrap,
            kind,
            signal: false,
        }
    }

    fn operand(&self) -> String {
        match self.wrap {
            Wrap::None => self.text.clone(),
            Wrap::Paren => format!("({})", self.text),
            Wrap::Brace => format!("{{{}}}", self.text),
        }
    }

    /// As an operand beside a partner of `kind`: literals take its width and sign.
    fn beside(&self, kind: Type) -> String {
        match (self.kind, kind) {
            (Type::Number(n), Type::Bits { width, .. }) => {
                let n = if width < 128 {
                    n & ((1 << width) - 1)
                } else {
                    n
                };
                format!("{width}'h{n:x}")
            }
            (Type::Number(n), Type::Signed(width)) => format!("{width}'sh{n:x}"),
            (Type::Number(n), Type::Loose) => format!("32'sh{n:x}"),
            _ => self.operand(),
        }
    }

    /// An operation's result of `width` bits printed `printed` wide: bits above the width are cut off.
    fn cut(text: String, width: usize, printed: usize) -> Self {
        if printed > width {
            let text = format!("{{{text}}} & {}", mask(width));
            return Self::new(text, Wrap::Paren, bits(width, printed));
        }
        Self::new(text, Wrap::Brace, bits(width, printed))
    }
}

impl Printer<'_> {
    /// A name with loop variables and indices resolved.
    pub fn name(&self, path: &str) -> Result<String, String> {
        resolve(path, &self.loops)
    }

    /// An expression whose width is its own: a condition, a case selector, an index.
    pub fn own_width(&self, e: &E) -> Result<String, String> {
        Ok(self.term(e)?.operand())
    }

    /// An expression assigned to `target`.
    pub fn assigned(&self, e: &E, target: Option<usize>) -> Result<String, String> {
        let term = self.term(e)?;
        Ok(match (term.kind, target) {
            (Type::Number(_), Some(width)) => term.beside(bits(width, width)),
            (Type::Bits { width, .. }, Some(t)) if t == width => term.text,
            (Type::Signed(width), Some(t)) if t == width => term.text,
            (Type::Loose | Type::Unknown, _) => term.text,
            _ => term.operand(),
        })
    }

    fn term(&self, e: &E) -> Result<Term, String> {
        match e {
            E::Signal(path) => self.signal(path),
            E::Literal(l) => {
                let text = format!("{l:x}");
                let digits = text.rsplit('h').next().unwrap_or("0");
                let kind = u128::from_str_radix(digits, 16).map_or(Type::Unknown, Type::Number);
                Ok(Term::new(text, Wrap::None, kind))
            }
            E::Paren(inner) => self.term(inner),
            E::Cast(inner, width) => self.cast(inner, *width),
            E::Signed(inner) => {
                let inner = self.term(inner)?;
                let text = match inner.kind {
                    Type::Signed(_) => inner.operand(),
                    _ => format!("$signed({})", inner.text),
                };
                Ok(Term::new(text, Wrap::None, Type::Loose))
            }
            E::Unsigned(inner) => {
                let inner = self.term(inner)?;
                let kind = match inner.kind {
                    Type::Signed(w) => bits(w, w),
                    _ => Type::Unknown,
                };
                let text = format!("$unsigned({})", inner.text);
                Ok(Term::new(text, Wrap::None, kind))
            }
            E::Binary(a, op, b) => self.binary(a, op, b),
            E::Unary(op, a) => self.unary(op, a),
            E::Index(a, at) => self.slice(a, 1, at, true),
            E::Slice(a, width, at) => self.slice(a, *width, at, false),
            E::IndexReplace(a, at, value) => self.replace(a, at, value),
        }
    }

    fn signal(&self, path: &str) -> Result<Term, String> {
        if let Some(value) = evaluate(path, &self.loops) {
            let kind = Type::Number(value as u128);
            return Ok(Term::new(value.to_string(), Wrap::None, kind));
        }
        let name = self.name(path)?;
        let found = self.scope.get(&name);
        let kind = match found {
            Some(k) if k.signed => Type::Signed(k.bits),
            Some(k) => bits(k.bits, k.bits),
            None => Type::Unknown,
        };
        // A signed constant is printed without a range, and tools disagree on what that is.
        let text = match found {
            Some(k) if k.signed && k.constant => format!("$signed({name})"),
            _ => name,
        };
        let mut term = Term::new(text, Wrap::None, kind);
        term.signal = found.is_some_and(|k| !k.constant && k.bits > 1);
        Ok(term)
    }

    fn cast(&self, inner: &E, to: usize) -> Result<Term, String> {
        let inner = self.term(inner)?;
        Ok(match inner.kind {
            Type::Bits { width, printed } if width < to && printed == width => {
                let text = format!("{{{}'h0, {}}}", to - width, inner.text);
                Term::new(text, Wrap::None, bits(to, to))
            }
            Type::Bits { width, .. } if width == to => inner,
            Type::Bits { .. } if inner.signal => Term::new(
                format!("{}[{}:0]", inner.text, to - 1),
                Wrap::None,
                bits(to, to),
            ),
            Type::Bits { printed, .. } => {
                let text = format!("{} & {}", inner.operand(), mask(to));
                Term::new(text, Wrap::Paren, bits(to, printed.max(to)))
            }
            Type::Number(_) => Term::new(inner.beside(bits(to, to)), Wrap::None, bits(to, to)),
            _ => {
                let text = format!("{} & {}", inner.operand(), mask(to));
                Term::new(text, Wrap::Paren, Type::Unknown)
            }
        })
    }

    fn binary(&self, a: &E, op: &Op, b: &E) -> Result<Term, String> {
        let (a, b) = (self.term(a)?, self.term(b)?);
        let sign = match op {
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::LogicalAnd => "&&",
            Op::LogicalOr => "||",
            Op::BitXor => "^",
            Op::BitAnd => "&",
            Op::BitOr => "|",
            Op::Shl => "<<",
            Op::Shr => ">>",
            Op::Eq => "==",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Ne => "!=",
            Op::Ge => ">=",
            Op::Gt => ">",
        };
        let text = format!("{} {sign} {}", a.beside(b.kind), b.beside(a.kind));
        Ok(match op {
            Op::Eq
            | Op::Ne
            | Op::Lt
            | Op::Le
            | Op::Gt
            | Op::Ge
            | Op::LogicalAnd
            | Op::LogicalOr => Term::new(text, Wrap::Paren, bits(1, 1)),
            Op::Shl | Op::Shr => {
                let text = format!("{} {sign} {}", a.operand(), b.operand());
                match a.kind {
                    Type::Bits { width, printed } if matches!(op, Op::Shl) => {
                        Term::cut(text, width, printed)
                    }
                    Type::Bits { width, printed } => {
                        Term::new(text, Wrap::Brace, bits(width, printed))
                    }
                    other => Term::new(text, Wrap::Paren, other),
                }
            }
            _ => match (a.kind, b.kind) {
                (
                    Type::Bits { width, printed },
                    Type::Bits {
                        width: w,
                        printed: p,
                    },
                ) if matches!(op, Op::Mul) => {
                    let text = format!("{{{w}'h0, {}}} * {}", a.text_in_braces(), b.operand());
                    Term::new(text, Wrap::Brace, bits(width + w, (printed + w).max(p)))
                }
                (Type::Bits { width, printed }, Type::Bits { printed: p, .. }) => {
                    result(op, text, width, printed.max(p))
                }
                (Type::Bits { width, printed }, Type::Number(_))
                | (Type::Number(_), Type::Bits { width, printed }) => {
                    result(op, text, width, printed)
                }
                (Type::Signed(w), Type::Signed(_) | Type::Number(_))
                | (Type::Number(_), Type::Signed(w))
                    if !matches!(op, Op::Mul) =>
                {
                    Term::new(format!("$signed({{{text}}})"), Wrap::None, Type::Signed(w))
                }
                (Type::Signed(_) | Type::Loose, _) | (_, Type::Signed(_) | Type::Loose) => {
                    Term::new(text, Wrap::Paren, Type::Loose)
                }
                _ => Term::new(text, Wrap::Paren, Type::Unknown),
            },
        })
    }

    fn unary(&self, op: &Unary, a: &E) -> Result<Term, String> {
        let a = self.term(a)?;
        let operand = a.operand();
        Ok(match (op, a.kind) {
            (
                Unary::Not,
                Type::Bits {
                    width: 1,
                    printed: 1,
                },
            ) => Term::new(format!("!{operand}"), Wrap::None, bits(1, 1)),
            (Unary::Not, Type::Bits { width, printed }) => {
                Term::cut(format!("~{operand}"), width, printed)
            }
            (Unary::Neg, Type::Bits { width, printed }) => {
                Term::cut(format!("-{operand}"), width, printed)
            }
            (Unary::Neg, Type::Signed(w)) => Term::new(
                format!("$signed({{-{operand}}})"),
                Wrap::None,
                Type::Signed(w),
            ),
            (Unary::Not, kind) => Term::new(format!("~{operand}"), Wrap::Paren, kind),
            (Unary::Neg, kind) => Term::new(format!("-{operand}"), Wrap::Paren, kind),
            (Unary::All, Type::Bits { width, printed }) if printed > width => {
                let text = format!("{operand} == {}", mask(width));
                Term::new(text, Wrap::Paren, bits(1, 1))
            }
            (Unary::All, _) => Term::new(format!("&{operand}"), Wrap::Paren, bits(1, 1)),
            (Unary::Any, _) => Term::new(format!("|{operand}"), Wrap::Paren, bits(1, 1)),
            (Unary::Xor, _) => Term::new(format!("^{operand}"), Wrap::Paren, bits(1, 1)),
        })
    }

    fn slice(&self, a: &E, width: usize, at: &E, index: bool) -> Result<Term, String> {
        let (a, at) = (self.term(a)?, self.term(at)?);
        let Type::Bits { width: of, printed } = a.kind else {
            let at = at.text;
            let text = match index {
                true => format!("{}[{at}]", a.text),
                false => format!("{}[({at})+:{width}]", a.text),
            };
            return Ok(Term::new(text, Wrap::None, bits(width, width)));
        };
        if of == width {
            return Ok(a);
        }
        Ok(match (a.signal, at.kind) {
            (true, Type::Number(n)) if index => {
                Term::new(format!("{}[{n}]", a.text), Wrap::None, bits(1, 1))
            }
            (true, Type::Number(n)) => {
                let text = format!("{}[{}:{n}]", a.text, n + width as u128 - 1);
                Term::new(text, Wrap::None, bits(width, width))
            }
            (true, _) if index => {
                Term::new(format!("{}[{}]", a.text, at.text), Wrap::None, bits(1, 1))
            }
            (true, _) => {
                let text = format!("{}[({})+:{width}]", a.text, at.text);
                Term::new(text, Wrap::None, bits(width, width))
            }
            // Verilog slices signals only: anything else is shifted down and cut.
            (false, _) => {
                let text = format!("({} >> {}) & {}", a.operand(), at.operand(), mask(width));
                Term::new(text, Wrap::Paren, bits(width, printed))
            }
        })
    }

    fn replace(&self, a: &E, at: &E, value: &E) -> Result<Term, String> {
        let (a, at, value) = (self.term(a)?, self.term(at)?, self.term(value)?);
        let Type::Bits { width, printed } = a.kind else {
            return Err(format!(
                "replace_bit on {}, whose width is not known",
                a.text
            ));
        };
        if width == 1 {
            return Ok(value);
        }
        let (a, at) = (a.operand(), at.operand());
        let value = match value.kind {
            Type::Number(n) => format!("{width}'h{:x}", n & 1),
            _ => format!("{{{}'h0, {}}}", width - 1, value.text),
        };
        let text = format!("({a} & {{~({printed}'h1 << {at})}}) | ({value} << {at})");
        Ok(Term::new(text, Wrap::Paren, bits(width, printed)))
    }
}

impl Term {
    /// The text where braces stand around it already.
    fn text_in_braces(&self) -> String {
        match self.wrap {
            Wrap::Paren => self.operand(),
            _ => self.text.clone(),
        }
    }
}

/// Add and subtract need their width fixed; and, or, xor of fitting operands cannot exceed it.
fn result(op: &Op, text: String, width: usize, printed: usize) -> Term {
    match op {
        Op::BitAnd | Op::BitOr | Op::BitXor => Term::new(text, Wrap::Paren, bits(width, printed)),
        _ => Term::cut(text, width, printed),
    }
}
