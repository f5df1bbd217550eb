//! SUP010 invalid-value: a value that the option's converter does not take, and whatever else Supervisor refuses.

use std::borrow::Cow;

use super::view::mend::Mend;
use super::view::mend::changes::setting_of;
use super::{Check, Explanation, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{self, Kind, fcgi, rpcinterface};
use crate::load::Facts;
use crate::model::value::{self, Reference, Text};
use crate::model::{GroupKind, State, Value, address, signal};
use crate::python;
use crate::refusal::{Cause, Refusal};
use crate::source::{Place, Sources};

/// SUP010.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP010",
        name: "invalid-value",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("invalid_value.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// It is the last of the rules that explain, so it has a word for everything.
#[expect(clippy::unnecessary_wraps, reason = "the table of rules asks for it")]
fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    let section = refusal.section.unwrap_or("");
    let option = refusal.option.unwrap_or("");
    let (what, help) = match refusal.cause {
        Cause::SocketOwned => (
            format!("socket_owner and socket_mode need a unix socket, not {}", shown(refusal.written)),
            "remove the two, or write socket=unix:///run/NAME.sock.".to_owned(),
        ),
        Cause::Value => wrong(section, option, refusal.written),
        Cause::KillAsGroup => (
            "stopasgroup=true does not work with killasgroup=false".to_owned(),
            "remove killasgroup, because stopasgroup=true sets it too.".to_owned(),
        ),
        Cause::Required => (format!("[{section}] has no {option}"), required(option).to_owned()),
        Cause::NoIncludeFiles => (
            "[include] has no files".to_owned(),
            "write files= with the patterns, separated by spaces, or remove the section.".to_owned(),
        ),
        Cause::IncludePattern => (
            "a pattern in files has a NUL character".to_owned(),
            "type the pattern again; an editor shows the character as ^@.".to_owned(),
        ),
        Cause::Nul => (
            format!("{option}= has a NUL character, which no account and no file has in its name"),
            "type the value again; an editor shows the character as ^@.".to_owned(),
        ),
        Cause::Reference => (
            format!("{} is not a Python object", shown(refusal.written)),
            "write MODULE:NAME, such as supervisor.rpcinterface:make_main_rpcinterface.".to_owned(),
        ),
        Cause::Host => match missing_directory(refusal.message) {
            Some(directory) => {
                (format!("the directory {directory} does not exist here ({option}=)"), made_each_boot(directory))
            }
            None => (
                format!("{} names an account or a group that does not exist here ({option}=)", shown(refusal.written)),
                "create it before supervisord starts, or correct the name.".to_owned(),
            ),
        },
        _ => ("Supervisor does not accept this value".to_owned(), "see Supervisor's message.".to_owned()),
    };
    Some(Explanation::new(format!("{what}: supervisord refuses to start, or rejects the next reread."), help))
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    finding.supervisor?;
    let (section, setting) = setting_of(lint, finding)?;
    let option = setting.name;
    let meant = certain(keys::find(section, option)?.kind, option, setting.text)?;
    // The text of the file, in one line.
    if setting.facts.any(Facts::NEWLINE) || lint.sources.slice(setting.value) != setting.text {
        return None;
    }
    let mend = Mend::of(lint).uncovers().replace(setting.value, &meant);
    mend.becomes(section, option, &meant).safe(format!("write {option}={meant}"))
}

/// The directory that Supervisor finds missing, of its message.
pub(super) fn missing_directory(message: &str) -> Option<&str> {
    if let Some((_, path)) = message.split_once("The directory named as part of the path ") {
        return Some(python::dirname(path.split_once(" does not exist").map_or(path, |(path, _)| path)));
    }
    Some(message.split_once(" is not an existing directory")?.0)
}

/// How a directory that is missing is made, so that it is there after the next boot too.
pub(super) fn made_each_boot(directory: &str) -> String {
    if !directory.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-.:@+".contains(&b)) {
        return "create it before supervisord starts, and at each boot if it is below /run.".to_owned();
    }
    let now = format!("now: mkdir -p {directory}");
    let run = directory.strip_prefix("/var").filter(|path| path.starts_with("/run/")).unwrap_or(directory);
    let name = |folder: &str| directory.strip_prefix(folder).filter(|name| !name.is_empty() && !name.contains('/'));
    if let Some(name) = run.strip_prefix("/run/") {
        let file = name.replace('/', "-");
        return format!(
            "{now}\n\
             at each boot, because /run is empty then:\n\
             \x20 echo 'd {run} 0755 root root -' > /etc/tmpfiles.d/{file}.conf\n\
             or RuntimeDirectory={name} in the unit that starts supervisord\n\
             in a container: mkdir -p {directory} in the entrypoint, before supervisord."
        );
    }
    let unit = name("/var/log/")
        .map(|name| format!("\nat each start: LogsDirectory={name} in the unit that starts supervisord"));
    let unit = unit.unwrap_or_default();
    format!("{now}{unit}\nin an image: RUN mkdir -p {directory}; below a volume, mkdir -p in the entrypoint.")
}

/// What is wrong with a value, and what to write.
fn wrong(section: &str, option: &str, written: &str) -> (String, String) {
    let kind = keys::find(section, option).map(|key| key.kind);
    let (name, form) = form(kind);
    let expands = if written.contains('%') { " once it is expanded" } else { "" };
    if let Some(value) = written.strip_prefix('\n').filter(|value| kind.is_some_and(|kind| takes(kind, value))) {
        let what = format!("the value starts with a newline, so {} is not read as {name}", shown(value));
        return (what, format!("write {option}={value} on one line."));
    }
    let what = format!("{} is not a valid value for {option}{expands}", shown(written));
    let help = if written.contains("\n[") {
        "remove the indentation: an indented header is part of the value above it.".to_owned()
    } else if let Some(meant) = kind.and_then(|kind| suggestion(kind, written)) {
        format!("write {option}={meant} ({form}).")
    } else {
        format!("write {form}.")
    };
    (what, help)
}

/// What a kind of value is called, and what is written for it.
fn form(kind: Option<Kind>) -> (&'static str, &'static str) {
    match kind {
        Some(Kind::Integer | Kind::Positive | Kind::Backlog) => ("a whole number", "digits alone, without a unit"),
        Some(Kind::ByteSize) => ("a size", "bytes, or a whole number with KB, MB or GB"),
        Some(Kind::Octal) => ("an octal number", "digits from 0 to 7, such as 022"),
        Some(Kind::Boolean) => ("a boolean", "true or false (yes, no, on, off, 1 and 0 work too)"),
        Some(Kind::AutoRestart) => ("a restart policy", "true, false or unexpected"),
        Some(Kind::Signal) => ("a signal", "one signal: TERM, INT, QUIT, HUP, KILL, USR1 or USR2"),
        Some(Kind::ExitCodes) => ("a list of exit codes", "numbers from 0 to 255 with commas between them"),
        Some(Kind::LoggingLevel) => ("a log level", "critical, error, warn, info, debug, trace or blather"),
        Some(Kind::InetAddress) => ("an address", "PORT or HOST:PORT, the port from 1 to 65535"),
        Some(Kind::FcgiSocket) => ("an address", "unix:///path or tcp://HOST:PORT"),
        _ => ("a value", "what Supervisor's documentation allows"),
    }
}

fn required(option: &str) -> &'static str {
    match option {
        "port" => "write port=127.0.0.1:9001, or remove the section.",
        "file" => "write file=/run/supervisor.sock, or remove the section.",
        "socket" => "write socket=unix:///run/NAME.sock or socket=tcp://127.0.0.1:9000.",
        _ => {
            "write supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface, or remove the section."
        }
    }
}

/// The value that was meant, where only one can be; it is tried before it is told.
fn suggestion(kind: Kind, written: &str) -> Option<String> {
    let text = python::strip(written);
    let lower = text.to_lowercase();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = lower.split_at_checked(digits).filter(|(number, _)| !number.is_empty()).unwrap_or(("", ""));
    let unit = unit.trim();
    let meant = match kind {
        Kind::Boolean | Kind::AutoRestart => match lower.as_str() {
            "y" | "t" | "always" | "enable" | "enabled" | "ture" => "true".to_owned(),
            "n" | "f" | "never" | "disable" | "disabled" | "none" => "false".to_owned(),
            "on-failure" | "onfailure" | "unexpect" | "unexpectedly" => "unexpected".to_owned(),
            _ => lower.trim_end_matches(['.', ',', ';']).to_owned(),
        },
        Kind::ByteSize => match unit {
            "k" | "kib" => format!("{number}KB"),
            "m" | "mib" => format!("{number}MB"),
            "g" | "gib" => format!("{number}GB"),
            "b" | "bytes" => number.to_owned(),
            _ => return None,
        },
        Kind::Integer | Kind::Positive | Kind::Backlog => {
            let number: u64 = number.parse().ok()?;
            let factor = match unit {
                "s" | "sec" | "secs" | "second" | "seconds" => 1,
                "m" | "min" | "minute" | "minutes" => 60,
                "h" | "hour" | "hours" => 3600,
                _ => return None,
            };
            number.checked_mul(factor)?.to_string()
        }
        Kind::LoggingLevel => match lower.as_str() {
            "warning" => "warn",
            "fatal" | "crit" => "critical",
            "err" => "error",
            "notice" => "info",
            "verbose" => "debug",
            _ => return None,
        }
        .to_owned(),
        Kind::Signal => text.split([' ', ',']).next()?.to_owned(),
        Kind::ExitCodes => {
            let codes: Vec<&str> = text.split([',', ';', ' ', '\n']).filter(|code| !code.is_empty()).collect();
            codes.join(",")
        }
        Kind::InetAddress => lower.split_once("://")?.1.trim_end_matches('/').to_owned(),
        _ => return None,
    };
    (meant != text && takes(kind, &meant)).then_some(meant)
}

/// The value that was certainly meant: that with a unit as Supervisor writes it, or without one; another word for yes and no.
fn certain(kind: Kind, option: &str, written: &str) -> Option<String> {
    /// No number that means something is longer.
    const LONGEST: usize = 20;
    let meant = match kind {
        Kind::Boolean | Kind::AutoRestart => match python::strip(written).to_lowercase().as_str() {
            "y" => "yes",
            "n" => "no",
            "t" | "always" | "enable" | "enabled" => "true",
            "f" | "never" | "disable" | "disabled" => "false",
            _ => return None,
        }
        .to_owned(),
        Kind::ByteSize => suggestion(kind, written)?,
        // Of other numbers nobody knows what a unit of time would mean.
        Kind::Integer if option.ends_with("secs") => suggestion(kind, written)?,
        _ => return None,
    };
    (meant.len() <= LONGEST).then_some(meant)
}

/// Whether the option of a refusal would take another text, as far as the text itself can say.
pub(super) fn accepts(lint: &Lint<'_>, refusal: &Refusal, text: &str) -> bool {
    let (Some(section), Some(option)) = (refusal.section, refusal.option) else { return false };
    let Some(key) = keys::find(section, option) else { return false };
    match key.kind {
        // Its expansion was good: what is wrong is a character.
        Kind::NameTemplate => value::name(text).is_ok(),
        _ if text.contains('%') => false,
        Kind::Members => {
            let sections = &lint.merged.sections;
            value::strings(text).iter().all(|member| {
                let has = |kind: &str| sections.contains_key(format!("{kind}:{member}").as_str());
                has("program") || has("fcgi-program")
            })
        }
        kind => takes(kind, text),
    }
}

fn takes(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Integer | Kind::Positive | Kind::Backlog => value::integer(text).is_ok(),
        Kind::ByteSize => value::byte_size(text).is_ok(),
        Kind::Octal => value::octal(text).is_ok(),
        Kind::Boolean => value::boolean(text).is_ok(),
        Kind::AutoRestart => value::autorestart(text).is_ok(),
        Kind::Signal => signal::signal(text).is_ok(),
        Kind::ExitCodes => value::exit_codes(text).is_ok(),
        Kind::LoggingLevel => value::logging_level(text).is_ok(),
        Kind::InetAddress => address::inet_address(text, &Sources::default()).is_ok(),
        Kind::FcgiSocket => address::is_fcgi_socket(text),
        Kind::Reference => matches!(value::reference(text), Reference::Parses),
        // The names themselves stand with the evaluator; their shape is enough to tell an event from a comment.
        Kind::Events => value::strings(text).iter().all(|event| {
            let event = event.to_uppercase();
            ["EVENT", "PROCESS_", "TICK", "REMOTE_", "SUPERVISOR_"].iter().any(|begin| event.starts_with(begin))
                && event.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        }),
        // The host's answer counts as yes.
        Kind::User
        | Kind::UserLate
        | Kind::UserAndGroup
        | Kind::ExistingDirectory
        | Kind::ExistingDirpath
        | Kind::Logfile => true,
        _ => false,
    }
}

/// What Supervisor takes and cannot use.
fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let mut add =
        |place: Place, section: Text<'a>, option: &'a str, severity, message: String, help: Cow<'static, str>| {
            found.push(
                Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help).of(section, Some(option)),
            );
        };
    let supervisord = "supervisord";
    let logfile = lint.merged.setting("supervisord", "logfile");
    if let Some(log) = logfile.filter(|log| matches!(log.text.to_lowercase().as_str(), "none" | "auto" | "off")) {
        let message = format!(
            "supervisord writes its log to a file called {}, because that word is special only for programs.",
            log.text
        );
        let help = "write logfile=/dev/null and logfile_maxbytes=0, or the path of a file.";
        add(log.value, supervisord, "logfile", Severity::Warning, message, help.into());
    }
    for server in &config.inet_servers {
        let port = &server.options.port;
        let (Some(Some(address)), Some(place)) = (port.known(), port.place()) else { continue };
        if address.host.contains(':') {
            let message = format!(
                "supervisord exits, because it serves IPv4 only and cannot bind the host {}.",
                shown(address.host)
            );
            let help = "write 127.0.0.1:PORT, and put a proxy in front of it if you need IPv6.";
            add(place, server.section, "port", Severity::Error, message, help.into());
        }
    }
    let mut user = |section: Text<'a>, user: &Value<'a, Option<Text<'a>>>| {
        let (State::Known(Some(name)), Some(place)) = (&user.state, user.place()) else { return };
        if let Some((account, _)) = name.split_once(':').filter(|_| !lint.reading.check_host) {
            let message =
                format!("user= takes no group: supervisord finds no user called {} and does not start.", shown(name));
            let help = format!("write user={account}; the process gets all groups of that user.");
            add(place, section, "user", Severity::Error, message, help.into());
        }
    };
    user(supervisord, &config.supervisord.user);
    let mut last: Option<Text<'a>> = None;
    for process in config.groups.iter().flat_map(|group| &group.processes) {
        let program = &process.program;
        if last.replace(program.section) != Some(program.section) {
            user(program.section, &program.options.user);
        }
    }
    lacking(lint, found);
}

/// What a section lacks and another file may have. A control server is told of nothing: its options are often in two files.
fn lacking<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for group in &lint.config.groups {
        if let GroupKind::Fcgi(options) = &group.kind
            && options.socket.is_elsewhere()
        {
            found.push_lacking(&RULE.rule, (group.section, group.header), &fcgi::SOCKET, None);
        }
    }
    for interface in lint.config.rpcinterfaces.iter().filter(|interface| interface.factory.is_elsewhere()) {
        found.push_lacking(&RULE.rule, (interface.section, interface.header), &rpcinterface::FACTORY, None);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::reading::Role;
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "autostart=tru", &[(1, E)]).says("'tru' is not a valid value for autostart").mends(""),
        row(PROGRAM, "autorestart=always", &[(1, E)])
            .says("'always' is not a valid value for autorestart")
            .mends("autorestart=true"),
        row(PROGRAM, "stdout_logfile_maxbytes=50M", &[(1, E)])
            .says("'50M' is not a valid value")
            .mends("stdout_logfile_maxbytes=50MB"),
        row(
            MAIN,
            "[program:api]\r\n  command=/srv/api\r\n  startsecs : 10s ; long\r\n  stopwaitsecs=5 min\r\n  autostart = Y\r",
            &[(3, E), (4, E), (5, E)],
        )
        .mends("[program:api]\r\n  command=/srv/api\r\n  startsecs : 10 ; long\r\n  stopwaitsecs=300\r\n  autostart = yes\r"),
        row(PROGRAM, "startretries=3s\npriority=5m\nloglevel=notice\nautorestart=\n always", &[(1, E), (2, E), (4, E)])
            .mends(""),
        row(PROGRAM, "startsecs=1\nstartsecs=2s", &[(2, E)]).mends("startsecs=1\nstartsecs=2"),
        row(PROGRAM, "stopasgroup=N\nkillasgroup=Y", &[(1, E), (2, E)]).mends("stopasgroup=no\nkillasgroup=yes"),
        row("", "[DEFAULT]\nautorestart=N\n[program:a]\ncommand=a", &[(2, E)])
            .mends("[DEFAULT]\nautorestart=no\n[program:a]\ncommand=a"),
        row("", "[DEFAULT]\nautostart=N\n[program:a]\ncommand=a\n[program:b]\ncommand=b", &[(2, E)]),
        row(PROGRAM, "exitcodes=0;2", &[(1, E)]).says("'0;2' is not a valid value for exitcodes").mends(""),
        row(PROGRAM, "stopasgroup=true\nkillasgroup=false", &[(2, E)])
            .says("stopasgroup=true does not work with")
            .mends(""),
        row(PROGRAM, "user=api:api", &[(1, E)]).says("user= takes no group").mends(""),
        row(PROGRAM, "[inet_http_server]\nport=:::9001", &[(2, E)]).says("serves IPv4 only"),
        row(PROGRAM, "[inet_http_server]\nusername=a\npassword=b", &[(1, E)]).says("[inet_http_server] has no port"),
        row(PROGRAM, "[rpcinterface:x]\nsupervisor.rpcinterface_factory=x:", &[(2, E)])
            .says("'x:' is not a Python object"),
        row(PROGRAM, "[include]", &[(1, E)]).says("[include] has no files"),
        row(MAIN, "logfile=/nowhere/s.log\nchildlogdir=/nowhere\npidfile=/nowhere/s.pid", &[(1, E), (2, E), (3, E)])
            .host()
            .says("the directory /nowhere does not exist here (logfile=)"),
        row(MAIN, "logfile=NONE", &[(1, W)]),
        row(PROGRAM, "user=api:www", &[(1, E)]),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=/srv/api a;b #c;d\nstartsecs=5 ;five\numask=0o22\n\
         stopsignal=SIGTERM\nnumprocs=1",
            &[],
        ),
        row(PROGRAM, "startsecs={{ seconds }}", &[]),
        row(PROGRAM, "startsecs=%(ENV_SECONDS)s", &[]),
        row("", "[fcgi-program:a]\ncommand=a", &[(1, W)]).says("has no socket here: unless another file has it"),
        row("", "[fcgi-program:a]\ncommand=a\nsocket=", &[(3, E)]),
        row("", "[fcgi-program:a]\ncommand=a", &[(1, E)]).role(Role::Main),
        row("", "[rpcinterface:x]\nretries=1", &[(1, W)]),
        row("", "[unix_http_server]\nchown=a:b\n[inet_http_server]\nusername=a\npassword=b", &[]),
        row(MAIN, "[unix_http_server]\nchown=a:b", &[(1, E)]),
    ];
}
