//! SUP015 template-markup: STUB
use super::{Explanation, Lint, Repeat, Rule};
use crate::diagnostic::{Confidence, Severity};
use crate::refusal::Refusal;

/// SUP015.
pub static RULE: Rule = Rule {
    code: "SUP015",
    name: "template-markup",
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
