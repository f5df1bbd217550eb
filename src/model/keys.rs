//! THE table of options: what Supervisor 4.3.0 knows, one row an option; the row makes the option's key and its field.
//!
//! Each row reads: constant, field, name, type of the value = Supervisor's converter, default, version that brought it, names
//! that its expansion knows, number of expansions, whether it is required, meaning. A test holds the table against the
//! specification both ways.

use super::Value;
use super::address::{Address, Socket};
use super::signal::Signal;
use super::value::{AutoRestart, LogFile, Text, Variables};
use crate::python::integer::Integer;

/// One option of one kind of section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name, in lower case, as configparser hands it out.
    pub name: &'static str,
    /// Supervisor's converter.
    pub kind: &'static str,
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

/// The names that an expansion knows; `semantics 3.1`.
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

/// Makes the keys of a kind of section, in a module of their own.
macro_rules! keys {
    ($(#[$meta:meta])* $module:ident { $($constant:ident $name:literal = $kind:literal, $default:expr, $since:literal,
        $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        $(#[$meta])*
        pub mod $module {
            use super::{Context, Key};
            $(
                #[doc = $doc]
                pub static $constant: Key = Key {
                    name: $name, kind: $kind, default: $default, since: $since, names: Context::$names,
                    passes: $passes, required: $required, doc: $doc,
                };
            )*
            /// All of them.
            pub static KEYS: &[&Key] = &[$(&$constant),*];
        }
    };
}

/// Makes the keys of a kind of section and the struct of its values.
macro_rules! options {
    ($(#[$meta:meta])* $module:ident $struct:ident { $($constant:ident $field:ident $name:literal: $type:ty =
        $kind:literal, $default:expr, $since:literal, $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        keys! {
            $(#[$meta])*
            $module { $($constant $name = $kind, $default, $since, $names, $passes, $required, $doc;)* }
        }
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $struct {
            $(
                #[doc = $doc]
                pub $field: Value<$type>,
            )*
        }
    };
}

options! {
    /// `[supervisord]`.
    supervisord SupervisordOptions {
        LOGFILE logfile "logfile": Text = "existing_dirpath", Some("supervisord.log"), "3.0", G, 1, false, "Activity log of supervisord itself.";
        LOGFILE_MAXBYTES logfile_maxbytes "logfile_maxbytes": Integer = "byte_size", Some("50MB"), "3.0", G, 1, false, "Size at which the activity log is rotated.";
        LOGFILE_BACKUPS logfile_backups "logfile_backups": Integer = "integer", Some("10"), "3.0", G, 1, false, "How many rotated activity logs are kept.";
        LOGLEVEL loglevel "loglevel": Text = "logging_level", Some("info"), "3.0", G, 1, false, "Threshold of the activity log.";
        PIDFILE pidfile "pidfile": Text = "existing_dirpath", Some("supervisord.pid"), "3.0", G, 1, false, "Where the pid of supervisord is written.";
        UMASK umask "umask": Integer = "octal", Some("022"), "3.0", G, 1, false, "umask of the daemonised supervisord, inherited by children.";
        NODAEMON nodaemon "nodaemon": bool = "boolean", Some("false"), "3.0", G, 1, false, "Stay in the foreground (same as -n).";
        SILENT silent "silent": bool = "boolean", Some("false"), "4.2.0", G, 1, false, "In the foreground, do not copy the activity log to stdout.";
        MINFDS minfds "minfds": Integer = "integer", Some("1024"), "3.0", G, 1, false, "Minimum `RLIMIT_NOFILE` soft limit for start-up.";
        MINPROCS minprocs "minprocs": Integer = "integer", Some("200"), "3.0", G, 1, false, "Minimum `RLIMIT_NPROC` soft limit for start-up.";
        NOCLEANUP nocleanup "nocleanup": bool = "boolean", Some("false"), "3.0", G, 1, false, "Do not delete old AUTO child logs at start-up.";
        CHILDLOGDIR childlogdir "childlogdir": Text = "existing_directory", Some("tempfile.gettempdir()"), "3.0", G, 1, false, "Directory of AUTO child logs.";
        USER user "user": Option<Text> = "user (validated late)", None, "3.0", G, 1, false, "Account supervisord switches to when started as root.";
        DIRECTORY directory "directory": Option<Text> = "existing_directory", None, "3.0", G, 1, false, "Directory to chdir to when daemonising.";
        STRIP_ANSI strip_ansi "strip_ansi": bool = "boolean", Some("false"), "3.0a1", G, 1, false, "Strip ANSI escape sequences from child logs.";
        ENVIRONMENT environment "environment": Variables = "key_value_pairs", Some(""), "3.0", G, 2, false, "Environment added to every child.";
        IDENTIFIER identifier "identifier": Text = "string", Some("supervisor"), "3.0a3", G, 1, false, "Name of this supervisord instance.";
    }
}

options! {
    /// The options of a program that are read once for all its processes.
    program ProgramOptions {
        PRIORITY priority "priority": Integer = "integer", Some("999"), "3.0", GThenP0, 1, false, "Start order (low first), reverse stop order.";
        AUTOSTART autostart "autostart": bool = "boolean", Some("true"), "3.0", P0, 1, false, "Start with supervisord.";
        AUTORESTART autorestart "autorestart": AutoRestart = "auto_restart", Some("unexpected"), "3.0", P0, 1, false, "Restart policy of a process that was RUNNING.";
        STARTSECS startsecs "startsecs": Integer = "integer", Some("1"), "3.0", P0, 1, false, "Seconds a start must survive to count.";
        STARTRETRIES startretries "startretries": Integer = "integer", Some("3"), "3.0", P0, 1, false, "Failed starts before FATAL.";
        STOPSIGNAL stopsignal "stopsignal": Signal = "signal", Some("TERM"), "3.0", P0, 1, false, "Signal that asks the process to stop.";
        STOPWAITSECS stopwaitsecs "stopwaitsecs": Integer = "integer", Some("10"), "3.0", P0, 1, false, "Seconds before SIGKILL.";
        STOPASGROUP stopasgroup "stopasgroup": bool = "boolean", Some("false"), "3.0b1", P0, 1, false, "Send the stop signal to the process group.";
        KILLASGROUP killasgroup "killasgroup": bool = "boolean", Some("value of stopasgroup"), "3.0a11", P0, 1, false, "Send SIGKILL to the process group.";
        EXITCODES exitcodes "exitcodes": Vec<u8> = "exit_codes", Some("0"), "3.0", P0, 1, false, "Expected exit codes.";
        REDIRECT_STDERR redirect_stderr "redirect_stderr": bool = "boolean", Some("false"), "3.0", P0, 1, false, "Send stderr to the stdout log.";
        NUMPROCS numprocs "numprocs": Integer = "integer", Some("1"), "3.0a1", P0, 1, false, "Number of processes.";
        NUMPROCS_START numprocs_start "numprocs_start": Integer = "integer", Some("0"), "3.0a4", P0, 1, false, "First `process_num`.";
        STDOUT_CAPTURE_MAXBYTES stdout_capture_maxbytes "stdout_capture_maxbytes": Integer = "byte_size", Some("0"), "3.0a3", P0, 1, false, "Capture FIFO size.";
        STDOUT_EVENTS_ENABLED stdout_events_enabled "stdout_events_enabled": bool = "boolean", Some("false"), "3.0a7", P0, 1, false, "Emit `PROCESS_LOG_STDOUT`.";
        STDERR_CAPTURE_MAXBYTES stderr_capture_maxbytes "stderr_capture_maxbytes": Integer = "byte_size", Some("0"), "3.0a3", P0, 1, false, "Capture FIFO size.";
        STDERR_EVENTS_ENABLED stderr_events_enabled "stderr_events_enabled": bool = "boolean", Some("false"), "3.0a7", P0, 1, false, "Emit `PROCESS_LOG_STDERR`.";
        SERVERURL serverurl "serverurl": Option<Text> = "string", Some("AUTO"), "3.0", P0, 1, false, "`SUPERVISOR_SERVER_URL` for the process.";
        USER user "user": Option<Text> = "user", None, "3.0", P0, 1, false, "Account of the process.";
        UMASK umask "umask": Option<Integer> = "octal", Some("none (inherit)"), "3.0a3", P0, 1, false, "umask of the process.";
    }
}

options! {
    /// The options of a program that are read for each of its processes.
    process ProcessOptions {
        ENVIRONMENT environment "environment": Variables = "key_value_pairs", Some(""), "3.0", P1, 1, false, "Environment of the process.";
        DIRECTORY directory "directory": Option<Text> = "string", None, "3.0", P2, 1, false, "Directory to chdir to before exec.";
        STDOUT_LOGFILE stdout_logfile "stdout_logfile": LogFile = "logfile", Some("AUTO"), "3.0", P2, 2, false, "Log of stdout.";
        STDOUT_LOGFILE_BACKUPS stdout_logfile_backups "stdout_logfile_backups": Integer = "integer", Some("10"), "3.0", P2, 1, false, "Rotated files kept.";
        STDOUT_LOGFILE_MAXBYTES stdout_logfile_maxbytes "stdout_logfile_maxbytes": Integer = "byte_size", Some("50MB"), "3.0", P2, 1, false, "Rotation size.";
        STDOUT_SYSLOG stdout_syslog "stdout_syslog": bool = "boolean", Some("false"), "4.0.0", P2, 1, false, "Copy to syslog.";
        STDERR_LOGFILE stderr_logfile "stderr_logfile": LogFile = "logfile", Some("AUTO"), "3.0", P2, 2, false, "Log of stderr.";
        STDERR_LOGFILE_BACKUPS stderr_logfile_backups "stderr_logfile_backups": Integer = "integer", Some("10"), "3.0", P2, 1, false, "Rotated files kept.";
        STDERR_LOGFILE_MAXBYTES stderr_logfile_maxbytes "stderr_logfile_maxbytes": Integer = "byte_size", Some("50MB"), "3.0", P2, 1, false, "Rotation size.";
        STDERR_SYSLOG stderr_syslog "stderr_syslog": bool = "boolean", Some("false"), "4.0.0", P2, 1, false, "Copy to syslog.";
        COMMAND command "command": Option<Text> = "string", None, "3.0", P2, 1, true, "Command line of the process.";
        PROCESS_NAME process_name "process_name": Text = "name template", Some("%(program_name)s"), "3.0", P2, 1, false, "Template of process names.";
    }
}

options! {
    /// What `[eventlistener:x]` has besides; the overridden rows of a program are in [`OVERRIDES`].
    eventlistener EventListenerOptions {
        EVENTS events "events": Option<Vec<String>> = "event list", None, "3.0a1", G, 1, true, "Events delivered to the pool.";
        BUFFER_SIZE buffer_size "buffer_size": Integer = "integer >= 1", Some("10"), "3.0", G, 1, false, "Event queue length of the pool.";
        RESULT_HANDLER result_handler "result_handler": Text = "object reference", Some("supervisor.dispatchers:default_handler"), "3.0a4", G, 1, false, "Callable that judges results.";
    }
}

options! {
    /// What `[fcgi-program:x]` has besides.
    fcgi FcgiOptions {
        SOCKET socket "socket": Option<Socket> = "fcgi_socket", None, "3.0a7", F, 1, true, "Socket shared by the processes, as fd 0.";
        SOCKET_BACKLOG socket_backlog "socket_backlog": Option<Integer> = "integer 1..65535", Some("SOMAXCONN"), "3.4.0", G, 1, false, "listen(2) backlog.";
        SOCKET_OWNER socket_owner "socket_owner": Option<Text> = "user[:group]", Some("owner of the program"), "3.0a8", G, 1, false, "Owner of the unix socket.";
        SOCKET_MODE socket_mode "socket_mode": Option<Integer> = "octal", Some("0700"), "3.0a8", G, 1, false, "Mode of the unix socket.";
    }
}

options! {
    /// `[group:x]`.
    group GroupOptions {
        PROGRAMS programs "programs": Option<Vec<Text>> = "comma list", None, "3.0a1", G, 1, false, "Members.";
        PRIORITY priority "priority": Integer = "integer", Some("999"), "3.0a1", G, 1, false, "Priority of the group among groups.";
    }
}

options! {
    /// `[inet_http_server]`.
    inet InetServerOptions {
        PORT port "port": Option<Address> = "inet_address", None, "3.0", H, 1, true, "Address the TCP control server listens on.";
        USERNAME username "username": Option<Text> = "string", None, "3.0", H, 1, false, "HTTP user name.";
        PASSWORD password "password": Option<Text> = "string", None, "3.0", H, 1, false, "HTTP password.";
    }
}

options! {
    /// `[unix_http_server]`.
    unix UnixServerOptions {
        FILE file "file": Option<Text> = "path", None, "3.0", G, 1, true, "Path of the control socket.";
        CHMOD chmod "chmod": Integer = "octal", Some("0700"), "3.0", H, 1, false, "Mode of the socket.";
        CHOWN chown "chown": Option<Text> = "user[:group]", Some("-1:-1 (leave alone)"), "3.0", H, 1, false, "Owner of the socket.";
        USERNAME username "username": Option<Text> = "string", None, "3.0", H, 1, false, "HTTP user name.";
        PASSWORD password "password": Option<Text> = "string", None, "3.0", H, 1, false, "HTTP password.";
    }
}

keys! {
    /// `[supervisorctl]`, which supervisord never reads.
    supervisorctl {
        SERVERURL "serverurl" = "string (url only on the command line)", Some("http://localhost:9001"), "3.0", G, 1, false, "Server supervisorctl talks to.";
        USERNAME "username" = "string", None, "3.0", H, 1, false, "User name sent to the server.";
        PASSWORD "password" = "string", None, "3.0", H, 1, false, "Password sent to the server.";
        PROMPT "prompt" = "string", Some("supervisor"), "3.0", H, 1, false, "Prompt of the shell.";
        HISTORY_FILE "history_file" = "path", None, "3.0a5", G, 1, false, "Readline history.";
    }
}

keys! {
    /// `[include]`.
    include {
        FILES "files" = "globs", None, "3.0a4", I, 1, true, "Globs of further files.";
    }
}

keys! {
    /// `[rpcinterface:x]`; each further option is an argument of the factory.
    rpcinterface {
        FACTORY "supervisor.rpcinterface_factory" = "object reference", None, "3.0a1", H, 1, true, "Factory of the RPC namespace.";
    }
}

keys! {
    /// `[ctlplugin:x]`, which supervisord never reads.
    ctlplugin {
        FACTORY "supervisor.ctl_factory" = "object reference", None, "3.0", H, 1, true, "supervisorctl plugin.";
    }
}

/// Rows of a program that differ in another kind of section: kind, key, default, names.
pub static OVERRIDES: &[(&str, &Key, Option<&str>, Context)] = &[
    ("eventlistener:x", &program::PRIORITY, Some("-1 (group) / 999 (processes)"), Context::GThenP0),
    ("eventlistener:x", &program::REDIRECT_STDERR, Some("false"), Context::G),
    ("fcgi-program:x", &program::USER, None, Context::G),
];

/// The tables of a kind of section, by the kind's name as the specification writes it.
pub static KINDS: &[(&str, Tables)] = &[
    ("supervisord", &[supervisord::KEYS]),
    ("program:x", &[program::KEYS, process::KEYS]),
    ("eventlistener:x", &[program::KEYS, process::KEYS, eventlistener::KEYS]),
    ("fcgi-program:x", &[program::KEYS, process::KEYS, fcgi::KEYS]),
    ("group:x", &[group::KEYS]),
    ("inet_http_server", &[inet::KEYS]),
    ("unix_http_server", &[unix::KEYS]),
    ("supervisorctl", &[supervisorctl::KEYS]),
    ("include", &[include::KEYS]),
    ("rpcinterface:x", &[rpcinterface::KEYS]),
    ("ctlplugin:x", &[ctlplugin::KEYS]),
];

/// The rows that a section may have, table by table.
pub type Tables = &'static [&'static [&'static Key]];

/// The keys of the section called `name`; `None` where Supervisor knows no such section.
#[must_use]
pub fn of_section(name: &str) -> Option<Tables> {
    let named = |(kind, _): &&(&str, Tables)| match kind.strip_suffix('x') {
        Some(prefix) => name.starts_with(prefix),
        None if kind.ends_with("_server") => name.starts_with(kind),
        None => name == *kind,
    };
    KINDS.iter().find(named).map(|(_, tables)| *tables)
}

/// Whether any section has an option of this name.
#[must_use]
pub fn is_option(name: &str) -> bool {
    KINDS.iter().any(|(_, tables)| tables.iter().any(|keys| keys.iter().any(|key| key.name == name)))
}
