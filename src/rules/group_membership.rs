//! SUP315 group-membership: a group that names what is not there.

use std::collections::{HashMap, HashSet};

use super::spelling::closest;
use super::{Check, Explanation, Lint, shown, written};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::keys::group as k;
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
        what: "programs of a [group:x] names a program that is not there, an event listener, something that is both a program and an \
               fcgi-program, or nothing between two commas; an fcgi-program in a group; two groups of one name, as [program:x] beside \
               a [group:x] without it makes them. A warning: a program in two groups, a group without programs. Silent about what may \
               stand in another file.",
        why: "Supervisor refuses the whole file for one name that it does not find; blanks do not separate, so 'a b' is one name. The rest \
              it accepts: of two groups with one name it keeps the first, by priority, and the programs of the other never start; a \
              program in two groups runs twice; an fcgi-program in a group gets no socket, for its standard input is a pipe.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[group:shop]\nprograms=api,wroker\n\n[program:api]\ncommand=/srv/api\nuser=api\n\n\
              [program:worker]\ncommand=/srv/worker\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[group:shop]\nprograms=api,worker\n\n[program:api]\ncommand=/srv/api\nuser=api\n\n\
               [program:worker]\ncommand=/srv/worker\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: Some(check),
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Member {
        return None;
    }
    let group = refusal.section.as_deref().unwrap_or("group");
    let member = &*refusal.written;
    let sections = &lint.merged.sections;
    let has = |kind: &str| sections.contains_key(format!("{kind}:{member}").as_str());
    // A file with more has no use for a guess.
    let programs = || {
        let names = sections
            .keys()
            .filter_map(|name| name.strip_prefix("program:").or_else(|| name.strip_prefix("fcgi-program:")));
        names.filter(|name| !name.is_empty()).take(1000)
    };
    let (what, help) = if member.is_empty() {
        (
            "nothing between two commas, or behind the last".to_owned(),
            "take away the comma that nothing follows, or that nothing stands before.".to_owned(),
        )
    } else if has("program") && has("fcgi-program") {
        let both = format!("{}, which is both a program and an fcgi-program", shown(member));
        (both, "rename one of the two.".to_owned())
    } else if has("eventlistener") {
        let listener = format!("{}, which is an event listener and cannot be in a group", shown(member));
        (listener, "take it out of the list.".to_owned())
    } else if member.contains(char::is_whitespace)
        && member.split_whitespace().all(|name| programs().any(|known| known == name))
    {
        let names: Vec<&str> = member.split_whitespace().collect();
        (
            format!("{}, which is one name to Supervisor", shown(member)),
            format!("separate with commas: {}", names.join(",")),
        )
    } else if let Some(padded) = programs().find(|name| name.trim() == member) {
        let kept = format!("{}, and the blank in '[program:{padded}]' belongs to that name", shown(member));
        (kept, format!("write [program:{member}]"))
    } else {
        let help = match closest(member, programs()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("write a [program:{}], or take the name out.", shown(member).trim_matches('\'')),
        };
        (format!("{}, and there is no such program", shown(member)), help)
    };
    Some(Explanation::new(format!("[{group}] names {what}: supervisord refuses to start."), help))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let mut add = |place: Place, group: &'a Group<'a>, severity, message: String, help: &'static str| {
        if !lint.markup.touches(place) && !lint.markup.touches(group.header) {
            let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
            found.push(
                diagnostic.of(&group.section, matches!(group.kind, GroupKind::Group).then_some(k::PROGRAMS.name)),
            );
        }
    };
    let refusals = lint.config.refusals.iter().filter(|refusal| refusal.cause == Cause::Member);
    let refused: HashSet<&str> = refusals.map(|refusal| &*refusal.written).collect();
    let mut names: HashMap<&str, &Group> = HashMap::new();
    let mut members: HashMap<&str, &Group> = HashMap::new();
    for group in &lint.config.groups {
        // supervisord adds them in this order, and no second one of a name.
        if let Some(first) = names.get(&*group.name) {
            let known = group.priority.known().is_some() && first.priority.known().is_some();
            if known && !refused.contains(&*group.name) {
                let message = format!(
                    "[{}] and [{}] both make a group called {}, of which there can be one: the processes of this one never start.",
                    group.section, first.section, group.name
                );
                add(
                    group.header,
                    group,
                    Severity::Error,
                    message,
                    "rename one of the two, or put the program into the group.",
                );
            }
        } else {
            names.insert(&group.name, group);
        }
        if !matches!(group.kind, GroupKind::Group) {
            continue;
        }
        let programs = lint.setting(&group.section, k::PROGRAMS.name);
        let place = programs.map_or(group.header, |programs| programs.value);
        let empty = programs.is_none_or(|programs| programs.text.trim().is_empty());
        if empty && !written::is_template(lint, group.header.source) {
            let message = format!("[{}] has no programs, and so no effect.", group.section);
            add(
                group.header,
                group,
                Severity::Warning,
                message,
                "write programs= with their names and commas between them.",
            );
        }
        let mut last = "";
        for program in group.processes.iter().map(|process| &*process.program) {
            if last == &*program.section {
                continue;
            }
            last = &program.section;
            if program.section.starts_with("fcgi-program:") {
                let message = format!("[{}] gets no socket in a group: its standard input is a pipe.", program.section);
                add(place, group, Severity::Error, message, "take it out of the group.");
            }
            let other = members.insert(last, group).filter(|other| other.section != group.section);
            if let Some(other) = other {
                let message =
                    format!("{} is in [{}] too, and supervisord starts it twice.", program.name, other.section);
                add(place, group, Severity::Warning, message, "name it in one group only.");
            }
        }
    }
}
