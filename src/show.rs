//! The effective configuration as a JSON document: `supconv.show/1` and `supconv.show-raw/1`, public and versioned.

use serde_json::{Map, Value as Json, json};

use crate::load::{self, Merged, Options};
use crate::model::address::Socket;
use crate::model::evaluate::evaluate;
use crate::model::host;
use crate::model::options::{InetServerOptions, ProcessOptions, ProgramOptions, SupervisordOptions, UnixServerOptions};
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, LogFile, Text, Variables};
use crate::model::{Config, Group, GroupKind, InetServer, Origin, Process, RpcInterface, State, UnixServer};
use crate::python::integer::Integer;
use crate::python::shlex;
use crate::reading::Reading;
use crate::refusal::{Cause, Exit, Refusal};
use crate::secrets::MASK;
use crate::source::Sources;

/// The document of one file, on one line. An unreadable file has one too.
#[must_use]
pub fn json_line(path: &str, reading: &Reading, raw: bool) -> String {
    document(path, reading, raw).1.to_string()
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Supervisor takes it.
    Accepted,
    /// Supervisor refuses it, or it goes beyond our bounds.
    Refused,
    /// It cannot be read.
    Unreadable,
}

/// The document of one file.
#[must_use]
pub fn document(path: &str, reading: &Reading, raw: bool) -> (Verdict, Json) {
    let schema = if raw { "supconv.show-raw/1" } else { "supconv.show/1" };
    let mut sources = Sources::default();
    let loaded = load::load(path, reading, &mut sources);
    let path = reading.called(path);
    let merged = match loaded {
        Ok(merged) => merged,
        Err(error) => {
            let document =
                json!({"schema": schema, "path": path, "ok": false, "kind": "unreadable", "error": error.message});
            return (Verdict::Unreadable, document);
        }
    };
    if raw {
        let refusal = merged.refusals.iter().find(|refusal| refusal.cause != Cause::NoSupervisord);
        return match refusal {
            Some(refusal) => (Verdict::Refused, refused(schema, path, refusal)),
            None => (Verdict::Accepted, raw_document(schema, path, &merged)),
        };
    }
    let config = evaluate(&merged, reading, host::of(reading));
    match config.refusals.first() {
        Some(refusal) => (Verdict::Refused, refused(schema, path, refusal)),
        None => (Verdict::Accepted, accepted(schema, path, &config)),
    }
}

fn refused(schema: &str, path: &str, refusal: &Refusal) -> Json {
    let kind = match refusal.exit {
        Exit::Usage => "usage",
        Exit::Crash => "crash",
        Exit::Bound => "bound",
    };
    json!({"schema": schema, "path": path, "ok": false, "kind": kind, "error": refusal.message})
}

fn raw_document(schema: &str, path: &str, merged: &Merged) -> Json {
    let options = |options: &Options| -> Json {
        options.iter().map(|(key, setting)| (key.to_string(), masked(key, &setting.text))).collect::<Map<_, _>>().into()
    };
    let sections: Map<_, _> =
        merged.sections.iter().map(|(name, section)| (name.to_string(), options(&section.options))).collect();
    let files: Map<_, _> = merged
        .sections
        .iter()
        .filter_map(|(name, section)| Some((name.to_string(), Json::from(section.file.as_deref()?))))
        .collect();
    let defaults = options(&merged.defaults);
    json!({"schema": schema, "path": path, "ok": true, "sections": sections, "defaults": defaults, "files": files})
}

fn masked(option: &str, text: &str) -> Json {
    if option == "password" { MASK.into() } else { text.into() }
}

fn accepted(schema: &str, path: &str, config: &Config) -> Json {
    let supervisord = if config.fragment { Json::Null } else { object(supervisord(&config.supervisord)) };
    let servers =
        config.inet_servers.iter().map(inet_server).chain(config.unix_servers.iter().map(unix_server)).map(object);
    json!({
        "schema": schema,
        "path": path,
        "ok": true,
        "fragment": config.fragment,
        "supervisord": supervisord,
        "groups": config.groups.iter().map(|one| group(one, &config.supervisord)).collect::<Vec<_>>(),
        "servers": servers.collect::<Vec<_>>(),
        "rpcinterfaces": config.rpcinterfaces.iter().map(rpcinterface).collect::<Vec<_>>(),
        "includes": config.includes.iter().map(|path| &**path).collect::<Vec<_>>(),
        "warnings": config.warnings,
    })
}

/// An option with its value and where that comes from.
#[derive(Clone, Debug)]
pub struct Row {
    /// The option, or what the document calls it.
    pub name: &'static str,
    /// The value.
    pub value: Json,
    /// Where it comes from.
    pub origin: Origin,
}

fn row(name: &'static str, value: impl Into<Json>, origin: Origin) -> Row {
    Row { name, value: value.into(), origin }
}

fn object(rows: Vec<Row>) -> Json {
    rows.into_iter().map(|row| (row.name.to_owned(), row.value)).collect::<Map<_, _>>().into()
}

/// What is known of a value, printed by `known`. A refused value is never printed: there is an error instead.
fn state<T>(state: &State<T>, known: impl FnOnce(&T) -> Json) -> Json {
    match state {
        State::Known(value) => known(value),
        State::Unknown(text) => json!({"unknown": &**text}),
        State::Refused => Json::Null,
    }
}

fn boolean(value: &State<bool>) -> Json {
    state(value, |value| Json::Bool(*value))
}

fn number(value: &Integer) -> Json {
    serde_json::to_value(value).unwrap_or(Json::Null)
}

fn integer(value: &State<Integer>) -> Json {
    state(value, number)
}

fn text(value: &Text) -> Json {
    Json::from(&**value)
}

fn optional(value: &State<Option<Text>>) -> Json {
    state(value, |value| value.as_ref().map_or(Json::Null, text))
}

/// At least three digits: `022`, `-007`.
fn octal(value: &Integer) -> Json {
    let digits = value.to_string_radix(8);
    Json::from(match digits.strip_prefix('-') {
        Some(digits) => format!("-{digits:0>3}"),
        None => format!("{digits:0>3}"),
    })
}

fn variables(variables: &Variables) -> Json {
    variables.iter().map(|(name, value)| (name.to_string(), text(value))).collect::<Map<_, _>>().into()
}

/// Every option of `[supervisord]`.
#[must_use]
pub fn supervisord(options: &SupervisordOptions) -> Vec<Row> {
    let SupervisordOptions {
        logfile,
        logfile_maxbytes,
        logfile_backups,
        loglevel,
        pidfile,
        umask,
        nodaemon,
        silent,
        minfds,
        minprocs,
        nocleanup,
        childlogdir,
        user,
        directory,
        strip_ansi,
        environment,
        identifier,
    } = options;
    vec![
        row("logfile", state(&logfile.state, text), logfile.origin),
        row("logfile_maxbytes", integer(&logfile_maxbytes.state), logfile_maxbytes.origin),
        row("logfile_backups", integer(&logfile_backups.state), logfile_backups.origin),
        row("loglevel", state(&loglevel.state, text), loglevel.origin),
        row("pidfile", state(&pidfile.state, text), pidfile.origin),
        row("umask", state(&umask.state, octal), umask.origin),
        row("nodaemon", boolean(&nodaemon.state), nodaemon.origin),
        row("silent", boolean(&silent.state), silent.origin),
        row("minfds", integer(&minfds.state), minfds.origin),
        row("minprocs", integer(&minprocs.state), minprocs.origin),
        row("nocleanup", boolean(&nocleanup.state), nocleanup.origin),
        row("childlogdir", state(&childlogdir.state, text), childlogdir.origin),
        row("user", optional(&user.state), user.origin),
        row("directory", optional(&directory.state), directory.origin),
        row("strip_ansi", boolean(&strip_ansi.state), strip_ansi.origin),
        row("environment", state(&environment.state, variables), environment.origin),
        row("identifier", state(&identifier.state, text), identifier.origin),
    ]
}

/// A group with its processes.
fn group(group: &Group, supervisord: &SupervisordOptions) -> Json {
    let programs: Vec<Json> = group.processes.iter().map(|one| object(process(one, supervisord))).collect();
    let mut document = Map::new();
    let mut add = |name: &str, value: Json| document.insert(name.to_owned(), value);
    add("kind", group.kind.name().into());
    add("name", text(&group.name));
    add("priority", integer(&group.priority.state));
    add("programs", programs.into());
    match &group.kind {
        GroupKind::Group | GroupKind::Program => {}
        GroupKind::EventListener(options) => {
            add("events", state(&options.events.state, |events| json!(events)));
            add("buffer_size", integer(&options.buffer_size.state));
            add("result_handler", state(&options.result_handler.state, text));
        }
        GroupKind::Fcgi(options) => {
            let unix = matches!(options.socket.known(), Some(Some(Socket::Unix(_))));
            let socket = json!({
                "url": state(&options.socket.state, |socket| socket.as_ref().map_or(Json::Null, socket_url)),
                "owner": optional(&options.socket_owner.state),
                "mode": state(&options.socket_mode.state, |mode| match mode {
                    Some(mode) => octal(mode),
                    None if unix => "700".into(),
                    None => Json::Null,
                }),
                "backlog": state(&options.socket_backlog.state, |backlog| backlog.as_ref().map_or(Json::Null, number)),
            });
            add("socket", socket);
        }
    }
    document.into()
}

fn socket_url(socket: &Socket) -> Json {
    Json::from(match socket {
        Socket::Unix(path) => format!("unix://{path}"),
        Socket::Tcp(address) => format!("tcp://{}:{}", address.host, address.port),
    })
}

/// Every option of a process, `section`, `name` and `argv` among them.
#[must_use]
pub fn process(process: &Process, supervisord: &SupervisordOptions) -> Vec<Row> {
    let ProgramOptions {
        priority,
        autostart,
        autorestart,
        startsecs,
        startretries,
        stopsignal,
        stopwaitsecs,
        stopasgroup,
        killasgroup,
        exitcodes,
        redirect_stderr,
        numprocs: _,
        numprocs_start: _,
        stdout_capture_maxbytes,
        stdout_events_enabled,
        stderr_capture_maxbytes,
        stderr_events_enabled,
        serverurl,
        user,
        umask,
    } = &process.program.options;
    let ProcessOptions {
        environment: own_environment,
        directory,
        stdout_logfile,
        stdout_logfile_backups,
        stdout_logfile_maxbytes,
        stdout_syslog,
        stderr_logfile,
        stderr_logfile_backups,
        stderr_logfile_maxbytes,
        stderr_syslog,
        command,
        process_name,
    } = &process.options;
    let environment = match (&own_environment.state, &supervisord.environment.state) {
        (State::Unknown(written), _) | (_, State::Unknown(written)) => json!({"unknown": &**written}),
        _ => process.environment(supervisord).map_or(Json::Null, |all| variables(&all)),
    };
    let argv = state(&command.state, |command| {
        let words = command.as_deref().and_then(|command| shlex::split(command).ok());
        words.map_or(Json::Null, |words| words.into_iter().map(|word| word.text).collect::<Vec<_>>().into())
    });
    vec![
        row("section", &*process.program.section, Origin::Written(process.program.header)),
        row("name", state(&process_name.state, text), process_name.origin),
        row("command", optional(&command.state), command.origin),
        row("argv", argv, command.origin),
        row("directory", optional(&directory.state), directory.origin),
        row("umask", state(&umask.state, |umask| umask.as_ref().map_or(Json::Null, octal)), umask.origin),
        row("user", optional(&user.state), user.origin),
        row("priority", integer(&priority.state), priority.origin),
        row("autostart", boolean(&autostart.state), autostart.origin),
        row(
            "autorestart",
            state(&autorestart.state, |when| match when {
                AutoRestart::Always => Json::Bool(true),
                AutoRestart::Never => Json::Bool(false),
                AutoRestart::Unexpected => "unexpected".into(),
            }),
            autorestart.origin,
        ),
        row("startsecs", integer(&startsecs.state), startsecs.origin),
        row("startretries", integer(&startretries.state), startretries.origin),
        row("stopsignal", state(&stopsignal.state, |signal| signal_name(*signal)), stopsignal.origin),
        row("stopwaitsecs", integer(&stopwaitsecs.state), stopwaitsecs.origin),
        row("stopasgroup", boolean(&stopasgroup.state), stopasgroup.origin),
        row("killasgroup", boolean(&killasgroup.state), killasgroup.origin),
        row("exitcodes", state(&exitcodes.state, |codes| json!(codes)), exitcodes.origin),
        row("redirect_stderr", boolean(&redirect_stderr.state), redirect_stderr.origin),
        row("environment", environment, own_environment.origin),
        row("stdout_logfile", state(&stdout_logfile.state, logfile), stdout_logfile.origin),
        row("stdout_logfile_maxbytes", integer(&stdout_logfile_maxbytes.state), stdout_logfile_maxbytes.origin),
        row("stdout_logfile_backups", integer(&stdout_logfile_backups.state), stdout_logfile_backups.origin),
        row("stdout_capture_maxbytes", integer(&stdout_capture_maxbytes.state), stdout_capture_maxbytes.origin),
        row("stdout_events_enabled", boolean(&stdout_events_enabled.state), stdout_events_enabled.origin),
        row("stdout_syslog", boolean(&stdout_syslog.state), stdout_syslog.origin),
        row("stderr_logfile", state(process.stderr_logfile(), logfile), stderr_logfile.origin),
        row("stderr_logfile_maxbytes", integer(&stderr_logfile_maxbytes.state), stderr_logfile_maxbytes.origin),
        row("stderr_logfile_backups", integer(&stderr_logfile_backups.state), stderr_logfile_backups.origin),
        row("stderr_capture_maxbytes", integer(&stderr_capture_maxbytes.state), stderr_capture_maxbytes.origin),
        row("stderr_events_enabled", boolean(&stderr_events_enabled.state), stderr_events_enabled.origin),
        row("stderr_syslog", boolean(&stderr_syslog.state), stderr_syslog.origin),
        row("serverurl", optional(&serverurl.state), serverurl.origin),
    ]
}

fn signal_name(signal: Signal) -> Json {
    signal.name().map_or_else(|| Json::from(signal.0), Json::from)
}

fn logfile(logfile: &LogFile) -> Json {
    match logfile {
        LogFile::Auto => "AUTO".into(),
        LogFile::None | LogFile::Syslog => Json::Null,
        LogFile::Path(path) => text(path),
    }
}

/// A TCP server.
#[must_use]
pub fn inet_server(server: &InetServer) -> Vec<Row> {
    let InetServerOptions { port, username, password: _ } = &server.options;
    let address = port.known().and_then(Option::as_ref);
    let header = Origin::Written(server.header);
    vec![
        row("kind", "inet", header),
        row("section", text(&server.section), header),
        row("host", state(&port.state, |_| address.map_or(Json::Null, |address| text(&address.host))), port.origin),
        row("port", state(&port.state, |_| address.map_or(Json::Null, |address| address.port.into())), port.origin),
        row("username", optional(&username.state), username.origin),
    ]
}

/// A unix server.
#[must_use]
pub fn unix_server(server: &UnixServer) -> Vec<Row> {
    let UnixServerOptions { file, chmod, chown, username, password: _ } = &server.options;
    let header = Origin::Written(server.header);
    vec![
        row("kind", "unix", header),
        row("section", text(&server.section), header),
        row("file", optional(&file.state), file.origin),
        row("chmod", state(&chmod.state, octal), chmod.origin),
        row("chown", optional(&chown.state), chown.origin),
        row("username", optional(&username.state), username.origin),
    ]
}

/// An argument of a factory, with the value of a password masked.
#[must_use]
pub fn argument(name: &str, value: &State<Text>) -> Json {
    state(value, |text| masked(name, text))
}

fn rpcinterface(interface: &RpcInterface) -> Json {
    let options: Map<_, _> =
        interface.arguments.iter().map(|(name, value)| (name.to_string(), argument(name, &value.state))).collect();
    json!({"name": &*interface.name, "factory": state(&interface.factory.state, text), "options": options})
}
