//! What reading and including leave: settings in sections, with who overrode whom, before any of it is converted.

use std::fmt;

use super::here::Here;
use super::settings::{Chain, Options, Setting, Settings};
use crate::files::reason;
use crate::keys::{Key, SectionKind};
use crate::map::Map;
use crate::refusal::Refusal;
use crate::source::{Place, SourceId, Sources};
use crate::visible::on_one_line;

/// One section, made of all sections of its name.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// What Supervisor takes it for; `None` where it knows no such section.
    pub kind: Option<SectionKind>,
    /// The name between the brackets.
    pub header: Place,
    /// Later headers of the same name.
    pub again: Vec<Place>,
    /// Its own options, which [`Merged::options`] shows.
    pub(super) own: Chain<'a>,
    /// The included file that created it (`section_to_file`); `None` for the main file.
    pub file: Option<&'a str>,
}

/// What reading and including leave: Supervisor's parser object, before any conversion.
#[derive(Debug)]
pub struct Merged<'a> {
    /// The files, and the texts that are made of them.
    pub sources: &'a Sources,
    /// The path as it was given, which Supervisor's messages name.
    pub path: &'a str,
    /// The file itself.
    pub main: SourceId,
    /// `%(here)s` of the main file.
    pub here: &'a str,
    /// The options of all sections.
    pub(super) settings: Settings<'a>,
    /// The sections in Supervisor's order; `[DEFAULT]` is none.
    pub sections: Map<'a, Section<'a>>,
    pub(super) defaults: Chain<'a>,
    pub(super) implied: Chain<'a>,
    /// What is left to do for `%(here)s`.
    pub(super) here_in: Here<'a>,
    /// The headers of `[DEFAULT]`.
    pub default_headers: Vec<Place>,
    /// Files that Supervisor says it included, in order.
    pub includes: Vec<Include<'a>>,
    /// What Supervisor refuses, in the order in which it meets it.
    pub refusals: Vec<Refusal<'a>>,
    /// Supervisor's own warnings.
    pub warnings: Vec<String>,
    /// What Supervisor passes over in silence.
    pub notices: Vec<Notice>,
    /// Whether this is a file that another one includes, read as such.
    pub fragment: bool,
    /// Whether includes were left unread, so that other sections and options may exist.
    pub incomplete: bool,
}

/// A file that a pattern of `[include]` found.
#[derive(Clone, Debug)]
pub struct Include<'a> {
    /// The path that Supervisor joined.
    pub path: &'a str,
    /// What reports call it: the path that opens.
    pub called: &'a str,
    /// The file; `None` where it could not be opened, which Supervisor does not say.
    pub source: Option<SourceId>,
    /// Whether another pattern, or the same one, has found it before.
    pub again: bool,
}

/// What Supervisor passes over in silence while it includes.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// The place to speak of.
    pub place: Place,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A pattern that finds nothing.
    NoMatch {
        /// As written.
        pattern: String,
        /// As joined to the directory of the main file.
        joined: String,
        /// How many files it would find with the other extension, `.ini` for `.conf` or the reverse.
        others: usize,
    },
    /// A file that a pattern finds and that cannot be opened.
    Unopened {
        /// Its path.
        path: String,
        /// Why.
        reason: String,
    },
    /// A pipe or a device that a pattern finds: Supervisor reads it to its end, which may never come.
    Endless {
        /// Its path.
        path: String,
        /// What it is.
        reason: String,
    },
    /// `[include]` in an included file.
    Nested,
    /// An included file that another pattern, or the command, has named already.
    Twice {
        /// Its path.
        path: String,
    },
}

/// A file that was named and cannot be read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The path that was opened.
    pub path: String,
    /// What Supervisor says of it.
    pub message: String,
    /// What the operating system says of it.
    pub reason: String,
}

/// Supervisor's own words say nothing that the path does not, ours do.
impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, message, reason: why } = self;
        let (path, why) = (on_one_line(path), reason(why));
        let own = !message.starts_with("could not ");
        if own { write!(f, "{path}: {message} ({why})") } else { write!(f, "{path}: {why}") }
    }
}

/// The dictionary key that every section inherits from.
pub const DEFAULT: &str = "DEFAULT";

impl<'a> Merged<'a> {
    /// The files that were read: the main one, and what it includes.
    pub fn files(&self) -> impl Iterator<Item = SourceId> {
        std::iter::once(self.main).chain(self.includes.iter().filter_map(|include| include.source))
    }

    /// The sections of one kind, in Supervisor's order.
    pub fn of_kind(&self, kind: SectionKind) -> impl Iterator<Item = (&'a str, &Section<'a>)> {
        self.sections.iter().filter(move |(_, section)| section.kind == Some(kind))
    }

    /// The options of a section, without those of `[DEFAULT]`.
    #[must_use]
    pub fn options<'m>(&'m self, section: &'m Section<'a>) -> Options<'m, 'a> {
        self.settings.options(&section.own)
    }

    /// The options of `[DEFAULT]`.
    #[must_use]
    pub fn defaults(&self) -> Options<'_, 'a> {
        self.settings.options(&self.defaults)
    }

    /// What an empty `[supervisord]`, that of the file which includes a fragment, gets from `[DEFAULT]` by `expand_here`.
    #[must_use]
    pub fn implied(&self) -> Options<'_, 'a> {
        self.settings.options(&self.implied)
    }

    /// Whether a setting stands in `[DEFAULT]`: a section sees it there, or has a copy that `%(here)s` made.
    #[must_use]
    pub fn is_inherited(&self, setting: &Setting<'_>) -> bool {
        self.defaults().get(setting.name).is_some_and(|default| default.key == setting.key)
    }

    /// Whether files that were not read may add to the sections: that which includes a fragment, and includes left unread.
    #[must_use]
    pub fn may_have_more(&self) -> bool {
        self.fragment || self.incomplete
    }

    /// The setting of an option as a section sees it: its own, else that of `[DEFAULT]`.
    #[must_use]
    pub fn seen_by<'m>(&'m self, section: &'m Section<'a>, key: &Key) -> Option<&'m Setting<'a>> {
        self.options(section).of(key).or_else(|| self.defaults().of(key))
    }

    /// The same for the names of a section and of an option, which Supervisor need not know.
    #[must_use]
    pub fn setting(&self, section: &str, option: &str) -> Option<&Setting<'a>> {
        self.options(self.sections.get(section)?).get(option).or_else(|| self.defaults().get(option))
    }
}
