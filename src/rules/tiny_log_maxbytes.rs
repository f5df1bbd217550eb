//! SUP504 tiny-log-maxbytes: a log that is rotated at each line, or that cannot be written.

use super::view::effective::Program;
use super::view::mend::Mend;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{Key, process as p, supervisord as s};
use crate::model::value::LogFile;
use crate::model::{State, Value};
use crate::python::integer::Integer;
use crate::source::Place;
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
    fix: Some(mend),
    cannot_run: false,
};

/// A page of memory: a log of less holds some lines.
const FEW: i64 = 4096;

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, option) = (finding.section?, finding.option?);
    let (bytes, key, log) = if section == "supervisord" {
        (&lint.config.supervisord.logfile_maxbytes, &s::LOGFILE_MAXBYTES, &s::LOGFILE)
    } else {
        let program = lint.program(section)?;
        let options = &program.process.options;
        if option == p::STDOUT_LOGFILE_MAXBYTES.name {
            (&options.stdout_logfile_maxbytes, &p::STDOUT_LOGFILE_MAXBYTES, &p::STDOUT_LOGFILE)
        } else {
            (&options.stderr_logfile_maxbytes, &p::STDERR_LOGFILE_MAXBYTES, &p::STDERR_LOGFILE)
        }
    };
    if lint.known(bytes)?.is_negative() {
        return Mend::of(lint).set(section, key, "0", Some(log)).risky(format!("write {option}=0: no rotation"));
    }
    let written = without_unit(lint, bytes.place()?)?;
    let mend = Mend::of(lint).set(section, key, &format!("{written}MB"), Some(log));
    mend.risky("write MB as the unit of the size")
}

/// A size that is written as a plain number: what has a unit says too little, without one it is forgotten.
fn without_unit<'l>(lint: &'l Lint<'_>, place: Place) -> Option<&'l str> {
    let written = lint.sources.slice(place);
    (!written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit())).then_some(written)
}

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
        let write = if without_unit(lint, place).is_some() {
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
        row(PROGRAM, "stdout_logfile=/l/a\nstdout_logfile_maxbytes=50", &[(2, W)])
            .says("means 50 bytes")
            .mends("stdout_logfile=/l/a\nstdout_logfile_maxbytes=50MB"),
        row(PROGRAM, "stderr_logfile_maxbytes=1KB", &[(1, W)]).mends(""),
        row(PROGRAM, "stdout_logfile_maxbytes=-1", &[(1, E)]).mends("stdout_logfile_maxbytes=0"),
        row(MAIN, "logfile_maxbytes=50", &[(1, W)]).mends("logfile_maxbytes=50MB"),
        row(
            "",
            "[program:a]\r\n  stdout_logfile_maxbytes : 50 ; small\r\n  stderr_logfile_maxbytes=-5MB\r\n  command=a\r",
            &[(2, W), (3, E)],
        )
        .mends(
            "[program:a]\r\n  stdout_logfile_maxbytes : 50MB ; small\r\n  stderr_logfile_maxbytes=0\r\n  command=a\r",
        ),
        row(PROGRAM, "stdout_logfile_maxbytes=1MB\nstdout_logfile_maxbytes=1", &[(2, W)])
            .mends("stdout_logfile_maxbytes=1MB\nstdout_logfile_maxbytes=1MB"),
        // What [DEFAULT] says of others stays.
        row(PROGRAM, "stdout_logfile=/l/a\npriority=1\n[DEFAULT]\nstdout_logfile_maxbytes=50", &[(4, W)]).mends(
            "stdout_logfile=/l/a\nstdout_logfile_maxbytes=50MB\n\
             priority=1\n[DEFAULT]\nstdout_logfile_maxbytes=50",
        ),
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
