//! SUP011 quoted-scalar: STUB
use super::{Explanation, Lint, Repeat, Rule};
use crate::diagnostic::{Confidence, Severity};
use crate::refusal::Refusal;

/// SUP011.
pub static RULE: Rule = Rule {
    code: "SUP011",
    name: "quoted-scalar",
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
