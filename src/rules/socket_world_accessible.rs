//! SUP206 socket-world-accessible: a control socket that other accounts may use.

use super::view::effective::RunsAs;
use super::view::mend::Mend;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
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
    fix: Some(mend),
    cannot_run: false,
};

/// A group that `chown` names keeps its rights; one that nobody names may still be meant.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let server = lint.config.unix_servers.iter().find(|server| Some(server.section) == finding.section)?;
    let options = &server.options;
    let group = match &options.chown.state {
        State::Known(None) => false,
        State::Known(Some(owner)) => {
            // A supervisord that may not give its socket away does not start: SUP214.
            if account(lint).is_some_and(|name| owner.split(':').any(|part| part != name)) {
                return None;
            }
            owner.contains(':')
        }
        State::Unknown(_) | State::Refused => return None,
    };
    let written = options.chmod.known()?.to_i64()?;
    let to_all = written & 0o002 != 0;
    let (mode, title) =
        if group && written & 0o020 != 0 { ("0770", "write chmod=0770") } else { ("0700", "write chmod=0700") };
    let mend = Mend::of(lint).set(server.section, &k::CHMOD, mode, None);
    if to_all { mend.safe(title) } else { mend.risky(title) }
}

/// The account that supervisord runs as, where that is known and not root.
fn account<'a>(lint: &Lint<'a>) -> Option<&'a str> {
    match lint.runs_as() {
        RunsAs::Account(account) if !lint.config.fragment => Some(account.name),
        _ => None,
    }
}

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
        let account = account(lint);
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
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777", &[(3, E)])
            .says("mode 0777")
            .mends("[unix_http_server]\nfile=/s\nchmod=0700"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=766", &[(3, E)]).mends("[unix_http_server]\nfile=/s\nchmod=0700"),
        row("", "[unix_http_server]\nfile=/s\nchmod=0666", &[(3, E)]).mends("[unix_http_server]\nfile=/s\nchmod=0700"),
        row("", "[unix_http_server]\r\n  chmod : 0777 # all\r\n  file=/s\r", &[(2, E)])
            .mends("[unix_http_server]\r\n  chmod : 0700 # all\r\n  file=/s\r"),
        row("", "[unix_http_server]\nchmod=0700\nchmod=0777\nfile=/s", &[(3, E)])
            .mends("[unix_http_server]\nchmod=0700\nchmod=0700\nfile=/s"),
        row("", "[DEFAULT]\nchmod=0777\n[unix_http_server]\nfile=/s", &[(2, E)])
            .mends("[DEFAULT]\nchmod=0777\n[unix_http_server]\nfile=/s\nchmod=0700"),
        // The group that chown names was meant.
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777\nchown=root:ops", &[(3, E)])
            .mends("[unix_http_server]\nfile=/s\nchmod=0770\nchown=root:ops"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0707\nchown=root:ops", &[(3, E)])
            .safely("[unix_http_server]\nfile=/s\nchmod=0700\nchown=root:ops"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777\nchown=%(ENV_OWNER)s", &[(3, E)]).mends(""),
        row("", "[supervisord]\nuser=app\n[unix_http_server]\nfile=/s\nchmod=0777\nchown=root:ops", &[(5, E)])
            .mends(""),
        row("", "[supervisord]\nuser=app\n[unix_http_server]\nfile=/s\nchmod=0777\nchown=app", &[(5, E)])
            .mends("[supervisord]\nuser=app\n[unix_http_server]\nfile=/s\nchmod=0700\nchown=app"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777\nusername=\npassword=", &[(3, E)]),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0777", &[(3, W)]).target(Target::Container),
        row("", "[supervisord]\nnodaemon=true\n[unix_http_server]\nfile=/s\nchmod=0777", &[(5, W)]),
        row("", "[supervisord]\nuser=app\n[unix_http_server]\nfile=/s\nchmod=0777", &[(5, E)]).says("(as app)"),
        row(MAIN, "[unix_http_server]\nfile=/s\nchmod=0770", &[(3, I)])
            .mends("[unix_http_server]\nfile=/s\nchmod=0700"),
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
