//! The effective configuration as it is shown: rows of typed values, which a table and a JSON document print.

use std::borrow::Cow;

use crate::keys::{self, Key, Kind, fcgi, inet, process, program, rpcinterface};
use crate::model::address::{Address, Socket};
use crate::model::options::{
    EventListenerOptions, FcgiOptions, InetServerOptions, ProcessOptions, ProgramOptions, SupervisordOptions,
    UnixServerOptions,
};
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, ExitCodes, LogFile, Text, Variables};
use crate::model::{Group, InetServer, Origin, Process, RpcInterface, State, UnixServer, Value};
use crate::python::integer::Integer;
use crate::python::shlex;
use crate::secrets::{self, MASK};
use crate::source::Place;

/// An option with its value and where that comes from.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// What the document calls it.
    pub name: &'a str,
    /// What Supervisor calls it.
    pub option: &'a str,
    /// The value.
    pub value: Shown<'a>,
    /// Where it comes from.
    pub origin: Origin,
    /// What Supervisor would take if it were not written, as it would be written.
    pub default: Option<&'static str>,
}

impl<'a> Row<'a> {
    /// Under a name of the document's own.
    fn called(self, name: &'a str) -> Self {
        Self { name, ..self }
    }
}

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// None.
    Nothing,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Integer),
    /// A text.
    Text(Cow<'a, str>),
    /// Several, in their order.
    List(Vec<Shown<'a>>),
    /// Variables, in Supervisor's order.
    Variables(Vec<(&'a str, &'a str)>),
    /// It depends on what is not known here: the text as written.
    Unknown(Cow<'a, str>),
}

/// What can be shown.
trait Show<'a> {
    fn show(&self) -> Shown<'a>;
}

impl<'a, T: Show<'a>> Show<'a> for State<'a, T> {
    fn show(&self) -> Shown<'a> {
        match self {
            Self::Known(value) => value.show(),
            Self::Unknown(written) => Shown::Unknown((*written).into()),
            // There is an error instead.
            Self::Refused => Shown::Nothing,
        }
    }
}

impl<'a, T: Show<'a>> Show<'a> for Option<T> {
    fn show(&self) -> Shown<'a> {
        self.as_ref().map_or(Shown::Nothing, Show::show)
    }
}

macro_rules! show {
    ($($type:ty: $value:ident => $shown:expr;)*) => {$(
        impl<'a> Show<'a> for $type {
            fn show(&self) -> Shown<'a> {
                let $value = self;
                $shown
            }
        }
    )*};
}

show! {
    Text<'a>: text => Shown::Text(Cow::Borrowed(text));
    String: text => Shown::Text(text.clone().into());
    shlex::Word<'a>: word => Shown::Text(word.text.clone());
    bool: value => Shown::Bool(*value);
    u8: number => Integer::from(i64::from(*number)).show();
    u16: number => Integer::from(i64::from(*number)).show();
    Integer: number => Shown::Number(number.clone());
    Signal: signal => signal.name().map_or_else(|| signal.0.show(), |name| name.show());
    ExitCodes: codes => Shown::List(codes.iter().map(Show::show).collect());
    Vec<String>: events => Shown::List(events.iter().map(Show::show).collect());
    Vec<shlex::Word<'a>>: words => Shown::List(words.iter().map(Show::show).collect());
    Variables<'a>: all => Shown::Variables(all.iter().map(|(name, value)| (name, *value)).collect());
    AutoRestart: when => match when {
        AutoRestart::Always => true.show(),
        AutoRestart::Never => false.show(),
        AutoRestart::Unexpected => "unexpected".show(),
    };
    LogFile<'a>: log => match log {
        LogFile::Auto => "AUTO".show(),
        LogFile::None | LogFile::Syslog => Shown::Nothing,
        LogFile::Path(path) => path.show(),
    };
    Socket<'a>: socket => match socket {
        Socket::Unix(path) => format!("unix://{path}").show(),
        Socket::Tcp(Address { host, port }) => format!("tcp://{host}:{port}").show(),
    };
}

/// A number in octal, at least three digits: `022`, `-007`.
fn octal<'a>(value: &Integer) -> Shown<'a> {
    let digits = value.to_string_radix(8);
    match digits.strip_prefix('-') {
        Some(digits) => format!("-{digits:0>3}").show(),
        None => format!("{digits:0>3}").show(),
    }
}

/// The text of an option without what is never shown: a password, and the login in an address. Other values are: that is what
/// people look at them for.
pub(crate) fn masked<'a>(option: &str, text: Cow<'a, str>) -> Cow<'a, str> {
    match option {
        "password" => MASK.into(),
        // A misspelt one is shown: whoever looks for it has to see what became of it.
        _ if secrets::named(option, &text) && !secrets::is_misspelt(option) => MASK.into(),
        "serverurl" | "port" => secrets::mask(text),
        _ => text,
    }
}

/// The same of a value.
fn without_secret<'a>(option: &str, value: Shown<'a>) -> Shown<'a> {
    match value {
        Shown::Text(text) => Shown::Text(masked(option, text)),
        Shown::Unknown(written) => Shown::Unknown(masked(option, written)),
        Shown::Nothing | Shown::Bool(_) | Shown::Number(_) | Shown::List(_) | Shown::Variables(_) => value,
    }
}

fn row<'a, T: Show<'a>>(key: &'static Key, value: &Value<'a, T>) -> Row<'a> {
    let shown = match value.state.show() {
        Shown::Number(number) if key.kind == Kind::Octal => octal(&number),
        shown => without_secret(key.name, shown),
    };
    Row { name: key.name, option: key.name, value: shown, origin: value.origin, default: key.default }
}

/// A row that no option of the section stands for.
fn header<'a>(name: &'static str, text: &'a str, header: Place) -> Row<'a> {
    Row { name, option: name, value: text.show(), origin: Origin::Written(header), default: None }
}

/// Makes the rows of a kind of section, in the order of its table.
macro_rules! rows {
    ($(#[$meta:meta])* $module:ident $struct:ident { $($constant:ident $field:ident $name:literal: [$($type:tt)+] =
        $kind:ident, $default:expr, $since:literal, $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        impl<'a> $struct<'a> {
            /// Every option, as it is shown.
            #[must_use]
            pub fn rows(&self) -> Vec<Row<'a>> {
                vec![$(row(&keys::$module::$constant, &self.$field)),*]
            }
        }
    };
}

keys::supervisord_rows!(rows);
keys::program_rows!(rows);
keys::process_rows!(rows);
keys::eventlistener_rows!(rows);
keys::unix_rows!(rows);

/// The order of a process's options in the document; a new one comes last.
const ORDER: [&str; 30] = [
    "process_name",
    "command",
    "directory",
    "umask",
    "user",
    "priority",
    "autostart",
    "autorestart",
    "startsecs",
    "startretries",
    "stopsignal",
    "stopwaitsecs",
    "stopasgroup",
    "killasgroup",
    "exitcodes",
    "redirect_stderr",
    "environment",
    "stdout_logfile",
    "stdout_logfile_maxbytes",
    "stdout_logfile_backups",
    "stdout_capture_maxbytes",
    "stdout_events_enabled",
    "stdout_syslog",
    "stderr_logfile",
    "stderr_logfile_maxbytes",
    "stderr_logfile_backups",
    "stderr_capture_maxbytes",
    "stderr_events_enabled",
    "stderr_syslog",
    "serverurl",
];

/// Every option of a process, `section`, `name` and `argv` among them. How many there are of it is seen by their number.
#[must_use]
pub fn process<'a>(one: &Process<'a>, supervisord: &SupervisordOptions<'a>) -> Vec<Row<'a>> {
    let ProcessOptions { command, environment, .. } = &one.options;
    let mut rows = one.program.options.rows();
    rows.retain(|row| !matches!(row.name, "numprocs" | "numprocs_start"));
    rows.extend(one.options.rows());
    rows.sort_by_cached_key(|row| ORDER.iter().position(|name| *name == row.name).unwrap_or(usize::MAX));
    for row in &mut rows {
        match row.name {
            "process_name" => row.name = "name",
            "stderr_logfile" => row.value = one.stderr_logfile().show(),
            "environment" => {
                row.value = match (&environment.state, &supervisord.environment.state) {
                    (State::Unknown(written), _) | (_, State::Unknown(written)) => Shown::Unknown((*written).into()),
                    _ => one.environment(supervisord).show(),
                }
            }
            _ => {}
        }
    }
    let argv = command.map(|command| command.and_then(|command| shlex::split(command).ok()));
    let mut argv = row(&process::COMMAND, &argv).called("argv");
    if command.is_elsewhere() {
        argv.value = Shown::Nothing;
    }
    rows.insert(2, argv);
    rows.insert(0, header("section", one.program.section, one.program.header));
    rows
}

/// The priority of a group.
pub(crate) fn priority<'a>(group: &Group<'a>) -> Row<'a> {
    row(&program::PRIORITY, &group.priority)
}

/// The socket that the processes of a group share.
pub(crate) fn socket<'a>(options: &FcgiOptions<'a>) -> Vec<Row<'a>> {
    let FcgiOptions { socket, socket_backlog, socket_owner, socket_mode } = options;
    let mut mode = row(&fcgi::SOCKET_MODE, socket_mode);
    if mode.value == Shown::Nothing && matches!(socket.known(), Some(Some(Socket::Unix(_)))) {
        mode.value = "700".show();
    }
    vec![
        row(&fcgi::SOCKET, socket).called("url"),
        row(&fcgi::SOCKET_OWNER, socket_owner).called("owner"),
        mode.called("mode"),
        row(&fcgi::SOCKET_BACKLOG, socket_backlog).called("backlog"),
    ]
}

/// A TCP server.
#[must_use]
pub fn inet_server<'a>(server: &InetServer<'a>) -> Vec<Row<'a>> {
    let InetServerOptions { port, username, password: _ } = &server.options;
    vec![
        header("kind", "inet", server.header),
        header("section", server.section, server.header),
        row(&inet::PORT, &port.map(|address| address.as_ref().map(|address| address.host))).called("host"),
        row(&inet::PORT, &port.map(|address| address.as_ref().map(|address| address.port))),
        row(&inet::USERNAME, username),
    ]
}

/// A unix server.
#[must_use]
pub fn unix_server<'a>(server: &UnixServer<'a>) -> Vec<Row<'a>> {
    let mut rows = vec![header("kind", "unix", server.header), header("section", server.section, server.header)];
    rows.extend(server.options.rows().into_iter().filter(|row| row.name != "password"));
    rows
}

/// What makes an RPC namespace.
pub(crate) fn factory<'a>(interface: &RpcInterface<'a>) -> Row<'a> {
    row(&rpcinterface::FACTORY, &interface.factory).called("factory")
}

/// What its factory is given.
pub(crate) fn arguments<'a>(interface: &RpcInterface<'a>) -> Vec<Row<'a>> {
    let argument = |(name, value): &(&'a str, Value<'a, Text<'a>>)| {
        let shown = without_secret(name, value.state.show());
        Row { name, option: name, value: shown, origin: value.origin, default: None }
    };
    interface.arguments.iter().map(argument).collect()
}
