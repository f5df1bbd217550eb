//! SUP214 socket-owner-not-permitted: a socket for another account, of a supervisord that is not root.

use super::view::effective::{Account, RunsAs, same_account};
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{Key, fcgi as f, unix as u};
use crate::model::{GroupKind, Value};

/// SUP214.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP214",
        name: "socket-owner-not-permitted",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("socket_owner_not_permitted.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // In a fragment the main file decides.
    let (RunsAs::Account(account), false) = (lint.runs_as(), lint.config.fragment) else { return };
    for server in &lint.config.unix_servers {
        of_socket(&account, (server.section, &u::CHOWN), &server.options.chown, found);
    }
    for group in &lint.config.groups {
        if let GroupKind::Fcgi(options) = &group.kind {
            of_socket(&account, (group.section, &f::SOCKET_OWNER), &options.socket_owner, found);
        }
    }
}

fn of_socket<'a>(
    account: &Account<'a>,
    (section, key): (&'a str, &'static Key),
    owner: &Value<'a, Option<&'a str>>,
    found: &mut Found<'_, 'a>,
) {
    let (Some(Some(owner)), Some(place)) = (owner.known(), owner.place()) else { return };
    let (user, group) = owner.split_once(':').map_or((*owner, None), |(user, group)| (user, Some(group)));
    let name = account.name;
    let (severity, confidence) = if !same_account(user, name) {
        (Severity::Error, Confidence::High)
    } else if group.is_some_and(|group| group != name && group != user) {
        // It may be one of the account's other groups.
        (Severity::Warning, Confidence::Medium)
    } else {
        return;
    };
    let unless = if severity == Severity::Warning { " unless that account is in the group" } else { "" };
    let message = format!(
        "supervisord refuses to start: it runs as {} and may not give its socket to {}{unless}.",
        shown(name),
        shown(owner)
    );
    let help = format!("remove {0}=, or write {0}={name}: the socket belongs to that account anyway.", key.name);
    let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
    diagnostic.confidence = confidence;
    found.push(diagnostic.label(account.place, "supervisord's user").of(section, Some(key.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, Row, W, row};

    const APP: &str = "[supervisord]\nuser=app\nminfds=1024\n";

    pub const ROWS: &[Row] = &[
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=root:www", &[(3, E)]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=www", &[(3, E)]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=0:app", &[(3, E)]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=app:www", &[(3, W)])
            .says("unless that account is in the"),
        row(
            APP,
            "[fcgi-program:a]\ncommand=a\nsocket=unix:///srv/a.sock\nsocket_owner=www\nnumprocs=3\nprocess_name=%(process_num)s",
            &[(4, E)],
        ),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=app:app", &[]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=app", &[]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=1000:1000", &[]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown=%(ENV_OWNER)s", &[]),
        row(APP, "[unix_http_server]\nfile=/srv/s.sock\nchown={{ owner }}", &[]),
        row("", "[supervisord]\nuser=root\n[unix_http_server]\nfile=/srv/s.sock\nchown=www", &[]),
        row("", "[supervisord]\n[unix_http_server]\nfile=/srv/s.sock\nchown=www", &[]),
        row("", "[unix_http_server]\nfile=/srv/s.sock\nchown=www", &[]),
    ];
}
