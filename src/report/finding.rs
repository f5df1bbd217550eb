//! A finding as reports see it: masked, and with all that they print of the files, so that these can go.

use std::borrow::Cow;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::frame::Frame;
use super::human::MOST;
use super::told::words;
use crate::diagnostic::{Confidence, Diagnostic, Message, Rule, Severity, Telling};
use crate::fix::{self, Applicability, Change};
use crate::hash::HashMap;
use crate::secrets::{self, Secrets};
use crate::source::{Place, Position, SourceId, Sources, Span};

/// A finding without secrets. The fields are those of [`Diagnostic`]; what many findings have in common they share.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad this one is.
    pub severity: Severity,
    /// How sure the rule is of this one.
    pub confidence: Confidence,
    /// What is wrong and what Supervisor does with it.
    pub message: Arc<str>,
    /// What to write instead.
    pub help: Option<Arc<str>>,
    /// Supervisor's own message, where it refuses to start.
    pub supervisor: Option<Box<str>>,
    /// Whether supervisord dies of an exception with that message.
    pub dies: bool,
    /// The file.
    pub path: Arc<str>,
    /// The path that opens it, where it may be written and somebody asked for that.
    pub opened: Option<Arc<str>>,
    /// The section, as written.
    pub section: Option<Arc<str>>,
    /// The option, as Supervisor names it.
    pub option: Option<Arc<str>>,
    /// Where the text begins that is spoken of.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// Further places.
    pub labels: Box<[Label]>,
    /// What the finding is about, where a rule says one thing of many.
    pub subject: Option<Box<str>>,
    /// What is said of the subject.
    pub said: &'static str,
    /// How people are told of it.
    pub telling: Telling,
    /// Whether something mends it.
    pub fixable: Option<Applicability>,
    /// What does, where that is asked for.
    pub fix: Option<Box<Fix>>,
    /// The lines that are spoken of, where they are to be shown.
    pub(super) frame: Option<Box<Frame>>,
}

/// A second place that explains the first.
#[derive(Clone, Debug)]
pub struct Label {
    /// What is to be seen there.
    pub message: Box<str>,
    /// The file.
    pub path: Arc<str>,
    /// Where the text begins that is spoken of.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// A fix with the places of its edits looked up.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Fix {
    /// What it does.
    pub title: Cow<'static, str>,
    /// Whether it changes only what it says.
    pub applicability: Applicability,
    /// The options whose effective value may change.
    pub changes: Box<[Change]>,
    /// In the order of the file, apart from each other.
    pub edits: Box<[Edit]>,
}

/// A piece of a file that is replaced.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The file, as reports call it.
    pub path: Arc<str>,
    /// The path that opens it.
    pub opened: Option<Arc<str>>,
    /// Where the piece begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// What stands there afterwards.
    pub text: Box<str>,
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
    units: HashMap<SourceId, Vec<Span>>,
    /// The sentences that have been masked, by the secrets that were looked for.
    sentences: HashMap<(Option<*const Secrets<'s>>, &'s str), Arc<str>>,
    /// The path, the section and the option before.
    before: [Before<'s>; 3],
    /// Whose secrets are not in those.
    masked_for: Option<*const Secrets<'s>>,
    /// The place before, and where it is: a section has twenty findings at its header.
    last: Option<(Place, (Position, Position))>,
    /// Of what is told together: at how many places it was framed, and the last of them.
    framed: HashMap<Together, (usize, Place)>,
}

/// A name as it is written, and without secrets: the next finding may have it too.
#[derive(Debug, Default)]
struct Before<'s>(Option<(&'s str, Arc<str>)>);

impl<'s> Before<'s> {
    fn shared(&mut self, name: &'s str, secrets: Option<&Secrets<'_>>) -> Arc<str> {
        match &self.0 {
            Some((before, masked)) if *before == name => Arc::clone(masked),
            _ => {
                let masked = secrets.map_or_else(|| name.into(), |secrets| secrets.mask_name(name).into());
                Arc::clone(&self.0.insert((name, masked)).1)
            }
        }
    }
}

/// What is said of a place, without secrets.
fn masked<'t>(text: Cow<'t, str>, secrets: Option<&Secrets<'_>>, place: Place) -> Cow<'t, str> {
    match secrets {
        Some(secrets) => secrets.mask_at(text, place),
        None => secrets::mask(text),
    }
}

/// What findings have in common that are told together: file, rule, severity, telling, message, and a hash of the help.
type Together = (SourceId, &'static str, Severity, Telling, String, u64);

impl<'s> Masker<'s> {
    /// For what is said of these files, some of which are configurations with secrets.
    #[must_use]
    pub fn new(sources: &'s Sources, secrets: impl IntoIterator<Item = &'s Secrets<'s>>, frames: Frames) -> Self {
        let of_files = |one: &'s Secrets<'s>| one.files().iter().map(move |file| (*file, one));
        let secrets = secrets.into_iter().flat_map(of_files).collect();
        let (sentences, before) = (HashMap::default(), Default::default());
        let (units, last) = (HashMap::default(), None);
        Self { sources, frames, secrets, units, sentences, before, masked_for: None, last, framed: HashMap::default() }
    }

    /// The finding that reports see.
    #[must_use]
    pub fn finding(&mut self, diagnostic: &Diagnostic<'s>, fix: Option<&fix::Fix>) -> Finding {
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
        let message = self.said(&diagnostic.message, *place);
        let secrets = self.secrets.get(&place.source).copied();
        let mask = |text: Cow<'_, str>| masked(text, secrets, *place).into_owned().into_boxed_str();
        let label = |label: &crate::diagnostic::Label<'_>| {
            let (start, end) = self.range(label.place);
            Label {
                message: mask(Cow::Borrowed(&label.message)),
                path: match secrets {
                    Some(secrets) => secrets.mask_name(self.sources.path(label.place.source)).into(),
                    None => self.sources.path(label.place.source).into(),
                },
                start,
                end,
            }
        };
        let labels = labels.iter().map(label).collect();
        let supervisor = supervisor.map(|said| mask(said.into()));
        let subject = subject.map(|subject| mask(subject.into()));
        let help = help.as_ref().map(|help| self.said(help, *place));
        let frame =
            if self.is_framed(diagnostic, &message, help.as_deref()) { self.frame(*place).map(Box::new) } else { None };
        let (start, end) = match self.last {
            Some((last, range)) if last == *place => range,
            _ => self.last.insert((*place, self.range(*place))).1,
        };
        let masked_for = secrets.map(std::ptr::from_ref);
        if std::mem::replace(&mut self.masked_for, masked_for) != masked_for {
            self.before = Default::default();
        }
        let [path_before, section_before, option_before] = &mut self.before;
        Finding {
            rule,
            severity: *severity,
            confidence: *confidence,
            message,
            help,
            supervisor,
            dies: *dies,
            path: path_before.shared(self.sources.path(place.source), secrets),
            opened: None,
            section: section.map(|section| section_before.shared(section, secrets)),
            option: option.map(|option| option_before.shared(option, secrets)),
            start,
            end,
            labels,
            subject,
            said,
            telling: *telling,
            fixable: fix.map(|fix| fix.applicability),
            fix: fix.map(|fix| Box::new(self.fix(fix))),
            frame,
        }
    }

    fn fix(&mut self, fix: &fix::Fix) -> Fix {
        let fix::Fix { title, applicability, changes, edits, uncovers: _ } = fix;
        let edit = |fix::Edit { place, text }: &fix::Edit| {
            let secrets = self.secrets.get(&place.source).copied();
            let (start, end) = self.range(*place);
            let [path, _, _] = &mut self.before;
            Edit {
                path: path.shared(self.sources.path(place.source), secrets),
                opened: self.sources.get(place.source).and_then(|source| source.opened.clone()),
                start,
                end,
                text: text.clone(),
            }
        };
        let edits = edits.iter().map(edit).collect();
        let (title, changes) = (title.clone(), changes.clone().into());
        Fix { title, applicability: *applicability, changes, edits }
    }

    /// What is said of a place, masked. A sentence that was there before its findings may be said of a hundred thousand places.
    fn said(&mut self, message: &Message<'s>, place: Place) -> Arc<str> {
        let secrets = self.secrets.get(&place.source).copied();
        let of_all = |text: &&str| secrets.is_none_or(|secrets| secrets.short_at(text, place).is_empty());
        match message.kept().filter(of_all) {
            Some(text) => {
                let sentence = self.sentences.entry((secrets.map(std::ptr::from_ref), text));
                Arc::clone(sentence.or_insert_with(|| masked(text.into(), secrets, place).into()))
            }
            None => masked(message.text(), secrets, place).into(),
        }
    }

    fn range(&self, place: Place) -> (Position, Position) {
        let position = |byte| self.sources.get(place.source).map_or(Position::FIRST, |source| source.position(byte));
        (position(place.span.start), position(place.span.end))
    }

    /// Whether this one is printed with its lines. A file may have a million findings, of which people are shown few: what
    /// [`super::told`] tells together counts once, so of all others the first places are enough.
    fn is_framed(&mut self, diagnostic: &Diagnostic<'_>, message: &str, help: Option<&str>) -> bool {
        match self.frames {
            Frames::None => return false,
            Frames::All => return true,
            Frames::Some => {}
        }
        let Diagnostic { rule, severity, place, said, telling, .. } = diagnostic;
        let words = words(rule, *telling, message, said).unwrap_or_default().to_owned();
        let key = (place.source, rule.code, *severity, *telling, words, FixedState::default().hash_one(help));
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
            None => self.units.entry(place.source).or_insert_with(|| secrets::spans(source)),
        };
        Some(Frame::new(source, place.span, secrets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::announce;
    use crate::reading::Reading;
    use crate::source::{Source, Span};

    #[test]
    fn a_sentence_that_is_said_of_many_places_is_masked_once() {
        let text = "[program:a]\nenvironment=DB_PASSWORD=\"tr0ub\"\ncommand=/a\n[program:b]\n";
        let (sources, reading) = (Sources::default(), Reading::default());
        let Ok(source) = Source::new("a.conf", text.into()) else { return assert!(text.is_empty()) };
        let source = sources.add(source);
        let secrets = Secrets::of(&sources, vec![source], &reading);
        let mut masker = Masker::new(&sources, [&secrets], Frames::None);
        let mut said = |message: &'static str, at: usize| {
            let place = Place { source, span: Span::at(at) };
            masker.finding(&Diagnostic::new(&announce::LOGS, place, message), None).message
        };
        let sentence = "password='s3cret-s3cret' is lost, and ='tr0ub' too.";
        let (first, own, last) = (said(sentence, 1), said(sentence, 20), said(sentence, text.len() - 2));
        assert!(Arc::ptr_eq(&first, &last), "{first} {last}");
        // A short secret is one at its own place only.
        assert!(first.contains("tr0ub") && !own.contains("tr0ub"), "{first} {own}");
        assert!([first, own].iter().all(|said| !said.contains("s3cret")));
    }
}
