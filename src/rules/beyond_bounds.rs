//! SUP017 beyond-bounds: what would make Supervisor run out of memory, and supconv too if it followed.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
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
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Bound {
        return None;
    }
    let explanation = match refusal.message.split_once(" processes: ") {
        Some((count, _)) if refusal.option.as_deref() == Some("numprocs") => Explanation::new(
            format!(
                "{} processes: supconv stops at {PROCESSES_OF_SECTION} a section and {PROCESSES_OF_FILE} a file, and supervisord \
                 would run out of memory.",
                shown(count).trim_matches('\'')
            ),
            "write the number of processes that the machine can run.",
        ),
        _ => Explanation::new(
            format!(
                "this value expands to more than 1 MiB, or all values of the file to more than {} MiB: supconv stops there, and \
                 supervisord would run out of memory.",
                EXPANDED >> 20
            ),
            "look at the number between % and its letter: it is a width to which Python pads.",
        ),
    };
    Some(explanation)
}
