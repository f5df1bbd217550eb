//! SUP018 unknown-ignore: a comment that is meant to ignore something and ignores nothing.

use super::{Check, Lint, find, meant, shown};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::rules::ignores::{self, MistakeKind};
use crate::source::Place;

/// SUP018.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP018",
        name: "unknown-ignore",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "A comment of the form '; supconv: ignore[rule, rule] reason' that names no rule, names one that there is not, or \
               names parse-error, which cannot be ignored.",
        why: "An ignore with a mistake in it ignores nothing, and one without a list would hide what nobody has seen yet: the next \
              fault on the same line. Linters that take both in silence leave their users with comments that do nothing.",
        bad: "[supervisord]\nuser=root\n; supconv: ignore[default-minfd] the unit sets LimitNOFILE\nminfds=65536\n",
        good: "[supervisord]\nuser=root\n; supconv: ignore[default-minfds] the unit sets LimitNOFILE\nminfds=1024\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    const WRITE: &str = "write ; supconv: ignore[rule, rule] reason, or ignore-file[rule].";
    for (id, source) in lint.files() {
        for mistake in ignores::mistakes(source) {
            let text = source.slice(mistake.span);
            let (message, help) = match mistake.kind {
                MistakeKind::Instruction => (format!("{} is no instruction to supconv", shown(text)), WRITE.to_owned()),
                MistakeKind::NoList => {
                    ("an ignore names its rules, and this one names none".to_owned(), WRITE.to_owned())
                }
                MistakeKind::Unclosed => ("the list of rules has no ] at its end".to_owned(), WRITE.to_owned()),
                MistakeKind::NoRule => (format!("{} is no rule", shown(text)), other(text)),
                MistakeKind::Syntax => (
                    format!("{} cannot be ignored, for Supervisor cannot read what it speaks of", shown(text)),
                    "mend the line, or leave the file out.".to_owned(),
                ),
            };
            let place = Place { source: id, span: mistake.span };
            found.push(Diagnostic::new(&RULE.rule, place, format!("{message}: nothing is ignored by it.")).help(help));
        }
    }
}

/// What to write instead of a word that is no rule.
fn other(word: &str) -> String {
    let family = word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("SUP"));
    if family && find(&format!("{word}01")).is_some() {
        "a comment names each rule by itself: whole families only with --ignore.".to_owned()
    } else {
        meant(word)
    }
}
