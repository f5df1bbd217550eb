//! SUP503 unbounded-log: a log that supervisord never rotates.

use std::collections::HashMap;

use super::view::effective::Program;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{Key, process as p, supervisord as s};
use crate::model::value::LogFile;
use crate::model::{State, Value};
use crate::python::integer::Integer;
use crate::source::Place;

/// SUP503.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP503",
        name: "unbounded-log",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("unbounded_log.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    if lint.container() {
        return;
    }
    // What several write must not be rotated by them: SUP502.
    let mut writers: HashMap<&str, usize> = HashMap::new();
    for log in lint.logs() {
        *writers.entry(log.path).or_default() += 1;
    }
    let alone =
        |place: Place| lint.logs().iter().filter(|log| log.place == place).all(|log| writers.get(log.path) == Some(&1));
    let supervisord = &lint.config.supervisord;
    let own = supervisord.logfile.known().filter(|path| is_file(path));
    if let Some((path, place)) = own.zip(supervisord.logfile.place()).filter(|(_, place)| alone(*place)) {
        of_log(
            lint,
            ("supervisord", &s::LOGFILE_MAXBYTES),
            &shown(path),
            (&supervisord.logfile_maxbytes, place),
            found,
        );
    }
    for Program { process, .. } in lint.programs() {
        let (options, program) = (&process.options, &process.program);
        let mut stream = |log: &State<'_, LogFile<'_>>, place: Option<Place>, key: &'static Key, bytes| {
            let called = match log {
                State::Known(LogFile::Auto) => format!("the AUTO log of {}", program.name),
                State::Known(LogFile::Path(path)) if is_file(path) => shown(path),
                State::Known(LogFile::Path(_) | LogFile::None | LogFile::Syslog)
                | State::Unknown(_)
                | State::Refused => return,
            };
            let place = place.unwrap_or(program.header);
            if alone(place) {
                of_log(lint, (program.section, key), &called, (bytes, place), found);
            }
        };
        let (out, err) = (&options.stdout_logfile, &options.stderr_logfile);
        stream(&out.state, out.place(), &p::STDOUT_LOGFILE_MAXBYTES, &options.stdout_logfile_maxbytes);
        stream(process.stderr_logfile(), err.place(), &p::STDERR_LOGFILE_MAXBYTES, &options.stderr_logfile_maxbytes);
    }
}

fn is_file(path: &str) -> bool {
    !path.is_empty() && path != "syslog" && !path.starts_with("/dev/") && !path.starts_with("/proc/")
}

fn of_log<'a>(
    lint: &Lint<'a>,
    (section, key): (&'a str, &'static Key),
    called: &str,
    (bytes, log): (&Value<'a, Integer>, Place),
    found: &mut Found<'_, 'a>,
) {
    let (Some(number), Some(place)) = (lint.known(bytes), bytes.place()) else { return };
    if !number.is_zero() {
        return;
    }
    let name = key.name;
    let message = format!("{called} grows until the disk is full, because {name}=0 turns rotation off.");
    let help = format!(
        "remove {name}: at 50MB each, supervisord keeps the log and 10 older ones.\n\
         or let logrotate do it, with copytruncate."
    );
    found.push_resting_on(log, Diagnostic::new(&RULE.rule, place, message).help(help).of(section, Some(name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[(2, W)]).says("'/l/a' grows"),
        row(PROGRAM, "stderr_logfile_maxbytes=0", &[(1, W)]).says("the AUTO log of api grows"),
        row(MAIN, "logfile=/l/s\nlogfile_maxbytes=0", &[(2, W)]),
        row(
            PROGRAM,
            "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/l/%(process_num)s\nstdout_logfile_maxbytes=0",
            &[(4, W)],
        ),
        row("", "[program:a]\ncommand=a\nstdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[(4, W)]),
        row(PROGRAM, "stdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[]).target(Target::Container),
        row(MAIN, "nodaemon=true\nlogfile=/l/s\nlogfile_maxbytes=0", &[]),
        row(
            PROGRAM,
            "stdout_logfile=/l/a\nstdout_logfile_maxbytes=0\nstderr_logfile=/l/a\nstderr_logfile_maxbytes=0",
            &[],
        ),
        row(PROGRAM, "stdout_logfile=/dev/null\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile={{ log }}\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile=/l/a", &[]),
    ];
}
