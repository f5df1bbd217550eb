//! SUP407 docker-run-client: a client of a container engine, which is not what runs in the container.

use super::view::effective::{Command, Program};
use super::view::last::last;
use super::{Check, Found, Lint};
use crate::apps::matching::ran;
use crate::apps::{App, Place};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::model::signal::Signal;
use crate::model::value::AutoRestart;
use crate::python::basename;
use crate::python::integer::Integer;
use crate::python::shlex::Word;

/// SUP407.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP407",
        name: "docker-run-client",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("docker_run_client.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// What a client does.
struct Client {
    /// Its command, as in `docker run`.
    called: String,
    /// Whether it ends while the container runs.
    leaves: bool,
    /// What its flags bring about, one a line.
    flags: String,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        let Some(Command { text: _, place, words: Ok(words) }) = command else { continue };
        // What a shell or setsid leaves is SUP406's.
        let Some(last) = last(words).filter(|last| !last.background && !last.forks) else { continue };
        let Some(Client { called, leaves, flags }) = client(&last.words) else { continue };
        let options = &process.program.options;
        let once = lint.known(&options.startsecs).is_some_and(Integer::is_zero)
            && lint.known(&options.autorestart) != Some(&AutoRestart::Always);
        let (severity, message) = match (leaves, once) {
            (true, false) => {
                (Severity::Error, format!("supervisord never watches the container: '{called}' ends at once."))
            }
            (true, true) => {
                (Severity::Info, format!("'{called}' ends at once; stop and restart do not reach the container."))
            }
            (false, _) => (
                Severity::Warning,
                format!("the container may go on after a stop: supervisord only has '{called}', which is its client."),
            ),
        };
        let help = if leaves {
            "keep the client in the foreground: without -d, or with start --attach.".to_owned()
        } else if lint.known(&options.stopsignal) == Some(&Signal::KILL) {
            format!(
                "{flags}remove stopsignal=KILL, and write stopwaitsecs=SECONDS, more than the container takes to stop.\nor let systemd or the engine itself run it (--restart)."
            )
        } else {
            format!(
                "{flags}raise stopwaitsecs above the time that the container takes to stop.\nor let systemd or the engine itself run it (--restart)."
            )
        };
        let mut diagnostic = Diagnostic::new(&RULE.rule, *place, message).severity(severity).help(help);
        if leaves {
            diagnostic.confidence = Confidence::High;
        }
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}

/// Whether a command is the client of a container, whose stop takes its own time.
pub(super) fn is_client(words: &[Word<'_>]) -> bool {
    last(words).is_some_and(|last| client(&last.words).is_some())
}

/// The client that a command runs.
fn client(words: &[Word<'_>]) -> Option<Client> {
    let name = basename(&words.first()?.text);
    let app = ran(words).app?;
    match app.name {
        "docker run" => Some(runs(name, app, words)),
        "docker compose" => composes(app, words),
        "docker start" => Some(Client {
            called: format!("{name} start"),
            leaves: matches!(app.place(words), Place::Starts(_)),
            flags: String::new(),
        }),
        _ => None,
    }
}

/// `docker run`: what comes after the image is for the container.
fn runs(name: &str, app: &App, words: &[Word<'_>]) -> Client {
    let at = words.iter().position(|word| word.text == "run").unwrap_or(0);
    let end = image(words, at + 1);
    let own = words.get(at..end).unwrap_or_default();
    let has = |flag: &str| {
        own.iter().any(|word| word.text.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    };
    let letter = |letter: char| own.iter().skip(1).any(|word| is_letters(&word.text) && word.text.contains(letter));
    let mut flags = String::new();
    if !has("--rm") {
        flags.push_str("add --rm, so that no stopped container is left after each run.\n");
    }
    if !has("--name") {
        flags.push_str("add --name, so that you can find the container.\n");
    }
    if has("--tty") || letter('t') {
        flags.push_str("remove -t: with a terminal no signal reaches the container.\n");
    }
    Client {
        called: format!("{name} run"),
        leaves: matches!(app.place(own), Place::Told { .. } | Place::Starts(_)),
        flags,
    }
}

/// `docker compose up`.
fn composes(app: &App, words: &[Word<'_>]) -> Option<Client> {
    let at = words.iter().position(|word| word.text == "up")?;
    let leaves = matches!(app.place(words.get(at..)?), Place::Told { .. } | Place::Starts(_));
    Some(Client { called: "compose up".to_owned(), leaves, flags: String::new() })
}

/// Flags of `docker run` in one letter that take no value.
fn is_letters(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|letters| !letters.is_empty() && letters.chars().all(|c| "ditPq".contains(c)))
}

/// Where the image is: the first word that is no flag, nor the value of one.
fn image(words: &[Word<'_>], from: usize) -> usize {
    const ALONE: &[&str] = &[
        "--rm",
        "--detach",
        "--interactive",
        "--tty",
        "--init",
        "--privileged",
        "--read-only",
        "--publish-all",
        "--quiet",
        "--no-healthcheck",
        "--oom-kill-disable",
    ];
    let mut at = from;
    while let Some(word) = words.get(at).map(|word| &*word.text) {
        if !word.starts_with('-') {
            return at;
        }
        let alone = ALONE.contains(&word) || is_letters(word) || word.contains('=') || is_attached(word);
        at += if alone { 1 } else { 2 };
    }
    words.len()
}

/// Whether a value is attached to the letter of its flag: `-p80:80`.
fn is_attached(word: &str) -> bool {
    !word.starts_with("--") && word.len() > 2
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=docker run --rm --name web -p 80:80 nginx", &[(2, W)]).says("'docker run'"),
        row(MAIN, "[program:a]\ncommand=docker run -it web", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=bash -c \"sudo docker run --rm --name mq mq:1\"", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=podman run web", &[(2, W)]).says("'podman run'"),
        row(MAIN, "[program:a]\ncommand=docker run -d --name web nginx", &[(2, E)]).says("ends at once"),
        row(MAIN, "[program:a]\ncommand=docker run --detach web", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=docker start web", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=docker start -a web", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=docker compose -f /srv/a.yml up", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=docker-compose up -d", &[(2, E)]),
        row("", "[program:a]\ncommand=docker run --rm web", &[(2, W)]),
        row(MAIN, "[program:a]\nnumprocs=2\nprocess_name=%(process_num)s\ncommand=docker run web", &[(4, W)]),
        row(MAIN, "[program:a]\ncommand=docker run -d web\nstartsecs=0\nautorestart=false", &[(2, I)]),
        // What comes after the image is not docker's.
        row(MAIN, "[program:a]\ncommand=docker run --rm -v /a:/b web memcached -d", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=docker ps", &[]),
        row(MAIN, "[program:a]\ncommand=docker-compose logs -f", &[]),
        row(MAIN, "[program:a]\ncommand=dockerd", &[]),
        row(MAIN, "[program:a]\ncommand=/usr/local/bin/docker-entrypoint.sh run", &[]),
        row(MAIN, "[program:a]\ncommand=docker run {{ image }}", &[]),
    ];
}
