//! SUP015 template-markup: the file is a template, not what Supervisor will read.

use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};

/// SUP015.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP015",
        name: "template-markup",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("template_markup.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Speaks,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for (place, kind) in lint.markup.first() {
        let what = match kind {
            "placeholder" => "the file holds placeholders that another program replaces".to_owned(),
            _ => format!("the file looks like a {kind} template"),
        };
        let but = if lint.markup.has_percent(place.source) {
            "; a % that Supervisor refuses is told all the same"
        } else {
            ""
        };
        let message =
            format!("{what}: what Supervisor will read is not here, so errors on such lines are withheld{but}.");
        let help = "lint the rendered file for full coverage.";
        found.push(Diagnostic::new(&RULE.rule, place, message).help(help));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "{% if x %}\n[program:{{ name }} {{ b }}]\nuser=a\n{% endif %}", &[(1, W)]),
        row("", "[supervisord]\nuser=%USER%\nminfds=@MINFDS@", &[(2, W)]).says("a % that Supervisor refuses is told"),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=python -m __main__ '{\"a\":{\"b\":1}}' ${HOME} ops@EXAMPLE.org",
            &[],
        ),
        row(PROGRAM, "; {{ what }}\nstopsignal=TERM ; {% if %}", &[]),
    ];
}
