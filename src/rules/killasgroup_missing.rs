//! SUP308 killasgroup-missing: workers that are left when SIGKILL ends their main process.

use super::program_runs_as_root::joined;
use super::view::mend::Mend;
use super::view::stops::{Between, Stops};
use super::{Check, Found, Lint};
use crate::apps::Children;
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::program as k;

/// SUP308.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP308",
        name: "killasgroup-missing",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("killasgroup_missing.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What is said of each program.
const SAID: &str = "leaves its workers running if SIGKILL has to end it";

/// Of Celery: the workers of newer versions ask the kernel for SIGKILL when their main process is gone (celery/celery#6942, run).
const SAID_OF_CELERY: &str = "leaves its workers running if SIGKILL has to end it and its Celery is older than 5.2";

/// Supervisor reads the option for the last step of a stop alone.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    Mend::of(lint).set(finding.section?, &k::KILLASGROUP, "true", None).safe("write killasgroup=true")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let owner = &program.process.program;
        let (stopasgroup, killasgroup) = (&owner.options.stopasgroup, &owner.options.killasgroup);
        let (Some(false), Some(false), Some(command)) =
            (lint.known(stopasgroup), lint.known(killasgroup), &program.command)
        else {
            continue;
        };
        let Some(Stops { children: Some(Children::Tasks | Children::Workers), leaves: false, between, app }) =
            lint.stops(program)
        else {
            continue;
        };
        if app.is_some_and(|app| !app.workers_end.is_empty()) {
            continue;
        }
        // Where a shell or pidproxy stays, SIGKILL never comes: it ends at the first signal.
        if between != Between::Nothing {
            continue;
        }
        let name = owner.name;
        let (said, severity) = match app.map(|app| app.name) {
            Some("celery worker") => (SAID_OF_CELERY, Severity::Info),
            _ => (SAID, Severity::Warning),
        };
        let message = Message::made(move || format!("{name} {said}."));
        let help = "write killasgroup=true: then SIGKILL, which follows after stopwaitsecs, ends the workers too.";
        let place = killasgroup.place().unwrap_or(owner.header);
        let finding = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        let finding = finding.of(owner.section, Some(k::KILLASGROUP.name)).about(name, said);
        found.push_resting_on(command.place, finding);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=gunicorn a:b", &[(1, W)])
            .says("a leaves its workers running if SIGKILL has to end it.")
            .mends("[program:a]\ncommand=gunicorn a:b\nkillasgroup=true"),
        row(MAIN, "[program:a]\ncommand=rq worker\nkillasgroup=false", &[(3, W)])
            .mends("[program:a]\ncommand=rq worker\nkillasgroup=true"),
        row(MAIN, "[program:a]\ncommand=celery -A a worker", &[(1, I)]).says("and its Celery is older than 5.2."),
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'\n[program:b]\ncommand=php-fpm -F", &[(1, W), (3, W)])
            .mends(
                "[program:a]\ncommand=nginx -g 'daemon off;'\nkillasgroup=true\n\
                 [program:b]\ncommand=php-fpm -F\nkillasgroup=true",
            ),
        row(
            "",
            "[program:a]\r\n  command : gunicorn a:b ; x\r\n    --c\r\n  ; y\r\n\r\n  [program:b]\r\n\
             \x20 KillAsGroup : no # x\r\n  KILLASGROUP : off ; y\r\n  command : gunicorn a:b",
            &[(1, W), (8, W)],
        )
        .mends(
            "[program:a]\r\n  command : gunicorn a:b ; x\r\n    --c\r\n  killasgroup=true\r\n  ; y\r\n\r\n\
             \x20 [program:b]\r\n  KillAsGroup : no # x\r\n  KILLASGROUP : true ; y\r\n  command : gunicorn a:b",
        ),
        row("", "[DEFAULT]\nkillasgroup=false\n[program:a]\ncommand=gunicorn a:b", &[(2, W)])
            .mends("[DEFAULT]\nkillasgroup=false\n[program:a]\ncommand=gunicorn a:b\nkillasgroup=true"),
        row("", "[program:a]\ncommand=gunicorn a:b\nnumprocs=3\nprocess_name=%(process_num)s", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec gunicorn a:b'", &[(1, W)]),
        // Their workers end by themselves.
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan horizon", &[]),
        row(MAIN, "[program:a]\ncommand=/usr/lib/postfix/sbin/master -c /etc/postfix -d", &[]),
        // Its processes, or its jobs, have groups of their own.
        row(MAIN, "[program:a]\ncommand=postgres -D /data", &[]),
        row(MAIN, "[program:a]\ncommand=supercronic /etc/crontab", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nkillasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && gunicorn a:b'", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn --daemon a:b", &[]),
        row(MAIN, "[program:a]\ncommand=pidproxy /run/a.pid /usr/bin/gunicorn a:b", &[]),
        row(MAIN, "[program:a]\ncommand=puma", &[]),
        row(MAIN, "[program:a]\ncommand=sshd -D", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn a:b\nkillasgroup=%(ENV_K)s", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn {{ app }}", &[]),
    ];
}
