//! SUP012 duplicate-definition: a section or an option that is written twice, of which the last counts.

use std::cell::OnceCell;

use super::{Check, Found, Lint, Written, shown, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::load::{DEFAULT, Merged, Section, Setting};
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
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let twice = |(name, section): &(&str, &Section)| !section.again.is_empty() && is_judged(name);
    let headers = OnceCell::new();
    for (name, section) in lint.merged.sections.iter().filter(twice) {
        let headers = headers.get_or_init(|| headers_of(lint.merged));
        let assignments = Assignments::of(lint.merged, section);
        for again in &section.again {
            let later = assignments.under(*again, headers);
            if let Some(finding) = second_header(lint, name, section, *again, later) {
                found.push(finding);
            }
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

/// All headers of all files, sorted.
fn headers_of(merged: &Merged<'_>) -> Vec<Place> {
    let sections = merged.sections.values();
    let named = sections.flat_map(|section| section.again.iter().chain([&section.header]));
    let mut headers: Vec<Place> = named.chain(&merged.default_headers).copied().collect();
    headers.sort_unstable();
    headers
}

/// The keys of a section in the order of the files, each with the key that it replaces.
struct Assignments(Vec<(Place, Option<Place>)>);

impl Assignments {
    fn of(merged: &Merged<'_>, section: &Section<'_>) -> Self {
        let mut all = Vec::new();
        for setting in merged.options(section).iter() {
            let mut before = None;
            for key in setting.replaced.iter().chain([&setting.key]) {
                all.push((*key, before.replace(*key)));
            }
        }
        all.sort_unstable();
        Self(all)
    }

    /// Those that stand under a header, up to the next one.
    fn under(&self, header: Place, headers: &[Place]) -> &[(Place, Option<Place>)] {
        let next = headers.get(headers.partition_point(|other| *other <= header));
        let start = self.0.partition_point(|(key, _)| *key < header);
        let within = |key: &Place| key.source == header.source && next.is_none_or(|next| key < next);
        let rest = self.0.get(start..).unwrap_or(&[]);
        rest.get(..rest.partition_point(|(key, _)| within(key))).unwrap_or(rest)
    }
}

/// `later` are the options under the second header.
fn second_header<'a>(
    lint: &Lint<'a>,
    name: &'a str,
    section: &Section<'a>,
    again: Place,
    later: &[(Place, Option<Place>)],
) -> Option<Diagnostic<'a>> {
    if unsure(lint, section.header, again) {
        return None;
    }
    let other_file = again.source != section.header.source;
    // Options of a section that stand in several files.
    if other_file && later.iter().all(|(_, before)| before.is_none()) {
        return None;
    }
    if later.iter().all(|(key, before)| before.is_some_and(|before| value(lint, before) == value(lint, *key))) {
        let message = format!("[{name}] is written twice, with the same options.");
        let diagnostic = Diagnostic::new(&RULE.rule, again, message).severity(Severity::Info);
        let diagnostic = diagnostic.help("remove one of the two.").of(name, None);
        return Some(diagnostic.label(section.header, "the first one"));
    }
    let overlay = name == "supervisord" && other_file;
    let command = lint.merged.options(section).get("command").filter(|command| commands(lint, command).is_some());
    let counts = match command {
        Some(command) => format!(" and runs {} only", shown(command.text)),
        None => ", and the later value of an option wins".to_owned(),
    };
    let message = format!("[{name}] is defined twice: Supervisor merges both sections{counts}.");
    let help = if overlay { "write it in one place if possible." } else { "rename this section, or merge both." };
    let severity = match command {
        Some(_) => Severity::Error,
        None if overlay => Severity::Info,
        None => Severity::Warning,
    };
    let diagnostic = Diagnostic::new(&RULE.rule, again, message).severity(severity).help(help).of(name, None);
    Some(diagnostic.label(section.header, "the first one"))
}

/// The command that another, different one replaces.
fn commands(lint: &Lint<'_>, command: &Setting) -> Option<Place> {
    let first = *command.replaced.last()?;
    (value(lint, first) != value(lint, command.key)).then_some(first)
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
    let same = value(lint, first) == value(lint, setting.key);
    let message = if commands {
        format!("[{section}] has two commands, but Supervisor runs only {}.", shown(setting.text))
    } else if same {
        format!("{option} of [{section}] is written twice.")
    } else {
        format!("{option} of [{section}] is written twice, and this value wins.")
    };
    let help = if commands {
        "give one of the programs another name, or remove the other command."
    } else {
        "remove one of the two."
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

/// The lines of a value, by its key.
fn value<'a>(lint: &'a Lint<'_>, key: Place) -> Vec<&'a str> {
    let Some(source) = lint.sources.get(key.source) else { return Vec::new() };
    let start = source.line_of(key.span.start).start;
    let mut lines = source.text().get(start as usize..).unwrap_or("").lines();
    let kept = |line: &'a str| line.get(..syntax::comment_as(line, source.cut).unwrap_or(line.len())).unwrap_or(line);
    let first = kept(lines.next().unwrap_or("")).split_once(['=', ':']).map_or("", |(_, value)| value);
    let mut value = vec![python::strip(first)];
    for line in lines {
        let text = python::lstrip(line);
        if text.starts_with([';', '#']) {
            continue;
        }
        if !text.is_empty() && line.len() - text.len() <= (key.span.start - start) as usize {
            break;
        }
        value.push(python::strip(kept(line)));
    }
    let end = value.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    value.truncate(end);
    value
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[program:b\ncommand=b", &[(2, E)]),
        row(PROGRAM, "[supervisord]\nnodaemon=true\numask=002", &[(1, W)]),
        row(PROGRAM, "command=/srv/web", &[(1, E)]),
        row(PROGRAM, "[program:api]\ncommand=/srv/api\nuser=api", &[(1, I)]).says("with the same options"),
        row(PROGRAM, "[program:api]\n; empty", &[(1, I)]),
        row(PROGRAM, "[program:api]\ncommand=/srv/api\n  --all", &[(1, E)]),
        row(PROGRAM, "[program:api]\ncommand=/srv/api\nuser=root", &[(1, W)]),
        row(PROGRAM, "exitcodes=0,\n 1\nexitcodes=0,\n 2", &[(3, W)]),
        row(PROGRAM, "[include]\nfiles=added/*.conf", &[]),
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
