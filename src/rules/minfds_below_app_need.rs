//! SUP102 minfds-below-app-need: a server with fewer open files than its vendor gives it.

use super::view::effective::grouped;
use super::{Check, Found, Lint, default_minfds};
use crate::apps::{App, OpenFiles};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process as k;
use crate::python::integer::Integer;

/// SUP102.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP102",
        name: "minfds-below-app-need",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("minfds_below_app_need.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Not where what SUP101 writes is less than the server needs.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let program = lint.program(section)?;
    let (_, needs, _) = needs(lint.ran(program)?.app?)?;
    let enough = i64::try_from(default_minfds::FILES).is_ok_and(|files| needs <= files.into());
    if enough { default_minfds::raised(lint) } else { None }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let (Some(minfds), Some(given)) = (lint.minfds(), lint.open_files()) else { return };
    // The limit of a container is what its runtime gives, often a million.
    let container = lint.container();
    let (severity, unless) =
        if container { (Severity::Info, " unless the container gives more") } else { (Severity::Warning, "") };
    for program in lint.programs() {
        let Some(command) = &program.command else { continue };
        let Some((app, needs, source)) = lint.ran(program).and_then(|ran| needs(ran.app?)) else { continue };
        if given >= needs {
            continue;
        }
        let (name, needs, given) = (app.name, grouped(&needs), grouped(&given));
        let message = format!("{name} may open {given} files{unless}; its vendor's unit gives it {needs}.");
        let number = needs.replace(',', "");
        let help = format!(
            "write minfds={number} or more in [supervisord], then restart supervisord.\n\
             a small server may do with less.\nthe number is from {source}."
        );
        let finding = Diagnostic::new(&RULE.rule, command.place, message).severity(severity).help(help);
        let finding = finding.label(minfds.place, format!("minfds is {} here", minfds.number));
        found.push_resting_on(minfds.place, finding.of(program.process.program.section, Some(k::COMMAND.name)));
    }
}

/// How many files a server wants to open, and what says so.
fn needs(app: &'static App) -> Option<(&'static App, Integer, &'static str)> {
    let said = app.files?;
    match said.what {
        OpenFiles::Server(number) => Some((app, i64::from(number).into(), *said.sources.first()?)),
        OpenFiles::Raises(_) | OpenFiles::Usual(_) | OpenFiles::Grows(_) => None,
    }
}

/// Whether it warns of a program.
pub(super) fn warns(lint: &Lint<'_>) -> bool {
    let Some(given) = lint.open_files().filter(|_| !lint.container()) else { return false };
    let needs = |program| lint.ran(program).and_then(|ran| needs(ran.app?));
    lint.programs().iter().filter_map(needs).any(|(_, needs, _)| given < needs)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=mongod", &[(3, W)])
            .says("mongod may open 1,024 files; its vendor's unit gives it 64,000.")
            .mends("[supervisord]\nminfds=65536\n[program:a]\ncommand=mongod"),
        row("", "[supervisord]\nminfds=20000\n[program:a]\ncommand=gosu app elasticsearch", &[(4, W)])
            .says("65,535")
            .mends("[supervisord]\nminfds=65536\n[program:a]\ncommand=gosu app elasticsearch"),
        // One line is enough for several.
        row(
            "",
            "[supervisord]\n  minfds=20000\n  user=root\n\
             [program:a]\ncommand=mongod\n[program:b]\ncommand=mysqld",
            &[(5, W), (7, W)],
        )
        .mends(
            "[supervisord]\n  minfds=65536\n  user=root\n\
             [program:a]\ncommand=mongod\n[program:b]\ncommand=mysqld",
        ),
        // What the fix writes would not be enough.
        row("", "[supervisord]\nminfds=65536\n[program:a]\ncommand=clickhouse-server", &[(4, W)])
            .says("500,000")
            .mends(""),
        row("", "[supervisord]\n[program:a]\ncommand=mongod\nnumprocs=3\nprocess_name=%(process_num)s", &[(3, W)]),
        row("", "[supervisord]\n[program:a]\ncommand=mongod", &[(3, I)])
            .target(Target::Container)
            .says("unless the container gives more"),
        row("", "[supervisord]\nminfds=64000\n[program:a]\ncommand=mongod", &[]),
        row(MAIN, "[program:a]\ncommand=mysqld", &[]),
        row("", "[supervisord]\n[program:a]\ncommand=consul agent\n[program:b]\ncommand=redis-cli ping", &[]),
        // It raises its own limit.
        row("", "[supervisord]\n[program:a]\ncommand=redis-server", &[]),
        row("", "[program:a]\ncommand=mongod", &[]),
        row("", "[supervisord]\nminfds=%(ENV_M)s\n[program:a]\ncommand=mongod", &[]),
        row("", "[supervisord]\nminfds={{ m }}\n[program:a]\ncommand=mongod", &[]),
    ];
}
