//! The systemd target: one service a process, translated as the mapping says; what is not is announced.

pub mod environment;
pub mod escape;
pub mod exec;
pub mod limits;
pub mod name;
pub mod unit;

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::{File, Ledger, Plan, announce};
use crate::diagnostic::{Diagnostic, Severity};
use crate::integer;
use crate::load::Merged;
use crate::model::value::Text;
use crate::model::{Config, Group, GroupKind, Process, State};
use crate::refusal::Refusal;
use crate::secrets;
use crate::syntax::words;
use escape::{Comment, Value};
use name::UnitName;
use unit::Service;

/// What can be chosen of a conversion.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// What all unit names begin with.
    pub prefix: String,
}

/// Converts a configuration. `refusals`: what Supervisor refuses of it, which becomes the errors of the plan.
#[must_use]
pub fn plan(merged: &Merged, config: &Config, refusals: Vec<Diagnostic>, choices: &Choices) -> Plan {
    let mut planner = Planner {
        config,
        choices,
        refused: config.refusals.iter().filter_map(|refusal| refusal.section.as_deref()).collect(),
        ledger: Ledger::new(merged),
        errors: refusals,
        units: Vec::new(),
    };
    planner.sections_of_the_daemon(merged);
    // A file that Supervisor refuses as a whole gives no unit at all.
    if !config.refusals.iter().any(whole) {
        for group in &config.groups {
            planner.group(group);
        }
        planner.constants();
    }
    let Planner { ledger, mut errors, units, .. } = planner;
    let names: Vec<(UnitName, usize)> = units.iter().enumerate().map(|(at, unit)| (unit.name.clone(), at)).collect();
    let mut dropped = BTreeSet::new();
    for (name, owners) in name::collisions(names) {
        let sections: Vec<String> =
            owners.iter().filter_map(|at| Some(format!("[{}]", units.get(*at)?.section))).collect();
        let message = format!("{} would both be {name}: rename one of the processes.", sections.join(" and "));
        for at in owners {
            if let Some(unit) = units.get(at).filter(|_| dropped.insert(at)) {
                let place = ledger.place(&unit.section, "process_name");
                let error = Diagnostic::new(&announce::NOT_CONVERTIBLE, place, message.clone());
                errors.push(error.severity(Severity::Error).of(&unit.section, Some("process_name")));
            }
        }
    }
    let (losses, summary) = ledger.close();
    let kept = units.into_iter().enumerate().filter(|(at, _)| !dropped.contains(at)).map(|(_, unit)| unit);
    let (mut files, mut enable) = (Vec::new(), Vec::new());
    for unit in kept {
        if unit.service.wanted_by != unit::Entry::default() {
            enable.push(unit.name.as_str().to_owned());
        }
        files.push(File { path: unit.name.as_str().to_owned(), mode: 0o644, text: unit.service.to_string() });
    }
    Plan { target: "systemd", files, enable, losses, errors, summary }
}

/// Whether a refusal is not of one section that makes programs, but of the file.
fn whole(refusal: &Refusal) -> bool {
    refusal.section.as_deref().is_none_or(|section| !section.contains(':') && !section.contains("_http_server"))
}

/// The options of a program that become directives, or that the unit's name holds.
static TRANSLATED: &[&str] =
    &["command", "directory", "environment", "numprocs", "numprocs_start", "process_name", "serverurl", "user"];

struct Unit {
    name: UnitName,
    section: Text,
    service: Service,
}

struct Planner<'a> {
    config: &'a Config,
    choices: &'a Choices,
    /// The sections of which something is refused.
    refused: HashSet<&'a str>,
    ledger: Ledger<'a>,
    errors: Vec<Diagnostic>,
    units: Vec<Unit>,
}

/// Why a process has no unit; it has been said.
struct NoUnit;

impl Planner<'_> {
    fn group(&mut self, group: &Group) {
        match &group.kind {
            GroupKind::Group => {
                self.ledger.exact(&group.section, "programs");
                let message = "the group has no target yet: its programs are started and stopped one by one.";
                self.ledger.approximate(&announce::GROUPS, &group.section, "programs", message);
            }
            GroupKind::EventListener(_) => {
                for option in self.ledger.written(&group.section) {
                    self.ledger.exact(&group.section, &option);
                }
                let message =
                    format!("event listener {} cannot run without supervisord: no unit is written.", group.name);
                self.ledger.lost(&announce::NOT_CONVERTIBLE, &group.section, "events", &message);
                self.ledger.lost(&announce::NOT_CONVERTIBLE, &group.section, "command", "the listener is not started.");
                return;
            }
            GroupKind::Program | GroupKind::Fcgi(_) => {}
        }
        if group.processes.is_empty() && !matches!(group.kind, GroupKind::Group) {
            let message = "numprocs is not above 0: Supervisor runs no process, so there is no unit.";
            self.ledger.approximate(&announce::GROUPS, &group.section, "numprocs", message);
        }
        for process in &group.processes {
            let section = &process.program.section;
            if [section, &group.section].into_iter().any(|section| self.refused.contains(&**section)) {
                continue;
            }
            // What could not be said of it has been announced.
            let _ = self.process(group, process);
        }
    }

    /// Says that a process has no unit, and why.
    fn without_unit(&mut self, section: &str, option: &str, reason: &str) -> NoUnit {
        self.ledger.lost(&announce::NOT_CONVERTIBLE, section, option, &format!("no unit is written: {reason}"));
        NoUnit
    }

    fn process(&mut self, group: &Group, process: &Process) -> Result<(), NoUnit> {
        let section = Rc::clone(&process.program.section);
        let Some(name) = process.options.process_name.known() else {
            return Err(self.without_unit(&section, "process_name", "its name is not known."));
        };
        let unit = match UnitName::service(&self.choices.prefix, &group.name, name) {
            Ok(unit) => unit,
            Err(error) => {
                let place = self.ledger.place(&section, "process_name");
                let error = Diagnostic::new(&announce::NOT_CONVERTIBLE, place, error.to_string());
                self.errors.push(error.severity(Severity::Error).of(&section, Some("process_name")));
                return Err(NoUnit);
            }
        };
        for option in ["process_name", "numprocs", "numprocs_start"] {
            self.ledger.exact(&section, option);
        }
        let mut service = Service {
            header: vec![Comment::note(&format!("[{section}] of {}", self.config.path))],
            description: Value::description(&format!("{}:{name}", group.name)).into(),
            after: Value::NETWORK_TARGET.into(),
            service_type: Value::EXEC.into(),
            wanted_by: Value::MULTI_USER_TARGET.into(),
            ..Service::default()
        };
        let identity = environment::identity(&group.name, name);
        service.environment.extend(identity.map(Into::into));
        let directory = self.directory(process, &mut service)?;
        self.user(process, &mut service)?;
        self.open_files(&mut service);
        let variables = self.environment(process, &mut service)?;
        self.command(process, directory.as_deref(), &variables, &mut service)?;
        for option in self.ledger.written(&section) {
            if !TRANSLATED.contains(&&*option) {
                self.ledger.lost(
                    &announce::NOT_CONVERTIBLE,
                    &section,
                    &option,
                    &format!("{option}= is not translated yet."),
                );
                service.remarks.push(Comment::note(&format!("{option}= is not translated yet")));
            }
        }
        self.units.push(Unit { name: unit, section, service });
        Ok(())
    }

    /// `directory=`, or that of `[supervisord]` where supervisord would have entered it.
    fn directory(&mut self, process: &Process, service: &mut Service) -> Result<Option<String>, NoUnit> {
        let section = &process.program.section;
        let daemon = &self.config.supervisord;
        let foreground = daemon.nodaemon.known() == Some(&true);
        let base = daemon.directory.known().cloned().flatten().filter(|base| base.starts_with('/') && !foreground);
        let (text, from, option) = match &process.options.directory.state {
            State::Known(Some(directory)) if directory.starts_with(['/', '~']) => {
                (Rc::clone(directory), section, "directory")
            }
            State::Known(Some(directory)) => match &base {
                Some(base) => (crate::python::join(base, directory).into(), section, "directory"),
                None => (Rc::clone(directory), section, "directory"),
            },
            State::Known(None) => match base {
                Some(base) => {
                    let message = "[supervisord] directory= counts only when supervisord daemonises.";
                    self.ledger.approximate(&announce::EXECUTION, "supervisord", "directory", message);
                    (base, section, "directory")
                }
                None => return Ok(None),
            },
            State::Unknown(_) => return Err(self.unknown(section, "directory")),
            State::Refused => return Err(NoUnit),
        };
        match escape::directory(&text) {
            Ok(directory) => {
                self.ledger.exact(from, option);
                if directory.resolved {
                    self.ledger.approximate(&announce::EXECUTION, from, option, escape::Directory::RESOLVED);
                }
                service.working_directory = directory.value.into();
                Ok(Some(directory.path))
            }
            Err(error) => Err(self.without_unit(section, option, &error.to_string())),
        }
    }

    /// `user=`, or that of `[supervisord]`.
    fn user(&mut self, process: &Process, service: &mut Service) -> Result<(), NoUnit> {
        let section = &process.program.section;
        let own = &process.program.options.user;
        let daemon = &self.config.supervisord.user;
        let user = match (&own.state, &daemon.state) {
            (State::Known(Some(user)), State::Known(Some(main)))
                if user != main && !matches!(&**main, "root" | "0") =>
            {
                let message = format!(
                    "Supervisor could not start this program: it cannot change user after it became {main}. The unit can."
                );
                self.ledger.approximate(&announce::EXECUTION, section, "user", &message);
                user
            }
            (State::Known(Some(user)), _) | (State::Known(None), State::Known(Some(user))) => user,
            (State::Known(None), State::Known(None)) => return Ok(()),
            (State::Unknown(_), _) | (_, State::Unknown(_)) => return Err(self.unknown(section, "user")),
            (State::Refused, _) | (_, State::Refused) => return Err(NoUnit),
        };
        self.ledger.exact(section, "user");
        let converted = match integer::parse(user, 10) {
            Ok(uid) => {
                uid.to_i64().and_then(|uid| u32::try_from(uid).ok()).and_then(escape::User::id).ok_or(escape::UserError)
            }
            Err(_) => escape::user(user),
        };
        match converted {
            Ok(escape::User::Root) => {}
            Ok(escape::User::Value(value)) => service.user = value.into(),
            Ok(escape::User::Nobody(value)) => {
                self.ledger.approximate(&announce::EXECUTION, section, "user", escape::User::NOBODY);
                service.user = value.into();
            }
            Err(error) => return Err(self.without_unit(section, "user", &error.to_string())),
        }
        Ok(())
    }

    /// `minfds`, a floor that the whole of supervisord shares.
    fn open_files(&mut self, service: &mut Service) {
        let minfds = &self.config.supervisord.minfds;
        let (text, written) = match &minfds.state {
            // What includes a fragment may say anything.
            State::Known(_) if self.config.fragment => {
                service.limit_nofile.comments.push(Comment::text(
                    "minfds of the main file is not known here; systemd's own soft limit is 1024. To raise it: \
                     LimitNOFILE=65536:524288",
                ));
                return;
            }
            State::Known(minfds_known) => (minfds_known.to_string(), minfds.place().is_some()),
            State::Unknown(written) => {
                let message = format!("minfds={written} is not known here; no LimitNOFILE= is written.");
                self.ledger.lost(&announce::NOT_CONVERTIBLE, "supervisord", "minfds", &message);
                service.limit_nofile.comments.push(Comment::note(&message));
                return;
            }
            State::Refused => return,
        };
        let limits::OpenFiles { comments, value, note } = limits::open_files(written.then_some(&text));
        self.ledger.exact("supervisord", "minfds");
        match note {
            None => {}
            Some(note @ limits::Note::NotChecked(_)) => {
                self.ledger.approximate(&announce::OPEN_FILES, "supervisord", "minfds", &note.to_string());
            }
            Some(note @ limits::Note::Impossible(_)) => {
                self.ledger.lost(&announce::NOT_CONVERTIBLE, "supervisord", "minfds", &note.to_string());
            }
        }
        service.limit_nofile = unit::Entry { comments, value };
    }

    /// The environment of `[supervisord]` overlaid by the program's; secrets stay out of the unit.
    fn environment(&mut self, process: &Process, service: &mut Service) -> Result<Variables, NoUnit> {
        let section = &process.program.section;
        let daemon = &self.config.supervisord.environment;
        if let State::Unknown(_) = &process.options.environment.state {
            return Err(self.unknown(section, "environment"));
        }
        if let State::Unknown(_) = &daemon.state {
            return Err(self.unknown("supervisord", "environment"));
        }
        let Some(all) = process.environment(&self.config.supervisord) else { return Err(NoUnit) };
        self.ledger.exact(section, "environment");
        self.ledger.exact("supervisord", "environment");
        let own = process.options.environment.known();
        let mut pairs = Vec::new();
        for (name, value) in &all {
            if secrets::variable(name, value) {
                let owner = if own.is_some_and(|own| own.contains_key(name)) { section } else { "supervisord" };
                let message = format!(
                    "{name} looks like a secret, and a unit is readable by everybody: it is not written. Give it to the \
                     service by EnvironmentFile= from a file of mode 0600."
                );
                self.ledger.lost(&announce::NOT_CONVERTIBLE, owner, "environment", &message);
                service.remarks.push(Comment::note(&format!("{name} is not written here: it looks like a secret")));
            } else {
                pairs.push((&**name, &**value));
            }
        }
        let url = process.program.options.serverurl.known().cloned().flatten().filter(|url| !url.is_empty());
        if let Some(url) = &url {
            self.ledger.exact(section, "serverurl");
            if !all.contains_key("SUPERVISOR_SERVER_URL") {
                pairs.push(("SUPERVISOR_SERVER_URL", url));
            }
        }
        let environment::Variables { lines, wrapped } = environment::variables(pairs);
        service.environment.extend(lines.into_iter().map(Into::into));
        Ok(Variables { wrapped, path: all.get("PATH").cloned() })
    }

    fn command(
        &mut self,
        process: &Process,
        directory: Option<&str>,
        variables: &Variables,
        service: &mut Service,
    ) -> Result<(), NoUnit> {
        let section = &process.program.section;
        let command = match &process.options.command.state {
            State::Known(Some(command)) => command,
            State::Unknown(_) => return Err(self.unknown(section, "command")),
            State::Known(None) | State::Refused => return Err(NoUnit),
        };
        if secrets::command(command) {
            let reason = "the command line holds a secret, which a unit would show to everybody; let the program read it from \
                          a file or from its environment.";
            return Err(self.without_unit(section, "command", reason));
        }
        let argv: Vec<String> = match words::split(command) {
            Ok(words) => words.into_iter().map(|word| word.text).collect(),
            Err(error) => {
                return Err(self.without_unit(
                    section,
                    "command",
                    &format!("{error}: Supervisor cannot start this either."),
                ));
            }
        };
        let request =
            exec::Command { argv: &argv, directory, path: variables.path.as_deref(), wrapped: &variables.wrapped };
        match exec::exec_start(&request) {
            Ok(exec::ExecStart { line, search_path, through_env: _, notes }) => {
                self.ledger.exact(section, "command");
                for note in notes {
                    self.ledger.approximate(&announce::EXECUTION, section, "command", &note.to_string());
                }
                service.exec_start = line.into();
                service.exec_search_path = search_path.into();
                Ok(())
            }
            Err(refusal) => Err(self.without_unit(section, "command", &refusal.to_string())),
        }
    }

    /// A value that depends on what is not known here.
    fn unknown(&mut self, section: &str, option: &str) -> NoUnit {
        let message = format!(
            "no unit is written: {option}= depends on a variable that is not known here; pass --env NAME=VALUE (or --node)."
        );
        self.ledger.lost(&announce::ENVIRONMENT, section, option, &message);
        NoUnit
    }

    /// Options that describe supervisord, its servers and its clients, which no program sees.
    fn sections_of_the_daemon(&mut self, merged: &Merged) {
        for (name, section) in &merged.sections {
            let options = match &**name {
                "supervisord" => &[
                    "logfile",
                    "logfile_maxbytes",
                    "logfile_backups",
                    "loglevel",
                    "pidfile",
                    "nodaemon",
                    "silent",
                    "nocleanup",
                    "childlogdir",
                    "identifier",
                    "user",
                ][..],
                "supervisorctl" => &["serverurl", "username", "password", "prompt", "history_file"][..],
                "include" => &["files"][..],
                _ if name.starts_with("inet_http_server") => &["username", "password"][..],
                _ if name.starts_with("unix_http_server") => &["username", "password", "chmod", "chown"][..],
                _ => &[][..],
            };
            for option in options {
                self.ledger.exact(name, option);
            }
            let lost = &announce::NOT_CONVERTIBLE;
            if name.starts_with("inet_http_server") {
                let message = "no web page and no remote XML-RPC: use systemctl over ssh.";
                self.ledger.lost(lost, name, "port", message);
            } else if name.starts_with("unix_http_server") {
                let message = "systemctl and journalctl take the place of supervisorctl.";
                self.ledger.approximate(&announce::EXECUTION, name, "file", message);
            } else if let Some(plugin) = name.strip_prefix("ctlplugin:") {
                let message = format!("supervisorctl plugin {plugin} has no counterpart.");
                self.ledger.lost(lost, name, "supervisor.ctl_factory", &message);
            } else if let Some(interface) = name.strip_prefix("rpcinterface:") {
                let option = "supervisor.rpcinterface_factory";
                let standard = section.options.get(option).or(merged.defaults.get(option));
                if standard.is_some_and(|setting| &*setting.text == "supervisor.rpcinterface:make_main_rpcinterface") {
                    self.ledger.exact(name, option);
                } else {
                    self.ledger.lost(lost, name, option, &format!("RPC interface {interface} has no counterpart."));
                }
            }
        }
        let daemon = &self.config.supervisord;
        let foreground = daemon.nodaemon.known() == Some(&true);
        let boring = [
            ("umask", foreground || daemon.umask.known() == Some(&crate::integer::Integer::from(0o022))),
            ("directory", true),
            ("strip_ansi", daemon.strip_ansi.known() == Some(&false)),
            ("minprocs", daemon.minprocs.known().is_some_and(|n| *n <= crate::integer::Integer::from(1024))),
        ];
        for (option, boring) in boring {
            if boring {
                self.ledger.exact("supervisord", option);
            }
        }
    }

    /// What differs for every unit (mapping 5.8): for people once, for programs once a section.
    fn constants(&mut self) {
        let sections: BTreeSet<Text> = self.units.iter().map(|unit| Rc::clone(&unit.section)).collect();
        let with_user = self.units.iter().any(|unit| unit.service.user.value.is_some());
        let nobody = self.units.iter().any(|unit| unit.service.user.value.is_none());
        let server = !self.config.inet_servers.is_empty() || !self.config.unix_servers.is_empty();
        let minfds = self.config.supervisord.minfds.known().map_or_else(|| "1024".to_owned(), ToString::to_string);
        let floor = format!(
            "limits that supervisord itself was started with are not passed; if they were above {minfds}, write LimitNOFILE=."
        );
        let all = [
            (true, &announce::OPEN_FILES, "minfds", floor.as_str()),
            (
                nobody,
                &announce::EXECUTION,
                "user",
                "units without a user run as root; if supervisord did not, write user=.",
            ),
            (
                true,
                &announce::EXECUTION,
                "command",
                "standard input is /dev/null (end of file) instead of an open pipe.",
            ),
            (
                true,
                &announce::EXECUTION,
                "command",
                "each program leads a session of its own, and its parent is PID 1.",
            ),
            (true, &announce::EXECUTION, "command", "SIGXFSZ is no ignored signal any more."),
            (true, &announce::EXECUTION, "command", "start errors show as status 200 to 243 instead of 127."),
            (
                true,
                &announce::ENVIRONMENT,
                "environment",
                "variables inherited from supervisord's own environment are not passed; PATH and LANG are systemd's.",
            ),
            (with_user, &announce::ENVIRONMENT, "environment", "HOME, USER, LOGNAME and SHELL are those of the user."),
            (true, &announce::ENVIRONMENT, "environment", "INVOCATION_ID and SYSTEMD_EXEC_PID are added."),
            (true, &announce::ENVIRONMENT, "environment", "JOURNAL_STREAM is added."),
            (
                server,
                &announce::ENVIRONMENT,
                "serverurl",
                "SUPERVISOR_SERVER_URL is not set where serverurl is AUTO: there is no supervisord to talk to.",
            ),
            (true, &announce::LOGS, "stdout_logfile", "output goes to the journal: journalctl -u UNIT."),
            (
                true,
                &announce::RESTART_POLICY,
                "autorestart",
                "nothing is restarted, and a stop waits 90 s before it kills: restart and stop options are not translated yet.",
            ),
        ];
        for section in sections {
            for (holds, rule, option, sentence) in all {
                if holds {
                    self.ledger.constant(rule, &section, option, sentence);
                }
            }
        }
    }
}

/// What `Environment=` could not carry, and the PATH that the environment sets.
struct Variables {
    wrapped: Vec<(String, String)>,
    path: Option<Text>,
}
