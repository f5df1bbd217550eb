//! SUP019 unused-ignore: a comment that ignores what is not found.

use std::collections::HashSet;

use super::ignores::{At, Ignores, Word};
use super::{Check, Settings};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::source::SourceId;

/// SUP019. It has no check: what was ignored is known only when all files are done ([`Ignores::part`]).
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP019",
        name: "unused-ignore",
        severity: Severity::Info,
        confidence: Confidence::High,
        page: include_str!("unused_ignore.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: None,
    cannot_run: false,
};

impl Ignores {
    /// Parts what the rules have found in the files that were judged: what stays, and what is ignored. Ignores that were of no
    /// use are findings too; one that names a rule that did not run may be of use another time.
    #[must_use]
    pub fn part<'a>(
        &self,
        found: Vec<Diagnostic<'a>>,
        judged: &HashSet<SourceId>,
        settings: &Settings,
    ) -> (Vec<Diagnostic<'a>>, Vec<Diagnostic<'a>>) {
        let mut parts =
            Parts { ignores: self, kept: Vec::with_capacity(found.len()), ignored: Vec::new(), used: HashSet::new() };
        for finding in found {
            parts.add(finding);
        }
        if settings.runs(&RULE.rule) {
            let words = self.of(judged).into_iter();
            let all = words.filter(|word| word.rules.iter().all(|(_, rule)| settings.runs(rule)));
            // Whether an ignore of unused ignores is of use shows only after the others.
            let (own, others): (Vec<_>, Vec<_>) =
                all.partition(|word| word.rules.iter().any(|(_, rule)| rule.code == RULE.rule.code));
            let idle = |word: &Word, used: &HashSet<At>| !word.rules.iter().any(|(at, _)| used.contains(at));
            for word in others.iter().filter(|word| idle(word, &parts.used)).collect::<Vec<_>>() {
                parts.add(finding(word));
            }
            for word in own.iter().filter(|word| idle(word, &parts.used)) {
                parts.kept.push(finding(word));
            }
        }
        (parts.kept, parts.ignored)
    }
}

/// Findings, parted, and the ignores that were of use.
struct Parts<'i, 'a> {
    ignores: &'i Ignores,
    kept: Vec<Diagnostic<'a>>,
    ignored: Vec<Diagnostic<'a>>,
    used: HashSet<At>,
}

impl<'a> Parts<'_, 'a> {
    fn add(&mut self, finding: Diagnostic<'a>) {
        match self.ignores.covering(&finding) {
            Some(at) => {
                self.used.insert(at);
                self.ignored.push(finding);
            }
            None => self.kept.push(finding),
        }
    }
}

/// The finding about a word that names rules.
fn finding<'a>(word: &Word) -> Diagnostic<'a> {
    let message = format!("this comment ignores nothing: {} has no finding here.", word.name);
    let help = "remove it from the comment, because it would hide the next finding.";
    Diagnostic::new(&RULE.rule, word.place, message).help(help)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP010]", &[(1, I)]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP010, unused-ignore]", &[]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[unused-ignore]", &[(1, I)]),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP010]", &[]),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP0]", &[]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP0]", &[(1, I)]).says("SUP0 has no finding here"),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[not-convertible]", &[]),
    ];
}
