//! The signals of every module with their types, as rust-hdl names them in Verilog.
use rust_hdl::core::prelude::*;
use std::collections::HashMap;

/// A signal's type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    /// Width.
    pub bits: usize,
    /// `Signed`, otherwise unsigned.
    pub signed: bool,
    /// A constant: it cannot be sliced in Verilog.
    pub constant: bool,
}

/// Signals by name.
pub type Scope = HashMap<String, Kind>;

/// Collects the signals of all modules, by module path.
#[derive(Default)]
pub struct Scopes {
    path: NamedPath,
    space: Vec<String>,
    /// Signals of each module; a child's ports are `child$port` in its parent.
    pub modules: HashMap<String, Scope>,
}

impl Probe for Scopes {
    fn visit_start_scope(&mut self, name: &str, _node: &dyn Block) {
        self.path.push(name);
        self.space.clear();
    }
    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.path.pop();
    }
    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.space.push(name.into());
    }
    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.space.pop();
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let name = [&self.space[..], &[name.to_string()]].concat().join("$");
        let kind = Kind {
            bits: signal.bits(),
            signed: matches!(signal.descriptor().kind, TypeKind::Signed(_)),
            constant: signal.kind() == AtomKind::Constant,
        };
        if signal.kind().is_parameter() {
            let port = format!("{}${name}", self.path.last());
            let parent = self.modules.entry(self.path.parent()).or_default();
            parent.insert(port, kind);
        }
        let own = self.modules.entry(self.path.to_string()).or_default();
        own.insert(name, kind);
    }
}
