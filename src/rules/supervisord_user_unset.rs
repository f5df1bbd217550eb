//! SUP202 supervisord-user-unset: supervisord runs as whoever starts it.

use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::model::State;

/// SUP202.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP202",
        name: "supervisord-user-unset",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("supervisord_user_unset.md"),
        repeat: Repeat::Run(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
};

const MESSAGE: &str =
    "supervisord runs as whoever starts it, usually root, and logs CRIT about it: [supervisord] has no user.";

fn joined(files: &[&str], most: usize) -> String {
    let [_, others @ ..] = files else { return MESSAGE.to_owned() };
    let named: Vec<&str> = others.iter().take(most).copied().collect();
    match others.len().saturating_sub(most) {
        0 => format!("{MESSAGE} So it is in {}.", named.join(", ")),
        more => format!("{MESSAGE} So it is in {} and {more} more (--all names them).", named.join(", ")),
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let Some(header) = config.header.filter(|_| !config.fragment) else { return };
    // The unit or the command line that starts supervisord may say what the file does not.
    if config.supervisord.user.state != State::Known(None) || lint.account_is_given() {
        return;
    }
    let severity = if lint.container() { Severity::Info } else { Severity::Warning };
    let help = "write user=root in [supervisord] if root is meant; else the account that all programs are to run as (each \
                program's own user= then does nothing: only root can change it).";
    let diagnostic = Diagnostic::new(&RULE.rule, header, MESSAGE).severity(severity).help(help);
    found.push(diagnostic.of("supervisord", Some(k::USER.name)).about(config.path, MESSAGE));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)]),
        row("", "[supervisord]\nnodaemon=true", &[(1, I)]),
        row("", "[supervisord]\nuser=root", &[]),
        row("", "[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nuser={{ user }}", &[]),
    ];
}
