//! The names that an expansion may use: Supervisor's dictionaries, which differ from option to option.

use std::borrow::Cow;

use crate::map::Map;
use crate::python::integer::Integer;
use crate::python::percent::{Names, Var};
use crate::reading::Reading;

/// What begins the name of an environment variable.
const PREFIX: &str = "ENV_";

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Binding<'a> {
    /// A text.
    Text(&'a str),
    /// A number: `process_num` and `numprocs`.
    Int(Integer),
    /// A text that is not known.
    Unknown,
}

impl Binding<'_> {
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
pub struct Environment<'a> {
    /// By the names of the variables, without [`PREFIX`].
    variables: Map<'a, Binding<'a>>,
    /// Whether further names exist that are not known.
    open: bool,
}

impl<'a> Environment<'a> {
    /// The environment that the reading gives.
    #[must_use]
    pub fn of(reading: &'a Reading) -> Self {
        let given = reading.environment.iter().flatten();
        let variables = given.map(|(name, value)| (name.as_str(), Binding::Text(value))).collect();
        Self { variables, open: reading.environment.is_none() }
    }

    /// Defines `ENV_name`.
    pub fn set(&mut self, name: &'a str, value: &'a str) {
        self.variables.insert(name, Binding::Text(value));
    }

    /// From now on any name may be defined: a list of variables could not be read because it depends on unknown ones.
    pub fn forget(&mut self) {
        self.open = true;
        for binding in self.variables.values_mut() {
            *binding = Binding::Unknown;
        }
    }
}

/// The dictionary of one expansion: some names over an environment.
#[derive(Clone, Debug)]
pub struct Scope<'s, 'a> {
    environment: &'s Environment<'a>,
    /// Supervisor's own names.
    own: Vec<(&'static str, Binding<'a>)>,
    /// Variables that the environment does not have.
    variables: Map<'a, Binding<'a>>,
    /// Variables of the environment that mean something else for now.
    shadows: Map<'a, Binding<'a>>,
    /// Whether the environment's names stand first in the dictionary, as in `saneget`, or after ours.
    environment_first: bool,
    open: bool,
}

impl<'s, 'a> Scope<'s, 'a> {
    /// The dictionary that `saneget` makes: the environment, then the names set here.
    #[must_use]
    pub fn environment_first(environment: &'s Environment<'a>) -> Self {
        Self {
            environment,
            own: Vec::new(),
            variables: Map::default(),
            shadows: Map::default(),
            environment_first: true,
            open: false,
        }
    }

    /// The dictionary of `read_config` and of `_processes_from_section`: the names set here, then the environment.
    #[must_use]
    pub fn own_first(environment: &'s Environment<'a>) -> Self {
        Self { environment_first: false, ..Self::environment_first(environment) }
    }

    /// The same names with the environment's first, as `saneget` puts them.
    #[must_use]
    pub fn saneget(&self) -> Saneget<'_, 's, 'a> {
        Saneget(self)
    }

    /// Defines a name of Supervisor's own.
    pub fn set(&mut self, name: &'static str, binding: Binding<'a>) {
        match self.own.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = binding,
            None => self.own.push((name, binding)),
        }
    }

    /// Defines a name as a text.
    pub fn set_text(&mut self, name: &'static str, text: &'a str) {
        self.set(name, Binding::Text(text));
    }

    /// Defines `host_node_name`.
    pub fn set_node(&mut self, node: Option<&'a str>) {
        self.set("host_node_name", node.map_or(Binding::Unknown, Binding::Text));
    }

    /// Defines `ENV_name` for a variable of the program's own environment.
    pub fn set_variable(&mut self, name: &'a str, value: &'a str) {
        self.bind(name, Binding::Text(value));
    }

    fn bind(&mut self, name: &'a str, binding: Binding<'a>) {
        let shadows = self.environment.variables.contains_key(name);
        let variables = if shadows { &mut self.shadows } else { &mut self.variables };
        variables.insert(name, binding);
    }

    /// Gives the variables of supervisord their own values again (`expansions.update(self.environ_expansions)`).
    pub fn restore_environment(&mut self) {
        self.shadows.clear();
    }

    /// From now on any variable may be defined: the program's environment could not be read.
    pub fn forget_variables(&mut self) {
        self.open = true;
        for name in self.environment.variables.keys() {
            self.shadows.insert(name, Binding::Unknown);
        }
        for binding in self.variables.values_mut() {
            *binding = Binding::Unknown;
        }
    }

    fn in_order(&self, environment_first: bool) -> Vec<(Cow<'_, str>, Var<'_>)> {
        let variable = |name: &str| Cow::Owned(format!("{PREFIX}{name}"));
        let environment = self.environment.variables.iter();
        let environment =
            environment.map(|(name, binding)| (variable(name), self.shadows.get(name).unwrap_or(binding).var()));
        let own = self.own.iter().map(|(name, binding)| (Cow::Borrowed(*name), binding.var()));
        let variables = self.variables.iter().map(|(name, binding)| (variable(name), binding.var()));
        if environment_first {
            environment.chain(own).chain(variables).collect()
        } else {
            own.chain(environment).chain(variables).collect()
        }
    }
}

impl Names for Scope<'_, '_> {
    fn get(&self, name: &str) -> Option<Var<'_>> {
        let Some(variable) = name.strip_prefix(PREFIX) else {
            return self.own.iter().find(|(known, _)| *known == name).map(|(_, binding)| binding.var());
        };
        let ours = self.shadows.get(variable).or_else(|| self.variables.get(variable));
        match ours.or_else(|| self.environment.variables.get(variable)) {
            Some(binding) => Some(binding.var()),
            None if self.open() => Some(Var::Unknown),
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

/// A scope seen with the environment's names first.
#[derive(Clone, Copy, Debug)]
pub struct Saneget<'r, 's, 'a>(&'r Scope<'s, 'a>);

impl Names for Saneget<'_, '_, '_> {
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
