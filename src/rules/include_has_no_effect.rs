//! SUP701 include-has-no-effect: what [include] names and Supervisor does not read.

use super::main_without_supervisord::evidence;
use super::view::mend::Mend;
use super::view::written;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::load::NoticeKind;
use crate::python::{basename, split_whitespace};
use crate::source::{Place, Span};

/// SUP701.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP701",
        name: "include-has-no-effect",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("include_has_no_effect.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Commas between patterns become blanks; whether each of them then finds a file shows only when they are read.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let files = lint.merged.setting("include", "files").filter(|files| files.value == finding.place)?;
    let said = finding.message.text();
    let pattern = lint.merged.notices.iter().find_map(|notice| match &notice.kind {
        NoticeKind::NoMatch { pattern, .. } if pattern.contains(',') && no_match(pattern).1 == said => Some(pattern),
        _ => None,
    })?;
    let mut mend = Mend::of(lint).changes("include", "files");
    for line in written::lines(lint, files.value) {
        let mut at = 0;
        for word in split_whitespace(line.kept) {
            let start = at + line.kept.get(at..)?.find(word)?;
            at = start + word.len();
            if word.replace("%(here)s", lint.merged.here) != *pattern {
                continue;
            }
            for (from, to, text) in commas(word)? {
                let start = line.span.start as usize + start;
                let place = Place { source: files.value.source, span: Span::new(start + from, start + to) };
                mend = mend.replace(place, text);
            }
        }
    }
    mend.uncovers().safe("separate the patterns by blanks alone, without the comma")
}

/// The commas of a word: where each run of them begins and ends, and what is to stand there. Not where one is a part of a
/// pattern, or what follows would begin a comment.
fn commas(word: &str) -> Option<Vec<(usize, usize, &'static str)>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(start) = word.get(at..)?.find(',').map(|comma| at + comma) {
        let rest = word.get(start..)?;
        let behind = rest.trim_start_matches(',');
        at = word.len() - behind.len();
        let between = start > 0 && !behind.is_empty();
        if behind.starts_with([';', '#']) || between && word.contains(['[', ']', '{', '}']) {
            return None;
        }
        runs.push((start, at, if between { " " } else { "" }));
    }
    Some(runs)
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let include = lint.merged.sections.get("include");
    let files = include.and_then(|section| lint.merged.options(section).get("files"));
    let mut add = |place, severity, message: String, help: &'static str| {
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of("include", Some("files")));
    };
    let ignored = lint.merged.fragment && evidence(lint).is_none();
    if let Some(section) = include.filter(|section| ignored && section.header.source == lint.merged.main) {
        let message = "this [include] is ignored if another file includes this one; it works only in the main file of supervisord.";
        let help = "move the patterns to the main file, or use --as main if this is the main file.";
        // What it includes may be the section that it lacks.
        let names = |text: &str| text.split_whitespace().any(|path| basename(path).starts_with("supervisord"));
        let is_main = files.is_some_and(|files| names(files.text));
        add(section.header, if is_main { Severity::Info } else { Severity::Warning }, message.to_owned(), help);
        return;
    }
    if let Some(files) = files {
        for earlier in files.replaced.iter().filter(|place| place.source == files.key.source) {
            let message = "these patterns are not read, because files= is written again below.";
            add(
                *earlier,
                Severity::Error,
                message.to_owned(),
                "write all patterns in one files=, separated by spaces.",
            );
        }
    }
    for include in &lint.merged.includes {
        if let (Some(files), true) = (files, is_backup(include.path)) {
            let message = format!("{} looks like a backup, but Supervisor reads it too.", shown(include.called));
            add(files.value, Severity::Warning, message, "end the pattern with .conf, without a * after it.");
        }
    }
    for notice in &lint.merged.notices {
        let (severity, message, help) = match &notice.kind {
            NoticeKind::NoMatch { pattern, joined: _, others } if *others > 0 => {
                let has = if pattern.strip_suffix(".ini").is_some() { ".conf" } else { ".ini" };
                let message =
                    format!("{} matches no file on this machine, so the {has} files are not read.", shown(pattern));
                let help = "change the pattern or rename the files: Debian's packages read .conf, Red Hat's .ini.";
                (Severity::Warning, message, help)
            }
            NoticeKind::NoMatch { pattern, joined: _, others: _ } => no_match(pattern),
            NoticeKind::Unopened { path, reason } => (
                Severity::Error,
                format!(
                    "supervisord runs without {}, because it cannot be opened ({reason}), but its log says that it was included.",
                    shown(path)
                ),
                "make it readable, or use a pattern that does not match it.",
            ),
            NoticeKind::Endless { path, reason } => (
                Severity::Error,
                format!("supervisord may never start, because it reads {} to its end ({reason}).", shown(path)),
                "use a pattern that does not match it.",
            ),
            NoticeKind::Nested => (
                Severity::Error,
                "[include] in an included file is ignored silently.".to_owned(),
                "move its patterns to the main file.",
            ),
            NoticeKind::Twice { path } => (
                Severity::Warning,
                format!("{} is read twice, and the second time overrides what was read between.", shown(path)),
                "let only one pattern match it.",
            ),
        };
        add(notice.place, severity, message, help);
    }
}

/// Whether a file is what an editor or a package manager leaves beside the file that counts.
fn is_backup(path: &str) -> bool {
    let ends = [
        ".bak",
        ".save",
        ".orig",
        ".old",
        ".dpkg-old",
        ".dpkg-dist",
        ".dpkg-new",
        ".rpmnew",
        ".rpmsave",
        ".rpmorig",
        ".swp",
        "~",
    ];
    let path = path.to_lowercase();
    ends.iter().any(|end| path.ends_with(end))
}

fn no_match(pattern: &str) -> (Severity, String, &'static str) {
    let (comma, quote) = (pattern.contains(','), pattern.contains(['"', '\'']));
    let consequence = "matches no file, so those programs never start (Supervisor only logs that).";
    if comma || quote {
        let what = if comma { "a comma is part of the pattern" } else { "quotes are part of the pattern" };
        let help = if comma { "write spaces instead of the commas." } else { "remove the quotes." };
        (Severity::Error, format!("{what}: {} {consequence}", shown(pattern)), help)
    } else if pattern.starts_with('~') || pattern.contains('$') {
        let message = format!("~ and $ are not expanded in a pattern: {} {consequence}", shown(pattern));
        (Severity::Error, message, "write the path, with %(here)s for the directory of this file or %(ENV_NAME)s.")
    } else {
        let (severity, help) = if pattern.starts_with('/') {
            (Severity::Info, "if the files are in an image or a checkout, use --root DIR.")
        } else {
            (Severity::Warning, "a relative pattern starts at the directory of the main file.")
        };
        let message = format!("{} matches no file on this machine (Supervisor only logs that).", shown(pattern));
        (severity, message, help)
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[include]\nfiles=\"programs/a*.conf\"", &[(2, E)])
            .says("quotes are part of the pattern")
            .mends(""),
        row(PROGRAM, "[include]\nfiles=backup/*", &[(2, W)]),
        row(MAIN, "[include]\nfiles=nothing/*.conf", &[(2, W)]),
        row(MAIN, "[include]\nfiles=/nothing/*.conf", &[(2, I)]),
        row(MAIN, "[include]\nfiles=programs/api.conf, programs/web.conf", &[(2, E)])
            .mends("[include]\nfiles=programs/api.conf programs/web.conf"),
        row(MAIN, "[include]\nfiles=programs/api.conf,programs/web.conf", &[(2, E)])
            .mends("[include]\nfiles=programs/api.conf programs/web.conf"),
        row(
            MAIN,
            "[include]\r\n files : %(here)s/programs/api.conf , ; one\r\n  # two\r\n  ,,programs/web.conf,\r",
            &[(2, E), (2, E)],
        )
        .mends("[include]\r\n files : %(here)s/programs/api.conf  ; one\r\n  # two\r\n  programs/web.conf\r"),
        row(MAIN, "[include]\nfiles=programs/a*.conf, red-hat/*.ini, programs/w*.conf", &[(2, E), (2, E)])
            .mends("[include]\nfiles=programs/a*.conf red-hat/*.ini programs/w*.conf"),
        // It finds nothing without the comma either, or the comma is a part of it.
        row(MAIN, "[include]\nfiles=/nothing/*.conf, programs/web.conf", &[(2, E)]).mends(""),
        row(MAIN, "[include]\nfiles=programs/{api,web}.conf", &[(2, E)]).mends(""),
        row(MAIN, "[include]\nfiles=programs/api.conf,#programs/web.conf", &[(2, E)]).mends(""),
        row(MAIN, "[include]\nfiles=~/programs/*.conf", &[(2, E)]),
        row(MAIN, "[include]\nfiles=broken/nested.conf", &[(1, E)]).says("in an included file is ignored"),
        row(MAIN, "[include]\nfiles=broken/directory.conf", &[(2, E)]).says("cannot be opened"),
        row(MAIN, "[include]\nfiles=programs/api.conf programs/a*.conf", &[(2, W)]).says("read twice"),
        row(MAIN, "[include]\nfiles=programs/api.conf\nfiles=programs/web.conf", &[(2, E)]).says("written again below"),
        row(MAIN, "[include]\nfiles=red-hat/*.conf", &[(2, W)]).says("so the .ini files are not read"),
        row(MAIN, "[include]\nfiles=%(here)s/red-hat/*.conf", &[(2, W)]).says("so the .ini files are not read"),
        row(MAIN, "[include]\nfiles=%(here)s/none/*.conf", &[(2, I)]),
        row("", "[include]\nfiles=nothing/*.conf", &[(1, W)]),
        row("", "[include]\nfiles=nothing/supervisord.conf nothing/a.conf", &[(1, I)]),
        row(MAIN, "[include]\nfiles=programs/api.conf programs/web.conf", &[]),
        row("", "[unix_http_server]\nfile=/x.sock\n[include]\nfiles=programs/*.conf", &[]),
        row("", "[unix_http_server]\nfile=/x.sock\n[include]\nfiles=nothing/*.conf", &[(4, W)])
            .says("matches no file on this machine"),
        row(MAIN, "[include]\nfiles={{ folder }}/*.conf", &[]),
    ];
}
