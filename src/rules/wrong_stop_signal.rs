//! SUP310 wrong-stop-signal: a stop signal by which the application does not end cleanly.

use super::program_runs_as_root::joined;
use super::view::stops::Between;
use super::{Check, Found, Lint};
use crate::apps::{Children, Effect};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
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
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let owner = &program.process.program;
        let options = &owner.options;
        let (Some(stops), Some(ran), Some(command)) = (lint.stops(program), lint.ran(program), &program.command) else {
            continue;
        };
        // A shell that stays ends at any of them; a wrapper passes none on.
        let (false, Between::Nothing, Some(app)) = (stops.leaves, stops.between, ran.app) else { continue };
        if stops.children == Some(Children::Wrapper) {
            continue;
        }
        let known = app.signals(&ran.words);
        let Some(&(clean, best @ (Effect::Graceful | Effect::Quick))) = known.first() else { continue };
        let Some(sent) = lint.known(&options.stopsignal).and_then(|signal| signal.name()) else { continue };
        let Some((sent, effect)) = known.iter().copied().find(|(signal, _)| signal.name() == sent) else { continue };
        let Some(said) = said(effect).filter(|_| effect != best) else { continue };
        // What may stand in its own configuration too.
        let (or, confidence) = match effect {
            Effect::Reloads => match lint.own_setting(program, (app, &ran.words), "die-on-term").map(|own| own.value) {
                Some(Some(value)) if !matches!(&*value, "false" | "0") => continue,
                Some(_) => ("", Confidence::High),
                None => (" by default", Confidence::Medium),
            },
            _ => ("", Confidence::High),
        };
        let (name, called) = (owner.name, app.name);
        let does = does(effect);
        let (sent, clean) = (sent.name(), clean.name());
        let message = Message::made(move || format!("{name} {said}: on {sent} {called} {does}{or}."));
        let notes = app.notes.iter().filter(|note| note.what.contains(clean)).fold(String::new(), |mut notes, note| {
            notes.push('\n');
            notes.push_str(note.what);
            notes
        });
        let help = format!("write stopsignal={clean}: {called} then {}.{notes}", best.words());
        let place = options.stopsignal.place().unwrap_or(owner.header);
        let mut finding = Diagnostic::new(&RULE.rule, place, message).help(help);
        finding.confidence = confidence;
        let finding = finding.of(owner.section, Some(k::STOPSIGNAL.name)).about(name, said);
        found.push_resting_on(command.place, finding);
    }
}

/// What a stop does to the program.
fn said(effect: Effect) -> Option<&'static str> {
    Some(match effect {
        Effect::Graceful => return None,
        Effect::Quick => "cuts off what it is doing at each stop",
        Effect::Waits | Effect::Ignored => "ends by SIGKILL after stopwaitsecs",
        Effect::Crash => "recovers its data at the next start",
        Effect::Reloads => "ends by SIGKILL after stopwaitsecs at each stop",
    })
}

/// Why.
fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Waits => "waits until all clients have gone",
        Effect::Crash => "ends without tidying up",
        Effect::Graceful | Effect::Quick | Effect::Reloads | Effect::Ignored => effect.words(),
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini", &[(1, W)]).says(
            "a ends by SIGKILL after stopwaitsecs at each stop: on TERM uwsgi reloads and does not end by default",
        ),
        row(MAIN, "[program:a]\ncommand=postgres -D /data", &[(1, W)]).says("on TERM postgres waits until all clients"),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'", &[(1, W)])
            .says("a cuts off what it is doing at each stop: on TERM nginx ends at once."),
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
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\nstopsignal=HUP", &[]),
        row(MAIN, "[program:a]\ncommand=mysqld_safe", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'nginx -g \"daemon off;\"'", &[]),
        row(MAIN, "[program:a]\ncommand=unicorn -D", &[]),
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini\nstopsignal=%(ENV_S)s", &[]),
        row(MAIN, "[program:a]\ncommand=uwsgi {{ ini }}", &[]),
    ];
}
