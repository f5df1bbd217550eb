//! Where the converter is known to differ silently, or to announce what does not show. Each is to be closed; one that no
//! longer shows fails the test.

/// Of `autorestart=false`.
const CLEAN: &str = "a death by HUP, INT, PIPE or TERM is unexpected to Supervisor and clean to systemd";

/// A cell that differs and is not announced: scenario, process and look (empty: any), and why.
pub static SILENT: &[(&str, &str, &str, &str)] = &[
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
