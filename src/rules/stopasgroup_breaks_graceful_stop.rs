//! SUP307 stopasgroup-breaks-graceful-stop: a stop signal that workers get too, though their main process stops them.

use super::view::mend::Mend;
use super::view::mend::command::program_of;
use super::view::stops::{Between, Stops};
use super::{Check, Found, Lint};
use crate::apps::Children;
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
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
    fix: Some(mend),
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
        let Some(Stops { app: Some(app), children, leaves: false, between }) = lint.stops(program) else {
            continue;
        };
        let signal = lint.known(&options.stopsignal).and_then(|signal| signal.name()).unwrap_or("the signal");
        let name = app.name;
        let shell = match between {
            Between::Nothing | Between::Proxy | Between::Bash => false,
            Between::Shell => true,
            Between::Either | Between::Waits | Between::Goes | Between::Other => continue,
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
            Some(Children::Workers | Children::Apart | Children::Single | Children::Wrapper | Children::LiveOn)
            | None => continue,
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
        let cold = known.iter().any(|(known, effect)| known.name() == signal && !effect.is_clean());
        let signal = match known.first() {
            Some((right, effect)) if cold && effect.is_clean() => format!("write stopsignal={}, and:\n", right.name()),
            _ => String::new(),
        };
        let help = format!("{signal}{exec}{instead}{wait}");
        let finding = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        let finding = finding.of(program.process.program.section, Some(k::STOPASGROUP.name));
        found.push_resting_on(command.place, finding);
    }
}

/// Where a shell may stay, the signal has to reach what it runs first: that is for somebody to see.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let program = program_of(lint, finding)?;
    let between = lint.stops(program)?.between;
    if between == Between::Shell {
        return None;
    }
    let killasgroup = &program.process.program.options.killasgroup;
    let written = killasgroup.place().is_some();
    // Supervisor refuses stopasgroup=true with another value.
    if written && lint.known(killasgroup) != Some(&true) {
        return None;
    }
    let (stop, kill) = (&k::STOPASGROUP, &k::KILLASGROUP);
    let own = lint.merged.options(lint.merged.sections.get(section)?).of(stop);
    // Nothing older, and nothing of [DEFAULT], comes to count without it.
    let own = own.filter(|own| own.replaced.is_empty() && !lint.merged.defaults().contains_key(stop.name));
    let (mend, title) = match (own, written) {
        (Some(own), true) => (Mend::of(lint).remove(section, own), "remove stopasgroup=true"),
        (Some(own), false) => {
            (Mend::of(lint).rename(section, own, kill.name), "write killasgroup=true for stopasgroup=true")
        }
        (None, true) => (Mend::of(lint).set(section, stop, "false", None), "write stopasgroup=false"),
        (None, false) => (
            Mend::of(lint).both(section, (stop, "false"), (kill, "true")),
            "write stopasgroup=false and killasgroup=true",
        ),
    };
    let mend = mend.changes(section, kill.name);
    if matches!(between, Between::Nothing | Between::Proxy) { mend.safe(title) } else { mend.risky(title) }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nstopasgroup=true", &[(3, W)])
            .says("a stop cuts running tasks off: stopasgroup=true sends TERM to the workers of celery worker too.")
            .mends("[program:a]\ncommand=celery -A a worker\nkillasgroup=true"),
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nstopasgroup=true\nstopsignal=QUIT", &[(3, W)])
            .says("QUIT")
            .helps("write stopsignal=TERM, and:\nwrite killasgroup=true")
            .mends("[program:a]\ncommand=celery -A a worker\nkillasgroup=true\nstopsignal=QUIT"),
        row(MAIN, "[program:a]\nstopasgroup=true\ncommand=php artisan horizon\nstopsignal=INT", &[(2, W)]).says("INT"),
        row(MAIN, "[program:a]\r\n  killasgroup : 1\r\n  StopAsGroup : yes ; x\r\n  command : rq worker", &[(3, W)])
            .mends("[program:a]\r\n  killasgroup : 1\r\n  command : rq worker"),
        row(MAIN, "[program:a]\ncommand=rq worker\nstopasgroup=false\nstopasgroup=on ; x", &[(4, W)])
            .mends("[program:a]\ncommand=rq worker\nstopasgroup=false\nstopasgroup=false ; x\nkillasgroup=true"),
        row("", "[DEFAULT]\nstopasgroup=true\n[program:a]\ncommand=rq worker", &[(2, W)])
            .mends("[DEFAULT]\nstopasgroup=true\n[program:a]\ncommand=rq worker\nstopasgroup=false\nkillasgroup=true"),
        row("", "[DEFAULT]\nstopasgroup=1\n[program:a]\n stopasgroup=on\n command=rq worker", &[(4, W)])
            .mends("[DEFAULT]\nstopasgroup=1\n[program:a]\n stopasgroup=false\n killasgroup=true\n command=rq worker"),
        row("", "[DEFAULT]\nkillasgroup=1\n[program:a]\nstopasgroup=0\nstopasgroup=on\ncommand=rq worker", &[(5, W)])
            .mends("[DEFAULT]\nkillasgroup=1\n[program:a]\nstopasgroup=0\nstopasgroup=false\ncommand=rq worker"),
        row("", "[program:a]\ncommand=rq worker\nstopasgroup=true\nkillasgroup=%(ENV_K)s", &[(3, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /a && celery -A a worker'\nstopasgroup=true", &[(3, W)])
            .mends("[program:a]\ncommand=bash -c 'cd /a && celery -A a worker'\nkillasgroup=true"),
        row(
            "",
            "[program:a]\ncommand=rq worker\nstopasgroup=true\nnumprocs=3\nprocess_name=%(process_num)s",
            &[(3, W)],
        ),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && celery -A a worker'\nstopasgroup=true", &[(3, W)]).mends(""),
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
