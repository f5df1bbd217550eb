//! SUP101 default-minfds: the limit of open files that nobody wrote.

use super::{Check, Found, Lint, fd_budget_exceeded, minfds_below_app_need};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::launcher::SupervisorUnit;
use crate::model::{Group, GroupKind};
use crate::python::integer::Integer;

/// SUP101.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP101",
        name: "default-minfds",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("default_minfds.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    // An include that is not here counts as having programs.
    let programs = lint.may_have_more() || config.groups.iter().any(|group| !group.processes.is_empty());
    // In a fragment the main file decides.
    let (Some(minfds), Some(_)) = (lint.minfds(), lint.limits()) else { return };
    let Some(given) = lint.open_files().filter(|given| programs && *given <= Integer::from(1024)) else { return };
    let place = minfds.place;
    let unit = lint.unit();
    let container = lint.container();
    let message = Message::made(move || {
        let value =
            if minfds.written { format!("minfds is {}", minfds.number) } else { "minfds is not set".to_owned() };
        let limited = format!("programs are limited to {given} open files (\"Too many open files\")");
        match unit {
            _ if container => {
                format!("{limited} unless the container gives more: {value}.")
            }
            None => format!("{limited}, because {value}."),
            Some(SupervisorUnit { path, limits: Some(limits), .. }) => {
                format!("{limited}, because {value} and LimitNOFILE in {path} is {}.", limits.value.soft)
            }
            Some(unit) => format!("{limited}, because {value} and {} has no LimitNOFILE.", unit.path),
        }
    });
    let name = process_name(lint);
    let help = Message::made(move || if container { in_container(&name) } else { on_host(&name) });
    let short = fd_budget_exceeded::severity(lint) == Some(Severity::Error) || minfds_below_app_need::warns(lint);
    let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
    if short {
        diagnostic = diagnostic.severity(Severity::Error);
    }
    if let Some(limits) = unit.and_then(|unit| unit.limits.as_ref()) {
        diagnostic = diagnostic.label(limits.place, "the limit that the unit gives");
    }
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}

/// Programs that rarely are those that lack open files, and of which a restart may cost a login or keys.
const OF_THE_SYSTEM: &[&str] = &["cron", "crond", "rsyslog", "rsyslogd", "ssh", "ssh-agent", "sshd", "syslog-ng"];

/// What supervisorctl calls a process of the file, to be pasted into a shell.
fn process_name(lint: &Lint<'_>) -> String {
    let groups = || lint.config.groups.iter();
    let listener = |group: &&Group<'_>| matches!(group.kind, GroupKind::EventListener(_));
    let helps = |group: &&Group<'_>| OF_THE_SYSTEM.contains(&group.name);
    let group =
        groups().find(|group| !listener(group) && !helps(group)).or_else(|| groups().find(|group| !helps(group)));
    let name = group.and_then(|group| {
        let name = group.processes.first()?.options.process_name.known()?;
        Some(if *name == group.name { group.name.to_owned() } else { format!("{}:{name}", group.name) })
    });
    let plain = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:@".contains(&b));
    name.filter(plain).unwrap_or_else(|| "NAME".to_owned())
}

fn on_host(name: &str) -> String {
    format!(
        "ulimit -n and limits.conf do not change this.\n\
         now, as root, without a restart:\n\
         \x20 prlimit --pid $(supervisorctl pid {name}) --nofile=65536:\n\
         for its next starts too:\n\
         \x20 prlimit --pid $(supervisorctl pid) --nofile=65536:\n\
         for good: minfds=65536 here, or LimitNOFILE=65536:524288 in the unit that starts supervisord, then\n\
         \x20 systemctl restart supervisor\n\
         (reread, update and supervisorctl reload do not apply it; above the hard limit supervisord refuses to start)\n\
         check (soft, then hard limit; prlimit cannot exceed the hard one):\n\
         \x20 grep 'open files' /proc/$(supervisorctl pid {name})/limits\n\
         a program that uses select() should keep 1024."
    )
}

/// In a container root mostly lacks `CAP_SYS_RESOURCE` and may change only what root runs: supervisord, not its programs.
fn in_container(name: &str) -> String {
    format!(
        "now, as root in the container:\n\
         \x20 prlimit --pid $(supervisorctl pid) --nofile=65536:\n\
         \x20 supervisorctl restart {name}\n\
         for good: minfds=65536 here, or docker run --ulimit nofile=65536:524288 (compose: ulimits), then a new container\n\
         (reread, update and supervisorctl reload do not apply it; above the hard limit supervisord refuses to start)\n\
         check (soft, then hard limit; prlimit cannot exceed the hard one):\n\
         \x20 grep 'open files' /proc/$(supervisorctl pid {name})/limits\n\
         a program that uses select() should keep 1024."
    )
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{E, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)])
            .says("programs are limited to 1024 open files (\"Too many open files\"), because minfds is not set."),
        row("", "[supervisord]\nminfds=1024\n[program:a]\ncommand=a", &[(2, W)]).says("because minfds is 1024."),
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)])
            .target(Target::Container)
            .says("unless the container gives more: minfds is not set."),
        row("", "[supervisord]\n[include]\nfiles=/nothing/*.conf", &[(1, W)]),
        row("", "[supervisord]\n[include]\nfiles=nothing/*.conf", &[]),
        row(MAIN, "[include]\nfiles=/nothing/*.conf", &[]),
        row("", "[supervisord]\nminfds=256\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s", &[(1, E)]),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\n\
         redirect_stderr=true",
            &[(1, W)],
        ),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\n\
         redirect_stderr=true\nstdout_logfile=NONE",
            &[(1, W)],
        ),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=300\nautostart=false\nprocess_name=%(process_num)s",
            &[(1, W)],
        ),
        row("", "[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s\nuser=b", &[]),
        row("", "[supervisord]\n[program:a]\ncommand=mongod", &[(1, E)]),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=mongod", &[(1, W)]),
        row("", "[supervisord]\nminfds=1025\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=1024", &[]),
        row("", "[supervisord]\nminfds=%(ENV_FDS)s\n[program:a]\ncommand=a", &[]),
    ];
}
