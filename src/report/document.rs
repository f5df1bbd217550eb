//! The effective configuration as JSON: `supconv.show/1` and `supconv.show-raw/1`, public and versioned.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::configuration::Configuration;
use crate::hash::HashSet;
use crate::load::{self, Merged, Options, Section, Unreadable};
use crate::model::log_room::LogRoom;
use crate::model::options::SupervisordOptions;
use crate::model::{Config, Group, GroupKind, Process, RpcInterface};
use crate::python::filename::percent_encoded;
use crate::reading::Reading;
use crate::refusal::{Cause, Exit, Refusal};
use crate::show::{Row, Shown, arguments, factory, inet_server, masked, priority, process, socket, unix_server};
use crate::source::Sources;

/// What became of a file.
#[derive(Debug)]
pub enum Read<'a> {
    /// It cannot be read.
    Unreadable(Unreadable),
    /// What the reader and the includes leave of it.
    Raw(Box<Merged<'a>>),
    /// What it means.
    Effective(Box<Config<'a>>),
}

impl<'a> Read<'a> {
    /// Reads the file at `path`.
    #[must_use]
    pub fn of(path: &str, reading: &'a Reading, raw: bool, sources: &'a Sources) -> Self {
        match load::load(path, reading, sources) {
            Err(error) => Self::Unreadable(error),
            Ok(merged) if raw => Self::Raw(Box::new(merged)),
            Ok(merged) => Self::Effective(Box::new(Configuration::of(merged, reading).config)),
        }
    }

    /// Why Supervisor refuses it, or what of it goes beyond our bounds.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal<'a>> {
        match self {
            Self::Unreadable(_) => None,
            Self::Raw(merged) => merged.refusals.iter().find(|refusal| refusal.cause != Cause::NoSupervisord),
            Self::Effective(config) => config.refusals.first(),
        }
    }

    /// The document, made while it is written. An unreadable file has one too. `path`: as reports call the file.
    #[must_use]
    pub fn document<'r>(&'r self, path: &'r str, raw: bool) -> Document<'r, 'a> {
        Document { read: self, path, schema: if raw { "supconv.show-raw/1" } else { "supconv.show/1" } }
    }
}

/// The document of one file, on one line.
#[must_use]
pub fn json_line(path: &str, reading: &Reading, raw: bool) -> String {
    let sources = Sources::default();
    let read = Read::of(path, reading, raw, &sources);
    serde_json::to_string(&read.document(&load::called(path, reading), raw)).unwrap_or_default()
}

/// What is printed of one file.
#[derive(Debug)]
pub struct Document<'r, 'a> {
    read: &'r Read<'a>,
    path: &'r str,
    schema: &'static str,
}

impl Serialize for Document<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let refusal = self.read.refusal().map(|refusal| match refusal.exit {
            Exit::Usage => ("usage", refusal.message),
            Exit::Crash => ("crash", refusal.message),
            Exit::Bound => ("bound", refusal.message),
        });
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", self.schema)?;
        map.serialize_entry("path", self.path)?;
        match (self.read, refusal) {
            (Read::Unreadable(error), _) => bad(&mut map, "unreadable", &error.message)?,
            (_, Some((kind, message))) => bad(&mut map, kind, message)?,
            (Read::Raw(merged), None) => raw_document(&mut map, merged)?,
            (Read::Effective(config), None) => document(&mut map, config)?,
        }
        if let Some(bytes) = percent_encoded(self.path) {
            map.serialize_entry("path_bytes", &bytes)?;
        }
        map.end()
    }
}

fn bad<M: SerializeMap>(map: &mut M, kind: &str, error: &str) -> Result<(), M::Error> {
    map.serialize_entry("ok", &false)?;
    map.serialize_entry("kind", kind)?;
    map.serialize_entry("error", error)
}

fn raw_document<M: SerializeMap>(map: &mut M, merged: &Merged<'_>) -> Result<(), M::Error> {
    map.serialize_entry("ok", &true)?;
    let sections = merged.sections.iter().map(|(name, section)| (name, texts(merged.options(section))));
    map.serialize_entry("sections", &Entries(sections.collect()))?;
    map.serialize_entry("defaults", &texts(merged.defaults()))?;
    let files = merged.sections.iter().filter_map(|(name, section)| Some((name, section.file?)));
    map.serialize_entry("files", &Entries(files.collect()))?;
    let bytes = |(name, section): (_, &Section<'_>)| Some((name, percent_encoded(section.file?)?));
    let bytes: Vec<_> = merged.sections.iter().filter_map(bytes).collect();
    if bytes.is_empty() { Ok(()) } else { map.serialize_entry("file_bytes", &Entries(bytes)) }
}

fn texts<'a>(options: Options<'_, 'a>) -> Entries<'a, Cow<'a, str>> {
    Entries(options.iter().map(|setting| (setting.name, masked(setting.name, setting.text.into()))).collect())
}

/// An object of names and values.
struct Entries<'a, T>(Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Entries<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn document<M: SerializeMap>(map: &mut M, config: &Config<'_>) -> Result<(), M::Error> {
    let unknown = Unknown::default();
    let rows = |section, rows| Rows { section, all: rows, unknown: &unknown };
    map.serialize_entry("ok", &true)?;
    map.serialize_entry("fragment", &config.fragment)?;
    let supervisord = (!config.fragment).then(|| rows("supervisord", config.supervisord.rows()));
    map.serialize_entry("supervisord", &supervisord)?;
    let group = |group| GroupDocument { group, supervisord: &config.supervisord, unknown: &unknown };
    map.serialize_entry("groups", &Sequence(|| config.groups.iter().map(group)))?;
    let inet = || config.inet_servers.iter().map(|one| rows(one.section, inet_server(one)));
    let unix = || config.unix_servers.iter().map(|one| rows(one.section, unix_server(one)));
    map.serialize_entry("servers", &Sequence(|| inet().chain(unix())))?;
    let interface = |interface| InterfaceDocument { interface, unknown: &unknown };
    map.serialize_entry("rpcinterfaces", &Sequence(|| config.rpcinterfaces.iter().map(interface)))?;
    map.serialize_entry("includes", &config.includes)?;
    map.serialize_entry("warnings", &config.warnings)?;
    map.serialize_entry("log_bytes", &LogRoom::of(config))?;
    map.serialize_entry("unknown", &unknown.0.borrow().list)?;
    let bytes: Vec<_> = config.includes.iter().map(|include| percent_encoded(include)).collect();
    if bytes.iter().any(Option::is_some) { map.serialize_entry("include_bytes", &bytes) } else { Ok(()) }
}

/// A sequence whose members are made one by one: of 200,000 processes each is dropped as soon as it is written.
struct Sequence<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Sequence<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Whose value is not known.
#[derive(Default)]
struct Unknown<'a>(RefCell<Found<'a>>);

#[derive(Default)]
struct Found<'a> {
    /// Section and option, in the order of the document.
    list: Vec<(&'a str, &'a str)>,
    known: HashSet<(&'a str, &'a str)>,
}

/// An object of rows; it notes whose value is not known.
struct Rows<'u, 'a> {
    section: &'a str,
    all: Vec<Row<'a>>,
    unknown: &'u Unknown<'a>,
}

impl Rows<'_, '_> {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for row in &self.all {
            if matches!(row.value, Shown::Unknown(_)) {
                let mut unknown = self.unknown.0.borrow_mut();
                if unknown.known.insert((self.section, row.option)) {
                    unknown.list.push((self.section, row.option));
                }
            }
            map.serialize_entry(row.name, &row.value)?;
        }
        Ok(())
    }
}

impl Serialize for Rows<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.all.len()))?;
        self.write(&mut map)?;
        map.end()
    }
}

/// A group with its processes.
struct GroupDocument<'c, 'a> {
    group: &'c Group<'a>,
    supervisord: &'c SupervisordOptions<'a>,
    unknown: &'c Unknown<'a>,
}

impl<'a> Serialize for GroupDocument<'_, 'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { group, supervisord, unknown } = *self;
        let rows = |section, rows| Rows { section, all: rows, unknown };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", group.kind.name())?;
        map.serialize_entry("name", group.name)?;
        rows(group.section, vec![priority(group)]).write(&mut map)?;
        let one = |one: &Process<'a>| rows(one.program.section, process(one, supervisord));
        map.serialize_entry("programs", &Sequence(|| group.processes.iter().map(one)))?;
        match &group.kind {
            GroupKind::Group | GroupKind::Program => {}
            GroupKind::EventListener(options) => rows(group.section, options.rows()).write(&mut map)?,
            GroupKind::Fcgi(options) => map.serialize_entry("socket", &rows(group.section, socket(options)))?,
        }
        map.end()
    }
}

struct InterfaceDocument<'c, 'a> {
    interface: &'c RpcInterface<'a>,
    unknown: &'c Unknown<'a>,
}

impl Serialize for InterfaceDocument<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { interface, unknown } = *self;
        let rows = |rows| Rows { section: interface.section, all: rows, unknown };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", interface.name)?;
        rows(vec![factory(interface)]).write(&mut map)?;
        map.serialize_entry("options", &rows(arguments(interface)))?;
        map.end()
    }
}

/// A value as the document has it. A variable may be called `unknown`: whose value is unknown says the list at its end.
impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Variables(all) => serializer.collect_map(all.iter().copied()),
            Self::Unknown(written) => serializer.collect_map([("unknown", written)]),
        }
    }
}
