//! One file's lines folded into the configuration: what `RawConfigParser._read` and `_join_multiline_values` leave.

use std::fmt::Write as _;

use super::here;
use super::settings::Chain;
use super::{DEFAULT, Facts, Merged, Notice, NoticeKind, Section, Setting};
use crate::keys::{Number, SectionKind};
use crate::python;
use crate::refusal::{Cause, Exit, Refusal};
use crate::source::{Place, Source, SourceId, Span};
use crate::syntax::{self, Error, Kind, Line};

/// Most bytes that the copies of one message about bad lines take; the lines beyond are named in it all the same.
const COPIES: usize = 4 << 20;

/// Adds the lines of `source`. `file`: the path of an included file, `None` for the main file.
pub fn fold<'a>(merged: &mut Merged<'a>, source: &'a Source, id: SourceId, file: Option<&'a str>) {
    merged.settings.reserve(source.text().len());
    let mut folder = Folder { merged, source, id, file, section: None, open: None, bad: Vec::new(), no_header: None };
    for (number, line) in (1..).zip(syntax::lines(source.text(), source.cut)) {
        folder.line(line, number);
    }
    folder.close();
    folder.refuse();
}

/// The section that lines belong to.
#[derive(Clone, Copy)]
enum Recipient {
    Defaults,
    Named(usize),
}

/// The option whose value may go on.
struct OpenOption<'a> {
    name: &'a str,
    place: Place,
    value: Span,
    /// The lines so far, once there are several.
    joined: Option<String>,
    /// Empty lines that count only if text follows.
    blank: usize,
}

struct Folder<'m, 'a> {
    merged: &'m mut Merged<'a>,
    source: &'a Source,
    id: SourceId,
    file: Option<&'a str>,
    section: Option<Recipient>,
    open: Option<OpenOption<'a>>,
    /// Number and line of what Python collects as parsing errors.
    bad: Vec<(usize, Line, Error)>,
    no_header: Option<(usize, Line)>,
}

impl Folder<'_, '_> {
    fn place(&self, span: Span) -> Place {
        Place { source: self.id, span }
    }

    fn line(&mut self, line: Line, number: usize) {
        match line.kind {
            Kind::Comment | Kind::Blank { kept: false } | Kind::Orphan => {}
            Kind::Blank { kept: true } => {
                if let Some(open) = &mut self.open {
                    open.blank += 1;
                }
            }
            Kind::Header { name, ignored: _ } => {
                self.close();
                self.header(name);
            }
            Kind::Option { key, delimiter: _, value } => {
                self.close();
                let written = self.source.slice(key);
                let place = self.place(key);
                let name = self.merged.sources.keep_cow(python::lower(written));
                self.open = Some(OpenOption { name, place, value, joined: None, blank: 0 });
            }
            Kind::Continuation { value } => {
                let text = self.source.slice(value);
                if let Some(open) = &mut self.open {
                    let first = open.value;
                    let joined = open.joined.get_or_insert_with(|| self.source.slice(first).to_owned());
                    for _ in 0..=open.blank {
                        joined.push('\n');
                    }
                    joined.push_str(text);
                    open.blank = 0;
                    open.value.end = value.end;
                }
            }
            Kind::Bad { error: Error::NoHeader, text: _ } => self.no_header = Some((number, line)),
            Kind::Bad { error, text: _ } => {
                if error == Error::EmptyKey {
                    self.close();
                }
                self.bad.push((number, line, error));
            }
        }
    }

    fn header(&mut self, name: Span) {
        let place = self.place(name);
        let text = self.source.slice(name);
        if text == DEFAULT {
            self.merged.default_headers.push(place);
            self.section = Some(Recipient::Defaults);
            return;
        }
        if text == "include" && self.file.is_some() {
            self.merged.notices.push(Notice { kind: NoticeKind::Nested, place });
        }
        let index = if let Some(index) = self.merged.sections.position(text) {
            if let Some(section) = self.merged.sections.at_mut(index) {
                section.again.push(place);
            }
            index
        } else {
            let (kind, own) = (SectionKind::of(text), Chain::default());
            let section = Section { kind, header: place, again: Vec::new(), own, file: self.file };
            self.merged.sections.push(text, section)
        };
        self.section = Some(Recipient::Named(index));
    }

    /// Puts the open option into its section.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let Some(recipient) = self.section else { return };
        let sources = self.merged.sources;
        let text = match &open.joined {
            None => self.source.slice(open.value),
            Some(joined) => sources.keep(python::rstrip(joined)),
        };
        let value = Place { source: self.id, span: open.value };
        let (name, key, replaced) = (open.name, open.place, Vec::new());
        let (number, facts) = (Number::of(name), Facts::of(text));
        let setting = Setting { name, text, key, value, replaced, number, facts };
        let merged = &mut *self.merged;
        match recipient {
            Recipient::Defaults => {
                merged.settings.assign(&mut merged.defaults, setting);
            }
            Recipient::Named(index) => {
                let Some(section) = merged.sections.at_mut(index) else { return };
                let here = here::is_in(&setting);
                let at = merged.settings.assign(&mut section.own, setting);
                if here {
                    merged.here_in.note(at);
                }
            }
        }
    }

    /// What Python raises for this file: a missing header at once, an undecodable byte when its chunk is read, bad lines
    /// together at the end.
    fn refuse(&mut self) {
        if self.source.undecodable().is_none() && self.no_header.is_none() && self.bad.is_empty() {
            return;
        }
        let sources = self.merged.sources;
        let path = python::filename::repr(self.file.unwrap_or(self.merged.path));
        let undecodable = self.source.undecodable().map(|error| {
            let place = self.place(Span::new(error.offset, error.offset + error.len));
            (error.lines_end, refusal(&error.message, Cause::Undecodable, place))
        });
        let no_header = self.no_header.map(|(number, line)| {
            let text = python::repr(&terminated(self.source.slice(line.span)));
            let message = format!("File contains no section headers.\nfile: {path}, line: {number}\n{text}");
            (line.span.end, refusal(sources.keep(message), Cause::NoHeader, self.place(trimmed(self.source, line))))
        });
        let mut found = Vec::new();
        match (undecodable, no_header) {
            // The line counts only if it is handed out before the chunk with the bad byte is read.
            (Some((read, bad)), Some((end, missing))) => {
                found.extend(if end as usize <= read { [missing, bad] } else { [bad, missing] });
            }
            (undecodable, no_header) => {
                found.extend(undecodable.map(|(_, refusal)| refusal));
                found.extend(no_header.map(|(_, refusal)| refusal));
            }
        }
        if !self.bad.is_empty() {
            let mut message = format!("Source contains parsing errors: {path}");
            for (number, line, _) in &self.bad {
                let text = python::repr(&terminated(self.source.slice(line.span)));
                // Writing to a String cannot fail.
                let _ = write!(message, "\n\t[line {number:2}]: {text}");
            }
            let message = sources.keep(message);
            // Each quotes the whole message, which names them all: without a bound the copies grow with the square.
            for (_, line, error) in self.bad.iter().take((COPIES / message.len()).max(1)) {
                let cause = match error {
                    Error::EmptyKey => Cause::EmptyKey,
                    Error::NoDelimiter | Error::NoHeader => Cause::NoDelimiter,
                };
                found.push(refusal(message, cause, self.place(trimmed(self.source, *line))));
            }
        }
        self.merged.refusals.extend(found);
    }
}

fn refusal(message: &str, cause: Cause, place: Place) -> Refusal<'_> {
    Refusal { exit: Exit::Usage, message, cause, place, section: None, option: None, written: "" }
}

/// The line as Python's file iteration hands it out: every line end is `\n`.
fn terminated(line: &str) -> String {
    let text = line.trim_end_matches(['\r', '\n']);
    if text.len() == line.len() { text.to_owned() } else { format!("{text}\n") }
}

/// The text of a line without the blanks around it.
fn trimmed(source: &Source, line: Line) -> Span {
    let whole = source.slice(line.span);
    let start = line.span.start as usize + whole.len() - python::lstrip(whole).len();
    Span::new(start, start + python::strip(whole).len())
}
