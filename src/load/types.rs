//! What reading and including leave: settings in sections, with who overrode whom, before any of it is converted.

use crate::keys::{Key, Number, SectionKind};
use crate::map::Map;
use crate::refusal::Refusal;
use crate::source::{Place, SourceId, Sources};

/// One option with the value that counts.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The value: lines joined with `\n`, `%(here)s` replaced where Supervisor replaces it textually.
    pub text: &'a str,
    /// The key.
    pub key: Place,
    /// The value, all its lines.
    pub value: Place,
    /// Keys of the assignments that this one replaced, the oldest first.
    pub replaced: Vec<Place>,
    /// The number of the option's name, if some section has such an option.
    pub number: Option<Number>,
    /// What is in the text.
    pub facts: Facts,
}

/// What is in a text, found once: most rules and every expansion ask whether a character is there at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u8);

impl Facts {
    /// A `%`: there may be something to expand.
    pub const PERCENT: Self = Self(1);
    /// A line end: the value has several lines.
    pub const NEWLINE: Self = Self(2);
    /// A `;` or `#`.
    pub const MARKER: Self = Self(4);
    /// A quote, single or double.
    pub const QUOTE: Self = Self(8);

    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let fact = |byte| match byte {
            b'%' => Self::PERCENT.0,
            b'\n' => Self::NEWLINE.0,
            b';' | b'#' => Self::MARKER.0,
            b'"' | b'\'' => Self::QUOTE.0,
            _ => 0,
        };
        Self(text.bytes().fold(0, |facts, byte| facts | fact(byte)))
    }

    /// Whether one of these holds.
    #[must_use]
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The options of a section in the order of their first assignment.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    settings: Map<'a, Setting<'a>>,
    /// The numbers of those that are here, one bit each.
    mask: u128,
    /// What is in any of their texts.
    facts: Facts,
}

impl<'a> Options<'a> {
    /// The setting of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Setting<'a>> {
        self.settings.get(name)
    }

    /// The setting of an option.
    #[must_use]
    pub fn of(&self, key: &Key) -> Option<&Setting<'a>> {
        self.numbered(key.number)
    }

    /// The setting of the option with this number.
    #[must_use]
    pub fn numbered(&self, number: Number) -> Option<&Setting<'a>> {
        if self.mask & number.bit() == 0 {
            return None;
        }
        self.settings.values().find(|setting| setting.number == Some(number))
    }

    /// Whether there is such a name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.settings.contains_key(name)
    }

    /// The numbers of the options that are here, one bit each.
    #[must_use]
    pub fn mask(&self) -> u128 {
        self.mask
    }

    /// What is in any of the texts; it may name more than is there still.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Names and settings.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'a str, &Setting<'a>)> + Clone {
        self.settings.iter()
    }

    /// The names.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        self.settings.keys()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.settings.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// Where the setting of a name stands; `number` is the name's.
    fn position(&self, name: &str, number: Option<Number>) -> Option<usize> {
        match number {
            Some(number) if self.mask & number.bit() == 0 => None,
            Some(_) | None => self.settings.position(name),
        }
    }

    /// Assigns a value; what was assigned before is remembered by its key.
    pub(super) fn assign(&mut self, name: &'a str, mut setting: Setting<'a>) {
        self.facts = self.facts.and(setting.facts);
        match self.position(name, setting.number).and_then(|at| self.settings.at_mut(at)) {
            Some(old) => {
                setting.replaced = std::mem::take(&mut old.replaced);
                setting.replaced.push(old.key);
                *old = setting;
            }
            None => self.push(name, setting),
        }
    }

    /// Adds a setting unless its name is there.
    pub(super) fn inherit(&mut self, name: &'a str, setting: &Setting<'a>) {
        if self.position(name, setting.number).is_none() {
            self.facts = self.facts.and(setting.facts);
            self.push(name, setting.clone());
        }
    }

    fn push(&mut self, name: &'a str, setting: Setting<'a>) {
        self.mask |= setting.number.map_or(0, Number::bit);
        self.settings.push(name, setting);
    }

    /// The settings, to change their texts.
    pub(super) fn settings_mut(&mut self) -> impl Iterator<Item = &mut Setting<'a>> {
        self.settings.values_mut()
    }
}

impl<'m, 'a> IntoIterator for &'m Options<'a> {
    type Item = (&'a str, &'m Setting<'a>);
    type IntoIter = <&'m Map<'a, Setting<'a>> as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (&self.settings).into_iter()
    }
}

/// One section, made of all sections of its name.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// What Supervisor takes it for; `None` where it knows no such section.
    pub kind: Option<SectionKind>,
    /// The name between the brackets.
    pub header: Place,
    /// Later headers of the same name.
    pub again: Vec<Place>,
    /// Its own options; those of `[DEFAULT]` stand in [`Merged::defaults`].
    pub options: Options<'a>,
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
    /// The sections in Supervisor's order; `[DEFAULT]` is none.
    pub sections: Map<'a, Section<'a>>,
    /// `[DEFAULT]`.
    pub defaults: Options<'a>,
    /// What an empty `[supervisord]`, that of the file which includes a fragment, gets from `[DEFAULT]` by `expand_here`.
    pub implied: Options<'a>,
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

/// The dictionary key that every section inherits from.
pub const DEFAULT: &str = "DEFAULT";

impl<'a> Merged<'a> {
    /// The sections of one kind, in Supervisor's order.
    pub fn of_kind(&self, kind: SectionKind) -> impl Iterator<Item = (&'a str, &Section<'a>)> {
        self.sections.iter().filter(move |(_, section)| section.kind == Some(kind))
    }

    /// Whether files that were not read may add to the sections: that which includes a fragment, and includes left unread.
    #[must_use]
    pub fn may_have_more(&self) -> bool {
        self.fragment || self.incomplete
    }

    /// The setting of an option as a section sees it: its own, else that of `[DEFAULT]`.
    #[must_use]
    pub fn seen_by<'m>(&'m self, section: &'m Section<'a>, key: &Key) -> Option<&'m Setting<'a>> {
        section.options.of(key).or_else(|| self.defaults.of(key))
    }

    /// The same for the names of a section and of an option, which Supervisor need not know.
    #[must_use]
    pub fn setting(&self, section: &str, option: &str) -> Option<&Setting<'a>> {
        self.sections.get(section)?.options.get(option).or_else(|| self.defaults.get(option))
    }
}
