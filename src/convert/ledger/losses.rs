//! What a ledger tells in the end: the differences of a plan, in the order in which they are told.

use super::{Grade, Sentence};
use crate::diagnostic::{Diagnostic, Severity};
use crate::keys::Key;
use crate::load::{Merged, Section};
use crate::source::Place;

/// A sentence said of a section, by their numbers. A large file has twenty of them a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Said {
    pub sentence: u32,
    pub section: u32,
}

/// The differences of a plan, by place: a sentence that holds for many sections is one, with a list of them.
#[derive(Debug)]
pub struct Losses<'a> {
    pub(super) merged: &'a Merged<'a>,
    pub(super) sentences: Vec<Sentence<'a>>,
    pub(super) names: Vec<&'a str>,
    pub(super) said: Vec<Said>,
}

/// A difference from Supervisor, in one section.
#[derive(Clone, Copy, Debug)]
pub struct Loss<'a> {
    /// What is said.
    pub sentence: Sentence<'a>,
    /// The number of the sentence in its plan.
    pub number: usize,
    /// The section, as written.
    pub section: &'a str,
    /// The number of the section in its plan.
    pub section_number: usize,
    /// The option, or what stands for it.
    pub place: Place,
}

impl<'a> Loss<'a> {
    /// The loss as a finding.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic<'a> {
        let Sentence { rule, key, grade, telling, message } = self.sentence;
        let severity = if grade == Grade::Lost { Severity::Warning } else { Severity::Info };
        let found = Diagnostic::new(rule, self.place, message);
        found.severity(severity).told(telling).of(self.section, Some(key.name))
    }
}

impl<'a> Losses<'a> {
    /// All of them, by how they are told, by place and by rule.
    pub fn iter(&self) -> impl Iterator<Item = Loss<'a>> {
        (0..self.said.len()).filter_map(|at| self.at(at))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.said.len()
    }

    /// Leaves those whose sentences are to be kept.
    pub fn retain(&mut self, keep: impl Fn(&Sentence<'a>) -> bool) {
        let Self { sentences, said, .. } = self;
        said.retain(|said| sentences.get(said.sentence as usize).is_some_and(&keep));
    }

    /// The one at a place of that order.
    #[must_use]
    pub fn at(&self, at: usize) -> Option<Loss<'a>> {
        let said = self.said.get(at)?;
        let (number, section_number) = (said.sentence as usize, said.section as usize);
        let section = *self.names.get(section_number)?;
        let sentence = *self.sentences.get(number)?;
        let place = place_of(self.merged, self.merged.sections.at(section_number), sentence.key);
        Some(Loss { sentence, number, section, section_number, place })
    }

    /// The number of a section that is written.
    #[must_use]
    pub fn number(&self, section: &str) -> Option<usize> {
        self.merged.sections.position(section)
    }

    /// How many sentences are numbered.
    #[must_use]
    pub fn sentences(&self) -> usize {
        self.sentences.len()
    }

    /// How many sections are numbered.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.names.len()
    }
}

/// The option's own place if it is written in a section, else the section's header, else the beginning of the file.
pub(super) fn place_of<'a>(merged: &Merged<'a>, section: Option<(&'a str, &Section<'a>)>, key: &Key) -> Place {
    let setting = section.and_then(|(_, section)| merged.seen_by(section, key)).map(|setting| setting.value);
    let header = section.map(|(_, section)| section.header);
    setting.or(header).unwrap_or(Place { source: merged.main, ..Place::default() })
}
