//! SUP002 indented-option-swallowed: an option that is indented deeper than the one above and so is part of its value.

use super::{Check, Explanation, Lint};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::model::keys;
use crate::python;
use crate::refusal::{Cause, Refusal};

/// SUP002.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP002",
        name: "indented-option-swallowed",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "A line that is indented deeper than the option above it and that begins with an option of the section, where the \
               value which it thereby becomes part of is refused.",
        why: "To Supervisor a deeper indented line goes on with the value above, whatever it looks like: a block that was indented for \
              the eye becomes one value. numprocs is then '2 autostart=false', which is no number.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstartsecs=5\n  autostart=false\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstartsecs=5\nautostart=false\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option.as_deref().filter(|option| *option != "environment")?;
    let value = matches!(
        refusal.cause,
        Cause::Value | Cause::Member | Cause::EventListener | Cause::Name | Cause::Reference | Cause::Host
    );
    if !value {
        return None;
    }
    let swallowed = swallowed(refusal.section.as_deref()?, &refusal.written)?;
    let message = format!(
        "'{swallowed}=' is indented, so it is no option but part of the value of {option}, and supervisord refuses to start."
    );
    Some(Explanation::new(message, "remove the indentation of that line."))
}

/// The first line below the first of a value that begins with an option of the section.
pub(super) fn swallowed(section: &str, value: &str) -> Option<&'static str> {
    let tables = keys::of_section(section)?;
    value.split('\n').skip(1).find_map(|line| {
        let (name, _) = line.split_once(['=', ':'])?;
        let name = python::strip(name).to_lowercase();
        tables.iter().flat_map(|table| *table).find(|key| key.name == name).map(|key| key.name)
    })
}
