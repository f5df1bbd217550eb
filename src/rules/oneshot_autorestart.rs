//! SUP303 oneshot-autorestart: a command that ends when its work is done, and is started again each time.

use super::view::effective::Program;
use super::view::mend::Mend;
use super::view::mend::command::program_of;
use super::view::oneshot::{Evidence, evidence, runs};
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::program as k;
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;

/// SUP303.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP303",
        name: "oneshot-autorestart",
        severity: Severity::Error,
        confidence: Confidence::Medium,
        page: include_str!("oneshot_autorestart.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Whether the rule speaks of a program.
pub(super) fn speaks(lint: &Lint<'_>, program: &Program<'_>) -> bool {
    severity(lint, program).is_some()
}

/// How bad it is. A pause in its script shows that somebody wants it to run again and again.
fn severity(lint: &Lint<'_>, program: &Program<'_>) -> Option<Severity> {
    if lint.known(&program.process.program.options.autorestart) != Some(&AutoRestart::Always) {
        return None;
    }
    match evidence(program)? {
        Evidence::Command { repeats: false, sure } => Some(if sure { Severity::Error } else { Severity::Warning }),
        Evidence::Command { repeats: true, sure: _ } | Evidence::Name => None,
    }
}

fn counted(runs: &Integer) -> String {
    if *runs == Integer::from(1) { "1 run".to_owned() } else { format!("{runs} runs") }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for (program, severity) in lint.programs().iter().filter_map(|program| Some((program, severity(lint, program)?))) {
        let options = &program.process.program.options;
        let Some((place, command)) = options.autorestart.place().zip(program.command.as_ref()) else { continue };
        let retries = lint.known(&options.startretries);
        let (ends, help) = if severity == Severity::Error {
            ("this command ends by itself", "write autorestart=false and startsecs=0: then it runs once.")
        } else {
            (
                "by its name this command ends by itself",
                "if it does, write autorestart=false and startsecs=0: then it runs once.\nif it goes on, change nothing.",
            )
        };
        // One that ends before it counts as started is not started without end.
        let message = match (lint.known(&options.startsecs), retries) {
            (Some(seconds), Some(retries)) if *seconds > Integer::from(0) => format!(
                "{ends}, so autorestart=true repeats it: {} if each is shorter than {seconds} s, else without end.",
                counted(&runs(retries))
            ),
            _ => format!("{ends}, and autorestart=true starts it again without end."),
        };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message)
            .severity(severity)
            .help(help)
            .label(command.place, ends)
            .of(program.process.program.section, Some(k::AUTORESTART.name));
        found.push_resting_on(command.place, diagnostic);
    }
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    let section = finding.section?;
    // A name that servers have too proves nothing.
    if severity(lint, program)? != Severity::Error {
        return None;
    }
    if *lint.known(&program.process.program.options.startsecs)? > Integer::from(0) {
        return Mend::of(lint)
            .both(section, (&k::AUTORESTART, "false"), (&k::STARTSECS, "0"))
            .risky("write autorestart=false and startsecs=0");
    }
    Mend::of(lint).set(section, &k::AUTORESTART, "false", None).risky("write autorestart=false")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=chown -R app /data\nautorestart=true", &[(3, E)])
            .says("4 runs if each")
            .mends("[program:a]\ncommand=chown -R app /data\nautorestart=false\nstartsecs=0"),
        row(MAIN, "[program:a]\ncommand=php artisan migrate\nautorestart=true\nstartsecs=0", &[(3, E)])
            .says("again without end")
            .mends("[program:a]\ncommand=php artisan migrate\nautorestart=false\nstartsecs=0"),
        row(MAIN, "[program:a]\r\n  STARTSECS : 5 ; x\r\n  autorestart : yes\r\n  command : mkdir /x", &[(3, E)])
            .mends("[program:a]\r\n  STARTSECS : 0 ; x\r\n  autorestart : false\r\n  command : mkdir /x"),
        row("", "[DEFAULT]\nautorestart=true\n[program:a]\ncommand=mkdir /x", &[(2, E)])
            .mends("[DEFAULT]\nautorestart=true\n[program:a]\ncommand=mkdir /x\nautorestart=false\nstartsecs=0"),
        row("", "[DEFAULT]\nstartsecs=5\n[program:a]\n autorestart=1\n command=mkdir /x\n[program:b]", &[(4, E)])
            .mends(
                "[DEFAULT]\nstartsecs=5\n[program:a]\n autorestart=false\n startsecs=0\n command=mkdir /x\n[program:b]",
            ),
        row(MAIN, "[program:a]\ncommand=mkdir /x\nautorestart=false\nautorestart=true", &[(4, E)])
            .mends("[program:a]\ncommand=mkdir /x\nautorestart=false\nautorestart=false\nstartsecs=0"),
        row(MAIN, "[program:a]\ncommand=mkdir /x\nautorestart=true\nstartsecs=%(ENV_S)s", &[(3, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /srv && ./db-migrate.sh'\nautorestart=true", &[(3, E)]),
        // Some servers are started by an init.sh.
        row(MAIN, "[program:a]\ncommand=/srv/init.sh\nautorestart=true", &[(3, W)])
            .says("by its name this command ends by itself")
            .helps("if it goes on, change nothing.")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=/usr/local/bin/bootstrap.sh\nautorestart=true", &[(3, W)]).mends(""),
        row("", "[program:a]\ncommand=mkdir /x\nautorestart=true", &[(3, E)]),
        row(
            MAIN,
            "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=touch /x\nautorestart=true",
            &[(5, E)],
        ),
        row(PROGRAM, "autorestart=true", &[]),
        row(MAIN, "[program:migrate]\ncommand=/srv/run\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=chown -R app /data\nautorestart=false", &[]),
        row(MAIN, "[program:a]\ncommand=chown -R app /data", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'sleep 3600; cp /a /b'\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'mkdir -p /x; exec /srv/api'\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/wait_for_deps.sh python3 -m uvicorn a:b\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=node bootstrap.js\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=gunicorn setup:app\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=chown {{ user }} /data\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=mkdir /x\nautorestart=%(ENV_A)s", &[]),
    ];
}
