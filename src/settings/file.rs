//! `supconv.toml`: how it is found, and what of it is wrong.

use std::borrow::Cow;
use std::fs;
use std::io;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::pattern::Pattern;
use super::{KEYS, Kind, PathIgnores, Setting, Settings};
use crate::diagnostic::{Rule, Severity};
use crate::files;
use crate::python::{self, Version, filename};
use crate::rules::spelling::closest;
use crate::rules::{self, SYNTAX, Target};
use crate::source::{Position, Source, Span};

/// The name of the file.
pub const NAME: &str = "supconv.toml";

/// A file that has more has another purpose.
const MOST: u64 = 1 << 20;

/// What is wrong with the file.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The file, as reports call it.
    pub path: String,
    /// Where; `None` where it could not be read.
    pub place: Option<Position>,
    /// What, and what was meant.
    pub message: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, place, message } = self;
        match place {
            Some(Position { line, column, byte: _ }) => write!(f, "{path}:{line}:{column}: {message}"),
            None => write!(f, "{path}: {message}"),
        }
    }
}

/// The directory of the run; empty where it is gone.
pub(super) fn current_directory() -> String {
    std::env::current_dir().map_or_else(|_| "/".to_owned(), |cwd| filename::decode(cwd.as_os_str()).into_owned())
}

/// The nearest file for what lies in a directory: there, or above it. Links are not resolved. The path as it opens, named from the
/// current directory where it lies below that.
#[must_use]
pub fn find(directory: &str) -> Option<String> {
    let absolute = if directory.starts_with('/') {
        python::normpath(directory).into_owned()
    } else {
        python::abspath(directory, &current_directory()).into_owned()
    };
    let mut at: &str = &absolute;
    loop {
        let path = if at == "/" { format!("/{NAME}") } else { format!("{at}/{NAME}") };
        match fs::symlink_metadata(&*filename::encode(&path)) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            // What is there and cannot be read is told.
            _ => {
                let below = path.strip_prefix(&*current_directory()).and_then(|below| below.strip_prefix('/'));
                return Some(below.unwrap_or(&path).to_owned());
            }
        }
        let (above, _) = at.rsplit_once('/').filter(|_| at != "/")?;
        at = if above.is_empty() { "/" } else { above };
    }
}

/// Reads a file of settings.
///
/// # Errors
/// All that is wrong with it.
pub fn read(path: &str) -> Result<Settings, Vec<Wrong>> {
    let unread = |message: String| vec![Wrong { path: path.to_owned(), place: None, message }];
    let bytes = files::read(path, MOST).map_err(|why| unread(why.to_string()))?;
    let source = Source::new(path, bytes).map_err(|why| unread(why.to_string()))?;
    if let Some(error) = source.undecodable() {
        let place = Some(source.position(Span::at(error.offset).start));
        return Err(vec![Wrong { path: path.to_owned(), place, message: "this byte is not UTF-8".to_owned() }]);
    }
    let directory = python::abspath(python::dirname(path), &current_directory()).into_owned();
    let settings = Settings { file: Some(path.to_owned()), directory, ..Settings::default() };
    let mut reader = Reader { source: &source, settings, wrong: Vec::new() };
    reader.read();
    // The table of the library is sorted by its keys.
    reader.wrong.sort_by_key(|wrong| wrong.place.map(|place| place.byte));
    if reader.wrong.is_empty() { Ok(reader.settings) } else { Err(reader.wrong) }
}

struct Reader<'s> {
    source: &'s Source,
    settings: Settings,
    wrong: Vec<Wrong>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn read(&mut self) {
        let table = match DeTable::parse(self.source.text()) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                // The first line says it; further ones show what is known already.
                let message = error.message().lines().next().unwrap_or_default().to_owned();
                return self.wrong_at(at, message);
            }
        };
        for (key, value) in table.get_ref() {
            let name: &str = key.get_ref();
            let Some(known) = KEYS.iter().find(|known| known.name == name) else {
                self.wrong_at(key.span().start, unknown_key(name));
                continue;
            };
            let line = self.source.position(Span::at(key.span().start).start);
            match known.kind {
                Kind::Rules => self.settings.ignore = Setting::of_file(self.rules(value), line),
                Kind::Severity => {
                    if let Some(severity) = self.severity(value) {
                        self.settings.min_severity = Setting::of_file(severity, line);
                    }
                }
                Kind::Target => {
                    if let Some(target) = self.word(value, "target", &Target::ALL.map(|one| (one.name(), one))) {
                        self.settings.target = Setting::of_file(target, line);
                    }
                }
                Kind::Python => {
                    if let Some(version) = self.python(value) {
                        self.settings.python = Setting::of_file(Some(version), line);
                    }
                }
                Kind::File => {
                    if let Some(path) = self.text(value, "a path") {
                        let path = python::join(&self.settings.directory, path).into_owned();
                        let place = self.source.position(Span::at(value.span().start).start);
                        self.settings.env_file = Setting::of_file(vec![path], place);
                    }
                }
                Kind::Severities => {
                    let given = self.severities(value);
                    self.settings.severity = Setting::of_file(given, line);
                }
                Kind::Patterns => {
                    let given = self.patterns(value);
                    self.settings.per_path_ignores = Setting::of_file(given, line);
                }
            }
        }
    }

    fn wrong_at(&mut self, at: usize, message: String) {
        let place = Some(self.source.position(Span::at(at).start));
        self.wrong.push(Wrong { path: self.source.path.clone(), place, message });
    }

    /// A value of a type that does not fit.
    fn unfit(&mut self, value: &Value<'_>, wanted: &str) {
        let kind = value.get_ref().type_str();
        self.wrong_at(value.span().start, format!("write {wanted}, not {}", article(kind)));
    }

    fn text<'v>(&mut self, value: &'v Value<'_>, wanted: &str) -> Option<&'v str> {
        match value.get_ref().as_str() {
            Some("") => {
                self.wrong_at(value.span().start, format!("write {wanted}; this text is empty"));
                None
            }
            None => {
                self.unfit(value, &format!("{wanted} in quotes"));
                None
            }
            text => text,
        }
    }

    /// One of a few words.
    fn word<T: Copy>(&mut self, value: &Value<'_>, what: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(value, &format!("a {what}"))?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let near = closest(text, known.iter().copied());
            let hint = match near {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("write {}", known.join(", ")),
            };
            self.wrong_at(value.span().start, format!("unknown {what} '{text}': {hint}"));
        }
        found
    }

    fn severity(&mut self, value: &Value<'_>) -> Option<Severity> {
        let all = [Severity::Error, Severity::Warning, Severity::Info];
        self.word(value, "severity", &all.map(|severity| (severity.name(), severity)))
    }

    fn python(&mut self, value: &Value<'_>) -> Option<Version> {
        let text = self.text(value, "a version such as \"3.11\"")?;
        let version = Version::of(text);
        if version.is_none() {
            let message = format!("unknown Python '{text}': write a version from \"3.8\" to \"3.14\"");
            self.wrong_at(value.span().start, message);
        }
        version
    }

    /// Rules in a list; SUP001 must not be among them, unless a family names it.
    fn rules(&mut self, value: &Value<'_>) -> Vec<&'static Rule> {
        let Some(list) = value.get_ref().as_array() else {
            self.unfit(value, "a list of rules in [ ]");
            return Vec::new();
        };
        let mut all: Vec<&'static Rule> = Vec::new();
        for value in list {
            let named = match self.text(value, "a rule") {
                Some(word) => self.named(word, value.span().start),
                None => continue,
            };
            all.extend(
                named.into_iter().filter(|rule| !all.iter().any(|known| known.code == rule.code)).collect::<Vec<_>>(),
            );
        }
        all
    }

    /// The rules that a word names.
    fn named(&mut self, word: &str, at: usize) -> Vec<&'static Rule> {
        match rules::named(word) {
            Err(message) => {
                self.wrong_at(at, message);
                Vec::new()
            }
            Ok(named) if matches!(named.as_slice(), [rule] if rule.code == SYNTAX) => {
                let message = "parse-error cannot be ignored or changed: Supervisor cannot read such a line";
                self.wrong_at(at, message.to_owned());
                Vec::new()
            }
            Ok(named) => named.into_iter().filter(|rule| rule.code != SYNTAX).collect(),
        }
    }

    fn severities(&mut self, value: &Value<'_>) -> Vec<(&'static Rule, Severity)> {
        let Some(table) = value.get_ref().as_table() else {
            self.unfit(value, "a table: [severity]");
            return Vec::new();
        };
        let mut families = Vec::new();
        let mut single = Vec::new();
        for (key, value) in table {
            let named = self.named(key.get_ref(), key.span().start);
            let Some(severity) = self.severity(value) else { continue };
            let given = if named.len() > 1 { &mut families } else { &mut single };
            given.push((key.span().start, named, severity));
        }
        // What names the rule itself counts more than its family, the smaller family more than the larger, and then the later line.
        single.sort_by_key(|(at, _, _)| *at);
        let all = families.into_iter().chain(single);
        all.flat_map(|(_, named, severity)| named.into_iter().map(move |rule| (rule, severity))).collect()
    }

    fn patterns(&mut self, value: &Value<'_>) -> Vec<PathIgnores> {
        let Some(table) = value.get_ref().as_table() else {
            self.unfit(value, "a table: [per-path-ignores]");
            return Vec::new();
        };
        let mut all = Vec::new();
        for (key, value) in table {
            let written: &str = key.get_ref();
            let at = key.span().start;
            let rules = self.rules(value);
            match Pattern::of(written) {
                Ok(pattern) => {
                    all.push(PathIgnores { pattern, place: self.source.position(Span::at(at).start), rules });
                }
                Err(why) => self.wrong_at(at, format!("bad pattern '{written}': {why}")),
            }
        }
        all.sort_by_key(|one| one.place.byte);
        all
    }
}

fn unknown_key(name: &str) -> String {
    let near = closest(name, KEYS.iter().map(|key| key.name));
    let known = || format!("the keys are {}", KEYS.each_ref().map(|key| key.name).join(", "));
    format!("unknown key '{name}': {}", near.map_or_else(known, |near| format!("did you mean '{near}'?")))
}

/// A type of TOML in a sentence.
fn article(kind: &str) -> Cow<'static, str> {
    match kind {
        "string" => "a text".into(),
        "array" => "a list".into(),
        "integer" => "a number".into(),
        kind => format!("a {kind}").into(),
    }
}
