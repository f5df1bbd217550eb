//! SUP014 invalid-name: a name that Supervisor does not take, or that several processes would share.

use std::rc::Rc;

use super::view::mend::Mend;
use super::view::mend::values::own;
use super::{Check, Explanation, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::hash::{HashMap, HashSet};
use crate::keys::{SectionKind, process, program};
use crate::load::Facts;
use crate::model::{Group, GroupKind, value};
use crate::python::integer::Integer;
use crate::refusal::{Cause, Refusal};

/// SUP014.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP014",
        name: "invalid-name",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("invalid_name.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    match refusal.cause {
        Cause::Name => {
            let name = refusal.written.trim();
            let what = if refusal.option.is_some() { "process" } else { "program or group" };
            let message = format!(
                "{} is not a valid {what} name (space, colon or slash): supervisord refuses to start.",
                shown(name)
            );
            let help = if refusal.option.is_none() && name.contains(']') {
                "a header ends at the last ] of its line: put a space and a ; before the comment.".to_owned()
            } else {
                format!("write {}", shown(&name.replace([' ', ':', '/'], "-")).trim_matches('\''))
            };
            Some(Explanation::new(message, help))
        }
        Cause::ProcessNum => {
            let numprocs = lint.merged.setting(refusal.section?, "numprocs")?;
            let message = format!(
                "numprocs={} needs %(process_num) in process_name: supervisord refuses to start.",
                shown(numprocs.text).trim_matches('\'')
            );
            Some(Explanation::new(message, "write process_name=%(program_name)s_%(process_num)02d"))
        }
        _ => None,
    }
}

/// Only where processes lack a number. A name that is written gets it at its end.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    finding.supervisor?;
    let section = finding.section?;
    let (option, name) = (finding.option?, process::PROCESS_NAME.name);
    if option != program::NUMPROCS.name {
        return None;
    }
    let mend = Mend::of(lint).uncovers();
    let mend = match own(lint, section, name) {
        Some(written) if written.text.is_empty() || written.facts.any(Facts::NEWLINE) => return None,
        Some(written) => mend.insert(written.value.source, written.value.span.end, "_%(process_num)02d"),
        None => {
            let named = format!("{name}=%(program_name)s_%(process_num)02d");
            mend.add(section, &named, Some(&program::NUMPROCS))
        }
    };
    mend.changes(section, name).risky("add %(process_num)02d to process_name, which gives the processes new names")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let defaults = lint.merged.defaults().of(&program::NUMPROCS);
    for (name, section) in &lint.merged.sections {
        let makes = section.kind.is_some_and(SectionKind::makes_processes);
        let setting = lint.merged.options(section).of(&program::NUMPROCS).or(defaults).filter(|_| makes);
        let Some(setting) = setting else { continue };
        if value::integer(setting.text).is_ok_and(|number| number < Integer::from(1)) {
            let message =
                format!("[{name}] starts no process, because numprocs={}; Supervisor reports nothing.", setting.text);
            let help = "remove the section, or write autostart=false to start it manually.";
            let diagnostic = Diagnostic::new(&RULE.rule, setting.value, message).severity(Severity::Warning).help(help);
            found.push_of_accepted(setting.value, diagnostic.of(name, Some(program::NUMPROCS.name)));
        }
    }
    let refusals = lint.config.refusals.iter().filter(|refusal| refusal.cause == Cause::ProcessNum);
    let refused: HashSet<&str> = refusals.filter_map(|refusal| refusal.section).collect();
    for group in &lint.config.groups {
        if let Some(finding) = same_name(group, &refused) {
            found.push_resting_on(group.header, finding);
        }
    }
    if lint.config.fragment || lint.config.incomplete {
        padded(lint, found);
    }
}

/// The first process whose name another one of the group has too.
fn same_name<'a>(group: &'a Group<'a>, refused: &HashSet<&str>) -> Option<Diagnostic<'a>> {
    if group.processes.len() < 2 {
        return None;
    }
    let mut seen = HashMap::default();
    let mut processes =
        group.processes.iter().filter_map(|process| Some((process.options.process_name.known()?, process)));
    let (name, process) = processes.find(|(name, process)| {
        let first = seen.insert(*name, &process.program);
        // A program that a group names twice is there once, which is what was meant.
        first.is_some_and(|first| Rc::ptr_eq(first, &process.program) || first.section != process.program.section)
    })?;
    let place = process.options.process_name.place().unwrap_or(process.program.header);
    if refused.contains(process.program.section) {
        return None;
    }
    let message = format!(
        "only the last process called {1} in group {0} runs, because two have this name.",
        group.name,
        shown(name)
    );
    let help = match group.kind {
        GroupKind::Group => "give each program and process of the group its own name, and list it once.",
        _ => "write process_name=%(program_name)s_%(process_num)02d",
    };
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
    Some(diagnostic.of(process.program.section, Some(process::PROCESS_NAME.name)))
}

/// `[program: x]`, whose name a group cannot say; where other files may hold a `[program:x]` Supervisor's refusal is not certain.
fn padded<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let sections = &lint.merged.sections;
    for (name, section) in sections {
        let Some(own) = name.strip_prefix("program:").filter(|own| own.starts_with(' ')) else { continue };
        let names = |text: &str| value::strings(text).iter().any(|member| &**member == own.trim());
        let groups = sections.iter().filter(|(name, _)| name.starts_with("group:"));
        let mut lists = groups.filter_map(|(_, group)| lint.merged.options(group).get("programs"));
        let there = sections.contains_key(format!("program:{}", own.trim()).as_str());
        if !there && lists.any(|list| names(list.text)) {
            let message = format!(
                "the space in [{name}] is part of its name, so a group cannot list it: supervisord refuses to start."
            );
            let help = format!("write [program:{}]", own.trim());
            found.push(Diagnostic::new(&RULE.rule, section.header, message).help(help).of(name, None));
        }
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "process_name=a b", &[(1, E)]).says("'a b' is not a valid process name").mends(""),
        row(PROGRAM, "numprocs=2", &[(1, E)])
            .says("numprocs=2 needs %(process_num)")
            .mends("numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d"),
        row(MAIN, "[program:a]\n  numprocs : 2 ; two\r\n  command=a\r", &[(2, E)]).mends(
            "[program:a]\n  numprocs : 2 ; two\r\n  process_name=%(program_name)s_%(process_num)02d\r\n  command=a\r",
        ),
        row(
            "",
            "[program:a]\ncommand=a\nnumprocs=2\nprocess_name = x ; x\n[program:b]\ncommand=b\nnumprocs=2",
            &[(4, E), (7, E)],
        )
        .mends(
            "[program:a]\ncommand=a\nnumprocs=2\nprocess_name = x_%(process_num)02d ; x\n[program:b]\ncommand=b\n\
                 numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d",
        ),
        row("", "[DEFAULT]\nnumprocs=2\nprocess_name=x\n[program:a]\ncommand=a", &[(3, E)]).mends(
            "[DEFAULT]\nnumprocs=2\nprocess_name=x\n[program:a]\ncommand=a\n\
             process_name=%(program_name)s_%(process_num)02d",
        ),
        row("", "[program: api]\ncommand=a\n[group:g]\nprograms=api", &[(1, E)]).mends(""),
        row(PROGRAM, "numprocs=0", &[(1, W)]).mends(""),
        row(PROGRAM, "numprocs=-1", &[(1, W)]),
        row(PROGRAM, "numprocs=3\nprocess_name=p%(process_num).0s", &[(2, E)]),
        row(PROGRAM, "process_name=p\n[program:b]\ncommand=b\nprocess_name=p\n[group:g]\nprograms=api,b", &[(4, E)]),
        row(PROGRAM, "numprocs=2\nprocess_name=%(process_num)d", &[]),
        row(PROGRAM, "[program: b]\ncommand=b", &[]),
    ];
}
