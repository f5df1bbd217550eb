//! SUP205 http-auth-weak: half a pair of user name and password.

use super::{Check, Explanation, Lint};
use crate::diagnostic::{Confidence, OnMarkup, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP205.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP205",
        name: "http-auth-weak",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("http_auth_weak.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::SilentOfMissing,
    },
    refusal: Some(explain),
    check: None,
    cannot_run: false,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Credentials {
        return None;
    }
    let section = refusal.section?;
    let here = refusal.option?;
    let missing = if here == "username" { "password" } else { "username" };
    let message = format!("[{section}] has {here}= but no {missing}=: supervisord refuses to start.");
    Some(Explanation::new(message, format!("write {missing}= too, or remove {here}=.")))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[inet_http_server]\nport=9001\npassword=geheim", &[(3, E)])
            .says("[inet_http_server] has password= but no username="),
        row(MAIN, "[unix_http_server]\nfile=/x.sock\nusername=a", &[(3, E)]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword=b", &[]),
        row("", "[unix_http_server]\nusername=a", &[]),
        row(MAIN, "{% if x %}\n[inet_http_server]\nport=127.0.0.1:9001\nusername=a\n{% endif %}", &[]),
    ];
}
