//! SUP105 minfds-unreachable: a minfds above the hard limit, which only root may raise.

use super::view::effective::{RunsAs, grouped};
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::python::integer::Integer;

/// SUP105.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP105",
        name: "minfds-unreachable",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("minfds_unreachable.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// The hard limit that nearly every way to start a process gives.
const EVERYWHERE: i64 = 4096;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let (Some(minfds), Some(limits)) = (lint.minfds(), lint.limits()) else { return };
    let account = match lint.runs_as() {
        RunsAs::Unknown => return,
        RunsAs::Root | RunsAs::Starter => None,
        RunsAs::Account(account) => Some(account),
    };
    let hard = Integer::from(i64::try_from(limits.hard).unwrap_or(i64::MAX));
    let beyond = minfds.number > hard;
    let (severity, confidence) = match (lint.unit().is_some(), beyond, account.is_some()) {
        (true, true, true) => (Severity::Error, Confidence::High),
        (true, true, false) => (Severity::Info, Confidence::High),
        (true, false, _) => return,
        (false, true, _) => (Severity::Warning, Confidence::Medium),
        (false, false, other) => {
            let low = minfds.number <= Integer::from(EVERYWHERE);
            if low || !(other || lint.container()) {
                return;
            }
            (Severity::Info, Confidence::Medium)
        }
    };
    let who = match &account {
        Some(account) => format!("as {}", account.name),
        None if lint.container() => "without CAP_SYS_RESOURCE".to_owned(),
        None => "unless it is root".to_owned(),
    };
    let number = &minfds.number;
    let message = if beyond {
        let hard = grouped(&hard);
        format!("supervisord refuses to start: {who} it cannot raise its hard limit of {hard} to {number} open files.")
    } else {
        format!(
            "supervisord refuses to start if its hard limit is below {number} open files: {who} it cannot raise it."
        )
    };
    let help = format!(
        "look at `ulimit -Hn` where supervisord starts; then lower minfds, or raise the hard limit: LimitNOFILE={number} below \
         [Service] in `systemctl edit supervisor`, or docker run --ulimit nofile={number}:{number}."
    );
    let mut diagnostic = Diagnostic::new(&RULE.rule, minfds.place, message).severity(severity).help(help);
    diagnostic.confidence = confidence;
    if let Some(account) = account {
        diagnostic = diagnostic.label(account.place, "this comes first");
    }
    if let Some(limits) = lint.unit().and_then(|unit| unit.limits.as_ref()) {
        diagnostic = diagnostic.label(limits.place, "the hard limit");
    }
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\nminfds=600000\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\nminfds=99999999999999999999999999\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\nminfds=65536\nuser=app\n[program:a]\ncommand=a", &[(2, I)]),
        row("", "[supervisord]\nminfds=65536\nnodaemon=true\n[program:a]\ncommand=a", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=a", &[(0, I)]).target(Target::Container),
        row(MAIN, "[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=262145\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=4096\nuser=app\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=%(ENV_FDS)s\n[program:a]\ncommand=a", &[]),
    ];
}
