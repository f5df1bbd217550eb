//! SUP004 comment-needs-space: a comment without a space before it is part of the value.

use super::view::written::Accepted;
use super::{Check, Explanation, Lint, Written, invalid_value, shown};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::python;
use crate::refusal::{Cause, Refusal};

/// SUP004.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP004",
        name: "comment-needs-space",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "A value with a ; or # that has no space before it: an error where the value is refused for it and would be good if it \
               ended there, a warning where an account or several words look like a value with a comment behind it. command, \
               environment and a login may hold these signs and are left alone.",
        why: "An inline comment begins only behind white space; Supervisor's own sample file warns of it. startsecs=5;seconds is not \
              5 but the text '5;seconds', which is no number, and supervisord does not start.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstartsecs=5;seconds\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstartsecs=5 ;seconds\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: Some(check),
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

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let accepted = Accepted::of(lint);
    for &Written { section, option, setting, key, .. } in &lint.written {
        if matches!(option, "command" | "environment" | "password" | "username") {
            continue;
        }
        let Some(at) = setting.text.find([';', '#']).filter(|at| *at > 0) else { continue };
        let (Some(key), Some((value, comment))) = (key, setting.text.split_at_checked(at)) else {
            continue;
        };
        let (Some(mark), Some(tail)) = (comment.chars().next(), comment.get(1..)) else { continue };
        let account = key.kind.is_account();
        // No account has such a sign in its name; anything else may, so that only several words are a comment.
        let prose = python::split_whitespace(tail).nth(1).is_some() && !tail.contains(['/', '\n']);
        if !prose && !account {
            continue;
        }
        let does = if account { ", an account that there is not: supervisord does not start" } else { "" };
        let message = format!(
            "without a space before it '{mark}' begins no comment: {option} is {}{does}.",
            shown(&setting.text)
        );
        let help = format!("put a space before it: {option}={value} {mark}…");
        let diagnostic = Diagnostic::new(&RULE.rule, setting.value, message).help(help);
        accepted.add(setting.value, diagnostic.of(section, Some(option)), found);
    }
}
