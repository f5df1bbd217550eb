//! SUP213 supervisord-cannot-write: files in directories of root, for a supervisord that is not root.

use super::view::effective::RunsAs;
use super::view::logs::as_written;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::hash::HashSet;
use crate::keys::{Key, supervisord as s, unix as u};
use crate::python;
use crate::source::Place;

/// SUP213.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP213",
        name: "supervisord-cannot-write",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("supervisord_cannot_write.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// Directories that belong to root wherever supervisord runs.
static OF_ROOT: &[&str] = &["/", "/etc", "/run", "/var/run", "/var/log"];

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    // In a fragment the main file decides.
    let (RunsAs::Account(account), false) = (lint.runs_as(), config.fragment) else { return };
    let mut add = |(section, key): (&'a str, &'static Key), path: &str, place: Place, severity, happens: &str| {
        let directory = python::dirname(path);
        if !OF_ROOT.contains(&directory) || as_written(lint, section, key).is_some() {
            return;
        }
        let user = shown(account.name);
        let message =
            format!("{happens}, because supervisord runs as {user}, which usually cannot create files in {directory}.");
        let help = format!(
            "use a directory that belongs to {0}, for example one below {1}.\n\
             a directory below /run is gone after a reboot: let RuntimeDirectory= of the unit or tmpfiles.d make it.",
            account.name,
            if directory == "/var/log" { "/var/log" } else { "/run" },
        );
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.label(account.place, "supervisord's user").of(section, Some(key.name)));
    };
    for server in &config.unix_servers {
        let file = &server.options.file;
        if let (Some(Some(path)), Some(place)) = (file.known(), file.place()) {
            let happens = "supervisord refuses to start without its socket";
            add((server.section, &u::FILE), path, place, Severity::Warning, happens);
        }
    }
    let pidfile = &config.supervisord.pidfile;
    if let (Some(path), Some(place)) = (pidfile.known(), pidfile.place()) {
        add(("supervisord", &s::PIDFILE), path, place, Severity::Info, "the pidfile is not written");
    }
    let mut seen = HashSet::default();
    for log in lint.logs().iter().filter(|log| log.written) {
        if !seen.insert((log.section, log.key.name)) {
            continue;
        }
        let happens = match log.program {
            Some(process) => &format!("{} becomes FATAL", process.program.name),
            None => "supervisord dies at start without its log",
        };
        add((log.section, log.key), log.path, log.place, Severity::Warning, happens);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, Row, W, row};

    const APP: &str = "[supervisord]\nuser=app\nminfds=1024\n";

    pub const ROWS: &[Row] = &[
        row(APP, "[unix_http_server]\nfile=/var/run/s.sock", &[(2, W)]).says("refuses to start without its socket"),
        row(APP, "logfile=/var/log/s.log\npidfile=/run/s.pid", &[(1, W), (2, I)]),
        row(
            APP,
            "[program:a]\ncommand=a\nstdout_logfile=/var/log/../log/a.log\nstderr_logfile=/a.err",
            &[(3, W), (4, W)],
        )
        .says("a becomes FATAL"),
        row(
            APP,
            "[program:a]\ncommand=a\nnumprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/var/log/a-%(process_num)s.log",
            &[(5, W)],
        ),
        row(APP, "[program:a]\ncommand=a\nredirect_stderr=true\nstderr_logfile=/var/log/a.err", &[]),
        row(APP, "logfile=/var/log/app/s.log\n[unix_http_server]\nfile=/run/app/s.sock", &[]),
        row(APP, "logfile=s.log\npidfile=s.pid\n[unix_http_server]\nfile=s.sock\n[program:a]\ncommand=a", &[]),
        row(APP, "[program:a]\ncommand=a\nstdout_logfile=%(ENV_LOGS)s/a.log", &[]),
        row(APP, "[program:a]\ncommand=a\nstdout_logfile=/var/log/{{ name }}.log", &[]),
        row("", "[supervisord]\nuser=root\nlogfile=/var/log/s.log", &[]),
        row("", "[supervisord]\nlogfile=/var/log/s.log", &[]),
        row("", "[supervisord]\nuser=%(ENV_U)s\nlogfile=/var/log/s.log", &[]),
        row("", "[program:a]\ncommand=a\nstdout_logfile=/var/log/a.log", &[]),
        row("", "[unix_http_server]\nfile=/var/run/s.sock", &[]),
    ];
}
