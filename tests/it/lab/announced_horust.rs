//! Which announcement of `to-horust` shows in which observation of the lab.

use super::announced::{Entry, Shows};
use Shows::{Asked, Both, Unseen, Wherever};

/// As that of systemd.
pub static TABLE: &[Entry] = &[
    // facts 13.6: what differs for every program.
    ("minfds", "each program ends with 127", Asked(&["state", "the file is"])),
    (
        "minprocs",
        "each program ends with 127",
        Unseen("the machine's own limit is higher than any number that is tried"),
    ),
    ("command", "a file in PATH that is not executable", Asked(&["state", "counts as failed", "is run"])),
    ("command", "standard input is that of Horust", Both(&["stdin", "descriptor 0"], &["state", "counts as failed"])),
    ("command", "runs in its own session", Wherever(&["session", "parent"])),
    ("nodaemon", "Horust ends when all its programs have ended", Unseen("the operator asks for programs only")),
    ("environment", "HOME is set", Asked(&["variable HOME"])),
    ("environment", "USER is set", Asked(&["variable USER"])),
    ("environment", "HOSTNAME is set", Wherever(&["variable HOSTNAME"])),
    ("serverurl", "SUPERVISOR_SERVER_URL", Wherever(&["variable SUPERVISOR_SERVER_URL"])),
    ("environment", "is replaced with the value that it has", Asked(&["variable TAKEN"])),
    ("environment", "`ps` can show the secret", Unseen("what `ps` shows others is not looked at")),
    // Context.
    ("user", "it cannot change user", Wherever(&["state", "counts as failed"])),
    ("directory", "if the directory is missing", Asked(&["exit status"])),
    ("directory", "applies only when supervisord daemonises", Asked(&["working directory"])),
    ("umask", "applies only when supervisord daemonises", Asked(&["umask"])),
    ("*", "relative to directory= of", Unseen("it is why the place is the same")),
    // facts 13.3: restarts.
    ("autorestart", "an exit before startsecs is not retried", Asked(&["is started"])),
    ("autorestart", "an expected exit before startsecs", Asked(&["is started", "counts as failed"])),
    ("autorestart", "Horust misses some", Unseen("it is left to chance which; the crowd of random values has some")),
    ("startretries", "never gives up", Asked(&["is started", "state", "counts as failed", "waits between starts"])),
    ("startsecs", "counts as running at once", Wherever(&["counts as running"])),
    ("autostart", "a Horust of its own can", Unseen("it is what the operator of Horust's side does")),
    // facts 13.4: stops.
    ("stopwaitsecs", "SIGKILL comes up to", Unseen("the lab tells only times that differ by some seconds")),
    ("stopsignal", "does not stop by SIGKILL", Wherever(&["SIGCONT"])),
    ("stopsignal", "cannot send this signal", Both(&["SIGCONT"], &["is down"])),
    ("stopasgroup", "reaches only the process itself", Asked(&["alive", "signals"])),
    ("killasgroup", "reaches only the process itself", Asked(&["alive"])),
    // Logs.
    ("stdout_logfile", "output goes to Horust's own output", Wherever(&["output stdout", "descriptor 1"])),
    ("stderr_logfile", "output goes to Horust's own output", Wherever(&["output stderr", "descriptor 2"])),
    ("stdout_logfile", "writes directly to", Wherever(&["descriptor 1"])),
    ("stderr_logfile", "writes directly to", Wherever(&["descriptor 2"])),
    ("stdout_syslog", "nothing of it goes to syslog", Wherever(&["output stdout"])),
    ("stdout_logfile", "a new log file belongs to root", Asked(&["see"])),
    ("stdout_logfile", "several processes append", Unseen("Supervisor loses lines only in the moment of a rotation")),
    ("*", "logrotate runs once a day", Asked(&["see"])),
    ("*", "if another logrotate file covers", Unseen("the lab does not call logrotate")),
    ("stdout_events_enabled", "no listener receives", Wherever(&["see"])),
    ("stdout_capture_maxbytes", "no listener receives", Wherever(&["see"])),
    ("strip_ansi", "escape codes stay", Wherever(&["see"])),
    // facts 13.5: groups, order, control.
    ("programs", "Horust has no groups", Unseen("nobody can ask Horust for a group")),
    ("priority", "programs of equal priority stop together", Asked(&["stops overlap"])),
    ("priority", "all programs are started at the same time", Unseen("which is first is left to chance")),
    ("priority", "keeps all of higher priority from starting", Asked(&["is run", "state", "is started"])),
    ("file", "Horust cannot be told to start, stop or restart", Unseen("so no operator of the lab does")),
    ("port", "no remote control", Wherever(&["see"])),
    ("events", "a listener cannot run without them", Wherever(&["unit"])),
    ("command", "the listener is not started", Wherever(&["unit"])),
    ("socket", "hands no socket", Wherever(&["unit", "see"])),
    ("*", "no program is written", Wherever(&["unit"])),
];
