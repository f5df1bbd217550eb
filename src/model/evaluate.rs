//! From the merged sections to the configuration, in the order in which Supervisor reads: `ServerOptions.read_config`,
//! `process_groups_from_parser`, `server_configs_from_parser` and `realize`.
//!
//! Supervisor stops at the first thing that it refuses. Here each refusal is noted, in that order, and reading goes on.

mod groups;
mod process;
mod servers;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::rc::Rc;

use super::host::Host;
use super::keys::{Key, SupervisordOptions, supervisord as k};
use super::value::{self, Converted, Fault, Text, World};
use super::{Config, Origin, State, Value};
use crate::load::names::{Environment, Scope};
use crate::load::{Merged, Options, Section, Setting};
use crate::python;
use crate::python::integer::Integer;
use crate::python::percent::{self, Expanded, Names};
use crate::reading::Reading;
use crate::refusal::{Cause, Exit, Refusal};
use crate::secrets::MASK;
use crate::source::Place;

/// Most processes that one section may make before supconv stops.
pub const PROCESSES_OF_SECTION: i64 = 20_000;
/// Most processes that one file may make.
pub const PROCESSES_OF_FILE: usize = 200_000;
/// Most bytes that all expansions of a file may make.
pub const EXPANDED: usize = 256 << 20;

/// Evaluates what the loader has merged.
#[must_use]
pub fn evaluate(merged: &Merged, reading: &Reading, host: &dyn Host) -> Config {
    let world = World { host, home: reading.variable("HOME"), cwd: &reading.cwd };
    let mut evaluator = Evaluator {
        merged,
        reading,
        world,
        environment: Environment::of(reading),
        refusals: merged.refusals.clone(),
        warnings: merged.warnings.clone(),
        made: 0,
        processes: 0,
        unknown_numbers: false,
    };
    let section = merged.sections.get("supervisord");
    let at = At {
        section: &"supervisord".into(),
        own: section.map_or(&merged.implied, |section| &section.options),
        defaults: &merged.defaults,
        header: section.map_or(Place { source: merged.main, ..Place::default() }, |section| section.header),
        file: None,
    };
    let supervisord = evaluator.supervisord(&at);
    match &supervisord.environment.state {
        State::Known(variables) => {
            for (name, text) in variables {
                evaluator.environment.set(name, Rc::clone(text));
            }
        }
        State::Unknown(_) | State::Refused => evaluator.environment.forget(),
    }
    let rpcinterfaces = evaluator.rpcinterfaces();
    let groups = evaluator.groups();
    let inet_servers = evaluator.inet_servers();
    let unix_servers = evaluator.unix_servers();
    if let State::Known(Some(user)) = &supervisord.user.state
        && let Err(fault) = value::user(user, host)
    {
        let place = supervisord.user.place();
        evaluator.refuse(&at, Some(&k::USER), place, user, fault.cause, fault.message);
    }
    let mut refusals = evaluator.refusals;
    let warnings = evaluator.warnings;
    let mut seen = HashSet::new();
    refusals.retain(|refusal| seen.insert(identity(refusal)));
    Config {
        path: Rc::clone(&merged.path),
        fragment: merged.fragment,
        incomplete: merged.incomplete,
        supervisord,
        header: section.map(|section| section.header),
        groups,
        inet_servers,
        unix_servers,
        rpcinterfaces,
        includes: merged.includes.iter().map(|include| Rc::clone(&include.path)).collect(),
        refusals,
        warnings,
    }
}

/// What makes two refusals one: a value is wrong once, however often Supervisor would read it; a section can lack several
/// things, and a list of members can name several that are not there.
fn identity(refusal: &Refusal) -> (Place, Option<Cause>, Option<Text>) {
    let member = (refusal.cause == Cause::Member).then(|| Rc::clone(&refusal.written));
    let value = refusal.option.is_some() && !refusal.written.is_empty();
    (refusal.place, (!value).then(|| refusal.cause.clone()), member)
}

/// A section as lookups see it.
struct At<'s> {
    section: &'s Text,
    own: &'s Options,
    defaults: &'s Options,
    header: Place,
    /// The file that `processes_from_section` names behind each message; `None` outside it.
    file: Option<&'s str>,
}

impl<'s> At<'s> {
    fn new(name: &'s Text, section: &'s Section, merged: &'s Merged) -> Self {
        Self { section: name, own: &section.options, defaults: &merged.defaults, header: section.header, file: None }
    }

    /// `parser.get`: the section's own, else that of `[DEFAULT]`.
    fn get(&self, name: &str) -> Option<(&'s Setting, Origin)> {
        match self.own.get(name) {
            Some(setting) => Some((setting, Origin::Written(setting.value))),
            None => self.defaults.get(name).map(|setting| (setting, Origin::Inherited(setting.value))),
        }
    }
}

/// One expansion of a value.
struct Pass<'p> {
    /// What messages call the option.
    label: &'p str,
    scope: &'p dyn Names,
    /// Whether it is the second of two.
    second: bool,
}

impl<'p> Pass<'p> {
    fn first(label: &'p str, scope: &'p dyn Names) -> Self {
        Self { label, scope, second: false }
    }

    /// The second names the option alone.
    fn second(label: &'p str, scope: &'p dyn Names) -> Self {
        Self { label, scope, second: true }
    }
}

struct Evaluator<'a> {
    merged: &'a Merged,
    reading: &'a Reading,
    world: World<'a>,
    environment: Environment,
    refusals: Vec<Refusal>,
    warnings: Vec<String>,
    /// Bytes that expansions have made.
    made: usize,
    /// Processes so far.
    processes: usize,
    /// Whether `process_num` and `numprocs` are bound to numbers only to find what is refused whatever they are.
    unknown_numbers: bool,
}

impl Evaluator<'_> {
    fn refuse(
        &mut self,
        at: &At<'_>,
        key: Option<&Key>,
        place: Option<Place>,
        written: &Text,
        cause: Cause,
        mut message: String,
    ) {
        if let Some(file) = at.file {
            let section = python::repr(at.section);
            // Writing to a String cannot fail.
            let _ = write!(message, " in section {section} (file: {})", python::repr(file));
        }
        let exit = if cause == Cause::Bound { Exit::Bound } else { Exit::Usage };
        self.refusals.push(Refusal {
            exit,
            message,
            cause,
            place: place.unwrap_or(at.header),
            section: Some(Rc::clone(at.section)),
            option: key.map(|key| key.name.into()),
            written: Rc::clone(written),
        });
    }

    /// `text % scope`. The outer `Err`: refused, and noted; the inner `None`: not known.
    fn expand(
        &mut self,
        at: &At<'_>,
        key: &Key,
        origin: Origin,
        text: &Text,
        pass: &Pass<'_>,
    ) -> Result<Option<Text>, ()> {
        let Pass { label, scope, second } = *pass;
        if !text.contains('%') {
            return Ok(Some(Rc::clone(text)));
        }
        let expanded =
            if self.made > EXPANDED { Err(percent::ExpandError::Bound) } else { percent::expand(text, scope) };
        match expanded {
            Ok(Expanded::Text(expanded)) => {
                self.made += expanded.len();
                let unknown = self.unknown_numbers && (text.contains("process_num") || text.contains("numprocs"));
                Ok(if unknown { None } else { Some(expanded.into()) })
            }
            Ok(Expanded::Unknown) => Ok(None),
            Err(error) => {
                let masked = if key.name == "password" { MASK } else { text };
                let message = percent::message(&error, masked, label, scope);
                self.refuse(at, Some(key), origin.place(), text, Cause::of(&error, second), message);
                Err(())
            }
        }
    }

    /// `saneget` and a converter: the option's value, or `default`.
    fn read<T>(
        &mut self,
        at: &At<'_>,
        key: &Key,
        scope: &dyn Names,
        default: T,
        convert: impl FnOnce(&Text, &World<'_>) -> Result<Converted<T>, Fault>,
    ) -> Value<T> {
        let Some((setting, origin)) = at.get(key.name) else {
            return Value { origin: Origin::Default, state: State::Known(default) };
        };
        let state = self.state(at, key, origin, &setting.text, scope, convert);
        Value { origin, state }
    }

    fn state<T>(
        &mut self,
        at: &At<'_>,
        key: &Key,
        origin: Origin,
        written: &Text,
        scope: &dyn Names,
        convert: impl FnOnce(&Text, &World<'_>) -> Result<Converted<T>, Fault>,
    ) -> State<T> {
        let expanded = self.expand(at, key, origin, written, &Pass::first(&label(at, key, written), scope));
        self.convert(at, key, origin, written, expanded, convert)
    }

    /// A converter on what an expansion gave.
    fn convert<T>(
        &mut self,
        at: &At<'_>,
        key: &Key,
        origin: Origin,
        written: &Text,
        expanded: Result<Option<Text>, ()>,
        convert: impl FnOnce(&Text, &World<'_>) -> Result<Converted<T>, Fault>,
    ) -> State<T> {
        let converted = match expanded {
            Err(()) => return State::Refused,
            Ok(None) => return State::Unknown(Rc::clone(written)),
            Ok(Some(text)) => convert(&text, &self.world),
        };
        match converted {
            Ok(Converted::Known(value)) => State::Known(value),
            Ok(Converted::Unknown) => State::Unknown(Rc::clone(written)),
            Err(fault) => {
                self.refuse(at, Some(key), origin.place(), written, fault.cause, fault.message);
                State::Refused
            }
        }
    }

    fn integer(&mut self, at: &At<'_>, key: &Key, scope: &dyn Names, default: i64) -> Value<Integer> {
        self.read(at, key, scope, Integer::from(default), |text, _| value::integer(text).map(Converted::Known))
    }

    fn byte_size(&mut self, at: &At<'_>, key: &Key, scope: &dyn Names, default: i64) -> Value<Integer> {
        self.read(at, key, scope, Integer::from(default), |text, _| value::byte_size(text).map(Converted::Known))
    }

    fn boolean(&mut self, at: &At<'_>, key: &Key, scope: &dyn Names, default: bool) -> Value<bool> {
        self.read(at, key, scope, default, |text, _| value::boolean(text).map(Converted::Known))
    }

    fn text(&mut self, at: &At<'_>, key: &Key, scope: &dyn Names) -> Value<Option<Text>> {
        self.read(at, key, scope, None, |text, _| Ok(Converted::Known(Some(Rc::clone(text)))))
    }

    /// The names of context G.
    fn scope_g<'e>(&self, environment: &'e Environment) -> Scope<'e> {
        let mut scope = Scope::environment_first(environment);
        scope.set_text("here", &self.merged.here);
        scope
    }

    /// `[supervisord]`, in Supervisor's order.
    fn supervisord(&mut self, at: &At<'_>) -> SupervisordOptions {
        let environment = self.environment.clone();
        let g = &self.scope_g(&environment);
        let known = |text: &str| -> Text { text.into() };
        SupervisordOptions {
            minfds: self.integer(at, &k::MINFDS, g, 1024),
            minprocs: self.integer(at, &k::MINPROCS, g, 200),
            directory: self
                .read(at, &k::DIRECTORY, g, None, |text, world| Ok(value::existing_directory(text, world)?.map(Some))),
            user: self.text(at, &k::USER, g),
            umask: self
                .read(at, &k::UMASK, g, Integer::from(0o022), |text, _| value::octal(text).map(Converted::Known)),
            logfile: self.absolute(at, &k::LOGFILE, g, "supervisord.log", true),
            logfile_maxbytes: self.byte_size(at, &k::LOGFILE_MAXBYTES, g, 50 << 20),
            logfile_backups: self.integer(at, &k::LOGFILE_BACKUPS, g, 10),
            loglevel: self
                .read(at, &k::LOGLEVEL, g, known("info"), |text, _| value::logging_level(text).map(Converted::Known)),
            pidfile: self.absolute(at, &k::PIDFILE, g, "supervisord.pid", false),
            identifier: self
                .read(at, &k::IDENTIFIER, g, known("supervisor"), |text, _| Ok(Converted::Known(Rc::clone(text)))),
            nodaemon: self.boolean(at, &k::NODAEMON, g, false),
            silent: self.boolean(at, &k::SILENT, g, false),
            childlogdir: self.childlogdir(at, g),
            nocleanup: self.boolean(at, &k::NOCLEANUP, g, false),
            strip_ansi: self.boolean(at, &k::STRIP_ANSI, g, false),
            environment: self.environment(at, g, &environment),
        }
    }

    /// `existing_dirpath` at first, `normalize_path` in `realize`. `syslog`: that word is no path.
    fn absolute(&mut self, at: &At<'_>, key: &Key, scope: &dyn Names, default: &str, syslog: bool) -> Value<Text> {
        let default = match self.world.normalize(default) {
            Converted::Known(path) => path,
            Converted::Unknown => default.into(),
        };
        self.read(at, key, scope, default, |text, world| {
            Ok(match value::existing_dirpath(text, world)? {
                Converted::Known(path) if syslog && &*path == "syslog" => Converted::Known(path),
                Converted::Known(path) => world.normalize(&path),
                Converted::Unknown => Converted::Unknown,
            })
        })
    }

    /// The default is a text like any other, `tempfile.gettempdir()`: it is expanded and converted.
    fn childlogdir(&mut self, at: &At<'_>, scope: &dyn Names) -> Value<Text> {
        let (written, origin) = match at.get(k::CHILDLOGDIR.name) {
            Some((setting, origin)) => (Rc::clone(&setting.text), origin),
            None => (self.temporary_directory(), Origin::Default),
        };
        let state = self
            .state(at, &k::CHILDLOGDIR, origin, &written, scope, |text, world| value::existing_directory(text, world));
        Value { origin, state }
    }

    fn temporary_directory(&self) -> Text {
        let given = ["TMPDIR", "TEMP", "TMP"]
            .into_iter()
            .find_map(|name| self.reading.variable(name).filter(|directory| !directory.is_empty()));
        match given {
            Some(".") => ".".into(),
            Some(directory) => python::abspath(directory, &self.reading.cwd).into(),
            None => "/tmp".into(),
        }
    }

    /// `[supervisord] environment`: expanded by G, then by I, then parsed.
    fn environment(&mut self, at: &At<'_>, g: &dyn Names, environment: &Environment) -> Value<value::Variables> {
        let key = &k::ENVIRONMENT;
        let Some((setting, origin)) = at.get(key.name) else { return Value::default_of(value::Variables::default()) };
        let written = &setting.text;
        let mut i = Scope::own_first(environment);
        i.set_text("here", &self.merged.here);
        i.set_node(self.reading.node.as_deref());
        let expanded = match self.expand(at, key, origin, written, &Pass::first(&label(at, key, written), g)) {
            Ok(Some(text)) => self.expand(at, key, origin, &text, &Pass::second(key.name, &i)),
            other => other,
        };
        let state =
            self.convert(at, key, origin, written, expanded, |text, _| value::variables(text).map(Converted::Known));
        Value { origin, state }
    }
}

/// `section.option`, as messages about an expansion name it; made only where there is one.
fn label(at: &At<'_>, key: &Key, text: &str) -> String {
    if text.contains('%') { format!("{}.{}", at.section, key.name) } else { String::new() }
}
