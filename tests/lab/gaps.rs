//! Where the converter is known to differ silently, or to announce what does not show. Each is to be closed; one that no
//! longer shows fails the test.

/// Of a group.
const GROUP: &str =
    "`supervisorctl start g:*` starts members with autostart=false too, `systemctl start` of the target does not";
/// Of `systemctl restart`.
const BY_HAND: &str = "restarts by hand count for the start limit, and that is said for startretries up to 1 only";
/// Of the start limit.
const WINDOW: &str = "systemd counts the starts of a window of time, those of healthy runs as well";
/// Of `autorestart=false`.
const CLEAN: &str = "a death by HUP, INT, PIPE or TERM is unexpected to Supervisor and clean to systemd";

/// A cell that differs and is not announced: scenario, process and look (empty: any), and why.
pub static SILENT: &[(&str, &str, &str, &str)] = &[
    ("group-with-a-member-that-is-started-by-hand", "g:manual", "state", GROUP),
    ("restarted-by-hand-often", "often", "state", BY_HAND),
    ("restarted-by-hand-often", "often", "counts as failed", BY_HAND),
    ("healthy-and-then-not", "just-long-enough", "is started", WINDOW),
    ("healthy-and-then-not", "longer", "is started", WINDOW),
    ("restart-never", "hup", "counts as failed", CLEAN),
    ("restart-never", "int", "counts as failed", CLEAN),
    ("restart-never", "pipe", "counts as failed", CLEAN),
    ("restart-never", "term", "counts as failed", CLEAN),
    (
        "",
        "",
        "descriptor 1",
        "the program writes to the log file or to /dev/null itself, not into a pipe to supervisord",
    ),
    (
        "",
        "",
        "descriptor 2",
        "the program writes to the log file or to /dev/null itself, not into a pipe to supervisord",
    ),
];

/// An announcement that does not show: scenario (empty: any), option, words of it, and why.
pub static FALSE: &[(&str, &str, &str, &str)] = &[];
