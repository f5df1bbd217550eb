//! SUP204 http-server-exposed: a control port that the network reaches.

use super::view::effective::RunsAs;
use super::view::mend::Mend;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{inet as k, supervisorctl as c};
use crate::load::Facts;
use crate::model::address::Address;
use crate::model::value::Text;
use crate::model::{Origin, State};
use crate::python;
use crate::refusal::Refusal;
use crate::source::{Place, Span};

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
    fix: Some(mend),
    cannot_run: false,
};

/// Where only this machine calls.
const LOCAL: &str = "127.0.0.1";

/// The host alone is replaced: the port stays as it is written.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let server = lint.config.inet_servers.iter().find(|server| server.section == section)?;
    let port = &server.options.port;
    let (address, place) = (port.known()?.as_ref()?, port.place()?);
    let mend = Mend::of(lint).changes(section, k::PORT.name);
    let written = lint.sources.slice(place);
    let mend = match written.rsplit_once(':') {
        // A line of [DEFAULT] is that of other sections too.
        _ if matches!(port.origin, Origin::Inherited(_)) => {
            mend.add(section, &format!("{}={LOCAL}:{}", k::PORT.name, address.port), None)
        }
        Some((host, _)) => {
            // What an expansion brings may hold a colon.
            let known = if host == "*" { address.host.is_empty() } else { python::lower(host) == address.host };
            if !known {
                return None;
            }
            mend.replace(part(place, 0, host.len()), LOCAL)
        }
        None if written.contains('%') => return None,
        None => mend.insert(place.source, place.span.start, &format!("{LOCAL}:")),
    };
    let (mend, title) = match followed(lint, address)? {
        None => (mend, "listen on 127.0.0.1 alone: other machines cannot reach the port then"),
        Some(host) => (
            mend.replace(host, LOCAL).changes("supervisorctl", c::SERVERURL.name),
            "listen on 127.0.0.1 alone, and write that in serverurl too: other machines cannot reach the port then",
        ),
    };
    mend.risky(title)
}

/// The host that supervisorctl calls, if the server goes away from there; `None` where that cannot be replaced.
#[expect(clippy::option_option, reason = "nothing to replace is not the same as nothing that can be replaced")]
fn followed<'a>(lint: &Lint<'a>, address: &Address<'a>) -> Option<Option<Place>> {
    const SCHEME: &str = "http://";
    let calls = |text: &'a str| {
        let rest = text.strip_prefix(SCHEME)?;
        let (host, port) = rest.split('/').next()?.rsplit_once(':')?;
        // A server on every interface has many names, and the same port is the only sign of it.
        let same = if is_wide(address.host) { !stays(host) } else { python::lower(host) == address.host };
        (same && port.parse() == Ok(address.port)).then_some(host)
    };
    let url = lint.merged.setting("supervisorctl", c::SERVERURL.name);
    let Some((url, host)) = url.and_then(|url| Some((url, calls(url.text)?))) else { return Some(None) };
    if url.facts.any(Facts::PERCENT.and(Facts::NEWLINE)) || lint.sources.slice(url.value) != url.text {
        return None;
    }
    Some(Some(part(url.value, SCHEME.len(), host.len())))
}

/// Whether a server on this host is open to every interface.
fn is_wide(host: &str) -> bool {
    host.is_empty() || host == "0.0.0.0"
}

/// Whether a server is called by this host still, once it listens on 127.0.0.1 alone.
fn stays(host: &str) -> bool {
    host == LOCAL || host.eq_ignore_ascii_case("localhost") || is_wide(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.starts_with("127.")
}

/// Some bytes of a value that stands in one line.
fn part(value: Place, from: usize, length: usize) -> Place {
    let start = value.span.start as usize + from;
    Place { span: Span::new(start, start + length), ..value }
}

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
        // Supervisor serves IPv4 alone: a host with a colon is SUP010's.
        if is_loopback(host) || host.contains(':') {
            continue;
        }
        let open = |login: &State<Option<Text>>| match login {
            State::Known(login) => login.as_ref().is_none_or(|login| login.is_empty()),
            State::Unknown(_) | State::Refused => false,
        };
        let open = open(&server.options.username.state);
        let whom = if is_wide(host) { "every interface".to_owned() } else { shown(host) };
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
        row("", "[inet_http_server]\nport=9001", &[(2, E)]).mends("[inet_http_server]\nport=127.0.0.1:9001"),
        row("", "[supervisord]\n[inet_http_server]\nport=9001", &[(3, E)]),
        row("", "[supervisord]\n[inet_http_server]\nport=:9001\nusername=\npassword=", &[(3, E)])
            .mends("[supervisord]\n[inet_http_server]\nport=127.0.0.1:9001\nusername=\npassword="),
        row("", "[supervisord]\n[inet_http_server]\nport=*:9001\nusername=a\npassword=b", &[(3, W)])
            .mends("[supervisord]\n[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword=b"),
        row("", "[supervisord]\n[inet_http_server]\nport=0.0.0.0:9001", &[(3, E)])
            .mends("[supervisord]\n[inet_http_server]\nport=127.0.0.1:9001"),
        row("", "[supervisord]\n[inet_http_server]\nport=10.0.0.1:9001", &[(3, E)])
            .mends("[supervisord]\n[inet_http_server]\nport=127.0.0.1:9001"),
        row("", "[inet_http_server]\r\n  Port : 09001 ; the web page\r", &[(2, E)])
            .mends("[inet_http_server]\r\n  Port : 127.0.0.1:09001 ; the web page\r"),
        row("", "[inet_http_server]\nport=1\nport = * :9001", &[(3, E)])
            .mends("[inet_http_server]\nport=1\nport = 127.0.0.1:9001"),
        row("", "[inet_http_server]\nport=9001\n[inet_http_server:b]\nport=Example.org:9002", &[(2, E), (4, E)])
            .mends("[inet_http_server]\nport=127.0.0.1:9001\n[inet_http_server:b]\nport=127.0.0.1:9002"),
        // supervisorctl goes with it.
        row("", "[inet_http_server]\nport=10.0.0.1:9001\n[supervisorctl]\nserverurl=http://10.0.0.1:9001", &[(2, E)])
            .mends("[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=http://127.0.0.1:9001"),
        row("", "[inet_http_server]\nport=10.0.0.1:9001\n[supervisorctl]\nserverurl=http://10.0.0.11:9001", &[(2, E)])
            .mends("[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=http://10.0.0.11:9001"),
        row("", "[inet_http_server]\nport=10.0.0.1:9001\n[supervisorctl]\nserverurl=http://10.0.0.1:9002", &[(2, E)])
            .mends("[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=http://10.0.0.1:9002"),
        row("", "[inet_http_server]\nport=*:9001\n[supervisorctl]\nserverurl=http://db1:9001/", &[(2, E)])
            .at_risk("[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=http://127.0.0.1:9001/"),
        row("", "[inet_http_server]\nport=*:9001\n[supervisorctl]\nserverurl=http://127.0.1.1:9001", &[(2, E)])
            .mends("[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=http://127.0.0.1:9001"),
        row("", "[inet_http_server]\nport=9001\n[supervisorctl]\nserverurl=http://0.0.0.0:9001", &[(2, E)])
            .mends("[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=http://0.0.0.0:9001"),
        row("", "[DEFAULT]\nport=9001\n[inet_http_server]\nusername=\npassword=", &[(2, E)])
            .mends("[DEFAULT]\nport=9001\n[inet_http_server]\nusername=\npassword=\nport=127.0.0.1:9001"),
        // The name of a variable stands for the port, or for all of it.
        row("", "[inet_http_server]\nport=*:9%(ENV_HOME)s", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=example.org:9001\nusername=%(ENV_U)s\npassword=b", &[(3, W)]),
        row("", "[supervisord]\n[inet_http_server]\nport=127.0.0.1:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=127.1.2.3:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=LOCALHOST:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport=%(ENV_HOST)s:9001", &[]),
        row("", "[supervisord]\n[inet_http_server]\nport={{ host }}:9001", &[]),
    ];
}
