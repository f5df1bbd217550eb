//! What differs for every unit, whatever the file says (mapping 5.8): people read it once, programs once a section.

use std::collections::BTreeMap;

use super::unit::{Entry, Service};
use super::{Body, Planner};
use crate::convert::announce;
use crate::diagnostic::Rule;
use crate::model::value::Text;

/// Whether a sentence holds, its rule, its option, and the sentence.
type Sentence<'s> = (bool, &'static Rule, &'static str, &'s str);

/// What the sentences of a section depend on.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Facts {
    /// Some unit has a user.
    with_user: bool,
    /// Some unit has none.
    without_user: bool,
    /// Some stream goes to the journal.
    journal: bool,
    /// Some stop signal is followed by another.
    continued: bool,
    /// Some unit reads the end of file, not a socket.
    no_input: bool,
    /// Standard output, and standard error, go to a file or nowhere.
    written: [bool; 2],
    /// Some unit is not started with the target that it belongs to.
    by_hand: bool,
    /// The start limit counts some unit's starts.
    limited: bool,
    /// Some unit is never started again.
    never: bool,
}

impl Facts {
    fn add(&mut self, service: &Service) {
        let is = |entry: &Entry, word: &str| entry.value.as_ref().is_some_and(|value| value.as_str() == word);
        self.with_user |= service.user.value.is_some();
        self.without_user |= service.user.value.is_none();
        self.journal |= is(&service.standard_output, "journal") || is(&service.standard_error, "journal");
        let alone = is(&service.kill_signal, "SIGKILL") || is(&service.kill_signal, "SIGCONT");
        self.continued |= !alone;
        self.no_input |= is(&service.standard_input, "null");
        let [out, err] = &mut self.written;
        let to_file = |entry: &Entry| !is(entry, "journal") && !is(entry, "inherit");
        *out |= to_file(&service.standard_output);
        let error = &service.standard_error;
        *err |= to_file(if is(error, "inherit") { &service.standard_output } else { error });
        self.by_hand |= service.wanted_by.value.is_none();
        self.limited |= service.start_limit_burst.value.is_some();
        self.never |= is(&service.restart, "no");
    }

    /// What the units alone decide.
    fn sentences(&self) -> Vec<Sentence<'static>> {
        let &Self { with_user: _, without_user: _, journal, continued, no_input, written, by_hand, limited, never } =
            self;
        let [to_file, errors_to_file] = written;
        let (run, variables, logs) = (&announce::EXECUTION, &announce::ENVIRONMENT, &announce::LOGS);
        let itself = "the program writes to the log file or to /dev/null itself, not into a pipe to supervisord.";
        vec![
            (no_input, run, "command", "standard input is /dev/null (end of file) instead of an open pipe."),
            (true, run, "command", "each program leads a session of its own, and its parent is PID 1."),
            (true, run, "command", "SIGXFSZ is no ignored signal any more."),
            (true, run, "command", "start errors show as status 200 to 243 instead of 127."),
            (
                true,
                variables,
                "environment",
                "variables inherited from supervisord's own environment are not passed; PATH and LANG are systemd's.",
            ),
            (journal, variables, "environment", "JOURNAL_STREAM is added."),
            (
                journal,
                logs,
                "stdout_logfile",
                "journald may limit bursts and keeps logs as its own configuration says (SystemMaxUse=), not by maxbytes and \
                 backups.",
            ),
            (to_file, logs, "stdout_logfile", itself),
            (errors_to_file, logs, "stderr_logfile", itself),
            (
                true,
                &announce::KILL_SCOPE,
                "stopsignal",
                "a program that ends its stop with another code than its success codes, or has to be killed, shows as failed; it \
                 is stopped all the same.",
            ),
            (continued, &announce::KILL_SCOPE, "stopsignal", "a SIGCONT follows the stop signal."),
            (
                by_hand,
                &announce::GROUPS,
                "autostart",
                "`systemctl start` of a target starts what is started at boot; `supervisorctl start` of a group or of all started the \
                 others too.",
            ),
            (
                limited,
                &announce::RESTART_POLICY,
                "startretries",
                "starts are counted over a window of time, those by hand and those after good runs among them: after several in it the \
                 unit may be given up sooner or later than by Supervisor (`systemctl reset-failed UNIT` clears the count).",
            ),
            (
                never,
                &announce::RESTART_POLICY,
                "autorestart",
                "a death by HUP, INT, PIPE or TERM leaves the unit inactive, not failed; to Supervisor it was unexpected.",
            ),
        ]
    }
}

impl<'a> Planner<'_, 'a> {
    /// Says it, for the sections that have units.
    pub(super) fn constants(&mut self) {
        let mut sections: BTreeMap<Text<'a>, Facts> = BTreeMap::new();
        for unit in &self.units {
            if let Body::Service(service) = &unit.body {
                sections.entry(unit.section).or_default().add(service);
            }
        }
        for (section, facts) in sections {
            self.constants_of(section, &facts);
        }
    }

    fn constants_of(&mut self, section: Text<'a>, facts: &Facts) {
        let written = self.ledger.text(section, "user").is_some();
        let as_root = facts.without_user && !written && self.config.supervisord.user.place().is_none();
        let server = !self.config.inet_servers.is_empty() || !self.config.unix_servers.is_empty();
        let automatic =
            self.ledger.text(section, "serverurl").is_none_or(|url| url.trim().eq_ignore_ascii_case("auto"));
        let minfds = self.config.supervisord.minfds.known().map_or_else(|| "1024".to_owned(), ToString::to_string);
        let floor = format!(
            "limits that supervisord itself was started with are not passed; if they were above {minfds} open files, give --nofile."
        );
        let version = self.choices.version;
        let added = if version.sets_memory_pressure() {
            "INVOCATION_ID, SYSTEMD_EXEC_PID and MEMORY_PRESSURE_* are added."
        } else if version.sets_exec_pid() {
            "INVOCATION_ID and SYSTEMD_EXEC_PID (254: MEMORY_PRESSURE_*) are added."
        } else {
            "INVOCATION_ID (248: SYSTEMD_EXEC_PID, 254: MEMORY_PRESSURE_*) is added."
        };
        let memory = format!(
            "OOMPolicy= is not written, since systemd {} does not have it: what happens when the kernel kills for memory is its own.",
            version.number()
        );
        let fragment = self.config.fragment;
        let (run, variables) = (&announce::EXECUTION, &announce::ENVIRONMENT);
        let mut all: Vec<Sentence<'_>> = vec![
            (
                fragment,
                run,
                "user",
                "this is a fragment: user=, environment=, directory=, umask= and minfds= of the main file are not known; give \
                 --main FILE.",
            ),
            (self.choices.open_files.is_none(), &announce::OPEN_FILES, "minfds", &floor),
            (
                as_root && !fragment,
                run,
                "user",
                "no user= anywhere: runs as root; if supervisord did not, write user=.",
            ),
            (!version.has_oom_policy(), run, "command", &memory),
            (
                (facts.with_user || version.sets_user_of_root()) && !self.choices.faithful,
                variables,
                "environment",
                "HOME, USER, LOGNAME and SHELL are those of the user.",
            ),
            (true, variables, "environment", added),
            (
                server && automatic,
                variables,
                "serverurl",
                "SUPERVISOR_SERVER_URL is not set: there is no supervisord to talk to.",
            ),
        ];
        all.extend(facts.sentences());
        for (holds, rule, option, sentence) in all {
            if holds {
                self.ledger.constant(rule, section, option, sentence);
            }
        }
    }
}
