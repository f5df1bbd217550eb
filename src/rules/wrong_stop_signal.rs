//! SUP310 wrong-stop-signal: a stop signal by which the application does not end cleanly.

use super::program_runs_as_root::joined;
use super::view::effective::Program;
use super::view::mend::Mend;
use super::view::mend::command::program_of;
use super::view::stops::Between;
use super::{Check, Found, Lint};
use crate::apps::{App, Children, Effect, Signal, StopTime};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::program as k;

/// SUP310.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP310",
        name: "wrong-stop-signal",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("wrong_stop_signal.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// A signal by which an application does not end cleanly.
struct Wrong {
    app: &'static App,
    sent: Signal,
    effect: Effect,
    /// The signal that ends it cleanly, and what it does then.
    clean: (Signal, Effect),
    /// What a stop does to the program.
    said: &'static str,
    /// Whether its own configuration may say otherwise.
    unless: &'static str,
    /// What to do, where its own configuration decides whether it is wrong at all.
    help: Option<String>,
    severity: Severity,
    confidence: Confidence,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let owner = &program.process.program;
        let (Some(wrong), Some(command)) = (wrong(lint, program), &program.command) else { continue };
        let Wrong { app, sent, effect, clean: (clean, best), said, unless, help, severity, confidence } = wrong;
        let (name, called) = (owner.name, app.name);
        let does = does(effect);
        let (sent, clean) = (sent.name(), clean.name());
        let message = Message::made(move || format!("{name} {said}: on {sent} {called} {does}{unless}."));
        let help = help.unwrap_or_else(|| {
            format!("write stopsignal={clean}: on {clean} {called} {}.{}", best.words(), notes(app, clean))
        });
        let place = owner.options.stopsignal.place().unwrap_or(owner.header);
        let mut finding = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        finding.confidence = confidence;
        let finding = finding.of(owner.section, Some(k::STOPSIGNAL.name)).about(name, said);
        found.push_resting_on(command.place, finding);
    }
}

fn wrong<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<Wrong> {
    let (stops, ran) = (lint.stops(program)?, lint.ran(program)?);
    // A shell that stays ends at any of them; a wrapper passes none on.
    let (false, Between::Nothing | Between::Proxy, Some(app)) = (stops.leaves, stops.between, ran.app) else {
        return None;
    };
    if stops.children == Some(Children::Wrapper) {
        return None;
    }
    let known = app.signals(&ran.words);
    let &(clean, best @ (Effect::Graceful | Effect::Closes | Effect::Quick)) = known.first()? else { return None };
    let sent = lint.known(&program.process.program.options.stopsignal)?.name()?;
    let (sent, effect) = known.iter().copied().find(|(signal, _)| signal.name() == sent)?;
    let said = said(effect).filter(|_| effect != best)?;
    // As a client it does on INT what it does on TERM (tor(1)).
    if app.name == "tor" {
        let (said, unless) = ("cuts off its clients at each stop if it is a relay", "");
        let seconds = usual(app).map_or_else(String::new, |seconds| format!(" and stopwaitsecs={seconds}"));
        let help = Some(format!(
            "if ORPort is in its torrc, write stopsignal={0}{seconds}: on {0} a relay {1}.",
            clean.name(),
            best.words()
        ));
        let (severity, confidence) = (Severity::Info, Confidence::Medium);
        return Some(Wrong { app, sent, effect, clean: (clean, best), said, unless, help, severity, confidence });
    }
    // What may be in its own configuration too.
    let (unless, confidence) = match effect {
        Effect::Reloads if app.name == "uwsgi" => {
            match lint.own_setting(program, (app, &ran.words), "die-on-term").map(|own| own.value) {
                Some(Some(value)) if !matches!(&*value, "false" | "0") => return None,
                Some(_) => ("", Confidence::High),
                None => (" by default", Confidence::Medium),
            }
        }
        _ => ("", Confidence::High),
    };
    let (help, severity) = (None, RULE.rule.severity);
    Some(Wrong { app, sent, effect, clean: (clean, best), said, unless, help, severity, confidence })
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let Wrong { app, clean: (clean, _), help: None, .. } = wrong(lint, program_of(lint, finding)?)? else {
        return None;
    };
    let mend = Mend::of(lint).set(finding.section?, &k::STOPSIGNAL, clean.name(), None);
    let title = format!("write stopsignal={}", clean.name());
    // Of these the other signal does what nobody wants; of others it may be what somebody wants.
    if matches!(app.name, "uwsgi" | "postgres") { mend.safe(title) } else { mend.risky(title) }
}

/// What else is known of a signal.
fn notes(app: &App, signal: &str) -> String {
    let own = app.notes.iter().filter(|note| note.what.contains(signal));
    own.flat_map(|note| ["\n", note.what]).collect()
}

/// The seconds that a clean stop usually takes.
fn usual(app: &App) -> Option<u32> {
    match app.time.map(|said| said.what) {
        Some(StopTime::Usual(seconds)) => Some(seconds),
        Some(StopTime::Flag { .. } | StopTime::Setting(..) | StopTime::Task | StopTime::Unbounded(_)) | None => None,
    }
}

/// What a stop does to the program.
fn said(effect: Effect) -> Option<&'static str> {
    Some(match effect {
        Effect::Graceful | Effect::Closes => return None,
        Effect::Quick => "cuts off what it is doing at each stop",
        Effect::Waits | Effect::Ignored => "ends by SIGKILL after stopwaitsecs",
        Effect::Crash => "recovers its data at the next start",
        Effect::Reloads | Effect::Reopens => "ends by SIGKILL after stopwaitsecs at each stop",
    })
}

/// Why.
fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Waits => "waits until all clients have gone",
        Effect::Crash => "ends without tidying up",
        Effect::Graceful | Effect::Closes | Effect::Quick | Effect::Reloads | Effect::Reopens | Effect::Ignored => {
            effect.words()
        }
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini", &[(1, W)])
            .says(
                "a ends by SIGKILL after stopwaitsecs at each stop: on TERM uwsgi reloads and does not end by default",
            )
            .mends("[program:a]\ncommand=uwsgi a.ini\nstopsignal=INT"),
        row(MAIN, "[program:a]\ncommand=postgres -D /data", &[(1, W)])
            .says("on TERM postgres waits until all clients")
            .helps("on INT postgres ends sessions, rolls back what is open and stops cleanly.")
            .mends("[program:a]\ncommand=postgres -D /data\nstopsignal=INT"),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'", &[(1, W)])
            .says("a cuts off what it is doing at each stop: on TERM nginx ends at once.")
            .mends("[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=QUIT"),
        row(
            "",
            "[program:a]\r\n  command : nginx -g 'daemon off;' ; x\r\n\r\n[program:b]\r\n  StopSignal : INT\r\n\
             \x20 stopsignal : sigquit ; x\r\n  command : gunicorn a:b",
            &[(1, W), (6, W)],
        )
        .mends(
            "[program:a]\r\n  command : nginx -g 'daemon off;' ; x\r\n  stopsignal=QUIT\r\n\r\n[program:b]\r\n\
             \x20 StopSignal : INT\r\n  stopsignal : TERM ; x\r\n  command : gunicorn a:b",
        ),
        row("", "[DEFAULT]\nstopsignal=TERM\n[program:a]\ncommand=uwsgi a.ini", &[(2, W)])
            .mends("[DEFAULT]\nstopsignal=TERM\n[program:a]\ncommand=uwsgi a.ini\nstopsignal=INT"),
        row("", "[program:a]\ncommand=php-fpm -F\nnumprocs=3\nprocess_name=%(process_num)s", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=apache2 -DFOREGROUND\nstopsignal=TERM", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopsignal=QUIT", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=postgres -D /data\nstopsignal=QUIT", &[(3, W)]).says("recovers its data"),
        row(MAIN, "[program:a]\ncommand=uwsgi --die-on-term a.ini\nstopsignal=QUIT", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=uwsgi --die-on-term a.ini", &[]),
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini\nstopsignal=QUIT", &[]),
        row(MAIN, "[program:a]\ncommand=postgres -D /data\nstopsignal=INT", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopsignal=INT", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=python a.py\nstopsignal=INT", &[]),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=HUP", &[(3, W)])
            .says("a ends by SIGKILL after stopwaitsecs at each stop: on HUP nginx reloads and does not end.")
            .mends("[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=QUIT"),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=USR1", &[(3, W)])
            .says("opens its logs again"),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=USR2", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopsignal=HUP", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=tor", &[(1, I)])
            .says("a cuts off its clients at each stop if it is a relay: on TERM tor ends at once.")
            .helps("write stopsignal=INT and stopwaitsecs=60")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=tor\nstopsignal=INT", &[]),
        row(MAIN, "[program:a]\ncommand=mysqld_safe", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'nginx -g \"daemon off;\"'", &[]),
        row(MAIN, "[program:a]\ncommand=unicorn -D", &[]),
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini\nstopsignal=%(ENV_S)s", &[]),
        row(MAIN, "[program:a]\ncommand=uwsgi {{ ini }}", &[]),
    ];
}
