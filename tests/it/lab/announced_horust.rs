//! Which announcement of `to-horust` shows in which observation of the lab.

use super::announced::{Entry, Shows};
use Shows::{Asked, Both, Unseen, Wherever};

/// Beside what both daemons have in common.
pub static TABLE: &[Entry] = &[
    // facts 13.6: what differs for every program.
    ("command", "standard input is that of Horust", Both(&["stdin", "descriptor 0"], &["state", "counts as failed"])),
    ("nodaemon", "Horust ends when all its programs have ended", Unseen("the operator asks for programs only")),
    ("environment", "HOME is set", Asked(&["variable HOME"])),
    ("environment", "USER is set", Asked(&["variable USER"])),
    ("environment", "HOSTNAME is set", Wherever(&["variable HOSTNAME"])),
    // Context.
    ("directory", "if the directory is missing", Asked(&["exit status"])),
    // facts 13.3: restarts.
    ("autorestart", "Horust misses some", Unseen("it is left to chance which; the crowd of random values has some")),
    ("startretries", "never gives up", Asked(&["is started", "state", "counts as failed", "waits between starts"])),
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
    // facts 13.5: groups, order, control.
    ("programs", "Horust has no groups", Unseen("nobody can ask Horust for a group")),
    ("priority", "all programs are started at the same time", Unseen("which is first is left to chance")),
    ("priority", "keeps all of higher priority from starting", Asked(&["is run", "state", "is started"])),
    ("file", "Horust cannot be told to start, stop or restart", Unseen("so no operator of the lab does")),
];
