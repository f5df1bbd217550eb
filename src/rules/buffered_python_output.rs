//! SUP508 buffered-python-output: a Python program whose output waits in its buffer.

use super::view::effective::Program;
use super::view::mend::values::{extended, own};
use super::view::telling::others;
use super::{Check, Found, Lint};
use crate::apps::matching::Ran;
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process as p;
use crate::model::State;
use crate::model::value::LogFile;
use crate::python::shlex::Word;

/// SUP508.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP508",
        name: "buffered-python-output",
        severity: Severity::Info,
        confidence: Confidence::Medium,
        page: include_str!("buffered_python_output.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

const SAID: &str = "lines of output late, and loses the last ones on SIGKILL, because Python buffers stdout";

fn joined(programs: &[&str], said: &str, most: usize) -> String {
    match programs {
        [] => String::new(),
        [one] => format!("{one} prints {said}."),
        [first, other] => format!("{first} prints {said}. So does {other}."),
        [first, rest @ ..] => {
            format!("{first} prints {said}. So do {}.", others(rest, most))
        }
    }
}

/// Turns the buffer off.
const VARIABLE: &str = "PYTHONUNBUFFERED";

/// Not where somebody has given it an empty value.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    if own(lint, section, p::ENVIRONMENT.name).is_some_and(|list| list.text.contains(VARIABLE)) {
        return None;
    }
    let mend = extended(lint, section, &[(VARIABLE, "1")])?.uses(section, |name| name == VARIABLE);
    mend.safe("set PYTHONUNBUFFERED=\"1\" in environment")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    if lint.reading.variable(VARIABLE).is_some_and(|value| !value.is_empty()) {
        return;
    }
    for section in lint.programs() {
        let Program { process, command, .. } = section;
        let program = &process.program;
        let captured = match process.options.stdout_logfile.known() {
            Some(LogFile::Auto | LogFile::Syslog) => true,
            Some(LogFile::Path(path)) => !path.is_empty() && *path != "/dev/null",
            Some(LogFile::None) => process.options.stdout_syslog.known() == Some(&true),
            None => false,
        };
        // The protocol of a listener is flushed by its library.
        if !captured || program.section.starts_with("eventlistener:") {
            continue;
        }
        let Some(command) = command else { continue };
        // `env` may set it, and a shell may send the output elsewhere.
        if command.text.contains(VARIABLE) || command.text.contains('>') {
            continue;
        }
        let Some(Ran { app, words, .. }) = lint.ran(section) else { continue };
        // What the table knows as an application of its own logs to stderr, which is not buffered.
        if app.is_none_or(|app| app.name != "python") || is_unbuffered(&words) {
            continue;
        }
        let sets = |name: &str, value: &str| name == VARIABLE && !value.is_empty();
        match (&process.options.environment.state, process.environment(&config.supervisord)) {
            (_, Some(all)) if !all.iter().any(|(name, value)| sets(name, value)) => {}
            // What is not known may hold it; its text says.
            (State::Unknown(text), None) if !text.contains(VARIABLE) => {
                let own = lint.merged.setting("supervisord", p::ENVIRONMENT.name);
                if own.is_some_and(|own| own.text.contains(VARIABLE)) {
                    continue;
                }
            }
            _ => continue,
        }
        let name = program.name;
        let message = Message::made(move || joined(&[name], SAID, 0));
        let help = format!(
            "write environment={VARIABLE}=\"1\", or python -u.\nchange nothing if the program only logs (logging writes to stderr)."
        );
        found.push(
            Diagnostic::new(&RULE.rule, command.place, message)
                .help(help)
                .of(program.section, Some(p::COMMAND.name))
                .about(name, SAID),
        );
    }
}

/// Whether Python is started with `-u`, alone or among other letters.
fn is_unbuffered(words: &[Word<'_>]) -> bool {
    let mut words = words.iter().skip(1).map(|word| &*word.text);
    while let Some(letters) = words.next().and_then(|word| word.strip_prefix('-')) {
        if letters.starts_with('-') {
            continue;
        }
        // What follows these is a value: of two of them in the next word, if nothing is left of this one.
        let end = letters.find(['c', 'm', 'W', 'X']);
        let (flags, value) = letters.split_at_checked(end.unwrap_or(letters.len())).unwrap_or((letters, ""));
        if flags.contains('u') {
            return true;
        }
        match value {
            "W" | "X" => drop(words.next()),
            _ if value.starts_with(['c', 'm']) => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=python3 /srv/a.py", &[(2, I)])
            .says("a prints lines of output late")
            .mends("[program:a]\ncommand=python3 /srv/a.py\nenvironment=PYTHONUNBUFFERED=\"1\""),
        row(
            MAIN,
            "[program:a]\r\n  command=python a.py\r\n  environment : A=\"x;y\", ; why\r\n    B=2 ; because\r\n\
             [program:b]\n\tcommand : python b.py\n\n; last\n[program:c]\ncommand=python c.py\nenvironment=C=1,",
            &[(2, I), (6, I), (10, I)],
        )
        .mends(
            "[program:a]\r\n  command=python a.py\r\n  environment : A=\"x;y\", ; why\r\n\
             \x20   B=2,PYTHONUNBUFFERED=\"1\" ; because\r\n\
             [program:b]\n\tcommand : python b.py\n\tenvironment=PYTHONUNBUFFERED=\"1\"\n\n; last\n\
             [program:c]\ncommand=python c.py\nenvironment=C=1,PYTHONUNBUFFERED=\"1\"",
        ),
        row(MAIN, "[program:a]\nenvironment=\ncommand=python a.py\n[program:a]\nuser=a", &[(3, I)])
            .mends("[program:a]\nenvironment=PYTHONUNBUFFERED=\"1\"\ncommand=python a.py\n[program:a]\nuser=a"),
        // Another list would hide that of [DEFAULT]; an empty value is there on purpose.
        row(MAIN, "[DEFAULT]\nenvironment=A=1\n[program:a]\ncommand=python a.py", &[(4, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=python a.py\nenvironment=PYTHONUNBUFFERED=\"\"", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=python a.py\nenvironment=A=x#y", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=/srv/venv/bin/python3.11 -W ignore -m shop.worker -u", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec python a.py'\nstdout_logfile=/dev/stdout", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=python a.py\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=python a.py\nenvironment=A=\"%(ENV_A)s\"", &[(2, I)])
            .mends("[program:a]\ncommand=python a.py\nenvironment=A=\"%(ENV_A)s\",PYTHONUNBUFFERED=\"1\""),
        row("", "[program:a]\ncommand=python a.py", &[(2, I)]),
        // carbon writes out each of its lines.
        row(MAIN, "[program:a]\ncommand=python /opt/graphite/bin/carbon-cache.py --debug start", &[]),
        row(MAIN, "[program:a]\ncommand=python -u a.py", &[]),
        row(MAIN, "[program:a]\ncommand=python -X dev -Bu a.py", &[]),
        row(MAIN, "[program:a]\ncommand=env PYTHONUNBUFFERED=1 python a.py", &[]),
        row(MAIN, "[program:a]\ncommand=python a.py\nenvironment=PYTHONUNBUFFERED=1", &[]),
        row(MAIN, "[program:a]\ncommand=python a.py\nenvironment=PYTHONUNBUFFERED=1,A=\"%(ENV_A)s\"", &[]),
        row(MAIN, "environment=PYTHONUNBUFFERED=\"true\"\n[program:a]\ncommand=python a.py", &[]),
        row(MAIN, "environment=PYTHONUNBUFFERED=\"%(ENV_P)s\"\n[program:a]\ncommand=python a.py", &[]),
        row(MAIN, "[program:a]\ncommand=python a.py\nstdout_logfile=NONE", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'python a.py >> /l/a'", &[]),
        row(MAIN, "[program:a]\ncommand=python -m celery -A a worker", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\n[program:b]\ncommand=uvicorn a:b", &[]),
        row(MAIN, "[eventlistener:a]\ncommand=python a.py\nevents=TICK_5", &[]),
        row(MAIN, "[program:a]\ncommand=python {{ script }}", &[]),
    ];
}

#[cfg(test)]
mod tests {
    use super::{SAID, joined};

    #[test]
    fn one_other_is_one() {
        assert!(joined(&["a", "b"], SAID, 8).ends_with(" So does b."));
        assert!(joined(&["a", "b", "c"], SAID, 8).ends_with(" So do b, c."));
    }
}
