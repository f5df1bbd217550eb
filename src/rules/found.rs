//! What the rules find: a rule puts in whatever it has to say, and what must not be said is left out here.
//!
//! Two things silence a finding. Markup of a template: what lies on a line with markup is not what Supervisor will read. And a
//! refusal: of a value that Supervisor does not take, the refusal says enough.

use std::cell::OnceCell;

use super::{Lint, indented_option_swallowed, pointed, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Rule, Severity};
use crate::hash::HashSet;
use crate::keys::Key;
use crate::source::Place;

/// The findings of one configuration.
pub struct Found<'l, 'a> {
    lint: &'l Lint<'a>,
    findings: Vec<Diagnostic<'a>>,
    refused: OnceCell<HashSet<Place>>,
}

impl<'l, 'a> Found<'l, 'a> {
    pub(super) fn new(lint: &'l Lint<'a>) -> Self {
        Self { lint, findings: Vec::new(), refused: OnceCell::new() }
    }

    /// Adds a finding, unless markup touches its place.
    pub fn push(&mut self, finding: Diagnostic<'a>) {
        if finding.rule.on_markup == OnMarkup::Speaks || self.lint.is_certain(finding.place) {
            self.findings.push(finding);
        }
    }

    /// Adds a finding that rests on a text at another place too, unless markup touches one of the two.
    pub fn push_resting_on(&mut self, place: Place, finding: Diagnostic<'a>) {
        if self.lint.is_certain(place) {
            self.push(finding);
        }
    }

    /// Adds a finding about a value that Supervisor accepts, or a part of it, unless it does not, or markup touches the value.
    pub fn push_of_accepted(&mut self, value: Place, finding: Diagnostic<'a>) {
        let refusals = || self.lint.config.refusals.iter().map(|refusal| refusal.place).collect();
        if !self.refused.get_or_init(refusals).contains(&value) {
            self.push_resting_on(value, finding);
        }
    }

    /// Says that a section lacks an option without which Supervisor refuses it, and which a file that was not read may have: the
    /// main file of a fragment, an include. A template may be given it. `misspelt`: what was probably meant to be it.
    pub(super) fn push_lacking(
        &mut self,
        rule: &'static Rule,
        (section, header): (&'a str, Place),
        key: &'static Key,
        misspelt: Option<String>,
    ) {
        let option = key.name;
        // A line that is indented too far: SUP002 says so.
        if written::is_template(self.lint, header.source)
            || indented_option_swallowed::holds(self.lint, section, option)
        {
            return;
        }
        let message =
            format!("[{section}] has no {option} here: unless another file has it, supervisord refuses to start.");
        let help = misspelt.unwrap_or_else(|| {
            if self.lint.config.fragment {
                format!("write {option}= here, or check this file with its main file: --main FILE.")
            } else {
                format!("write {option}= here, or let the included files be read.")
            }
        });
        let mut finding = Diagnostic::new(rule, header, message).severity(Severity::Warning).help(help);
        finding.confidence = Confidence::Medium;
        self.push(finding.of(section, Some(option)));
    }

    /// Adds a refusal in the words of a rule, unless the lint withholds it: it rests on markup, or on what a block may bring.
    /// Its place is the whole value, which markup must not touch; `places` are the parts that are wrong.
    pub(super) fn push_refusal(&mut self, refusal: Diagnostic<'a>, places: Vec<(Place, String)>) {
        if !(self.lint.markup.withholds(&refusal) || self.is_of_marked_name(&refusal)) {
            self.findings.push(pointed(refusal, places));
        }
    }

    /// Whether a value that is refused holds the name of its section, and that is markup.
    fn is_of_marked_name(&self, refusal: &Diagnostic<'_>) -> bool {
        let Some((section, option)) = refusal.section.zip(refusal.option) else { return false };
        let marked = self.lint.merged.sections.get(section).is_some_and(|one| self.lint.markup.touches(one.header));
        let setting = self.lint.merged.setting(section, option).filter(|_| marked);
        setting.is_some_and(|one| one.text.contains("%(program_name)") || one.text.contains("%(group_name)"))
    }

    pub(super) fn into_findings(self) -> Vec<Diagnostic<'a>> {
        self.findings
    }
}
