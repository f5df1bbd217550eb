//! SUP503 unbounded-log: a log that supervisord never rotates.

use super::view::effective::Program;
use super::view::logrotate::Logrotate;
use super::view::logs::as_written;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::files::Size;
use crate::hash::{HashMap, HashSet};
use crate::keys::{Key, process as p, supervisord as s};
use crate::model::log_room::{LogRoom, rotated};
use crate::model::value::{LogFile, byte_size};
use crate::model::{State, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::source::Place;
use crate::well_known::is_regular;

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
    fix: None,
    cannot_run: false,
};

/// A log of which the size may be 0.
struct Endless<'l, 'a> {
    section: &'a str,
    /// The option of its file, and its path where it has one; without a path it is AUTO.
    log: (&'static Key, Option<&'a str>),
    /// What is said of it.
    called: String,
    /// Where its path is written, else the header.
    place: Place,
    /// The option of its size.
    key: &'static Key,
    bytes: &'l Value<'a, Integer>,
    backups: &'l Value<'a, Integer>,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    if lint.container() {
        return;
    }
    let endless =
        |bytes: &Value<'a, Integer>| bytes.place().is_some() && lint.known(bytes).is_some_and(Integer::is_zero);
    let supervisord = &lint.config.supervisord;
    let mut logs = Vec::new();
    if let Some((path, place)) = supervisord.logfile.known().zip(supervisord.logfile.place())
        && *path != "syslog"
        && is_regular(path)
        && endless(&supervisord.logfile_maxbytes)
    {
        logs.push(Endless {
            section: "supervisord",
            log: (&s::LOGFILE, Some(*path)),
            called: shown(as_written(lint, "supervisord", &s::LOGFILE).unwrap_or(path)),
            place,
            key: &s::LOGFILE_MAXBYTES,
            bytes: &supervisord.logfile_maxbytes,
            backups: &supervisord.logfile_backups,
        });
    }
    for Program { process, .. } in lint.programs() {
        let (options, program) = (&process.options, &process.program);
        let section = program.section;
        let out = (&options.stdout_logfile.state, &p::STDOUT_LOGFILE, options.stdout_logfile.place());
        let err = (process.stderr_logfile(), &p::STDERR_LOGFILE, options.stderr_logfile.place());
        let of_out = (&p::STDOUT_LOGFILE_MAXBYTES, &options.stdout_logfile_maxbytes, &options.stdout_logfile_backups);
        let of_err = (&p::STDERR_LOGFILE_MAXBYTES, &options.stderr_logfile_maxbytes, &options.stderr_logfile_backups);
        for ((log, option, place), (key, bytes, backups)) in [(out, of_out), (err, of_err)] {
            if !endless(bytes) {
                continue;
            }
            let (path, called) = match log {
                State::Known(LogFile::Auto) => (None, format!("the AUTO log of {}", program.name)),
                State::Known(LogFile::Path(path)) if is_regular(path) => {
                    (Some(*path), shown(as_written(lint, section, option).unwrap_or(path)))
                }
                State::Known(LogFile::Path(_) | LogFile::None | LogFile::Syslog)
                | State::Unknown(_)
                | State::Refused => continue,
            };
            let place = place.unwrap_or(program.header);
            logs.push(Endless { section, log: (option, path), called, place, key, bytes, backups });
        }
    }
    if logs.is_empty() {
        return;
    }
    // What several write must not be rotated by them: SUP502.
    let mut writers: HashMap<&str, usize> = HashMap::default();
    for log in lint.logs() {
        *writers.entry(log.path).or_default() += 1;
    }
    let shared = lint.logs().iter().filter(|log| writers.get(log.path) != Some(&1));
    let shared: HashSet<(&str, &str)> = shared.map(|log| (log.section, log.key.name)).collect();
    logs.retain(|log| !shared.contains(&(log.section, log.log.0.name)));
    // How many processes have such a log.
    let mut counts: HashMap<&str, usize> = HashMap::default();
    for process in lint.config.groups.iter().flat_map(|group| &group.processes) {
        *counts.entry(process.program.section).or_default() += 1;
    }
    let logrotate = Logrotate::of(lint);
    let room = LogRoom::of(lint.config);
    for log in logs {
        let count = counts.get(log.section).copied().unwrap_or(1);
        said(lint, &log, count, (&logrotate, &room), found);
    }
}

fn said<'a>(
    lint: &Lint<'a>,
    log: &Endless<'_, 'a>,
    count: usize,
    (logrotate, room): (&Logrotate, &LogRoom),
    found: &mut Found<'_, 'a>,
) {
    let Endless { section, log: (_, path), called, place: written, key, bytes, backups } = log;
    let Some(place) = bytes.place() else { return };
    let name = key.name;
    let path = path.map(|path| python::abspath(path, &lint.reading.cwd));
    let (message, help) = match path.and_then(|path| logrotate.rotates(&path)) {
        Some(stanza) if stanza.reopened => return,
        Some(stanza) => {
            let pidfile = lint.config.supervisord.pidfile.known().map_or("PIDFILE", |path| *path);
            let message = format!(
                "after logrotate has moved {called}, the output goes on into the moved file ({}).",
                stanza.file
            );
            let help = format!(
                "write copytruncate in that file, or let supervisord open its logs again:\n\
                 postrotate\n\
                 \x20 kill -USR2 $(cat {pidfile})\n\
                 endscript"
            );
            (message, help)
        }
        None => {
            let message = format!("{called} grows until the disk is full, because {name}=0 turns rotation off.");
            (message, help(key, count, backups, room))
        }
    };
    found.push_resting_on(*written, Diagnostic::new(&RULE.rule, place, message).help(help).of(section, Some(name)));
}

/// What to write, with what the logs take then.
fn help(key: &Key, count: usize, backups: &Value<'_, Integer>, room: &LogRoom) -> String {
    let name = key.name;
    let size = key.default.and_then(|default| byte_size(default).ok());
    let each = backups.known().zip(size.as_ref()).map(|(backups, size)| rotated(size, backups));
    let all = each.map(|each| each.mul_i64(i64::try_from(count).unwrap_or(i64::MAX)));
    let takes = match all.as_ref().and_then(Size::of) {
        Some(size) if count > 1 => {
            format!(": {count} logs of 50MB and what is kept of each then take {}", size.rounded())
        }
        Some(size) => format!(": 50MB and the older logs that are kept then take {}", size.rounded()),
        None => String::new(),
    };
    let others = if room.most.is_zero() {
        String::new()
    } else {
        format!("\nthe logs of this file that are rotated may take {} besides.", room.most())
    };
    format!("remove {name}{takes}.\nor let logrotate rotate it, with copytruncate.{others}")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[(2, W)]).says("'/l/a' grows"),
        row(PROGRAM, "stdout_logfile=a.log\nstdout_logfile_maxbytes=0", &[(2, W)]).says("'a.log' grows"),
        row(PROGRAM, "stderr_logfile_maxbytes=0", &[(1, W)]).says("the AUTO log of api grows"),
        row(MAIN, "logfile=/l/s\nlogfile_maxbytes=0", &[(2, W)]),
        row(
            PROGRAM,
            "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/l/%(process_num)s\nstdout_logfile_maxbytes=0",
            &[(4, W)],
        ),
        row("", "[program:a]\ncommand=a\nstdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[(4, W)]),
        row(PROGRAM, "stdout_logfile=/var/log/moved1.log\nstdout_logfile_maxbytes=0", &[(2, W)])
            .host()
            .says("after logrotate has moved '/var/log/moved1.log', the output goes on into the moved file"),
        row(PROGRAM, "stdout_logfile=/var/log/other.log\nstdout_logfile_maxbytes=0", &[(2, W)]).host().says("grows"),
        row(PROGRAM, "stdout_logfile=/var/log/told.log\nstdout_logfile_maxbytes=0", &[]).host(),
        row(PROGRAM, "stdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[]).target(Target::Container),
        row(MAIN, "nodaemon=true\nlogfile=/l/s\nlogfile_maxbytes=0", &[]),
        row(
            PROGRAM,
            "stdout_logfile=/l/a\nstdout_logfile_maxbytes=0\nstderr_logfile=/l/a\nstderr_logfile_maxbytes=0",
            &[],
        ),
        row(PROGRAM, "stdout_logfile=/dev/null\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile=/docker.stdout\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile=NONE\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile={{ log }}\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile=/l/a", &[]),
    ];
}
