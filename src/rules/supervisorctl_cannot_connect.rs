//! SUP703 supervisorctl-cannot-connect: a supervisorctl that calls where nobody listens.

use super::control_file_in_tmp::is_cleaned;
use super::missing_rpcinterface::{FACTORY, has_interface};
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::supervisorctl as k;
use crate::load::Setting;
use crate::model::Value;
use crate::model::value::Text;
use crate::python;
use crate::source::Place;

/// SUP703.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP703",
        name: "supervisorctl-cannot-connect",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("supervisorctl_cannot_connect.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

/// What `ClientOptions` takes where serverurl is not written.
const USUAL: &str = "http://localhost:9001";

const SECTION: &str = "supervisorctl";

/// A server that is certain.
struct Server<'a> {
    header: Place,
    section: &'a str,
    at: At<'a>,
    username: &'a Value<'a, Option<Text<'a>>>,
    password: &'a Value<'a, Option<Text<'a>>>,
}

/// Where a server listens, or where supervisorctl calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At<'a> {
    Unix(&'a str),
    Inet { host: &'a str, port: u16 },
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    // What a template brings may be the server, or the section.
    if config.fragment || config.header.is_none() || lint.markup.first().next().is_some() {
        return;
    }
    let Some(servers) = servers(lint) else { return };
    let Some(section) = lint.merged.sections.get(SECTION) else {
        if let Some(server) = servers.first() {
            none(lint, server, found);
        }
        return;
    };
    if section.header.source != lint.merged.main {
        let message = "supervisorctl refuses the main file: it reads no includes, and [supervisorctl] is in one.";
        let help = "move [supervisorctl] to the main file.";
        let diagnostic = Diagnostic::new(&RULE.rule, section.header, message).severity(Severity::Warning).help(help);
        found.push(diagnostic.of(SECTION, None));
        return;
    }
    let options = lint.merged.options(section);
    let of_main = |setting: &&Setting<'a>| setting.value.source == lint.merged.main;
    let url = options.get(k::SERVERURL.name).or_else(|| lint.merged.defaults().get(k::SERVERURL.name));
    if url.is_some_and(|url| !of_main(&url) || url.text.contains('%')) {
        return;
    }
    let (text, place) = url.map_or((USUAL, section.header), |url| (url.text, url.value));
    let Some(called) = at(lint, text) else { return };
    let here = |server: &&Server<'a>| reaches(called, server.at);
    match (servers.iter().find(here), servers.first()) {
        (Some(server), _) => {
            let setting = |name| options.get(name).filter(of_main);
            let login = (setting(k::USERNAME.name), setting(k::PASSWORD.name));
            credentials(lint, server, login, place, found);
        }
        (None, None) => {
            let severity = if lint.may_have_more() { Severity::Info } else { Severity::Warning };
            let unset = if url.is_none() { " (serverurl is unset)" } else { "" };
            let message =
                format!("supervisorctl cannot connect: nothing in this file listens on {}{unset}.", shown(text));
            let help = match called {
                At::Unix(path) if lint.container() || !is_cleaned(path) => {
                    let or = if is_used(lint) {
                        ""
                    } else {
                        "\nor remove [supervisorctl] if nobody is to control supervisord."
                    };
                    format!("write [unix_http_server] with file={path}{}{or}", interface(lint))
                }
                At::Unix(_) | At::Inet { .. } => {
                    format!(
                        "write [unix_http_server] with file=/run/supervisor.sock{}\n\
                         write serverurl=unix:///run/supervisor.sock here.",
                        interface(lint)
                    )
                }
            };
            let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
            found.push(diagnostic.of(SECTION, Some(k::SERVERURL.name)));
        }
        (None, Some(server)) => {
            let unset = if url.is_none() { " (serverurl is unset)" } else { "" };
            let right = url_of(server.at);
            let message = format!(
                "supervisorctl cannot connect: it calls {}{unset}, but supervisord listens on {}.",
                shown(text),
                shown(&right)
            );
            let help = format!("write serverurl={right} in [supervisorctl].");
            let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
            let diagnostic = diagnostic.label(server.header, "supervisord listens here");
            found.push(diagnostic.of(SECTION, Some(k::SERVERURL.name)));
        }
    }
}

/// What a server needs too, where it is not there.
fn interface(lint: &Lint<'_>) -> String {
    if has_interface(lint) { String::new() } else { format!(", and [rpcinterface:supervisor] with\n  {FACTORY}") }
}

/// Whether a program of the file calls supervisorctl.
fn is_used(lint: &Lint<'_>) -> bool {
    lint.programs().iter().filter_map(|program| program.command.as_ref()).any(|command| command.text.contains(SECTION))
}

/// A server, and no `[supervisorctl]` at all.
fn none<'a>(lint: &Lint<'a>, server: &Server<'a>, found: &mut Found<'_, 'a>) {
    let message = "supervisorctl refuses this file, because it has no section [supervisorctl].";
    // A socket in /tmp is to move: SUP207.
    let moves = matches!(server.at, At::Unix(path) if is_cleaned(path)) && !lint.container();
    let help = if moves {
        "add [supervisorctl] with serverurl=unix://PATH, where PATH is that of file=, the new one if you move it."
            .to_owned()
    } else {
        format!("add [supervisorctl] with the line serverurl={}", url_of(server.at))
    };
    let diagnostic = Diagnostic::new(&RULE.rule, server.header, message).severity(Severity::Warning).help(help);
    found.push(diagnostic.of(server.section, None));
}

/// A server that wants another login than supervisorctl has.
fn credentials<'a>(
    lint: &Lint<'a>,
    server: &Server<'a>,
    (username, password): (Option<&Setting<'a>>, Option<&Setting<'a>>),
    place: Place,
    found: &mut Found<'_, 'a>,
) {
    let known = |value: &'a Value<'a, Option<Text<'a>>>| lint.known(value).copied().flatten();
    let (Some(name), Some(secret)) = (known(server.username), known(server.password)) else { return };
    if name.is_empty() || [username, password].into_iter().flatten().any(|setting| setting.text.contains('%')) {
        return;
    }
    let wrong = differs(username, name)
        // What the server keeps may be a hash.
        .or_else(|| differs(password, secret).filter(|_| !secret.to_ascii_lowercase().starts_with("{sha}")));
    let (place, severity, message) = match wrong {
        Some(setting) => {
            let message =
                format!("supervisorctl gets 401 Unauthorized: {} is not that of [{}].", setting.name, server.section);
            (setting.value, Severity::Error, message)
        }
        None if username.is_none() || password.is_none() => {
            let message = format!(
                "supervisorctl asks for a password, and fails in scripts: [{}] wants one that [supervisorctl] does not have.",
                server.section
            );
            (place, Severity::Info, message)
        }
        None => return,
    };
    let help = format!("write the username= and password= of [{}] in [supervisorctl] too.", server.section);
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
    found.push(diagnostic.label(server.header, "this server wants a login").of(SECTION, None));
}

/// A setting that says something else than what is wanted.
fn differs<'m, 'a>(given: Option<&'m Setting<'a>>, wanted: &str) -> Option<&'m Setting<'a>> {
    given.filter(|given| given.text != wanted)
}

/// The servers; `None` where one of them is not known.
fn servers<'a>(lint: &Lint<'a>) -> Option<Vec<Server<'a>>> {
    let config = lint.config;
    let mut servers = Vec::new();
    for server in &config.unix_servers {
        // A path of several lines has swallowed what was meant to be another option: SUP002.
        let path = server.options.file.known().copied().flatten().filter(|path| !path.contains('\n'))?;
        servers.push(Server {
            header: server.header,
            section: server.section,
            at: At::Unix(path),
            username: &server.options.username,
            password: &server.options.password,
        });
    }
    for server in &config.inet_servers {
        let address = server.options.port.known()?.as_ref()?;
        servers.push(Server {
            header: server.header,
            section: server.section,
            at: At::Inet { host: address.host, port: address.port },
            username: &server.options.username,
            password: &server.options.password,
        });
    }
    Some(servers)
}

/// What a URL names on this machine; `None` where that is another machine, a proxy, or not known.
fn at<'a>(lint: &Lint<'a>, url: &'a str) -> Option<At<'a>> {
    if let Some(path) = url.strip_prefix("unix://") {
        let absolute = path.starts_with('/');
        return (absolute || lint.reading.cwd_known)
            .then(|| At::Unix(lint.sources.keep_cow(python::abspath(path, &lint.reading.cwd))));
    }
    let rest = url.strip_prefix("http://")?;
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, 80),
    };
    is_local(host).then_some(At::Inet { host, port })
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host == "0.0.0.0"
}

/// Whether a call arrives at a server.
fn reaches(called: At<'_>, server: At<'_>) -> bool {
    match (called, server) {
        (At::Unix(called), At::Unix(path)) => called == path,
        // A server of one address of the machine may be found under another name.
        (At::Inet { host: _, port: called }, At::Inet { host, port }) => {
            called == port
                && (host.is_empty() || is_local(host) || !host.bytes().all(|b| b == b'.' || b.is_ascii_digit()))
        }
        _ => false,
    }
}

fn url_of(at: At<'_>) -> String {
    match at {
        // What follows on other lines is swallowed: SUP002.
        At::Unix(path) => format!("unix://{}", path.lines().next().unwrap_or_default()),
        At::Inet { host: "" | "0.0.0.0", port } => format!("http://127.0.0.1:{port}"),
        At::Inet { host, port } => format!("http://{host}:{port}"),
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, MAIN, PROGRAM, Row, W, row};

    const SERVER: &str = "[supervisord]\nuser=root\nminfds=65536\n[unix_http_server]\nfile=/run/s.sock\n";
    const LOCKED: &str =
        "[supervisord]\nuser=root\nminfds=65536\n[unix_http_server]\nfile=/s\nusername=a\npassword=b\n";
    const WEB: &str = "[supervisord]\nuser=root\nminfds=65536\n[inet_http_server]\nport=127.0.0.1:9001\n";

    pub const ROWS: &[Row] = &[
        row(SERVER, "[supervisorctl]\nserverurl=unix:///tmp/s.sock", &[(2, E)])
            .says("it calls 'unix:///tmp/s.sock', but supervisord listens on 'unix:///run/s.sock'"),
        row(SERVER, "[supervisorctl]", &[(1, E)]).says("(serverurl is unset)"),
        row(WEB, "[supervisorctl]\nserverurl=http://localhost:9002", &[(2, E)]),
        row(WEB, "[supervisorctl]\nserverurl=unix:///run/s.sock", &[(2, E)]),
        row(MAIN, "[supervisorctl]\nserverurl=unix:///run/s.sock\n[program:a]\ncommand=a\nuser=a\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, W)])
            .says("nothing in this file listens"),
        row(MAIN, "[supervisorctl]", &[(1, W)]),
        row(MAIN, "[supervisorctl]\nserverurl=unix:///run/s.sock\n[program:a]\ncommand=sh -c 'exec supervisorctl start b'\nuser=a", &[(2, W)])
            .helps("file=/run/s.sock, and [rpcinterface:supervisor] with\n  supervisor.rpc"),
        row(
            MAIN,
            "[supervisorctl]\nserverurl=unix:///run/s.sock\n[rpcinterface:supervisor]\n\
             supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[(2, W)],
        )
        .helps("file=/run/s.sock\nor remove [supervisorctl]"),
        row(MAIN, "[supervisorctl]\nserverurl=unix:///run/s.sock\n[include]\nfiles=/nothing/*.conf", &[(2, I)]),
        row(MAIN, "[inet_http_server]\nport=9001", &[(1, W)]).says("it has no section [supervisorctl]"),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=c", &[(4, E)]).says("password is not that"),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///s", &[(2, I)]),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=b", &[]),
        row(
            MAIN,
            "[unix_http_server]\nfile=/s\nusername=a\npassword={SHA}x\n[supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=c",
            &[],
        ),
        row(SERVER, "[supervisorctl]\nserverurl=unix:///run/../run/s.sock", &[]),
        row(SERVER, "[supervisorctl]\nserverurl=unix://%(ENV_S)s", &[]),
        row(SERVER, "[supervisorctl]\nserverurl=http://10.0.0.1:9001", &[]),
        row(SERVER, "[supervisorctl]\nserverurl=unix://{{ socket }}", &[]),
        row(MAIN, "[unix_http_server]\nfile=%(here)s/s\n[supervisorctl]\nserverurl=unix://%(here)s/s", &[]),
        row(WEB, "[supervisorctl]", &[]),
        row(MAIN, "[inet_http_server]\nport=*:9001\n[supervisorctl]\nserverurl=http://127.0.0.1:9001/", &[]),
        row("", "[unix_http_server]\nfile=/s\n[supervisorctl]\nserverurl=unix:///t", &[]),
        row(PROGRAM, "", &[]),
    ];
}
