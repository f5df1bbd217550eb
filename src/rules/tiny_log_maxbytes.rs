//! SUP504 tiny-log-maxbytes: a log that is rotated at each line, or that cannot be written.

use super::view::effective::Program;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{Key, process as p, supervisord as s};
use crate::model::value::LogFile;
use crate::model::{State, Value};
use crate::python::integer::Integer;
use crate::well_known::is_regular;

/// SUP504.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP504",
        name: "tiny-log-maxbytes",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("tiny_log_maxbytes.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

/// A page of memory: a log of less holds some lines.
const FEW: i64 = 4096;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let supervisord = &lint.config.supervisord;
    // supervisord's own log takes a negative size for no rotation.
    let own = &supervisord.logfile_maxbytes;
    if lint.known(own).is_some_and(|bytes| !bytes.is_negative())
        && supervisord.logfile.known().is_some_and(|path| *path != "syslog" && is_regular(path))
    {
        of_log(lint, ("supervisord", &s::LOGFILE_MAXBYTES), own, found);
    }
    for Program { process, .. } in lint.programs() {
        let (options, section) = (&process.options, process.program.section);
        // A device is not rotated by its size: SUP501.
        let mut stream = |log: &State<'_, LogFile<'_>>, key, bytes| match log {
            State::Known(LogFile::Auto) => of_log(lint, (section, key), bytes, found),
            State::Known(LogFile::Path(path)) if is_regular(path) => of_log(lint, (section, key), bytes, found),
            State::Known(LogFile::Path(_) | LogFile::None | LogFile::Syslog) | State::Unknown(_) | State::Refused => {}
        };
        stream(&options.stdout_logfile.state, &p::STDOUT_LOGFILE_MAXBYTES, &options.stdout_logfile_maxbytes);
        stream(process.stderr_logfile(), &p::STDERR_LOGFILE_MAXBYTES, &options.stderr_logfile_maxbytes);
    }
}

fn of_log<'a>(
    lint: &Lint<'a>,
    (section, key): (&'a str, &'static Key),
    bytes: &Value<'a, Integer>,
    found: &mut Found<'_, 'a>,
) {
    let (Some(bytes), Some(place)) = (lint.known(bytes), bytes.place()) else { return };
    let name = key.name;
    let (severity, message, help) = if bytes.is_negative() {
        let message = format!("the log stays empty: with {name}={bytes} each write fails with a TypeError.");
        (Severity::Error, message, format!("write {name}=0 for a log that is not rotated."))
    } else if !bytes.is_zero() && *bytes < Integer::from(FEW) {
        let message = format!("the log keeps only the last lines: {name}={bytes} means {bytes} bytes.");
        // What has a unit says too little; without one it is forgotten.
        let plain = lint.sources.slice(place).bytes().all(|byte| byte.is_ascii_digit());
        let write = if plain {
            format!("write the unit: {name}={bytes}MB")
        } else {
            format!("write a size such as {name}=50MB")
        };
        (Severity::Warning, message, write)
    } else {
        return;
    };
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
    found.push(diagnostic.of(section, Some(name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stdout_logfile=/l/a\nstdout_logfile_maxbytes=50", &[(2, W)]).says("means 50 bytes"),
        row(PROGRAM, "stderr_logfile_maxbytes=1KB", &[(1, W)]),
        row(PROGRAM, "stdout_logfile_maxbytes=-1", &[(1, E)]),
        row(MAIN, "logfile_maxbytes=50", &[(1, W)]),
        row(
            PROGRAM,
            "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/l/%(process_num)s\nstdout_logfile_maxbytes=50",
            &[(4, W)],
        ),
        row("", "[program:a]\ncommand=a\nstdout_logfile_maxbytes=50", &[(3, W)]),
        row(MAIN, "logfile_maxbytes=-1", &[]),
        row(PROGRAM, "stdout_logfile_maxbytes=0\nstderr_logfile_maxbytes=50MB", &[]),
        row(PROGRAM, "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=50", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstdout_logfile_maxbytes=-1", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile_maxbytes=50", &[]),
        row(PROGRAM, "stdout_logfile_maxbytes=%(ENV_N)s", &[]),
        row(PROGRAM, "stdout_logfile_maxbytes={{ size }}", &[]),
        row(PROGRAM, "stdout_logfile_maxbytes=50M", &[]),
    ];
}
