//! SUP802 container-hides-failure: a container that goes on without its program.

use super::Target;
use super::view::effective::Program;
use super::view::telling::others;
use super::{Check, Found, Lint, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::model::GroupKind;
use crate::model::value::AutoRestart;

/// SUP802.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP802",
        name: "container-hides-failure",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("container_hides_failure.md"),
        repeat: Repeat::Run(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

const SAID: &str =
    "the container goes on running when a program becomes FATAL, because no event listener watches for it.";

fn joined(files: &[&str], said: &str, most: usize) -> String {
    match files {
        [] | [_] => said.to_owned(),
        [_, rest @ ..] => format!("{said} The same holds for {}.", others(rest, most)),
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let Some(header) = config.header.filter(|_| !config.fragment && lint.container()) else { return };
    let is_listener = |kind: &GroupKind<'_>| matches!(kind, GroupKind::EventListener(_));
    let runs = config.groups.iter().any(|group| !is_listener(&group.kind) && !group.processes.is_empty());
    // Another file may have the listener, or a block of a template.
    // Where supervisord leaves the foreground the container does not go on: SUP801.
    let stays = lint.settings.target == Target::Auto && lint.known(&config.supervisord.nodaemon) == Some(&false);
    if !runs
        || stays
        || lint.may_have_more()
        || written::is_template(lint, header.source)
        || config.groups.iter().any(|group| watches(&group.kind))
    {
        return;
    }
    let never = |program: &Program<'_>| {
        let options = &program.process.program.options;
        lint.known(&options.autorestart) == Some(&AutoRestart::Never)
    };
    // What is not restarted becomes FATAL only if it ends within startsecs.
    let events = if lint.programs().iter().any(never) {
        "PROCESS_STATE_FATAL,PROCESS_STATE_EXITED (with autorestart=false a crash is EXITED)"
    } else {
        "PROCESS_STATE_FATAL"
    };
    let help = format!(
        "write an [eventlistener:x] with events={events} that sends SIGTERM to supervisord (its parent process).\n\
         or give the container a health check that asks the programs.\n\
         or run one program in each container, without supervisord."
    );
    let diagnostic = Diagnostic::new(&RULE.rule, header, SAID).help(help);
    found.push(diagnostic.of("supervisord", None).about(config.called, SAID));
}

/// Whether a group is a listener that hears of the end of programs, or may be.
fn watches(kind: &GroupKind<'_>) -> bool {
    const HEARD: [&str; 4] = ["EVENT", "PROCESS_STATE", "PROCESS_STATE_EXITED", "PROCESS_STATE_FATAL"];
    match kind {
        GroupKind::EventListener(options) => match options.events.known() {
            Some(Some(events)) => events.iter().any(|event| HEARD.contains(&event.as_str())),
            Some(None) | None => true,
        },
        GroupKind::Group | GroupKind::Program | GroupKind::Fcgi(_) => false,
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a", &[(1, W)]).says("goes on running"),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\nautorestart=false", &[(1, W)])
            .helps("events=PROCESS_STATE_FATAL,PROCESS_STATE_EXITED (with"),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s", &[(0, W)]).target(Target::Container),
        row(
            "",
            "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\n[eventlistener:b]\ncommand=b\nevents=TICK_60,PROCESS_STATE_STOPPED",
            &[(1, W)],
        ),
        row(
            "",
            "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\n[eventlistener:b]\ncommand=b\nevents=TICK_60,PROCESS_STATE_FATAL",
            &[],
        ),
        row(
            "",
            "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\n[eventlistener:b]\ncommand=b\nevents=PROCESS_STATE",
            &[],
        ),
        row(
            "",
            "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\n[eventlistener:b]\ncommand=b\nevents=%(ENV_E)s",
            &[],
        ),
        row(MAIN, "nodaemon=true\n[include]\nfiles=/nothing/*.conf\n[program:a]\ncommand=a", &[]),
        row(MAIN, "nodaemon=true", &[]),
        row(PROGRAM, "", &[]),
        row("", "[program:a]\ncommand=a", &[]).target(Target::Container),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a\n{% if x %}\n{% endif %}", &[]),
    ];
}
