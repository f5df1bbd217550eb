//! SUP509 auto-log-not-kept: logs that are gone after the next start of supervisord.

use super::view::effective::Program;
use super::view::telling::others;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as p;
use crate::model::value::LogFile;

/// SUP509. Its confidence is what keeps it to those who ask for it: most people know that these logs do not stay.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP509",
        name: "auto-log-not-kept",
        severity: Severity::Info,
        confidence: Confidence::Low,
        page: include_str!("auto_log_not_kept.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

const SAID: &str = "deleted when supervisord restarts, because stdout_logfile is AUTO";

fn joined(programs: &[&str], said: &str, most: usize) -> String {
    match programs {
        [] => String::new(),
        [one] => format!("the log of {one} is {said}."),
        [first, rest @ ..] => {
            format!("the log of {first} is {said}. So are those of {}.", others(rest, most))
        }
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let supervisord = &lint.config.supervisord;
    // With nocleanup the files stay. In a fragment the main file says that.
    if lint.config.fragment || lint.container() || lint.known(&supervisord.nocleanup) != Some(&false) {
        return;
    }
    let directory = supervisord.childlogdir.known().copied();
    for Program { process, .. } in lint.programs() {
        let (log, program) = (&process.options.stdout_logfile, &process.program);
        // What a listener prints is no log.
        if !matches!(log.known(), Some(LogFile::Auto)) || program.section.starts_with("eventlistener:") {
            continue;
        }
        let name = program.name;
        let message = Message::made(move || joined(&[name], SAID, 0));
        let help = Message::made(move || {
            let at = match directory {
                Some(directory) if !directory.is_empty() => {
                    format!("until then it is in {directory}, under a random name")
                }
                _ => "until then it is in childlogdir, under a random name".to_owned(),
            };
            format!("write stdout_logfile=/PATH/TO/FILE.\n{at}: supervisorctl tail NAME")
        });
        let place = log.place().unwrap_or(program.header);
        found.push(
            Diagnostic::new(&RULE.rule, place, message)
                .help(help)
                .of(program.section, Some(p::STDOUT_LOGFILE.name))
                .about(name, SAID),
        );
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "", &[(0, I)]).says("the log of api is deleted when supervisord restarts"),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=auto", &[(3, I)]),
        row(MAIN, "[program:a]\ncommand=a\n[program:b]\ncommand=b", &[(1, I), (3, I)]),
        row(PROGRAM, "", &[]).target(Target::Container),
        row(MAIN, "nocleanup=true\n[program:a]\ncommand=a", &[]),
        row(PROGRAM, "stdout_logfile=/l/a", &[]),
        row(PROGRAM, "stdout_logfile={{ log }}", &[]),
        row(MAIN, "[eventlistener:a]\ncommand=a\nevents=TICK_5", &[]),
        row("", "[program:a]\ncommand=a", &[]),
    ];
}
