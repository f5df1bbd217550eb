//! Which announcement of the converter shows in which observation of the lab.

use super::look::Look;

/// Where an announcement shows.
#[derive(Clone, Copy, Debug)]
pub enum Shows {
    /// In each scenario that looks there, in one process at least.
    Wherever(&'static [&'static str]),
    /// It depends on what happens: in the scenarios that say so (`; shows: OPTION`), and it excuses nothing in others.
    Asked(&'static [&'static str]),
    /// The first of them, and in scenarios that say so the second too.
    Both(&'static [&'static str], &'static [&'static str]),
    /// The lab cannot see it, for this reason.
    Unseen(&'static str),
}

impl Shows {
    /// Where it has to show, and where it has to in scenarios that say so.
    pub fn looks(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Wherever(looks) => (looks, &[]),
            Asked(looks) => (&[], looks),
            Both(looks, asked) => (looks, asked),
            Unseen(_) => (&[], &[]),
        }
    }
}

/// An announcement: its option (`*`: any), words that its sentence has, and where it shows.
pub type Entry = (&'static str, &'static str, Shows);

use Shows::{Asked, Both, Unseen, Wherever};

/// `variable NAME` is one variable, `-variable NAME` one that the unit lacks; what stands in the scenario's own
/// `environment=` is never excused by it.
pub static TABLE: &[Entry] = &[
    // facts 5.8: what differs for every unit.
    ("minfds", "limits that supervisord was started with", Asked(&["open files"])),
    ("user", "no user= is set", Asked(&["uid", "gid", "groups", "capabilities"])),
    ("command", "standard input is /dev/null", Both(&["stdin", "descriptor 0"], &["state", "counts as failed"])),
    ("command", "runs in its own session", Wherever(&["session", "parent"])),
    ("command", "SIGXFSZ", Wherever(&["ignores XFSZ"])),
    ("command", "status 200 to 243 instead of 127", Asked(&["exit status"])),
    (
        "environment",
        "variables that supervisord inherited",
        Wherever(&[
            "variable INHERITED",
            "-variable HOME",
            "-variable USER",
            "-variable LOGNAME",
            "-variable SHELL",
            "variable PATH",
            "variable LANG",
            "variable PWD",
            "variable SHLVL",
            "variable _",
        ]),
    ),
    (
        "environment",
        "HOME, USER, LOGNAME and SHELL",
        Wherever(&["variable HOME", "variable USER", "variable LOGNAME", "variable SHELL"]),
    ),
    ("environment", "JOURNAL_STREAM", Wherever(&["variable JOURNAL_STREAM"])),
    ("serverurl", "SUPERVISOR_SERVER_URL", Wherever(&["variable SUPERVISOR_SERVER_URL"])),
    ("stdout_logfile", "journald may limit bursts", Unseen("it depends on the machine's disk and on its settings")),
    ("stopsignal", "shows as failed", Asked(&["counts as failed"])),
    ("stopsignal", "SIGCONT after the stop signal", Wherever(&["SIGCONT"])),
    // facts 3 and 4: command and environment.
    ("command", "in its own list of directories", Asked(&["state", "counts as failed", "is run"])),
    ("command", "a file in PATH that is not executable", Asked(&["state", "counts as failed", "is run"])),
    ("command", "to exist in the directory that it runs in", Asked(&["state", "counts as failed"])),
    ("command", "is looked up in /, because", Asked(&["state", "counts as failed", "is run"])),
    ("command", "--harden: the program", Wherever(&["capabilities"])),
    ("command", "--harden adds nothing", Unseen("nothing is added")),
    ("user", "--harden adds nothing", Unseen("nothing is added")),
    ("command", "goes into the background", Wherever(&["alive"])),
    ("command", "opens /dev/stdout", Wherever(&["opens"])),
    ("environment", "is replaced with the value that it has", Asked(&["variable TAKEN"])),
    ("environment", "is not written, because only a command line", Asked(&["variable API.TOKEN"])),
    // facts 5: context.
    ("user", "is written as 65534", Unseen("the same user by another name")),
    ("user", "it cannot change user", Wherever(&["state", "counts as failed"])),
    ("directory", "applies only when supervisord daemonises", Asked(&["working directory"])),
    ("umask", "applies only when supervisord daemonises", Asked(&["umask"])),
    ("directory", "`..` is removed from the path", Asked(&["working directory"])),
    ("minfds", "refuses to start", Asked(&["state", "the file is"])),
    ("minprocs", "the limit is lifted", Unseen("the machine's own limit is higher than any number that is tried")),
    // facts 6: start and restart.
    ("autorestart", "an exit before startsecs is not retried", Asked(&["is started"])),
    ("autorestart", "an expected exit before startsecs", Asked(&["is started", "counts as failed"])),
    ("startretries", "(--restart-forever)", Asked(&["is started", "state", "counts as failed"])),
    (
        "startretries",
        "is given up after",
        Both(&["waits between starts"], &["is started", "state", "counts as failed"]),
    ),
    ("startsecs", "is never given up", Asked(&["is started", "state", "counts as failed"])),
    ("startretries", "counts every start in a time window", Asked(&["is started", "state", "counts as failed"])),
    ("autorestart", "is inactive, not failed", Asked(&["counts as failed"])),
    ("startretries", "a second manual restart", Asked(&["state", "counts as failed"])),
    ("startsecs", "at most once a second", Asked(&["state", "counts as failed", "waits between starts"])),
    ("startsecs", "counts as running at once", Wherever(&["counts as running"])),
    // facts 7: stop.
    ("killasgroup", "remaining children are killed", Wherever(&["alive"])),
    ("stopasgroup", "also reaches children", Wherever(&["alive", "signals"])),
    ("stopwaitsecs", "up to twice", Asked(&["is down"])),
    ("stopsignal", "stopsignal=0 sends no signal", Wherever(&["SIGCONT"])),
    // facts 8: logs.
    ("stdout_logfile", "output goes to the journal", Wherever(&["output stdout", "descriptor 1"])),
    ("stderr_logfile", "output goes to the journal", Wherever(&["output stderr", "descriptor 2"])),
    ("stdout_logfile", "writes directly to the log file or /dev/null", Wherever(&["descriptor 1"])),
    ("stderr_logfile", "writes directly to the log file or /dev/null", Wherever(&["descriptor 2"])),
    ("stderr_logfile", "one journal stream", Wherever(&["output stderr"])),
    ("stdout_logfile", "is in the journal of this unit", Wherever(&["output stdout", "descriptor 1"])),
    ("stderr_logfile", "is in the journal of this unit", Wherever(&["output stderr", "descriptor 2"])),
    ("stdout_logfile", "`..` is removed from the path", Asked(&["output stdout"])),
    ("stdout_logfile", "is created at boot by tmpfiles.d", Unseen("it is why the unit starts")),
    ("stdout_logfile", "several processes append", Unseen("Supervisor loses lines only in the moment of a rotation")),
    ("*", "logrotate runs once a day", Asked(&["see"])),
    ("*", "if another logrotate file covers", Unseen("the lab does not call logrotate")),
    ("*", "journald keeps logs by its own", Unseen("it takes more output than the lab makes")),
    ("stdout_syslog", "syslog lines are tagged", Wherever(&["output stdout", "descriptor 1"])),
    ("*", "relative to directory= of", Unseen("it is why the place is the same")),
    ("childlogdir", "AUTO logs go to the journal", Wherever(&["output"])),
    ("stdout_events_enabled", "no listener receives", Wherever(&["see"])),
    ("stdout_capture_maxbytes", "no listener receives", Wherever(&["see"])),
    ("strip_ansi", "escape codes stay", Wherever(&["see"])),
    // facts 2: groups and order.
    ("priority", "programs of equal priority stop together", Asked(&["stops overlap"])),
    ("autostart", "starts only programs with autostart=true", Asked(&["state"])),
    ("numprocs", "Supervisor runs no process", Unseen("nothing runs on either side")),
    // facts 9 and 10: sockets, listeners, control, supervisord itself.
    ("file", "replace supervisorctl", Unseen("it is what the operator of systemd's side does")),
    ("port", "no web page", Wherever(&["see"])),
    ("events", "cannot run without supervisord", Wherever(&["unit"])),
    ("events", "instead of ", Wherever(&["unit"])),
    ("command", "the listener is not started", Wherever(&["unit"])),
    ("*", "no unit is written", Wherever(&["unit"])),
    ("socket", "creates no socket for an fcgi-program in a group", Unseen("it is equal")),
];

/// What is said before systemd 254, and from it on.
pub static BEFORE_254: &[Entry] = &[(
    "environment",
    "INVOCATION_ID and SYSTEMD_EXEC_PID",
    Wherever(&["variable INVOCATION_ID", "variable SYSTEMD_EXEC_PID"]),
)];
pub static FROM_254: &[Entry] = &[(
    "environment",
    "INVOCATION_ID, SYSTEMD_EXEC_PID and MEMORY_PRESSURE_*",
    Wherever(&[
        "variable INVOCATION_ID",
        "variable SYSTEMD_EXEC_PID",
        "variable MEMORY_PRESSURE_WATCH",
        "variable MEMORY_PRESSURE_WRITE",
    ]),
)];

/// What an announcement says and where it shows.
pub fn entry(table: &'static [Entry], option: &str, message: &str) -> Option<(usize, &'static Entry)> {
    table.iter().enumerate().find(|(_, (of, words, _))| (*of == option || *of == "*") && message.contains(words))
}

/// Whether a look is one of these; `lacks`: whether systemd's side lacks what it looks at.
pub fn is_of(look: &Look, these: &[&str], lacks: bool) -> bool {
    let full = format!("{} {}", look.what, look.which);
    let is = |one: &str| one == look.what || one == full.trim_end();
    these.iter().any(|one| one.strip_prefix('-').map_or_else(|| is(one), |one| lacks && is(one)))
}
