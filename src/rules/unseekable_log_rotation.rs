//! SUP501 unseekable-log-rotation: a log that goes to a device or a pipe and is to be rotated.

use super::view::logs::Log;
use super::view::mend::Mend;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::hash::HashSet;

/// SUP501.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP501",
        name: "unseekable-log-rotation",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("unseekable_log_rotation.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, option) = (finding.section?, finding.option?);
    let log = lint.logs().iter().find(|log| log.section == section && log.key.name == option && spoils(log))?;
    let title = format!("write {}=0", log.maxbytes_key.name);
    Mend::of(lint).set(section, log.maxbytes_key, "0", Some(log.key)).safe(title)
}

/// Whether it has no position to be rotated at, and is to be rotated.
fn spoils(log: &Log<'_>) -> bool {
    log.unseekable() && log.rotates()
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let logs = lint.logs();
    // What is logged at each start is an info.
    let level = lint.known(&lint.config.supervisord.loglevel);
    let quiet = level.is_some_and(|level| matches!(*level, "critical" | "error" | "warn" | "crit" | "erro"));
    let mut seen = HashSet::default();
    for log in logs.iter().filter(|log| spoils(log)) {
        if !seen.insert((log.section, log.key.name)) {
            continue;
        }
        let (option, maxbytes) = (log.key.name, log.maxbytes_key.name);
        let setting = lint.merged.setting(log.section, maxbytes);
        let size = match setting {
            Some(_) => format!("{maxbytes} is not 0 and it cannot be rotated"),
            None => format!("{maxbytes} is unset (50MB) and it cannot be rotated"),
        };
        let does = match log.program {
            Some(_) => "every line of output logs '[Errno 29] Illegal seek'",
            None if quiet => "supervisord dies when it logs an error ('[Errno 29] Illegal seek')",
            None => "supervisord dies at start ('[Errno 29] Illegal seek')",
        };
        let message = format!("{does} if {} is a pipe or a terminal, because {size}.", log.called);
        let help = format!("write {maxbytes}=0.");
        let mut diagnostic = Diagnostic::new(&RULE.rule, log.place, message).help(help);
        if let Some(setting) = setting {
            diagnostic = diagnostic.label(setting.value, "this asks for rotation");
        }
        found.push_resting_on(
            setting.map_or(log.place, |setting| setting.value),
            diagnostic.of(log.section, Some(option)),
        );
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row("", "[program:a]\ncommand=a > b\nstdout_logfile=/dev/stdout", &[(3, E)]),
        row(PROGRAM, "stdout_logfile=/dev/stdout", &[(1, E)])
            .mends("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0"),
        row(PROGRAM, "stdout_logfile=/dev/fd/1\nstderr_logfile=/proc/1/fd/2", &[(1, E), (2, E)]).mends(
            "stdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\n\
             stderr_logfile=/proc/1/fd/2\nstderr_logfile_maxbytes=0",
        ),
        row(PROGRAM, "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=1MB", &[(1, E)])
            .mends("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0"),
        row(
            "",
            "[program:a]\r\n  command=a\r\n  stdout_logfile : /dev/stdout ; there\r\n\
             \r\n  priority=1\r",
            &[(3, E)],
        )
        .mends(
            "[program:a]\r\n  command=a\r\n  stdout_logfile : /dev/stdout ; there\r\n  stdout_logfile_maxbytes=0\r\n\
             \r\n  priority=1\r",
        ),
        row(
            PROGRAM,
            "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n\
             stdout_logfile_maxbytes=5MB ; much",
            &[(1, E)],
        )
        .mends("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nstdout_logfile_maxbytes=0 ; much"),
        // What [DEFAULT] says of others stays.
        row(PROGRAM, "priority=1\n[DEFAULT]\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=1MB", &[(3, E)])
            .mends(
                "priority=1\nstdout_logfile_maxbytes=0\n[DEFAULT]\n\
             stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=1MB",
            ),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/dev/stdout", &[(3, E)]),
        row(PROGRAM, "[supervisord]\nlogfile=/dev/stdout", &[(2, E)])
            .mends("[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0"),
        row(PROGRAM, "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0", &[]),
        row(PROGRAM, "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=%(ENV_N)s", &[]),
        row(PROGRAM, "stdout_logfile=/dev/null", &[]),
        row(PROGRAM, "[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0", &[]),
    ];
}
