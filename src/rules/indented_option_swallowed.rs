//! SUP002 indented-option-swallowed: an option that is indented deeper than the one above and so is part of its value.

use std::collections::HashSet;

use super::view::written;
use super::{Check, Explanation, Found, Lint, Written, and_more, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::load::{Facts, Setting};
use crate::refusal::{Cause, ListenerFault, Refusal};
use crate::source::{Place, Span};
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

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if is_missing(&refusal.cause) {
        let (section, option) = (refusal.section?, refusal.option?);
        let (holder, setting) = holder(lint, section, option)?;
        let message = format!(
            "'{option}=' is indented, so it is part of the value of {holder}, and [{section}] has none: supervisord refuses to start."
        );
        let (mut own, others): (Vec<_>, Vec<_>) =
            lines_of(lint, section, setting).partition(|line| line.what.strip_suffix('=') == Some(option));
        own.extend(others);
        return Some(Explanation::new(message, HELP).pointing(places(setting.value, &own)));
    }
    let option = refusal.option.filter(|option| *option != "environment")?;
    if !refusal.cause.is_of_the_text() {
        return None;
    }
    let section = refusal.section?;
    let swallowed = swallowed(section, refusal.written)?;
    let setting = lint.merged.setting(section, option);
    let lines: Vec<_> = setting.into_iter().flat_map(|setting| lines_of(lint, section, setting)).collect();
    let message = format!(
        "'{swallowed}=' is indented{}, so it is part of the value of {option}: supervisord refuses to start.",
        and_more(lines.len())
    );
    let places = setting.map(|setting| places(setting.value, &lines)).unwrap_or_default();
    Some(Explanation::new(message, HELP).pointing(places))
}

/// Whether an option is missing without which Supervisor refuses its section.
fn is_missing(cause: &Cause) -> bool {
    matches!(cause, Cause::NoCommand | Cause::Required | Cause::EventListener(ListenerFault::NoEvents))
}

/// The option of a section in whose value another one is swallowed.
fn holder<'l, 'a>(lint: &'l Lint<'a>, section: &str, option: &str) -> Option<(&'a str, &'l Setting<'a>)> {
    let options = lint.merged.options(lint.merged.sections.get(section)?);
    let mut settings = options.iter().filter(|setting| setting.facts.any(Facts::NEWLINE));
    settings
        .find(|setting| setting.text.split('\n').skip(1).any(|line| self::option(section, line) == Some(option)))
        .map(|setting| (setting.name, setting))
}

/// Whether a section has an option only as a part of another value.
pub(super) fn holds(lint: &Lint<'_>, section: &str, option: &str) -> bool {
    holder(lint, section, option).is_some()
}

/// A line that a value has swallowed.
struct Swallowed {
    span: Span,
    kind: &'static str,
    what: String,
}

/// The lines of a value that are options of its section, or headers of others.
fn lines_of<'l>(lint: &'l Lint<'_>, section: &'l str, setting: &Setting<'_>) -> impl Iterator<Item = Swallowed> {
    written::lines(lint, setting.value).skip(1).filter_map(move |line| {
        let header = is_header(line.kept).then(|| ("a section", line.kept.to_owned()));
        let (kind, what) = header.or_else(|| Some(("an option", format!("{}=", option(section, line.kept)?))))?;
        Some(Swallowed { span: line.span, kind, what })
    })
}

/// The places of lines that are swallowed: the first is pointed at, some others are labels.
fn places(value: Place, lines: &[Swallowed]) -> Vec<(Place, String)> {
    const SHOWN: usize = 6;
    let place = |line: &Swallowed| (Place { span: line.span, ..value }, "this line is swallowed too".to_owned());
    lines.iter().take(SHOWN).map(place).collect()
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
    let missing = lint.config.refusals.iter().filter(|refusal| is_missing(&refusal.cause));
    let missing: HashSet<(&str, &str)> =
        missing.filter_map(|refusal| Some((refusal.section?, refusal.option?))).collect();
    for written in lint.written_with(Facts::NEWLINE) {
        let Written { section, option: name, setting, .. } = written;
        if name == "environment" || written.key().is_none() {
            continue;
        }
        let lines: Vec<_> = lines_of(lint, section, setting).collect();
        let Some(Swallowed { span, kind, what }) = lines.first() else { continue };
        // A line without which the section is refused has been spoken of with that.
        let is_refused = |line: &Swallowed| {
            let option = line.what.strip_suffix('=').unwrap_or_default();
            missing.contains(&(section, option))
                && holder(lint, section, option).is_some_and(|(holder, _)| holder == name)
        };
        if lines.iter().any(is_refused) {
            continue;
        }
        let does = if name == "command" { runs(setting, what) } else { "nothing reports this".to_owned() };
        let message = format!(
            "'{what}' is indented{}, so it is part of the value of {name} and not {kind}; {does}.",
            and_more(lines.len())
        );
        let place = Place { span: *span, ..setting.value };
        let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).help(HELP).of(section, Some(name));
        diagnostic = diagnostic.label(setting.key, format!("the value of {name} begins here and continues"));
        for (place, text) in places(setting.value, &lines).into_iter().skip(1) {
            diagnostic = diagnostic.label(place, text);
        }
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
        row(PROGRAM, "startsecs=5\n autostart=false", &[(2, E)]).says("'autostart=' is indented"),
        // The indentation grows step by step.
        row(MAIN, "[program:a]\n command=/a\n  user=api\n   startsecs=5\n    priority=1", &[(3, E)])
            .says("'user=' is indented (and 2 more)"),
        row(MAIN, "[program:a]\n command=/a\n user=api\n autostart=false\n   startsecs=5\n     priority=1", &[(5, E)])
            .says("'startsecs=' is indented (and 1 more), so it is part of the value of autostart"),
        // What the section cannot do without.
        row(MAIN, "[program:a]\nuser=root\n command=/a", &[(3, E)]).says("'command=' is indented"),
        row(MAIN, "[eventlistener:a]\ncommand=/a\n  user=root\n  events=TICK_5", &[(4, E)]),
        row(MAIN, "[unix_http_server]\nusername=a\npassword=b\n file=/run/a.sock", &[(4, E)]),
        row("", "[program:a]\nuser=root\n command=/a", &[(3, E)]),
        row(PROGRAM, "  autostart=false", &[(1, E)]),
        row(PROGRAM, " ; why\n\n  Priority : 5", &[(3, E)]),
        row(PROGRAM, "  [program:web]\n  command=/srv/web", &[(1, E)]),
        row(PROGRAM, "directory=/srv\r\n\tumask=022\r", &[(2, E)]),
        row(PROGRAM, "[group:a]\nprograms=api\n priority=5", &[(3, E)]),
        row(MAIN, "[program:api]\nuser=api\ncommand=/srv/api\n --user=api\n of=/dev/null", &[]),
        row(PROGRAM, "  --user=api\n  of=/dev/null\n  key: value", &[]),
        row(PROGRAM, "environment=A=\"1\",\n user=\"2\"", &[]),
        row(PROGRAM, "[include]\nfiles=programs/web.conf\n programs/api.conf", &[]),
        row(PROGRAM, " ; autostart=false\n", &[]),
    ];
}
