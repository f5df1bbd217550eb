//! SUP511 debug-log-copies-output: supervisord's own log with all that programs print in it.

use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as k;

/// SUP511.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP511",
        name: "debug-log-copies-output",
        severity: Severity::Info,
        confidence: Confidence::High,
        page: include_str!("debug_log_copies_output.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// The levels at which `POutputDispatcher` copies output.
static COPYING: &[&str] = &["debug", "trace", "blather"];

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let supervisord = &lint.config.supervisord;
    let level = &supervisord.loglevel;
    let (Some(name), Some(place)) = (lint.known(level), level.place()) else { return };
    if lint.config.fragment || !COPYING.contains(name) || lint.programs().is_empty() {
        return;
    }
    let message =
        format!("all output of the programs is in supervisord's own log too, secrets included (loglevel={name}).");
    let help = "write loglevel=info when you have found what you are looking for.";
    found.push(Diagnostic::new(&RULE.rule, place, message).help(help).of("supervisord", Some(k::LOGLEVEL.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[supervisord]\nloglevel=debug", &[(2, I)]).says("(loglevel=debug)"),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\n[supervisord]\nloglevel=TRACE", &[(4, I)]),
        row(PROGRAM, "[supervisord]\nloglevel=blather", &[(2, I)]),
        row(PROGRAM, "[supervisord]\nloglevel=info", &[]),
        row(PROGRAM, "[supervisord]\nloglevel=warn", &[]),
        row(PROGRAM, "[supervisord]\nloglevel={{ level }}", &[]),
        row(PROGRAM, "", &[]),
        row("", "[supervisord]\nloglevel=debug", &[]),
    ];
}
