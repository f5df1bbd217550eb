//! SUP017 beyond-bounds: what would make Supervisor run out of memory, and supconv too if it followed.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, OnMarkup, Repeat, Rule, Severity};
use crate::model::evaluate::{EXPANDED, PROCESSES_OF_FILE, PROCESSES_OF_SECTION};
use crate::refusal::{Cause, Refusal};

/// SUP017.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP017",
        name: "beyond-bounds",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("beyond_bounds.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: None,
    fix: None,
    cannot_run: false,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    let explanation = match &refusal.cause {
        Cause::Processes { count } => Explanation::new(
            format!(
                "{} processes are too many: supconv stops at {PROCESSES_OF_SECTION} per section and {PROCESSES_OF_FILE} per file.",
                shown(count).trim_matches('\'')
            ),
            "write the number of processes that the machine can run.",
        ),
        Cause::Bound => Explanation::new(
            format!(
                "this value expands to more than 1 MiB, or all values to more than {} MiB: supconv stops here.",
                EXPANDED >> 20
            ),
            "reduce the number between % and its letter: Python pads the value to this width.",
        ),
        Cause::Size => Explanation::new(
            format!("{}: supconv stops here.", refusal.message),
            "give --max-size, if all of this has to be read; or let the pattern match fewer files.",
        ),
        _ => return None,
    };
    Some(explanation)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "numprocs=20001\nprocess_name=%(process_num)s", &[(1, E)]).says("20001 processes are too many"),
        row(PROGRAM, "directory=%(here)999999999s", &[(1, E)]),
        row(PROGRAM, "numprocs=20000\nprocess_name=%(process_num)s", &[]),
    ];
}
