//! SUP507 syslog-filename-deprecated: the old way of sending output to the log of the system.

use super::view::effective::Program;
use super::view::telling::others;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{Key, process as p};
use crate::model::Value;
use crate::model::value::LogFile;

/// SUP507.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP507",
        name: "syslog-filename-deprecated",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("syslog_filename_deprecated.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

const SAID: &str = "logs to syslog by a file name: supervisord warns at each start that this will be removed";

fn joined(programs: &[&str], said: &str, most: usize) -> String {
    // Of both streams of a program it is said once.
    let mut programs = programs.to_vec();
    programs.dedup();
    match programs.as_slice() {
        [] => String::new(),
        [one] => format!("{one} {said}."),
        [first, rest @ ..] => format!("{first} {said}. The same holds for {}.", others(rest, most)),
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, .. } in lint.programs() {
        let options = &process.options;
        let section = process.program.section;
        let mut stream = |log: &Value<'a, LogFile<'a>>, key: &'static Key, stream: &str| {
            let (Some(LogFile::Syslog), Some(place)) = (log.known(), log.place()) else { return };
            let name = process.program.name;
            let message = Message::made(move || joined(&[name], SAID, 0));
            let help = format!("write {stream}_syslog=true and {}=NONE.", key.name);
            found.push(
                Diagnostic::new(&RULE.rule, place, message).help(help).of(section, Some(key.name)).about(name, SAID),
            );
        };
        stream(&options.stdout_logfile, &p::STDOUT_LOGFILE, "stdout");
        stream(&options.stderr_logfile, &p::STDERR_LOGFILE, "stderr");
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stdout_logfile=syslog\nstderr_logfile=SysLog", &[(1, W), (2, W)]),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=syslog", &[(3, W)]),
        row("", "[program:a]\ncommand=a\nstdout_logfile=syslog", &[(3, W)]),
        row(PROGRAM, "stdout_syslog=true\nstdout_logfile=NONE", &[]),
        row(PROGRAM, "stdout_logfile=/var/log/syslog", &[]),
        row(PROGRAM, "stdout_logfile={{ log }}", &[]),
        row(MAIN, "logfile=syslog", &[]),
    ];
}
