//! SUP304 unbounded-restart-loop: a start that always counts, and a restart that always follows.

use super::output_discarded;
use super::view::effective::Program;
use super::{Check, Found, Lint, oneshot_autorestart};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;

/// SUP304.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP304",
        name: "unbounded-restart-loop",
        severity: Severity::Info,
        confidence: Confidence::High,
        page: include_str!("unbounded_restart_loop.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let Program { process, .. } = program;
        let options = &process.program.options;
        let startsecs = &options.startsecs;
        let always = lint.known(&options.autorestart) == Some(&AutoRestart::Always);
        let (Some(seconds), Some(place), true) = (lint.known(startsecs), startsecs.place(), always) else { continue };
        // A command that ends by itself is to have startsecs=0, and no restart: SUP303.
        if *seconds > Integer::from(0) || oneshot_autorestart::speaks(lint, program) {
            continue;
        }
        let retries = &options.startretries;
        let dead = lint.known(retries).zip(retries.place()).filter(|(retries, _)| **retries > Integer::from(0));
        let (severity, message) = if let Some((retries, _)) = dead {
            (
                Severity::Warning,
                format!(
                    "a failing start is repeated without pause or end: with startsecs={seconds} startretries={retries} never counts."
                ),
            )
        } else {
            let hidden = output_discarded::discards(process);
            let severity = if hidden { Severity::Warning } else { Severity::Info };
            let log = if hidden { ", and no log shows why" } else { "" };
            let message = format!(
                "if it fails at once it is started about twice per second without end (startsecs={seconds}){log}."
            );
            (severity, message)
        };
        let help = "write startsecs=1 or more: a start that fails sooner counts, and the program becomes FATAL after startretries.";
        let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        if let Some((_, place)) = dead {
            diagnostic = diagnostic.label(place, "this has no effect");
        }
        if let Some(place) = options.autorestart.place() {
            diagnostic = diagnostic.label(place, "each end is followed by a start");
        }
        found.push(diagnostic.of(process.program.section, Some(k::STARTSECS.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=0\nautorestart=true", &[(1, I)]),
        row(PROGRAM, "autorestart=true\nstartsecs=0\nstartretries=3", &[(2, W)]).says("startretries=3 never counts"),
        row(PROGRAM, "autorestart=true\nstartsecs=0\nstdout_logfile=/dev/null\nstderr_logfile=NONE", &[(2, W)])
            .says("no log shows why"),
        // What it says of its end is in the other log.
        row(PROGRAM, "autorestart=true\nstartsecs=0\nstdout_logfile=/dev/null", &[(2, I)]),
        row(PROGRAM, "command=chown app /data\nautorestart=true\nstartsecs=0", &[]),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nautorestart=true\nstartsecs=0", &[(4, I)]),
        row("", "[program:a]\ncommand=a\nautorestart=true\nstartsecs=0", &[(4, I)]),
        row(PROGRAM, "autorestart=true\nstartsecs=0\nstartretries=0", &[(2, I)]),
        row(PROGRAM, "startsecs=0", &[]),
        row(PROGRAM, "startsecs=0\nautorestart=false", &[]),
        row(PROGRAM, "startsecs=1\nautorestart=true", &[]),
        row(PROGRAM, "startsecs=%(ENV_S)s\nautorestart=true", &[]),
        row(PROGRAM, "startsecs=0\nautorestart={{ restart }}", &[]),
    ];
}
