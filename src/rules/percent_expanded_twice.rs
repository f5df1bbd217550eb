//! SUP006 percent-expanded-twice: an option whose value Supervisor formats two times.

use super::bad_percent::{Conversion, conversions, expanded};
use super::{Check, Explanation, Found, Lint, Written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP006.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP006",
        name: "percent-expanded-twice",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("percent_expanded_twice.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    cannot_run: false,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option?;
    match &refusal.cause {
        Cause::Percent { second: true } | Cause::UnknownName { second: true, .. } => {}
        _ => return None,
    }
    // What the refusal holds is the text between the two.
    let setting = lint.merged.setting(refusal.section?, option)?;
    let (from, help) = if setting.text.contains("%%") {
        ("the % left by %%", "write a literal percent sign as %%%%.")
    } else {
        (
            "a % in the value of a variable",
            "write the value itself with %%%% for each percent sign, or give the program the variable as it is: it inherits \
             supervisord's environment.",
        )
    };
    let message =
        format!("{option} is expanded twice, and {from} is not valid the second time: supervisord refuses to start.");
    Some(Explanation::new(message, help))
}

/// `%%s`, which the second expansion takes for `%s`.
fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let candidates = expanded(lint).filter_map(|Written { section, option, setting, .. }| {
        let twice = matches!(option, "stdout_logfile" | "stderr_logfile")
            || (section, option) == ("supervisord", "environment");
        if !twice
            || !setting.text.contains("%%")
            || conversions(setting.text).any(|conversion| conversion.inserts_all())
        {
            return None;
        }
        // The first expansion as far as it concerns percent signs: what a name stands for does not matter.
        let once = setting.text.replace("%(", "(").replace("%%", "%");
        conversions(&once).find(Conversion::inserts_all)?;
        let message = format!(
            "{option} is expanded twice, and the % left by %% inserts the whole environment of \
             supervisord, secrets included."
        );
        let help = "write a literal percent sign as %%%%.";
        Some(Diagnostic::new(&RULE.rule, setting.value, message).help(help).of(section, Some(option)))
    });
    for finding in candidates {
        found.push_of_accepted(finding.place, finding);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stderr_logfile=/x/%%Y.log", &[(1, E)])
            .says("stderr_logfile is expanded twice, and the % left by %%"),
        row(PROGRAM, "stderr_logfile=/x/%%s.log", &[(1, E)])
            .says("stderr_logfile is expanded twice, and the % left by %% inserts"),
        // A template of Python: what the name will be is not here.
        row("", "[program:%(name)s]\ncommand=%USER%\nstdout_logfile=%(program_name)s.log", &[]),
        row(MAIN, "environment=A=\"%%s\"", &[(1, E)]).says("inserts the whole environment"),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=date +%%s %%(asctime)s %(here)s\n\
         stdout_logfile=/x/%(program_name)s-%%(host_node_name)s.log",
            &[],
        ),
        row(PROGRAM, "directory=/%%s", &[]),
    ];
}
