//! SUP101 default-minfds: the limit of open files that nobody wrote.

use super::missing_rpcinterface::has_interface;
use super::view::effective::Program;
use super::view::mend::Mend;
use super::view::oneshot;
use super::view::stops::Between;
use super::{Check, Found, Lint, fd_budget_exceeded, minfds_below_app_need};
use crate::apps::{Children, OpenFiles};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::supervisord as k;
use crate::launcher::SupervisorUnit;
use crate::model::Process;
use crate::model::value::AutoRestart;
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
    fix: Some(mend),
    cannot_run: false,
};

fn mend<'a>(lint: &Lint<'a>, _: &Diagnostic<'a>) -> Option<Fix> {
    raised(lint)
}

/// minfds at what servers are usually given. Not where the unit's command has the last word, or its hard limit is lower: then
/// supervisord refuses to start.
pub(super) fn raised(lint: &Lint<'_>) -> Option<Fix> {
    if lint.unit().and_then(|unit| unit.flags.as_ref()).is_some_and(|flags| flags.minfds.is_some())
        || lint.limits()?.hard < FILES
    {
        return None;
    }
    Mend::of(lint)
        .set("supervisord", &k::MINFDS, &FILES.to_string(), None)
        .risky("raise minfds to 65536; supervisord refuses to start if its hard limit is lower")
}

/// The number of open files that the help names.
pub(super) const FILES: u64 = 65536;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    // An include that is not here counts as having programs.
    let programs = lint.may_have_more() || config.groups.iter().any(|group| !group.processes.is_empty());
    // In a fragment the main file decides.
    let (Some(minfds), Some(_)) = (lint.minfds(), lint.limits()) else { return };
    let Some(given) = lint.open_files().filter(|given| programs && *given <= Integer::from(1024)) else { return };
    // Servers that take their soft limit into their own hands need none.
    if !lint.may_have_more() && lint.programs().iter().all(|program| raises(lint, program)) {
        return;
    }
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
    let named = Named::of(lint);
    let help = Message::made(move || if container { in_container(&named) } else { on_host(&named) });
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

/// Whether a program raises its own soft limit (seen: redis-server 7.0 has 10032 under a soft limit of 1024).
fn raises<'a>(lint: &Lint<'a>, program: &Program<'a>) -> bool {
    let files = lint.ran(program).and_then(|ran| ran.app?.files);
    files.is_some_and(|said| matches!(said.what, OpenFiles::Raises(_)))
}

/// Programs that rarely are those that lack open files, and of which a restart may cost a login or keys.
const OF_THE_SYSTEM: &[&str] =
    &["cron", "crond", "dbus", "dbus-daemon", "rsyslog", "rsyslogd", "ssh", "ssh-agent", "sshd", "syslog-ng"];

/// The process that the help speaks of.
struct Named {
    /// What supervisorctl calls it, to be pasted into a shell; none where supervisorctl cannot be used with the file (SUP702,
    /// SUP703).
    process: Option<String>,
    /// Whether it starts others, whose limits are their own.
    starts_others: bool,
}

impl Named {
    fn of<'a>(lint: &Lint<'a>) -> Self {
        let serves = |program: &&Program<'a>| {
            let owner = &program.process.program;
            let other = owner.section.starts_with("eventlistener:") || OF_THE_SYSTEM.contains(&owner.name);
            !(other || lint.leaves(program) || oneshot::evidence(program).is_some())
        };
        let goes_on = |program: &&Program<'a>| {
            lint.known(&program.process.program.options.autorestart) != Some(&AutoRestart::Never)
        };
        let program = lint.programs().iter().filter(goes_on).find(serves);
        let stops = program.and_then(|program| lint.stops(program));
        let starts_others = stops.is_some_and(|stops| {
            !matches!(stops.between, Between::Nothing | Between::Proxy)
                || stops.children.is_some_and(Children::do_the_work)
        });
        let config = lint.config;
        let called = !(config.unix_servers.is_empty() && config.inet_servers.is_empty())
            && lint.merged.sections.get("supervisorctl").is_some()
            && has_interface(lint);
        let controlled = called || lint.may_have_more();
        let process =
            controlled.then(|| program.and_then(|program| pasted(lint, program)).unwrap_or_else(|| "NAME".to_owned()));
        Self { process, starts_others }
    }

    /// Sets the soft limit of the process, and of those that it has started: a limit is inherited at the start alone.
    fn raise(&self) -> String {
        match &self.process {
            Some(name) if self.starts_others => format!(
                "for pid in $(pgrep -g $(supervisorctl pid {name})); do prlimit --pid $pid --nofile=65536:; done"
            ),
            Some(name) => format!("prlimit --pid $(supervisorctl pid {name}) --nofile=65536:"),
            None => "prlimit --pid PID --nofile=65536:".to_owned(),
        }
    }

    fn check(&self) -> String {
        match &self.process {
            Some(name) if self.starts_others => {
                format!(
                    "for pid in $(pgrep -g $(supervisorctl pid {name})); do grep 'open files' /proc/$pid/limits; done"
                )
            }
            Some(name) => format!("grep 'open files' /proc/$(supervisorctl pid {name})/limits"),
            None => "grep 'open files' /proc/PID/limits".to_owned(),
        }
    }

    /// The pid of supervisord, as a shell finds it; that of a container is usually 1.
    fn of_supervisord(&self, or: &'static str) -> &'static str {
        if self.process.is_some() { "$(supervisorctl pid)" } else { or }
    }
}

/// What supervisorctl calls the first process of a program, where that is plain.
fn pasted(lint: &Lint<'_>, program: &Program<'_>) -> Option<String> {
    let process = program.process;
    let name = process.options.process_name.known()?;
    let is_its = |one: &Process<'_>| std::ptr::eq(one, process);
    let group = lint.config.groups.iter().find(|group| group.processes.iter().any(is_its))?;
    let name = if *name == group.name { group.name.to_owned() } else { format!("{}:{name}", group.name) };
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:@".contains(&b)).then_some(name)
}

fn on_host(named: &Named) -> String {
    format!(
        "ulimit -n and limits.conf do not change this where systemd starts supervisord.\n\
         now, as root, without a restart:\n\
         \x20 {}\n\
         for its next starts too:\n\
         \x20 prlimit --pid {} --nofile=65536:\n\
         for good: minfds=65536 here, or LimitNOFILE=65536:524288 in the unit that starts supervisord, then\n\
         \x20 systemctl restart supervisor\n\
         (reread, update and supervisorctl reload do not apply it; above the hard limit supervisord refuses to start)\n\
         check (soft, then hard limit; prlimit cannot exceed the hard one):\n\
         \x20 {}\n\
         a program that uses select() should keep 1024.",
        named.raise(),
        named.of_supervisord("$(pgrep -o supervisord)"),
        named.check()
    )
}

/// In a container root mostly lacks `CAP_SYS_RESOURCE` and may change only what root runs: supervisord, not its programs.
fn in_container(named: &Named) -> String {
    let restart = named.process.as_ref().map_or_else(
        || "(for programs that start later; one that runs as root: prlimit --pid PID --nofile=65536:)".to_owned(),
        |name| format!("  supervisorctl restart {name}"),
    );
    format!(
        "now, as root in the container:\n\
         \x20 prlimit --pid {} --nofile=65536:\n\
         {restart}\n\
         for good: minfds=65536 here, or docker run --ulimit nofile=65536:524288 (compose: ulimits), then a new container\n\
         (reread, update and supervisorctl reload do not apply it; above the hard limit supervisord refuses to start)\n\
         check (soft, then hard limit; prlimit cannot exceed the hard one):\n\
         \x20 {}\n\
         a program that uses select() should keep 1024.",
        named.of_supervisord("1"),
        named.check()
    )
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{E, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)])
            .says("programs are limited to 1024 open files (\"Too many open files\"), because minfds is not set.")
            .mends("[supervisord]\nminfds=65536\n[program:a]\ncommand=a"),
        // The process that the help names: one that stays; none where supervisorctl has no server.
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)]).helps("\n  prlimit --pid PID --nofile=65536:\n"),
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)]).target(Target::Container).helps("prlimit --pid 1 --"),
        row(
            "",
            "[supervisord]\n[supervisorctl]\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\n[unix_http_server]\nfile=/s\n[eventlistener:l]\ncommand=l\nevents=TICK_5\n[program:cron]\ncommand=cron -f\n\
             [program:migrate]\ncommand=migrate\n[program:gone]\ncommand=gunicorn -D a:b\n[program:rare]\ncommand=rare\nautorestart=false\n[program:a]\ncommand=a",
            &[(1, W)],
        )
        .helps("\n  prlimit --pid $(supervisorctl pid a) --nofile=65536:\n"),
        row("", "[supervisord]\n[supervisorctl]\n[unix_http_server]\nfile=/s\n[program:a]\ncommand=a", &[(1, W)])
            .helps("\n  prlimit --pid PID --nofile=65536:\n"),
        row("", "[supervisord]\n[supervisorctl]\n[unix_http_server]\n\
             file=/s\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\n[program:a]\ncommand=gunicorn a:b", &[(1, W)])
            .helps("\n  for pid in $(pgrep -g $(supervisorctl pid a)); do prlimit --pid $pid --nofile=65536:; done\n"),
        row("", "[supervisord]\nminfds=1024\n[program:a]\ncommand=a", &[(2, W)])
            .says("because minfds is 1024.")
            .mends("[supervisord]\nminfds=65536\n[program:a]\ncommand=a"),
        // What follows an inserted line stays an option, and lines end as their neighbours do.
        row("", "[supervisord]\n  user = root\n  ; a comment\n[program:a]\n  command=a", &[(1, W)])
            .mends("[supervisord]\n  user = root\n  minfds=65536\n  ; a comment\n[program:a]\n  command=a"),
        row("", "[supervisord]\r\nuser=root ; who\r\n\r\n[program:a]\r\ncommand=a\r", &[(1, W)])
            .mends("[supervisord]\r\nuser=root ; who\r\nminfds=65536\r\n\r\n[program:a]\r\ncommand=a\r"),
        row("", "[supervisord]\nminfds : 256 ; few\n[program:a]\ncommand=a", &[(2, W)])
            .mends("[supervisord]\nminfds : 65536 ; few\n[program:a]\ncommand=a"),
        row("", "[supervisord]\nminfds=9999\nminfds=256\n[program:a]\ncommand=a", &[(3, W)])
            .mends("[supervisord]\nminfds=9999\nminfds=65536\n[program:a]\ncommand=a"),
        row("", "[DEFAULT]\nminfds=512\n[supervisord]\nuser=root\n[program:a]\ncommand=a", &[(2, W)])
            .mends("[DEFAULT]\nminfds=512\n[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=a"),
        row("", "[supervisord]\nuser={{ user }}\n[program:a]\ncommand=a", &[(1, W)]).mends(""),
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
        row("", "[supervisord]\n[program:a]\ncommand=redis-server", &[]),
        row("", "[supervisord]\n[program:a]\ncommand=redis-server\n[program:b]\ncommand=b", &[(1, W)]),
        row("", "[supervisord]\nminfds=1025\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=1024", &[]),
        row("", "[supervisord]\nminfds=%(ENV_FDS)s\n[program:a]\ncommand=a", &[]),
    ];
}
