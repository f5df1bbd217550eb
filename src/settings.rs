//! The settings of a project: what `supconv.toml` says, and what of it the command line replaces.
//!
//! A setting is a field here, a row of [`KEYS`] and an arm in `settings::file`; the schema for editors, `supconv settings` and the errors
//! of a misspelt key are made of these, and `docs/settings.md` has an example of each.

mod file;
pub mod pattern;
mod schema;

use crate::diagnostic::{Rule, Severity};
use crate::python::{self, Version};
use crate::rules::Target;
use crate::source::Position;

pub use file::{NAME, Wrong, find, read};
pub use pattern::Pattern;
pub use schema::schema;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody has set it.
    #[default]
    Default,
    /// This place of the file.
    File(Position),
    /// A flag.
    CommandLine,
}

/// A value, and where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    fn of_file(value: T, place: Position) -> Self {
        Self { value, origin: Origin::File(place) }
    }

    /// What a flag says counts, where it says something.
    pub fn replace(&mut self, flag: Option<T>) {
        if let Some(value) = flag {
            *self = Self { value, origin: Origin::CommandLine };
        }
    }
}

/// Rules that are ignored in the files of a pattern.
#[derive(Clone, Debug)]
pub struct PathIgnores {
    /// The files.
    pub pattern: Pattern,
    /// Where the pattern is written.
    pub place: Position,
    /// The rules.
    pub rules: Vec<&'static Rule>,
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file, as reports call it; `None` where there is none.
    pub file: Option<String>,
    /// The directory of the file: patterns and paths are relative to it.
    pub directory: String,
    /// Rules that are not run.
    pub ignore: Setting<Vec<&'static Rule>>,
    /// The least severity that is shown.
    pub min_severity: Setting<Severity>,
    /// Where supervisord runs.
    pub target: Setting<Target>,
    /// The Python that supervisord runs under, where that is known.
    pub python: Setting<Option<Version>>,
    /// A file with all variables of supervisord's environment.
    pub env_file: Setting<Vec<String>>,
    /// Severities of rules, other than their own; the last one of a rule counts.
    pub severity: Setting<Vec<(&'static Rule, Severity)>>,
    /// Rules that are ignored in some files.
    pub per_path_ignores: Setting<Vec<PathIgnores>>,
}

impl Default for Settings {
    fn default() -> Self {
        let min_severity = Setting { value: Severity::Warning, origin: Origin::Default };
        Self {
            file: None,
            directory: String::new(),
            ignore: Setting::default(),
            min_severity,
            target: Setting::default(),
            python: Setting::default(),
            env_file: Setting::default(),
            severity: Setting::default(),
            per_path_ignores: Setting::default(),
        }
    }
}

impl Settings {
    /// The severity that a rule is given here.
    #[must_use]
    pub fn severity_of(&self, rule: &Rule) -> Option<Severity> {
        let given = self.severity.value.iter().rev().find(|(one, _)| one.code == rule.code);
        given.map(|(_, severity)| *severity)
    }

    /// Whether a rule is ignored in the file that a path opens.
    #[must_use]
    pub fn ignores(&self, rule: &Rule, opened: &str) -> bool {
        let mut some = self.per_path_ignores.value.iter();
        let names = |one: &PathIgnores| one.rules.iter().any(|named| named.code == rule.code);
        some.any(|one| names(one) && self.below(opened).is_some_and(|path| one.pattern.matches(&path)))
    }

    /// A path relative to the directory of the file; `None` for one outside of it.
    fn below(&self, opened: &str) -> Option<String> {
        let path = python::abspath(opened, &file::current_directory()).into_owned();
        let below = path.strip_prefix(&self.directory)?;
        if self.directory.ends_with('/') { Some(below.to_owned()) } else { below.strip_prefix('/').map(str::to_owned) }
    }

    /// The patterns that match no file on the disk.
    #[must_use]
    pub fn unmatched(&self) -> Vec<&PathIgnores> {
        self.per_path_ignores.value.iter().filter(|one| one.pattern.matches_nothing(&self.directory)).collect()
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rules,
    Severity,
    Target,
    Python,
    File,
    Severities,
    Patterns,
}

/// A key of the file.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    pub(crate) kind: Kind,
    /// What it means.
    pub doc: &'static str,
}

/// The keys, in the order in which they are shown.
pub static KEYS: [Key; 7] = [
    Key { name: "ignore", kind: Kind::Rules, doc: "Rules that are not run: codes, names, or families such as SUP2." },
    Key {
        name: "min-severity",
        kind: Kind::Severity,
        doc: "The lowest severity that is shown; what is shown makes the exit code 1.",
    },
    Key { name: "target", kind: Kind::Target, doc: "Where supervisord runs." },
    Key {
        name: "python",
        kind: Kind::Python,
        doc: "The Python that supervisord runs under, such as \"3.11\": lines are read as that version reads them.",
    },
    Key {
        name: "env-file",
        kind: Kind::File,
        doc: "A file of NAME=VALUE lines, all of supervisord's environment; relative to this file.",
    },
    Key { name: "severity", kind: Kind::Severities, doc: "Severities of rules, instead of their own." },
    Key {
        name: "per-path-ignores",
        kind: Kind::Patterns,
        doc: "Rules that are ignored in the files of a pattern, which is relative to this file.",
    },
];
