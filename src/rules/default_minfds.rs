//! SUP101 default-minfds: the limit of open files that nobody wrote.

use super::{Check, Lint, fd_budget_exceeded};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::python::integer::Integer;

/// SUP101.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP101",
        name: "default-minfds",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "minfds is at most 1024, written or not, and there is at least one program; with --unit, if the unit does not give more \
               either. An error if supervisord itself does not come along with it (SUP103).",
        why: "minfds is a floor: supervisord raises its own soft limit of open files to it, never lowers it, and all its programs \
              inherit the result. A supervisord that is started at boot begins at a soft limit of 1024, so with the default of \
              1024 each program gets 1024, whatever `ulimit -n` says in the operator's shell and whatever stands in limits.conf: \
              both concern logins. A busy server then dies of `[Errno 24] Too many open files` with nothing in any file that \
              says 1024.",
        bad: "[supervisord]\nuser=root\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let config = lint.config;
    // An include that was not read counts as having programs.
    let programs = config.incomplete || config.groups.iter().any(|group| !group.processes.is_empty());
    // In a fragment the main file decides.
    let (Some(minfds), Some(limits)) = (lint.minfds(), lint.limits()) else { return };
    let Some(given) = lint.open_files().filter(|given| programs && *given <= Integer::from(1024)) else { return };
    let value = if minfds.written {
        format!("minfds is {}", minfds.number)
    } else {
        "minfds is not set, so it is 1024".to_owned()
    };
    let begins = match lint.unit() {
        None => "Started at boot it begins at 1024, and every program inherits that".to_owned(),
        Some(unit) => {
            let whence = if unit.limits.is_some() { "its LimitNOFILE" } else { "systemd's default" };
            format!("{} starts it at {}, {whence}, and every program gets {given}", unit.path, limits.soft)
        }
    };
    let message = format!(
        "{value}: a floor that supervisord raises its own soft limit of open files to, not a cap. {begins}, whatever ulimit -n or \
         limits.conf say."
    );
    let help = "write minfds=65536 in [supervisord] and LimitNOFILE=65536:524288 in the unit that starts supervisord (or give \
                the container --ulimit nofile), restart supervisord itself (reread and update are not enough), and look: \
                grep 'open files' /proc/$(supervisorctl pid NAME)/limits. A program that uses select() should keep 1024.";
    let short = fd_budget_exceeded::severity(lint) == Some(Severity::Error);
    let mut diagnostic = Diagnostic::new(&RULE.rule, minfds.place, message).help(help);
    if short {
        diagnostic = diagnostic.severity(Severity::Error);
    }
    if let Some(limits) = lint.unit().and_then(|unit| unit.limits.as_ref()) {
        diagnostic = diagnostic.label(limits.place, "where it begins");
    }
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}
