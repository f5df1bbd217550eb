//! Which announcement of `to-pitchfork` shows in which observation of the lab.

use super::announced::{Entry, Shows};
use Shows::{Asked, Both, Unseen, Wherever};

/// Beside what both daemons have in common.
pub static TABLE: &[Entry] = &[
    // facts 14.6: what differs for every program.
    ("minfds", "raises its soft limit", Wherever(&["open files"])),
    ("directory", "if the directory is missing", Asked(&["counts as failed", "exit status"])),
    ("command", "standard input is /dev/null", Both(&["stdin", "descriptor 0"], &["state", "counts as failed"])),
    ("command", "a shell leads the process group", Wherever(&["process group", "parent", "session"])),
    // facts 14.3: restarts.
    (
        "startretries",
        "never gives up",
        Asked(&["is started", "state", "counts as failed", "waits between starts", "exit status"]),
    ),
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
    // Groups and control.
    ("programs", "is called GROUP.PROGRAM", Unseen("it is how the operator calls it")),
    ("file", "replace supervisorctl", Unseen("it is what the operator of pitchfork's side does")),
];
