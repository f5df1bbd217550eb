//! SUP012 duplicate-definition: a section or an option that is written twice, of which the last counts.

use super::{Check, Found, Lint, Written, shown, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::load::{DEFAULT, Section, Setting};
use crate::source::Place;
use crate::{keys, python, syntax};

/// SUP012.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP012",
        name: "duplicate-definition",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("duplicate_definition.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for (name, section) in
        lint.merged.sections.iter().filter(|(name, section)| !section.again.is_empty() && is_judged(name))
    {
        for finding in section.again.iter().filter_map(|again| second_header(lint, name, section, *again)) {
            found.push(finding);
        }
    }
    for Written { section, option, setting, .. } in lint.written_where(|_, _| true) {
        if !setting.replaced.is_empty()
            && (section == DEFAULT || is_judged(section))
            && let Some(diagnostic) = second_value(lint, section, option, setting)
        {
            found.push(diagnostic);
        }
    }
}

/// Of the patterns of [include] SUP701 speaks, and what stands in an unknown section nobody reads.
fn is_judged(section: &str) -> bool {
    section != "include" && keys::of_section(section).is_some()
}

fn second_header<'a>(lint: &Lint<'a>, name: &'a str, section: &Section<'a>, again: Place) -> Option<Diagnostic<'a>> {
    if unsure(lint, section.header, again) || adds_only(section, again) {
        return None;
    }
    let overlay = name == "supervisord" && again.source != section.header.source;
    let command = section.options.get("command").filter(|command| commands(lint, command).is_some());
    let counts = match command {
        Some(command) => format!(" and runs {} only", shown(command.text)),
        None => ", and where both write an option the later one counts".to_owned(),
    };
    let message = format!("[{name}] is defined already: Supervisor makes one section of both{counts}.");
    let help = if overlay {
        "write it in one place if that is possible."
    } else {
        "give this one another name, or write one section."
    };
    let severity = match command {
        Some(_) => Severity::Error,
        None if overlay => Severity::Info,
        None => Severity::Warning,
    };
    let diagnostic = Diagnostic::new(&RULE.rule, again, message).severity(severity).help(help).of(name, None);
    Some(diagnostic.label(section.header, "the first one"))
}

/// Whether a header of another file adds options to the section and writes none again: that is what includes are for.
fn adds_only(section: &Section<'_>, again: Place) -> bool {
    let written_twice = |setting: &Setting<'_>| {
        let mut keys = setting.replaced.iter().chain([&setting.key]);
        let here = |key: &Place| key.source == again.source;
        keys.clone().any(here) && !keys.all(here)
    };
    again.source != section.header.source && !section.options.iter().any(|(_, setting)| written_twice(setting))
}

/// The command that another, different one replaces.
fn commands(lint: &Lint<'_>, command: &Setting) -> Option<Place> {
    let first = *command.replaced.last()?;
    (first_line(lint, first) != first_line(lint, command.key)).then_some(first)
}

/// An option that replaces another; said where that is not what a second header says already.
fn second_value<'a>(
    lint: &Lint<'a>,
    section: &'a str,
    option: &'a str,
    setting: &Setting<'a>,
) -> Option<Diagnostic<'a>> {
    let first = *setting.replaced.last()?;
    if unsure(lint, first, setting.key) || !together(lint, section, first, setting.key) {
        return None;
    }
    let commands = option == "command" && commands(lint, setting).is_some();
    let same = first_line(lint, first) == first_line(lint, setting.key);
    let message = if commands {
        format!("[{section}] has two commands, and Supervisor runs only {}.", shown(setting.text))
    } else if same {
        format!("{option} of [{section}] is written twice.")
    } else {
        format!("{option} of [{section}] is written twice, and this value counts.")
    };
    let help = if commands {
        "give one of the programs another name, or take the other command away."
    } else {
        "take one of the two away."
    };
    let severity = match (commands, same) {
        (true, _) => Severity::Error,
        (_, true) => Severity::Info,
        _ => Severity::Warning,
    };
    let diagnostic = Diagnostic::new(&RULE.rule, setting.key, message).severity(severity).help(help);
    Some(diagnostic.of(section, Some(option)).label(first, "the one that is replaced"))
}

/// Whether two places are one, in a file that is read twice, or stand in a template, which may bring one of them only.
fn unsure(lint: &Lint<'_>, first: Place, second: Place) -> bool {
    let again = first.source != second.source && lint.sources.path(first.source) == lint.sources.path(second.source);
    again || written::is_template(lint, first.source) || written::is_template(lint, second.source)
}

/// Whether no header stands between two options of a section.
fn together(lint: &Lint<'_>, section: &str, first: Place, second: Place) -> bool {
    let merged = lint.merged;
    let later = if section == DEFAULT {
        merged.default_headers.as_slice()
    } else {
        merged.sections.get(section).map_or(&[][..], |section| &section.again)
    };
    // Headers stand in the order in which they were read.
    let before = |place: Place| later.partition_point(|header| *header < place);
    first.source == second.source && before(first) == before(second)
}

/// The first line of a value, by its key.
fn first_line<'a>(lint: &'a Lint<'_>, key: Place) -> &'a str {
    let Some(source) = lint.sources.get(key.source) else { return "" };
    let text = source.slice(source.line_of(key.span.start));
    let kept = text.get(..syntax::comment(text).unwrap_or(text.len())).unwrap_or(text);
    python::strip(kept.split_once(['=', ':']).map_or("", |(_, value)| value))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[program:b\ncommand=b", &[(2, E)]),
        row(PROGRAM, "[supervisord]\nnodaemon=true\numask=002", &[(1, W)]),
        row(PROGRAM, "command=/srv/web", &[(1, E)]),
        row(PROGRAM, "autostart=true\nautostart=false", &[(2, W)]),
        row(PROGRAM, "autostart=true\nautostart=true", &[(2, I)]),
        row(PROGRAM, "[program:api]\nautostart=true", &[(1, W)]),
        row(PROGRAM, "[program:api]\ncommand=/srv/web\nuser=api", &[(1, E)]),
        row(PROGRAM, "[program:b]\ncommand=b\n[program:api]\nautostart=true\nautostart=false", &[(3, W), (5, W)]),
        row(PROGRAM, "[DEFAULT]\numask=022\numask=002", &[(3, W)]),
        row(PROGRAM, "[include]\nfiles=again/*.conf", &[(1, I), (3, E)]),
        row(PROGRAM, "{% if x %}\nautostart=true\n{% else %}\nautostart=false\n{% endif %}", &[]),
        row(PROGRAM, "[include]\nfiles=programs/web.conf programs/we*.conf\n[program:b]\ncommand=b", &[]),
    ];
}
