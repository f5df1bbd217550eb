//! SUP018 unknown-ignore: a comment that is meant to ignore something and ignores nothing.

use super::{Check, Found, Lint, meant, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::rules::ignores::{self, MistakeKind};
use crate::source::Place;

/// SUP018.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP018",
        name: "unknown-ignore",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("unknown_ignore.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Speaks,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    const WRITE: &str = "write ; supconv: ignore[rule, rule] reason, or ignore-file[rule].";
    for (id, source) in lint.files() {
        for mistake in ignores::mistakes(source) {
            let text = source.slice(mistake.span);
            let (message, help) = match mistake.kind {
                MistakeKind::Instruction => {
                    (format!("{} is not an instruction of supconv", shown(text)), WRITE.to_owned())
                }
                MistakeKind::NoList => ("this ignore comment names no rule".to_owned(), WRITE.to_owned()),
                MistakeKind::Unclosed => ("the list of rules has no closing ]".to_owned(), WRITE.to_owned()),
                MistakeKind::NoRule => (format!("{} is not a rule", shown(text)), meant(text)),
                MistakeKind::Syntax => (
                    format!("{} cannot be ignored, because Supervisor cannot read the line", shown(text)),
                    "correct the line, or do not lint the file.".to_owned(),
                ),
            };
            let place = Place { source: id, span: mistake.span };
            found.push(Diagnostic::new(&RULE.rule, place, format!("{message}, so it ignores nothing.")).help(help));
        }
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "; supconv: ignore[default-minfd]", &[(1, W)]).says("is not a rule"),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[parse-error]", &[(1, W)]),
        row(
            PROGRAM,
            "; supconv: ignore all\n; supconv: ignore[SUP101\n; supconv: ignroe[SUP101]\n; supconv: ignore[]",
            &[(1, W), (2, W), (3, W), (4, W)],
        ),
        row(PROGRAM, "; supconv: ignore[SUP010, default-minfds] why\nstartsecs=x\n; supconv: it is good", &[]),
    ];
}
