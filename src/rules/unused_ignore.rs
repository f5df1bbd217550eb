//! SUP019 unused-ignore: a comment that ignores what is not found.

use super::Check;
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::source::Place;

/// SUP019. It has no check: what was ignored is known only when all files are done ([`crate::rules::ignores::Ignores::part`]).
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP019",
        name: "unused-ignore",
        severity: Severity::Info,
        confidence: Confidence::High,
        page: include_str!("unused_ignore.md"),
        repeat: Repeat::Each,
    },
    refusal: None,
    check: None,
};

/// The finding about a rule's name in a comment.
pub fn finding(rule: &Rule, place: Place) -> Diagnostic<'_> {
    let message = format!("{} finds nothing here that this comment would ignore.", rule.name);
    let help = "take it out of the comment: it would hide the next one.";
    Diagnostic::new(&RULE.rule, place, message).help(help)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP010]", &[(1, I)]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP010, unused-ignore]", &[]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[unused-ignore]", &[(1, I)]),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP010]", &[]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[not-convertible]", &[]),
    ];
}
