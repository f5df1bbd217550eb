//! SUP405 activate-virtualenv: a script that activates an environment of Python before it starts the program.

use super::view::effective::{Command, Program};
use super::view::last::{self, Last};
use super::view::mend::command::{edited, expands, is_plain_path, program_of, reads_alike, script_in};
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process as k;
use crate::python::basename;
use crate::python::shlex::{self, Word};
use crate::well_known::is_shell;
use crate::well_known::unversioned;

/// SUP405.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP405",
        name: "activate-virtualenv",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("activate_virtualenv.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What is activated.
enum Activated<'w> {
    /// A virtual environment, at this path.
    Virtualenv(&'w str),
    /// An environment of conda's.
    Conda,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        let Some(Command { text: _, place, words: Ok(words) }) = command else { continue };
        let Some(script) = last::script(words).filter(|script| script.text.contains("activate")) else { continue };
        let Some(split) = shlex::split(script.text).ok() else { continue };
        let Some((how, activated)) = activates(&split) else { continue };
        let last = last::last(words);
        let program = last.as_ref().and_then(|Last { words, .. }| words.first()).map(|word| &*word.text);
        // Where the program replaces the shell nothing is wrong; it can be said in fewer words.
        let replaced = split.iter().any(|word| word.text == "exec");
        // dash knows `.` only, so nothing after `source … &&` is ever run.
        let fails = how == "source" && matches!(script.shell, "sh" | "dash");
        let (message, severity) = if fails {
            ("the program may never start: the sh of Debian and Ubuntu does not know 'source'.", Severity::Warning)
        } else if replaced {
            ("this command needs no shell: activate only changes PATH.", Severity::Info)
        } else {
            (
                "the shell may keep the stop signals for itself, and is not needed: activate only changes PATH.",
                Severity::Warning,
            )
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let is_name = |name: &&str| !name.is_empty() && name.chars().all(plain) && !name.contains('/');
        let help = match (activated, program.filter(is_name)) {
            (Activated::Virtualenv(path), Some(name)) if path.starts_with('/') && path.chars().all(plain) => format!(
                "start the program of the environment itself:\n  command={path}/bin/{name} …\nif it starts others of the environment too:\n  environment=PATH=\"{path}/bin:%(ENV_PATH)s\""
            ),
            (Activated::Virtualenv(_), _) => {
                "start the program of the environment by its whole path, such as /srv/venv/bin/python.".to_owned()
            }
            (Activated::Conda, _) => {
                "start the program of the environment by its whole path, such as /opt/conda/envs/NAME/bin/python."
                    .to_owned()
            }
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).severity(severity).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}

/// Programs that an environment has of its own; others may be those of the machine.
const PROGRAMS: &[&str] = &[
    "python",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "celery",
    "flask",
    "rq",
    "dramatiq",
    "huey_consumer",
    "huey_consumer.py",
    "waitress-serve",
    "django-admin",
    "airflow",
    "streamlit",
    "jupyter",
    "scrapyd",
    "twistd",
];

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    let Command { text, place: _, words } = program.command.as_ref()?;
    let words = words.as_deref().ok()?;
    let [shell, flag, script] = words else { return None };
    if !(is_shell(basename(&shell.text)) && flag.text == "-c") {
        return None;
    }
    let (begin, Some(_)) = script_in(text, words, &script.text)? else { return None };
    let (path, name, start) = alone(&script.text)?;
    let environment = &program.process.options.environment;
    if environment.place().is_some() || expands(lint, program, "PATH") || lint.config.secrets.stand_in(path) {
        return None;
    }
    let bin = format!("{path}/bin/");
    let (mend, _) = edited(lint, program, &[(0, begin + start, &bin), (script.end.checked_sub(1)?, script.end, "")])?;
    let section = program.process.program.section;
    let mend = mend.add(section, &format!("environment=PATH=\"{path}/bin:%(ENV_PATH)s\""), None);
    // supervisord may have no PATH, and with --check-host the program may not be there.
    mend.changes(section, k::ENVIRONMENT.name).uncovers().risky(format!("start {name} of the environment itself"))
}

/// The environment that a script activates, the program that it starts then, and where that begins; None of a script that
/// does more.
fn alone(script: &str) -> Option<(&str, &'static str, usize)> {
    let words = shlex::split(script).ok()?;
    let text = |at: usize| words.get(at).map(|word| &*word.text);
    if !matches!(text(0)?, "source" | ".") {
        return None;
    }
    let activate = words.get(1)?;
    // As it is written: what is made of the words does not last.
    let raw = script.get(activate.start..activate.end)?;
    let (raw, after) = match raw.strip_suffix(';') {
        Some(raw) => (raw, 2),
        None if text(2)? == "&&" => (raw, 3),
        None => return None,
    };
    let path = raw.strip_suffix("/bin/activate").filter(|path| is_plain_path(path))?;
    let rest = words.get(after + usize::from(text(after)? == "exec")..)?;
    let first = rest.first()?;
    let plain = unversioned(&first.text);
    let name = PROGRAMS.iter().copied().find(|name| *name == first.text || *name == plain)?;
    rest.iter().all(|word| reads_alike(script, word)).then_some((path, name, first.start))
}

/// What a script activates, and the word that does it.
fn activates<'w>(words: &'w [Word<'w>]) -> Option<(&'w str, Activated<'w>)> {
    words.windows(2).find_map(|pair| {
        let [how, what] = pair else { return None };
        let how = how.text.trim_start_matches(['(', '{']);
        let what = what.text.trim_end_matches([';', '&', '|', ')']);
        match how {
            "source" | "." => {
                let path = what.strip_suffix("/bin/activate").or_else(|| (what == "bin/activate").then_some("."));
                let conda = || (what == "activate").then_some(Activated::Conda);
                path.map(Activated::Virtualenv).or_else(conda).map(|activated| (how, activated))
            }
            "conda" if what == "activate" => Some((how, Activated::Conda)),
            _ => None,
        }
    })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=bash -c \"source /srv/venv/bin/activate && python app.py\"", &[(2, W)])
            .says("is not needed: activate only")
            .mends("[program:a]\ncommand=/srv/venv/bin/python app.py\nenvironment=PATH=\"/srv/venv/bin:%(ENV_PATH)s\""),
        row(MAIN, "[program:a]\ncommand=bash -c \". venv/bin/activate; ./run\"", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sh -c \"cd /srv && . bin/activate && python app.py\"", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=/bin/sh -c \"source /srv/bin/activate; exec python app.py\"", &[(2, W)])
            .says("does not know 'source'")
            .mends("[program:a]\ncommand=/srv/bin/python app.py\nenvironment=PATH=\"/srv/bin:%(ENV_PATH)s\""),
        row(MAIN, "[program:a]\ncommand=bash -lc \"conda activate web && python app.py\"", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -lc \"source /v/bin/activate && python app.py\"", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c \"source activate web; python app.py\"", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c \"source /srv/bin/activate && exec python a.py\"", &[(2, I)])
            .mends("[program:a]\ncommand=/srv/bin/python a.py\nenvironment=PATH=\"/srv/bin:%(ENV_PATH)s\""),
        row(
            "",
            "[program:a]\r\n  command : bash -c \"source /v/bin/activate && gunicorn3 -n '%(program_name)s'\" ; x\r\n  user=a",
            &[(2, W)],
        )
        .mends(""),
        row(
            "",
            "[program:a]\r\n  command : bash -c '. /v/bin/activate; gunicorn -n \"a b\" c:d' ; x\r\n  user=a\r\n[program:b]",
            &[(2, W)],
        )
        .mends(
            "[program:a]\r\n  command : /v/bin/gunicorn -n \"a b\" c:d ; x\r\n  user=a\r\n  \
             environment=PATH=\"/v/bin:%(ENV_PATH)s\"\r\n[program:b]",
        ),
        row(
            MAIN,
            "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=bash -c '. /v/bin/activate; a'",
            &[(4, W)],
        )
        .mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c '. /v/bin/activate; rq worker'\nenvironment=A=\"1\"", &[(2, W)])
            .mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c '. /v/bin/activate; celery -A $APP worker'", &[(2, W)]).mends(""),
        // SUP401 says it.
        row(MAIN, "[program:a]\ncommand=source /srv/venv/bin/activate && python app.py", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/venv/bin/python activate.py", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c \"source /srv/env.sh && exec /srv/activate\"", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/bin/activate", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c \"source {{ venv }}/bin/activate && python app.py\"", &[]),
    ];
}
