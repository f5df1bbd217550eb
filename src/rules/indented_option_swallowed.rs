//! SUP002 indented-option-swallowed: an option that is indented deeper than the one above and so is part of its value.

use super::view::written;
use super::{Check, Explanation, Found, Lint, Written, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::load::{Facts, Setting};
use crate::refusal::Refusal;
use crate::source::Place;
use crate::{keys, python};

/// SUP002.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP002",
        name: "indented-option-swallowed",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("indented_option_swallowed.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    cannot_run: false,
};

const HELP: &str = "remove the indentation of that line.";

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option.filter(|option| *option != "environment")?;
    if !refusal.cause.is_of_the_text() {
        return None;
    }
    let swallowed = swallowed(refusal.section?, refusal.written)?;
    let message =
        format!("'{swallowed}=' is indented, so it is part of the value of {option}: supervisord refuses to start.");
    Some(Explanation::new(message, HELP))
}

/// The first line below the first of a value that begins with an option of the section.
pub(super) fn swallowed(section: &str, value: &str) -> Option<&'static str> {
    value.split('\n').skip(1).find_map(|line| option(section, line))
}

fn option(section: &str, line: &str) -> Option<&'static str> {
    let (name, _) = line.split_once(['=', ':'])?;
    let name = python::strip(name).to_lowercase();
    written::key(section, &name).map(|key| key.name)
}

/// Whether a line is the header of a section of Supervisor's.
fn is_header(line: &str) -> bool {
    let name = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| keys::of_section(name).is_some())
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for written in lint.written_with(Facts::NEWLINE) {
        let Written { section, option: name, setting, .. } = written;
        if name == "environment" || written.key().is_none() {
            continue;
        }
        let mut below = written::lines(lint, setting.value).skip(1);
        let Some((span, kind, what)) = below.find_map(|line| {
            let text = line.kept;
            let header = is_header(text).then(|| ("a section", text.to_owned()));
            let (kind, what) = header.or_else(|| Some(("an option", format!("{}=", option(section, text)?))))?;
            Some((line.span, kind, what))
        }) else {
            continue;
        };
        let does = if name == "command" { runs(setting, &what) } else { "nothing reports this".to_owned() };
        let message = format!("'{what}' is indented, so it is part of the value of {name} and not {kind}; {does}.");
        let place = Place { span, ..setting.value };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(HELP).of(section, Some(name));
        let diagnostic = diagnostic.label(setting.key, format!("the value of {name} begins here and continues"));
        found.push_of_accepted(setting.value, diagnostic);
    }
}

/// The command up to what it has swallowed, whose value may be a secret.
fn runs(setting: &Setting, what: &str) -> String {
    let first = setting.text.lines().next().unwrap_or("");
    format!("Supervisor runs {} with the argument '{what}…'", shown(first))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=5\n autostart=false", &[(1, E)]).says("'autostart=' is indented"),
        row(PROGRAM, "  autostart=false", &[(1, E)]),
        row(PROGRAM, " ; why\n\n  Priority : 5", &[(3, E)]),
        row(PROGRAM, "  [program:web]\n  command=/srv/web", &[(1, E)]),
        row(PROGRAM, "directory=/srv\r\n\tumask=022\r", &[(2, E)]),
        row(PROGRAM, "[group:a]\nprograms=api\n priority=5", &[(2, E)]),
        row(MAIN, "[program:api]\nuser=api\ncommand=/srv/api\n --user=api\n of=/dev/null", &[]),
        row(PROGRAM, "  --user=api\n  of=/dev/null\n  key: value", &[]),
        row(PROGRAM, "environment=A=\"1\",\n user=\"2\"", &[]),
        row(PROGRAM, "[include]\nfiles=programs/web.conf\n programs/api.conf", &[]),
        row(PROGRAM, " ; autostart=false\n", &[]),
    ];
}
