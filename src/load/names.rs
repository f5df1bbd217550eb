//! The names that an expansion may use: Supervisor's dictionaries, which differ from option to option.

use std::borrow::Cow;
use std::rc::Rc;

use crate::map::Map;
use crate::python::integer::Integer;
use crate::python::percent::{Names, Var};
use crate::reading::Reading;

/// What begins the name of an environment variable.
const PREFIX: &str = "ENV_";

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Binding {
    /// A text.
    Text(Rc<str>),
    /// A number: `process_num` and `numprocs`.
    Int(Integer),
    /// A text that is not known.
    Unknown,
}

impl Binding {
    fn var(&self) -> Var<'_> {
        match self {
            Self::Text(text) => Var::Text(Cow::Borrowed(text)),
            Self::Int(number) => Var::Int(number),
            Self::Unknown => Var::Unknown,
        }
    }
}

/// `Options.environ_expansions`: `ENV_x` for the environment that supervisord was started with and, once it has been
/// read, for `[supervisord] environment`.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    names: Map<Rc<str>, Binding>,
    /// Whether further names exist that are not known.
    open: bool,
}

impl Environment {
    /// The environment that the reading gives.
    #[must_use]
    pub fn of(reading: &Reading) -> Self {
        let mut environment = Self { names: Map::default(), open: reading.environment.is_none() };
        for (name, value) in reading.environment.iter().flatten() {
            environment.set(name, value.as_str().into());
        }
        environment
    }

    /// Defines `ENV_name`.
    pub fn set(&mut self, name: &str, value: Rc<str>) {
        self.names.insert(format!("{PREFIX}{name}").into(), Binding::Text(value));
    }

    /// From now on any name may be defined: a list of variables could not be read because it depends on unknown ones.
    pub fn forget(&mut self) {
        self.open = true;
        for binding in self.names.values_mut() {
            *binding = Binding::Unknown;
        }
    }
}

/// The dictionary of one expansion: some names over an environment.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    environment: &'a Environment,
    own: Map<Rc<str>, Binding>,
    /// Names of the environment that mean something else for now.
    shadows: Map<Rc<str>, Binding>,
    /// Whether the environment's names stand first in the dictionary, as in `saneget`, or behind ours.
    environment_first: bool,
    open: bool,
}

impl<'a> Scope<'a> {
    /// The dictionary that `saneget` makes: the environment, then the names set here.
    #[must_use]
    pub fn environment_first(environment: &'a Environment) -> Self {
        Self { environment, own: Map::default(), shadows: Map::default(), environment_first: true, open: false }
    }

    /// The dictionary of `read_config` and of `_processes_from_section`: the names set here, then the environment.
    #[must_use]
    pub fn own_first(environment: &'a Environment) -> Self {
        Self { environment_first: false, ..Self::environment_first(environment) }
    }

    /// The same names with the environment's first, as `saneget` puts them.
    #[must_use]
    pub fn saneget(&self) -> Saneget<'_> {
        Saneget(self)
    }

    /// Defines a name.
    pub fn set(&mut self, name: &str, binding: Binding) {
        let names = if self.environment.names.contains_key(name) { &mut self.shadows } else { &mut self.own };
        if let Some(old) = names.get_mut(name) {
            *old = binding;
        } else {
            names.insert(name.into(), binding);
        }
    }

    /// Defines a name as a text.
    pub fn set_text(&mut self, name: &str, text: &Rc<str>) {
        self.set(name, Binding::Text(Rc::clone(text)));
    }

    /// Defines `host_node_name`.
    pub fn set_node(&mut self, node: Option<&str>) {
        self.set("host_node_name", node.map_or(Binding::Unknown, |node| Binding::Text(node.into())));
    }

    /// Defines `ENV_name` for a variable of the program's own environment.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.set(&format!("{PREFIX}{name}"), Binding::Text(value.into()));
    }

    /// Gives the variables of supervisord their own values again (`expansions.update(self.environ_expansions)`).
    pub fn restore_environment(&mut self) {
        self.shadows.clear();
    }

    /// From now on any variable may be defined: the program's environment could not be read.
    pub fn forget_variables(&mut self) {
        self.open = true;
        let names: Vec<Rc<str>> = self.environment.names.keys().cloned().collect();
        for name in names {
            self.set(&name, Binding::Unknown);
        }
        for (name, binding) in &mut self.own {
            if name.starts_with(PREFIX) {
                *binding = Binding::Unknown;
            }
        }
    }
}

impl Names for Scope<'_> {
    fn get(&self, name: &str) -> Option<Var<'_>> {
        let ours = self.shadows.get(name).or_else(|| self.own.get(name));
        match ours.or_else(|| self.environment.names.get(name)) {
            Some(binding) => Some(binding.var()),
            None if self.open() && name.starts_with(PREFIX) => Some(Var::Unknown),
            None => None,
        }
    }

    fn entries(&self) -> Vec<(Cow<'_, str>, Var<'_>)> {
        self.in_order(self.environment_first)
    }

    fn open(&self) -> bool {
        self.open || self.environment.open
    }
}

impl Scope<'_> {
    fn in_order(&self, environment_first: bool) -> Vec<(Cow<'_, str>, Var<'_>)> {
        let environment = self.environment.names.iter().map(|(name, binding)| {
            let binding = self.shadows.get(name).unwrap_or(binding);
            (Cow::Borrowed(&**name), binding.var())
        });
        let ours = |variables: bool| {
            self.own
                .iter()
                .filter(move |(name, _)| name.starts_with(PREFIX) == variables)
                .map(|(name, binding)| (Cow::Borrowed(&**name), binding.var()))
        };
        if environment_first {
            environment.chain(ours(false)).chain(ours(true)).collect()
        } else {
            ours(false).chain(environment).chain(ours(true)).collect()
        }
    }
}

/// A scope seen with the environment's names first.
#[derive(Clone, Copy, Debug)]
pub struct Saneget<'s>(&'s Scope<'s>);

impl Names for Saneget<'_> {
    fn get(&self, name: &str) -> Option<Var<'_>> {
        self.0.get(name)
    }

    fn entries(&self) -> Vec<(Cow<'_, str>, Var<'_>)> {
        self.0.in_order(true)
    }

    fn open(&self) -> bool {
        Names::open(self.0)
    }
}
