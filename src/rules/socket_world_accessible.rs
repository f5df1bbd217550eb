//! SUP206 socket-world-accessible: a control socket that other accounts may use.

use super::view::effective::RunsAs;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::unix as k;
use crate::model::State;

/// SUP206.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP206",
        name: "socket-world-accessible",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("socket_world_accessible.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for server in &lint.config.unix_servers {
        let options = &server.options;
        // With a name there is a password too, or supervisord does not start.
        let open = match &options.username.state {
            State::Known(login) => login.as_ref().is_none_or(|login| login.is_empty()),
            State::Unknown(_) | State::Refused => false,
        };
        let (Some(chmod), Some(place), true) = (options.chmod.known(), options.chmod.place(), open) else { continue };
        // What chmod(2) looks at.
        let Some(mode) = chmod.to_i64().map(|mode| mode & 0o7777) else { continue };
        let account = match lint.runs_as() {
            RunsAs::Account(account) if !lint.config.fragment => Some(account.name),
            _ => None,
        };
        let rights = account.map_or_else(|| "usually as root".to_owned(), |name| format!("as {name}"));
        // connect(2) asks for the right to write, and for no other.
        let (severity, message) = if mode & 0o002 != 0 {
            let severity = if lint.container() { Severity::Warning } else { Severity::Error };
            (severity, format!("every local user can control all programs ({rights}): the socket has mode {mode:04o}."))
        } else if mode & 0o020 != 0
            && matches!(&options.chown.state, State::Known(owner) if owner.is_none_or(|owner| !owner.contains(':')))
        {
            let message = format!(
                "members of supervisord's group can control all programs ({rights}): the socket has mode {mode:04o}."
            );
            (Severity::Info, message)
        } else {
            continue;
        };
        // Only root may give the socket to somebody else: SUP214.
        let help = match account {
            Some(_) => "write chmod=0700.".to_owned(),
            None => "write chmod=0700.\nto let a group use it, write chmod=0770 and chown=root:GROUP.".to_owned(),
        };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(server.section, Some(k::CHMOD.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{E, I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777", &[(3, E)]).says("mode 0777"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=766", &[(3, E)]),
        row("", "[unix_http_server]\nfile=/s\nchmod=0666", &[(3, E)]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777\nusername=\npassword=", &[(3, E)]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777", &[(3, W)]).target(Target::Container),
        row("", "[supervisord]\nnodaemon=true\n[unix_http_server]\nfile=/s\nchmod=0777", &[(5, W)]),
        row("", "[supervisord]\nuser=app\n[unix_http_server]\nfile=/s\nchmod=0777", &[(5, E)]).says("(as app)"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0770", &[(3, I)]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0770\nchown=root:ops", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777\nusername=a\npassword=b", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777\nusername=%(ENV_U)s\npassword=b", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=-7", &[(3, I)]).says("mode 7771"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0755", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0700", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0778", &[]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod={{ mode }}", &[]),
    ];
}
