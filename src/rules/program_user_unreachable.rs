//! SUP203 program-user-unreachable: a program for another user than a supervisord that is not root.

use super::view::effective::{Program, RunsAs, same_account};
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;

/// SUP203.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP203",
        name: "program-user-unreachable",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("program_user_unreachable.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // In a fragment the main file decides.
    let (RunsAs::Account(account), false) = (lint.runs_as(), lint.config.fragment) else { return };
    for Program { process, .. } in lint.programs() {
        let program = &process.program;
        let user = &program.options.user;
        let (Some(Some(name)), Some(place)) = (user.known(), user.place()) else { continue };
        if same_account(name, account.name) {
            continue;
        }
        let message = format!(
            "{2} exits with 127 at every start (\"couldn't setuid\"), because supervisord runs as {0} and cannot become {1}.",
            shown(account.name),
            shown(name),
            program.name
        );
        let help = "write user=root in [supervisord] to let each program have its own user, or remove this user=.";
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
        found.push(diagnostic.label(account.place, "supervisord's user").of(program.section, Some(k::USER.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, Row, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\nuser=app\nminfds=4096\n[program:a]\ncommand=a\nuser=root", &[(6, E)]),
        row("", "[supervisord]\nuser=app\nminfds=4096\n[eventlistener:a]\ncommand=a\nevents=TICK_5\nuser=b", &[(7, E)]),
        row("", "[supervisord]\nuser=1000\nminfds=4096\n[program:a]\ncommand=a\nuser=1001", &[(6, E)]),
        row("", "[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s\nuser=b", &[]),
        row("", "[supervisord]\nuser=1000\nminfds=4096\n[program:a]\ncommand=a\nuser=app", &[]),
        row("", "[supervisord]\nuser=app\nminfds=4096\n[program:a]\ncommand=a\nuser=app", &[]),
        row("", "[supervisord]\nuser=0\nminfds=4096\n[program:a]\ncommand=a\nuser=b", &[]),
        row("", "[supervisord]\nuser=%(ENV_U)s\nminfds=4096\n[program:a]\ncommand=a\nuser=b", &[]),
    ];
}
