//! SUP316 negative-startretries: a number of retries below zero, which is not "without end".

use super::view::effective::Program;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;
use crate::python::integer::Integer;

/// SUP316.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP316",
        name: "negative-startretries",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("negative_startretries.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let zero = Integer::from(0);
    for Program { process, .. } in lint.programs() {
        let options = &process.program.options;
        let (retries, seconds) = (&options.startretries, &options.startsecs);
        // With startsecs=0 no start fails: SUP304.
        let counts = lint.known(seconds).is_some_and(|seconds| *seconds > zero);
        let (Some(number), Some(place), true) = (lint.known(retries), retries.place(), counts) else { continue };
        if *number >= zero {
            continue;
        }
        let message = format!("one failed start is enough for FATAL: startretries={number} does not mean without end.");
        let help = "write how often it is to be tried again: the pause grows by a second each time.\n\
                    startretries=80 keeps trying for about an hour.";
        found.push(
            Diagnostic::new(&RULE.rule, place, message)
                .help(help)
                .of(process.program.section, Some(k::STARTRETRIES.name)),
        );
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startretries=-1", &[(1, W)]).says("startretries=-1 does not mean"),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstartretries=-1", &[(3, W)]),
        row("", "[program:a]\ncommand=a\nstartretries=-1", &[(3, W)]),
        row(PROGRAM, "startretries=0", &[]),
        row(PROGRAM, "startretries=100000", &[]),
        row(PROGRAM, "startretries=-1\nstartsecs=0", &[]),
        row(PROGRAM, "startretries=%(ENV_N)s", &[]),
        row(PROGRAM, "startretries={{ n }}", &[]),
        row(PROGRAM, "", &[]),
    ];
}
