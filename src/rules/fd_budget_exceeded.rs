//! SUP103 fd-budget-exceeded: more processes than supervisord has descriptors for.

use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
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
        page: include_str!("fd_budget_exceeded.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// Descriptors that supervisord holds for no process: its log, its sockets and their clients, those it was started with.
const OWN: i64 = 20;

/// What supervisord needs, and what it may have.
struct FdBudget {
    needs: i64,
    limit: i64,
    processes: usize,
    /// The program with most processes: how many, its name, the place of its numprocs.
    largest: Option<(usize, String, Place)>,
}

impl FdBudget {
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
    FdBudget::of(lint)?.severity()
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let (Some(budget), Some(minfds)) = (FdBudget::of(lint), lint.minfds()) else { return };
    let Some(severity) = budget.severity() else { return };
    let FdBudget { needs, limit, processes, largest } = budget;
    let end = match severity {
        Severity::Error => "starts fail (\"too many open files to spawn\")",
        Severity::Warning | Severity::Info => {
            "with a few more processes or clients, starts fail (\"too many open files to spawn\")"
        }
    };
    let message =
        format!("{end}: {processes} processes need about {needs} descriptors in supervisord, which may open {limit}.");
    let help = format!(
        "write minfds={} in [supervisord] and restart supervisord.\n\
         redirect_stderr=true saves two descriptors per process, a log set to NONE saves one.",
        needs.saturating_mul(2).max(65_536)
    );
    let mut diagnostic = Diagnostic::new(&RULE.rule, minfds.place, message).severity(severity).help(help);
    if let Some((count, name, place)) = largest.filter(|(count, _, _)| *count > 1) {
        diagnostic = diagnostic.label(place, format!("{count} of them are {name}"));
    }
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s", &[(1, E)]),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\n\
         redirect_stderr=true",
            &[(1, W)],
        ),
        row(
            "",
            "[supervisord]\nminfds=1500\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s",
            &[(2, E)],
        ),
        row("", "[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s\nuser=b", &[]),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\n\
         redirect_stderr=true\nstdout_logfile=NONE",
            &[],
        ),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=300\nautostart=false\nprocess_name=%(process_num)s",
            &[],
        ),
        row("", "[supervisord]\nminfds=65536\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s", &[]),
    ];
}
