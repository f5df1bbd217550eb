//! Which announcement of both `to-horust` and `to-pitchfork` shows in which observation of the lab.

use super::announced::{Entry, Shows};
use Shows::{Asked, Unseen, Wherever};

/// As that of systemd.
pub static TABLE: &[Entry] = &[
    // What differs for every program.
    ("minfds", "each program ends with 127", Asked(&["state", "the file is"])),
    (
        "minprocs",
        "each program ends with 127",
        Unseen("the machine's own limit is higher than any number that is tried"),
    ),
    ("command", "a file in PATH that is not executable", Asked(&["state", "counts as failed", "is run"])),
    ("command", "is looked up in ", Asked(&["state", "counts as failed", "is run"])),
    ("directory", "is looked up in ", Asked(&["working directory"])),
    ("command", "runs in its own session", Wherever(&["session", "parent"])),
    ("serverurl", "SUPERVISOR_SERVER_URL", Wherever(&["variable SUPERVISOR_SERVER_URL"])),
    ("environment", "is replaced with the value that it has", Asked(&["variable TAKEN"])),
    ("environment", "`ps` can show the secret", Unseen("what `ps` shows others is not looked at")),
    // Context.
    ("user", "it cannot change user", Wherever(&["state", "counts as failed"])),
    ("directory", "applies only when supervisord daemonises", Asked(&["working directory"])),
    ("umask", "applies only when supervisord daemonises", Asked(&["umask"])),
    ("*", "relative to directory= of", Unseen("it is why the place is the same")),
    // Restarts.
    ("autorestart", "an exit before startsecs is not retried", Asked(&["is started"])),
    ("autorestart", "an expected exit before startsecs", Asked(&["is started", "counts as failed"])),
    ("startsecs", "counts as running at once", Wherever(&["counts as running"])),
    // Logs.
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
    // Groups, order, control.
    ("priority", "programs of equal priority stop together", Asked(&["stops overlap"])),
    ("port", "no remote control", Wherever(&["see"])),
    ("events", "a listener cannot run without them", Wherever(&["unit"])),
    ("command", "the listener is not started", Wherever(&["unit"])),
    ("socket", "hands no socket", Wherever(&["unit", "see"])),
    ("*", "no program is written", Wherever(&["unit"])),
];
