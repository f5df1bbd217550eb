//! SUP103 fd-budget-exceeded: more processes than supervisord has descriptors for.

use super::{Check, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::model::value::LogFile;
use crate::model::{Process, State};
use crate::source::Place;

/// SUP103.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP103",
        name: "fd-budget-exceeded",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "supervisord itself needs nearly all the descriptors that it may open: an error above 95 % of the limit, a warning \
               above 70 %. The limit is minfds or what supervisord is started with, if that is more; programs with \
               autostart=false do not count.",
        why: "For each process supervisord holds three pipes and two logs: 5 descriptors, 3 with redirect_stderr, one less for each \
              log that is NONE, and some 20 for itself. With minfds=1024 about 200 processes can be started, or 340 with \
              redirect_stderr; that is where users report that it stops (Supervisor issues 489, 997 and 1082).",
        bad: "[supervisord]\nuser=root\n\n[program:worker]\ncommand=/srv/worker\nuser=worker\nnumprocs=300\n\
              process_name=%(process_num)03d\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:worker]\ncommand=/srv/worker\nuser=worker\nnumprocs=300\n\
               process_name=%(process_num)03d\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

/// Descriptors that supervisord holds for no process: its log, its sockets and their clients, those it was started with.
const OWN: i64 = 20;

/// What supervisord needs, and what it may have.
struct Budget {
    needs: i64,
    limit: i64,
    processes: usize,
    /// The program with most processes: how many, its name, the place of its numprocs.
    largest: Option<(usize, String, Place)>,
}

impl Budget {
    fn of(lint: &Lint<'_>) -> Option<Self> {
        let limit = lint.open_files()?.to_i64()?;
        let mut budget = Self { needs: OWN, limit, processes: 0, largest: None };
        for group in &lint.config.groups {
            let mut alike = 0;
            for process in &group.processes {
                if process.program.options.autostart.known() == Some(&false) {
                    continue;
                }
                budget.processes += 1;
                budget.needs += descriptors(process);
                alike += 1;
                let Some(place) = process.program.options.numprocs.place() else { continue };
                if budget.largest.as_ref().is_none_or(|(most, _, _)| *most < alike) {
                    budget.largest = Some((alike, process.program.name.to_string(), place));
                }
            }
        }
        Some(budget)
    }

    fn severity(&self) -> Option<Severity> {
        if self.needs.saturating_mul(100) > self.limit.saturating_mul(95) {
            Some(Severity::Error)
        } else if self.needs.saturating_mul(100) > self.limit.saturating_mul(70) {
            Some(Severity::Warning)
        } else {
            None
        }
    }
}

/// The pipes of a process, at supervisord's end, and its logs. A log that is not known is counted if it can only be a path.
fn descriptors(process: &Process) -> i64 {
    let redirected = process.program.options.redirect_stderr.known() == Some(&true);
    let file = |log: &State<LogFile>| match log {
        State::Known(LogFile::Auto) => true,
        State::Known(LogFile::Path(path)) => !path.is_empty(),
        State::Unknown(written) => written.contains('/'),
        State::Known(LogFile::None | LogFile::Syslog) | State::Refused => false,
    };
    let logs = [&process.options.stdout_logfile.state, process.stderr_logfile()];
    let logs = logs.into_iter().filter(|log| file(log)).count();
    i64::from(if redirected { 2_u8 } else { 3 }) + i64::try_from(logs).unwrap_or(0)
}

/// Whether SUP103 speaks, and how loud.
pub(super) fn severity(lint: &Lint<'_>) -> Option<Severity> {
    Budget::of(lint)?.severity()
}

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let (Some(budget), Some(minfds)) = (Budget::of(lint), lint.minfds()) else { return };
    let Some(severity) = budget.severity() else { return };
    let Budget { needs, limit, processes, largest } = budget;
    let end = match severity {
        Severity::Error => "Starts fail with \"too many open files to spawn\".",
        Severity::Warning | Severity::Info => {
            "A few more, or many clients, and starts fail with \"too many open files to spawn\"."
        }
    };
    let message = format!(
        "{processes} processes need about {needs} descriptors in supervisord itself, for their pipes and logs; it may open {limit}. {end}"
    );
    let help = format!(
        "write minfds={} in [supervisord] and restart it; redirect_stderr=true saves two descriptors a process, a log that is \
         NONE saves one.",
        needs.saturating_mul(2).max(65_536)
    );
    let mut diagnostic = Diagnostic::new(&RULE.rule, minfds.place, message).severity(severity).help(help);
    if let Some((count, name, place)) = largest.filter(|(count, _, _)| *count > 1) {
        diagnostic = diagnostic.label(place, format!("{count} of them are {name}"));
    }
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}
