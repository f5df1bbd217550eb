//! SUP013 default-breaks-rpcinterface: STUB
use super::{Explanation, Lint, Repeat, Rule};
use crate::diagnostic::{Confidence, Severity};
use crate::refusal::Refusal;

/// SUP013.
pub static RULE: Rule = Rule {
    code: "SUP013",
    name: "default-breaks-rpcinterface",
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
