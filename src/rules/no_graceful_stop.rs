//! SUP311 no-graceful-stop: a program that is killed without having been asked to stop.

use super::docker_run_client::is_client;
use super::{Check, Found, Lint};
use crate::apps::{App, Stopping};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;
use crate::model::signal::Signal;
use crate::python::integer::Integer;
use crate::python::shlex::Word;

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
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for section in lint.programs() {
        let program = &section.process.program;
        if lint.leaves(section) {
            continue;
        }
        let ran = lint.ran(section);
        let app = ran.as_ref().and_then(|ran| Some((ran.app?, &*ran.words)));
        let (signal, wait) = (&program.options.stopsignal, &program.options.stopwaitsecs);
        let mut severity = Severity::Warning;
        let (message, help, place, key) = match (lint.known(signal), signal.place()) {
            (Some(&Signal::KILL), Some(place)) => {
                // With the whole group killed nothing is left; TERM might end a wrapper alone.
                let group = lint.known(&program.options.stopasgroup) == Some(&true);
                if group && app.is_none() {
                    severity = Severity::Info;
                }
                let none = lint.known(wait).is_some_and(|wait| *wait < Integer::from(1)) && wait.place().is_some();
                let write = instead(app);
                let words = section.command.as_ref().and_then(|command| command.words.as_ref().ok());
                let help = if none && words.is_some_and(|words| is_client(words)) {
                    format!(
                        "if nobody chose this on purpose, {write}, and write stopwaitsecs=SECONDS: more than the container takes to stop."
                    )
                } else if none {
                    format!("if nobody chose this on purpose, {write} and remove stopwaitsecs.")
                } else {
                    format!("if nobody chose this on purpose, {write}: KILL then comes after stopwaitsecs only.")
                };
                let message = "the program never cleans up: stopsignal=KILL ends it at once.".to_owned();
                (message, help, place, &k::STOPSIGNAL)
            }
            (Some(&Signal(0)), Some(place)) => {
                let seconds = match lint.known(wait) {
                    Some(wait) => format!("waits {wait} s and "),
                    None => String::new(),
                };
                let message = format!("each stop {seconds}ends in SIGKILL, because signal 0 is not sent to anything.");
                (message, "write stopsignal=TERM.".to_owned(), place, &k::STOPSIGNAL)
            }
            (Some(&Signal::ABRT), Some(place)) => {
                let message =
                    "the program does not clean up: stopsignal=ABRT ends it at once, and may write a core file.";
                let write = instead(app);
                (message.to_owned(), format!("if the program has no handler for ABRT, {write}."), place, &k::STOPSIGNAL)
            }
            _ => match (lint.known(wait), wait.place()) {
                (Some(wait), Some(place)) if *wait < Integer::from(1) => {
                    let message =
                        format!("the program has no time to stop: with stopwaitsecs={wait} SIGKILL follows at once.");
                    let seconds = match app.map(|(app, words)| app.stopping(words)) {
                        Some(Stopping::GivesUp(needs)) => needs.saturating_add(10),
                        Some(Stopping::Usual(needs)) => u64::from(needs).max(10),
                        Some(Stopping::Task | Stopping::Open) | None => 10,
                    };
                    let help = format!("write stopwaitsecs={seconds}, or the seconds that a clean stop takes.");
                    (message, help, place, &k::STOPWAITSECS)
                }
                _ => continue,
            },
        };
        let finding = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(finding.of(program.section, Some(key.name)));
    }
}

/// What to write for a signal that ends a program at once.
fn instead(app: Option<(&App, &[Word<'_>])>) -> String {
    let clean = app.and_then(|(app, words)| app.signals(words).first()).map(|(signal, _)| signal.name());
    match clean {
        Some(clean) if clean != "TERM" => format!("write stopsignal={clean}"),
        _ => "remove stopsignal".to_owned(),
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stopsignal=KILL", &[(1, W)]).says("the program never cleans up"),
        row(PROGRAM, "stopsignal=9\nstopasgroup=true\nstopwaitsecs=0", &[(1, I)]).says("ends it at once."),
        row(MAIN, "[program:a]\ncommand=docker run --rm x\nstopsignal=KILL\nstopwaitsecs=0", &[(3, W)])
            .helps("remove stopsignal, and write stopwaitsecs=SECONDS"),
        row(PROGRAM, "stopsignal=0", &[(1, W)]).says("each stop waits 10 s"),
        row(PROGRAM, "stopsignal=_DFL\nstopwaitsecs=5", &[(1, W)]).says("each stop waits 5 s"),
        row(PROGRAM, "stopsignal=6", &[(1, W)]).says("stopsignal=ABRT ends it at once").helps("remove stopsignal"),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=ABRT", &[(3, W)])
            .helps("write stopsignal=QUIT"),
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
