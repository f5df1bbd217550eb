//! SUP004 comment-needs-space: a comment without a space before it is part of the value.

use super::{Check, Explanation, Lint, invalid_value, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::python;
use crate::refusal::{Cause, Refusal};

/// SUP004.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP004",
        name: "comment-needs-space",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "A value that is refused, and that would be good if it ended before its first ; or #, which has no space before it. \
               command, environment and password may hold these signs and are left alone.",
        why: "An inline comment begins only behind white space; Supervisor's own sample file warns of it. startsecs=5;seconds is not \
              5 but the text '5;seconds', which is no number, and supervisord does not start.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstartsecs=5;seconds\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstartsecs=5 ;seconds\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option.as_deref()?;
    let value = matches!(refusal.cause, Cause::Value | Cause::Member | Cause::EventListener | Cause::Name);
    if !value || matches!(option, "command" | "environment" | "password") {
        return None;
    }
    let written = python::strip(&refusal.written);
    let (value, comment) = written.find([';', '#']).and_then(|at| written.split_at_checked(at))?;
    let mark = comment.chars().next()?;
    // 0;2 is no comment but a list with the wrong comma.
    let is_list = invalid_value::accepts(lint, refusal, python::strip(comment.get(1..)?));
    if value.is_empty() || is_list || !invalid_value::accepts(lint, refusal, value) {
        return None;
    }
    let message = format!(
        "without a space before it '{mark}' begins no comment: {option} is {}, and supervisord refuses to start.",
        shown(written)
    );
    Some(Explanation::new(message, format!("put a space before it: {option}={value} {mark}…")))
}
