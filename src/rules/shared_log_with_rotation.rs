//! SUP502 shared-log-with-rotation: one file that several write and each rotates.

use super::view::logs::{Log, logs};
use super::{Check, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::map::Map;

/// SUP502.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP502",
        name: "shared-log-with-rotation",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "The same file is the log of two streams, of two programs, of several processes of one program or of a program and \
               supervisord itself, and at least one of them rotates it (a maxbytes that is not 0; the default is 50MB).",
        why: "supervisord opens the file once for each of them. Each counts and rotates by itself: the one renames the file, the other \
              goes on writing to the renamed one, until it is rotated away. Of 80 lines 22 were left in a test. Supervisor's manual \
              says that processes cannot share a log file; celery's own sample does it (Supervisor issues 204, 411, 702 and 900).",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstdout_logfile=/var/log/api.log\n\
              stderr_logfile=/var/log/api.log\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nstdout_logfile=/var/log/api.log\n\
               redirect_stderr=true\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let logs = logs(lint);
    let mut files: Map<'_, Vec<&Log<'_>>> = Map::new();
    // Nothing below /dev and /proc is a file that could be rotated; SUP501 speaks of them.
    for log in logs.iter().filter(|log| !log.path.starts_with("/dev/") && !log.path.starts_with("/proc/")) {
        if let Some(writers) = files.get_or_insert_with(log.path, Vec::new) {
            writers.push(log);
        }
    }
    for (path, writers) in &files {
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
            (false, _) => "and not all leave it alone: at least one rotates it",
        };
        let message = format!(
            "{} is written by {}, {rotate}: lines go to renamed files or are lost.",
            shown(path),
            joined(&names)
        );
        let streams = owners.values().map(Map::len).max().unwrap_or(0);
        let help = match (owners.len(), streams) {
            (1, 2..) => "write redirect_stderr=true and remove stderr_logfile: both streams then go through one log.",
            (1, _) => "write %(process_num)02d into the path, so that each process has its own.",
            _ => {
                "give each its own file; or write maxbytes=0 for all of them and let logrotate with copytruncate rotate it."
            }
        };
        let mut diagnostic = Diagnostic::new(&RULE.rule, last.place, message).help(help);
        if first.written && first.place != last.place {
            diagnostic = diagnostic.label(first.place, "the same file");
        }
        found.push(diagnostic.of(&last.section, Some(last.key.name)));
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
    const NAMED: usize = 6;
    let more = names.len().saturating_sub(NAMED);
    match names {
        [all @ .., last] if more == 0 && !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ if more == 0 => names.join(""),
        _ => format!("{} and {more} more", names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ")),
    }
}
