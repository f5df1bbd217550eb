//! SUP210 permissive-umask: files that everybody may write to.

use super::view::effective::Program;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{program as k, supervisord as s};
use crate::python::integer::Integer;
use crate::source::Place;

/// SUP210.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP210",
        name: "permissive-umask",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("permissive_umask.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// The right of everybody to write, which a umask takes away.
const OTHERS_WRITE: i64 = 0o002;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let severity = if lint.container() { Severity::Info } else { Severity::Warning };
    let mut add = |section: &'a str, option: &'static str, umask: &Integer, place: Place, whose: &str| {
        let Some(mask) = umask.to_i64().filter(|mask| mask & OTHERS_WRITE == 0) else { return };
        let message =
            format!("every local user can change the files that {whose}: umask={:03o} allows it.", mask & 0o777);
        let help = "write umask=022, or umask=002 to let the group write too.";
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(section, Some(option)));
    };
    let supervisord = &lint.config.supervisord;
    // In the foreground supervisord does not set it: SUP009.
    if let (Some(umask), Some(place), Some(false)) =
        (lint.known(&supervisord.umask), supervisord.umask.place(), supervisord.nodaemon.known())
    {
        add("supervisord", s::UMASK.name, umask, place, "the programs create");
    }
    for Program { process, .. } in lint.programs() {
        let umask = &process.program.options.umask;
        if let (Some(Some(mask)), Some(place)) = (lint.known(umask), umask.place()) {
            add(process.program.section, k::UMASK.name, mask, place, "this program creates");
        }
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "umask=000", &[(1, W)]).says("this program creates: umask=000"),
        row(PROGRAM, "umask=0", &[(1, W)]),
        row(PROGRAM, "umask=020\nnumprocs=3\nprocess_name=%(process_num)s", &[(1, W)]),
        row(MAIN, "umask=000", &[(1, W)]).says("the programs create"),
        row("", "[program:a]\ncommand=a\numask=0", &[(3, W)]),
        row(PROGRAM, "umask=000", &[(1, I)]).target(Target::Container),
        row(MAIN, "umask=000\nnodaemon=true", &[]),
        row(PROGRAM, "umask=022", &[]),
        row(PROGRAM, "umask=002", &[]),
        row(PROGRAM, "umask=0o77", &[]),
        row(PROGRAM, "umask=%(ENV_MASK)s", &[]),
        row(PROGRAM, "umask={{ mask }}", &[]),
        row(PROGRAM, "", &[]),
    ];
}
