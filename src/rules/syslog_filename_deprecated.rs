//! SUP507 syslog-filename-deprecated: the old way of sending output to the log of the system.

use super::view::effective::Program;
use super::view::mend::Mend;
use super::view::telling::others;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{Key, process as p};
use crate::load::Setting;
use crate::model::Value;
use crate::model::value::{LogFile, boolean};
use crate::source::Span;

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
    fix: Some(mend),
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

/// What Supervisor makes of the word, in its own words; a line of `[DEFAULT]` is that of other sections too.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, option) = (finding.section?, finding.option?);
    let out = (&p::STDOUT_LOGFILE, &p::STDOUT_SYSLOG, "write stdout_syslog=true and stdout_logfile=NONE");
    let err = (&p::STDERR_LOGFILE, &p::STDERR_SYSLOG, "write stderr_syslog=true and stderr_logfile=NONE");
    let (log, syslog, title) = [out, err].into_iter().find(|(log, ..)| log.name == option)?;
    let own = lint.merged.options(lint.merged.sections.get(section)?);
    if is_redirected(lint, section, log) {
        let mend = Mend::of(lint).changes(section, log.name).changes(section, syslog.name);
        return match own.of(log) {
            Some(log) if !lint.merged.defaults().contains_key(log.name) => {
                mend.remove(section, log).safe("remove stderr_logfile, which has no effect")
            }
            _ => mend.set(section, log, "NONE", None).safe("write stderr_logfile=NONE"),
        };
    }
    let mend = Mend::of(lint).changes(section, log.name).changes(section, syslog.name);
    let mend = match (own.of(log), own.of(syslog)) {
        (Some(log), None) => above(lint, mend.give(section, log, "NONE"), log, &format!("{}=true", syslog.name))?,
        (Some(log), Some(syslog)) => on(mend.give(section, log, "NONE"), section, syslog),
        (None, None) => mend.add(section, &format!("{}=true\n{}=NONE", syslog.name, log.name), None),
        (None, Some(syslog)) => on(mend.add(section, &format!("{}=NONE", log.name), None), section, syslog),
    };
    mend.safe(title)
}

/// Whether it is the log of a stream that goes to the other one.
fn is_redirected(lint: &Lint<'_>, section: &str, log: &Key) -> bool {
    let redirect = |program: &Program<'_>| lint.known(&program.process.program.options.redirect_stderr) == Some(&true);
    log.name == p::STDERR_LOGFILE.name && lint.program(section).is_some_and(redirect)
}

/// An option that is written turned on, unless it is.
fn on<'l, 'a>(mend: Mend<'l, 'a>, section: &str, setting: &Setting<'a>) -> Mend<'l, 'a> {
    if matches!(boolean(setting.text), Ok(true)) { mend } else { mend.give(section, setting, "true") }
}

/// A line above that of an option, indented as that one is. Below it there may be no line end.
fn above<'l, 'a>(lint: &Lint<'a>, mend: Mend<'l, 'a>, setting: &Setting<'a>, option: &str) -> Option<Mend<'l, 'a>> {
    let (source, key) = (lint.sources.get(setting.key.source)?, setting.key.span);
    let start = source.line_of(key.start).start;
    let indent = source.slice(Span { start, end: key.start });
    let before = source.text().get(..start as usize)?;
    let end = ["\r\n", "\r", "\n"].into_iter().find(|end| before.ends_with(end))?;
    Some(mend.insert(setting.key.source, key.start, &format!("{option}{end}{indent}")))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, .. } in lint.programs() {
        let options = &process.options;
        let section = process.program.section;
        let mut stream = |log: &Value<'a, LogFile<'a>>, key: &'static Key, stream: &str| {
            let (Some(LogFile::Syslog), Some(place)) = (log.known(), log.place()) else { return };
            let name = process.program.name;
            let message = Message::made(move || joined(&[name], SAID, 0));
            let help = if is_redirected(lint, section, key) {
                "remove stderr_logfile: redirect_stderr=true sends stderr where stdout goes.".to_owned()
            } else {
                format!("write {stream}_syslog=true and {}=NONE.", key.name)
            };
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
        row(PROGRAM, "stdout_logfile=syslog\nstderr_logfile=SysLog", &[(1, W), (2, W)])
            .mends("stdout_syslog=true\nstdout_logfile=NONE\nstderr_syslog=true\nstderr_logfile=NONE"),
        row("", "[program:a]\r\n  command=a\r\n  stdout_logfile : syslog ; there\r\n  priority=1\r", &[(3, W)]).mends(
            "[program:a]\r\n  command=a\r\n  stdout_syslog=true\r\n  stdout_logfile : NONE ; there\r\n  priority=1\r",
        ),
        row(PROGRAM, "stdout_syslog=off\nstdout_logfile=/l/a\nstdout_logfile=syslog", &[(3, W)])
            .mends("stdout_syslog=true\nstdout_logfile=/l/a\nstdout_logfile=NONE"),
        row(PROGRAM, "stdout_logfile=syslog\nstdout_syslog=yes", &[(1, W)])
            .mends("stdout_logfile=NONE\nstdout_syslog=yes"),
        row(PROGRAM, "stdout_logfile=syslog\nstdout_logfile_maxbytes={{ size }}", &[(1, W)])
            .mends("stdout_syslog=true\nstdout_logfile=NONE\nstdout_logfile_maxbytes={{ size }}"),
        row(PROGRAM, "priority=1\n[DEFAULT]\nstderr_logfile=syslog", &[(3, W)])
            .mends("priority=1\nstderr_syslog=true\nstderr_logfile=NONE\n[DEFAULT]\nstderr_logfile=syslog"),
        // It has no effect, whatever it names.
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=syslog ; there\npriority=1", &[(2, W)])
            .helps("remove stderr_logfile")
            .mends("redirect_stderr=true\npriority=1"),
        row(PROGRAM, "redirect_stderr=true\n[DEFAULT]\nstderr_logfile=syslog", &[(3, W)])
            .mends("redirect_stderr=true\nstderr_logfile=NONE\n[DEFAULT]\nstderr_logfile=syslog"),
        row(PROGRAM, "stdout_logfile=syslog\nstdout_syslog={{ on }}", &[(1, W)]).mends(""),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=syslog", &[(3, W)]),
        row("", "[program:a]\ncommand=a\nstdout_logfile=syslog", &[(3, W)]),
        row(PROGRAM, "stdout_syslog=true\nstdout_logfile=NONE", &[]),
        row(PROGRAM, "stdout_logfile=/var/log/syslog", &[]),
        row(PROGRAM, "stdout_logfile={{ log }}", &[]),
        row(MAIN, "logfile=syslog", &[]),
    ];
}
