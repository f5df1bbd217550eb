//! A file as it was read: its text, the spans that point into it, and lines and columns, which are computed only when printed.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::sync::Arc;

use elsa::FrozenVec;

use crate::bytes;
use crate::python::Cut;

/// Half-open range of byte offsets in one source; 32 bits, so a file may have 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end`; offsets past 4 GiB are cut there ([`Source::new`] refuses such files).
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clip(start), end: clip(end) }
    }

    /// The same in a text that begins so much earlier.
    #[must_use]
    pub fn after(self, offset: u32) -> Self {
        Self { start: self.start.saturating_add(offset), end: self.end.saturating_add(offset) }
    }

    /// The empty span at one place.
    #[must_use]
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }
}

/// Index of a source in [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A span together with the file that it lies in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub source: SourceId,
    /// The range in it.
    pub span: Span,
}

/// A position as people and other programs read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Position {
    /// Line, 1-based; lines end where Python's universal newlines end them.
    pub line: u32,
    /// Column, 1-based, counted in Unicode scalars; an invalid byte counts as one.
    pub column: u32,
    /// Byte offset, 0-based.
    pub byte: u32,
}

impl Position {
    /// The beginning of a file.
    pub(crate) const FIRST: Self = Self { line: 1, column: 1, byte: 0 };

    /// Where a text ends that begins here; it does not begin or end within `\r\n`.
    fn behind(self, text: &str) -> Self {
        let start = line_start(text);
        let (lines, last) = text.split_at_checked(start).unwrap_or(("", text));
        let line = clip(count_line_ends(lines)).saturating_add(self.line);
        let column = clip(last.chars().count()).saturating_add(if start == 0 { self.column } else { 1 });
        Self { line, column, byte: self.byte.saturating_add(clip(text.len())) }
    }
}

/// Why a text cannot be a source.
#[derive(Debug)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file is larger than 4 GiB, which no span can reach")
    }
}

/// Stands for a byte that is not UTF-8, so that offsets stay what they are in the file.
pub const INVALID: char = '\u{1a}';

/// One file.
#[derive(Debug)]
pub struct Source {
    /// The path as messages name it.
    pub path: String,
    /// How the Python that reads it finds comments.
    pub cut: Cut,
    /// The path that opens it; `-` for standard input, `None` for what no file holds.
    pub opened: Option<Arc<str>>,
    text: String,
    /// What was read, where that is not `text`.
    bytes: Option<Box<[u8]>>,
    undecodable: Option<crate::python::DecodeError>,
    /// Positions at every [`STEP`] bytes or so, made when the first is asked for: a file may have a million findings.
    marks: OnceCell<Vec<Position>>,
    /// The line that was asked for last: it may have a million findings, and a million characters.
    line: Cell<Option<Span>>,
}

/// How far apart the marks of a source are.
const STEP: usize = 1024;

impl Source {
    /// Takes the bytes of a file. Where they are not UTF-8 each bad byte is read as [`INVALID`], and
    /// [`Source::undecodable`] says what Python would say.
    ///
    /// # Errors
    /// When the file is too large for 32-bit offsets.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Result<Self, TooLarge> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(TooLarge);
        }
        let path = path.into();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self {
                path,
                cut: Cut::default(),
                opened: None,
                text,
                bytes: None,
                undecodable: None,
                marks: OnceCell::new(),
                line: Cell::new(None),
            }),
            Err(error) => {
                let undecodable = crate::python::utf8_error(error.as_bytes());
                let mut text = String::with_capacity(error.as_bytes().len());
                for chunk in error.as_bytes().utf8_chunks() {
                    text.push_str(chunk.valid());
                    text.extend(chunk.invalid().iter().map(|_| INVALID));
                }
                let bytes = Some(error.into_bytes().into());
                let (cut, opened, marks, line) = (Cut::default(), None, OnceCell::new(), Cell::new(None));
                Ok(Self { path, cut, opened, text, bytes, undecodable, marks, line })
            }
        }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was read, byte for byte.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The first byte that Python cannot decode, with its message.
    #[must_use]
    pub fn undecodable(&self) -> Option<&crate::python::DecodeError> {
        self.undecodable.as_ref()
    }

    /// The text of a span; empty where the span does not lie on characters of this source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column of an offset.
    #[must_use]
    pub fn position(&self, byte: u32) -> Position {
        let marks = self.marks.get_or_init(|| marks(&self.text));
        let after = marks.partition_point(|mark| mark.byte <= byte);
        let mark = after.checked_sub(1).and_then(|last| marks.get(last)).copied().unwrap_or(Position::FIRST);
        let between = self.text.get(mark.byte as usize..byte as usize).unwrap_or("");
        Position { byte, ..mark.behind(between) }
    }

    /// The span of the line, without its end, that an offset lies in.
    #[must_use]
    pub fn line_of(&self, byte: u32) -> Span {
        if let Some(line) = self.line.get().filter(|line| (line.start..=line.end).contains(&byte)) {
            return line;
        }
        let at = (byte as usize).min(self.text.len());
        let start = line_start(self.text.get(..at).unwrap_or(""));
        let rest = self.text.as_bytes().get(at..).unwrap_or(&[]);
        let length = bytes::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = Span::new(start, at + length);
        self.line.set(Some(line));
        line
    }
}

fn clip(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Offset after the last line end of `text`. A `\r` at the very end counts as one only if no `\n` can follow,
/// which an offset between the two bytes of `\r\n` never asks.
fn line_start(text: &str) -> usize {
    bytes::memrchr2(b'\n', b'\r', text.as_bytes()).map_or(0, |at| at + 1)
}

/// The positions at every [`STEP`] bytes, moved on to where a character begins and no `\r\n` is parted.
fn marks(text: &str) -> Vec<Position> {
    let mut marks = Vec::with_capacity(text.len() / STEP + 1);
    let mut mark = Position::FIRST;
    let mut rest = text;
    loop {
        marks.push(mark);
        let parted = |at: &usize| rest.get(at - 1..).is_none_or(|from| from.starts_with("\r\n"));
        let whole = |at: &usize| rest.is_char_boundary(*at) && !parted(at);
        let Some((step, behind)) = (STEP..rest.len()).find(whole).and_then(|at| rest.split_at_checked(at)) else {
            return marks;
        };
        mark = mark.behind(step);
        rest = behind;
    }
}

fn count_line_ends(text: &str) -> usize {
    if bytes::memchr(b'\r', text.as_bytes()).is_none() {
        return bytes::memchr_iter(b'\n', text.as_bytes()).count();
    }
    let mut count = 0;
    let mut previous = 0;
    for byte in text.bytes() {
        count += usize::from(byte == b'\r' || (byte == b'\n' && previous != b'\r'));
        previous = byte;
    }
    count
}

/// All files of one run, and the texts that are made of them. Both are only ever added to, so that what borrows from them
/// stays good while more is read.
#[derive(Default)]
pub struct Sources {
    files: FrozenVec<Box<Source>>,
    made: FrozenVec<Box<str>>,
}

impl Sources {
    /// The same files once more, for a reading that begins with them.
    #[must_use]
    pub fn again(&self) -> Self {
        let again = Self::default();
        for (_, source) in self.iter() {
            // What was one can be one.
            if let Ok(source) = Source::new(source.path.as_str(), source.bytes().to_vec()) {
                again.add(source);
            }
        }
        again
    }

    /// Adds a file.
    pub fn add(&self, source: Source) -> SourceId {
        let id = SourceId(clip(self.files.len()));
        self.files.push(Box::new(source));
        id
    }

    /// Keeps a text that stands in no file: a value of several lines, an expansion.
    pub fn keep(&self, text: impl Into<Box<str>>) -> &str {
        self.made.push_get(text.into())
    }

    /// Keeps a text unless it lives as long by itself.
    pub fn keep_cow<'a>(&'a self, text: Cow<'a, str>) -> &'a str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.keep(text),
        }
    }

    /// The file of an id. An id comes from [`Sources::add`], so there always is one; `None` keeps the type honest.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The text at a place.
    #[must_use]
    pub fn slice(&self, place: Place) -> &str {
        self.get(place.source).map_or("", |source| source.slice(place.span))
    }

    /// The path of a file.
    #[must_use]
    pub fn path(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.path)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// All of them, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter().enumerate().map(|(n, source)| (SourceId(clip(n)), source))
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.iter().map(|source| &source.path)).finish()
    }
}
