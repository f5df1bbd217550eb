//! SUP205 http-auth-weak: STUB
use super::{Explanation, Lint, Repeat, Rule};
use crate::diagnostic::{Confidence, Severity};
use crate::refusal::Refusal;

/// SUP205.
pub static RULE: Rule = Rule {
    code: "SUP205",
    name: "http-auth-weak",
    severity: Severity::Warning,
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
