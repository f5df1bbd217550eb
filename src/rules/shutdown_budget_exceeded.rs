//! SUP312 shutdown-budget-exceeded: programs are killed before supervisord has stopped them all.

use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::launcher::TimeSpan;
use crate::model::{Group, GroupKind};
use crate::python::integer::Integer;
use crate::source::Place;

/// SUP312.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP312",
        name: "shutdown-budget-exceeded",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("shutdown_budget_exceeded.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// Who ends the wait, and when.
enum StopBudget<'a> {
    /// The caller said so.
    Told,
    /// `docker stop`, unless it is told otherwise.
    Container,
    /// The unit that was named, or systemd's default.
    Unit(Option<&'a str>),
}

/// What `docker stop` and systemd wait for, in seconds (docker-stop(1); `DefaultTimeoutStopSec=` in systemd-system.conf(5)).
const DOCKER: i64 = 10;
const SYSTEMD: i64 = 90;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let Some(header) = config.header.filter(|_| !config.fragment) else { return };
    let groups = config.groups.iter().filter(|group| !matches!(group.kind, GroupKind::EventListener(_)));
    let waits: Vec<(i64, Option<Place>)> = groups.filter_map(|group| longest(lint, group)).collect();
    let written = waits.iter().any(|(_, place)| place.is_some());
    let container = lint.container();
    let (whose, budget) = match (lint.settings.stop_timeout, lint.unit()) {
        (Some(seconds), _) => (StopBudget::Told, seconds),
        (None, Some(unit)) => match unit.stop_timeout.as_ref().map(|timeout| timeout.value) {
            Some(TimeSpan::Endless) => return,
            Some(TimeSpan::Seconds(seconds)) => {
                (StopBudget::Unit(Some(&unit.path)), i64::try_from(seconds).unwrap_or(i64::MAX))
            }
            None => (StopBudget::Unit(None), SYSTEMD),
        },
        // A program that says how long it takes.
        (None, None) if container && !written => return,
        (None, None) if container => (StopBudget::Container, DOCKER),
        (None, None) => (StopBudget::Unit(None), SYSTEMD),
    };
    let sum = waits.iter().fold(0_i64, |sum, (seconds, _)| sum.saturating_add(*seconds));
    if sum <= budget {
        return;
    }
    let (kills, longer) = match whose {
        StopBudget::Told => {
            (format!("it is killed {budget} s after it is told to stop"), "raise the time that --stop-timeout gives")
        }
        StopBudget::Container => (
            format!("docker stop kills the container after {budget} s"),
            "give the container more time (docker run --stop-timeout, stop_grace_period of compose, terminationGracePeriodSeconds of \
             Kubernetes)",
        ),
        StopBudget::Unit(None) => (
            format!("systemd by default kills it after {budget} s"),
            "write TimeoutStopSec= in the unit that starts it",
        ),
        StopBudget::Unit(Some(path)) => {
            (format!("{path} lets systemd kill it after {budget} s"), "raise TimeoutStopSec= there")
        }
    };
    let (message, help) = match waits.len() {
        0 | 1 => (format!("stopping the programs can take {sum} s, but {kills}."), format!("{longer}, above {sum} s.")),
        groups => {
            // Members of one group together take as long as the longest one.
            let group = if waits.iter().any(|(seconds, _)| *seconds > budget) {
                ""
            } else {
                "put programs that do not need each other into one [group:x], whose members stop together.\nor "
            };
            (
                format!("stopping {groups} groups one after another can take {sum} s, but {kills}."),
                format!("{group}{longer}, above {sum} s."),
            )
        }
    };
    let severity = if container || lint.settings.stop_timeout.is_some() { Severity::Warning } else { Severity::Info };
    let mut diagnostic = Diagnostic::new(&RULE.rule, header, message).severity(severity).help(help);
    if let Some((seconds, Some(place))) = waits.iter().filter(|(_, place)| place.is_some()).max_by_key(|wait| wait.0) {
        diagnostic = diagnostic.label(*place, format!("up to {seconds} s here"));
    }
    found.push(diagnostic.of("supervisord", None));
}

/// How long a group takes at most, in seconds, and where that is written. What is not started by itself does not count.
fn longest(lint: &Lint<'_>, group: &Group) -> Option<(i64, Option<Place>)> {
    let started = group.processes.iter().filter(|process| process.program.options.autostart.known() != Some(&false));
    let waits = started.filter_map(|process| {
        let wait = &process.program.options.stopwaitsecs;
        let seconds = lint.known(wait)?;
        let seconds = if *seconds <= Integer::from(0) { 0 } else { seconds.to_i64().unwrap_or(i64::MAX) };
        Some((seconds, wait.place()))
    });
    waits.max_by_key(|wait| wait.0)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\nstopwaitsecs=3600", &[(1, W)])
            .says("stopping the programs can take 3600 s, but docker stop kills the container after 10 s."),
        row("", "[supervisord]\n[program:a]\ncommand=a\nstopwaitsecs=3600", &[(1, I)])
            .says("stopping the programs can take 3600 s, but systemd by default kills it after 90 s"),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\nstopwaitsecs=300\n[program:b]\ncommand=b", &[(1, W)])
            .helps("give the container more time"),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\nstopwaitsecs=10", &[]),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[program:b]\ncommand=a\nstopwaitsecs=3", &[(1, W)]).stop_timeout(10),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[program:b]\ncommand=a\nstopwaitsecs=3", &[(1, W)]).target(Target::Container),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=-99\n[program:b]\ncommand=a\nstopwaitsecs=11", &[(1, W)]).stop_timeout(10),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\n[program:b]\ncommand=a", &[(1, W)]).stop_timeout(19),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[program:b]\ncommand=a\nstopwaitsecs=3", &[]).stop_timeout(11),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[program:b]\ncommand=a\nstopwaitsecs=3", &[]),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[program:b]\ncommand=a\nstopwaitsecs=3\n[group:g]\nprograms=a,b", &[]).target(Target::Container),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[program:b]\ncommand=a\nstopwaitsecs=3\nautostart=false", &[]).stop_timeout(10),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=8\n[eventlistener:b]\ncommand=a\nevents=TICK_5\nstopwaitsecs=3", &[]).stop_timeout(10),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=-99\n[program:b]\ncommand=a\nstopwaitsecs=11", &[]).stop_timeout(11),
        row("", "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\n[program:b]\ncommand=a", &[]).target(Target::Container),
    ];
}
