//! SUP704 eventlistener-invalid: what an event listener must have, and must not.

use super::view::mend::Mend;
use super::{Check, Explanation, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{eventlistener as e, process as k, program as p};
use crate::model::GroupKind;
use crate::python::shlex::{self, Word};
use crate::refusal::{Cause, ListenerFault, Refusal};
use crate::{python, well_known};

/// SUP704.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP704",
        name: "eventlistener-invalid",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("eventlistener_invalid.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    let Cause::EventListener(fault) = &refusal.cause else { return None };
    let section = refusal.section?;
    let (what, help) = match fault {
        ListenerFault::RedirectsStderr => (
            "redirect_stderr=true would mix standard error into the event protocol on standard output"
                .to_owned(),
            "remove the line; standard error has its own log, stderr_logfile.".to_owned(),
        ),
        ListenerFault::BufferSize => (
            format!("buffer_size={} leaves no room for an event", shown(refusal.written).trim_matches('\'')),
            "write a number from 1 (the default is 10).".to_owned(),
        ),
        ListenerFault::UnknownEvent(event) if event.is_empty() => {
            ("events has an empty name".to_owned(), "remove the extra comma.".to_owned())
        }
        ListenerFault::UnknownEvent(event) => (
            format!("{} is not an event type", shown(event)),
            "write event types separated by commas, such as PROCESS_STATE, PROCESS_STATE_FATAL, PROCESS_LOG or TICK_60."
                .to_owned(),
        ),
        ListenerFault::NoEvents => (
            format!("[{section}] has no events="),
            "write events=PROCESS_STATE, or the events that the listener needs.".to_owned(),
        ),
    };
    Some(Explanation::new(format!("{what}: supervisord refuses to start."), help))
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section.filter(|_| finding.option == Some(p::REDIRECT_STDERR.name))?;
    // Standard error gets its own log.
    let mend = || Mend::of(lint).changes(section, k::STDERR_LOGFILE.name).uncovers();
    let own = lint.merged.options(lint.merged.sections.get(section)?).of(&p::REDIRECT_STDERR);
    let removed = own.and_then(|own| mend().remove(section, own).safe("remove redirect_stderr=true"));
    removed.or_else(|| mend().set(section, &p::REDIRECT_STDERR, "false", None).safe("write redirect_stderr=false"))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for group in &lint.config.groups {
        let GroupKind::EventListener(options) = &group.kind else { continue };
        if options.events.is_elsewhere() {
            found.push_lacking(&RULE.rule, (group.section, group.header), &e::EVENTS, None);
        }
        let Some(process) = group.processes.first() else { continue };
        let command = &process.options.command;
        let (Some(Some(text)), Some(place)) = (command.known(), command.place()) else { continue };
        let Some(program) = shlex::split(text).ok().and_then(|words| silent(&words)) else { continue };
        let message =
            format!("this listener gets no events, because {program} never writes READY to its standard output.");
        let help =
            "run a listener that prints READY, reads an event and prints RESULT, or move the command to a [program:x].";
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(Severity::Warning).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}

/// What runs and certainly does not begin with READY.
fn silent(words: &[Word]) -> Option<&'static str> {
    let first = python::basename(&words.first()?.text);
    if let Some(program) =
        ["tail", "cat", "sleep", "true", "false", "crond", "nginx"].into_iter().find(|name| *name == first)
    {
        return Some(program);
    }
    if !well_known::is_shell(first) || words.get(1)?.text != "-c" {
        return None;
    }
    // Before the first event is read nothing but the loop itself can have spoken.
    let script = &words.get(2)?.text;
    let mut begin = python::split_whitespace(script);
    (begin.next() == Some("while") && begin.next() == Some("read") && !script.contains("READY")).then_some("the loop")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[eventlistener:l]\ncommand=l\nuser=api", &[(1, E)]).says("[eventlistener:l] has no events="),
        row(PROGRAM, "[eventlistener:l]\ncommand=l\nuser=api\nevents=TICK_7", &[(4, E)])
            .says("'TICK_7' is not an event type"),
        row(PROGRAM, "[eventlistener:b]\ncommand=b\nevent=TICK_5", &[(1, E)]).mends(""),
        row(PROGRAM, "[eventlistener:b]\ncommand=b\nevents=TICK_5\nredirect_stderr=true", &[(4, E)])
            .says("would mix standard error into the event protocol")
            .mends("[eventlistener:b]\ncommand=b\nevents=TICK_5"),
        row(
            PROGRAM,
            "[eventlistener:b]\r\n  events : TICK_5\r\n  Redirect_Stderr : 1 ; x\r\n  # y\r\n  command : b",
            &[(3, E)],
        )
        .mends("[eventlistener:b]\r\n  events : TICK_5\r\n  # y\r\n  command : b"),
        row(
            PROGRAM,
            "[eventlistener:b]\ncommand=b\nevents=TICK_5\nredirect_stderr=yes\nredirect_stderr=true ; x",
            &[(5, E)],
        )
        .mends("[eventlistener:b]\ncommand=b\nevents=TICK_5\nredirect_stderr=yes\nredirect_stderr=false ; x"),
        row("", "[DEFAULT]\nredirect_stderr=true\n[eventlistener:b]\ncommand=b\nevents=TICK_5", &[(2, E)]).mends(
            "[DEFAULT]\nredirect_stderr=true\n[eventlistener:b]\ncommand=b\nevents=TICK_5\nredirect_stderr=false",
        ),
        row(
            "",
            "[DEFAULT]\nredirect_stderr=true\n[eventlistener:b]\n command=b\n redirect_stderr : on\n events=TICK_5",
            &[(5, E)],
        )
        .mends(
            "[DEFAULT]\nredirect_stderr=true\n[eventlistener:b]\n command=b\n redirect_stderr : false\n events=TICK_5",
        ),
        row(PROGRAM, "[eventlistener:b]\ncommand=tail -f /x\nevents=TICK_5", &[(2, W)]),
        row(PROGRAM, "[eventlistener:b]\ncommand=sh -c 'while read line; do kill 1; done'\nevents=TICK_5", &[(2, W)]),
        row(
            PROGRAM,
            "[eventlistener:b]\ncommand=sh -c \"printf 'READY\\n'; while read line; do kill 1; done\"\n\
         events=TICK_5",
            &[],
        ),
        row(PROGRAM, "[eventlistener:b]\ncommand=python3 listener.py\nevents=TICK_5", &[]),
        row("", "[eventlistener:b]\ncommand=b", &[(1, W)]).says("has no events here: unless another file has it"),
        row("", "[eventlistener:b]\ncommand=b\nevents=", &[(3, E)]),
        row("", "[eventlistener:b]\ncommand=tail -f /x", &[(1, W), (2, W)]),
    ];
}
