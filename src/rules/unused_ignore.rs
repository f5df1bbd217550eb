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
        what: "A rule that an ignore comment names and that finds nothing there. What would be hidden by --min-severity counts as \
               found; rules that were not run are not spoken of.",
        why: "The fault was mended and the comment stayed: it will hide the next one, and its reason is no longer true.",
        bad: "[supervisord]\nuser=root\nminfds=65536 ; supconv: ignore[default-minfds] the unit sets LimitNOFILE\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n",
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
