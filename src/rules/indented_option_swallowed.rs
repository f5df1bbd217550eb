//! SUP002 indented-option-swallowed: STUB
use super::{Explanation, Lint, Repeat, Rule};
use crate::diagnostic::{Confidence, Severity};
use crate::refusal::Refusal;

/// SUP002.
pub static RULE: Rule = Rule {
    code: "SUP002",
    name: "indented-option-swallowed",
    severity: Severity::Error,
    confidence: Confidence::High,
    what: "",
    why: "",
    bad: "",
    good: "",
    repeat: Repeat::Each,
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    let _ = refusal; None
}
