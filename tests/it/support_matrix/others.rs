//! The options of all sections but a program's: what is not written, and a value of each kind that is decided in its own way.

use super::sample::{Flag, Sample, is, unwritten};

const UMASK: &str = "[program:api]\ncommand=/srv/api\numask=027";

/// `[supervisord]`.
pub static SUPERVISORD: &[Sample] = &[
    unwritten("childlogdir"),
    is("childlogdir", "/var/log/supervisor"),
    unwritten("directory"),
    is("directory", "/srv"),
    is("directory", "/srv").beside("nodaemon=true"),
    unwritten("environment"),
    is("environment", "LANG=\"C\""),
    is("environment", "DB_PASSWORD=\"sesame-open-7\""),
    is("environment", "A.B=\"1\""),
    unwritten("identifier"),
    is("identifier", "blue"),
    unwritten("logfile"),
    is("logfile", "/var/log/supervisord.log"),
    is("logfile", "/dev/null"),
    is("logfile", "syslog"),
    unwritten("logfile_backups"),
    is("logfile_backups", "3"),
    unwritten("logfile_maxbytes"),
    is("logfile_maxbytes", "5MB"),
    unwritten("loglevel"),
    is("loglevel", "debug"),
    unwritten("minfds"),
    is("minfds", "256"),
    is("minfds", "65536"),
    is("minfds", "1000000"),
    is("minfds", "99999999999"),
    is("minfds", "%(ENV_MINFDS)s"),
    is("minfds", "4096").flag(Flag::OpenFiles),
    unwritten("minprocs"),
    is("minprocs", "1024"),
    is("minprocs", "5000"),
    unwritten("nocleanup"),
    is("nocleanup", "true"),
    unwritten("nodaemon"),
    is("nodaemon", "true"),
    unwritten("pidfile"),
    is("pidfile", "/run/supervisord.pid"),
    is("pidfile", "/run/supervisord.pid").around("[program:api]\ncommand=/srv/api --watch /run/supervisord.pid"),
    unwritten("silent"),
    is("silent", "true"),
    unwritten("strip_ansi"),
    is("strip_ansi", "false"),
    is("strip_ansi", "true"),
    unwritten("umask"),
    is("umask", "022"),
    is("umask", "027"),
    is("umask", "027").around(UMASK),
    is("umask", "027").beside("nodaemon=true"),
    unwritten("user"),
    is("user", "root"),
    is("user", "app"),
];

/// `[inet_http_server]`.
pub static INET: &[Sample] = &[
    unwritten("password"),
    is("password", "sesame-open-7").beside("username=admin"),
    is("port", "127.0.0.1:9001"),
    is("port", "*:9001"),
    unwritten("username"),
    is("username", "admin").beside("password=sesame-open-7"),
];

/// `[unix_http_server]`.
pub static UNIX: &[Sample] = &[
    unwritten("chmod"),
    is("chmod", "0700"),
    is("chmod", "0770"),
    is("chmod", "0770").beside("chown=root:deploy"),
    unwritten("chown"),
    is("chown", "app"),
    is("chown", "root:deploy"),
    is("chown", "root:deploy").beside("chmod=0770"),
    is("file", "/run/supervisor.sock"),
    unwritten("password"),
    is("password", "sesame-open-7").beside("username=admin"),
    unwritten("username"),
    is("username", "admin").beside("password=sesame-open-7"),
];

/// `[supervisorctl]`.
pub static SUPERVISORCTL: &[Sample] = &[
    unwritten("history_file"),
    is("history_file", "/root/.supervisor"),
    unwritten("password"),
    is("password", "sesame-open-7"),
    unwritten("prompt"),
    is("prompt", "blue"),
    unwritten("serverurl"),
    is("serverurl", "unix:///run/supervisor.sock"),
    unwritten("username"),
    is("username", "admin"),
];

/// `[include]`.
pub static INCLUDE: &[Sample] = &[is("files", "/etc/conf.d/*.conf"), is("files", "/etc/conf.d/*.ini")];

/// `[rpcinterface:x]`.
pub static RPCINTERFACE: &[Sample] = &[
    is("supervisor.rpcinterface_factory", "supervisor.rpcinterface:make_main_rpcinterface"),
    is("supervisor.rpcinterface_factory", "supervisor_twiddler.rpcinterface:make_twiddler_rpcinterface"),
];

/// `[ctlplugin:x]`.
pub static CTLPLUGIN: &[Sample] = &[is("supervisor.ctl_factory", "superlance.fix:make_fixer")];

/// `[group:x]`.
pub static GROUP: &[Sample] = &[
    unwritten("priority").beside("programs=api,web"),
    is("priority", "5").beside("programs=api,web"),
    is("priority", "5").beside("programs=api,web").around("[program:worker]\ncommand=/srv/worker"),
    unwritten("programs"),
    is("programs", ""),
    is("programs", "api"),
    is("programs", "api,web"),
];

/// What `[fcgi-program:x]` has besides.
pub static FCGI: &[Sample] = &[
    is("socket", "unix:///run/web.sock"),
    is("socket", "unix:///run/%(program_name)s.sock"),
    is("socket", "tcp://127.0.0.1:9000"),
    is("socket", "tcp://localhost:9000"),
    is("socket", "tcp://backend:9000"),
    is("socket", "unix:///run/web.sock").around("[group:g]\nprograms=web"),
    unwritten("socket_backlog"),
    is("socket_backlog", "128"),
    unwritten("socket_mode"),
    is("socket_mode", "0660"),
    unwritten("socket_owner"),
    unwritten("socket_owner").beside("user=app"),
    is("socket_owner", "app"),
    is("socket_owner", "app:www-data"),
];

/// What `[eventlistener:x]` has besides, and what of a program's is said of it.
pub static EVENTLISTENER: &[Sample] = &[
    unwritten("buffer_size"),
    is("buffer_size", "100"),
    is("command", "/srv/listener"),
    is("command", "memmon -p web=200MB"),
    is("command", "httpok -p web http://localhost/"),
    is("command", "supervisor_stdout"),
    is("events", "PROCESS_STATE_FATAL"),
    is("events", "PROCESS_STATE_EXITED"),
    is("events", "PROCESS_STATE_RUNNING,TICK_60"),
    is("events", "PROCESS_LOG_STDOUT"),
    is("events", "PROCESS_COMMUNICATION"),
    unwritten("result_handler"),
    is("result_handler", "listener:handle"),
];
