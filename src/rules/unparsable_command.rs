//! SUP408 unparsable-command: a program without a command.

use super::group_membership::closest;
use super::{Check, Explanation, Lint};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP408.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP408",
        name: "unparsable-command",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "A program without command, unless its numprocs is 0 or less: then Supervisor does not look at it.",
        why: "Supervisor refuses the whole file. Mostly the option is there under another name, or the section was meant to add to one \
              that is no longer included.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncomand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::NoCommand {
        return None;
    }
    let section = refusal.section.as_deref()?;
    let message = format!("[{section}] has no command: supervisord refuses to start.");
    let options = lint.merged.sections.get(section).into_iter().flat_map(|section| section.options.keys());
    let misspelt = closest("command", options.map(|option| &**option));
    let help = match misspelt {
        Some(other) => format!("did you mean command= where it says {other}=?"),
        None => "write command= with the path of the program and its arguments.".to_owned(),
    };
    Some(Explanation::new(message, help))
}
