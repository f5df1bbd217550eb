//! Conversion: what a target makes of a configuration, and the ledger in which every written option gets its grade.

pub mod announce;
pub mod disk;
pub mod program;
pub mod systemd;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Rule, Severity, Telling};
use crate::load::{Merged, Setting};
use crate::source::Place;

/// Everything that a conversion would write and say; made whole in memory before anything is written.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The target: `systemd`.
    pub target: &'static str,
    /// The files, in the order in which they are printed.
    pub files: Vec<File>,
    /// What to enable, by name.
    pub enable: Vec<String>,
    /// What is translated with a difference, and what is lost.
    pub losses: Vec<Loss<'a>>,
    /// Sections that Supervisor refuses, and names that cannot be: they have no file.
    pub errors: Vec<Diagnostic<'a>>,
    /// How many of the written options have which grade.
    pub summary: Summary,
    /// The limit of open files that each unit gets.
    pub open_files: Vec<OpenFiles<'a>>,
    /// The processes that have a unit.
    pub moved: Vec<Moved>,
    /// Processes that are asked for and have no unit, as supervisorctl calls them.
    pub left: Vec<String>,
    /// All that moves, as few words as supervisorctl takes: `web`, `group:*`, `group:process`.
    pub moving: Vec<String>,
    /// A group, and the unit that is all of it.
    pub group: Option<(String, String)>,
    /// The option of `systemctl kill` that names which processes get a signal.
    pub kill_option: &'static str,
    /// What was not asked for and stays with Supervisor, as supervisorctl calls it.
    pub stays: Vec<String>,
    /// Whether Supervisor refuses the file as a whole: then there are no files.
    pub refused: bool,
    /// Whether this is a file that another one includes: other programs may exist.
    pub fragment: bool,
}

/// A process and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// As supervisorctl calls it: `web`, `group:process`.
    pub called: String,
    /// The unit.
    pub unit: String,
    /// The file that its standard output goes to.
    pub log: Option<String>,
}

/// The limit of open files of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFiles<'a> {
    /// The unit.
    pub unit: String,
    /// The section that made it.
    pub section: &'a str,
    /// The limit and where it comes from.
    pub text: String,
}

/// One file of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, relative to the directory that the files are written to.
    pub path: String,
    /// Its mode.
    pub mode: u32,
    /// Its text.
    pub text: String,
    /// Whether the text is shown to nobody who does not ask for it.
    pub secret: bool,
}

/// A difference from Supervisor.
#[derive(Clone, Debug)]
pub struct Loss<'a> {
    /// Where it comes from and what it is.
    pub diagnostic: Diagnostic<'a>,
    /// How much of it is kept.
    pub grade: Grade,
}

/// How much of a setting is kept. The order is that of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// All of it; nothing is said.
    Exact,
    /// Translated, with the difference named.
    Approximate,
    /// Not translated.
    Lost,
}

/// How many (section, option) pairs that are written have which grade, each at its worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Translated without a difference, or of no concern to the target.
    pub exact: usize,
    /// Translated with a difference.
    pub approximate: usize,
    /// Lost.
    pub lost: usize,
}

/// What has become of the written options so far.
#[derive(Debug)]
pub struct Ledger<'m, 'a> {
    merged: &'m Merged<'a>,
    /// By section and option; an option that nobody has spoken of yet has no grade.
    grades: BTreeMap<(&'a str, &'a str), Option<Grade>>,
    losses: Vec<Loss<'a>>,
}

impl<'m, 'a> Ledger<'m, 'a> {
    /// A ledger with the options of all sections that Supervisor reads; those of `[DEFAULT]` stand where they are
    /// inherited.
    #[must_use]
    pub fn new(merged: &'m Merged<'a>) -> Self {
        let mut grades = BTreeMap::new();
        for (name, section) in &merged.sections {
            let Some(tables) = crate::keys::of_section(name) else { continue };
            for key in tables.iter().flat_map(|keys| keys.iter()) {
                if section.options.contains_key(key.name) || merged.defaults.contains_key(key.name) {
                    grades.insert((name, key.name), None);
                }
            }
        }
        Self { merged, grades, losses: Vec::new() }
    }

    /// The option's own place if it is written, else its section's header, else the beginning of the file.
    #[must_use]
    pub fn place(&self, section: &str, option: &str) -> Place {
        let found = self.merged.sections.get(section);
        let setting = found.and_then(|section| section.options.get(option));
        let inherited = || found.and(self.merged.defaults.get(option));
        setting
            .or_else(inherited)
            .map(|setting: &Setting<'a>| setting.value)
            .or(found.map(|section| section.header))
            .unwrap_or(Place { source: self.merged.main, ..Place::default() })
    }

    /// Gives an option a grade; the worst of several counts.
    fn grade(&mut self, section: &'a str, option: &'a str, grade: Grade) {
        if let Some(old) = self.grades.get_mut(&(section, option)) {
            *old = (*old).max(Some(grade));
        }
    }

    /// The option is translated, or describes what the target does not have and no program can see.
    pub fn exact(&mut self, section: &'a str, option: &'a str) {
        self.grade(section, option, Grade::Exact);
    }

    /// The option is translated, with a difference.
    pub fn approximate(&mut self, rule: &'static Rule, section: &'a str, option: &'a str, message: &str) {
        self.note(rule, section, option, message, Grade::Approximate);
    }

    /// The option is not translated.
    pub fn lost(&mut self, rule: &'static Rule, section: &'a str, option: &'a str, message: &str) {
        self.note(rule, section, option, message, Grade::Lost);
    }

    /// A difference that holds for all; it is not counted as one of the option.
    pub fn constant(&mut self, rule: &'static Rule, section: &'a str, option: &'a str, message: &str) {
        self.push(rule, section, option, message, Grade::Approximate, Telling::Once);
    }

    /// The section makes nothing: what it says and nobody has spoken of is lost, for a reason that has been told.
    pub fn implied(&mut self, section: &'a str, message: &str) {
        for option in self.open(section) {
            self.grade(section, option, Grade::Lost);
            self.push(&announce::NOT_CONVERTIBLE, section, option, message, Grade::Lost, Telling::Implied);
        }
    }

    /// The section makes nothing, for a reason that has been told: all that it says is lost, whatever was said of it before.
    pub fn nothing(&mut self, section: &'a str, message: &str) {
        for option in self.written(section) {
            let pair = (section, option);
            if self.grades.get(&pair).is_some_and(|grade| *grade != Some(Grade::Lost)) {
                self.grade(section, option, Grade::Lost);
                self.push(&announce::NOT_CONVERTIBLE, section, option, message, Grade::Lost, Telling::Implied);
            }
        }
    }

    /// The section is not converted and not counted.
    pub fn forget(&mut self, section: &'a str) {
        for option in self.written(section) {
            self.grades.remove(&(section, option));
        }
    }

    /// The written options of a section that nobody has spoken of.
    fn open(&self, section: &'a str) -> Vec<&'a str> {
        let first = (section, "");
        let pairs = self.grades.range(first..).take_while(|((name, _), _)| *name == section);
        pairs.filter(|(_, grade)| grade.is_none()).map(|((_, option), _)| *option).collect()
    }

    /// The text of an option as written.
    #[must_use]
    pub fn text(&self, section: &'a str, option: &'a str) -> Option<&'a str> {
        let found = self.merged.sections.get(section)?;
        found.options.get(option).or_else(|| self.merged.defaults.get(option)).map(|setting| setting.text)
    }

    fn note(&mut self, rule: &'static Rule, section: &'a str, option: &'a str, message: &str, grade: Grade) {
        self.grade(section, option, grade);
        self.push(rule, section, option, message, grade, Telling::Own);
    }

    fn push(
        &mut self,
        rule: &'static Rule,
        section: &'a str,
        option: &'a str,
        message: &str,
        grade: Grade,
        telling: Telling,
    ) {
        // Each process of a program says the same.
        let known = |loss: &Loss<'_>| {
            let diagnostic = &loss.diagnostic;
            diagnostic.section == Some(section)
                && diagnostic.option == Some(option)
                && diagnostic.message.text() == message
        };
        if self.losses.iter().rev().take(64).any(known) {
            return;
        }
        let severity = if grade == Grade::Lost { Severity::Warning } else { Severity::Info };
        let diagnostic = Diagnostic::new(rule, self.place(section, option), message.to_owned())
            .severity(severity)
            .told(telling)
            .of(section, Some(option));
        self.losses.push(Loss { diagnostic, grade });
    }

    /// The written options of a section, by name.
    #[must_use]
    pub fn written(&self, section: &'a str) -> Vec<&'a str> {
        let first = (section, "");
        let pairs = self.grades.range(first..).map(|(pair, _)| pair).take_while(|(name, _)| *name == section);
        pairs.map(|(_, option)| *option).collect()
    }

    /// The losses by place, and the count. What nobody has spoken of is lost: an option is never dropped silently.
    #[must_use]
    pub fn close(mut self) -> (Vec<Loss<'a>>, Summary) {
        let open: Vec<(&'a str, &'a str)> =
            self.grades.iter().filter(|(_, grade)| grade.is_none()).map(|(pair, _)| *pair).collect();
        for (section, option) in open {
            self.lost(&announce::NOT_CONVERTIBLE, section, option, &format!("{option}= is not translated."));
        }
        let mut summary = Summary::default();
        for grade in self.grades.values().flatten() {
            match grade {
                Grade::Exact => summary.exact += 1,
                Grade::Approximate => summary.approximate += 1,
                Grade::Lost => summary.lost += 1,
            }
        }
        self.losses.sort_by_key(|loss| {
            let diagnostic = &loss.diagnostic;
            (diagnostic.telling, diagnostic.place.source, diagnostic.place.span.start, diagnostic.rule.code)
        });
        (self.losses, summary)
    }
}
