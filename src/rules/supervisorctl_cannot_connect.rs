//! SUP703 supervisorctl-cannot-connect: a supervisorctl that calls where nobody listens.

use super::control_file_in_tmp::is_cleaned;
use super::missing_rpcinterface::{FACTORY, has_interface};
use super::view::mend::Mend;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Change, Fix};
use crate::keys::{inet as n, supervisorctl as k, unix as u};
use crate::load::{Section, Setting};
use crate::model::Value;
use crate::model::value::Text;
use crate::python;
use crate::source::{INVALID, Place};

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
    fix: Some(mend),
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

/// The one server is the one that is meant. Another may be in a file that was not read, and a login is not copied.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    // supervisorctl reads the main file alone, and here that is another one.
    if lint.may_have_more() || lint.reading.main.is_some() {
        return None;
    }
    let servers = servers(lint)?;
    let [server] = servers.as_slice() else { return None };
    let url = written_url(lint, server)?;
    // With the right url supervisorctl would ask for a password, which only a person can answer.
    let section = lint.merged.sections.get(SECTION);
    let login = section.map(|section| Login::of(lint, section));
    if is_locked(lint, server) && !login.is_some_and(|login| login.username.is_some() && login.password.is_some()) {
        return None;
    }
    let mend = Mend::of(lint);
    let Some(login) = login else {
        let lines = format!("[{SECTION}]\n{}={url}", k::SERVERURL.name);
        let mend = mend.append(lint.merged.main, &lines).changes(SECTION, Change::WHOLE);
        return mend.safe("add a section [supervisorctl] with the url of the server");
    };
    let refused = wanted(lint, server, login).is_some_and(|wanted| wrong(login, wanted).is_some());
    if finding.option != Some(k::SERVERURL.name) || refused {
        return None;
    }
    mend.set(SECTION, &k::SERVERURL, &url, None).safe("write the url of the server as serverurl")
}

/// The URL of a server in the words of the file, which hold wherever that lies.
fn written_url(lint: &Lint<'_>, server: &Server<'_>) -> Option<String> {
    const HERE: &str = "%(here)s";
    let option = match server.at {
        At::Unix(_) => u::FILE.name,
        At::Inet { .. } => n::PORT.name,
    };
    let setting = lint.merged.setting(server.section, option)?;
    let written = lint.sources.slice(setting.value);
    // supervisorctl may have other variables, and its %(here)s is the directory of the main file.
    let here = setting.value.source == lint.merged.main && written.starts_with(HERE);
    let fixed = if here { written.get(HERE.len()..)? } else { written };
    if fixed.contains(['%', '\n', '\r', INVALID]) {
        return None;
    }
    let is_name = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    match server.at {
        At::Unix(_) => (here || fixed.starts_with('/')).then(|| format!("unix://{written}")),
        At::Inet { host, .. } => is_name(host).then(|| url_of(server.at)),
    }
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
    let url = lint.merged.setting(SECTION, k::SERVERURL.name);
    if url.is_some_and(|url| url.value.source != lint.merged.main || url.text.contains('%')) {
        return;
    }
    let (text, place) = url.map_or((USUAL, section.header), |url| (url.text, url.value));
    let Some(called) = at(lint, text) else { return };
    let here = |server: &&Server<'a>| reaches(called, server.at);
    match (servers.iter().find(here), servers.first()) {
        (Some(server), _) => {
            credentials(lint, server, Login::of(lint, section), place, found);
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

/// What supervisorctl says who it is, in the main file.
#[derive(Clone, Copy)]
struct Login<'m, 'a> {
    username: Option<&'m Setting<'a>>,
    password: Option<&'m Setting<'a>>,
}

impl<'m, 'a> Login<'m, 'a> {
    fn of(lint: &'m Lint<'a>, section: &'m Section<'a>) -> Self {
        let options = lint.merged.options(section);
        let own = |name| options.get(name).filter(|setting| setting.value.source == lint.merged.main);
        Self { username: own(k::USERNAME.name), password: own(k::PASSWORD.name) }
    }
}

/// A server that wants another login than supervisorctl has.
fn credentials<'a>(
    lint: &Lint<'a>,
    server: &Server<'a>,
    login: Login<'_, 'a>,
    place: Place,
    found: &mut Found<'_, 'a>,
) {
    let Some(wanted) = wanted(lint, server, login) else { return };
    let Login { username, password } = login;
    let (place, severity, message) = match wrong(login, wanted) {
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

/// The name and the password that a server wants; `None` where it wants none, or something is not known.
fn wanted<'a>(lint: &Lint<'a>, server: &Server<'a>, login: Login<'_, 'a>) -> Option<(&'a str, &'a str)> {
    let known = |value: &'a Value<'a, Option<Text<'a>>>| lint.known(value).copied().flatten();
    let (name, secret) = (known(server.username)?, known(server.password)?);
    let expands = [login.username, login.password].into_iter().flatten().any(|setting| setting.text.contains('%'));
    (!name.is_empty() && !expands).then_some((name, secret))
}

/// Whether a server wants a login, for all that is known.
fn is_locked(lint: &Lint<'_>, server: &Server<'_>) -> bool {
    let open = |value: &Value<'_, Option<Text<'_>>>| matches!(lint.known(value), Some(None));
    !(open(server.username) && open(server.password))
}

/// The part of a login that is not what is wanted.
fn wrong<'m, 'a>(login: Login<'m, 'a>, (name, secret): (&str, &str)) -> Option<&'m Setting<'a>> {
    let Login { username, password } = login;
    differs(username, name)
        // What the server keeps may be a hash.
        .or_else(|| differs(password, secret).filter(|_| !secret.to_ascii_lowercase().starts_with("{sha}")))
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
            .says("it calls 'unix:///tmp/s.sock', but supervisord listens on 'unix:///run/s.sock'")
            .mends("[supervisorctl]\nserverurl=unix:///run/s.sock"),
        row(SERVER, "[supervisorctl]", &[(1, E)])
            .says("(serverurl is unset)")
            .mends("[supervisorctl]\nserverurl=unix:///run/s.sock"),
        row(WEB, "[supervisorctl]\nserverurl=http://localhost:9002", &[(2, E)])
            .mends("[supervisorctl]\nserverurl=http://127.0.0.1:9001"),
        row(WEB, "[supervisorctl]\nserverurl=unix:///run/s.sock", &[(2, E)])
            .mends("[supervisorctl]\nserverurl=http://127.0.0.1:9001"),
        row(
            "",
            "[supervisord]\r\n[supervisorctl]\r\n  serverurl : unix:///a ; old\r\n  prompt=p\r\n\
             [unix_http_server]\r\n  file=/b/../c\r",
            &[(3, E)],
        )
        .mends(
            "[supervisord]\r\n[supervisorctl]\r\n  serverurl : unix:///b/../c ; old\r\n  prompt=p\r\n\
             [unix_http_server]\r\n  file=/b/../c\r",
        ),
        row(
            MAIN,
            "[unix_http_server]\nfile=%(here)s/s\n[supervisorctl]\n\
             serverurl=unix:///s\nserverurl=unix:///t",
            &[(5, E)],
        )
        .mends(
            "[unix_http_server]\nfile=%(here)s/s\n[supervisorctl]\n\
             serverurl=unix:///s\nserverurl=unix://%(here)s/s",
        ),
        row(SERVER, "[DEFAULT]\nserverurl=unix:///t\n[supervisorctl]\nprompt=p", &[(2, E)])
            .mends("[DEFAULT]\nserverurl=unix:///t\n[supervisorctl]\nprompt=p\nserverurl=unix:///run/s.sock"),
        // Which of two servers is meant, or who may log in, is not certain.
        row(SERVER, "[inet_http_server]\nport=127.0.0.1:9001\n[supervisorctl]\nserverurl=unix:///t", &[(4, E)])
            .mends(""),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///t\nusername=a\npassword=c", &[(2, E)]).mends(""),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///t\nusername=a\npassword=b", &[(2, E)])
            .mends("[supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=b"),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///t", &[(2, E)]).mends(""),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///t\npassword=b", &[(2, E)]).mends(""),
        row(LOCKED, "", &[(0, W)]).mends(""),
        row(SERVER, "[supervisorctl]\nserverurl=unix:///t\n[include]\nfiles=/nothing/*.conf", &[(2, E)]).mends(""),
        row(
            MAIN,
            "[supervisorctl]\nserverurl=unix:///run/s.sock\n[program:a]\n\
             command=a\nuser=a\nnumprocs=3\nprocess_name=%(process_num)s",
            &[(2, W)],
        )
        .says("nothing in this file listens"),
        row(MAIN, "[supervisorctl]", &[(1, W)]).mends(""),
        row(
            MAIN,
            "[supervisorctl]\nserverurl=unix:///run/s.sock\n[program:a]\n\
             command=sh -c 'exec supervisorctl start b'\nuser=a",
            &[(2, W)],
        )
        .helps("file=/run/s.sock, and [rpcinterface:supervisor] with\n  supervisor.rpc"),
        row(
            MAIN,
            "[supervisorctl]\nserverurl=unix:///run/s.sock\n[rpcinterface:supervisor]\n\
             supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[(2, W)],
        )
        .helps("file=/run/s.sock\nor remove [supervisorctl]"),
        row(MAIN, "[supervisorctl]\nserverurl=unix:///run/s.sock\n[include]\nfiles=/nothing/*.conf", &[(2, I)]),
        row(MAIN, "[inet_http_server]\nport=9001", &[(1, W)])
            .says("it has no section [supervisorctl]")
            .mends("[inet_http_server]\nport=9001\n\n[supervisorctl]\nserverurl=http://127.0.0.1:9001"),
        row(MAIN, "[unix_http_server]\r\nfile = %(here)s/a b ; a comment\r", &[(1, W)]).mends(
            "[unix_http_server]\r\nfile = %(here)s/a b ; a comment\r\n\
             \r\n[supervisorctl]\r\nserverurl=unix://%(here)s/a b\r",
        ),
        row(MAIN, "[unix_http_server]\nfile=s.sock", &[(1, W)]).mends(""),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=c", &[(4, E)])
            .says("password is not that")
            .mends(""),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///s", &[(2, I)]).mends(""),
        row(LOCKED, "[supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=b", &[]),
        row(
            MAIN,
            "[unix_http_server]\nfile=/s\nusername=a\npassword={SHA}x\n\
             [supervisorctl]\nserverurl=unix:///s\nusername=a\npassword=c",
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
