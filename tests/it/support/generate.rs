//! Generates configuration files for the differential tests: plausible ones, with up to three traps each.
//!
//! A file with ten errors tests only the first, so the sections are written as people write them, each value from the many
//! spellings that its type accepts, and then a few things are made hostile. The same seed gives the same case for ever.

/// One generated configuration and the world that it is read in.
pub struct Case {
    /// Directory of the main file, relative to the case's own directory; may hold spaces, `%` and brackets.
    pub dir: String,
    /// The main file's bytes; its name is `main.conf`.
    pub main: Vec<u8>,
    /// Other files, relative to the main file's directory.
    pub files: Vec<(String, Vec<u8>)>,
    /// The environment, in its order.
    pub env: Vec<(String, String)>,
    /// What `platform.node()` says.
    pub node: String,
    /// The working directory, which need not exist.
    pub cwd: String,
    /// Written without `[supervisord]`. (A trap may still have made something else of it.)
    pub fragment: bool,
}

/// splitmix64: small, and good enough to choose from lists.
pub struct Rng(pub u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, n: u64) -> bool {
        self.next() % 100 < n
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// What an option holds, and so what can be wrong with it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bool,
    Int,
    Size,
    Octal,
    Signal,
    Codes,
    Restart,
    Log,
    Path,
    User,
    Owner,
    Text,
    Env,
    Command,
    Name,
    Level,
    Port,
    Events,
    Reference,
    Socket,
    Backlog,
    Url,
}

/// Which names an expansion knows there (facts S3.1).
#[derive(Clone, Copy, PartialEq)]
enum Names {
    /// ENV_* only.
    H,
    /// here and ENV_*.
    G,
    /// program_name too.
    F,
    /// The program's, before its processes.
    P0,
    /// The process's, environment= apart.
    P1,
    /// The process's, with its environment=.
    P2,
}

type Row = (&'static str, Kind, Names);

const SUPERVISORD: &[Row] = &[
    ("logfile", Kind::Path, Names::G),
    ("logfile_maxbytes", Kind::Size, Names::G),
    ("logfile_backups", Kind::Int, Names::G),
    ("loglevel", Kind::Level, Names::G),
    ("pidfile", Kind::Path, Names::G),
    ("umask", Kind::Octal, Names::G),
    ("nodaemon", Kind::Bool, Names::G),
    ("silent", Kind::Bool, Names::G),
    ("minfds", Kind::Int, Names::G),
    ("minprocs", Kind::Int, Names::G),
    ("nocleanup", Kind::Bool, Names::G),
    ("childlogdir", Kind::Path, Names::G),
    ("user", Kind::User, Names::G),
    ("directory", Kind::Path, Names::G),
    ("strip_ansi", Kind::Bool, Names::G),
    ("environment", Kind::Env, Names::G),
    ("identifier", Kind::Text, Names::G),
    ("profile_options", Kind::Text, Names::G),
];

const PROGRAM: &[Row] = &[
    ("process_name", Kind::Name, Names::P2),
    ("numprocs", Kind::Int, Names::P0),
    ("numprocs_start", Kind::Int, Names::P0),
    ("priority", Kind::Int, Names::G),
    ("autostart", Kind::Bool, Names::P0),
    ("startsecs", Kind::Int, Names::P0),
    ("startretries", Kind::Int, Names::P0),
    ("autorestart", Kind::Restart, Names::P0),
    ("exitcodes", Kind::Codes, Names::P0),
    ("stopsignal", Kind::Signal, Names::P0),
    ("stopwaitsecs", Kind::Int, Names::P0),
    ("stopasgroup", Kind::Bool, Names::P0),
    ("killasgroup", Kind::Bool, Names::P0),
    ("user", Kind::User, Names::G),
    ("redirect_stderr", Kind::Bool, Names::G),
    ("stdout_logfile", Kind::Log, Names::P2),
    ("stdout_logfile_maxbytes", Kind::Size, Names::P2),
    ("stdout_logfile_backups", Kind::Int, Names::P2),
    ("stdout_capture_maxbytes", Kind::Size, Names::P0),
    ("stdout_events_enabled", Kind::Bool, Names::P0),
    ("stdout_syslog", Kind::Bool, Names::P2),
    ("stderr_logfile", Kind::Log, Names::P2),
    ("stderr_logfile_maxbytes", Kind::Size, Names::P2),
    ("stderr_logfile_backups", Kind::Int, Names::P2),
    ("stderr_capture_maxbytes", Kind::Size, Names::P0),
    ("stderr_events_enabled", Kind::Bool, Names::P0),
    ("stderr_syslog", Kind::Bool, Names::P2),
    ("environment", Kind::Env, Names::P1),
    ("directory", Kind::Text, Names::P2),
    ("umask", Kind::Octal, Names::P0),
    ("serverurl", Kind::Url, Names::P0),
];

const COMMAND: Row = ("command", Kind::Command, Names::P2);

const LISTENER: &[Row] = &[("buffer_size", Kind::Backlog, Names::G), ("result_handler", Kind::Reference, Names::G)];

const FCGI: &[Row] = &[
    ("socket_backlog", Kind::Backlog, Names::G),
    ("socket_owner", Kind::Owner, Names::G),
    ("socket_mode", Kind::Octal, Names::G),
];

const UNIX: &[Row] = &[("chmod", Kind::Octal, Names::H), ("chown", Kind::Owner, Names::H)];

const CTL: &[Row] =
    &[("serverurl", Kind::Url, Names::G), ("prompt", Kind::Text, Names::H), ("history_file", Kind::Path, Names::G)];

struct Section {
    name: String,
    options: Vec<(String, String, Kind, Names)>,
}

impl Section {
    fn new(name: impl Into<String>) -> Self {
        Section { name: name.into(), options: Vec::new() }
    }

    fn has(&self, key: &str) -> bool {
        self.options.iter().any(|o| o.0 == key)
    }

    fn set(&mut self, key: &str, value: impl Into<String>, kind: Kind, names: Names) {
        self.options.push((key.into(), value.into(), kind, names));
    }
}

/// The variables of the given environment that a file may count on, by what they hold.
const NUMBERS: &[&str] = &["N", "PORT"];
const FLAGS: &[&str] = &["FLAG"];
const TEXTS: &[&str] = &["DIR", "APP", "UNI", "HOME", "SPACE"];
/// Those that change or break what they are put into.
const HOSTILE: &[(&str, &str)] = &[
    ("PCT", "50%x"),
    ("PERCENT", "%"),
    ("DOUBLE", "a%%b"),
    ("NESTED", "%(program_name)s"),
    ("NHERE", "%(here)s"),
    ("NNUM", "%(process_num)d"),
    ("SELF", "%(ENV_SELF)s"),
    ("QUOTE", "a\"b"),
    ("QUOTES", "\"q\""),
    ("TICK", "it's"),
    ("HASH", "a #b;c"),
    ("LINES", "a\nb\n"),
    ("CR", "a\r\nb"),
    ("EMPTY", ""),
    ("BACK", "a\\ b\\"),
    ("COMMA", "a,b=c"),
    ("ODD", "\u{1}\u{7f}\u{a0}\u{2028}\u{200b}\u{e000}\u{1f600}'\""),
    ("FORM", "%s"),
    ("a b", "odd name"),
    ("é", "ü"),
    ("", "no name"),
    ("BIG", "99999999999999999999"),
    ("lower", "low"),
    ("TILDE", "~/x"),
    ("NOPID", " 7 "),
];

/// Names of programs, groups and the like.
const GOOD_NAMES: &[&str] = &["web", "worker", "db", "cron", "a", "b", "x.y", "Web", "x-1", "app_2"];
const ODD_NAMES: &[&str] = &[
    "a b",
    "a:b",
    "a/b",
    " pad ",
    "",
    "\ttab",
    "t\tt",
    "é",
    "x]y",
    "[x",
    "x%y",
    "%(here)s",
    "x;y",
    "x ;y",
    "a#b",
    "a=b",
    "\u{1c}x",
    "x\u{a0}",
    "\u{a0}",
    "🦀",
    "a,b",
    "'q'",
    "DEFAULT",
    "supervisord",
    "x\u{200b}",
    "\\",
];

const SPACES: &[&str] = &[
    "\t", "\u{a0}", "\u{1c}", "\u{1f}", "\u{c}", "\u{b}", "\u{85}", "\u{2028}", "\u{3000}", "\r", "  ", "\u{200b}",
    "\u{feff}",
];

/// A conversion of a string.
const AS_TEXT: &[&str] = &[
    "s", "s", "s", "s", "s", "s", "s", "s", "10s", "-10s", ".3s", "r", "a", "05s", " s", ".0s", "ls", "3.1s", "#s",
    "+s", "hs",
];
/// A conversion of a number.
const AS_NUMBER: &[&str] = &[
    "d", "d", "d", "d", "02d", "02d", "03d", "s", "i", "u", "x", "X", "o", "#x", "#o", "+d", " d", "-4d", ".3d",
    "05.2d", "e", "f", ".2f", "g", "G", "E", "F", "#g", "c", "r", "a", "ld", "hd", "Ld", "+.1e", "010.3f", "#.0f",
    ".0e", "- 5d", "-05d", "+ d",
];
/// Percents that are wrong, or right only at some places.
const ODD_PERCENTS: &[&str] = &[
    "%",
    "100%",
    "%%",
    "%%%%",
    "%%(here)s",
    "%%%%(here)s",
    "%s",
    "%r",
    "%a",
    "%s %s",
    "%d",
    "%5%",
    "%(here)%",
    "%(here",
    "%()s",
    "%(ENV_NOPE)s",
    "%(nope)s",
    "%(a(b)c)s",
    "%(a)b)s",
    "%(here)",
    "%(here)d",
    "%(here)x",
    "%(here)f",
    "%(here)c",
    "%(here)*s",
    "%*d",
    "%.*f",
    "%y",
    "%é",
    "%\u{1f600}",
    "% d",
    "%-",
    "%(here)99s",
    "%(here)hhs",
    "%(here)l",
    "%(here)99999999999999999999s",
    "%(here).99999999999999999999s",
    "%(process_num)",
    "%(process_num)s",
    "%(process_num)1000d",
    "%(numprocs)d",
    "%(group_name)s",
    "%(program_name)s",
    "%(host_node_name)s",
    "%(Here)s",
    "%( here)s",
    "%(here)S",
    "%+%",
    "%x",
    "%o",
    "%c",
    "%f",
    "%e",
    "%H:%M",
    "%Y",
    "%(ENV_)s",
    "%(ENV_a b)s",
    "%(ENV_é)s",
    "%(ENV_lower)s",
    "%(ENV_HOME)",
    "%(program_name)r",
    "%i",
    "%u",
    "%b",
    "%n",
    "%\t",
    "%(here)20s",
    "%(here)r",
    "%(here).2147483648s",
    "%(process_num).300f",
    "%(process_num)#c",
    "%-%",
    "%l%",
    "%(here)-+ #010.4s",
    "%\n s",
];

fn env_of(rng: &mut Rng) -> Vec<(String, String)> {
    let mut env = Vec::new();
    let mut put = |name: &str, value: &str| env.push((name.to_string(), value.to_string()));
    put("PATH", "/usr/bin:/bin");
    if !rng.percent(6) {
        put("HOME", rng.pick(&["/root", "/home/u", "/home/u", "/", "", "/home/u/", "rel", "/h/%x"]));
    }
    put("N", rng.pick(&["2", "2", "3", "1", "0"]));
    put("PORT", rng.pick(&["8080", "9001"]));
    put("FLAG", rng.pick(&["true", "false", "TRUE", "1"]));
    put("DIR", rng.pick(&["/srv", "/var/lib/app"]));
    put("APP", rng.pick(&["app", "my-app"]));
    put("UNI", "naïve");
    put("SPACE", "a b");
    for (name, value) in HOSTILE {
        if rng.percent(60) {
            put(name, value);
        }
    }
    if rng.percent(10) {
        let name = rng.pick(&["TMPDIR", "TEMP", "TMP"]);
        put(name, rng.pick(&["/var/tmp", "/mnt/50%x", "", "rel/tmp", ".", "/a//b/../c/", "/tmp/%(here)s"]));
    }
    env
}

/// A name that can be expanded there, and how numbers and strings may be converted: a whole `%(name)s`.
fn variable(rng: &mut Rng, names: Names, number: bool) -> String {
    if (names == Names::P1 || names == Names::P2) && (number || rng.percent(30)) {
        let name = if rng.percent(70) { "process_num" } else { "numprocs" };
        let how = if number { rng.pick(&["d", "d", "s", "02d", "i", "u", ".2d"]) } else { rng.pick(AS_NUMBER) };
        return format!("%({name}){how}");
    }
    if number {
        return format!("%(ENV_{})s", rng.pick(NUMBERS));
    }
    let own: &[&str] = match names {
        Names::H => &[],
        Names::G => &["here"],
        Names::F => &["here", "program_name"],
        _ => &["here", "program_name", "group_name", "host_node_name"],
    };
    let name =
        if !own.is_empty() && rng.percent(60) { rng.pick(own).to_string() } else { format!("ENV_{}", rng.pick(TEXTS)) };
    format!("%({name}){}", rng.pick(AS_TEXT))
}

fn word(rng: &mut Rng) -> &'static str {
    rng.pick(&[
        "/usr/bin/python3",
        "-m",
        "app.main",
        "--port",
        "8080",
        "\"two words\"",
        "'single'",
        "a\\ b",
        "\"a \\\" b\"",
        "--x=\"y z\"",
        "$HOME",
        "*.txt",
        "&&",
        "é",
        "\"\"",
        "''",
        "a\"b\"c",
        "\\n",
        "\"\\n\"",
        "|",
        ">out",
        "`x`",
        "~",
        "a;b",
        "a#b",
        "'it'\"'\"'s'",
        "--a='b c'",
        "{x}",
        "\\\\",
        "\"$X\"",
        "'\\'",
        "\u{a0}",
        "=",
        "a:b",
    ])
}

fn command(rng: &mut Rng, names: Names) -> String {
    let mut text = rng
        .pick(&["/bin/cat", "/usr/bin/env", "bash -c \"exec sleep 1\"", "./run.sh", "gunicorn", "/bin/sh -c 'a && b'"])
        .to_string();
    for _ in 0..rng.below(5) {
        text.push_str(rng.pick(&[" ", " ", " ", " ", "  ", "\n  ", "\n\t"]));
        if rng.percent(25) {
            text.push_str(&variable(rng, names, false));
        } else {
            text.push_str(word(rng));
        }
    }
    text
}

fn environment(rng: &mut Rng, names: Names) -> String {
    let mut text = String::new();
    for i in 0..1 + rng.below(4) {
        if i > 0 {
            text.push_str(rng.pick(&[",", ",", ",", ", ", ",\n  ", ";", " , ", ",\t"]));
        }
        let keys = ["A", "B", "C", "PATH", "a.b", "X_1", "N", "'q'", "K-1", "HOME", "K%(process_num)d"];
        text.push_str(rng.pick(&keys[..if names == Names::P1 { 11 } else { 10 }]));
        text.push_str(rng.pick(&["=", "=", "=", " = "]));
        match rng.below(8) {
            0 => text.push_str(rng.pick(&["1", "/usr/bin:/bin", "v-1.2", "(x)", "on", "http://h/p", "a'b'"])),
            1 => text.push_str(&format!("\"{}\"", variable(rng, names, false))),
            2 => text.push_str(&format!("'{}'", rng.pick(&["x y", "say \"hi\"", "{\"a\": \"b\"}", "", "#x", "a;b"]))),
            3 if names == Names::P1 => text.push_str(rng.pick(&["\"100%%\"", "\"%%(here)s\"", "\"%%\""])),
            3 => text.push_str(rng.pick(&["\"100%%%%\"", "\"%%(host_node_name)s\"", "\"%%%%(here)s\""])),
            _ => text.push_str(&format!(
                "\"{}\"",
                rng.pick(&["1", "2", "a b", "x,y", "k=v", "", "é", "it's", "c:/d", "a#b"])
            )),
        }
    }
    if rng.percent(8) {
        text.push_str(rng.pick(&[",", " ", ",\n"]));
    }
    text
}

/// A value that its option accepts, in one of the ways that people and parsers know.
fn good(rng: &mut Rng, kind: Kind, names: Names) -> String {
    let expanded = rng.percent(18);
    match kind {
        Kind::Bool if expanded => format!("%(ENV_{})s", rng.pick(FLAGS)),
        Kind::Bool => {
            rng.pick(&["true", "false", "true", "false", "True", "no", "YES", "on", "off", "1", "0", "oN"]).into()
        }
        Kind::Int if expanded => variable(rng, names, true),
        Kind::Int => rng
            .pick(&[
                "0",
                "1",
                "2",
                "10",
                "999",
                "-1",
                "+3",
                "1_000",
                "007",
                "5",
                "20",
                "99999999999999999999999",
                "٣",
                "1024",
                "65535",
            ])
            .into(),
        Kind::Size if expanded => format!("{}{}", variable(rng, names, true), rng.pick(&["", "MB", "kb"])),
        Kind::Size => rng
            .pick(&[
                "0",
                "1MB",
                "50MB",
                "10kb",
                "2GB",
                "1 mb",
                "1024",
                "-1",
                "1_0Kb",
                "0mb",
                "9999999999999999999GB",
                "+1KB",
                "1\u{a0}kb",
            ])
            .into(),
        Kind::Octal => rng
            .pick(&[
                "022",
                "0700",
                "077",
                "0o22",
                "-7",
                "2_2",
                "0",
                "1777",
                " 7",
                "+7",
                "0O7",
                "007_7",
                "77777777777777777777777",
                "٧",
            ])
            .into(),
        Kind::Signal => rng
            .pick(&[
                "TERM", "INT", "HUP", "QUIT", "KILL", "SIGTERM", "usr1", "15", "9", "sigUSR2", "IOT", "CLD", "POLL",
                "RTMIN", "64", "0", "_DFL", "_SETMASK", "16", "+2", "abrt", "STKFLT", "٩",
            ])
            .into(),
        Kind::Codes => rng.pick(&["0", "0,2", "1, 2", "", "255", "0,0", " 3 ", "1_0", "+1"]).into(),
        Kind::Restart => rng.pick(&["true", "false", "unexpected", "True", "UNEXPECTED", "on", "0"]).into(),
        Kind::Level => rng.pick(&["info", "debug", "WARN", "error", "critical", "trace", "blather", "Info"]).into(),
        Kind::User if expanded => format!("%(ENV_{})s", rng.pick(&["APP", "N", "UNI"])),
        Kind::User => rng.pick(&["root", "nobody", "www-data", "0", "1000", "app", "1_000"]).into(),
        Kind::Owner => rng.pick(&["root", "nobody:nogroup", "0:0", "www-data:", "a:b:c", ":", "1000"]).into(),
        Kind::Log => match rng.below(8) {
            0 => rng.pick(&["AUTO", "auto", "NONE", "none", "off", "syslog", "Syslog", "", "false"]).into(),
            1 => rng
                .pick(&["/dev/stdout", "/dev/stderr", "/dev/fd/1", "app.log", "~/x.log", "~", "\"/var/log/x.log\""])
                .into(),
            2 => format!(
                "/var/log/{}.log",
                rng.pick(&[
                    "%(program_name)s_%(process_num)02d",
                    "%%(here)s",
                    "100%%%%",
                    "%(here)s",
                    "%%(process_num)d",
                    "%(group_name)s-%%(program_name)s",
                ])
            ),
            _ => text(rng, names, "/var/log/"),
        },
        Kind::Path => match rng.below(8) {
            0 => rng
                .pick(&[
                    "",
                    "",
                    "x.log",
                    "~/run/x",
                    "~",
                    ".",
                    "a/../b",
                    "/a//b/./c/../d",
                    "//x/y",
                    "///x",
                    "syslog",
                    "AUTO",
                    "/var/run/x.pid/",
                    "..",
                    "/..",
                    "~/",
                    "é",
                ])
                .into(),
            1 => rng.pick(&["~nobody/x", "~ /x", "a~", "\"/q\"", "~~"]).into(),
            _ => text(rng, names, rng_path(names)),
        },
        Kind::Text => text(rng, names, ""),
        Kind::Url => rng
            .pick(&[
                "AUTO",
                "auto",
                " Auto ",
                "http://localhost:9001",
                "unix:///run/s.sock",
                "",
                "x",
                "unix://%(ENV_DIR)s/s",
            ])
            .into(),
        Kind::Env => environment(rng, names),
        Kind::Command => command(rng, names),
        Kind::Name => rng
            .pick(&[
                "%(program_name)s",
                "%(program_name)s_%(process_num)02d",
                "%(process_num)d",
                "%(group_name)s-%(process_num)s",
                "%(program_name)s%(process_num)c",
                "p%(process_num)03d%(numprocs)d",
                "%(process_num)s%%",
                "%(process_num).0s",
                "%(host_node_name)s%(process_num)x",
                "fix%(process_num)x",
            ])
            .into(),
        Kind::Port => rng
            .pick(&[
                "9001",
                "*:9001",
                "127.0.0.1:9001",
                ":9001",
                "%(ENV_PORT)s",
                "localhost:%(ENV_PORT)s",
                "[::1]:9001",
                "HOST:80",
                "0.0.0.0: 80 ",
                "a:b:1",
                "8_0",
            ])
            .into(),
        Kind::Events => rng
            .pick(&[
                "TICK_5",
                "PROCESS_STATE",
                "tick_60,TICK_5",
                "PROCESS_STATE_EXITED, PROCESS_STATE_FATAL",
                "PROCESS_LOG_STDOUT,PROCESS_LOG_STDERR,TICK_5",
                "EVENT",
                "SUPERVISOR_STATE_CHANGE,\n  REMOTE_COMMUNICATION",
                "TICK_5,TICK_5",
                "PROCESS_GROUP_ADDED",
                "tıck_5",
                "proceſs_state",
            ])
            .into(),
        Kind::Reference => rng
            .pick(&[
                "supervisor.rpcinterface:make_main_rpcinterface",
                "supervisor.dispatchers:default_handler",
                "pkg.mod:fn",
                "pkg",
                "a.b : c.d",
                "m:f [x]",
                "a..b",
                "m:f[ a , b ]",
                "é:ü",
                "m:f ",
                "m:.",
                "1:2",
            ])
            .into(),
        Kind::Socket => rng
            .pick(&[
                "unix:///run/%(program_name)s.sock",
                "tcp://localhost:9000",
                "unix:///a//b/../c",
                "tcp://%(ENV_APP)s:%(ENV_PORT)s",
                "unix://%(here)s/s.sock",
                "tcp://LOCALHOST:1",
                "unix:////x",
                "tcp://127.0.0.1:65535",
                "tcp://h:٩",
                "unix:///~/x",
                "tcp://h:0080",
            ])
            .into(),
        Kind::Backlog => rng.pick(&["1", "10", "128", "65535", " 5", "1_0", "%(ENV_PORT)s"]).into(),
    }
}

fn rng_path(names: Names) -> &'static str {
    if names == Names::H { "/tmp/" } else { "/var/run/" }
}

fn text(rng: &mut Rng, names: Names, start: &str) -> String {
    let mut out = start.to_string();
    for _ in 0..1 + rng.below(3) {
        if rng.percent(35) {
            out.push_str(&variable(rng, names, false));
        } else {
            out.push_str(
                rng.pick(&["x", "app", "-1", ".log", "a b", "_", "%%", "é", "/d", "\"q\"", "a=b", "a:b", "x.y"]),
            );
        }
    }
    out
}

/// A value of which one must look twice: refused, or accepted in an unexpected way.
fn odd(rng: &mut Rng, kind: Kind) -> String {
    let mut text = if rng.percent(5) { good(rng, kind, Names::H) } else { oddity(rng, kind) };
    // No function of the system takes one: some converters ask the system.
    if rng.percent(5) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        text.insert(places[rng.below(places.len())], '\0');
    }
    text
}

fn oddity(rng: &mut Rng, kind: Kind) -> String {
    const NOT_NUMBERS: &[&str] = &[
        "",
        "x",
        "1.5",
        "0x10",
        "1__0",
        "_1",
        "1_",
        "- 1",
        "--1",
        "+-1",
        "1e3",
        "ten",
        "1 0",
        "\u{a0}5",
        "5\u{2003}",
        "१२",
        "²",
        "Ⅷ",
        "1\u{200b}",
        "𝟙𝟚",
        "٣_٤",
        "0b1",
        "0_0",
        "-0",
        "+",
        "-",
        "½",
        "\u{1c}7",
        "7\u{1f}",
        "\u{85}7",
        "9999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999",
        "None",
        "true",
        "'1'",
        "1'\"",
        "1\\",
        "\"1\"",
        "é\u{1}\u{7f}\u{ad}\u{378}\u{e000}",
    ];
    if rng.percent(3) {
        // Digits around int()'s limit of 4300.
        let n = 4298 + rng.below(5);
        return "9".repeat(n) + rng.pick(&["", "", "kb", "x"]);
    }
    if rng.percent(3) {
        // repr() in a message of int() is cut to 200 characters.
        let n = 190 + rng.below(20);
        return rng.pick(&["z", "é", "'", "\\", "\u{1}"]).repeat(n);
    }
    match kind {
        Kind::Bool => rng
            .pick(&[
                "y",
                "maybe",
                "",
                "2",
                "\n  true",
                "true\n  ",
                "TRUE\n\n",
                "yes please",
                "t",
                "\"true\"",
                "true;x",
                "01",
                "oﬀ",
                "ON\u{200b}",
            ])
            .into(),
        Kind::Int | Kind::Backlog => rng.pick(NOT_NUMBERS).into(),
        Kind::Size => rng
            .pick(&[
                "50M",
                "50B",
                "1.5MB",
                "MB",
                "",
                "50 megs",
                "1kB b",
                "1 KB",
                "1\u{212a}B",
                "1KIB",
                "unlimited",
                "1mbb",
                "-5kb",
                "kb1",
                "1Mb",
                "1ＭB",
                "10 00",
                "İkb",
                "1\u{a0}MB",
                "1\tGB",
            ])
            .into(),
        Kind::Octal => rng
            .pick(&[
                "9", "", "0x1", "rwx", "08", "u+rw", "0o", "-", "+0o7", "0o_7", "0_o7", "1.0", "0799", "-0o17", "- 7",
                "0b1", "٨", "\u{a0}7", "22;",
            ])
            .into(),
        Kind::Signal => rng
            .pick(&[
                "FOO",
                "99",
                "-1",
                "TERM,KILL",
                "",
                "SIG",
                "SIGSIG",
                "sigsigterm",
                "RTMIN+1",
                "32",
                "33",
                "35",
                "_BLOCK",
                "_UNBLOCK",
                "_IGN",
                "SIG_DFL",
                "nal",
                "15 ",
                "TERM x",
                "1.0",
                "ſigterm",
                "NUM",
                "65",
                "١٥",
            ])
            .into(),
        Kind::Codes => rng
            .pick(&["0,", "0;2", "256", "-1", "a", "0,256", ",", "0x1", "0, ,1", "1 2", "\u{a0}1\u{a0},2", "٣"])
            .into(),
        Kind::Restart => rng.pick(&["Always", "", "unexpected ", "yes!", "never", "ÜNEXPECTED", "İ", "'true'"]).into(),
        Kind::Level => rng
            .pick(&[
                "warning",
                "20",
                "",
                "mro",
                "__module__",
                "__doc__",
                "__dict__",
                "INFO ",
                "İnfo",
                "'info'",
                "__name__",
                "__class__",
                "notset",
                "__init__",
                "__weakref__",
            ])
            .into(),
        Kind::User => rng
            .pick(&[
                "",
                "-1",
                "root:root",
                "99999999999999999999",
                "a b",
                "%(ENV_EMPTY)s",
                "\"nobody\"",
                "é",
                "٣",
                "ro\0ot",
            ])
            .into(),
        Kind::Owner => rng
            .pick(&["", ":", "a b", "root:", ":root", "-1:-1", "a:b:c:d", "99999999999999999999:1", "0:g\0", "\0"])
            .into(),
        Kind::Port => rng
            .pick(&[
                "http",
                "",
                "0",
                "127.0.0.1",
                "127.0.0.1:",
                ":",
                "h:-1",
                "h:70000",
                "h:abc",
                "65536",
                "-1",
                "h:1:",
                "::1",
                " :80",
                "h: ",
                "İ:1",
                "h:٩",
                "9001 x",
                "'",
                "1_0_",
            ])
            .into(),
        Kind::Events => rng
            .pick(&[
                "",
                "TICK_7",
                "b,a,TICK_5,c",
                "zz, Aa",
                "TICK_9,TICK_10",
                "TICK_5,",
                ",",
                "TICK_5 TICK_60",
                "A,B,C",
                "__doc__",
                "__module__",
                "ﬀ",
                "TICK_5,,TICK_60",
                "z,a",
                "__DICT__",
                "TICK_5;x",
            ])
            .into(),
        Kind::Reference => rng
            .pick(&[
                "",
                "not a spec!",
                ".foo:x",
                ".",
                "..a",
                "a:",
                ":a",
                "a:b:c",
                "a-b:c",
                "a b",
                "a:b c",
                "a [x",
                "a[x]]",
                "m:f x[",
                "a\n:b",
                "m:f\n",
                ".\u{e9}",
                "a:b;c",
                "[x]",
                "m[]",
            ])
            .into(),
        Kind::Socket => rng
            .pick(&[
                "",
                "localhost:9000",
                "unix://rel/x",
                "tcp://h:0",
                "tcp://h:70000",
                "tcp://[::1]:9000",
                "tcp://h",
                "tcp://h:1x",
                "tcp://:1",
                "unix://",
                "UNIX:///x",
                "tcp://a b:1",
                "tcp://h:1\n",
                "udp://h:1",
                "tcp://h:99999999999999999999",
                "unix://~/x",
                "tcp://é:1",
                "tcp://İ:1",
                "tcp://h:¹",
                "it's",
                "a\"b'",
            ])
            .into(),
        Kind::Name => rng
            .pick(&[
                "a b",
                "a:b",
                "a/b",
                "",
                "%(nope)s",
                "%(process_num)s%",
                "fixed",
                "%(process_num)",
                "\tx",
                "%(group_name)s:%(program_name)s",
                "x%(process_num)y",
                "%(process_num)d\n  x",
                "%%(process_num)d",
                "%(process_number)02d",
                "it's a",
                "%(ENV_N)s%(process_num)d",
            ])
            .into(),
        Kind::Env => rng
            .pick(&[
                "A",
                "A=1,B",
                "A=\"1",
                "A=1 B=2",
                "A=,B=\"2\"",
                "URL=http://a@b/c",
                "A=$HOME",
                "A=$HOME,B=1",
                "A=éa",
                "é=1",
                "=1",
                "A==1",
                "A=1=2",
                "A=\"1\"\"2\",B=\"3\"",
                "URL=http://h/p#frag,B=\"2\"",
                "A=#x",
                "#A=1",
                "A=a#b\nc,B=2",
                "\"A\"=\"1\"",
                "A=\"1\";B=\"2\"",
                "J='say \"hi\"'",
                "A=''",
                "A=\"'\"",
                "'A'b=1",
                "A=a\\b",
                "A=\"a\\\"b\"",
                "A=1,A=2",
                "A=\"1\",,B=2",
                "A = 1 , B = 2",
                "A=\"a\nb\"",
                "A=\u{a0}1",
                "A=\u{c}1",
                "A=1\u{1c},B=2",
                "A=\"\"",
                "A=\"x\"y",
                "A=x\"y z\"",
                "A='\"x\"'",
                "A=1,B=\"%(ENV_A)s\"",
                "A=\"1\n",
                "A=-1+2(3):4",
                "A=a*b",
                "A=[1]",
                "A=1\\",
                "'",
                "A=it's",
                "A=%(ENV_QUOTE)s",
                "A=\"%(ENV_QUOTE)s\"",
                "A=%(ENV_COMMA)s",
                "A=\"%(ENV_LINES)s\"",
                "A=\"%(ENV_PCT)s\"",
                "A=%(ENV_EMPTY)s",
                "A=\"%(ENV_DOUBLE)s\"",
                "",
            ])
            .into(),
        Kind::Command => rng
            .pick(&[
                "",
                "\"unclosed",
                "it's",
                "a \\",
                "a # b",
                "a ; b",
                "a;b",
                "echo one \"two",
                "a\\\n  b",
                "\"a\\\n  b\"",
                "a  \n\n\n  b",
                "\u{a0}",
                "a\u{1c}b",
                "'a'\\''b'",
                "\"a\\xb\"",
                "a #b \"c",
                "/bin/date +%Y",
                "+%s",
                "a\u{2028}b",
                "\\",
                "\"\\\\\"",
                "a\tb\u{b}c",
                "a\rb",
                "%(ENV_QUOTE)s",
                "%(ENV_TICK)s",
                "%(ENV_BACK)s",
                "%(ENV_HASH)s",
                "%(ENV_LINES)s",
                "%(ENV_ODD)s",
                "%(ENV_CR)s",
                "%(ENV_PCT)s",
                "%(ENV_NESTED)s",
                "%(ENV_A)s",
                "%(ENV_K0)s",
                "%(ENV_B)s %(ENV_C)s",
                "$(x)",
                "\0",
                "a'b\"c'd\"e f\"",
            ])
            .into(),
        Kind::Log => rng
            .pick(&[
                "/tmp/100%%.log",
                "/tmp/%%(nope)s",
                "%(ENV_PCT)s",
                "%(ENV_NESTED)s",
                "%(ENV_DOUBLE)s",
                "/x/%(ENV_NNUM)s",
                "%(ENV_SELF)s",
                "/x/%(ENV_NHERE)s",
                "/a\0b/c",
                "~a\0b/c",
                "NONE ",
                "İ",
                "\n  /x",
                "%(ENV_TILDE)s",
                "%(ENV_FORM)s",
                "%(ENV_A)s.log",
                "~x/y",
                "syslog;x",
                "%%%%(here)s",
                "SYSLOG",
                "Auto\n",
                "ofﬀ",
                "%(ENV_EMPTY)s",
                "%%s",
            ])
            .into(),
        Kind::Path => rng
            .pick(&[
                "/a\0b/c",
                "~\0/x",
                "/tmp/a\0b",
                "",
                "%(ENV_PCT)s",
                "%(ENV_TILDE)s",
                "\n  /x",
                "~root/x",
                "/é/..",
                "%(host_node_name)s",
                "%(program_name)s",
                "/x/\u{a0}",
                "%%(here)s",
                "a\n  b",
                "//",
                "/../..//x",
                "%(ENV_EMPTY)s",
            ])
            .into(),
        Kind::Text | Kind::Url => rng
            .pick(&[
                "",
                "50%off",
                "%(ENV_PCT)s",
                "%(ENV_LINES)s",
                "\n  x",
                "a\n\n  b",
                "%(ENV_FORM)s",
                "a ;b",
                "a #b",
                "%(ENV_ODD)r",
                "%(ENV_ODD)a",
                "%(ENV_A)s",
                "%(ENV_QUOTE)r",
                "%(ENV_TICK)r",
                "%(ENV_BIG)s",
            ])
            .into(),
    }
}

fn options(rng: &mut Rng, section: &mut Section, rows: &[Row], most: usize) {
    for _ in 0..rng.below(most + 1) {
        let (key, kind, names) = rows[rng.below(rows.len())];
        if !section.has(key) {
            let value = good(rng, kind, names);
            section.set(key, value, kind, names);
        }
    }
}

/// Keeps what belongs together together, so that most files are accepted.
fn reconcile(rng: &mut Rng, section: &mut Section) {
    let number = section.options.iter().find(|o| o.0 == "numprocs").map(|o| o.1.clone());
    if let Some(n) = number {
        // Never so many processes that the case takes long.
        if n.len() > 2 && n.starts_with(|c: char| c.is_ascii_digit() || c == '+') {
            for o in &mut section.options {
                if o.0 == "numprocs" {
                    o.1 = rng.pick(&["2", "3", "11", "1", "0"]).to_string();
                }
            }
        }
        for o in &mut section.options {
            if o.0 == "numprocs" && o.1.contains("PORT") {
                o.1 = "%(ENV_N)s".into();
            }
        }
        if !section.has("process_name") && !rng.percent(3) {
            section.set("process_name", "%(program_name)s_%(process_num)02d", Kind::Name, Names::P2);
        }
    }
    let is = |section: &Section, key: &str| {
        section
            .options
            .iter()
            .any(|o| o.0 == key && matches!(o.1.to_lowercase().as_str(), "true" | "yes" | "on" | "1" | "%(env_flag)s"))
    };
    if is(section, "stopasgroup") && section.has("killasgroup") && !rng.percent(4) {
        section.options.retain(|o| o.0 != "killasgroup");
    }
}

fn program(rng: &mut Rng, prefix: &str) -> Section {
    let mut section = Section::new(format!("{prefix}:{}", rng.pick(GOOD_NAMES)));
    let value = good(rng, COMMAND.1, COMMAND.2);
    section.set("command", value, COMMAND.1, COMMAND.2);
    options(rng, &mut section, PROGRAM, 7);
    match prefix {
        "eventlistener" => {
            section.options.retain(|o| o.0 != "redirect_stderr");
            let value = good(rng, Kind::Events, Names::G);
            section.set("events", value, Kind::Events, Names::G);
            options(rng, &mut section, LISTENER, 2);
        }
        "fcgi-program" => {
            let value = good(rng, Kind::Socket, Names::F);
            let tcp = value.starts_with("tcp");
            section.set("socket", value, Kind::Socket, Names::F);
            options(rng, &mut section, if tcp { &FCGI[..1] } else { FCGI }, 2);
        }
        _ => {}
    }
    reconcile(rng, &mut section);
    if rng.percent(30) {
        let at = rng.below(section.options.len());
        section.options.swap(0, at);
    }
    section
}

fn server(rng: &mut Rng) -> Section {
    let mut section;
    if rng.percent(50) {
        section = Section::new(rng.pick(&[
            "inet_http_server",
            "inet_http_server",
            "inet_http_server:x",
            "inet_http_server2",
        ]));
        let value = good(rng, Kind::Port, Names::H);
        section.set("port", value, Kind::Port, Names::H);
    } else {
        section = Section::new(rng.pick(&["unix_http_server", "unix_http_server", "unix_http_server:y"]));
        let value = rng.pick(&[
            "/run/supervisor.sock",
            "%(here)s/s.sock",
            "~/s.sock",
            "s.sock",
            "/a//b/../s",
            "//x/./y/",
            "~nobody/s",
            "%(ENV_DIR)s/s",
        ]);
        section.set("file", value, Kind::Path, Names::G);
        options(rng, &mut section, UNIX, 2);
    }
    if rng.percent(40) {
        section.set("username", rng.pick(&["admin", "", "%(ENV_APP)s", "u:x"]), Kind::Text, Names::H);
        section.set(
            "password",
            rng.pick(&["secret", "{SHA}82ab876d1387bfafe46cc1c8a2ef074eae50cb1d", "", "p%%q", "%(ENV_APP)s"]),
            Kind::Text,
            Names::H,
        );
    }
    section
}

fn rpcinterface(rng: &mut Rng) -> Section {
    let mut section = Section::new(format!("rpcinterface:{}", rng.pick(&["supervisor", "supervisor", "x", "a:b", ""])));
    let value = if rng.percent(70) {
        "supervisor.rpcinterface:make_main_rpcinterface".into()
    } else {
        good(rng, Kind::Reference, Names::H)
    };
    section.set("supervisor.rpcinterface_factory", value, Kind::Reference, Names::H);
    for _ in 0..rng.below(3) {
        let value = text(rng, Names::H, "");
        section.set(rng.pick(&["foo", "Retries", "password", "a b", "é"]), value, Kind::Text, Names::H);
    }
    section
}

fn supervisord(rng: &mut Rng) -> Section {
    let mut section = Section::new("supervisord");
    options(rng, &mut section, SUPERVISORD, 6);
    section
}

/// A handful of sections of programs, servers and the like.
fn sections(rng: &mut Rng, most: usize, fragment: bool) -> Vec<Section> {
    let mut list: Vec<Section> = Vec::new();
    for _ in 0..1 + rng.below(most) {
        let section = match rng.below(20) {
            0..=9 => program(rng, "program"),
            10 | 11 => program(rng, "eventlistener"),
            12 | 13 => program(rng, "fcgi-program"),
            14 | 15 => server(rng),
            16 => rpcinterface(rng),
            17 => {
                let mut s = Section::new("supervisorctl");
                options(rng, &mut s, CTL, 3);
                s
            }
            18 => {
                let mut s = Section::new(rng.pick(&[
                    "programs:x",
                    "Program:y",
                    "other",
                    "ctlplugin:x",
                    "supervisor",
                    "[x]",
                    "program",
                    "fcgi-programs:x",
                    "eventlistener",
                ]));
                options(rng, &mut s, PROGRAM, 2);
                s
            }
            _ => {
                let mut s = Section::new(format!("group:{}", rng.pick(GOOD_NAMES)));
                let members: Vec<String> = list
                    .iter()
                    .filter_map(|o| {
                        o.name.strip_prefix("program:").or(o.name.strip_prefix("fcgi-program:")).map(str::to_owned)
                    })
                    .collect();
                let mut chosen: Vec<&str> = members.iter().filter(|_| rng.percent(60)).map(String::as_str).collect();
                chosen.dedup();
                if fragment && rng.percent(40) {
                    // Members that stand in another file.
                    chosen.insert(rng.below(chosen.len() + 1), rng.pick(&["elsewhere", "web", "", "a b", "x:y"]));
                }
                s.set("programs", chosen.join(rng.pick(&[",", ", ", " , ", ",\n  "])), Kind::Text, Names::G);
                if rng.percent(40) {
                    let value = good(rng, Kind::Int, Names::G);
                    s.set("priority", value, Kind::Int, Names::G);
                }
                s
            }
        };
        let mut section = section;
        if fragment && rng.percent(15) {
            // The main file has it.
            let needed = ["command", "events", "socket", "port", "file", "username", "password"];
            let gone = [rng.pick(&needed), rng.pick(&needed), "supervisor.rpcinterface_factory"];
            section.options.retain(|option| !gone.contains(&option.0.as_str()));
        }
        list.push(section);
    }
    if rng.percent(50) {
        // Groups and their members in any order.
        for i in (1..list.len()).rev() {
            list.swap(i, rng.below(i + 1));
        }
    }
    list
}

/// Makes one value, name or option hostile.
fn trap(rng: &mut Rng, list: &mut Vec<Section>) {
    if list.is_empty() {
        return;
    }
    let at = rng.below(list.len());
    let section = &mut list[at];
    match rng.below(13) {
        0..=3 if !section.options.is_empty() => {
            let o = rng.below(section.options.len());
            let o = &mut section.options[o];
            o.1 = odd(rng, o.2);
        }
        4..=6 if !section.options.is_empty() => {
            let o = rng.below(section.options.len());
            let o = &mut section.options[o];
            let percent = if rng.percent(25) {
                format!("%(ENV_{})s", HOSTILE[rng.below(HOSTILE.len())].0)
            } else {
                rng.pick(ODD_PERCENTS).to_string()
            };
            o.1 = match rng.below(3) {
                0 => percent,
                1 => format!("{}{percent}", o.1),
                _ => format!("{percent}{}", o.1),
            };
        }
        7 => {
            let kind = section.name.split(':').next().unwrap_or_default().to_string();
            section.name = format!("{kind}:{}", rng.pick(ODD_NAMES));
        }
        8 if !section.options.is_empty() => {
            let o = rng.below(section.options.len());
            section.options.remove(o);
        }
        9 if !section.options.is_empty() => {
            // The same option twice.
            let o = rng.below(section.options.len());
            let (key, _, kind, names) = section.options[o].clone();
            let value = good(rng, kind, names);
            section.set(&key, value, kind, names);
        }
        10 => {
            // The same section twice.
            let name = section.name.clone();
            let mut again = Section::new(name);
            options(rng, &mut again, PROGRAM, 3);
            list.push(again);
        }
        11 => {
            let rows = if section.name == "supervisord" { SUPERVISORD } else { PROGRAM };
            let (key, kind, names) = rows[rng.below(rows.len())];
            let value = odd(rng, kind);
            section.set(key, value, kind, names);
        }
        _ => {
            let mut s = Section::new("DEFAULT");
            if rng.percent(60) {
                let rows = if rng.percent(50) { SUPERVISORD } else { PROGRAM };
                options(rng, &mut s, rows, 3);
            } else {
                s.set(
                    rng.pick(&[
                        "foo",
                        "here",
                        "logfile",
                        "identifier",
                        "password",
                        "user",
                        "priority",
                        "files",
                        "command",
                    ]),
                    rng.pick(&["x", "5", "%(here)s", "%%(here)s", "%(here)s/x"]),
                    Kind::Text,
                    Names::G,
                );
            }
            let place = rng.below(list.len() + 1);
            list.insert(place, s);
        }
    }
}

/// The text of the sections, laid out as people lay files out.
fn render(rng: &mut Rng, list: &[Section]) -> String {
    let mut out = String::new();
    let comment = |rng: &mut Rng| {
        rng.pick(&[
            "; comment",
            "# comment = x",
            ";[program:off]",
            ";",
            "#",
            "  ; indented",
            "\t# tab",
            "# % and %(x)s",
            "; é \u{2028} x",
        ])
    };
    if rng.percent(20) {
        out.push_str(comment(rng));
        out.push('\n');
    }
    for section in list {
        out.push('[');
        out.push_str(&section.name);
        out.push(']');
        out.push_str(if rng.percent(6) { rng.pick(&[" ; comment", "   ", "]", " text", "\t#x", "x=y"]) } else { "" });
        out.push('\n');
        for (key, value, kind, _) in &section.options {
            if rng.percent(5) {
                out.push_str(comment(rng));
                out.push('\n');
            }
            if rng.percent(3) {
                out.push_str(&key.to_uppercase());
            } else {
                out.push_str(key);
            }
            let delimiters = if rng.percent(90) { 10 } else { 15 };
            out.push_str(rng.pick(
                &["=", "=", "=", "=", " = ", " = ", "=", ": ", ":", "= ", "\t=\t", "  =", "\u{a0}=\u{a0}", "==", " :"]
                    [..delimiters],
            ));
            // A value of several lines: continued with an indent, here and there a comment between.
            for (i, line) in value.split('\n').enumerate() {
                if i > 0 {
                    out.push('\n');
                    if rng.percent(8) {
                        out.push_str(rng.pick(&["  ; in between\n", "# in between\n", "\n", " \n"]));
                    }
                    if !line.starts_with([' ', '\t']) && !line.is_empty() {
                        out.push_str(rng.pick(&["  ", " ", "\t", "    "]));
                    }
                }
                out.push_str(line);
            }
            if rng.percent(6) {
                out.push_str(rng.pick(&[" ; comment", " # comment", "\t; c", " ;", "  ", "\t", "\u{a0}# x", "\u{a0}"]));
            }
            if rng.percent(1) && !matches!(kind, Kind::Bool) {
                out.push_str(rng.pick(&[
                    ";tight",
                    "#tight",
                    ";a ;b #c",
                    "#b #c ;d",
                    "\n  more",
                    "\n\n  more",
                    "\n; c\n  more",
                ]));
            }
            out.push('\n');
        }
        if rng.percent(60) {
            let blanks = if rng.percent(90) { 2 } else { 4 };
            out.push_str(rng.pick(&["\n", "\n\n", " \n", "\t\n"][..blanks]));
        }
    }
    out
}

/// Hurts the finished text somewhere.
fn damage(rng: &mut Rng, text: &mut String) {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
    let line = starts[rng.below(starts.len())];
    let mut place = rng.below(text.len() + 1);
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    match rng.below(12) {
        0 => text.insert_str(line, rng.pick(&[" ", "  ", "\t", "\u{a0}", "\u{1c}", "\u{2003}"])),
        1 => text.insert_str(
            line,
            rng.pick(&[
                "garbage\n",
                "=x\n",
                ":y\n",
                "[]\n",
                "[x\n",
                "[program:z\n",
                "]x[\n",
                "[a]b]\n",
                " [ x ] \n",
                "[program:in]\n",
                "rem x\n",
                "x\n",
                "!y=1\n",
                "İ=1\n",
                "ΑΣ=1\n",
                "＝\n",
                "a＝b\n",
                "[DEFAULT]\n",
                "[DEFAULT ]\n",
                "\u{1c}=1\n",
                "\0=1\n",
                "k\n",
                "  k=v\n",
            ]),
        ),
        2 => text.insert_str(place, rng.pick(SPACES)),
        3 => text.insert_str(
            place,
            rng.pick(&[
                " ;", " #", ";", "#", "=", ":", "[", "]", "%", "\"", "'", "\\", "\n", "\n ", "\n\n", "\0", "é",
                "\u{7f}",
            ]),
        ),
        4 => text.insert_str(line, rng.pick(&["; c\n", "# c\n", "\n", " \n", "\t;x\n", " ; a=b\n", ";\n"])),
        5 => {
            // One space of another kind.
            let spaces: Vec<usize> = text.match_indices([' ', '\n']).map(|(i, _)| i).collect();
            if !spaces.is_empty() {
                let i = spaces[rng.below(spaces.len())];
                text.replace_range(i..=i, rng.pick(SPACES));
            }
        }
        6 => {
            // A line twice.
            let end = text[line..].find('\n').map_or(text.len(), |n| line + n + 1);
            let copy = text[line..end].to_string();
            text.insert_str(line, &copy);
        }
        7 => {
            // A line less.
            let end = text[line..].find('\n').map_or(text.len(), |n| line + n + 1);
            text.replace_range(line..end, "");
        }
        8 => {
            if let Some(c) = text[place..].chars().next() {
                text.replace_range(place..place + c.len_utf8(), "");
            }
        }
        9 => {
            // Inline comments at the end of a line.
            let end = text[line..].find('\n').map_or(text.len(), |n| line + n);
            text.insert_str(
                end,
                rng.pick(&[
                    ";b ;c #d",
                    "#b #c ;d",
                    " ;x",
                    " #x",
                    ";x;y ;z",
                    ";y z;w ;cut #cut2",
                    "#c;d #e ;f",
                    "\t;",
                    "\u{a0};x",
                    "\u{1c}#x",
                    "\u{200b};x",
                    "  ",
                ]),
            );
        }
        10 => text.insert(
            0,
            rng.pick(&["\u{feff}", "\n", " ", "; c\n", "[DEFAULT]\n", "\r", "\u{2028}", "x=1\n"])
                .chars()
                .next()
                .unwrap_or(' '),
        ),
        _ => text.insert_str(
            line,
            rng.pick(&[
                "command = x\n",
                "[supervisord]\n",
                "[include]\nfiles = *.conf\n",
                "[include]\n",
                "user=x\n",
                "priority=5\n",
                "environment=A=\"1\"\n",
                "numprocs=2\n",
            ]),
        ),
    }
}

/// Bytes, with the line ends and the faults that a string cannot have.
fn bytes(rng: &mut Rng, mut text: String) -> Vec<u8> {
    match rng.below(60) {
        0..=3 => text = text.replace('\n', "\r\n"),
        4 => text = text.replace('\n', "\r"),
        5 => text = text.replacen('\n', "\r", 1 + text.len() / 40),
        6..=10 => text.truncate(text.trim_end().len()),
        _ => {}
    }
    let mut out = text.into_bytes();
    match rng.below(150) {
        0 => {
            let at = rng.below(out.len() + 1);
            let bad: &[u8] = [
                b"\xff".as_slice(),
                b"\xc3",
                b"\xe2\x82",
                b"\x80",
                b"\xed\xa0\x80",
                b"\xf0\x9f\x98",
                b"\xc0\xaf",
                b"\xf4\x90\x80\x80",
                b"\xe2\x28\xa1",
            ][rng.below(9)];
            out.splice(at..at, bad.iter().copied());
        }
        1 => {
            // Something wrong after Python's chunks of 8192 bytes.
            let mut filler = b"; filler\n".repeat(900 + rng.below(1000));
            filler.truncate(filler.len() - rng.below(9));
            filler.push(b'\n');
            if rng.percent(60) {
                let at = out.len() - rng.below(out.len().min(20) + 1);
                out.splice(at..at, [[0xff].as_slice(), &[0xe2, 0x82], &[0xc3]][rng.below(3)].iter().copied());
            }
            filler.extend(out);
            out = filler;
        }
        2 => out.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
        _ => {}
    }
    out
}

/// The case of this seed.
pub fn case(seed: u64) -> Case {
    let mut rng = Rng(seed ^ 0x5e1f_c04f);
    let rng = &mut rng;
    let env = env_of(rng);
    let fragment = rng.percent(25);
    let mut main = sections(rng, 5, fragment);
    if !fragment {
        let place = if rng.percent(80) { 0 } else { rng.below(main.len() + 1) };
        let section = supervisord(rng);
        main.insert(place, section);
    }

    let mut files: Vec<(String, Vec<Section>)> = Vec::new();
    let mut patterns: Vec<String> = Vec::new();
    if rng.percent(28) {
        for _ in 0..1 + rng.below(3) {
            let name = rng.pick(&[
                "conf.d/a.conf",
                "conf.d/b.conf",
                "conf.d/B.conf",
                "conf.d/a.conf~",
                "conf.d/.hidden.conf",
                "conf.d/é.conf",
                "conf.d/10.conf",
                "conf.d/9.conf",
                "d%/x.conf",
                "a b/x.conf",
                "conf.d/sub/y.conf",
                "extra.ini",
                "[x]/y.conf",
                "conf.d/[z].conf",
                "../side/s.conf",
                "x-%s.conf",
                "conf.d/d.conf/inner.conf",
                "host/h.conf",
            ]);
            if files.iter().any(|f| f.0 == name) {
                continue;
            }
            let mut list = sections(rng, 2, fragment);
            if rng.percent(12) {
                list.push(Section::new("include"));
                list.last_mut().unwrap().set("files", "*.conf", Kind::Text, Names::G);
            }
            if rng.percent(8) && !fragment {
                let section = supervisord(rng);
                list.push(section);
            }
            if rng.percent(25) && !main.is_empty() {
                // A section of the main file, overridden.
                let mut again = Section::new(main[rng.below(main.len())].name.clone());
                let rows = if again.name == "supervisord" { SUPERVISORD } else { PROGRAM };
                options(rng, &mut again, rows, 2);
                again.options.retain(|o| !matches!(o.0.as_str(), "numprocs" | "killasgroup" | "stopasgroup"));
                list.push(again);
            }
            files.push((name.into(), list));
        }
        for _ in 0..1 + rng.below(2) {
            patterns.push(
                rng.pick(&[
                    "conf.d/*.conf",
                    "conf.d/*",
                    "*/*.conf",
                    "conf.d/a.conf",
                    "*.ini",
                    "%(here)s/conf.d/*.conf",
                    "none/*.conf",
                    "*.conf",
                    "conf.d/[ab].conf",
                    "conf.d/[!a]*.conf",
                    "d%%/*.conf",
                    "[[]x]/*.conf",
                    "../side/*.conf",
                    "**/*.conf",
                    "conf.d/?.conf",
                    "./conf.d/a.conf",
                    "conf.d/../conf.d/a.conf",
                    "/nonexistent/*.conf",
                    "%(ENV_APP)s/*.conf",
                    "%(host_node_name)s/*.conf",
                    "conf.d/.*",
                    "conf.d/*.con[f-]",
                    "conf.d/[a-c].conf",
                    "conf.d",
                    "conf.d/",
                    "*/",
                    "a?b/*.conf",
                    "[]x]*",
                    "[",
                    "conf.d/[!]",
                    "x-*.conf",
                    "main.conf",
                    "é*",
                    "conf.d/\u{e9}.conf",
                    "conf.d//*.conf",
                    "[z-a]*",
                    "conf.d/**",
                    ".*/x",
                ])
                .into(),
            );
        }
        let mut include = Section::new("include");
        include.set("files", patterns.join(rng.pick(&[" ", "\n", "  ", "\u{a0}", "\t"])), Kind::Text, Names::G);
        let place = rng.below(main.len() + 1);
        main.insert(place, include);
    }

    let traps = [0, 0, 0, 1, 1, 1, 1, 2, 2, 3][rng.below(10)];
    let mut damages = 0;
    for _ in 0..traps {
        if rng.percent(30) {
            damages += 1;
        } else if !files.is_empty() && rng.percent(30) {
            let at = rng.below(files.len());
            trap(rng, &mut files[at].1);
        } else {
            trap(rng, &mut main);
        }
    }

    let mut text = render(rng, &main);
    let mut texts: Vec<(String, String)> = files.iter().map(|(name, list)| (name.clone(), render(rng, list))).collect();
    for _ in 0..damages {
        if !texts.is_empty() && rng.percent(25) {
            let at = rng.below(texts.len());
            damage(rng, &mut texts[at].1);
        } else {
            damage(rng, &mut text);
        }
    }
    Case {
        dir: if rng.percent(85) {
            "etc"
        } else {
            rng.pick(&["a b", "50%d", "[x]", "é", "x%(here)s", "100%", "it's", "q\"'", "d*", "%%", "a\tb"])
        }
        .into(),
        main: bytes(rng, text),
        files: texts.into_iter().map(|(name, text)| (name, bytes(rng, text))).collect(),
        env,
        node: if rng.percent(80) {
            "host"
        } else {
            rng.pick(&["node%1", "n o", "", "é", "a/b", "%(here)s", "h*", "conf.d"])
        }
        .into(),
        cwd: if rng.percent(70) {
            "/"
        } else {
            rng.pick(&["/tmp", "/no/such/dir", "/srv/a b", "/x/../y", "/%d", "/é/"])
        }
        .into(),
        fragment,
    }
}
