//! Which announcement of `to-pitchfork` shows in which observation of the lab.

use super::announced::{Entry, Shows};
use Shows::{Asked, Both, Unseen, Wherever};

/// As that of systemd.
pub static TABLE: &[Entry] = &[
    // facts 14.6: what differs for every program.
    ("minfds", "raises its soft limit", Wherever(&["open files"])),
    ("minfds", "each program ends with 127", Asked(&["state", "the file is"])),
    (
        "minprocs",
        "each program ends with 127",
        Unseen("the machine's own limit is higher than any number that is tried"),
    ),
    ("command", "a file in PATH that is not executable", Asked(&["state", "counts as failed", "is run"])),
    ("directory", "if the directory is missing", Asked(&["counts as failed", "exit status"])),
    ("priority", "programs of equal priority stop together", Asked(&["stops overlap"])),
    ("command", "standard input is /dev/null", Both(&["stdin", "descriptor 0"], &["state", "counts as failed"])),
    ("command", "runs in its own session", Wherever(&["session", "parent"])),
    ("command", "a shell leads the process group", Wherever(&["process group", "parent", "session"])),
    ("serverurl", "SUPERVISOR_SERVER_URL", Wherever(&["variable SUPERVISOR_SERVER_URL"])),
    ("environment", "is replaced with the value that it has", Asked(&["variable TAKEN"])),
    ("environment", "`ps` can show the secret", Unseen("what `ps` shows others is not looked at")),
    ("stdout_logfile", "writes directly to", Wherever(&["descriptor 1"])),
    ("stderr_logfile", "writes directly to", Wherever(&["descriptor 2"])),
    // Context.
    ("user", "it cannot change user", Wherever(&["state", "counts as failed"])),
    ("directory", "applies only when supervisord daemonises", Asked(&["working directory"])),
    ("umask", "applies only when supervisord daemonises", Asked(&["umask"])),
    ("*", "relative to directory= of", Unseen("it is why the place is the same")),
    // facts 14.3: restarts.
    ("autorestart", "an exit before startsecs is not retried", Asked(&["is started"])),
    ("autorestart", "an expected exit before startsecs", Asked(&["is started", "counts as failed"])),
    (
        "startretries",
        "never gives up",
        Asked(&["is started", "state", "counts as failed", "waits between starts", "exit status"]),
    ),
    ("startsecs", "counts as running at once", Wherever(&["counts as running"])),
    ("exitcodes", "a shell calls that", Asked(&["is started", "state"])),
    ("exitcodes", "calls only 0 a success", Asked(&["counts as failed"])),
    // facts 14.4: stops.
    ("killasgroup", "waits for the children", Asked(&["alive", "is down"])),
    ("stopasgroup", "reaches the children", Asked(&["alive", "signals"])),
    ("stopsignal", "pitchfork cannot send", Asked(&["signals", "is down"])),
    ("stopsignal", "and SIGKILL at once", Unseen("the program is killed before it sees SIGTERM")),
    // Logs.
    ("stdout_logfile", "output goes to pitchfork's own log", Wherever(&["output stdout"])),
    ("stderr_logfile", "output goes to pitchfork's own log", Wherever(&["output stderr"])),
    ("stdout_syslog", "nothing of it goes to syslog", Wherever(&["output stdout"])),
    ("stdout_logfile", "a new log file belongs to root", Asked(&["see"])),
    ("stdout_logfile", "several processes append", Unseen("Supervisor loses lines only in the moment of a rotation")),
    ("*", "logrotate runs once a day", Asked(&["see"])),
    ("*", "if another logrotate file covers", Unseen("the lab does not call logrotate")),
    ("stdout_events_enabled", "no listener receives", Wherever(&["see"])),
    ("stdout_capture_maxbytes", "no listener receives", Wherever(&["see"])),
    ("strip_ansi", "escape codes stay", Wherever(&["see"])),
    // Groups and control.
    ("programs", "is called GROUP.PROGRAM", Unseen("it is how the operator calls it")),
    ("file", "replace supervisorctl", Unseen("it is what the operator of pitchfork's side does")),
    ("port", "no remote control", Wherever(&["see"])),
    ("events", "a listener cannot run without them", Wherever(&["unit"])),
    ("command", "the listener is not started", Wherever(&["unit"])),
    ("socket", "hands no socket", Wherever(&["unit", "see"])),
    ("*", "no program is written", Wherever(&["unit"])),
];
