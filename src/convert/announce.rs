//! The rules by which a conversion says what differs: the 9xx family. They have no check of their own.

use crate::diagnostic::{Confidence, OnMarkup, Repeat, Rule, Severity};

/// A rule that only conversions speak by.
const fn rule(code: &'static str, name: &'static str, severity: Severity, page: &'static str) -> Rule {
    Rule { code, name, severity, confidence: Confidence::High, page, repeat: Repeat::Each, on_markup: OnMarkup::Silent }
}

/// SUP901.
pub static KILL_SCOPE: Rule = rule(
    "SUP901",
    "kill-scope-differs",
    Severity::Info,
    "# SUP901 kill-scope-differs: A stop reaches other processes\n\n\
     A stop or a restart reaches processes that Supervisor's stop did not reach, or the other way round.\n\n\
     ## Why\n\n\
     Supervisor signals a process, or its process group; systemd signals a control group, which no process can\n\
     leave; Horust the process alone; pitchfork always the process group.\n",
);

/// SUP902.
pub static RESTART_POLICY: Rule = rule(
    "SUP902",
    "restart-policy-differs",
    Severity::Info,
    "# SUP902 restart-policy-differs: Restarts wait or are counted differently\n\n\
     The waits between restarts differ, or which starts count before the program is given up.\n\n\
     ## Why\n\n\
     Supervisor waits one second longer before each retry; systemd waits the same time before each. Horust and\n\
     pitchfork wait about a second, and never give up.\n",
);

/// SUP903.
pub static NOT_CONVERTIBLE: Rule = rule(
    "SUP903",
    "not-convertible",
    Severity::Warning,
    "# SUP903 not-convertible: The target has no equivalent of this option\n\n\
     The target has nothing that does what this option does.\n\n\
     ## Why\n\n\
     A setting that is dropped silently is found again at night.\n",
);

/// SUP904.
pub static LOGS: Rule = rule(
    "SUP904",
    "log-rotation-lost",
    Severity::Info,
    "# SUP904 log-rotation-lost: Output goes elsewhere or is rotated by others\n\n\
     Output goes elsewhere, or is rotated by another program.\n\n\
     ## Why\n\n\
     supervisord writes and rotates the logs of its programs; systemd writes them and leaves rotation to\n\
     others. Under Horust and pitchfork a program writes its log file itself.\n",
);

/// SUP905.
pub static GROUPS: Rule = rule(
    "SUP905",
    "ordering-and-groups",
    Severity::Info,
    "# SUP905 ordering-and-groups: Groups and priorities are kept in other ways\n\n\
     Groups, numbers of processes and priorities become targets, instances and After=.\n\n\
     ## Why\n\n\
     A unit has no group and no priority. For Horust and pitchfork groups become a part of names, and\n\
     priorities become dependencies.\n",
);

/// SUP906.
pub static ENVIRONMENT: Rule = rule(
    "SUP906",
    "parse-time-environment",
    Severity::Info,
    "# SUP906 parse-time-environment: The environment of the programs differs\n\n\
     The environment of the programs differs: variables that supervisord inherited are not passed on, and\n\
     variables that the file uses get the value that they have at conversion.\n\n\
     ## Why\n\n\
     supervisord passes its own environment to its programs. A unit starts with the variables of systemd and\n\
     those that the unit sets. Horust and pitchfork hand theirs on; Horust sets HOME, USER and HOSTNAME.\n",
);

/// SUP907.
pub static OPEN_FILES: Rule = rule(
    "SUP907",
    "nofile-inherited",
    Severity::Info,
    "# SUP907 nofile-inherited: Where the limit of open files comes from\n\n\
     The limit of open files that a program gets, and where it comes from.\n\n\
     ## Why\n\n\
     minfds raises the limit that supervisord inherited; a unit starts from systemd's own limit. pitchfork\n\
     raises its own limit as far as it may, and every program gets that.\n",
);

/// The rules for programs in general: what every unit does differently.
pub static EXECUTION: Rule = rule(
    "SUP908",
    "execution-differs",
    Severity::Info,
    "# SUP908 execution-differs: What is different for every program\n\n\
     Every program differs from one of Supervisor in this: parent, session, standard input, exit status\n\
     of a failed start.\n\n\
     ## Why\n\n\
     A service is started by PID 1, in its own session and control group; Horust and pitchfork start each\n\
     program in its own session.\n",
);

/// SUP909.
pub static LISTENERS: Rule = rule(
    "SUP909",
    "listener-replaced",
    Severity::Info,
    "# SUP909 listener-replaced: A unit takes the place of an event listener\n\n\
     What a known event listener did is done by a timer, by a command of each unit, or by systemd itself; what\n\
     differs is named.\n\n\
     ## Why\n\n\
     A listener speaks with supervisord over its standard input and output, and cannot run without it. memmon,\n\
     httpok, crashmail and others are known, so their work can be done in another way.\n",
);

/// SUP910: the differences that an operator has to decide, or has to look at the machine for, before anything is installed.
pub static DEPENDS_ON_MACHINE: Rule = rule(
    "SUP910",
    "depends-on-machine",
    Severity::Info,
    "# SUP910 depends-on-machine: The file does not say whether this matters\n\n\
     Whether this difference matters depends on the machine or on the program: look there before you install the files.\n\n\
     ## Why\n\n\
     The file does not say which units and directories a machine has, where a program is found, who uses\n\
     supervisorctl, or what a program opens by itself. The reports of conversions list these under DECIDE.\n",
);

/// SUP911: what `--tune` writes, and what it leaves as the file has it.
pub static TUNED: Rule = rule(
    "SUP911",
    "tuned",
    Severity::Info,
    "# SUP911 tuned: A line that --tune writes, or leaves as it is\n\n\
     What `to-systemd --tune` changes in a unit, because the application of the program is known; and what it leaves as\n\
     the file has it, although the application would need something else.\n\n\
     ## Why\n\n\
     Without the flag a unit does what Supervisor did. `supconv apps NAME` prints what is known of an application, and\n\
     the vendor's file or page that says so.\n",
);

/// All of them, for those who print or name rules.
pub static RULES: [&Rule; 11] = [
    &KILL_SCOPE,
    &RESTART_POLICY,
    &NOT_CONVERTIBLE,
    &LOGS,
    &GROUPS,
    &ENVIRONMENT,
    &OPEN_FILES,
    &EXECUTION,
    &LISTENERS,
    &DEPENDS_ON_MACHINE,
    &TUNED,
];
