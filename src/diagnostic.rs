//! One finding: what is wrong, where, what Supervisor really does with it, and what to write instead; and the rule behind it.

use std::rc::Rc;

use crate::source::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, clap::ValueEnum)]
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
}

/// How often a rule speaks to people; documents for programs hold each finding.
#[derive(Clone, Copy, Debug)]
pub enum Repeat {
    /// Each finding by itself.
    Each,
    /// Once a file, naming the subjects; makes the message from them.
    File(fn(&[&str]) -> String),
    /// Once a run, naming the subjects.
    Run(fn(&[&str]) -> String),
}

/// How people are told of one finding; documents for programs hold all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Telling {
    /// At its place.
    #[default]
    Own,
    /// Once, whatever the number of sections that it holds for.
    Once,
    /// Not at all: it follows from another one.
    Implied,
}

/// A second place that explains the first.
#[derive(Clone, Debug)]
pub struct Label {
    /// What is to be seen there.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// A finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
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
    /// Supervisor's own message, to the letter, where it refuses to start.
    pub supervisor: Option<String>,
    /// Whether supervisord dies of an exception with that message, instead of printing it as an error.
    pub dies: bool,
    /// The text that is spoken of.
    pub place: Place,
    /// The section, as written.
    pub section: Option<Rc<str>>,
    /// The option, as Supervisor names it.
    pub option: Option<Rc<str>>,
    /// Further places.
    pub labels: Vec<Label>,
    /// What the finding is about, where a rule says one thing of many: the name of the program or the path of the file.
    pub subject: Option<Rc<str>>,
    /// How people are told of it.
    pub telling: Telling,
}

impl Diagnostic {
    /// A finding of `rule` with its usual severity and confidence.
    #[must_use]
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
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
            telling: Telling::Own,
        }
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
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// In a section, and there in an option.
    #[must_use]
    pub fn of(mut self, section: &Rc<str>, option: Option<&str>) -> Self {
        self.section = Some(Rc::clone(section));
        self.option = option.map(Into::into);
        self
    }

    /// With a second place.
    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { message: message.into(), place });
        self
    }

    /// About one of many.
    #[must_use]
    pub fn about(mut self, subject: &Rc<str>) -> Self {
        self.subject = Some(Rc::clone(subject));
        self
    }
}
