//! `--harden`: what is taken from a program that has a user and, as far as its configuration shows, never needs it (facts 15).

use super::draft::Draft;
use super::escape::{Comment, UnitValue};
use super::unit::Entry;
use crate::convert::announce;
use crate::convert::command::wrapped::unwrapped;

/// Programs that start no setuid helper by themselves. Not shells and interpreters, whose scripts may start anything (java and node
/// too), cron, php (its `mail()` is a setgid program's), monitors that ping, browsers, sshd, postfix, and what changes user.
#[rustfmt::skip] // A line a word would hide the rest of the file.
static NEED_NONE: &[&str] = &[
    "alertmanager", "beanstalkd", "blackbox_exporter", "caddy", "celery", "consul", "daphne", "dramatiq", "etcd", "flower",
    "grafana-server", "gunicorn", "gunicorn3", "hypercorn", "influxd", "keydb-server", "memcached", "minio", "mongod",
    "nats-server", "node_exporter", "prometheus", "puma", "redis-sentinel", "redis-server", "rq", "sidekiq",
    "statsd_exporter", "unicorn", "uvicorn", "uwsgi", "valkey-sentinel", "valkey-server", "vault", "victoria-metrics",
];

/// Why a unit is not hardened; what is said of it once a plan, for all of its kind.
enum Kept {
    /// It runs as root, who can do what each line forbids.
    Root,
    /// It may start a program with more rights than its own.
    Helpers,
    /// It listens on a port that takes a capability, which a file may have given it.
    Port,
}

impl Kept {
    fn message(&self) -> &'static str {
        match self {
            Self::Root => "--harden adds nothing, because the unit runs as root: give it a user first (user=).",
            Self::Helpers => {
                "--harden adds nothing, because the program may start setuid programs such as sudo or sendmail."
            }
            Self::Port => {
                "--harden adds nothing, because a port below 1024 may need a capability of the program's file."
            }
        }
    }
}

/// Writes it. Each line was run: a battery of some 70 operations does the same with it as without, but for what the line says.
pub(super) fn write(draft: &mut Draft<'_, '_>) {
    if !draft.choices.harden {
        return;
    }
    let job = draft.job;
    let option = &job.command;
    if let Err(kept) = may(draft) {
        let key = if matches!(kept, Kept::Root) { job.user.key } else { option.key };
        draft.ledger.constant(&announce::EXECUTION, job.section, key, kept.message());
        return;
    }
    let message = "--harden: the program and what it starts gain no rights by setuid or setgid files, nor by capabilities of files.";
    draft.ledger.constant(&announce::EXECUTION, job.section, option.key, message);
    let entry = |reason: &str, value| Entry { comments: vec![Comment::text(reason)], value: Some(value) };
    let yes = || UnitValue::fixed("yes");
    let of_user = draft.runs_as.is_user();
    let service = &mut draft.service;
    service.no_new_privileges = entry("--harden: this program starts no setuid program", yes());
    // A user manager has no rights to give up: 218, or a user namespace (facts 16.1).
    if !of_user {
        service.capability_bounding_set =
            entry("--harden: without new privileges a user has no capabilities to lose", UnitValue::NOTHING);
        service.protect_control_groups =
            entry("--harden: a user may not write to the control groups in any case", yes());
    }
    service.restrict_realtime = entry("--harden: a user may not ask for realtime scheduling in any case", yes());
    service.lock_personality = entry("--harden: this program does not emulate another system", yes());
}

/// Whether it may be hardened, or why not.
fn may(draft: &Draft<'_, '_>) -> Result<(), Kept> {
    if draft.service.user.value.is_none() && !draft.runs_as.is_user() {
        return Err(Kept::Root);
    }
    let argv = draft.job.command.value.argv.as_deref().unwrap_or_default();
    let wrapped = unwrapped(argv);
    let (first, rest) = wrapped.words.split_first().map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
    let name = crate::python::basename(first);
    // The module of `python -m` is as good as a program.
    let (program, _) = wrapped.program();
    let known = NEED_NONE.contains(&name) || NEED_NONE.contains(&program);
    if wrapped.by_setuid || !known {
        return Err(Kept::Helpers);
    }
    let variables = draft.job.environment.value.iter().filter(|one| one.name.contains("PORT"));
    let in_variables = variables.into_iter().any(|one| is_low(one.value));
    if in_variables || asks_for_port(rest) { Err(Kept::Port) } else { Ok(()) }
}

/// Whether the words show a port that only root opens: `:80`, `--port=80`, `-p 80`.
fn asks_for_port(words: &[String]) -> bool {
    let mut before = "";
    words.iter().any(|word| {
        let option = std::mem::replace(&mut before, word.as_str());
        let names = |text: &str| text.starts_with('-') && text.to_ascii_lowercase().contains("port") || text == "-p";
        let (name, value) = word.split_once('=').unwrap_or((option, word));
        word.rsplit_once(':').is_some_and(|(_, port)| is_low(port)) || names(name) && is_low(value)
    })
}

/// Whether a text is the number of a port below 1024.
fn is_low(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|port| (1..1024).contains(&port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(NEED_NONE.is_sorted());
    }

    #[test]
    fn ports_that_only_root_opens() {
        for (words, expected) in [
            (&["--bind", "0.0.0.0:80"][..], true),
            (&["--port=443"], true),
            (&["-p", "80"], true),
            (&["--http-port", "80"], true),
            (&["--bind", "0.0.0.0:8000"], false),
            (&["-w", "4"], false),
            (&["--timeout=80"], false),
            (&["unix:/run/a.sock"], false),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(asks_for_port(&words), expected, "{words:?}");
        }
    }
}
