//! SUP208 plaintext-secret: a secret of a program that the configuration holds in plain text.

use super::program_runs_as_root::joined;
use super::view::written::Written;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{SectionKind, process as k};
use crate::load::DEFAULT;
use crate::secrets;
use crate::source::{Place, Span};
use crate::well_known::is_name;

/// SUP208.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP208",
        name: "plaintext-secret",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("plaintext_secret.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// What is said of an environment.
const READ: &str = "has a secret in environment= that anybody who can read this file learns";

/// Of one with a password that stands in examples.
const GUESSED: &str = "has a password in environment= that anybody can guess";

/// Of a command.
const SEEN: &str = "has a secret in its command, which ps shows to every user of the machine";

/// Of one whose password stands in examples.
const GUESSED_THERE: &str = "has a password in its command that anybody can guess";

/// What Supervisor's own listeners log in with: the file has that password anyway, and SUP707 asks for it.
const OF_LISTENERS: &str = "SUPERVISOR_PASSWORD";

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let holds =
        |kind: Option<SectionKind>| kind.is_none_or(|kind| kind == SectionKind::Supervisord || kind.makes_processes());
    for Written { section, kind, option, setting } in lint.written_where(|kind, _| holds(kind)) {
        let of_command = option == k::COMMAND.name && kind != Some(SectionKind::Supervisord);
        if !(of_command || option == k::ENVIRONMENT.name) || kind.is_none() && section != DEFAULT {
            continue;
        }
        // The list says what of a text is a secret; where it stands in the file is asked for only then.
        if secrets::places(setting.text).is_empty() {
            continue;
        }
        let (mut held, more) = held(lint, setting.value);
        // What is still to be filled in is no secret.
        held.retain(|one| !secrets::is_blank(one.value));
        let subject = section.split_once(':').map_or(section, |(_, name)| name);
        let easy = |one: &Held<'_>| secrets::is_usual(one.value) || one.value.eq_ignore_ascii_case(subject);
        let guessed = held.iter().position(easy);
        let Some(first) = held.get(guessed.unwrap_or(0)) else { continue };
        let said = match guessed {
            Some(_) if of_command => GUESSED_THERE,
            None if of_command => SEEN,
            Some(_) => GUESSED,
            None => READ,
        };
        let name = first.name;
        let guessable = held.iter().filter(|one| easy(one)).count();
        let others = if guessed.is_some() { guessable - 1 } else { held.len() - 1 + more };
        let message = Message::made(move || {
            let more = if others == 0 { String::new() } else { format!(" (and {others} more)") };
            match (said, name) {
                (READ, Some(name)) => {
                    format!("anybody who can read this file learns {name}{more}: it is written in plain text.")
                }
                (GUESSED, Some(name)) => format!("anybody can guess {name}{more}: its value is a usual default."),
                _ => format!("{subject} {said}{more}."),
            }
        });
        let advice = if of_command {
            "let the program read it from a file that only its user can read, or from its environment."
        } else {
            "let only root read the file: chmod 0600 FILE. supervisord reads it before it switches to another user.\n\
             or let the program read the secret from a file of its own."
        };
        let change =
            "choose a long random one, here and wherever else it is written: `openssl rand -hex 20` makes one.\n";
        let advice = [if guessed.is_some() { change } else { "" }, advice].concat();
        let mut diagnostic = Diagnostic::new(&RULE.rule, first.place, message).help(advice);
        if guessed.is_some() {
            diagnostic.confidence = Confidence::High;
        }
        let diagnostic = diagnostic.of(section, Some(setting.name)).about(subject, said);
        found.push_of_accepted(setting.value, diagnostic);
    }
}

/// A secret of a value.
struct Held<'a> {
    place: Place,
    /// The name of the variable.
    name: Option<&'a str>,
    /// Without quotes.
    value: &'a str,
}

/// How many secrets of a value are looked at: each look reads the line that it is in.
const LOOKED_AT: usize = 64;

/// The secrets of a value, where they stand in the file, and how many more there are; lines of comments are no part of it.
fn held<'a>(lint: &Lint<'a>, value: Place) -> (Vec<Held<'a>>, usize) {
    let Some(source) = lint.sources.get(value.source) else { return (Vec::new(), 0) };
    let spans = lint.config.secrets.spans(value.source);
    let begin = spans.partition_point(|span| span.end <= value.span.start);
    let inside = spans.iter().skip(begin).take_while(|span| span.start < value.span.end);
    let more = inside.clone().count().saturating_sub(LOOKED_AT);
    let held = inside.take(LOOKED_AT).filter_map(|span| {
        let text = source.slice(*span);
        if source.slice(source.line_of(span.start)).trim_start().starts_with([';', '#']) {
            return None;
        }
        let before = source.slice(Span { start: value.span.start.min(span.start), end: span.start });
        let name = name(before);
        // Where the name is: how long a secret is says something of it.
        let at = name.and_then(|name| Some((name, before.rfind(name)?)));
        let start = value.span.start as usize;
        let span = at.map_or(value.span, |(name, at)| Span::new(start + at, start + at + name.len()));
        let held = Held { place: Place { span, ..value }, name, value: text.trim().trim_matches(['"', '\'']) };
        (name != Some(OF_LISTENERS)).then_some(held)
    });
    (held.collect(), more)
}

/// The name of the variable whose value, or a part of it, follows this text.
fn name(before: &str) -> Option<&str> {
    let pair = before.rsplit([',', '\n']).next()?;
    let (name, _) = pair.split_once(['=', ':'])?;
    Some(name.trim().trim_matches(['"', '\''])).filter(|name| is_name(name) && name.len() < 64)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "environment=A=\"1\",DB_PASSWORD=\"Kept-Out-9\"", &[(1, W)]).says("learns DB_PASSWORD:"),
        row(PROGRAM, "environment=DB_PASSWORD=\"Kept-Out-9\",API_TOKEN=\"tok-9\"", &[(1, W)]).says("(and 1 more)"),
        row(PROGRAM, "environment=DATABASE_URL=\"postgres://shop:Kept-Out-9@db/shop\"", &[(1, W)])
            .says("learns DATABASE_URL"),
        row(PROGRAM, "environment=A=\"1\",\n  APP_KEY=\"base64:Kept-Out-9\"", &[(2, W)]).says("learns APP_KEY"),
        row(PROGRAM, "environment=DB_PASSWORD=\"changeme\"", &[(1, W)]).says("guess DB_PASSWORD"),
        row(PROGRAM, "environment=PORT=%(ENV_PORT)s,DB_PASSWORD=\"Kept-Out-9\"", &[(1, W)]),
        row(MAIN, "environment=DB_PASSWORD=\"Kept-Out-9\"", &[(1, W)]),
        row(PROGRAM, "[DEFAULT]\nenvironment=DB_PASSWORD=\"Kept-Out-9\"\n[program:b]\ncommand=b\nuser=b", &[(2, W)]),
        row("", "[program:a]\ncommand=a\nenvironment=DB_PASSWORD=\"Kept-Out-9\"", &[(3, W)]),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nenvironment=DB_PASSWORD=\"Kept-Out-9\"", &[(3, W)]),
        row(MAIN, "[program:a]\nuser=a\ncommand=a --password=Kept-Out-9", &[(3, W)]).says("which ps shows to"),
        row(MAIN, "[program:a]\nuser=a\ncommand=redis-server --requirepass Kept-Out-9", &[(3, W)]),
        row(MAIN, "[program:a]\nuser=a\ncommand=worker amqp://a:Kept-Out-9@mq/", &[(3, W)]),
        row(PROGRAM, "environment=API_KEY=\"sk-xxxxxx\",DB_PASSWORD=\"Kept-Out-9\"", &[(1, W)])
            .says("learns DB_PASSWORD:"),
        row(
            MAIN,
            "[program:litellm]\ncommand=litellm\nuser=a\n\
             environment=DB_PASSWORD=\"Kept-Out-9\",MASTER_KEY=\"sk-1234\",UI_PASSWORD=\"LiteLLM\"",
            &[(4, W)],
        )
        .says("guess MASTER_KEY (and 1 more)"),
        // References, paths, names, numbers: nothing is written out.
        row(PROGRAM, "environment=API_KEY=\"sk-xxxxxx\",B_PASSWORD=\"****\"", &[]),
        row(PROGRAM, "environment=DB_PASSWORD=\"%(ENV_DB_PASSWORD)s\"", &[]),
        row(PROGRAM, "environment=DB_PASSWORD=\"%(ENV_DB_PASSWORD)s\"", &[]).closed(),
        row(PROGRAM, "environment=DB_PASSWORD=\"\",API_TOKEN=\"/run/secrets/token\",MAX_TOKENS=\"5\"", &[]),
        row(PROGRAM, "environment=TOKENIZERS_PARALLELISM=\"false\",DB_PASSWORD_FILE=\"/run/p\",SECRET_NAME=\"x\"", &[]),
        row(PROGRAM, "environment=A=\"1\",\n  ; DB_PASSWORD=\"Kept-Out-9\",\n  B=\"2\"", &[]),
        row(
            MAIN,
            "[eventlistener:m]\ncommand=memmon\nevents=TICK_60\nenvironment=SUPERVISOR_PASSWORD=\"Kept-Out-9\"",
            &[],
        ),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:1\nusername=a\npassword=Kept-Out-9", &[]),
        row(MAIN, "[something]\nenvironment=DB_PASSWORD=\"Kept-Out-9\"", &[]),
        row(PROGRAM, "environment=DB_PASSWORD=\"{{ password }}\"", &[]),
        row(PROGRAM, "environment=DB_PASSWORD=Kept@Out,B=1", &[]),
        row(MAIN, "[program:a]\nuser=a\ncommand=a --password-file=/run/p --password %(ENV_P)s", &[]),
    ];
}
