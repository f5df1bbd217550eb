//! The line reader: what each line of a supervisord.conf is to Python's configparser, with byte spans for all of it.
//!
//! This is `RawConfigParser._read` line by line, with Supervisor's settings (`UnhosedConfigParser`: inline comments with `;`
//! and `#`, `strict=False`). Lines are made on demand and not kept: reading a text again is cheaper than remembering it.
//! What `_read` would stop at or collect is a line of kind [`Kind::Bad`], and reading goes on after it.

pub mod pairs;

use crate::bytes;
use crate::python::{self, Cut};
use crate::source::Span;

/// One line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The whole line with its end: the lines' spans joined are the input.
    pub span: Span,
    /// Where the comment begins, and so what is cut off.
    pub comment: Option<u32>,
    /// What the line is.
    pub kind: Kind,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but white space. `kept`: it adds an empty line to the value above it.
    Blank {
        /// Whether an option is open, whose value the line belongs to.
        kept: bool,
    },
    /// A comment and nothing else.
    Comment,
    /// `[name]`.
    Header {
        /// The name, as written: neither stripped nor lower-cased.
        name: Span,
        /// What stands after the last `]`, which Python ignores; empty mostly.
        ignored: Span,
    },
    /// `key = value`.
    Option {
        /// The key as written.
        key: Span,
        /// The `=` or `:`.
        delimiter: u32,
        /// The value's first line, stripped, without its comment.
        value: Span,
    },
    /// A deeper indented line under an option: text of its value, whatever it looks like.
    Continuation {
        /// The text, stripped, without its comment.
        value: Span,
    },
    /// A line that Python refuses.
    Bad {
        /// Why.
        error: Error,
        /// The text, stripped, without its comment.
        text: Span,
    },
    /// A line above all headers that is not the first such line: Python has stopped before it.
    Orphan,
}

/// Why Python refuses a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// `MissingSectionHeaderError`, raised at once.
    NoHeader,
    /// Neither `=` nor `:`; collected, raised at the end of the file.
    NoDelimiter,
    /// Nothing before the `=` or `:`; collected.
    EmptyKey,
}

/// The lines of `text` from the first to the last.
#[must_use]
pub fn lines(text: &str, cut: Cut) -> Lines<'_> {
    Lines { text, at: 0, section: Within::None, option: false, indent: 0, cut }
}

/// The lines of a text that begins with an option, within a section.
#[must_use]
pub fn lines_of_option(text: &str, cut: Cut) -> Lines<'_> {
    Lines { section: Within::Open, ..lines(text, cut) }
}

/// Iterator made by [`lines`].
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    at: usize,
    section: Within,
    /// Whether `optname` is set and not empty.
    option: bool,
    /// `indent_level`: the indentation of the last line that was no continuation, in characters.
    indent: usize,
    /// How comments are found.
    cut: Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    None,
    /// None, and the error that Python stops with has been given.
    Refused,
    Open,
}

impl Kind {
    /// The same in a text that begins so much earlier.
    #[must_use]
    pub fn after(self, offset: u32) -> Self {
        match self {
            Self::Blank { .. } | Self::Comment | Self::Orphan => self,
            Self::Header { name, ignored } => Self::Header { name: name.after(offset), ignored: ignored.after(offset) },
            Self::Option { key, delimiter, value } => Self::Option {
                key: key.after(offset),
                delimiter: delimiter.saturating_add(offset),
                value: value.after(offset),
            },
            Self::Continuation { value } => Self::Continuation { value: value.after(offset) },
            Self::Bad { error, text } => Self::Bad { error, text: text.after(offset) },
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let (length, whole) = line_end(rest.as_bytes());
        self.at = start + whole;
        let line = rest.get(..length).unwrap_or(rest);
        let span = Span::new(start, start + whole);
        let cut = comment_as(line, self.cut);
        let indented = python::lstrip(line);
        let indent = line.len() - indented.len();
        // A full-line comment is cut at column 0 whatever stands before it.
        let full = indented.starts_with([';', '#']);
        let text = if full { "" } else { line.get(indent..cut.unwrap_or(length)).map_or("", python::rstrip) };
        let comment = if full { Some(indent) } else { cut }.map(|cut| Span::at(start + cut).start);
        let kind = if text.is_empty() {
            if comment.is_some() {
                Kind::Comment
            } else {
                Kind::Blank { kept: self.option && self.section == Within::Open }
            }
        } else {
            self.classify(text, start + indent, line.get(..indent).unwrap_or(""))
        };
        Some(Line { span, comment, kind })
    }
}

impl Lines<'_> {
    /// The kind of a line with something on it: `text` stripped, its offset in the file, the blanks before it.
    fn classify(&mut self, text: &str, offset: usize, blanks: &str) -> Kind {
        let value = Span::new(offset, offset + text.len());
        let indent = blanks.chars().count();
        if self.section == Within::Open && self.option && indent > self.indent {
            return Kind::Continuation { value };
        }
        self.indent = indent;
        if let Some(close) = header(text) {
            self.section = Within::Open;
            self.option = false;
            let ignored = Span::new(offset + close + 1, offset + text.len());
            return Kind::Header { name: Span::new(offset + 1, offset + close), ignored };
        }
        match self.section {
            Within::None => {
                self.section = Within::Refused;
                return Kind::Bad { error: Error::NoHeader, text: value };
            }
            Within::Refused => return Kind::Orphan,
            Within::Open => {}
        }
        let Some((key, rest)) = bytes::memchr2(b'=', b':', text.as_bytes()).and_then(|at| text.split_at_checked(at))
        else {
            return Kind::Bad { error: Error::NoDelimiter, text: value };
        };
        let delimiter = Span::at(offset + key.len()).start;
        let key = python::rstrip(key);
        self.option = !key.is_empty();
        if key.is_empty() {
            return Kind::Bad { error: Error::EmptyKey, text: value };
        }
        let behind = rest.get(1..).unwrap_or("");
        let right = python::lstrip(behind);
        let end = offset + text.len();
        let value = Span::new(end - right.len(), end);
        Kind::Option { key: Span::new(offset, offset + key.len()), delimiter, value }
    }
}

/// Length of the first line without and with its end. Python's universal newlines: `\n`, `\r`, `\r\n` and nothing else.
fn line_end(rest: &[u8]) -> (usize, usize) {
    match bytes::memchr2(b'\n', b'\r', rest) {
        None => (rest.len(), rest.len()),
        Some(at) if rest.get(at..at + 2) == Some(b"\r\n") => (at, at + 2),
        Some(at) => (at, at + 1),
    }
}

/// Index of the `]` that closes a header: the last one, with at least one character before it (`SECTCRE` of 3.10).
fn header(text: &str) -> Option<usize> {
    if !text.starts_with('[') {
        return None;
    }
    text.rfind(']').filter(|close| *close >= 2)
}

/// Where an inline comment cuts the line; a full-line comment is the caller's.
#[must_use]
pub fn comment_as(line: &str, cut: Cut) -> Option<usize> {
    match cut {
        Cut::InRounds => comment(line),
        Cut::AtFirst => comment_since_3_13(line),
    }
}

/// The same for Python up to 3.12; a full-line comment is the caller's. Python 3.10 to 3.12 look at the k-th `;` and the
/// k-th `#` together; the first round with a valid one decides.
#[must_use]
pub fn comment(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    bytes::memchr2(b';', b'#', bytes)?;
    let valid = |at: &usize| begins_comment(line, *at);
    // Without fuse() each looks through the whole rest again after its last one.
    let mut semicolons = bytes::memchr_iter(b';', bytes).fuse();
    let mut hashes = bytes::memchr_iter(b'#', bytes).fuse();
    loop {
        let round = (semicolons.next(), hashes.next());
        if round == (None, None) {
            return None;
        }
        let cut = [round.0.filter(valid), round.1.filter(valid)].into_iter().flatten().min();
        if cut.is_some() {
            return cut;
        }
    }
}

/// Where Python 3.13 and later cut the line: at the earliest valid marker.
#[must_use]
pub fn comment_since_3_13(line: &str) -> Option<usize> {
    bytes::memchr2_iter(b';', b'#', line.as_bytes()).find(|at| begins_comment(line, *at))
}

/// Whether what stands before a marker lets it begin a comment: nothing, or white space.
fn begins_comment(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or("");
    before.is_empty() || before.ends_with(python::is_space)
}

/// Whether Python up to 3.12 and Python from 3.13 cut this line differently; `line` as [`Line::span`] has it.
#[must_use]
pub fn pythons_differ(line: &str) -> bool {
    bytes::memchr2(b';', b'#', line.as_bytes()).is_some()
        && !python::lstrip(line).starts_with([';', '#'])
        && comment(line) != comment_since_3_13(line)
}
