//! SUP603 undefined-env-expansion: `%(ENV_X)s` of a variable that is not there.

mod open;

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
    check: Some(open::check),
    fix: None,
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
    use crate::rules::Target;
    use crate::rules::rows::{E, I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "directory=%(ENV_home)s", &[(1, E)]).says("'home' is not set in the environment").closed(),
        row(MAIN, "environment=A=\"1\",B=\"%(ENV_A)s\"", &[(1, E)]).closed(),
        // An open world: what the section itself sets comes too late.
        row(PROGRAM, "environment=AUTO=true\nautostart=%(ENV_AUTO)s", &[(2, E)])
            .says("unless it inherits AUTO: autostart= does not see environment= of its own section"),
        row(PROGRAM, "environment=A=\"1\",B=\"%(ENV_A)s\"", &[(1, E)]).says("environment= does not see"),
        row(MAIN, "environment=LOGS=\"/l\"\nlogfile=%(ENV_LOGS)s/s.log", &[(2, E)]),
        row(PROGRAM, "numprocs=3\nenvironment=N=3\nstopwaitsecs=%(ENV_N)s\nprocess_name=%(process_num)s", &[(3, E)]),
        row("", "[program:a]\ncommand=a\nenvironment=N=3\nstopwaitsecs=%(ENV_N)s", &[(4, I)]),
        row(PROGRAM, "environment=PORT=80\ndirectory=/srv/%(ENV_PORT)s", &[]),
        row(MAIN, "environment=N=3\n[program:a]\ncommand=a\nenvironment=N=3\nstopwaitsecs=%(ENV_N)s", &[]),
        row(PROGRAM, "environment=A=\"x:%(ENV_A)s\",B=\"%(ENV_A)s\"\nstopwaitsecs=%(ENV_A)s", &[(1, W)]),
        row(PROGRAM, "environment=N=3\nstopwaitsecs=%(ENV_N)s", &[(2, E)]).closed(),
        // What nothing sets here.
        row(PROGRAM, "directory=%(ENV_DATA)s\nstdout_logfile=%(ENV_LOGS)s/%(ENV_DATA)s", &[(1, W)])
            .says("if DATA and LOGS are not in its environment"),
        row(PROGRAM, "directory=%(ENV_DATA)s", &[(1, I)]).target(Target::Container),
        row("", "[program:a]\ncommand=a %(ENV_X)s", &[(2, I)]),
        row(MAIN, "[include]\nfiles=/nothing/*.conf\n[program:a]\ncommand=a %(ENV_X)s", &[(4, I)]),
        row(PROGRAM, "directory=%(ENV_HOME)s\nenvironment=PATH=\"/x:%(ENV_PATH)s\",L=\"%(ENV_LC_ALL)s\"", &[]),
        row(MAIN, "environment=X=1\n[program:a]\ncommand=a %(ENV_X)s %%(ENV_Y)s\nfoo=%(ENV_Z)s", &[]),
        row(MAIN, "[supervisorctl]\nserverurl=%(ENV_U)s\n[x]\na=%(ENV_A)s", &[]),
        row(PROGRAM, "directory=%(ENV_DATA)s/{{ x }}", &[]),
        row(PROGRAM, "directory=%(ENV_HOME)s", &[]).closed(),
    ];
}
