//! SUP311 no-graceful-stop: a program that is killed without having been asked to stop.

use super::view::effective::Program;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;
use crate::model::signal::Signal;
use crate::python::integer::Integer;

/// SUP311.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP311",
        name: "no-graceful-stop",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("no_graceful_stop.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, .. } in lint.programs() {
        let program = &process.program;
        let (signal, wait) = (&program.options.stopsignal, &program.options.stopwaitsecs);
        let (message, help, place, key) = match (lint.known(signal), signal.place()) {
            (Some(&Signal::KILL), Some(place)) => {
                let children = match lint.known(&program.options.stopasgroup) {
                    Some(false) => ", and its children survive unless stopasgroup=true",
                    Some(true) | None => "",
                };
                let message = format!("the program never cleans up: stopsignal=KILL ends it at once{children}.");
                (message, "remove stopsignal: TERM comes first, and KILL after stopwaitsecs.", place, &k::STOPSIGNAL)
            }
            (Some(&Signal(0)), Some(place)) => {
                let seconds = match lint.known(wait) {
                    Some(wait) => format!("waits {wait} s and "),
                    None => String::new(),
                };
                let message = format!("each stop {seconds}ends in SIGKILL, because signal 0 is not sent to anything.");
                (message, "write stopsignal=TERM.", place, &k::STOPSIGNAL)
            }
            _ => match (lint.known(wait), wait.place()) {
                (Some(wait), Some(place)) if *wait < Integer::from(1) => {
                    let message =
                        format!("the program has no time to stop: with stopwaitsecs={wait} SIGKILL follows at once.");
                    (message, "write stopwaitsecs=10, or the seconds that a clean stop takes.", place, &k::STOPWAITSECS)
                }
                _ => continue,
            },
        };
        found.push(Diagnostic::new(&RULE.rule, place, message).help(help).of(program.section, Some(key.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stopsignal=KILL", &[(1, W)]).says("children survive"),
        row(PROGRAM, "stopsignal=9\nstopasgroup=true\nstopwaitsecs=0", &[(1, W)]).says("ends it at once."),
        row(PROGRAM, "stopsignal=0", &[(1, W)]).says("each stop waits 10 s"),
        row(PROGRAM, "stopsignal=_DFL\nstopwaitsecs=5", &[(1, W)]).says("each stop waits 5 s"),
        row(PROGRAM, "stopwaitsecs=0", &[(1, W)]),
        row(PROGRAM, "stopwaitsecs=-1", &[(1, W)]),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstopsignal=KILL", &[(3, W)]),
        row("", "[program:a]\ncommand=a\nstopsignal=KILL", &[(3, W)]),
        row(PROGRAM, "stopsignal=QUIT\nstopwaitsecs=1", &[]),
        row(PROGRAM, "stopsignal=_IGN", &[]),
        row(PROGRAM, "stopsignal=%(ENV_S)s", &[]),
        row(PROGRAM, "stopsignal=KILLER", &[]),
        row(PROGRAM, "stopwaitsecs={{ wait }}", &[]),
        row(PROGRAM, "", &[]),
    ];
}
