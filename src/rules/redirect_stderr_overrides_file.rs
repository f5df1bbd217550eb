//! SUP505 redirect-stderr-overrides-file: a log of stderr beside `redirect_stderr=true`, which is never written.

use super::view::effective::Program;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::model::State;
use crate::model::value::LogFile;
use crate::python::normpath;

/// SUP505.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP505",
        name: "redirect-stderr-overrides-file",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("redirect_stderr_overrides_file.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, .. } in lint.programs() {
        let (program, options) = (&process.program, &process.options);
        let redirect = &program.options.redirect_stderr;
        let Some(redirected) = redirect.place() else { continue };
        if redirect.known() != Some(&true) {
            continue;
        }
        let log = &options.stderr_logfile;
        let path = match &log.state {
            State::Known(LogFile::Path(path)) if !path.is_empty() => Some(*path),
            _ => None,
        };
        let unknown = matches!(log.state, State::Unknown(_) | State::Refused);
        let same =
            path.is_some_and(|path| matches!(options.stdout_logfile.known(), Some(LogFile::Path(out)) if normpath(out) == normpath(path)));
        let (place, option, severity, message) = if let Some(place) = log.place().filter(|_| same) {
            let message = format!(
                "stderr_logfile is not needed: redirect_stderr=true already sends stderr of {} there.",
                program.name
            );
            (place, k::STDERR_LOGFILE.name, Severity::Info, message)
        } else if let Some((path, place)) = path.zip(log.place()) {
            let message =
                format!("{1} is never written, because stderr of {0} goes to stdout.", program.name, shown(path));
            (place, k::STDERR_LOGFILE.name, Severity::Warning, message)
        } else {
            let beside = [
                (options.stderr_logfile_maxbytes.place(), k::STDERR_LOGFILE_MAXBYTES.name),
                (options.stderr_logfile_backups.place(), k::STDERR_LOGFILE_BACKUPS.name),
                (options.stderr_syslog.place(), k::STDERR_SYSLOG.name),
            ];
            let Some((place, option)) = beside.into_iter().find_map(|(place, option)| Some((place?, option))) else {
                continue;
            };
            if unknown {
                continue;
            }
            (
                place,
                option,
                Severity::Info,
                format!("{option} has no effect, because stderr of {} goes to stdout.", program.name),
            )
        };
        let help = if same {
            "remove stderr_logfile: it has no effect beside redirect_stderr=true."
        } else {
            "remove the stderr options, or write redirect_stderr=false to keep the streams apart."
        };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push_resting_on(
            redirected,
            diagnostic.label(redirected, "this sends stderr to stdout").of(program.section, Some(option)),
        );
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=/dev/stderr", &[(2, W)]),
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/a\nredirect_stderr=true", &[(2, I)]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile_maxbytes=0", &[(2, I)]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=AUTO", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=%(ENV_L)s", &[]),
    ];
}
