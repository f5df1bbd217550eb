//! SUP101 default-minfds: the limit of open files that nobody wrote.

use super::{Check, Found, Lint, fd_budget_exceeded};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::python::integer::Integer;

/// SUP101.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP101",
        name: "default-minfds",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("default_minfds.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    // An include that was not read counts as having programs.
    let programs = config.incomplete || config.groups.iter().any(|group| !group.processes.is_empty());
    // In a fragment the main file decides.
    let (Some(minfds), Some(limits)) = (lint.minfds(), lint.limits()) else { return };
    let Some(given) = lint.open_files().filter(|given| programs && *given <= Integer::from(1024)) else { return };
    let place = minfds.place;
    let unit = lint.unit();
    let message = Message::made(move || {
        let value = if minfds.written {
            format!("minfds is {}", minfds.number)
        } else {
            "minfds is not set, so it is 1024".to_owned()
        };
        let begins = match unit {
            None => "Started at boot it begins at 1024, and every program inherits that".to_owned(),
            Some(unit) => {
                let whence = if unit.limits.is_some() { "its LimitNOFILE" } else { "systemd's default" };
                format!("{} starts it at {}, {whence}, and every program gets {given}", unit.path, limits.soft)
            }
        };
        format!(
            "{value}: a floor that supervisord raises its own soft limit of open files to, not a cap. {begins}, whatever \
             ulimit -n or limits.conf say."
        )
    });
    let help = "write minfds=65536 in [supervisord] and LimitNOFILE=65536:524288 in the unit that starts supervisord (or give \
                the container --ulimit nofile), restart supervisord itself (reread and update are not enough), and look: \
                grep 'open files' /proc/$(supervisorctl pid NAME)/limits. A program that uses select() should keep 1024.";
    let short = fd_budget_exceeded::severity(lint) == Some(Severity::Error);
    let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
    if short {
        diagnostic = diagnostic.severity(Severity::Error);
    }
    if let Some(limits) = unit.and_then(|unit| unit.limits.as_ref()) {
        diagnostic = diagnostic.label(limits.place, "where it begins");
    }
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)]),
        row("", "[supervisord]\nminfds=1024\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\nminfds=256\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s", &[(1, E)]),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\n\
         redirect_stderr=true",
            &[(1, W)],
        ),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\n\
         redirect_stderr=true\nstdout_logfile=NONE",
            &[(1, W)],
        ),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=300\nautostart=false\nprocess_name=%(process_num)s",
            &[(1, W)],
        ),
        row("", "[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s\nuser=b", &[]),
        row("", "[supervisord]\nminfds=1025\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=1024", &[]),
        row("", "[supervisord]\nminfds=%(ENV_FDS)s\n[program:a]\ncommand=a", &[]),
    ];
}
