//! SUP204 http-server-exposed: a control port that the network reaches.

use super::view::effective::RunsAs;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::inet as k;
use crate::model::State;
use crate::model::value::Text;
use crate::refusal::Refusal;

/// SUP204.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP204",
        name: "http-server-exposed",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("http_server_exposed.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for server in &lint.config.inet_servers {
        // A server with half a login keeps supervisord from starting, and is somebody else's to speak of.
        let refused = |refusal: &Refusal| refusal.section.as_ref() == Some(&server.section);
        if lint.config.refusals.iter().any(refused) {
            continue;
        }
        let port = &server.options.port;
        let (Some(Some(address)), Some(place)) = (port.known(), port.place()) else { continue };
        let host = address.host;
        let loopback = host == "localhost" || host.starts_with("127.");
        // Supervisor serves IPv4 alone: a host with a colon is SUP010's.
        if loopback || host.contains(':') {
            continue;
        }
        let open = |login: &State<Option<Text>>| match login {
            State::Known(login) => login.as_ref().is_none_or(|login| login.is_empty()),
            State::Unknown(_) | State::Refused => false,
        };
        let open = open(&server.options.username.state);
        let wide = host.is_empty() || host == "0.0.0.0";
        let whom = if wide { "every interface".to_owned() } else { shown(host) };
        let rights = match lint.runs_as() {
            RunsAs::Account(account) if !lint.config.fragment => format!("as {}", account.name),
            _ => "usually as root".to_owned(),
        };
        let message = if open {
            format!("anyone who reaches this port controls all programs ({rights}): {whom} is open without a password.")
        } else {
            format!("anyone with the password controls all programs ({rights}): the control port listens on {whom}.")
        };
        let bare = if lint.sources.slice(place).contains(':') { "" } else { " (a port alone listens everywhere)" };
        let help = format!(
            "write port=127.0.0.1:{0}{bare}, or remove the section and use [unix_http_server].\nfor remote use: `ssh -L {0}:127.0.0.1:{0} HOST`.",
            address.port
        );
        let help = if lint.container() {
            format!(
                "remove the section and use [unix_http_server]; then `docker exec NAME supervisorctl` works.\n\
                 or write port=127.0.0.1:{0}: then only this container reaches it.",
                address.port
            )
        } else {
            help
        };
        let severity = if open { Severity::Error } else { Severity::Warning };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(server.section, Some(k::PORT.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[inet_http_server]\nport=9001", &[(2, E)]),
        row("", "[supervisord]\n[inet_http_server]\nport=9001", &[(3, E)]),
        row("", "[supervisord]\n[inet_http_server]\nport=:9001\nusername=\npassword=", &[(3, E)]),
        row("", "[supervisord]\n[inet_http_server]\nport=*:9001\nusername=a\npassword=b", &[(3, W)]),
        row("", "[supervisord]\n[inet_http_server]\nport=0.0.0.0:9001", &[(3, E)]),
        row("", "[supervisord]\n[inet_http_server]\nport=10.0.0.1:9001", &[(3, E)]),
        row("", "[supervisord]\n[inet_http_server]\nport=example.org:9001\nusername=%(ENV_U)s\npassword=b", &[(3, W)]),
        row("", "[supervisord]\n[inet_http_server]\nport=127.0.0.1:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=127.1.2.3:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=LOCALHOST:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=%(ENV_HOST)s:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport={{ host }}:9001", &[]),
    ];
}
