//! From the merged sections to the configuration, in the order in which Supervisor reads: `ServerOptions.read_config`,
//! `process_groups_from_parser`, `server_configs_from_parser` and `realize`.
//!
//! Supervisor stops at the first thing that it refuses. Here each refusal is noted, in that order, and reading goes on. What is
//! not written is not looked at: it has the default of the table.

mod groups;
mod process;
mod servers;
mod supervisord;

use std::fmt::Write as _;
use std::rc::Rc;

use super::host::Host;
use super::value::{self, Converted, Fault, FromText, Text, World};
use super::{Config, Origin, State, Value};
use crate::hash::HashSet;
use crate::keys::{Key, supervisord as k};
use crate::load::names::{Environment, Scope};
use crate::load::{Facts, Merged, Options, Section, Setting};
use crate::python;
use crate::python::percent::{self, Expanded, Names};
use crate::reading::Reading;
use crate::refusal::{Cause, Exit, Refusal};
use crate::secrets::{MASK, Secrets};
use crate::source::{Place, Sources};

/// Most processes that one section may make before supconv stops.
pub const PROCESSES_OF_SECTION: i64 = 20_000;
/// Most processes that one file may make.
pub const PROCESSES_OF_FILE: usize = 200_000;
/// Most bytes that all expansions of a file may make.
pub const EXPANDED: usize = 256 << 20;

/// Evaluates what the loader has merged.
#[must_use]
pub fn evaluate<'a>(merged: &Merged<'a>, reading: &'a Reading, host: &'a dyn Host) -> Config<'a> {
    let world = World { sources: merged.sources, host, home: reading.variable("HOME"), cwd: &reading.cwd };
    let mut evaluator = Evaluator {
        merged,
        reading,
        world,
        environment: Rc::new(Environment::of(reading)),
        refusals: merged.refusals.clone(),
        warnings: merged.warnings.clone(),
        made: 0,
        processes: 0,
        looked_at: 0,
        unknown_numbers: false,
    };
    let section = merged.sections.get("supervisord");
    let at = At {
        section: "supervisord",
        own: section.map_or(merged.implied(), |section| merged.options(section)),
        defaults: merged.defaults(),
        header: section.map_or(Place { source: merged.main, ..Place::default() }, |section| section.header),
        file: None,
    };
    let supervisord = evaluator.supervisord(&at);
    let environment = Rc::make_mut(&mut evaluator.environment);
    match &supervisord.environment.state {
        State::Known(variables) => {
            for (name, text) in variables.iter() {
                environment.set(name, text);
            }
        }
        State::Unknown(_) | State::Refused => environment.forget(),
    }
    let rpcinterfaces = evaluator.rpcinterfaces();
    let groups = evaluator.groups();
    let inet_servers = evaluator.inet_servers();
    let unix_servers = evaluator.unix_servers();
    if let State::Known(Some(user)) = supervisord.user.state
        && let Err(fault) = value::user(user, host)
    {
        let place = supervisord.user.place();
        evaluator.refuse(&at, Some(&k::USER), place, user, fault.cause, fault.message);
    }
    let mut refusals = evaluator.refusals;
    let warnings = evaluator.warnings;
    if refusals.len() > 1 {
        let mut seen = HashSet::default();
        refusals.retain(|refusal| seen.insert(identity(refusal)));
    }
    Config {
        path: merged.path,
        called: merged.sources.get(merged.main).map_or(merged.path, |source| source.path.as_str()),
        fragment: merged.fragment,
        incomplete: merged.incomplete,
        cwd: reading.cwd_known.then(|| merged.sources.keep(reading.cwd.as_str())),
        supervisord,
        header: section.map(|section| section.header),
        groups,
        inet_servers,
        unix_servers,
        rpcinterfaces,
        includes: merged.includes.iter().map(|include| include.called).collect(),
        refusals,
        warnings,
        secrets: Secrets::of(merged.sources, merged.files().collect(), reading),
    }
}

/// What makes two refusals one: a value is wrong once, however often Supervisor would read it; a section can lack several
/// things, and a list of members can name several that are not there.
fn identity<'a>(refusal: &Refusal<'a>) -> (Place, Option<Cause>, Option<Text<'a>>) {
    let member = (refusal.cause == Cause::Member).then_some(refusal.written);
    let value = refusal.option.is_some() && !refusal.written.is_empty();
    (refusal.place, (!value).then(|| refusal.cause.clone()), member)
}

/// A section as lookups see it.
#[derive(Clone, Copy)]
struct At<'m, 'a> {
    section: Text<'a>,
    own: Options<'m, 'a>,
    defaults: Options<'m, 'a>,
    header: Place,
    /// The file that `processes_from_section` names after each message; `None` outside it.
    file: Option<&'a str>,
}

impl<'m, 'a> At<'m, 'a> {
    fn new(name: Text<'a>, section: &'m Section<'a>, merged: &'m Merged<'a>) -> Self {
        let (own, defaults) = (merged.options(section), merged.defaults());
        Self { section: name, own, defaults, header: section.header, file: None }
    }

    /// `parser.get`: the section's own, else that of `[DEFAULT]`.
    fn get(&self, key: &'m Key) -> Option<Slot<'m, 'a>> {
        let own = self.own.of(key).map(|setting| (setting, Origin::Written(setting.value)));
        let found = own.or_else(|| self.defaults.of(key).map(|setting| (setting, Origin::Inherited(setting.value))));
        found.map(|(setting, origin)| Slot { key, written: setting.text, facts: setting.facts, origin })
    }

    /// The same for an option of any name, such as an argument of a factory.
    fn named(&self, name: &str) -> Option<(&'m Setting<'a>, Origin)> {
        let own = self.own.get(name).map(|setting| (setting, Origin::Written(setting.value)));
        own.or_else(|| self.defaults.get(name).map(|setting| (setting, Origin::Inherited(setting.value))))
    }

    /// Whether anything here may have to be expanded.
    fn expands(&self) -> bool {
        self.own.facts().and(self.defaults.facts()).any(Facts::PERCENT)
    }
}

/// The text of an option, and where it stands.
#[derive(Clone, Copy)]
struct Slot<'m, 'a> {
    key: &'m Key,
    written: Text<'a>,
    facts: Facts,
    origin: Origin,
}

/// One expansion of a value.
struct Pass<'p> {
    /// What messages call the option; made only where one is needed.
    label: &'p dyn Fn() -> String,
    scope: &'p dyn Names,
    /// Whether it is the second of two.
    second: bool,
}

/// Reads options one after the other into their fields.
pub(super) trait Reader<'a> {
    /// What is written for an option takes the place of the default in `field`.
    fn read<T: FromText<'a>>(&mut self, key: &'static Key, field: &mut Value<'a, T>);
}

struct Evaluator<'m, 'a> {
    merged: &'m Merged<'a>,
    reading: &'a Reading,
    world: World<'a>,
    environment: Rc<Environment<'a>>,
    refusals: Vec<Refusal<'a>>,
    warnings: Vec<String>,
    /// Bytes that expansions have made.
    made: usize,
    /// Processes so far.
    processes: usize,
    /// Those beyond the bounds that were looked at, though none of them is kept.
    looked_at: usize,
    /// Whether `process_num` and `numprocs` are bound to numbers only to find what is refused whatever they are.
    unknown_numbers: bool,
}

impl<'a> Evaluator<'_, 'a> {
    fn sources(&self) -> &'a Sources {
        self.world.sources
    }

    fn refuse(
        &mut self,
        at: &At<'_, 'a>,
        key: Option<&'static Key>,
        place: Option<Place>,
        written: Text<'a>,
        cause: Cause,
        message: String,
    ) {
        self.refuse_by(at, key.map(|key| key.name), cause.exit(), place, written, cause, message);
    }

    #[expect(clippy::too_many_arguments, reason = "each is a field of what is noted")]
    fn refuse_by(
        &mut self,
        at: &At<'_, 'a>,
        option: Option<&'a str>,
        exit: Exit,
        place: Option<Place>,
        written: Text<'a>,
        cause: Cause,
        mut message: String,
    ) {
        if let Some(file) = at.file {
            let section = python::repr(at.section);
            // Writing to a String cannot fail.
            let _ = write!(message, " in section {section} (file: {})", python::filename::repr(file));
        }
        self.refusals.push(Refusal {
            exit,
            message: self.sources().keep(message),
            cause,
            place: place.unwrap_or(at.header),
            section: Some(at.section),
            option,
            written,
        });
    }

    /// An option that the section needs and nobody has written: refused, unless a file that is not read may have it.
    fn require<T>(
        &mut self,
        at: &At<'_, 'a>,
        key: &'static Key,
        field: &mut Value<'a, T>,
        cause: Cause,
        message: impl FnOnce() -> String,
    ) {
        if field.origin != Origin::Default {
            return;
        }
        if self.merged.may_have_more() {
            *field = Value::elsewhere();
        } else {
            self.refuse(at, Some(key), None, "", cause, message());
        }
    }

    /// `text % scope`. The outer `Err`: refused, and noted; the inner `None`: not known.
    fn expand(
        &mut self,
        at: &At<'_, 'a>,
        option: &'a str,
        origin: Origin,
        text: Text<'a>,
        pass: &Pass<'_>,
    ) -> Result<Option<Text<'a>>, ()> {
        let Pass { label, scope, second } = *pass;
        if !text.contains('%') {
            return Ok(Some(text));
        }
        let expanded =
            if self.made > EXPANDED { Err(percent::ExpandError::Bound) } else { percent::expand(text, scope) };
        match expanded {
            Ok(Expanded::Text(expanded)) => {
                self.made += expanded.len();
                let unknown = self.unknown_numbers && (text.contains("process_num") || text.contains("numprocs"));
                Ok(if unknown { None } else { Some(self.sources().keep_cow(expanded)) })
            }
            Ok(Expanded::Unknown) => Ok(None),
            Err(error) => {
                let masked = if option == "password" { MASK } else { text };
                let message = percent::message(&error, masked, &label(), scope);
                let cause = Cause::of(&error, second);
                self.refuse_by(at, Some(option), cause.exit(), origin.place(), text, cause, message);
                Err(())
            }
        }
    }

    /// What the names of a scope make of an option's text; `None` where that is not known.
    fn first(&mut self, at: &At<'_, 'a>, slot: Slot<'_, 'a>, scope: &dyn Names) -> Result<Option<Text<'a>>, ()> {
        if !slot.facts.any(Facts::PERCENT) {
            return Ok(Some(slot.written));
        }
        let label = || format!("{}.{}", at.section, slot.key.name);
        self.expand(at, slot.key.name, slot.origin, slot.written, &Pass { label: &label, scope, second: false })
    }

    /// The second of two expansions; its messages name the option alone.
    fn second(
        &mut self,
        at: &At<'_, 'a>,
        slot: Slot<'_, 'a>,
        text: Result<Option<Text<'a>>, ()>,
        scope: &dyn Names,
    ) -> Result<Option<Text<'a>>, ()> {
        let Ok(Some(text)) = text else { return text };
        let label = || slot.key.name.to_owned();
        self.expand(at, slot.key.name, slot.origin, text, &Pass { label: &label, scope, second: true })
    }

    /// A converter on what an expansion gave.
    fn convert<T>(
        &mut self,
        at: &At<'_, 'a>,
        slot: Slot<'_, 'a>,
        expanded: Result<Option<Text<'a>>, ()>,
        convert: impl FnOnce(Text<'a>, &World<'a>) -> Result<Converted<T>, Fault>,
    ) -> Value<'a, T> {
        let Slot { key, written, facts: _, origin } = slot;
        let converted = match expanded {
            Err(()) => return Value::new(origin, State::Refused),
            Ok(None) => return Value::new(origin, State::Unknown(written)),
            Ok(Some(text)) => convert(text, &self.world),
        };
        let state = match converted {
            Ok(Converted::Known(value)) => State::Known(value),
            Ok(Converted::Unknown) => State::Unknown(written),
            Err(Fault { message, cause }) => {
                self.refuse_by(at, Some(key.name), cause.exit(), origin.place(), written, cause, message);
                State::Refused
            }
        };
        Value::new(origin, state)
    }

    /// `saneget` and a converter: what is written takes the place of the default in `field`.
    fn read<T>(
        &mut self,
        at: &At<'_, 'a>,
        key: &'static Key,
        scope: &dyn Names,
        field: &mut Value<'a, T>,
        convert: impl FnOnce(Text<'a>, &World<'a>) -> Result<Converted<T>, Fault>,
    ) {
        let Some(slot) = at.get(key) else { return };
        let expanded = self.first(at, slot, scope);
        *field = self.convert(at, slot, expanded, convert);
    }

    /// The same with the converter of the option's kind.
    fn value<T: FromText<'a>>(
        &mut self,
        at: &At<'_, 'a>,
        key: &'static Key,
        scope: &dyn Names,
        field: &mut Value<'a, T>,
    ) {
        self.read(at, key, scope, field, |text, world| T::from_text(text, key, world));
    }

    /// The names of context G. Where nothing expands, nobody asks for them.
    fn scope_g<'e>(&self, at: &At<'_, 'a>, environment: &'e Environment<'a>) -> Scope<'e, 'a> {
        let mut scope = Scope::environment_first(environment);
        if at.expands() {
            scope.set_text("here", self.merged.here);
        }
        scope
    }
}
