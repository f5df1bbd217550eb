//! SUP309 stop-timeout-too-short: SIGKILL that comes before the application has ended by itself.

use super::program_runs_as_root::joined;
use super::view::effective::Program;
use super::view::mend::Mend;
use super::view::mend::command::program_of;
use super::view::stops::Between;
use super::{Check, Found, Lint};
use crate::apps::{App, Children, Sign, StopTime, Stopping};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::program as k;
use crate::model::signal::Signal;
use crate::python::shlex::Word;

/// SUP309.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP309",
        name: "stop-timeout-too-short",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("stop_timeout_too_short.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Seconds in which the tasks of a queue are hoped to end, where nothing says how long they take.
const HOPED: u64 = 10;

/// What is too short.
struct Short {
    /// What happens, of each program.
    said: &'static str,
    /// Why.
    needs: String,
    /// The seconds to write, where they are known.
    write: Option<u64>,
    severity: Severity,
    confidence: Confidence,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let container = lint.container();
    for program in lint.programs() {
        let owner = &program.process.program;
        let stopwaitsecs = &owner.options.stopwaitsecs;
        let (Some((seconds, short)), Some(command)) = (of_program(lint, program), &program.command) else { continue };
        let Short { said, needs, write, severity, confidence } = short;
        let name = owner.name;
        let message = Message::made(move || format!("{name} {said}: {needs}, and SIGKILL follows after {seconds} s."));
        let number = write.map_or_else(|| "SECONDS".to_owned(), |write| write.to_string());
        let enough = if write.is_some() { "" } else { ", more than its longest task takes" };
        let outer = if container {
            "give the container more time too: docker run --stop-timeout, stop_grace_period of compose."
        } else {
            "what stops supervisord has to wait as long: TimeoutStopSec= of its unit (90 s if unset),\n\
             stop_grace_period of a container (10 s)."
        };
        let help = format!("write stopwaitsecs={number}{enough}.\n{outer}");
        let place = stopwaitsecs.place().unwrap_or(owner.header);
        let mut finding = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        finding.confidence = confidence;
        let finding = finding.of(owner.section, Some(k::STOPWAITSECS.name)).about(name, said);
        found.push_resting_on(command.place, finding);
    }
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (_, short) = of_program(lint, program_of(lint, finding)?)?;
    let seconds = short.write?.to_string();
    let mend = Mend::of(lint).set(finding.section?, &k::STOPWAITSECS, &seconds, None);
    mend.safe(format!("write stopwaitsecs={seconds}"))
}

/// The seconds that a program has for its end, where they are too short.
fn of_program<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<(u64, Short)> {
    let options = &program.process.program.options;
    let (stops, ran) = (lint.stops(program)?, lint.ran(program)?);
    // A shell that stays ends at the signal, whatever its program does.
    let (false, Between::Nothing, Some(app)) = (stops.leaves, stops.between, ran.app) else { return None };
    let seconds = u64::try_from(lint.known(&options.stopwaitsecs)?.to_i64()?).ok();
    // Without any time it is SUP311's.
    let seconds = seconds.filter(|seconds| *seconds > 0)?;
    let signal = *lint.known(&options.stopsignal)?;
    let short = ends_cleanly(app, &ran.words, signal).then(|| short(app, &ran.words, seconds)).flatten()?;
    Some((seconds, short))
}

/// Whether a stop signal is one on which the application takes its time; for the others there is SUP310.
fn ends_cleanly(app: &App, words: &[Word<'_>], signal: Signal) -> bool {
    let known = app.signals(words);
    match known.iter().find(|(known, _)| signal.name() == Some(known.name())) {
        Some((_, effect)) => effect.is_clean(),
        None => known.is_empty() && signal == Signal::TERM,
    }
}

fn short(app: &App, words: &[Word<'_>], seconds: u64) -> Option<Short> {
    let name = app.name;
    match app.stopping(words) {
        Stopping::GivesUp(needs) if seconds <= needs => {
            let written = match app.time.map(|said| said.what) {
                Some(StopTime::Flag { flags, default: _, milliseconds: _ }) => {
                    flags.iter().any(|flag| Sign::Value(flag).is_in(words))
                }
                Some(StopTime::Setting(..) | StopTime::Usual(_) | StopTime::Task | StopTime::Unbounded(_)) | None => {
                    false
                }
            };
            Some(Short {
                said: CUT,
                needs: format!("{name} takes up to {needs} s to finish it"),
                write: Some(needs.saturating_add(10)),
                severity: Severity::Warning,
                confidence: if written { Confidence::High } else { Confidence::Medium },
            })
        }
        Stopping::Task if seconds <= HOPED => Some(Short {
            said: CUT,
            needs: format!("{name} waits until its tasks have ended"),
            write: None,
            severity: Severity::Warning,
            confidence: Confidence::Medium,
        }),
        Stopping::Usual(needs) if seconds < u64::from(needs) => {
            let tasks = app.children(words) == Some(Children::Tasks);
            Some(Short {
                said: if app.backend { RECOVERS } else { CUT },
                needs: format!("its clean stop can take {needs} s"),
                write: Some(u64::from(needs)),
                // Of the others it is what their units allow; most are much faster.
                severity: if app.backend || tasks { Severity::Warning } else { Severity::Info },
                confidence: Confidence::Medium,
            })
        }
        Stopping::GivesUp(_) | Stopping::Task | Stopping::Usual(_) | Stopping::Open => None,
    }
}

/// Of what works at something.
const CUT: &str = "may lose work at a stop";
/// Of what keeps data.
const RECOVERS: &str = "may have to recover its data at the next start";

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=gunicorn a:b", &[(1, W)])
            .says("a may lose work at a stop: gunicorn takes up to 30 s to finish it, and SIGKILL follows after 10 s.")
            .mends("[program:a]\ncommand=gunicorn a:b\nstopwaitsecs=40"),
        row(MAIN, "[program:a]\ncommand=gunicorn --graceful-timeout 90 a:b\nstopwaitsecs=90", &[(3, W)])
            .says("90 s")
            .mends("[program:a]\ncommand=gunicorn --graceful-timeout 90 a:b\nstopwaitsecs=100"),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work --timeout=300\nstopwaitsecs=60", &[(3, W)])
            .mends("[program:a]\ncommand=php artisan queue:work --timeout=300\nstopwaitsecs=310"),
        row(MAIN, "[program:a]\ncommand=celery -A a worker", &[(1, W)])
            .says("waits until its tasks have ended")
            .mends(""),
        row(
            "",
            "[program:a]\r\n\tcommand : gunicorn a:b ; x\r\n\t  ; y\r\n\t  --z\r\n\r\n[program:b]\r\n\
             stopWaitSecs : 1\r\nstopwaitsecs : 20 ; x\r\ncommand=gunicorn a:b",
            &[(1, W), (8, W)],
        )
        .mends(
            "[program:a]\r\n\tcommand : gunicorn a:b ; x\r\n\t  ; y\r\n\t  --z\r\n\tstopwaitsecs=40\r\n\r\n\
             [program:b]\r\nstopWaitSecs : 1\r\nstopwaitsecs : 40 ; x\r\ncommand=gunicorn a:b",
        ),
        row("", "[DEFAULT]\nstopwaitsecs=20\n[program:a]\ncommand=gunicorn a:b", &[(2, W)])
            .mends("[DEFAULT]\nstopwaitsecs=20\n[program:a]\ncommand=gunicorn a:b\nstopwaitsecs=40"),
        row("", "[program:a]\ncommand=rq worker\nnumprocs=3\nprocess_name=%(process_num)s", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=mysqld\nstopwaitsecs=60", &[(3, W)])
            .says("a may have to recover its data at the next start: its clean stop can take 900 s")
            .mends("[program:a]\ncommand=mysqld\nstopwaitsecs=900"),
        row(MAIN, "[program:a]\ncommand=postgres -D /data\nstopsignal=INT", &[(1, W)]),
        // Nobody knows the value, and it does not matter.
        row(MAIN, "[program:a]\ncommand=%(ENV_VENV)s/bin/gunicorn --bind 0.0.0.0:%(ENV_PORT)s a:b", &[(1, W)])
            .mends("[program:a]\ncommand=%(ENV_VENV)s/bin/gunicorn --bind 0.0.0.0:%(ENV_PORT)s a:b\nstopwaitsecs=40"),
        row(MAIN, "[program:a]\ncommand=gunicorn %(ENV_GUNICORN_ARGS)s a:b", &[]),
        row(MAIN, "[program:a]\ncommand=java -jar a.jar", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=uvicorn --timeout-graceful-shutdown 30 a:b", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopwaitsecs=40", &[]),
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nstopwaitsecs=60", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work --timeout=0", &[]),
        row(MAIN, "[program:a]\ncommand=uvicorn a:b", &[]),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=QUIT", &[]),
        // Another signal; a shell that stays; no time at all; in the background.
        row(MAIN, "[program:a]\ncommand=postgres -D /data", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopsignal=KILL", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'gunicorn a:b'", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopwaitsecs=0", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn --daemon a:b", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopwaitsecs=%(ENV_S)s", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn {{ app }}", &[]),
    ];
}
