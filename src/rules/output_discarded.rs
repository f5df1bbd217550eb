//! SUP506 output-discarded: a program whose output goes nowhere.

use super::view::effective::Program;
use super::view::telling::others;
use super::{Check, Found, Lint};
use crate::apps::matching::Ran;
use crate::apps::{sign, wrappers};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as p;
use crate::model::Process;
use crate::model::value::LogFile;
use crate::model::{State, Value};
use crate::python::basename;
use crate::python::integer::Integer;
use crate::well_known::is_shell;

/// SUP506.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP506",
        name: "output-discarded",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("output_discarded.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

const BOTH: &str = "leaves no trace when it crashes: stdout and stderr are both discarded";
const JOINED: &str = "leaves no trace when it crashes: with redirect_stderr=true all output is discarded";
const OWN: &str = "leaves a trace only in its own log when it crashes: stdout and stderr are discarded";

fn joined(programs: &[&str], said: &str, most: usize) -> String {
    match programs {
        [] => String::new(),
        [one] => format!("{one} {said}."),
        [first, rest @ ..] => {
            format!("{first} {said}. The same holds for {}.", others(rest, most))
        }
    }
}

/// Flags that name a log file of a program's own.
const OWN_LOG: &[&str] = &[
    "--log-file",
    "--logfile",
    "--log_file",
    "--log-dir",
    "--log_dir",
    "--log-path",
    "--error-log",
    "--errorlog",
    "--error-logfile",
    "--log-error",
    "--logto",
    "--syslog",
    "-logfile",
    "-log-file",
];

/// Whether nothing keeps what a program prints: no log, no syslog, no event.
pub(super) fn discards(process: &Process<'_>) -> bool {
    let (options, of_section) = (&process.options, &process.program.options);
    let off = |value: &Value<'_, bool>| value.known() == Some(&false);
    let redirects = of_section.redirect_stderr.known() == Some(&true);
    let captured = [&of_section.stdout_capture_maxbytes, &of_section.stderr_capture_maxbytes];
    nowhere(&options.stdout_logfile.state)
        && nowhere(process.stderr_logfile())
        && off(&options.stdout_syslog)
        && off(&of_section.stdout_events_enabled)
        && off(&of_section.stderr_events_enabled)
        && (redirects || off(&options.stderr_syslog))
        && captured.iter().all(|bytes| bytes.known().is_some_and(Integer::is_zero))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for section in lint.programs() {
        let Program { process, .. } = section;
        let (options, program) = (&process.options, &process.program);
        let redirects = program.options.redirect_stderr.known() == Some(&true);
        // What a listener prints is no log.
        if program.section.starts_with("eventlistener:") || !discards(process) {
            continue;
        }
        let Some(logs) = logs_by_itself(lint, section) else { continue };
        let stdout = options.stdout_logfile.place();
        let Some(place) = stdout.or(options.stderr_logfile.place()) else { continue };
        let option = if stdout.is_some() { &p::STDOUT_LOGFILE } else { &p::STDERR_LOGFILE };
        let (severity, said) = match (logs, redirects) {
            (true, _) => (Severity::Info, OWN),
            (false, false) => (Severity::Warning, BOTH),
            (false, true) => (Severity::Warning, JOINED),
        };
        let name = program.name;
        let message = Message::made(move || joined(&[name], said, 0));
        let stream = if redirects { "stdout" } else { "stderr" };
        let help = if lint.container() {
            format!(
                "write {stream}_logfile=/dev/{stream} and {stream}_logfile_maxbytes=0.\n\
                 or, for a file that supervisord rotates, {stream}_logfile=/PATH/TO/FILE."
            )
        } else {
            format!(
                "write {stream}_logfile=/PATH/TO/FILE: supervisord rotates it at 50MB.\n\
                 or remove {stream}_logfile: AUTO keeps the output until supervisord restarts (supervisorctl tail)."
            )
        };
        found.push(
            Diagnostic::new(&RULE.rule, place, message)
                .severity(severity)
                .help(help)
                .of(program.section, Some(option.name))
                .about(name, said),
        );
    }
}

/// Whether a stream goes nowhere.
fn nowhere(log: &State<'_, LogFile<'_>>) -> bool {
    match log {
        State::Known(LogFile::None) => true,
        State::Known(LogFile::Path(path)) => path.is_empty() || *path == "/dev/null",
        State::Known(LogFile::Auto | LogFile::Syslog) | State::Unknown(_) | State::Refused => false,
    }
}

/// Whether a command names a log file of its own; `None` where a shell sends its output somewhere.
fn logs_by_itself<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<bool> {
    let words = program.command.as_ref().and_then(|command| command.words.as_deref().ok()).unwrap_or_default();
    let script = (0..words.len()).find_map(|at| {
        let from = words.get(at..)?;
        is_shell(basename(&from.first()?.text)).then(|| wrappers::shell_script(from)).flatten()
    });
    if script.is_some_and(|script| script.contains(['>', '|'])) {
        return None;
    }
    let Some(Ran { app, words, .. }) = lint.ran(program) else { return Some(false) };
    // What writes the system's log must not write to it what it says itself.
    if app.is_some_and(|app| matches!(app.name, "rsyslogd" | "syslog-ng")) {
        return Some(true);
    }
    let named = words.iter().any(|word| {
        OWN_LOG
            .iter()
            .any(|flag| word.text.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    });
    // The letter has other meanings, such as a level.
    let file = |flag| {
        sign::value(flag, &words).is_some_and(|value| value.contains('/') || value.strip_suffix(".log").is_some())
    };
    Some(named || file("-l"))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stdout_logfile=NONE\nstderr_logfile=NONE", &[(1, W)])
            .says("api leaves no trace when it crashes: stdout and stderr are both"),
        row(PROGRAM, "stderr_logfile=/dev/null\nstdout_logfile=off", &[(2, W)]),
        row(PROGRAM, "stdout_logfile=\nredirect_stderr=true", &[(1, W)]).says("all output is discarded"),
        row(PROGRAM, "stdout_logfile=/dev/null\nstdout_logfile_maxbytes=0\nstderr_logfile=/dev/null", &[(1, W)]),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=NONE\nstderr_logfile=NONE", &[(3, W)]),
        row("", "[program:a]\ncommand=a\nstdout_logfile=NONE\nstderr_logfile=NONE", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=a --log-file=/l/a\nstdout_logfile=NONE\nstderr_logfile=NONE", &[(3, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec a -l /l/a'\nstdout_logfile=NONE\nstderr_logfile=NONE", &[(3, I)]),
        row(
            MAIN,
            "[program:a]\ncommand=celery -A a worker -l info\nstdout_logfile=NONE\nstderr_logfile=NONE",
            &[(3, W)],
        ),
        row(MAIN, "[program:a]\ncommand=sh -c 'a >> /l/a 2>&1'\nstdout_logfile=NONE\nstderr_logfile=NONE", &[]),
        row(MAIN, "[program:a]\ncommand=env A=b sh -c 'a | logger'\nstdout_logfile=NONE\nstderr_logfile=NONE", &[]),
        row(MAIN, "[program:a]\ncommand=rsyslogd -n\nstdout_logfile=NONE\nstderr_logfile=NONE", &[(3, I)]),
        row(MAIN, "[eventlistener:a]\ncommand=a\nevents=TICK_5\nstdout_logfile=NONE\nstderr_logfile=NONE", &[]),
        row(PROGRAM, "stdout_logfile=NONE", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstderr_logfile=/l/a", &[]),
        row(PROGRAM, "stdout_logfile=syslog\nstderr_logfile=NONE", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstderr_logfile=NONE\nstderr_syslog=true", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstderr_logfile=NONE\nstdout_events_enabled=true", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstderr_logfile=NONE\nstdout_capture_maxbytes=1KB", &[]),
        row(PROGRAM, "stdout_logfile=%(ENV_L)s\nstderr_logfile=NONE", &[]),
        row(PROGRAM, "stdout_logfile={{ log }}\nstderr_logfile=NONE", &[]),
    ];
}
