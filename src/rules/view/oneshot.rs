//! What shows that a program does one thing and ends: the command that it runs last, or the name that it was given.

use super::super::shell_syntax_without_shell::wants_shell;
use super::effective::{Command, Program};
use super::last::{last, waits};
use crate::apps::matching::{ran, script_at};
use crate::python::basename;
use crate::python::integer::Integer;
use crate::python::shlex::Word;

/// What shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Evidence {
    /// The command that runs last.
    Command {
        /// Whether a pause in its script shows that it is to run again and again.
        repeats: bool,
        /// Whether no server is called so, as some are called init.sh.
        sure: bool,
    },
    /// The name of the section alone.
    Name,
}

/// What shows that a program does one thing and ends. A guess: a program may be called so and stay.
pub(in crate::rules) fn evidence(program: &Program<'_>) -> Option<Evidence> {
    // A listener waits for events, whatever its name.
    if program.process.program.section.starts_with("eventlistener:") {
        return None;
    }
    // Without the shell that it needs another thing runs.
    if program.command.as_ref().is_some_and(wants_shell) {
        return None;
    }
    if let Some(Command { words: Ok(words), .. }) = &program.command
        && let Some(last) = last(words)
    {
        // What goes on in the background is not over when its shell is.
        if last.background || last.forks {
            return None;
        }
        if let Some(sure) = ends(&last.words) {
            return Some(Evidence::Command { repeats: last.script.is_some_and(pauses), sure });
        }
        // What is known to be a server is one, whatever its name.
        if ran(&last.words).app.is_some_and(|app| !is_language(app.name)) {
            return None;
        }
    }
    names_task(program.process.program.name).then_some(Evidence::Name)
}

/// Applications that run what somebody wrote, which may be anything.
fn is_language(name: &str) -> bool {
    matches!(name, "python" | "php" | "node" | "java" | "dotnet" | "npm")
}

/// Programs that do one thing and end.
const PROGRAMS: &[&str] =
    &["chmod", "chown", "cp", "echo", "install", "ln", "ls", "mkdir", "mv", "rm", "sed", "touch", "true", "false"];

/// Whether a program of this name does one thing and ends.
pub(in crate::rules) fn is_soon_over(name: &str) -> bool {
    PROGRAMS.contains(&name)
}

/// Commands of larger programs that do one thing and end: the first word after the program or its script. `migrate` is one for all.
const COMMANDS: &[(&str, &[&str])] = &[
    ("manage.py", &["collectstatic", "compilemessages", "createcachetable", "loaddata"]),
    ("artisan", &["optimize", "storage:link", "db:seed"]),
    ("alembic", &["upgrade"]),
    ("rake", &["assets:precompile"]),
    ("rails", &["assets:precompile"]),
];

/// Whether a command does one thing and ends, by the names of its program, its script and what that is to do; never by its other
/// words. `Some(false)`: the name alone shows it, and servers may be called so.
fn ends(words: &[Word<'_>]) -> Option<bool> {
    let at = script_at(words).unwrap_or(0);
    let (first, rest) = words.get(at..)?.split_first()?;
    let name = basename(&first.text);
    // Programs of PID 1 are called so, and stay.
    if matches!(name, "init" | "my_init") {
        return None;
    }
    if PROGRAMS.contains(&name) {
        return Some(true);
    }
    if waits(name) {
        return only_waits(rest).then_some(true);
    }
    let task = rest.iter().map(|word| &*word.text).find(|word| !word.starts_with('-'));
    if let Some(task) = task {
        let is_listed = COMMANDS.iter().any(|(program, tasks)| *program == name && tasks.contains(&task));
        let is_cache = name == "artisan" && (task.starts_with("cache:") || task.ends_with(":cache"));
        // `db:migrate`, `migrate:fresh`; a file or a module has other signs in it.
        let is_verb = task.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b':' | b'-' | b'_'));
        if is_listed || is_cache || (is_verb && words_of(task).any(|word| word == "migrate") && !is_server(name)) {
            return Some(true);
        }
    }
    let (stem, script) = match name.rsplit_once('.') {
        Some((stem, "sh" | "bash")) => (stem, true),
        Some((stem, "py")) => (stem, false),
        // An application in another language often begins in a file called bootstrap or init.
        Some(_) => return None,
        None => (name, false),
    };
    let load = ["load", "pre-start", "post-start", "prestart", "poststart"];
    if has_word(stem, MIGRATES) || has_word(stem, PREPARES) {
        // `migration-worker` may be a server.
        return Some(
            has_word(stem, MIGRATES) && (script || words_of(stem).last().is_some_and(|word| has_word(word, MIGRATES))),
        );
    }
    (script && load.iter().any(|end| ends_in(stem, end))).then_some(false)
}

/// Whether all that a program waits for are addresses and times: then no program comes after the wait.
fn only_waits(rest: &[Word<'_>]) -> bool {
    let is_time = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    rest.iter().map(|word| &*word.text).all(|word| word.starts_with('-') || word.contains(':') || is_time(word))
}

/// Whether an argument of a server is the name of its application: `gunicorn migrate:app`.
fn is_server(name: &str) -> bool {
    matches!(name, "gunicorn" | "uvicorn" | "hypercorn" | "daphne" | "celery")
}

/// How often a task runs until it is FATAL, if it ends too soon each time: at least once (`startretries` below 0 is 0).
pub(in crate::rules) fn runs(retries: &Integer) -> Integer {
    if retries.is_negative() { Integer::from(1) } else { retries.add(&Integer::from(1)) }
}

/// Words in names of what is done once.
const MIGRATES: &[&str] = &["migrate", "migration", "migrations", "chown", "chmod", "mkdir"];

/// The same, but `init.sh` may be what runs a server too.
const PREPARES: &[&str] = &["init", "setup", "bootstrap"];

/// Whether a name is that of something that is done once.
fn names_task(name: &str) -> bool {
    has_word(name, MIGRATES) || has_word(name, PREPARES) || waits(name)
}

/// Whether one of the words of a name is one of these.
fn has_word(name: &str, wanted: &[&str]) -> bool {
    words_of(name).any(|word| wanted.iter().any(|wanted| word.eq_ignore_ascii_case(wanted)))
}

/// The words of a name.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric())
}

/// Whether a name ends in a word, or is that word.
fn ends_in(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '_', '.']))
}

/// Whether a script waits for a time, as those do that are to run again and again.
fn pauses(script: &str) -> bool {
    words_of(script).any(|word| word == "sleep")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shlex::split;

    #[test]
    fn commands_that_end() {
        for command in [
            "chown -R app /data",
            "/bin/mkdir -p /x",
            "sh -c 'cd /srv && mkdir -p /x'",
            "python manage.py migrate --noinput",
            "/venv/bin/python3 /srv/manage.py collectstatic --noinput",
            "php artisan migrate --force",
            "php /srv/artisan config:cache",
            "php artisan optimize",
            "bin/console doctrine:migrations:migrate",
            "bundle exec rake db:migrate",
            "alembic upgrade head",
            "/srv/db-migrate",
            "sh -c ./bin/migrate-entrypoint.sh",
            "/alfresco/init.sh",
            "bash /opt/db_init.sh",
            "/opt/kafka-load.sh",
            "/opt/nova-pre-start.sh",
            "python3 setup_db.py",
            "/wait-for-it.sh db:5432 -t 0",
            "env A=b touch /x",
            "./wait_for_deps.sh",
        ] {
            let words = split(command).unwrap_or_default();
            assert!(last(&words).is_some_and(|last| ends(&last.words).is_some()), "{command}");
        }
    }

    #[test]
    fn commands_that_stay() {
        for command in [
            "/srv/tcp-server",
            "/srv/initiator",
            "/sbin/my_init",
            "/init",
            "gunicorn -c setup.py setup:app",
            "gunicorn migrate:app",
            "uvicorn bootstrap:app",
            "node bootstrap.js",
            "php init.php",
            "java -jar /srv/bootstrap.jar",
            "uwsgi --ini /etc/init.ini",
            "/srv/setup/bin/api",
            "/srv/api --migrate",
            "python manage.py runserver",
            "sh -c 'mkdir -p /x && exec /srv/api'",
            "sh -c 'chown app /x; sleep infinity'",
            "/wait-for-it.sh db:5432 -- gunicorn a:b",
            "/home/x/wait_for_deps.sh python3 -m uvicorn --fd 0 cvat.asgi:application",
            "cp-schema-registry",
            "upload.sh",
            "",
        ] {
            let words = split(command).unwrap_or_default();
            assert!(last(&words).is_none_or(|last| ends(&last.words).is_none()), "{command}");
        }
    }

    #[test]
    fn names() {
        for (name, task) in [
            ("migrate", true),
            ("db-init", true),
            ("vnc_setup", true),
            ("Bootstrap", true),
            ("wait-for-db", true),
            ("initial-index", false),
            ("rebootbackend", false),
            ("tcp", false),
            ("api", false),
        ] {
            assert_eq!(names_task(name), task, "{name}");
        }
    }
}
