//! SUP011 quoted-scalar: quotes around a value that are part of it.

use super::{Check, Explanation, Lint, invalid_value, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::python;
use crate::refusal::{Cause, Refusal};

/// SUP011.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP011",
        name: "quoted-scalar",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "A value in quotes that is refused, and that would be good without them.",
        why: "Only command and environment know quotes. Everywhere else they are two characters of the value: autostart=\"true\" is \
              no boolean and user=\"www\" an account that does not exist, and supervisord does not start.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nautostart=\"true\"\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nautostart=true\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option.as_deref()?;
    let value = matches!(
        refusal.cause,
        Cause::Value | Cause::Member | Cause::EventListener | Cause::Name | Cause::Reference | Cause::Host
    );
    if !value || matches!(option, "command" | "environment" | "password") {
        return None;
    }
    // Of a list, what is refused is one entry; the quotes stand around all of it.
    let setting = lint.setting(refusal.section.as_deref()?, option)?;
    let written = python::strip(&setting.text);
    let inner = unquoted(written)?;
    if !invalid_value::accepts(lint, refusal, inner) {
        return None;
    }
    let message = format!(
        "quotes are not taken off here: Supervisor reads {option} as {}, quotes included, and refuses to start.",
        shown(written)
    );
    Some(Explanation::new(message, format!("write {option}={inner}")))
}

/// The text within the quotes that a value begins and ends with.
fn unquoted(value: &str) -> Option<&str> {
    let inner = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inner.is_empty()).then_some(inner)
}
