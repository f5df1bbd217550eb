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
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for (place, kind) in lint.markup.first() {
        let message = match kind {
            _ if lint.markup.has_percent(place.source) => {
                "this looks like a placeholder of a template; as it is, Supervisor refuses it.".to_owned()
            }
            "placeholder" => {
                "this is a template with placeholders; errors on lines with markup are not shown.".to_owned()
            }
            _ => format!("this looks like a template ({kind}); errors on lines with markup are not shown."),
        };
        let help = "check the rendered file too.";
        found.push(Diagnostic::new(&RULE.rule, place, message).help(help));
    }
}

/// What a conversion says of a template instead of what Supervisor refuses in it.
pub(super) fn unrendered<'a>(lint: &Lint<'a>) -> Option<Diagnostic<'a>> {
    let (place, kind) = lint.markup.first().next()?;
    let message = format!("this is not what Supervisor will read: it looks like a template ({kind}).");
    let help = "render it first, and convert the rendered file.";
    Some(Diagnostic::new(&RULE.rule, place, message).severity(Severity::Error).help(help))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "{% if x %}\n[program:{{ name }} {{ b }}]\nuser=a\n{% endif %}", &[(1, W)]),
        row("", "[supervisord]\nuser=%USER%\nminfds=@MINFDS@", &[(2, W)]).says("errors on lines with markup are not"),
        row("", "[supervisord]\nuser=%USER%\nminfds=1", &[(2, W)]).says("Supervisor refuses it"),
        row(MAIN, "[program:%(name)s]\nuser=%(user)s", &[(1, W)]).says("a template (Python)"),
        row(MAIN, "@if($a)\n[program:a]\nuser={{ $b }}\n@endif", &[(1, W)]).says("a template (Blade)"),
        row(MAIN, "[program:a]\nuser=%(user)s", &[]),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=python -m __main__ '{\"a\":{\"b\":1}}' ${HOME} ops@EXAMPLE.org",
            &[],
        ),
        row(PROGRAM, "; {{ what }}\nstopsignal=TERM ; {% if %}", &[]),
    ];
}
