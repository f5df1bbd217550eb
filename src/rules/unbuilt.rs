//! What was considered and is no rule, with the reason: the pages say it, so that nobody has to look for it twice.

/// Something that is not reported.
#[derive(Debug)]
pub struct Unbuilt {
    /// The code that is kept for it; empty where there is none.
    pub code: &'static str,
    /// What it would find.
    pub what: &'static str,
    /// Why it is not reported.
    pub why: &'static str,
}

const fn unbuilt(code: &'static str, what: &'static str, why: &'static str) -> Unbuilt {
    Unbuilt { code, what, why }
}

/// All of them.
pub static UNBUILT: &[Unbuilt] = &[
    unbuilt(
        "SUP314",
        "a development server (runserver, flask run, php -S, artisan serve)",
        "the file does not say whether it is for production; of children that a reloader leaves behind SUP306 warns",
    ),
    unbuilt(
        "",
        "a limit of open files that a command sets by ulimit -n",
        "it works, and SUP009 recommends it for a single program, because Supervisor has one limit for all",
    ),
    unbuilt(
        "",
        "a very large startretries",
        "the pauses grow, so it costs little; only a negative one surprises (SUP316)",
    ),
    unbuilt(
        "",
        "the disk space that all logs together may fill",
        "it is a number and no mistake; logs without a limit are SUP503",
    ),
    unbuilt("", "a command without a path", "supervisord looks for it in PATH, and most files rely on that"),
    unbuilt("", "identifier together with nocleanup", "nobody is known who was hurt by it"),
    unbuilt("", "paths of Windows", "supervisord does not run there"),
    unbuilt("", "a Dockerfile that starts supervisord", "another file than the configuration; only that one is read"),
    unbuilt("", "a unix socket without a password", "its mode, 0700 by default, keeps others out (SUP206)"),
    unbuilt(
        "",
        "a program without stopasgroup",
        "it is wrong for servers that stop their own children (SUP306, SUP307)",
    ),
    unbuilt("", "autorestart that is not true", "programs that end on purpose need another value (SUP302, SUP305)"),
    unbuilt("", "a program without a priority", "the order of the names is as good as any"),
];
