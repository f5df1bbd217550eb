//! SUP302 oneshot-without-startsecs-zero: a program that ends when its work is done, and has to last to count as started.

use super::view::effective::Program;
use super::view::last::{Script, script, waits};
use super::view::mend::Mend;
use super::view::mend::command::program_of;
use super::view::oneshot::{evidence, runs};
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::program as k;
use crate::model::value::AutoRestart;
use crate::python::basename;
use crate::python::integer::Integer;

/// SUP302.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP302",
        name: "oneshot-without-startsecs-zero",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("oneshot_without_startsecs_zero.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Whether its script waits before it begins: then it may last as long as `startsecs`.
fn waits_first(program: &Program<'_>) -> bool {
    let words = program.command.as_ref().and_then(|command| command.words.as_ref().ok());
    let Some(Script { shell: _, text }) = words.and_then(|words| script(words)) else { return false };
    let mut names = text.split([' ', '\t', '\n', ';', '&']).map(basename);
    names.any(|name| name == "sleep" || waits(name))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let options = &program.process.program.options;
        // Only who writes that it is not to be started again has thought of a program that ends.
        let Some(restart) = options.autorestart.place() else { continue };
        let policy = lint.known(&options.autorestart);
        let Some(AutoRestart::Never | AutoRestart::Unexpected) = policy else { continue };
        let Some(seconds) = lint.known(&options.startsecs).filter(|seconds| **seconds > Integer::from(0)) else {
            continue;
        };
        if evidence(program).is_none() || waits_first(program) {
            continue;
        }
        let name = program.process.program.name;
        let runs = lint.known(&options.startretries).map(runs);
        let runs = runs.filter(|runs| *runs > Integer::from(1)).map(|runs| format!("runs {runs} times and "));
        let message = format!(
            "{name} {}becomes FATAL if it ends within {seconds} s, whatever its exit code.",
            runs.as_deref().unwrap_or("")
        );
        let help = match policy {
            Some(AutoRestart::Unexpected) => {
                "write startsecs=0 and autorestart=false.\nautorestart=unexpected would then repeat a failing run without end."
            }
            _ => "write startsecs=0: each end then counts as a success.",
        };
        let place = options.startsecs.place().unwrap_or(restart);
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
        found.push(diagnostic.of(program.process.program.section, Some(k::STARTSECS.name)));
    }
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    let section = finding.section?;
    match lint.known(&program.process.program.options.autorestart)? {
        AutoRestart::Never => {
            Mend::of(lint).set(section, &k::STARTSECS, "0", Some(&k::AUTORESTART)).safe("write startsecs=0")
        }
        AutoRestart::Unexpected => Mend::of(lint)
            .both(section, (&k::AUTORESTART, "false"), (&k::STARTSECS, "0"))
            .safe("write startsecs=0 and autorestart=false"),
        AutoRestart::Always => None,
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=php artisan migrate --force\nautorestart=false", &[(3, W)])
            .says("a runs 4 times and becomes FATAL if it ends within 1 s")
            .mends("[program:a]\ncommand=php artisan migrate --force\nautorestart=false\nstartsecs=0"),
        row(MAIN, "[program:a]\ncommand=chown app /x\nautorestart=unexpected\nstartsecs=5", &[(4, W)])
            .says("within 5 s")
            .mends("[program:a]\ncommand=chown app /x\nautorestart=false\nstartsecs=0"),
        row(MAIN, "[program:a]\ncommand=/db-migrate\nautorestart=false\nstartretries=0", &[(3, W)])
            .says("a becomes FATAL")
            .mends("[program:a]\ncommand=/db-migrate\nautorestart=false\nstartsecs=0\nstartretries=0"),
        row(MAIN, "[program:a]\r\n\tautorestart : no ; x\r\n\t# y\r\n\tcommand : /db-migrate", &[(2, W)])
            .mends("[program:a]\r\n\tautorestart : no ; x\r\n\tstartsecs=0\r\n\t# y\r\n\tcommand : /db-migrate"),
        row("", "[DEFAULT]\nautorestart=false\n[program:a]\ncommand=/db-migrate", &[(2, W)])
            .mends("[DEFAULT]\nautorestart=false\n[program:a]\ncommand=/db-migrate\nstartsecs=0"),
        row("", "[DEFAULT]\nautorestart=unexpected\n[program:a]\n startsecs=5\n command=/db-migrate", &[(4, W)]).mends(
            "[DEFAULT]\nautorestart=unexpected\n[program:a]\n startsecs=0\n autorestart=false\n command=/db-migrate",
        ),
        row(
            MAIN,
            "[program:a]\ncommand=/db-migrate\nautorestart=false\nstartsecs=3\nstartsecs=2\n[program:b]\ncommand=mkdir /x\n\
             autorestart=off",
            &[(5, W), (8, W)],
        )
        .mends(
            "[program:a]\ncommand=/db-migrate\nautorestart=false\nstartsecs=3\nstartsecs=0\n[program:b]\ncommand=mkdir /x\n\
             autorestart=off\nstartsecs=0",
        ),
        row(MAIN, "[program:db-init]\ncommand=/srv/run\nautorestart=false", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=sh -c \"./bin/migrate-entrypoint.sh\"\nautorestart=unexpected", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /srv && mkdir -p x'\nautorestart=false", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=/wait-for-it.sh db:1\nautorestart=false", &[(3, W)]),
        row("", "[program:a]\ncommand=/opt/init.sh\nautorestart=false", &[(3, W)]),
        row(
            MAIN,
            "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=/opt/init.sh\nautorestart=false",
            &[(5, W)],
        ),
        row(MAIN, "[program:a]\ncommand=php artisan migrate\nautorestart=false\nstartsecs=0", &[]),
        // It may be a daemon that somebody wants to start again by hand.
        row(PROGRAM, "autorestart=false", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan migrate", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/tcp-server --init /setup\nautorestart=false", &[]),
        row(MAIN, "[program:a]\ncommand=/wait-for-it.sh db:1 -- /srv/api\nautorestart=false", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'mkdir -p /x && exec /srv/api'\nautorestart=false", &[]),
        row(MAIN, "[program:nginx-setup]\ncommand=nginx -g 'daemon off;'\nautorestart=false", &[]),
        row(MAIN, "[eventlistener:setup]\ncommand=/srv/l\nevents=TICK_5\nautorestart=false", &[]),
        row(MAIN, "[program:a]\ncommand=/db-migrate\nautorestart=false\nstartsecs=%(ENV_S)s", &[]),
        row(MAIN, "[program:a]\ncommand=/db-migrate\nautorestart={{ restart }}", &[]),
    ];
}
