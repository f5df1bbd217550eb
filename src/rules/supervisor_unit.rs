//! SUP706 supervisor-unit: what the unit that starts supervisord does to it.

use super::view::effective::{is_root, same_account};
use super::view::logs::as_written;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as s;
use crate::launcher::SupervisorUnit;
use crate::source::Place;

/// SUP706.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP706",
        name: "supervisor-unit",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("supervisor_unit.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let Some(unit) = lint.unit() else { return };
    let mut add = |option: &'static str, place: Place, severity, message: String, help: String| {
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of("Service", Some(option)));
    };
    if let Some(mode) = unit.kill_mode.as_ref().filter(|mode| matches!(&*mode.value, "process" | "none")) {
        let message = format!(
            "KillMode={}: programs survive a supervisord that is killed, and the next one starts each of them again.",
            mode.value
        );
        let help = "write KillMode=mixed; keep this line only to restart supervisord under running programs.";
        add("KillMode", mode.place, Severity::Warning, message, help.to_owned());
    }
    if let Some((severity, message, help)) = start(lint, unit) {
        let place = unit.kind.as_ref().map_or(unit.command.place, |kind| kind.place);
        add("Type", place, severity, message, help);
    }
    for line in &unit.ignored {
        let limits = unit.limits.as_ref().map_or_else(
            || "the default of 1024:524288 applies".to_owned(),
            |limits| format!("{}:{} stays", limits.value.soft, limits.value.hard),
        );
        let message = format!(
            "systemd ignores LimitNOFILE={}, because it cannot read it (only a log line); {limits}.",
            shown(&line.value)
        );
        let help = "write LimitNOFILE=65536:524288, SOFT:HARD in plain numbers without K or M, SOFT not above HARD.";
        add("LimitNOFILE", line.place, Severity::Warning, message, help.to_owned());
    }
    let started = unit.user.as_ref().filter(|user| !is_root(&user.value));
    if let Some((started, wanted)) =
        started.zip(lint.wanted_account()).filter(|(started, wanted)| !same_account(&started.value, wanted))
    {
        let message = format!(
            "supervisord refuses to start (\"Can't drop privilege as nonroot user\"): User={} cannot become {}.",
            started.value,
            shown(wanted)
        );
        let help = "remove User= from the unit, or user= from [supervisord].";
        add("User", started.place, Severity::Error, message, help.to_owned());
    }
}

/// Whether the way in which systemd waits for the start fits to what supervisord does.
fn start(lint: &Lint<'_>, unit: &SupervisorUnit) -> Option<(Severity, String, String)> {
    let config = lint.config;
    let in_file = lint.known(&config.supervisord.nodaemon).copied().filter(|_| !config.fragment);
    let foreground = match unit.nodaemon() {
        Some(true) => Some(true),
        Some(false) => in_file,
        None => in_file.filter(|nodaemon| *nodaemon),
    };
    let kind = unit.kind();
    match (kind, foreground) {
        ("forking", Some(true)) => Some((
            Severity::Error,
            "the start times out and supervisord is killed: Type=forking waits for a daemon, but -n or nodaemon=true is set."
                .to_owned(),
            "write Type=exec (Type=simple before systemd 240).".to_owned(),
        )),
        ("forking", _) if unit.pid_file.is_none() => {
            // PIDFile= takes no relative path.
            let relative = || as_written(lint, "supervisord", &s::PIDFILE).is_some();
            let pidfile = config.supervisord.pidfile.known().filter(|_| !config.fragment && !relative());
            Some((
                Severity::Warning,
                "systemd may watch the wrong process: Type=forking without PIDFile= lets it guess which one is supervisord."
                    .to_owned(),
                match pidfile {
                    Some(path) => format!("write PIDFile={path}, or Type=exec and -n in ExecStart."),
                    None => "write PIDFile= with the pidfile of [supervisord], or Type=exec and -n in ExecStart.".to_owned(),
                },
            ))
        }
        ("simple" | "exec" | "idle", Some(false)) => Some((
            Severity::Error,
            format!(
                "systemd thinks that the service has ended: with Type={kind}{} supervisord goes into the background.",
                if unit.kind.is_some() { "" } else { ", since none is set" }
            ),
            "write -n after supervisord in ExecStart=, so that it stays in the foreground.".to_owned(),
        )),
        ("notify", _) => Some((
            Severity::Error,
            "the start times out and supervisord is killed: with Type=notify it never reports that it is ready.".to_owned(),
            "write Type=exec, with -n in ExecStart.".to_owned(),
        )),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "", &[(11, W)]).unit("corpus/layouts/debian/lib/systemd/system/supervisor.service"),
        row(MAIN, "", &[(7, W)]).unit("corpus/layouts/epel/usr/lib/systemd/system/supervisord.service"),
        row(MAIN, "", &[]),
    ];
}
