//! SUP505 redirect-stderr-overrides-file: a log of stderr beside `redirect_stderr=true`, which is never written.

use super::view::effective::Program;
use super::view::mend::{Mend, option_at};
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process as k;
use crate::load::Setting;
use crate::model::State;
use crate::model::value::LogFile;
use crate::python::normpath;
use crate::source::{Place, Span};
use crate::syntax::Kind;
use crate::well_known;

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
    fix: Some(mend),
    cannot_run: false,
};

/// The options of stderr's log in the file of the finding, however often each is written.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, id) = (finding.section?, finding.place.source);
    let program = lint.program(section)?;
    let path = path(&program.process.options.stderr_logfile.state);
    let keys = [&k::STDERR_LOGFILE_MAXBYTES, &k::STDERR_LOGFILE_BACKUPS, &k::STDERR_SYSLOG];
    let (own, defaults) = (lint.merged.options(lint.merged.sections.get(section)?), lint.merged.defaults());
    let mut mend = Mend::of(lint);
    let (mut lines, mut ends) = (Vec::new(), false);
    for key in path.map(|_| &k::STDERR_LOGFILE).into_iter().chain(keys) {
        // What [DEFAULT] has would count then.
        let its = |setting: &&Setting<'a>| setting.key.source == id && !defaults.contains_key(setting.name);
        let Some(setting) = own.of(key).filter(its) else { continue };
        lines.extend(lines_of(lint, setting)?);
        mend = mend.changes(section, key.name);
        ends |= finding.option == Some(key.name);
    }
    if !ends {
        return None;
    }
    let source = lint.sources.get(id)?;
    for block in blocks(lines) {
        mend = mend.cut(id, source, block);
    }
    // A device among the logs makes a container of the machine, for other rules too.
    let mend = if path.and_then(well_known::descriptor).is_some() { mend.uncovers() } else { mend };
    mend.safe("remove the options of stderr's log, which have no effect")
}

/// The lines of an option, those of its older values too; `None` where not all of them may go.
pub(super) fn lines_of(lint: &Lint<'_>, setting: &Setting<'_>) -> Option<Vec<Span>> {
    let source = lint.sources.get(setting.key.source)?;
    let mut spans = Vec::new();
    for key in setting.replaced.iter().chain([&setting.key]) {
        if key.source != setting.key.source {
            return None;
        }
        let lines = option_at(source, *key)?.into_iter();
        let of_value = lines.filter(|line| matches!(line.kind, Kind::Option { .. } | Kind::Continuation { .. }));
        spans.extend(of_value.map(|line| line.span));
    }
    // The end of a line is where the next one begins.
    let within = |span: &Span| Place { span: Span { end: span.end.saturating_sub(1), ..*span }, ..setting.key };
    spans.iter().all(|span| lint.is_certain(within(span))).then_some(spans)
}

/// Lines with nothing between them are cut out together.
pub(super) fn blocks(mut lines: Vec<Span>) -> Vec<Span> {
    lines.sort_unstable();
    let mut blocks: Vec<Span> = Vec::new();
    for line in lines {
        match blocks.last_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            _ => blocks.push(line),
        }
    }
    blocks
}

/// The file of a log, where it is one: what has a directory that is not known here is one too.
fn path<'a>(log: &State<'a, LogFile<'a>>) -> Option<&'a str> {
    match log {
        State::Known(LogFile::Path(path)) if !path.is_empty() => Some(*path),
        State::Unknown(written) if written.contains('/') => Some(*written),
        State::Known(_) | State::Unknown(_) | State::Refused => None,
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, .. } in lint.programs() {
        let (program, options) = (&process.program, &process.options);
        let redirect = &program.options.redirect_stderr;
        let Some(redirected) = redirect.place() else { continue };
        if redirect.known() != Some(&true) {
            continue;
        }
        let log = &options.stderr_logfile;
        let path = path(&log.state);
        let unknown = matches!(log.state, State::Unknown(_) | State::Refused);
        let out = self::path(&options.stdout_logfile.state);
        let same = path.zip(out).is_some_and(|(path, out)| normpath(out) == normpath(path));
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
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=/dev/stderr", &[(2, W)]).mends("redirect_stderr=true"),
        row(PROGRAM, "stdout_logfile=/l/a\nstderr_logfile=/l/a\nredirect_stderr=true", &[(2, I)])
            .mends("stdout_logfile=/l/a\nredirect_stderr=true"),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile_maxbytes=0", &[(2, I)]).mends("redirect_stderr=true"),
        row(
            PROGRAM,
            "stderr_logfile_maxbytes=1MB\nredirect_stderr=true\nstderr_logfile=/l/e\n\
             stderr_logfile_backups=3\n; of stdout\n\
             stdout_logfile=/l/a\nstderr_syslog=false",
            &[(3, W)],
        )
        .mends("redirect_stderr=true\n; of stdout\nstdout_logfile=/l/a"),
        row(
            "",
            "[program:a]\r\n  command=a\r\n  redirect_stderr=1\r\n  stderr_logfile : /l/e ; errors\r\n\
             \r\n  priority=1\r",
            &[(4, W)],
        )
        .mends("[program:a]\r\n  command=a\r\n  redirect_stderr=1\r\n\r\n  priority=1\r"),
        row(PROGRAM, "stderr_logfile=/l/1\nredirect_stderr=true\nstderr_logfile=/l/2", &[(3, W)])
            .mends("redirect_stderr=true"),
        row(
            PROGRAM,
            "redirect_stderr=true\nstderr_logfile_backups=1\n[program:b]\n\
             command=b\nredirect_stderr=on\nstderr_logfile=/l/b",
            &[(2, I), (6, W)],
        )
        .mends("redirect_stderr=true\n[program:b]\ncommand=b\nredirect_stderr=on"),
        row(PROGRAM, "redirect_stderr=true\n[DEFAULT]\nstderr_logfile=/l/e", &[(3, W)]).mends(""),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=/l/e\nstderr_logfile_maxbytes={{ size }}", &[(2, W)])
            .mends(""),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=%(ENV_L)s/e", &[(2, W)]).mends("redirect_stderr=true"),
        row(PROGRAM, "stdout_logfile=%(ENV_L)s/a\nstderr_logfile=%(ENV_L)s/a\nredirect_stderr=true", &[(2, I)]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=AUTO", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=", &[]),
        row(PROGRAM, "redirect_stderr=true\nstderr_logfile=%(ENV_L)s", &[]),
    ];
}
