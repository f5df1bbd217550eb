//! The corpus: each of its files is named here with what Supervisor 4.3.0 makes of its trap, as `show --format json` prints it.
//!
//! Every value was taken from the real Supervisor, which `tests/it/oracle` asks about the same files, and is one that a
//! reader who does not know the trap gets wrong. Values may hold `{file}`, the path as given; `{root}`, the directory of
//! the package, where Supervisor makes a path absolute; and `{env}`, the names of the environment that is given.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use supconv::reading::Reading;
use supconv::report::document::json_line;

/// The environment that supervisord is said to start with. Two of its values are hostile.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("HOME", "/root"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("APP_ENV", "production"),
    ("RATE", "50%"),
    ("LOG_NAME", "%(program_name)s"),
];

/// The main file of each layout, below `corpus/layouts`.
const LAYOUTS: [(&str, &str); 4] = [
    ("layouts/debian", "etc/supervisor/supervisord.conf"),
    ("layouts/epel", "etc/supervisord.conf"),
    ("layouts/alpine", "etc/supervisord.conf"),
    ("layouts/container", "etc/supervisor/supervisord.conf"),
];

/// Files that cannot begin with a comment: it would be their second trap, or no comment at all.
const WITHOUT_COMMENT: [&str; 3] = ["byte-order-mark", "empty", "utf-16"];

/// Of one file one fact: a place in the JSON and what stands there, `None` for nothing.
struct Row {
    name: &'static str,
    pointer: String,
    value: Option<Value>,
}

/// What stands at any place.
fn at(name: &'static str, pointer: &str, value: impl Into<Value>) -> Row {
    Row { name, pointer: pointer.to_owned(), value: Some(value.into()) }
}

/// Nothing stands at a place.
fn none(name: &'static str, pointer: &str) -> Row {
    Row { name, pointer: pointer.to_owned(), value: None }
}

/// What became of an option of `[supervisord]`.
fn main(name: &'static str, option: &str, value: impl Into<Value>) -> Row {
    at(name, &format!("/supervisord/{option}"), value)
}

/// What became of an option of the first program of the first group.
fn program(name: &'static str, option: &str, value: impl Into<Value>) -> Row {
    process(name, 0, 0, option, value)
}

/// What became of an option of any program: its group, its place in the group.
fn process(name: &'static str, group: usize, place: usize, option: &str, value: impl Into<Value>) -> Row {
    at(name, &format!("/groups/{group}/programs/{place}/{option}"), value)
}

/// The file is refused, with this message.
fn refused(name: &'static str, message: &str) -> Row {
    at(name, "/error", message)
}

#[allow(clippy::too_many_lines)]
#[rustfmt::skip]
fn table() -> Vec<Row> {
    vec![
        // Comments.
        program("comment-cuts-quoted-command", "command", r#"/bin/sh -c "echo one"#),
        program("comment-cuts-quoted-command", "argv", Value::Null),
        program("shell-loop-cut-at-semicolon", "command", "bash -c 'while true"),
        program("semicolon-without-space-is-text", "argv", json!(["/bin/sh", "-c", "cd /srv/web; exec ./serve --accent=#c0ffee"])),
        refused("comment-needs-a-space", "not a valid boolean value: 'true;started by hand on Mondays' in section 'program:mailer' (file: '{file}')"),
        program("comment-marks-are-tried-in-rounds", "command", "/bin/echo a;b ;c"),
        at("password-cut-by-hash", "/ok", true),
        refused("rem-is-not-a-comment", "Source contains parsing errors: '{file}'\n\t[line  7]: 'rem switched off last summer\\n'"),
        program("comment-line-inside-a-value", "command", "/usr/bin/worker\n--queue mail\n--queue search"),
        program("nbsp-before-a-comment", "startsecs", 5),

        // Layout: what continues a value, what begins anew.
        program("indented-section-is-swallowed", "command", "/usr/bin/first\n[program:second]\ncommand = /usr/bin/second"),
        none("indented-section-is-swallowed", "/groups/1"),
        program("indented-option-is-swallowed", "argv", json!(["/usr/bin/queue", "autostart", "=", "false", "user", "=", "queue"])),
        program("indented-option-is-swallowed", "autostart", true),
        program("indentation-is-compared-with-the-option-above", "command", "/usr/bin/web"),
        program("indentation-is-compared-with-the-option-above", "directory", "/srv/web\nuser = web"),
        program("tab-counts-as-one-character", "command", "/usr/bin/web\ndirectory = /srv/web"),
        program("nbsp-indents", "command", "/usr/bin/web\nautostart = false\nuser = web"),
        program("blank-line-inside-a-value", "command", "/usr/bin/import\n--from /srv/in\n\n--to /srv/out"),
        program("backslash-quotes-the-newline", "argv", json!(["/usr/bin/api", "\n--port", "8000"])),
        refused("boolean-on-the-next-line", "not a valid boolean value: '\\ntrue' in section 'program:web' (file: '{file}')"),
        program("number-on-the-next-line", "stopwaitsecs", 90),
        program("number-on-the-next-line", "command", "\n/usr/bin/web"),

        // Options: names, delimiters, duplicates.
        program("colon-is-a-delimiter", "autostart", false),
        program("colon-is-a-delimiter", "stdout_logfile", "/var/log/web=main.log"),
        program("option-names-in-capitals", "autostart", false),
        program("kelvin-sign-is-a-k", "killasgroup", true),
        program("option-twice-last-wins", "command", "/srv/api/bin/serve --workers 16"),
        program("misspelt-names-are-ignored", "autostart", true),
        none("misspelt-names-are-ignored", "/groups/1"),
        program("plugin-options-are-free", "startretries", 0),
        process("plugin-options-are-free", 2, 0, "section", "program:database"),

        // Sections: headers, names, duplicates.
        none("section-names-in-capitals", "/groups/1"),
        at("supervisord-in-padded-brackets", "/fragment", true),
        program("section-without-bracket", "command", "/usr/bin/second"),
        program("section-without-bracket", "name", "first"),
        refused("header-runs-to-the-last-bracket", "Invalid name: 'web] see [ops/handbook' because of character: ' '"),
        program("text-behind-a-header-is-ignored", "autostart", true),
        program("section-twice-is-merged", "command", "/srv/app/worker --queue search"),
        program("section-twice-is-merged", "user", "mail"),
        program("environment-is-replaced-not-merged", "environment", json!({"PORT": "9000"})),
        program("program-named-with-a-space", "name", "web"),
        program("program-named-with-a-space", "section", "program: web "),
        refused("group-misses-the-padded-program", "[group:site] names unknown program or fcgi-program web"),

        // Lines that nobody can read.
        refused("lines-without-delimiter", "Source contains parsing errors: '{file}'\n\t[line  3]: 'nodaemon\\n'\n\t[line  7]: 'autostart\\n'\n\t[line  9]: '[]\\n'"),
        refused("option-without-a-name", "Source contains parsing errors: '{file}'\n\t[line  5]: '= /usr/bin/web\\n'"),
        refused("option-before-any-section", "File contains no section headers.\nfile: '{file}', line: 2\n'minfds = 65536\\n'"),
        refused("no-newline-at-the-end", "Source contains parsing errors: '{file}'\n\t[line  6]: 'autostart'"),
        refused("full-width-equals", "Source contains parsing errors: '{file}'\n\t[line  5]: 'command＝/usr/bin/web\\n'"),
        refused("template-left-unrendered", "Source contains parsing errors: '{file}'\n\t[line  5]: '{% for queue in queues %}\\n'\n\t[line  9]: '{% endfor %}\\n'"),

        // Bytes and characters.
        main("crlf", "nodaemon", true),
        program("crlf", "command", "/usr/bin/web\n--port 8000"),
        refused("crlf-in-a-message", "Source contains parsing errors: '{file}'\n\t[line  3]: 'nodaemon\\n'"),
        program("lone-cr", "autostart", false),
        program("unicode-line-ends", "command", "/usr/bin/web\u{2028}autostart = false\u{85}user = web\u{c}umask = 077"),
        program("unicode-line-ends", "autostart", true),
        program("unit-separator-is-space", "autostart", false),
        program("unit-separator-is-space", "startsecs", 5),
        refused("zero-width-space", "program section program:web does not specify a command in section 'program:web' (file: '{file}')"),
        refused("byte-order-mark", "File contains no section headers.\nfile: '{file}', line: 1\n'\\ufeff; The invisible mark before this comment is text, and text before the first header is an error.\\n'"),
        refused("latin-1-in-a-comment", "'utf-8' codec can't decode byte 0xfc in position 93: invalid start byte"),
        refused("utf-16", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        program("nul-is-a-character", "command", "/usr/bin/web a\0b"),
        at("empty", "/ok", true),
        at("empty", "/fragment", true),

        // [DEFAULT].
        main("default-reaches-supervisord", "user", "www-data"),
        process("default-reaches-supervisord", 1, 0, "user", "www-data"),
        at("default-supplies-groups-too", "/groups/0/priority", 10),
        at("default-supplies-groups-too", "/groups/0/name", "site"),
        at("default-breaks-rpcinterface", "/rpcinterfaces/0/options", json!({"autorestart": "true"})),
        program("default-in-small-letters", "autostart", true),

        // Percent signs.
        refused("percent-in-a-date", r#"Format string '/bin/sh -c "tar -czf /srv/backup/$(date +%Y-%m-%d).tgz /srv/data"' for 'program:backup.command' is badly formatted: unsupported format character 'Y' (0x59) at index 42 in section 'program:backup' (file: '{file}')"#),
        program("percent-s-prints-the-environment", "command", "/bin/date +{'ENV_HOME': '/root', 'ENV_PATH': '/usr/local/bin:/usr/bin:/bin', 'ENV_APP_ENV': 'production', 'ENV_RATE': '50%', 'ENV_LOG_NAME': '%(program_name)s', 'here': '{root}/corpus', 'program_name': 'clock', 'host_node_name': 'node1', 'group_name': 'clock', 'process_num': 0, 'numprocs': 1}"),
        refused("percent-d-wants-a-number", "Format string '/bin/date +%d' for 'program:clock.command' is badly formatted: %d format: a real number is required, not dict in section 'program:clock' (file: '{file}')"),
        program("percent-doubled-in-a-command", "command", "celery -A shop worker --hostname worker@%h --loglevel info"),
        program("percent-expanded-twice", "stdout_logfile", "/var/log/load-100%.log"),
        program("percent-expanded-twice", "stderr_logfile", "/var/log/load-00.log"),
        refused("percent-doubled-is-not-enough", r#"Format string 'SIGNED_URL="https://cdn.example.org/a%20b"' for 'environment' is badly formatted: unsupported format character 'b' (0x62) at index 40"#),
        program("host-name-in-the-second-pass", "command", "/usr/bin/web --node node1"),
        refused("host-name-too-early", r#"Format string 'NODE="%(host_node_name)s"' for 'supervisord.environment' contains names ('host_node_name') which cannot be expanded. Available names: {env}, here"#),
        refused("percent-from-a-variable", "Format string '/var/log/load-50%.log' for 'stdout_logfile' is badly formatted: %o format: an integer is required, not dict in section 'program:load' (file: '{file}')"),
        program("variable-that-names-another", "stdout_logfile", "/var/log/web.log"),
        program("variable-that-names-another", "command", "/usr/bin/web --name %(program_name)s"),
        refused("variable-that-is-not-set", "Format string '/usr/bin/web --dsn %(ENV_DATABASE_URL)s' for 'program:web.command' contains names ('ENV_DATABASE_URL') which cannot be expanded. Available names: {env}, group_name, here, host_node_name, numprocs, process_num, program_name in section 'program:web' (file: '{file}')"),
        refused("expansion-without-conversion", "Format string '%(ENV_HOME)/bin/web' for 'program:web.command' is badly formatted: unsupported format character '/' (0x2f) at index 11 in section 'program:web' (file: '{file}')"),
        process("expansion-with-flags", 0, 1, "command", "/usr/bin/shard --id=012 --of=+2 --tag=sh --pad=shard  ."),
        process("expansion-with-flags", 0, 1, "name", "shard-c"),
        refused("expansion-names-are-case-sensitive", "Format string '/usr/bin/web %(Program_Name)s' for 'program:web.command' contains names ('Program_Name') which cannot be expanded. Available names: {env}, group_name, here, host_node_name, numprocs, process_num, program_name in section 'program:web' (file: '{file}')"),
        refused("here-escaped-beside-an-include", "Format string '/usr/bin/web --literal %{root}/corpus' for 'program:web.command' is badly formatted: unsupported format character '/' (0x2f) at index 24 in section 'program:web' (file: '{file}')"),
        program("here-escaped-without-include", "command", "/usr/bin/web --literal %(here)s"),

        // Who knows which name when.
        program("own-environment-in-the-command", "command", "/usr/bin/web --port 8000"),
        program("own-environment-in-the-command", "directory", "/srv/web-8000"),
        refused("own-environment-in-itself", r#"Format string 'BASE="/srv/web",LOGS="%(ENV_BASE)s/log"' for 'environment' contains names ('ENV_BASE') which cannot be expanded. Available names: {env}, group_name, here, host_node_name, numprocs, process_num, program_name in section 'program:web' (file: '{file}')"#),
        program("supervisord-environment-reaches-programs", "command", "/usr/bin/web --env staging"),
        program("supervisord-environment-reaches-programs", "environment", json!({"APP_ENV": "staging", "REGION": "eu-2"})),
        refused("supervisord-environment-misses-its-own-section", "Format string '%(ENV_SITE)s' for 'supervisord.identifier' contains names ('ENV_SITE') which cannot be expanded. Available names: {env}, here"),
        process("numprocs-environment-leaks-to-siblings", 0, 1, "command", "/usr/bin/shard --leader shard-0"),
        process("numprocs-environment-leaks-to-siblings", 0, 1, "environment", json!({"SHARD1": "shard-1"})),
        process("group-name-in-a-log-file", 0, 0, "stdout_logfile", "/var/log/cron-cron.log"),
        process("group-name-in-a-log-file", 1, 0, "stdout_logfile", "/var/log/site-web.log"),
        refused("process-number-too-early", "Format string '%(process_num)d' for 'program:worker.startsecs' contains names ('process_num') which cannot be expanded. Available names: {env}, group_name, here, host_node_name, program_name in section 'program:worker' (file: '{file}')"),
        refused("program-name-unknown-in-priority", "Format string '%(program_name)s' for 'program:web.priority' contains names ('program_name') which cannot be expanded. Available names: {env}, here"),
        refused("here-unknown-in-a-port", "Format string '%(here)s:9001' for 'inet_http_server.port' contains names ('here') which cannot be expanded. Available names: {env}"),
        refused("fcgi-socket-knows-no-group", "Format string 'unix:///run/%(group_name)s.sock' for 'fcgi-program:php.socket' contains names ('group_name') which cannot be expanded. Available names: {env}, here, program_name"),

        // Commands.
        program("command-is-not-a-shell", "argv", json!(["cd", "/srv/app", "&&", "FOO=1", "./build", "$HOME", "*.txt", ">", "build.log", "2>&1", "|", "tee"])),
        program("command-quoted-as-a-whole", "argv", json!(["/bin/sleep 30"])),
        program("command-quotes-and-backslashes", "argv", json!(["/usr/bin/say", "it's a \"test\"", "back\\slash", "a b", "\\d \" \\$", "c\\d", "x#y", ""])),
        program("command-is-empty", "argv", json!([])),
        refused("command-missing", "program section program:web does not specify a command in section 'program:web' (file: '{file}')"),
        program("command-relative-to-nowhere", "argv", json!(["./run.sh"])),

        // Lists of pairs.
        program("environment-any-separator", "environment", json!({"A": "1", "B": "2", "C": "3"})),
        program("environment-cut-at-hash", "environment", json!({"DOCS": "http://example.org/guide"})),
        program("environment-dollar", "environment", json!({"CACHE": "$"})),
        refused("environment-dollar-and-another", "Unexpected end of key/value pairs in value 'CACHE=$HOME,PORT=8000' in section 'program:web' (file: '{file}')"),
        program("environment-quoted-name", "environment", json!({"\"PORT\"": "8000"})),
        program("environment-json-value", "environment", json!({"LIMITS": "{\"cpu\": \"2\"}", "MOTTO": "say \"hi"})),
        refused("environment-separated-by-spaces", "Unexpected end of key/value pairs in value 'PORT=8000 LANG=C' in section 'program:web' (file: '{file}')"),
        program("environment-on-many-lines", "environment", json!({"DJANGO_SETTINGS_MODULE": "shop.settings", "PATH": "/srv/shop/venv/bin:/usr/bin"})),
        refused("environment-comment-in-quotes", "No closing quotation in section 'program:web' (file: '{file}')"),
        program("environment-java-options", "environment", json!({"JAVA_OPTS": "-Xms1g"})),
        program("environment-query-string", "environment", json!({"DSN": "postgres://db/shop", "sslmode": "require"})),
        refused("environment-at-sign", "Unexpected end of key/value pairs in value 'DSN=postgres://shop@db/shop' in section 'program:web' (file: '{file}')"),
        program("environment-not-ascii", "environment", json!({"TOWN": "Ålesund", "CITY": "Å"})),
        program("environment-name-twice", "environment", json!({"WORKERS": "16", "PORT": "8000"})),

        // Values of each type.
        main("booleans-in-all-spellings", "nodaemon", true),
        main("booleans-in-all-spellings", "silent", false),
        program("booleans-in-all-spellings", "autostart", false),
        program("booleans-in-all-spellings", "stopasgroup", true),
        program("booleans-in-all-spellings", "stdout_events_enabled", true),
        refused("boolean-in-one-letter", "not a valid boolean value: 'y'"),
        refused("boolean-in-quotes", "not a valid boolean value: '\"true\"' in section 'program:web' (file: '{file}')"),
        program("quotes-in-paths-are-kept", "directory", "\"/srv/web\""),
        program("quotes-in-paths-are-kept", "user", "\"web\""),
        main("integers-as-python-reads-them", "minfds", 65536),
        main("integers-as-python-reads-them", "minprocs", 400),
        at("integers-as-python-reads-them", "/groups/0/priority", 30),
        program("integers-as-python-reads-them", "startsecs", json!(99_999_999_999_999_999_999_999_999_u128)),
        program("integers-as-python-reads-them", "stopwaitsecs", 7),
        refused("integer-with-a-unit", "invalid literal for int() with base 10: '10s' in section 'program:web' (file: '{file}')"),
        main("sizes-with-units", "logfile_maxbytes", -1),
        program("sizes-with-units", "stdout_logfile_maxbytes", 50),
        program("sizes-with-units", "stderr_logfile_maxbytes", 10_485_760),
        program("sizes-with-units", "stdout_capture_maxbytes", 1_024_000),
        program("sizes-with-units", "stderr_capture_maxbytes", 3_221_225_472_u64),
        refused("size-with-a-lone-m", "invalid literal for int() with base 10: '50m'"),
        main("octals-as-python-reads-them", "umask", "027"),
        program("octals-as-python-reads-them", "umask", "022"),
        at("octals-as-python-reads-them", "/servers/0/chmod", "-007"),
        refused("octal-with-a-nine", "Invalid chmod value 0799"),
        refused("log-level-warning", "bad logging level name 'warning'"),
        main("log-level-by-accident", "loglevel", "mro"),
        process("signals-in-all-spellings", 0, 0, "stopsignal", "QUIT"),
        process("signals-in-all-spellings", 1, 0, "stopsignal", "INT"),
        process("signals-in-all-spellings", 2, 0, "stopsignal", "USR2"),
        process("signals-in-all-spellings", 3, 0, "stopsignal", 0),
        program("signal-by-accident", "stopsignal", "HUP"),
        refused("signals-in-a-list", "value 'TERM,KILL' is not a valid signal name in section 'program:web' (file: '{file}')"),
        process("exit-codes", 0, 0, "exitcodes", json!([0, 2, 64])),
        process("exit-codes", 1, 0, "exitcodes", json!([])),
        refused("exit-codes-with-semicolon", "not a valid list of exit codes: '0;2' in section 'program:web' (file: '{file}')"),
        process("autorestart-in-capitals", 0, 0, "autorestart", "unexpected"),
        process("autorestart-in-capitals", 1, 0, "autorestart", true),
        refused(
            "an-old-file",
            "Format string 'MIRROR=\"http://files/a%2Fb\"' for 'supervisord.environment' is badly formatted: must be real number, not dict",
        ),
        refused("autorestart-always", "invalid 'autorestart' value 'always' in section 'program:web' (file: '{file}')"),
        process("server-url", 0, 0, "serverurl", Value::Null),
        process("server-url", 1, 0, "serverurl", ""),
        process("stop-group-implies-kill-group", 0, 0, "killasgroup", true),
        process("stop-group-implies-kill-group", 1, 0, "stopasgroup", false),
        refused("stop-group-without-kill-group", "Cannot set stopasgroup=true and killasgroup=false in section 'program:web' (file: '{file}')"),

        // Limits, and what [supervisord] does not hand on.
        main("too-many-open-files", "minfds", 1024),
        process("too-many-open-files", 0, 0, "name", "gateway"),
        process("too-many-open-files", 0, 0, "user", Value::Null),
        main("minfds-below-the-default", "minfds", 64),
        main("minfds-in-a-program", "minfds", 1024),
        none("minfds-in-a-program", "/groups/0/programs/0/minfds"),
        main("umask-in-the-foreground", "umask", "077"),
        program("umask-in-the-foreground", "umask", Value::Null),

        // Log files and other paths.
        process("logfile-words", 0, 0, "stdout_logfile", Value::Null),
        process("logfile-words", 0, 0, "stderr_logfile", Value::Null),
        process("logfile-words", 1, 0, "stdout_logfile", "AUTO"),
        process("logfile-words", 1, 0, "stderr_logfile", ""),
        process("logfile-words", 2, 0, "stdout_logfile", "false"),
        program("logfile-syslog-is-deprecated", "stdout_syslog", true),
        program("logfile-syslog-is-deprecated", "stdout_logfile", Value::Null),
        at("logfile-syslog-is-deprecated", "/warnings/0", "For [program:web], stdout_logfile=syslog but this is deprecated and will be removed.  Use stdout_syslog=true to enable syslog instead."),
        at("logfile-auto-without-rotation", "/warnings/0", "For [program:web], AUTO logging used for stdout_logfile without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally"),
        program("redirect-hides-stderr-logfile", "stderr_logfile", Value::Null),
        at("redirect-hides-stderr-logfile", "/warnings/0", "For [program:web], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored"),
        program("redirect-into-no-log", "stdout_logfile", Value::Null),
        program("redirect-into-no-log", "stderr_logfile", Value::Null),
        program("device-log-with-rotation", "stdout_logfile_maxbytes", 52_428_800),
        program("log-size-below-zero", "stdout_logfile_maxbytes", -1),
        main("main-log-called-none", "logfile", "/NONE"),
        main("main-log-to-syslog", "logfile", "syslog"),
        main("main-log-to-syslog", "pidfile", "/syslog"),
        main("relative-paths", "logfile", "/supervisord.log"),
        at("relative-paths", "/servers/0/file", "/run/supervisor.sock"),
        program("relative-paths", "directory", "current"),
        main("tilde-here-and-there", "logfile", "/root/supervisord.log"),
        at("tilde-here-and-there", "/servers/0/file", "/root/run/supervisor.sock"),
        program("tilde-here-and-there", "stdout_logfile", "/root/web.log"),
        program("tilde-here-and-there", "directory", "~/web"),
        program("tilde-here-and-there", "command", "~/bin/web"),

        // Several processes, and their names.
        at("numprocs-zero-validates-nothing", "/groups/0/programs", json!([])),
        refused("numprocs-without-a-number", "%(process_num) must be present within process_name when numprocs > 1 in section 'program:worker' (file: '{file}')"),
        process("numprocs-start", 0, 0, "name", "shard_08"),
        process("numprocs-start", 0, 2, "stdout_logfile", "/var/log/shard-10.log"),
        process("process-number-escaped-away", 0, 0, "name", "worker_%(process_num)02d"),
        process("process-number-escaped-away", 0, 1, "name", "worker_%(process_num)02d"),
        process("process-number-with-no-width", 0, 0, "name", "p"),
        process("process-number-with-no-width", 0, 1, "name", "p"),
        refused("names-that-are-refused", "Invalid name: 'web/api' because of character: '/'"),
        at("names-that-pass", "/groups/0/name", ""),
        at("names-that-pass", "/groups/1/name", "a\tb"),
        at("names-that-pass", "/groups/2/name", "café*"),

        // Groups, and their order.
        at("group-takes-the-program", "/groups/0/name", "site"),
        none("group-takes-the-program", "/groups/1"),
        process("group-order-is-as-listed", 0, 0, "name", "web"),
        process("group-order-is-as-listed", 0, 1, "name", "db"),
        at("group-priority-between-groups", "/groups/0/name", "web"),
        at("groups-of-equal-priority", "/groups/0/name", "Gamma"),
        at("groups-of-equal-priority", "/groups/1/name", "alpha"),
        process("program-in-two-groups", 0, 0, "section", "program:cache"),
        process("program-in-two-groups", 1, 0, "section", "program:cache"),
        at("group-named-like-a-program", "/groups/0/kind", "group"),
        at("group-named-like-a-program", "/groups/0/name", "web"),
        at("group-named-like-a-program", "/groups/1/kind", "program"),
        at("group-named-like-a-program", "/groups/1/name", "web"),
        refused("group-with-a-trailing-comma", "[program:web] names unknown program or fcgi-program "),
        refused("group-separated-by-spaces", "[group:site] names unknown program or fcgi-program web api"),
        at("group-without-programs", "/groups/0/programs", json!([])),
        refused("group-misspells-a-member", "[group:jobs] names unknown program or fcgi-program wroker"),
        refused("group-member-is-ambiguous", "[group:site] name php is ambiguous (exists as program and fcgi-program)"),
        refused("first-error-wins", "invalid literal for int() with base 10: 'often' in section 'program:worker' (file: '{file}')"),

        // Event listeners.
        at("listener-starts-first", "/groups/0/priority", -1),
        at("listener-starts-first", "/groups/0/events", json!(["PROCESS_STATE", "TICK_60"])),
        program("listener-starts-first", "priority", 999),
        at("listener-after-a-program", "/groups/0/name", "early"),
        refused("listener-without-events", "[eventlistener:watch] section requires an \"events\" line"),
        refused("listener-with-a-trailing-comma", "Unknown event type  in [eventlistener:watch] events"),
        refused("listener-redirects-stderr", "[eventlistener:watch] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol"),
        refused("listener-with-no-buffer", "[eventlistener:watch] section sets invalid buffer_size (0)"),
        at("listener-with-a-handler", "/groups/0/result_handler", "supervisor_stdout:event_handler"),

        // FastCGI programs.
        at("fcgi-socket", "/groups/0/socket", json!({"url": "tcp://localhost:9000", "owner": null, "mode": null, "backlog": 128})),
        at("fcgi-socket", "/groups/1/socket", json!({"url": "unix:///run/php/php.sock", "owner": "www-data:www-data", "mode": "700", "backlog": null})),
        at("fcgi-socket", "/groups/2/socket/mode", "770"),
        refused("fcgi-socket-without-scheme", "('Bad socket format %s', '127.0.0.1:9000') in [fcgi-program:php] socket"),
        refused("fcgi-owner-of-a-tcp-socket", "socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:php] socket"),
        at("fcgi-in-a-group-has-no-socket", "/groups/0/kind", "group"),
        none("fcgi-in-a-group-has-no-socket", "/groups/0/socket"),

        // Servers and interfaces.
        at("server-on-all-interfaces", "/servers/0/host", ""),
        at("server-on-all-interfaces", "/servers/1/host", ""),
        at("server-on-all-interfaces", "/servers/2/host", ""),
        at("server-by-prefix", "/servers/0/section", "inet_http_server2"),
        at("server-by-prefix", "/servers/0/host", "localhost"),
        at("server-on-ipv6", "/servers/0/host", "[::1]"),
        refused("server-with-a-port-name", "not a valid port number: 'http' "),
        refused("server-with-half-a-login", "Section [inet_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified"),
        at("server-with-an-empty-login", "/servers/0/username", ""),
        at("server-for-everybody", "/servers/0/chmod", "777"),
        at("servers-in-their-order", "/servers/0/kind", "inet"),
        at("servers-in-their-order", "/servers/1/file", "/run/supervisor.sock"),
        at("servers-in-their-order", "/servers/1/chown", "supervisor:adm"),
        at("server-without-rpcinterface", "/rpcinterfaces", json!([])),
        refused("rpcinterface-without-factory", "section [rpcinterface:supervisor] does not specify a supervisor.rpcinterface_factory"),
        at("rpcinterface-with-options", "/rpcinterfaces/0/options", json!({"retries": "3"})),
        at("rpcinterface-relative-reference", "/kind", "crash"),
        refused("rpcinterface-relative-reference", "TypeError: the 'package' argument is required to perform a relative import for '.local'"),
        at("supervisorctl-is-not-checked", "/ok", true),

        // Includes.
        program("includes/last-file-wins", "command", "/usr/bin/web --from-operator"),
        program("includes/last-file-wins", "directory", "/srv/web"),
        program("includes/last-file-wins", "user", "web"),
        program("includes/sorted-by-code-point", "command", "/usr/bin/web --part 9"),
        program("includes/backup-file-wins", "command", "/opt/web-1.4/bin/web"),
        program("includes/hidden-file-is-skipped", "command", "/usr/bin/web"),
        process("includes/here-of-each-file", 0, 0, "command", "{root}/corpus/includes/here-of-each-file/bin/main"),
        process("includes/here-of-each-file", 1, 0, "command", "{root}/corpus/includes/here-of-each-file/apps/bin/web"),
        process("includes/here-of-each-file", 1, 0, "directory", "{root}/corpus/includes/here-of-each-file"),
        none("includes/nested-include-is-ignored", "/groups/1"),
        at("includes/nested-include-is-ignored", "/includes", json!(["corpus/includes/nested-include-is-ignored/parts/web.conf"])),
        at("includes/comma-between-patterns", "/groups/0/name", "api"),
        at("includes/comma-between-patterns", "/warnings", json!(["No file matches via include \"{root}/corpus/includes/comma-between-patterns/web.part,\""])),
        at("includes/patterns-that-find-nothing", "/warnings", json!([
            "No file matches via include \"{root}/corpus/includes/patterns-that-find-nothing/\"conf.d/*.conf\"\"",
            "No file matches via include \"{root}/corpus/includes/patterns-that-find-nothing/~/conf.d/*.conf\"",
            "No file matches via include \"/nonexistent/*.ini\"",
        ])),
        program("includes/patterns-in-their-order", "command", "/usr/bin/web --base"),
        refused("includes/part-with-an-error", "invalid literal for int() with base 10: '10s' in section 'program:web' (file: '{root}/corpus/includes/part-with-an-error/web.part')"),
        refused("includes/main-is-blamed", "invalid literal for int() with base 10: '10s' in section 'program:web' (file: '{file}')"),
        refused("includes/part-that-does-not-parse", "Source contains parsing errors: '{root}/corpus/includes/part-that-does-not-parse/web.part'\n\t[line  3]: 'command /usr/bin/web\\n'"),
        refused("includes/part-without-a-header", "File contains no section headers.\nfile: '{root}/corpus/includes/part-without-a-header/rest.part', line: 2\n'command = /usr/bin/web\\n'"),
        refused("includes/include-without-files", ".ini file has [include] section, but no files setting"),
        at("includes/default-names-the-files", "/groups/0/name", "web"),
        at("includes/supervisord-in-a-part", "/fragment", false),
        main("includes/supervisord-in-a-part", "minfds", 65536),
        at("includes/fragment-with-an-include", "/fragment", true),
        program("includes/fragment-with-an-include", "name", "web"),
        at("includes/main-includes-itself", "/includes", json!(["corpus/includes/main-includes-itself/main.conf", "corpus/includes/main-includes-itself/web.conf"])),
        program("includes/main-includes-itself", "command", "/usr/bin/web --from-part"),
        program("includes/double-star-is-one-star", "name", "web"),
        none("includes/double-star-is-one-star", "/groups/1"),
        program("includes/variable-in-the-pattern", "name", "exporter"),
        process("includes/variable-in-the-pattern", 1, 0, "command", "/usr/bin/web --production"),
        at("includes/percent-in-a-directory", "/kind", "usage"),
        at("includes/directory-is-passed-over", "/includes", json!(["corpus/includes/directory-is-passed-over/conf.d"])),
        at("includes/directory-is-passed-over", "/groups", json!([])),
        process("includes/group-across-files", 0, 0, "name", "web"),
        process("includes/group-across-files", 0, 1, "name", "queue"),
        process("includes/group-across-files", 0, 0, "command", "/srv/shop/bin/web"),

        // Fragments.
        at("fragment-of-conf-d", "/fragment", true),
        at("fragment-of-conf-d", "/supervisord", Value::Null),
        program("fragment-of-conf-d", "stdout_logfile", "/var/log/shop/shop-queue.log"),
        program("fragment-with-half-a-group", "name", "shop-queue"),
        none("fragment-with-half-a-group", "/groups/0/programs/1"),
        refused("fragment-escapes-here", "Format string '/usr/bin/web --literal %{root}/corpus' for 'program:web.command' is badly formatted: unsupported format character '/' (0x2f) at index 24 in section 'program:web' (file: '{file}')"),

        // From life.
        at("web-app-with-workers", "/groups/0/name", "app"),
        process("web-app-with-workers", 0, 0, "environment", json!({"RAILS_ENV": "production", "PORT": "3000"})),
        process("web-app-with-workers", 0, 2, "command", "/srv/app/bin/sidekiq --index 1"),
        process("laravel-queue", 0, 7, "name", "blog-queue_07"),
        process("laravel-queue", 0, 7, "stdout_logfile", "/srv/blog/storage/logs/queue.log"),
        program("laravel-queue", "stderr_logfile", Value::Null),
        program("celery-and-beat", "argv", json!(["/srv/shop/venv/bin/celery", "-A", "shop", "worker", "--loglevel=info", "--hostname=worker@%h", "--queues=default,mail"])),
        at("nginx-php-fpm-container", "/groups/0/name", "nginx"),
        program("nginx-php-fpm-container", "argv", json!(["nginx", "-g", "daemon off; error_log stderr;"])),
        program("nginx-php-fpm-container", "stdout_logfile_maxbytes", 0),
        program("java-service", "environment", json!({"JAVA_TOOL_OPTIONS": "-Xms1g -Xmx4g -XX:OnOutOfMemoryError=/srv/bin/alarm,now", "SERVER_PORT": "8080"})),
        program("java-service", "exitcodes", json!([0, 143])),
        program("node-behind-a-shell", "argv", json!(["bash", "-c", "source /etc/profile.d/node.sh && cd /srv/frontend && npm run start"])),
        program("node-behind-a-shell", "killasgroup", true),
        at("desktop-in-a-browser", "/groups/0/name", "xvfb"),
        at("desktop-in-a-browser", "/groups/3/name", "novnc"),
        process("desktop-in-a-browser", 3, 0, "environment", json!({"DISPLAY": ":1", "HOME": "/root"})),
        program("cron-and-syslog", "exitcodes", json!([0, 75])),
        process("cron-and-syslog", 1, 0, "stdout_syslog", true),
        process("cron-and-syslog", 1, 0, "stdout_logfile", Value::Null),
        at("memory-watchdog", "/groups/0/kind", "eventlistener"),
        at("memory-watchdog", "/groups/0/priority", -1),
        program("path-from-the-environment", "environment", json!({"PATH": "/opt/app/bin:/usr/local/bin:/usr/bin:/bin", "HOME": "/srv/app"})),

        // As distributions lay them out, read below --root.
        at("layouts/debian", "/path", "{file}"),
        at("layouts/debian", "/includes", json!(["corpus/layouts/debian/etc/supervisor/conf.d/shop-queue.conf", "corpus/layouts/debian/etc/supervisor/conf.d/shop-web.conf"])),
        process("layouts/debian", 0, 1, "environment", json!({"SHOP_CONFIG": "/etc/supervisor/conf.d/shop.toml"})),
        process("layouts/debian", 1, 0, "command", "/srv/shop/venv/bin/gunicorn --bind unix:/run/shop/web.sock shop.wsgi"),
        at("layouts/epel", "/includes", json!(["corpus/layouts/epel/etc/supervisord.d/billing.ini"])),
        process("layouts/epel", 0, 0, "name", "ledger"),
        at("layouts/alpine", "/includes", json!(["corpus/layouts/alpine/etc/supervisor.d/gateway.ini"])),
        main("layouts/alpine", "pidfile", "/supervisord.pid"),
        at("layouts/container", "/includes", json!(["corpus/layouts/container/etc/supervisor/conf.d/nginx.conf", "corpus/layouts/container/etc/supervisor/conf.d/php-fpm.conf"])),
        at("layouts/container", "/groups/0/name", "php-fpm"),
        main("layouts/container", "nodaemon", true),
    ]
}

#[test]
fn each_file_is_read_as_supervisor_reads_it() -> Result<(), Box<dyn Error>> {
    let mut documents = BTreeMap::new();
    let mut failures = Vec::new();
    for row in table() {
        if !documents.contains_key(row.name) {
            documents.insert(row.name, read(row.name)?);
        }
        let found = documents.get(row.name).and_then(|document| document.pointer(&row.pointer));
        let expected = row.value.map(|value| filled(value, &path(row.name)));
        if found != expected.as_ref() {
            let [found, expected] =
                [found, expected.as_ref()].map(|v| v.map_or("nothing".to_owned(), Value::to_string));
            failures.push(format!("{} {}\n  expected {expected}\n  found    {found}", path(row.name), row.pointer));
        }
    }
    assert!(failures.is_empty(), "{} facts differ:\n{}", failures.len(), failures.join("\n"));
    Ok(())
}

#[test]
fn each_file_is_named_and_says_what_it_shows() -> Result<(), Box<dyn Error>> {
    let named: BTreeSet<String> = table().iter().map(|row| path(row.name)).collect();
    let mut present = BTreeSet::new();
    for (directory, below) in [("corpus", ""), ("corpus/includes", "/main.conf")] {
        for entry in fs::read_dir(directory)? {
            let entry = format!("{directory}/{}", entry?.file_name().display());
            if entry != "corpus/.gitattributes" && Path::new(&entry).is_dir() != below.is_empty() {
                present.insert(entry + below);
            }
        }
    }
    present.extend(LAYOUTS.iter().map(|(layout, _)| path(layout)));
    for entry in fs::read_dir("corpus/layouts")? {
        let layout = format!("layouts/{}", entry?.file_name().display());
        assert!(LAYOUTS.iter().any(|(name, _)| *name == layout), "{layout} is no layout of this test");
    }
    assert_eq!(named, present, "left: named in this test; right: present in corpus/");

    let excepted: BTreeSet<String> = WITHOUT_COMMENT.iter().map(|name| path(name)).collect();
    for file in present.difference(&excepted) {
        let bytes = fs::read(file)?;
        let first = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let first = String::from_utf8_lossy(first);
        let said = first.strip_prefix("; ").unwrap_or_default();
        assert!(said.contains(' ') && said.ends_with('.'), "{file} does not begin with a sentence: {first}");
    }
    Ok(())
}

/// The path of a file of the table, relative to the package.
fn path(name: &str) -> String {
    if let Some((layout, main)) = LAYOUTS.iter().find(|(layout, _)| *layout == name) {
        format!("corpus/{layout}/{main}")
    } else if name.starts_with("includes/") {
        format!("corpus/{name}/main.conf")
    } else {
        format!("corpus/{name}.conf")
    }
}

/// What `show --format json` says of a file of the table, in a closed world.
fn read(name: &str) -> serde_json::Result<Value> {
    let reading = Reading {
        environment: Some(ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()),
        node: Some("node1".to_owned()),
        cwd: "/".to_owned(),
        root: name.starts_with("layouts/").then(|| format!("corpus/{name}")),
        ..Reading::default()
    };
    serde_json::from_str(&json_line(&path(name), &reading, false))
}

/// An expected value with its placeholders filled in.
fn filled(value: Value, file: &str) -> Value {
    let mut names = ENVIRONMENT.map(|(name, _)| format!("ENV_{name}"));
    names.sort_unstable();
    let root = env!("CARGO_MANIFEST_DIR");
    match value {
        Value::String(text) => {
            text.replace("{file}", file).replace("{root}", root).replace("{env}", &names.join(", ")).into()
        }
        Value::Array(values) => values.into_iter().map(|value| filled(value, file)).collect(),
        other => other,
    }
}
