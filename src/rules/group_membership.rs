//! SUP315 group-membership: a group that names what is not there.

use super::spelling::closest;
use super::{Check, Explanation, Found, Lint, shown, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::hash::HashSet;
use crate::keys::group as k;
use crate::map::Map;
use crate::model::{Group, GroupKind};
use crate::refusal::{Cause, Refusal};
use crate::source::Place;

/// SUP315.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP315",
        name: "group-membership",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("group_membership.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::SilentOfMissing,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Member {
        return None;
    }
    let group = refusal.section.unwrap_or("group");
    let member = refusal.written;
    let sections = &lint.merged.sections;
    let has = |kind: &str| sections.contains_key(format!("{kind}:{member}").as_str());
    // Of the first sections, whatever they are: a file with more has no use for a guess.
    let programs = || {
        let names = sections
            .keys()
            .take(1000)
            .filter_map(|name| name.strip_prefix("program:").or_else(|| name.strip_prefix("fcgi-program:")));
        names.filter(|name| !name.is_empty())
    };
    let (what, help) = if member.is_empty() {
        ("an empty name (extra comma)".to_owned(), "remove the extra comma.".to_owned())
    } else if has("program") && has("fcgi-program") {
        let both = format!("{}, both a program and an fcgi-program", shown(member));
        (both, "rename one of the two.".to_owned())
    } else if has("eventlistener") {
        let listener = format!("{}, but an event listener cannot be in a group", shown(member));
        (listener, "remove it from the list.".to_owned())
    } else if member.contains(char::is_whitespace)
        && member.split_whitespace().all(|name| programs().any(|known| known == name))
    {
        let names: Vec<&str> = member.split_whitespace().collect();
        (format!("{} as one name", shown(member)), format!("separate with commas: {}", names.join(",")))
    } else if let Some(padded) = programs().find(|name| name.trim() == member) {
        let kept = format!("{}, but the space in '[program:{padded}]' is part of its name", shown(member));
        (kept, format!("write [program:{member}]"))
    } else {
        let help = match closest(member, programs()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("write a [program:{}], or remove the name.", shown(member).trim_matches('\'')),
        };
        (format!("the unknown program {}", shown(member)), help)
    };
    Some(Explanation::new(format!("[{group}] names {what}: supervisord refuses to start."), help))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let mut add = |place: Place, group: &'a Group<'a>, severity, message: String, help: &'static str| {
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push_resting_on(
            group.header,
            diagnostic.of(group.section, matches!(group.kind, GroupKind::Group).then_some(k::PROGRAMS.name)),
        );
    };
    let refusals = lint.config.refusals.iter().filter(|refusal| refusal.cause == Cause::Member);
    let refused: HashSet<&str> = refusals.map(|refusal| refusal.written).collect();
    let mut names: Map<'_, &Group> = Map::new();
    let mut members: Map<'_, &Group> = Map::new();
    for group in &lint.config.groups {
        // supervisord adds them in this order, and no second one of a name.
        if let Some(first) = names.get(group.name) {
            let known = group.priority.known().is_some() && first.priority.known().is_some();
            if known && !refused.contains(group.name) {
                let message = format!(
                    "the processes of this section never start, because [{}] and [{}] both make a group called {}.",
                    group.section, first.section, group.name
                );
                add(
                    group.header,
                    group,
                    Severity::Error,
                    message,
                    "rename one of them, or list the program in the group.",
                );
            }
        } else {
            names.push(group.name, group);
        }
        if !matches!(group.kind, GroupKind::Group) {
            continue;
        }
        let programs = lint.merged.setting(group.section, k::PROGRAMS.name);
        let place = programs.map_or(group.header, |programs| programs.value);
        let empty = programs.is_none_or(|programs| programs.text.trim().is_empty());
        if empty && !written::is_template(lint, group.header.source) {
            let message = format!("[{}] has no programs, so it has no effect.", group.section);
            add(
                group.header,
                group,
                Severity::Warning,
                message,
                "write programs= with the names, separated by commas.",
            );
        }
        let mut last = "";
        for program in group.processes.iter().map(|process| &*process.program) {
            if last == program.section {
                continue;
            }
            last = program.section;
            if program.section.starts_with("fcgi-program:") {
                let message = format!(
                    "[{}] gets no socket, because it is in a group: its standard input is a pipe.",
                    program.section
                );
                add(place, group, Severity::Error, message, "remove it from the group.");
            }
            let other = members.get(last).filter(|other| other.section != group.section).copied();
            members.insert(last, group);
            if let Some(other) = other {
                let message =
                    format!("supervisord starts {} twice, because it is in [{}] too.", program.name, other.section);
                add(place, group, Severity::Warning, message, "list it in one group only.");
            }
        }
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[group:g]\nprograms=api,", &[(2, E)]).says("[group:g] names an empty name"),
        row(PROGRAM, "[group:g]\nprograms=api ; no more\n[group:h]\nprograms=apj", &[(4, E)])
            .says("[group:h] names the unknown program 'apj'"),
        row(PROGRAM, "[group:a]\nprograms=api\n[group:b]\nprograms=api", &[(4, W)]),
        row(PROGRAM, "[group:a]", &[(1, W)]),
        row(PROGRAM, "[group:a]\nprograms=", &[(1, W)]),
        row(
            "",
            "[supervisord]\nuser=root\n[program:api]\nuser=api\ncommand=/srv/api\n[program:b]\ncommand=b\n\
         [group:api]\nprograms=b",
            &[(3, E)],
        ),
        row(PROGRAM, "[program:b]\ncommand=b\n[group:api]\nprograms=b\npriority=1000", &[(3, E)]),
        row(
            "",
            "[supervisord]\nuser=root\n[program:api]\nuser=api\ncommand=/srv/api\n[eventlistener:api]\n\
         command=b\nevents=TICK_5",
            &[(3, E)],
        ),
        row(PROGRAM, "[fcgi-program:b]\ncommand=b\nsocket=tcp://a:1\n[group:a]\nprograms=b", &[(5, E)]),
        row("", "[group:g]\nprograms=api,elsewhere", &[]),
        row(PROGRAM, "[group:api]\nprograms=api", &[]),
        row(PROGRAM, "[group:a]\nprograms=api,api", &[]),
    ];
}
