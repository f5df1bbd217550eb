//! THE table of options: what Supervisor 4.3.0 knows, one row an option.
//!
//! Each row reads: constant, field, name, [type of the value] = Supervisor's converter, default, version that brought it, names
//! that its expansion knows, number of expansions, whether it is required, meaning. A row makes the option's key here and, in
//! `model::options`, the field of its section's struct, its default and the call of its converter: that is why the rows are
//! macros. A test holds the table against the specification both ways.

mod kind;
mod number;
mod section;

pub use kind::Kind;
pub use number::Number;
use number::number;
pub use section::{KINDS, SectionKind, Tables};

/// One option of one kind of section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name, in lower case, as configparser hands it out.
    pub name: &'static str,
    /// The number of the name; options of several kinds of sections may share it.
    pub number: Number,
    /// Supervisor's converter.
    pub kind: Kind,
    /// What counts where nothing is written; a word for it where no text does.
    pub default: Option<&'static str>,
    /// The version of Supervisor that brought the option.
    pub since: &'static str,
    /// The names that the expansion knows.
    pub names: Context,
    /// How often the value is expanded.
    pub passes: u8,
    /// Whether Supervisor refuses a section without it.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

/// The names that an expansion knows; `facts S3.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// `here` and `ENV_*`.
    G,
    /// `ENV_*` only.
    H,
    /// `here`, `host_node_name` and `ENV_*`.
    I,
    /// `here`, `program_name` and `ENV_*`.
    F,
    /// `here`, `program_name`, `group_name`, `host_node_name` and `ENV_*`: read once a section.
    P0,
    /// First [`Context::G`], for the group, then [`Context::P0`], for the processes.
    GThenP0,
    /// [`Context::P0`] with `process_num` and `numprocs`: read for each process.
    P1,
    /// [`Context::P1`] with the program's own `environment`.
    P2,
}

/// The names of Supervisor's own that the expansion of some option knows.
pub static NAMES: [&str; 6] = ["here", "host_node_name", "program_name", "group_name", "process_num", "numprocs"];

/// Makes the keys of a kind of section, in a module of their own.
macro_rules! keys {
    ($(#[$meta:meta])* $module:ident { $($constant:ident $name:literal = $kind:ident, $default:expr, $since:literal,
        $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        $(#[$meta])*
        pub mod $module {
            use super::{Context, Key, Kind, number};
            $(
                #[doc = $doc]
                pub static $constant: Key = Key {
                    name: $name, number: number($name), kind: Kind::$kind, default: $default, since: $since,
                    names: Context::$names, passes: $passes, required: $required, doc: $doc,
                };
            )*
            /// All of them.
            pub static KEYS: &[&Key] = &[$(&$constant),*];
            /// Their bits.
            pub const MASK: u128 = $(number($name).bit())|*;
            /// The numbers of their names, for patterns.
            pub mod at {
                $(
                    #[doc = $doc]
                    pub const $constant: usize = super::number($name).index();
                )*
            }
            /// Their names.
            pub(super) const NAMES: &[&str] = &[$($name),*];
        }
    };
}

/// The keys of rows that make a struct too.
macro_rules! keys_of_rows {
    ($(#[$meta:meta])* $module:ident $struct:ident { $($constant:ident $field:ident $name:literal: [$($type:tt)+] =
        $kind:ident, $default:expr, $since:literal, $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        keys! {
            $(#[$meta])*
            $module { $($constant $name = $kind, $default, $since, $names, $passes, $required, $doc;)* }
        }
    };
}

macro_rules! supervisord_rows {
    ($make:ident) => { $make! {
        /// `[supervisord]`.
        supervisord SupervisordOptions {
            LOGFILE logfile "logfile": [Text<'a>] = ExistingDirpath, Some("supervisord.log"), "3.0", G, 1, false, "Activity log of supervisord itself.";
            LOGFILE_MAXBYTES logfile_maxbytes "logfile_maxbytes": [Integer] = ByteSize, Some("50MB"), "3.0", G, 1, false, "Size at which the activity log is rotated.";
            LOGFILE_BACKUPS logfile_backups "logfile_backups": [Integer] = Integer, Some("10"), "3.0", G, 1, false, "How many rotated activity logs are kept.";
            LOGLEVEL loglevel "loglevel": [Text<'a>] = LoggingLevel, Some("info"), "3.0", G, 1, false, "Threshold of the activity log.";
            PIDFILE pidfile "pidfile": [Text<'a>] = ExistingDirpath, Some("supervisord.pid"), "3.0", G, 1, false, "Where the pid of supervisord is written.";
            UMASK umask "umask": [Integer] = Octal, Some("022"), "3.0", G, 1, false, "umask of the daemonised supervisord, inherited by children.";
            NODAEMON nodaemon "nodaemon": [bool] = Boolean, Some("false"), "3.0", G, 1, false, "Stay in the foreground (same as -n).";
            SILENT silent "silent": [bool] = Boolean, Some("false"), "4.2.0", G, 1, false, "In the foreground, do not copy the activity log to stdout.";
            MINFDS minfds "minfds": [Integer] = Integer, Some("1024"), "3.0", G, 1, false, "Minimum `RLIMIT_NOFILE` soft limit for start-up.";
            MINPROCS minprocs "minprocs": [Integer] = Integer, Some("200"), "3.0", G, 1, false, "Minimum `RLIMIT_NPROC` soft limit for start-up.";
            NOCLEANUP nocleanup "nocleanup": [bool] = Boolean, Some("false"), "3.0", G, 1, false, "Do not delete old AUTO child logs at start-up.";
            CHILDLOGDIR childlogdir "childlogdir": [Text<'a>] = ExistingDirectory, Some("tempfile.gettempdir()"), "3.0", G, 1, false, "Directory of AUTO child logs.";
            USER user "user": [Option<Text<'a>>] = UserLate, None, "3.0", G, 1, false, "Account supervisord switches to when started as root.";
            DIRECTORY directory "directory": [Option<Text<'a>>] = ExistingDirectory, None, "3.0", G, 1, false, "Directory to chdir to when daemonising.";
            STRIP_ANSI strip_ansi "strip_ansi": [bool] = Boolean, Some("false"), "3.0a1", G, 1, false, "Strip ANSI escape sequences from child logs.";
            ENVIRONMENT environment "environment": [Variables<'a>] = Pairs, Some(""), "3.0", G, 2, false, "Environment added to every child.";
            IDENTIFIER identifier "identifier": [Text<'a>] = String, Some("supervisor"), "3.0a3", G, 1, false, "Name of this supervisord instance.";
        }
    } };
}

macro_rules! program_rows {
    ($make:ident) => { $make! {
        /// The options of a program that are read once for all its processes.
        program ProgramOptions {
            PRIORITY priority "priority": [Integer] = Integer, Some("999"), "3.0", GThenP0, 1, false, "Start order (low first), reverse stop order.";
            AUTOSTART autostart "autostart": [bool] = Boolean, Some("true"), "3.0", P0, 1, false, "Start with supervisord.";
            AUTORESTART autorestart "autorestart": [AutoRestart] = AutoRestart, Some("unexpected"), "3.0", P0, 1, false, "Restart policy of a process that was RUNNING.";
            STARTSECS startsecs "startsecs": [Integer] = Integer, Some("1"), "3.0", P0, 1, false, "Seconds a start must survive to count.";
            STARTRETRIES startretries "startretries": [Integer] = Integer, Some("3"), "3.0", P0, 1, false, "Failed starts before FATAL.";
            STOPSIGNAL stopsignal "stopsignal": [Signal] = Signal, Some("TERM"), "3.0", P0, 1, false, "Signal that asks the process to stop.";
            STOPWAITSECS stopwaitsecs "stopwaitsecs": [Integer] = Integer, Some("10"), "3.0", P0, 1, false, "Seconds before SIGKILL.";
            STOPASGROUP stopasgroup "stopasgroup": [bool] = Boolean, Some("false"), "3.0b1", P0, 1, false, "Send the stop signal to the process group.";
            KILLASGROUP killasgroup "killasgroup": [bool] = Boolean, Some("value of stopasgroup"), "3.0a11", P0, 1, false, "Send SIGKILL to the process group.";
            EXITCODES exitcodes "exitcodes": [ExitCodes] = ExitCodes, Some("0"), "3.0", P0, 1, false, "Expected exit codes.";
            REDIRECT_STDERR redirect_stderr "redirect_stderr": [bool] = Boolean, Some("false"), "3.0", P0, 1, false, "Send stderr to the stdout log.";
            NUMPROCS numprocs "numprocs": [Integer] = Integer, Some("1"), "3.0a1", P0, 1, false, "Number of processes.";
            NUMPROCS_START numprocs_start "numprocs_start": [Integer] = Integer, Some("0"), "3.0a4", P0, 1, false, "First `process_num`.";
            STDOUT_CAPTURE_MAXBYTES stdout_capture_maxbytes "stdout_capture_maxbytes": [Integer] = ByteSize, Some("0"), "3.0a3", P0, 1, false, "Capture FIFO size.";
            STDOUT_EVENTS_ENABLED stdout_events_enabled "stdout_events_enabled": [bool] = Boolean, Some("false"), "3.0a7", P0, 1, false, "Emit `PROCESS_LOG_STDOUT`.";
            STDERR_CAPTURE_MAXBYTES stderr_capture_maxbytes "stderr_capture_maxbytes": [Integer] = ByteSize, Some("0"), "3.0a3", P0, 1, false, "Capture FIFO size.";
            STDERR_EVENTS_ENABLED stderr_events_enabled "stderr_events_enabled": [bool] = Boolean, Some("false"), "3.0a7", P0, 1, false, "Emit `PROCESS_LOG_STDERR`.";
            SERVERURL serverurl "serverurl": [Option<Text<'a>>] = String, Some("AUTO"), "3.0", P0, 1, false, "`SUPERVISOR_SERVER_URL` for the process.";
            USER user "user": [Option<Text<'a>>] = User, None, "3.0", P0, 1, false, "Account of the process.";
            UMASK umask "umask": [Option<Integer>] = Octal, Some("none (inherit)"), "3.0a3", P0, 1, false, "umask of the process.";
        }
    } };
}

macro_rules! process_rows {
    ($make:ident) => { $make! {
        /// The options of a program that are read for each of its processes.
        process ProcessOptions {
            ENVIRONMENT environment "environment": [Variables<'a>] = Pairs, Some(""), "3.0", P1, 1, false, "Environment of the process.";
            DIRECTORY directory "directory": [Option<Text<'a>>] = String, None, "3.0", P2, 1, false, "Directory to chdir to before exec.";
            STDOUT_LOGFILE stdout_logfile "stdout_logfile": [LogFile<'a>] = Logfile, Some("AUTO"), "3.0", P2, 2, false, "Log of stdout.";
            STDOUT_LOGFILE_BACKUPS stdout_logfile_backups "stdout_logfile_backups": [Integer] = Integer, Some("10"), "3.0", P2, 1, false, "Rotated files kept.";
            STDOUT_LOGFILE_MAXBYTES stdout_logfile_maxbytes "stdout_logfile_maxbytes": [Integer] = ByteSize, Some("50MB"), "3.0", P2, 1, false, "Rotation size.";
            STDOUT_SYSLOG stdout_syslog "stdout_syslog": [bool] = Boolean, Some("false"), "4.0.0", P2, 1, false, "Copy to syslog.";
            STDERR_LOGFILE stderr_logfile "stderr_logfile": [LogFile<'a>] = Logfile, Some("AUTO"), "3.0", P2, 2, false, "Log of stderr.";
            STDERR_LOGFILE_BACKUPS stderr_logfile_backups "stderr_logfile_backups": [Integer] = Integer, Some("10"), "3.0", P2, 1, false, "Rotated files kept.";
            STDERR_LOGFILE_MAXBYTES stderr_logfile_maxbytes "stderr_logfile_maxbytes": [Integer] = ByteSize, Some("50MB"), "3.0", P2, 1, false, "Rotation size.";
            STDERR_SYSLOG stderr_syslog "stderr_syslog": [bool] = Boolean, Some("false"), "4.0.0", P2, 1, false, "Copy to syslog.";
            COMMAND command "command": [Option<Text<'a>>] = String, None, "3.0", P2, 1, true, "Command line of the process.";
            PROCESS_NAME process_name "process_name": [Text<'a>] = NameTemplate, Some("%(program_name)s"), "3.0", P2, 1, false, "Template of process names.";
        }
    } };
}

macro_rules! eventlistener_rows {
    ($make:ident) => { $make! {
        /// What `[eventlistener:x]` has besides; the overridden rows of a program are in `keys::OVERRIDES`.
        eventlistener EventListenerOptions {
            EVENTS events "events": [Option<Events>] = Events, None, "3.0a1", G, 1, true, "Events delivered to the pool.";
            BUFFER_SIZE buffer_size "buffer_size": [Integer] = Positive, Some("10"), "3.0", G, 1, false, "Event queue length of the pool.";
            RESULT_HANDLER result_handler "result_handler": [Text<'a>] = Reference, Some("supervisor.dispatchers:default_handler"), "3.0a4", G, 1, false, "Callable that judges results.";
        }
    } };
}

macro_rules! fcgi_rows {
    ($make:ident) => { $make! {
        /// What `[fcgi-program:x]` has besides.
        fcgi FcgiOptions {
            SOCKET socket "socket": [Option<Socket<'a>>] = FcgiSocket, None, "3.0a7", F, 1, true, "Socket shared by the processes, as fd 0.";
            SOCKET_BACKLOG socket_backlog "socket_backlog": [Option<Integer>] = Backlog, Some("SOMAXCONN"), "3.4.0", G, 1, false, "listen(2) backlog.";
            SOCKET_OWNER socket_owner "socket_owner": [Option<Text<'a>>] = UserAndGroup, Some("owner of the program"), "3.0a8", G, 1, false, "Owner of the unix socket.";
            SOCKET_MODE socket_mode "socket_mode": [Option<Integer>] = Octal, Some("0700"), "3.0a8", G, 1, false, "Mode of the unix socket.";
        }
    } };
}

macro_rules! group_rows {
    ($make:ident) => { $make! {
        /// `[group:x]`.
        group GroupOptions {
            PROGRAMS programs "programs": [Option<Members<'a>>] = Members, None, "3.0a1", G, 1, false, "Members.";
            PRIORITY priority "priority": [Integer] = Integer, Some("999"), "3.0a1", G, 1, false, "Priority of the group among groups.";
        }
    } };
}

macro_rules! inet_rows {
    ($make:ident) => { $make! {
        /// `[inet_http_server]`.
        inet InetServerOptions {
            PORT port "port": [Option<Address<'a>>] = InetAddress, None, "3.0", H, 1, true, "Address the TCP control server listens on.";
            USERNAME username "username": [Option<Text<'a>>] = String, None, "3.0", H, 1, false, "HTTP user name.";
            PASSWORD password "password": [Option<Text<'a>>] = String, None, "3.0", H, 1, false, "HTTP password.";
        }
    } };
}

macro_rules! unix_rows {
    ($make:ident) => { $make! {
        /// `[unix_http_server]`.
        unix UnixServerOptions {
            FILE file "file": [Option<Text<'a>>] = Path, None, "3.0", G, 1, true, "Path of the control socket.";
            CHMOD chmod "chmod": [Integer] = Octal, Some("0700"), "3.0", H, 1, false, "Mode of the socket.";
            CHOWN chown "chown": [Option<Text<'a>>] = UserAndGroup, Some("-1:-1 (leave alone)"), "3.0", H, 1, false, "Owner of the socket.";
            USERNAME username "username": [Option<Text<'a>>] = String, None, "3.0", H, 1, false, "HTTP user name.";
            PASSWORD password "password": [Option<Text<'a>>] = String, None, "3.0", H, 1, false, "HTTP password.";
        }
    } };
}

keys! {
    /// `[supervisorctl]`, which supervisord never reads.
    supervisorctl {
        SERVERURL "serverurl" = ServerUrl, Some("http://localhost:9001"), "3.0", G, 1, false, "Server supervisorctl talks to.";
        USERNAME "username" = String, None, "3.0", H, 1, false, "User name sent to the server.";
        PASSWORD "password" = String, None, "3.0", H, 1, false, "Password sent to the server.";
        PROMPT "prompt" = String, Some("supervisor"), "3.0", H, 1, false, "Prompt of the shell.";
        HISTORY_FILE "history_file" = Path, None, "3.0a5", G, 1, false, "Readline history.";
    }
}

keys! {
    /// `[include]`.
    include {
        FILES "files" = Globs, None, "3.0a4", I, 1, true, "Globs of further files.";
    }
}

keys! {
    /// `[rpcinterface:x]`; each further option is an argument of the factory.
    rpcinterface {
        FACTORY "supervisor.rpcinterface_factory" = Reference, None, "3.0a1", H, 1, true, "Factory of the RPC namespace.";
    }
}

keys! {
    /// `[ctlplugin:x]`, which supervisord never reads.
    ctlplugin {
        FACTORY "supervisor.ctl_factory" = Reference, None, "3.0", H, 1, true, "supervisorctl plugin.";
    }
}

supervisord_rows!(keys_of_rows);
program_rows!(keys_of_rows);
process_rows!(keys_of_rows);
eventlistener_rows!(keys_of_rows);
fcgi_rows!(keys_of_rows);
group_rows!(keys_of_rows);
inet_rows!(keys_of_rows);
unix_rows!(keys_of_rows);

pub(crate) use {eventlistener_rows, fcgi_rows, inet_rows, process_rows, program_rows, supervisord_rows, unix_rows};

/// Rows of a program that differ in another kind of section: kind, key, default, names.
pub static OVERRIDES: &[(&str, &Key, Option<&str>, Context)] = &[
    ("eventlistener:x", &program::PRIORITY, Some("-1 (group) / 999 (processes)"), Context::GThenP0),
    ("eventlistener:x", &program::REDIRECT_STDERR, Some("false"), Context::G),
    ("fcgi-program:x", &program::USER, None, Context::G),
];

/// The row of an option in the section called `section`.
#[must_use]
pub fn find(section: &str, option: &str) -> Option<&'static Key> {
    SectionKind::of(section)?.key(Number::of(option)?)
}

/// The row of an option that any section may have: the first of its name.
#[must_use]
pub fn find_anywhere(option: &str) -> Option<&'static Key> {
    let number = Number::of(option)?;
    KINDS.iter().find_map(|(kind, ..)| kind.key(number))
}

/// Whether any section has an option of this name.
#[must_use]
pub fn is_option(name: &str) -> bool {
    Number::of(name).is_some()
}

/// The keys of the section called `name`; `None` where Supervisor knows no such section.
#[must_use]
pub fn of_section(name: &str) -> Option<Tables> {
    SectionKind::of(name).map(SectionKind::tables)
}
