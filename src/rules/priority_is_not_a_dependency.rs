//! SUP313 priority-is-not-a-dependency: priorities where one program needs what another does first.

use super::view::effective::Program;
use super::view::oneshot::evidence;
use super::{Check, Found, Lint};
use crate::apps::{Account, App};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::hash::HashMap;
use crate::keys::program as k;
use crate::model::value::AutoRestart;
use crate::model::{Group, GroupKind, Process};
use crate::python::integer::Integer;
use crate::source::Place;

/// SUP313.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP313",
        name: "priority-is-not-a-dependency",
        severity: Severity::Info,
        confidence: Confidence::Medium,
        page: include_str!("priority_is_not_a_dependency.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// A program that supervisord starts, and when.
struct Started<'p, 'a> {
    program: &'p Program<'a>,
    app: Option<&'static App>,
    /// Its group.
    group: &'a str,
    /// The priority of its group, which counts before its own does.
    of_group: &'p Integer,
    own: &'p Integer,
    /// Where one of them is written.
    written: Option<Place>,
}

impl Started<'_, '_> {
    /// The number that decides which of two starts first.
    fn priority(&self, other: &Self) -> &Integer {
        if self.group == other.group { self.own } else { self.of_group }
    }

    /// Whether it is a server that others need.
    fn is_server(&self) -> bool {
        self.app.is_some_and(|app| app.backend)
    }

    /// Whether it may need one: it goes on running, and is no service of the machine or server before others.
    fn may_need_servers(&self, lint: &Lint<'_>) -> bool {
        let restart = lint.known(&self.program.process.program.options.autorestart);
        let own =
            |app: &App| matches!(app.account.map(|said| said.what), Some(Account::Needs(_) | Account::Drops { .. }));
        !self.is_server() && restart != Some(&AutoRestart::Never) && !self.app.is_some_and(own)
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let groups: HashMap<&str, &Group<'a>> = lint.config.groups.iter().map(|group| (group.name, group)).collect();
    let started: Vec<Started<'_, 'a>> =
        lint.programs().iter().filter_map(|program| started(lint, program, &groups)).collect();
    servers(lint, &started, found);
    tasks(&started, found);
}

/// How many programs are held against each server and each task: a file may have a hundred thousand of both.
const LOOKED_AT: usize = 64;

/// Programs that start before a server.
fn servers<'a>(lint: &Lint<'a>, started: &[Started<'_, 'a>], found: &mut Found<'_, 'a>) {
    let clients: Vec<_> = started.iter().filter(|one| one.may_need_servers(lint)).take(LOOKED_AT).collect();
    for server in started.iter().filter(|one| one.is_server()) {
        let first = clients.iter().find(|client| {
            let (early, late) = (client.priority(server), server.priority(client));
            let both = client.written.is_some() && server.written.is_some();
            early < late || (early == late && both)
        });
        let Some(client) = first else { continue };
        let (early, late) = (client.priority(server), server.priority(client));
        let (name, needed) = (client.program.process.program.name, server.program.process.program.name);
        let message = if early < late {
            format!(
                "{name} starts before {needed}: its priority is {early}, that of {needed} is {late}, and low numbers start first."
            )
        } else {
            format!("{name} starts without waiting for {needed}: both have priority {early}.")
        };
        let help = format!(
            "if {name} needs {needed}, let it try again until it gets a connection.\n\
             a lower priority for {needed} helps little: supervisord does not wait until it is ready."
        );
        let section = server.program.process.program.section;
        let place = server.written.unwrap_or(server.program.process.program.header);
        let mut finding = Diagnostic::new(&RULE.rule, place, message).help(help);
        if let Some(place) = client.written {
            finding = finding.label(place, format!("{name} has {early}"));
        }
        let command = server.program.command.as_ref().map_or(place, |command| command.place);
        found.push_resting_on(command, finding.of(section, Some(k::PRIORITY.name)));
    }
}

/// Tasks that are to be over before another program starts.
fn tasks<'a>(started: &[Started<'_, 'a>], found: &mut Found<'_, 'a>) {
    let (tasks, stay): (Vec<_>, Vec<_>) = started.iter().partition(|one| evidence(one.program).is_some());
    for task in tasks {
        let Some((place, command)) = task.written.zip(task.program.command.as_ref()) else { continue };
        let Some(next) = stay.iter().take(LOOKED_AT).find(|next| task.priority(next) < next.priority(task)) else {
            continue;
        };
        let (name, waits) = (task.program.process.program.name, next.program.process.program.name);
        let message =
            format!("{waits} does not wait until {name} has ended: a lower priority only starts {name} before it.");
        let help = format!(
            "if {waits} needs it, run the command of {name} before supervisord starts: in the entrypoint of the image,\n\
             or as ExecStartPre= of the unit. Or let {waits} try again until all is there."
        );
        let mut finding = Diagnostic::new(&RULE.rule, place, message).help(help);
        if let Some(place) = next.written {
            finding = finding.label(place, format!("{waits} has {}", next.priority(task)));
        }
        found.push_resting_on(command.place, finding.of(task.program.process.program.section, Some(k::PRIORITY.name)));
    }
}

/// When a section is started; `None` of a listener, and of what is not started by itself.
fn started<'p, 'a>(
    lint: &'p Lint<'a>,
    program: &'p Program<'a>,
    groups: &HashMap<&str, &'p Group<'a>>,
) -> Option<Started<'p, 'a>> {
    let process: &Process<'a> = program.process;
    let options = &process.program.options;
    let group = *groups.get(process.group)?;
    if matches!(group.kind, GroupKind::EventListener(_)) || lint.known(&options.autostart) != Some(&true) {
        return None;
    }
    let app = lint.ran(program).and_then(|ran| ran.app);
    let (of_group, own) = (lint.known(&group.priority)?, lint.known(&options.priority)?);
    let written = options.priority.place().or(group.priority.place());
    Some(Started { program, app, group: process.group, of_group, own, written })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(
            MAIN,
            "[program:a]\ncommand=gunicorn a:b\npriority=1\n[program:db]\ncommand=postgres -D /d\npriority=2",
            &[(6, I)],
        )
        .says("a starts before db: its priority is 1, that of db is 2"),
        row(MAIN, "[program:a]\ncommand=/srv/a\npriority=5\n[program:db]\ncommand=redis-server", &[(4, I)]).says("999"),
        row(
            "",
            "[program:a]\ncommand=/srv/a\npriority=5\nnumprocs=3\nprocess_name=%(process_num)s\n\
             [program:db]\ncommand=redis-server\npriority=5",
            &[(8, I)],
        )
        .says("both have priority 5"),
        row(
            MAIN,
            "[program:a]\ncommand=a\npriority=2\n[program:db]\ncommand=mysqld\npriority=1\n[group:g]\nprograms=a\npriority=0",
            &[(6, I)],
        ),
        row(
            MAIN,
            "[program:m]\ncommand=php artisan migrate\npriority=1\nautorestart=false\n[program:a]\ncommand=/srv/a\npriority=2",
            &[(3, I)],
        )
        .says("a does not wait until m has ended"),
        row(MAIN, "[program:m]\ncommand=sh -c './bin/migrate.sh'\npriority=1\n[program:a]\ncommand=/srv/a", &[(3, I)]),
        row(
            MAIN,
            "[program:m]\ncommand=php artisan migrate\npriority=1\n[program:a]\ncommand=rm -rf /tmp/a\npriority=2",
            &[],
        ),
        row(MAIN, "[program:m]\ncommand=php artisan migrate\npriority=2\n[program:a]\ncommand=/srv/a\npriority=2", &[]),
        row(MAIN, "[program:m]\ncommand=php artisan migrate\n[program:a]\ncommand=/srv/a", &[]),
        row(
            MAIN,
            "[program:m]\ncommand=php artisan migrate\npriority=1\n[program:a]\ncommand=/srv/a\nautostart=false",
            &[],
        ),
        row(MAIN, "[program:a]\ncommand=/srv/a\npriority=2\n[program:db]\ncommand=postgres -D /d\npriority=1", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\n[program:db]\ncommand=postgres -D /d", &[]),
        row(MAIN, "[program:a]\ncommand=cron -f\npriority=1\n[program:db]\ncommand=postgres -D /d\npriority=2", &[]),
        row(MAIN, "[program:a]\ncommand=redis-server\npriority=1\n[program:db]\ncommand=mysqld\npriority=2", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\npriority=1\nautostart=false\n[program:db]\ncommand=mysqld", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\npriority=1\nautorestart=false\n[program:db]\ncommand=mysqld", &[]),
        row(MAIN, "[eventlistener:a]\ncommand=/srv/a\nevents=TICK_5\n[program:db]\ncommand=mysqld\npriority=5", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\npriority=%(ENV_P)s\n[program:db]\ncommand=mysqld\npriority=5", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\npriority={{ p }}\n[program:db]\ncommand=mysqld\npriority=5", &[]),
    ];
}
