//! SUP603 undefined-env-expansion: `%(ENV_X)s` of a variable that is not there.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, OnMarkup, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP603.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP603",
        name: "undefined-env-expansion",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("undefined_env_expansion.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: None,
    cannot_run: false,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let Cause::UnknownName { name, second: _ } = &refusal.cause else { return None };
    let variable = name.strip_prefix("ENV_")?;
    let message =
        format!("{} is not set in the environment of supervisord here: supervisord refuses to start.", shown(variable));
    let same = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(variable);
    let help = match lint.reading.environment.iter().flatten().find(same) {
        Some((known, _)) => format!("names are case-sensitive: did you mean %(ENV_{known})s?"),
        None if refusal.option == Some("environment") && refusal.written.contains(&format!("{variable}=")) => {
            "environment= cannot use its own variables: write the value.".to_owned()
        }
        None if refusal.section == Some("supervisord") => format!(
            "set {variable} where supervisord starts (Environment= of the unit, ENV of the image), not in environment=."
        ),
        None => format!(
            "set {variable} where supervisord starts (Environment= of the unit, ENV of the image), or in environment= of [supervisord]."
        ),
    };
    Some(Explanation::new(message, help))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "directory=%(ENV_home)s", &[(1, E)]).says("'home' is not set in the environment").closed(),
        row(MAIN, "environment=A=\"1\",B=\"%(ENV_A)s\"", &[(1, E)]).closed(),
        row(PROGRAM, "directory=%(ENV_home)s", &[]),
        row(PROGRAM, "directory=%(ENV_HOME)s", &[]).closed(),
    ];
}
