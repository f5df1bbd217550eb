//! The rules by which a conversion says what differs: the 9xx family. They have no check of their own.

use crate::diagnostic::{Confidence, Repeat, Rule, Severity};

/// A rule that only conversions speak by.
const fn rule(
    code: &'static str,
    name: &'static str,
    severity: Severity,
    what: &'static str,
    why: &'static str,
) -> Rule {
    Rule { code, name, severity, confidence: Confidence::High, what, why, bad: "", good: "", repeat: Repeat::Each }
}

/// SUP901.
pub static KILL_SCOPE: Rule = rule(
    "SUP901",
    "kill-scope-differs",
    Severity::Info,
    "A stop or a restart reaches other processes than Supervisor's did.",
    "Supervisor signals a process, or its process group; systemd signals a control group, which no process can leave.",
);

/// SUP902.
pub static RESTART_POLICY: Rule = rule(
    "SUP902",
    "restart-policy-differs",
    Severity::Info,
    "Restarts are spaced or counted in another way.",
    "Supervisor waits one second longer before each retry; systemd waits the same time before each.",
);

/// SUP903.
pub static NOT_CONVERTIBLE: Rule = rule(
    "SUP903",
    "not-convertible",
    Severity::Warning,
    "The target has nothing that does what this option does.",
    "A setting that is dropped in silence is found again at night.",
);

/// SUP904.
pub static LOGS: Rule = rule(
    "SUP904",
    "log-rotation-lost",
    Severity::Info,
    "Output goes elsewhere, or is rotated by another program.",
    "supervisord writes and rotates the logs of its programs; systemd writes them and leaves rotation to others.",
);

/// SUP905.
pub static GROUPS: Rule = rule(
    "SUP905",
    "ordering-and-groups",
    Severity::Info,
    "Groups, numbers of processes and priorities become targets, instances and After=.",
    "Units have no groups and no priorities.",
);

/// SUP906.
pub static ENVIRONMENT: Rule = rule(
    "SUP906",
    "parse-time-environment",
    Severity::Info,
    "The environment of the programs differs: what supervisord inherited is not passed, what the file takes from outside is \
     fixed at conversion.",
    "supervisord hands its own environment on; a unit starts with what systemd gives it and what stands in the unit.",
);

/// SUP907.
pub static OPEN_FILES: Rule = rule(
    "SUP907",
    "nofile-inherited",
    Severity::Info,
    "The limit of open files that a program gets, and where it comes from.",
    "minfds is a floor over what supervisord inherited; a unit starts from systemd's own limit.",
);

/// The rules for programs in general: what every unit does differently.
pub static EXECUTION: Rule = rule(
    "SUP908",
    "execution-differs",
    Severity::Info,
    "Every unit differs in this from every program of Supervisor: parent, session, standard input, codes of a failed start.",
    "A service is started by PID 1, in a session and a control group of its own.",
);

/// All of them, for those who print or name rules.
pub static RULES: [&Rule; 8] =
    [&KILL_SCOPE, &RESTART_POLICY, &NOT_CONVERTIBLE, &LOGS, &GROUPS, &ENVIRONMENT, &OPEN_FILES, &EXECUTION];
