//! One finding: what is wrong, where, what Supervisor really does with it, and what to write instead; and the rule that says so.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use crate::source::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Runs today, and is known to hurt.
    Warning,
    /// supervisord refuses to start, the program cannot run, output is lost, or control is exposed.
    Error,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess, shown only to those who ask for it.
    Low,
    /// Rests on knowledge of an application or on usual practice.
    Medium,
    /// Follows from what the file says.
    High,
}

/// A rule: its metadata and its page.
#[derive(Debug)]
pub struct Rule {
    /// `SUP101`.
    pub code: &'static str,
    /// `default-minfds`.
    pub name: &'static str,
    /// How bad its findings are unless they say otherwise.
    pub severity: Severity,
    /// How sure it is unless it says otherwise.
    pub confidence: Confidence,
    /// Its page in Markdown: see [`crate::rules::Page`].
    pub page: &'static str,
    /// How often it speaks.
    pub repeat: Repeat,
    /// What it has to say of a template.
    pub on_markup: OnMarkup,
}

/// What a rule has to say of a file with markup of a template, which is not what Supervisor will read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMarkup {
    /// Nothing of lines with markup.
    Silent,
    /// Nor of what is missing, where a block may bring it.
    SilentOfMissing,
    /// Nothing of such lines, but of `%NAME%`: Supervisor refuses it, whoever was to replace it.
    SpeaksOfPercent,
    /// Whatever it finds: it speaks of the text as it stands.
    Speaks,
}

/// How often a rule speaks to people; documents for programs hold each finding.
#[derive(Clone, Copy, Debug)]
pub enum Repeat {
    /// Each finding by itself.
    Each,
    /// Once a file, naming the subjects; makes the message from them, from what is said of each, and from how many are named
    /// before it only counts.
    File(fn(&[&str], &str, usize) -> String),
    /// Once a run, naming the subjects.
    Run(fn(&[&str], &str, usize) -> String),
}

/// How people are told of one finding; documents for programs hold all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Telling {
    /// At its place.
    #[default]
    Own,
    /// Once, whatever the number of sections that it holds for.
    Once,
    /// Not at all: it follows from another one.
    Implied,
}

/// What a finding says, or its help. Most findings are never shown, so a text with values in it is made only when it is asked
/// for.
#[derive(Clone)]
pub struct Message<'a>(Words<'a>);

#[derive(Clone)]
enum Words<'a> {
    Text(Cow<'a, str>),
    Made(Rc<dyn Fn() -> String + 'a>),
}

impl<'a> Message<'a> {
    /// A text that is made when it is shown.
    #[must_use]
    pub fn made(make: impl Fn() -> String + 'a) -> Self {
        Self(Words::Made(Rc::new(make)))
    }

    /// The text, where it was there before the finding.
    #[must_use]
    pub fn kept(&self) -> Option<&'a str> {
        match self.0 {
            Words::Text(Cow::Borrowed(text)) => Some(text),
            Words::Text(Cow::Owned(_)) | Words::Made(_) => None,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Words::Text(text) => Cow::Borrowed(text),
            Words::Made(make) => Cow::Owned(make()),
        }
    }
}

impl<'a> From<&'a str> for Message<'a> {
    fn from(text: &'a str) -> Self {
        Self(Words::Text(text.into()))
    }
}

impl<'a> From<Cow<'a, str>> for Message<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Words::Text(text))
    }
}

impl From<String> for Message<'_> {
    fn from(text: String) -> Self {
        Self(Words::Text(text.into()))
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// A second place that explains the first.
#[derive(Clone, Debug)]
pub struct Label<'a> {
    /// What is to be seen there.
    pub message: Cow<'a, str>,
    /// Where.
    pub place: Place,
}

/// A finding.
#[derive(Clone, Debug)]
pub struct Diagnostic<'a> {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad this one is.
    pub severity: Severity,
    /// How sure the rule is of this one.
    pub confidence: Confidence,
    /// What is wrong and what Supervisor does with it.
    pub message: Message<'a>,
    /// What to write instead.
    pub help: Option<Message<'a>>,
    /// Supervisor's own message, to the letter, where it refuses to start.
    pub supervisor: Option<&'a str>,
    /// Whether supervisord dies of an exception with that message, instead of printing it as an error.
    pub dies: bool,
    /// The text that is spoken of.
    pub place: Place,
    /// The section, as written.
    pub section: Option<&'a str>,
    /// The option, as Supervisor names it.
    pub option: Option<&'a str>,
    /// Further places.
    pub labels: Vec<Label<'a>>,
    /// What the finding is about, where a rule says one thing of many: the name of the program or the path of the file.
    pub subject: Option<&'a str>,
    /// What is said of the subject. Where a rule says the same of many, people are told it once, with the names of all.
    pub said: &'static str,
    /// How people are told of it.
    pub telling: Telling,
    /// Whether it means that the program of its section cannot run as it is written: nothing that it is converted to can.
    pub cannot_run: bool,
}

impl<'a> Diagnostic<'a> {
    /// A finding of `rule` with its usual severity and confidence.
    #[must_use]
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<Message<'a>>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: rule.confidence,
            message: message.into(),
            help: None,
            supervisor: None,
            dies: false,
            place,
            section: None,
            option: None,
            labels: Vec::new(),
            subject: None,
            said: "",
            telling: Telling::Own,
            cannot_run: false,
        }
    }

    /// The program cannot run as it is written.
    #[must_use]
    pub fn cannot_run(mut self) -> Self {
        self.cannot_run = true;
        self
    }

    /// With another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Told to people in another way than at its place.
    #[must_use]
    pub fn told(mut self, telling: Telling) -> Self {
        self.telling = telling;
        self
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message<'a>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// In a section, and there in an option.
    #[must_use]
    pub fn of(mut self, section: &'a str, option: Option<&'a str>) -> Self {
        self.section = Some(section);
        self.option = option;
        self
    }

    /// With a second place.
    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<Cow<'a, str>>) -> Self {
        self.labels.push(Label { message: message.into(), place });
        self
    }

    /// About one of many, with what is said of each of them.
    #[must_use]
    pub fn about(mut self, subject: &'a str, said: &'static str) -> Self {
        self.subject = Some(subject);
        self.said = said;
        self
    }
}
