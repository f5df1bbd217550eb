//! SUP019 unused-ignore: a comment that ignores what is not found.

use std::collections::HashSet;

use super::ignores::{At, Ignores, Word};
use super::{Check, Settings};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::source::SourceId;

/// SUP019. It has no check: what was ignored is known only when all files are done ([`Uses::idle`]).
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

/// The ignores that are of use.
pub struct Uses<'i> {
    ignores: &'i Ignores,
    used: HashSet<At>,
}

impl<'i> Uses<'i> {
    /// None is of use yet.
    #[must_use]
    pub fn of(ignores: &'i Ignores) -> Self {
        Self { ignores, used: HashSet::new() }
    }

    /// Whether a comment ignores this finding, which is then of use.
    pub fn cover(&mut self, finding: &Diagnostic<'_>) -> bool {
        let covering = self.ignores.covering(finding);
        self.used.extend(covering);
        covering.is_some()
    }

    /// Ignores that were of no use in the files that were judged are findings too; those that stay, and those that are ignored.
    /// One that names a rule that did not run may be of use another time.
    #[must_use]
    pub fn idle<'a>(
        mut self,
        judged: &HashSet<SourceId>,
        settings: &Settings,
    ) -> (Vec<Diagnostic<'a>>, Vec<Diagnostic<'a>>) {
        if !settings.runs(&RULE.rule) {
            return (Vec::new(), Vec::new());
        }
        let words = self.ignores.of(judged).into_iter();
        let all = words.filter(|word| word.rules.iter().all(|(_, rule)| settings.runs(rule)));
        // Whether an ignore of unused ignores is of use shows only after the others.
        let (own, others): (Vec<_>, Vec<_>) =
            all.partition(|word| word.rules.iter().any(|(_, rule)| rule.code == RULE.rule.code));
        let idle = |word: &Word, used: &HashSet<At>| !word.rules.iter().any(|(at, _)| used.contains(at));
        let found: Vec<_> = others.iter().filter(|word| idle(word, &self.used)).map(finding).collect();
        let (ignored, mut kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| self.cover(finding));
        kept.extend(own.iter().filter(|word| idle(word, &self.used)).map(finding));
        (kept, ignored)
    }
}

impl Ignores {
    /// Parts what the rules have found in the files that were judged, and the ignores that were of no use: what stays, and what
    /// is ignored.
    #[must_use]
    pub fn part<'a>(
        &self,
        found: Vec<Diagnostic<'a>>,
        judged: &HashSet<SourceId>,
        settings: &Settings,
    ) -> (Vec<Diagnostic<'a>>, Vec<Diagnostic<'a>>) {
        let mut uses = Uses::of(self);
        let (mut ignored, mut kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| uses.cover(finding));
        let (more_kept, more_ignored) = uses.idle(judged, settings);
        kept.extend(more_kept);
        ignored.extend(more_ignored);
        (kept, ignored)
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
