//! What differs for every unit, whatever the file says (facts 5.8): people read it once, programs once a section.

use std::collections::BTreeMap;

use super::account::{self, Seen};
use super::order::Ordered;
use super::unit::{Entry, ServiceUnit};
use super::{Context, stop_times};
use crate::convert::{Ledger, announce};
use crate::diagnostic::Rule;
use crate::keys::{Key, process as p, program as k, supervisord as s};

/// Whether a sentence holds, its rule, its option, and the sentence.
type Conditional<'s> = (bool, &'static Rule, &'static Key, &'s str);

/// What the sentences of a section depend on.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Facts {
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
    /// Some unit has a limit.
    limits: bool,
}

impl Facts {
    /// Of one service.
    pub fn of(service: &ServiceUnit) -> Self {
        let is = |entry: &Entry, word: &str| entry.value.as_ref().is_some_and(|value| value.as_str() == word);
        let (output, error) = (&service.standard_output, &service.standard_error);
        let to_file = |entry: &Entry| !is(entry, "journal") && !is(entry, "inherit");
        Self {
            with_user: service.user.value.is_some(),
            without_user: service.user.value.is_none(),
            journal: is(output, "journal") || is(error, "journal"),
            continued: !is(&service.kill_signal, "SIGKILL") && !is(&service.kill_signal, "SIGCONT"),
            no_input: service.standard_input.value.is_none(),
            written: [to_file(output), to_file(if is(error, "inherit") { output } else { error })],
            by_hand: service.wanted_by.value.is_none(),
            limited: service.start_limit_burst.value.is_some(),
            never: is(&service.restart, "no"),
            limits: service.limit_nofile.value.is_some() || service.limit_nproc.value.is_some(),
        }
    }

    /// What is so of some service.
    fn add(&mut self, other: Self) {
        let Self { with_user, without_user, journal, continued, no_input, written, by_hand, limited, never, limits } =
            other;
        self.with_user |= with_user;
        self.without_user |= without_user;
        self.journal |= journal;
        self.continued |= continued;
        self.no_input |= no_input;
        let ([out, error], [other_out, other_error]) = (&mut self.written, written);
        *out |= other_out;
        *error |= other_error;
        self.by_hand |= by_hand;
        self.limited |= limited;
        self.never |= never;
        self.limits |= limits;
    }

    /// What the units alone decide.
    fn sentences(&self, of_user: bool) -> Vec<Conditional<'static>> {
        let &Self {
            with_user: _,
            without_user: _,
            journal,
            continued,
            no_input,
            written,
            by_hand,
            limited,
            never,
            limits: _,
        } = self;
        let [to_file, errors_to_file] = written;
        let (run, variables, logs) = (&announce::EXECUTION, &announce::ENVIRONMENT, &announce::LOGS);
        let itself = "the program writes directly to the log file or /dev/null, not into a pipe to supervisord.";
        vec![
            (no_input, run, &p::COMMAND, "standard input is /dev/null (end of file) instead of an open pipe."),
            (!of_user, run, &p::COMMAND, "each program runs in its own session, and its parent is PID 1."),
            (true, run, &p::COMMAND, "SIGXFSZ is not ignored; supervisord ignores it."),
            (true, run, &p::COMMAND, "a start that fails has exit status 200 to 243 instead of 127."),
            (
                !of_user,
                variables,
                &p::ENVIRONMENT,
                "variables that supervisord inherited are not passed on; systemd sets PATH and LANG.",
            ),
            (journal, variables, &p::ENVIRONMENT, "JOURNAL_STREAM is added."),
            (
                journal,
                logs,
                &p::STDOUT_LOGFILE,
                "journald may limit bursts, and keeps logs by its own settings (SystemMaxUse=), not by maxbytes and backups.",
            ),
            (to_file, logs, &p::STDOUT_LOGFILE, itself),
            (errors_to_file, logs, &p::STDERR_LOGFILE, itself),
            (
                true,
                &announce::KILL_SCOPE,
                &k::STOPSIGNAL,
                "a stopped program shows as failed if it exits with none of its success codes or has to be killed.",
            ),
            (continued, &announce::KILL_SCOPE, &k::STOPSIGNAL, "systemd sends SIGCONT after the stop signal."),
            (
                by_hand,
                &announce::GROUPS,
                &k::AUTOSTART,
                "`systemctl start` of a target starts only programs with autostart=true; `supervisorctl start` starts the whole group.",
            ),
            (
                limited,
                &announce::RESTART_POLICY,
                &k::STARTRETRIES,
                "systemd counts every start in a time window, manual ones too: a unit may be given up earlier or later.",
            ),
            (
                never,
                &announce::RESTART_POLICY,
                &k::AUTORESTART,
                "a program killed by HUP, INT, PIPE or TERM is inactive, not failed; for Supervisor that exit is unexpected.",
            ),
        ]
    }
}

/// Says it, for the sections that have units.
pub(super) fn say<'a>(Ordered(drafted): &Ordered<'a>, context: Context<'_, 'a>, ledger: &mut Ledger<'a>) {
    let mut sections: BTreeMap<&str, Facts> = BTreeMap::new();
    for unit in &drafted.units {
        if let Some(service) = &unit.service {
            sections.entry(unit.section).or_default().add(service.facts);
        }
    }
    let Context { config, choices, runs_as, .. } = context;
    let of_user = runs_as.is_user();
    // A user manager is the only one that ends all of them at a time of its own.
    let shutdown = of_user.then(|| stop_times::shutdown(&drafted.units)).flatten();
    let stop = shutdown.map_or(Some(0), |shutdown| shutdown.seconds);
    let version = choices.version;
    let minfds = config.supervisord.minfds.known().map_or_else(|| "1024".to_owned(), ToString::to_string);
    let floor = format!(
        "the limits that supervisord was started with are not passed on; if they were above {minfds} open files, use --nofile."
    );
    let memory = format!(
        "systemd {} has no OOMPolicy=: its default applies when the kernel kills a process for lack of memory.",
        version.number()
    );
    let added = if version.sets_memory_pressure() {
        "INVOCATION_ID, SYSTEMD_EXEC_PID and MEMORY_PRESSURE_* are added."
    } else if version.sets_exec_pid() {
        "INVOCATION_ID and SYSTEMD_EXEC_PID are added (also MEMORY_PRESSURE_* from systemd 254 on)."
    } else {
        "INVOCATION_ID is added (also SYSTEMD_EXEC_PID from systemd 248 on, MEMORY_PRESSURE_* from 254 on)."
    };
    let server = !config.inet_servers.is_empty() || !config.unix_servers.is_empty();
    let fragment = config.fragment;
    let (run, variables) = (&announce::EXECUTION, &announce::ENVIRONMENT);
    // Whether a sentence holds depends on the section; how it reads does not.
    let mut numbers: Vec<Option<u32>> = Vec::new();
    for (section, facts) in sections {
        let written = ledger.text(section, &k::USER).is_some();
        let as_root = facts.without_user && !written && config.supervisord.user.place().is_none();
        let automatic = ledger.text(section, &k::SERVERURL).is_none_or(|url| url.trim().eq_ignore_ascii_case("auto"));
        let login = (of_user || facts.with_user || version.sets_user_of_root()) && !choices.faithful;
        let first: [Conditional<'_>; 8] = [
            (
                fragment,
                &announce::DEPENDS_ON_MACHINE,
                &k::USER,
                "this is a fragment: user=, environment=, directory=, umask= and minfds= of the main file are unknown; use --main FILE.",
            ),
            (choices.open_files.is_none(), &announce::OPEN_FILES, &s::MINFDS, &floor),
            (
                as_root && !fragment && of_user,
                &announce::DEPENDS_ON_MACHINE,
                &k::USER,
                "no user= is set, so Supervisor runs this as supervisord's own user; the unit runs as the account.",
            ),
            (
                as_root && !fragment && !of_user,
                &announce::DEPENDS_ON_MACHINE,
                &k::USER,
                "no user= is set, so the unit runs as root; if supervisord ran as another user, set user=.",
            ),
            (!version.has_oom_policy(), run, &p::COMMAND, &memory),
            (login, variables, &p::ENVIRONMENT, "HOME, USER, LOGNAME and SHELL are set to those of the user."),
            (true, variables, &p::ENVIRONMENT, added),
            (
                server && automatic,
                variables,
                &k::SERVERURL,
                "SUPERVISOR_SERVER_URL is not set, because supervisord does not run.",
            ),
        ];
        let seen = Seen { limits: facts.limits, after: !choices.after.is_empty(), stop };
        let own = account::sentences(&seen).map(|(holds, rule, key, sentence)| (holds && of_user, rule, key, sentence));
        let all = first.into_iter().chain(facts.sentences(of_user)).chain(own);
        for (at, (_, rule, key, sentence)) in all.enumerate().filter(|(_, (holds, ..))| *holds) {
            numbers.resize(numbers.len().max(at + 1), None);
            let Some(number) = numbers.get_mut(at) else { continue };
            let number = *number.get_or_insert_with(|| ledger.constant_number(rule, key, sentence));
            ledger.constant_of(section, number);
        }
    }
}
