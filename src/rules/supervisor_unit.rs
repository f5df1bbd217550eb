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
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let Some(unit) = lint.unit() else { return };
    let mut add = |option: &'static str, place: Place, severity, message: String, help: String| {
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of("Service", Some(option)));
    };
    if let Some(mode) = unit.kill_mode.as_ref().filter(|mode| matches!(&*mode.value, "process" | "none")) {
        let message = format!(
            "KillMode={}: programs outlive a supervisord that is killed or does not stop in time, and the next one starts each of \
             them again beside the old.",
            mode.value
        );
        let help = "write KillMode=mixed: supervisord is asked to stop, and what is left at the end is killed. Keep it only to restart \
                    supervisord under running programs.";
        add("KillMode", mode.place, Severity::Warning, message, help.to_owned());
    }
    if let Some((severity, message, help)) = start(lint, unit) {
        let place = unit.kind.as_ref().map_or(unit.command.place, |kind| kind.place);
        add("Type", place, severity, message, help);
    }
    for line in &unit.ignored {
        let limits = unit.limits.as_ref().map_or_else(
            || "the default, 1024:524288, stays".to_owned(),
            |limits| format!("{}:{} stays", limits.value.soft, limits.value.hard),
        );
        let message =
            format!("LimitNOFILE={}: systemd cannot read this, logs so and ignores it; {limits}.", shown(&line.value));
        let help = "write LimitNOFILE=SOFT:HARD in plain numbers, 65536:524288 (K and M are for limits of memory), SOFT not above HARD.";
        add("LimitNOFILE", line.place, Severity::Warning, message, help.to_owned());
    }
    let started = unit.user.as_ref().filter(|user| !is_root(&user.value));
    if let Some((started, wanted)) =
        started.zip(lint.wanted_account()).filter(|(started, wanted)| !same_account(&started.value, wanted))
    {
        let message = format!(
            "User={}: supervisord is started as that account and told to become {}, which only root can: \"Can't drop privilege as \
             nonroot user\", and it refuses to start.",
            started.value,
            shown(wanted)
        );
        let help = "remove User= from the unit, and let supervisord switch by itself; or remove its user=.";
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
            "Type=forking: systemd waits until supervisord goes into the background, which -n or nodaemon=true forbids; the start \
             times out and supervisord is killed."
                .to_owned(),
            "write Type=exec (Type=simple before systemd 240).".to_owned(),
        )),
        ("forking", _) if unit.pid_file.is_none() => {
            // PIDFile= takes no relative path.
            let relative = || as_written(lint, "supervisord", &s::PIDFILE).is_some();
            let pidfile = config.supervisord.pidfile.known().filter(|_| !config.fragment && !relative());
            Some((
                Severity::Warning,
                "Type=forking without PIDFile: systemd guesses which process is supervisord, and with programs running beside it it \
                 may watch the wrong one."
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
                "Type={kind}{}: supervisord goes into the background, its first process ends, and systemd takes the service for \
                 ended: what is left is killed, or runs on unwatched.",
                if unit.kind.is_some() { "" } else { ", since none is set" }
            ),
            "write -n behind supervisord in ExecStart, so that it stays in the foreground.".to_owned(),
        )),
        ("notify", _) => Some((
            Severity::Error,
            "Type=notify: supervisord never tells systemd that it is ready; the start times out and it is killed.".to_owned(),
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
