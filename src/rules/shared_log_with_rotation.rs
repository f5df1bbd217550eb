//! SUP502 shared-log-with-rotation: one file that several write and each rotates.

use super::view::logs::Log;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::map::Map;
use crate::python::integer::Integer;

/// SUP502.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP502",
        name: "shared-log-with-rotation",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("shared_log_with_rotation.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let logs = lint.logs();
    let mut files: Map<'_, Vec<&Log<'_>>> = Map::new();
    // Nothing below /dev and /proc is a file that could be rotated; SUP501 speaks of them.
    for log in logs.iter().filter(|log| !log.path.starts_with("/dev/") && !log.path.starts_with("/proc/")) {
        if let Some(writers) = files.get_or_insert_with(log.path, Vec::new) {
            writers.push(log);
        }
    }
    for writers in files.values() {
        let (Some(first), Some(last)) = (writers.first(), writers.iter().rev().find(|log| log.written)) else {
            continue;
        };
        let rotating = writers.iter().filter(|log| log.rotates()).count();
        if writers.len() < 2 || rotating == 0 {
            continue;
        }
        // Which streams of each section, and how many processes of the first.
        let mut owners: Map<'_, Map<'_, usize>> = Map::new();
        for log in writers {
            let streams = owners.get_or_insert_with(log.section, Map::new);
            if let Some(count) = streams.and_then(|streams| streams.get_or_insert_with(log.key.name, || 0)) {
                *count += 1;
            }
        }
        let names = owners.iter().map(|(section, streams)| owner(section, streams)).collect::<Vec<_>>();
        let rotate = match (rotating == writers.len(), writers.len()) {
            (true, 2) => "and both rotate it",
            (true, _) => "and each rotates it",
            (false, _) => "and at least one rotates it",
        };
        // Seen with Supervisor 4.3.0: with more backups than writers no line is lost, but each writer goes on in a file that the
        // other one has renamed.
        let kept = writers.iter().filter(|log| log.rotates()).all(|log| {
            log.backups.is_some_and(|backups| {
                *backups > Integer::from(1)
                    && backups
                        .to_i64()
                        .is_none_or(|backups| usize::try_from(backups).is_ok_and(|backups| backups >= writers.len()))
            })
        });
        let (severity, what) = if kept {
            (Severity::Warning, "new lines go to .1 of")
        } else {
            (Severity::Error, "log lines are lost in")
        };
        let message = format!("{what} {}: {} write it, {rotate}.", shown(last.called), joined(&names));
        let streams = owners.values().map(Map::len).max().unwrap_or(0);
        let help = match (owners.len(), streams) {
            (1, 2..) => "write redirect_stderr=true and remove stderr_logfile.",
            (1, _) => "write %(process_num)02d in the path, so that each process has its own log.",
            _ => "give each its own file, or write 0 as maxbytes of each and let logrotate (copytruncate) rotate it.",
        };
        let later = if kept { "\nthe .1 appears with the first rotation." } else { "" };
        let help = [help, later].concat();
        let mut diagnostic = Diagnostic::new(&RULE.rule, last.place, message).severity(severity).help(help);
        if first.written && first.place != last.place {
            diagnostic = diagnostic.label(first.place, "the same file");
        }
        found.push(diagnostic.of(last.section, Some(last.key.name)));
    }
}

/// Who writes: the streams of a program, of how many processes, or supervisord.
fn owner(section: &str, streams: &Map<'_, usize>) -> String {
    let Some((_, program)) = section.split_once(':') else { return "supervisord itself".to_owned() };
    let names: Vec<&str> = streams.keys().filter_map(|option| option.split('_').next()).collect();
    let processes = match streams.values().max() {
        Some(count) if *count > 1 => format!("{count} processes of "),
        _ => String::new(),
    };
    format!("{} of {processes}{}", names.join(" and "), program.trim())
}

fn joined(names: &[String]) -> String {
    const NAMED: usize = 2;
    let more = names.len().saturating_sub(NAMED);
    match names {
        [all @ .., last] if more == 0 && !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ if more == 0 => names.join(""),
        _ => format!("{} and {more} more", names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/a", &[(2, W)]),
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/../l/a", &[(2, W)]),
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/a\nstdout_logfile_maxbytes=0", &[(2, W)]),
        row(PROGRAM, "numprocs=2\nprocess_name=%(process_num)s\nstdout_logfile=/l/a", &[(3, W)]),
        row(PROGRAM, "stdout_logfile=/l/a\n[program:b]\ncommand=b\nstdout_logfile=/l/a", &[(4, W)]),
        row(PROGRAM, "stdout_logfile=/supervisord.log", &[(1, W)]),
        row(PROGRAM, "stdout_logfile=%(program_name)s.log\nstderr_logfile=%(program_name)s.log", &[(2, W)])
            .says("go to .1 of '%(program_name)s.log': "),
        row(PROGRAM, "stdout_logfile=%(here)s/a.log\nstderr_logfile=%(here)s/a.log", &[(2, W)])
            .says("src/rules/rows/a.log': "),
        row(PROGRAM, "stdout_logfile=supervisord.log", &[(1, W)]).says("go to .1 of 'supervisord.log': "),
        // With few backups lines are lost: seen of the newest 700 lines 219 with none, 73 with one.
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/a\nstdout_logfile_backups=1", &[(2, E)])
            .says("lost in '/l/a'"),
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/a\nstderr_logfile_backups=0", &[(2, E)]),
        row(PROGRAM, "numprocs=12\nprocess_name=%(process_num)s\nstdout_logfile=/l/a", &[(3, E)]),
        row(PROGRAM, "stdout_logfile=/dev/null", &[]),
        row(
            PROGRAM,
            "stdout_logfile=/l/a\nstderr_logfile=/l/a\nstdout_logfile_maxbytes=0\nstderr_logfile_maxbytes=0",
            &[],
        ),
        row(PROGRAM, "numprocs=2\nprocess_name=%(process_num)s\nstdout_logfile=/l/a%(process_num)s", &[]),
        row(PROGRAM, "stdout_logfile=%(ENV_L)s/a\nstderr_logfile=%(ENV_L)s/a", &[]),
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/b", &[]),
    ];
}
