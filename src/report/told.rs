//! What people are told of many findings: what is the same of several is said once, and what follows from another is not said.

use std::borrow::Cow;

use super::finding::Finding;
use crate::diagnostic::{Repeat, Rule, Severity, Telling};
use crate::hash::{HashMap, HashSet};
use crate::rules::is_of_conversions;
use crate::source::Position;

/// Names that a message holds before it only counts.
pub(super) const NAMED: usize = 8;

/// The findings with their messages, those that are told once made one at the place of the first, which names `most` of them.
pub(super) fn told(findings: &[Finding], most: usize) -> Vec<(&Finding, Cow<'_, str>)> {
    let mut gathered: Vec<(&Finding, Vec<&str>)> = Vec::new();
    let mut known = HashMap::default();
    let implied = implied(findings);
    for finding in findings.iter().filter(|finding| !implied(finding)) {
        let at = *known.entry(same(finding)).or_insert(gathered.len());
        match gathered.get_mut(at) {
            Some((_, subjects)) => subjects.extend(finding.subject.as_deref()),
            None => gathered.push((finding, finding.subject.as_deref().into_iter().collect())),
        }
    }
    let said = gathered.into_iter().map(|(finding, subjects)| match finding.rule.repeat {
        Repeat::File(join) | Repeat::Run(join) if subjects.len() > 1 => {
            (finding, join(&subjects, finding.said, most).into())
        }
        Repeat::Each | Repeat::File(_) | Repeat::Run(_) => (finding, (&*finding.message).into()),
    });
    said.collect()
}

/// The words that a finding has in common with those that are told together with it, wherever in its file they stand; `None`
/// where each place is told.
pub(super) fn words<'f>(rule: &Rule, telling: Telling, message: &'f str, said: &'f str) -> Option<&'f str> {
    match (telling, rule.repeat) {
        (Telling::Once, _) => Some(message),
        (Telling::Own | Telling::Implied, Repeat::Each) => None,
        (Telling::Own | Telling::Implied, Repeat::File(_) | Repeat::Run(_)) => Some(said),
    }
}

/// What a finding has in common with those that are told together with it.
#[derive(PartialEq, Eq, Hash)]
struct Same<'f> {
    rule: &'static str,
    severity: Severity,
    path: Option<&'f str>,
    place: Option<(Position, Position)>,
    words: &'f str,
    /// Of several programs one may need another advice.
    help: Option<&'f str>,
}

fn same(finding: &Finding) -> Same<'_> {
    let Finding { rule, severity, telling, message, said, path, start, end, help, .. } = finding;
    let words = words(rule, *telling, message, said);
    let run = *telling == Telling::Once || matches!(rule.repeat, Repeat::Run(_));
    Same {
        rule: rule.code,
        severity: *severity,
        path: (!run).then_some(&**path),
        // Of several sections that inherit an option the same is said at one place.
        place: words.is_none().then_some((*start, *end)),
        words: words.unwrap_or(message),
        help: help.as_deref().filter(|_| *telling != Telling::Once),
    }
}

/// Whether people are told a finding by another one, from which it follows. Where a comment ignores that one, they are not.
fn implied(findings: &[Finding]) -> impl Fn(&Finding) -> bool {
    let any = findings.iter().any(|finding| finding.telling == Telling::Implied);
    let told = || findings.iter().filter(|finding| any && finding.telling == Telling::Own);
    let refused = told().any(|finding| finding.severity == Severity::Error);
    let lost = told().filter(|finding| is_of_conversions(finding.rule) && finding.severity > Severity::Info);
    let sections: HashSet<&str> = lost.filter_map(|finding| finding.section.as_deref()).collect();
    move |finding| {
        let section = || finding.section.as_deref().is_some_and(|section| sections.contains(section));
        finding.telling == Telling::Implied && (refused || section())
    }
}
