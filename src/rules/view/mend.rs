//! A fix in the making: what the reader makes of a line decides how it is edited, so that no rule counts bytes by itself.
//!
//! A step that cannot be done ends the whole fix: half of one is none. Three things about the reader decide where a line may go.
//! A line that is indented deeper than the option above it is a part of that option's value; so an inserted option has the
//! indentation of its neighbour. Comments and blank lines may stand within a value, and stay. An option ends with its last
//! continuation line, and what follows is indented no deeper than the option itself: it may be removed, or followed by another.

pub(in crate::rules) mod changes;
pub(in crate::rules) mod command;
pub(in crate::rules) mod values;

use std::borrow::Cow;

use super::super::Lint;
use crate::fix::{Applicability, Change, Edit, Fix};
use crate::hash::HashSet;
use crate::keys::Key;
use crate::load::{DEFAULT, Facts, Setting};
use crate::python;
use crate::source::{Place, Source, SourceId, Span};
use crate::syntax::{self, Kind, Line};

/// A fix in the making.
#[derive(Clone)]
pub(in crate::rules) struct Mend<'l, 'a> {
    lint: &'l Lint<'a>,
    /// `None` once a step could not be done.
    edits: Option<Vec<Edit>>,
    changes: Vec<Change>,
    uncovers: bool,
}

impl<'l, 'a> Mend<'l, 'a> {
    /// Nothing is edited yet.
    pub(in crate::rules) fn of(lint: &'l Lint<'a>) -> Self {
        Self { lint, edits: Some(Vec::new()), changes: Vec::new(), uncovers: false }
    }

    /// A step that cannot be done.
    fn none(self) -> Self {
        Self { edits: None, ..self }
    }

    /// The effective value of an option may change.
    pub(in crate::rules) fn changes(mut self, section: &str, option: &str) -> Self {
        self.changes.push(Change { section: section.into(), option: option.into() });
        self
    }

    /// What comes out is not known from the text alone: the fix is tried before it is offered.
    pub(in crate::rules) fn uncovers(self) -> Self {
        Self { uncovers: true, ..self }
    }

    /// Replaces the text at a place within one line by another one, less what both begin and end with.
    pub(in crate::rules) fn replace(self, place: Place, text: &str) -> Self {
        let Some(source) = self.lint.sources.get(place.source).filter(|_| self.lint.is_certain(place)) else {
            return self.none();
        };
        let old = source.slice(place.span);
        // A byte that is no character cannot stand in a text.
        if old.contains(['\n', '\r']) || old.len() != (place.span.end - place.span.start) as usize {
            return self.none();
        }
        let before = old.chars().zip(text.chars()).take_while(|(old, new)| old == new);
        let before: usize = before.map(|(same, _)| same.len_utf8()).sum();
        let (old, text) = (old.get(before..).unwrap_or_default(), text.get(before..).unwrap_or_default());
        let behind = old.chars().rev().zip(text.chars().rev()).take_while(|(old, new)| old == new);
        let behind: usize = behind.map(|(same, _)| same.len_utf8()).sum();
        let start = place.span.start as usize + before;
        let span = Span::new(start, start + old.len() - behind);
        let text = text.get(..text.len() - behind).unwrap_or_default();
        if text.contains(crate::source::INVALID) { self.none() } else { self.edit(place.source, span, text) }
    }

    /// Inserts a text within a line.
    pub(in crate::rules) fn insert(self, source: SourceId, at: u32, text: &str) -> Self {
        self.replace(Place { source, span: Span { start: at, end: at } }, text)
    }

    /// Puts an edit in its place, unless it touches another one.
    fn edit(mut self, source: SourceId, span: Span, text: &str) -> Self {
        let Some(edits) = &mut self.edits else { return self };
        if span.start == span.end && text.is_empty() {
            return self;
        }
        let place = Place { source, span };
        let at = edits.partition_point(|edit| edit.place < place);
        let (before, behind) = (at.checked_sub(1).and_then(|at| edits.get(at)), edits.get(at));
        let touches =
            |one: &Edit, other: Place| one.place.source == other.source && one.place.span.end >= other.span.start;
        if before.is_some_and(|before| touches(before, place))
            || behind.is_some_and(|behind| behind.place.source == source && span.end >= behind.place.span.start)
        {
            return self.none();
        }
        edits.insert(at, Edit { place, text: text.into() });
        self
    }

    /// Gives an option of a section this value: where it stands, or in a line of its own below the option `after`, else below the
    /// last one of the section.
    pub(in crate::rules) fn set(self, section: &str, key: &Key, value: &str, after: Option<&Key>) -> Self {
        let own = self.own(section, key.name);
        match own {
            Some(setting) => self.give(section, setting, value),
            None => self.add(section, &format!("{}={value}", key.name), after).changes(section, key.name),
        }
    }

    /// Gives an option that is written another value, which stands in one line as the old one does.
    pub(in crate::rules) fn give(self, section: &str, setting: &Setting<'_>, value: &str) -> Self {
        if setting.facts.any(Facts::NEWLINE) {
            return self.none();
        }
        self.replace(setting.value, value).changes(section, setting.name)
    }

    /// The option of a section itself, not of `[DEFAULT]`.
    fn own(&self, section: &str, option: &str) -> Option<&'l Setting<'a>> {
        let merged = self.lint.merged;
        if section == DEFAULT {
            return merged.defaults().get(option);
        }
        // %(here)s copies an option of [DEFAULT] into each section.
        merged.options(merged.sections.get(section)?).get(option).filter(|own| !merged.is_inherited(own))
    }

    /// Adds lines to a section, each an option: below `after`, else below its last option.
    pub(in crate::rules) fn add(self, section: &str, lines: &str, after: Option<&Key>) -> Self {
        let Some(place) = self.room(section, after) else { return self.none() };
        self.lines(&place, lines)
    }

    /// Where an option of a section may be added.
    fn room(&self, section: &str, after: Option<&Key>) -> Option<Room<'a>> {
        let merged = self.lint.merged;
        let after = after.and_then(|key| self.own(section, key.name));
        let (id, option) = if let Some(setting) = after {
            let id = setting.key.source;
            (id, Some(option_at(self.lint.sources.get(id)?, setting.key)?))
        } else {
            let header = merged.sections.get(section)?.header;
            let block = block(self.lint.sources.get(header.source)?, header);
            let last = block.iter().rposition(|line| matches!(line.kind, Kind::Option { .. }));
            if last.is_none() {
                let source = self.lint.sources.get(header.source)?;
                return Room::first(header.source, source, &block).filter(|room| self.is_certain(room));
            }
            (header.source, extent(block.get(last?..)?))
        };
        let source = self.lint.sources.get(id)?;
        Room::below(id, source, &option?).filter(|room| self.is_certain(room))
    }

    fn is_certain(&self, room: &Room<'_>) -> bool {
        self.lint.is_certain(Place { source: room.source, span: room.line })
    }

    fn lines(self, room: &Room<'_>, lines: &str) -> Self {
        let Room { source, line: _, at, indent, end, open } = room;
        let mut text = String::new();
        for line in lines.lines() {
            let parts = [indent, line];
            // A file that has no line end at its end goes without it.
            if *open {
                text.push_str(end);
                text.extend(parts);
            } else {
                text.extend(parts);
                text.push_str(end);
            }
        }
        self.edit(*source, Span::at(*at as usize), &text)
    }

    /// Adds a section at the end of a file.
    pub(in crate::rules) fn append(self, id: SourceId, lines: &str) -> Self {
        let Some(source) = self.lint.sources.get(id) else { return self.none() };
        let text = source.text();
        let end = line_end(text, text.len());
        let whole = text.is_empty() || text.ends_with(['\n', '\r']);
        let mut new = String::new();
        // An empty line before it, unless there is one.
        let last = python::rstrip(text);
        let gap = text.get(last.len()..).unwrap_or_default();
        let gaps = gap.matches('\n').count().max(gap.matches('\r').count());
        if !whole {
            new.push_str(end);
        }
        if !last.is_empty() && gaps < 2 {
            new.push_str(end);
        }
        let lines: Vec<_> = lines.lines().collect();
        new.push_str(&lines.join(end));
        if whole {
            new.push_str(end);
        }
        let at = text.len();
        self.edit(id, Span::at(at), &new)
    }

    /// Takes an option out, with the comments behind its lines; those on lines of their own stay. Not where an older value of the
    /// same name would count then.
    pub(in crate::rules) fn remove(self, section: &str, setting: &Setting<'_>) -> Self {
        let name = setting.name;
        let inherited = self.has_default(section, name);
        let source = self.lint.sources.get(setting.key.source);
        let Some((source, lines)) = source.and_then(|source| Some((source, option_at(source, setting.key)?))) else {
            return self.none();
        };
        if inherited || !setting.replaced.is_empty() || !self.lint.is_certain(setting.value) {
            return self.none();
        }
        let mut mend = self.changes(section, name);
        let mut run: Option<Span> = None;
        for line in lines {
            if matches!(line.kind, Kind::Option { .. } | Kind::Continuation { .. }) {
                run = Some(run.map_or(line.span, |run| Span { end: line.span.end, ..run }));
            } else if let Some(run) = run.take() {
                mend = mend.cut(setting.key.source, source, run);
            }
        }
        match run {
            Some(run) => mend.cut(setting.key.source, source, run),
            None => mend,
        }
    }

    /// Takes whole lines out.
    pub(in crate::rules) fn cut(self, id: SourceId, source: &Source, lines: Span) -> Self {
        let text = source.text();
        let whole = source.slice(lines).ends_with(['\n', '\r']);
        let mut span = lines;
        if !whole {
            // The ends of the lines before it go instead, so that the last line has none then either.
            let before = text.get(..lines.start as usize).unwrap_or_default();
            let kept = before.trim_end_matches(['\n', '\r']);
            span.start = Span::at(kept.len()).start;
        }
        self.edit(id, span, "")
    }

    /// Whether `[DEFAULT]` has an option of that name too, which counts where the section has none of its own.
    fn has_default(&self, section: &str, option: &str) -> bool {
        section != DEFAULT && self.lint.merged.defaults().contains_key(option)
    }

    /// Calls an option otherwise. Not where one of that name is there.
    pub(in crate::rules) fn rename(self, section: &str, setting: &Setting<'_>, name: &str) -> Self {
        let old = setting.name;
        let taken = self.own(section, name).is_some() || self.has_default(section, name);
        if taken || self.has_default(section, old) || !setting.replaced.is_empty() {
            return self.none();
        }
        self.replace(setting.key, name).changes(section, old).changes(section, name)
    }

    /// Gives two options of a section these values; one that is not written comes below the other.
    pub(in crate::rules) fn both(
        self,
        section: &str,
        (one, first): (&Key, &str),
        (other, second): (&Key, &str),
    ) -> Self {
        match (self.own(section, one.name).is_some(), self.own(section, other.name).is_some()) {
            (true, _) => self.set(section, one, first, None).set(section, other, second, Some(one)),
            (false, true) => self.set(section, other, second, None).set(section, one, first, Some(other)),
            (false, false) => {
                let lines = format!("{}={first}\n{}={second}", one.name, other.name);
                self.add(section, &lines, None).changes(section, one.name).changes(section, other.name)
            }
        }
    }

    /// A fix that changes nothing but what it says.
    pub(in crate::rules) fn safe(self, title: impl Into<Cow<'static, str>>) -> Option<Fix> {
        self.made(Applicability::Safe, title)
    }

    /// A fix that somebody has to look at.
    pub(in crate::rules) fn risky(self, title: impl Into<Cow<'static, str>>) -> Option<Fix> {
        self.made(Applicability::Unsafe, title)
    }

    /// What came of it; `None` if a step could not be done, or there was none.
    pub(in crate::rules) fn made(
        self,
        applicability: Applicability,
        title: impl Into<Cow<'static, str>>,
    ) -> Option<Fix> {
        let Self { lint: _, edits, mut changes, uncovers } = self;
        let edits = edits.filter(|edits| !edits.is_empty())?;
        let mut said = HashSet::default();
        changes.retain(|change| said.insert(change.clone()));
        Some(Fix { title: title.into(), applicability, changes, edits, uncovers })
    }
}

/// Where lines may be inserted.
struct Room<'a> {
    source: SourceId,
    /// The line above.
    line: Span,
    at: u32,
    /// What stands before the first letter of the lines.
    indent: &'a str,
    /// What ends a line there.
    end: &'static str,
    /// Whether the line above has no end, for it is the last one.
    open: bool,
}

impl<'a> Room<'a> {
    /// Below an option and all lines of its value.
    fn below(id: SourceId, source: &'a Source, option: &[Line]) -> Option<Self> {
        let (first, last) = (option.first()?, option.iter().rfind(|line| is_of_value(line))?);
        Some(Self::after(id, source, last.span, indent(source, *first)))
    }

    /// Below the header of a section that has no option. What follows must not be taken for a part of the value.
    fn first(id: SourceId, source: &'a Source, block: &[Line]) -> Option<Self> {
        let header = block.first()?;
        let below = block.iter().skip(1).find(|line| !matches!(line.kind, Kind::Blank { .. } | Kind::Comment));
        let own = indent(source, *header);
        let below = below.map_or("", |line| indent(source, *line));
        let indent = if below.chars().count() > own.chars().count() { below } else { own };
        Some(Self::after(id, source, header.span, indent))
    }

    fn after(source: SourceId, file: &'a Source, line: Span, indent: &'a str) -> Self {
        let open = !file.slice(line).ends_with(['\n', '\r']);
        Self { source, line, at: line.end, indent, end: line_end(file.text(), line.end as usize), open }
    }
}

/// What ends the line before a place, or where that has none, the line before it.
fn line_end(text: &str, at: usize) -> &'static str {
    let before = text.get(..at).unwrap_or_default();
    let Some(last) = before.rfind(['\n', '\r']) else { return "\n" };
    match (before.get(..=last).unwrap_or_default(), text.get(last..)) {
        (line, _) if line.ends_with("\r\n") => "\r\n",
        (_, Some(rest)) if rest.starts_with("\r\n") => "\r\n",
        (line, _) if line.ends_with('\r') => "\r",
        _ => "\n",
    }
}

/// What stands before the first letter of a line.
fn indent(source: &Source, line: Line) -> &str {
    let text = source.slice(line.span);
    text.get(..text.len() - python::lstrip(text).len()).unwrap_or_default()
}

fn is_of_value(line: &Line) -> bool {
    matches!(line.kind, Kind::Option { .. } | Kind::Continuation { .. })
}

/// The lines of the section whose name stands at a place, from its header to the line before the next one.
fn block(source: &Source, header: Place) -> Vec<Line> {
    let mut headers = 0;
    from_line(source, header.span.start)
        .take_while(|line| {
            headers += u32::from(matches!(line.kind, Kind::Header { .. }));
            headers < 2
        })
        .collect()
}

/// The lines of the option whose key stands at a place: its own, those that go on with its value, and what lies between them.
pub(in crate::rules) fn option_at(source: &Source, key: Place) -> Option<Vec<Line>> {
    let start = source.line_of(key.span.start).start;
    // The reader is given a header to begin with, so that the first line is an option for it too.
    let text = source.text().get(start as usize..)?;
    let mut lines = syntax::lines_of_option(text, source.cut).map(|line| shifted(line, start));
    let first = lines.next().filter(|line| matches!(line.kind, Kind::Option { .. }))?;
    let rest = lines.take_while(may_go_on);
    extent(&[first].into_iter().chain(rest).collect::<Vec<_>>())
}

/// An option with the lines of its value, without what lies behind those. None where a line that is no option lies between: that
/// sets how deep the lines of the value are, so that no line can be put behind them.
fn extent(lines: &[Line]) -> Option<Vec<Line>> {
    let rest = lines.get(1..)?;
    let rest: Vec<Line> = rest.iter().take_while(|line| may_go_on(line)).copied().collect();
    let last = rest.iter().rposition(|line| matches!(line.kind, Kind::Continuation { .. })).map_or(0, |at| at + 1);
    if rest.get(..last)?.iter().any(|line| matches!(line.kind, Kind::Bad { .. })) {
        return None;
    }
    Some(lines.first().into_iter().chain(rest.get(..last)?).copied().collect())
}

/// Whether a value may go on behind a line.
fn may_go_on(line: &Line) -> bool {
    matches!(line.kind, Kind::Continuation { .. } | Kind::Comment | Kind::Blank { .. } | Kind::Bad { .. })
}

/// The lines of a file from that of a place on, which is one of a header.
fn from_line(source: &Source, at: u32) -> impl Iterator<Item = Line> + '_ {
    let start = source.line_of(at).start;
    let text = source.text().get(start as usize..).unwrap_or_default();
    syntax::lines(text, source.cut).map(move |line| shifted(line, start))
}

fn shifted(line: Line, by: u32) -> Line {
    let Line { span, comment, kind } = line;
    Line { span: span.after(by), comment: comment.map(|at| at.saturating_add(by)), kind: kind.after(by) }
}
