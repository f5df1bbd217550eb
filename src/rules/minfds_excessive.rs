//! SUP104 minfds-excessive: a minfds so high that each start waits for it.

use super::view::effective::grouped;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::python::integer::Integer;

/// SUP104.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP104",
        name: "minfds-excessive",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("minfds_excessive.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

const HIGHEST: i64 = 262_144;

/// What closing one descriptor costs, measured between one and two millionths.
const SECONDS: f64 = 1.5e-6;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let Some(minfds) = lint.minfds().filter(|minfds| minfds.number > Integer::from(HIGHEST)) else { return };
    let seconds = minfds.number.to_f64().unwrap_or(f64::INFINITY) * SECONDS;
    let processes = lint.config.groups.iter().map(|group| group.processes.len()).sum::<usize>();
    // What all processes cost together, which they do when supervisord starts.
    let all = match u32::try_from(processes) {
        Ok(2..) if seconds < 1e6 => {
            let all = seconds * f64::from(u32::try_from(processes).unwrap_or(0));
            format!(", and {all:.1} s for the {processes} processes of this file")
        }
        _ => String::new(),
    };
    let message = format!(
        "every start of a program takes about {seconds:.1} s of CPU{all}, because supervisord closes {} descriptors one by one.",
        grouped(&minfds.number)
    );
    let help = "write what the programs need: minfds=65536 costs 0.1 s per start.\n\
                a program that needs more can raise its own soft limit, up to the hard limit.";
    let diagnostic = Diagnostic::new(&RULE.rule, minfds.place, message).help(help);
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\nminfds=262145\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\nminfds=600000\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\nminfds=99999999999999999999999999\n[program:a]\ncommand=a", &[(2, W)]),
        row("", "[supervisord]\nminfds=262144\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nminfds=%(ENV_FDS)s\n[program:a]\ncommand=a", &[]),
    ];
}
