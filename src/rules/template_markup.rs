//! SUP015 template-markup: the file is a template, not what Supervisor will read.

use super::{Check, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};

/// SUP015.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP015",
        name: "template-markup",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "The file holds markup that another program replaces: {% … %}, {{ … }}, <% … %>, @NAME@, __NAME__, %NAME%; ${NAME} only \
               beside one of these or where no shell word can stand. Comments are not looked at. Said once a file.",
        why: "Supervisor reads what comes out of the template, and that is not here. Errors on lines with markup are therefore \
              withheld, values with markup are unknown to all rules, and a clean result means less than it does elsewhere. \
              About a quarter of the configuration files in public repositories are such templates.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:{{ name }}]\ncommand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
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
        let path = lint.sources.path(place.source).into();
        let help = "lint the rendered file for full coverage.";
        found.push(Diagnostic::new(&RULE.rule, place, message).help(help).about(path));
    }
}
