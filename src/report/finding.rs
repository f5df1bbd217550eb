//! A finding as reports see it: masked, and with all that they print of the files, so that these can go.

use std::borrow::Cow;
use std::collections::HashMap;

use super::frame::Frame;
use super::human::MOST;
use super::told::words;
use crate::diagnostic::{Confidence, Diagnostic, Rule, Severity, Telling};
use crate::secrets::{self, Secrets};
use crate::source::{Place, Position, SourceId, Sources, Span};

/// A finding without secrets. The fields are those of [`Diagnostic`].
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad this one is.
    pub severity: Severity,
    /// How sure the rule is of this one.
    pub confidence: Confidence,
    /// What is wrong and what Supervisor does with it.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Supervisor's own message, where it refuses to start.
    pub supervisor: Option<String>,
    /// Whether supervisord dies of an exception with that message.
    pub dies: bool,
    /// The file.
    pub path: String,
    /// The section, as written.
    pub section: Option<String>,
    /// The option, as Supervisor names it.
    pub option: Option<String>,
    /// Where the text begins that is spoken of.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// Further places.
    pub labels: Vec<Label>,
    /// What the finding is about, where a rule says one thing of many.
    pub subject: Option<String>,
    /// What is said of the subject.
    pub said: &'static str,
    /// How people are told of it.
    pub telling: Telling,
    /// The lines that are spoken of, where they are to be shown.
    pub(super) frame: Option<Frame>,
}

/// A second place that explains the first.
#[derive(Clone, Debug)]
pub struct Label {
    /// What is to be seen there.
    pub message: String,
    /// The file.
    pub path: String,
    /// Where the text begins that is spoken of.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// Which findings have their lines with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// None: the format shows no lines.
    None,
    /// As many of a rule in a file as people are shown.
    Some,
    /// Each.
    All,
}

/// Makes findings of diagnostics: masks them, and looks up where they stand.
#[derive(Debug)]
pub struct Masker<'s> {
    sources: &'s Sources,
    frames: Frames,
    /// The secrets of the configuration that a file is of.
    secrets: HashMap<SourceId, &'s Secrets<'s>>,
    /// Where secrets stand in the files that are no configuration: units.
    others: HashMap<SourceId, Vec<Span>>,
    /// Of what is told together: at how many places it was framed, and the last of them.
    framed: HashMap<Together, (usize, Place)>,
}

/// What findings have in common that are told together: file, rule, severity, telling and message.
type Together = (SourceId, &'static str, Severity, Telling, String);

impl<'s> Masker<'s> {
    /// For what is said of these files, some of which are configurations with secrets.
    #[must_use]
    pub fn new(sources: &'s Sources, secrets: impl IntoIterator<Item = &'s Secrets<'s>>, frames: Frames) -> Self {
        let of_files = |one: &'s Secrets<'s>| one.files().iter().map(move |file| (*file, one));
        let secrets = secrets.into_iter().flat_map(of_files).collect();
        Self { sources, frames, secrets, others: HashMap::new(), framed: HashMap::new() }
    }

    /// The finding that reports see.
    #[must_use]
    pub fn finding(&mut self, diagnostic: &Diagnostic<'_>) -> Finding {
        let Diagnostic {
            rule,
            severity,
            confidence,
            message: _,
            help,
            supervisor,
            dies,
            place,
            section,
            option,
            labels,
            subject,
            said,
            telling,
            cannot_run: _,
        } = diagnostic;
        let (path, start, end) = self.range(*place);
        let secrets = self.secrets.get(&place.source).copied();
        let mask = |text: Cow<'_, str>| match secrets {
            Some(secrets) => secrets.mask_at(text, *place).into_owned(),
            None => secrets::mask(text).into_owned(),
        };
        let label = |label: &crate::diagnostic::Label| {
            let (path, start, end) = self.range(label.place);
            Label { message: mask(Cow::Borrowed(&label.message)), path, start, end }
        };
        let labels = labels.iter().map(label).collect();
        let message = mask(diagnostic.message.text());
        let frame = if self.is_framed(diagnostic, &message) { self.frame(*place) } else { None };
        Finding {
            rule,
            severity: *severity,
            confidence: *confidence,
            message,
            help: help.as_ref().map(|help| mask(help.text())),
            supervisor: supervisor.map(|said| mask(said.into())),
            dies: *dies,
            path,
            section: section.map(str::to_owned),
            option: option.map(str::to_owned),
            start,
            end,
            labels,
            subject: subject.map(|subject| mask(subject.into())),
            said,
            telling: *telling,
            frame,
        }
    }

    fn range(&self, place: Place) -> (String, Position, Position) {
        let position = |byte| self.sources.get(place.source).map_or(Position::FIRST, |source| source.position(byte));
        (self.sources.path(place.source).to_owned(), position(place.span.start), position(place.span.end))
    }

    /// Whether this one is printed with its lines. A file may have a million findings, of which people are shown few: what
    /// [`super::told`] tells together counts once, so of all others the first places are enough.
    fn is_framed(&mut self, diagnostic: &Diagnostic<'_>, message: &str) -> bool {
        match self.frames {
            Frames::None => return false,
            Frames::All => return true,
            Frames::Some => {}
        }
        let Diagnostic { rule, severity, place, said, telling, .. } = diagnostic;
        let words = words(rule, *telling, message, said).unwrap_or_default().to_owned();
        let key = (place.source, rule.code, *severity, *telling, words);
        let (count, last) = self.framed.entry(key).or_default();
        if *count == 0 || last != place {
            (*count, *last) = (*count + 1, *place);
        }
        *count <= MOST
    }

    fn frame(&mut self, place: Place) -> Option<Frame> {
        let source = self.sources.get(place.source)?;
        let secrets = match self.secrets.get(&place.source) {
            Some(secrets) => secrets.spans(place.source),
            None => self.others.entry(place.source).or_insert_with(|| secrets::spans(source)),
        };
        Some(Frame::new(source, place.span, secrets))
    }
}
