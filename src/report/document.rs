//! The effective configuration as JSON: `supconv.show/1` and `supconv.show-raw/1`, public and versioned.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::configuration::Configuration;
use crate::load::{self, Merged, Options, Section, Setting, Unreadable};
use crate::model::options::SupervisordOptions;
use crate::model::{Config, Group, GroupKind, RpcInterface};
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

    /// The document. An unreadable file has one too. `path`: as reports call the file.
    #[must_use]
    pub fn json(&self, path: &str, raw: bool) -> Json {
        let schema = if raw { "supconv.show-raw/1" } else { "supconv.show/1" };
        let bad = |kind: &str, error: &str| json!({"schema": schema, "path": path, "ok": false, "kind": kind, "error": error});
        let mut document = match (self, self.refusal()) {
            (Self::Unreadable(error), _) => bad("unreadable", &error.message),
            (_, Some(refusal)) => match refusal.exit {
                Exit::Usage => bad("usage", refusal.message),
                Exit::Crash => bad("crash", refusal.message),
                Exit::Bound => bad("bound", refusal.message),
            },
            (Self::Raw(merged), None) => raw_document(schema, path, merged),
            (Self::Effective(config), None) => document(schema, path, config),
        };
        if let Some(bytes) = percent_encoded(path) {
            add(&mut document, "path_bytes", bytes);
        }
        document
    }
}

/// The document of one file, on one line.
#[must_use]
pub fn json_line(path: &str, reading: &Reading, raw: bool) -> String {
    Read::of(path, reading, raw, &Sources::default()).json(&load::called(path, reading), raw).to_string()
}

/// Adds a field that most documents do not need.
fn add(document: &mut Json, name: &str, value: impl Into<Json>) {
    if let Some(fields) = document.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

fn raw_document(schema: &str, path: &str, merged: &Merged<'_>) -> Json {
    let options = |options: &Options<'_>| -> Json {
        let text = |(key, setting): (&str, &Setting<'_>)| (key.to_owned(), json(&masked(key, setting.text)));
        options.iter().map(text).collect::<Map<_, _>>().into()
    };
    let sections: Map<_, _> =
        merged.sections.iter().map(|(name, section)| (name.to_owned(), options(&section.options))).collect();
    let file = |(name, section): (&str, &Section<'_>)| Some((name.to_owned(), Json::from(section.file?)));
    let files: Map<_, _> = merged.sections.iter().filter_map(file).collect();
    let defaults = options(&merged.defaults);
    let mut document = json!({
        "schema": schema,
        "path": path,
        "ok": true,
        "sections": sections,
        "defaults": defaults,
        "files": files,
    });
    let bytes = |(name, section): (&str, &Section<'_>)| Some((name.to_owned(), percent_encoded(section.file?)?.into()));
    let bytes: Map<_, _> = merged.sections.iter().filter_map(bytes).collect();
    if !bytes.is_empty() {
        add(&mut document, "file_bytes", bytes);
    }
    document
}

fn document(schema: &str, path: &str, config: &Config<'_>) -> Json {
    let mut writer = JsonWriter::default();
    let supervisord =
        if config.fragment { Json::Null } else { writer.object("supervisord", config.supervisord.rows()) };
    let groups: Vec<_> = config.groups.iter().map(|one| writer.group(one, &config.supervisord)).collect();
    let mut servers: Vec<_> =
        config.inet_servers.iter().map(|one| writer.object(one.section, inet_server(one))).collect();
    servers.extend(config.unix_servers.iter().map(|one| writer.object(one.section, unix_server(one))));
    let interfaces: Vec<_> = config.rpcinterfaces.iter().map(|one| writer.rpcinterface(one)).collect();
    let mut document = json!({
        "schema": schema,
        "path": path,
        "ok": true,
        "fragment": config.fragment,
        "supervisord": supervisord,
        "groups": groups,
        "servers": servers,
        "rpcinterfaces": interfaces,
        "includes": config.includes,
        "warnings": config.warnings,
        "unknown": writer.unknown,
    });
    let bytes: Vec<_> = config.includes.iter().map(|include| percent_encoded(include)).collect();
    if bytes.iter().any(Option::is_some) {
        add(&mut document, "include_bytes", bytes);
    }
    document
}

/// Makes objects of rows, and keeps in mind whose value is not known.
#[derive(Default)]
struct JsonWriter<'a> {
    /// Section and option, in the order of the document.
    unknown: Vec<(&'a str, &'a str)>,
    known: HashSet<(&'a str, &'a str)>,
}

impl<'a> JsonWriter<'a> {
    fn add(&mut self, object: &mut Map<String, Json>, section: &'a str, rows: Vec<Row<'a>>) {
        for row in rows {
            if matches!(row.value, Shown::Unknown(_)) && self.known.insert((section, row.option)) {
                self.unknown.push((section, row.option));
            }
            object.insert(row.name.to_owned(), json(&row.value));
        }
    }

    fn object(&mut self, section: &'a str, rows: Vec<Row<'a>>) -> Json {
        let mut object = Map::new();
        self.add(&mut object, section, rows);
        object.into()
    }

    /// A group with its processes.
    fn group(&mut self, group: &Group<'a>, supervisord: &SupervisordOptions<'a>) -> Json {
        let processes = group.processes.iter();
        let programs: Vec<_> =
            processes.map(|one| self.object(one.program.section, process(one, supervisord))).collect();
        let mut document = Map::new();
        document.insert("kind".to_owned(), group.kind.name().into());
        document.insert("name".to_owned(), group.name.into());
        self.add(&mut document, group.section, vec![priority(group)]);
        document.insert("programs".to_owned(), programs.into());
        match &group.kind {
            GroupKind::Group | GroupKind::Program => {}
            GroupKind::EventListener(options) => self.add(&mut document, group.section, options.rows()),
            GroupKind::Fcgi(options) => {
                document.insert("socket".to_owned(), self.object(group.section, socket(options)));
            }
        }
        document.into()
    }

    fn rpcinterface(&mut self, interface: &RpcInterface<'a>) -> Json {
        let mut document = Map::new();
        document.insert("name".to_owned(), interface.name.into());
        self.add(&mut document, interface.section, vec![factory(interface)]);
        document.insert("options".to_owned(), self.object(interface.section, arguments(interface)));
        document.into()
    }
}

/// A value as the document has it. A variable may be called `unknown`: whose value is unknown says the list at its end.
#[must_use]
pub fn json(value: &Shown<'_>) -> Json {
    match value {
        Shown::Nothing => Json::Null,
        Shown::Bool(value) => (*value).into(),
        Shown::Number(value) => serde_json::to_value(value).unwrap_or(Json::Null),
        Shown::Text(text) => (&**text).into(),
        Shown::List(values) => values.iter().map(json).collect(),
        Shown::Variables(all) => all.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value))).collect(),
        Shown::Unknown(written) => json!({"unknown": written}),
    }
}
