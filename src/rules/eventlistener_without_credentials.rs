//! SUP707 eventlistener-without-credentials: a listener that calls a supervisord which asks for a password.

use super::view::effective::Program;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::model::value::Text;
use crate::model::{Process, Value};
use crate::python;
use crate::python::shlex::Word;
use crate::reading::Role;
use crate::well_known::unversioned;

/// SUP707.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP707",
        name: "eventlistener-without-credentials",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("eventlistener_without_credentials.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// Listeners that call supervisord: those of superlance that start and stop programs, and supervisord-dependent-startup.
static CALLS_BACK: &[&str] = &["memmon", "httpok", "supervisord-dependent-startup", "supervisord_dependent_startup"];

/// What a listener is told to call.
enum Server<'a> {
    /// One with a password; the section.
    Locked(&'a str),
    /// One without, or nobody knows.
    Open,
    /// None.
    Absent,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    if config.fragment {
        return;
    }
    let listeners =
        lint.programs().iter().filter(|program| program.process.program.section.starts_with("eventlistener:"));
    for program in listeners {
        let Program { process, command: Some(command), .. } = program else { continue };
        let place = command.place;
        let Some(listener) = calling(lint, program) else { continue };
        let (section, option) = (process.program.section, Some(k::COMMAND.name));
        match server(lint, process) {
            Server::Locked(server) => {
                let Some(environment) = process.environment(&config.supervisord) else { continue };
                if environment.contains_key("SUPERVISOR_USERNAME")
                    || lint.reading.variable("SUPERVISOR_USERNAME").is_some()
                {
                    continue;
                }
                let message = format!(
                    "{listener} fails with 401 Unauthorized: [{server}] wants a password, and this listener is given none."
                );
                let help = "write SUPERVISOR_USERNAME and SUPERVISOR_PASSWORD in environment= of the listener.";
                found.push(Diagnostic::new(&RULE.rule, place, message).help(help).of(section, option));
            }
            Server::Absent if !lint.may_have_more() => {
                let message = format!("{listener} has nothing to call: this file has no [unix_http_server].");
                let help = "write [unix_http_server] with file=, and [rpcinterface:supervisor].";
                let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(Severity::Warning).help(help);
                // In the layouts of distributions another file has the server.
                let main = lint.reading.role == Some(Role::Main);
                diagnostic.confidence = if main { Confidence::High } else { Confidence::Low };
                found.push(diagnostic.of(section, option));
            }
            Server::Open | Server::Absent => {}
        }
    }
}

/// The listener that a section runs, if it is one that calls supervisord: it has to run as supervisord's user.
pub(super) fn calling<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<&'static str> {
    lint.ran(program).and_then(|ran| calls_back(&ran.words))
}

/// The listener that these words run, if it is one that calls supervisord.
fn calls_back(words: &[Word<'_>]) -> Option<&'static str> {
    // The script of an interpreter, or the module after its -m.
    let mut names = words.iter().map(|word| &*word.text).filter(|word| !word.starts_with('-')).map(python::basename);
    let name = names.find(|name| !matches!(unversioned(name), "python" | "pypy"))?;
    let name = name.strip_suffix(".py").unwrap_or(name);
    let name = name.strip_prefix("superlance.").unwrap_or(name);
    CALLS_BACK.iter().find(|known| **known == name).copied()
}

/// The server that `SUPERVISOR_SERVER_URL` names: `serverurl` of the section, else the first unix server, else the last inet
/// one (`ServerOptions.realize`).
fn server<'a>(lint: &Lint<'a>, process: &Process<'a>) -> Server<'a> {
    let config = lint.config;
    let locked = |section: &'a str, username: &Value<'a, Option<Text<'a>>>| match lint.known(username) {
        Some(Some(name)) if !name.is_empty() => Server::Locked(section),
        _ => Server::Open,
    };
    let unix = &config.unix_servers;
    match process.program.options.serverurl.known() {
        Some(Some(url)) if !url.eq_ignore_ascii_case("auto") => {
            let path = url.strip_prefix("unix://");
            let named = unix.iter().find(|server| path.is_some() && server.options.file.known() == Some(&path));
            named.map_or(Server::Open, |server| locked(server.section, &server.options.username))
        }
        Some(_) => match (unix.first(), config.inet_servers.last()) {
            (Some(server), _) => locked(server.section, &server.options.username),
            (None, Some(server)) => locked(server.section, &server.options.username),
            (None, None) => Server::Absent,
        },
        None => Server::Open,
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::reading::Role;
    use crate::rules::rows::{E, Row, W, row};

    const LOCKED: &str =
        "[supervisord]\nuser=root\nminfds=65536\n[unix_http_server]\nfile=/s\nusername=a\npassword=b\n";
    const OPEN: &str = "[supervisord]\nuser=root\nminfds=65536\n[unix_http_server]\nfile=/s\n";

    pub const ROWS: &[Row] = &[
        row(LOCKED, "[eventlistener:m]\ncommand=memmon -a 200MB\nevents=TICK_60", &[(2, E)])
            .says("memmon fails with 401"),
        row(
            LOCKED,
            "[eventlistener:m]\ncommand=/v/bin/python3 -u -m supervisord_dependent_startup\nevents=EVENT",
            &[(2, E)],
        ),
        row(LOCKED, "[eventlistener:m]\ncommand=python -m superlance.httpok -p a http://h\nevents=TICK_60", &[(2, E)]),
        row(
            LOCKED,
            "[eventlistener:m]\ncommand=memmon\nevents=TICK_60\nnumprocs=3\nprocess_name=%(process_num)s",
            &[(2, E)],
        ),
        row(LOCKED, "[eventlistener:m]\ncommand=memmon\nevents=TICK_60\nserverurl=unix:///s", &[(2, E)]),
        row(LOCKED, "[eventlistener:m]\ncommand=memmon\nevents=TICK_60\nserverurl=unix:///t", &[]),
        row(LOCKED, "[eventlistener:m]\ncommand=memmon\nevents=TICK_60\nenvironment=SUPERVISOR_USERNAME=\"a\"", &[]),
        row(LOCKED, "[eventlistener:m]\ncommand=memmon\nevents=TICK_60\nenvironment=%(ENV_LOGIN)s", &[]),
        row(
            LOCKED,
            "[supervisord]\nenvironment=SUPERVISOR_USERNAME=\"a\"\n[eventlistener:m]\ncommand=memmon\nevents=TICK_60",
            &[],
        ),
        row(LOCKED, "[eventlistener:m]\ncommand=crashmail -a\nevents=PROCESS_STATE", &[]),
        row(LOCKED, "[eventlistener:m]\ncommand=python3 memmon_of_mine.py\nevents=TICK_60", &[]),
        row(LOCKED, "[program:m]\ncommand=memmon", &[]),
        row(LOCKED, "[eventlistener:m]\ncommand=memmon {{ limit }}\nevents=TICK_60", &[]),
        row(
            OPEN,
            "[inet_http_server]\nport=127.0.0.1:1\nusername=a\npassword=b\n[eventlistener:m]\ncommand=memmon\nevents=TICK_60",
            &[],
        ),
        row(OPEN, "[eventlistener:m]\ncommand=memmon\nevents=TICK_60", &[]),
        row("", "[eventlistener:m]\ncommand=memmon\nevents=TICK_60", &[]),
        row("", "[supervisord]\n[eventlistener:m]\ncommand=memmon\nevents=TICK_60", &[(3, W)]).role(Role::Main),
    ];
}
