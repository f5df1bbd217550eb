//! SUP307 stopasgroup-breaks-graceful-stop: a stop signal that workers get too, though their main process stops them.

use super::view::stops::{Between, Stops};
use super::{Check, Found, Lint};
use crate::apps::{Children, Effect};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;

/// SUP307.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP307",
        name: "stopasgroup-breaks-graceful-stop",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("stopasgroup_breaks_graceful_stop.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let options = &program.process.program.options;
        let stopasgroup = &options.stopasgroup;
        let (Some(true), Some(place), Some(command)) = (lint.known(stopasgroup), stopasgroup.place(), &program.command)
        else {
            continue;
        };
        let Some(Stops { app: Some(app), children, leaves: false, between, .. }) = lint.stops(program) else {
            continue;
        };
        let signal = lint.known(&options.stopsignal).and_then(|signal| signal.name()).unwrap_or("the signal");
        let name = app.name;
        let shell = match between {
            Between::Nothing | Between::Bash => false,
            Between::Shell => true,
            Between::Waits | Between::Goes | Between::Other => continue,
        };
        let (severity, message) = match children {
            Some(Children::Tasks) => (
                Severity::Warning,
                format!("a stop cuts running tasks off: stopasgroup=true sends {signal} to the workers of {name} too."),
            ),
            // Without it the workers of what a shell runs would get no signal at all.
            Some(Children::Workers) if !shell => (
                Severity::Info,
                format!("the workers of {name} get {signal} from supervisord too, though {name} stops them itself."),
            ),
            Some(Children::Workers | Children::Single | Children::Wrapper | Children::LiveOn) | None => continue,
        };
        let exec =
            if shell { "write exec before the last command of the script, so that it gets the signal.\n" } else { "" };
        let wait = match children {
            Some(Children::Tasks) => "\nand give stopwaitsecs more seconds than the longest task takes.",
            _ => "",
        };
        let written = options.killasgroup.place().is_some() && lint.known(&options.killasgroup) == Some(&true);
        let instead = if written {
            "remove stopasgroup=true: killasgroup=true is there already, for SIGKILL alone."
        } else {
            "write killasgroup=true instead of stopasgroup=true: then only SIGKILL goes to all of its processes."
        };
        // Where the signal is the wrong one too, SUP310 says so; both have to change.
        let known = lint.ran(program).map_or(&[][..], |ran| app.signals(&ran.words));
        let cold = known.iter().any(|(known, effect)| known.name() == signal && *effect != Effect::Graceful);
        let signal = match known.first() {
            Some((right, Effect::Graceful)) if cold => format!("write stopsignal={}, and:\n", right.name()),
            _ => String::new(),
        };
        let help = format!("{signal}{exec}{instead}{wait}");
        let finding = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        let finding = finding.of(program.process.program.section, Some(k::STOPASGROUP.name));
        found.push_resting_on(command.place, finding);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nstopasgroup=true", &[(3, W)])
            .says("a stop cuts running tasks off: stopasgroup=true sends TERM to the workers of celery worker too."),
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nstopasgroup=true\nstopsignal=QUIT", &[(3, W)])
            .says("QUIT")
            .helps("write stopsignal=TERM, and:\nwrite killasgroup=true"),
        row(MAIN, "[program:a]\nstopasgroup=true\ncommand=php artisan horizon\nstopsignal=INT", &[(2, W)]).says("INT"),
        row(
            "",
            "[program:a]\ncommand=rq worker\nstopasgroup=true\nnumprocs=3\nprocess_name=%(process_num)s",
            &[(3, W)],
        ),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && celery -A a worker'\nstopasgroup=true", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopasgroup=true", &[(3, I)])
            .says("the workers of gunicorn get TERM from supervisord too"),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && gunicorn a:b'\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=celery -A a worker --pool=gevent\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=celery -A a beat\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nkillasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nstopasgroup=%(ENV_S)s", &[]),
        row(MAIN, "[program:a]\ncommand=celery -A a worker -n {{ name }}\nstopasgroup=true", &[]),
    ];
}
